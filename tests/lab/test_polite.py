#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No attempt has more sockets open or sends more SYNs in a second than docs/matrix.md promises."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check  # noqa: E402

sys.path.insert(0, os.path.join(peers.SOURCE, "bench"))

import politeness  # noqa: E402

RUNS = 6 if peers.LONG else 1


def is_polite(cost):
    sockets, syns = cost.allowed
    return cost.sockets <= sockets and cost.syns_per_second <= syns


def polite(pair, birthday):
    cost = peers.undisturbed(lambda: politeness.Cell(pair, birthday, RUNS).measure(), is_polite)
    peers.tell(f"# {cost.name}: {cost.sockets} sockets, {cost.syns_per_second} SYNs in a second, "
               f"{cost.syns} in all")
    sockets, syns = cost.allowed
    check(0 < cost.sockets <= sockets, f"{cost.sockets} sockets at once")
    check(0 < cost.syns_per_second <= syns, f"{cost.syns_per_second} SYNs in one second")


CASES = [(pair.name, lambda pair=pair, birthday=birthday: polite(pair, birthday))
         for pair, birthday in politeness.PAIRS]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 2))
