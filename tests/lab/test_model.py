#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The world of tests/world against real kernels: one scenario runs in both, and each SYN, SYN-ACK,
RST and ICMP error is seen in the same order by each host and on each uplink, with the same end.

Live: a lab, `hopconn serve`, and a listener and a connector that record themselves. Then the world
runs with the seeds of the recordings, so that the cores draw the same lots, and with the live run's
moments: when the connector came, and how much later one side's first SYN left than the other's.

What remains is the machine's noise: here and there a packet is some milliseconds late, and a SYN
meets a hole that it would have missed. So where the two differ the world runs again, up to VARIANTS
times, with noise up to what was measured in that live run; one of those has to be equal. A live run
that was disturbed and differs is made again. Segments of a connection that cross within the
tolerance may change places; all else is exact. docs/testing.md says more. With -v: a table.

HOP_KEEP=FOLDER keeps each scenario's last spec and story of the world there."""
import os
import re
import subprocess
import sys
import tempfile
import time

from dataclasses import dataclass

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
import segments  # noqa: E402
from peers import check  # noqa: E402

STORY = os.path.join(peers.BUILD, "tests", "story", "story")
KEEP = os.environ.get("HOP_KEEP")
AT_ONCE = int(os.environ.get("HOP_LABS", "5"))
WORDS = ("--relay", "never", "--no-portmap", "--no-lan")
DELAY_MS = 25  # between the sites, and of each side to the server but b's
KNOCK_MS = 60  # b's to the server: the time in which its knock is under way
TRIES = 10  # live runs of a scenario, while they are disturbed
VARIANTS = 40  # runs of the world with noise
QUIET_NOISE_MS, QUIET_BEAT_MS = 1, 4  # beyond these a live run that differs is made again
NOISE_MIN_MS = 1  # what a quiet machine may have without our seeing it
TAIL_MS = 30  # what is still compared after the last end
GRAIN = 0.04  # a timer of a second may be so much late
SHORT_MS = 700  # of an attempt that fails, so much is compared
SECONDS = 2  # its time-out


@dataclass(frozen=True)
class Scenario:
    a: str
    b: str
    late: str = ""  # this side's START comes so much later than the server thinks
    late_ms: float = 0
    lost: str = ""  # "a 101": of the packets from a to b the first and the third are lost
    short: bool = False

    def __str__(self):
        words = [f"{self.a} x {self.b}"]
        if self.late:
            words.append(f"{self.late} {self.late_ms:g} ms late")
        if self.lost:
            words.append("lost: " + self.lost)
        return ", ".join(words)


@dataclass
class Run:
    """What one run, live or of the world, came to."""
    segments: list
    ends: dict  # {"a": (when, what)}
    noise_ms: float = 0  # of packets: what crosses within it may change places
    beat_ms: float = 0  # of the machine
    seeds: tuple = ()
    text: str = ""

    def disturbed(self):
        return self.noise_ms > QUIET_NOISE_MS or self.beat_ms > QUIET_BEAT_MS

    def outcome(self):
        return tuple(self.ends[site][1] for site in "ab")

    def first(self, place, peer=False):
        """When the first SYN left there: to the server, or to the peer; None: none ever did."""
        return next((one.at_ms for one in self.segments if one.place == place and one.outward and
                     one.kind == "SYN" and (one.target[1] not in segments.SERVER_PORTS) == peer),
                    None)

    def zero(self):
        return min(when for when in (self.first("a", True), self.first("b", True)) if when)

    def skew(self):
        """How much later b dials; None: one side need not dial at all."""
        one, other = self.first("a", True), self.first("b", True)
        return other - one if one and other else None

    def bounds(self, short, noise_ms):
        end = max(when for when, _ in self.ends.values()) + TAIL_MS
        if short:
            end = self.zero() + SHORT_MS
        slack = 4 + 2 * noise_ms + (end - self.zero()) * (0.01 + noise_ms / 100)
        return segments.Bounds(end - slack, end)


# --- live ----------------------------------------------------------------------------------------


def lose_of(lost):
    """The same words for a lab: {"a>b": "101"}."""
    words = lost.split()
    return {f"{site}>{'a' if site == 'b' else 'b'}": mask
            for site, mask in zip(words[::2], words[1::2])}


def config_of(path):
    """(seed, zero) of a recording: its first entry, as src/core/tape.c writes it."""
    with open(path, "rb") as file:
        data = file.read(256)
    check(data[:10] == b"HOPREC\r\n\0\2" and data[10] == 1, f"{path} is no recording")
    rest = data[13:]
    rest = rest[1 + rest[0]:]
    zero_us = int.from_bytes(rest[:8], "big")
    return int.from_bytes(rest[11:19], "big"), zero_us


def end_of(peer, recording, clock_ms):
    """When, by the clock of the captures, and what. Before TLS, which the world has not."""
    zero_ms = config_of(recording)[1] / 1e3 + clock_ms
    failed = peer.events("failed")
    if failed:
        return zero_ms + failed[0]["at_ms"], failed[0]["text"]
    held = peer.events("established")[0]
    return zero_ms + peer.event("peer")["at_ms"] + held["attempt_ms"], held["route"]


def over(peer):
    return lambda: peer.events("established", "failed") or peer.process.poll() is not None


def noise_of(seen, net_delays):
    """The worst of a packet's ways over the wire."""
    late = [0]
    left = [one for one in seen if one.outward and one.place.endswith("outside")]
    for one in left:
        where = {"a outside": "b outside", "b outside": "a outside"}[one.place]
        ways = [other.at_ms - one.at_ms - net_delays for other in seen
                if other.place == where and not other.outward and other.kind == one.kind
                and (other.source, other.target) == (one.source, one.target)
                and -1 < other.at_ms - one.at_ms - net_delays < 200]
        late += [min(ways)] if ways else []
    return max(late)


def live(scenario):
    """One run in a lab of its own."""
    delays = {"b-server": KNOCK_MS}
    with tempfile.TemporaryDirectory(prefix="hop-model-") as top, \
            peers.Lab(a=scenario.a, b=scenario.b, delay_ms=DELAY_MS, delays=delays,
                      lose=lose_of(scenario.lost)) as net, \
            peers.serve(net), segments.Capture(net) as capture, peers.Heartbeat() as heart:
        one, other = os.path.join(top, "a"), os.path.join(top, "b")
        words = (peers.ticket(), *WORDS, "--timeout", str(SECONDS if scenario.short else 8))
        with peers.Peer(net, "a", "listen", *words, "--record", one, "--exec", "cat") as listener:
            listener.wait_event("listening")
            with peers.Peer(net, "b", "connect", *words, "--record", other,
                            keep_stdin=True) as connector:
                peers.wait_for(lambda: "knocks" in connector.text() or
                               connector.process.poll() is not None, "the knock")
                if scenario.late:
                    before = KNOCK_MS if scenario.late == "b" else DELAY_MS
                    net.change(delays={scenario.late + "-server": before + scenario.late_ms})
                peers.wait_for(over(listener), lambda: "the listener's end: " + listener.story())
                peers.wait_for(over(connector), lambda: "the connector's end: " + connector.story())
                time.sleep(2 * TAIL_MS / 1e3)
                clock_ms = (time.time() - time.monotonic()) * 1e3
                seen = capture.read()
                ends = {"a": end_of(listener, one, clock_ms),
                        "b": end_of(connector, other, clock_ms)}
        noise, beat = noise_of(seen, DELAY_MS), heart.late_ms
        return Run(seen, ends, noise, beat, (config_of(one)[0], config_of(other)[0]))


# --- in the world --------------------------------------------------------------------------------


def spec(scenario, run, later=None, noise_ms=0, seed=1):
    """The scenario as text, with the live run's seeds and moments; later: how much more than
    planned each side's START is delayed."""
    came = run.first("b") - run.first("a")
    later = later or {"a": 0, "b": 0}
    timeout = f", timeout {SECONDS * 1000}" if scenario.short else ", timeout 8000"
    lines = [f"# {scenario}", f"seed {seed}",
             f"site a: {scenario.a.replace(',', ', ')}", f"site b: {scenario.b.replace(',', ', ')}",
             f"path a-b: delay {DELAY_MS}" + (f", jitter {noise_ms:.3f}" if noise_ms else ""),
             f"path a-server: delay {DELAY_MS}", f"path b-server: delay {KNOCK_MS}",
             f"alice at a: listens, no lan{timeout}, seed {run.seeds[0]}",
             f"bob at b: connects, no lan, after {came:.3f}{timeout}, seed {run.seeds[1]}"]
    knock = came + 2.5 * KNOCK_MS
    for site, usual in ("a", DELAY_MS), ("b", KNOCK_MS):
        more = later[site] + (scenario.late_ms if site == scenario.late else 0)
        if more:
            lines.append(f"at {knock:.3f}: path {site}-server: delay {usual + more:.3f}")
    lines += [f"at 0: lose {way} {mask}" for way, mask in lose_of(scenario.lost).items()]
    return "\n".join(lines) + "\n"


END = re.compile(r"connected from \S+ to \S+, (\w+): "
                 r"|(the peer is there, but .*|nobody .*|.*broke.*)")


def play(text):
    """Runs a spec; returns a Run."""
    with tempfile.NamedTemporaryFile("w", prefix="hop-spec-", suffix=".story") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([STORY, "--packets", file.name], capture_output=True, text=True,
                              timeout=peers.HANG_S, check=False)
    check(done.returncode == 0, lambda: f"the world: {done.stderr} of:\n{text}")
    ends = {}
    for line in done.stdout.splitlines():
        match = re.match(r"\[ *([\d.]+) ms\] (alice|bob) +(.*)", line)
        if not match:
            continue
        site = "a" if match[2] == "alice" else "b"
        end = END.match(match[3])
        if end and site not in ends:
            ends[site] = (float(match[1]), end[1] or end[2])
    check(len(ends) == 2, lambda: f"the world's ends are {ends} of:\n{text}")
    return Run(segments.of_story(done.stdout), ends, text=text)


def fitted(scenario, real):
    """The quiet world whose first SYNs leave as far apart as the live ones; how much that took."""
    later, run = {"a": 0, "b": 0}, None
    for _ in range(4):
        run = play(spec(scenario, real, later))
        if real.skew() is None or run.skew() is None:
            break
        wrong = real.skew() - run.skew()
        if abs(wrong) < 0.15:
            break
        later["b"] += wrong
        least = min(later.values())
        later = {site: more - least for site, more in later.items()}
    return run, later


def compare(scenario, real, model):
    tolerance = 2 * real.noise_ms + NOISE_MIN_MS
    found = segments.differences(real.segments, real.bounds(scenario.short, real.noise_ms),
                                 model.segments, model.bounds(scenario.short, real.noise_ms),
                                 tolerance)
    if real.outcome() != model.outcome():
        found.append(("", "outcome", f"{real.outcome()} live, {model.outcome()} in the world"))
        return found
    for site in "" if scenario.short else "ab":
        took, its = [run.ends[site][0] - run.zero() for run in (real, model)]
        # Half a way, and the grain of Linux's timers, which the world has not.
        if abs(took - its) > DELAY_MS / 2 + real.beat_ms + GRAIN * its:
            found.append(("", f"{site}'s end", f"after {took:.0f} ms, {its:.0f} in the world"))
    return found


def show(scenario, real, model, found):
    lines = [f"# {scenario}: noise {real.noise_ms:.1f} ms"]
    runs = [(run.segments, run.zero(), run.bounds(scenario.short, real.noise_ms))
            for run in (real, model)]
    for place, connection, why in found:
        lines.append(f"#   {place or 'both'}: {connection}: {why}")
        if place:
            titles = f"{place}, live", "the world"
            lines += ["#     " + line
                      for line in segments.side_by_side(titles, runs, (place, connection))]
    return "\n".join(lines + ["#   the world's text:"] +
                     ["#     " + line for line in model.text.splitlines()])


def keep(scenario, model):
    if KEEP:
        name = re.sub(r"\W+", "-", str(scenario)) + ".story"
        with open(os.path.join(KEEP, name), "w", encoding="utf-8") as file:
            file.write(model.text)


# --- scenarios -----------------------------------------------------------------------------------

TABLE = []

# Two kinds; then what is special: "a +60": a's START comes 60 ms later than the server thinks; "b-
# 101": of the packets from b to a the first and the third are lost; "short": it does not get
# through, or late: of such an attempt only the first part is compared, and the end.
LIST = """
preserving-drop  preserving-drop
preserving-drop  eim-drop             a +60
eim-drop         eim-drop             b +100
eim-drop         carrier              b +35
carrier          carrier              a +100
firewall         firewall
firewall         eim-drop             b +15
user-eim-drop    preserving-drop      a +35
user-eim-drop    carrier

preserving-rst   preserving-drop      b +60
preserving-rst   eim-drop             a +60
eim-rst          carrier              a +100
preserving-nofilter  eim-drop         a +35
eim-rst          firewall             b +15
user-eim-rst     preserving-drop      a +100
user,stray=icmp  eim-drop             a +60
user,stray=icmp  carrier              b +35

preserving-rst   preserving-rst
preserving-rst   preserving-rst       b +60
preserving-rst   eim-rst              a +100
eim-rst          eim-rst              b +35
preserving-nofilter  preserving-nofilter  a +35
preserving-nofilter  eim-rst          b +180
user-eim-rst     preserving-rst       a +60
user-eim-rst     user-eim-rst         b +100
user,stray=icmp  user,stray=icmp      a +60
user,stray=icmp  preserving-rst       b +60
user-eim-rst,reset=keeps  eim-rst     a +60
user-eim-rst,reset=keeps  user-eim-rst,reset=keeps  b +35
user-eim-drop    preserving-rst       b +28
eim-drop         preserving-rst       b +28
user-eim-rst,reset=keeps  preserving-rst  b +28

public           public
public           preserving-rst       b +60
public           carrier              a +35
public           symmetric-random     a +60
preserving-nofilter  public           b +100
fullcone         fullcone
fullcone         preserving-rst       a +100
fullcone         symmetric-seq        b +35
fullcone         symmetric-random
user,simopen=no  eim-drop             b +60
user,simopen=no  preserving-rst       a +60
user,remap=10000  preserving-drop
user,map=adm,filter=adf  eim-drop     a +35
user,map=apdm,ports=seq:2  fullcone   b +60

preserving-drop  preserving-drop      a- 1
preserving-drop  fullcone             b- 01
carrier          eim-drop             b- 11
firewall         preserving-rst       a- 11
eim-drop         eim-rst              a- 01
preserving-rst   preserving-rst       b- 1
preserving-rst   eim-rst              a- 001
preserving-rst   preserving-nofilter  a +60  b- 1
eim-rst          eim-rst              b +35  a- 101
user-eim-rst     user-eim-drop        b- 01
preserving-drop  eim-drop             a- 1  b- 1
eim-rst          eim-drop             a +60  a- 1  b- 11

firewall,v6=firewall  firewall,v6=firewall
eim-drop,v6=refuse  preserving-rst,v6=refuse  b +60
symmetric-random,v6=firewall  symmetric-random,v6=refuse  a +60
symmetric-seq,v6=refuse  carrier,v6=open  b +100
eim-rst,v6=refuse  eim-rst,v6=firewall  a- 01

symmetric-random  symmetric-random    short
symmetric-random  preserving-rst      short
symmetric-random  carrier             short
symmetric-seq    eim-drop             short
user,simopen=no  user,simopen=no      short
user,remap=10000  eim-drop            a +60
user,remap=10000  preserving-rst      a +60
user,remap=10000  user,remap=10000    b +60
"""


def scenarios():
    for line in filter(None, LIST.splitlines()):
        one, other, *words = line.split()
        wish = {"short": "short" in words}
        for word, value in zip(words, words[1:]):
            if value.startswith("+"):
                wish.update(late=word, late_ms=float(value))
            if word.endswith("-"):
                wish.update(lost=f"{wish.get('lost', '')} {word[0]} {value}".strip())
        yield Scenario(one, other, **wish)


def agree(scenario):
    for attempt in range(1, TRIES + 1):
        real = live(scenario)
        model, later = fitted(scenario, real)
        keep(scenario, model)
        found, variants = compare(scenario, real, model), 0
        alike = not found
        while not alike and variants < VARIANTS:
            variants += 1
            noise = max(NOISE_MIN_MS, real.beat_ms) * variants / VARIANTS
            alike = not compare(scenario, real, play(spec(scenario, real, later, noise, variants)))
        if alike or not real.disturbed():
            break
    TABLE.append((scenario, real, variants, attempt))
    check(alike, lambda: "they differ: " + "; ".join(": ".join(one) for one in found) + "\n" +
          show(scenario, real, model, found))


CASES = [(f"model {scenario}", lambda scenario=scenario: agree(scenario))
         for scenario in scenarios()]

if __name__ == "__main__":
    verbose = "-v" in sys.argv
    sys.argv = [word for word in sys.argv if word != "-v"]
    peers.enter()
    status = peers.run(CASES, AT_ONCE)
    for scenario, real, variants, attempt in TABLE if verbose else []:
        print(f"# {str(scenario):60} {real.outcome()[0]:10} {len(real.segments):4} segments, "
              f"noise {real.noise_ms:4.1f} and {real.beat_ms:4.1f} ms, live run {attempt}, "
              f"variants {variants}")
    sys.exit(status)
