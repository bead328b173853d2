/* SPDX-License-Identifier: MIT */
/*
 * START for both, with delays such that the SYNs leave at the same moment. Word reaches each side
 * half a round trip after it is sent, so the nearer one waits for the difference; then both SYNs
 * cross, and each finds the hole that the other has made.
 */
#include "rendezvous/introduce.h"

#include <string.h>

/* Knockers of one listener that a TELL of its is looked for among: those of eight attempts, and as
 * many as have gone without a word since. */
#define KNOCKERS_MAX 64

/* A client can make its round trip look as long as it likes, by acknowledging late. More than this
 * it shall not cost its peer. */
#define RTT_MAX_US ((uint32_t)(2 * HOP_S))

typedef struct start_times {
    uint32_t knocker_delay_us;
    uint32_t listener_delay_us;
    uint32_t rtt_us;
} start_times;

static start_times plan(uint32_t knocker_rtt_us, uint32_t listener_rtt_us);
static void new_transaction(hop_rendezvous *state, uint8_t *transaction);
static void pair_up(hop_rendezvous *state, uint32_t knocker, uint32_t listener,
                    const uint8_t *nonce);
static uint32_t knocker_of(hop_rendezvous *state, uint32_t listener, const uint8_t *nonce);
static void log_start(hop_rendezvous *state, uint32_t knocker, uint32_t listener,
                      const start_times *times);

uint32_t hop_introduce_listener(hop_rendezvous *state, uint32_t room) {
    if (room == 0) return 0;
    uint32_t newest = state->rooms.pool[room - 1].listeners.first;
    return newest != 0 && hop_state_client(state, newest)->nonce_count > 0 ? newest : 0;
}

void hop_introduce_start(hop_rendezvous *state, uint32_t knocker, uint32_t listener,
                         const uint8_t *sealed, size_t sealed_size) {
    hop_client *knocking = hop_state_client(state, knocker);
    hop_client *listening = hop_state_client(state, listener);
    start_times times = plan(knocking->rtt_us, listening->rtt_us);
    hop_message start = {.kind = HOP_MESSAGE_START, .rtt_us = times.rtt_us, .nonce_count = 1};
    hop_client_take_nonce(listening, start.nonces[0]);
    new_transaction(state, start.transaction);

    start.role = HOP_ROLE_CONTROLLING;
    start.delay_us = times.knocker_delay_us;
    start.peer = listening->remote;
    start.sealed_size = listening->sealed_size;
    memcpy(start.sealed, listening->sealed, listening->sealed_size);
    hop_outbox_send(state, knocker, &start);

    start.role = HOP_ROLE_CONTROLLED;
    start.delay_us = times.listener_delay_us;
    start.peer = knocking->remote;
    start.sealed_size = sealed_size;
    memcpy(start.sealed, sealed, sealed_size);
    hop_outbox_send(state, listener, &start);

    pair_up(state, knocker, listener, start.nonces[0]);
    hop_relay_allow(&state->relays, state->rooms.pool[listening->room - 1].key, start.nonces[0],
                    state->now_us);
    state->counts.starts++;
    log_start(state, knocker, listener, &times);
}

void hop_introduce_parked(hop_rendezvous *state, uint32_t room) {
    uint32_t listener;
    while ((listener = hop_introduce_listener(state, room)) != 0) {
        uint32_t knocker = state->rooms.pool[room - 1].parked.first;
        if (knocker == 0) return;
        hop_client *client = hop_state_client(state, knocker);
        hop_chain_remove(&state->park, state->clients, HOP_CHAIN_PARK, knocker);
        hop_room_leave(&state->rooms, state->clients, knocker);
        state->counts.parked--;
        hop_introduce_start(state, knocker, listener, client->sealed, client->sealed_size);
    }
}

/* The nonce tells which of a listener's attempts is meant. What is sealed we cannot read. */
void hop_introduce_tell(hop_rendezvous *state, uint32_t id, const hop_message *tell) {
    const uint8_t *nonce = tell->nonces[0];
    hop_client *client = hop_state_client(state, id);
    bool knocked = client->partner != 0 && memcmp(client->nonces[0], nonce, HOP_NONCE_SIZE) == 0;
    uint32_t knocker = knocked ? id : knocker_of(state, id, nonce);
    if (knocker == 0) return;
    hop_client *counted = hop_state_client(state, knocker);
    if (counted->tell_count == HOP_TELLS_MAX) return;
    counted->tell_count++;
    hop_message out = {.kind = HOP_MESSAGE_TELL, .nonce_count = 1};
    memcpy(out.nonces[0], nonce, HOP_NONCE_SIZE);
    out.sealed_size = tell->sealed_size;
    memcpy(out.sealed, tell->sealed, tell->sealed_size);
    new_transaction(state, out.transaction);
    hop_outbox_send(state, knocked ? client->partner : knocker, &out);
}

void hop_introduce_part(hop_rendezvous *state, uint32_t id) {
    hop_client *client = hop_state_client(state, id);
    if (client->partner == 0) return;
    hop_client *listener = hop_state_client(state, client->partner);
    hop_chain_remove(&listener->knockers, state->clients, HOP_CHAIN_ROOM, id);
    client->partner = 0;
}

void hop_introduce_forget(hop_rendezvous *state, uint32_t id) {
    const hop_client *client = hop_state_client(state, id);
    hop_introduce_part(state, id);
    while (client->knockers.first != 0)
        hop_introduce_part(state, client->knockers.first);
}

/* The knocker is in no room, so its place in that list is free; and it gives out no nonces. */
static void pair_up(hop_rendezvous *state, uint32_t knocker, uint32_t listener,
                    const uint8_t *nonce) {
    hop_client *knocking = hop_state_client(state, knocker);
    hop_introduce_part(state, knocker);
    knocking->partner = listener;
    knocking->tell_count = 0;
    memcpy(knocking->nonces[0], nonce, HOP_NONCE_SIZE);
    hop_chain_prepend(&hop_state_client(state, listener)->knockers, state->clients, HOP_CHAIN_ROOM,
                      knocker);
}

static uint32_t knocker_of(hop_rendezvous *state, uint32_t listener, const uint8_t *nonce) {
    uint32_t id = hop_state_client(state, listener)->knockers.first;
    for (unsigned i = 0; i < KNOCKERS_MAX && id != 0; i++) {
        const hop_client *knocker = hop_state_client(state, id);
        if (memcmp(knocker->nonces[0], nonce, HOP_NONCE_SIZE) == 0) return id;
        id = knocker->links[HOP_CHAIN_ROOM].after;
    }
    return 0;
}

/* Who has not been measured is taken to be as far away as the other. */
static start_times plan(uint32_t knocker_rtt_us, uint32_t listener_rtt_us) {
    uint32_t knocker = knocker_rtt_us != 0 ? knocker_rtt_us : listener_rtt_us;
    uint32_t listener = listener_rtt_us != 0 ? listener_rtt_us : knocker_rtt_us;
    if (knocker > RTT_MAX_US) knocker = RTT_MAX_US;
    if (listener > RTT_MAX_US) listener = RTT_MAX_US;
    start_times times = {.rtt_us = knocker + listener};
    if (knocker < listener)
        times.knocker_delay_us = listener / 2 - knocker / 2;
    else
        times.listener_delay_us = knocker / 2 - listener / 2;
    return times;
}

/* An indication is not answered, so nothing hangs on this but being told apart in a trace. */
static void new_transaction(hop_rendezvous *state, uint8_t *transaction) {
    uint64_t words[2] = {hop_random_next(&state->random), hop_random_next(&state->random)};
    memcpy(transaction, words, HOP_STUN_TRANSACTION_SIZE);
}

static void log_start(hop_rendezvous *state, uint32_t knocker, uint32_t listener,
                      const start_times *times) {
    const hop_client *listening = hop_state_client(state, listener);
    const uint8_t *room = state->rooms.pool[listening->room - 1].key;
    hop_rendezvous_output *output = hop_outbox_log(state, knocker, HOP_RENDEZVOUS_LOG_START, room);
    output->other = listener - 1;
    output->delay_us = times->knocker_delay_us;
    output->other_delay_us = times->listener_delay_us;
}
