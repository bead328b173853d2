#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hopconn's laboratory of NATs: use by hand here, use from Python by `import lab`.

    lab.py up --a eim-drop --b preserving-rst --delay 25 [-- COMMAND]
    lab.py in a COMMAND          (inside of `up`; `on a COMMAND` is shorter)
    lab.py kinds
    lab.py selftest
    lab.py speed
"""
import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import plan  # noqa: E402
from kinds import KINDS  # noqa: E402
from network import Lab, LabError, wait_for  # noqa: E402,F401
from private import enter, is_private, SKIP  # noqa: E402,F401


def parse(argv):
    parser = argparse.ArgumentParser(prog="lab.py", description=__doc__.splitlines()[0])
    words = parser.add_subparsers(dest="word", required=True)
    up = words.add_parser("up", help="raise a lab, run a command or a shell in it")
    for name in plan.SITE_NAMES:
        up.add_argument("--" + name, metavar="KIND", help="kind of site " + name)
    up.add_argument("--delay", action="append", default=[], metavar="MS|A-B=MS",
                    help="one way, for all pairs or for one (default 25)")
    up.add_argument("--loss", action="append", default=[], metavar="PERCENT|A-B=PERCENT")
    up.add_argument("--rate", type=float, default=0, metavar="MBIT")
    up.add_argument("--hops", type=int, default=3)
    up.add_argument("--seed", type=int, default=1)
    up.add_argument("command", nargs="*", metavar="-- COMMAND", help="default: a shell")
    within = words.add_parser("in", help="run a command in a place of the lab around us")
    within.add_argument("place")
    within.add_argument("command", nargs=argparse.REMAINDER)
    words.add_parser("kinds", help="list the kinds of sites")
    speed = words.add_parser("speed", help="measure one TCP stream through the lab")
    speed.add_argument("kinds", nargs="*", help="kinds of site a")
    selftest = words.add_parser("selftest", help="prove that every kind is what it says")
    selftest.add_argument("only", nargs="*", help="names of kinds or checks")
    return parser.parse_args(argv)


def split_pairs(texts, default):
    """["25", "a-b=40"] as (25.0, {"a-b": 40.0})"""
    single = {}
    for text in texts:
        pair, _, value = text.rpartition("=")
        if pair:
            single[pair] = float(value)
        else:
            default = float(value)
    return default, single


def show_kinds():
    for kind in KINDS.values():
        print("%-20s %s" % (kind.name, kind.words))
    print("\nOptions after the name: ,hosts=2 (LAN neighbours a and a2)  "
          ",v6=off|firewall|refuse|open  ,lan=N (192.168.N.0/24)")


def write_words(net, folder):
    """A word on PATH for each place: `a CMD` and `on a CMD` both run CMD there."""
    os.makedirs(folder, exist_ok=True)
    texts = {name: "exec nsenter --net=/run/netns/%s%s -- \"$@\"" % (net.prefix, name)
             for name in net.spaces()}
    texts["on"] = 'place=$1; shift; exec nsenter --net=/run/netns/%s$place -- "$@"' % net.prefix
    for name, text in texts.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n%s\n" % text)
        os.chmod(path, 0o755)


def describe(net):
    lines = ["A lab is up. Run a command somewhere: on PLACE COMMAND"]
    for name, at in net.sites.items():
        hosts = ", ".join("%s is %s" % (n, net.address(n)) for n in plan.spaces(at.site)
                          if "-" not in n)
        lines.append("  site %s  %-20s %s; seen as %s" % (name, at.site.kind.name, hosts,
                                                          at.public))
    others = ", ".join(name for name in net.spaces() if "-" in name)
    lines.append("  server  %s and %s" % plan.SERVER4)
    lines.append("  others  %s; `exit` ends it all" % others)
    print("\n".join(lines), file=sys.stderr)


def up(arguments):
    sites = {n: getattr(arguments, n) for n in plan.SITE_NAMES if getattr(arguments, n)}
    delay, delays = split_pairs(arguments.delay, 25.0)
    loss, losses = split_pairs(arguments.loss, 0.0)
    with Lab(delay_ms=delay, delays=delays, loss=loss, losses=losses, rate_mbit=arguments.rate,
             hops=arguments.hops, seed=arguments.seed, **sites) as net:
        folder = "/run/words-" + net.prefix.strip("-")
        write_words(net, folder)
        environment = dict(os.environ, PATH=folder + ":" + os.environ["PATH"], HOP_LAB=net.prefix,
                           HOP_LAB_SERVER=net.address("server"), debian_chroot="lab")
        if not arguments.command:
            describe(net)
        argv = arguments.command or [os.environ.get("SHELL", "/bin/sh")]
        return subprocess.run(argv, env=environment, check=False).returncode


def run_in(arguments):
    prefix = os.environ.get("HOP_LAB")
    if not prefix or not arguments.command:
        print("lab.py in: inside of `lab.py up` only, and with a command", file=sys.stderr)
        return 2
    path = "/run/netns/" + prefix + arguments.place
    os.execvp("nsenter", ["nsenter", "--net=" + path, "--", *arguments.command])


def main(argv):
    arguments = parse(argv)
    if arguments.word == "kinds":
        show_kinds()
        return 0
    if arguments.word == "in":
        return run_in(arguments)
    enter()
    try:
        if arguments.word == "up":
            return up(arguments)
        if arguments.word == "speed":
            import wirechecks
            return wirechecks.speed(arguments.kinds or ["public", "eim-drop", "user-eim-drop"])
        import selftest
        return selftest.main(arguments.only)
    except (LabError, ValueError) as error:
        print("lab: %s" % error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
