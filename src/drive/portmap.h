/* SPDX-License-Identifier: MIT */
/*
 * The mapping of the endpoint's port on the router, carried out: the sockets of core/mapping.c's
 * PCP, NAT-PMP and UPnP search, and UPnP's calls. Non-blocking; what comes of it waits until it is
 * fetched.
 */
#ifndef HOP_DRIVE_PORTMAP_H
#define HOP_DRIVE_PORTMAP_H

#include "base/crypto.h"
#include "core/input.h"
#include "drive/poller.h"

typedef struct hop_portmap hop_portmap;

/* Begins. interface: whose router is asked, and by which (UPnP's calls, by a library that knows no
 * interfaces, go to that router as the routes say); NULL: any. NULL: there is no router, no need of
 * one (our own address is public), or no memory; then there is no mapping and nothing to do. */
hop_portmap *hop_portmap_new(hop_poller *poller, const hop_crypto *crypto, uint16_t port,
                             const char *interface);
/* Gives the mapping back. Blocks only where UPnP made it: see hop_upnp_free. NULL is fine. Returns
 * NULL. */
hop_portmap *hop_portmap_free(hop_portmap *portmap);
/* The same without blocking, where the network has changed and the router may be out of reach: a
 * mapping by UPnP is left to its short life. */
hop_portmap *hop_portmap_leave(hop_portmap *portmap);
/* For readiness with HOP_TAG_PORTMAP. */
void hop_portmap_ready(hop_portmap *portmap, uint32_t number);
/* For time passing, and by when; INT64_MAX: never. */
void hop_portmap_tick(hop_portmap *portmap);
int64_t hop_portmap_deadline(const hop_portmap *portmap);
/* Takes HOP_IN_MAPPED or HOP_IN_UNMAPPED; false: there is none. */
bool hop_portmap_next(hop_portmap *portmap, hop_input *ret_input);

#endif
