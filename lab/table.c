/* SPDX-License-Identifier: MIT */
/*
 * Mappings, sessions and the allocation of public ports; see table.h.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

static size_t kind_of(uint8_t protocol);
static size_t bucket(uint64_t a, uint64_t b);
static bool same(struct hop_end a, struct hop_end b);
static struct hop_mapping *lookup(const struct hop_table *table, uint8_t protocol,
                                  struct hop_end inside, struct hop_end key);
static struct hop_mapping *create(struct hop_table *table, uint8_t protocol, struct hop_end inside,
                                  struct hop_end key, struct hop_end remote);
static void forget(struct hop_table *table, struct hop_mapping *mapping);
static bool is_burnt(const struct hop_table *table, uint32_t port, struct hop_end remote);
static uint32_t propose(struct hop_table *table, uint16_t inside_port, uint32_t round);
static void let_others_take(struct hop_table *table);
static bool is_over(const struct hop_table *table, const struct hop_session *session);
static uint32_t draw(struct hop_table *table);

void hop_table_init(struct hop_table *table, const struct hop_rules *rules) {
    memset(table, 0, sizeof *table);
    table->rules = *rules;
    table->random = rules->seed;
    table->next_port = draw(table);
}

struct hop_mapping *hop_table_map(struct hop_table *table, uint8_t protocol, struct hop_end inside,
                                  struct hop_end remote, bool begins) {
    struct hop_end key = remote;
    if (table->rules.map < HOP_SCOPE_PORT) key.port = 0;
    if (table->rules.map < HOP_SCOPE_ADDRESS) key.address = 0;
    /* A mapping made for this remote alone, because of a burnt port, goes first. */
    struct hop_mapping *mapping = lookup(table, protocol, inside, remote);
    if (mapping != NULL) return mapping;
    mapping = lookup(table, protocol, inside, key);
    bool burnt = mapping != NULL && hop_table_session(table, mapping, remote) == NULL &&
                 is_burnt(table, mapping->public_port, remote);
    if (mapping != NULL && !burnt) return mapping;
    return begins ? create(table, protocol, inside, burnt ? remote : key, remote) : NULL;
}

struct hop_mapping *hop_table_find(const struct hop_table *table, uint8_t protocol, uint16_t port) {
    return table->by_port[kind_of(protocol)][port];
}

struct hop_session *hop_table_session(const struct hop_table *table,
                                      const struct hop_mapping *mapping, struct hop_end remote) {
    size_t at = bucket((uintptr_t)mapping, (uint64_t)remote.address << 16 | remote.port);
    struct hop_session *session = table->by_session[at];
    while (session != NULL && (session->mapping != mapping || !same(session->remote, remote)))
        session = session->next_in_bucket;
    return session;
}

struct hop_session *hop_table_open(struct hop_table *table, struct hop_mapping *mapping,
                                   struct hop_end remote) {
    struct hop_session *session = calloc(1, sizeof *session);
    if (session == NULL) return NULL;
    size_t at = bucket((uintptr_t)mapping, (uint64_t)remote.address << 16 | remote.port);
    session->mapping = mapping;
    session->remote = remote;
    session->last_us = table->now_us;
    session->next_in_bucket = table->by_session[at];
    table->by_session[at] = session;
    session->next_of_mapping = mapping->sessions;
    mapping->sessions = session;
    table->session_count++;
    return session;
}

void hop_table_close(struct hop_table *table, struct hop_session *session) {
    struct hop_mapping *mapping = session->mapping;
    struct hop_end remote = session->remote;
    size_t at = bucket((uintptr_t)mapping, (uint64_t)remote.address << 16 | remote.port);
    struct hop_session **link = &table->by_session[at];
    while (*link != session)
        link = &(*link)->next_in_bucket;
    *link = session->next_in_bucket;
    link = &mapping->sessions;
    while (*link != session)
        link = &(*link)->next_of_mapping;
    *link = session->next_of_mapping;
    free(session);
    table->session_count--;
    if (mapping->sessions == NULL) forget(table, mapping);
}

bool hop_table_permits(const struct hop_table *table, const struct hop_mapping *mapping,
                       struct hop_end remote) {
    if (table->rules.filter == HOP_SCOPE_NOTHING) return true;
    if (hop_table_session(table, mapping, remote) != NULL) return true;
    const struct hop_session *session = mapping->sessions;
    if (table->rules.filter == HOP_SCOPE_PORT) return false;
    while (session != NULL && session->remote.address != remote.address)
        session = session->next_of_mapping;
    return session != NULL;
}

void hop_table_burn(struct hop_table *table, uint16_t public_port, struct hop_end remote) {
    if (table->rules.remap == 0) return;
    table->burnt[table->burnt_count++ % HOP_TABLE_BURNT] =
        (struct hop_burnt){.public_port = public_port,
                           .remote = remote,
                           .until_us = table->now_us + (uint64_t)table->rules.remap * 1000};
}

void hop_table_expire(struct hop_table *table, bool all) {
    for (size_t i = 0; i < HOP_TABLE_BUCKETS; i++) {
        struct hop_session *session = table->by_session[i], *next;
        for (; session != NULL; session = next) {
            next = session->next_in_bucket;
            if (all || is_over(table, session)) hop_table_close(table, session);
        }
    }
    if (all) memset(table->burnt, 0, sizeof table->burnt);
}

static size_t kind_of(uint8_t protocol) {
    return protocol == 6 ? 0 : protocol == 17 ? 1 : 2;
}

static size_t bucket(uint64_t a, uint64_t b) {
    uint64_t mixed = (a ^ b * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    return (size_t)(mixed >> 48) % HOP_TABLE_BUCKETS;
}

static bool same(struct hop_end a, struct hop_end b) {
    return a.address == b.address && a.port == b.port;
}

static struct hop_mapping *lookup(const struct hop_table *table, uint8_t protocol,
                                  struct hop_end inside, struct hop_end key) {
    struct hop_mapping *mapping = table->by_inside[bucket(inside.address, inside.port)];
    while (mapping != NULL && (mapping->protocol != protocol || !same(mapping->inside, inside) ||
                               !same(mapping->key, key)))
        mapping = mapping->next_in_bucket;
    return mapping;
}

static struct hop_mapping *create(struct hop_table *table, uint8_t protocol, struct hop_end inside,
                                  struct hop_end key, struct hop_end remote) {
    struct hop_mapping **by_port = table->by_port[kind_of(protocol)];
    uint32_t port = 0, round = 0;
    let_others_take(table);
    do {
        if (round > 70000) return NULL;
        port = propose(table, inside.port, round++);
    } while (by_port[port] != NULL || is_burnt(table, port, remote));
    struct hop_mapping *mapping = calloc(1, sizeof *mapping);
    if (mapping == NULL) return NULL;
    size_t at = bucket(inside.address, inside.port);
    *mapping = (struct hop_mapping){.protocol = protocol,
                                    .public_port = (uint16_t)port,
                                    .inside = inside,
                                    .key = key,
                                    .next_in_bucket = table->by_inside[at]};
    table->by_inside[at] = mapping;
    by_port[port] = mapping;
    table->mapping_count++;
    return mapping;
}

static void forget(struct hop_table *table, struct hop_mapping *mapping) {
    struct hop_end inside = mapping->inside;
    struct hop_mapping **link = &table->by_inside[bucket(inside.address, inside.port)];
    while (*link != mapping)
        link = &(*link)->next_in_bucket;
    *link = mapping->next_in_bucket;
    table->by_port[kind_of(mapping->protocol)][mapping->public_port] = NULL;
    table->mapping_count--;
    free(mapping);
}

static bool is_burnt(const struct hop_table *table, uint32_t port, struct hop_end remote) {
    size_t count = table->burnt_count < HOP_TABLE_BURNT ? table->burnt_count : HOP_TABLE_BURNT;
    for (size_t i = 0; i < count; i++) {
        const struct hop_burnt *burnt = &table->burnt[i];
        if (burnt->public_port == port && same(burnt->remote, remote) &&
            burnt->until_us > table->now_us)
            return true;
    }
    return false;
}

/* What cannot be had as the rule says is taken at random, as real NATs do. */
static uint32_t propose(struct hop_table *table, uint16_t inside_port, uint32_t round) {
    uint32_t size = table->rules.high - table->rules.low + 1;
    if (table->rules.ports == HOP_PORTS_PRESERVE && round == 0) return inside_port;
    if (table->rules.ports == HOP_PORTS_OFFSET && round == 0)
        return table->rules.low + (inside_port + table->rules.step) % size;
    if (table->rules.ports != HOP_PORTS_SEQUENCE) return table->rules.low + draw(table) % size;
    table->next_port += table->rules.step;
    return table->rules.low + table->next_port % size;
}

/* Other customers of the same NAT move the sequence on between our two looks at it. */
static void let_others_take(struct hop_table *table) {
    uint64_t rate = table->rules.foreign;
    if (rate == 0) return;
    if (table->foreign_us == 0) table->foreign_us = table->now_us;
    uint64_t taken = (table->now_us - table->foreign_us) * rate / 1000000;
    table->foreign_us += taken * 1000000 / rate;
    table->next_port += (uint32_t)taken * table->rules.step;
}

static bool is_over(const struct hop_table *table, const struct hop_session *session) {
    uint64_t life_ms = table->rules.syn;
    if (session->out_fin && session->in_fin)
        life_ms = 10000;
    else if (session->out && session->in)
        life_ms = table->rules.idle;
    if (session->mapping->protocol != 6) life_ms = 120000; /* RFC 4787 REQ-5: never below 2 min */
    return table->now_us - session->last_us > life_ms * 1000;
}

static uint32_t draw(struct hop_table *table) {
    uint64_t value = table->random += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(value >> 32);
}
