/* SPDX-License-Identifier: MIT */
/*
 * Both NATs are sequential. Each side's i-th dial comes from its own i-th next port; it must go to
 * the port from which the peer dials exactly that. The controlling side dials the peer's next ports
 * upwards, the controlled side downwards from the turn t: where others have moved the controlling
 * side's sequence on by x meanwhile and the other's by y, its i-th dial and the other's j-th meet
 * where i = j + y and t - j = i + x. That is so once for every even t - x - y that is not too
 * large. Two rounds of four serve the odd ones, one after the other: what moves a sequence may well
 * come every second round.
 */
#include "core/shot.h"
#include "core/state.h"

void hop_pair_fire(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    hop_strategy *strategy = &attempt->strategy;
    int turn = HOP_PAIR_TURN + (int)(strategy->round / 2 % 2);
    unsigned count = 0;
    hop_address first = strategy->peer_at;
    int skip = (int)strategy->since; /* those took the first of our next ports */
    for (int i = 1 + skip; i <= HOP_PAIR_WINDOW; i++) {
        int place = attempt->role == HOP_ROLE_CONTROLLING ? i : turn - i;
        int port = (int)strategy->peer_at.port + place * strategy->peer.delta;
        hop_address to = strategy->peer_at;
        if (port < HOP_PORT_DIALLABLE_MIN || port > UINT16_MAX) continue;
        to.port = (uint16_t)port;
        if (!hop_pace_take(&attempt->pace, core->now_us)) break;
        if (!hop_shot_dial(core, index, &(hop_shot){to, true, 0, 0, 2 * HOP_ROUND_US})) break;
        if (count++ == 0) first = to;
    }
    strategy->paired = strategy->round;
    if (count > 0) hop_strategy_fired(core, index, HOP_STRATEGY_PAIR, count, &first);
}
