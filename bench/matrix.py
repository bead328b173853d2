# SPDX-License-Identifier: MIT
"""Every pair of the field's NATs, in sync and skewed: does it connect, how, and how fast.

Each attempt's outcome is kept in build/matrix.json as soon as it is there, for this very program:
a second call goes on where the first one stopped, and more runs are added to those before.
"""
import concurrent.futures
import dataclasses
import hashlib
import itertools
import json
import os
import statistics
import sys
import threading

import connecting
import kinds
import lab
import program
from figures import head, table

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "..", "build", "matrix.json")
RUNS, QUICK_RUNS = 2, 1  # for each pair and start
LANES = int(os.environ.get("HOP_LABS", "3"))
STARTS = (connecting.Condition("sync", False, 0),
          connecting.Condition("skewed", True, 0, 1000))
AUTO = connecting.Condition("auto", False, 0)  # as people run it: a relay where nothing else works
WAYS = (*STARTS, AUTO)
# Neither of two such NATs can be foretold by the other side: physics allows no direct way.
RANDOM = {"symmetric-random", "symmetric-block"}
CHANGING = RANDOM | {"symmetric-seq", "symmetric-seq2", "symmetric-seq-busy"}
HOPELESS_S = "5"
# What the program says when a strategy dials (src/lib/words_nat.c), and the strategy's name.
SAID = {"opens our NAT for": "opener", "the peer's NAT is open for us": "opener",
        "ports that the peer's NAT takes next": "window",
        "once more, from a port just taken": "window",
        "in step with the peer": "pair", "between many ports and": "birthday"}


def is_hopeless(one, other):
    return {one, other} <= CHANGING and bool({one, other} & RANDOM)


def _pair(one, other):
    words = ("--timeout", HOPELESS_S) if is_hopeless(one, other) else ()
    return connecting.Pair("%s x %s" % (one, other),
                           {"a": kinds.FIELD[one], "b": kinds.FIELD[other]},
                           words=("--relay", "never", *words))


PAIRS = [_pair(*names) for names in itertools.combinations_with_replacement(kinds.FIELD, 2)]


def strategy(events):
    """Which of them dialled, in this side's story."""
    said = [event["text"] for event in events if event["event"] == "note"]
    return {name for text in said for words, name in SAID.items() if words in text}


class Cell(connecting.Cell):
    """A pair of the matrix; who listens alternates."""

    def __init__(self, pair, todo, keep):
        super().__init__(pair, WAYS, (), None)
        self.todo, self.keep = todo, keep  # [(start, number)]; called with each outcome

    def measure(self):
        with lab.Lab(delay_ms=connecting.DELAY_MS, **self.pair.sites) as net:
            server = program.serve(net)
            places, words = self.pair.places, self.pair.words
            try:
                for start, number in self.todo:
                    if self.stop.is_set():
                        return
                    net.flush()
                    turned = places[::-1] if number % 2 else places
                    self.pair = dataclasses.replace(self.pair, places=turned,
                                                    words=() if start is AUTO else words)
                    self.found = set()
                    run = self.one(net, net.address("server"), start, number)
                    self.keep(run, sorted(self.found))
            finally:
                server.end()

    def look(self, run, sides):
        for side in sides.values():
            self.found |= strategy(side.events)


class Kept:
    """The outcomes so far, of one program."""

    def __init__(self, again):
        with open(program.path(), "rb") as file:
            self.of = hashlib.sha256(file.read()).hexdigest()
        self.runs, self._lock = [], threading.Lock()
        if os.path.exists(KEPT) and not again:
            with open(KEPT, encoding="utf-8") as file:
                kept = json.load(file)
            if kept["program"] == self.of:
                self.runs = kept["runs"]

    def add(self, run, found):
        with self._lock:
            self.runs.append({
                "pair": run.pair, "start": run.condition, "number": run.number, "good":
                not run.error, "tcp_ms": run.tcp_ms, "attempt_ms": run.attempt_ms,
                "route": run.routes[0] if run.routes else "", "strategies": found,
                "error": run.error})
            with open(KEPT + ".new", "w", encoding="utf-8") as file:
                json.dump({"program": self.of, "runs": self.runs}, file, indent=0)
            os.replace(KEPT + ".new", KEPT)

    def has(self, pair, start, number):
        return any((run["pair"], run["start"], run["number"]) == (pair.name, start.name, number)
                   for run in self.runs)


def _measure(pairs, count, kept):
    todo = {pair.name: [(start, number) for number in range(count) for start in WAYS
                        if not kept.has(pair, start, number)] for pair in pairs}
    left = [sum(len(runs) for runs in todo.values())]

    def keep(run, found):
        kept.add(run, found)
        left[0] -= 1
        if sys.stderr.isatty():
            print("\r  %4d attempts to go " % left[0], end="" if left[0] else "\n",
                  file=sys.stderr, flush=True)

    cells = [Cell(pair, todo[pair.name], keep) for pair in pairs if todo[pair.name]]
    with concurrent.futures.ThreadPoolExecutor(LANES) as lanes:
        futures = [lanes.submit(cell.measure) for cell in cells]
        try:
            for future in futures:
                future.result()
        except BaseException:
            for cell, future in zip(cells, futures):
                cell.stop.set()
                future.cancel()
            raise


# -- what comes of it ------------------------------------------------------------------------------


@dataclasses.dataclass
class Outcome:
    """One pair's runs of one start."""
    count: int
    good: int
    median_ms: float  # until TCP is connected; None: never was
    ways: str  # route, and by which strategy


def outcome(runs, pair, start):
    mine = [run for run in runs if run["pair"] == pair.name and run["start"] == start.name]
    good = [run for run in mine if run["good"]]
    times = [ms for run in good for ms in run["tcp_ms"]]
    ways = sorted({"%s, %s" % (run["route"], " and ".join(run["strategies"]) or "observed")
                   for run in good})
    return Outcome(len(mine), len(good), statistics.median(times) if times else None,
                   "; ".join(ways))


def rows(runs, pairs):
    """(pair, in sync, skewed, with a relay) of all that were measured."""
    found = [(pair, *[outcome(runs, pair, start) for start in WAYS]) for pair in pairs]
    return [row for row in found if all(one.count for one in row[1:])]


def milliseconds(one):
    return "" if one.median_ms is None else "%.0f" % one.median_ms


def verdict(pair, *outcomes, auto):
    hopeless = is_hopeless(*pair.name.split(" x "))
    good = all(one.good == one.count for one in outcomes)
    if auto.good < auto.count:
        return "not even relayed: %d" % (auto.count - auto.good)
    if hopeless:
        return "relayed" if not any(one.good for one in outcomes) else "got through"
    if "relayed" in auto.ways:
        return "relayed for nothing"
    return "ok" if good else "failed: %d" % sum(one.count - one.good for one in outcomes)


def measure(arguments, report):
    pairs = [pair for pair in PAIRS if not arguments.pair or pair.name in arguments.pair]
    count = arguments.runs or (QUICK_RUNS if arguments.quick else RUNS)
    kept = Kept(arguments.again)
    _measure(pairs, count, kept)
    found = rows(kept.runs, pairs)
    head("Every pair of NATs, without a relay (median ms to TCP), and with one")
    lines = [("", "in sync", "ms", "skewed", "ms", "way", "")]
    for pair, sync, skewed, auto in found:
        lines.append((pair.name, "%d of %d" % (sync.good, sync.count), milliseconds(sync),
                      "%d of %d" % (skewed.good, skewed.count), milliseconds(skewed),
                      sync.ways or skewed.ways, verdict(pair, sync, skewed, auto=auto)))
    table(lines)
    report["matrix"] = kept.runs
    if arguments.write:
        import matrix_page
        matrix_page.write(rows(kept.runs, PAIRS), kept.runs,
                          dict(report["machine"], load=os.getloadavg()[1]))
    return []
