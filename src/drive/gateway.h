/* SPDX-License-Identifier: MIT */
/* The router that this machine's IPv4 traffic to the world goes through: all of it, or what leaves
 * by one interface (NULL: any). */
#ifndef HOP_DRIVE_GATEWAY_H
#define HOP_DRIVE_GATEWAY_H

#include <stdbool.h>

#include "base/address.h"

/* False: there is no default route, or the best one has no router (a tunnel, a modem): then nobody
 * is there who could map a port. ret_router has no port. */
bool hop_gateway_find(const char *interface, hop_address *ret_router);

/* A number for where the best default route of the family leads: another router or interface,
 * another number; 0: there is none. */
uint64_t hop_gateway_mark(uint8_t family, const char *interface);

#endif
