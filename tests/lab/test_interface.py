#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several network interfaces on one host: a container's bridge and a VPN, which has the default
route and leads nowhere, beside the one that works. In which order they are offered, what
--interface does, and what becomes of the wrong one, of one that is none, and of one that goes away
and comes back."""
import contextlib
import fcntl
import json
import os
import re
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

TIMEOUT = ("--timeout", "10")
SHORT = ("--timeout", "3", "--no-portmap")
RANDOM = "symmetric-random"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def ip(net, where, *lines):
    for line in lines:
        done = net.run(where, ["ip", *line.split()])
        check(done.returncode == 0, f"ip {line} on {where}: {done.stderr}")


def add(net, where, name, address):
    """Another interface; whoever is at its other end hears everything and says nothing."""
    other = "x-" + name
    ip(net, where, f"link add {name} type veth peer name {other}", f"link set {name} up",
       f"link set {other} arp off up", f"addr add {address} dev {name}")
    peers.wait_for(lambda: "state UP" in net.run(where, ["ip", "link", "show", name]).stdout, name)


def add_docker(net, where):
    add(net, where, "docker0", "172.17.0.1/16")


def add_vpn(net, where):
    """It takes the default route, as most do."""
    add(net, where, "wg0", "10.8.0.2/24")
    router = net.run(where, ["ip", "route", "show", "default"]).stdout.split()[2]
    ip(net, where, "route del default", f"route add default via {router} dev eth0 metric 500",
       "route add default via 10.8.0.1 dev wg0 metric 50",
       "neigh add 10.8.0.1 lladdr 02:00:00:00:00:09 dev wg0")


def hosts(peer):
    """[(interface, address)] of its own candidates, in the order in which they are offered."""
    return [(event.get("interface"), peers.ip_of(event["address"]))
            for event in peer.events("candidate") if event["type"] == "host"]


@contextlib.contextmanager
def reach(net, listener_words=(), connector_words=(), server=peers.SERVER, data=b"hello\n"):
    """(listener, connector), on a and b, when all is over."""
    ticket = peers.ticket(server)
    with peers.Peer(net, "a", "listen", ticket, *TIMEOUT, *listener_words) as listener:
        listener.wait_event("listening")
        with peers.Peer(net, "b", "connect", ticket, *TIMEOUT, *connector_words,
                        data=data) as connector:
            connector.expect(0)
            same(listener.expect(0).output(), data, f"what came to {listener}")
            yield listener, connector


# The system's own RST for what comes to a socket that is closed already is nobody's, and goes where
# the routes say.
LEAKS = """table inet leaks {
    chain out {
        type filter hook output priority 0
        oifname { "docker0", "wg0" } tcp flags & rst == 0 counter
        oifname { "docker0", "wg0" } meta l4proto udp counter
    }
}"""


def watch_leaks(net, where):
    done = net.run(where, ["nft", "-f", "-"], input=LEAKS)
    same(done.returncode, 0, f"nft says {done.stderr}")


def leaks(net, where):
    """How many packets have left by another interface than eth0."""
    text = net.run(where, ["nft", "list", "table", "inet", "leaks"]).stdout
    counts = re.findall(r"counter packets (\d+)", text)
    same(len(counts), 2, f"counters in {text}")
    return sum(map(int, counts))


# --- the order -----------------------------------------------------------------------------------


def the_real_one_comes_first():
    with peers.Lab(a="eim-drop,v6=off", b="preserving-drop,v6=off") as net, peers.serve(net):
        for where in "ab":
            ip(net, where, "link set eth0 down")  # what is listed first is what was up first
            add_docker(net, where)
            add(net, where, "wg0", "10.8.0.2/24")
            ip(net, where, "link set eth0 up", "addr add 192.168.77.7/24 dev eth0",
               f"route add default via {net.address(where + '-router')}")
        with reach(net) as pair:
            for peer in pair:
                same(hosts(peer), [("eth0", net.address(peer.where)), ("eth0", "192.168.77.7"),
                                   ("docker0", "172.17.0.1"), ("wg0", "10.8.0.2")],
                     f"candidates of {peer}")
                check(all("interface" not in event for event in peer.events("candidate")
                          if event["type"] != "host"), "an interface of no host")


def a_tunnel_comes_last_by_its_flag():
    """It bears the name of no VPN."""
    with peers.Lab(a="public,v6=off") as net:
        with net.inside("a"):
            try:
                tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
                fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH22x", b"aaa", IFF_TUN | IFF_NO_PI))
            except OSError as error:
                raise peers.Skip(f"no tunnel can be made here: {error}") from error
        try:
            ip(net, "a", "link set eth0 down", "link set aaa up", "addr add 10.9.0.2/24 dev aaa",
               "link set eth0 up")
            with peers.Peer(net, "a", "connect", peers.ticket(), *SHORT) as peer:
                peers.wait_for(lambda: peer.events("candidate")[1:], peer.story)
                same(hosts(peer), [("eth0", net.address("a")), ("aaa", "10.9.0.2")], "candidates")
        finally:
            os.close(tunnel)


def the_story_names_it():
    with peers.Lab(a="public,v6=off") as net:
        add_docker(net, "a")
        with peers.Peer(net, "a", "connect", peers.ticket(), *SHORT, "-v", as_json=False) as peer:
            peer.expect(3)
            own = re.findall(r"our address: ([\d.]+):\d+ \((.*)\)", peer.text())
            same(own, [(net.address("a"), "host, eth0"), ("172.17.0.1", "host, docker0")], "story")


# --- the one that is named -----------------------------------------------------------------------


def without_it_the_vpn_is_used():
    """What the other cases are about: a VPN that leads nowhere takes everything."""
    with peers.Lab(a="public", b="eim-drop") as net, peers.serve(net):
        add_docker(net, "b")
        add_vpn(net, "b")
        watch_leaks(net, "b")
        with peers.Peer(net, "b", "connect", peers.ticket(), *SHORT) as peer:
            same(peer.expect(3).event("failed")["error"], "SERVER", "error")
        check(leaks(net, "b") > 0, "the VPN was not used")


def with_it(site, route, *words, server=peers.SERVER):
    """Neither the VPN nor the container's bridge has any part in it."""
    def case():
        keep = ("--interface", "eth0", *words)
        with peers.Lab(a=site, b=site) as net, peers.serve(net):
            for where in "ab":
                add_docker(net, where)
                add_vpn(net, where)
                watch_leaks(net, where)
            with reach(net, keep, keep, server) as pair:
                for peer in pair:
                    same({name for name, _ in hosts(peer)}, {"eth0"}, f"candidates of {peer}")
                    event = peer.event("established")
                    same(event["route"], route, "route")
                    check(peers.ip_of(event["local"]) in {address for _, address in hosts(peer)},
                          event)
            same([leaks(net, where) for where in "ab"], [0, 0], "packets by another interface")
    return f"with it, {route}", case


def port_mapping_by_it():
    """The router of the one that is named is asked, though another has the default route."""
    if shutil.which("miniupnpd") is None:
        raise peers.Skip("there is no miniupnpd here (Debian: miniupnpd-nftables)")
    with peers.Lab(a=f"{RANDOM},portmap=pcp", b=RANDOM) as net, peers.serve(net):
        add_vpn(net, "a")
        watch_leaks(net, "a")
        with reach(net, ("--interface", "eth0")) as (listener, _):
            check(any(event["type"] == "mapped" for event in listener.events("candidate")),
                  listener.story())
        same(leaks(net, "a"), 0, "packets by another interface")


def check_by_it():
    with peers.Lab(a="eim-rst") as net, peers.serve(net):
        add_docker(net, "a")
        add_vpn(net, "a")
        watch_leaks(net, "a")
        words = ("check", "--server", peers.SERVER, "-4", "--interface")
        with peers.Peer(net, "a", *words, "eth0") as peer:
            ipv4 = peer.expect(0).event("check")["ipv4"]
            same((ipv4["mapping"], ipv4["unsolicited"], peers.ip_of(ipv4["local"])),
                 ("endpoint-independent", "rst", net.address("a")), "what it found")
        same(leaks(net, "a"), 0, "packets by another interface")
        with peers.Peer(net, "a", *words, "docker0") as peer:
            same(peer.expect(3).event("failed")["error"], "SERVER", "error")


def chat_by_it():
    with peers.Lab(a="public,v6=off") as net:
        add_docker(net, "a")
        for name, address in (("docker0", "172.17.0.1"), ("eth0", net.address("a"))):
            with peers.Peer(net, "a", "chat", "--no-public-ip", "--interface", name,
                            as_json=False) as peer:
                peer.ended()
                check(f"local address: {address}:" in peer.text(), peer.text())


# --- the wrong one -------------------------------------------------------------------------------


def the_wrong_one():
    """It ends in time, and says what is likely wrong; what is replayed says the same."""
    with peers.Lab(a="public", b="eim-drop") as net, peers.serve(net):
        add_docker(net, "b")
        for name in "docker0", "lo":
            record = f"/run/{net.prefix}{name}.hoprec"
            with peers.Peer(net, "b", "connect", peers.ticket(), *SHORT, "--interface", name,
                            "--record", record) as peer:
                failed = peer.expect(3).event("failed")
                same((failed["error"], failed["reason"]), ("SERVER", "wrong-interface"), "failure")
                check({host for host, _ in hosts(peer)} <= {name}, hosts(peer))
            told = subprocess.run([peers.PROGRAM, "replay", record, "--json"], check=True,
                                  capture_output=True, text=True, timeout=peers.HANG_S).stdout
            again = [json.loads(line) for line in told.splitlines()]
            same([event["reason"] for event in again if event["event"] == "failed"],
                 ["wrong-interface"], "reason in the replay")
            check(not any("interface" in event for event in again), "it cannot know interfaces")


def one_that_is_none():
    """Wrong usage, in one line with those that there are."""
    with peers.Lab(a="public") as net:
        add_docker(net, "a")
        for words in (("listen", peers.ticket()), ("connect", peers.ticket()), ("chat",),
                      ("check", "--server", peers.SERVER)):
            for wrong, nearest in (("ehto", "eth0"), ("docker", "docker0"), ("", "lo"),
                                   ("eth0verylongname", "eth0")):
                with peers.Peer(net, "a", *words, "--interface", wrong,
                                as_json=words[0] == "listen") as peer:
                    said = peer.expect(2).text()
                    same(said.count("\n"), 1, f"lines: {said}")
                    check(f"did you mean '{nearest}'?" in said, said)
                    there = set(re.search(r"There are: ([^\n\"]*)", said)[1].split(", "))
                    same(there, {"lo", "eth0", "docker0", "x-docker0"}, "those that there are")


# --- it goes away and comes back -----------------------------------------------------------------


def replug(net, where):
    """As a dongle that is pulled out and put in again: the same name, another interface."""
    space, router = net.prefix + where, net.prefix + where + "-router"
    ip(net, where, "link del eth0")
    yield
    done = subprocess.run(["ip", "link", "add", "eth0", "netns", space, "type", "veth", "peer",
                           "name", "lan1", "netns", router], check=False, capture_output=True)
    check(done.returncode == 0, done.stderr)
    ip(net, where + "-router", "link set lan1 master br0 up")
    ip(net, where, "link set eth0 up", f"addr add {net.sites[where].lan(1)} dev eth0",
       f"route add default via {net.address(where + '-router')}")
    yield


def it_comes_back():
    """And is listened on again: nobody can be dialled behind the connector's NAT, who comes in by
    himself."""
    with peers.Lab(a="public,v6=off", b=RANDOM + ",v6=off") as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, "--interface", "eth0") as listener:
            listener.wait_event("listening")
            steps = replug(net, "a")
            next(steps)
            peers.wait_for(lambda: any("is gone" in event["text"]
                                       for event in listener.events("note")), listener.story)
            next(steps)
            listener.wait_event("listening", 2)
            with peers.Peer(net, "b", "connect", ticket, *TIMEOUT, "--relay", "never",
                            data=b"back\n") as connector:
                connector.expect(0)
            same(listener.expect(0).output(), b"back\n", "what came")
            check(any("comes in" in event["text"] for event in listener.events("note")),
                  listener.story())


CASES = [
    ("the real one comes first", the_real_one_comes_first),
    ("a tunnel comes last by its flag", a_tunnel_comes_last_by_its_flag),
    ("the story names it", the_story_names_it),
    ("without it the VPN is used", without_it_the_vpn_is_used),
    with_it("eim-drop,v6=off", "punched"),
    with_it("firewall,v6=firewall", "ipv6", "-6", server=peers.SERVER6),
    with_it(RANDOM + ",v6=off", "relayed"),
    ("port mapping by it", port_mapping_by_it),
    ("check by it", check_by_it),
    ("chat by it", chat_by_it),
    ("the wrong one", the_wrong_one),
    ("one that is none", one_that_is_none),
    ("it comes back", it_comes_back),
]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 3))
