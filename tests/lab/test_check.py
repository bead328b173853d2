#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`hopconn check` on every kind of NAT that the lab has: what it says is what the kind is. Servers
that know less (one port, no second address, no dialling back, none at all), a helper, port mapping
with a real router, IPv6, how long an idle mapping lives, the table, JSON and the picture."""
import os
import shutil
import signal
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import check, same  # noqa: E402

WHOLE = [word for address in ("203.0.113.1", "203.0.113.2", "[2001:db8:5e::1]", "[2001:db8:5e::2]")
         for port in (3478, 3479) for word in ("--listen", f"{address}:{port}")]
FIXED = {"open": "direct", "fixed": "direct", "sequential": "predicted", "random": "many-dials"}
ANY = dict.fromkeys(FIXED, "direct")
RANDOM = {"open": "direct", "fixed": "many-dials", "sequential": "relay", "random": "relay"}
SEQUENTIAL = {"open": "direct", "fixed": "predicted", "sequential": "predicted", "random": "relay"}
PORT = "address-and-port-dependent"
# What every field is of; null where it could not be known.
FIELDS = {"local": str, "mapped": str, "nat": bool, "mapping": str, "mapping_sure": bool,
          "filtering": str, "unsolicited": str, "unmapped": str,
          "simultaneous_open": (bool, type(None)), "reachable": (bool, type(None)),
          "connects": dict}
FIELDS4 = dict(FIELDS, ports_preserved=bool, delta=int, hairpin=(bool, type(None)), nats=int,
               nats_sure=bool, routers=list)


def schema(event):
    same(set(event), {"event", "at_ms", "server", "took_ms", "ipv4", "ipv6", "portmap", "idle",
                      "verdict", "advice"}, "fields")
    for name, fields in ("ipv4", FIELDS4), ("ipv6", FIELDS):
        family = event[name]
        check({"asked", "reached"} <= set(family), f"{name}: {family}")
        if not family["reached"]:
            continue
        same(set(family), set(fields) | {"asked", "reached"}, f"fields of {name}")
        for field, kind in fields.items():
            check(isinstance(family[field], kind), f"{name}.{field}: {family[field]!r}")
    check(event["verdict"] and all(isinstance(line, str) for line in event["verdict"]), "verdict")
    check(all(isinstance(line, str) for line in event["advice"]), "advice")


def ask(net, *words, where="a", server=peers.SERVER, status=0):
    with peers.Peer(net, where, "check", "--server", server, *words) as peer:
        peer.expect(status)
        if status != 0:
            return peer.event("failed")
        event = peer.event("check")
        schema(event)
        same(peer.output(), b"", "stdout under --json")
        return event


def expect(event, family, **wanted):
    found = {name: event[family].get(name) for name in wanted}
    same(found, wanted, f"{family}: {event}")


def kind(site, **wanted):
    """On this kind of site, with a server of two addresses and two ports."""
    def case():
        with peers.Lab(a=site) as net, peers.serve(net, *WHOLE):
            event = ask(net, "--no-portmap", "-4")
            expect(event, "ipv4", **wanted)
            same(peers.ip_of(event["ipv4"]["mapped"]), net.public("a"), "address")
            same(event["ipv4"]["nats_sure"] and event["ipv4"]["nats"] != wanted.get(
                "nats", int(net.kind("a").nat)), False, "sure and wrong")
    return "kind " + site, case


def home(site, mapping="endpoint-independent", stray="drop", **more):
    connects = {"sequential": SEQUENTIAL, "random": RANDOM}.get(mapping, FIXED)
    wanted = dict(nat=True, mapping=mapping, filtering=PORT, unsolicited=stray, unmapped=stray,
                  simultaneous_open=True, reachable=False, hairpin=False, ports_preserved=False,
                  mapping_sure=True, delta=0, nats=1, connects=connects)
    return kind(site, **dict(wanted, **more))


KINDS = [
    kind("public", nat=False, mapping="none", filtering="endpoint-independent", unsolicited="rst",
         simultaneous_open=True, reachable=True, hairpin=None, nats=0, connects=ANY),
    kind("firewall", nat=False, mapping="none", filtering=PORT, unsolicited="drop",
         simultaneous_open=True, reachable=False, hairpin=None, nats=0, connects=FIXED),
    home("preserving-drop", ports_preserved=True),
    home("preserving-rst", ports_preserved=True, stray="rst"),
    home("preserving-nofilter", ports_preserved=True, stray="rst"),
    home("eim-drop"),
    home("eim-rst", stray="rst"),
    home("fullcone", filtering="endpoint-independent", reachable=True, hairpin=True, connects=ANY),
    home("carrier", nats=2),
    home("symmetric-seq", "sequential", delta=1),
    home("symmetric-random", "random", simultaneous_open=None),
    home("user-eim-drop"),
    home("user-eim-rst", stray="rst"),
    home("user,map=eim,filter=adf,stray=icmp", filtering="address-dependent", stray="icmp"),
    home("user,map=eim,filter=apdf,stray=icmp", stray="icmp"),
    home("user,map=eim,filter=apdf,ports=preserve,simopen=no", ports_preserved=True,
         simultaneous_open=False),
    home("user,map=adm,filter=adf,ports=random,stray=rst", "address-dependent",
         filtering="address-dependent", stray="rst", connects=RANDOM),
    home("user,map=apdm,ports=seq:2,stray=rst", "sequential", delta=2, stray="rst"),
    home("user,map=apdm,ports=random,stray=drop", "random", simultaneous_open=None),
    home("user,map=eim,filter=eif,ports=offset:77,hairpin=no", filtering="endpoint-independent",
         reachable=True, connects=ANY),
    # Where ports are filtered, a dial of our own is a stranger's.
    home("user,map=eim,filter=apdf,hairpin=yes"),
]


def two_ports_only():
    """`hopconn serve` as it is: no second address."""
    with peers.Lab(a="fullcone", b="eim-drop") as net, peers.serve(net):
        event = ask(net, "--no-portmap")
        expect(event, "ipv4", mapping="endpoint-independent", mapping_sure=False,
               filtering="not-port-dependent", reachable=None)
        event = ask(net, "--no-portmap", where="b")
        expect(event, "ipv4", mapping="endpoint-independent", mapping_sure=False, filtering=PORT,
               reachable=False)


def one_port_only():
    with peers.Lab(a="preserving-drop", b="public") as net, \
            peers.serve(net, "--listen", "203.0.113.1"):
        event = ask(net, "--no-portmap")
        expect(event, "ipv4", mapping="unknown", filtering=PORT, unsolicited="drop",
               connects=dict.fromkeys(FIXED, "unknown") | {"open": "direct"})
        check(any("second port" in line for line in event["advice"]), event["advice"])
        expect(ask(net, "--no-portmap", where="b"), "ipv4", mapping="none", reachable=True)


def a_helper():
    """Two servers of one address each know together what one with two does."""
    one, other = (["--listen", f"{address}:3478", "--listen", f"{address}:3479"]
                  for address in ("203.0.113.1", "203.0.113.2"))
    with peers.Lab(a="fullcone", b="user,map=adm,filter=adf,stray=icmp") as net, \
            peers.serve(net, *one), peers.serve(net, *other):
        words = ("--no-portmap", "--helper", "203.0.113.2")
        expect(ask(net, *words), "ipv4", mapping="endpoint-independent", mapping_sure=True,
               filtering="endpoint-independent", reachable=True)
        expect(ask(net, *words, where="b"), "ipv4", mapping="address-dependent",
               filtering="address-dependent", unsolicited="icmp")


def no_dialling_back():
    with peers.Lab(a="eim-rst") as net, peers.serve(net, "--dial-back", "off"):
        event = ask(net, "--no-portmap")
        expect(event, "ipv4", mapping="endpoint-independent", filtering="unknown",
               unsolicited="unknown", simultaneous_open=None, reachable=None, connects=FIXED)
        check(any("does not dial back" in line for line in event["advice"]), event["advice"])


def no_server():
    with peers.Lab(a="eim-drop") as net:
        same(ask(net, status=3)["error"], "SERVER", "nobody listens")
        same(ask(net, status=3, server="203.0.113.77")["error"], "SERVER", "no such machine")
        same(ask(net, status=3, server="no-such-name.invalid")["error"], "RESOLVE", "no such name")
        same(ask(net, status=2, server="a b")["error"], "INVALID", "no name")


def ipv6():
    with peers.Lab(a="eim-drop,v6=firewall", b="eim-rst,v6=refuse", c="carrier,v6=open",
                   d="eim-drop") as net, peers.serve(net, *WHOLE):
        wanted = {"a": ("drop", False, PORT, FIXED), "b": ("rst", False, PORT, FIXED),
                  "c": ("rst", True, "endpoint-independent", ANY)}
        for where, (stray, reachable, filtering, connects) in wanted.items():
            for words in ("--no-portmap", "-6"), ("--no-portmap", "-6", "--helper", "203.0.113.2"):
                event = ask(net, *words, where=where, server=peers.SERVER6)
                expect(event, "ipv6", mapping="none", nat=False, filtering=filtering,
                       unsolicited=stray, reachable=reachable, simultaneous_open=True,
                       connects=connects)
                same(event["ipv4"], {"asked": False, "reached": False}, "IPv4")
        ask(net, "-6", where="d", server=peers.SERVER6, status=3)


def mapped(protocol, word):
    def case():
        if shutil.which("miniupnpd") is None:
            raise peers.Skip("there is no miniupnpd here (Debian: miniupnpd-nftables)")
        with peers.Lab(a=f"symmetric-random,portmap={protocol}") as net, peers.serve(net, *WHOLE):
            event = ask(net)
            same({name: event["portmap"][name] for name in ("asked", "protocol", "works")},
                 {"asked": True, "protocol": word, "works": True}, "port mapping")
            expect(event, "ipv4", mapping="random", reachable=True, connects=ANY)
            peers.wait_for(lambda: not net.mappings("a"), "the mapping to go", 30)
    return f"port mapping by {word}", case


def no_mapping():
    with peers.Lab(a="symmetric-random", b="public") as net, peers.serve(net):
        event = ask(net)
        same((event["portmap"]["protocol"], event["portmap"]["trouble"]), ("none", "silent"),
             "port mapping")
        check(any("PCP" in line for line in event["advice"]), event["advice"])
        same(ask(net, where="b")["portmap"]["asked"], False, "a public address needs none")


def life(idle_ms, alive_s, dead_s):
    def case():
        with peers.Lab(a=f"user,map=eim,idle={idle_ms}") as net, peers.serve(net):
            event = ask(net, "--no-portmap", "--long")
            same(event["idle"], {name: value for name, value in
                                 (("alive_s", alive_s), ("dead_s", dead_s)) if value}, "idle")
            check(any("idle mapping" in line for line in event["verdict"]), event["verdict"])
    return f"an idle mapping is forgotten after {idle_ms} ms", case


def the_table():
    """Verdict first, then rows; the story is talk, so on stderr."""
    with peers.Lab(a="symmetric-seq") as net, peers.serve(net):
        # One after the other: each takes ports that the other would miss in its sequence.
        words = ("check", "--server", peers.SERVER, "--no-portmap")
        with peers.Peer(net, "a", *words, as_json=False) as short:
            verdict = short.expect(0).output().decode()
            same(short.text(), "", "talk without -v")
        with peers.Peer(net, "a", *words, "-v", as_json=False) as full:
            table = full.expect(0).output().decode()
            check(verdict.startswith("A NAT that takes the port +1 for each next destination"),
                  verdict)
            rows = {line[2:30].strip(): line[30:].strip() for line in table.splitlines()
                    if line.startswith("  ")}
            for name, value in (("mapping", "sequential"), ("from port to port", "+1"),
                                ("filtering", PORT), ("hairpin", "no"),
                                ("an unsolicited SYN", "drop"), ("NATs on the way", "1")):
                same(rows.get(name), value, f"row {name}")
            check("sees us as" in full.text(), full.text())


def the_picture():
    with tempfile.TemporaryDirectory(prefix="hop-check-") as folder, \
            peers.Lab(a="preserving-rst", b="public", c="fullcone") as net, \
            peers.serve(net, *WHOLE):
        for where in "abc":
            path = os.path.join(folder, where + ".svg")
            ask(net, "--no-portmap", "--svg", path, where=where)
            root = xml.etree.ElementTree.parse(path).getroot()
            same(root.tag, "{http://www.w3.org/2000/svg}svg", "root")
            texts = list(root.itertext())
            check("the server" in texts and "Binding" in texts, texts)
            check(("RST" in texts) == (where != "c"), texts)
        ask(net, "--no-portmap", "--svg", os.path.join(folder, "no", "where"), where="b",
            status=1)


def a_signal_ends_it():
    with peers.Lab(a="eim-drop") as net, peers.serve(net) as server:
        with peers.Peer(net, "a", "check", "--server", peers.SERVER, "--long") as peer:
            server.wait_event("dialback")
            peer.process.send_signal(signal.SIGINT)
            peer.expect(1)
            same(peer.event("failed")["error"], "CANCELLED", "error")
        again = ask(net, "--no-portmap")
        expect(again, "ipv4", filtering=PORT)


def the_server_bounds_it():
    """One place may have so many dials at once; then it is told to come later, and told on."""
    with peers.Lab(a="public", b="public") as net, peers.serve(net) as server:
        for _ in range(12):
            event = ask(net, "--no-portmap")
            if any("no time" in line for line in event["advice"]):
                break
        check(any("no time" in line for line in event["advice"]), "never bounded")
        check(len(server.events("dialback")) <= 40, "too many dials")
        expect(ask(net, "--no-portmap", where="b"), "ipv4", reachable=True)
        sources = {peers.ip_of(event["address"]) for event in server.events("dialback")}
        same(sources, {net.public("a"), net.public("b")}, "who was dialled")


CASES = KINDS + [
    ("two ports only", two_ports_only),
    ("one port only", one_port_only),
    ("a helper", a_helper),
    ("no dialling back", no_dialling_back),
    ("no server", no_server),
    ("IPv6", ipv6),
    mapped("pcp", "PCP"),
    mapped("natpmp", "NAT-PMP"),
    mapped("upnp", "UPnP"),
    ("no port mapping", no_mapping),
    life(7000, 5, 10),
    life(2000, 0, 5),
    ("the table", the_table),
    ("the picture", the_picture),
    ("a signal ends it", a_signal_ends_it),
    ("the server bounds it", the_server_bounds_it),
]

if __name__ == "__main__":
    peers.enter()
    sys.exit(peers.run(CASES, 4))
