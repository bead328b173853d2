#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two programs behind two NATs, introduced by a server, connected by an ordinary TCP socket: the
whole of hopconn in a few seconds, told in plain words from what was captured on the wire.

    make demo
    lab/demo.py --a carrier --b preserving-rst --delay 40
"""
import argparse
import hashlib
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lab  # noqa: E402
import program  # noqa: E402
import sniff  # noqa: E402

WORDS = ("--relay", "never")  # what is shown here is the direct way, and nothing in reserve
NAMES = {"a": "alice", "b": "bob", "server": "server"}
MIB = 1 << 20
CHUNK = 1 << 18
COLOURS = {"head": "1", "good": "32", "bad": "31", "dim": "2"}


class Trouble(Exception):
    """Why the demo shows no success."""


def colour(name, text):
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else "\033[%sm%s\033[0m" % (COLOURS[name], text)


def head(text):
    print("\n" + colour("head", text) + "\n")


def table(rows, indent=2, right=()):
    """Columns as wide as they must be; the last one is free."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.rjust(width) if i in right else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print((" " * indent + "  ".join([*cells, row[-1]])).rstrip())


def place(address):
    return "%s:%d" % address


# -- the run ---------------------------------------------------------------------------------------

class Meeting:
    """Alice listens, bob connects, all on the record."""

    def __init__(self, net):
        self.server = program.serve(net)
        ticket = program.ticket(net, net.address("server"))
        self.alice = program.Program(net, "a", ["listen", "--json", *WORDS, ticket])
        self.alice.expect("listening")
        self.bob = program.Program(net, "b", ["connect", "--json", *WORDS, ticket])
        self.established = {"a": self.alice.expect("established"),
                            "b": self.bob.expect("established")}

    def transfer(self, size):
        """Both directions at once. Returns a Transfer a direction."""
        ways = [Transfer(self.alice, self.bob, size), Transfer(self.bob, self.alice, size)]
        start = time.monotonic()
        for way in ways:
            way.start()
        for way in ways:
            way.finish(start)
        for side in self.alice, self.bob:
            status = side.wait()
            closed = side.event("closed")
            if status != 0 or not closed or not closed["ok"]:
                raise Trouble(side.trouble("ended with status %d" % status))
        return ways

    def end(self):
        for side in self.bob, self.alice, self.server:
            side.end()


class Transfer:
    """One direction: random bytes into one program's stdin, a check sum at the other's stdout."""

    def __init__(self, sender, receiver, size):
        self.sender, self.receiver = sender, receiver
        self.data = os.urandom(size)
        self.sent = hashlib.sha256(self.data).hexdigest()
        self.received, self.size, self.ended, self.broken = "", 0, 0.0, None
        self._threads = [threading.Thread(target=work, daemon=True)
                         for work in (self._send, self._receive)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def finish(self, started):
        for thread in self._threads:
            thread.join()
        self.seconds = self.ended - started
        who = "%s to %s" % (NAMES[self.sender.where], NAMES[self.receiver.where])
        if self.broken:
            raise Trouble(self.sender.trouble("%s: %s" % (who, self.broken)))
        if self.size != len(self.data):
            raise Trouble(self.receiver.trouble("%s: %d of %d bytes arrived"
                                                % (who, self.size, len(self.data))))
        if self.sent != self.received:
            raise Trouble("%s: the bytes arrived changed" % who)

    def _send(self):
        try:
            view = memoryview(self.data)
            for at in range(0, len(view), CHUNK):
                self.sender.process.stdin.write(view[at:at + CHUNK])
            self.sender.process.stdin.close()
        except OSError as error:
            self.broken = error.strerror

    def _receive(self):
        digest = hashlib.sha256()
        output = self.receiver.process.stdout.fileno()
        while True:
            part = os.read(output, CHUNK)
            if not part:
                break
            digest.update(part)
            self.size += len(part)
        self.ended = time.monotonic()
        self.received = digest.hexdigest()


# -- what the capture says -------------------------------------------------------------------------

class Record:
    """The captured packets, found by what they are; times in ms after bob's knock left his NAT."""

    def __init__(self, net, sights):
        self.net = net
        self.sights = sights
        knock = self.find("b", "knock request")
        self.zero = knock.at

    def ms(self, sight):
        return (sight.at - self.zero) * 1000

    def find(self, leaves, message=None, towards=None, test=None):
        """The first packet that leaves a place; towards: the site that it goes to."""
        for sight in self.sights:
            if (sight.leaves and sight.place == leaves
                    and (not message or any(name == message for name, _ in sight.messages))
                    and (not towards or sight.target[0] == self.net.public(towards))
                    and (not test or test(sight))):
                return sight
        raise Trouble("the capture has no %s that leaves %s"
                      % (message or "such packet", NAMES[leaves]))

    def arrival(self, sight):
        """When the same packet reached its place, None: never."""
        for other in self.sights:
            if not other.leaves and other.at >= sight.at and other.same_packet(sight):
                return other
        return None

    def winning(self, test):
        """The packets of that kind of the connection that won, one a side: the last before the
        sender's nomination was over."""
        found = []
        for site in "a", "b":
            hello = self.find(site, "hello", other(site))
            same = [sight for sight in self.sights if sight.leaves and test(sight)
                    and (sight.source, sight.target) == (hello.source, hello.target)]
            found += same[-1:]
        return sorted(found, key=lambda sight: sight.at)

    def said(self, site, attribute):
        """The last value of an attribute that the server told that site."""
        values = [detail[attribute] for sight in self.sights
                  if sight.place == site and not sight.leaves
                  for _, detail in sight.messages if attribute in detail]
        if not values:
            raise Trouble("the capture does not show what the server told " + NAMES[site])
        return values[-1]

    def refusals(self):
        """Packets by which a site's NAT refused a dial before the hello."""
        hello = min(self.find(site, "hello", other(site)).at for site in ("a", "b"))
        publics = [self.net.public(site) for site in ("a", "b")]
        return sum(1 for sight in self.sights if sight.leaves and sight.at < hello
                   and sight.flags & sniff.RST and sight.target[0] in publics)


def other(site):
    return "b" if site == "a" else "a"


# -- the story -------------------------------------------------------------------------------------

def words(kind):
    """A kind of site in a few words, for who sees this for the first time."""
    if not kind.nat:
        return "a public address" + (", behind a stateful firewall" if kind.filtered else "")
    keeps = {"preserving": "that keeps the port", "eim": "that changes the port",
             "sequential": "with the next port for each destination",
             "random": "with a random port for each destination"}[kind.mapping]
    strangers = "lets strangers in" if kind.filtering == "eif" else {
        "drop": "drops strangers", "rst": "answers strangers with RST"}[kind.stray]
    return "a NAT %s and %s%s" % (keeps, strangers, ", twice" if kind.carrier else "")


def tell_scene(net, delay_ms):
    print(colour("head", "hopconn: two programs, two NATs, one TCP socket between them") + "\n")
    rows = [(NAMES[site], net.address(site), words(net.kind(site)),
             net.public(site) if net.kind(site).nat else "") for site in ("a", "b")]
    rows.append(("server", net.address("server"), "introduces them, carries nothing", ""))
    table(rows)
    print("\n  A packet takes %g ms from anyone to anyone else. All of this runs in namespaces of"
          "\n  this machine: real kernels and NATs, and a wire of the lab's that delays."
          % delay_ms)


def tell_addresses(record, meeting):
    head("Who learnt which address")
    rows = []
    for site, side in ("a", meeting.alice), ("b", meeting.bob):
        me, you = NAMES[site], NAMES[other(site)]
        own = next((event["address"] for event in side.events if event["event"] == "candidate"
                    and event["type"] == "host"), meeting.established[site]["local"])
        seen = record.said(site, sniff.XOR_MAPPED_ADDRESS)
        if record.said(other(site), sniff.XOR_PEER_ADDRESS) != seen:
            raise Trouble("what the server told %s is not what it saw of %s" % (you, me))
        if place(seen) == own:
            rows.append((me, "is at", own, "no NAT: the server sees the same, and tells both"))
            continue
        rows.append((me, "is at", own, "told to %s only, sealed: the server cannot read it" % you))
        rows.append(("", "is seen at", place(seen),
                     "made by the NAT; the server sees it, and tells both"))
    table(rows)


def tell_wire(record, delay_ms):
    head("What crossed the wire (ms after bob's knock, captured outside of the NATs)")
    rows = [("leaves", "arrives", "", "", "", "", "")]

    def row(sight, text, note=""):
        arrival = record.arrival(sight)
        when = "%.1f" % record.ms(arrival) if arrival else "lost"
        where = NAMES[arrival.place] if arrival else ""
        rows.append(("%.1f" % record.ms(sight), when, NAMES[sight.place], "-->", where, text, note))

    row(record.find("b", "knock request"), "knock", "signed by the ticket's key")
    for site in "a", "b":
        start = record.find("server", "start", site)
        row(start, "start", "go; %s is at %s" % (NAMES[other(site)], place(
            record.said(site, sniff.XOR_PEER_ADDRESS))))
    syns = record.winning(sniff.Sight.is_syn)
    for syn in syns:
        row(syn, "SYN", "%s --> %s" % (place(syn.source), place(syn.target)))
    for answer in record.winning(sniff.Sight.is_syn_ack):
        row(answer, "SYN+ACK")
    for word, note in (("hello", "proves the ticket"), ("confirm", "answers this very hello"),
                       ("nominate", "this connection and no other")):
        for sight in record.winning(lambda sight: any(word == name for name, _ in sight.messages)):
            row(sight, word, note)
    table(rows, right=(0, 1))
    tell_crossing(record, syns, delay_ms)


def tell_crossing(record, syns, delay_ms):
    print()
    times = [record.ms(syn) for syn in syns]
    if len(times) == 2 and times[1] - times[0] < delay_ms:
        meet = (sum(times) + delay_ms) / 2
        text = "The two SYNs left %.1f ms apart and crossed at %.1f ms, %.0f %% of the way."
        share = 100 * (meet - times[0]) / delay_ms
        print("  " + colour("good", text % (times[1] - times[0], meet, share)))
        print("  Each had opened its own side when the other one came: it was taken for an answer.")
    else:
        print("  The SYNs did not cross: one side was open to the other.")
    refused = record.refusals()
    if refused:
        print("  %d dials were refused before (RST) and made again at once." % refused)


def tell_time(record, meeting, delay_ms):
    head("How long it took (ms)")
    start = {}
    for site in "a", "b":
        arrival = record.arrival(record.find("server", "start", site))
        if arrival is None:
            raise Trouble("the capture does not show when %s was told to start" % NAMES[site])
        start[site] = record.ms(arrival)
    rows = []
    for since, formula, trips, offset in (
            ("after the peer's description", "%dd", 0, {"a": 0, "b": 0}),
            ("after bob's knock", "a + max(a,b) + %dd", 2, start)):
        rows.append((since, "alice", "bob", "limit", ""))
        for field, what, d in (("tcp_ms", "TCP connected", 2),
                               ("attempt_ms", "proved, nominated, handed over", 4)):
            took = [offset[site] + meeting.established[site][field] for site in ("a", "b")]
            rows.append(("  " + what, *("%.1f" % ms for ms in took),
                         "%g" % ((trips + d) * delay_ms), formula % d))
    table(rows, right=(1, 2, 3))
    print("\n  The limit is what the distance costs whatever the program: a, b, d are %g ms each,"
          "\n  from alice and bob to the server and between the two." % delay_ms)


def human(size):
    if size < 10000:
        return "%d bytes" % size
    return "%.1f KiB" % (size / 1024) if size < MIB else "%.1f MiB" % (size / MIB)


def tell_payload(ways, carried, server_total, size):
    head("The payload: %d MiB each way, both at the same time" % (size // MIB))
    table([("%s --> %s" % (NAMES[way.sender.where], NAMES[way.receiver.where]),
            "%.2f s" % way.seconds, "%.0f Mbit/s" % (way.size * 8e-6 / way.seconds),
            "sha256 %s... %s" % (way.sent[:12], colour("good", "the same at both ends")))
           for way in ways], right=(1, 2))
    rows = [("passed meanwhile the interface of", "out", "in", "")]
    for where, count in carried.items():
        rows.append(("  " + NAMES[where], human(count["tx_bytes"]), human(count["rx_bytes"]), ""))
    print()
    table(rows, right=(1, 2))
    print("\n  With the whole introduction it was %s at the server, in and out."
          % human(server_total))
    total = carried["server"]["rx_bytes"] + carried["server"]["tx_bytes"]
    if total > size // 50:
        raise Trouble("%s passed the server's interface: it carried payload" % human(total))


def parse(argv):
    parser = argparse.ArgumentParser(prog="demo.py", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--a", default="eim-drop", metavar="KIND",
                        help="alice's site, see `lab/lab.py kinds` (default %(default)s)")
    parser.add_argument("--b", default="preserving-rst", metavar="KIND",
                        help="bob's site (default %(default)s)")
    parser.add_argument("--delay", type=float, default=25, metavar="MS",
                        help="one way, between any two (default %(default)s)")
    parser.add_argument("--size", type=int, default=64, metavar="MIB",
                        help="payload each way (default %(default)s)")
    return parser.parse_args(argv)


def run(arguments):
    size = arguments.size * MIB
    with lab.Lab(a=arguments.a, b=arguments.b, delay_ms=arguments.delay) as net:
        tell_scene(net, arguments.delay)
        with sniff.Sniffer(net) as sniffer:
            meeting = Meeting(net)
            time.sleep(arguments.delay / 500)  # the last nomination arrives
            record = Record(net, sniffer.sights())
        tell_addresses(record, meeting)
        tell_wire(record, arguments.delay)
        tell_time(record, meeting, arguments.delay)
        sys.stdout.flush()
        before = {where: net.counters(where) for where in NAMES}
        ways = meeting.transfer(size)
        after = {where: net.counters(where) for where in NAMES}
        carried = {where: {key: after[where][key] - before[where][key] for key in after[where]}
                   for where in NAMES}
        tell_payload(ways, carried, after["server"]["rx_bytes"] + after["server"]["tx_bytes"], size)
        meeting.end()
    end = meeting.established["b"]
    if end["route"] == "relayed":
        raise Trouble("the connection is relayed")
    print("\n" + colour("good", "It works: connected in %.0f ms, %s, straight from bob to alice."
                        % (end["attempt_ms"], end["route"])))


def main(argv):
    arguments = parse(argv)
    lab.enter()
    try:
        run(arguments)
    except (Trouble, program.Unexpected, lab.LabError, ValueError) as error:
        sys.stdout.flush()
        print(colour("bad", "\nThe demo failed: ") + str(error), file=sys.stderr)
        return 1
    except BrokenPipeError:  # `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
