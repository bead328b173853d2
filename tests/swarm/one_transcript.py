#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One seed is one transcript, byte for byte: from clang and gcc, optimised or not, with sanitizers
or without. Takes the programs that are there and makes one more with the other compiler."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

SEED, WORLDS = "7", "300"
LIBRARIES = ["openssl", "libcrypto", "libuv", "libcjson"]


def digest(program):
    return subprocess.run([program, "--digest", SEED, WORLDS], check=True, text=True,
                          capture_output=True, timeout=240).stdout.strip()


def build(root, compiler, folder):
    """All in one go; the list is that of meson.build, by folder."""
    sources = []
    for part in "base", "wire", "core", "rendezvous", "secure":
        sources += glob.glob(os.path.join(root, "src", part, "*.c"))
    with open(os.path.join(root, "tests/world/house.txt")) as rest:
        sources += [os.path.join(root, line.strip()) for line in rest if line[0] != "#"]
    sources += [source for source in glob.glob(os.path.join(root, "tests/world/*.c"))
                if not os.path.basename(source).startswith(("test_", "kernel_rig", "nat_play"))]
    sources += glob.glob(os.path.join(root, "tests/swarm/*.c"))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs"] + LIBRARIES, check=True, text=True,
                           capture_output=True).stdout.split()
    include = ["-I" + os.path.join(root, part)
               for part in (".", "include", "src", "tests", "tests/world")]
    include.append("-I" + os.environ["HOP_BUILD"])
    program = os.path.join(folder, "swarm")
    subprocess.run([compiler, "-std=gnu11", "-O0", "-D_GNU_SOURCE", "-w", "-o", program] + include +
                   sorted(sources) + flags, check=True, timeout=240)
    return program


def main():
    programs = [os.path.join(os.environ["HOP_BUILD"], name) for name in sys.argv[1:]]
    digests = {program: digest(program) for program in programs}
    compiler = shutil.which("gcc")
    if compiler is None:
        print("ok one transcript with gcc as well # SKIP there is no gcc")
    else:
        with tempfile.TemporaryDirectory() as folder:
            digests["gcc -O0"] = digest(build(os.environ["HOP_SOURCE"], compiler, folder))
    if len(set(digests.values())) == 1:
        print("ok one transcript of %s worlds from %d builds" % (WORLDS, len(digests)))
        return 0
    print("not ok one transcript: " + ", ".join("%s %s" % (value, name)
                                                for name, value in digests.items()))
    return 1


if __name__ == "__main__":
    sys.exit(main())
