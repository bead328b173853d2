# SPDX-License-Identifier: MIT
"""The processes' resident memory: of the two sides at their peak, of the library alone, and of the
server for each idle client that is registered.
"""
import os
import subprocess
import threading

import lab
import program
from figures import Figure, head, show
from throughput import MIB, tool

SERVER = "127.0.0.1"  # over loopback the server does not count clients by where they come from
FIRST, CROWD = 100, 2000  # those before the first look: what the first ones cost is not theirs
GOAL = 1024  # bytes a client
LIMIT_S = 120


def resident(pid, field="VmRSS"):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))


def crowd(net, count):
    """Returns when that many more clients are registered; they stay until stdin is closed."""
    child = net.popen("server", [tool("bench-crowd"), SERVER, str(count)],
                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                      text=True)
    timer = threading.Timer(LIMIT_S, child.kill)
    timer.start()
    said = child.stdout.readline()
    timer.cancel()
    if said != "ready\n":
        child.kill()
        raise program.Unexpected("%d clients: %s" % (count, child.communicate()[1].strip()
                                                     or "not registered in %d s" % LIMIT_S))
    return child


def server_figures(count):
    with lab.Lab(delay_ms=0) as net:
        server = program.serve(net)
        empty = resident(server.process.pid)
        children = [crowd(net, FIRST)]
        few = resident(server.process.pid)
        children.append(crowd(net, count))
        many = resident(server.process.pid)
        client = resident(children[-1].pid) / count
        for child in children:
            child.communicate("")
        server.end()
    return [Figure("server: per idle registered client", (many - few) / count, "B", count, GOAL),
            Figure("server: resident, with no client", empty / 1024, "KiB", 1),
            Figure("library: per listening endpoint", client / 1024, "KiB", count)]


def pump(side, size, done):
    """Feeds a program's stdin and takes its stdout until as much has come."""
    def give():
        side.process.stdin.write(bytes(size))
        side.process.stdin.flush()

    thread = threading.Thread(target=give, daemon=True)
    thread.start()
    got = 0
    while got < size:
        part = os.read(side.process.stdout.fileno(), 1 << 16)
        if not part:
            break
        got += len(part)
    thread.join()
    done.append((side, got))


def pair_figures(size):
    """Peak of connect and listen behind two NATs, after a transfer in both directions."""
    with lab.Lab(a="eim-drop", b="preserving-rst", delay_ms=5) as net:
        server = program.serve(net)
        ticket = program.ticket(net, net.address("server"))
        sides = [program.Program(net, "a", ["listen", "--json", ticket])]
        sides[0].expect("listening")
        sides.append(program.Program(net, "b", ["connect", "--json", ticket]))
        for side in sides:
            side.expect("established")
        done = []
        threads = [threading.Thread(target=pump, args=(side, size, done)) for side in sides]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if [got for _, got in done] != [size, size]:
            raise program.Unexpected("a transfer of %d bytes broke off" % size)
        figures = [Figure("hopconn %s: peak resident" % side.arguments[0],
                          side.peak_rss_kib(), "KiB", 1) for side in sides]
        for side in [*sides, server]:
            side.end()
    return figures


def measure(quick, report):
    head("Memory")
    figures = pair_figures((8 if quick else 64) * MIB)
    figures += server_figures(500 if quick else CROWD)
    show(figures)
    report["memory"] = {figure.name: figure.value for figure in figures}
    return figures
