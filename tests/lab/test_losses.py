#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The first packets of the handshake between the peers get lost, and one side is late: still
connected, through every pair of NATs that drop or refuse. (A lost SYN-ACK can leave one side
half-open while its own NAT refuses all that the other side sends.)"""
import itertools
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

KINDS = ["preserving-drop", "preserving-rst", "preserving-nofilter", "eim-drop", "eim-rst",
         "carrier"]
LOST = {"SYN": "syn", "SYN-ACK": "(syn | ack)", "ACK": "ack"}
LATE_MS = 45  # the late one's START comes so much later than the server thinks
SECONDS = ("--timeout", "6")  # enough, unless the two sides stand in each other's way


def lose(net, site, flags, count):
    """The first packets with these flags from that site to anybody but the server are lost, after
    its NAT has seen them."""
    rules = f"""
    table ip lose {{
     chain go {{ type filter hook postrouting priority 310;
      oifname "wan" tcp dport != 3478 tcp flags & (syn | ack | rst) == {flags} jump first
     }}
     chain first {{
      numgen inc mod 65536 < {count} counter drop
     }}
    }}"""
    done = net.run(site + "-router", ["nft", "-f", "-"], input=rules)
    check(done.returncode == 0, done.stderr)


def forgive(net, site):
    net.run(site + "-router", ["nft", "delete", "table", "ip", "lose"])


def attempt(net, ticket, site, flags, count, late):
    said = [peers.token("a"), peers.token("b")]
    net.change(delays={"a-server": 25, "b-server": 25})
    net.flush()
    lose(net, site, flags, count)
    try:
        with peers.Peer(net, "a", "listen", ticket, *SECONDS, data=said[0]) as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "b", "connect", ticket, *SECONDS, data=said[1]) as connector:
                connector.wait_event("candidate")
                time.sleep(0.07)  # about when the knock is under way
                net.change(delays={late + "-server": 25 + LATE_MS})
                check(connector.status() == 0 and listener.status() == 0,
                      f"connector: {connector.story()} // listener: {listener.story()}")
                same([connector.output(), listener.output()], said, "what was exchanged")
                return listener.event("established")["tcp_ms"]
    finally:
        forgive(net, site)


def losses(one, other):
    with peers.Lab(a=one, b=other) as net, peers.serve(net):
        ticket = peers.ticket()
        trials = list(itertools.product("ab", LOST, (1, 2), "ab"))
        worst = 0
        for site, packet, count, late in trials if peers.LONG else random.sample(trials, 6):
            try:
                worst = max(worst, attempt(net, ticket, site, LOST[packet], count, late))
            except AssertionError as error:
                what = f"{count} {packet} of {site} lost, {late} late"
                raise AssertionError(f"{what}: {error}") from None
    peers.tell(f"# {one} x {other}: at worst connected after {worst:.0f} ms")


PAIRS = list(itertools.combinations_with_replacement(KINDS, 2))
CASES = [(f"losses {one} x {other}", lambda one=one, other=other: losses(one, other))
         for one, other in PAIRS]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 4))
