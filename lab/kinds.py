# SPDX-License-Identifier: MIT
"""The kinds of sites, by name: what each is in plain words, and how it is made.

A kind is either rules for the kernel (nftables) or rules for lab-nat, our NAT in user space. What
it claims (`mapping`, `filtering`, `stray`, `hairpin`) is what `lab.py selftest` proves.
"""
import dataclasses

PRIVATE = "10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16"


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    words: str
    mapping: str = "none"  # none, preserving, eim, sequential, random
    filtering: str = "apdf"  # eif, adf, apdf
    stray: str = "drop"  # what an unsolicited SYN meets: drop, rst, open
    hairpin: bool = False
    source: str = ""  # nftables statements of the nat postrouting chain
    filtered: bool = True  # the kernel router has a filter chain
    user: str = ""  # rules of lab-nat; then the kernel router does not translate
    carrier: bool = False  # a second NAT, the carrier's, stands before this one

    @property
    def nat(self):
        return bool(self.source or self.user)


def _eim(one, other):
    """An own port for each inside endpoint, the same one towards everybody.

    The port's upper bits are turned over: no two inside ports of a host ever meet in one public
    port, as they do with a hash (nft has no second choice then, and the SYN is lost). The first
    host (its address is even) and the second are turned differently. The masks are such that only
    ports above 61439, beyond the kernel's own choice, become privileged.
    """
    lines = []
    for protocol in "tcp", "udp":
        for bit, mask in enumerate((one, other)):
            lines.append("ip saddr & 0.0.0.1 == 0.0.0.%d meta l4proto %s "
                         "snat ip to ADDRESS:%s sport ^ 0x%x" % (bit, protocol, protocol, mask))
    return "\n".join(lines + ["masquerade"])


_HOME = _eim(0xf000, 0xf400)

_TABLE = [
    Kind("public", "no NAT and no filter: the host has a public address",
         filtering="eif", stray="open", filtered=False),
    Kind("firewall", "a public address behind a stateful firewall; drops strangers"),
    Kind("preserving-drop", "NAT that keeps the port when it is free; drops strangers",
         mapping="preserving", source="masquerade"),
    Kind("preserving-rst", "the same, but answers strangers with RST (OpenWrt's default)",
         mapping="preserving", stray="rst", source="masquerade"),
    Kind("preserving-nofilter", "the same without a filter chain: the router itself answers RST",
         mapping="preserving", stray="rst", source="masquerade", filtered=False),
    Kind("eim-drop", "NAT with one public port, another number, per inside port; drops strangers",
         mapping="eim", source=_HOME),
    Kind("eim-rst", "the same, but answers strangers with RST",
         mapping="eim", stray="rst", source=_HOME),
    Kind("fullcone", "NAT with one public port per inside port; a mapped port is open to everybody",
         mapping="eim", filtering="eif", hairpin=True,
         user="map=eim,filter=eif,ports=random,stray=drop,hairpin=yes"),
    Kind("carrier", "a home EIM NAT behind a carrier's EIM NAT (100.64/10); drops strangers",
         mapping="eim", source=_HOME, carrier=True),
    Kind("symmetric-seq", "NAT with a new public port per destination, the next in sequence",
         mapping="sequential", user="map=apdm,filter=apdf,ports=seq:1,stray=drop"),
    Kind("symmetric-random", "NAT with a new random public port per destination",
         mapping="random", source="masquerade fully-random"),
    Kind("user-eim-drop", "eim-drop, played by our NAT in user space",
         mapping="eim", user="map=eim,filter=apdf,ports=offset:10007,stray=drop"),
    Kind("user-eim-rst", "eim-rst, played by our NAT in user space",
         mapping="eim", stray="rst", user="map=eim,filter=apdf,ports=offset:10007,stray=rst"),
    Kind("user", "our NAT in user space, every trait settable: user,map=adm,stray=icmp,...",
         mapping="eim", user="map=eim"),
]

KINDS = {kind.name: kind for kind in _TABLE}
# The NATs of the field, as docs/matrix.md pairs them, in the order of difficulty: all kinds but
# those that stand for another one, and names for what `user` plays.
FIELD = {
    "public": "public",
    "firewall": "firewall",
    "preserving-drop": "preserving-drop",
    "preserving-rst": "preserving-rst",
    "preserving-nofilter": "preserving-nofilter",
    "eim-drop": "eim-drop",
    "eim-rst": "eim-rst",
    "eim-icmp": "user,stray=icmp",
    "eim-adf": "user,filter=adf",
    "eim-remap": "user,remap=10000",
    "fullcone": "fullcone",
    "carrier": "carrier",
    "symmetric-seq": "symmetric-seq",
    "symmetric-seq2": "user,map=apdm,ports=seq:2",
    "symmetric-seq-busy": "symmetric-seq,foreign=10",
    "symmetric-random": "symmetric-random",
    "symmetric-block": "user,map=apdm,ports=random,low=40960,high=41983",
}
FIELD_WORDS = {
    "eim-icmp": "eim, but answers strangers with an ICMP error",
    "eim-adf": "eim, but lets in every port of an address that was dialled",
    "eim-remap": "eim, but takes another port for 10 s after a stranger's SYN",
    "symmetric-seq2": "symmetric-seq, but takes every second port",
    "symmetric-seq-busy": "symmetric-seq with ten mappings a second for other users",
    "symmetric-block": "symmetric-random within a block of 1,024 ports, as carriers do",
}
CARRIER = Kind("carrier's", "the carrier's own NAT", mapping="eim", source=_eim(0xf800, 0xf800))
V6 = ("off", "firewall", "refuse", "open")
PORTMAP = ("pcp", "natpmp", "upnp", "all")
PORTMAP_MANNERS = ("deny", "short")
# What miniupnpd calls the router's outside address. It refuses all reserved ones, those for
# documentation too, and the wire has no others: so it is given a name that nobody bears. No packet
# goes there.
LABEL = "1.2.3.4"


@dataclasses.dataclass
class Site:
    """One site as asked for: "eim-drop,hosts=2,v6=firewall"."""
    name: str
    kind: Kind
    hosts: int = 1
    v6: str = "off"
    lan: int = 0  # third byte of its private network 192.168.LAN.0/24; 0: by its place
    portmap: tuple = ()  # a real miniupnpd on the router: the protocol, then its manners
    rules: str = ""

    @staticmethod
    def read(name, text):
        word, *options = text.split(",")
        if word not in KINDS:
            raise ValueError("no such kind of site: %s (see: lab.py kinds)" % word)
        site = Site(name, KINDS[word])
        traits = [site.kind.user] if site.kind.user else []
        for option in options:
            key, _, value = option.partition("=")
            if key == "hosts" and value in ("1", "2"):
                site.hosts = int(value)
            elif key == "v6" and value in V6:
                site.v6 = value
            elif key == "lan" and value.isdigit() and 0 < int(value) < 255:
                site.lan = int(value)
            elif key == "portmap" and site.kind.source and _is_portmap(value):
                site.portmap = tuple(value.split("+"))
            elif site.kind.user and value:
                traits.append(option)
            else:
                raise ValueError("site %s does not understand: %s" % (name, option))
        site.rules = ",".join(traits)
        return site


def _is_portmap(value):
    protocol, *manners = value.split("+")
    return protocol in PORTMAP and set(manners) <= set(PORTMAP_MANNERS)


def _refusal(stray, version):
    if stray != "rst":
        return "drop"
    unreachable = "icmp port-unreachable" if version == 4 else "icmpv6 port-unreachable"
    return "meta l4proto tcp reject with tcp reset\n  iifname \"wan\" reject with " + unreachable


def nft4(kind, address, portmap=()):
    """The kernel router's IPv4 rules, "" when it only routes."""
    lines = ["table ip lab {"]
    if kind.source:
        lines += [" chain source { type nat hook postrouting priority srcnat;"]
        for statement in kind.source.replace("ADDRESS", address).splitlines():
            lines += ['  oifname "wan" ' + statement]
        lines += [" }"]
    if kind.filtered and not kind.user:
        for hook in "input", "forward":
            lines += [" chain %s { type filter hook %s priority filter;" % (hook, hook),
                      '  iifname "wan" ct state established,related accept',
                      '  iifname "wan" icmp type echo-request accept',
                      '  iifname "wan" ct status dnat accept' if portmap else "",
                      '  iifname "wan" ' + _refusal(kind.stray, 4), " }"]
    if kind.nat and not kind.user and kind is not KINDS["carrier"]:
        # What the NAT had no entry for, a late RST mostly, would go out with its private source.
        lines += [" chain leak { type filter hook postrouting priority 300;",
                  '  oifname "wan" ip saddr { %s } drop' % PRIVATE, " }"]
    return "\n".join(lines + ["}", ""]) + (_nft_portmap(portmap[0]) if portmap else "")


def _nft_portmap(protocol):
    """The chains that miniupnpd fills. It speaks PCP (version 2) and NAT-PMP (0) or neither: the
    one that is not wanted does not get through to it."""
    unwanted = {"pcp": "0", "natpmp": "2"}.get(protocol)
    return "\n".join(
        ["table inet filter {", " chain miniupnpd {", " }", " chain prerouting_miniupnpd {", " }",
         " chain postrouting_miniupnpd {", " }",
         " chain prerouting { type nat hook prerouting priority dstnat;",
         "  jump prerouting_miniupnpd", " }",
         " chain input { type filter hook input priority filter;",
         "  udp dport 5351 @th,64,8 %s drop" % unwanted if unwanted else "", " }", "}", ""])


def miniupnpd(site, lan):
    """Its configuration file."""
    protocol, *manners = site.portmap
    natpmp, upnp = protocol != "upnp", protocol in ("upnp", "all")
    life = 10 if "short" in manners else 86400
    word = "deny" if "deny" in manners else "allow"
    return "\n".join(
        ["ext_ifname=wan", "ext_ip=" + LABEL, "listening_ip=br0", "port=5000",
         "enable_natpmp=" + ("yes" if natpmp else "no"), "enable_upnp=" + ("yes" if upnp else "no"),
         "min_lifetime=5", "max_lifetime=%d" % life, "secure_mode=yes", "system_uptime=no",
         "notify_interval=60", "uuid=00000000-0000-4000-8000-%012d" % int(lan.split(".")[2]),
         "%s 1024-65535 %s 1024-65535" % (word, lan), "deny 0-65535 0.0.0.0/0 0-65535", ""])


def nft6(v6):
    if v6 not in ("firewall", "refuse"):
        return ""
    return "\n".join(
        ["table ip6 lab {", " chain forward { type filter hook forward priority filter;",
         '  iifname "wan" ct state established,related accept',
         '  iifname "wan" icmpv6 type echo-request accept',
         '  iifname "wan" ' + _refusal("rst" if v6 == "refuse" else "drop", 6), " }", "}", ""])
