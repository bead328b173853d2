# SPDX-License-Identifier: MIT
"""What a simultaneous open costs the stream after it, without any of hopconn's code: plain sockets
that dial each other, by congestion control and by how far apart their SYNs leave.

Linux takes its first round-trip sample of such a connection from its SYN-ACK to the peer's, which
is one way less the distance between the SYNs: half of the truth at best, next to nothing at worst.
"""
import socket
import struct
import threading
import time

import lab
from figures import head, table
from throughput import controls

DELAY_MS = 25
APART_MS = (0, 5, 10, 15, 20, 30)
SECONDS = 3
CHUNK = 1 << 18
TCPI_MIN_RTT = 148  # offset in struct tcp_info
ABORT = struct.pack("ii", 1, 0)


def open_both(net, port, control, apart_ms):
    """Two connected sockets; a's SYN leaves first."""
    ends = []
    for where in "a", "b":
        one = net.socket(where)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control.encode())
        one.bind((net.address(where), port))
        one.setblocking(False)
        ends.append(one)
    start = time.monotonic()
    ends[0].connect_ex((net.address("b"), port))
    while time.monotonic() < start + apart_ms / 1000:
        pass  # to sleep would be too coarse
    ends[1].connect_ex((net.address("a"), port))
    time.sleep(0.3)
    for one in ends:
        one.setblocking(True)
        one.getpeername()
    return ends


def drain(one, got):
    try:
        while part := one.recv(CHUNK):
            got.append(len(part))
    except ConnectionResetError:
        pass


def stream(giver, taker):
    """Mbit/s of the first seconds."""
    got, data = [], bytes(CHUNK)
    giver.settimeout(SECONDS + 1)
    thread = threading.Thread(target=drain, args=(taker, got), daemon=True)
    start = time.monotonic()
    thread.start()
    while time.monotonic() < start + SECONDS:
        giver.send(data)
    result = sum(got) * 8e-6 / (time.monotonic() - start)
    giver.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    giver.close()
    thread.join()
    taker.close()
    return result


def measure(report):
    head("Simultaneous open by plain sockets (%g ms one way): the first %d s" % (DELAY_MS, SECONDS))
    rows = [("SYNs apart", "ms", "kernel's smallest round trip", "ms", "Mbit/s", "")]
    port, report["crossing"] = 40000, []
    with lab.Lab(a="firewall", b="firewall", delay_ms=DELAY_MS) as net:
        for control in controls():
            for apart_ms in APART_MS:
                port += 1
                giver, taker = open_both(net, port, control, apart_ms)
                info = giver.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
                rtt_ms = struct.unpack_from("I", info, TCPI_MIN_RTT)[0] / 1000
                mbit = stream(giver, taker)
                rows.append((control, "%d" % apart_ms, "", "%.1f" % rtt_ms, "%.0f" % mbit, ""))
                report["crossing"].append({"control": control, "apart_ms": apart_ms,
                                           "min_rtt_ms": rtt_ms, "mbit": mbit})
    table(rows)
    return []
