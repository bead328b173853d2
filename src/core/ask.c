/* SPDX-License-Identifier: MIT */
/* What is said to a rendezvous server; see ask.h and docs/protocol.md. */
#include "core/ask.h"

#include <string.h>

#include "core/state.h"

static void send(hop_core *core, int index, hop_message *message) {
    hop_caller *caller = &core->callers[index];
    const hop_crypto *crypto = core->config.crypto;
    bool is_signed = message->kind == HOP_MESSAGE_REGISTER || message->kind == HOP_MESSAGE_KNOCK;
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t size = 0;
    if (crypto->random(crypto->context, message->transaction, HOP_STUN_TRANSACTION_SIZE))
        size = hop_message_encode(message, crypto, is_signed ? core->keys.room_seed : NULL, bytes);
    if (size == 0) {
        hop_caller_fail(core, index, HOP_E_SYSTEM, HOP_REASON_LOCAL);
        return;
    }
    hop_output_send(&core->outbox, caller->link, bytes, size);
    if (message->kind != HOP_MESSAGE_REFRESH && message->kind != HOP_MESSAGE_TELL) {
        memcpy(caller->transaction, message->transaction, HOP_STUN_TRANSACTION_SIZE);
        caller->timeout_us = core->now_us + HOP_SERVER_TIMEOUT_US;
    }
}

/* RFC 8489's requests are signed over their time: the first flight needs no challenge, so a cold
 * start costs no extra round trip. */
static bool fill_signed(hop_core *core, int index, hop_message *message, hop_seal_use use,
                        const uint8_t *nonce) {
    const hop_caller *caller = &core->callers[index];
    int64_t unix_us = core->now_us + core->config.unix_offset_us + caller->clock_off_us;
    hop_description description;
    hop_meet_describe(core, &description);
    memcpy(description.nonce, nonce, HOP_NONCE_SIZE);
    memcpy(message->room, core->keys.room, HOP_KEY_SIZE);
    message->time_ms = (uint64_t)(unix_us / HOP_MS);
    message->sealed_size = hop_description_seal(&description, core->config.crypto, core->keys.seal,
                                                use, message->sealed);
    return message->sealed_size > 0;
}

/* Adds a fresh nonce to those that the server may give to a peer; each serves one attempt. */
static bool new_nonce(hop_core *core, hop_caller *caller, hop_message *message) {
    const hop_crypto *crypto = core->config.crypto;
    if (caller->nonce_count == sizeof caller->nonces / HOP_NONCE_SIZE) return false;
    if (message->nonce_count == HOP_MESSAGE_NONCES_MAX) return false;
    uint8_t *nonce = caller->nonces[caller->nonce_count];
    if (!crypto->random(crypto->context, nonce, HOP_NONCE_SIZE)) return false;
    caller->nonce_count++;
    memcpy(message->nonces[message->nonce_count++], nonce, HOP_NONCE_SIZE);
    return true;
}

static unsigned running_attempts(const hop_core *core, int caller) {
    unsigned count = 0;
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++)
        count += core->attempts[i].state != HOP_ATTEMPT_FREE && core->attempts[i].caller == caller;
    return count;
}

/* Nonces given out and attempts running are together never more than this caller's share of places:
 * so a START always finds room, and the server lets the others wait. */
static unsigned nonces_wanted(const hop_core *core, int index) {
    unsigned share = HOP_ATTEMPTS_MAX / core->config.ticket.server_count;
    const hop_caller *caller = &core->callers[index];
    unsigned taken = running_attempts(core, index) + caller->nonce_count - caller->stale_count;
    return share > taken ? share - taken : 0;
}

static void ask_register(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    hop_message message = {.kind = HOP_MESSAGE_REGISTER};
    uint8_t unused[HOP_NONCE_SIZE] = {0}; /* a listener's nonces are those of its attempts */
    /* A START by the registration before may be on its way to us. */
    if (caller->state != HOP_CALLER_READY) caller->nonce_count = 0;
    caller->stale_count = caller->nonce_count;
    caller->registering = true;
    caller->outdated = false;
    caller->mapping = hop_meet_mapping(core);
    unsigned wanted = nonces_wanted(core, index);
    if (wanted == 0) wanted = 1;
    while (wanted-- > 0)
        new_nonce(core, caller, &message);
    caller->told_mapping = core->behaviour.nat.mapping;
    if (!fill_signed(core, index, &message, HOP_SEAL_REGISTER, unused)) {
        hop_caller_fail(core, index, HOP_E_SYSTEM, HOP_REASON_LOCAL);
        return;
    }
    send(core, index, &message);
}

static void ask_knock(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    const hop_crypto *crypto = core->config.crypto;
    hop_message message = {.kind = HOP_MESSAGE_KNOCK};
    if (!crypto->random(crypto->context, caller->nonce, HOP_NONCE_SIZE) ||
        !fill_signed(core, index, &message, HOP_SEAL_KNOCK, caller->nonce)) {
        hop_caller_fail(core, index, HOP_E_SYSTEM, HOP_REASON_LOCAL);
        return;
    }
    caller->knocked_us = core->now_us;
    caller->mapping = hop_meet_mapping(core);
    hop_output_note(&core->outbox, HOP_NOTE_KNOCKED, 0);
    send(core, index, &message);
}

void hop_ask_first(hop_core *core, int index) {
    core->callers[index].state = HOP_CALLER_ASKING;
    switch (core->config.mode) {
    case HOP_CORE_LISTEN: ask_register(core, index); break;
    case HOP_CORE_CONNECT: ask_knock(core, index); break;
    case HOP_CORE_MANUAL: hop_ask_keepalive(core, index); break;
    }
}

void hop_ask_freshen(hop_core *core, int index) {
    const hop_caller *caller = &core->callers[index];
    if (core->config.mode != HOP_CORE_LISTEN || caller->state != HOP_CALLER_READY) return;
    if (caller->registering) return; /* once it is answered */
    hop_address mapping = hop_meet_mapping(core);
    if (caller->outdated || !hop_address_equal(&mapping, &caller->mapping))
        ask_register(core, index);
}

void hop_ask_check(hop_core *core, int index, bool hosts_changed) {
    hop_caller *caller = &core->callers[index];
    if (caller->link < 0) return;
    caller->outdated |= hosts_changed;
    hop_note *line = hop_output_note(&core->outbox, HOP_NOTE_SERVER_CHECKED, 0);
    line->address = core->links[caller->link].remote;
    bool listens = core->config.mode == HOP_CORE_LISTEN;
    if (caller->state == HOP_CALLER_READY && listens && caller->outdated)
        hop_ask_freshen(core, index);
    else if (caller->state == HOP_CALLER_READY)
        hop_ask_keepalive(core, index);
    caller->timeout_us = hop_state_sooner(caller->timeout_us, core->now_us + HOP_CHECK_US);
}

void hop_ask_keepalive(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    hop_message message = {.kind = HOP_MESSAGE_BINDING};
    caller->keepalive_us = hop_state_jittered(core, HOP_KEEPALIVE_US);
    if (caller->registering) return; /* its answer proves as much, and is waited for */
    send(core, index, &message);
}

void hop_ask_replenish(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    if (caller->state != HOP_CALLER_READY || nonces_wanted(core, index) == 0) return;
    hop_message message = {.kind = HOP_MESSAGE_REFRESH};
    while (nonces_wanted(core, index) > 0 && new_nonce(core, caller, &message))
        continue;
    if (message.nonce_count > 0) send(core, index, &message);
}

void hop_ask_redescribe(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    const hop_crypto *crypto = core->config.crypto;
    uint8_t mapping = core->behaviour.nat.mapping;
    if (core->config.mode != HOP_CORE_LISTEN || caller->state != HOP_CALLER_READY ||
        caller->told_mapping == mapping)
        return;
    hop_message message = {.kind = HOP_MESSAGE_REFRESH};
    hop_description description = {.nonce = {0}};
    hop_meet_describe(core, &description);
    caller->told_mapping = mapping;
    message.sealed_size = hop_description_seal(&description, crypto, core->keys.seal,
                                               HOP_SEAL_REGISTER, message.sealed);
    if (message.sealed_size > 0) send(core, index, &message);
}

void hop_ask_tell(hop_core *core, int index, hop_description *description) {
    const hop_attempt *attempt = &core->attempts[index];
    const hop_caller *caller = &core->callers[attempt->caller];
    hop_message message = {.kind = HOP_MESSAGE_TELL, .nonce_count = 1};
    memcpy(message.nonces[0], attempt->nonce, HOP_NONCE_SIZE);
    memcpy(description->nonce, attempt->nonce, HOP_NONCE_SIZE);
    message.sealed_size = hop_description_seal(description, core->config.crypto, core->keys.seal,
                                               HOP_SEAL_TELL, message.sealed);
    if (caller->link >= 0 && message.sealed_size > 0) send(core, attempt->caller, &message);
}

/* --- answers --- */

static void became_ready(hop_core *core, int index, const hop_message *message) {
    static const hop_note_kind told[] = {[HOP_CORE_LISTEN] = HOP_NOTE_REGISTERED,
                                         [HOP_CORE_CONNECT] = HOP_NOTE_WAITING,
                                         [HOP_CORE_MANUAL] = HOP_NOTE_REGISTERED};
    hop_caller *caller = &core->callers[index];
    caller->timeout_us = INT64_MAX;
    hop_meet_observed(core, &message->mapped);
    hop_probe_saw(core, caller->link, &message->mapped);
    hop_probe_other(core, &message->other);
    if (caller->state == HOP_CALLER_READY) return; /* the answer to a keepalive */
    caller->state = HOP_CALLER_READY;
    caller->was_ready = true;
    caller->pause_us = 0;
    caller->keepalive_us = hop_state_jittered(core, HOP_KEEPALIVE_US);
    hop_output_note(&core->outbox, told[core->config.mode], 0)->address = message->mapped;
    hop_endpoint_caller_ready(core, index);
    hop_ask_redescribe(core, index);
}

/* The stream keeps the order: no START that comes after this can name a nonce from before. */
static void registered(hop_core *core, int index, const hop_message *message) {
    hop_caller *caller = &core->callers[index];
    bool anew = caller->state == HOP_CALLER_READY;
    caller->registering = false;
    caller->nonce_count -= caller->stale_count;
    memmove(caller->nonces, caller->nonces[caller->stale_count],
            caller->nonce_count * HOP_NONCE_SIZE);
    caller->stale_count = 0;
    became_ready(core, index, message);
    if (anew) hop_output_note(&core->outbox, HOP_NOTE_REGISTERED, 0)->address = message->mapped;
    hop_ask_freshen(core, index);
}

/* The server's clock and ours disagree: sign once more by its clock, once only. */
static bool ask_again_by_its_clock(hop_core *core, int index, const hop_message *refusal) {
    hop_caller *caller = &core->callers[index];
    if (caller->clock_asked || refusal->time_ms == 0 || refusal->time_ms > INT64_MAX / 2000)
        return false;
    int64_t theirs_us = (int64_t)refusal->time_ms * HOP_MS;
    caller->clock_asked = true;
    caller->clock_off_us = theirs_us - core->now_us - core->config.unix_offset_us;
    hop_output_note(&core->outbox, HOP_NOTE_SERVER_CLOCK, 0)->number = caller->clock_off_us;
    hop_ask_first(core, index);
    return true;
}

static void refused(hop_core *core, int index, const hop_message *refusal) {
    bool clock = refusal->error_code == HOP_REFUSAL_CLOCK;
    if (clock && ask_again_by_its_clock(core, index, refusal)) return;
    hop_note *line = hop_output_note(&core->outbox, HOP_NOTE_SERVER_REFUSED, 0);
    line->number = refusal->error_code;
    core->callers[index].refusal = refusal->error_code;
    hop_caller_fail(core, index, clock ? HOP_E_CLOCK : HOP_E_REFUSED, HOP_REASON_PROTOCOL);
}

static bool answers_us(const hop_caller *caller, const hop_message *message) {
    return memcmp(message->transaction, caller->transaction, HOP_STUN_TRANSACTION_SIZE) == 0;
}

static bool understood(hop_core *core, int index, const hop_message *message) {
    const hop_caller *caller = &core->callers[index];
    switch (message->kind) {
    case HOP_MESSAGE_REGISTER_ANSWER:
        if (answers_us(caller, message) && caller->registering) registered(core, index, message);
        return true;
    case HOP_MESSAGE_BINDING_ANSWER:
    case HOP_MESSAGE_KNOCK_ANSWER:
        if (answers_us(caller, message)) became_ready(core, index, message);
        return true;
    case HOP_MESSAGE_REFUSAL:
        if (answers_us(caller, message)) refused(core, index, message);
        return true;
    case HOP_MESSAGE_START: return hop_meet_started(core, index, message);
    case HOP_MESSAGE_TELL: hop_meet_told(core, index, message); return true;
    default: return false;
    }
}

void hop_ask_answered(hop_core *core, int index, const uint8_t *bytes, size_t size) {
    hop_message message;
    if (hop_message_decode(bytes, size, &message) != HOP_MESSAGE_OK ||
        !understood(core, index, &message))
        hop_caller_fail(core, index, HOP_E_PROTOCOL, HOP_REASON_PROTOCOL);
}
