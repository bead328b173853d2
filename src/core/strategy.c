/* SPDX-License-Identifier: MIT */
/* The choice, and the rounds of samples and TELLs; see strategy.h. */
#include "core/strategy.h"

#include <string.h>

#include "core/ask.h"
#include "core/shot.h"
#include "core/state.h"

/* What counts of a NAT here. An unknown one is taken for the kind that most are of. */
typedef enum group { FIXED, SEQUENTIAL, RANDOM } group;

static const uint8_t groups[] = {
    [HOP_NAT_UNKNOWN] = FIXED,         [HOP_NAT_NONE] = FIXED,
    [HOP_NAT_INDEPENDENT] = FIXED,     [HOP_NAT_DEPENDENT] = RANDOM,
    [HOP_NAT_SEQUENTIAL] = SEQUENTIAL, [HOP_NAT_RANDOM] = RANDOM,
};

/* The rows are ours, the columns the peer's. */
static const uint8_t choices[3][3] = {
    /*               FIXED                  SEQUENTIAL             RANDOM */
    [FIXED] = {HOP_STRATEGY_OBSERVED, HOP_STRATEGY_WINDOW, HOP_STRATEGY_BIRTHDAY},
    [SEQUENTIAL] = {HOP_STRATEGY_WINDOW, HOP_STRATEGY_PAIR, HOP_STRATEGY_HOPELESS},
    [RANDOM] = {HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_HOPELESS, HOP_STRATEGY_HOPELESS},
};

static hop_strategy *strategy_of(hop_core *core, int index) {
    return &core->attempts[index].strategy;
}

static group group_of(unsigned mapping) {
    return mapping <= HOP_NAT_RANDOM ? (group)groups[mapping] : FIXED;
}

static group own_group(const hop_core *core) {
    return group_of(core->behaviour.nat.mapping);
}

hop_strategy_kind hop_strategy_choose(unsigned own_mapping, unsigned peer_mapping) {
    return (hop_strategy_kind)choices[group_of(own_mapping)][group_of(peer_mapping)];
}

static hop_note *note(hop_core *core, int index, hop_note_kind kind) {
    return hop_output_note(&core->outbox, kind, core->attempts[index].number);
}

/* --- choosing --- */

static void choose(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    hop_strategy_kind kind =
        hop_strategy_choose(core->behaviour.nat.mapping, strategy->peer.mapping);
    if (kind == strategy->kind) return;
    strategy->kind = kind;
    note(core, index, HOP_NOTE_PLAN)->number = kind;
}

static void know_peer(hop_core *core, int index, const hop_nat *peer) {
    hop_strategy *strategy = strategy_of(core, index);
    bool news = peer->mapping != strategy->peer.mapping || peer->delta != strategy->peer.delta;
    strategy->peer = *peer;
    if (!news) return;
    hop_note *line = note(core, index, HOP_NOTE_PEER_NAT);
    line->number = peer->mapping;
    line->extra = peer->delta;
    line->type = peer->preserving;
}

/* Two sides behind one NAT find each other by their private addresses. */
static bool is_possible(const hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    if (!core->config.probe || attempt->caller < 0 || attempt->relayed.only) return false;
    if (attempt->observed.family != HOP_FAMILY_IPV4) return false;
    return !hop_address_same_ip(&attempt->observed, &core->self.observed[0]);
}

void hop_strategy_begin(hop_core *core, int index, const hop_nat *peer) {
    hop_strategy *strategy = strategy_of(core, index);
    memset(strategy, 0, sizeof *strategy);
    strategy->possible = is_possible(core, index);
    strategy->next_us = core->attempts[index].start_us;
    strategy->meet_us = INT64_MAX;
    strategy->again_us = INT64_MAX;
    if (!strategy->possible) return;
    know_peer(core, index, peer);
    choose(core, index);
}

bool hop_strategy_is_stepping(const hop_core *core, int index) {
    const hop_strategy *strategy = &core->attempts[index].strategy;
    bool steps = own_group(core) != FIXED && strategy->phase != HOP_STRATEGY_OVER;
    return strategy->possible && (steps || strategy->kind == HOP_STRATEGY_WINDOW);
}

/* --- our samples --- */

/* Each TELL is later than the one before, also where a round has two. */
static void tell(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    bool later = strategy->round > strategy->told;
    strategy->told = (uint8_t)(later ? strategy->round : strategy->told + 1u);
    hop_description description = {.nat = strategy->own, .round = strategy->told};
    if (own_group(core) != RANDOM && strategy->at.family != HOP_FAMILY_NONE)
        description.candidates[description.candidate_count++] =
            (hop_candidate){HOP_CANDIDATE_SERVER_REFLEXIVE, 0, strategy->at};
    hop_ask_tell(core, index, &description);
}

static void round_over(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    strategy->phase = strategy->round < HOP_ROUNDS_MAX ? HOP_STRATEGY_FIRED : HOP_STRATEGY_OVER;
    strategy->next_us = core->now_us + HOP_ROUND_US + 2 * core->attempts[index].way_us;
    if (own_group(core) == FIXED) strategy->next_us = hop_opener_due_us(core, index);
    strategy->meet_us = INT64_MAX;
}

/* An opener wants the mapping of one port, and who counts a step. */
static unsigned samples_wanted(const hop_core *core) {
    return own_group(core) == FIXED ? 1 : HOP_STRATEGY_SAMPLES;
}

/* Samples come from ports of their own: it is the NAT that counts on, whoever asks. */
static bool ask_samples(hop_core *core, int index) {
    const hop_caller *caller = &core->callers[core->attempts[index].caller];
    if (caller->link < 0) return false;
    hop_address server = core->links[caller->link].remote;
    for (unsigned i = 0; i < samples_wanted(core); i++)
        if (!hop_probe_sample(core, index, &server, i)) return false;
    return true;
}

static void begin_round(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    choose(core, index);
    strategy->own = core->behaviour.nat;
    strategy->round++;
    if (strategy->kind == HOP_STRATEGY_PAIR && strategy->peer_told > strategy->round)
        strategy->round = strategy->peer_told;
    strategy->meet_us = INT64_MAX;
    if (strategy->kind == HOP_STRATEGY_HOPELESS) {
        tell(core, index); /* so that the peer need not try, either */
        strategy->phase = HOP_STRATEGY_OVER;
        return;
    }
    hop_shot_clear(core, index);
    hop_probe_stop_samples(core, index);
    memset(strategy->seen, 0, sizeof strategy->seen);
    if (ask_samples(core, index)) {
        strategy->phase = HOP_STRATEGY_SAMPLING;
        strategy->next_us = core->now_us + HOP_PROBE_TIMEOUT_US;
    } else {
        hop_probe_stop_samples(core, index);
        round_over(core, index);
    }
}

static int step_of_samples(const hop_strategy *strategy) {
    return (int)strategy->seen[1].port - (int)strategy->seen[0].port;
}

/* Others behind the NAT can only make a step look larger than it is. */
static void refine_delta(hop_strategy *strategy) {
    int step = step_of_samples(strategy);
    int known = strategy->own.delta;
    bool same_way = (step > 0) == (known > 0);
    if (hop_behaviour_is_step(step) && same_way && step * step < known * known)
        strategy->own.delta = (int16_t)step;
}

/* Two ports drawn from a block of 1,024 are this near in one case of eight, and a NAT was taken for
 * sequential because two others were. Nobody's counting gets as far while one SYN is repeated. */
static bool is_counting(const hop_strategy *strategy) {
    int step = step_of_samples(strategy);
    return step <= HOP_COUNTING_MAX && step >= -HOP_COUNTING_MAX;
}

static void widen(hop_nat *nat, uint16_t port) {
    if (port < nat->port_low) nat->port_low = port;
    if (port > nat->port_high) nat->port_high = port;
}

/* Our NAT opens before the peer can know where to. */
static void opener_complete(hop_core *core, int index, uint16_t local_port) {
    strategy_of(core, index)->at = strategy_of(core, index)->seen[0];
    hop_opener_open(core, index, local_port);
    tell(core, index);
    round_over(core, index);
}

/* Both dial when the TELL has come to the peer: where the NATs refuse strangers the SYNs must
 * cross, and peers may be near. Two sequential sides reckon alike, and meet. */
static void samples_complete(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    strategy->at = strategy->seen[HOP_STRATEGY_SAMPLES - 1];
    if (strategy->own.mapping == HOP_NAT_SEQUENTIAL && !is_counting(strategy)) {
        hop_probe_unmasked(core);
        strategy->own = core->behaviour.nat;
        choose(core, index);
    }
    for (unsigned i = 0; i < HOP_STRATEGY_SAMPLES; i++)
        widen(&strategy->own, strategy->seen[i].port);
    strategy->phase = HOP_STRATEGY_MEETING;
    strategy->next_us = INT64_MAX;
    strategy->since = 0;
    if (strategy->own.mapping == HOP_NAT_SEQUENTIAL) {
        refine_delta(strategy);
        strategy->meet_us = core->now_us + core->attempts[index].way_us;
        strategy->next_us = strategy->meet_us + 2 * HOP_ROUND_US;
    }
    tell(core, index);
    if (strategy->kind == HOP_STRATEGY_HOPELESS) strategy->phase = HOP_STRATEGY_OVER;
    if (strategy->kind == HOP_STRATEGY_BIRTHDAY && strategy->peer_fresh)
        hop_birthday_begin(core, index, true);
}

bool hop_strategy_sampled(hop_core *core, int index, unsigned place, const hop_address *mapped,
                          uint16_t local_port) {
    hop_strategy *strategy = strategy_of(core, index);
    if (strategy->phase != HOP_STRATEGY_SAMPLING || place >= HOP_STRATEGY_SAMPLES) return false;
    strategy->seen[place] = *mapped;
    for (unsigned i = 0; i < samples_wanted(core); i++)
        if (strategy->seen[i].family != HOP_FAMILY_IPV4) return false;
    if (hop_attempt_proved(core, index)) return false;
    bool opens = own_group(core) == FIXED;
    if (opens)
        opener_complete(core, index, local_port);
    else
        samples_complete(core, index);
    return opens;
}

/* --- the peer's --- */

/* Its word must not make us knock at other people's ports: the server sees the same address. */
static bool may_dial(const hop_core *core, int index, const hop_description *told) {
    const hop_address *observed = &core->attempts[index].observed;
    return told->candidate_count == 1 &&
           hop_address_same_ip(&told->candidates[0].address, observed) &&
           hop_candidate_judge(&core->self, &told->candidates[0], observed) == HOP_SKIP_NONE;
}

static void act_on_random(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    if ((strategy->tried & 1u << HOP_STRATEGY_BIRTHDAY) != 0) return;
    strategy->own = core->behaviour.nat;
    tell(core, index); /* the random side begins only when it knows that we are not random */
    hop_birthday_begin(core, index, false);
}

static bool pair_is_told(const hop_strategy *strategy) {
    return strategy->kind == HOP_STRATEGY_PAIR && strategy->peer_told == strategy->round &&
           strategy->paired != strategy->round;
}

/* Both must speak of the same round, else they would run after each other for ever: who is behind
 * begins the other's round at once, and what comes of an older one is nothing. */
static void act_on_pair(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    if (strategy->phase == HOP_STRATEGY_OVER || strategy->peer_told > HOP_ROUNDS_MAX) return;
    if (strategy->peer_told > strategy->round) {
        begin_round(core, index);
    } else if (pair_is_told(strategy) && strategy->phase == HOP_STRATEGY_FIRED) {
        /* We did not know that it is sequential as well: there is time for it in this round. */
        strategy->phase = HOP_STRATEGY_MEETING;
        strategy->meet_us = core->now_us;
    }
}

static void act(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    switch (strategy->kind) {
    case HOP_STRATEGY_WINDOW:
        strategy->again_count = 0;
        if (own_group(core) == FIXED) hop_window_open(core, index);
        break;
    case HOP_STRATEGY_PAIR: act_on_pair(core, index); break;
    case HOP_STRATEGY_BIRTHDAY:
        strategy->peer_fresh = true;
        if (own_group(core) == FIXED)
            act_on_random(core, index);
        else if (strategy->phase == HOP_STRATEGY_MEETING)
            hop_birthday_begin(core, index, true);
        break;
    case HOP_STRATEGY_OBSERVED:
        if (strategy->peer_named) hop_opener_follow(core, index);
        break;
    case HOP_STRATEGY_OPENER:
    case HOP_STRATEGY_HOPELESS: break;
    }
}

void hop_strategy_told(hop_core *core, int index, const hop_description *told) {
    hop_strategy *strategy = strategy_of(core, index);
    if (!strategy->possible || told->round <= strategy->peer_told) return;
    strategy->peer_told = told->round;
    know_peer(core, index, &told->nat);
    choose(core, index);
    strategy->peer_named = told->candidate_count > 0;
    bool needed = strategy->peer_named || told->nat.mapping == HOP_NAT_SEQUENTIAL;
    if (needed && !may_dial(core, index, told)) return;
    if (strategy->peer_named) strategy->peer_at = told->candidates[0].address;
    hop_note *line = note(core, index, HOP_NOTE_TOLD);
    line->address = strategy->peer_at;
    line->number = told->round;
    if (!hop_attempt_proved(core, index)) act(core, index);
}

/* --- time --- */

static void fire(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    if (strategy->kind == HOP_STRATEGY_PAIR) {
        if (!pair_is_told(strategy)) { /* its TELL is late: then at once */
            strategy->meet_us = INT64_MAX;
            return;
        }
        hop_pair_fire(core, index);
    } else {
        hop_window_dial(core, index);
    }
    round_over(core, index);
}

/* A fixed side answers a peer whose NAT changes ports, and begins where there is none. */
static bool begins(const hop_core *core, int index) {
    return own_group(core) != FIXED || core->attempts[index].strategy.kind == HOP_STRATEGY_OBSERVED;
}

/* Is it worth one's while to be random at all? Only when the plain dials have had their time. */
static int64_t first_round_us(const hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    switch (own_group(core)) {
    case SEQUENTIAL: return attempt->start_us;
    case RANDOM: return attempt->start_us + attempt->look_us;
    default: return begins(core, index) ? hop_opener_due_us(core, index) : INT64_MAX;
    }
}

static int64_t due_us(const hop_core *core, int index) {
    const hop_strategy *strategy = &core->attempts[index].strategy;
    switch (strategy->phase) {
    case HOP_STRATEGY_IDLE: return first_round_us(core, index);
    case HOP_STRATEGY_MEETING:
        if (strategy->meet_us == INT64_MAX && pair_is_told(strategy)) return core->now_us;
        return hop_state_sooner(strategy->meet_us, strategy->next_us);
    case HOP_STRATEGY_SAMPLING:
    case HOP_STRATEGY_FIRED: return strategy->next_us;
    case HOP_STRATEGY_OVER: break;
    }
    return INT64_MAX;
}

void hop_strategy_tick(hop_core *core, int index) {
    hop_strategy *strategy = strategy_of(core, index);
    if (!strategy->possible) return;
    if (due_us(core, index) <= core->now_us) {
        bool meet = strategy->phase == HOP_STRATEGY_MEETING &&
                    (strategy->next_us > core->now_us || strategy->meet_us <= core->now_us);
        if (meet)
            fire(core, index);
        else if (strategy->phase == HOP_STRATEGY_SAMPLING)
            round_over(core, index);
        else if (begins(core, index))
            begin_round(core, index);
        else
            strategy->phase = HOP_STRATEGY_OVER;
    }
    if (strategy->again_us <= core->now_us) hop_window_open(core, index);
    hop_birthday_tick(core, index);
    hop_shot_tick(core, index);
}

int64_t hop_strategy_deadline(const hop_core *core, int index) {
    const hop_strategy *strategy = &core->attempts[index].strategy;
    if (!strategy->possible) return INT64_MAX;
    int64_t soonest = hop_state_sooner(due_us(core, index), hop_shot_deadline(core, index));
    soonest = hop_state_sooner(soonest, strategy->again_us);
    return hop_state_sooner(soonest, hop_birthday_deadline(strategy));
}

/* --- telling --- */

void hop_strategy_fired(hop_core *core, int index, hop_strategy_kind kind, unsigned count,
                        const hop_address *first) {
    strategy_of(core, index)->tried |= 1u << kind;
    hop_note *line = note(core, index, HOP_NOTE_SHOTS);
    line->number = kind;
    line->extra = count;
    line->address = *first;
}

void hop_strategy_report(const hop_core *core, int index, hop_report *report) {
    const hop_strategy *strategy = &core->attempts[index].strategy;
    report->own = core->behaviour.nat;
    report->peer = strategy->peer;
    report->tried = strategy->tried;
    if (strategy->kind == HOP_STRATEGY_HOPELESS) report->tried |= 1u << HOP_STRATEGY_HOPELESS;
    report->rounds = strategy->round > strategy->peer_told ? strategy->round : strategy->peer_told;
    report->shot_count = strategy->shot_count;
}
