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

/* port 0: any that is free in both families. A family that this machine lacks is left out. 0,
 * HOP_E_PORT, or HOP_E_SYSTEM with errno (also when no family is left). Somebody who takes the port
 * in the blink between the look and the bind, and shares ports, stays unnoticed. */
int hop_reserve(uint16_t port, bool use_ipv4, bool use_ipv6, hop_reservation *ret_reservation);
void hop_reserve_release(hop_reservation *reservation);

#endif
