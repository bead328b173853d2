# SPDX-License-Identifier: MIT
"""Addresses and links of a lab, and the shell script that sets up each of its namespaces.

    host(s) -- router [-- carrier] [-- lab-nat] -- wire -- server

Only documentation ranges and private ones. Uplinks have no ARP: both ends bear the same MAC
address, so a frame fits wherever it is sent on.
"""
import dataclasses

import kinds

MAC_ROUTED = "02:00:00:00:00:01"  # every kernel end of an uplink
# Where both ends of a veth happen to have one index, the kernel takes its time (up to 1 s) to see
# that the cable is in: it cannot tell them from a lone device.
INDEX = 100
MAC_TAPPED = "02:00:00:00:00:02"  # our programs' ends: the kernel there ignores the frames
SERVER4 = ("203.0.113.1", "203.0.113.2")
SERVER6 = ("2001:db8:5e::1", "2001:db8:5e::2")
SITE_NAMES = ("a", "b", "c", "d", "e", "f")


@dataclasses.dataclass
class Addresses:
    """What one site is called on the network; `place` counts from 1."""
    place: int
    site: kinds.Site

    @property
    def network(self):
        return "198.51.100.%d/28" % (16 * self.place)

    @property
    def public(self):
        """The address that the Internet sees: of the NAT, or of the first host where none is."""
        return "198.51.100.%d" % (16 * self.place + (1 if self.site.kind.nat else 2))

    @property
    def home_wan(self):
        """The home router's own outer address."""
        return "100.64.%d.2" % self.place if self.site.kind.carrier else self.public

    @property
    def network6(self):
        return "2001:db8:%x::/48" % self.place

    def lan(self, number):
        """IPv4 with bits on the LAN; 0 is the router."""
        if self.site.kind.nat:
            last = 9 + number if number else 1
            return "192.168.%d.%d/24" % (self.site.lan or self.place, last)
        return "198.51.100.%d/28" % (16 * self.place + 1 + number)

    def lan6(self, number):
        return "2001:db8:%x:1::%x/64" % (self.place, 0x0f + number if number else 1)


def lan_network(addresses):
    """192.168.k.0/24"""
    return addresses.lan(0).replace(".1/", ".0/")


def _veth(end, space, mac, other, other_space, other_mac):
    index = "" if space == other_space else "index %d" % (INDEX + (other == "sub"))
    return "link add %s %s netns %s address %s type veth peer name %s netns %s address %s" % (
        end, index, space, mac, other, other_space, other_mac)


def site_links(prefix, site):
    """Lines for `ip -batch`: the site's cables, up to the wire."""
    net, router = prefix + "net", "%s%s-router" % (prefix, site.name)
    lines = ["link add eth0 index %d netns %s type veth peer name lan%d netns %s"
             % (INDEX, prefix + host_name(site, i), i, router) for i in range(1, site.hosts + 1)]
    last = router
    if site.kind.carrier:
        last = "%s%s-carrier" % (prefix, site.name)
        lines.append(_veth("wan", router, MAC_ROUTED, "sub", last, MAC_ROUTED))
    if site.kind.user:
        lines.append(_veth("wan", last, MAC_ROUTED, "in-" + site.name, net, MAC_TAPPED))
        lines.append(_veth("out-" + site.name, net, MAC_TAPPED, "w-" + site.name, net, MAC_TAPPED))
    else:
        lines.append(_veth("wan", last, MAC_ROUTED, "w-" + site.name, net, MAC_TAPPED))
    return lines


def server_links(prefix):
    return [_veth("uplink", prefix + "server", MAC_ROUTED, "w-server", prefix + "net", MAC_TAPPED)]


def host_name(site, number):
    return site.name if number == 1 else "%s%d" % (site.name, number)


def spaces(site):
    """The namespaces of one site."""
    names = [host_name(site, i) for i in range(1, site.hosts + 1)] + [site.name + "-router"]
    return names + ([site.name + "-carrier"] if site.kind.carrier else [])


def script(sysctls, ip_lines, nft=""):
    """One shell script for one namespace; absent settings (a missing module) are passed over."""
    lines = ["set -e"]
    for path, value in sysctls:
        for pattern in ("/proc/sys/net/" + path,):
            lines.append("for f in %s; do [ ! -e $f ] || echo %s > $f; done" % (pattern, value))
    lines += ["ip -batch - <<'E'", "link set lo up", *ip_lines, "E"]
    if nft:
        lines += ["nft -f - <<'E'", nft, "E"]
    return "\n".join(lines) + "\n"


_QUIET6 = [("ipv6/conf/*/accept_dad", 0), ("ipv6/conf/*/accept_ra", 0),
           ("ipv6/conf/*/router_solicitations", 0)]
_ROUTER = [("ipv4/ip_forward", 1), ("ipv4/conf/*/rp_filter", 0), ("ipv4/icmp_ratelimit", 0),
           ("ipv4/conf/*/send_redirects", 0), ("bridge/bridge-nf-call-*", 0)]


def _uplink(device, gso=""):
    return ["link set dev %s arp off %s up" % (device, gso)]


def host_script(addresses, number, gso):
    six = addresses.site.v6 != "off"
    sysctls = _QUIET6 + ([] if six else [("ipv6/conf/eth0/disable_ipv6", 1)])
    lines = ["link set dev eth0 %s up" % gso, "addr add %s dev eth0" % addresses.lan(number),
             "route add default via %s" % addresses.lan(0).split("/")[0]]
    if six:
        lines += ["addr add %s dev eth0 nodad" % addresses.lan6(number),
                  "route add ::/0 via %s" % addresses.lan6(0).split("/")[0]]
    return script(sysctls, lines)


def router_script(addresses):
    site = addresses.site
    six = site.v6 != "off"
    sysctls = _QUIET6 + _ROUTER + [("ipv6/conf/all/forwarding", 1 if six else 0)]
    lines = ["link add br0 type bridge mcast_snooping 0"]
    lines += ["link set lan%d master br0 up" % i for i in range(1, site.hosts + 1)]
    lines += ["link set br0 up", "addr add %s dev br0" % addresses.lan(0)] + _uplink("wan")
    if site.kind.source:
        lines += ["addr add %s/32 dev wan" % addresses.home_wan]
    lines += ["route add default dev wan"]
    if six:
        lines += ["addr add %s dev br0 nodad" % addresses.lan6(0), "route add ::/0 dev wan"]
    return script(sysctls, lines,
                  kinds.nft4(site.kind, addresses.home_wan, site.portmap) + kinds.nft6(site.v6))


def carrier_script(addresses):
    six = addresses.site.v6 != "off"
    sysctls = _QUIET6 + _ROUTER + [("ipv6/conf/all/forwarding", 1 if six else 0)]
    lines = _uplink("sub") + _uplink("wan")
    lines += ["addr add 100.64.%d.1/32 dev sub" % addresses.place,
              "route add %s/32 dev sub" % addresses.home_wan,
              "addr add %s/32 dev wan" % addresses.public, "route add default dev wan"]
    if six:
        lines += ["route add %s dev sub" % addresses.network6, "route add ::/0 dev wan"]
    return script(sysctls, lines, kinds.nft4(kinds.CARRIER, addresses.public))


def server_script(gso):
    lines = _uplink("uplink", gso) + ["addr add %s/32 dev uplink" % a for a in SERVER4]
    lines += ["route add default dev uplink src %s" % SERVER4[0]]
    lines += ["addr add %s/128 dev uplink nodad" % a for a in SERVER6]
    lines += ["route add ::/0 dev uplink src %s" % SERVER6[0]]
    return script(_QUIET6 + [("ipv4/conf/*/rp_filter", 0)], lines)


def net_script(devices):
    """Where our programs run: the kernel itself shall do nothing there."""
    sysctls = [("ipv4/ip_forward", 0), ("ipv6/conf/*/disable_ipv6", 1)]
    return script(sysctls, ["link set %s arp off up" % device for device in devices])
