/* SPDX-License-Identifier: MIT */
/*
 * Each host's way into the network, which may change: where it is plugged in, which addresses and
 * which routes that gives it. It moves no packets.
 */
#ifndef HOP_TESTS_WORLD_PLUGS_H
#define HOP_TESTS_WORLD_PLUGS_H

#include "base/address.h"
#include "spec.h"

#define NETWORK_ADDRESSES_MAX 3

typedef struct plug {
    unsigned site;
    bool out;
    bool asleep;
    bool docker;
    bool changed; /* it may still say something from an address that is gone */
} plug;

typedef struct plugs {
    const spec *spec;
    plug hosts[SPEC_HOSTS_MAX];
} plugs;

void plugs_begin(plugs *plugs, const spec *spec);
/* From now on; what is under way to its old address arrives nowhere. */
void plugs_move(plugs *plugs, unsigned host, unsigned site);
/* Out of its network it has no address and no route, but those of docker. */
void plugs_pull(plugs *plugs, unsigned host, bool out);
/* Asleep it keeps its addresses, and neither hears nor speaks. */
void plugs_sleep(plugs *plugs, unsigned host, bool asleep);
void plugs_add_docker(plugs *plugs, unsigned host);

/* As network_addresses(). */
unsigned plugs_addresses(const plugs *plugs, unsigned host,
                         hop_address ret_addresses[static NETWORK_ADDRESSES_MAX],
                         uint8_t ret_prefix_bits[static NETWORK_ADDRESSES_MAX]);
/* One of its own addresses, or a loopback one. */
bool plugs_is_own(const plugs *plugs, unsigned host, const hop_address *address);
/* Where its packets to target come from; family NONE: it has no way there. */
hop_address plugs_source(const plugs *plugs, unsigned host, const hop_address *target);
/* Where its default route leads; family NONE: it has none. */
hop_address plugs_gateway(const plugs *plugs, unsigned host, bool ipv6);
/* A packet from this address comes out of the host. */
bool plugs_may_send(const plugs *plugs, unsigned host, const hop_address *source);
/* Who has this address there, and can be reached by it; -1: nobody. */
int plugs_find(const plugs *plugs, unsigned site, const hop_address *address);

#endif
