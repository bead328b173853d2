/* SPDX-License-Identifier: MIT */
/*
 * The rendezvous server's body in the world: the counterpart of cli/serve_driver.c over a simulated
 * kernel. All that one client is sent by one step leaves in one write. It relays (relays.h). It can
 * die and come back without its memory, fall silent, be slow, and lie (lies.h).
 */
#ifndef HOP_TESTS_WORLD_STATION_H
#define HOP_TESTS_WORLD_STATION_H

#include "kernel.h"
#include "network.h"
#include "rendezvous/rendezvous.h"

typedef struct station station;

typedef struct station_config {
    schedule *schedule;
    network *network;
    uint64_t seed;
    bool toy;               /* cryptography */
    bool relay;             /* it relays */
    int64_t unix_offset_us; /* unix time = world time + this */
    void *context;
    /* NULL: nobody listens. What the mind has to say to its operator; other: of a START, the other
     * client's address. */
    void (*log)(void *context, const hop_rendezvous_output *output, const hop_address *other);
    /* NULL: nobody listens. To whom START goes, and how it is changed. */
    void (*lied)(void *context, const hop_address *to, const char *how);
} station_config;

/* It runs from the beginning on. */
station *station_new(const station_config *config);
/* Not before the schedule is cleared. */
void station_free(station *station);
/* The process is killed: its kernel answers for it, and everything that it knew is gone. */
void station_stop(station *station);
/* Runs again, or speaks and hears again, and is neither slow nor a liar any more. */
void station_start(station *station);
void station_silence(station *station);
void station_slow(station *station, int64_t slow_us);
void station_lie(station *station);
/* A packet for it. */
void station_receive(station *station, const packet *packet);
kernel *station_kernel(station *station);

#endif
