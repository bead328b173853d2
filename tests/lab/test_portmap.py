#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Port mapping: a real miniupnpd makes a peer reachable behind a NAT that nothing else gets
through, by each protocol alone; what it mapped is gone afterwards. Routers that refuse, say
nothing, restart, hang or lie do no harm."""
import contextlib
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402
import routers  # noqa: E402

RANDOM = "symmetric-random"
WORDS = ("-v", "--timeout", "6", "--relay", "never")
LEASE_S = 10  # what a router with portmap=...+short grants


def real(function, *arguments):
    def case():
        if shutil.which("miniupnpd") is None:
            raise peers.Skip("there is no miniupnpd here (Debian: miniupnpd-nftables)")
        function(*arguments)
    return case


def notes(peer):
    return [event["text"] for event in peer.events("note")]


def candidates(peer):
    return [event["address"] for event in peer.events("candidate") if event["type"] == "mapped"]


def wait_note(peer, word):
    return peers.wait_for(lambda: next((text for text in notes(peer) if word in text), None),
                          lambda: f"a note with '{word}': {peer.story()}")


def wait_gone(net):
    """A deletion is a datagram: it arrives at once, but we may look sooner."""
    peers.wait_for(lambda: not net.mappings("a"), "the mapping to go", 30)


def wait_known(peer):
    """Until the server has the listener's mapped candidate: it has been told once more."""
    peers.wait_for(lambda: sum(text.startswith("the server sees us as") for text in notes(peer)) > 1
                   and candidates(peer), lambda: f"the mapping to be registered: {peer.story()}")


def established(peer, route):
    peer.expect(0)
    same(peer.event("established")["route"], route, f"route of {peer}: {peer.story()}")


def meet(listener, net, ticket, route, where="b"):
    said = peers.token(where)
    with peers.Peer(net, where, "connect", ticket, *WORDS, data=said) as connector:
        established(connector, route)
        established(listener, route)
        same(listener.output(), said, "what came to the listener")


# -- a real router --------------------------------------------------------------------------------


def listener_is_reached(protocol, words):
    """Random against random: hopeless without a mapping (test_failures.py: no path)."""
    with peers.Lab(a=f"{RANDOM},portmap={protocol}", b=RANDOM) as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *WORDS, data=b"x") as listener:
            wait_known(listener)
            text = wait_note(listener, "the router maps our port")
            check(words in text and "120 s" in text, text)
            port = peers.port_of(candidates(listener)[-1])
            same([(outer, inside) for outer, inside, _ in net.mappings("a")],
                 [(port, net.address("a"))], "what the router forwards")
            same(peers.ip_of(candidates(listener)[-1]), net.public("a"), "address offered")
            meet(listener, net, ticket, "mapped")
        wait_gone(net)


def connector_is_reached():
    """Its knock brings the mapping along: the router is nearer than the server."""
    with peers.Lab(a=f"{RANDOM},portmap=pcp", b=RANDOM) as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "b", "listen", ticket, *WORDS, data=b"x") as listener:
            listener.wait_event("listening")
            meet(listener, net, ticket, "mapped", "a")
        wait_gone(net)


@contextlib.contextmanager
def deaf(net, site):
    """A slow router: until we leave it hears no request."""
    rules = """
table ip slow {
    chain in {
        type filter hook input priority -5
        udp dport 5351 drop
    }
}"""
    done = net.run(site + "-router", ["nft", "-f", "-"], input=rules)
    check(done.returncode == 0, done.stderr)
    try:
        yield
    finally:
        net.run(site + "-router", ["nft", "delete", "table", "ip", "slow"])


def told_late(listening, connecting):
    """Site a's router answers when both have each other's description already: what it grants is
    told. The ports of both sides change from peer to peer, so nothing else leads there."""
    with peers.Lab(a=f"{RANDOM},portmap=pcp", b=RANDOM) as net, peers.serve(net):
        ticket = peers.ticket()
        with contextlib.ExitStack() as stack:
            with deaf(net, "a"):
                listener = peers.Peer(net, listening, "listen", ticket, *WORDS, data=b"x")
                stack.enter_context(listener)
                listener.wait_event("listening")
                connector = peers.Peer(net, connecting, "connect", ticket, *WORDS, data=b"x")
                stack.enter_context(connector)
                wait_note(connector, "the server starts both")
                wait_note(listener, "the server starts both")
            established(connector, "mapped")
            established(listener, "mapped")
            granted = candidates(listener if listening == "a" else connector)
            heard = notes(connector if listening == "a" else listener)
            check(granted and f"the peer offers {granted[-1]} (mapped by its router)" in heard,
                  f"{granted} is not what was told: {heard}")
        wait_gone(net)


def denied(protocol, words):
    """By the rules of the router. (miniupnpd 2.3.1 never answers a PCP or NAT-PMP request then: it
    looks for a port that its rules allow without end.)"""
    with peers.Lab(a=f"{RANDOM},portmap={protocol}+deny") as net, peers.serve(net):
        with peers.Peer(net, "a", "listen", peers.ticket(), *WORDS) as listener:
            wait_note(listener, words)
            same(candidates(listener), [], "mapped candidates")
            same(net.mappings("a"), [], "what the router forwards")
            check(listener.process.poll() is None, "the listener ended")


def renewed_and_left_to_its_lease():
    """While we live it is renewed; a crash leaves it no longer than its short life."""
    with peers.Lab(a=f"{RANDOM},portmap=pcp+short") as net, peers.serve(net):
        with peers.Peer(net, "a", "listen", peers.ticket(), *WORDS) as listener:
            wait_known(listener)
            before = net.mappings("a")
            time.sleep(1.5 * LEASE_S)
            same((len(before), net.mappings("a")), (1, before), "after one and a half lives")
            same(len(candidates(listener)), len(set(candidates(listener))), "candidates told twice")
            listener.process.kill()  # -9
            listener.process.wait()
            # The router takes a rule out for a moment when it renews it, and none comes back by
            # itself.
            peers.wait_for(lambda: net.mappings("a") == before,
                           lambda: f"the mapping after the crash: {net.mappings('a')}")
            peers.wait_for(lambda: not net.mappings("a"), "the lease to end")


def ended_by_a_signal(protocol):
    with peers.Lab(a=f"{RANDOM},portmap={protocol}") as net, peers.serve(net):
        with peers.Peer(net, "a", "listen", peers.ticket(), *WORDS) as listener:
            wait_known(listener)
            same(len(net.mappings("a")), 1, "mappings")
            listener.process.terminate()
            listener.status()
        wait_gone(net)


def router_restarts():
    """It has forgotten everything, says so, and is asked at once: half of the life is a minute."""
    with peers.Lab(a=f"{RANDOM},portmap=pcp", b=RANDOM) as net, peers.serve(net):
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *WORDS, data=b"x") as listener:
            wait_known(listener)
            before = net.mappings("a")
            time.sleep(4)  # a router as young as before may well be the same one: RFC 6887 8.5
            net.stop_portmap("a")
            same(net.mappings("a"), [], "after the restart")
            start = time.monotonic()
            net.start_portmap("a")
            peers.wait_for(lambda: net.mappings("a") == before, "the mapping to be made again")
            check(time.monotonic() - start < 40, "it waited for the renewal")
            meet(listener, net, ticket, "mapped")


# -- routers that lie -----------------------------------------------------------------------------


def grant(**lies):
    """A PCP router that says this to each MAP request, deletions aside."""
    port, address = lies.pop("port", 40000), lies.pop("address", "198.51.100.17")

    def says(request):
        if request[:2] != b"\x02\x01":
            return []
        if request[4:8] == bytes(4):
            return [routers.pcp(request, address, 0, lifetime=0)]
        return [routers.pcp(request, address, port, **lies)]
    return says


def from_elsewhere(request):
    return [(5352, said) for said in grant()(request)]


def epochs():
    """Every answer comes from another time."""
    seen = []

    def says(request):
        seen.append(request)
        return grant(epoch=(len(seen) * 0x55555555) & 0xffffffff)(request)
    return says


def flood(request):
    return grant()(request) * 200 + [os.urandom(n) for n in range(0, 1200, 7)]


def no_natpmp(request):
    answer = bytes([0, 0x80 | request[1], 0, 2]) + bytes(4)
    return [answer] if request[0] == 0 else []


def garbage(request):
    return [request, b"", b"\x00", b"\x02\x81", bytes(60), b"\xff" * 1400, request[:30],
            b"\x02\x81\x00\x00" + os.urandom(56), b"\x00\x82\x00\x00" + os.urandom(12),
            b"\x00\x80\x00\x00" + os.urandom(4)]


# What it says, the ports that may be offered, a word of the note that tells it
LIES = {
    "another's nonce": (grant(nonce=b"x" * 12), (), None),
    "from another port": (from_elsewhere, (), None),
    "for UDP": (grant(protocol=17), (), None),
    "port 0": (grant(port=0), (), "is of no use"),
    "a privileged port": (grant(port=22), (), "is of no use"),
    "for a second": (grant(lifetime=1), (), "is of no use"),
    "the address 0.0.0.0": (grant(address="0.0.0.0"), (), "is of no use"),
    "a loopback address": (grant(address="127.0.0.1"), (), "is of no use"),
    "double NAT, private": (grant(address="192.168.0.2"), (), "double NAT"),
    "double NAT, carrier": (grant(address="100.64.0.2"), (), "double NAT"),
    "ten years": (grant(lifetime=315360000), (40000,), "for 120 s"),
    "another address": (grant(address="203.0.113.2"), (40000,), "another address"),
    "absurd epochs": (epochs(), (40000,), "for 120 s"),
    "a flood": (flood, (40000,), "for 120 s"),
    "garbage": (garbage, (), None),
    "no, by PCP": (grant(result=2), (), "refuses to map a port by PCP, code 2"),
    "no, by NAT-PMP": (no_natpmp, (), "refuses to map a port by NAT-PMP, code 2"),
}


def lie(says, ports, word):
    """The punch goes on as if it were not there, and nobody but us is ever offered."""
    with peers.Lab(a="eim-drop", b="eim-drop") as net, peers.serve(net), \
            routers.Router(net, "a", says) as router:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *WORDS, data=b"x") as listener:
            listener.wait_event("listening")
            if word:
                wait_note(listener, word)
            if ports:
                wait_note(listener, "the server sees us as")
            meet(listener, net, ticket, "punched")
            offered = candidates(listener)
            if ports:
                same(offered[-1], f"{net.public('a')}:{ports[0]}", "the mapped candidate")
            else:
                same(offered, [], "mapped candidates")
        check(router.requests, "the router was not asked")
        check(len(router.requests) < 30, f"{len(router.requests)} requests")
        if ports:
            same(router.maps()[-1], 0, "the last request: a deletion")


def announcements():
    """A router that announces its restart without end cannot drive us."""
    restart = b"\x02\x80" + bytes(22)
    with peers.Lab(a="eim-drop") as net, peers.serve(net), \
            routers.Router(net, "a", grant(epoch=5000)) as router:
        with peers.Peer(net, "a", "listen", peers.ticket(), *WORDS) as listener:
            wait_note(listener, "for 120 s")
            before = len(router.maps())
            start = time.monotonic()
            while time.monotonic() - start < 3:
                router.announce(restart, 50)
                time.sleep(0.02)
            count = len(router.maps()) - before
            check(1 <= count <= (time.monotonic() - start) * 2 + 2, f"{count} renewals")


# -- other routers --------------------------------------------------------------------------------


def only_natpmp():
    """It refuses PCP as RFC 6887 appendix A says; there is no second to lose then."""
    def says(request):
        if request[0] != 0:
            return [b"\x00\x81\x00\x01" + bytes(4)]
        if request == b"\x00\x00":
            return [b"\x00\x80\x00\x00\x00\x00\x10\x00" + bytes([198, 51, 100, 17])]
        return [b"\x00\x82\x00\x00\x00\x00\x10\x00" + request[4:6] + b"\x9c\x40"
                + (request[8:12])]
    with peers.Lab(a="eim-drop", b="eim-drop") as net, peers.serve(net), \
            routers.Router(net, "a", says) as router:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *WORDS, data=b"x") as listener:
            wait_note(listener, "by NAT-PMP for 120 s")
            listener.wait_event("listening")
            meet(listener, net, ticket, "punched")
            same(set(candidates(listener)), {"198.51.100.17:40000"}, "mapped candidates")
        last = router.requests[-1]
        same((last[:2], last[6:]), (b"\x00\x02", bytes(6)), "the last request: a deletion")


def silent():
    """Nobody answers: said once, at leisure, and nothing waits for it."""
    with peers.Lab(a="eim-drop", b="eim-drop") as net, peers.serve(net), \
            routers.Router(net, "a", lambda request: []) as router:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *WORDS, data=b"x") as listener:
            listener.wait_event("listening")
            check(not any("no router" in text for text in notes(listener)), "it waited")
            wait_note(listener, "no router here maps ports")
            same(len(router.requests), 8, "requests: four of each protocol")
            meet(listener, net, ticket, "punched")


def switched_off():
    with peers.Lab(a="eim-drop", b="eim-drop") as net, peers.serve(net), \
            routers.Router(net, "a", grant()) as router, routers.UpnpRouter(net, "a") as upnp:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, "--no-portmap", *WORDS, data=b"x") as listener:
            listener.wait_event("listening")
            time.sleep(1)
            meet(listener, net, ticket, "punched")
        same((router.requests, upnp.actions), ([], []), "what the router was asked")


def public_host():
    """Who has a public address needs no mapping."""
    with peers.Lab(a="public") as net, peers.serve(net), \
            routers.Router(net, "a", grant()) as router:
        with peers.Peer(net, "a", "listen", peers.ticket(), *WORDS) as listener:
            listener.wait_event("listening")
            time.sleep(0.5)
        same(router.requests, [], "what the router was asked")


def upnp_built():
    done = peers.subprocess.run([peers.PROGRAM, "version"], capture_output=True, text=True,
                                check=True)
    if "miniupnpc none" in done.stdout:
        raise peers.Skip("built without libminiupnpc")


def upnp_router(word, wanted, maps=False, **traits):
    """A UPnP router alone; what it is asked for, in turn."""
    upnp_built()
    with peers.Lab(a="eim-drop", b="eim-drop") as net, peers.serve(net), \
            routers.UpnpRouter(net, "a", **traits) as router:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *WORDS, data=b"x") as listener:
            listener.wait_event("listening")
            wait_note(listener, word)
            same(bool(candidates(listener)), maps, "a mapped candidate")
            if not maps:
                meet(listener, net, ticket, "punched")
            else:
                listener.process.terminate()
                listener.status()
        asked = [action for action in router.actions if action not in ("search", "description")]
        same(asked, wanted, "what the router was asked")
        check(set(router.leases) <= {"120"}, f"leases: {router.leases}")


def upnp_hangs():
    """It accepts calls and never answers: whoever ends does not wait for it for long."""
    upnp_built()
    with peers.Lab(a="eim-drop", b="eim-drop") as net, peers.serve(net), \
            routers.UpnpRouter(net, "a", hangs=True) as router:
        ticket = peers.ticket()
        with peers.Peer(net, "a", "listen", ticket, *WORDS, data=b"x") as listener:
            listener.wait_event("listening")
            peers.wait_for(lambda: "call" in router.actions, "a call")
            start = time.monotonic()
            meet(listener, net, ticket, "punched")
            peers.tell(f"# a call hangs: both ended after {time.monotonic() - start:.2f} s")


ASKED = ["GetExternalIPAddress", "AddPortMapping"]
CASES = [(f"a listener is reached by {protocol}", real(listener_is_reached, protocol, words))
         for protocol, words in (("pcp", "by PCP"), ("natpmp", "by NAT-PMP"), ("upnp", "by UPnP"),
                                 ("all", "by PCP"))]
CASES += [("a connector is reached by pcp", real(connector_is_reached)),
          ("a slow router, listening", real(told_late, "a", "b")),
          ("a slow router, connecting", real(told_late, "b", "a"))]
CASES += [(f"a router denies {protocol}", real(denied, protocol, words))
          for protocol, words in (("pcp", "no router here"), ("upnp", "refuses to map a port"))]
CASES += [("renewed, and after a crash left to its lease", real(renewed_and_left_to_its_lease)),
          ("a router restarts", real(router_restarts))]
CASES += [(f"ended by a signal, {protocol}", real(ended_by_a_signal, protocol))
          for protocol in ("pcp", "natpmp", "upnp")]
CASES += [(f"a router lies: {name}", lambda what=what: lie(*what)) for name, what in LIES.items()]
CASES += [
    ("announcements without end", announcements), ("a router with NAT-PMP alone", only_natpmp),
    ("a silent router", silent), ("--no-portmap", switched_off), ("a public host", public_host),
    ("upnp: granted, taken back", lambda: upnp_router(
        "by UPnP for 120 s", ASKED + ["DeletePortMapping"], True)),
    ("upnp: only for ever", lambda: upnp_router("only for ever", ASKED, error=725)),
    ("upnp: the port is taken", lambda: upnp_router(
        "refuses", ASKED[:1] + 4 * ASKED[1:], error=718)),
    ("upnp: double NAT", lambda: upnp_router("double NAT", ASKED[:1], outside="10.0.0.2")),
    ("upnp: mappings are made elsewhere", lambda: upnp_router(
        "no router here", [], control="http://203.0.113.1:5000/c")),
    ("upnp: the description is elsewhere", lambda: upnp_router(
        "no router here", [], location="http://203.0.113.1:5000/root.xml")),
    ("upnp: a router hangs", upnp_hangs),
]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 4))
