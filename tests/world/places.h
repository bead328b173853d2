/* SPDX-License-Identifier: MIT */
/*
 * Who has which address, by the spec alone: the same as in the lab (lab/README.md, "Addresses"). It
 * moves no packets.
 */
#ifndef HOP_TESTS_WORLD_PLACES_H
#define HOP_TESTS_WORLD_PLACES_H

#include "base/address.h"
#include "spec.h"

#define PLACES_SERVER_PORT 3478

hop_address places_ipv4(unsigned a, unsigned b, unsigned c, unsigned d);
/* Do the site's hosts have private addresses? */
bool places_is_private(const spec *plan, unsigned site);
/* The site whose carrier NAT is ours; -1: none is. */
int places_carrier(const spec *plan, unsigned site);
/* Family NONE where the site has no IPv6. Port 0. */
hop_address places_host(const spec *plan, unsigned host, bool ipv6);
/* The same at another site, or at its own; nobody else ever has that address there. */
hop_address places_guest(const spec *plan, unsigned host, unsigned site, bool ipv6);
uint8_t places_prefix_bits(const spec *plan, unsigned site, bool ipv6);
/* The home router: on its LAN, and on its outside (its carrier's network or the Internet). */
hop_address places_router(const spec *plan, unsigned site, bool ipv6);
hop_address places_home_wan(const spec *plan, unsigned site);
/* As the Internet sees the site's NAT. */
hop_address places_public(const spec *plan, unsigned site);
hop_address places_extra(void); /* of a host with a docker-like second interface */
hop_address places_server(unsigned index, bool ipv6);
/* Where a server is said to be and nothing is: no packet to it is answered. */
hop_address places_nobody(bool six);
hop_address places_stranger(void);
/* The n-th router of the wire. */
hop_address places_hop(unsigned n, bool ipv6);

/* The place that the Internet's routers send this address to: a site, SPEC_SERVER, or -1. */
int places_route(const spec *plan, const hop_address *target);
/* The site that a carrier's router sends this address to, -1: none. */
int places_subscriber(const spec *plan, const hop_address *target);
/* Is it in the site's own network, no router in between? */
bool places_on_link(const spec *plan, unsigned site, const hop_address *target);

#endif
