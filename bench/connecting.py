# SPDX-License-Identifier: MIT
"""How long it takes to connect, as the program itself tells it, against what the distance costs.

Pairs of sites, one lab and one warm server each; runs numbered from 0, whose number alone decides
how far apart the sides start and which packets the wire loses.
"""
import concurrent.futures
import dataclasses
import random
import subprocess
import threading
import time

import lab
import program
from figures import Figure, head, median, percentile, table

DELAY_MS = 25
MARGIN_MS, LOSS_MARGIN_MS = 10, 300
APART_MS = 300
NEIGHBOUR_GOAL_MS = 20
LANES = 2  # labs at the same time: more would measure this machine


@dataclasses.dataclass
class Pair:
    name: str
    sites: dict
    places: tuple = ("a", "b")
    words: tuple = ()
    version: int = 4
    between_ms: float = DELAY_MS  # one way, between the two

    def limit(self, trips, to_server=0):
        return to_server * DELAY_MS + trips * self.between_ms


def _pair(one, other):
    return Pair("%s x %s" % (one, other), {"a": one, "b": other})


PAIRS = [
    _pair("public", "public"), _pair("eim-drop", "eim-drop"),
    _pair("preserving-drop", "preserving-rst"), _pair("preserving-rst", "preserving-rst"),
    _pair("eim-rst", "eim-rst"), _pair("fullcone", "eim-rst"), _pair("carrier", "eim-drop"),
    Pair("IPv6, two firewalls", {"a": "firewall,v6=firewall", "b": "firewall,v6=firewall"},
         words=("-6",), version=6),
    Pair("LAN neighbours", {"a": "eim-drop,hosts=2"}, places=("a", "a2"), between_ms=0),
]


@dataclasses.dataclass(frozen=True)
class Condition:
    name: str
    apart: bool
    loss: float  # percent, each way
    apart_ms: float = APART_MS

    @property
    def words(self):
        return "%s, %s" % ("up to %d ms apart" % self.apart_ms if self.apart else "in sync",
                           "%g %% loss" % self.loss if self.loss else "no loss")


CONDITIONS = [Condition("sync", False, 0), Condition("apart", True, 0),
              Condition("sync-loss", False, 2), Condition("apart-loss", True, 2)]


@dataclasses.dataclass
class Run:
    """One attempt; times in ms by side: listen, connect."""
    pair: str
    condition: str
    number: int
    offset_ms: float  # connect starts so much after listen; negative: before
    error: str = ""
    tcp_ms: list = dataclasses.field(default_factory=list)
    attempt_ms: list = dataclasses.field(default_factory=list)
    knock_ms: float = None  # knock to peer; only where nobody had to be waited for
    routes: list = dataclasses.field(default_factory=list)
    lost: int = 0  # packets, by the wire
    stories: dict = None  # where it failed: all events of both sides


def offset_ms(pair, condition, number):
    if not condition.apart:
        return 0.0
    return random.Random("offset %s %d" % (pair.name, number)).uniform(
        -condition.apart_ms, condition.apart_ms)


def seed(pair, condition, number):
    return random.Random("seed %s %s %d" % (pair.name, condition.name, number)).getrandbits(31)


class Cell:
    """One pair's lab, server and runs under all conditions."""

    def __init__(self, pair, conditions, numbers, tick):
        self.pair, self.conditions, self.numbers, self.tick = pair, conditions, numbers, tick
        self.stop = threading.Event()

    def measure(self):
        runs = []
        with lab.Lab(delay_ms=DELAY_MS, **self.pair.sites) as net:
            server = program.serve(net)
            address = net.address("server", self.pair.version)
            name = "[%s]" % address if ":" in address else address
            try:
                self.one(net, name, CONDITIONS[0], 0)  # warms caches up; not counted
                for condition in self.conditions:
                    for number in self.numbers:
                        if self.stop.is_set():
                            return runs
                        net.flush()
                        net.change(loss=condition.loss, seed=seed(self.pair, condition, number))
                        runs.append(self.one(net, name, condition, number))
                        runs[-1].lost = net.wire_counts()["lost"]
                        self.tick(runs[-1])
            finally:
                server.end()
        return runs

    def one(self, net, server, condition, number):
        run = Run(self.pair.name, condition.name, number,
                  offset_ms(self.pair, condition, number))
        ticket = program.ticket(net, server)
        sides = {}

        def start(word, place):
            sides[word] = program.Program(net, place, [word, "--json", *self.pair.words, ticket],
                                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

        try:
            self.start_both(condition, run.offset_ms, start, sides)
            ends = [sides[word].expect("established", 25) for word in ("connect", "listen")][::-1]
            run.tcp_ms = [end["tcp_ms"] for end in ends]
            run.attempt_ms = [end["attempt_ms"] for end in ends]
            run.routes = [end["route"] for end in ends]
            run.knock_ms = None if condition.apart else ends[1]["knock_ms"]
            for word in "listen", "connect":
                status = sides[word].wait()
                if status != 0:
                    run.error = sides[word].trouble("exit status %d" % status)
            self.look(run, sides)
        except program.Unexpected as error:
            run.error = str(error)
        finally:
            for side in sides.values():
                side.end()
            if run.error:
                run.stories = {word: side.events for word, side in sides.items()}
        return run

    def look(self, run, sides):
        """For those who want to know more of a run that went well."""

    def start_both(self, condition, offset, start, sides):
        first, second = self.pair.places
        order = [("listen", first), ("connect", second)]
        if offset < 0:
            order.reverse()
        start(*order[0])
        if condition.apart:
            time.sleep(abs(offset) / 1000)
        else:
            sides["listen"].expect("listening")
        start(*order[1])


def measure(pairs, conditions, numbers, tick):
    """All runs of all pairs."""
    cells = [Cell(pair, conditions, numbers, tick) for pair in pairs]
    with concurrent.futures.ThreadPoolExecutor(LANES) as lanes:
        futures = [lanes.submit(cell.measure) for cell in cells]
        try:
            return [run for future in futures for run in future.result()]
        except BaseException:
            for cell, future in zip(cells, futures):
                cell.stop.set()
                future.cancel()
            raise


# -- what comes of it ------------------------------------------------------------------------------

def over(value, goal):
    return "%.1f%s" % (value, "!" if value > goal else " ")


def goals(pair, condition):
    """Allowed ms: median of tcp and attempt; median of knock to tcp and to handed over; p99 of
    that."""
    if pair.between_ms == 0:
        attempt = tcp = NEIGHBOUR_GOAL_MS
        knock = pair.limit(0, 2) + NEIGHBOUR_GOAL_MS
        return tcp, attempt, knock, knock, pair.limit(0, 2) + LOSS_MARGIN_MS
    return (pair.limit(2) + MARGIN_MS, pair.limit(4) + MARGIN_MS, pair.limit(2, 2) + MARGIN_MS,
            pair.limit(4, 2) + MARGIN_MS, pair.limit(4, 2) + LOSS_MARGIN_MS)


def samples(runs):
    """tcp and attempt of both sides; knock to tcp and to handed over of the connecting side."""
    good = [run for run in runs if not run.error]
    tcp = [ms for run in good for ms in run.tcp_ms]
    attempt = [ms for run in good for ms in run.attempt_ms]
    knocked = [run for run in good if run.knock_ms is not None]
    return (tcp, attempt, [run.knock_ms + run.tcp_ms[1] for run in knocked],
            [run.knock_ms + run.attempt_ms[1] for run in knocked])


def show_condition(condition, runs, pairs):
    lost = sum(run.lost for run in runs if run.condition == condition.name)
    head("Time to connect, %s (ms; %g one way between all)%s" % (
        condition.words, DELAY_MS, "; %d packets were lost" % lost if lost else ""))
    rows = [("", "runs", "TCP", "goal", "proved", "goal", "p99", "knock", "goal", "p99", "")]
    for pair in pairs:
        mine = [run for run in runs if (run.pair, run.condition) == (pair.name, condition.name)]
        failed = sum(1 for run in mine if run.error)
        tcp, attempt, _, knock = samples(mine)
        if not tcp:
            rows.append((pair.name, "%d" % len(mine), *[""] * 8, "all failed" if mine else ""))
            continue
        goal = goals(pair, condition)
        cells = ["%.1f" % median(tcp), "%g" % goal[0], "%.1f" % median(attempt), "%g" % goal[1],
                 "%.1f" % percentile(attempt, 99)]
        good = median(tcp) <= goal[0] and median(attempt) <= goal[1]
        if knock:
            cells += ["%.1f" % median(knock), "%g" % goal[3], "%.1f" % percentile(knock, 99)]
            good = good and median(knock) <= goal[3]
        else:
            cells += ["", "", ""]
        verdict = "%d of %d failed" % (failed, len(mine)) if failed else "ok" if good else "over"
        rows.append((pair.name, "%d" % len(mine), *cells, verdict))
    table(rows)


def figures(runs, pairs):
    """Against the goals: over all pairs that are a distance apart, and the neighbours."""
    apart = {pair.name for pair in pairs if pair.between_ms}
    found = []
    for condition in CONDITIONS:
        mine = [run for run in runs if run.condition == condition.name]
        far = [run for run in mine if run.pair in apart]
        near = [run for run in mine if run.pair not in apart]
        found += _distance_figures(condition, far)
        attempt = samples(near)[1]
        if attempt:
            found.append(Figure("LAN neighbours: proved, median, " + condition.words,
                                median(attempt), "ms", len(attempt), NEIGHBOUR_GOAL_MS))
        if mine:
            found.append(Figure("attempts that failed, " + condition.words,
                                sum(1 for run in mine if run.error), "", len(mine), 0))
    return found


def _distance_figures(condition, runs):
    tcp, attempt, knock_tcp, knock = samples(runs)
    limits = Pair("", {})
    goal = goals(limits, condition)
    if not tcp:
        return []
    found = [Figure("TCP connected, median, " + condition.words, median(tcp), "ms", len(tcp),
                    goal[0]),
             Figure("proved, median, " + condition.words, median(attempt), "ms", len(attempt),
                    goal[1])]
    if knock:
        found += [Figure("knock to TCP, median, " + condition.words, median(knock_tcp), "ms",
                         len(knock), goal[2]),
                  Figure("knock to proved, median, " + condition.words, median(knock), "ms",
                         len(knock), goal[3]),
                  Figure("knock to proved, p99, " + condition.words, percentile(knock, 99), "ms",
                         len(knock), goal[4] if condition.loss else None)]
    else:
        found.append(Figure("proved, p99, " + condition.words, percentile(attempt, 99), "ms",
                            len(attempt), limits.limit(4) + LOSS_MARGIN_MS))
    return found


def show_failures(runs):
    for run in runs:
        if run.error:
            print("\n%s, %s, run %d failed; again by: bench/bench.py connect --pair '%s' "
                  "--condition %s --from %d --runs 1\n%s" % (
                      run.pair, run.condition, run.number, run.pair, run.condition, run.number,
                      run.error))
