/* SPDX-License-Identifier: MIT */
/*
 * The two messages by which a UPnP router is found (UPnP Device Architecture 1.1 section 1.3): the
 * M-SEARCH that we send, and where a response says that the router's description is. Only
 * descriptions that the router itself serves are taken: any machine of the network may answer, and
 * must not make us call a third one.
 */
#ifndef HOP_WIRE_SSDP_H
#define HOP_WIRE_SSDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define HOP_SSDP_PORT 1900
#define HOP_SSDP_LOCATION_SIZE                                                                     \
    160 /* "http://192.168.1.1:5000/rootDesc.xml" and its terminating zero */

/* The search's text, without a terminating zero. */
const uint8_t *hop_ssdp_search(size_t *ret_size);
/* The http location in a response, when it is on the router. False: none such; ret_ untouched. */
bool hop_ssdp_location(const uint8_t *bytes, size_t size, const hop_address *router,
                       char ret_location[static HOP_SSDP_LOCATION_SIZE]);
/* Is this text an http URL of the router, by its address? */
bool hop_ssdp_is_at(const char *url, size_t size, const hop_address *router);

#endif
