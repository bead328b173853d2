#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--exec, --to and --bind: the local ends other than stdin and stdout, many connections at once."""
import contextlib
import hashlib
import os
import signal
import socket
import sys
import threading

from command import HANG_S, MIB, NULL, Site, check, dead_address, main, run, same


class Echo:
    """A TCP service that sends back all it gets, and ends when its client does."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *ignored):
        self.socket.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.socket.accept()[0]
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    @staticmethod
    def serve(client):
        with client:
            while data := client.recv(65536):
                client.sendall(data)


def through(port, data):
    """What an echo service answers to that, with half-close."""
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as client:
        feeder = threading.Thread(target=lambda: (client.sendall(data),
                                                  client.shutdown(socket.SHUT_WR)))
        feeder.start()
        answer = b""
        while part := client.recv(65536):
            answer += part
        feeder.join()
        return answer


def stop(running, status=0):
    running.process.send_signal(signal.SIGTERM)
    running.expect(status)


def exec_answers():
    with Site() as site:
        listener = site.listen("--exec", "wc -c", stdin=NULL)
        for size in (0, 3 * MIB + 1):
            connector = site.connect()
            same(connector.finish(b"x" * size), (0, b"%d\n" % size), "wc -c")
        stop(listener)


def exec_on_both_sides():
    with Site() as site:
        listener = site.listen("--exec", "cat", stdin=NULL)
        site.connect("--exec", "echo question; read line; test \"$line\" = question",
                     stdin=NULL).expect(0)
        stop(listener)


def exec_that_ends_early_is_told_and_its_words_arrive():
    with Site() as site, open("/dev/zero", "rb") as zero:
        listener = site.listen("--exec", "echo that is enough", stdin=NULL)
        connector = site.connect(stdin=zero)
        same(connector.stdout.read(), b"that is enough\n", "at the connector")
        connector.expect(7)
        stop(listener)


def exec_stderr_and_signals_are_the_users():
    with Site() as site:
        listener = site.listen("--count", "1", "--exec", "yes | head -n 1; echo ${PIPESTATUS:-end}",
                               stdin=NULL)
        same(site.connect().finish(), (0, b"y\nend\n"), "yes | head")
        listener.expect(0)


def to_carries_many_at_once():
    with Site() as site, Echo() as echo:
        listener = site.listen("--to", echo.address, "--count", "4", stdin=NULL)
        connectors = [site.connect() for _ in range(4)]
        for connector in connectors:
            connector.wait_event("established")
        for number, connector in enumerate(connectors):
            data = b"number %d\n" % number * 50000
            status, out = connector.finish(data)
            check(status == 0 and out == data, f"{number}: {status}, {len(out)} bytes")
        listener.expect(0)


def to_nobody_breaks_the_connection():
    with Site() as site, dead_address() as address:
        listener = site.listen("--to", address, stdin=NULL)
        connector = site.connect()
        connector.expect(7)
        check("cannot connect to" in listener.wait_event("failed")["text"], "what failed")
        stop(listener)


def bind_and_to_are_a_tunnel():
    with Site() as site, Echo() as echo:
        listener = site.listen("--to", echo.address, stdin=NULL)
        connector = site.connect("--bind", "127.0.0.1:0", stdin=NULL)
        port = int(connector.wait_event("bound")["address"].rsplit(":")[-1])
        same(through(port, b"first"), b"first", "through the tunnel")
        blocks = [os.urandom(2 * MIB) for _ in range(8)]
        answers = [None] * len(blocks)

        def one(number):
            answers[number] = hashlib.sha256(through(port, blocks[number])).digest()
        threads = [threading.Thread(target=one, args=(number,)) for number in range(len(blocks))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number, block in enumerate(blocks):
            same(answers[number], hashlib.sha256(block).digest(), f"block {number}")
        stop(connector)
        stop(listener)


def bind_counts_and_passes_failure_on():
    with Site() as site:
        connector = site.connect("--bind", "127.0.0.1:0", "--count", "1", "--timeout", "3",
                                 stdin=NULL)
        port = int(connector.wait_event("bound")["address"].rsplit(":")[-1])
        with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as client:
            try:
                same(client.recv(1), b"reset", "nobody listens, and yet the client had")
            except ConnectionResetError:
                pass
        connector.expect(4)


def bind_where_somebody_is():
    with Site() as site, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        connector = site.connect("--bind", f"127.0.0.1:{port}", stdin=NULL)
        connector.expect(1)
        same(connector.events("failed")[0]["error"], "PORT", "error")


def a_signal_breaks_what_is_carried():
    with Site() as site, open("/dev/zero", "rb") as zero:
        listener = site.listen("--exec", "cat >/dev/null", stdin=NULL)
        connectors = [site.connect(stdin=zero) for _ in range(3)]
        for connector in connectors:
            connector.wait_event("established")
        while len(listener.events("established")) < 3:
            pass
        stop(listener, 7)
        for connector in connectors:
            connector.expect(7)


def wrong_ends_are_refused():
    for words in [["listen", "--to", "nowhere", "x"], ["listen", "--to", "host:99999", "x"],
                  ["listen", "--to", "::1:22", "x"], ["connect", "--bind", "8080", "x"],
                  ["listen", "--exec", "", "x"], ["listen", "--exec", "a", "--to", "b:1", "x"],
                  ["connect", "--count", "2", "x"], ["connect", "--to", "host:1", "x"],
                  ["listen", "--bind", "127.0.0.1:1", "x"]]:
        status, out, err = run(*words)
        same((status, out, err.count("\n")), (2, "", 1), f"{words}: {err}")


CASES = [
    exec_answers,
    exec_on_both_sides,
    exec_that_ends_early_is_told_and_its_words_arrive,
    exec_stderr_and_signals_are_the_users,
    to_carries_many_at_once,
    to_nobody_breaks_the_connection,
    bind_and_to_are_a_tunnel,
    bind_counts_and_passes_failure_on,
    bind_where_somebody_is,
    a_signal_breaks_what_is_carried,
    wrong_ends_are_refused,
]


if __name__ == "__main__":
    sys.exit(main(CASES))
