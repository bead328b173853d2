#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recordings from the lab and from users: NAME.hoprec is told again, and has to say NAME.txt, line
by line. So the core, given what once happened, still does what it did then.

    tests/replay/replay.py [--accept] [NAME...]

To make a test of a failure: copy its recording here (no secret is in it, addresses are), run with
--accept, and read what was accepted. When the core has learnt to do something else, its old
recordings end with "from here on ...": then `HOP_KEEP=tests/replay tools/test record` makes those
of the lab anew, those of users have served.

HOP_PROGRAM: the program under test, build/hopconn by default."""
import difflib
import glob
import os
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("HOP_PROGRAM", os.path.join(FOLDER, "..", "..", "build", "hopconn"))
HANG_S = 30


def tell(path):
    """All that replay says; the end of it, where that is no good one, behind the story."""
    done = subprocess.run([PROGRAM, "replay", os.path.basename(path)], cwd=FOLDER,
                          capture_output=True, text=True, timeout=HANG_S, check=False)
    return done.stdout + done.stderr


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def check(path, accept):
    name, expected = os.path.basename(path)[:-7], path[:-7] + ".txt"
    told, wanted = tell(path), read(expected)
    if told == wanted and told:
        print(f"ok {name}")
    elif accept and told:
        with open(expected, "w", encoding="utf-8") as file:
            file.write(told)
        print(f"ok {name}: accepted")
    else:
        for line in difflib.unified_diff(wanted.splitlines(), told.splitlines(), name + ".txt",
                                         "told now", lineterm=""):
            print("  " + line)
        print(f"not ok {name}: another story than in {os.path.basename(expected)}"
              if wanted else f"not ok {name}: no {os.path.basename(expected)}; --accept writes it")
        return False
    return True


def main(words):
    names = [word for word in words if word != "--accept"]
    paths = sorted(glob.glob(os.path.join(FOLDER, "*.hoprec")))
    chosen = [path for path in paths if not names or os.path.basename(path)[:-7] in names]
    if not chosen:
        print("not ok replay: no such recording")
    orphans = [path for path in glob.glob(os.path.join(FOLDER, "*.txt"))
               if path[:-4] + ".hoprec" not in paths]
    for path in orphans:
        print(f"not ok {os.path.basename(path)}: there is no recording of that name")
    good = [check(path, "--accept" in words) for path in chosen]
    return 0 if chosen and all(good) and not orphans else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
