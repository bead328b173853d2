# SPDX-License-Identifier: MIT
"""Runs the command for the tests: single calls, a server with a ticket, peers under way, and the
check of every JSON line they print. It tests nothing by itself.

HOP_PROGRAM: the program under test; HOP_PLAIN_PROGRAM: one without sanitizers, for the big
transfer (default: build/hopconn of the source tree)."""
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLAIN = os.environ.get("HOP_PLAIN_PROGRAM", os.path.join(SOURCE, "build", "hopconn"))
PROGRAM = os.environ.get("HOP_PROGRAM", PLAIN)
HANG_S = 60  # nothing here takes so long: a run that does is hanging
MIB = 1 << 20
PIPE, NULL = subprocess.PIPE, subprocess.DEVNULL
CLEAN = {k: v for k, v in os.environ.items() if k != "HOPCONN_TICKET"}


class Skip(Exception):
    """Why a case cannot be run here."""


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def same(got, wanted, what):
    check(got == wanted, f"{what}: {got!r} instead of {wanted!r}")


def run(*words, **options):
    """One call that ends by itself: (status, stdout, stderr)."""
    options.setdefault("stdin", NULL)
    options.setdefault("env", CLEAN)
    done = subprocess.run([PROGRAM, *words], stdout=PIPE, stderr=PIPE, timeout=HANG_S, **options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


FIELDS = {
    "listening": {"room": str},
    "candidate": {"type": str, "address": str},
    "peer": {},
    "established": {"route": str, "local": str, "remote": str, "tcp_ms": (int, float),
                    "attempt_ms": (int, float), "encrypted": bool},
    "note": {"text": str},
    "failed": {"error": str, "text": str, "advice": str, "report": (str, list)},
    "closed": {"sent": int, "received": int, "ok": bool},
    "ready": {"addresses": list},
}


def check_event(line):
    event = json.loads(line)
    check(isinstance(event["event"], str), f"no event in {line}")
    check(isinstance(event["at_ms"], (int, float)) and event["at_ms"] >= 0, f"no at_ms in {line}")
    for name, kind in FIELDS.get(event["event"], {}).items():
        check(isinstance(event.get(name), kind), f"{name} is missing or of another type in {line}")
    return event


class Running:
    """A program under way; its stderr is a file, so that no pipe of ours can hold it up."""

    def __init__(self, *words, program=None, as_json=True, **options):
        self.talk = tempfile.NamedTemporaryFile(prefix="hop-talk-")
        options.setdefault("env", CLEAN)
        words = [program or PROGRAM, *words] + (["--json"] if as_json else [])
        self.process = subprocess.Popen(words, stderr=self.talk, **options)
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def text(self):
        with open(self.talk.name, encoding="utf-8") as talk:
            return talk.read()

    def events(self, name=None):
        lines = self.text().split("\n")[:-1]
        return [e for e in map(check_event, lines) if name in (None, e["event"])]

    def wait_event(self, name):
        end = time.monotonic() + HANG_S
        while time.monotonic() < end:
            ended = self.process.poll() is not None
            found = self.events(name)
            if found:
                return found[0]
            check(not ended, f"ended with {self.process.returncode} before '{name}': {self.text()}")
            time.sleep(0.01)
        raise AssertionError(f"no '{name}': {self.text()}")

    def status(self):
        try:
            return self.process.wait(HANG_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"hangs: {self.text()}") from None

    def finish(self, data=None):
        """Feeds stdin, reads stdout to its end; (status, stdout)."""
        try:
            out, _ = self.process.communicate(data, timeout=HANG_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"hangs: {self.text()}") from None
        return self.process.returncode, out

    def end_stdin(self):
        self.stdin.close()
        self.stdin = self.process.stdin = None

    def expect(self, status):
        got = self.status()
        check(got == status, f"status {got} instead of {status}: {self.text()}")
        return self

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.stdin, self.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.talk.close()


class Site:
    """A server, a ticket for it, and whatever a test starts; all ended with the block."""

    def __enter__(self):
        self.started = []
        self.server = self.start("serve", "--listen", "127.0.0.1:0", stdin=NULL, stdout=NULL)
        self.address = self.server.wait_event("ready")["addresses"][0]
        status, out, err = run("ticket", "--server", self.address)
        check(status == 0, f"ticket: {status} {err}")
        self.ticket = out.strip()
        return self

    def __exit__(self, *ignored):
        for running in reversed(self.started):
            running.kill()

    def start(self, *words, **options):
        options.setdefault("stdin", PIPE)
        options.setdefault("stdout", PIPE)
        self.started.append(Running(*words, **options))
        return self.started[-1]

    def listen(self, *words, **options):
        listener = self.start("listen", self.ticket, *words, **options)
        if options.get("as_json", True):
            listener.wait_event("listening")
        return listener

    def connect(self, *words, **options):
        return self.start("connect", self.ticket, *words, **options)

    def both(self, **options):
        """Listener and connector, connected."""
        listener, connector = self.listen(**options), self.connect(**options)
        listener.wait_event("established")
        connector.wait_event("established")
        return listener, connector


def free_port():
    """For whoever is to listen there next."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def dead_address():
    """Where nobody is, and nobody can be meanwhile: bound, but never listened on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def main(cases):
    """Runs the cases, or those named on the command line; a line for each. The exit status."""
    wanted = sys.argv[1:]
    failed = 0
    for function in cases:
        name = function.__name__
        if wanted and name not in wanted:
            continue
        try:
            function()
            print(f"ok {name}", flush=True)
        except Skip as reason:
            print(f"ok {name} # SKIP {reason}", flush=True)
        except Exception as error:  # a test that cannot run has failed
            failed += 1
            text = " ".join(str(error).split())
            print(f"not ok {name}: {type(error).__name__} {text}", flush=True)
    return 1 if failed else 0
