#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The world's model of Linux's conntrack against the kernel that runs here: many short histories of
segments, good ones and bad ones, are sent through a real NAT and through the model; whichever
passes the one has to pass the other."""
import os
import random
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.environ.get(
    "HOP_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")), "lab"))
import lab  # noqa: E402

KINDS = ["preserving-drop", "preserving-rst", "firewall"]
HISTORIES, STEPS = 1500, 9
STEP_MS = 300  # between two packets of one history, by the model's clock
HOST_PORT, REMOTE_PORT = 20000, 6000
FLAGS = {"F": 1, "S": 2, "R": 4, "A": 16}
# How far after the first one the sequence numbers of later dials are.
OFFSETS = [0, 0, 0, 0, 30000, 2000000, 2000100, -500000]
WINDOW_SYN, WINDOW = 64240, 8192  # the latter times 128


class History:
    """One connection's packets; the sides' numbers are drawn so that most of them fit."""

    def __init__(self, number, chance):
        self.host, self.remote = HOST_PORT + number, REMOTE_PORT
        self.chance = chance
        self.first = {"out": chance.getrandbits(32), "in": chance.getrandbits(32)}
        self.next = dict(self.first)
        self.plain = chance.random() < 0.3  # most steps as a sane pair of hosts would do them
        self.script = chance.choice([
            ["out S", "in SA", "out A", "in A"], ["out S", "in S", "out SA", "in SA", "out A"],
            ["out S", "in RA"], ["out S", "in S", "in RA"], ["out S", "out S", "in SA"],
            ["out S", "in SA", "out A", "out FA", "in FA", "out A", "out S"],
            ["out S", "in SA", "out A", "in R", "out S", "in SA", "out A"],
            ["out S", "in A", "out R", "out S"], ["out S", "in S", "out RA", "out S", "in S"], []])

    def packet(self, step):
        chance = self.chance
        if step < len(self.script) and chance.random() < 0.85:
            way, flags = self.script[step].split()
        else:
            way = chance.choice(["out", "in"])
            flags = chance.choice(["S", "S", "SA", "A", "A", "FA", "R", "RA"])
        other = "in" if way == "out" else "out"
        size = chance.choice([0, 0, 10]) if flags == "A" else 0
        if flags in ("S", "SA"):
            seq = self.first[way] + (0 if self.plain else chance.choice(OFFSETS))
            self.next[way] = seq + 1
        else:
            seq = self.next[way] + (0 if self.plain else chance.choice([0, 0, 0, 1, -1, 11, 100000,
                                                                       3000000]))
            self.next[way] += size + ("F" in flags)
        ack = self.next[other] + (0 if self.plain else chance.choice([0, 0, 0, 0, 1, -1, 500000,
                                                                      -500000]))
        if flags == "RA" and chance.random() < 0.5:
            seq = 0
        if "A" not in flags:
            ack = 0
        return way, flags, seq & 0xffffffff, ack & 0xffffffff, size, self.host, self.remote


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def segment(source, target, packet, tag):
    """TCP as it goes into a raw socket; the urgent pointer, which nobody reads, is the tag."""
    way, flags, seq, ack, size, host, remote = packet
    ports = (host, remote) if way == "out" else (remote, host)
    options = b"\x02\x04\x05\xb4\x04\x02\x01\x01\x01\x03\x03\x07" if "S" in flags else b""
    window = 0 if "R" in flags else WINDOW_SYN if "S" in flags else WINDOW
    head = struct.pack("!HHIIBBHHH", *ports, seq, ack, (20 + len(options)) // 4 << 4,
                       sum(FLAGS[letter] for letter in flags), window, 0, tag) + options
    data = head + b"x" * size
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!HH", 6, len(data))
    return data[:16] + struct.pack("!H", checksum(pseudo + data)) + data[18:]


class End:
    """A host whose kernel does not answer, with a raw way out and an ear."""

    def __init__(self, net, where, address):
        self.address = address
        rules = """table ip mute {
         chain hear { type filter hook input priority 0; ip protocol tcp drop; }
        }"""
        done = net.run(where, ["nft", "-f", "-"], input=rules)
        assert done.returncode == 0, done.stderr
        with net.inside(where):
            self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
            self.ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        self.ear.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        self.ear.setblocking(False)

    def heard(self):
        """(sport, dport, flags, seq, tag) of every segment for us."""
        found = set()
        while True:
            try:
                data = self.ear.recv(65536)
            except BlockingIOError:
                return found
            start = (data[0] & 15) * 4
            if data[9] == 6 and data[16:20] == socket.inet_aton(self.address):
                sport, dport, seq = struct.unpack("!HHI", data[start:start + 8])
                found.add((sport, dport, data[start + 13], seq,
                           *struct.unpack("!H", data[start + 18:start + 20])))


def real_verdicts(net, steps):
    inside, outside = net.address("a"), net.address("b")
    ends = {"out": End(net, "b", outside), "in": End(net, "a", inside)}
    targets = {"out": (inside, outside), "in": (outside, net.public("a"))}
    sockets = {"out": ends["in"].raw, "in": ends["out"].raw}
    verdicts = []
    for step in range(STEPS):
        for packet in steps[step]:
            way = packet[0]
            sockets[way].sendto(segment(*targets[way], packet, step + 1), (targets[way][1], 0))
        time.sleep(0.3)
        heard = {way: end.heard() for way, end in ends.items()}
        row = []
        for way, flags, seq, _, _, host, remote in steps[step]:
            ports = (host, remote) if way == "out" else (remote, host)
            row.append((*ports, sum(FLAGS[x] for x in flags), seq, step + 1) in heard[way])
        verdicts.append(row)
    return verdicts


def model_verdicts(program, kind, steps):
    lines = ["kind " + kind]
    for step, packets in enumerate(steps):
        lines += ["%d %s %s %d %d %d %d %d" % (step * STEP_MS, *packet) for packet in packets]
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True, check=True,
                          stdout=subprocess.PIPE)
    words = iter(done.stdout.split())
    return [[next(words) == "pass" for _ in packets] for packets in steps]


def compare(kind, program, seed):
    chance = random.Random("%s %d" % (kind, seed))
    histories = [History(number, chance) for number in range(HISTORIES)]
    steps = [[history.packet(step) for history in histories] for step in range(STEPS)]
    with lab.Lab(a=kind, b="public", delay_ms=1) as net:
        real = real_verdicts(net, steps)
    model = model_verdicts(program, kind, steps)
    passed = sum(map(sum, real))
    differing = [number for number in range(HISTORIES)
                 if any(real[step][number] != model[step][number] for step in range(STEPS))]
    for number in differing[:5]:
        history = histories[number]
        print("# differs: history %d of %s; numbers are counted from the first SYNs on" % (
            number, kind))
        for step in range(STEPS):
            way, flags, seq, ack, size, _, _ = steps[step][number]
            other = "in" if way == "out" else "out"
            fate = real[step][number], model[step][number]
            print("#   %-3s %-2s seq %8d ack %8d size %2d   kernel %-4s model %s" % (
                way, flags, signed(seq - history.first[way]), signed(ack - history.first[other]),
                size, *("pass" if passes else "drop" for passes in fate)))
            if fate[0] != fate[1]:
                break
    return passed, len(differing)


def signed(number):
    number &= 0xffffffff
    return number - (1 << 32) if number >= 1 << 31 else number


def main():
    lab.enter()
    program = os.environ.get("HOP_NAT_PLAY") or os.path.join(os.environ["HOP_BUILD"],
                                                             "tests/world/nat-play")
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for kind in KINDS:
        passed, differing = compare(kind, program, seed)
        total = HISTORIES * STEPS
        if differing == 0 and 0.2 * total < passed < 0.95 * total:
            print("ok %s: %d segments, %d of them pass" % (kind, total, passed), flush=True)
        else:
            print("not ok %s: %d of %d histories differ (%d of %d segments pass)" % (
                kind, differing, HISTORIES, passed, total), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
