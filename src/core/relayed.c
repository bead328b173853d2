/* SPDX-License-Identifier: MIT */
/* Asking for a relay, and when to take it; see relayed.h. */
#include "core/relayed.h"

#include <string.h>

#include "core/state.h"

static hop_relayed *relayed_of(hop_core *core, int index) {
    return &core->attempts[index].relayed;
}

static hop_note *note(hop_core *core, int index, hop_note_kind kind) {
    hop_note *made = hop_output_note(&core->outbox, kind, core->attempts[index].number);
    made->address = core->attempts[index].relayed.server;
    return made;
}

/* --- asking --- */

/* Who wants nothing but a relay offers nothing else. */
static bool wants_only(const hop_description *peer) {
    for (unsigned i = 0; i < peer->candidate_count; i++)
        if (peer->candidates[i].type != HOP_CANDIDATE_RELAYED) return false;
    return peer->candidate_count > 0;
}

void hop_relayed_begin(hop_core *core, int index, const hop_description *peer) {
    hop_relayed *relayed = relayed_of(core, index);
    int caller = core->attempts[index].caller;
    memset(relayed, 0, sizeof *relayed);
    relayed->link = -1;
    relayed->next_us = INT64_MAX;
    if (caller < 0) return; /* by hand: nobody could relay */
    relayed->only = core->config.relay == HOP_CORE_RELAY_ONLY || wants_only(peer);
    int link = core->callers[caller].link;
    if (core->config.relay == HOP_CORE_RELAY_NEVER || link < 0) return;
    relayed->server = core->links[link].remote;
    relayed->state = HOP_RELAYED_WAITING;
    relayed->next_us = core->now_us;
}

static void ask_later(hop_core *core, hop_relayed *relayed) {
    relayed->link = -1;
    bool again = relayed->tries < HOP_RELAY_TRIES_MAX;
    relayed->state = again ? HOP_RELAYED_WAITING : HOP_RELAYED_GONE;
    relayed->next_us = again ? hop_state_jittered(core, HOP_RELAY_AGAIN_US) : INT64_MAX;
}

/* From any port: nothing is to be learnt from this connection's mapping. */
static void dial(hop_core *core, int index) {
    hop_relayed *relayed = relayed_of(core, index);
    int number = hop_link_take(core, HOP_LINK_RELAY, index);
    relayed->tries++;
    if (number < 0) {
        ask_later(core, relayed);
        return;
    }
    relayed->state = HOP_RELAYED_ASKING;
    relayed->link = number;
    relayed->next_us = INT64_MAX;
    core->links[number].remote = relayed->server;
    hop_note *asked = note(core, index, HOP_NOTE_RELAY_ASKED);
    asked->link = number;
    asked->number = relayed->only;
    hop_output *connect = hop_output_put(&core->outbox, HOP_OUT_CONNECT);
    connect->link = number;
    connect->address = relayed->server;
    connect->any_port = true;
}

static void want(hop_core *core, hop_relayed *relayed, size_t size) {
    relayed->wanted = size;
    hop_output *output = hop_output_put(&core->outbox, HOP_OUT_WANT);
    output->link = relayed->link;
    output->size = size - relayed->received;
}

static void hang_up(hop_core *core, int index, hop_reason reason) {
    hop_relayed *relayed = relayed_of(core, index);
    hop_link_close(core, relayed->link);
    hop_relayed_lost(core, index, reason);
}

/* Fresh as a REGISTER or a KNOCK is: signed over its time, by the clock that the server took. */
void hop_relayed_link_opened(hop_core *core, int number) {
    int index = core->links[number].index;
    const hop_attempt *attempt = &core->attempts[index];
    hop_relayed *relayed = relayed_of(core, index);
    const hop_crypto *crypto = core->config.crypto;
    int64_t unix_us =
        core->now_us + core->config.unix_offset_us + core->callers[attempt->caller].clock_off_us;
    hop_message message = {.kind = HOP_MESSAGE_RELAY, .role = attempt->role, .nonce_count = 1};
    message.time_ms = (uint64_t)(unix_us / HOP_MS);
    memcpy(message.room, core->keys.room, HOP_KEY_SIZE);
    memcpy(message.nonces[0], attempt->nonce, HOP_NONCE_SIZE);
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t size = 0;
    if (crypto->random(crypto->context, message.transaction, HOP_STUN_TRANSACTION_SIZE))
        size = hop_message_encode(&message, crypto, core->keys.room_seed, bytes);
    if (size == 0) {
        hang_up(core, index, HOP_REASON_LOCAL);
        return;
    }
    memcpy(relayed->transaction, message.transaction, HOP_STUN_TRANSACTION_SIZE);
    relayed->received = 0;
    hop_output_send(&core->outbox, number, bytes, size);
    want(core, relayed, HOP_STUN_HEADER_SIZE);
}

void hop_relayed_link_ended(hop_core *core, int number, hop_reason reason) {
    core->links[number].state = HOP_LINK_FREE;
    hop_relayed_lost(core, core->links[number].index, reason);
}

void hop_relayed_lost(hop_core *core, int index, hop_reason reason) {
    hop_relayed *relayed = relayed_of(core, index);
    relayed->reason = reason;
    ask_later(core, relayed);
    hop_note *line = note(core, index, HOP_NOTE_RELAY_FAILED);
    line->reason = reason;
    line->number = relayed->state == HOP_RELAYED_GONE;
}

/* --- the answer --- */

/* No second request would be answered in another way. */
static bool is_final(unsigned code) {
    return code != HOP_REFUSAL_MISMATCH && code != HOP_REFUSAL_BUSY && code != HOP_REFUSAL_SERVER;
}

static void refused(hop_core *core, int index, unsigned code) {
    hop_relayed *relayed = relayed_of(core, index);
    hop_link_close(core, relayed->link);
    relayed->code = code;
    if (is_final(code)) relayed->tries = HOP_RELAY_TRIES_MAX;
    ask_later(core, relayed);
    note(core, index, HOP_NOTE_RELAY_REFUSED)->number = code;
}

/* From here on what comes is the peer's. */
static void answered(hop_core *core, int index) {
    hop_relayed *relayed = relayed_of(core, index);
    hop_link *link = &core->links[relayed->link];
    relayed->state = HOP_RELAYED_THERE;
    relayed->code = 0;
    link->owner = HOP_LINK_ATTEMPT;
    link->relayed = true;
    link->opened_us = core->now_us;
    hop_candidate candidate = {HOP_CANDIDATE_RELAYED, 0, relayed->server};
    hop_output_put(&core->outbox, HOP_OUT_CANDIDATE)->candidate = candidate;
    note(core, index, HOP_NOTE_RELAY_THERE)->link = relayed->link;
    hop_link_greet(core, relayed->link);
}

static void understand(hop_core *core, int index) {
    const hop_relayed *relayed = relayed_of(core, index);
    hop_message message;
    bool good = hop_message_decode(relayed->bytes, relayed->received, &message) == HOP_MESSAGE_OK &&
                memcmp(message.transaction, relayed->transaction, HOP_STUN_TRANSACTION_SIZE) == 0;
    if (good && message.kind == HOP_MESSAGE_RELAY_ANSWER)
        answered(core, index);
    else if (good && message.kind == HOP_MESSAGE_REFUSAL)
        refused(core, index, message.error_code);
    else
        hang_up(core, index, HOP_REASON_PROTOCOL);
}

void hop_relayed_received(hop_core *core, int number, const uint8_t *bytes, size_t size) {
    int index = core->links[number].index;
    hop_relayed *relayed = relayed_of(core, index);
    if (size != relayed->wanted - relayed->received) return;
    memcpy(relayed->bytes + relayed->received, bytes, size);
    relayed->received += size;
    size_t whole = hop_stun_frame_size(relayed->bytes);
    if (whole == 0 || whole > sizeof relayed->bytes)
        hang_up(core, index, HOP_REASON_PROTOCOL);
    else if (relayed->received == whole)
        understand(core, index);
    else
        want(core, relayed, whole);
}

/* --- when to take it --- */

/* An IPv6 address, a mapped port or a neighbour is not what HOPELESS is said of. */
static bool has_other_way(const hop_attempt *attempt) {
    for (unsigned i = 0; i < attempt->pair_count; i++) {
        const hop_report_pair *pair = &attempt->pairs[i].report;
        bool observed = pair->remote.type == HOP_CANDIDATE_SERVER_REFLEXIVE &&
                        pair->remote.address.family == HOP_FAMILY_IPV4;
        if (pair->skip == HOP_SKIP_NONE && !observed) return true;
    }
    return false;
}

/* What a direct way needs at worst, from the start time on: where dialling is all that is done, the
 * system's repetitions of a lost SYN; rounds of a prediction; all dials of a birthday. */
static int64_t worst_us(const hop_attempt *attempt) {
    int64_t rtt_us = 2 * attempt->way_us;
    int64_t proof_us = 2 * rtt_us; /* TCP, and the handshake on it */
    switch (attempt->strategy.kind) {
    case HOP_STRATEGY_HOPELESS:
        if (has_other_way(attempt)) break;
        /* If a NAT is more open than most, the observed address does. And what we TELL of ours at
         * that time comes before the choice, so that the peer knows why. */
        return attempt->look_us + HOP_MEET_MARGIN_US;
    case HOP_STRATEGY_WINDOW:
    case HOP_STRATEGY_PAIR: return HOP_RELAY_ROUNDS * (HOP_ROUND_US + rtt_us) + HOP_S + proof_us;
    case HOP_STRATEGY_BIRTHDAY:
        return attempt->look_us + HOP_SHOTS_TOTAL * HOP_S / HOP_SHOTS_PER_SECOND +
               HOP_SHOT_HOLD_US + proof_us;
    case HOP_STRATEGY_OBSERVED:
    case HOP_STRATEGY_OPENER: break;
    }
    return HOP_RELAY_SYNS_US + proof_us;
}

/* Whose time-out is short has the relay in the middle of it. */
static int64_t due_us(const hop_attempt *attempt) {
    if (attempt->relayed.only) return attempt->peer_us;
    int64_t half_us = attempt->peer_us + (attempt->deadline_us - attempt->peer_us) / 2;
    return hop_state_sooner(attempt->start_us + worst_us(attempt), half_us);
}

/* ... and no later than this, whoever is connected and does not go on. */
static int64_t overdue_us(const hop_attempt *attempt) {
    int64_t left_us = (attempt->deadline_us - due_us(attempt)) / 2;
    return due_us(attempt) + hop_state_sooner(HOP_RELAY_PROVING_US, left_us);
}

static bool direct_is_coming(const hop_core *core, int index) {
    for (int i = 0; i < hop_state_links(core); i++) {
        const hop_link *link = &core->links[i];
        bool ours = link->owner == HOP_LINK_ATTEMPT && link->index == index && !link->relayed;
        bool begun = link->state == HOP_LINK_OPEN || link->state == HOP_LINK_ANSWERING;
        if (ours && begun) return true;
    }
    return false;
}

static bool is_proved(const hop_core *core, int index) {
    const hop_relayed *relayed = &core->attempts[index].relayed;
    return relayed->state == HOP_RELAYED_THERE &&
           core->links[relayed->link].phase >= HOP_LINK_PROVED;
}

static int64_t ripe_us(const hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    if (attempt->role != HOP_ROLE_CONTROLLING || attempt->nominated >= 0) return INT64_MAX;
    if (!is_proved(core, index)) return INT64_MAX;
    bool wait = direct_is_coming(core, index) && !attempt->relayed.only;
    return wait ? overdue_us(attempt) : due_us(attempt);
}

int hop_relayed_ripe(const hop_core *core, int index) {
    bool ripe = ripe_us(core, index) <= core->now_us && !hop_attempt_is_late(core, index);
    return ripe ? core->attempts[index].relayed.link : -1;
}

hop_relay_reason hop_relayed_reason(const hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    if (core->config.relay == HOP_CORE_RELAY_ONLY) return HOP_RELAY_REASON_ONLY;
    if (attempt->relayed.only) return HOP_RELAY_REASON_PEER_ONLY;
    if (attempt->strategy.kind == HOP_STRATEGY_HOPELESS) return HOP_RELAY_REASON_HOPELESS;
    /* Controlling or not: the other side was a little earlier, at most. */
    return attempt->role == HOP_ROLE_CONTROLLING || due_us(attempt) <= core->now_us
               ? HOP_RELAY_REASON_LATE
               : HOP_RELAY_REASON_PEER;
}

void hop_relayed_report(const hop_core *core, int index, hop_report *report) {
    const hop_relayed *relayed = &core->attempts[index].relayed;
    report->relay = relayed->state;
    report->relay_code = relayed->code;
    report->relay_reason = relayed->reason;
}

/* --- time --- */

void hop_relayed_tick(hop_core *core, int index) {
    hop_relayed *relayed = relayed_of(core, index);
    if (relayed->state == HOP_RELAYED_WAITING && relayed->next_us <= core->now_us)
        dial(core, index);
}

int64_t hop_relayed_deadline(const hop_core *core, int index) {
    const hop_relayed *relayed = &core->attempts[index].relayed;
    if (relayed->state == HOP_RELAYED_WAITING) return relayed->next_us;
    if (hop_attempt_is_late(core, index)) return INT64_MAX;
    return ripe_us(core, index);
}
