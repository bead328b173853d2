/* SPDX-License-Identifier: MIT */
/* How two sides come to know each other: our own description, the peer's in a START or by hand, and
 * the attempt that begins with it. */
#include "core/meet.h"

#include <string.h>

#include "core/ask.h"
#include "core/pair.h"
#include "core/state.h"
#include "core/strategy.h"

static void tell_mapping(hop_core *core);

static bool offers(const hop_description *description, const hop_address *address) {
    for (unsigned i = 0; i < description->candidate_count; i++)
        if (hop_address_equal(&description->candidates[i].address, address)) return true;
    return false;
}

static void offer(hop_description *description, const hop_candidate *candidate) {
    if (description->candidate_count < HOP_CANDIDATES_MAX &&
        !offers(description, &candidate->address))
        description->candidates[description->candidate_count++] = *candidate;
}

/* So that the peer need not wait for anything direct. */
static void offer_relays(const hop_core *core, hop_description *description) {
    for (unsigned i = 0; i < core->config.ticket.server_count; i++) {
        int link = core->callers[i].link;
        if (link < 0) continue;
        hop_candidate relay = {HOP_CANDIDATE_RELAYED, 0, core->links[link].remote};
        offer(description, &relay);
    }
}

/* What servers saw comes first: those are the addresses that work from afar. */
void hop_meet_describe(hop_core *core, hop_description *ret_description) {
    const hop_candidate_self *self = &core->self;
    ret_description->candidate_count = 0;
    ret_description->nat = core->behaviour.nat;
    ret_description->round = 0;
    if (core->config.relay == HOP_CORE_RELAY_ONLY) {
        offer_relays(core, ret_description);
        return;
    }
    for (unsigned i = 0; i < self->host_count; i++)
        if (hop_candidate_offered(self, &self->hosts[i]) &&
            hop_address_scope(&self->hosts[i].address) == HOP_SCOPE_PUBLIC)
            offer(ret_description, &self->hosts[i]);
    /* A port that is kept and mapped is one address: open to everybody is what it is then. */
    hop_candidate mapped = {HOP_CANDIDATE_MAPPED, 0, hop_meet_mapping(core)};
    if (mapped.address.family != HOP_FAMILY_NONE) offer(ret_description, &mapped);
    for (unsigned i = 0; i < 2; i++) {
        hop_candidate seen = {HOP_CANDIDATE_SERVER_REFLEXIVE, 0, self->observed[i]};
        if (seen.address.family != HOP_FAMILY_NONE) offer(ret_description, &seen);
    }
    for (unsigned i = 0; i < self->host_count; i++)
        if (hop_candidate_offered(self, &self->hosts[i])) offer(ret_description, &self->hosts[i]);
}

static bool is_host(const hop_core *core, const hop_address *address) {
    for (unsigned i = 0; i < core->self.host_count; i++)
        if (hop_address_equal(&core->self.hosts[i].address, address)) return true;
    return false;
}

void hop_meet_observed(hop_core *core, const hop_address *address) {
    if (address->family != HOP_FAMILY_IPV4 && address->family != HOP_FAMILY_IPV6) return;
    hop_address *known = &core->self.observed[address->family == HOP_FAMILY_IPV6];
    if (hop_address_equal(known, address)) return;
    *known = *address;
    if (!is_host(core, address)) {
        hop_candidate seen = {HOP_CANDIDATE_SERVER_REFLEXIVE, 0, *address};
        hop_output_put(&core->outbox, HOP_OUT_CANDIDATE)->candidate = seen;
    }
    tell_mapping(core);
}

/* --- the router's mapping --- */

/* What a server sees is the truth about the address, the router knows the port: so a router that
 * lies, or that does not know of the one before it, cannot make a peer dial somebody else. A server
 * in our own network sees nothing of the outside. */
hop_address hop_meet_mapping(const hop_core *core) {
    hop_address address = core->mapped.external;
    const hop_address *seen = &core->self.observed[0];
    if (address.family == HOP_FAMILY_NONE) return address;
    if (seen->family == HOP_FAMILY_IPV4 && hop_address_scope(seen) == HOP_SCOPE_PUBLIC)
        memcpy(address.ip, seen->ip, sizeof address.ip);
    return address;
}

/* Whenever one of the two that make it has changed. */
static void tell_mapping(hop_core *core) {
    hop_address address = hop_meet_mapping(core);
    if (hop_address_equal(&core->mapped.told, &address)) return;
    core->mapped.told = address;
    if (address.family == HOP_FAMILY_NONE) return;
    if (!hop_address_same_ip(&address, &core->mapped.external))
        hop_output_note(&core->outbox, HOP_NOTE_MAPPED_ELSEWHERE, 0)->address = address;
    hop_candidate candidate = {HOP_CANDIDATE_MAPPED, 0, address};
    hop_output_put(&core->outbox, HOP_OUT_CANDIDATE)->candidate = candidate;
}

/* The router may answer when our description is on its way already: the peers of attempts that have
 * begun since get the candidate by a TELL. */
static void tell_late(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    hop_candidate candidate = {HOP_CANDIDATE_MAPPED, 0, hop_meet_mapping(core)};
    bool known = candidate.address.family == HOP_FAMILY_NONE ||
                 hop_address_equal(&candidate.address, &attempt->told_mapping) ||
                 hop_address_equal(&candidate.address, &core->self.observed[0]);
    if (attempt->state == HOP_ATTEMPT_FREE || attempt->caller < 0 || known) return;
    if (hop_attempt_proved(core, index)) return;
    hop_description description = {.nat = core->behaviour.nat, .candidate_count = 1};
    description.candidates[0] = candidate;
    attempt->told_mapping = candidate.address;
    hop_ask_tell(core, index, &description);
}

static void mapping_changed(hop_core *core, const hop_address *external) {
    core->mapped.external = *external;
    core->mapped.awaited = false;
    tell_mapping(core);
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++)
        tell_late(core, i);
    for (unsigned i = 0; i < core->config.ticket.server_count; i++)
        hop_ask_freshen(core, (int)i);
}

void hop_meet_mapped(hop_core *core, const hop_input *input) {
    if (core->done || !core->gone) return;
    hop_note *line = hop_output_note(&core->outbox, HOP_NOTE_MAPPED, 0);
    line->address = input->remote;
    line->protocol = input->protocol;
    line->number = input->lifetime_s;
    core->mapped.trouble = HOP_MAP_TROUBLE_NONE;
    mapping_changed(core, &input->remote);
}

void hop_meet_unmapped(hop_core *core, const hop_input *input) {
    const hop_address none = {0};
    if (core->done || !core->gone) return;
    hop_note *line = hop_output_note(&core->outbox, HOP_NOTE_UNMAPPED, 0);
    line->address = input->remote;
    line->protocol = input->protocol;
    line->trouble = input->trouble;
    core->mapped.trouble = input->trouble;
    line->number = input->code;
    mapping_changed(core, &none);
}

/* Nobody hears of it: whoever brought it about has news for the servers, too. */
void hop_meet_unmap(hop_core *core) {
    core->mapped.external.family = HOP_FAMILY_NONE;
    core->mapped.told.family = HOP_FAMILY_NONE;
}

/* Who came in from an address that nobody had named, and that no dial of ours had opened the NAT
 * for, came by the mapping where there is one. */
hop_core_route hop_meet_route(const hop_core *core, int number, const hop_candidate *remote) {
    const hop_link *link = &core->links[number];
    hop_core_route route = hop_candidate_route(remote, &link->local);
    bool by_mapping = core->mapped.external.family != HOP_FAMILY_NONE && link->accepted &&
                      remote->type == HOP_CANDIDATE_PEER_REFLEXIVE;
    return route == HOP_CORE_ROUTE_PUNCHED && by_mapping ? HOP_CORE_ROUTE_MAPPED : route;
}

/* Each nonce that we gave out is good for one attempt: a START that was recorded finds it used. */
static bool use_nonce(hop_caller *caller, const uint8_t *nonce) {
    for (unsigned i = 0; i < caller->nonce_count; i++) {
        if (memcmp(caller->nonces[i], nonce, HOP_NONCE_SIZE) != 0) continue;
        caller->nonce_count--;
        if (i < caller->stale_count) caller->stale_count--;
        memmove(caller->nonces[i], caller->nonces[i + 1],
                (caller->nonce_count - i) * HOP_NONCE_SIZE);
        return true;
    }
    return false;
}

/* One address and port is one socket of one peer: who comes again from there has given up what it
 * began before, and its old attempt would only dial into the new one. */
static void end_older(hop_core *core, int caller, const hop_address *observed) {
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        const hop_attempt *attempt = &core->attempts[i];
        if (attempt->state != HOP_ATTEMPT_FREE && attempt->caller == caller &&
            hop_address_equal(&attempt->observed, observed))
            hop_attempt_fail(core, i, HOP_E_BROKEN);
    }
}

/* What the peer's START has told it of our router: nothing, where a new registration is under way.
 */
static void said_so_far(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    const hop_caller *caller = &core->callers[attempt->caller];
    if (!caller->registering) attempt->told_mapping = caller->mapping;
    tell_late(core, index);
}

/* NULL: nobody who holds the ticket knocked. */
static void begin_by(hop_core *core, int caller, const hop_attempt_start *start) {
    int attempt = start != NULL ? hop_attempt_begin(core, start) : -1;
    if (attempt < 0)
        hop_ask_replenish(core, caller);
    else
        said_so_far(core, attempt);
}

static bool start_listening_side(hop_core *core, int index, const hop_message *start) {
    hop_caller *caller = &core->callers[index];
    hop_description peer;
    if (start->role != HOP_ROLE_CONTROLLED || !use_nonce(caller, start->nonces[0])) return false;
    bool genuine = hop_description_open(start->sealed, start->sealed_size, core->config.crypto,
                                        core->keys.seal, HOP_SEAL_KNOCK, &peer);
    hop_attempt_start begin = {.role = HOP_ROLE_CONTROLLED,
                               .caller = index,
                               .description = &peer,
                               .own_nonce = start->nonces[0],
                               .peer_nonce = peer.nonce,
                               .observed = start->peer,
                               .delay_us = start->delay_us,
                               .rtt_us = start->rtt_us,
                               .deadline_us = core->now_us + core->config.timeout_us};
    if (genuine) end_older(core, index, &start->peer);
    begin_by(core, index, genuine ? &begin : NULL);
    return true;
}

static bool start_knocking_side(hop_core *core, int index, const hop_message *start) {
    const hop_caller *caller = &core->callers[index];
    hop_description peer;
    if (start->role != HOP_ROLE_CONTROLLING || core->attempt_number > 0) return false;
    if (!hop_description_open(start->sealed, start->sealed_size, core->config.crypto,
                              core->keys.seal, HOP_SEAL_REGISTER, &peer)) {
        hop_endpoint_fail(core, HOP_E_IMPOSTOR);
        return true;
    }
    hop_attempt_start begin = {.role = HOP_ROLE_CONTROLLING,
                               .caller = index,
                               .description = &peer,
                               .own_nonce = caller->nonce,
                               .peer_nonce = start->nonces[0],
                               .observed = start->peer,
                               .delay_us = start->delay_us,
                               .rtt_us = start->rtt_us,
                               .knock_us = core->now_us - caller->knocked_us,
                               .deadline_us = core->deadline_us};
    int attempt = hop_attempt_begin(core, &begin);
    if (attempt < 0)
        hop_endpoint_fail(core, HOP_E_SYSTEM);
    else
        said_so_far(core, attempt);
    return true;
}

bool hop_meet_started(hop_core *core, int caller, const hop_message *start) {
    switch (core->config.mode) {
    case HOP_CORE_LISTEN: return start_listening_side(core, caller, start);
    case HOP_CORE_CONNECT: return start_knocking_side(core, caller, start);
    default: return false;
    }
}

/* Without a round it is more to dial. To hear it again does no harm. */
static void heed(hop_core *core, int index, const hop_description *told) {
    if (told->round > 0)
        hop_strategy_told(core, index, told);
    else if (!hop_attempt_proved(core, index))
        hop_pair_add_late(core, index, told);
}

/* The seal is the ticket's, the nonce and the round tell a recording of another attempt, or of this
 * one, from news. */
void hop_meet_told(hop_core *core, int caller, const hop_message *tell) {
    hop_description description;
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        const hop_attempt *attempt = &core->attempts[i];
        if (attempt->state == HOP_ATTEMPT_FREE || attempt->caller != caller ||
            memcmp(attempt->nonce, tell->nonces[0], HOP_NONCE_SIZE) != 0)
            continue;
        if (hop_description_open(tell->sealed, tell->sealed_size, core->config.crypto,
                                 core->keys.seal, HOP_SEAL_TELL, &description) &&
            memcmp(description.nonce, attempt->nonce, HOP_NONCE_SIZE) == 0)
            heed(core, i, &description);
        return;
    }
}

void hop_meet_wait(hop_core *core) {
    const hop_crypto *crypto = core->config.crypto;
    if (!crypto->random(crypto->context, core->tie, sizeof core->tie) || hop_attempt_wait(core) < 0)
        hop_endpoint_fail(core, HOP_E_SYSTEM);
}

static void join(hop_core *core, const hop_description *peer) {
    hop_attempt_start start = {.description = peer,
                               .deadline_us = core->now_us + core->config.timeout_us};
    if (core->attempts[0].start_us == INT64_MAX) hop_attempt_join(core, 0, &start);
}

/* By hand: no server assigns the roles, so the greater nonce controls (as RFC 8445 section 7.3.1.1
 * does with tie-breakers), and nothing tells the round trip. */
void hop_meet_peer(hop_core *core, const hop_description *peer) {
    int order = memcmp(core->description.nonce, peer->nonce, HOP_NONCE_SIZE);
    if (core->config.bare) {
        if (!core->done) join(core, peer);
        return;
    }
    if (core->done || !core->described || core->attempt_number > 0 || order == 0) return;
    hop_attempt_start begin = {.role = order > 0 ? HOP_ROLE_CONTROLLING : HOP_ROLE_CONTROLLED,
                               .caller = -1,
                               .description = peer,
                               .own_nonce = core->description.nonce,
                               .peer_nonce = peer->nonce,
                               .deadline_us = core->now_us + core->config.timeout_us};
    /* The first: IPv4 where there is one, which tells whether one NAT stands before both. */
    for (unsigned i = peer->candidate_count; i-- > 0;)
        if (peer->candidates[i].type == HOP_CANDIDATE_SERVER_REFLEXIVE)
            begin.observed = peer->candidates[i].address;
    if (hop_attempt_begin(core, &begin) < 0) hop_endpoint_fail(core, HOP_E_SYSTEM);
}
