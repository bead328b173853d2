#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The core's state machines as the tests see them: docs/states/NAME.dot and NAME.svg, made from the
transitions that the stories and some random worlds really take (states.c), with the names that
stand in the core's headers.

    states.py            checks that the committed transitions are those of today
    states.py --write    writes them, and draws them (needs graphviz)

HOP_BUILD: the build tree; HOP_SOURCE: the source tree."""
import difflib
import glob
import os
import re
import subprocess
import sys

SOURCE = os.environ.get("HOP_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("HOP_BUILD", os.path.join(SOURCE, "build"))
FOLDER = os.path.join(SOURCE, "docs", "states")
HANG_S = 300
SERVER = 16  # as states.c has it
TITLES = {
    "link": "a link: one TCP connection to a peer, and the handshake on it (core/link.h)",
    "attempt": "an attempt to connect to one peer (core/attempt.h)",
    "caller": "a caller: the conversation with one server (core/caller.h)",
    "pair": "a candidate pair: an address of the peer, and the dials of it (core/pair.h, dial.h)",
}


def enum(header, name):
    """An enum's names without what they begin with; ours have no explicit values."""
    with open(os.path.join(SOURCE, "src", "core", header), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    body = re.search(r"typedef enum %s \{(.*?)\}" % name, text, re.S).group(1)
    names_there = [one.strip() for one in body.split(",") if one.strip()]
    return [re.sub(r"^HOP_(LINK|ATTEMPT|CALLER|IN)_", "", one).lower() for one in names_there]


def names():
    """For each machine {code of states.c: name}."""
    links, phases = enum("link.h", "hop_link_state"), enum("link.h", "hop_link_phase")
    attempts = enum("attempt.h", "hop_attempt_state")
    link = {code: name for code, name in enumerate(links) if name != "open"}
    link.update({16 + code: "open: " + name for code, name in enumerate(phases)})
    link[24] = "open: in the lobby"
    attempt = dict(enumerate(attempts))
    for code, name in list(attempt.items())[1:]:
        attempt[code + 8] = name + ", a link has proved itself"
        attempt[code + 16] = name + ", a link is nominated"
    pair = {0: "free", 1: "left out", 2: "waits for its time"}
    pair.update({3 + code: name for code, name in enumerate(links)})
    pair[3] = "its link is gone"
    caller = dict(enumerate(enum("caller.h", "hop_caller_state")))
    return {"link": link, "attempt": attempt, "caller": caller, "pair": pair}


def run():
    """{machine: {(from, to): [inputs]}}"""
    stories = sorted(glob.glob(os.path.join(SOURCE, "tests", "story", "*.story")))
    program = os.path.join(BUILD, "tests", "story", "story-states")
    done = subprocess.run([program, *stories], capture_output=True, text=True, timeout=HANG_S,
                          check=True)
    named, inputs = names(), enum("input.h", "hop_input_kind")
    machines = {name: {} for name in TITLES}
    for line in done.stdout.splitlines():
        kind, start, end, cause = map(int, line.split())
        name = list(TITLES)[kind]
        edge = named[name][start], named[name][end]
        words = "server: " + inputs[cause - SERVER] if cause >= SERVER else inputs[cause]
        machines[name].setdefault(edge, []).append(words)
    return machines


def dot(name, edges):
    quiet = "free" if name != "caller" else "idle"
    lines = ["// Made by `make pictures` from what the tests take; not by hand.",
             f"digraph {name} {{",
             f'  label="{TITLES[name]}"; labelloc=t; fontname="sans-serif"; bgcolor="white";',
             '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=12];',
             '  edge [fontname="sans-serif", fontsize=10];',
             f'  "{quiet}" [style="rounded,filled", fillcolor="#eef1f4"];']
    for (start, end), causes in sorted(edges.items()):
        label = "\\n".join(", ".join(sorted(causes)[i:i + 2]) for i in range(0, len(causes), 2))
        lines.append(f'  "{start}" -> "{end}" [label="{label}"];')
    return "\n".join(lines + ["}", ""])


def check(name, text):
    path = os.path.join(FOLDER, name + ".dot")
    committed = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            committed = file.read()
    if committed == text:
        print(f"ok transitions of {name}")
        return True
    print(f"not ok transitions of {name}: others are taken than docs/states/{name}.dot has "
          "(make pictures)")
    for line in difflib.unified_diff(committed.splitlines(), text.splitlines(), "committed", "now",
                                     lineterm="", n=0):
        print("  " + line)
    return False


def write(name, text):
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, name)
    with open(path + ".dot", "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run(["dot", "-Tsvg", path + ".dot", "-o", path + ".svg"], check=True)
    return True


def main():
    act = write if sys.argv[1:] == ["--write"] else check
    return 0 if all([act(name, dot(name, edges)) for name, edges in run().items()]) else 1


if __name__ == "__main__":
    sys.exit(main())
