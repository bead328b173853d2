#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every pair of the kinds of NAT that a direct connection must get through, does get through, at
the first attempt: started together, and with the connecting side later. LAN neighbours use their
private addresses, IPv6 passes two firewalls."""
import itertools
import os
import random
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

KINDS = ["public", "firewall", "preserving-drop", "preserving-rst", "preserving-nofilter",
         "eim-drop", "eim-rst", "fullcone", "carrier"]
OPEN = ("public", "firewall")  # no NAT: the host has the public address itself
RUNS = 20 if peers.LONG else 3  # of each start
LATER_S = 1.0  # the connecting side comes at most so much later
AT_ONCE = int(os.environ.get("HOP_LABS", "4"))
WORDS = ("--relay", "never")


def how_it_ended(peer):
    status = peer.ended()
    return f"{peer} hangs" if status is None else status


class Cell:
    """One lab with its server; run() is one attempt between two hosts of it."""

    def __init__(self, words=WORDS, hosts=("a", "b"), server=peers.SERVER, **sites):
        self.net = peers.Lab(**sites)
        self.words, self.hosts, self.called = words, hosts, server
        self.tcp_ms, self.attempt_ms, self.story = [], [], ""

    def __enter__(self):
        self.net.up()
        try:
            self.server = peers.serve(self.net)
        except BaseException:
            self.net.down()
            raise
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.net.down()

    def run(self, later_s, hosts):
        """Listens on the first host, connects from the second; returns the two 'established'."""
        self.net.flush()
        ticket = peers.ticket(self.called)
        said = [peers.token(host) for host in hosts]
        with peers.Peer(self.net, hosts[0], "listen", ticket, *self.words,
                        data=said[0]) as listener:
            if later_s > 0:
                time.sleep(later_s)
            with peers.Peer(self.net, hosts[1], "connect", ticket, *self.words,
                            data=said[1]) as connector:
                ends = [how_it_ended(connector)]
                if ends == [0]:  # who listens goes on after a peer that has failed
                    ends.append(how_it_ended(listener))
                both = (connector, listener)
                self.story = " // ".join(f"{peer}: {peer.story()}" for peer in both)
                same(ends, [0, 0], f"{later_s:.3f} s later: statuses")
                return [self._judge(*sides) for sides in (
                    (listener, said[0], said[1]), (connector, said[1], said[0]))]

    def _judge(self, peer, sent, received):
        same(peer.output(), received, f"what came to {peer}")
        same(peer.events("failed"), [], f"failures of {peer}")
        peer.event("peer")  # one: the first attempt it was
        closed, established = peer.event("closed"), peer.event("established")
        same((closed["sent"], closed["received"], closed["ok"]), (len(sent), len(received), True),
             f"closed of {peer}")
        check(established["attempt_ms"] >= established["tcp_ms"] >= 0, f"times: {established}")
        same(established["encrypted"], True, "encrypted")
        self.tcp_ms.append(established["tcp_ms"])
        self.attempt_ms.append(established["attempt_ms"])
        return established

    def check_ends(self, ends, hosts, route):
        """The same route on both sides, and addresses that belong together."""
        same([end["route"] for end in ends], [route, route], "routes")
        for site, end, other in zip(hosts, ends, reversed(ends)):
            if route == "lan" or route == "ipv6" or self.net.kind(site[0]).name in OPEN:
                same(end["local"], other["remote"], f"the address of {site}, within and without")
            else:
                same(peers.ip_of(other["remote"]), self.net.public(site[0]),
                     f"what the other side sees of {site}")
                same(peers.ip_of(end["local"]), self.net.address(site), f"local of {site}")


def starts():
    return [0.0] * RUNS + [random.uniform(0, LATER_S) for _ in range(RUNS)]


def tell_medians(name, cell, count):
    words = [f"{what} {statistics.median(times):7.1f} (max {max(times):7.1f})"
             for what, times in (("tcp_ms", cell.tcp_ms), ("attempt_ms", cell.attempt_ms))]
    peers.tell(f"# {name:<42} {count} runs, median {', '.join(words)}")


def many(name, cell, route):
    """Both starts, the counts of this run; a failure says how many there were of how many."""
    failures = []
    with cell:
        for number, later_s in enumerate(starts()):
            hosts = cell.hosts[::-1] if number % 2 else cell.hosts  # each side listens in turn
            try:
                cell.check_ends(cell.run(later_s, hosts), hosts, route)
            except AssertionError as error:
                failures.append(f"{error}; {cell.story}")
        if cell.tcp_ms:
            tell_medians(name, cell, 2 * RUNS)
    check(not failures, f"{len(failures)} of {2 * RUNS} runs failed; the first: {failures[:1]}")


def pair(one, other):
    name = f"{one} x {other}"
    route = "direct" if one in OPEN or other in OPEN else "punched"
    return name, lambda: many(name, Cell(a=one, b=other), route)


def neighbours(kind):
    name = f"neighbours behind {kind}"
    return name, lambda: many(name, Cell(hosts=("a", "a2"), a=kind + ",hosts=2"), "lan")


def ipv6(kinds, v6, words=(), server=peers.SERVER):
    """Where IPv4 would do and is switched off, or is hopeless and nobody says so."""
    name = f"ipv6 {v6[0]} x {v6[1]}, {kinds}" + "".join(" " + word for word in words)
    sites = {site: f"{kinds},v6={trait}" for site, trait in zip("ab", v6)}
    return name, lambda: many(name, Cell((*WORDS, *words), server=server, **sites), "ipv6")


CASES = [pair(*kinds) for kinds in itertools.combinations_with_replacement(KINDS, 2)]
CASES += [neighbours(kind) for kind in ("preserving-drop", "eim-rst", "fullcone", "carrier")]
CASES += [ipv6("eim-drop", v6, ("-6",), peers.SERVER6)
          for v6 in (("firewall", "firewall"), ("refuse", "refuse"), ("firewall", "refuse"))]
CASES += [ipv6("symmetric-random", v6) for v6 in (("firewall", "firewall"), ("refuse", "refuse"))]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, AT_ONCE))
