/* SPDX-License-Identifier: MIT */
/*
 * The insides of the server's mind, shared by its files: the tables, the lists by time, the outbox.
 * For the public face see rendezvous.h.
 */
#ifndef HOP_RENDEZVOUS_STATE_H
#define HOP_RENDEZVOUS_STATE_H

#include "base/random.h"
#include "rendezvous/client.h"
#include "rendezvous/dialback.h"
#include "rendezvous/origin.h"
#include "rendezvous/outbox.h"
#include "rendezvous/relay.h"
#include "rendezvous/rendezvous.h"
#include "rendezvous/replay.h"
#include "rendezvous/room.h"

struct hop_rendezvous {
    hop_rendezvous_config config; /* with the defaults filled in */
    int64_t now_us;               /* of this step */
    hop_random random;
    hop_client *clients;
    hop_rooms rooms;
    hop_origins origins;
    hop_replay replay;
    hop_relays relays;
    /* Each kind of time limit has one length, so a list in the order of arrival is in the order of
     * expiry too, and no step has to look at more than its head. */
    hop_chain hush;
    hop_chain idle;
    hop_chain park;
    hop_chain waits;
    hop_dialbacks dialbacks;
    hop_chain alone;
    hop_rendezvous_counts counts;
    hop_outbox outbox;
};

static inline hop_client *hop_state_client(hop_rendezvous *state, uint32_t id) {
    return &state->clients[id - 1];
}

/* The list by time that the client stands in. */
static inline hop_chain *hop_state_life(hop_rendezvous *state, const hop_client *client) {
    if (client->state == HOP_CLIENT_WAITING) return &state->waits;
    if (client->state == HOP_CLIENT_ALONE) return &state->alone;
    return client->state == HOP_CLIENT_NEW ? &state->hush : &state->idle;
}

#endif
