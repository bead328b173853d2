#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The short run of one fuzz target, as a test: first all seeds and all that was ever found, then so
many runs of a fixed seed: the same every time. Prints one TAP line for each.

    short.py PROGRAM NAME RUNS
    short.py --skip REASON
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def fuzz(name, program, options, folders):
    """True when the target took everything; else its words are shown."""
    result = subprocess.run([program, *options, *folders], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    print(f"ok {name}" if result.returncode == 0 else
          f"not ok {name}: exit status {result.returncode}")
    if result.returncode != 0:
        print(result.stdout[-6000:])
    return result.returncode == 0


def main():
    if sys.argv[1] == "--skip":
        print("1..1\nok fuzz # SKIP " + sys.argv[2])
        return 0
    program, name, runs = sys.argv[1:]
    print("1..2")
    folders = [os.path.join(HERE, kind, name) for kind in ("seeds", "found")]
    folders = [folder for folder in folders if os.path.isdir(folder)]
    with tempfile.TemporaryDirectory(prefix="hop-fuzz-") as scratch:
        artifacts = f"-artifact_prefix={scratch}/"
        clean = fuzz(f"{name}: seeds and finds", program, ["-runs=0", artifacts], folders)
        new = os.path.join(scratch, "new")
        os.mkdir(new)
        clean &= fuzz(f"{name}: {runs} runs", program,
                      [f"-runs={runs}", "-seed=1", "-max_len=4096", "-timeout=20", "-reload=0",
                       artifacts], [new] + folders)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
