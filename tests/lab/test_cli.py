#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command, as people and scripts use it, on one machine with a real server: pipes, half-close,
signals, exit statuses. Usage is test_usage.py's; paths through NATs are other tests' business."""
import contextlib
import fcntl
import hashlib
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time

from command import (HANG_S, MIB, NULL, PIPE, PLAIN, PROGRAM, Site, Skip, check, dead_address,
                     free_port, main, run, same)


def digest_of(stream):
    return subprocess.Popen(["sha256sum"], stdin=stream, stdout=PIPE)


def answer(process):
    return process.communicate(timeout=HANG_S)[0].decode().split()[0]


# --- bytes ---------------------------------------------------------------------------------------


def text_both_ways():
    with Site() as site:
        listener, connector = site.both()
        connector.stdin.write(b"from the connector\n")
        connector.stdin.flush()
        same(listener.stdout.readline(), b"from the connector\n", "at the listener")
        listener.stdin.write(b"from the listener\n")
        listener.stdin.flush()
        same(connector.stdout.readline(), b"from the listener\n", "at the connector")
        listener.end_stdin()
        same(connector.finish(), (0, b""), "connector")
        same(listener.finish(), (0, b""), "listener")
        for side, sent, received in [(listener, 18, 19), (connector, 19, 18)]:
            closed = side.events("closed")[0]
            same([closed[name] for name in ("sent", "received", "ok")], [sent, received, True],
                 "closed")
            established = side.events("established")[0]
            same(established["encrypted"], True, "encrypted")
            check(established["route"] in ("lan", "direct", "ipv6"), established)
            names = [e["event"] for e in side.events()]
            check(names.index("peer") < names.index("established") < names.index("closed"), names)
            times = [e["at_ms"] for e in side.events()]
            check(times == sorted(times), f"time runs backwards: {times}")
        one, two = (side.events("established")[0] for side in (listener, connector))
        same((one["local"], one["remote"]), (two["remote"], two["local"]), "the two ends")


def half_close_lets_the_answer_through():
    """The listener's side is a filter that answers only after the end: the word count of all."""
    with Site() as site:
        read_end, write_end = os.pipe()
        listener = site.listen(stdin=read_end)
        os.close(read_end)
        counter = subprocess.Popen(["wc", "-c"], stdin=listener.stdout, stdout=write_end)
        os.close(write_end)
        listener.stdout.close()
        connector = site.connect()
        same(connector.finish(b"x" * 1234567), (0, b"1234567\n"), "connector")
        listener.expect(0)
        counter.wait(HANG_S)


def echo_of_what_is_sent():
    with Site() as site:
        read_end, write_end = os.pipe()
        listener = site.listen(stdin=read_end)
        os.close(read_end)
        cat = subprocess.Popen(["cat"], stdin=listener.stdout, stdout=write_end)
        os.close(write_end)
        listener.stdout.close()
        data = os.urandom(8 * MIB)
        status, out = site.connect().finish(data)
        check(status == 0 and out == data, f"status {status}, {len(out)} bytes came back")
        listener.expect(0)
        cat.wait(HANG_S)


def transfer(megabytes, program):
    """That much both ways at once, from pipes to pipes, with check sums."""
    block = 64
    with tempfile.TemporaryDirectory() as folder, Site() as site:
        names, wanted = [], []
        for side in range(2):
            names.append(os.path.join(folder, str(side)))
            data = os.urandom(block * MIB)
            with open(names[-1], "wb") as file:
                file.write(data)
            digest = hashlib.sha256()
            for _ in range(megabytes // block):
                digest.update(data)
            wanted.append(digest.hexdigest())
        sources = [subprocess.Popen(["cat"] + [name] * (megabytes // block), stdout=PIPE)
                   for name in names]
        listener = site.listen(stdin=sources[0].stdout, program=program)
        connector = site.connect(stdin=sources[1].stdout, program=program)
        for source in sources:
            source.stdout.close()
        sums = [digest_of(side.stdout) for side in (listener, connector)]
        for side in (listener, connector):
            side.stdout.close()
        same([answer(s) for s in sums], [wanted[1], wanted[0]], "check sums")
        for side in (listener, connector):
            closed = side.expect(0).events("closed")[0]
            same((closed["sent"], closed["received"]), (megabytes * MIB, megabytes * MIB), "bytes")
        for source in sources:
            source.wait()


def both_ways_at_once_64_mib():
    transfer(64, PROGRAM)


def both_ways_at_once_1_gib():
    if not os.path.exists(PLAIN):
        raise Skip(f"{PLAIN} is not built")
    transfer(1024, PLAIN)


def a_stuck_stdout_does_not_hold_up_stdin():
    with Site() as site:
        listener, connector = site.both()
        data = os.urandom(16 * MIB)
        feeder = subprocess.Popen(["head", "-c", str(32 * MIB), "/dev/zero"], stdout=listener.stdin)
        listener.stdin.close()
        # Nobody reads the connector's stdout, and yet its stdin flows to the end.
        digest = digest_of(listener.stdout)
        listener.stdout.close()
        connector.stdin.write(data)
        connector.stdin.close()
        same(answer(digest), hashlib.sha256(data).hexdigest(), "check sum")
        check(connector.process.poll() is None, "ended before its stdout was read")
        same(len(connector.stdout.read()), 32 * MIB, "bytes that were stuck")
        connector.expect(0)
        listener.expect(0)
        feeder.wait()


def files_and_nothing_as_stdio():
    with Site() as site, tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "source"), os.path.join(folder, "target")
        data = os.urandom(3 * MIB + 17)
        with open(source, "wb") as file:
            file.write(data)
        with open(source, "rb") as stdin, open(target, "wb") as stdout:
            listener = site.listen(stdin=stdin, stdout=stdout)
            with open(target + "2", "wb") as stdout2:
                site.connect(stdin=NULL, stdout=stdout2).expect(0)
            listener.expect(0)
        with open(target + "2", "rb") as file:
            check(file.read() == data, "the file did not arrive")
        same(os.path.getsize(target), 0, "bytes from /dev/null")


def closed_stdin_is_an_end():
    with Site() as site:
        listener = site.listen()
        connector = site.connect(stdin=None, preexec_fn=lambda: os.close(0))
        same(listener.finish(b"hello"), (0, b""), "listener")
        same(connector.stdout.read(), b"hello", "at the connector")
        connector.expect(0)


def closed_stdout_is_told():
    with Site() as site:
        listener = site.listen(stdin=PIPE)
        connector = site.connect(stdin=NULL, stdout=None, preexec_fn=lambda: os.close(1))
        with contextlib.suppress(BrokenPipeError):
            listener.stdin.write(b"x" * 100000)
            listener.stdin.close()
        connector.expect(7)
        check(listener.status() in (0, 7), "the listener's status")
        same(listener.stdout.read(), b"", "at the listener")


def stdout_that_wants_no_more():
    with Site() as site, open("/dev/zero", "rb") as zero:
        listener = site.listen(stdin=zero)
        connector = site.connect()
        head = subprocess.Popen(["head", "-c", "100000"], stdin=connector.stdout, stdout=PIPE)
        connector.stdout.close()
        same(len(head.communicate(timeout=HANG_S)[0]), 100000, "bytes")
        connector.expect(7)
        listener.expect(7)


def stdio_flags_stay_as_they_are():
    with Site() as site:
        read_end, write_end = os.pipe()
        out_read, out_write = os.pipe()
        listener = site.listen(stdin=read_end, stdout=out_write)
        connector = site.connect()
        connector.wait_event("established")
        for end in (read_end, out_write):
            flags = fcntl.fcntl(end, fcntl.F_GETFL)
            check(not flags & os.O_NONBLOCK, "a shared descriptor was made non-blocking")
        os.close(write_end)
        same(connector.finish(b"x")[0], 0, "connector")
        listener.expect(0)
        for end in (read_end, out_read, out_write):
            os.close(end)


def a_terminal_as_stdin():
    with Site() as site:
        master, terminal = pty.openpty()
        listener = site.listen()
        connector = site.connect(stdin=terminal)
        connector.wait_event("established")
        os.write(master, b"typed\n")
        same(listener.stdout.readline(), b"typed\n", "line")
        os.write(master, b"\x04")
        same(listener.finish(b"bye\n"), (0, b""), "listener")
        same(connector.stdout.read(), b"bye\n", "at the connector")
        connector.expect(0)
        os.close(master)
        os.close(terminal)


def several_connections_in_turn():
    with Site() as site:
        listener = site.listen("--count", "3")
        for number in range(3):
            connector = site.connect()
            if number == 0:
                connector.wait_event("established")
                listener.stdin.write(b"for the first\n")
                listener.end_stdin()
            wanted = b"for the first\n" if number == 0 else b""
            same(connector.finish(b"number %d\n" % number), (0, wanted), f"connector {number}")
        same(listener.finish(), (0, b"number 0\nnumber 1\nnumber 2\n"), "listener")
        same(len(listener.events("closed")), 3, "closed events")


# --- talk ----------------------------------------------------------------------------------------


def quiet_by_default_and_a_story_with_v():
    with Site() as site:
        listener = site.start("listen", site.ticket, "-v", as_json=False, stdin=NULL)
        # Without JSON there is no event to wait for: the connector tries until it is there.
        end = time.monotonic() + HANG_S
        while "registered" not in listener.text() and time.monotonic() < end:
            time.sleep(0.01)
        connector = site.connect(as_json=False)
        same(connector.finish(b"x"), (0, b""), "connector")
        same(listener.finish(), (0, b"x"), "listener")
        quiet, story = connector.text(), listener.text()
        same(quiet.count("\n"), 1, f"lines of {quiet!r}")
        check(quiet.startswith("hopconn: connected to ") and " ms" in quiet, quiet)
        check(" ms] " in story and story.count("\n") > 3, story)


def options_reach_the_endpoint():
    with Site() as site:
        port = free_port()
        listener = site.listen("--local-port", str(port), "-4", "--relay", "never", "--plain",
                               stdin=NULL)
        connector = site.connect("-4", "--relay=auto", "--timeout", "20.5", "--no-lan", "--plain")
        # All there is on this machine may be private: then --no-lan leaves no path.
        status = connector.finish(b"x")[0]
        check(status in (0, 5), f"status {status}: {connector.text()}")
        listener.kill()
        site.listen("--local-port", str(port), "-4", stdin=NULL)
        connector = site.connect("-4")
        same(connector.finish(b"x")[0], 0, connector.text())
        remote = connector.events("established")[0]["remote"]
        same(remote.rsplit(":")[-1], str(port), "the peer's port")


# --- exit statuses -------------------------------------------------------------------------------


def no_server_is_3():
    with dead_address() as address:
        ticket = run("ticket", "--server", address)[1].strip()
        status, out, err = run("connect", ticket, "--timeout", "3")
    same((status, out), (3, ""), err)
    check(1 <= err.count("\n") <= 2, err)
    ticket = run("ticket", "--server", "no-such-host.invalid")[1].strip()
    status, out, err = run("connect", ticket, "--timeout", "3")
    same((status, out), (3, ""), err)


def nobody_is_4():
    with Site() as site:
        connector = site.connect("--timeout", "3")
        same(connector.finish(), (4, b""), connector.text())
        same(connector.events("failed")[0]["error"], "NOBODY", "error")
        check(connector.events("failed")[0]["advice"], "no advice")
        quiet = site.connect("--timeout", "2.5", as_json=False)
        same(quiet.finish(), (4, b""), "quiet")
        check(1 <= quiet.text().count("\n") <= 2, quiet.text())


def another_ticket_is_nobodys():
    with Site() as site:
        listener = site.listen(stdin=NULL)
        other = run("ticket", "--server", site.address)[1].strip()
        stranger = site.start("connect", other, "--timeout", "3")
        same(stranger.finish(), (4, b""), stranger.text())
        connector = site.connect()
        same(connector.finish(b"x"), (0, b""), connector.text())
        same(listener.finish(), (0, b"x"), "listener")


# --- ends that come early ------------------------------------------------------------------------


def signals_before_a_connection():
    with Site() as site:
        for number in (signal.SIGINT, signal.SIGTERM):
            listener = site.listen()
            listener.process.send_signal(number)
            listener.expect(1)
            same(listener.events()[-1]["error"], "CANCELLED", "the last event")
            connector = site.connect("--timeout", "60")
            connector.wait_event("candidate")
            connector.process.send_signal(number)
            connector.expect(1)


def signals_in_a_transfer():
    with Site() as site, open("/dev/zero", "rb") as zero:
        for number in (signal.SIGINT, signal.SIGTERM):
            for who in (0, 1):
                pair = site.both(stdin=zero, stdout=NULL)
                pair[who].process.send_signal(number)
                pair[who].expect(7)
                same(pair[who].events("closed")[0]["ok"], False, "ok")
                pair[1 - who].expect(7)


def a_signal_while_idle_and_stuck():
    """Nothing flows in the one, stdout is stuck in the other: neither holds up the end."""
    with Site() as site, open("/dev/zero", "rb") as zero:
        listener, connector = site.both()
        connector.process.send_signal(signal.SIGTERM)
        connector.expect(7)
        listener.expect(7)
        listener = site.listen(stdin=zero)
        connector = site.connect()
        connector.wait_event("established")
        time.sleep(0.2)
        connector.process.send_signal(signal.SIGTERM)
        connector.expect(7)
        listener.expect(7)


def a_peer_that_is_killed():
    with Site() as site, open("/dev/zero", "rb") as zero:
        for who in (0, 1):
            pair = site.both(stdin=zero, stdout=NULL)
            time.sleep(0.1)
            pair[who].process.kill()
            pair[1 - who].expect(7)
            same(pair[1 - who].events("closed")[0]["ok"], False, "ok")


def the_server_ends_cleanly_and_the_pair_lives_on():
    with Site() as site:
        listener = site.listen(stdin=NULL)
        connector = site.connect()
        connector.wait_event("established")
        listener.wait_event("established")
        site.server.process.send_signal(signal.SIGTERM)
        site.server.expect(0)
        same(connector.finish(b"without a server\n"), (0, b""), "connector")
        same(listener.finish(), (0, b"without a server\n"), "listener")


CASES = [
    text_both_ways,
    half_close_lets_the_answer_through,
    echo_of_what_is_sent,
    both_ways_at_once_64_mib,
    both_ways_at_once_1_gib,
    a_stuck_stdout_does_not_hold_up_stdin,
    files_and_nothing_as_stdio,
    closed_stdin_is_an_end,
    closed_stdout_is_told,
    stdout_that_wants_no_more,
    stdio_flags_stay_as_they_are,
    a_terminal_as_stdin,
    several_connections_in_turn,
    quiet_by_default_and_a_story_with_v,
    options_reach_the_endpoint,
    no_server_is_3,
    nobody_is_4,
    another_ticket_is_nobodys,
    signals_before_a_connection,
    signals_in_a_transfer,
    a_signal_while_idle_and_stuck,
    a_peer_that_is_killed,
    the_server_ends_cleanly_and_the_pair_lives_on,
]


if __name__ == "__main__":
    sys.exit(main(CASES))
