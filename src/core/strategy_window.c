/* SPDX-License-Identifier: MIT */
/*
 * One NAT is sequential, the other one keeps its port: the fixed side dials the ports that the
 * peer's NAT takes next, the sequential side dials once, from a fresh port, so that a fresh mapping
 * is made. Both dial at the same moment: whichever SYN comes first finds the hole that the other
 * side's has made, so it does not matter which of the NATs refuses strangers.
 *
 * The fixed side's dials wait until the sequence has passed them by: a Linux NAT remembers each SYN
 * of ours for two minutes, and what comes in where no dial waits any more is answered by our
 * listener with another sequence number, which that NAT takes for invalid.
 */
#include "core/shot.h"
#include "core/state.h"

/* Those that the sequence has passed, or will not reach soon. Returns how many there are in all. */
static unsigned give_up_others(hop_core *core, int index, unsigned wanted) {
    const hop_strategy *strategy = &core->attempts[index].strategy;
    unsigned held = 0;
    for (int i = HOP_LINKS_PLAIN; i < hop_state_links(core); i++) {
        hop_link *link = &core->links[i];
        held += link->state != HOP_LINK_FREE;
        if (link->state != HOP_LINK_DIALLING || link->index != index) continue;
        int ahead = (int)link->remote.port - (int)strategy->peer_at.port;
        if (strategy->peer.delta < 0) ahead = -ahead;
        int reach = (int)wanted * strategy->peer.delta;
        if (ahead <= 0 || ahead > (reach < 0 ? -reach : reach)) link->deadline_us = core->now_us;
    }
    return held;
}

void hop_window_open(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    hop_strategy *strategy = &attempt->strategy;
    unsigned wanted = strategy->peer_told <= 1 ? HOP_WINDOW_FIRST : HOP_WINDOW_LATER;
    hop_address to = strategy->peer_at;
    hop_address first = to;
    unsigned count = 0;
    unsigned held = give_up_others(core, index, wanted);
    int64_t hold_us = attempt->deadline_us - core->now_us;
    strategy->again_us = INT64_MAX;
    for (int i = 1; i <= (int)wanted && held + count < HOP_WINDOW_HELD_MAX; i++) {
        int port = (int)strategy->peer_at.port + i * strategy->peer.delta;
        if (port < HOP_PORT_DIALLABLE_MIN || port > UINT16_MAX) break;
        to.port = (uint16_t)port;
        if (hop_shot_pending(core, &to)) continue;
        if (!hop_pace_take(&attempt->pace, core->now_us)) break;
        if (!hop_shot_dial(core, index, &(hop_shot){to, false, 0, 0, hold_us})) break;
        if (count++ == 0) first = to;
    }
    if (count > 0) hop_strategy_fired(core, index, HOP_STRATEGY_WINDOW, count, &first);
}

/* Where the peer is nearer than the server, our SYNs are there before its own has left; a NAT of
 * the peer's that refuses strangers ends our dials then, and its RST our holes. */
void hop_window_refused(hop_core *core, int index) {
    hop_strategy *strategy = &core->attempts[index].strategy;
    bool waits = strategy->again_us != INT64_MAX;
    if (strategy->kind != HOP_STRATEGY_WINDOW || strategy->peer.mapping != HOP_NAT_SEQUENTIAL)
        return;
    if (waits || strategy->again_count == HOP_WINDOW_AGAIN_MAX) return;
    strategy->again_us = core->now_us + (HOP_MEET_MARGIN_US << strategy->again_count++);
}

void hop_window_dial(hop_core *core, int index) {
    const hop_address *to = &core->attempts[index].observed;
    unsigned count = hop_shot_dial(core, index, &(hop_shot){*to, true, 0, 0, 2 * HOP_ROUND_US});
    core->attempts[index].strategy.since += count;
    if (count > 0) hop_strategy_fired(core, index, HOP_STRATEGY_WINDOW, count, to);
}
