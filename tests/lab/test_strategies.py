#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pairs of NATs that need more than dialling what a server has seen: sequential and random
ones, and kinds that only lab-nat can play. Each connects at the first attempt, without a relay, and
sends no more SYNs than is polite."""
import os
import statistics
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
import test_pairs  # noqa: E402
from peers import check, same  # noqa: E402

import sniff  # noqa: E402

NATS = {
    "adf": "user,filter=adf",
    "icmp": "user,stray=icmp",
    "remap": "user,remap=10000",
    "seq1": "symmetric-seq",
    "seq2": "user,map=apdm,ports=seq:2",
    "seq1-rst": "user,map=apdm,ports=seq:1,stray=rst",
    "seq1-foreign": "symmetric-seq,foreign=10",
    "seq2-foreign": "user,map=apdm,ports=seq:2,foreign=10",
    "random": "symmetric-random",
    "block": "user,map=apdm,ports=random,low=40960,high=41983",
}
OTHERS = test_pairs.KINDS
OPEN = test_pairs.OPEN
EASY_SYNS, HARD_SYNS = 100, 400  # a second
BURST = 48  # beyond it in one second: the bursts of both paces, and the system's repetitions
AT_ONCE = int(os.environ.get("HOP_LABS", "3"))


class Counted(test_pairs.Cell):
    """A cell that counts SYNs on the wire."""

    def __init__(self, allowed, **sites):
        super().__init__(**sites)
        self.allowed, self.syns, self.most = allowed, [], 0

    def run(self, later_s, hosts):
        """A side that is late lets the other's SYN burn the port of a NAT that remaps, and its
        samples of one that counts on grow old."""
        ends, counts, most = peers.undisturbed(
            lambda: self._count(later_s, hosts), lambda found: found[2] <= self.allowed)
        self.syns += counts
        self.most = max(self.most, most)
        return ends

    def _count(self, later_s, hosts):
        """The ends, the SYNs of both sides, and the most in one second of either."""
        with sniff.Sniffer(self.net) as ears:
            ends = super().run(later_s, hosts)
            sights = [s for s in ears.sights() if s.is_syn() and s.leaves]
        sides = [sorted(s.at for s in sights if s.place == site) for site in "ab"]
        most = max(sum(1 for t in times[i:] if t < start + 1)
                   for times in sides for i, start in enumerate(times))  # both call the server
        return ends, [len(times) for times in sides], most


def many(name, sites, runs, good, rate):
    """runs in each of both starts; at least good of a hundred come through."""
    failures, routes = [], set()
    cell = Counted(rate + BURST, **sites)
    with cell:
        for number in range(2 * runs):
            hosts = ("a", "b") if number % 4 < 2 else ("b", "a")
            later_s = 0 if number % 2 == 0 else test_pairs.random.uniform(0, test_pairs.LATER_S)
            try:
                routes.update(end["route"] for end in cell.run(later_s, hosts))
            except AssertionError as error:
                failures.append(f"{error}; {cell.story}")
    count = 2 * runs
    check(cell.tcp_ms, f"none of {count} runs came through; the first: {failures[:1]}")
    median = statistics.median
    peers.tell(f"# {name:<36} {count - len(failures):3} of {count:3}, median tcp_ms "
               f"{median(cell.tcp_ms):6.0f} (max {max(cell.tcp_ms):6.0f}), attempt_ms "
               f"{median(cell.attempt_ms):6.0f}, SYNs of a side: median {median(cell.syns):.0f}, "
               f"max {max(cell.syns)}, in one second {cell.most}")
    check(100 * (count - len(failures)) >= good * count,
          f"{len(failures)} of {count} runs failed; the first: {failures[:1]}")
    route = "direct" if set(sites.values()) & set(OPEN) else "punched"
    same(routes, {route}, "routes")
    check(cell.most <= cell.allowed, f"{cell.most} SYNs in one second")


def pair(one, other, runs=1, long=10, good=100, rate=EASY_SYNS):
    name = f"{one} x {other}"
    sites = {"a": NATS.get(one, one), "b": NATS.get(other, other)}
    return name, lambda: many(name, sites, long if peers.LONG else runs, good, rate)


class Hopeless:
    """Where no way is known both sides say so, and how both NATs behave."""

    def __init__(self, one, other):
        self.sites = {"a": NATS.get(one, one), "b": NATS.get(other, other)}

    def __call__(self):
        cell = test_pairs.Cell(("--relay", "never", "--timeout", "4"), **self.sites)
        with cell:
            ticket = peers.ticket(cell.called)
            with peers.Peer(cell.net, "a", "listen", ticket, *cell.words) as listener:
                with peers.Peer(cell.net, "b", "connect", ticket, *cell.words) as connector:
                    connector.expect(5)
                    listener.wait_event("failed")
                    for peer in (listener, connector):
                        report = "\n".join(peer.event("failed")["report"])
                        check("our NAT takes" in report and "the peer's NAT takes" in report
                              and "no direct way is known" in report, f"{peer}: {report}")


def second_port_taken():
    """A server without its second port serves, and says what is missing; clients connect."""
    with peers.Lab(a="eim-drop", b="eim-rst") as net:
        net.popen("server", [sys.executable, "-c", (
            "import socket, time; s = socket.socket(socket.AF_INET6);"
            "s.bind(('::', 3479)); s.listen(); print('x', flush=True); time.sleep(100)")])
        peers.wait_for(lambda: ":3479" in net.run("server", ["ss", "-ltn"]).stdout,
                       "the second port")
        server = peers.serve(net)
        check("3479" in server.event("note")["text"], server.story())
        same(len(server.event("ready")["addresses"]), 1, "addresses")
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket) as listener, \
                peers.Peer(net, "b", "connect", ticket) as connector:
            for peer in (connector, listener):
                peer.expect(0)
        server.kill()


LONG_GOOD = {"good": 95, "runs": 2, "long": 50, "rate": HARD_SYNS}
CASES = [pair("seq1", other) for other in OTHERS + ["icmp", "adf", "seq1", "seq2"]]
CASES += [pair("seq2", other) for other in OTHERS + ["icmp", "adf", "seq2"]]
CASES += [pair("seq1-rst", other) for other in ("eim-drop", "eim-rst", "seq1")]
CASES += [pair("icmp", other) for other in OTHERS + ["icmp", "adf"]]
CASES += [pair("adf", other) for other in OTHERS + ["adf"]]
CASES += [pair("remap", other) for other in OTHERS + ["icmp", "adf", "remap", "seq1"]]
CASES += [pair("random", other) for other in ("public", "fullcone")]
CASES += [pair("seq1-foreign", other, **LONG_GOOD)
          for other in ("eim-drop", "eim-rst", "preserving-rst")]
CASES += [pair("seq2-foreign", other, **LONG_GOOD) for other in ("eim-drop", "carrier")]
CASES += [pair("seq1-foreign", "seq1-foreign", **LONG_GOOD)]
CASES += [pair("random", other, **LONG_GOOD)
          for other in ("firewall", "preserving-drop", "preserving-rst", "eim-drop", "eim-rst",
                        "adf", "icmp", "carrier")]
CASES += [pair("block", "eim-drop", **LONG_GOOD)]
CASES += [(f"{one} x {other} is hopeless", Hopeless(one, other))
          for one, other in (("random", "random"), ("random", "seq1"), ("seq1", "random"))]
CASES += [("a server whose second port is taken", second_port_taken)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, AT_ONCE))
