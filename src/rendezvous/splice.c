/* SPDX-License-Identifier: MIT */
/*
 * Who asks first waits, and is told nothing until the other is there: what he says then reaches it.
 */
#include "rendezvous/splice.h"

#include <string.h>

#include "wire/hello.h"

static unsigned side_of(const hop_message *message);
static void wait(hop_rendezvous *state, uint32_t id, uint32_t pass, const hop_message *message);
static void begin(hop_rendezvous *state, uint32_t relay);
static void answer(hop_rendezvous *state, uint32_t id);
static hop_rendezvous_output *log_relay(hop_rendezvous *state, const hop_relay *relay,
                                        hop_rendezvous_log log);

unsigned hop_splice_ask(hop_rendezvous *state, uint32_t id, const hop_message *message) {
    hop_relays *relays = &state->relays;
    if (!relays->config.on) return HOP_REFUSAL_FORBIDDEN;
    uint32_t pass = hop_relay_find(relays, message->room, message->nonces[0], state->now_us);
    if (pass == 0) return HOP_REFUSAL_MISMATCH;
    if (!hop_relay_has_room(relays, message->room)) return HOP_REFUSAL_BUSY;
    if (!hop_relay_take(relays, pass, side_of(message), id)) return HOP_REFUSAL_MISMATCH;
    wait(state, id, pass, message);
    uint32_t relay = hop_relay_begin(relays, pass, state->now_us);
    if (relay != 0) begin(state, relay);
    return 0;
}

uint32_t hop_splice_end(hop_rendezvous *state, uint32_t id, hop_rendezvous_end end) {
    hop_client *client = hop_state_client(state, id);
    if (client->state != HOP_CLIENT_RELAYED || client->relay == 0) return 0;
    hop_relay *relay = hop_relay_of(&state->relays, client->relay);
    uint32_t other = relay->sides[relay->sides[0] == id];
    hop_rendezvous_output *output = log_relay(state, relay, HOP_RENDEZVOUS_LOG_RELAY_END);
    memcpy(output->moved, relay->bytes, sizeof(output->moved));
    output->lasted_us = state->now_us - relay->began_us;
    /* HELLO comes before NOMINATE: a direct way was found meanwhile. */
    bool unused = relay->bytes[0] < 2 * HOP_HELLO_SIZE;
    output->end = unused ? HOP_RENDEZVOUS_END_UNUSED : end;
    hop_relay_end(&state->relays, client->relay);
    client->relay = hop_state_client(state, other)->relay = 0;
    return other;
}

static unsigned side_of(const hop_message *message) {
    return message->role == HOP_ROLE_CONTROLLING ? 0 : 1;
}

/* Not for longer than its own attempt lasts, most likely. */
static void wait(hop_rendezvous *state, uint32_t id, uint32_t pass, const hop_message *message) {
    hop_client *client = hop_state_client(state, id);
    hop_chain_remove(&state->hush, state->clients, HOP_CHAIN_LIFE, id);
    hop_chain_append(&state->alone, state->clients, HOP_CHAIN_LIFE, id);
    client->state = HOP_CLIENT_ALONE;
    client->life_deadline_us = state->now_us + state->relays.config.wait_us;
    client->relay = pass;
    memcpy(client->nonces[0], message->transaction, HOP_STUN_TRANSACTION_SIZE);
}

static void begin(hop_rendezvous *state, uint32_t id) {
    const hop_relay *relay = hop_relay_of(&state->relays, id);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t side = relay->sides[i];
        hop_client *client = hop_state_client(state, side);
        hop_chain_remove(&state->alone, state->clients, HOP_CHAIN_LIFE, side);
        client->state = HOP_CLIENT_RELAYED;
        client->relay = id;
        answer(state, side);
    }
    state->counts.relays_begun++;
    hop_outbox_splice(state, relay->sides[0], relay->sides[1])->relay = id;
    log_relay(state, relay, HOP_RENDEZVOUS_LOG_RELAY_START);
}

static void answer(hop_rendezvous *state, uint32_t id) {
    const hop_client *client = hop_state_client(state, id);
    hop_message out = {.kind = HOP_MESSAGE_RELAY_ANSWER, .mapped = client->remote};
    memcpy(out.transaction, client->nonces[0], HOP_STUN_TRANSACTION_SIZE);
    hop_outbox_send(state, id, &out);
}

static hop_rendezvous_output *log_relay(hop_rendezvous *state, const hop_relay *relay,
                                        hop_rendezvous_log log) {
    hop_rendezvous_output *output = hop_outbox_log(state, relay->sides[0], log, relay->room);
    output->other = relay->sides[1] - 1;
    output->other_address = hop_state_client(state, relay->sides[1])->remote;
    return output;
}
