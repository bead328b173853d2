/* SPDX-License-Identifier: MIT */
/* The conversation with one rendezvous server: reaching it and keeping it; see caller.h. What is
 * said is in ask.c. */
#include "core/caller.h"

#include <string.h>

#include "core/ask.h"
#include "core/state.h"

static hop_note *note(hop_core *core, hop_note_kind kind, const hop_address *address) {
    hop_note *made = hop_output_note(&core->outbox, kind, 0);
    if (address != NULL) made->address = *address;
    return made;
}

static bool is_ipv4(const hop_address *address) {
    return address->family == HOP_FAMILY_IPV4;
}

/* Nobody else is dialled, and nothing waited for but IPv4 if that is kept. */
static void close_dials(hop_core *core, hop_caller *caller, bool keep_ipv4) {
    for (unsigned i = 0; i < caller->address_count; i++) {
        if (keep_ipv4 && is_ipv4(&caller->addresses[i])) continue;
        if (caller->dials[i] >= 0 && caller->dials[i] != caller->link)
            hop_link_close(core, caller->dials[i]);
        caller->dials[i] = -1;
    }
    caller->address_next = caller->address_count;
    caller->held = -1;
}

static void hang_up(hop_core *core, hop_caller *caller) {
    close_dials(core, caller, false);
    hop_link_close(core, caller->link);
    caller->link = -1;
    caller->received = 0;
    caller->nonce_count = 0;
    caller->stale_count = 0;
    caller->registering = false;
}

void hop_caller_stop(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    hang_up(core, caller);
    caller->state = HOP_CALLER_IDLE;
}

/* Who was there once is called again (by a listener for ever, by a knocker until its deadline): 1,
 * 2, 4 ... 60 s, jittered so that a server that comes back is not stormed by everybody at once. */
static void pause(hop_core *core, hop_caller *caller, hop_reason reason) {
    int64_t pause_us = caller->pause_us * 2;
    if (pause_us < HOP_PAUSE_MIN_US) pause_us = HOP_PAUSE_MIN_US;
    if (pause_us > HOP_PAUSE_MAX_US) pause_us = HOP_PAUSE_MAX_US;
    caller->pause_us = pause_us;
    caller->state = HOP_CALLER_PAUSING;
    caller->timeout_us = hop_state_jittered(core, pause_us);
    if (reason == HOP_REASON_NONE) return; /* it was told when it failed */
    hop_note *line = note(core, HOP_NOTE_SERVER_LOST, &caller->failed);
    line->reason = reason;
    line->number = caller->timeout_us - core->now_us;
}

hop_reason hop_caller_telling(hop_reason one, hop_reason other) {
    static const uint8_t weights[] = {
        [HOP_REASON_RESOLVE] = 1,     [HOP_REASON_NO_ROUTE] = 2,  [HOP_REASON_LOCAL] = 3,
        [HOP_REASON_FORBIDDEN] = 4,   [HOP_REASON_TIMED_OUT] = 5, [HOP_REASON_ABANDONED] = 5,
        [HOP_REASON_UNREACHABLE] = 6, [HOP_REASON_REFUSED] = 7,   [HOP_REASON_RESET] = 8,
        [HOP_REASON_CLOSED] = 8,      [HOP_REASON_PROTOCOL] = 9,  [HOP_REASON_NETWORK] = 4};
    return weights[one] >= weights[other] ? one : other;
}

static void learn(hop_caller *caller, hop_reason reason) {
    caller->reason = hop_caller_telling(reason, caller->reason);
}

void hop_caller_fail(hop_core *core, int index, enum hop_error error, hop_reason reason) {
    hop_caller *caller = &core->callers[index];
    learn(caller, reason);
    if (caller->link >= 0) caller->failed = core->links[caller->link].remote;
    hang_up(core, caller);
    /* Who knocked and has met the peer must not knock again: the listener would begin a second
     * attempt that nobody is there for. */
    bool met = core->config.mode == HOP_CORE_CONNECT && core->attempt_number > 0;
    if (hop_endpoint_keeps(core, index, error) && !met) {
        pause(core, caller, reason);
        hop_endpoint_caller_lost(core);
        return;
    }
    caller->state = HOP_CALLER_FAILED;
    caller->error = error;
    hop_endpoint_caller_failed(core);
}

/* Not all at one instant: whoever shares this network with us has noticed it, too. */
void hop_caller_hurry(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    caller->pause_us = 0;
    int64_t soon_us = hop_state_jittered(core, HOP_MOVED_US);
    caller->timeout_us = hop_state_sooner(caller->timeout_us, soon_us);
}

void hop_caller_leave(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    bool met = core->config.mode != HOP_CORE_LISTEN && core->attempt_number > 0;
    if (met || (core->config.mode == HOP_CORE_MANUAL && core->described)) return;
    if (caller->link >= 0) {
        hop_note *line = note(core, HOP_NOTE_SERVER_LOST, &core->links[caller->link].remote);
        core->self.observed[line->address.family == HOP_FAMILY_IPV6].family = HOP_FAMILY_NONE;
        line->reason = HOP_REASON_NETWORK;
        line->number = HOP_MOVED_US;
    }
    hang_up(core, caller);
    caller->state = HOP_CALLER_PAUSING;
    caller->timeout_us = INT64_MAX;
    hop_caller_hurry(core, index);
}

void hop_caller_start(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    caller->state = HOP_CALLER_RESOLVING;
    caller->link = -1;
    caller->held = -1;
    caller->failed = (hop_address){0};
    caller->refusal = 0;
    caller->address_count = 0;
    caller->address_next = 0;
    caller->clock_asked = false;
    caller->timeout_us = core->now_us + HOP_SERVER_TIMEOUT_US;
    hop_output_put(&core->outbox, HOP_OUT_RESOLVE)->server = (unsigned)index;
}

static void keep_family(const hop_core *core, hop_caller *caller, uint8_t family,
                        const hop_address *addresses, unsigned count) {
    bool used = family == HOP_FAMILY_IPV4 ? core->config.use_ipv4 : core->config.use_ipv6;
    for (unsigned i = 0; used && i < count; i++) {
        if (addresses[i].family != family || caller->address_count == HOP_SERVER_ADDRESSES_MAX)
            continue;
        caller->dials[caller->address_count] = -1;
        caller->addresses[caller->address_count++] = addresses[i];
    }
}

/* IPv4 first, the reverse of RFC 8305: an IPv6 host candidate needs no server to be known, while
 * only a server that was called by IPv4 can tell our IPv4 mapping. */
void hop_caller_resolved(hop_core *core, int index, const hop_address *addresses, unsigned count) {
    hop_caller *caller = &core->callers[index];
    if (caller->state == HOP_CALLER_IDLE) hop_probe_further(core, addresses, count);
    if (caller->state != HOP_CALLER_RESOLVING) return;
    keep_family(core, caller, HOP_FAMILY_IPV4, addresses, count);
    keep_family(core, caller, HOP_FAMILY_IPV6, addresses, count);
    if (caller->address_count == 0) {
        note(core, HOP_NOTE_SERVER_FAILED, NULL)->reason = HOP_REASON_RESOLVE;
        hop_caller_fail(core, index, count == 0 ? HOP_E_RESOLVE : HOP_E_SERVER, HOP_REASON_RESOLVE);
        return;
    }
    caller->state = HOP_CALLER_DIALLING;
    caller->stagger_us = core->now_us;
    caller->timeout_us = core->now_us + HOP_SERVER_TIMEOUT_US;
}

static void dial_next(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    unsigned at = caller->address_next++;
    caller->stagger_us = core->now_us + HOP_SERVER_STAGGER_US;
    hop_probe_make_way(core, &caller->addresses[at]);
    int number = hop_link_take(core, HOP_LINK_CALLER, index);
    if (number < 0) return;
    core->links[number].remote = caller->addresses[at];
    caller->dials[at] = number;
    if (caller->addresses[at].family == HOP_FAMILY_IPV4) caller->ipv4_us = core->now_us;
    note(core, HOP_NOTE_SERVER_DIAL, &caller->addresses[at]);
    hop_output *connect = hop_output_put(&core->outbox, HOP_OUT_CONNECT);
    connect->link = number;
    connect->address = caller->addresses[at];
    hop_probe_beside(core, &caller->addresses[at]);
}

static bool may_come(const hop_caller *caller, bool ipv4_only) {
    for (unsigned i = 0; i < caller->address_count; i++) {
        bool waits = caller->dials[i] >= 0 && caller->dials[i] != caller->held;
        if ((waits || i >= caller->address_next) && (!ipv4_only || is_ipv4(&caller->addresses[i])))
            return true;
    }
    return false;
}

/* This is the link that we talk on from now on; IPv4 dials may go on beside it. */
static void talk_on(hop_core *core, int index, int number, uint32_t rtt_us, bool keep_ipv4) {
    hop_caller *caller = &core->callers[index];
    caller->link = number;
    close_dials(core, caller, keep_ipv4);
    caller->rtt_us = rtt_us;
    caller->received = 0;
    caller->wanted = HOP_STUN_HEADER_SIZE;
    caller->was_asked = true;
    /* Who asks a server on this very machine may be connected within it. */
    if (hop_address_scope(&core->links[number].remote) == HOP_SCOPE_LOOPBACK)
        core->self.allow_loopback = true;
    hop_output *want = hop_output_put(&core->outbox, HOP_OUT_WANT);
    want->link = number;
    want->size = caller->wanted;
    hop_ask_first(core, index);
}

/* Only a server that was called by IPv4 can tell our IPv4 mapping, and a lost SYN must not cost us
 * the paths by it: an IPv6 link waits until the system has repeated that SYN (RFC 6298 section 2:
 * after 1 s) and the answer had its time, for there and back is about as far by both. Not for more
 * than half of the time that is left, though. */
static void hold(hop_core *core, hop_caller *caller, int number, uint32_t rtt_us) {
    int64_t end_us = hop_state_sooner(caller->timeout_us, core->deadline_us);
    int64_t half_us = core->now_us + (end_us - core->now_us) / 2;
    caller->held = number;
    caller->held_rtt_us = rtt_us;
    caller->held_until_us =
        hop_state_sooner(caller->ipv4_us + HOP_SERVER_IPV4_US + rtt_us, half_us);
    int64_t left_us = caller->held_until_us - core->now_us;
    note(core, HOP_NOTE_SERVER_HELD, &core->links[number].remote)->number =
        left_us > 0 ? left_us : 0;
}

static void use_held(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    caller->late_us = core->now_us + HOP_SERVER_TIMEOUT_US;
    talk_on(core, index, caller->held, caller->held_rtt_us, true);
}

/* Until a peer has our description, a fuller one may take its place. */
static bool may_move(const hop_core *core) {
    switch (core->config.mode) {
    case HOP_CORE_LISTEN: return true;
    case HOP_CORE_CONNECT: return core->attempt_number == 0;
    case HOP_CORE_MANUAL: return !core->described;
    }
    return false;
}

void hop_caller_link_opened(hop_core *core, int number, uint32_t rtt_us) {
    int index = core->links[number].index;
    hop_caller *caller = &core->callers[index];
    const hop_address *remote = &core->links[number].remote;
    int before = caller->link;
    note(core, HOP_NOTE_SERVER_CONNECTED, remote)->number = rtt_us;
    if (before < 0 && !is_ipv4(remote) && may_come(caller, true)) {
        if (caller->held < 0) hold(core, caller, number, rtt_us);
        return; /* a second one of IPv6 is closed with the other dials */
    }
    if (before >= 0 && !may_move(core)) {
        close_dials(core, caller, false);
        return;
    }
    talk_on(core, index, number, rtt_us, false);
    hop_link_close(core, before);
}

void hop_caller_link_ended(hop_core *core, int number, hop_reason reason) {
    int index = core->links[number].index;
    hop_caller *caller = &core->callers[index];
    hop_address remote = core->links[number].remote;
    core->links[number].state = HOP_LINK_FREE;
    if (caller->link == number) {
        if (!hop_endpoint_keeps(core, index, HOP_E_SERVER))
            note(core, HOP_NOTE_SERVER_FAILED, &remote)->reason = reason;
        caller->link = -1;
        caller->failed = remote;
        hop_caller_fail(core, index, HOP_E_SERVER, reason);
        return;
    }
    for (unsigned i = 0; i < caller->address_count; i++)
        if (caller->dials[i] == number) caller->dials[i] = -1;
    if (caller->held == number) caller->held = -1;
    caller->failed = remote;
    learn(caller, reason);
    bool last = caller->link < 0 && caller->held < 0 && !may_come(caller, false);
    if (!last || !hop_endpoint_keeps(core, index, HOP_E_SERVER)) /* else it is told as lost */
        note(core, HOP_NOTE_SERVER_FAILED, &remote)->reason = reason;
    if (last)
        hop_caller_fail(core, index, HOP_E_SERVER, reason);
    else if (caller->held >= 0 && !may_come(caller, true))
        use_held(core, index);
    else if (caller->link < 0)
        caller->stagger_us = core->now_us;
}

/* The message comes in two parts: its header tells how long the rest is. */
void hop_caller_received(hop_core *core, int number, const uint8_t *bytes, size_t size) {
    int index = core->links[number].index;
    hop_caller *caller = &core->callers[index];
    if (size != caller->wanted - caller->received || caller->wanted > sizeof caller->bytes) return;
    memcpy(caller->bytes + caller->received, bytes, size);
    caller->received += size;
    if (caller->received == HOP_STUN_HEADER_SIZE)
        caller->wanted = hop_stun_frame_size(caller->bytes);
    if (caller->wanted == 0) {
        hop_caller_fail(core, index, HOP_E_PROTOCOL, HOP_REASON_PROTOCOL);
        return;
    }
    if (caller->received == caller->wanted) {
        size_t whole = caller->received;
        caller->received = 0;
        caller->wanted = HOP_STUN_HEADER_SIZE;
        hop_ask_answered(core, index, caller->bytes, whole);
    }
    if (caller->link != number) return; /* what it said was the end of the conversation */
    hop_output *want = hop_output_put(&core->outbox, HOP_OUT_WANT);
    want->link = number;
    want->size = caller->wanted - caller->received;
}

static bool dials_next(const hop_caller *caller) {
    return caller->held < 0 && caller->address_next < caller->address_count;
}

static void tick_dialling(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    if (caller->held >= 0 && caller->held_until_us <= core->now_us)
        use_held(core, index);
    else if (dials_next(caller) && caller->stagger_us <= core->now_us)
        dial_next(core, index);
}

/* Beside the link that we talk on. */
static bool waits_for_ipv4(const hop_caller *caller) {
    return caller->link >= 0 && may_come(caller, false);
}

void hop_caller_tick(hop_core *core, int index) {
    hop_caller *caller = &core->callers[index];
    switch (caller->state) {
    case HOP_CALLER_IDLE:
    case HOP_CALLER_FAILED: return;
    case HOP_CALLER_PAUSING:
        if (caller->timeout_us <= core->now_us) hop_caller_start(core, index);
        return;
    case HOP_CALLER_DIALLING: tick_dialling(core, index); break;
    case HOP_CALLER_READY:
        if (caller->keepalive_us <= core->now_us) hop_ask_keepalive(core, index);
        break;
    case HOP_CALLER_RESOLVING:
    case HOP_CALLER_ASKING: break;
    }
    if (waits_for_ipv4(caller) && caller->late_us <= core->now_us) close_dials(core, caller, false);
    if (caller->timeout_us <= core->now_us) {
        bool resolving = caller->state == HOP_CALLER_RESOLVING;
        hop_caller_fail(core, index, resolving ? HOP_E_RESOLVE : HOP_E_SERVER,
                        HOP_REASON_TIMED_OUT);
    }
}

int64_t hop_caller_deadline(const hop_core *core, int index) {
    const hop_caller *caller = &core->callers[index];
    int64_t soonest = waits_for_ipv4(caller) ? caller->late_us : INT64_MAX;
    switch (caller->state) {
    case HOP_CALLER_IDLE:
    case HOP_CALLER_FAILED: return INT64_MAX;
    case HOP_CALLER_DIALLING:
        if (caller->held >= 0)
            soonest = hop_state_sooner(soonest, caller->held_until_us);
        else if (dials_next(caller))
            soonest = hop_state_sooner(soonest, caller->stagger_us);
        break;
    case HOP_CALLER_READY: soonest = hop_state_sooner(soonest, caller->keepalive_us); break;
    case HOP_CALLER_PAUSING:
    case HOP_CALLER_RESOLVING:
    case HOP_CALLER_ASKING: break;
    }
    return hop_state_sooner(soonest, caller->timeout_us);
}
