# SPDX-License-Identifier: MIT
"""The system calls of one connection, by strace: what the program itself does to get from its first
socket to the established one. They are counted, not timed.
"""
import collections
import os
import re
import shutil
import subprocess
import tempfile

import lab
import program
from figures import Figure, head, table

CALL = re.compile(r"^(?:\d+ +)?([a-z_0-9]+)\(")
SHOWN = 6


def count(lines):
    """Counter of calls from the first socket to the event "established"."""
    found, begun = collections.Counter(), False
    for line in lines:
        call = CALL.match(line)
        if not call:
            continue
        begun = begun or call.group(1) == "socket"
        if begun:
            found[call.group(1)] += 1
        if '\\"established\\"' in line:
            return found
    raise program.Unexpected("strace saw no connection being established")


def trace(folder):
    """One connection behind two NATs with strace on both sides; Counters by word."""
    with lab.Lab(a="eim-drop", b="preserving-rst", delay_ms=25) as net:
        server = program.serve(net)
        ticket = program.ticket(net, net.address("server"))
        children, files = {}, {}
        for word, where in ("listen", "a"), ("connect", "b"):
            files[word] = os.path.join(folder, word)
            children[word] = net.popen(
                where, ["strace", "-f", "-s", "64", "-o", files[word], program.path(), word,
                        "--json", ticket],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if word == "listen":
                while b'"listening"' not in (line := children[word].stderr.readline()):
                    if not line:
                        raise program.Unexpected("hopconn under strace does not listen")
        for child in children.values():
            child.communicate(timeout=30)
        server.end()
    found = {}
    for word, file in files.items():
        with open(file, encoding="utf-8", errors="replace") as lines:
            found[word] = count(lines)
    return found


def measure(report):
    head("System calls from the first socket to established")
    if not shutil.which("strace"):
        print("  not counted: there is no strace here")
        return []
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        found = trace(folder)
    rows = [("", "calls", "the most frequent")]
    for word, calls in found.items():
        most = ", ".join("%s %d" % one for one in calls.most_common(SHOWN))
        rows.append(("hopconn " + word, str(sum(calls.values())), most))
    table(rows)
    report["calls"] = {word: dict(calls.most_common()) for word, calls in found.items()}
    return [Figure("hopconn %s: system calls to established" % word, sum(calls.values()), "", 1)
            for word, calls in found.items()]
