#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tests and the fuzz targets are built in one tree, so by one compiler only: here gcc reads
each of their files, with the tree's own flags, and may have nothing to say."""
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

SOURCE, BUILD = os.environ["HOP_SOURCE"], os.environ["HOP_BUILD"]
# Where the object goes, what is to be noted besides, and what only one compiler knows.
DROPPED = {"-o": 2, "-c": 1, "-MD": 1, "-MQ": 2, "-MF": 2}
OWN = ("-fsanitize", "-fno-sanitize", "-Wno-unknown", "-fcolor-diagnostics", "-fdiagnostics-color")

SAID = re.compile(r"\b(warning|error|status)\b")


def units():
    """{folder: [(directory, command)]} of all C files below tests/ and fuzz/, by gcc, read only."""
    found = {}
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        for unit in json.load(file):
            path = os.path.relpath(os.path.join(unit["directory"], unit["file"]), SOURCE)
            if not path.startswith(("tests/", "fuzz/")):
                continue
            words, command = shlex.split(unit["command"])[1:], ["gcc", "-fsyntax-only"]
            while words:
                count = DROPPED.get(words[0], 0)
                if count == 0 and not words[0].startswith(OWN):
                    command.append(words[0])
                words = words[count or 1:]
            commands = found.setdefault(os.path.dirname(path), [])
            if (unit["directory"], command) not in commands:
                commands.append((unit["directory"], command))
    return found


def read(unit):
    """What gcc has to say about a file."""
    directory, command = unit
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return done.stderr.strip() or (f"{command[-1]}: status {done.returncode}"
                                   if done.returncode else "")


def main():
    if not shutil.which("gcc"):
        print("ok compilers # SKIP gcc is not installed")
        return 0
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for folder, commands in sorted(units().items()):
            said = "\n".join(filter(None, pool.map(read, commands)))
            failed += bool(said)
            if said:
                first = next((line for line in said.splitlines() if SAID.search(line)), "?")
                print(f"{said}\nnot ok gcc: {folder}: {first}", flush=True)
            else:
                print(f"ok gcc: {folder}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
