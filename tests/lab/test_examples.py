#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every example is run: the programs that users copy do what their first lines say."""
import os
import subprocess
import sys
import time

import command as cli

BUILD = os.environ.get("HOP_BUILD", os.path.join(cli.SOURCE, "build"))
PIPE, NULL = subprocess.PIPE, subprocess.DEVNULL


def example(name):
    path = os.path.join(BUILD, "examples", "example_" + name)
    if not os.path.exists(path):
        raise cli.Skip(f"{path} is not built")
    return path


def start(name, *words, **options):
    options.setdefault("stdin", PIPE)
    return subprocess.Popen([example(name), *words], stdout=PIPE, stderr=subprocess.STDOUT,
                            **options)


def stop(process):
    process.kill()
    process.communicate()


def dial(ticket):
    """example_dial until somebody listens: it may come before the listener has registered."""
    end = time.monotonic() + cli.HANG_S
    while True:
        process = start("dial", ticket, stdin=NULL)
        out, _ = process.communicate(timeout=cli.HANG_S)
        if process.returncode == 0 or time.monotonic() > end:
            return process.returncode, out


def dial_and_listen():
    with cli.Site() as site:
        listener = start("listen", site.ticket)
        try:
            for _ in range(3):
                cli.same(dial(site.ticket), (0, b"hello\n"), "example_dial")
        finally:
            stop(listener)


def dial_says_what_is_wrong():
    process = start("dial", "no ticket", stdin=NULL)
    out, _ = process.communicate(timeout=cli.HANG_S)
    cli.same((process.returncode, out.count(b"\n")), (1, 2), f"example_dial: {out}")


def poll_loop():
    with cli.Site() as site:
        listener = site.listen("--plain", stdin=NULL)
        process = start("poll_loop", site.ticket)
        cli.same(process.stdout.readline()[:7], b"we are ", "first line")
        cli.same(listener.finish(), (0, b"hello\n"), "listener")
        out = process.stdout.read()
        cli.check(b"connected to" in out, out)
        cli.same(process.wait(cli.HANG_S), 0, "status")


def poll_loop_gives_up():
    with cli.Site() as site:
        process = start("poll_loop", site.ticket)
        cli.same(process.stdout.readline()[:7], b"we are ", "first line")
        process.stdin.write(b"\n")
        process.stdin.flush()
        out = process.stdout.read()
        cli.check(b"cancelled" in out, out)
        cli.same(process.wait(cli.HANG_S), 1, "status")


def uv_loop():
    with cli.Site() as site:
        listener = start("uv_loop", site.ticket, stdin=NULL)
        try:
            cli.same(listener.stdout.readline(), b"listening\n", "first line")
            connectors = [site.connect("--plain") for _ in range(4)]
            for connector in connectors:
                connector.wait_event("established")
            for number, connector in enumerate(connectors):
                data = b"number %d\n" % number * 10000
                status, out = connector.finish(data)
                cli.check(status == 0 and out == data, f"{number}: {status}, {len(out)} bytes")
        finally:
            stop(listener)


NETWORK = ("ip link set lo up && ip link add site0 type veth peer name site1 && "
           "ip addr add 10.77.0.1/24 dev site0 && ip link set site0 up && ip link set site1 up")


def manual():
    """Two processes in a network of their own, with one private address and no server."""
    enter = ["unshare", "-n" if os.geteuid() == 0 else "-rn"]
    probe = subprocess.run([*enter, "sh", "-c", NETWORK], stdout=PIPE, stderr=subprocess.STDOUT,
                           check=False)
    if probe.returncode != 0:
        raise cli.Skip(f"no network namespace: {probe.stdout.decode().strip()}")
    inside = subprocess.run([*enter, "sh", "-c", NETWORK + ' && exec "$@"', "sh", sys.executable,
                             os.path.abspath(__file__), INSIDE],
                            stdout=PIPE, stderr=subprocess.STDOUT, timeout=2 * cli.HANG_S,
                            check=False)
    cli.check(inside.returncode == 0, inside.stdout.decode())


def manual_inside():
    for secret in [[], ["between us"]]:
        pair = [start("manual", *secret) for _ in range(2)]
        lines = [process.stdout.readline() for process in pair]
        for process, line in zip(pair, reversed(lines)):
            process.stdin.write(line)
            process.stdin.flush()
        for process, other in zip(pair, reversed(pair)):
            out, _ = process.communicate(timeout=cli.HANG_S)
            cli.same((process.returncode, out.decode()),
                     (0, f"the peer says: hello from process {other.pid}\n"), "example_manual")


INSIDE = "--inside"
TESTS = [dial_and_listen, dial_says_what_is_wrong, poll_loop, poll_loop_gives_up, uv_loop, manual]

if __name__ == "__main__":
    if sys.argv[1:] == [INSIDE]:
        manual_inside()
        sys.exit(0)
    sys.exit(cli.main(TESTS))
