#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hopconn chat, and the example of it: two of them on terminals of their own. Nobody asks the
internet for an address: --no-public-ip, or a server of ours."""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

from command import HANG_S, PROGRAM, Site, check, main, same

EXAMPLE = os.path.join(os.environ.get("HOP_BUILD", os.path.dirname(PROGRAM)), "examples",
                       "example_chat")


class Terminal:
    """A program on a terminal, and all that this has shown."""

    def __init__(self, *words, program=PROGRAM):
        self.master, terminal = pty.openpty()
        self.process = subprocess.Popen([program, *words], stdin=terminal, stdout=terminal,
                                        stderr=terminal, start_new_session=True)
        os.close(terminal)
        self.shown = ""

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def read(self, wait_s):
        if select.select([self.master], [], [], wait_s)[0]:
            try:
                self.shown += os.read(self.master, 65536).decode().replace("\r\n", "\n")
                return True
            except OSError:  # everybody has left the terminal
                pass
        return False

    def expect(self, pattern):
        end = time.monotonic() + HANG_S
        while not (found := re.search(pattern, self.shown)):
            check(time.monotonic() < end, f"no {pattern!r} in {self.shown!r}")
            if not self.read(0.1) and self.process.poll() is not None:
                check(re.search(pattern, self.shown), f"ended, no {pattern!r} in {self.shown!r}")
        return found[found.lastindex or 0]

    def type(self, text):
        os.write(self.master, text.encode())

    def status(self):
        end = time.monotonic() + HANG_S
        while self.process.poll() is None:
            check(time.monotonic() < end, f"hangs: {self.shown!r}")
            self.read(0.05)
        while self.read(0):
            pass
        return self.process.returncode


def local_address(chat):
    return chat.expect(r"local address:? (\S+:\d+)\n")


def talk(one, two, connected):
    """Lines both ways; then one leaves."""
    for chat in (one, two):
        chat.expect(connected)
    one.type("how do you do\n")
    two.expect(r"how do you do\n")
    two.type("well; a line with \u00e4\u00f6\u00fc\n")
    one.expect(r"well; a line with \u00e4\u00f6\u00fc\n")
    one.type("\x04")
    same(one.status(), 0, one.shown)
    two.expect("left")
    same(two.status(), 0, two.shown)


def by_addresses():
    with Terminal("chat", "--no-public-ip") as one, Terminal("chat", "--no-public-ip") as two:
        addresses = [local_address(chat) for chat in (one, two)]
        one.expect("public address: not known")
        one.expect("peer's addresses")
        one.type("192.0.2.77:9," + addresses[1] + "\n")
        two.type(addresses[0] + "\n")
        talk(one, two, "connected, .*not encrypted")


def only_one_dials():
    with Terminal("chat", "--no-public-ip") as one, Terminal("chat", "--no-public-ip") as two:
        one.type("no address at all\n")
        one.expect("no addresses")
        one.type(local_address(two) + "\n")
        talk(one, two, "connected")


def by_a_server():
    with Site() as site, Terminal("chat", "--server", site.address) as one:
        ticket = one.expect(r"hopconn chat (\S+)\n")
        time.sleep(0.2)  # the one who waits is to be registered
        with Terminal("chat", ticket) as two:
            talk(one, two, "connected, .*, encrypted")


def a_public_address_by_stun():
    with Site() as site:
        with Terminal("chat", "--stun", site.address) as one:
            one.expect(r"public address: 127\.0\.0\.1:\d+\n")
            one.process.send_signal(signal.SIGINT)
            same(one.status(), 1, one.shown)


def a_peer_that_steers_the_terminal():
    with Terminal("chat", "--no-public-ip") as one, Terminal("chat", "--no-public-ip") as two:
        one.type(local_address(two) + "\n")
        one.expect("connected")
        one.type("red \x16\x1b[31m\n")
        two.expect(r"red \?\[31m\n")


def interrupted_is_left():
    with Terminal("chat", "--no-public-ip") as one, Terminal("chat", "--no-public-ip") as two:
        one.type(local_address(two) + "\n")
        one.expect("connected")
        two.expect("connected")
        two.process.send_signal(signal.SIGINT)
        same(two.status(), 0, two.shown)
        one.expect("left")
        same(one.status(), 0, one.shown)


def a_peer_that_is_killed_has_not_left():
    """With a ticket the end is the peer's word."""
    with Site() as site, Terminal("chat", "--server", site.address) as one:
        ticket = one.expect(r"hopconn chat (\S+)\n")
        time.sleep(0.2)
        with Terminal("chat", ticket) as two:
            one.expect("connected")
            two.expect("connected")
            two.process.kill()
            same(one.status(), 7, one.shown)


def the_example():
    flags = ["--no-public-ip"]
    with Terminal(*flags, program=EXAMPLE) as one, Terminal(*flags, program=EXAMPLE) as two:
        addresses = [local_address(chat) for chat in (one, two)]
        one.type(addresses[1] + "\n")
        two.type(addresses[0] + "\n")
        talk(one, two, "connected")


sys.exit(main([by_addresses, only_one_dials, by_a_server, a_public_address_by_stun,
               a_peer_that_steers_the_terminal, interrupted_is_left,
               a_peer_that_is_killed_has_not_left, the_example]))
