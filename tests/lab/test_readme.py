#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What README.md shows is run: its shell commands, as they stand, on three machines of a lab (a at
home, b anywhere, the server), and its C program, built by its own line against an installed tree.

Two things are put in the place of others: the name of the example's server becomes the lab server's
address, and what was installed is found below a folder of ours. The `make` lines are left to
others: `make test` runs this very test, and the demo has one of its own."""
import filecmp
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

NAME = "rendezvous.example.org"
WORDS = ("serve", "ticket", "listen", "connect", "replay", "check")
MESON = "/usr/bin/meson" if os.path.exists("/usr/bin/meson") else "meson"


def blocks(language):
    with open(os.path.join(peers.SOURCE, "README.md"), encoding="utf-8") as file:
        return re.findall(r"^```" + language + r"\n(.*?)^```", file.read(), re.M | re.S)


def commands():
    return [line.partition("#")[0].strip() for block in blocks("sh") for line in block.splitlines()
            if line.partition("#")[0].strip()]


class Machines:
    """Three folders, one on each machine, in which shell commands are run."""

    def __init__(self, net, top):
        self._net = net
        self._top = top
        self.path = os.path.join(top, "bin")
        os.makedirs(self.path)
        os.symlink(os.path.abspath(peers.PROGRAM), os.path.join(self.path, "hopconn"))
        for where in ("server", "a", "b"):
            os.makedirs(self.folder(where))

    def folder(self, where):
        return os.path.join(self._top, where)

    def start(self, where, command, **more):
        environment = dict(peers.CLEAN, PATH=self.path + ":" + os.environ["PATH"], **more)
        command = command.replace(NAME, peers.SERVER)
        return self._net.popen(where, ["sh", "-c", command], cwd=self.folder(where),
                               env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self, process, status=0):
        said = process.communicate(timeout=peers.HANG_S)[1].decode(errors="replace")
        same(process.returncode, status, f"status of {process.args[-1]!r}, which says: {said!r}")


def shell():
    """serve, ticket, listen, connect: the file arrives. Then nobody listens any more: what is
    recorded is a failure, and it is told again."""
    shown = [line for line in commands() if not line.startswith("cc ")]
    for line in shown:
        check(line.split()[:2] in [["hopconn", word] for word in WORDS],
              f"README shows a command that this test cannot run: {line}")
    with tempfile.TemporaryDirectory(prefix="hop-readme-") as top, \
            peers.Lab(a="eim-drop", b="preserving-rst") as net:
        machines, listener, transfers = Machines(net, top), None, 0
        with open(os.path.join(machines.folder("a"), "song.ogg"), "wb") as song:
            song.write(os.urandom(300000))
        for line in shown:
            word = line.split()[1]
            if word == "serve":
                machines.start("server", line)
                peers.wait_for(lambda: ":3478" in net.run("server", ["ss", "-ltn"]).stdout, "serve")
            elif word == "ticket":
                machines.finish(machines.start("server", line))
                for where in "ab":
                    shutil.copy(os.path.join(machines.folder("server"), "home.ticket"),
                                machines.folder(where))
            elif "--record" in line:
                machines.finish(machines.start("b", line), status=4)
            elif word == "replay":
                machines.finish(machines.start("b", line + " > story"))
                with open(os.path.join(machines.folder("b"), "story"), encoding="utf-8") as story:
                    check("nobody listens" in story.read(), "the failure's story")
            elif word == "check":
                machines.finish(machines.start("a", line + " > verdict"))
                path = os.path.join(machines.folder("a"), "verdict")
                with open(path, encoding="utf-8") as verdict:
                    check(verdict.read().startswith("A NAT that keeps one port"), "the verdict")
            elif word == "listen":
                listener = machines.start("a", line)
            else:
                machines.finish(machines.start("b", line))
                machines.finish(listener)
                transfers += 1
        check(transfers > 0, "README shows no connection")
        check(filecmp.cmp(os.path.join(machines.folder("a"), "song.ogg"),
                          os.path.join(machines.folder("b"), "song.ogg"), shallow=False),
              "the file is not the same on both sides")


def plain_tree():
    """A build without sanitizers, as users install it: what they build links without any."""
    for tree in os.environ.get("HOP_PLAIN_BUILD"), os.path.join(peers.SOURCE, "build"), peers.BUILD:
        listing = os.path.join(tree or "", "meson-info", "intro-buildoptions.json")
        if tree and os.path.exists(listing):
            with open(listing, encoding="utf-8") as file:
                values = {option["name"]: option["value"] for option in json.load(file)}
            if values["b_sanitize"] in ("none", [], ""):
                return tree
    raise peers.Skip("there is no build tree without sanitizers: run make first")


def install(folder):
    """Returns the settings under which compiler and loader find what is installed there."""
    words = ["install", "-C", plain_tree(), "--no-rebuild", "--destdir", folder]
    done = subprocess.run([MESON, *words], capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stdout + done.stderr)
    found = glob.glob(os.path.join(folder, "**", "hopconn.pc"), recursive=True)
    check(len(found) == 1, f"pkg-config files installed: {found}")
    library = os.path.dirname(os.path.dirname(found[0]))
    return {"PKG_CONFIG_PATH": os.path.dirname(found[0]), "PKG_CONFIG_SYSROOT_DIR": folder,
            "LD_LIBRARY_PATH": library}


def c_program():
    """Built by the line that README shows, run against the program as listener."""
    sources, lines = blocks("c"), [line for line in commands() if line.startswith("cc ")]
    same((len(sources), len(lines)), (1, 1), "C programs and lines to build them")
    with tempfile.TemporaryDirectory(prefix="hop-readme-") as top, \
            peers.Lab(a="eim-drop", b="preserving-rst") as net, peers.serve(net):
        machines = Machines(net, os.path.join(top, "machines"))
        settings = install(os.path.join(top, "root"))
        source, program = shlex.split(lines[0])[1], shlex.split(lines[0])[-1]
        with open(os.path.join(machines.folder("b"), source), "w", encoding="utf-8") as file:
            file.write(sources[0])
        machines.finish(machines.start("b", lines[0] + " -Wall -Wextra -Werror", **settings))
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, "--plain") as listener:
            listener.wait_event("listening")
            machines.finish(machines.start("b", f"./{program} {ticket}", **settings))
            same(listener.expect(0).output(), b"hello\n", "what the listener got")
        wrong = machines.start("b", f"./{program} nonsense", **settings)
        said = wrong.communicate(timeout=peers.HANG_S)[1].decode()
        same((wrong.returncode, "ticket" in said), (1, True), f"without a ticket: {said}")


CASES = [("shell", shell), ("c program", c_program)]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 2))
