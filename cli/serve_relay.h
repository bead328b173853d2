/* SPDX-License-Identifier: MIT */
/*
 * Relays that run: two sockets each, whose bytes go from one to the other. Half-closes go through,
 * a side that does not read holds up its own relay only. Who may have a relay, and how much it may
 * move at a time, is the mind's (rendezvous/relay.h).
 */
#ifndef CLI_SERVE_RELAY_H
#define CLI_SERVE_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "cli/serve_client.h"
#include "rendezvous/relay.h"

struct serve_relay;

/* This client's relay is over: both ways at their end, or broken. Called from the loop; the owner
 * tells the mind and closes the client. */
typedef void serve_relay_over(struct serve_client *client, bool broken);

struct serve_relays {
    uv_loop_t *loop;
    hop_relays *mind;
    serve_relay_over *over;
    struct serve_relay **running; /* by id */
    uv_timer_t line;              /* until it is somebody's turn */
};

/* False: out of memory. serve_relays_end in any case. */
bool serve_relays_begin(struct serve_relays *relays, uv_loop_t *loop, hop_relays *mind,
                        serve_relay_over *over);
/* Breaks all that run. The loop is to run once more. */
void serve_relays_end(struct serve_relays *relays);
/* The controlling side first. False: the machine refuses; the clients are as before. */
bool serve_relay_start(struct serve_relays *relays, uint32_t id, struct serve_client *one,
                       struct serve_client *other);
/* One of its clients is about to be closed: lets go of both. What has not been said to the end is
 * cut so that nobody takes it for the end. */
void serve_relay_stop(struct serve_relay *relay);

#endif
