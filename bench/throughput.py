# SPDX-License-Identifier: MIT
"""What a handed-over descriptor carries, against a plain TCP socket over the same way in the same
run: the two take turns, and the ratio of the medians counts.
"""
import json
import os
import statistics
import subprocess

import lab
import program
from figures import Figure, head, median, table

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 5001
MIB = 1 << 20
GOAL = 0.98  # 1.00 less what two halves of the very same kind of runs differ by
LIMIT_S = 120


def tool(name):
    """One of our programs, from where the program under test was built."""
    path = os.path.join(os.path.dirname(program.path()), "bench", name)
    if not os.access(path, os.X_OK):
        raise program.Unexpected("there is no program at %s: run make first" % path)
    return path


class Way:
    """From one place of a lab to another, by hopconn or by plain TCP."""

    def __init__(self, net, source, target, target_address, server):
        self.net, self.source, self.target = net, source, target
        self.address, self.server = target_address, server

    def stream(self, kind, size):
        """Mbit/s of one stream of size bytes."""
        ticket = program.ticket(self.net, self.server)
        listen, dial = (ticket, ticket) if kind == "hop" else (
            str(PORT), "%s:%d" % (self.address, PORT))
        taker = self.net.popen(self.target, [tool("bench-stream"), kind, "accept", listen],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if taker.stdout.readline() != "ready\n":
            raise program.Unexpected(taker.communicate()[1].strip())
        giver = self.net.popen(self.source, [tool("bench-stream"), kind, "dial", dial, str(size)],
                               stderr=subprocess.PIPE, text=True)
        try:
            said = giver.communicate(timeout=LIMIT_S)[1]
            text, trouble = taker.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            raise program.Unexpected("a stream by %s took more than %d s"
                                     % (kind, LIMIT_S)) from None
        finally:
            giver.kill()
            taker.kill()
        if giver.returncode != 0 or taker.returncode != 0:
            raise program.Unexpected((said + trouble).strip())
        got = json.loads(text)
        if got["size"] != size:
            raise program.Unexpected("%d of %d bytes arrived by %s" % (got["size"], size, kind))
        return got["size"] * 8e-6 / got["seconds"]


def compare(way, size, rounds):
    """{"hop": [...], "tcp": [...]} in Mbit/s; who is first alternates."""
    found = {"hop": [], "tcp": []}
    for number in range(rounds):
        for kind in ("hop", "tcp") if number % 2 == 0 else ("tcp", "hop"):
            found[kind].append(way.stream(kind, size))
    return found


def controls():
    """The congestion controls to measure, as far as they are there: a round-trip time that the
    kernel mistakes matters to the second one, see crossing.py."""
    with open("/proc/sys/net/ipv4/tcp_available_congestion_control", encoding="ascii") as text:
        known = text.read().split()
    return [name for name in ("cubic", "bbr") if name in known] or known[:1]


def over_lab(control, size, rounds):
    with lab.Lab(a="eim-drop", b="public", delay_ms=25) as net:
        server = program.serve(net)
        try:
            for place in "a", "b":  # the system's default: what a user's sockets start from
                net.run(place, ["sysctl", "-qw", "net.ipv4.tcp_congestion_control=" + control])
            way = Way(net, "a", "b", net.address("b"), net.address("server"))
            return compare(way, size, rounds)
        finally:
            server.end()


def over_loopback(size, rounds):
    with lab.Lab(delay_ms=0) as net:
        server = program.serve(net)
        try:
            return compare(Way(net, "server", "server", "127.0.0.1", "127.0.0.1"), size, rounds)
        finally:
            server.end()


def measure(quick, report):
    rounds, size = (3, 32 * MIB) if quick else (5, 128 * MIB)
    results = {"50 ms round trip, %s" % control: over_lab(control, size, rounds)
               for control in controls()}
    results["loopback"] = over_loopback((256 if quick else 1024) * MIB, rounds + 2)
    report["throughput_mbit"] = results
    head("Throughput of the handed-over descriptor (Mbit/s)",
         "the same loops over it and over a plain TCP socket, in turns")
    rows = [("", "streams", "hopconn", "raw TCP", "ratio", "goal", "")]
    found = []
    for name, by in results.items():
        hop, tcp = median(by["hop"]), median(by["tcp"])
        figure = Figure("throughput against raw TCP, " + name, hop / tcp, "", len(by["hop"]), GOAL,
                        at_least=True, note="spread of raw TCP itself: %.0f to %.0f Mbit/s"
                        % (min(by["tcp"]), max(by["tcp"])))
        rows.append((name, "2 x %d" % len(by["hop"]), "%.0f" % hop, "%.0f" % tcp,
                     "%.3f" % (hop / tcp), ">= %.2f" % GOAL, figure.verdict))
        found.append(figure)
        spread = [statistics.pstdev(by[kind]) / median(by[kind]) for kind in ("hop", "tcp")]
        report.setdefault("throughput_spread", {})[name] = spread
    table(rows)
    return found
