# SPDX-License-Identifier: MIT
"""What the server's relay carries, against a bare splice loop between sockets of the same kind in
the same run: the two take turns, and the ratio of the medians counts. The relay's processor time
for each GiB stands beside it.
"""
import json
import os
import subprocess

import lab
import program
from figures import Figure, head, median, table
from throughput import LIMIT_S, MIB, tool

HOST = "127.0.0.1"
TAKER, SPLICER = 5001, 5002
GOAL = 0.9


def cpu_s(process):
    """Seconds of processor time that a process has had."""
    with open("/proc/%d/stat" % process.pid, encoding="ascii") as text:
        fields = text.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(net, *argv):
    """A program that says when it is ready."""
    process = net.popen("server", [str(word) for word in argv], stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE, text=True)
    if process.stdout.readline() != "ready\n":
        raise program.Unexpected(process.communicate()[1].strip())
    return process


def end(process):
    """What it has printed at its end."""
    try:
        text, trouble = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise program.Unexpected("a stream took more than %d s" % LIMIT_S) from None
    finally:
        process.kill()
    if process.returncode != 0:
        raise program.Unexpected(trouble.strip())
    return text


def stream(net, kind, listen, dial, size):
    """Mbit/s of one stream."""
    taker = start(net, tool("bench-stream"), kind, "accept", listen)
    giver = net.popen("server", [tool("bench-stream"), kind, "dial", dial, str(size)],
                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end(giver)
    got = json.loads(end(taker))
    if got["size"] != size:
        raise program.Unexpected("%d of %d bytes arrived" % (got["size"], size))
    return got["size"] * 8e-6 / got["seconds"]


def by_relay(net, server, size):
    ticket = program.ticket(net, HOST)
    before = cpu_s(server.process)
    rate = stream(net, "relay", ticket, ticket, size)
    return rate, (cpu_s(server.process) - before) * 1024 * MIB / size


def by_splice(net, _server, size):
    splicer = start(net, tool("bench-splice"), SPLICER, "%s:%d" % (HOST, TAKER))
    rate = stream(net, "tcp", str(TAKER), "%s:%d" % (HOST, SPLICER), size)
    return rate, json.loads(end(splicer))["cpu_seconds"] * 1024 * MIB / size


def measure(quick, report):
    rounds, size = (3, 256 * MIB) if quick else (9, 1024 * MIB)
    ways = {"relay": by_relay, "splice": by_splice}
    found = {name: [] for name in ways}
    with lab.Lab(delay_ms=0) as net:
        server = program.serve(net)
        try:
            for number in range(rounds):
                for name in sorted(ways, reverse=number % 2 == 1):
                    found[name].append(ways[name](net, server, size))
        finally:
            server.end()
    report["relay"] = found
    rates = {name: median([rate for rate, _ in by]) for name, by in found.items()}
    cpus = {name: median([cpu for _, cpu in by]) for name, by in found.items()}
    figure = Figure("relay against a bare splice loop", rates["relay"] / rates["splice"], "",
                    rounds, GOAL, at_least=True)
    head("Relay (loopback)", "hopconn serve against a bare splice loop, in turns")
    table([("", "Mbit/s", "CPU s/GiB", "ratio", "goal", ""),
           ("hopconn serve", "%.0f" % rates["relay"], "%.2f" % cpus["relay"],
            "%.3f" % figure.value, ">= %.2f" % GOAL, figure.verdict),
           ("splice loop", "%.0f" % rates["splice"], "%.2f" % cpus["splice"], "", "", "")])
    return [figure]
