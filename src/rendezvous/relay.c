/* SPDX-License-Identifier: MIT */
/*
 * Tables of passes and relays, two lists through the relays, one token bucket for all of them. See
 * relay.h.
 */
#include "rendezvous/relay.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"

/* In one turn as much as in 20 ms: short turns are fair, long ones are cheap. */
#define TURNS_PER_SECOND 50
#define TURN_MIN         ((uint64_t)4 * 1024)

static hop_relay *relay_at(const hop_relays *relays, uint32_t relay);
static hop_relay_pass *pass_at(const hop_relays *relays, uint32_t pass);
static void append_idle(hop_relays *relays, uint32_t id);
static void remove_idle(hop_relays *relays, uint32_t id);
static void leave_line(hop_relays *relays, uint32_t id);
static int64_t turn_size(const hop_relays *relays);
static void refill(hop_relays *relays, int64_t now_us);

hop_relay_config hop_relay_config_full(const hop_relay_config *config) {
    hop_relay_config full = *config;
    if (!full.on) return (hop_relay_config){.on = false};
    if (full.max == 0) full.max = 256;
    if (full.room_max == 0) full.room_max = 8;
    if (full.pass_max == 0) full.pass_max = 4096;
    if (full.pass_us == 0) full.pass_us = 120 * HOP_S;
    if (full.wait_us == 0) full.wait_us = 30 * HOP_S;
    if (full.idle_us == 0) full.idle_us = 7440 * HOP_S;
    return full;
}

/* --- who may --- */

/* When the ring is full the oldest goes: its sides come with the START or not at all. */
void hop_relay_allow(hop_relays *relays, const uint8_t room[static HOP_KEY_SIZE],
                     const uint8_t nonce[static HOP_NONCE_SIZE], int64_t now_us) {
    if (!relays->config.on) return;
    uint32_t max = relays->config.pass_max;
    hop_relay_pass *pass = &relays->passes[(relays->pass_first + relays->pass_count) % max];
    if (relays->pass_count == max)
        relays->pass_first = (relays->pass_first + 1) % max;
    else
        relays->pass_count++;
    memset(pass, 0, sizeof(*pass));
    memcpy(pass->nonce, nonce, HOP_NONCE_SIZE);
    memcpy(pass->room, room, HOP_KEY_SIZE);
    pass->made_us = now_us;
}

/* Newest first: who comes comes soon. */
uint32_t hop_relay_find(const hop_relays *relays, const uint8_t room[static HOP_KEY_SIZE],
                        const uint8_t nonce[static HOP_NONCE_SIZE], int64_t now_us) {
    for (uint32_t i = relays->pass_count; i-- > 0;) {
        uint32_t at = (relays->pass_first + i) % relays->config.pass_max;
        const hop_relay_pass *pass = &relays->passes[at];
        if (pass->made_us + relays->config.pass_us < now_us) return 0;
        if (memcmp(pass->nonce, nonce, HOP_NONCE_SIZE) == 0 &&
            memcmp(pass->room, room, HOP_KEY_SIZE) == 0)
            return at + 1;
    }
    return 0;
}

bool hop_relay_has_room(const hop_relays *relays, const uint8_t room[static HOP_KEY_SIZE]) {
    if (relays->count >= relays->config.max) return false;
    unsigned count = 0;
    for (uint32_t id = relays->idle_first; id != 0; id = relay_at(relays, id)->after)
        count += memcmp(relay_at(relays, id)->room, room, HOP_KEY_SIZE) == 0;
    return count < relays->config.room_max;
}

bool hop_relay_take(hop_relays *relays, uint32_t pass, unsigned side, uint32_t client) {
    uint32_t *place = &pass_at(relays, pass)->sides[side];
    if (*place != 0) return false;
    *place = client;
    return true;
}

/* The ring may have come round meanwhile: then this is another START's, and not the client's. */
void hop_relay_give_back(hop_relays *relays, uint32_t pass, uint32_t client) {
    hop_relay_pass *record = pass_at(relays, pass);
    for (unsigned i = 0; i < 2; i++)
        if (record->sides[i] == client) record->sides[i] = 0;
}

/* --- those that run --- */

uint32_t hop_relay_begin(hop_relays *relays, uint32_t pass, int64_t now_us) {
    const hop_relay_pass *record = pass_at(relays, pass);
    if (record->sides[0] == 0 || record->sides[1] == 0) return 0;
    assert(relays->count < relays->config.max);
    uint32_t id = relays->free;
    if (id != 0)
        relays->free = relay_at(relays, id)->next;
    else
        id = ++relays->used;
    hop_relay *relay = relay_at(relays, id);
    memset(relay, 0, sizeof(*relay));
    memcpy(relay->sides, record->sides, sizeof(relay->sides));
    memcpy(relay->room, record->room, HOP_KEY_SIZE);
    relay->pass = pass;
    relay->began_us = relay->moved_us = now_us;
    append_idle(relays, id);
    relays->count++;
    return id;
}

void hop_relay_end(hop_relays *relays, uint32_t id) {
    hop_relay *relay = relay_at(relays, id);
    for (unsigned i = 0; i < 2; i++)
        hop_relay_give_back(relays, relay->pass, relay->sides[i]);
    leave_line(relays, id);
    remove_idle(relays, id);
    relay->sides[0] = relay->sides[1] = 0;
    relay->next = relays->free;
    relays->free = id;
    relays->count--;
}

hop_relay *hop_relay_of(const hop_relays *relays, uint32_t relay) {
    return relay_at(relays, relay);
}

uint32_t hop_relay_idle(const hop_relays *relays, int64_t now_us) {
    return hop_relay_idle_us(relays) <= now_us ? relays->idle_first : 0;
}

int64_t hop_relay_idle_us(const hop_relays *relays) {
    if (relays->idle_first == 0) return INT64_MAX;
    return relay_at(relays, relays->idle_first)->moved_us + relays->config.idle_us;
}

/* --- the bound on bytes a second --- */

/* Who comes while others wait goes behind them: each gets one turn in a round of the line. */
size_t hop_relay_ask(hop_relays *relays, uint32_t id, int64_t now_us) {
    hop_relay *relay = relay_at(relays, id);
    if (relays->config.rate == 0) return HOP_RELAY_CHUNK;
    if (relay->in_line) return 0;
    refill(relays, now_us);
    bool first = relay->has_turn || relays->line_first == 0;
    relay->has_turn = false;
    if (first && relays->level >= turn_size(relays)) return (size_t)turn_size(relays);
    relay->in_line = true;
    relay->next = 0;
    if (relays->line_last != 0)
        relay_at(relays, relays->line_last)->next = id;
    else
        relays->line_first = id;
    relays->line_last = id;
    return 0;
}

void hop_relay_moved(hop_relays *relays, uint32_t id, unsigned side, size_t size, int64_t now_us) {
    hop_relay *relay = relay_at(relays, id);
    if (size == 0) return;
    relay->bytes[side] += size;
    relay->moved_us = now_us;
    remove_idle(relays, id);
    append_idle(relays, id);
    if (relays->config.rate != 0) relays->level -= (int64_t)size;
}

uint32_t hop_relay_turn(hop_relays *relays, int64_t now_us) {
    uint32_t id = relays->line_first;
    if (id == 0 || hop_relay_turn_us(relays) > now_us) return 0;
    leave_line(relays, id);
    relay_at(relays, id)->has_turn = true;
    return id;
}

int64_t hop_relay_turn_us(const hop_relays *relays) {
    if (relays->line_first == 0) return INT64_MAX;
    int64_t missing = turn_size(relays) - relays->level;
    if (missing <= 0) return relays->level_us;
    return relays->level_us + (missing * HOP_S) / (int64_t)relays->config.rate + 1;
}

/* --- small things --- */

static hop_relay *relay_at(const hop_relays *relays, uint32_t relay) {
    return &relays->pool[relay - 1];
}

static hop_relay_pass *pass_at(const hop_relays *relays, uint32_t pass) {
    return &relays->passes[pass - 1];
}

static void append_idle(hop_relays *relays, uint32_t id) {
    hop_relay *relay = relay_at(relays, id);
    relay->before = relays->idle_last;
    relay->after = 0;
    if (relays->idle_last != 0)
        relay_at(relays, relays->idle_last)->after = id;
    else
        relays->idle_first = id;
    relays->idle_last = id;
}

static void remove_idle(hop_relays *relays, uint32_t id) {
    const hop_relay *relay = relay_at(relays, id);
    if (relay->before != 0)
        relay_at(relays, relay->before)->after = relay->after;
    else
        relays->idle_first = relay->after;
    if (relay->after != 0)
        relay_at(relays, relay->after)->before = relay->before;
    else
        relays->idle_last = relay->before;
}

/* Mostly the first; else somebody has ended while he waited. */
static void leave_line(hop_relays *relays, uint32_t id) {
    hop_relay *relay = relay_at(relays, id);
    if (!relay->in_line) return;
    uint32_t before = 0;
    for (uint32_t at = relays->line_first; at != id; at = relay_at(relays, at)->next)
        before = at;
    if (before != 0)
        relay_at(relays, before)->next = relay->next;
    else
        relays->line_first = relay->next;
    if (relays->line_last == id) relays->line_last = before;
    relay->in_line = false;
    relay->next = 0;
}

static int64_t turn_size(const hop_relays *relays) {
    uint64_t size = relays->config.rate / TURNS_PER_SECOND;
    if (size < TURN_MIN) size = TURN_MIN;
    return (int64_t)(size < HOP_RELAY_CHUNK ? size : HOP_RELAY_CHUNK);
}

/* A tenth of a second may be saved up, or one turn where that is more. */
static void refill(hop_relays *relays, int64_t now_us) {
    int64_t most = (int64_t)(relays->config.rate / 10);
    if (most < turn_size(relays)) most = turn_size(relays);
    int64_t rate = (int64_t)relays->config.rate;
    int64_t passed_us = now_us - relays->level_us;
    if (passed_us > HOP_S) {
        relays->level_us = now_us - HOP_S;
        passed_us = HOP_S;
    }
    /* What is less than a byte stays with the time. */
    int64_t gained = passed_us * rate / HOP_S;
    relays->level_us += gained * HOP_S / rate;
    relays->level += gained;
    if (relays->level > most) relays->level = most;
}
