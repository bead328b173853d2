#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Nothing stray: whoever does not hold the ticket gets nothing, stops nobody and leaves nothing
behind, at a listener, at the server, or as the server itself."""
import contextlib
import os
import random
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
import strangers  # noqa: E402
from peers import check, same  # noqa: E402

SECONDS = ("--timeout", "3", "--relay", "never")
FLOOD = 20000 if peers.LONG else 3000  # connections
HONEST = 5
STOPS = 40 if peers.LONG else 10


# --- strangers who call --------------------------------------------------------------------------


def half_hello():
    return strangers.hello()[:random.randrange(1, 56)]


LISTENER_WORDS = [lambda: b"", lambda: os.urandom(random.randrange(1, 200)), half_hello,
                  strangers.hello, lambda: strangers.hello(3, 1),
                  lambda: b"GET / HTTP/1.0\r\n\r\n" * 9]


def huge():
    return struct.pack("!HHI", 0x0001, 0xFFFC, strangers.COOKIE) + os.urandom(300)


def binding():
    return strangers.message(strangers.REQUEST, 0x001, [])


def unsigned():
    now = struct.pack("!Q", int(time.time() * 1000))
    return strangers.message(strangers.REQUEST, random.choice((0x0F1, 0x0F2)), [
        (strangers.ROOM, os.urandom(32)), (strangers.TIME, now),
        (strangers.DESCRIPTION, os.urandom(120)), (strangers.NONCES, os.urandom(128)),
        (0x7E09, os.urandom(64))])


def mangled():
    data = bytearray(unsigned())
    for _ in range(random.randrange(1, 9)):
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


SERVER_WORDS = [lambda: b"", lambda: os.urandom(random.randrange(1, 2000)), huge, unsigned, mangled,
                lambda: binding()[:random.randrange(1, 20)], lambda: binding() * 50]


class Flood:
    """Connects again and again from one host, in batches, says something and stays a while."""

    def __init__(self, net, where, target, words, count, batch=100):
        self._net, self._where, self._target = net, where, target
        self._words, self._count, self._batch = words, count, batch
        self.connected, self.heard, self._stop = 0, b"", False

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop = True
        self._thread.join()

    def finish(self):
        self._thread.join(peers.HANG_S)
        check(not self._thread.is_alive(), "the flood does not end")

    def _run(self):
        family = socket.AF_INET6 if ":" in self._target[0] else socket.AF_INET
        before = []
        while self.connected < self._count and not self._stop:
            batch = [self._net.socket(self._where, family) for _ in range(self._batch)]
            for one in batch:
                one.setblocking(False)
                one.connect_ex(self._target)
            select.select([], batch, [], 0.2)
            time.sleep(0.06)
            for one in batch:
                with contextlib.suppress(OSError):
                    one.send(random.choice(self._words)())
                    self.connected += 1
            self._leave(before)  # those of the last batch stay meanwhile
            before = batch
        self._leave(before)

    def _leave(self, batch):
        for one in batch:
            with contextlib.suppress(OSError):
                self.heard += one.recv(4096)
            if random.random() < 0.5:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()


def settled(peer, files):
    """Waits until a program has no more descriptors than it had."""
    peers.wait_for(lambda: len(peer.open_files()) <= len(files),
                   lambda: f"{peer} to close what it opened: {files} became {peer.open_files()}")


def met(net, where, ticket, listener, number):
    """One honest connection: the connector's bytes arrive at the listener."""
    said = peers.token(f"{where} {number}")
    with peers.Peer(net, where, "connect", ticket, data=said) as connector:
        connector.expect(0)
    peers.wait_for(lambda: said in listener.output(), f"the bytes of connector {number}")


def flooded_listener():
    """Thousands call a listener and know nothing; who holds the ticket is served meanwhile."""
    with peers.Lab(a="public", b="eim-drop", c="public") as net, peers.serve(net):
        ticket, secret = peers.ticket(), peers.token("a")
        with peers.Peer(net, "a", "listen", ticket, "--count", "99", data=secret) as listener:
            listener.wait_event("listening")
            port = peers.port_of(listener.wait_event("candidate")["address"])
            met(net, "b", ticket, listener, 0)
            listener.wait_event("closed")
            before = listener.open_files()
            with Flood(net, "c", (net.address("a"), port), LISTENER_WORDS, FLOOD) as flood:
                for number in range(1, HONEST + 1):
                    met(net, "b", ticket, listener, number)
                flood.finish()
            same(flood.heard, b"", "what strangers were told")
            settled(listener, before)
            same(len(listener.events("established")), HONEST + 1, "connections")
            met(net, "b", ticket, listener, HONEST + 1)


def flooded_server():
    """The same at the server's port; its idle strangers are sent away."""
    with peers.Lab(a="eim-rst", b="eim-drop", c="public") as net, peers.serve(net) as server:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, "--count", "99") as listener:
            listener.wait_event("listening")
            met(net, "b", ticket, listener, 0)
            time.sleep(0.2)
            before = server.open_files()
            with Flood(net, "c", (peers.SERVER, 3478), SERVER_WORDS, FLOOD) as flood:
                for number in range(1, HONEST + 1):
                    met(net, "b", ticket, listener, number)
                flood.finish()
            check(len(flood.heard) > 0, "not one answer to all those Binding requests")
            settled(server, before)
            met(net, "b", ticket, listener, HONEST + 1)


def silent_and_slow_at_the_server():
    """Who says nothing is sent away; who speaks slowly is understood."""
    with peers.Lab(a="public") as net, peers.serve(net) as server:
        before = server.open_files()
        silent = [net.socket("a") for _ in range(20)]
        for one in silent:
            one.connect((peers.SERVER, 3478))
            one.settimeout(peers.HANG_S)
        with net.socket("a") as slow:
            slow.connect((peers.SERVER, 3478))
            slow.settimeout(peers.HANG_S)
            for byte in binding():
                slow.sendall(bytes([byte]))
                time.sleep(0.01)
            kind, _, _, attributes, _ = strangers.read_message(slow.recv(4096))
            same(kind, strangers.SUCCESS, "answer to a slow Binding request")
            seen = strangers.pack_address(*slow.getsockname())
            same(attributes[strangers.MAPPED], seen, "mapping")
        for one in silent:
            same(one.recv(1), b"", "what a silent client is told")
            one.close()
        settled(server, before)


# --- what was overheard --------------------------------------------------------------------------


def say(net, where, target, data):
    """Connects, says it, hears what there is to hear until the end or silence for a while."""
    with net.socket(where) as one:
        one.settimeout(2)
        heard = b""
        with contextlib.suppress(OSError):
            one.connect(target)
            one.sendall(data)
            while more := one.recv(4096):
                heard += more
        return heard


def answer_to(net, where, target, data):
    """Says it to a server, and takes its answer."""
    with net.socket(where) as one:
        one.settimeout(peers.HANG_S)
        one.connect(target)
        one.sendall(data)
        heard = b""
        while not strangers.read_message(heard):
            more = one.recv(4096)
            check(more, f"the end instead of an answer to {data}")
            heard += more
        return strangers.read_message(heard)


def replays():
    """All that two honest peers said is said again, by somebody else: the server refuses it, and
    no bytes of a link make another link."""
    with peers.Lab(a="public", b="public", c="public") as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, "--count", "99") as listener, \
                strangers.Ears(net, "b") as b_ears, strangers.Ears(net, "a") as a_ears:
            listener.wait_event("listening")
            port = peers.port_of(listener.wait_event("candidate")["address"])
            met(net, "b", ticket, listener, 0)
            server, target = (peers.SERVER, 3478), (net.address("a"), port)
            for ears, method in (a_ears, strangers.REGISTER), (b_ears, strangers.KNOCK):
                spoken = ears.stream(target_port=3478)
                same(strangers.read_message(spoken)[1], method, "what was overheard")
                kind, _, _, attributes, _ = answer_to(net, "c", server, spoken)
                code = strangers.error_code(attributes)
                same((kind, code), (strangers.ERROR, 439), "the refusal")
            time.sleep(0.2)
            same(len(listener.events("peer")), 1, "attempts of the listener")
            links = {who: ears.stream(starts=b"HOPC", target_port=wanted)
                     for who, ears, wanted in (("b", b_ears, port), ("a", a_ears, None))}
            for who, spoken in links.items():
                check(len(spoken) >= 112, f"the link's words of {who}: {spoken}")
                for _ in range(3):
                    same(say(net, "c", target, spoken), b"", f"answer to the words of {who}")
            _replay_meanwhile(net, ticket, listener, target, links["b"])
            same(len(listener.events("established")), 2, "connections of the listener")
            _replay_as_listener(net, ticket, listener, a_ears, port)


def _replay_meanwhile(net, ticket, listener, target, spoken):
    """Recorded words arrive again and again while the next attempt is under way."""
    before = listener.open_files()
    with Flood(net, "c", target, [lambda: spoken], 1 << 30, batch=20):
        time.sleep(0.2)
        met(net, "b", ticket, listener, 1)
    settled(listener, before)


def _replay_as_listener(net, ticket, listener, ears, port):
    """Somebody takes the listener's address and says what the listener said the last time."""
    spoken = [data for name, data in ears.streams().items()
              if name[1] == port and name[3] != 3478 and data.startswith(b"HOPC")]
    check(spoken and len(spoken[-1]) >= 112, f"the listener's words: {spoken}")
    secret = peers.token("b")
    with strangers.Impostor(net, "a", lambda _: spoken[-1]) as someone, \
            strangers.taken_over(net, "a", net.public("b")), \
            peers.Peer(net, "b", "connect", ticket, *SECONDS, data=secret) as connector:
        connector.expect(6)
        same(connector.event("failed")["error"], "IMPOSTOR", "error")
        listener.wait_event("failed")
    check(someone.count > 0, "nobody called the impostor")
    check(not any(secret in heard for heard in someone.heard), "the impostor got the payload")


# --- a server that lies --------------------------------------------------------------------------


def _trickle(one):
    one.sendall(struct.pack("!HHI", 0x0111, 1376, strangers.COOKIE) + os.urandom(12))
    for _ in range(40):
        one.sendall(b"\0")
        time.sleep(0.05)


def _drown(one):
    for _ in range(200):
        one.sendall(os.urandom(65536))


def _hang_up(one):
    one.shutdown(socket.SHUT_RDWR)


def _start(*attributes):
    return lambda one: one.sendall(strangers.message(
        strangers.INDICATION, strangers.START, list(attributes)) * 3)


def _twice_answered(one):
    one.sendall(strangers.message(strangers.SUCCESS, strangers.KNOCK, [
        (strangers.MAPPED, strangers.pack_address("192.0.2.1", 5000))]) * 100)


ROLES = [(strangers.ROLE, struct.pack("!I", role)) for role in (1, 2)]
FULL = [(strangers.DELAY, bytes(4)), (strangers.RTT, bytes(4)),
        (strangers.PEER_ADDRESS, strangers.pack_address("192.0.2.1", 5000)),
        (strangers.DESCRIPTION, os.urandom(100)), (strangers.NONCES, os.urandom(16))]
LIES = {
    "noise": dict(answer=lambda one: one.sendall(os.urandom(5000))),
    "another protocol": dict(answer=lambda one: one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    "a huge length": dict(answer=lambda one: one.sendall(huge())),
    "a message that never ends": dict(answer=_trickle),
    "a flood": dict(answer=_drown),
    "hanging up": dict(answer=_hang_up),
    "START with nothing in it": dict(answer=_start()),
    "START before anything, to the knocker": dict(answer=_start(ROLES[0], *FULL)),
    "START before anything, to the listener": dict(answer=_start(ROLES[1], *FULL)),
    "START with a short nonce": dict(
        answer=_start(ROLES[1], *FULL[:4], (strangers.NONCES, b"short"))),
    "both control": dict(roles=(1, 1)),
    "nobody controls": dict(roles=(2, 2)),
    "roles the wrong way round": dict(roles=(2, 1)),
    "a role that there is not": dict(roles=(7, 7)),
    "a nonce of its own": dict(nonce=os.urandom(16)),
    "a broken seal": dict(describe=lambda sealed, _: sealed[:-1] + bytes([sealed[-1] ^ 1])),
    "noise for a description": dict(describe=lambda *_: os.urandom(90)),
    "no description": dict(describe=lambda *_: b""),
}


def lied_to(lie):
    """The connector ends with an error, a listener that was registered goes on; once the server is
    an honest one they meet."""
    with peers.Lab(a="eim-drop", b="eim-rst") as net:
        ticket = peers.ticket()
        words = ("listen", ticket)
        with contextlib.ExitStack() as stack:
            with strangers.Server(net, **lie) as liar:
                listener = stack.enter_context(peers.Peer(net, "a", *words, data=b"from a\n"))
                peers.wait_for(liar.has_listener, "the listener's call")
                with peers.Peer(net, "b", "connect", ticket, *SECONDS) as connector:
                    status = connector.status()
                    check(status in (1, 3, 4, 5, 6), f"status {status}: {connector.story()}")
                    check(connector.event("failed")["advice"], "no advice")
                    same(connector.output(), b"", "stdout")
                same(listener.events("established"), [], "connections")
            # An error of the first call is one at once; who was registered once goes on.
            peers.wait_for(lambda: listener.process.poll() is not None
                           or listener.events("listening"), listener.story)
            with peers.serve(net) as server:
                if not listener.events("listening"):
                    check(listener.status() in (1, 3), listener.story())
                    listener = stack.enter_context(peers.Peer(net, "a", *words, data=b"from a\n"))
                # It may be pausing for longer than a connector waits.
                peers.wait_for(lambda: server.events("register"),
                               lambda: f"the listener's return: {listener.story()}")
                with peers.Peer(net, "b", "connect", ticket, data=b"from b\n") as connector:
                    same((connector.expect(0).output(), listener.expect(0).output()),
                         (b"from a\n", b"from b\n"), "what was exchanged")


def answers_that_nobody_asked_for():
    """They are passed over."""
    with peers.Lab(a="eim-drop", b="eim-rst") as net, strangers.Server(net, answer=_twice_answered):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, data=b"from a\n") as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "b", "connect", ticket, data=b"from b\n") as connector:
                same((connector.expect(0).output(), listener.expect(0).output()),
                     (b"from a\n", b"from b\n"), "what was exchanged")


FORBIDDEN = [("127.0.0.1", 5000), ("127.8.8.8", 5000), ("0.0.0.0", 5000), ("0.1.2.3", 5000),
             ("224.0.0.5", 5000), ("239.255.255.250", 5000), ("255.255.255.255", 5000),
             ("240.1.2.3", 5000), ("169.254.169.254", 5000), ("192.0.2.9", 22), ("192.0.2.9", 1023),
             ("192.0.2.9", 0), ("10.9.9.9", 5000), ("172.16.9.9", 5000), ("192.168.99.9", 5000),
             ("100.64.9.9", 5000)]
FORBIDDEN6 = [("::1", 5000), ("::", 5000), ("ff02::1", 5000), ("fe80::1", 5000), ("fd00::9", 5000),
              ("::ffff:127.0.0.1", 5000), ("::ffff:10.9.9.9", 5000), ("::127.0.0.1", 5000),
              ("2001:db8:9::9", 25)]
ALLOWED = ("192.0.2.9", 5000)  # nobody is there


def _dialled(net, address):
    """Whom the two sides dial when a server claims to see both of them there."""
    ticket = peers.ticket()
    with strangers.Server(net, observed=address), strangers.Ears(net, "a") as a_ears, \
            strangers.Ears(net, "b") as b_ears, \
            peers.Peer(net, "a", "listen", ticket) as listener:
        listener.wait_event("listening")
        with peers.Peer(net, "b", "connect", ticket) as connector:
            connector.expect(0)  # the description is true
        listener.expect(0)
        time.sleep(0.1)
    return [{name[2:] for name in ears.syns} for ears in (a_ears, b_ears)]


def lured_by_the_server():
    """A server that lies about the peer's address makes nobody dial what must not be dialled."""
    with peers.Lab(a="public", b="eim-drop") as net:
        for address in FORBIDDEN:
            for dialled in _dialled(net, address):
                check(address not in dialled, f"{address} among {dialled}")
        # The lie is read. (A side to which the other one comes before it has woken up dials
        # nobody any more: then once more.)
        found = next((one for one in (_dialled(net, ALLOWED) for _ in range(5))
                      if all(ALLOWED in dialled for dialled in one)), None)
        check(found, "in five runs one side never dialled whom it may")


def lured_by_the_peer():
    """Nor does a description, though whoever wrote it holds the ticket."""
    bait = [strangers.candidate(*address) for address in FORBIDDEN + FORBIDDEN6]
    allowed = strangers.candidate(*ALLOWED)
    with peers.Lab(a="public,v6=open", b="eim-drop,v6=open") as net:
        ticket = peers.ticket()
        key = strangers.seal_key(ticket)
        for first in range(0, len(bait), 7):
            seven = bait[first:first + 7]

            def describe(_, use, seven=seven):
                plain = strangers.describe(seven + [allowed], os.urandom(16))
                return strangers.seal(plain, key, use)

            with strangers.Server(net, describe=describe, observed=ALLOWED), \
                    strangers.Ears(net, "a") as a_ears, strangers.Ears(net, "b") as b_ears, \
                    peers.Peer(net, "a", "listen", ticket, *SECONDS) as listener:
                listener.wait_event("listening")
                with peers.Peer(net, "b", "connect", ticket, *SECONDS) as connector:
                    connector.expect(5)
                listener.wait_event("failed")
            for ears in (a_ears, b_ears):
                dialled = {name[2:] for name in ears.syns}
                check(ALLOWED in dialled, f"the description was not read: {dialled}")
                servers = {(peers.SERVER, 3478), (peers.SERVER, 3479)}
                same(dialled - {ALLOWED} - servers, set(), "addresses dialled")


# --- a peer that falls silent --------------------------------------------------------------------


def _stopped(net, ticket, who, moment_s):
    """One side stops at a moment and goes on much later: both hold one connection or none does."""
    said = {"a": peers.token("a"), "b": peers.token("b")}
    with peers.Peer(net, "a", "listen", ticket, "--no-portmap", *SECONDS,
                    data=said["a"]) as listener:
        listener.wait_event("listening")
        before = listener.open_files()
        with peers.Peer(net, "b", "connect", ticket, *SECONDS, data=said["b"]) as connector:
            stopped, other = (listener, connector) if who == "a" else (connector, listener)
            time.sleep(moment_s)
            stopped.process.send_signal(19)
            story = f"{who} stopped after {moment_s * 1000:.0f} ms"
            try:
                _other_side(other, story)
            finally:
                stopped.process.send_signal(18)
            status = connector.status()
            story += f": {connector.story()} // {listener.story()}"
            if status == 0:
                same(listener.status(), 0, story)
                same((connector.output(), listener.output()), (said["a"], said["b"]), story)
                return
            check(status in (3, 4, 5, 7), f"status {status}: {story}")
            if listener.events("established"):
                same(listener.status(), 7, story)
            else:
                peers.wait_for(lambda: len(listener.open_files()) <= len(before),
                               f"the listener to close what it opened: {story}")
                check(listener.process.poll() is None, f"the listener ended: {story}")


def _other_side(other, story):
    """It ends by itself, or is connected to a peer that is alive but says nothing, or (a listener
    that never heard of the peer) waits. The deadline is that of the time-out and the handshake."""
    def over():
        attempts = len(other.events("peer"))
        ended = len(other.events("failed", "established"))
        waits = other.words[0] == "listen" and time.monotonic() > end and attempts == 0
        return other.process.poll() is not None or waits or 0 < attempts <= ended
    end = time.monotonic() + 4
    peers.wait_for(over, lambda: f"{other} to end: {story}: {other.story()}", 40)


def stopped(number):
    with peers.Lab(a="eim-rst", b="eim-drop") as net, peers.serve(net):
        for run in range(number, STOPS, 5):
            _stopped(net, peers.ticket(), "ab"[run % 2], random.uniform(0.03, 0.35))


CASES = [("replays", replays), ("a flooded listener", flooded_listener),
         ("a flooded server", flooded_server),
         ("silent and slow at the server", silent_and_slow_at_the_server),
         ("answers that nobody asked for", answers_that_nobody_asked_for),
         ("lured by the server", lured_by_the_server), ("lured by the peer", lured_by_the_peer)]
CASES += [(f"stopped {number}", lambda number=number: stopped(number)) for number in range(5)]
CASES += [(f"lied to: {name}", lambda lie=lie: lied_to(lie)) for name, lie in LIES.items()]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 4))
