/* SPDX-License-Identifier: MIT */
/*
 * What the wire connects: ports with the addresses behind them, and for each ordered pair of ports
 * how long, how lossy and how wide the way is. Read from a text file that lab.py writes. It moves
 * no frames.
 */
#ifndef HOP_LAB_PLAN_H
#define HOP_LAB_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

#define HOP_PLAN_PORTS 8

struct hop_path {
    uint64_t delay_us;
    uint64_t rate_bps;   /* 0: as fast as it goes */
    uint64_t queue_size; /* bytes that may wait for the rate */
    uint32_t loss_ppm;
    uint64_t lose;       /* the next 64 frames: bit 0 is the first, 1 is lost */
    uint64_t random;     /* state of this path's own generator */
    uint64_t free_at_us; /* when the rate lets the next frame go */
    uint64_t passed, lost, overflowed;
};

struct hop_place {
    char name[16];
    char interface[16];
    uint32_t network4;
    uint8_t bits4;
    uint8_t network6[16];
    uint8_t bits6;
};

struct hop_plan {
    uint64_t seed;
    uint8_t hops;
    size_t count;
    struct hop_place places[HOP_PLAN_PORTS];
    struct hop_path paths[HOP_PLAN_PORTS][HOP_PLAN_PORTS];
};

/* False with a line on stderr that says what is wrong in which line. */
bool hop_plan_read(struct hop_plan *ret_plan, const char *file);

/* The place that a packet is for, -1 when nobody has that address. */
int hop_plan_route(const struct hop_plan *plan, const struct hop_packet *packet);

/* True for an address that must never be seen outside a home (RFC 1918, RFC 6598). */
bool hop_plan_private(uint32_t address);

#endif
