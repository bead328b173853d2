# SPDX-License-Identifier: MIT
"""SYNs, SYN-ACKs, RSTs and ICMP errors at four places: each host, and each site's uplink. They come
from a lab (packet sockets with a filter; the kernel's own stamps) or from the world's story (its
lines with every packet), and are compared connection by connection.

What is no part of a comparison: plain ACKs and data (the world neither delays ACKs nor counts
windows), sequence numbers, ports as numbers. A port is called by what it is for: that of a host's
endpoint, the one that a NAT gave it towards the server, the one towards the peer's ...
"""
import contextlib
import ctypes
import re
import socket
import struct

from dataclasses import dataclass

SERVER_PORTS = 3478, 3479  # the second one for probes
SO_ATTACH_FILTER, SO_TIMESTAMPNS = 26, 35
ETH_P_ALL, PACKET_OUTGOING = 3, 4
SOL_PACKET, PACKET_STATISTICS = 263, 6
BUFFER = 4 << 20  # bytes; nobody reads while it runs
FIN, SYN, RST, ACK = 1, 2, 4, 16
NAMES = {SYN: "SYN", SYN | ACK: "SYN-ACK", RST: "RST", RST | ACK: "RST-ACK"}
ERRORS = {3: "unreachable", 11: "time exceeded"}
ERRORS6 = {1: "unreachable", 3: "time exceeded"}


@dataclass
class Segment:
    """One packet at one place; of an ICMP error: the endpoints of the packet that it is about."""
    at_ms: float
    place: str  # "a": its host, "a outside": its uplink
    outward: bool
    kind: str
    source: tuple
    target: tuple


# --- from a lab ----------------------------------------------------------------------------------


class Capture:
    """Of sites a and b of a lab, from `with` on; read() takes what has come so far."""

    def __init__(self, net):
        self._net, self._sockets = net, {}

    def __enter__(self):
        for space in "a", "b", "net":
            self._sockets[space] = self._open(space)
        return self

    def __exit__(self, *_):
        for one in self._sockets.values():
            one.close()

    def _open(self, space):
        with self._net.inside(space):
            one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        code, _memory = _filter()
        one.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, code)
        one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while one.recv(1):
                pass  # what came in before the filter did
        return one

    def read(self):
        """Segments in the order of their stamps."""
        found = []
        for space, one in self._sockets.items():
            with contextlib.suppress(BlockingIOError):
                while True:
                    frame, extra, _, origin = one.recvmsg(2048, 256)
                    place = _place(space, origin[0])
                    if place:
                        leaving = (origin[2] == PACKET_OUTGOING) == (space != "net")
                        found += _read(frame, _stamp_ms(extra), place, leaving)
            _, dropped = struct.unpack("=II", one.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
            if dropped:
                raise OSError(f"{dropped} packets were not captured")
        return sorted(found, key=lambda segment: segment.at_ms)


def _place(space, device):
    if space != "net":
        return space if device == "eth0" else None
    return {"w-a": "a outside", "w-b": "b outside"}.get(device)


def _stamp_ms(extra):
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("=qq", data[:16])
            return seconds * 1e3 + nanoseconds / 1e6
    raise OSError("the kernel does not stamp packets")


def _filter():
    """TCP with SYN or RST, and ICMP."""
    six, keep, drop = 9, 14, 15  # IPv6's part; the two last lines
    lines = [
        (0x28, 12), (0x15, 0x86dd, six, None), (0x15, 0x0800, None, drop),  # ethertype
        (0x30, 23), (0x15, 1, keep, None), (0x15, 6, None, drop),  # protocol
        (0xb1, 14),  # X: the size of the IP header
        (0x50, 27), (0x45, SYN | RST, keep, drop),
        (0x30, 20), (0x15, 58, keep, None), (0x15, 6, None, drop),  # next header
        (0x30, 67), (0x45, SYN | RST, keep, drop),
        (0x06, 0xffff), (0x06, 0)]
    packed = b""
    for here, (code, value, *ways) in enumerate(lines):
        yes, no = [0 if way is None else way - here - 1 for way in ways or (None, None)]
        packed += struct.pack("=HBBI", code, yes, no, value)
    memory = ctypes.create_string_buffer(packed)
    program = struct.pack("HL", len(lines), ctypes.addressof(memory))
    return program, memory  # the second keeps what the first points to


def _read(frame, at_ms, place, outward):
    ip = frame[14:]
    six = ip[0] >> 4 == 6
    protocol, rest, errors = (ip[6], ip[40:], ERRORS6) if six else (
        ip[9], ip[(ip[0] & 15) * 4:], ERRORS)
    if protocol == 6:
        kind = NAMES.get(rest[13] & (SYN | RST | ACK | FIN), "odd")
        return [Segment(at_ms, place, outward, kind, *_endpoints(ip))]
    if rest[0] not in errors or rest[8 + (6 if six else 9)] != 6:
        return []
    return [Segment(at_ms, place, outward, errors[rest[0]], *_endpoints(rest[8:]))]


def _endpoints(ip):
    family, at, size, head = (socket.AF_INET6, 8, 16, 40) if ip[0] >> 4 == 6 else (
        socket.AF_INET, 12, 4, (ip[0] & 15) * 4)
    ports = struct.unpack_from("!HH", ip, head)
    source, target = ip[at:at + size], ip[at + size:at + 2 * size]
    return ((socket.inet_ntop(family, source), ports[0]),
            (socket.inet_ntop(family, target), ports[1]))


# --- from a story --------------------------------------------------------------------------------

SIGHTS = {"sent": ("", True), "received": ("", False),
          "outside": (" outside", True), "arrived": (" outside", False)}
LINE = re.compile(r"\[ *([\d.]+) ms\] (\S+) +\| (\S+) +(.*?) +(\S+) > (\S+)(.*)")


def of_story(text):
    """Segments of what `story --packets` prints."""
    found = []
    for line in text.splitlines():
        match = LINE.match(line)
        if not match or match[2] == "server" or match[4] in ("ACK", "FIN-ACK", "data"):
            continue
        at_ms, site, sight, kind, *ends = match.groups()[:6]
        if kind in ERRORS.values():
            ends = match[7].split(" about ")[1].split()[0:3:2]
        if sight in SIGHTS:
            where, outward = SIGHTS[sight]
            found.append(Segment(float(at_ms), site + where, outward, kind,
                                 *[(end.rpartition(":")[0].strip("[]"),
                                    int(end.rpartition(":")[2])) for end in ends]))
    return found


# --- compared ------------------------------------------------------------------------------------


class Names:
    """What the ports of one run are called, in the order in which they come."""

    def __init__(self, segments):
        self._names, self._taken = {}, set()
        for segment in segments:
            if segment.outward and segment.kind == "SYN":
                self._learn(segment)

    def _learn(self, segment):
        if segment.source not in self._names:
            target, whose = self.of(segment.target), segment.place
            if ":" in segment.source[0]:
                whose += " v6"
            elif target != "server":
                whose += " to " + target
            name, number = whose, 2
            while name in self._taken:
                name, number = f"{whose} #{number}", number + 1
            self._taken.add(name)
            self._names[segment.source] = name

    def of(self, endpoint):
        if endpoint[1] in SERVER_PORTS:
            return "server"
        return self._names.get(endpoint, endpoint[0] + ":?")

    def tuple_of(self, segment):
        return " - ".join(sorted((self.of(segment.source), self.of(segment.target))))


def lanes(segments):
    """{(place, connection): segments in order}"""
    names, found = Names(segments), {}
    for segment in segments:
        found.setdefault((segment.place, names.tuple_of(segment)), []).append(segment)
    return found


@dataclass
class Bounds:
    """Which segments count, on a run's own clock: those after `sure` may be missing in the other
    run, those after `end` are not looked at."""
    sure_ms: float
    end_ms: float

    def cut(self, lane):
        return [segment for segment in lane if segment.at_ms <= self.end_ms]

    def sure(self, lane):
        return sum(segment.at_ms <= self.sure_ms for segment in lane)


def differences(one, one_bounds, other, other_bounds, tolerance_ms):
    """[(place, connection, why)]; exact in each direction, and between the two directions wherever
    no packets cross within the tolerance."""
    ours, theirs, found = lanes(one), lanes(other), []
    for key in sorted(set(ours) | set(theirs)):
        why = _differ(one_bounds.cut(ours.get(key, [])), one_bounds,
                      other_bounds.cut(theirs.get(key, [])), other_bounds, tolerance_ms)
        if why:
            found.append((*key, why))
    return found


def _differ(one, one_bounds, other, other_bounds, tolerance_ms):
    ways = {}
    for outward in True, False:
        mine = [segment for segment in one if segment.outward == outward]
        its = [segment for segment in other if segment.outward == outward]
        common = min(len(mine), len(its))
        if [segment.kind for segment in mine[:common]] != [
                segment.kind for segment in its[:common]]:
            return "other segments"
        if one_bounds.sure(mine) > common or other_bounds.sure(its) > common:
            return "more segments"
        ways[outward] = list(zip(mine, its))
    for out, its_out in ways[True]:
        for back, its_back in ways[False]:
            gap, its_gap = back.at_ms - out.at_ms, its_back.at_ms - its_out.at_ms
            if gap * its_gap < 0 and min(abs(gap), abs(its_gap)) > tolerance_ms:
                return "another order"
    return None


def side_by_side(titles, runs, key):
    """One connection at one place, as lines of two columns; times count from each run's zero."""
    columns = []
    for title, (segments, zero_ms, bounds) in zip(titles, runs):
        lines = [title]
        for segment in bounds.cut(lanes(segments).get(key, [])):
            arrow = ">" if segment.outward else "<"
            unsure = "" if segment.at_ms <= bounds.sure_ms else "  (may be missing)"
            lines.append(f"{segment.at_ms - zero_ms:9.1f} ms {arrow} {segment.kind}{unsure}")
        columns.append(lines)
    length = max(map(len, columns))
    left, right = [lines + [""] * (length - len(lines)) for lines in columns]
    return [f"{one:44}| {other}".rstrip() for one, other in zip(left, right)]
