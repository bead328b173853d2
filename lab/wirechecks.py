# SPDX-License-Identifier: MIT
"""Checks of the wire and of the lab itself: delay, loss, rate, hops, counters, cleaning up."""
import json
import os
import select
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time

import network
from network import Lab, wait_for
from probes import Probes, echoes, read_line, result

IP_RECVERR = 11  # linux/in.h; Python has no name for it
LAB = os.path.join(network.HERE, "lab.py")


def check_delay(report):
    """All hosts read the same clock, so the time of one way can be measured."""
    delays = {"a-b": 40, "a-server": 10, "b-server": 20}
    with Lab(a="public", b="public", delays=delays) as net, Probes(net) as at:
        for pair, wanted in delays.items():
            for one, other in (pair.split("-"), reversed(pair.split("-"))):
                found = one_way_ms(net, at, one, other)
                report.check("%s to %s takes %d ms" % (one, other, wanted),
                             found[0] >= wanted and statistics.median(found) < wanted + 3,
                             "least %.2f, median %.2f" % (found[0], statistics.median(found)))
        net.change(delays={"a-b": 5})
        found = one_way_ms(net, at, "a", "b")
        report.check("a changed delay holds at once", 5 <= statistics.median(found) < 8,
                     "median %.2f" % statistics.median(found))


def one_way_ms(net, at, one, other, count=40):
    sender, receiver = at.udp(one), at.udp(other)
    receiver.settimeout(1)
    target = (net.address(other), receiver.getsockname()[1])
    found = []
    for _ in range(count):
        sender.sendto(struct.pack("d", time.monotonic()), target)
        sent = struct.unpack("d", receiver.recv(64))[0]
        found.append((time.monotonic() - sent) * 1000)
    return sorted(found)


def check_loss(report):
    count, percent = 4000, 10
    with Lab(a="public", b="public", delay_ms=1, loss=percent, seed=7) as net, Probes(net) as at:
        first = arrived(net, at, count)
        net.change(seed=7)
        again = arrived(net, at, count)
        net.change(seed=8)
        other = arrived(net, at, count)
        lost, spread = count - len(first), (count * 0.1 * 0.9) ** 0.5
        report.check("10 %% of %d packets are lost" % count,
                     abs(lost - count * 0.1) < 4 * spread, "%d lost" % lost)
        report.check("the same seed loses the same packets", first == again,
                     "%d differ" % len(first ^ again))
        report.check("another seed loses others", first != other)
        net.change(losses={"a-b": 100})
        report.equal("a cut way lets nothing through", arrived(net, at, 50), set())
        net.change(loss=0)
        report.equal("a mended way loses nothing", len(arrived(net, at, 1000)), 1000)


def arrived(net, at, count):
    sender, receiver = at.udp("a"), at.udp("b")
    receiver.setblocking(False)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)  # only the wire shall lose
    target = (net.address("b"), receiver.getsockname()[1])
    found = set()
    for number in range(count):
        sender.sendto(struct.pack("I", number), target)
        if number % 50 == 49:
            found |= drain(receiver, 0.001)
    return found | drain(receiver, 0.3)


def drain(receiver, patience):
    found = set()
    while select.select([receiver], [], [], patience)[0]:
        found.add(struct.unpack("I", receiver.recv(64))[0])
    return found


def check_rate(report):
    with Lab(a="public", b="public", delay_ms=5, rate_mbit=16) as net, Probes(net) as at:
        door = at.listen("b", 6000)
        one = at.dial("a", (net.address("b"), 6000))
        result(one)
        sink, _ = door.accept()
        mbit = stream_mbit(one, sink, 1.2)
        sink.close()
        report.check("16 Mbit/s carry 16 Mbit/s", 12 < mbit <= 16.2, "%.1f" % mbit)


def stream_mbit(one, sink, seconds):
    """Goodput as it arrives, without the first tenth."""
    data, got, start, began = bytes(1 << 18), 0, None, time.monotonic()
    for end in one, sink:
        end.setblocking(False)
    while time.monotonic() - began < seconds:
        readable, writable, _ = select.select([sink], [one], [], 0.1)
        if writable:
            one.send(data)
        if not readable:
            continue
        size = len(sink.recv(1 << 20))
        if start is not None:
            got += size
        elif time.monotonic() - began > seconds / 10:
            start = time.monotonic()
    return got * 8 / 1e6 / (time.monotonic() - start)


def check_hops(report):
    with Lab(a="fullcone", b="public", delay_ms=20, hops=4) as net, Probes(net) as at:
        found = [who_answers(net, at, ttl) for ttl in range(2, 6)]
        report.equal("each hop answers with its own address", [who for who, _ in found],
                     ["192.0.2.%d" % hop for hop in range(1, 5)])
        times = [took for _, took in found]
        report.check("farther hops answer later", times == sorted(times) and times[3] >= 0.030,
                     str(times))
        report.equal("then the far router", who_answers(net, at, 6)[0], net.address("b-router"))
        report.equal("and then it arrives", who_answers(net, at, 7)[0], None)


def who_answers(net, at, ttl):
    """Who sends the ICMP error for a datagram with that TTL, and after how long."""
    sender = at.udp("a")
    sender.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    target = at.udp("b")
    began = time.monotonic()
    sender.sendto(b"x", (net.address("b"), target.getsockname()[1]))
    waiting = select.poll()
    waiting.register(sender, select.POLLERR)
    if not waiting.poll(500):
        return None, 0
    took = time.monotonic() - began
    for _, kind, data in sender.recvmsg(64, 512, socket.MSG_ERRQUEUE)[1]:
        if kind == IP_RECVERR:  # sock_extended_err, 16 bytes, then the offender's sockaddr_in
            return socket.inet_ntoa(data[20:24]), took
    return "?", took


def check_counters(report):
    with Lab(a="eim-drop", b="public", delay_ms=1) as net, Probes(net) as at:
        door = at.listen("b", 6000)
        before = net.counters("server")
        one = at.dial("a", (net.address("b"), 6000))
        result(one)
        sink, _ = door.accept()
        stream_mbit(one, sink, 0.3)
        sink.close()
        after = net.counters("server")
        report.check("a stream from a to b does not touch the server",
                     after["rx_bytes"] - before["rx_bytes"] < 1000)
        one = at.dial("a", (net.address("server"), 3478))
        result(one)
        read_line(one)
        echoes(one, os.urandom(500000))
        after = net.counters("server")
        report.check("one through the server does",
                     after["rx_bytes"] - before["rx_bytes"] >= 500000
                     and after["tx_bytes"] - before["tx_bytes"] >= 500000)


def check_cleaning(report):
    began = time.monotonic()
    with Lab(a="user-eim-drop", b="carrier") as net:
        prefix = net.prefix
        child = net.popen("a", ["sh", "-c", "sleep 1000 & sleep 1000"])
        helpers = [net.wire.process, net.nats["a"].process]
    took = time.monotonic() - began
    left = [name for name in os.listdir("/run/netns") if name.startswith(prefix)]
    report.equal("no namespace is left after down", left, [])
    report.check("no process is left after down", child.poll() is not None and
                 all(helper.poll() is not None for helper in helpers))
    report.check("up and down within 5 s, loaded machine or not", took < 5, "%.1f s" % took)
    report.equal("a nonsense kind is refused with a line", nonsense(), 1)


def nonsense():
    return subprocess.run([sys.executable, LAB, "up", "--a", "nonsense"], check=False,
                          capture_output=True).returncode


def check_killed(report):
    """A lab that is killed leaves nothing: neither its programs nor what ran in it."""
    marker = "4%d" % (os.getpid() * 1000 + 17)
    fresh = dict(os.environ, HOP_LAB_FRESH="1")
    for how in signal.SIGKILL, signal.SIGTERM:
        argv = [sys.executable, LAB, "up", "--a", "user", "--", "a", "sleep", marker]
        lab = subprocess.Popen(argv, env=fresh)
        started = wait_for(lambda: len(running("sleep", marker)) == 1, 10)
        inside = descendants(lab.pid)
        lab.send_signal(how)
        lab.wait()
        gone = wait_for(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in inside), 5)
        report.check("%s: nothing stays behind" % how.name,
                     started and len(inside) >= 4 and gone, "started %s, inside %s, gone %s" % (
                         started, inside, gone))


def speed(kinds):
    """One TCP stream from site a to a public site b, 50 ms RTT, for each kind of a; by iperf3."""
    for kind in kinds:
        with Lab(a=kind, b="public") as net:
            net.popen("b", ["iperf3", "-s", "-1", "-p", "5201"], stdout=subprocess.DEVNULL)
            wait_for(lambda: ":1451 " in net.run("b", ["cat", "/proc/net/tcp6"]).stdout)  # 0x1451
            done = net.run("a", ["iperf3", "-J", "-t", "4", "-O", "1", "-c", net.address("b")])
            found = json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e6
            print("%-20s %5.0f Mbit/s at 50 ms RTT" % (kind, found), flush=True)
    return 0


def processes():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, encoding="ascii") as file:
                    rest = file.read().rpartition(")")[2].split()
                with open("/proc/%s/cmdline" % name, encoding="utf-8") as file:
                    yield int(name), int(rest[1]), file.read().split("\0")[:-1]
            except OSError:
                continue


def running(*words):
    return [pid for pid, _, argv in processes() if tuple(argv) == words]


def descendants(root):
    found, grew = {root}, True
    while grew:
        more = {pid for pid, parent, _ in processes() if parent in found} - found
        found, grew = found | more, bool(more)
    return found - {root}


TIMED = ("delay", "rate", "hops")
JOBS = {"delay": check_delay, "rate": check_rate, "hops": check_hops, "loss": check_loss,
        "counters": check_counters, "cleaning": check_cleaning, "killed": check_killed}
