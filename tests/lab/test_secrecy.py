#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who can read along, and who is told what: the command's TLS seen from the wire, and the two sides
of a --plain that only one of them was given."""
import os
import socket
import struct
import sys
import time

from command import MIB, NULL, Site, check, main, same

ETH_P_ALL = 3
SECRET = b"attack at dawn, by the third bridge\n"
PLAIN_THERE = "--plain"


class Wire:
    """All frames of the machine's own network, while the block lasts."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 * MIB)  # SO_RCVBUFFORCE
        return self

    def __exit__(self, *ignored):
        self.socket.close()

    def seen(self, port):
        """Payloads of TCP to or from that port, IPv4 and IPv6, in the order of sight."""
        self.socket.settimeout(0.3)
        end = time.monotonic() + 3  # others may go on talking
        payloads = []
        try:
            while time.monotonic() < end:
                frame = self.socket.recv(1 << 17)
                version = frame[14] >> 4 if len(frame) > 54 else 0
                start = 14 + ((frame[14] & 15) * 4 if version == 4 else 40)
                next_header = frame[23] if version == 4 else frame[20] if version == 6 else 0
                if next_header != 6:
                    continue
                tcp = frame[start:]
                if port in struct.unpack_from("!HH", tcp):
                    payloads.append(tcp[(tcp[12] >> 4) * 4:])
        except TimeoutError:
            pass
        return payloads


def port_of(side):
    return int(side.events("established")[0]["local"].rsplit(":")[-1])


def carry(words):
    """The secret both ways; what was on the wire."""
    with Site() as site, Wire() as wire:
        listener = site.listen(*words)
        connector = site.connect(*words)
        listener.stdin.write(SECRET)
        listener.end_stdin()
        same(connector.finish(SECRET * 100), (0, SECRET), connector.text())
        same(listener.finish(), (0, SECRET * 100), listener.text())
        for side in (listener, connector):
            same(side.events("established")[0]["encrypted"], not words, "encrypted")
        return b"".join(wire.seen(port_of(listener)))


def the_wire_shows_nothing():
    wire = carry([])
    check(b"HOPC" in wire, "the handshake was not seen: the test sees nothing")
    check(len(wire) > 100 * len(SECRET), "less was seen than was sent")
    for size in (len(SECRET) - 1, 12):
        check(SECRET[:size] not in wire, "the payload stands on the wire")


def the_wire_shows_plain():
    check(SECRET * 2 in carry(["--plain"]), "a plain payload was not seen: the test sees nothing")


def plain_here_only(who, data):
    """One side has --plain, the other none; both stdins hold data. (listener, connector)"""
    with Site() as site:
        words = [["--plain"] if who == side else [] for side in range(2)]
        listener = site.listen("--json", *words[0])
        connector = site.connect("--json", *words[1])
        if data:
            listener.stdin.write(SECRET)
            listener.stdin.flush()
            connector.stdin.write(SECRET)
            connector.stdin.flush()
        sides = [listener, connector]
        encrypting = sides[1 - who]
        failed = encrypting.wait_event("failed")
        check(PLAIN_THERE in failed["text"] + failed["advice"], failed)
        same(encrypting.events("established"), [], "told as established")
        if encrypting is connector:
            check(connector.status() in (1, 5), connector.text())
            same(connector.stdout.read(), b"", "at the connector")
        else:
            check(listener.process.poll() is None, "the listener ended with one peer that failed")
        check(sides[who].status() == 7, sides[who].text())
        same(sides[who].stdout.read(), b"", "at the plain side")
        closed = sides[who].events("closed")[0]
        same(closed["ok"], False, "ok")


def plain_at_the_listener_only():
    plain_here_only(0, False)
    plain_here_only(0, True)


def plain_at_the_connector_only():
    plain_here_only(1, True)
    plain_here_only(1, False)


def a_listener_survives_a_plain_peer():
    with Site() as site:
        listener = site.listen(stdin=NULL)
        site.connect("--plain").finish(b"in clear\n")
        same(site.connect().finish(b"after it\n"), (0, b""), "the second connector")
        same(listener.finish(), (0, b"after it\n"), "listener")


def a_cut_is_no_end():
    """Who kills the peer cannot make a part look like the whole: plain, a FIN is all there is."""
    with Site() as site:
        listener, connector = site.both()
        connector.stdin.write(SECRET)
        connector.stdin.flush()
        same(listener.stdout.readline(), SECRET, "line")
        listener.end_stdin()
        time.sleep(0.1)
        connector.process.kill()
        listener.expect(7)
        same(listener.events("closed")[0]["ok"], False, "ok")


CASES = [the_wire_shows_nothing, the_wire_shows_plain, plain_at_the_listener_only,
         plain_at_the_connector_only, a_listener_survives_a_plain_peer, a_cut_is_no_end]
if os.geteuid() != 0:
    print("ok the_wire_shows_nothing # SKIP packet sockets need root")
    print("ok the_wire_shows_plain # SKIP packet sockets need root")
    CASES = CASES[2:]

sys.exit(main(CASES))
