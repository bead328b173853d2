/* SPDX-License-Identifier: MIT */
/*
 * The server's relays that run: the counterpart of cli/serve_relay.c over a simulated kernel.
 * Half-closes go through, a side that does not read holds up its own relay only. Who may have one,
 * and how much it may move at a time, is the mind's (rendezvous/relay.h).
 */
#ifndef HOP_TESTS_WORLD_RELAYS_H
#define HOP_TESTS_WORLD_RELAYS_H

#include "kernel.h"
#include "rendezvous/relay.h"

#define RELAYS_MAX       16   /* at once */
#define RELAYS_PIPE_SIZE 2048 /* on their way through the server, each way */

/* From one side to the other. */
typedef struct relays_way {
    size_t held; /* bytes that have come and are not gone ... */
    size_t sent; /* ... and where they begin */
    bool ended;  /* the source has said all */
    bool shut;   /* ... and the target has been told */
    uint8_t bytes[RELAYS_PIPE_SIZE];
} relays_way;

typedef struct relays_one {
    bool runs;
    bool paused; /* it stands in line */
    unsigned first;
    int sockets[2]; /* the controlling side's first */
    relays_way ways[2];
} relays_one;

typedef struct relays {
    schedule *schedule;
    kernel *kernel;
    int64_t epoch_us; /* the mind's clock is this far ahead of the world's */
    void *context;
    /* Both ways at their end, or broken. The owner stops it, tells the mind, and closes. */
    void (*over)(void *context, uint32_t relay, bool broken);
    hop_relays *mind;
    int64_t line_us; /* when somebody's turn comes, in the mind's time; INT64_MAX: nobody waits */
    uint32_t used;   /* no relay above this one has run */
    relays_one running[RELAYS_MAX];
} relays;

/* schedule ... over are filled in. A mind that begins anew has no relays. */
void relays_begin(relays *relays, hop_relays *mind);
/* The controlling side's socket first. */
void relays_start(relays *relays, uint32_t relay, int one, int other);
/* True: all was said, so its sockets are closed. False: they are cut, so that nobody takes that for
 * the end. */
bool relays_stop(relays *relays, uint32_t relay);
/* All that run, as when the process is killed: their sockets are cut. */
void relays_cut(relays *relays);
/* Something may be done with a socket of theirs. */
void relays_ready(relays *relays);

#endif
