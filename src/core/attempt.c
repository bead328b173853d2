/* SPDX-License-Identifier: MIT */
/* One attempt: its beginning, its links' fates, its end; see attempt.h. When to dial is in dial.c.
 */
#include "core/attempt.h"

#include <string.h>

#include "core/dial.h"
#include "core/nominate.h"
#include "core/pair.h"
#include "core/shot.h"
#include "core/state.h"

static hop_note *note(hop_core *core, int index, hop_note_kind kind) {
    return hop_output_note(&core->outbox, kind, core->attempts[index].number);
}

hop_note *hop_attempt_link_note(hop_core *core, int number, hop_note_kind kind) {
    const hop_link *link = &core->links[number];
    hop_note *made = note(core, link->index, kind);
    made->link = number;
    made->address = link->remote;
    if (link->relayed) made->type = HOP_CANDIDATE_RELAYED;
    return made;
}

bool hop_attempt_proved(const hop_core *core, int index) {
    for (int i = 0; i < hop_state_links(core); i++) {
        const hop_link *link = &core->links[i];
        if (link->state == HOP_LINK_OPEN && link->owner == HOP_LINK_ATTEMPT &&
            link->index == index && link->phase >= HOP_LINK_PROVED &&
            (!link->relayed || core->attempts[index].nominated == i))
            return true;
    }
    return false;
}

/* --- beginning --- */

/* Before its HELLO came, a link is an attempt's if nothing else can be meant. A listener may have
 * several peers behind one NAT, and one whose START is still on its way: there the port must agree
 * as well, and with no other attempt (a peer may have given up and come again). */
static int attempt_naming(const hop_core *core, const hop_address *remote) {
    bool exactly = core->config.mode == HOP_CORE_LISTEN;
    int found = -1;
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        const hop_attempt *attempt = &core->attempts[i];
        if (attempt->state == HOP_ATTEMPT_FREE) continue;
        if (core->config.bare) return i; /* the only one, and it may know no addresses */
        if (!(exactly ? hop_pair_exists(attempt, remote) : hop_pair_has_ip(attempt, remote)))
            continue;
        if (found >= 0) return -1;
        found = i;
    }
    return found;
}

static bool made_for(const hop_core *core, const hop_link *link, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    hop_hello hello;
    return link->has_hello &&
           hop_hello_decode(link->hello, HOP_HELLO_HELLO, hop_attempt_peer_role(core, index), NULL,
                            core->config.crypto, attempt->key, &hello);
}

/* Strangers behind the peer's address must not take all links: what does not fit waits in the
 * lobby, which is bounded, until it has said HELLO. */
static bool has_room(const hop_core *core, int index) {
    unsigned count = 0;
    for (int i = 0; i < hop_state_links(core); i++) {
        const hop_link *link = &core->links[i];
        count += link->state == HOP_LINK_OPEN && link->owner == HOP_LINK_ATTEMPT &&
                 link->index == index && link->accepted;
    }
    return count < HOP_LOBBY_MAX;
}

void hop_attempt_seek(hop_core *core, int number) {
    const hop_link *link = &core->links[number];
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        if (core->attempts[i].state != HOP_ATTEMPT_FREE && made_for(core, link, i)) {
            hop_link_claim(core, number, i);
            return;
        }
    }
    int named = attempt_naming(core, &link->remote);
    if (named >= 0 && !link->has_hello && has_room(core, named))
        hop_link_claim(core, number, named);
}

static int free_attempt(const hop_core *core) {
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++)
        if (core->attempts[i].state == HOP_ATTEMPT_FREE) return i;
    return -1;
}

/* A refused or silent dial tells nothing about the round trip; but it is no longer than both ways
 * to the server together, unless routes are odd. Without a server: be patient. */
static int64_t look_us(int64_t rtt_us) {
    if (rtt_us <= 0) return 2 * HOP_LOOK_MIN_US;
    int64_t safe = rtt_us + rtt_us / 2;
    return safe > HOP_LOOK_MIN_US ? safe : HOP_LOOK_MIN_US;
}

int hop_attempt_begin(hop_core *core, const hop_attempt_start *start) {
    int index = free_attempt(core);
    if (index < 0) return -1;
    hop_attempt *attempt = &core->attempts[index];
    memset(attempt, 0, sizeof *attempt);
    bool controlling = start->role == HOP_ROLE_CONTROLLING;
    if (!hop_hello_derive_key(core->config.crypto, core->keys.link,
                              controlling ? start->own_nonce : start->peer_nonce,
                              controlling ? start->peer_nonce : start->own_nonce, attempt->key))
        return -1;
    attempt->state = HOP_ATTEMPT_DELAYED;
    attempt->number = ++core->attempt_number;
    attempt->caller = start->caller;
    attempt->role = start->role;
    memcpy(attempt->nonce, controlling ? start->peer_nonce : start->own_nonce, HOP_NONCE_SIZE);
    attempt->observed = start->observed;
    attempt->peer_us = core->now_us;
    attempt->start_us = INT64_MAX;
    attempt->deadline_us = INT64_MAX;
    attempt->pace = hop_pace_make(HOP_DIALS_PER_SECOND, HOP_DIALS_BURST);
    attempt->nominated = -1;
    attempt->choose_us = INT64_MAX;
    if (start->description != NULL) hop_attempt_join(core, index, start);
    hop_lobby_offer(core);
    return index;
}

int hop_attempt_wait(hop_core *core) {
    static const uint8_t none[HOP_NONCE_SIZE]; /* links bring nonces of their own */
    hop_attempt_start start = {
        .role = HOP_ROLE_UNSETTLED, .caller = -1, .own_nonce = none, .peer_nonce = none};
    return hop_attempt_begin(core, &start);
}

void hop_attempt_join(hop_core *core, int index, const hop_attempt_start *start) {
    hop_attempt *attempt = &core->attempts[index];
    int64_t delay_us = start->delay_us < HOP_DELAY_MAX_US ? start->delay_us : HOP_DELAY_MAX_US;
    attempt->peer_us = core->now_us;
    attempt->start_us = core->now_us + delay_us;
    attempt->deadline_us = start->deadline_us;
    attempt->knock_us = start->knock_us;
    attempt->look_us = look_us(start->rtt_us);
    attempt->way_us = start->rtt_us / 2;
    hop_output_put(&core->outbox, HOP_OUT_PEER)->attempt = attempt->number;
    hop_note *line = note(core, index, HOP_NOTE_START);
    line->number = delay_us;
    line->extra = start->rtt_us;
    line->address = start->observed;
    hop_relayed_begin(core, index, start->description);
    hop_pair_add_all(core, index, start);
    hop_strategy_begin(core, index, &start->description->nat);
}

/* --- roles --- */

hop_role hop_attempt_own_role(const hop_core *core, int index) {
    return core->config.bare ? HOP_ROLE_UNSETTLED : core->attempts[index].role;
}

hop_role hop_attempt_peer_role(const hop_core *core, int index) {
    return hop_role_other(hop_attempt_own_role(core, index));
}

/* Everybody may come in, so the first who proves himself is the peer: a second one, who might
 * settle the roles differently, would let two sides nominate at once. */
bool hop_attempt_settle(hop_core *core, int index, const uint8_t *peer_nonce) {
    hop_attempt *attempt = &core->attempts[index];
    if (!core->config.bare) return true;
    int order = memcmp(core->tie, peer_nonce, HOP_HELLO_TIE_SIZE);
    if (order == 0) return false;
    if (attempt->has_peer) return memcmp(attempt->peer_tie, peer_nonce, HOP_HELLO_TIE_SIZE) == 0;
    attempt->has_peer = true;
    memcpy(attempt->peer_tie, peer_nonce, HOP_HELLO_TIE_SIZE);
    attempt->role = order > 0 ? HOP_ROLE_CONTROLLING : HOP_ROLE_CONTROLLED;
    return true;
}

/* The peer's last link is gone: whoever comes next may be the peer. */
static void forget_peer(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    if (!core->config.bare || hop_attempt_proved(core, index)) return;
    attempt->has_peer = false;
    attempt->role = HOP_ROLE_UNSETTLED;
}

/* --- ending --- */

static void close_links(hop_core *core, int index) {
    hop_probe_stop_samples(core, index);
    if (core->shooter == index) hop_shot_stop(core, index);
    for (int i = 0; i < HOP_LINKS_PLAIN; i++) {
        const hop_link *link = &core->links[i];
        bool ours = link->owner == HOP_LINK_ATTEMPT || link->owner == HOP_LINK_RELAY;
        if (!ours || link->index != index) continue;
        if (link->relayed || link->owner == HOP_LINK_RELAY)
            hop_link_hang_up(core, i);
        else
            hop_link_close(core, i);
    }
}

static void finish(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    int caller = attempt->caller;
    close_links(core, index);
    attempt->state = HOP_ATTEMPT_FREE;
    hop_crypto_wipe(attempt->key, sizeof attempt->key);
    hop_endpoint_attempt_over(core, caller);
}

static const hop_report *write_report(hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    hop_report *report = &core->reports[index];
    memset(report, 0, sizeof *report);
    report->lasted_us = core->now_us - attempt->peer_us;
    report->pair_count = attempt->pair_count;
    for (unsigned i = 0; i < attempt->pair_count; i++)
        report->pairs[i] = attempt->pairs[i].report;
    report->accepted_count = attempt->accepted_count;
    report->stranger_count = attempt->stranger_count;
    report->authenticated = attempt->authenticated;
    report->same_nat = attempt->observed.family == HOP_FAMILY_IPV4 &&
                       hop_address_same_ip(&attempt->observed, &core->self.observed[0]);
    report->map_trouble = core->mapped.trouble;
    hop_strategy_report(core, index, report);
    hop_relayed_report(core, index, report);
    return report;
}

void hop_attempt_fail(hop_core *core, int index, enum hop_error error) {
    hop_output *failed = hop_output_put(&core->outbox, HOP_OUT_FAILED);
    failed->attempt = core->attempts[index].number;
    failed->error = error;
    failed->report = write_report(core, index);
    finish(core, index);
}

void hop_attempt_establish(hop_core *core, int number) {
    hop_link *link = &core->links[number];
    int index = link->index;
    const hop_attempt *attempt = &core->attempts[index];
    bool controlling = attempt->role == HOP_ROLE_CONTROLLING;
    hop_candidate remote = hop_pair_remote(attempt, &link->remote);
    if (link->relayed) remote = (hop_candidate){HOP_CANDIDATE_RELAYED, 0, link->remote};
    uint8_t psk[HOP_KEY_SIZE];
    if (!hop_hello_derive_psk(core->config.crypto, attempt->key,
                              controlling ? link->nonce : link->peer_nonce,
                              controlling ? link->peer_nonce : link->nonce, psk)) {
        hop_attempt_fail(core, index, HOP_E_SYSTEM);
        return;
    }
    hop_output *output = hop_output_put(&core->outbox, HOP_OUT_ESTABLISHED);
    output->link = number;
    output->attempt = attempt->number;
    output->address = link->remote;
    output->candidate = remote;
    output->route = hop_meet_route(core, number, &remote);
    if (link->relayed) output->relay_reason = hop_relayed_reason(core, index);
    output->controlling = controlling;
    memcpy(output->psk, psk, sizeof psk);
    hop_crypto_wipe(psk, sizeof psk);
    /* A link can come in before its attempt begins. */
    int64_t tcp_us = link->opened_us - attempt->peer_us;
    output->tcp_us = tcp_us > 0 ? tcp_us : 0;
    output->attempt_us = core->now_us - attempt->peer_us;
    /* Our HELLO, sent when it was opened, and the answer to it. */
    output->rtt_us = link->accepted || link->relayed ? 0 : core->now_us - link->opened_us;
    output->knock_us = attempt->knock_us;
    link->state = HOP_LINK_FREE; /* the user's from here on: not closed with the others */
    finish(core, index);
}

/* --- what happens to links --- */

void hop_attempt_link_opened(hop_core *core, int number) {
    hop_pair *pair = hop_pair_of(core, number);
    if (pair != NULL) {
        pair->report.connected = true;
        pair->next_us = INT64_MAX;
    }
    hop_attempt_link_note(core, number, HOP_NOTE_CONNECTED);
    hop_link_greet(core, number);
}

void hop_attempt_adopted(hop_core *core, int number) {
    const hop_link *link = &core->links[number];
    hop_attempt *attempt = &core->attempts[link->index];
    attempt->accepted_count++;
    hop_attempt_link_note(core, number, HOP_NOTE_ACCEPTED);
    /* Its 4-tuple is that of the pair: a dial would find it in use. */
    for (unsigned i = 0; i < attempt->pair_count; i++) {
        hop_pair *pair = &attempt->pairs[i];
        if (pair->link < 0 && hop_address_equal(&pair->report.remote.address, &link->remote)) {
            pair->link = number;
            pair->report.connected = true;
            pair->next_us = INT64_MAX;
        }
    }
}

/* The link is gone from the driver. An attempt whose chosen link broke cannot choose another: the
 * peer may hold that very one by now, and two different connections would be the worst of all ends.
 */
void hop_attempt_link_ended(hop_core *core, int number, hop_reason reason) {
    hop_link *link = &core->links[number];
    int index = link->index;
    hop_attempt *attempt = &core->attempts[index];
    hop_pair *pair = hop_pair_of(core, number);
    bool was_open = link->state == HOP_LINK_OPEN;
    if (was_open) hop_attempt_link_note(core, number, HOP_NOTE_LINK_ENDED)->reason = reason;
    if (pair != NULL && was_open) {
        pair->report.last = reason;
        hop_dial_again(core, pair, HOP_REDIAL_IN_USE_US);
    } else if (pair != NULL) {
        hop_dial_ended(core, index, pair, reason);
    }
    link->state = HOP_LINK_FREE;
    if (link->relayed && attempt->nominated != number) hop_relayed_lost(core, index, reason);
    if (!was_open && number >= HOP_LINKS_PLAIN) hop_shot_ended(core, number, reason);
    if (attempt->nominated == number)
        hop_attempt_fail(core, index, HOP_E_BROKEN);
    else
        forget_peer(core, index);
}

void hop_attempt_link_answering(hop_core *core, int number) {
    hop_pair *pair = hop_pair_of(core, number);
    core->links[number].state = HOP_LINK_ANSWERING;
    if (pair != NULL) hop_dial_answering(core, core->links[number].index, pair);
    hop_attempt_link_note(core, number, HOP_NOTE_ANSWERING);
}

void hop_attempt_link_stranger(hop_core *core, int number, bool known) {
    hop_link *link = &core->links[number];
    int index = link->index;
    hop_attempt *attempt = &core->attempts[index];
    hop_pair *pair = hop_pair_of(core, number);
    attempt->stranger_count++;
    if (!link->accepted && !known) attempt->impostor = true;
    hop_attempt_link_note(core, number, known ? HOP_NOTE_CROSSED : HOP_NOTE_STRANGER);
    if (pair != NULL) hop_dial_again(core, pair, HOP_REDIAL_STRANGER_US);
    hop_link_close(core, number);
    if (link->relayed) hop_relayed_lost(core, index, HOP_REASON_PROTOCOL);
    if (attempt->nominated == number) hop_nominate_another(core, index);
    if (attempt->state != HOP_ATTEMPT_FREE) forget_peer(core, index);
}

/* --- time --- */

/* A handshake that does not go on. Who said nothing at all is a stranger; a link that proved itself
 * and then fell silent has ended. */
static void expire_links(hop_core *core, int index) {
    int number = core->attempts[index].number;
    for (int i = 0; i < hop_state_links(core); i++) {
        const hop_link *link = &core->links[i];
        bool due = link->state == HOP_LINK_OPEN && link->owner == HOP_LINK_ATTEMPT &&
                   link->index == index && link->deadline_us <= core->now_us;
        if (!due) continue;
        if (link->phase < HOP_LINK_PROVED) core->attempts[index].stranger_count++;
        hop_output_put(&core->outbox, HOP_OUT_CLOSE)->link = i;
        hop_attempt_link_ended(core, i, HOP_REASON_TIMED_OUT);
        if (core->attempts[index].number != number ||
            core->attempts[index].state == HOP_ATTEMPT_FREE)
            return;
    }
}

static enum hop_error error_at_deadline(const hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    if (hop_attempt_proved(core, index)) return HOP_E_BROKEN;
    return attempt->impostor ? HOP_E_IMPOSTOR : HOP_E_NO_PATH;
}

/* Two sides cannot agree at one instant: both stop choosing a while before they stop waiting, so
 * that what one has chosen in time is still there at the other. */
bool hop_attempt_is_late(const hop_core *core, int index) {
    int64_t late_us = core->config.timeout_us / 4;
    if (late_us > HOP_LATE_US) late_us = HOP_LATE_US;
    return core->attempts[index].deadline_us - core->now_us < late_us;
}

int64_t hop_attempt_until(const hop_core *core, int index, int64_t wait_us) {
    return hop_state_sooner(core->now_us + wait_us, core->attempts[index].deadline_us);
}

/* The relay is asked for after what is dialled directly, but before the samples of a NAT that
 * counts on. Once a link has proved itself nothing more is dialled: a dial in flight could only be
 * a loser. */
static void go_on(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    if (attempt->state == HOP_ATTEMPT_DELAYED && attempt->start_us <= core->now_us)
        attempt->state = HOP_ATTEMPT_PUNCHING;
    if (hop_attempt_proved(core, index)) return;
    bool punching = attempt->state == HOP_ATTEMPT_PUNCHING;
    if (punching) hop_dial_tick(core, index);
    hop_relayed_tick(core, index);
    if (punching) hop_strategy_tick(core, index);
}

void hop_attempt_tick(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    if (attempt->state == HOP_ATTEMPT_FREE) return;
    if (attempt->deadline_us <= core->now_us) {
        hop_attempt_fail(core, index, error_at_deadline(core, index));
        return;
    }
    expire_links(core, index);
    if (attempt->state == HOP_ATTEMPT_FREE) return;
    go_on(core, index);
    /* Last: a half-open dial that has just been given up is nothing to wait for any more. */
    if (attempt->state != HOP_ATTEMPT_FREE) hop_nominate_tick(core, index);
}

int64_t hop_attempt_deadline(const hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    if (attempt->state == HOP_ATTEMPT_FREE) return INT64_MAX;
    int64_t soonest = attempt->choose_us;
    for (int i = 0; i < hop_state_links(core); i++) {
        const hop_link *link = &core->links[i];
        if (link->state == HOP_LINK_OPEN && link->owner == HOP_LINK_ATTEMPT && link->index == index)
            soonest = hop_state_sooner(soonest, link->deadline_us);
    }
    soonest = hop_state_sooner(soonest, attempt->deadline_us);
    if (hop_attempt_proved(core, index)) return soonest;
    soonest = hop_state_sooner(soonest, hop_relayed_deadline(core, index));
    if (attempt->state == HOP_ATTEMPT_DELAYED) return hop_state_sooner(soonest, attempt->start_us);
    soonest = hop_state_sooner(soonest, hop_strategy_deadline(core, index));
    return hop_state_sooner(soonest, hop_dial_deadline(attempt));
}
