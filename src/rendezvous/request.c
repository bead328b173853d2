/* SPDX-License-Identifier: MIT */
/*
 * One message of a client. A signed one is checked from the cheapest question to the dearest, so
 * that a stranger's nonsense costs little: does it fit, is its time right, was it seen before, is
 * there room, is the signature true. Only what is true is remembered.
 */
#include "rendezvous/request.h"

#include <string.h>

#include "rendezvous/introduce.h"
#include "rendezvous/splice.h"

/* An honest client needs one or two. More is somebody who tries, and a wrong signature costs us
 * more than him. */
#define REFUSALS_MAX 16

static bool handle(hop_rendezvous *state, uint32_t id, const uint8_t *bytes, size_t size);
static bool handle_decoded(hop_rendezvous *state, uint32_t id, const hop_message *message,
                           const uint8_t *bytes);
static bool handle_malformed(hop_rendezvous *state, uint32_t id, const uint8_t *bytes, size_t size);
static void handle_register(hop_rendezvous *state, uint32_t id, const hop_message *message,
                            const uint8_t *bytes);
static void handle_refresh(hop_rendezvous *state, uint32_t id, const hop_message *message);
static void handle_knock(hop_rendezvous *state, uint32_t id, const hop_message *message,
                         const uint8_t *bytes);
static void handle_relay(hop_rendezvous *state, uint32_t id, const hop_message *message,
                         const uint8_t *bytes);
static unsigned check_fits(hop_rendezvous *state, uint32_t id, const hop_message *message);
static unsigned check_signed(hop_rendezvous *state, uint32_t id, const hop_message *message,
                             const uint8_t *bytes);
static bool is_full(hop_rendezvous *state, const hop_message *message, uint16_t slot);
static bool handle_dialback(hop_rendezvous *state, uint32_t id, const uint8_t *bytes, size_t size);
static void begin_wait(hop_rendezvous *state, uint32_t id);
static void become_known(hop_rendezvous *state, uint32_t id);
static void answer(hop_rendezvous *state, uint32_t id, const hop_message *message,
                   hop_message_kind kind);
static uint64_t clock_ms(const hop_rendezvous *state);

bool hop_request_handle(hop_rendezvous *state, uint32_t id, const uint8_t *bytes, size_t size) {
    if (!handle(state, id, bytes, size)) return false;
    return hop_state_client(state, id)->refusal_count < REFUSALS_MAX;
}

static bool handle(hop_rendezvous *state, uint32_t id, const uint8_t *bytes, size_t size) {
    hop_message message;
    switch (hop_message_decode(bytes, size, &message)) {
    case HOP_MESSAGE_OK: return handle_decoded(state, id, &message, bytes);
    case HOP_MESSAGE_MALFORMED: return handle_malformed(state, id, bytes, size);
    /* RFC 8489 sections 6.3.1 and 6.3.2: a request is refused, an indication dropped. */
    case HOP_MESSAGE_UNKNOWN_ATTRIBUTE:
        if (message.is_request)
            hop_request_refuse(state, id, &message, HOP_REFUSAL_UNKNOWN_ATTRIBUTE);
        return true;
    case HOP_MESSAGE_UNKNOWN_METHOD:
        if (message.method == HOP_STUN_DIALBACK && message.is_request)
            return handle_dialback(state, id, bytes, size);
        if (message.is_request) hop_request_refuse(state, id, &message, HOP_REFUSAL_MALFORMED);
        return true;
    }
    return true;
}

static bool handle_decoded(hop_rendezvous *state, uint32_t id, const hop_message *message,
                           const uint8_t *bytes) {
    switch (message->kind) {
    case HOP_MESSAGE_BINDING: answer(state, id, message, HOP_MESSAGE_BINDING_ANSWER); break;
    case HOP_MESSAGE_REGISTER: handle_register(state, id, message, bytes); break;
    case HOP_MESSAGE_REFRESH: handle_refresh(state, id, message); break;
    case HOP_MESSAGE_KNOCK: handle_knock(state, id, message, bytes); break;
    case HOP_MESSAGE_TELL: hop_introduce_tell(state, id, message); break;
    case HOP_MESSAGE_RELAY: handle_relay(state, id, message, bytes); break;
    default: break; /* what only a server says is dropped (RFC 8489 section 6.3) */
    }
    return true;
}

/* On a stream nothing that follows can be trusted to be a message. */
static bool handle_malformed(hop_rendezvous *state, uint32_t id, const uint8_t *bytes,
                             size_t size) {
    hop_stun stun;
    hop_message message;
    memset(&message, 0, sizeof(message));
    if (hop_stun_decode(bytes, size, &stun) && stun.class_ == HOP_STUN_REQUEST) {
        message.method = stun.method;
        memcpy(message.transaction, stun.transaction, HOP_STUN_TRANSACTION_SIZE);
        hop_request_refuse(state, id, &message, HOP_REFUSAL_MALFORMED);
    }
    return false;
}

static void handle_register(hop_rendezvous *state, uint32_t id, const hop_message *message,
                            const uint8_t *bytes) {
    hop_client *client = hop_state_client(state, id);
    unsigned code = check_signed(state, id, message, bytes);
    if (code != 0) {
        hop_request_refuse(state, id, message, code);
        return;
    }
    become_known(state, id);
    hop_introduce_part(state, id);
    if (client->state == HOP_CLIENT_REGISTERED) {
        hop_room_leave(&state->rooms, state->clients, id);
        state->counts.registered--;
    }
    uint32_t room = hop_room_find_or_make(&state->rooms, message->room);
    hop_room_listen(&state->rooms, room, state->clients, id);
    state->counts.registered++;
    hop_client_keep_sealed(client, message);
    client->nonce_count = 0;
    hop_client_add_nonces(client, message);
    answer(state, id, message, HOP_MESSAGE_REGISTER_ANSWER);
    hop_outbox_log(state, id, HOP_RENDEZVOUS_LOG_REGISTER, message->room);
    hop_introduce_parked(state, room);
}

static void handle_refresh(hop_rendezvous *state, uint32_t id, const hop_message *message) {
    hop_client *client = hop_state_client(state, id);
    if (client->state != HOP_CLIENT_REGISTERED) return;
    hop_client_add_nonces(client, message);
    if (message->sealed_size > 0) hop_client_keep_sealed(client, message);
    hop_introduce_parked(state, client->room);
}

static void handle_knock(hop_rendezvous *state, uint32_t id, const hop_message *message,
                         const uint8_t *bytes) {
    unsigned code = check_signed(state, id, message, bytes);
    if (code != 0) {
        hop_request_refuse(state, id, message, code);
        return;
    }
    become_known(state, id);
    hop_introduce_part(state, id);
    state->counts.knocks++;
    answer(state, id, message, HOP_MESSAGE_KNOCK_ANSWER);
    uint32_t listener = hop_introduce_listener(state, hop_room_find(&state->rooms, message->room));
    hop_outbox_log(state, id, HOP_RENDEZVOUS_LOG_KNOCK, message->room)->parked = listener == 0;
    if (listener != 0) {
        hop_introduce_start(state, id, listener, message->sealed, message->sealed_size);
        return;
    }
    hop_client *client = hop_state_client(state, id);
    uint32_t room = hop_room_find_or_make(&state->rooms, message->room);
    hop_room_park(&state->rooms, room, state->clients, id);
    hop_client_keep_sealed(client, message);
    client->park_deadline_us = state->now_us + state->config.park_us;
    hop_chain_append(&state->park, state->clients, HOP_CHAIN_PARK, id);
    state->counts.parked++;
}

static void handle_relay(hop_rendezvous *state, uint32_t id, const hop_message *message,
                         const uint8_t *bytes) {
    unsigned code = check_signed(state, id, message, bytes);
    if (code == 0) code = hop_splice_ask(state, id, message);
    if (code != 0) hop_request_refuse(state, id, message, code);
}

/* 0: this client may say this now. One connection listens in one room, or knocks, one knock at a
 * time; it may do so again. */
static unsigned check_fits(hop_rendezvous *state, uint32_t id, const hop_message *message) {
    const hop_client *client = hop_state_client(state, id);
    bool still = client->state == HOP_CLIENT_PARKED || client->state == HOP_CLIENT_WAITING;
    if (still) return HOP_REFUSAL_MALFORMED;
    if (message->kind == HOP_MESSAGE_RELAY)
        return client->state == HOP_CLIENT_NEW ? 0 : HOP_REFUSAL_MALFORMED;
    if (client->state != HOP_CLIENT_REGISTERED) return 0;
    if (message->kind == HOP_MESSAGE_KNOCK) return HOP_REFUSAL_MALFORMED;
    const uint8_t *room = state->rooms.pool[client->room - 1].key;
    return memcmp(room, message->room, HOP_KEY_SIZE) == 0 ? 0 : HOP_REFUSAL_MALFORMED;
}

/* 0: genuine, fresh, and remembered from now on; else the refusal's code. */
static unsigned check_signed(hop_rendezvous *state, uint32_t id, const hop_message *message,
                             const uint8_t *bytes) {
    unsigned code = check_fits(state, id, message);
    if (code != 0) return code;
    uint64_t ours = clock_ms(state);
    uint64_t off_ms = message->time_ms > ours ? message->time_ms - ours : ours - message->time_ms;
    if (off_ms > (uint64_t)(state->config.window_us / HOP_MS)) return HOP_REFUSAL_CLOCK;
    hop_replay_forget(&state->replay, state->now_us);
    uint16_t slot =
        hop_origin_slot(&state->origins, hop_state_client(state, id)->origin, HOP_REPLAY_SLOTS);
    if (hop_replay_seen(&state->replay, message->signature)) return HOP_REFUSAL_REPLAY;
    if (is_full(state, message, slot)) return HOP_REFUSAL_BUSY;
    if (!hop_message_verify(message, bytes, state->config.crypto)) return HOP_REFUSAL_SIGNATURE;
    hop_replay_remember(&state->replay, message->signature, slot, state->now_us);
    return 0;
}

static bool is_full(hop_rendezvous *state, const hop_message *message, uint16_t slot) {
    if (hop_replay_full(&state->replay, slot)) return true;
    if (message->kind != HOP_MESSAGE_KNOCK) return false;
    uint32_t room = hop_room_find(&state->rooms, message->room);
    if (room == 0 || hop_introduce_listener(state, room) != 0) return false;
    return state->rooms.pool[room - 1].parked_count >= state->config.room_max_parked;
}

/* An open question of anybody's, as Binding is; what it may lead to is bounded in dialback.c. */
static bool handle_dialback(hop_rendezvous *state, uint32_t id, const uint8_t *bytes, size_t size) {
    hop_client *client = hop_state_client(state, id);
    hop_dialback request;
    hop_address target;
    if (!hop_dialback_decode(bytes, size, &request))
        return handle_malformed(state, id, bytes, size);
    hop_message refused = {.method = HOP_STUN_DIALBACK};
    memcpy(refused.transaction, request.transaction, HOP_STUN_TRANSACTION_SIZE);
    bool wait = request.way == HOP_DIALBACK_WAIT;
    unsigned code = state->config.no_dialback ? HOP_DIALBACK_FORBIDDEN : 0;
    /* A wait is for who has nothing else to do here. */
    bool busy = wait ? client->state != HOP_CLIENT_NEW && client->state != HOP_CLIENT_KNOWN : false;
    if (code == 0 && (busy || client->dialling != 0)) code = HOP_REFUSAL_BUSY;
    if (code == 0)
        code = hop_dialbacks_begin(&state->dialbacks, state->now_us, &client->remote, &request,
                                   &target);
    if (code != 0) {
        hop_request_refuse(state, id, &refused, code);
        return true;
    }
    client->dialling = (uint8_t)request.way;
    if (wait) begin_wait(state, id);
    hop_outbox_dial(state, id, &request, &target);
    return true;
}

static void begin_wait(hop_rendezvous *state, uint32_t id) {
    hop_client *client = hop_state_client(state, id);
    hop_chain_remove(hop_state_life(state, client), state->clients, HOP_CHAIN_LIFE, id);
    hop_introduce_part(state, id);
    client->state = HOP_CLIENT_WAITING;
    client->life_deadline_us = state->now_us + HOP_DIALBACK_LIFE_US;
    hop_chain_append(&state->waits, state->clients, HOP_CHAIN_LIFE, id);
}

/* From the list of those who must hurry to that of those who must stay awake. */
static void become_known(hop_rendezvous *state, uint32_t id) {
    hop_client *client = hop_state_client(state, id);
    if (client->state != HOP_CLIENT_NEW) return;
    hop_chain_remove(&state->hush, state->clients, HOP_CHAIN_LIFE, id);
    client->state = HOP_CLIENT_KNOWN;
    client->life_deadline_us = state->now_us + state->config.idle_us;
    hop_chain_append(&state->idle, state->clients, HOP_CHAIN_LIFE, id);
}

static void answer(hop_rendezvous *state, uint32_t id, const hop_message *message,
                   hop_message_kind kind) {
    const hop_client *client = hop_state_client(state, id);
    hop_message out = {.kind = kind, .method = message->method, .mapped = client->remote};
    out.other = client->other;
    memcpy(out.transaction, message->transaction, HOP_STUN_TRANSACTION_SIZE);
    hop_outbox_send(state, id, &out);
}

void hop_request_refuse(hop_rendezvous *state, uint32_t id, const hop_message *message,
                        unsigned code) {
    static const struct {
        unsigned code;
        char reason[48];
    } reasons[] = {
        {HOP_REFUSAL_MALFORMED, "Bad request"},
        {HOP_REFUSAL_SIGNATURE, "The signature is not this room's"},
        {HOP_REFUSAL_FORBIDDEN, "This server does not relay"},
        {HOP_REFUSAL_ALONE, "The other side has not come"},
        {HOP_REFUSAL_UNKNOWN_ATTRIBUTE, "Unknown attribute"},
        {HOP_REFUSAL_MISMATCH, "No attempt of this room has that nonce"},
        {HOP_REFUSAL_CLOCK, "The time is off; sign with the time given here"},
        {HOP_REFUSAL_REPLAY, "This was said before"},
        {HOP_REFUSAL_BUSY, "Too many at once, try again later"},
        {HOP_DIALBACK_FORBIDDEN, "Not dialled back"},
    };
    hop_message out = {.kind = HOP_MESSAGE_REFUSAL, .method = message->method, .error_code = code};
    memcpy(out.transaction, message->transaction, HOP_STUN_TRANSACTION_SIZE);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].code == code)
            memcpy(out.reason, reasons[i].reason, sizeof(reasons[i].reason));
    if (code == HOP_REFUSAL_CLOCK) out.time_ms = clock_ms(state);
    hop_outbox_send_refusal(state, id, &out);
    state->counts.refusals++;
    hop_state_client(state, id)->refusal_count++;
    hop_outbox_log(state, id, HOP_RENDEZVOUS_LOG_REFUSE, NULL)->code = code;
}

static uint64_t clock_ms(const hop_rendezvous *state) {
    int64_t unix_us = state->now_us + state->config.unix_offset_us;
    return unix_us > 0 ? (uint64_t)(unix_us / HOP_MS) : 0;
}
