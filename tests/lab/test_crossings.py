#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Both ends hold the same connection, or both fail with a reason: never one without the other.

Many attempts through random NATs over random wires. What the server believes of the wire is made
wrong: delays change between registering and knocking, packets are lost, one side is stopped for a
moment; so the SYNs cross, miss each other, and are repeated at all kinds of moments. (A thousand
crossings on one machine are in tests/api.)"""
import contextlib
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

KINDS = ["public", "firewall", "preserving-drop", "preserving-rst", "preserving-nofilter",
         "eim-drop", "eim-rst", "fullcone", "carrier"]
EACH = 10  # attempts in one lab
LABS = 20 if peers.LONG else 4
SEED = int(os.environ.get("HOP_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


def delays(chance):
    return {"a-server": chance.uniform(1, 80), "b-server": chance.uniform(1, 80),
            "a-b": chance.uniform(1, 60)}


@contextlib.contextmanager
def pause(peer, chance):
    """Stops it once, at a random moment of its call, for at most 300 ms."""
    time.sleep(chance.uniform(0, 0.3))
    if peer.process.poll() is None:
        peer.process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(chance.uniform(0, 0.3))
        yield
    finally:
        if peer.process.poll() is None:
            peer.process.send_signal(signal.SIGCONT)


def cross(net, ticket, chance):
    """One attempt; returns what became of it: connected, or how it failed."""
    said = [peers.token("a"), peers.token("b")]
    with peers.Peer(net, "a", "listen", ticket, "--timeout", "8", data=said[0]) as listener:
        listener.wait_event("listening")
        net.change(delays=delays(chance), seed=chance.randrange(1, 1 << 31))
        with peers.Peer(net, "b", "connect", ticket, "--timeout", "8", data=said[1]) as connector:
            if chance.random() < 0.5:
                with pause(chance.choice((listener, connector)), chance):
                    pass
            status = connector.status()
            return judge(listener, connector, status, said)


def judge(listener, connector, status, said):
    def story():
        return f"connector: {connector.story()} // listener: {listener.story()}"
    if status == 0:
        same(listener.status(), 0, story())
        same([connector.output(), listener.output()], said, story())
        return "connected"
    check(status in (4, 5, 7), lambda: f"status {status}: {story()}")
    check(connector.events("failed", "closed"), lambda: f"no reason: {story()}")
    if listener.events("established"):  # then it noticed at once that nobody is there
        same(listener.status(), 7, story())
        return "broken"
    check(listener.process.poll() is None, lambda: f"the listener ended: {story()}")
    if listener.events("peer"):
        listener.wait_event("failed")
    return connector.event("failed")["error"]


def crossings(number):
    chance = random.Random(SEED * 1000 + number)
    sites = {"a": chance.choice(KINDS), "b": chance.choice(KINDS)}
    loss = chance.choice((0, 0, 1, 3))
    name = f"lab {number} of HOP_SEED={SEED}: {sites['a']} x {sites['b']}, loss {loss} %"
    ends = {}
    with peers.Lab(delays=delays(chance), loss=loss, seed=number + 1, **sites) as net, \
            peers.serve(net):
        ticket = peers.ticket()
        for attempt in range(EACH):
            try:
                end = cross(net, ticket, chance)
            except AssertionError as error:
                raise AssertionError(f"{name}: attempt {attempt}: {error}") from None
            ends[end] = ends.get(end, 0) + 1
    peers.tell(f"# {name}: " + ", ".join(f"{end} {count}" for end, count in sorted(ends.items())))
    check(ends.get("connected", 0) > 0, f"{name}: none was connected, which proves nothing: {ends}")


CASES = [(f"crossings {number}", lambda number=number: crossings(number)) for number in range(LABS)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 4))
