# SPDX-License-Identifier: MIT
"""Looks at the wire of a lab: SYNs, what is said to the server, and the first words of each link.

A packet socket with a filter in the kernel, so that a payload of any size passes unseen and nothing
is slowed down. Each packet is seen twice: when it leaves a place, and when the wire delivers it.
"""
import contextlib
import ctypes
import socket
import struct
import threading

from dataclasses import dataclass, field

SERVER_PORT = 3478
SO_ATTACH_FILTER, SO_TIMESTAMPNS = 26, 35
ETH_P_ALL, PACKET_OUTGOING = 3, 4
SYN, RST, PSH, ACK = 2, 4, 8, 16
SMALL = 220  # IPv4 packets up to here may be a link's first words
COOKIE = 0x2112A442
METHODS = {0x001: "binding", 0x0F1: "register", 0x0F2: "knock", 0x0F3: "start", 0x0F4: "tell"}
CLASSES = ("request", "indication", "success", "error")
XOR_PEER_ADDRESS, XOR_MAPPED_ADDRESS, DELAY = 0x7E08, 0x0020, 0x7E06
WORDS = {1: "hello", 2: "confirm", 3: "nominate"}


@dataclass
class Sight:
    """One packet at one place."""
    at: float  # seconds of the kernel's clock
    place: str  # a, b, ... or server
    leaves: bool  # the place; else it arrives there
    source: tuple
    target: tuple
    flags: int
    sequence: int
    payload: bytes
    messages: list = field(default_factory=list)  # what of our protocol is in it: (name, detail)

    def is_syn(self):
        return self.flags & (SYN | ACK | RST) == SYN

    def is_syn_ack(self):
        return self.flags & (SYN | ACK) == SYN | ACK

    def same_packet(self, other):
        return (self.source[1], self.target[1], self.sequence, self.flags, self.payload) == (
            other.source[1], other.target[1], other.sequence, other.flags, other.payload)


class Sniffer:
    """Runs in a thread from `with` to its end."""

    def __init__(self, net):
        self._net, self._sights, self._stop = net, [], False
        self._lock = threading.Lock()

    def __enter__(self):
        self._socket = self._open()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop = True
        self._thread.join()
        self._socket.close()

    def sights(self):
        """All so far, in the order of time."""
        with self._lock:
            return sorted(self._sights, key=lambda sight: sight.at)

    def _open(self):
        with self._net.inside("net"):
            one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        code, _memory = _filter()
        one.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, code)
        one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while one.recv(1):
                pass  # what came in before the filter did
        one.settimeout(0.05)
        return one

    def _run(self):
        while True:
            try:
                frame, extra, _, origin = self._socket.recvmsg(2048, 256)
            except TimeoutError:
                if self._stop:
                    return
                continue
            if not origin[0].startswith("w-"):
                continue  # between a site and its own NAT
            sight = _read(frame, _stamp(extra), origin)
            with self._lock:
                self._sights.append(sight)


def _stamp(extra):
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("=qq", data[:16])
            return seconds + nanoseconds / 1e9
    raise OSError("the kernel does not stamp packets")


def _filter():
    """IPv4 TCP: to or from the server's port, or SYN or RST, or small and pushed."""
    keep, drop = 16, 17  # the two last lines
    lines = [
        (0x28, 12), (0x15, 0x0800, None, drop),  # ethertype
        (0x30, 23), (0x15, 6, None, drop),  # protocol
        (0x28, 20), (0x45, 0x1fff, drop, None),  # no later fragment
        (0xb1, 14),  # X: the size of the IP header
        (0x48, 14), (0x15, SERVER_PORT, keep, None),
        (0x48, 16), (0x15, SERVER_PORT, keep, None),
        (0x50, 27), (0x45, SYN | RST, keep, None),
        (0x45, PSH, None, drop),
        (0x28, 16), (0x25, SMALL, drop, keep),
        (0x06, 0xffff), (0x06, 0)]
    packed = b""
    for here, (code, value, *ways) in enumerate(lines):
        yes, no = [0 if way is None else way - here - 1 for way in ways or (None, None)]
        packed += struct.pack("=HBBI", code, yes, no, value)
    memory = ctypes.create_string_buffer(packed)
    program = struct.pack("HL", len(lines), ctypes.addressof(memory))
    return program, memory  # the second keeps what the first points to


def _read(frame, at, origin):
    ip = frame[14:14 + struct.unpack_from("!H", frame, 16)[0]]
    tcp = ip[(ip[0] & 15) * 4:]
    source_port, target_port, sequence = struct.unpack_from("!HHI", tcp)
    sight = Sight(at, origin[0][2:], origin[2] != PACKET_OUTGOING,
                  (socket.inet_ntoa(ip[12:16]), source_port),
                  (socket.inet_ntoa(ip[16:20]), target_port),
                  tcp[13], sequence, tcp[(tcp[12] >> 4) * 4:])
    if SERVER_PORT in (source_port, target_port):
        sight.messages = list(_stun_messages(sight.payload))
    elif len(sight.payload) >= 8 and sight.payload.startswith(b"HOPC"):
        sight.messages = list(_link_messages(sight.payload))
    return sight


def _link_messages(data):
    while len(data) >= 56 and data.startswith(b"HOPC"):
        yield WORDS.get(data[5], "?"), {}
        data = data[56:]


def _stun_messages(data):
    while len(data) >= 20:
        kind, size, cookie = struct.unpack_from("!HHI", data)
        if cookie != COOKIE:
            return
        method = kind & 0xf | kind >> 1 & 0x70 | kind >> 2 & 0xf80
        word = METHODS.get(method, "?")
        which = CLASSES[kind >> 4 & 1 | kind >> 7 & 2]
        yield (word if word == "start" else word + " " + which,
               dict(_attributes(data[20:20 + size])))
        data = data[20 + size:]


def _attributes(data):
    while len(data) >= 4:
        kind, size = struct.unpack_from("!HH", data)
        value = data[4:4 + size]
        if kind in (XOR_PEER_ADDRESS, XOR_MAPPED_ADDRESS) and value[1] == 1:
            port, address = struct.unpack_from("!HI", value, 2)
            yield kind, (socket.inet_ntoa(struct.pack("!I", address ^ COOKIE)), port ^ COOKIE >> 16)
        elif kind == DELAY:
            yield kind, struct.unpack("!I", value)[0]
        data = data[4 + (size + 3 & ~3):]
