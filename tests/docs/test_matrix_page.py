#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/matrix.md is of the kinds that the lab has, of all their pairs, and within the bounds; and
the words by which bench/matrix.py tells strategies are those of the program."""
import itertools
import os
import re
import sys

SOURCE = os.environ.get("HOP_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(SOURCE, "lab"), os.path.join(SOURCE, "bench")]

import kinds  # noqa: E402
import matrix  # noqa: E402


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def section(text, title):
    return text.partition("\n## %s\n" % title)[2].partition("\n## ")[0]


def rows(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def result(name, wrong):
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)
    return not wrong


def difference(found, wanted):
    return "" if found == wanted else f"{sorted(set(found) ^ set(wanted))}, or another order"


def main():
    page = read("docs/matrix.md")
    field = list(kinds.FIELD)
    # Kinds of "user" stand for what nft plays as well, or are named in FIELD by their traits.
    alone = {name for name in kinds.KINDS if not name.startswith("user")}
    played = {text.partition(",")[0] for text in kinds.FIELD.values()} | {"user"}
    pairs = [" x ".join(names) for names in itertools.combinations_with_replacement(field, 2)]
    grid = [row[0].partition(" ")[2] for row in rows(section(page, "Median milliseconds, in sync"))]
    polite = rows(section(page, "Politeness"))[1:]
    over = [row[0] for row in polite
            if int(row[2]) > int(row[3]) or int(row[4]) > int(row[5])]
    said = re.sub(r'"\s*"', "", read("src/lib/words_nat.c"))
    good = [
        result("all kinds of the lab are paired", difference(alone, played - {"user"})),
        result("the page has the lab's kinds", difference(
            [row[0] for row in rows(section(page, "The kinds"))][1:], field)),
        result("the grid has them", difference([name for name in grid if name], field)),
        result("each pair has its line", difference(
            [row[0] for row in rows(section(page, "Each pair"))][1:], pairs)),
        result("politeness is there, within the bounds",
               "" if polite and not over else f"{len(polite)} rows, over: {over}"),
        result("strategies are told by the program's words", [
            words for words in matrix.SAID if words not in said]),
    ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
