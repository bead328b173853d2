/* SPDX-License-Identifier: MIT */
/*
 * One NAT is random, the other one keeps its port. The random side dials from many ports, the fixed
 * side to many ports, each no port twice: with m of one and n of the other out there are m * n
 * chances in 64512 that two meet (the birthday paradox). Each dial of either side is a hole as long
 * as it is held and a try at all holes of the other side, so it works where either NAT refuses
 * strangers. Where the random side's samples lie close together (a carrier's block of ports), every
 * other dial goes there.
 */
#include "core/shot.h"
#include "core/state.h"

#define PORTS      (UINT16_MAX + 1u)
#define BLOCK_SIZE 1024u

static uint32_t common_divisor(uint32_t a, uint32_t b) {
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A walk through all ports in an order that nobody foresees, and that repeats none. */
static void draw_walk(hop_core *core, hop_birthday *birthday) {
    birthday->low = HOP_PORT_DIALLABLE_MIN;
    birthday->span = PORTS - birthday->low;
    birthday->first = (uint32_t)hop_random_between(&core->random, 0, birthday->span - 1);
    do {
        birthday->stride = (uint32_t)hop_random_between(&core->random, 1, birthday->span - 1);
    } while (common_divisor(birthday->stride, birthday->span) != 1);
}

static void find_block(hop_birthday *birthday, const hop_nat *peer) {
    uint32_t low = peer->port_low;
    uint32_t high = peer->port_high;
    if (low == 0 || high - low >= BLOCK_SIZE) return;
    low = low > BLOCK_SIZE + birthday->low ? low - BLOCK_SIZE : birthday->low;
    high = high + BLOCK_SIZE < PORTS ? high + BLOCK_SIZE : PORTS - 1;
    birthday->near_low = low;
    birthday->near_span = high - low + 1;
}

void hop_birthday_begin(hop_core *core, int index, bool many_ports) {
    hop_attempt *attempt = &core->attempts[index];
    hop_birthday *birthday = &attempt->strategy.birthday;
    if (birthday->running) return;
    birthday->running = true;
    birthday->many_ports = many_ports;
    birthday->pace = hop_pace_make(HOP_SHOTS_PER_SECOND, HOP_SHOTS_BURST);
    draw_walk(core, birthday);
    if (!many_ports) find_block(birthday, &attempt->strategy.peer);
    hop_strategy_fired(core, index, HOP_STRATEGY_BIRTHDAY, HOP_SHOTS_TOTAL, &attempt->observed);
}

static uint16_t next_port(hop_core *core, hop_birthday *birthday) {
    bool near = birthday->near_span > 0 && hop_random_between(&core->random, 0, 1) == 1;
    if (near)
        return (uint16_t)(birthday->near_low +
                          hop_random_between(&core->random, 0, birthday->near_span - 1));
    uint64_t place = birthday->first + (uint64_t)birthday->turn++ * birthday->stride;
    return (uint16_t)(birthday->low + place % birthday->span);
}

void hop_birthday_tick(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    hop_birthday *birthday = &attempt->strategy.birthday;
    while (birthday->running && hop_pace_take(&birthday->pace, core->now_us)) {
        hop_address to = attempt->observed;
        if (!birthday->many_ports) to.port = next_port(core, birthday);
        if (birthday->many_ports || !hop_shot_pending(core, &to))
            hop_shot_dial(core, index,
                          &(hop_shot){to, birthday->many_ports, 0, 0, HOP_SHOT_HOLD_US});
        if (attempt->strategy.shot_count >= HOP_SHOTS_TOTAL) birthday->running = false;
    }
}

int64_t hop_birthday_deadline(const hop_strategy *strategy) {
    return strategy->birthday.running ? hop_pace_ready_us(&strategy->birthday.pace) : INT64_MAX;
}
