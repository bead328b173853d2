/* SPDX-License-Identifier: MIT */
/*
 * An endpoint's one port: a listening socket of each family on the same number, held for the
 * endpoint's whole life, so that nobody else gets it.
 */
#ifndef HOP_DRIVE_RESERVE_H
#define HOP_DRIVE_RESERVE_H

#include "base/address.h"

typedef struct hop_reservation {
    uint16_t port;
    int ipv4_fd; /* -1: not in use */
    int ipv6_fd;
} hop_reservation;

/* interface: the one to keep to (drive/socket.h), or NULL. port 0: any that is free in both
 * families. A family that this machine lacks is left out. 0,
 * HOP_E_PORT, or HOP_E_SYSTEM with errno (also when no family is left). Somebody who takes the port
 * in the blink between the look and the bind, and shares ports, stays unnoticed. */
int hop_reserve(uint16_t port, bool use_ipv4, bool use_ipv6, const char *interface,
                hop_reservation *ret_reservation);
/* Listens anew where the interface was replaced by another of the same name, to which the sockets
 * are deaf. Without one of that name, or when it fails, all stays as it was. True: descriptors have
 * changed, none of the old ones is open. */
bool hop_reserve_renew(hop_reservation *reservation, const char *interface);
void hop_reserve_release(hop_reservation *reservation);

#endif
