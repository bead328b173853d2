#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures hopconn in the lab against the goals of its design; see bench/README.md.

    make bench                    all of it, some minutes
    bench/bench.py --quick        a look, under a minute
    bench/bench.py connect --pair 'eim-rst x eim-rst' --runs 100
"""
import argparse
import dataclasses
import datetime
import json
import os
import platform
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lab"), HERE]

import lab  # noqa: E402
import program  # noqa: E402

import calls  # noqa: E402
import connecting  # noqa: E402
import connection  # noqa: E402
import crossing  # noqa: E402
import matrix  # noqa: E402
import memory  # noqa: E402
import politeness  # noqa: E402
import relay  # noqa: E402
import throughput  # noqa: E402
from figures import head, show  # noqa: E402

SECTIONS = ("connect", "matrix", "politeness", "throughput", "relay", "connection", "memory",
            "calls")
BY_NAME = ("crossing",)  # only when asked for


def parse(argv):
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__.partition("\n\n")[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", default=[],
                        help="some of: %s (default: all of these); %s" % (
                            ", ".join(SECTIONS), ", ".join(BY_NAME)))
    parser.add_argument("--quick", action="store_true", help="fewer runs, smaller streams")
    parser.add_argument("--runs", type=int, metavar="N",
                        help="attempts for each pair and condition (default 20; 3 when quick)")
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="N",
                        help="the first run's number: it decides offset and losses")
    parser.add_argument("--pair", action="append", metavar="NAME", help="only this pair")
    parser.add_argument("--condition", action="append", metavar="NAME",
                        choices=[c.name for c in connecting.CONDITIONS],
                        help="only: %s" % ", ".join(c.name for c in connecting.CONDITIONS))
    parser.add_argument("--again", action="store_true",
                        help="matrix: forget what was measured of this program before")
    parser.add_argument("--write", action="store_true",
                        help="matrix, politeness: write docs/matrix.md")
    parser.add_argument("--json", metavar="FILE", help="default: build/bench.json")
    arguments = parser.parse_args(argv)
    for section in arguments.sections:
        if section not in SECTIONS + BY_NAME:
            parser.error("no such section: %s" % section)
    names = [pair.name for pair in connecting.PAIRS + matrix.PAIRS]
    for name in arguments.pair or []:
        if name not in names:
            parser.error("no such pair: %s (there are: %s)" % (name, "; ".join(names)))
    return arguments


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as text:
        model = next((line.partition(":")[2].strip() for line in text
                      if line.startswith("model name")), platform.machine())
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release()}


class Progress:
    """A line that counts, on a terminal only."""

    def __init__(self, total):
        self.total, self.done = total, 0

    def __call__(self, _run):
        self.done += 1
        if sys.stderr.isatty():
            end = "\n" if self.done == self.total else ""
            print("\r  %d of %d attempts%s" % (self.done, self.total, end), end="",
                  file=sys.stderr, flush=True)


def connect(arguments, report):
    pairs = [pair for pair in connecting.PAIRS if not arguments.pair or pair.name in arguments.pair]
    conditions = [condition for condition in connecting.CONDITIONS
                  if not arguments.condition or condition.name in arguments.condition]
    count = arguments.runs or (3 if arguments.quick else 20)
    numbers = range(arguments.first, arguments.first + count)
    runs = connecting.measure(pairs, conditions, numbers,
                              Progress(len(pairs) * len(conditions) * count))
    for condition in conditions:
        connecting.show_condition(condition, runs, pairs)
    connecting.show_failures(runs)
    report["runs"] = [dataclasses.asdict(run) for run in runs]
    return connecting.figures(runs, pairs)


def measure(arguments):
    start = time.monotonic()
    report = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "machine": machine(), "quick": arguments.quick, "arguments": sys.argv[1:]}
    work = {"connect": lambda: connect(arguments, report),
            "matrix": lambda: matrix.measure(arguments, report),
            "politeness": lambda: politeness.measure(arguments, report),
            "throughput": lambda: throughput.measure(arguments.quick, report),
            "relay": lambda: relay.measure(arguments.quick, report),
            "connection": lambda: connection.measure(arguments.quick, report),
            "memory": lambda: memory.measure(arguments.quick, report),
            "calls": lambda: calls.measure(report), "crossing": lambda: crossing.measure(report)}
    figures = []
    for section in arguments.sections or SECTIONS:
        figures += work[section]()
    with_goal = [figure for figure in figures if figure.goal is not None]
    if with_goal:
        head("Against the goals", "of the design; on %(cores)s cores, %(processor)s, "
             "Linux %(kernel)s" % report["machine"])
        show(with_goal)
    report["seconds"] = round(time.monotonic() - start, 1)
    report["figures"] = [figure.as_dict() for figure in figures]
    file = arguments.json or os.path.join(HERE, "..", "build", "bench.json")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(report, out, indent=1)
    print("\n%d of %d goals met, in %.0f s; every sample is in %s" % (
        sum(1 for figure in with_goal if figure.verdict == "ok"), len(with_goal),
        report["seconds"], os.path.relpath(file)))
    return 1 if any(run["error"] for run in report.get("runs", [])) else 0


def main(argv):
    arguments = parse(argv)
    lab.enter()
    try:
        return measure(arguments)
    except (program.Unexpected, lab.LabError, OSError) as error:
        print("bench: %s" % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
