#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`make demo` as a newcomer meets it, with a smaller payload: what README.md promises of it is what
it shows, and where it does not work it says so."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

DEMO = os.path.join(peers.SOURCE, "lab", "demo.py")
MIB = 4


def demo(*words, **more):
    """Its status, what it shows and its complaints."""
    done = subprocess.run([sys.executable, DEMO, *words], text=True, capture_output=True,
                          stdin=peers.NULL, timeout=peers.HANG_S, check=False,
                          env=dict(os.environ, HOP_LAB_FRESH="1", **more))
    return done.returncode, done.stdout, done.stderr


def make_runs_it():
    """The line of README.md leads to that very program, and nothing else does the showing."""
    done = subprocess.run(["make", "-n", "demo", "ARGS=--size 4"], cwd=peers.SOURCE, text=True,
                          capture_output=True, check=False)
    same(done.returncode, 0, f"make -n demo: {done.stderr}")
    same(done.stdout.splitlines()[-1].strip(), "lab/demo.py --size 4", "the last line")
    check(os.access(DEMO, os.X_OK), f"{DEMO} cannot be run")


def bytes_of(text):
    number, unit = text.split()
    return float(number) * {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20}[unit]


def carried(shown, who):
    """What passed someone's interface, out and in, in bytes."""
    size = r"([\d.]+ (?:bytes|KiB|MiB))"
    found = re.search(rf"^ +{who} +{size} +{size}$", shown, re.M)
    check(found, f"no line of what {who} carried: {shown}")
    return [bytes_of(text) for text in found.groups()]


def two_peers(*words):
    """Behind two NATs, connected directly, every byte both ways; the server carried none of it."""
    status, shown, trouble = demo("--size", str(MIB), *words)
    same((status, trouble), (0, ""), f"status and complaints after: {shown}")
    for pattern in (r"^It works: connected in \d+ ms, punched, straight from bob to alice\.$",
                    rf"^The payload: {MIB} MiB each way, both at the same time$",
                    r"^Who learnt which address$", r"^How long it took \(ms\)$",
                    r" alice +--> +server .*| bob +--> +server +knock +signed"):
        check(re.search(pattern, shown, re.M), f"{pattern!r} is not shown: {shown}")
    same(shown.count("the same at both ends"), 2, "directions whose check sums agree")
    for who in "alice", "bob":
        check(min(carried(shown, who)) >= MIB << 20, f"{who} carried less than that: {shown}")
    check(sum(carried(shown, "server")) < (MIB << 20) / 50, f"the server carried it: {shown}")


def says_when_it_fails():
    status, _, trouble = demo("--size", "1", HOP_PROGRAM="/bin/false")
    same((status, trouble.strip().startswith("The demo failed: ")), (1, True), trouble)


OTHERS = ("--a", "carrier", "--b", "eim-rst", "--delay", "5")
CASES = [("demo: make runs it", make_runs_it), ("demo: as it is", two_peers),
         ("demo: other NATs", lambda: two_peers(*OTHERS)),
         ("demo: it says when it fails", says_when_it_fails)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 2))
