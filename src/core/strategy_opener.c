/* SPDX-License-Identifier: MIT */
/*
 * Both NATs keep their ports, and the dials of the observed addresses come to nothing all the same.
 * Some NATs remember a stranger's SYN: they take another port towards it for a while, or let
 * nothing of it in. Then each dial of the one side makes the other's worse, so the sides take
 * turns, and change what they do: who opens takes a fresh port, on which nothing is remembered,
 * learns its mapping by a sample, sends a SYN whose TTL is used up before it reaches the peer's
 * NAT, and tells the peer where to dial. So the opener's NAT is open before the peer's SYN comes to
 * it, and the peer's has never seen a SYN of that port: neither meets a stranger.
 *
 * The opener's socket waits, and the peer's SYN crosses with its own: the system repeats that one
 * with a whole life only after a second, when the peer has dialled.
 */
#include "core/shot.h"
#include "core/state.h"

/* Of one turn after the other: past a home's router and a carrier's NAT right behind it; past NATs
 * further away (no peer is nearer than eight hops); not out of the home, for a NAT that is open to
 * everybody, but lets no SYNs cross, must not have seen one; and past what is very far. */
static const uint8_t ttls[HOP_OPENER_TURNS_MAX] = {3, 5, 1, 7};

/* The plain dials have their time first: an easy pair never gets here. Who missed its turn, for the
 * server did not answer in time, takes the next one. */
int64_t hop_opener_due_us(const hop_core *core, int index) {
    const hop_attempt *attempt = &core->attempts[index];
    const hop_strategy *strategy = &attempt->strategy;
    if (strategy->round >= HOP_OPENER_TURNS_MAX) return INT64_MAX;
    int64_t turn_us = HOP_OPENER_TURN_US + 2 * attempt->way_us;
    int64_t first_us = attempt->start_us + 2 * attempt->look_us;
    if (attempt->role == HOP_ROLE_CONTROLLED) first_us += turn_us;
    if (strategy->phase == HOP_STRATEGY_IDLE) return first_us;
    int64_t turns = (core->now_us - first_us) / (2 * turn_us) + 1; /* ours, so far */
    return first_us + turns * 2 * turn_us;
}

/* A refused plain dial can wait, this one cannot: the other side's depends on it. */
static void fire(hop_core *core, int index, const hop_shot *shot, unsigned ttl) {
    hop_pace_borrow(&core->attempts[index].pace, core->now_us);
    if (hop_shot_dial(core, index, shot))
        hop_strategy_fired(core, index, HOP_STRATEGY_OPENER, ttl, &shot->to);
}

void hop_opener_open(hop_core *core, int index, uint16_t from_port) {
    const hop_attempt *attempt = &core->attempts[index];
    /* There were other rounds before, if our NAT was taken for another until the network changed.
     */
    uint8_t ttl = ttls[(attempt->strategy.round - 1) % HOP_OPENER_TURNS_MAX];
    hop_shot shot = {attempt->observed, true, from_port, ttl, 2 * HOP_ROUND_US};
    fire(core, index, &shot, ttl);
}

void hop_opener_follow(hop_core *core, int index) {
    hop_strategy *strategy = &core->attempts[index].strategy;
    hop_shot shot = {strategy->peer_at, false, 0, 0, 2 * HOP_ROUND_US};
    if (core->now_us < strategy->follow_us) return; /* nobody's turn comes as often */
    strategy->follow_us = core->now_us + HOP_OPENER_TURN_US;
    fire(core, index, &shot, 0);
}
