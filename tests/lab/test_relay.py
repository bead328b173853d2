#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The relay: pairs that no direct way connects are relayed, and told why; pairs that have one never
are. What goes through arrives whole, ends are passed on, limits hold, and nothing that happens to
one relay touches another."""
import contextlib
import hashlib
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
import test_pairs  # noqa: E402
from peers import check, same  # noqa: E402

HARD = {"a": "symmetric-random", "b": "symmetric-random"}
EASY = {"a": "eim-drop", "b": "eim-rst"}
RUNS = 50 if peers.LONG else 3  # of each start
MIB = 1 << 20
AT_ONCE = int(os.environ.get("HOP_LABS", "3"))


class Site:
    """A lab with a server, and two ends by one ticket."""

    def __init__(self, *serve, sites=None, delay_ms=25):
        self.net = peers.Lab(delay_ms=delay_ms, **(sites or HARD))
        self.serve = serve
        self.open = contextlib.ExitStack()

    def __enter__(self):
        self.open.enter_context(self.net)
        self.server = self.open.enter_context(peers.serve(self.net, *self.serve))
        self.ticket = peers.ticket()
        return self

    def __exit__(self, *_):
        self.open.close()

    def listen(self, *words, **more):
        return self.open.enter_context(
            peers.Peer(self.net, "a", "listen", self.ticket, *words, **more))

    def connect(self, *words, **more):
        return self.open.enter_context(
            peers.Peer(self.net, "b", "connect", self.ticket, *words, **more))

    def over(self, count=1):
        """The relays that the server says are over."""
        self.server.wait_event("relay_end", count)
        return self.server.events("relay_end")


def told_why(peer, words):
    end = peer.event("established")
    same(end["route"], "relayed", f"route of {peer}")
    check(words in end["reason"], f"reason of {peer}: {end['reason']}")
    same(end["encrypted"], True, "encrypted")
    check("relay" in [event["type"] for event in peer.events("candidate")], peer.story())


def failed(peer, words, status=5):
    peer.expect(status)
    report = "\n".join(peer.event("failed")["report"])
    same(peer.event("failed")["error"], "NO_PATH", f"error of {peer}")
    check(words in report, f"report of {peer}: {report}")


def hard_pair(one, other):
    """All runs come through, by the relay."""
    def run():
        cell = test_pairs.Cell((), a=one, b=other)
        failures = []
        with cell:
            for number in range(2 * RUNS):
                hosts = ("a", "b") if number % 4 < 2 else ("b", "a")
                later_s = 0 if number % 2 == 0 else test_pairs.random.uniform(0, 1)
                try:
                    ends = cell.run(later_s, hosts)
                    same([end["route"] for end in ends], ["relayed"] * 2, "routes")
                    # Who listens may hear of the peer's NAT a moment too late.
                    check("no direct way is known" in ends[1]["reason"], ends[1]["reason"])
                    check(ends[0]["reason"] in (ends[1]["reason"], "the peer chose it"),
                          ends[0]["reason"])
                except AssertionError as error:
                    failures.append(f"{error}; {cell.story}")
            test_pairs.tell_medians(f"{one} x {other}, relayed", cell, 2 * RUNS)
            ends = [event["end"] for event in cell.server.events("relay_end")]
            check(set(ends) <= {"done"}, f"ends: {ends}")
            same(len(cell.server.events("relay_start")), 2 * RUNS, "relays begun")
        check(not failures, f"{len(failures)} of {2 * RUNS} failed; the first: {failures[:1]}")
    return f"{one} x {other} is relayed", run


def easy_pair(one, other, route):
    """Never a relay where there is a direct way."""
    def is_direct(ends):
        return all(end["route"] == route for end in ends)

    def run():
        cell = test_pairs.Cell((), a=one, b=other)
        with cell:
            for number in range(2 * RUNS):
                later_s = 0 if number % 2 == 0 else test_pairs.random.uniform(0, 1)
                # A direct way that is late is overtaken by the relay, and who is late may be us.
                for end in peers.undisturbed(
                        lambda later_s=later_s: cell.run(later_s, ("a", "b")), is_direct):
                    same(end["route"], route, f"route ({cell.story})")
                    check("reason" not in end, f"{end}")
            test_pairs.tell_medians(f"{one} x {other}, direct", cell, 2 * RUNS)
            overtaken = len(cell.tcp_ms) // 2 - 2 * RUNS
            used = [event for event in cell.server.events("relay_end") if event["end"] != "unused"]
            check(len(used) <= overtaken, f"relays that were used: {used}")
    return f"{one} x {other} is not relayed", run


def only():
    """Either side, or both, may want nothing but the relay; and neither address is told."""
    with Site(sites=EASY) as site:
        for listen, connect in ((("--relay", "only"), ()), ((), ("--relay", "only")),
                                (("--relay", "only"), ("--relay", "only"))):
            said = [peers.token("a"), peers.token("b")]
            listener = site.listen(*listen, data=said[0])
            connector = site.connect(*connect, data=said[1])
            for peer, theirs, mine in ((listener, said[1], listen), (connector, said[0], connect)):
                peer.expect(0)
                same(peer.output(), theirs, f"what came to {peer}")
                told_why(peer, "nothing else is wanted" if mine else "the peer wants nothing else")
            for peer, other in ((listener, "b"), (connector, "a")):
                check(not [note for note in peer.events("note") if "dials" in note["text"]],
                      peer.story())
                check(site.net.address(other) not in peer.text(), peer.story())
        for end in site.over(3):
            same(end["end"], "done", f"{end}")


def never():
    with Site() as site:
        listener = site.listen()
        connector = site.connect("--relay", "never", "--timeout", "4")
        failed(connector, "no direct way is known")
        said = [event["text"] for event in connector.events("note")]
        check(not any("relay" in text for text in said), connector.story())
        same(site.server.events("relay_start"), [], "relays")
        listener.kill()


def the_peer_will_not():
    """Only one side asks: it is told that the other has not."""
    with Site() as site:
        site.listen("--relay", "never")
        failed(site.connect("--timeout", "4"), "the peer has not come there")
        started = time.monotonic()
        connector = site.connect("--relay", "only", "--timeout", "4")
        failed(connector, "the peer has not come there")
        check(time.monotonic() - started < peers.HANG_S, "hangs")


def server_off():
    with Site("--relay", "off") as site:
        listener = site.listen()
        failed(site.connect("--timeout", "4"), "the server does not relay")
        # Nothing else is wanted, so nothing is waited for.
        connector = site.connect("--relay", "only", "--timeout", "100")
        failed(connector, "the server does not relay")
        same(site.server.events("relay_start"), [], "relays")
        check(403 in [event["code"] for event in site.server.events("refusal")],
              site.server.story())
        listener.kill()


def whole(*words):
    """What goes in at one end comes out at the other, both ways at once."""
    size = 64 * MIB

    def run():
        data = [os.urandom(MIB) * (size // MIB) for _ in "ab"]
        with Site(delay_ms=1) as site:
            # A pipe holds what a side has to say; a thread of the runner feeds it.
            listener = site.listen(*words, keep_stdin=True)
            connector = site.connect(*words, keep_stdin=True)
            feeders = [threading.Thread(target=lambda p=p, d=d: (p.say(d), p.end_stdin()))
                       for p, d in zip((listener, connector), data)]
            for feeder in feeders:
                feeder.start()
            for feeder in feeders:
                feeder.join()
            for peer, theirs in ((listener, data[1]), (connector, data[0])):
                peer.expect(0)
                same(peer.event("established")["route"], "relayed", "route")
                got = os.fstat(peer._out.fileno()).st_size  # pylint: disable=protected-access
                same(got, size, f"size at {peer}")
                digest = hashlib.sha256()
                peer._out.seek(0)  # pylint: disable=protected-access
                for part in iter(lambda: peer._out.read(MIB), b""):  # noqa: B023
                    digest.update(part)
                same(digest.hexdigest(), hashlib.sha256(theirs).hexdigest(), f"bytes at {peer}")
            end = site.over()[0]
            same(end["end"], "done", f"{end}")
            check(min(end["moved"], end["listener_moved"]) >= size, f"{end}")
    return run


def half_close(*words):
    """One side's end is passed on while the other goes on speaking."""
    def run():
        with Site() as site:
            listener = site.listen("--exec", "wc -c; sleep 0.5; echo last", "--count", "1", *words)
            connector = site.connect(*words, data=b"x" * 5000)
            for peer in (connector, listener):
                peer.expect(0)
            same(connector.output().split(), [b"5000", b"last"], "answer")
            same(site.over()[0]["end"], "done", "end")
    return run


def room_limit():
    """A ticket has its share of relays, and one that ends makes room."""
    with Site("--relay-room-max", "1") as site:
        site.listen("--exec", "cat", "--relay", "only")
        first = site.connect(keep_stdin=True)
        first.wait_event("established")
        failed(site.connect("--timeout", "4"), "the server has no place for one more")
        first.end_stdin()
        first.expect(0)
        site.over()
        second = site.connect(data=b"again")
        second.expect(0)
        same(second.output(), b"again", "echo")


def idle():
    """A relay that moves nothing is ended, and nobody takes that for a good end."""
    for words in ((), ("--plain",)):
        with Site("--relay-idle", "1") as site:
            listener = site.listen(*words, keep_stdin=True)
            connector = site.connect(*words, keep_stdin=True)
            for peer in (listener, connector):
                peer.wait_event("closed")
                peer.end_stdin()
                peer.expect(7)
            same(site.over()[0]["end"], "idle", "end")


def server_dies(*words):
    def run():
        with Site() as site:
            listener = site.listen(*words, keep_stdin=True)
            connector = site.connect(*words, keep_stdin=True)
            for peer in (listener, connector):
                peer.wait_event("established")
            site.server.process.send_signal(signal.SIGKILL)
            for peer in (listener, connector):
                peer.wait_event("closed")
                peer.end_stdin()
                peer.expect(7)
    return run


def peer_dies():
    """The other side hears of it as of a broken connection."""
    with Site() as site:
        listener = site.listen("--plain", keep_stdin=True)
        connector = site.connect("--plain", keep_stdin=True)
        for peer in (listener, connector):
            peer.wait_event("established")
        site.net.run("b", ["true"])
        connector.process.send_signal(signal.SIGINT)
        listener.wait_event("closed")
        listener.end_stdin()
        listener.expect(7)
        same(site.over()[0]["end"], "broken", "end")


def stuck():
    """A side that does not read holds up its own relay and no other; it gets all of it later."""
    size = 8 * MIB
    with Site(delay_ms=1) as site:
        go = f"/tmp/hop-relay-go-{os.getpid()}"
        site.open.callback(lambda: os.path.exists(go) and os.unlink(go))
        site.listen("--exec", f"while [ ! -e {go} ]; do sleep 0.05; done; wc -c")
        slow = site.connect(keep_stdin=True)
        feeder = threading.Thread(target=lambda: (slow.say(bytes(size)), slow.end_stdin()))
        feeder.start()
        slow.wait_event("established")
        other = peers.ticket()
        data = os.urandom(MIB)
        with peers.Peer(site.net, "a", "listen", other, data=b"") as listener, \
                peers.Peer(site.net, "b", "connect", other, keep_stdin=True) as connector:
            connector.say(data)
            connector.end_stdin()
            for peer in (connector, listener):
                peer.expect(0)
            same(listener.output(), data, "bytes beside a stuck relay")
        check(slow.process.poll() is None, slow.story())
        with open(go, "w", encoding="ascii"):
            pass
        feeder.join()
        slow.expect(0)
        same(slow.output().strip(), str(size).encode(), "bytes of the stuck one")


def rate():
    """Two relays share the bound, and neither gets more than its half while both want more."""
    size = MIB
    with Site("--relay-rate", "500K", delay_ms=1) as site:
        site.listen("--exec", "cat >/dev/null; echo done")
        started = time.monotonic()
        ends = [site.connect(keep_stdin=True) for _ in range(2)]
        feeders = [threading.Thread(target=lambda p=p: (p.say(bytes(size)), p.end_stdin()))
                   for p in ends]
        for feeder in feeders:
            feeder.start()
        for feeder in feeders:
            feeder.join()
        for peer in ends:
            peer.expect(0)
            same(peer.output(), b"done\n", "answer")
        # 2 MiB at 500 kB/s, and no faster: at least so long, however slow this machine is.
        check(time.monotonic() - started > 0.9 * 2 * size / 500e3, "faster than the bound")
        lasted = sorted(end["lasted_ms"] for end in site.over(2))
        check(lasted[0] > 0.6 * lasted[1], f"one had to wait for the other: {lasted}")


def rubbish():
    """What is no relay request of this room gets none, and the server goes on."""
    with Site(sites={"a": "public", "b": "public"}) as site:
        talk = ("import socket; s = socket.create_connection(('203.0.113.1', 3478));"
                "s.sendall(bytes.fromhex('%s')); s.settimeout(5); print(s.recv(100).hex())")
        method = f"{(0x0F5 & 0xF) | (0x0F5 & 0x70) << 1 | (0x0F5 & 0xF80) << 2:04x}"
        done = site.net.run("b", [sys.executable, "-c",
                                  talk % (method + "0000" + "2112a442" + "00" * 12)])
        check(done.stdout.startswith(f"{int(method, 16) | 0x0110:04x}"), done.stdout + done.stderr)
        check(400 in [event["code"] for event in site.server.events("refusal")],
              site.server.story())
        listener = site.listen("--relay", "only", data=b"1")
        connector = site.connect(data=b"2")
        for peer in (listener, connector):
            peer.expect(0)


CASES = [hard_pair("symmetric-random", "symmetric-random"),
         hard_pair("symmetric-random", "symmetric-seq")]
CASES += [easy_pair(*pair) for pair in (
    ("eim-drop", "eim-rst", "punched"), ("public", "symmetric-random", "direct"),
    ("preserving-rst", "preserving-rst", "punched"), ("symmetric-seq", "eim-rst", "punched"),
    ("symmetric-seq", "symmetric-seq", "punched"), ("symmetric-random", "eim-drop", "punched"),
    ("preserving-drop", "fullcone", "punched"), ("firewall", "carrier", "direct"),
    ("carrier", "preserving-nofilter", "punched"), ("user,remap=10000", "eim-drop", "punched"))]
CASES += [("only the relay", only), ("never", never), ("the peer will not", the_peer_will_not),
          ("a server that does not relay", server_off),
          ("64 MiB each way", whole()), ("64 MiB each way, plain", whole("--plain")),
          ("half-close", half_close()), ("half-close, plain", half_close("--plain")),
          ("a room's share", room_limit), ("idle", idle), ("the server dies", server_dies()),
          ("the server dies, plain", server_dies("--plain")), ("a side dies", peer_dies),
          ("a stuck relay", stuck), ("the rate", rate), ("rubbish", rubbish)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, AT_ONCE))
