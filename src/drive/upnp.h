/* SPDX-License-Identifier: MIT */
/*
 * UPnP's calls to a router whose description has been found, by libminiupnpc. That library blocks,
 * so each call runs in a thread of its own, one at a time: the one thread of this library. It is
 * started only when a router has answered a search, all signals are blocked in it, and it touches
 * nothing but its own job.
 */
#ifndef HOP_DRIVE_UPNP_H
#define HOP_DRIVE_UPNP_H

#include <stdbool.h>

#include "base/address.h"
#include "core/note.h"
#include "wire/ssdp.h"

typedef struct hop_upnp hop_upnp;

/* What to map: the client's address and port, from the router's description at location. */
typedef struct hop_upnp_wish {
    char location[HOP_SSDP_LOCATION_SIZE];
    hop_address router;
    hop_address client;
    uint16_t external_port; /* 0: any, best the client's */
    uint32_t lifetime_s;
} hop_upnp_wish;

typedef struct hop_upnp_result {
    hop_map_trouble trouble;
    hop_address external;
    int64_t code; /* the router's error; 0: none */
} hop_upnp_result;

/* NULL: no memory or descriptors, or built without libminiupnpc. */
hop_upnp *hop_upnp_new(void);
/* Takes back what is mapped. Waits for the router, one second at the most; a call that still hangs
 * then is left to itself and cleans up when it ends. NULL is fine. Returns NULL. */
hop_upnp *hop_upnp_free(hop_upnp *upnp);
/* Readable when hop_upnp_done has a result. */
/* The router is out of reach: hop_upnp_free neither gives back nor waits. */
void hop_upnp_leave(hop_upnp *upnp);
int hop_upnp_fd(const hop_upnp *upnp);
/* False: it is busy, or there is no thread to be had. */
bool hop_upnp_map(hop_upnp *upnp, const hop_upnp_wish *wish);
/* Takes the mapping back, some time. */
void hop_upnp_unmap(hop_upnp *upnp);
/* The result of hop_upnp_map; false: not yet. */
bool hop_upnp_done(hop_upnp *upnp, hop_upnp_result *ret_result);

#endif
