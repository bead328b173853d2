#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two sides that know nothing but each other's "ip:port" texts: no server runs here, nobody is
asked. These NATs keep the port, so the public address can be told in advance. Started together and
half a second apart, with the private address named first and the public one first."""
import contextlib
import itertools
import os
import signal
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

PROGRAM = os.path.join(peers.BUILD, "tests", "lab", "bare_peer")
RUNS = 50 if peers.LONG else 8  # of each cell, every other one with a secret
APART_S = 0.5
AT_ONCE = int(os.environ.get("HOP_LABS", "10"))
KINDS = ("preserving-drop", "preserving-rst")
STARTS = {"in sync": (0, 0), "the first is earlier": (0, APART_S),
          "the second is earlier": (APART_S, 0)}
ORDERS = {"LAN first": ("lan", "lan"), "public first": ("public", "public"),
          "each its own order": ("lan", "public")}
FIRST_PORT = 20000  # below those that the kernel chooses by itself
FAILURES_MAX = 2  # of a case: what fails takes its time, and more of it tells nothing new
HELD_S = 0.7  # longer than any look at a dial, shorter than the system's repetition of a SYN
HELD_RUNS = 20 if peers.LONG else 4
FAIL_MS = "500"  # three tries of it, where nothing is to come of them


class Cell:
    """A lab without a server. Each run has ports of its own, so no NAT remembers it."""

    def __init__(self, hosts=("a", "b"), waits=(), **sites):
        if not os.path.exists(PROGRAM):
            raise peers.Skip(f"{PROGRAM} is not built")
        self.net, self.hosts, self.waits = peers.Lab(**sites), hosts, waits
        self._ports = itertools.count(FIRST_PORT)
        self.took_ms = []

    def __enter__(self):
        self.net.up()
        return self

    def __exit__(self, *_):
        self.net.down()

    @contextlib.contextmanager
    def held(self):
        """The wire keeps all packets to itself, in their order, until let_go()."""
        self.net.wire.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.let_go()

    def let_go(self):
        self.net.wire.process.send_signal(signal.SIGCONT)

    def addresses(self, host, port, first):
        found = [f"{self.net.address(host)}:{port}", f"{self.net.public(host[0])}:{port}"]
        return ",".join(dict.fromkeys(found if first == "lan" else reversed(found)))

    def run(self, later_s, firsts, words=((), ()), held_s=0):
        """Both sides to their end. For each side: how much later it starts, which of the other's
        addresses it dials first, and more words of its own. Packets are held up that long first."""
        ports = [next(self._ports) for _ in self.hosts]
        with contextlib.ExitStack() as stack:
            if held_s:
                stack.enter_context(self.held())
            sides = [None, None]
            begun = time.monotonic()
            for at in sorted((0, 1), key=lambda at: later_s[at]):
                time.sleep(max(0, begun + later_s[at] - time.monotonic()))
                host, other = self.hosts[at], self.hosts[1 - at]
                dial = () if host in self.waits else (
                    "--dial", self.addresses(other, ports[1 - at], firsts[at]))
                sides[at] = stack.enter_context(
                    Side(self.net, host, ports[at], (*dial, *words[at])))
            both_s = time.monotonic()
            if held_s:
                time.sleep(held_s)
                self.let_go()
            for side in sides:
                side.end()
            self.took_ms.append((time.monotonic() - both_s) * 1000)
            return sides


class Side(peers.Peer):
    """bare_peer on one host; after end() `said` has its lines by their first word."""

    def __init__(self, net, where, port, words):
        self.token = peers.token(where).decode().strip().replace(" ", "-")
        self.address = f"{net.address(where)}:{port}"
        super().__init__(net, where, str(port), self.token, *words, program=PROGRAM,
                         as_json=False)

    def end(self):
        self.code, self.said = self.status(), {}
        for line in self.output().decode(errors="replace").splitlines():
            word, _, rest = line.partition(" ")
            self.said.setdefault(word, []).append(rest)
        self.told = f"{self} ended with {self.code}, said {self.said}: {self.story()}"


def connected(sides, routes):
    """Both hold the same connection and used it to its end."""
    def story():
        return " // ".join(side.told for side in sides)
    held = ["established" in side.said for side in sides]
    check(held[0] == held[1], lambda: f"half-dead: {story()}")
    check(all(held), lambda: f"not connected: {story()}")
    for side, other, route in zip(sides, reversed(sides), routes):
        check(side.code == 0, story)
        same(side.said, {"local": [side.address], "public": ["unknown"], "established": [route],
                         "error": ["PEER_CLOSED"], "heard": [other.token],
                         "end": ["PEER_CLOSED"]}, story())


def runs(cell, later_s, orders, routes):
    """Of each order of addresses; the failures, at most FAILURES_MAX."""
    failures = []
    for order, number in itertools.product(orders, range(RUNS)):
        secret = ("--secret", "shared by both") if number % 2 else ()
        try:
            connected(cell.run(later_s, ORDERS[order], (secret, secret)), routes)
        except AssertionError as error:
            failures.append(f"{order}, run {number}, {'with' if secret else 'no'} secret: {error}")
            if len(failures) == FAILURES_MAX:
                break
    return failures


def many(name, start, routes, orders, **sites):
    """One lab, one kind of start, each order of addresses."""
    with Cell(**sites) as cell:
        failures = runs(cell, STARTS[start], orders, routes)
        took_ms = cell.took_ms
        peers.tell(f"# {name:<62} {len(took_ms)} runs, median "
                   f"{statistics.median(took_ms):6.0f} ms (max {max(took_ms):6.0f})")
    check(not failures, f"{len(failures)} of {len(took_ms)} runs failed; the first: {failures[:1]}")


def cases(name, routes, orders=tuple(ORDERS), **sites):
    """One for each start."""
    def one(start):
        full = f"{name}, {start}"
        return full, lambda: many(full, start, routes, orders, **sites)
    return [one(start) for start in STARTS]


def held_up(one, other):
    """Whoever dials anew while a first SYN is under way meets his own past: two NATs that saw both
    kept refusing both sides for as long as these went on."""
    with Cell(a=one, b=other) as cell:
        for _ in range(HELD_RUNS):
            connected(cell.run((0, 0), ORDERS["LAN first"], held_s=HELD_S), PUNCHED)
        peers.tell(f"# {one} x {other}, all packets held up for {HELD_S} s: max "
                   f"{max(cell.took_ms):.0f} ms")


def refused(*words):
    """Secrets that do not agree: neither side is connected, and both say so."""
    with Cell(a="preserving-drop", b="preserving-rst") as cell:
        for firsts in ORDERS.values():
            sides = cell.run((0, 0), firsts, [(*word, "--timeout", FAIL_MS) for word in words])
            for side in sides:
                check(side.code == 1 and "established" not in side.said, side.told)
                same(side.said["heard"], [""], side.told)
                same(len(side.said["error"]), 1, side.told)
                check(side.said["end"][0] in ("IMPOSTOR", "NO_PATH"), side.told)
            # Who ends first may do so before the other one has met him.
            check(any(side.said["end"] == ["IMPOSTOR"] for side in sides),
                  lambda: " // ".join(side.told for side in sides))


PUNCHED, LAN = ("punched", "punched"), ("lan", "lan")
CASES = []
for pair in itertools.combinations_with_replacement(KINDS, 2):
    CASES += cases(" x ".join(pair), PUNCHED, a=pair[0], b=pair[1])
# The same private network at both ends: the peer's private address is one's own but for its port.
CASES += cases("one private address for both", PUNCHED, a="preserving-drop,lan=7",
               b="preserving-rst,lan=7")
# Whoever dials a public address cannot know whether there is a NAT in between.
CASES += cases("public, only waiting, x preserving-drop", ("direct", "punched"), ("LAN first",),
               waits=("a",), a="public", b="preserving-drop")
for kind in KINDS:
    CASES += cases(f"neighbours behind {kind}", LAN, hosts=("a", "a2"), a=kind + ",hosts=2")
CASES += [(f"held up, {one} x {other}", lambda one=one, other=other: held_up(one, other))
          for one, other in itertools.combinations_with_replacement(KINDS, 2)]
CASES += [("another secret", lambda: refused(("--secret", "one"), ("--secret", "other"))),
          ("a secret on one side only", lambda: refused(("--secret", "one"), ()))]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, AT_ONCE))
