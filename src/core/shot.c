/* SPDX-License-Identifier: MIT */
/* Shots; see shot.h. */
#include "core/shot.h"

#include "core/state.h"

#define GIVE_UPS_PER_STEP HOP_WINDOW_LATER

bool hop_shot_dial(hop_core *core, int index, const hop_shot *shot) {
    hop_strategy *strategy = &core->attempts[index].strategy;
    if (core->shooter >= 0 && core->shooter != index) return false;
    if (strategy->shot_count >= HOP_SHOTS_TOTAL) return false;
    int number = hop_link_take_shot(core, index);
    if (number < 0) return false;
    core->shooter = index;
    strategy->shot_count++;
    core->links[number].remote = shot->to;
    core->links[number].any_port = shot->any_port;
    core->links[number].deadline_us = core->now_us + shot->hold_us;
    hop_output *connect = hop_output_put(&core->outbox, HOP_OUT_CONNECT);
    connect->link = number;
    connect->address = shot->to;
    connect->any_port = shot->any_port;
    connect->from_port = shot->from_port;
    connect->ttl = shot->ttl;
    return true;
}

bool hop_shot_pending(const hop_core *core, const hop_address *to) {
    for (int i = HOP_LINKS_PLAIN; i < hop_state_links(core); i++)
        if (core->links[i].state != HOP_LINK_FREE && hop_address_equal(&core->links[i].remote, to))
            return true;
    return false;
}

/* What comes in by the hole of a fresh port finds nobody there. */
static void note_spent(hop_core *core, const hop_link *link) {
    if (!link->any_port) hop_spent_note(&core->spent, &link->remote, core->now_us);
}

/* Out of descriptors, or of ports: what is out already may still hit. */
void hop_shot_ended(hop_core *core, int number, hop_reason reason) {
    int index = core->links[number].index;
    if (reason != HOP_REASON_IN_USE) note_spent(core, &core->links[number]);
    hop_strategy *strategy = &core->attempts[index].strategy;
    if (reason == HOP_REASON_LOCAL) strategy->shot_count = HOP_SHOTS_TOTAL;
    if (reason == HOP_REASON_REFUSED || reason == HOP_REASON_UNREACHABLE)
        hop_window_refused(core, index);
}

void hop_shot_clear(hop_core *core, int index) {
    for (int i = HOP_LINKS_PLAIN; core->shooter == index && i < HOP_LINKS_MAX; i++)
        if (core->links[i].state == HOP_LINK_DIALLING) core->links[i].deadline_us = core->now_us;
}

void hop_shot_stop(hop_core *core, int index) {
    if (index < 0 || core->shooter != index) return;
    for (int i = HOP_LINKS_PLAIN; i < HOP_LINKS_MAX; i++) {
        hop_link *link = &core->links[i];
        bool waits = link->state == HOP_LINK_DIALLING || link->state == HOP_LINK_ANSWERING;
        if (waits) note_spent(core, link);
        link->state = HOP_LINK_FREE;
    }
    hop_output_put(&core->outbox, HOP_OUT_SWEEP);
    core->shooter = -1;
}

/* Silence is given up if it is silence still; a handshake that has begun gets more time, once. */
static void give_up(hop_core *core, int number) {
    hop_link *link = &core->links[number];
    if (link->state == HOP_LINK_ANSWERING) {
        hop_link_close(core, number);
        return;
    }
    link->deadline_us = core->now_us + HOP_HELLO_TIMEOUT_US;
    hop_output_put(&core->outbox, HOP_OUT_ABANDON)->link = number;
}

/* Whoever has none out any more, and dials no more by itself, lets another attempt have them. */
static void let_others(hop_core *core, int index) {
    if (core->shooter != index || core->attempts[index].strategy.birthday.running) return;
    for (int i = HOP_LINKS_PLAIN; i < HOP_LINKS_MAX; i++)
        if (core->links[i].state != HOP_LINK_FREE) return;
    core->shooter = -1;
}

void hop_shot_tick(hop_core *core, int index) {
    unsigned count = 0;
    let_others(core, index);
    for (int i = HOP_LINKS_PLAIN; core->shooter == index && i < HOP_LINKS_MAX; i++) {
        hop_link *link = &core->links[i];
        bool dialling = link->state == HOP_LINK_DIALLING || link->state == HOP_LINK_ANSWERING;
        if (!dialling || link->deadline_us > core->now_us) continue;
        if (count++ < GIVE_UPS_PER_STEP)
            give_up(core, i);
        else
            link->deadline_us = core->now_us + HOP_MS;
    }
}

int64_t hop_shot_deadline(const hop_core *core, int index) {
    int64_t soonest = INT64_MAX;
    for (int i = HOP_LINKS_PLAIN; core->shooter == index && i < HOP_LINKS_MAX; i++) {
        const hop_link *link = &core->links[i];
        if (link->state == HOP_LINK_DIALLING || link->state == HOP_LINK_ANSWERING)
            soonest = hop_state_sooner(soonest, link->deadline_us);
    }
    return soonest;
}
