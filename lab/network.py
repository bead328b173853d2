# SPDX-License-Identifier: MIT
"""A lab: sites behind NATs, a server, and the wire between them, as one Python object.

    import lab
    lab.enter()                                   # first thing in the program
    with lab.Lab(a="eim-drop", b="preserving-rst", delay_ms=25) as net:
        net.popen("server", ["hopconn", "serve"])
        print(net.run("a", ["ip", "addr"]).stdout)
"""
import contextlib
import fcntl
import itertools
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import kinds
import plan
import private

HERE = os.path.dirname(os.path.abspath(__file__))
_SOURCES = {"lab-wire": ["wire", "plan", "packet", "port", "queue"],
            "lab-nat": ["nat", "rules", "table", "translate", "packet", "port"]}
SIOCGIFFLAGS, IFF_RUNNING = 0x8913, 0x40
_numbers = itertools.count(1)


class LabError(Exception):
    """The lab could not be raised, or was asked for something it has not."""


def programs():
    """The folder with lab-wire and lab-nat; compiled on the spot where there is no fresh build."""
    given = os.environ.get("HOP_LAB_BIN")
    built = given or os.path.join(HERE, "..", "build", "lab")
    there = [os.path.join(built, name) for name in _SOURCES]
    if all(os.access(path, os.X_OK) and (given or _fresh(path)) for path in there):
        return os.path.abspath(built)
    folder = tempfile.mkdtemp(prefix="hop-lab-", dir="/run")  # ours alone: it goes with us
    os.environ["HOP_LAB_BIN"] = folder
    for name, sources in _SOURCES.items():
        files = [os.path.join(HERE, source + ".c") for source in sources]
        subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-std=gnu11", "-O2",
                        "-o", os.path.join(folder, name), *files], check=True)
    return folder


def _fresh(program):
    """Not older than any C file here: a stale build tests what nobody wrote."""
    return os.path.getmtime(program) >= max(os.path.getmtime(os.path.join(HERE, name))
                                            for name in os.listdir(HERE)
                                            if name.endswith((".c", ".h")))


class Helper:
    """One of our programs: says "ready", answers a word on stdin with a line."""

    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, bufsize=1)
        self.expect_ready()

    def expect_ready(self):
        line = self.process.stdout.readline().strip()
        if line != "ready":
            raise LabError("%s says: %s" % (self.process.args, line or "nothing"))

    def order(self, word):
        self.process.stdin.write(word + "\n")
        self.expect_ready()

    def counts(self):
        self.process.stdin.write("count\n")
        fields = (pair.split("=") for pair in self.process.stdout.readline().split())
        return {name: int(value) for name, value in fields}

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Lab:
    """Keyword arguments a, b ... f: the kind of each site, as "kind[,option=value]...".

    delay_ms       one way, between any two places
    delays         other values for single pairs: {"a-server": 10, "a-b": 40}
    loss           percent of packets lost, each way; `losses` for single pairs
    lose           {"b>a": "101"}: of the frames from b to a the first and the third are lost
    rate_mbit      each way, 0: as fast as it goes; queue_ms: how much may wait for it
    seed           of all chances (loss, ports of user-space NATs)
    hops           how many routers count the TTL down between two sites
    gso            super frames pass the wire in one piece; None: where nothing is lost or limited
    """

    def __init__(self, delay_ms=25, delays=None, loss=0, losses=None, rate_mbit=0, queue_ms=100,
                 seed=1, hops=3, gso=None, lose=None, **sites):
        if not private.is_private():
            raise LabError("call lab.enter() before the first Lab")
        self.prefix = "l%dn%d-" % (os.getpid(), next(_numbers))
        self.sites = {}
        for place, name in enumerate(plan.SITE_NAMES, 1):
            if name in sites:
                site = kinds.Site.read(name, sites.pop(name))
                self.sites[name] = plan.Addresses(place, site)
        if sites:
            raise LabError("no such site or option: %s" % ", ".join(sites))
        self.places = list(self.sites) + ["server"]
        self.seed, self.hops = seed, hops
        self.rate_mbit, self.queue_ms = rate_mbit, queue_ms
        self._delay = self._pairs(delay_ms, delays)
        self._loss = self._pairs(loss, losses)
        self._lose = lose or {}
        self.gso = gso if gso is not None else not (rate_mbit or any(self._loss.values()))
        self.wire, self.nats, self._children, self._folder = None, {}, [], None
        self._portmaps = {}

    # -- up and down ---------------------------------------------------------------------------

    def __enter__(self):
        return self.up()

    def __exit__(self, *_):
        self.down()

    def up(self):
        folder = programs()
        self._folder = tempfile.mkdtemp(prefix="plan-", dir="/run")
        try:
            self._make_spaces()
            self._run_scripts()
            self._wait_for_cables()
            self._start_nats(folder)
            for name, at in self.sites.items():
                if at.site.portmap:
                    self.start_portmap(name)
            self._write_plan()
            self.wire = Helper(self._in_space("net") +
                               [os.path.join(folder, "lab-wire"), self._plan_file()])
        except BaseException:
            self.down()
            raise
        return self

    def down(self):
        for child in self._children:
            if child.poll() is None:
                child.kill()
        self._kill_strays()
        for child in self._children:
            child.wait()
        for helper in [*self.nats.values(), *([self.wire] if self.wire else [])]:
            helper.end()
        self._batch(["netns del " + self.prefix + name for name in self.spaces()
                     if os.path.exists("/run/netns/" + self.prefix + name)])
        shutil.rmtree(self._folder or "", ignore_errors=True)
        self.wire, self.nats, self._children, self._folder = None, {}, [], None

    # -- who is where --------------------------------------------------------------------------

    def spaces(self):
        """Everything that a command can run in: hosts, routers, the server, the wire's own."""
        names = [name for at in self.sites.values() for name in plan.spaces(at.site)]
        return names + ["server", "net"]

    def address(self, where, version=4, number=1):
        """The address that `where` itself has: a host, a site's router (on its LAN), "server"."""
        if where == "server":
            return (plan.SERVER4 if version == 4 else plan.SERVER6)[number - 1]
        site, last = self.sites[where[0]], where[1:]
        index = 0 if last == "-router" else int(last or 1)
        return (site.lan(index) if version == 4 else site.lan6(index)).split("/")[0]

    def public(self, site):
        """The address that the Internet sees for a site."""
        return self.sites[site].public

    def kind(self, site):
        return self.sites[site].site.kind

    # -- what runs there -----------------------------------------------------------------------

    def popen(self, where, argv, **options):
        child = subprocess.Popen(self._in_space(where) + list(argv), **options)
        self._children.append(child)
        return child

    def run(self, where, argv, **options):
        """subprocess.run there; output is captured as text unless asked otherwise."""
        if not {"stdout", "stderr", "capture_output"} & set(options):
            options["capture_output"] = True
        options.setdefault("text", True)
        return subprocess.run(self._in_space(where) + list(argv), check=False, **options)

    def inside(self, where):
        """Context manager: this thread is on that host's network meanwhile."""
        return private.inside(self.prefix + where)

    def socket(self, where, family=socket.AF_INET, type=socket.SOCK_STREAM):
        """A socket of this process that lives on that host."""
        with self.inside(where):
            return socket.socket(family, type)

    def counters(self, where, device=None):
        """Bytes and packets of an interface; by default the one towards the Internet."""
        device = device or {"server": "uplink"}.get(where) or ("wan" if "-" in where else "eth0")
        text = self.run(where, ["cat", "/proc/net/dev"]).stdout
        for line in text.splitlines():
            name, _, rest = line.partition(":")
            if name.strip() == device:
                n = [int(field) for field in rest.split()]
                return {"rx_bytes": n[0], "rx_packets": n[1],
                        "tx_bytes": n[8], "tx_packets": n[9]}
        raise LabError("%s has no interface %s" % (where, device))

    def capture(self, where, file):
        """A running tcpdump, "wire" for all uplinks at once; end it with terminate()."""
        where = "net" if where == "wire" else where
        argv = ["tcpdump", "-i", "any", "--immediate-mode", "-U", "-n", "-w", file]
        child = self.popen(where, argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           text=True)
        child.stderr.readline()  # "listening on": from here on nothing is missed
        return child

    # -- while it runs -------------------------------------------------------------------------

    def change(self, delay_ms=None, delays=None, loss=None, losses=None, rate_mbit=None, seed=None):
        """Sets the wire anew; what is on its way arrives as it was sent. Chances start again, and
        so does what `lose` counts."""
        if delay_ms is not None or delays:
            self._delay = self._pairs(delay_ms, delays, self._delay)
        if loss is not None or losses:
            self._loss = self._pairs(loss, losses, self._loss)
        self.rate_mbit = self.rate_mbit if rate_mbit is None else rate_mbit
        self.seed = self.seed if seed is None else seed
        self._write_plan()
        self.wire.order("plan")

    def flush(self):
        """All NATs and firewalls forget everything."""
        for at in self.sites.values():
            for name in plan.spaces(at.site):
                if name.endswith(("-router", "-carrier")):
                    self.run(name, ["conntrack", "-F"])
        for helper in self.nats.values():
            helper.order("flush")

    def start_portmap(self, site):
        """miniupnpd on the site's router; up() does it where the site has portmap=..."""
        at = self.sites[site]
        base = os.path.join(self._folder, "miniupnpd-" + site)
        with open(base + ".conf", "w", encoding="ascii") as file:
            file.write(kinds.miniupnpd(at.site, plan.lan_network(at)))
        with open(base + ".log", "ab") as log:
            process = self.popen(site + "-router",
                                 ["miniupnpd", "-d", "-f", base + ".conf", "-P", base + ".pid"],
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._portmaps[site] = process
        port = 5351 if at.site.portmap[0] != "upnp" else 1900
        if not wait_for(lambda: process.poll() is not None or self._hears(site, port), 10) or \
                process.poll() is not None:
            with open(base + ".log", encoding="utf-8", errors="replace") as log:
                raise LabError("miniupnpd does not start: %s" % log.read().strip()[-300:])

    def stop_portmap(self, site, mappings_go=True):
        """The router forgets its mappings, as one that is switched off does, or keeps them."""
        process = self._portmaps.pop(site)
        process.kill()
        process.wait()
        if mappings_go:
            for chain in "miniupnpd", "prerouting_miniupnpd", "postrouting_miniupnpd":
                self.run(site + "-router", ["nft", "flush", "chain", "inet", "filter", chain])

    def mappings(self, site):
        """The ports that the router forwards now, as (outer port, address, inner port)."""
        text = self.run(site + "-router",
                        ["nft", "list", "chain", "inet", "filter", "prerouting_miniupnpd"]).stdout
        return [(int(outer), address, int(inner)) for outer, address, inner in re.findall(
            r"th dport (\d+) .*dnat ip to ([\d.]+):(\d+)", text)]

    def _hears(self, site, port):
        """Is the port of UDP taken on the site's router?"""
        with self.inside(site + "-router"), open("/proc/thread-self/net/udp",
                                                 encoding="ascii") as table:
            return any(line.split()[1].endswith(":%04X" % port) for line in list(table)[1:])

    def wire_counts(self):
        return self.wire.counts()

    def nat_counts(self, site):
        return self.nats[site].counts()

    # -- inside --------------------------------------------------------------------------------

    def _pairs(self, default, single, before=None):
        pairs = {frozenset(pair): before[frozenset(pair)] if before and default is None else default
                 for pair in itertools.combinations(self.places, 2)}
        for name, value in (single or {}).items():
            pair = frozenset(name.split("-"))
            if pair not in pairs:
                raise LabError("no such pair of places: %s" % name)
            pairs[pair] = value
        return pairs

    def _in_space(self, where):
        if where not in self.spaces():
            raise LabError("no such place: %s (there are: %s)" % (where, ", ".join(self.spaces())))
        return ["nsenter", "--net=/run/netns/" + self.prefix + where, "--"]

    def _batch(self, lines):
        done = subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise LabError("ip: %s" % done.stderr.strip())

    def _make_spaces(self):
        lines = ["netns add " + self.prefix + name for name in self.spaces()]
        for at in self.sites.values():
            lines += plan.site_links(self.prefix, at.site)
        self._batch(lines + plan.server_links(self.prefix))

    def _run_scripts(self):
        gso = "" if self.gso else "gso_max_segs 1"
        scripts = {"server": plan.server_script(gso), "net": plan.net_script(self._net_devices())}
        for name, at in self.sites.items():
            for number in range(1, at.site.hosts + 1):
                scripts[plan.host_name(at.site, number)] = plan.host_script(at, number, gso)
            scripts[name + "-router"] = plan.router_script(at)
            if at.site.kind.carrier:
                scripts[name + "-carrier"] = plan.carrier_script(at)
        running = {where: self.popen(where, ["sh", "-c", text], stdin=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, text=True)
                   for where, text in scripts.items()}
        for where, process in running.items():
            said = process.communicate()[1]
            if process.returncode != 0:
                raise LabError("setting up %s: %s" % (where, said.strip()))
        self._children.clear()

    def _wait_for_cables(self):
        """The kernel notices a plugged cable by and by, busy as it may be with other labs; until
        then it drops what is sent, and the first SYN would come a second late."""
        for name in self.spaces():
            with self.inside(name), socket.socket(type=socket.SOCK_DGRAM) as one:
                for _, device in socket.if_nameindex():
                    if not wait_for(lambda d=device, s=one: _is_running(s, d), 10):
                        raise LabError("%s of %s does not come up" % (device, name))

    def _net_devices(self):
        devices = ["w-" + place for place in self.places]
        for name, at in self.sites.items():
            if at.site.kind.user:
                devices += ["in-" + name, "out-" + name]
        return devices

    def _start_nats(self, folder):
        for name, at in self.sites.items():
            if at.site.kind.user:
                rules = "seed=%d,%s" % (self.seed, at.site.rules)
                self.nats[name] = Helper(
                    self._in_space("net") + [os.path.join(folder, "lab-nat"), "in-" + name,
                                             "out-" + name, at.public, rules])

    def _plan_file(self):
        return os.path.join(self._folder, "plan")

    def _write_plan(self):
        lines = ["seed %d" % self.seed, "hops %d" % self.hops]
        for name, at in self.sites.items():
            lines.append("port %s w-%s %s %s" % (name, name, at.network, at.network6))
        lines.append("port server w-server 203.0.113.0/24 2001:db8:5e::/48")
        rate = int(self.rate_mbit * 1e6)
        for one, other in itertools.permutations(self.places, 2):
            pair = frozenset((one, other))
            lines.append("path %s %s %d %d %d %d" % (
                one, other, round(self._delay[pair] * 1000), round(self._loss[pair] * 10000),
                rate, rate * self.queue_ms // 8000))
        lines += ["lose %s %s" % (way.replace(">", " "), bits) for way, bits in self._lose.items()]
        with open(self._plan_file(), "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def _kill_strays(self):
        """What a command left running on our hosts would keep its namespace alive."""
        ours = set()
        for name in self.spaces():
            with contextlib.suppress(OSError):
                ours.add(os.stat("/run/netns/" + self.prefix + name).st_ino)
        own = {helper.process.pid for helper in self.nats.values()} | {os.getpid()}
        own |= {self.wire.process.pid} if self.wire else set()
        for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
            with contextlib.suppress(OSError):
                if pid not in own and os.stat("/proc/%d/ns/net" % pid).st_ino in ours:
                    os.kill(pid, signal.SIGKILL)


def _is_running(one, device):
    request = fcntl.ioctl(one, SIOCGIFFLAGS, struct.pack("16s16x8x", device.encode()))
    return struct.unpack_from("H", request, 16)[0] & IFF_RUNNING != 0


def wait_for(condition, seconds=5.0):
    """Polls until it holds; False when it does not within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
