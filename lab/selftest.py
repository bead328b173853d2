# SPDX-License-Identifier: MIT
"""Proves that the lab is what it says: every kind of site, every trait of the user-space NAT, the
wire's delay, loss, rate and hops. Each job raises a lab of its own; they run side by side.
"""
import concurrent.futures
import os
import resource
import sys
import threading
import time

import probes
import wirechecks
from kinds import KINDS
from network import Lab
from probes import Probes, abort, result, results, talk

DELAY_MS = 10  # enough for two SYNs to cross surely
WORKERS = 6


class Report:
    """The lines of one job; printed in one piece when it is over."""

    def __init__(self, name):
        self.name, self.lines, self.passed, self.failed = name, [], 0, 0

    def check(self, title, good, detail=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        word = "ok    " if good else "FAILED"
        self.lines.append("%s %s: %s%s" % (word, self.name, title,
                                           " (%s)" % detail if detail and not good else ""))

    def equal(self, title, found, wanted):
        self.check(title, found == wanted, "found %s, wanted %s" % (found, wanted))


# -- one kind ----------------------------------------------------------------------------------


def check_kind(report, kind):
    site = kind.name + ("" if kind.name == "user" else ",hosts=2")
    with Lab(a=site, b="public", delay_ms=DELAY_MS) as net, Probes(net) as at:
        check_through(report, net, at)
        check_mapping(report, net, at, kind)
        check_filtering(report, net, at, kind)
        check_crossing(report, net, at, kind)
        check_hole(report, net, at, kind)
        check_neighbours(report, net, at, kind)
        counts = net.wire_counts()
        report.equal("no private address on the wire", counts["leaked"], 0)
        report.equal("the wire's kernel took every frame", counts["refused"], 0)


def check_through(report, net, at):
    one = at.dial("a", (net.address("server"), probes.TCP_PORTS[0]))
    good = result(one) == "open" and bool(probes.read_line(one))
    report.check("TCP passes, 300 KB intact", good and probes.echoes(one, os.urandom(300000)))


def check_mapping(report, net, at, kind):
    seen = [at.observe("a", 5000, server, port) for server in (1, 2) for port in probes.TCP_PORTS]
    if None in seen:
        report.check("four destinations answer", False, str(seen))
        return
    report.equal("the public address is seen", {address for address, _ in seen},
                 {net.public("a")})
    ports = [port for _, port in seen]
    steps = [b - a for a, b in zip(ports, ports[1:])]
    good = {"none": set(ports) == {5000}, "preserving": set(ports) == {5000},
            "eim": len(set(ports)) == 1 and ports[0] != 5000, "sequential": steps == [1, 1, 1],
            "random": len(set(ports)) == 4 and len(set(steps)) > 1 and 5000 not in ports}
    report.check("mapping is " + kind.mapping, good[kind.mapping], "ports %s" % ports)
    other = at.observe("a", 5001)
    report.check("another inside port is mapped elsewhere", other and other[1] not in ports)
    many = at.observe_many("a", 100)
    report.check("100 connections have 100 public ports, none of them privileged",
                 len(set(many)) == 100 and min(many) >= 1024, str(sorted(many)[:5]))


def check_filtering(report, net, at, kind):
    at.listen("a", 5002)
    seen = at.observe("a", 5002)
    if seen is None:
        report.check("mapped for the filter check", False)
        return
    found = results([at.dial("server", seen, 7001, net.address("server")),
                     at.dial("server", seen, 7001, net.address("server", number=2)),
                     at.dial("b", seen), at.dial("b", (net.public("a"), 6000))])
    closed = kind.stray
    wanted = {"eif": ["open"] * 3, "adf": ["open", closed, closed], "apdf": [closed] * 3}
    report.equal("filtering is %s, a stray SYN meets: %s" % (kind.filtering, closed), found[:3],
                 wanted[kind.filtering])
    # Where nothing filters it is the host itself that refuses a closed port.
    report.equal("a SYN to an unmapped port", found[3], "rst" if closed == "open" else closed)


def expected_port(at, kind, local):
    """Where the next destination of this inside port will be mapped to, None: nobody knows."""
    if kind.mapping == "random":
        return None
    seen = at.observe("a", local)
    return seen[1] + (1 if kind.mapping == "sequential" else 0) if seen else None


def check_crossing(report, net, at, kind):
    port = expected_port(at, kind, 5003)
    if port is None:
        return
    public = net.address("b")
    one, other = at.dial("a", (public, 6003), 5003), at.dial("b", (net.public("a"), port), 6003)
    report.equal("two SYNs that cross connect", results([one, other]), ["open", "open"])
    report.check("both ends hold that connection", talk(one, other))


def open_hole(at, kind, local, remote):
    """A SYN that dies on the way: our NAT has seen it, the other side has not."""
    hops_inside = 2 if kind.carrier else 1
    one = at.dial("a", remote, local, ttl=hops_inside + 1)
    found = result(one)
    abort(one)
    return found


def check_hole(report, net, at, kind):
    public = net.address("b")
    for local, remote, flush in (5004, 6004, False), (5005, 6005, True):
        at.listen("a", local)
        port = expected_port(at, kind, local)
        if port is None:
            return
        report.equal("a SYN with a low TTL is answered by ICMP",
                     open_hole(at, kind, local, (public, remote)), "unreachable")
        if flush:
            net.flush()
        found = result(at.dial("b", (net.public("a"), port), remote), 0.2)
        through = probes.reached(net, "a", local, remote)
        if flush and kind.stray != "open":
            report.equal("its hole is forgotten by a flush", (through, found), (False, kind.stray))
        else:
            report.check("its hole is open", through, found)
    if kind.filtering == "apdf":
        port = expected_port(at, kind, 5006)
        refused = result(at.dial("a", (public, 6006), 5006))
        found = result(at.dial("b", (net.public("a"), port), 6006))
        report.equal("an RST from the far side closes the hole", (refused, found),
                     ("rst", kind.stray))


def check_neighbours(report, net, at, kind):
    if "a2" not in net.spaces():
        return
    at.listen("a", 5007)
    seen = at.observe("a", 5007)
    report.equal("neighbours connect by their own addresses",
                 result(at.dial("a2", (net.address("a"), 5007))), "open")
    if kind.nat and seen:
        found = result(at.dial("a2", seen))
        report.check("hairpinning: %s" % ("yes" if kind.hairpin else "no"),
                     (found == "open") == kind.hairpin, "found %s" % found)


# -- IPv6 --------------------------------------------------------------------------------------


def check_ipv6(report):
    sites = dict(a="eim-drop,v6=firewall", b="preserving-rst,v6=refuse", c="carrier,v6=open",
                 d="eim-drop")
    with Lab(delay_ms=DELAY_MS, **sites) as net, Probes(net) as at:
        address = {host: net.address(host, 6) for host in "abc"}
        for host in "abc":
            at.listen(host, 5000, version=6)
            report.equal("host %s is seen by its own address" % host,
                         at.observe(host, 5001, version=6), (address[host], 5001))
        strays = results([at.dial("server", (address[host], 5000, 0, 0)) for host in "abc"])
        report.equal("strangers meet: firewall drop, refuse rst, open open", strays,
                     ["drop", "rst", "open"])
        report.equal("off: no route", result(at.dial("d", (net.address("server", 6), 3478, 0, 0))),
                     "no route")
        one = at.dial("a", (address["b"], 6003, 0, 0), 5003)
        other = at.dial("b", (address["a"], 5003, 0, 0), 6003)
        report.equal("two SYNs that cross two firewalls connect", results([one, other]),
                     ["open", "open"])
        report.check("both ends hold that connection", talk(one, other))
        low = at.dial("a", (address["b"], 6004, 0, 0), 5000, ttl=2)
        report.equal("a low hop limit is answered by ICMPv6", result(low), "unreachable")
        abort(low)
        report.equal("its hole is open", result(at.dial("b", (address["a"], 5000, 0, 0), 6004)),
                     "open")


# -- traits of the NAT in user space ------------------------------------------------------------


def user_lab(rules, **options):
    return Lab(a="user," + rules, b="public", delay_ms=DELAY_MS, **options)


def check_trait_scopes(report):
    with user_lab("map=adm,filter=adf,stray=icmp") as net, Probes(net) as at:
        at.listen("a", 5000)
        seen = [at.observe("a", 5000, server, port) for server in (1, 2)
                for port in probes.TCP_PORTS]
        ports = [port for _, port in seen]
        report.check("map=adm: a port per server address",
                     ports[0] == ports[1] != ports[2] == ports[3], str(ports))
        found = results([at.dial("server", seen[0], 7001, net.address("server")),
                         at.dial("server", seen[0], 7001, net.address("server", number=2)),
                         at.dial("b", seen[0])])
        report.equal("filter=adf, stray=icmp", found, ["open", "unreachable", "unreachable"])
    with user_lab("ports=preserve") as net, Probes(net) as at:
        report.equal("ports=preserve", at.observe("a", 5000)[1], 5000)


def check_trait_sequence(report):
    with user_lab("map=apdm,ports=seq:3") as net, Probes(net) as at:
        ports = [at.observe("a", 5000, 1, port)[1] for port in probes.TCP_PORTS]
        report.equal("ports=seq:3", ports[1] - ports[0], 3)
    with user_lab("map=apdm,ports=seq:1,foreign=200") as net, Probes(net) as at:
        first = at.observe("a", 5000)[1]
        time.sleep(0.2)
        step = at.observe("a", 5000, 2)[1] - first
        report.check("foreign=200 moves the sequence on", 20 <= step <= 200, "step %d" % step)


def check_trait_state(report):
    with user_lab("reset=keeps") as net, Probes(net) as at:
        at.listen("a", 5000)
        seen = at.observe("a", 5000)
        result(at.dial("a", (net.address("b"), 6000), 5000))
        report.equal("reset=keeps: the hole outlives an RST", result(at.dial("b", seen, 6000)),
                     "open")
    with user_lab("syn=300") as net, Probes(net) as at:
        at.listen("a", 5000)
        seen = at.observe("a", 5000)
        abort(at.dial("a", (net.address("b"), 6000), 5000, ttl=2))
        time.sleep(0.6)
        report.equal("syn=300: an unanswered SYN is forgotten", result(at.dial("b", seen, 6000)),
                     "drop")
    with user_lab("remap=5000") as net, Probes(net) as at:
        seen = at.observe("a", 5000)
        result(at.dial("b", seen, 6000), 0.1)
        door = at.listen("b", 6000)
        report.equal("remap: the dial goes through", result(at.dial("a", (net.address("b"), 6000),
                                                                    5000)), "open")
        report.check("remap: from another port than the burnt one", door.accept()[1] != seen)


def check_trait_crossing(report):
    for word in "yes", "no":
        site = "user,simopen=" + word
        with Lab(a=site, b=site, delay_ms=DELAY_MS) as net, Probes(net) as at:
            seen = {host: at.observe(host, 5000) for host in "ab"}
            dials = [at.dial("a", seen["b"], 5000), at.dial("b", seen["a"], 5000)]
            found = results(dials)
            report.equal("simopen=%s on both sides" % word, found,
                         ["open" if word == "yes" else "drop"] * 2)


def check_places(report):
    """Six sites at once, and two homes with the same private network."""
    sites = dict(a="eim-drop,lan=1", b="preserving-rst,lan=1", c="fullcone", d="symmetric-seq",
                 e="public", f="firewall")
    with Lab(delay_ms=DELAY_MS, **sites) as net, Probes(net) as at:
        report.equal("two homes with one private network", net.address("a"), net.address("b"))
        for host in "abcdef":
            seen = at.observe(host, 5000)
            report.equal("site %s reaches the server" % host, seen and seen[0], net.public(host))


# -- running them --------------------------------------------------------------------------------


def jobs():
    found = {kind.name: lambda report, kind=kind: check_kind(report, kind)
             for kind in KINDS.values()}
    found.update({"ipv6": check_ipv6, "scopes": check_trait_scopes,
                  "sequence": check_trait_sequence, "state": check_trait_state,
                  "crossing": check_trait_crossing, "places": check_places})
    found.update(wirechecks.JOBS)
    return found


def run_job(name, job, lock):
    report = Report(name)
    try:
        job(report)
    except Exception as error:  # the others shall still run
        where = error.__traceback__
        while where.tb_next:
            where = where.tb_next
        report.check("ran to its end", False, "%s: %s, line %d of %s" % (
            type(error).__name__, error, where.tb_lineno,
            os.path.basename(where.tb_frame.f_code.co_filename)))
    with lock:
        print("\n".join(report.lines), flush=True)
    return report


def main(only):
    chosen = {name: job for name, job in jobs().items() if not only or name in only}
    if set(only) - set(chosen):
        print("no such check: %s" % ", ".join(set(only) - set(chosen)), file=sys.stderr)
        return 2
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))  # several labs' worth of sockets
    lock = threading.Lock()
    # What measures time goes first and alone; the rest can bear company.
    reports = [run_job(name, chosen.pop(name), lock) for name in wirechecks.TIMED if name in chosen]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        running = [pool.submit(run_job, name, job, lock) for name, job in chosen.items()]
        reports += [one.result() for one in running]
    passed = sum(report.passed for report in reports)
    failed = sum(report.failed for report in reports)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0
