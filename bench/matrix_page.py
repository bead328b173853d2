# SPDX-License-Identifier: MIT
"""docs/matrix.md, written from what matrix.py and politeness.py have measured."""
import datetime
import os

import connecting
import kinds
import matrix

PAGE = os.path.join(matrix.HERE, "..", "docs", "matrix.md")
TEXTS = os.path.join(matrix.HERE, "matrix_page.txt")  # three templates, a line of = between them
LETTERS = {"observed": "", "opener": "o", "window": "w", "pair": "p", "birthday": "b"}

with open(TEXTS, encoding="utf-8") as _file:
    HEAD, NEIGHBOURS, POLITE = _file.read().split("=====\n")


def write(found, runs, machine):
    """found: all pairs' rows of matrix.py; runs: what they are made of."""
    missing = {pair.name for pair in matrix.PAIRS} - {row[0].name for row in found}
    if missing:
        raise SystemExit("docs/matrix.md is of all pairs; %d are not measured" % len(missing))
    hopeful = [row for row in found if not matrix.is_hopeless(*row[0].name.split(" x "))]
    hopeless = [row for row in found if row not in hopeful]
    by_name = {row[0].name: row[1:3] for row in found}
    old = _old_politeness()
    text = HEAD.format(
        delay=connecting.DELAY_MS, when=datetime.date.today().isoformat(),
        count=min(one.count for row in found for one in row[1:]),
        apart=matrix.STARTS[1].apart_ms / 1000, **machine,
        good=_good(hopeful), tried=_tried(hopeful), none_good=_good(hopeless),
        none_tried=_tried(hopeless),
        auto_good=sum(row[3].good for row in found), auto_tried=sum(row[3].count for row in found),
        auto_relayed=sum("relayed" in row[3].ways for row in hopeful),
        kinds="\n".join("| %s | %s |" % (kind, words(kind)) for kind in kinds.FIELD),
        grid=_grid(by_name, 0), skewed=_grid(by_name, 1),
        pairs="\n".join(_line(*row) for row in found), failures=_failures(runs))
    text += "\n" + _neighbours(found, hopeful, by_name) + ("\n" + old if old else "")
    with open(PAGE, "w", encoding="utf-8") as page:
        page.write(text)


def write_politeness(costs, plain, birthday):
    with open(PAGE, encoding="utf-8") as page:
        text = page.read().partition("\n## Politeness")[0]
    rows = "\n".join("| %s | %d | %d | %d | %d | %d | %d |" % (
        c.name, c.runs, c.sockets, c.allowed[0], c.syns_per_second, c.allowed[1], c.syns)
        for c in costs)
    with open(PAGE, "w", encoding="utf-8") as page:
        page.write(text.rstrip("\n") + "\n\n" + POLITE.format(plain=plain, birthday=birthday,
                                                              rows=rows))


def words(kind):
    return kinds.FIELD_WORDS.get(kind) or kinds.KINDS[kind].words


def _old_politeness():
    if not os.path.exists(PAGE):
        return ""
    with open(PAGE, encoding="utf-8") as page:
        _, head, text = page.read().partition("## Politeness")
    return head + text


def _good(rows):
    return sum(row[1].good + row[2].good for row in rows)


def _tried(rows):
    return sum(row[1].count + row[2].count for row in rows)


def _cell(one, hopeless):
    if one.median_ms is None:
        return "-" if hopeless else "0 of %d" % one.count
    found = [LETTERS[name] for name in LETTERS if name in one.ways]
    text = matrix.milliseconds(one) + "".join(found)
    return text if one.good == one.count else "%s, %d of %d" % (text, one.good, one.count)


def _grid(by_name, start):
    """The kinds as rows and columns; columns by number, for the names are long."""
    names = list(kinds.FIELD)
    lines = ["| | " + " | ".join("%d" % (i + 1) for i in range(len(names))) + " |",
             "|---" * (len(names) + 1) + "|"]
    for i, row in enumerate(names):
        cells = []
        for column in names[:i + 1]:
            outcomes = by_name["%s x %s" % (column, row)]
            cells.append(_cell(outcomes[start], matrix.is_hopeless(row, column)))
        cells += [""] * (len(names) - i - 1)
        lines.append("| %d %s | %s |" % (i + 1, row, " | ".join(cells)))
    return "\n".join(lines)


def _line(pair, sync, skewed, auto):
    routes = " and ".join(sorted({way.partition(",")[0] for way in auto.ways.split("; ") if way}))
    ways = "; ".join(sorted({way for one in (sync, skewed) for way in one.ways.split("; ") if way}))
    return "| %s | %d of %d | %s | %d of %d | %s | %s | %s |" % (
        pair.name, sync.good, sync.count, matrix.milliseconds(sync) or "-",
        skewed.good, skewed.count, matrix.milliseconds(skewed) or "-",
        ways or "none is known", "%s, %d of %d, %s" % (
            routes or "-", auto.good, auto.count, matrix.milliseconds(auto) or "-"))


def _failures(runs):
    lines = []
    for run in runs:
        expected = (matrix.is_hopeless(*run["pair"].split(" x "))
                    and run["start"] != matrix.AUTO.name)
        if run["good"] or expected:
            continue
        said = [line.strip() for line in run["error"].splitlines()]
        nats = next((line for line in said if " NAT " in line and "; " in line), said[0])
        tried = next((line for line in said if " dials in " in line), "")
        lines.append("- %s, %s: %s%s" % (run["pair"], run["start"], nats, tried and "; " + tried))
    return "\n".join(lines) or "None."


def _neighbours(found, hopeful, by_name):
    def both(name):
        return " / ".join(matrix.milliseconds(one) or "-" for one in by_name[name])

    def whole(start):
        return sum(1 for row in found if row[start + 1].good == row[start + 1].count)

    def middle(start):
        return "%.0f" % matrix.statistics.median(
            row[start + 1].median_ms for row in hopeful if row[start + 1].median_ms is not None)

    return NEIGHBOURS.format(
        apart=matrix.STARTS[1].apart_ms / 1000, drop=both("preserving-drop x preserving-drop"),
        rst=both("preserving-rst x preserving-rst"), eim=both("eim-drop x eim-drop"),
        random=both("public x symmetric-random"), seq=both("eim-drop x symmetric-seq"),
        pair_count=len(found), sync_pairs=whole(0), skewed_pairs=whole(1), sync_ms=middle(0),
        skewed_ms=middle(1))
