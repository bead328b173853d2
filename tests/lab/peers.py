# SPDX-License-Identifier: MIT
"""What the lab tests share: programs on the hosts of a lab, what they say, and a runner of cases.

No test here asserts an absolute time. HANG_S only keeps a program that hangs from stopping us.

HOP_PROGRAM: the program under test. HOP_LONG=1: the full counts instead of the short ones.
"""
import concurrent.futures
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SOURCE = os.environ.get("HOP_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "lab"))

import network  # noqa: E402
import private  # noqa: E402

BUILD = os.environ.get("HOP_BUILD", os.path.join(SOURCE, "build"))
PROGRAM = os.environ.get("HOP_PROGRAM", os.path.join(BUILD, "hopconn"))
LONG = os.environ.get("HOP_LONG", "0") not in ("", "0")
SERVER, SERVER6 = "203.0.113.1", "[2001:db8:5e::1]"  # the lab's
LATE_MS = 20  # a machine that wakes who sleeps so late disturbs what depends on real time
DISTURBED_MAX = 5
HANG_S = 120  # nothing here takes so long: a run that does is hanging
NULL = subprocess.DEVNULL
CLEAN = {k: v for k, v in os.environ.items() if k != "HOPCONN_TICKET"}

Lab = network.Lab


class Skip(Exception):
    """This cannot be tested here; the text says why."""


def check(condition, text):
    if not condition:
        raise AssertionError(text() if callable(text) else text)


def same(got, wanted, what):
    check(got == wanted, f"{what}: {got!r} instead of {wanted!r}")


def wait_for(condition, what, seconds=HANG_S):
    """Polls until it holds and returns what it returned."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + (what() if callable(what) else what))
        time.sleep(0.005)


class Heartbeat:
    """How late this machine wakes who sleeps, at worst, while the block lasts."""

    def __enter__(self):
        self.late_ms, self._stop = 0, False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop = True
        self._thread.join()

    def _run(self):
        while not self._stop:
            before = time.monotonic()
            time.sleep(0.002)
            self.late_ms = max(self.late_ms, (time.monotonic() - before) * 1e3 - 2)


def undisturbed(measure, is_good=lambda found: True):
    """What a run measured. Where it failed, or is not good, and the machine was late meanwhile, it
    is the machine that was measured: then once more. A hang is none of the machine's."""
    for _ in range(DISTURBED_MAX):
        found, wrong = None, None
        with Heartbeat() as heart:
            try:
                found = measure()
            except AssertionError as error:
                wrong = error
        if heart.late_ms < LATE_MS or (is_good(found) if not wrong else "hangs" in str(wrong)):
            break
    if wrong:
        raise wrong
    return found


class Peer:
    """hopconn on one host. It writes into files: no pipe that nobody reads can hold it up."""

    def __init__(self, net, where, *words, data=b"", as_json=True, program=None, keep_stdin=False):
        self.where, self.words = where, words
        self._out = tempfile.TemporaryFile(prefix="hop-out-")
        self._talk = tempfile.TemporaryFile(prefix="hop-talk-")
        argv = [program or PROGRAM, *words] + (["--json"] if as_json else [])
        self.process = net.popen(where, argv, stdin=subprocess.PIPE, stdout=self._out,
                                 stderr=self._talk, env=CLEAN)
        with contextlib.suppress(BrokenPipeError):  # it may have ended; its status will tell
            self.say(data)  # small enough for any pipe
        if not keep_stdin:
            self.end_stdin()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def say(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end_stdin(self):
        with contextlib.suppress(OSError):  # the program may be gone
            self.process.stdin.close()

    def text(self):
        return _all_of(self._talk).decode(errors="replace")

    def output(self):
        return _all_of(self._out)

    def events(self, *names):
        lines = self.text().split("\n")[:-1]
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in found if not names or event["event"] in names]

    def event(self, name):
        """The only event of that name."""
        found = self.events(name)
        check(len(found) == 1, lambda: f"{self}: {len(found)} times '{name}': {self.story()}")
        return found[0]

    def wait_event(self, name, count=1):
        """The count-th event of that name, waited for; to end before is wrong."""
        def there():
            ended = self.process.poll() is not None
            found = self.events(name)
            if len(found) >= count:
                return found[count - 1]
            check(not ended, lambda: f"{self} ended before '{name}' with "
                  f"{self.process.returncode}: {self.story()}")
            return None
        return wait_for(there, lambda: f"'{name}' of {self}: {self.story()}")

    def ended(self):
        """Its exit status, None if it hangs."""
        try:
            return self.process.wait(HANG_S)
        except subprocess.TimeoutExpired:
            return None

    def status(self):
        got = self.ended()
        check(got is not None, lambda: f"{self} hangs: {self.story()}")
        return got

    def expect(self, status):
        got = self.status()
        check(got == status, lambda: f"{self}: status {got} instead of {status}: {self.story()}")
        return self

    def open_files(self):
        """What its descriptors are, in the order of their numbers."""
        folder = f"/proc/{self.process.pid}/fd"
        files = []
        for name in sorted(os.listdir(folder), key=int):
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                files.append(os.readlink(os.path.join(folder, name)))
        return files

    def story(self):
        """Its words, short enough for one line of a report."""
        lines = []
        for line in self.text().splitlines():
            try:
                event = json.loads(line)
                at = event.pop("at_ms", 0)
                event.pop("advice", None)
                lines.append(f"[{at:.1f}] " + " ".join(
                    str(value) for name, value in event.items() if value not in ("", None, [])))
            except ValueError:
                lines.append(line)
        return " | ".join(lines)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.end_stdin()
        self._out.close()
        self._talk.close()

    def __str__(self):
        return f"{self.words[0]} on {self.where}"


def _all_of(file):
    return os.pread(file.fileno(), 1 << 24, 0)


def serve(net, *words):
    server = Peer(net, "server", "serve", *words)
    server.wait_event("ready")
    return server


def ticket(*servers):
    """A new ticket; made outside of any lab, for nothing is called for it."""
    words = [word for server in servers or (SERVER,) for word in ("--server", server)]
    done = subprocess.run([PROGRAM, "ticket", *words], capture_output=True, text=True, env=CLEAN,
                          timeout=HANG_S, check=False)
    check(done.returncode == 0, f"ticket: status {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def token(name):
    return f"{name} {os.urandom(16).hex()}\n".encode()


def port_of(address):
    return int(address.rpartition(":")[2])


def ip_of(address):
    return address.rpartition(":")[0].strip("[]")


# --- cases ---------------------------------------------------------------------------------------

_lock = threading.Lock()


def tell(text):
    """A line that is no result."""
    with _lock:
        print(text, flush=True)


def enter():
    """Into a private world of namespaces; where there is none, every test is skipped."""
    try:
        private.command([])
    except private.NotAllowed as error:
        print(f"ok {os.path.basename(sys.argv[0])} # SKIP {error}", flush=True)
        sys.exit(0)
    private.enter()


def _run(name, function):
    try:
        function()
        line = f"ok {name}"
    except Skip as reason:
        line = f"ok {name} # SKIP {reason}"
    except Exception as error:  # a test that cannot run has failed
        if not isinstance(error, AssertionError):
            tell(traceback.format_exc())
        line = f"not ok {name}: {type(error).__name__} " + " ".join(str(error).split())
    tell(line)
    return not line.startswith("not ok")


def run(cases, at_once=1):
    """Runs (name, function) each, those named on the command line or all; the exit status."""
    chosen = [(name, function) for name, function in cases
              if not sys.argv[1:] or any(name.startswith(word) for word in sys.argv[1:])]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        passed = list(pool.map(lambda case: _run(*case), chosen))
    if not chosen:
        print("not ok: no case of that name", flush=True)
    return 0 if chosen and all(passed) else 1
