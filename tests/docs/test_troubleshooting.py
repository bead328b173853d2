#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every reason that the program can give has its section in docs/troubleshooting.md, and no section
is of a reason that nobody gives."""
import os
import re
import subprocess
import sys

SOURCE = os.environ.get("HOP_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("HOP_PROGRAM", os.path.join(SOURCE, "build", "hopconn"))
PAGE = "docs/troubleshooting.md"


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def reasons():
    errors = re.findall(r"^    X\(-\d+, ([A-Z_]+),", read("include/hopconn/error.h"), re.M)
    advice = re.findall(r'^    X\([A-Z_]+,\s*"([a-z-]+)"', read("src/lib/advice.h"), re.M)
    return errors, advice


def sections():
    parts = re.split(r"^### (.*)$", read(PAGE), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2])), parts[1::2]


def result(name, wrong):
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)
    return not wrong


def main():
    errors, advice = reasons()
    texts, names = sections()
    good = [
        result("reasons are found", "" if len(errors) > 20 and len(advice) > 15 else
               f"{len(errors)} errors, {len(advice)} pieces of advice"),
        result("each reason has its section", " ".join(
            name for name in errors + advice if name not in texts)),
        result("no section is orphaned", " ".join(set(names) - set(errors) - set(advice))),
        result("no section twice", " ".join({n for n in names if names.count(n) > 1})),
        result("a reason of NAT or server says how to verify and what to do", " ".join(
            name for name in advice if "Do" not in texts.get(name, "Do") or
            len(texts.get(name, "long enough").split()) < 20)),
    ]
    # The words that a user sees lead here.
    done = subprocess.run([PROGRAM, "connect", "no-ticket"], capture_output=True, text=True,
                          check=False)
    good.append(result("the program names the section", "" if
                       "See TICKET in docs/troubleshooting.md." in done.stderr else done.stderr))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
