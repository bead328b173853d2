/* SPDX-License-Identifier: MIT */
/* Addresses of the world; see places.h. */
#include "places.h"

#include <string.h>

static unsigned number_of(const spec *plan, unsigned host, unsigned site);
static hop_address ipv6(unsigned third, unsigned fourth, unsigned last);

hop_address places_ipv4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return (hop_address){.family = HOP_FAMILY_IPV4,
                         .ip = {(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d}};
}

bool places_is_private(const spec *plan, unsigned site) {
    const spec_site *at = &plan->sites[site];
    if (places_carrier(plan, site) >= 0) return true;
    return at->nat_count > 0 && !at->nats[0].none;
}

int places_carrier(const spec *plan, unsigned site) {
    const spec_site *at = &plan->sites[site];
    if (at->shared_carrier >= 0) return at->shared_carrier;
    return at->nat_count == 2 ? (int)site : -1;
}

static unsigned lan_of(const spec *plan, unsigned site) {
    return plan->sites[site].lan != 0 ? plan->sites[site].lan : site + 1;
}

hop_address places_host(const spec *plan, unsigned host, bool six) {
    return places_guest(plan, host, plan->hosts[host].site, six);
}

hop_address places_guest(const spec *plan, unsigned host, unsigned site, bool six) {
    unsigned number = number_of(plan, host, site);
    if (six && plan->sites[site].v6 == SPEC_V6_OFF) return (hop_address){0};
    if (six) return ipv6(site + 1, 1, 0x0f + number);
    if (places_is_private(plan, site)) return places_ipv4(192, 168, lan_of(plan, site), 9 + number);
    return places_ipv4(198, 51, 100, 16 * (site + 1) + 1 + number);
}

uint8_t places_prefix_bits(const spec *plan, unsigned site, bool six) {
    if (six) return 64;
    return places_is_private(plan, site) ? 24 : 28;
}

hop_address places_router(const spec *plan, unsigned site, bool six) {
    if (six) return ipv6(site + 1, 1, 1);
    if (places_is_private(plan, site)) return places_ipv4(192, 168, lan_of(plan, site), 1);
    return places_ipv4(198, 51, 100, 16 * (site + 1) + 1);
}

hop_address places_home_wan(const spec *plan, unsigned site) {
    if (places_carrier(plan, site) >= 0) return places_ipv4(100, 64, site + 1, 2);
    return places_public(plan, site);
}

hop_address places_public(const spec *plan, unsigned site) {
    int carrier = places_carrier(plan, site);
    return places_ipv4(198, 51, 100, 16 * ((carrier >= 0 ? (unsigned)carrier : site) + 1) + 1);
}

hop_address places_extra(void) {
    return places_ipv4(172, 17, 0, 1);
}

hop_address places_server(unsigned index, bool six) {
    return six ? ipv6(0x5e, 0, index + 1) : places_ipv4(203, 0, 113, index + 1);
}

hop_address places_nobody(bool six) {
    return six ? ipv6(0xff00, 0, 0x99) : places_ipv4(192, 0, 2, 99);
}

hop_address places_stranger(void) {
    return places_ipv4(203, 0, 113, 66);
}

hop_address places_hop(unsigned n, bool six) {
    return six ? ipv6(0xff00, 0, n) : places_ipv4(192, 0, 2, n);
}

int places_route(const spec *plan, const hop_address *target) {
    const uint8_t *ip = target->ip;
    unsigned site;
    if (target->family == HOP_FAMILY_IPV6) {
        if (ip[0] != 0x20 || ip[1] != 0x01 || ip[2] != 0x0d || ip[3] != 0xb8 || ip[4] != 0)
            return -1;
        if (ip[5] == 0x5e) return SPEC_SERVER;
        site = ip[5];
    } else {
        if (ip[0] == 203 && ip[1] == 0 && ip[2] == 113) return SPEC_SERVER;
        if (ip[0] != 198 || ip[1] != 51 || ip[2] != 100) return -1;
        site = ip[3] / 16;
    }
    return site >= 1 && site <= plan->site_count ? (int)site - 1 : -1;
}

int places_subscriber(const spec *plan, const hop_address *target) {
    const uint8_t *ip = target->ip;
    if (target->family != HOP_FAMILY_IPV4 || ip[0] != 100 || ip[1] != 64 || ip[3] != 2) return -1;
    return ip[2] >= 1 && ip[2] <= plan->site_count ? ip[2] - 1 : -1;
}

bool places_on_link(const spec *plan, unsigned site, const hop_address *target) {
    bool six = target->family == HOP_FAMILY_IPV6;
    hop_address router = places_router(plan, site, six);
    unsigned bits = six ? 64 : places_is_private(plan, site) ? 24 : 28;
    return hop_address_same_subnet(&router, target, bits);
}

/* Who is at home there comes first, then its guests. */
static unsigned number_of(const spec *plan, unsigned host, unsigned site) {
    bool guest = plan->hosts[host].site != site;
    unsigned number = 1;
    for (unsigned i = 0; i < plan->host_count; i++) {
        bool other_guest = plan->hosts[i].site != site;
        number += other_guest == guest ? i < host : guest;
    }
    return number;
}

/* 2001:db8:third:fourth::last */
static hop_address ipv6(unsigned third, unsigned fourth, unsigned last) {
    return (hop_address){.family = HOP_FAMILY_IPV6,
                         .ip = {0x20, 0x01, 0x0d, 0xb8, (uint8_t)(third >> 8), (uint8_t)third,
                                (uint8_t)(fourth >> 8), (uint8_t)fourth, [15] = (uint8_t)last}};
}
