#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a connection and a listener live through: NATs that forget, paths that break, a server that
is restarted, a network that changes, sleep. Nobody waits for minutes: --keepalive makes every bound
shorter, as users may."""
import contextlib
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

TIMEOUT = ("--timeout", "10")
SOON = ("--keepalive", "1")  # dead after 5 s of silence, or 1.2 s with bytes on their way
SILENT = "does not answer any more"
SLEEPER = os.path.join(peers.BUILD, "tests", "lab", "sleeper.so")


def notes(peer, words):
    return [event["text"] for event in peer.events("note") if words in event["text"]]


def wait_note(peer, words, count=1):
    return peers.wait_for(lambda: notes(peer, words)[count - 1:],
                          lambda: f"'{words}' of {peer}: {peer.story()}")[0]


def settle(peer):
    """Its network watcher is at work when what it was told at the start is over."""
    return peer.wait_event("listening")


def ip(net, where, *lines):
    for line in lines:
        done = net.run(where, ["ip", *line.split()])
        check(done.returncode == 0, f"ip {line} on {where}: {done.stderr}")


def reach(net, where, ticket, listener, data=b"hello\n"):
    """A connector gets through to the listener, at the first attempt."""
    with peers.Peer(net, where, "connect", ticket, *TIMEOUT, data=data) as connector:
        connector.expect(0)
        same(len(connector.events("peer")), 1, f"attempts of {connector}")
    same(listener.expect(0).output(), data, f"what came to {listener}: {listener.story()}")


@contextlib.contextmanager
def pair(net, *words):
    """Two that are connected and have nothing to say for now."""
    ticket = peers.ticket()
    with peers.Peer(net, "a", "listen", ticket, *words, keep_stdin=True) as listener:
        listener.wait_event("listening")
        with peers.Peer(net, "b", "connect", ticket, *words, keep_stdin=True) as connector:
            for peer in listener, connector:
                peer.wait_event("established")
            yield listener, connector


# --- the server ----------------------------------------------------------------------------------


def server_restarts():
    with peers.Lab(a="eim-drop", b="preserving-drop") as net:
        ticket, server = peers.ticket(), peers.serve(net)
        with peers.Peer(net, "a", "listen", ticket) as listener:
            listener.wait_event("listening")
            server.kill()
            wait_note(listener, "is lost")
            with peers.serve(net):
                listener.wait_event("listening", 2)
                reach(net, "b", ticket, listener)


def server_is_cut_off():
    """Nothing gets through between a listener and its server for a while: both notice, so nobody is
    sent to a listener that cannot be reached; and it is there again as soon as it can be."""
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net, *SOON) as server:
        ticket, files = peers.ticket(), server.open_files()
        with peers.Peer(net, "a", "listen", ticket, *SOON) as listener:
            listener.wait_event("listening")
            net.change(losses={"a-server": 100})
            lost = wait_note(listener, "is lost")
            check("no answer" in lost, lost)
            peers.wait_for(lambda: len(server.open_files()) <= len(files), "the server to notice")
            with peers.Peer(net, "b", "connect", ticket, "--timeout", "5") as connector:
                same(connector.expect(4).event("failed")["error"], "NOBODY", "error")
            net.change(losses={"a-server": 0})
            listener.wait_event("listening", 2)
            reach(net, "b", ticket, listener)
        check(server.process.poll() is None, "the server ended")


# --- this machine's network ----------------------------------------------------------------------


def address_is_replaced():
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket) as listener:
            settle(listener)
            ip(net, "a", "addr flush dev eth0 scope global", "addr add 192.168.1.77/24 dev eth0",
               "route add default via 192.168.1.1")
            listener.wait_event("listening", 2)
            check(notes(listener, "192.168.1.10") and notes(listener, "is gone"), listener.story())
            added = [event["address"] for event in listener.events("candidate")]
            check(any("192.168.1.77:" in address for address in added), added)
            reach(net, "b", ticket, listener)


def address_is_added():
    """The link to the server is as good as before: it is only told, on that very link."""
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net) as server:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket) as listener:
            settle(listener)
            ip(net, "a", "addr add 192.168.1.78/24 dev eth0")
            wait_note(listener, "addresses have changed")
            wait_note(listener, "the server sees us as", 2)
            same(notes(listener, "is lost"), [], "links that were lost")
            same(len(server.events("register")), 2, "registrations")
            reach(net, "b", ticket, listener)


def interface_goes_down():
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket) as listener:
            settle(listener)
            ip(net, "a", "link set dev eth0 down")
            wait_note(listener, "is gone")
            ip(net, "a", "link set dev eth0 up", "route add default via 192.168.1.1")
            listener.wait_event("listening", 2)
            reach(net, "b", ticket, listener)


def interface_blinks():
    """Down and up in one go: all is as before, and yet the server is asked."""
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket) as listener:
            settle(listener)
            net.run("a", ["sh", "-c", "ip link set eth0 down; ip link set eth0 up;"
                          " ip route add default via 192.168.1.1"])
            wait_note(listener, "has changed" if notes(listener, "has changed") else "interrupted")
            peers.wait_for(lambda: notes(listener, "still hears us") or
                           listener.events("listening")[1:], lambda: listener.story())
            reach(net, "b", ticket, listener)


def default_route_changes():
    """Another way out, another NAT: the address that the server has seen is good for nothing."""
    with peers.Lab(a="eim-drop,hosts=2", b="preserving-drop") as net, peers.serve(net):
        ticket = peers.ticket()
        ip(net, "a2", "addr add 10.9.9.1/32 dev lo")
        with peers.Peer(net, "a", "listen", ticket) as listener:
            settle(listener)
            # The neighbour forwards: one hop more, the same NAT in the end.
            net.run("a2", ["sh", "-c", "cd /proc/sys/net/ipv4; echo 1 > ip_forward;"
                           " for f in conf/*/send_redirects; do echo 0 > $f; done"])
            ip(net, "a", "route replace default via 192.168.1.11")
            wait_note(listener, "default route of IPv4 has changed")
            listener.wait_event("listening", 2)
            reach(net, "b", ticket, listener)


def sleeps():
    """A machine that has slept, by its clocks: the server is asked at once, and everything goes on.
    """
    check(os.path.exists(SLEEPER), f"no {SLEEPER}")
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, \
            tempfile.NamedTemporaryFile() as asleep, peers.serve(net) as server:
        ticket = peers.ticket()
        words = ["env", f"LD_PRELOAD={SLEEPER}", f"HOP_TEST_ASLEEP={asleep.name}",
                 "ASAN_OPTIONS=verify_asan_link_order=0", peers.PROGRAM]
        with Through(net, "a", words, "listen", ticket) as listener:
            settle(listener)
            begin = time.monotonic()
            os.pwrite(asleep.fileno(), f"{begin:.6f}".encode(), 0)
            time.sleep(3)
            os.pwrite(asleep.fileno(), f"{begin:.6f} {time.monotonic():.6f}".encode(), 0)
            ip(net, "a", "addr add 127.0.0.9/8 dev lo")  # it looks at the clock
            check("3 s" in wait_note(listener, "has slept for"), listener.story())
            wait_note(listener, "still hears us")
            same(notes(listener, "signs again"), [], "clocks")
            same(server.events("refuse"), [], "refusals")
            reach(net, "b", ticket, listener)


class Through(peers.Peer):
    """hopconn by way of another program."""

    def __init__(self, net, where, words, *more):
        super().__init__(net, where, *words[1:], *more, program=words[0])


# --- NATs and paths ------------------------------------------------------------------------------

FORGETFUL = "user,map=eim,filter=apdf,ports=random,idle=3000"


def nat_forgets():
    """NATs that forget after 3 s: a keepalive holds both the connection and the registration, as 25
    s do with the NATs outside, which forget after 30 s and more."""
    with peers.Lab(a=FORGETFUL, b=FORGETFUL) as net, peers.serve(net) as server:
        with pair(net, *SOON) as (listener, connector):
            sent = net.counters("a")["tx_packets"]
            peers.wait_for(lambda: net.counters("a")["tx_packets"] > sent + 8, "keepalives")
            connector.say(b"still there?\n")
            peers.wait_for(listener.output, listener.story)
            for peer in listener, connector:
                peer.end_stdin()
            for peer in listener, connector:
                peer.expect(0)
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *SOON) as listener:
            listener.wait_event("listening")
            sent = net.counters("a")["tx_packets"]
            peers.wait_for(lambda: net.counters("a")["tx_packets"] > sent + 5, "keepalives")
            same(notes(listener, "is lost"), [], "losses")
            reach(net, "b", ticket, listener)
        check(server.process.poll() is None, "the server ended")


def nat_has_forgotten():
    """The same without: this is what the keepalive is for, and the end is told in words."""
    with peers.Lab(a=FORGETFUL, b=FORGETFUL) as net, peers.serve(net):
        with pair(net, "--keepalive", "5") as (listener, connector):
            for peer in listener, connector:
                peer.expect(7)
                reason = peer.event("closed")["reason"]
                check(SILENT in reason or "gone" in reason, reason)


def router_restarts():
    """All NATs forget everything. An idle connection goes on: its keepalive opens the way anew."""
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net):
        with pair(net, *SOON) as (listener, connector):
            net.flush()
            sent = [net.counters(where)["tx_packets"] for where in "ab"]
            for where, before in zip("ab", sent):
                peers.wait_for(lambda w=where, n=before: net.counters(w)["tx_packets"] > n + 4,
                               "keepalives")
            connector.say(b"still there?\n")
            peers.wait_for(listener.output, listener.story)
            for peer in listener, connector:
                peer.end_stdin()
            for peer in listener, connector:
                peer.expect(0)


def path_breaks(plain, busy):
    """Nothing gets through between two peers any more: both notice and say so."""
    words = SOON + (("--plain",) if plain else ())
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net):
        with pair(net, *words) as (listener, connector):
            net.change(losses={"a-b": 100})
            if busy:
                connector.say(b"into the void\n")
            for peer in listener, connector:
                peer.expect(7)
                check(SILENT in peer.event("closed")["reason"], peer.story())


def path_breaks_under_conn(busy):
    """The same by hopconn/conn.h, of which chat is the user."""
    with peers.Lab(a="eim-drop", b="preserving-drop") as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket) as registered:
            registered.wait_event("listening")  # the server is there
        words = ("chat", *SOON, "--verbose")
        with peers.Peer(net, "a", *words, "--server", peers.SERVER, as_json=False,
                        keep_stdin=True) as one:
            join = peers.wait_for(lambda: re.search(r"hopconn chat (\S+)", one.text()), one.text)[1]
            peers.wait_for(lambda: "registered with" in one.text(), one.text)
            with peers.Peer(net, "b", *words, join, as_json=False, keep_stdin=True) as two:
                for peer in one, two:
                    peers.wait_for(lambda p=peer: "encrypted" in p.text(), peer.text)
                net.change(losses={"a-b": 100})
                if busy:
                    one.say(b"into the void\n")
                for peer in one, two:
                    peer.expect(7)
                for peer in one, two:
                    check("the path is broken" in peer.text(), peer.text())


CASES = [("server restarts", server_restarts), ("server is cut off", server_is_cut_off),
         ("address is replaced", address_is_replaced), ("address is added", address_is_added),
         ("interface goes down", interface_goes_down), ("interface blinks", interface_blinks),
         ("default route changes", default_route_changes), ("sleeps", sleeps),
         ("NAT forgets", nat_forgets), ("NAT has forgotten", nat_has_forgotten),
         ("router restarts", router_restarts),
         ("path breaks, idle", lambda: path_breaks(False, False)),
         ("path breaks, busy", lambda: path_breaks(False, True)),
         ("path breaks, idle and plain", lambda: path_breaks(True, False)),
         ("path breaks, conn.h, idle", lambda: path_breaks_under_conn(False)),
         ("path breaks, conn.h, busy", lambda: path_breaks_under_conn(True)),
         ("path breaks, busy and plain", lambda: path_breaks(True, True))]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 3))
