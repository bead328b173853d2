# SPDX-License-Identifier: MIT
"""hopconn's processes on the hosts of a lab, and the JSON events that they tell on stderr."""
import json
import os
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 20.0


class Unexpected(Exception):
    """A program did not do what it was started for; the text says what it did instead."""


def path():
    """The program: build/hopconn, or what HOP_PROGRAM names."""
    found = os.environ.get("HOP_PROGRAM") or os.path.join(HERE, "..", "build", "hopconn")
    if not os.access(found, os.X_OK):
        raise Unexpected("there is no program at %s: run make first" % os.path.normpath(found))
    return os.path.abspath(found)


class Program:
    """One running hopconn; stdin and stdout are pipes unless asked otherwise."""

    def __init__(self, net, where, arguments, **options):
        options.setdefault("stdin", subprocess.PIPE)
        options.setdefault("stdout", subprocess.PIPE)
        self.where, self.arguments = where, list(arguments)
        self.events, self.talk = [], []
        self._told = threading.Condition()
        self._ended = False
        self.process = net.popen(where, [path(), *arguments], stderr=subprocess.PIPE, **options)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            with self._told:
                if isinstance(event, dict):
                    self.events.append(event)
                else:
                    self.talk.append(line.decode(errors="replace").rstrip())
                self._told.notify_all()
        with self._told:
            self._ended = True
            self._told.notify_all()

    def event(self, name):
        """The first event of that name, None if there was none so far."""
        return next((event for event in self.events if event.get("event") == name), None)

    def expect(self, name, seconds=PATIENCE):
        """Waits for an event; Unexpected when the program fails, ends or stays silent instead."""
        end = time.monotonic() + seconds
        with self._told:
            while self.event(name) is None:
                if self.event("failed") or self._ended:
                    raise Unexpected(self.trouble("before it said %r" % name))
                if not self._told.wait(end - time.monotonic()):
                    raise Unexpected(self.trouble("no %r within %.0f s" % (name, seconds)))
            return self.event(name)

    def wait(self, seconds=PATIENCE):
        """The exit status; Unexpected when it does not end."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Unexpected(self.trouble("still running after %.0f s" % seconds)) from None
        self._reader.join()
        return status

    def trouble(self, what):
        """One text with all that the program said about its failure."""
        lines = ["hopconn %s on %s: %s" % (self.arguments[0], self.where, what)]
        failed = self.event("failed")
        if failed:
            lines += ["  %s: %s" % (failed["error"], failed["text"]), "  " + failed["advice"]]
            lines += ["  " + line for line in failed.get("report") or []]
        lines += ["  " + line for line in self.talk]
        return "\n".join(lines)

    def peak_rss_kib(self):
        """Its largest resident memory so far; of a running program only."""
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in self.process.stdin, self.process.stdout, self.process.stderr:
            if pipe:
                pipe.close()


def ticket(net, *servers):
    """A new ticket for these servers, made by the program itself."""
    words = [word for server in servers for word in ("--server", server)]
    made = net.run("server", [path(), "ticket", *words])
    if made.returncode != 0:
        raise Unexpected("hopconn ticket: %s" % made.stderr.strip())
    return made.stdout.strip()


def serve(net, *arguments):
    """A server that is ready."""
    server = Program(net, "server", ["serve", "--json", *arguments], stdin=None, stdout=None)
    server.expect("ready")
    return server
