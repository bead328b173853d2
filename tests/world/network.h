/* SPDX-License-Identifier: MIT */
/*
 * Where packets go: from a host through its site's NATs, over the path between two places, through
 * the far site's NATs to a host there, or to the server. A NAT decides after the delay; a TTL runs
 * out after the near NAT (lab/README.md says why). Both are of the same shape as the lab, with the
 * same addresses.
 */
#ifndef HOP_TESTS_WORLD_NETWORK_H
#define HOP_TESTS_WORLD_NETWORK_H

#include "nat.h"
#include "packet.h"
#include "plugs.h"
#include "schedule.h"
#include "spec.h"

/* What an observer sees of a packet: a capture point, as tcpdump would have it. */
typedef enum network_sight {
    NETWORK_SENT,     /* leaves a host */
    NETWORK_OUTSIDE,  /* leaves a site towards the others, translated */
    NETWORK_LOST,     /* on the path */
    NETWORK_ARRIVED,  /* reaches the far site from outside, not translated yet */
    NETWORK_RECEIVED, /* reaches a host */
    NETWORK_DROPPED,  /* by a NAT: why */
    NETWORK_REFUSED,  /* by a NAT: why; its answer is a packet of its own */
    NETWORK_EXPIRED   /* its TTL ran out */
} network_sight;

typedef struct network network;

typedef struct network_config {
    const spec *spec; /* lives as long as the network; paths may be changed in between */
    schedule *schedule;
    uint32_t
        reset_ppm; /* of the packets of connections on the wire: both ends get an RST instead */
    void *context;
    /* A packet for a host (NETWORK_SERVER: whichever of the server's addresses). Must not keep it.
     */
    void (*deliver)(void *context, unsigned host, const packet *packet);
    /* NULL: nobody looks. place: site index or SPEC_SERVER. */
    void (*see)(void *context, network_sight sight, unsigned place, const packet *packet,
                nat_why why);
} network_config;

#define NETWORK_SERVER   SPEC_HOSTS_MAX       /* the server, as a host */
#define NETWORK_STRANGER (SPEC_HOSTS_MAX + 1) /* somebody on the Internet, where the server is */
#define NETWORK_HOSTS    (SPEC_HOSTS_MAX + 2)

network *network_new(const network_config *config);
void network_free(network *network);
/* From a host; the packet is copied. */
void network_send(network *network, unsigned host, const packet *packet);
/* A host's own addresses, best first (IPv4, IPv6, that of an extra interface); how many. Port 0. */
unsigned network_addresses(const network *network, unsigned host,
                           hop_address ret_addresses[static NETWORK_ADDRESSES_MAX],
                           uint8_t ret_prefix_bits[static NETWORK_ADDRESSES_MAX]);
hop_address network_server(const network *network, unsigned index, bool ipv6);
/* Where a host's packets to target come from, by its routes; family NONE: it has no way there. */
hop_address network_source(const network *network, unsigned host, const hop_address *target);
/* False: this host has no route there (no such family). */
bool network_has_route(const network *network, unsigned host, const hop_address *target);
/* Who is plugged in where; to be changed at will. */
plugs *network_plugs(network *network);
/* One way. */
void network_change_path(network *network, unsigned place, unsigned other, const spec_path *path);
/* As SPEC_LOSE. */
void network_lose(network *network, unsigned place, unsigned other, uint64_t mask);
/* index SPEC_NATS_MAX: the router's IPv6 filter. NULL: there is none. */
nat *network_nat(network *network, unsigned site, unsigned index);
/* All that stand at this site forget everything. */
void network_reboot(network *network, unsigned site);

#endif
