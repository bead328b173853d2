# SPDX-License-Identifier: MIT
"""What an attempt costs others: sockets that are open at once, and SYNs on the wire in any one
second, the calls to the server and what the kernel repeats among them."""
import dataclasses
import os
import threading

import connecting
import kinds
import lab
import matrix
import matrix_page
import program
import sniff
from figures import Figure, head, table

PLAIN_SOCKETS, PLAIN_SYNS = 64, 100
BIRTHDAY_SOCKETS, BIRTHDAY_SYNS = 512, 400
EVERY_S = 0.005
REFUSING = "user,map=apdm,ports=random,stray=rst"  # in vain, and each dial is answered at once


@dataclasses.dataclass
class Cost:
    """The most of both sides, over the runs."""
    name: str
    birthday: bool
    runs: int = 0
    sockets: int = 0
    syns_per_second: int = 0
    syns: int = 0

    @property
    def allowed(self):
        return (BIRTHDAY_SOCKETS, BIRTHDAY_SYNS) if self.birthday else (PLAIN_SOCKETS, PLAIN_SYNS)


def _pair(name, one, other, *words, delay_ms=connecting.DELAY_MS):
    sites = {"a": kinds.FIELD.get(one, one), "b": kinds.FIELD.get(other, other)}
    return connecting.Pair(name, sites, words=("--relay", "never", *words), between_ms=delay_ms)


PAIRS = [
    (_pair("eim-drop x eim-drop", "eim-drop", "eim-drop"), False),
    (_pair("eim-rst x eim-rst", "eim-rst", "eim-rst"), False),
    (_pair("in vain, both silent", "symmetric-random", "symmetric-random", "--timeout", "5"),
     False),
    (_pair("in vain, both refusing", REFUSING, REFUSING, "--timeout", "5"), False),
    (_pair("the same, 1 ms one way", REFUSING, REFUSING, "--timeout", "5", delay_ms=1), False),
    (_pair("symmetric-seq x eim-rst", "symmetric-seq", "eim-rst"), False),
    (_pair("symmetric-seq x symmetric-seq", "symmetric-seq", "symmetric-seq"), False),
    (_pair("symmetric-seq-busy, both", "symmetric-seq-busy", "symmetric-seq-busy"), False),
    (_pair("eim-drop x symmetric-random", "eim-drop", "symmetric-random"), True),
    (_pair("eim-rst x symmetric-random", "eim-rst", "symmetric-random"), True),
]


class Sockets:
    """The most that one of some processes has open, looked at again and again."""

    def __init__(self, pids):
        self.most, self._pids, self._stop = 0, pids, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.wait(EVERY_S):
            self.most = max([self.most] + [_sockets(pid) for pid in self._pids])

    def end(self):
        self._stop.set()
        self._thread.join()
        return self.most


def _sockets(pid):
    folder, count = "/proc/%d/fd" % pid, 0
    try:
        for name in os.listdir(folder):
            count += os.readlink(os.path.join(folder, name)).startswith("socket:")
    except OSError:
        return 0  # it has ended, or a descriptor has
    return count


def most_in_a_second(times):
    """Of sorted times, as many as lie in one second."""
    first, most = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


class Cell(connecting.Cell):
    """Runs of one pair, each looked at from outside."""

    def __init__(self, pair, birthday, count):
        super().__init__(pair, (), (), None)
        self.cost, self.count, self.sockets = Cost(pair.name, birthday), count, None

    def start_both(self, condition, offset, start, sides):
        super().start_both(condition, offset, start, sides)
        self.sockets = Sockets([side.process.pid for side in sides.values()])

    def measure(self):
        with lab.Lab(delay_ms=self.pair.between_ms, **self.pair.sites) as net:
            server = program.serve(net)
            try:
                for number in range(self.count):
                    net.flush()
                    with sniff.Sniffer(net) as ears:
                        self.one(net, net.address("server"), matrix.STARTS[number % 2], number)
                        self._add(ears.sights())
            finally:
                server.end()
        return self.cost

    def _add(self, sights):
        cost = self.cost
        cost.runs += 1
        cost.sockets = max(cost.sockets, self.sockets.end())
        for site in "ab":
            times = [s.at for s in sights if s.place == site and s.leaves and s.is_syn()]
            cost.syns = max(cost.syns, len(times))
            cost.syns_per_second = max(cost.syns_per_second, most_in_a_second(times))


def costs(count):
    return [Cell(pair, birthday, count).measure() for pair, birthday in PAIRS]


def measure(arguments, report):
    found = costs(arguments.runs or (1 if arguments.quick else 4))
    head("Politeness: the most of one side")
    rows = [("", "runs", "sockets", "at most", "SYNs in a second", "at most", "SYNs in all", "")]
    for cost in found:
        rows.append((cost.name, str(cost.runs), str(cost.sockets), str(cost.allowed[0]),
                     str(cost.syns_per_second), str(cost.allowed[1]), str(cost.syns), ""))
    table(rows)
    report["politeness"] = [dataclasses.asdict(cost) for cost in found]
    if arguments.write:
        matrix_page.write_politeness(found, (PLAIN_SOCKETS, PLAIN_SYNS),
                                     (BIRTHDAY_SOCKETS, BIRTHDAY_SYNS))
    plain = [cost for cost in found if not cost.birthday]
    birthday = [cost for cost in found if cost.birthday]
    return [figure for words, costs_, sockets, syns in (
        ("plain", plain, PLAIN_SOCKETS, PLAIN_SYNS),
        ("birthday", birthday, BIRTHDAY_SOCKETS, BIRTHDAY_SYNS)) for figure in (
            Figure("sockets at once, %s" % words, max(c.sockets for c in costs_), "",
                   sum(c.runs for c in costs_), sockets),
            Figure("SYNs in one second, %s" % words, max(c.syns_per_second for c in costs_), "",
                   sum(c.runs for c in costs_), syns))]
