# SPDX-License-Identifier: MIT
"""A measured figure with its goal, and how figures are printed. Nothing is measured here."""
import dataclasses
import math
import os
import statistics
import sys


@dataclasses.dataclass
class Figure:
    """`goal` is the most that is allowed, the least when `at_least`; None: there is no goal.
    `reach`: between what the true value lies in 19 of 20 cases; a goal that is missed but lies
    within it is "unsure"."""
    name: str
    value: float
    unit: str
    count: int  # of how many samples
    goal: float = None
    at_least: bool = False
    note: str = ""
    reach: tuple = None

    @property
    def verdict(self):
        if self.goal is None:
            return ""
        good = self.value >= self.goal if self.at_least else self.value <= self.goal
        if not good and self.reach is not None and self.reach[0] <= self.goal <= self.reach[1]:
            return "unsure"
        return "ok" if good else "under" if self.at_least else "over"

    def as_dict(self):
        return {**dataclasses.asdict(self), "verdict": self.verdict or None}


def percentile(values, percent):
    """By nearest rank: of fewer than 100 values the 99th is the greatest."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def median(values):
    return statistics.median(values)


def reach(values):
    """Between what the median of many more such values would lie, in 19 of 20 cases: the k-th
    value from either end, by the binomial distribution. Fewer than six values do not tell."""
    ranked, count = sorted(values), len(values)
    outside, k = 2 / 2 ** count, 0  # the probability that it lies beyond the ends' values
    if outside > 0.05:
        return -math.inf, math.inf
    while outside + 2 * math.comb(count, k + 1) / 2 ** count <= 0.05:
        k += 1
        outside += 2 * math.comb(count, k) / 2 ** count
    return ranked[k], ranked[-1 - k]


def coloured(code, text):
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else "\033[%sm%s\033[0m" % (code, text)


def head(text, note=""):
    print("\n%s%s\n" % (coloured("1", text), "\n" + note if note else ""), flush=True)


def number(value):
    return "%d" % value if abs(value) >= 1000 else "%.2f" % value if abs(value) < 10 \
        else "%.1f" % value


def table(rows):
    """The first column to the left, the others to the right, the last one as it is."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1])]
        last = row[-1]
        if last in ("over", "under", "unsure"):
            last = coloured("31", last)
        elif last == "ok":
            last = coloured("32", last)
        print(("  " + "  ".join([*cells, last])).rstrip())
    sys.stdout.flush()


def show(figures):
    rows = [("", "measured", "", "of", "goal", "")]
    for figure in figures:
        goal = "" if figure.goal is None else "%s %s" % (
            ">=" if figure.at_least else "<=", number(figure.goal))
        rows.append((figure.name, number(figure.value), figure.unit, str(figure.count), goal,
                     figure.verdict))
    table(rows)
