/* SPDX-License-Identifier: MIT */
/* The candidate pairs of an attempt; see pair.h. */
#include "core/pair.h"

#include <string.h>

#include "core/state.h"

bool hop_pair_exists(const hop_attempt *attempt, const hop_address *address) {
    for (unsigned i = 0; i < attempt->pair_count; i++)
        if (hop_address_equal(&attempt->pairs[i].report.remote.address, address)) return true;
    return false;
}

bool hop_pair_has_ip(const hop_attempt *attempt, const hop_address *address) {
    for (unsigned i = 0; i < attempt->pair_count; i++)
        if (hop_address_same_ip(&attempt->pairs[i].report.remote.address, address)) return true;
    return false;
}

static void add_pair(hop_core *core, int index, const hop_candidate *candidate,
                     const hop_address *observed, unsigned *places) {
    hop_attempt *attempt = &core->attempts[index];
    if (attempt->pair_count == HOP_PAIRS_MAX || hop_pair_exists(attempt, &candidate->address))
        return;
    hop_pair *pair = &attempt->pairs[attempt->pair_count++];
    memset(pair, 0, sizeof *pair);
    pair->link = -1;
    pair->next_us = attempt->start_us > core->now_us ? attempt->start_us : core->now_us;
    pair->report.remote = *candidate;
    pair->report.skip = hop_candidate_judge(&core->self, candidate, observed);
    if (pair->report.skip == HOP_SKIP_NONE && *places == 0) pair->report.skip = HOP_SKIP_TOO_MANY;
    bool skipped = pair->report.skip != HOP_SKIP_NONE;
    if (skipped)
        pair->next_us = INT64_MAX;
    else
        --*places;
    hop_note *line = hop_output_note(
        &core->outbox, skipped ? HOP_NOTE_CANDIDATE_SKIPPED : HOP_NOTE_CANDIDATE, attempt->number);
    line->address = candidate->address;
    line->type = candidate->type;
    line->skip = pair->report.skip;
}

/* What a router says of its outside address is worth less than what the server sees: a router that
 * lies must not make us dial somebody else. */
static hop_candidate corrected(const hop_candidate *candidate, const hop_address *observed) {
    hop_candidate result = *candidate;
    if (candidate->type == HOP_CANDIDATE_MAPPED && observed->family == candidate->address.family &&
        hop_address_scope(observed) == HOP_SCOPE_PUBLIC)
        memcpy(result.address.ip, observed->ip, sizeof result.address.ip);
    return result;
}

void hop_pair_add_all(hop_core *core, int index, const hop_attempt_start *start) {
    const hop_description *peer = start->description;
    const hop_address *observed = &start->observed;
    unsigned places = HOP_CANDIDATES_MAX;
    if (core->attempts[index].relayed.only) return;
    bool seen = observed->family != HOP_FAMILY_NONE;
    bool named = false;
    hop_candidate candidates[HOP_CANDIDATES_MAX];
    for (unsigned i = 0; i < peer->candidate_count; i++) {
        candidates[i] = corrected(&peer->candidates[i], observed);
        named |= hop_address_equal(&candidates[i].address, observed);
    }
    /* What the server saw is worth more than the last of what the peer names: keep it a place. */
    if (seen && !named) places--;
    for (unsigned i = 0; i < peer->candidate_count; i++)
        add_pair(core, index, &candidates[i], observed, &places);
    if (seen && !named) {
        hop_candidate candidate = {HOP_CANDIDATE_SERVER_REFLEXIVE, 0, *observed};
        places++;
        add_pair(core, index, &candidate, observed, &places);
    }
    core->attempts[index].places = places;
}

/* The places are those of the whole attempt: a peer cannot make us dial more by naming it later. */
void hop_pair_add_late(hop_core *core, int index, const hop_description *told) {
    hop_attempt *attempt = &core->attempts[index];
    for (unsigned i = 0; i < told->candidate_count; i++) {
        hop_candidate candidate = corrected(&told->candidates[i], &attempt->observed);
        add_pair(core, index, &candidate, &attempt->observed, &attempt->places);
    }
}

void hop_pair_judge_again(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    for (unsigned i = 0; i < attempt->pair_count; i++) {
        hop_pair *pair = &attempt->pairs[i];
        hop_report_pair *report = &pair->report;
        if (report->skip == HOP_SKIP_NONE) {
            bool dialling = pair->link >= 0 && core->links[pair->link].state == HOP_LINK_DIALLING;
            if (dialling) pair->silent_us = pair->next_us;
            continue;
        }
        /* Or the peer has come in from there. */
        if (report->skip != HOP_SKIP_PRIVATE || attempt->places == 0 || pair->link >= 0) continue;
        report->skip = hop_candidate_judge(&core->self, &report->remote, &attempt->observed);
        if (report->skip != HOP_SKIP_NONE) continue;
        attempt->places--;
        pair->next_us = core->now_us > attempt->start_us ? core->now_us : attempt->start_us;
        hop_note *line = hop_output_note(&core->outbox, HOP_NOTE_CANDIDATE, attempt->number);
        line->address = report->remote.address;
        line->type = report->remote.type;
    }
}

hop_pair *hop_pair_of(hop_core *core, int number) {
    hop_attempt *attempt = &core->attempts[core->links[number].index];
    for (unsigned i = 0; i < attempt->pair_count; i++)
        if (attempt->pairs[i].link == number) return &attempt->pairs[i];
    return NULL;
}

/* The best name for the other end: the peer's own candidate of that address, else what we saw. */
hop_candidate hop_pair_remote(const hop_attempt *attempt, const hop_address *remote) {
    for (unsigned i = 0; i < attempt->pair_count; i++)
        if (hop_address_equal(&attempt->pairs[i].report.remote.address, remote))
            return attempt->pairs[i].report.remote;
    return (hop_candidate){HOP_CANDIDATE_PEER_REFLEXIVE, 0, *remote};
}
