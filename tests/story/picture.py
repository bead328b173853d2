#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Pictures hold what they promise: `hopconn replay --svg` of each sample, and the committed
pictures of docs/stories. Well-formed, closed in itself (no script, no link, no font of its own), of
a bounded size, no text over another one, nothing beyond the edge, the same bytes each time; and a
recording's picture says how its story ends.

HOP_PROGRAM: the program under test, build/hopconn by default. HOP_BUILD: the build tree, whose
story-pictures draws some random worlds, too."""
import glob
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "tests", "replay")
PROGRAM = os.environ.get("HOP_PROGRAM", os.path.join(ROOT, "build", "hopconn"))
SVG = "{http://www.w3.org/2000/svg}"
SIZE_MAX, HANG_S, SEEDS = 600_000, 30, 40
ALLOWED = {"svg", "title", "style", "defs", "marker", "path", "rect", "text"}
# Rather narrow, so that only texts that really overlap do; the font's sizes are in the style sheet.
WIDTHS = ((0.27, "iljI.,:;'|![]() "), (0.38, "frt/-\""), (0.85, "mwMW@%"))
SIZES = {"title": 18, "verdict": 15, "name": 13, "cross": 15, "small": 11, "time": 11, "label": 11,
         "reason": 11}


def width_of(text, size):
    return sum(next((width for width, letters in WIDTHS if letter in letters), 0.53)
               for letter in text) * size


def boxes(tree):
    """(left, top, right, bottom, text) of every text."""
    for node in tree.iter(SVG + "text"):
        classes = node.get("class", "").split()
        size = next((SIZES[name] for name in classes if name in SIZES), 12)
        width, x, y = width_of(node.text, size), int(node.get("x")), int(node.get("y"))
        if "end" in classes or "time" in classes:
            x -= width
        elif {"name", "middle", "cross"} & set(classes):
            x -= width / 2
        yield x, y - size * 0.7, x + width, y, node.text


def problems_of(data):
    """What is wrong with a picture, in words."""
    if len(data) > SIZE_MAX:
        yield f"{len(data)} bytes, {SIZE_MAX} are allowed"
    text = data.decode()
    for word in ("href", "url(h", "@import", "@font", "<script", "<image", "javascript"):
        if word in text:
            yield f"it says {word}"
    tree = ElementTree.fromstring(data)
    strange = {node.tag for node in tree.iter()} - {SVG + name for name in ALLOWED}
    if strange:
        yield f"it has {sorted(strange)}"
    width, height = int(tree.get("width")), int(tree.get("height"))
    placed = sorted(boxes(tree), key=lambda box: box[1])
    for i, one in enumerate(placed):
        if one[0] < 0 or one[1] < 0 or one[2] > width or one[3] > height:
            yield f"'{one[4]}' is beyond the edge"
        for other in placed[i + 1:]:
            if other[1] >= one[3]:
                break
            if one[0] < other[2] and other[0] < one[2]:
                yield f"'{one[4]}' and '{other[4]}' overlap"


def draw(path):
    return subprocess.run([PROGRAM, "replay", "--svg", path], cwd=FOLDER, capture_output=True,
                          timeout=HANG_S, check=False)


def check_recording(name):
    done = draw(name + ".hoprec")
    if done.returncode != 0 or done.stderr:
        return [f"status {done.returncode}, {done.stderr.decode()!r}"]
    found = list(problems_of(done.stdout))
    if draw(name + ".hoprec").stdout != done.stdout:
        found.append("another picture the second time")
    with open(os.path.join(FOLDER, name + ".txt"), encoding="utf-8") as file:
        story = file.read()
    end = re.findall(r"^hopconn: (.*)$|(connected from .*)$", story, re.M)
    words = ElementTree.fromstring(done.stdout)
    said = " ".join(node.text for node in words.iter(SVG + "text"))
    if not end or not any("".join(line).rstrip(".") in said for line in end):
        found.append("it does not say how the story ends")
    return found


def check_damaged():
    """What is no recording is no picture either; of one that breaks off all there is is drawn."""
    with open(os.path.join(FOLDER, "punched-connect.hoprec"), "rb") as file:
        whole = file.read()
    for size, status in ((10, 1), (len(whole) // 2, 0), (len(whole) - 1, 0)):
        done = subprocess.run([PROGRAM, "replay", "--svg", "-"], input=whole[:size],
                              capture_output=True, timeout=HANG_S, check=False)
        if done.returncode != status or (status == 0) != bool(done.stdout) or not done.stderr:
            yield f"{size} bytes: status {done.returncode}, {len(done.stdout)} bytes of picture"
        elif status == 0:
            yield from problems_of(done.stdout)


def check_seeds():
    program = os.path.join(os.environ.get("HOP_BUILD", os.path.join(ROOT, "build")),
                           "tests", "story", "story-pictures")
    for seed in range(1, SEEDS + 1):
        done = subprocess.run([program, "--seed", str(seed)], capture_output=True, timeout=HANG_S,
                              check=True)
        yield from (f"seed {seed}: {problem}" for problem in problems_of(done.stdout))


def report(name, found):
    print(f"not ok {name}: {found[0]}" if found else f"ok {name}")
    for line in found[1:20]:
        print(f"  {line}")
    return not found


def main():
    names = sorted(os.path.basename(path)[:-7]
                   for path in glob.glob(os.path.join(FOLDER, "*.hoprec")))
    good = [report("picture of " + name, check_recording(name)) for name in names]
    good.append(report("pictures of damaged recordings", list(check_damaged())))
    good.append(report("pictures of random worlds", list(check_seeds())))
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "stories", "*.svg"))):
        with open(path, "rb") as file:
            good.append(report(os.path.relpath(path, ROOT), list(problems_of(file.read()))))
    return 0 if names and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
