/* SPDX-License-Identifier: MIT */
/* Dialling and dialling again; see dial.h. */
#include "core/dial.h"

#include "core/state.h"

/* A story of a refusing NAT has a dial every RTT: the first ones are told, then every 16th. */
static bool worth_telling(unsigned count) {
    return count <= 3 || count % 16 == 0;
}

static hop_note *dial_note(hop_core *core, int index, const hop_pair *pair, hop_note_kind kind) {
    hop_note *note = hop_output_note(&core->outbox, kind, core->attempts[index].number);
    note->link = pair->link;
    note->address = pair->report.remote.address;
    note->type = pair->report.remote.type;
    note->number = pair->report.dial_count;
    return note;
}

void hop_dial_again(hop_core *core, hop_pair *pair, int64_t after_us) {
    pair->link = -1;
    pair->next_us = hop_state_jittered(core, after_us);
}

/* While no dial of ours waits, a SYN of the peer is answered by our listener, with another sequence
 * number than our NAT has seen in our SYN. After an RST it has forgotten that one; after an ICMP
 * error it has not, finds the answer invalid, and nothing gets through between the two any more:
 * our half-open answer holds the 4-tuple, the NAT's entry that of the peer. So there is no pause
 * after ICMP, and a short one after the first refusal of all, for ICMP's "port unreachable" looks
 * like an RST to us. Later ones have a pause of chance: docs/protocol.md, "The punch". */
static int64_t pause_us(hop_core *core, hop_reason reason, unsigned count) {
    if (reason == HOP_REASON_UNREACHABLE && count <= HOP_REDIAL_AT_ONCE_MAX) return 0;
    uint64_t most_us = count == 1 ? 2 * HOP_REDIAL_REFUSED_MIN_US : HOP_REDIAL_REFUSED_MAX_US;
    return (int64_t)hop_random_between(&core->random, HOP_REDIAL_REFUSED_MIN_US, most_us);
}

/* An RST from the far NAT deletes our own NAT's entry at once: the hole is open RTT / (RTT + gap)
 * of the time, so the gap is short for as long as the attempt lasts. A private address has no NAT
 * in between: there a refusal means that nobody listens, and patience costs nothing. */
static void refused(hop_core *core, int index, hop_pair *pair, hop_reason reason) {
    unsigned count = ++pair->report.refused_count;
    bool near = hop_address_scope(&pair->report.remote.address) != HOP_SCOPE_PUBLIC;
    if (worth_telling(count)) {
        hop_note *note = dial_note(core, index, pair, HOP_NOTE_REFUSED);
        note->reason = reason;
        note->number = count;
    }
    pair->link = -1;
    pair->next_us = core->now_us + pause_us(core, reason, count);
    if (near && count > 8) pair->next_us = hop_state_jittered(core, HOP_REDIAL_NEAR_US);
    if (!near && count > 3 && hop_strategy_is_stepping(core, index))
        pair->next_us = hop_state_jittered(core, HOP_ROUND_US);
}

static void silent(hop_core *core, int index, hop_pair *pair, bool half_open) {
    unsigned count = ++pair->report.silent_count;
    if (!worth_telling(count)) return;
    hop_note *note = dial_note(core, index, pair, HOP_NOTE_SILENT);
    note->number = count;
    note->extra = half_open;
}

static void in_use(hop_core *core, int index, hop_pair *pair) {
    unsigned count = ++pair->in_use_count;
    if (worth_telling(count)) dial_note(core, index, pair, HOP_NOTE_IN_USE)->number = count;
    hop_dial_again(core, pair, HOP_REDIAL_IN_USE_US);
}

void hop_dial_ended(hop_core *core, int index, hop_pair *pair, hop_reason reason) {
    pair->report.last = reason;
    switch (reason) {
    case HOP_REASON_ABANDONED:
        silent(core, index, pair, false);
        pair->link = -1;
        pair->next_us = core->now_us;
        break;
    case HOP_REASON_IN_USE: in_use(core, index, pair); break;
    case HOP_REASON_NO_ROUTE:
    case HOP_REASON_FORBIDDEN:
    case HOP_REASON_LOCAL:
        if (worth_telling(pair->report.dial_count))
            dial_note(core, index, pair, HOP_NOTE_REFUSED)->reason = reason;
        hop_dial_again(core, pair, HOP_REDIAL_LOCAL_US);
        break;
    default: refused(core, index, pair, reason); break;
    }
}

/* A SYN that nobody has answered keeps our own hole open, and the system repeats it with its
 * sequence number, which no NAT minds. A fresh one has another number: if an earlier one, or what
 * it is answered with, is still under way, two sides can answer SYNs that are no longer meant, and
 * NATs that saw both forget the truth: a refusing one then refuses all that comes, and each RST
 * makes that state last (docs/protocol.md, "The punch"). So it waits for the system's second
 * repetition, and never less than the round trip. */
static int64_t silence_us(const hop_attempt *attempt) {
    return attempt->look_us > HOP_REDIAL_SILENT_US ? attempt->look_us : HOP_REDIAL_SILENT_US;
}

static void dial(hop_core *core, int index, hop_pair *pair) {
    hop_attempt *attempt = &core->attempts[index];
    int number = hop_link_take(core, HOP_LINK_ATTEMPT, index);
    if (number < 0) {
        hop_dial_again(core, pair, HOP_REDIAL_IN_USE_US);
        return;
    }
    core->links[number].remote = pair->report.remote.address;
    pair->link = number;
    pair->silent_us = core->now_us + silence_us(attempt) +
                      (int64_t)hop_random_between(&core->random, 0, HOP_REDIAL_SILENT_US / 10);
    pair->next_us = core->now_us + attempt->look_us;
    if (worth_telling(++pair->report.dial_count)) dial_note(core, index, pair, HOP_NOTE_DIAL);
    hop_output *connect = hop_output_put(&core->outbox, HOP_OUT_CONNECT);
    connect->link = number;
    connect->address = pair->report.remote.address;
}

/* Beside a birthday (strategy_birthday.c) the bound is that of all dials together. */
static hop_pace *common_pace(hop_attempt *attempt) {
    hop_birthday *birthday = &attempt->strategy.birthday;
    return birthday->running ? &birthday->pace : &attempt->pace;
}

static int64_t ready_us(hop_attempt *attempt) {
    int64_t own_us = hop_pace_ready_us(&attempt->pace);
    int64_t common_us = hop_pace_ready_us(common_pace(attempt));
    return own_us > common_us ? own_us : common_us;
}

static bool may_dial(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    hop_pace *common = common_pace(attempt);
    if (ready_us(attempt) <= core->now_us) {
        hop_pace_take(&attempt->pace, core->now_us);
        if (common != &attempt->pace) hop_pace_take(common, core->now_us);
        return true;
    }
    if (!attempt->slow) hop_output_note(&core->outbox, HOP_NOTE_SLOW, attempt->number);
    attempt->slow = true;
    return false;
}

/* Has the handshake begun? Silence for too long: the driver closes the dial if it is still in
 * SYN_SENT, and says so. */
static void look(hop_core *core, int index, hop_pair *pair) {
    bool silent = pair->silent_us <= core->now_us;
    hop_output_put(&core->outbox, silent ? HOP_OUT_ABANDON : HOP_OUT_LOOK)->link = pair->link;
    pair->next_us = core->now_us + core->attempts[index].look_us;
    if (!silent) pair->next_us = hop_state_sooner(pair->next_us, pair->silent_us);
}

/* One lost SYN-ACK and a peer who has dialled anew meanwhile: our half-open socket waits for a
 * sequence number that nobody knows any more, and while our NAT believes in that handshake the
 * peer's fresh SYNs are invalid to it, so a refusing NAT refuses them for ever. Waiting is doubled
 * each time, so that it gets beyond any round trip. */
void hop_dial_answering(hop_core *core, int index, hop_pair *pair) {
    int64_t before_us = pair->answering_us;
    pair->answering_us = 2 * (before_us > 0 ? before_us : core->attempts[index].look_us);
    pair->next_us = hop_state_jittered(core, pair->answering_us);
}

/* The RST of an abortive close makes our NAT forget; the next SYN must follow at once, before the
 * peer's. Whoever was about to complete the handshake sees a refusal and dials again. */
static void give_up_answering(hop_core *core, int index, hop_pair *pair) {
    silent(core, index, pair, true);
    hop_link_close(core, pair->link);
    pair->link = -1;
}

void hop_dial_tick(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    unsigned first = attempt->turn;
    for (unsigned i = 0; i < attempt->pair_count; i++) {
        unsigned at = (first + i) % attempt->pair_count;
        hop_pair *pair = &attempt->pairs[at];
        if (pair->next_us > core->now_us) continue;
        if (pair->link >= 0 && core->links[pair->link].state != HOP_LINK_ANSWERING) {
            look(core, index, pair);
            continue;
        }
        if (pair->link >= 0) give_up_answering(core, index, pair);
        if (may_dial(core, index)) {
            dial(core, index, pair);
            attempt->turn = at + 1;
        } else {
            pair->next_us = ready_us(attempt);
        }
    }
}

int64_t hop_dial_deadline(const hop_attempt *attempt) {
    int64_t soonest = INT64_MAX;
    for (unsigned i = 0; i < attempt->pair_count; i++)
        soonest = hop_state_sooner(soonest, attempt->pairs[i].next_us);
    return soonest;
}
