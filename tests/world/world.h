/* SPDX-License-Identifier: MIT */
/*
 * The world: every client's core and the server's mind over simulated kernels, NATs and paths, in
 * virtual time, from one spec. One seed is one run, byte for byte. What is not simulated is said in
 * kernel.h and network.h; besides: no names are resolved (it takes no time), no TLS, no second
 * process on a host, all clocks run at one speed (but for a sleeper's, which stands still), no
 * router maps a port anew after a change of the network.
 */
#ifndef HOP_TESTS_WORLD_WORLD_H
#define HOP_TESTS_WORLD_WORLD_H

#include "core/core.h"
#include "network.h"
#include "spec.h"

/* What one attempt of one host came to. */
typedef struct world_end {
    unsigned host;
    int attempt;     /* the host's number for it */
    int peer;        /* host at the other end of the socket, -1: none or nobody of ours */
    int64_t peer_us; /* world time of OUT_PEER */
    int64_t end_us;
    bool established;
    enum hop_error error;
    const char *advice; /* failed: what the user reads */
    hop_core_route route;
    bool controlling;
    int socket; /* the kernel's, held */
    uint8_t psk[HOP_KEY_SIZE];
    int64_t tcp_us, attempt_us;
    hop_report report;
} world_end;

#define WORLD_ENDS_MAX 64

typedef struct world_result {
    unsigned end_count;
    world_end ends[WORLD_ENDS_MAX];
    int64_t over_us;
    uint64_t steps;
    uint64_t packets;
    unsigned dials[SPEC_HOSTS_MAX];
    unsigned portless[SPEC_SITES_MAX];  /* packets dropped there because no port was left */
    unsigned syns_lost[SPEC_SITES_MAX]; /* between site and server, by IPv4; SYN-ACKs, too */
    unsigned invalid[SPEC_SITES_MAX];   /* packets that a NAT there, following TCP, took for none of
                                           the connection */
    unsigned knocks[SPEC_HOSTS_MAX];    /* said to a server, all its lives together */
    unsigned unseen[SPEC_HOSTS_MAX];    /* attempts that began before a server saw it by IPv4 */
    unsigned most_sockets[SPEC_HOSTS_MAX];
    unsigned most_dials_per_second[SPEC_HOSTS_MAX];
    char broken[256]; /* the first invariant that did not hold, in words; empty: all did */
} world_result;

typedef enum world_crypto { WORLD_REAL, WORLD_TOY } world_crypto;

typedef struct world_options {
    world_crypto crypto;
    void *context;
    /* NULL: nobody listens. A line of the story, without its end, `who` a host, a NAT, "server". */
    void (*tell)(void *context, int64_t at_us, const char *who, const char *line);
    /* NULL: nobody looks. Every packet at every point. */
    void (*see)(void *context, int64_t at_us, network_sight sight, unsigned place,
                const packet *packet, nat_why why);
    /* NULL: nobody watches. Every step of every core. */
    void (*watch)(void *context, int64_t at_us, unsigned host, const hop_input *input,
                  const hop_output *outputs, unsigned output_count);
} world_options;

void world_run(const spec *spec, const world_options *options, world_result *ret_result);

#endif
