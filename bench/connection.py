# SPDX-License-Identifier: MIT
"""What a connection of conn.h carries, plain and with TLS, against the loops that one would
write by hand over the same kind of socket: they take turns, many short ones, and the median of the
turns' ratios counts, for the machine is not equally fast all the time. Once by the clock, and once
by the processor's time of both sides, which other programs disturb much less.
And what idle connections take of a process's memory.
"""
import json
import os
import subprocess

import lab
import program
from figures import Figure, head, median, reach, show, table
from throughput import LIMIT_S, MIB, PORT, controls, tool

TITLES = {"conn": "plain", "conn-tls": "TLS"}
SMALL = "@4096"  # a kind that writes so much at a time, instead of 64 KiB
GOAL = 0.95
# What is measured in turns, and which two are compared, with the goal for them. Reading ahead is
# no part of a bare loop, but conn.h does it: that row tells what the rest of it costs.
KINDS = ("conn", "plain", "conn-tls", "ssl", "ssl-ahead")
KINDS += tuple(kind + SMALL for kind in KINDS[:4])
COMPARED = (("conn", "plain", "a loop", GOAL), ("conn-tls", "ssl", "a loop", GOAL),
            ("conn-tls", "ssl-ahead", "a loop that reads ahead", None),
            ("conn" + SMALL, "plain" + SMALL, "a loop, 4 KiB", None),
            ("conn-tls" + SMALL, "ssl" + SMALL, "a loop, 4 KiB", None))
IDLE = 1000
GIB = 1 << 30
LOOPBACK = "loopback"


def command(place, words):
    """Each side of a stream over loopback has one processor for itself, where there are two."""
    ours = sorted(os.sched_getaffinity(0))
    pin = [] if place is None else ["taskset", "-c", str(ours[0 if place == 0 else -1])]
    return pin + [tool("bench-conn"), *words]


def stream(net, kind, source, target, size):
    """(Mbit/s, the processor's seconds for a GiB, both sides together) of one stream of size bytes
    between two places of a lab."""
    kind, _, chunk = kind.partition("@")
    local = source == target
    address = "127.0.0.1" if local else net.address(target)
    taker = net.popen(target, command(0 if local else None, [kind, "accept", str(PORT)]),
                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    giver = None
    try:
        if taker.stdout.readline() != "ready\n":
            raise program.Unexpected(taker.communicate(timeout=LIMIT_S)[1].strip())
        words = [kind, "dial", "%s:%d" % (address, PORT), str(size)] + ([chunk] if chunk else [])
        giver = net.popen(source, command(1 if local else None, words),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        given, said = giver.communicate(timeout=LIMIT_S)
        taken, trouble = taker.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise program.Unexpected("a stream by %s took more than %d s" % (kind, LIMIT_S)) from None
    finally:
        for child in (taker, giver):
            if child is not None:
                child.kill()
                child.wait()
    if giver.returncode != 0 or taker.returncode != 0:
        raise program.Unexpected((said + trouble).strip())
    got = json.loads(taken)
    if got["size"] != size:
        raise program.Unexpected("%d of %d bytes arrived by %s" % (got["size"], size, kind))
    cpu = got["cpu"] + json.loads(given)["cpu"]
    return got["size"] * 8e-6 / got["seconds"], cpu * GIB / size


def compare(net, source, target, size, rounds, kinds=KINDS):
    """{kind: [what stream() says, ...]}; the order alternates."""
    for place in {source, target}:
        net.run(place, ["sysctl", "-qw", "net.ipv4.tcp_congestion_control=" + controls()[0]])
    found = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds if number % 2 == 0 else reversed(kinds):
            found[kind].append(stream(net, kind, source, target, size))
    return found


def over_lab(size, rounds):
    """From behind a NAT to a public host; what has a goal."""
    with lab.Lab(a="eim-drop", b="public", delay_ms=25) as net:
        return compare(net, "a", "b", size, rounds, KINDS[:4])


def over_loopback(size, rounds):
    with lab.Lab(delay_ms=0) as net:
        return compare(net, "server", "server", size, rounds)


def idle(kind, count):
    """Resident bytes for each of that many connections that do nothing."""
    with lab.Lab(delay_ms=0) as net:
        child = net.popen("server", [tool("bench-conn"), kind, "idle", str(count)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            text, trouble = child.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            raise program.Unexpected("%d idle connections took more than %d s"
                                     % (count, LIMIT_S)) from None
        finally:
            child.kill()
        if child.returncode != 0:
            raise program.Unexpected(trouble.strip())
        return json.loads(text)["bytes"]


class Comparison:
    """conn.h and a loop, over one way, by the clock and by the processor's time."""

    def __init__(self, compared, way, by):
        kind, yardstick, loop, goal = compared
        ours, theirs = by[kind], by[yardstick]
        self.name = "%s against %s, %s" % (TITLES[kind.partition("@")[0]], loop, way)
        self.speeds = [median([mbit for mbit, _ in one]) for one in (ours, theirs)]
        self.costs = [median([cpu for _, cpu in one]) for one in (ours, theirs)]
        self.clock = self.figure("", [a[0] / b[0] for a, b in zip(ours, theirs)], goal)
        # Over a long way the wire is the bottleneck, and the processor's time what waiting costs.
        self.cpu = self.figure(", by the processor's time",
                               [b[1] / a[1] for a, b in zip(ours, theirs)],
                               goal if way == LOOPBACK else None)

    def figure(self, what, ratios, goal):
        low, high = reach(ratios)
        return Figure("conn.h %s%s" % (self.name, what), median(ratios), "", len(ratios), goal,
                      at_least=True, note="in 19 of 20 cases between %.3f and %.3f" % (low, high),
                      reach=(low, high))

    def row(self):
        verdicts = [figure.verdict for figure in (self.clock, self.cpu) if figure.verdict]
        bad = [verdict for verdict in verdicts if verdict != "ok"]
        return (self.name, "2 x %d" % self.clock.count, "%.0f" % self.speeds[0],
                "%.0f" % self.speeds[1], "%.3f" % self.clock.value, "%.2f" % self.costs[0],
                "%.2f" % self.costs[1], "%.3f" % self.cpu.value,
                ">= %.2f" % self.clock.goal if self.clock.goal else "",
                bad[0] if bad else verdicts[0] if verdicts else "")


def measure(quick, report):
    results = {LOOPBACK: over_loopback((128 if quick else 256) * MIB, 15 if quick else 41),
               "50 ms round trip": over_lab((32 if quick else 96) * MIB, 7 if quick else 15)}
    report["connection_mbit_and_cpu_s_per_gib"] = results
    head("Throughput of a connection with handlers",
         "conn.h against loops of read and write, and of SSL_read and SSL_write, in turns: Mbit/s "
         "by the clock,\nand the processor's seconds for a GiB, both sides together; ratio: of "
         "what the same time carries")
    found = [Comparison(compared, way, by) for way, by in results.items()
             for compared in COMPARED if compared[0] in by and compared[1] in by]
    table([("", "streams", "conn.h", "loop", "ratio", "conn.h s", "loop s", "ratio", "goal", "")] +
          [comparison.row() for comparison in found])
    figures = [figure for comparison in found for figure in (comparison.clock, comparison.cpu)]
    head("Memory of idle connections with handlers", "in one process; the kernel's is not in it")
    memory = [Figure("conn.h %s: per idle connection" % title, idle(kind, IDLE), "B", IDLE)
              for kind, title in TITLES.items()]
    show(memory)
    report["connection_memory"] = {figure.name: figure.value for figure in memory}
    return figures + memory
