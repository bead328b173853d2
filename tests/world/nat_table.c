/* SPDX-License-Identifier: MIT */
/*
 * One array of entries, chained by four hashes. What is over stays until room is needed.
 */
#include "nat_table.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 16

enum { INDEXES = 4 };

static uint32_t hash_of(const hop_address *one, const hop_address *other);
static uint32_t bucket(const nat_table *table, nat_index index, const nat_entry *entry);
static const nat_entry *first(const nat_table *table, nat_index index, const hop_address *one,
                              const hop_address *other);
static const nat_entry *after(const nat_table *table, nat_index index, const nat_entry *entry);
static void link_entry(nat_table *table, uint32_t at);
static void make_room(nat_table *table, int64_t now_us);
static void sweep(nat_table *table, int64_t now_us);

nat_entry *nat_table_out(const nat_table *table, int64_t now_us, const hop_address *inside,
                         const hop_address *remote) {
    const nat_entry *entry = first(table, NAT_BY_INSIDE_REMOTE, inside, remote);
    for (; entry != NULL; entry = after(table, NAT_BY_INSIDE_REMOTE, entry))
        if (entry->until_us > now_us && hop_address_equal(&entry->inside, inside) &&
            hop_address_equal(&entry->remote, remote))
            return &table->entries[entry - table->entries];
    return NULL;
}

nat_entry *nat_table_in(const nat_table *table, int64_t now_us, const hop_address *public,
                        const hop_address *remote) {
    const nat_entry *entry = first(table, NAT_BY_PUBLIC_REMOTE, public, remote);
    for (; entry != NULL; entry = after(table, NAT_BY_PUBLIC_REMOTE, entry))
        if (entry->until_us > now_us && hop_address_equal(&entry->public, public) &&
            hop_address_equal(&entry->remote, remote))
            return &table->entries[entry - table->entries];
    return NULL;
}

nat_entry *nat_table_mapping(const nat_table *table, int64_t now_us, const hop_address *inside,
                             const hop_address *key) {
    const nat_entry *entry = first(table, NAT_BY_INSIDE, inside, NULL);
    for (; entry != NULL; entry = after(table, NAT_BY_INSIDE, entry))
        if (entry->until_us > now_us && hop_address_equal(&entry->inside, inside) &&
            (key == NULL || hop_address_equal(&entry->key, key)))
            return &table->entries[entry - table->entries];
    return NULL;
}

nat_entry *nat_table_public(const nat_table *table, int64_t now_us, const hop_address *public,
                            const hop_address *remote) {
    const nat_entry *entry = first(table, NAT_BY_PUBLIC, public, NULL);
    for (; entry != NULL; entry = after(table, NAT_BY_PUBLIC, entry))
        if (entry->until_us > now_us && hop_address_equal(&entry->public, public) &&
            (remote == NULL || hop_address_same_ip(&entry->remote, remote)))
            return &table->entries[entry - table->entries];
    return NULL;
}

nat_entry *nat_table_add(nat_table *table, int64_t now_us, const nat_entry *entry) {
    if (table->free == NAT_NONE && table->used == table->room) make_room(table, now_us);
    uint32_t at = table->free;
    if (at != NAT_NONE)
        table->free = table->entries[at].next[0];
    else
        at = table->used++;
    nat_entry *made = &table->entries[at];
    *made = *entry;
    table->count++;
    link_entry(table, at);
    return made;
}

void nat_table_remove(nat_table *table, nat_entry *entry) {
    uint32_t at = (uint32_t)(entry - table->entries);
    for (unsigned index = 0; index < INDEXES; index++) {
        uint32_t *link = &table->heads[index * table->room + bucket(table, index, entry)];
        while (*link != at)
            link = &table->entries[*link].next[index];
        *link = entry->next[index];
    }
    entry->until_us = INT64_MIN;
    entry->next[0] = table->free;
    table->free = at;
    table->count--;
}

uint32_t nat_table_count(nat_table *table, int64_t now_us) {
    sweep(table, now_us);
    return table->count;
}

void nat_table_clear(nat_table *table) {
    free(table->entries);
    free(table->heads);
    *table = (nat_table){.free = NAT_NONE};
}

static uint32_t hash_of(const hop_address *one, const hop_address *other) {
    uint64_t mixed = 0;
    for (const hop_address *address = one; address != NULL;
         address = address == one ? other : NULL) {
        uint64_t high, low;
        memcpy(&high, address->ip, sizeof(high));
        memcpy(&low, address->ip + 8, sizeof(low));
        mixed = (mixed ^ high ^ address->port) * UINT64_C(0x9E3779B97F4A7C15);
        mixed = (mixed ^ mixed >> 29 ^ low) * UINT64_C(0xD6E8FEB86659FD93);
    }
    return (uint32_t)(mixed >> 32);
}

static uint32_t bucket(const nat_table *table, nat_index index, const nat_entry *entry) {
    bool in = index == NAT_BY_PUBLIC || index == NAT_BY_PUBLIC_REMOTE;
    bool with_remote = index == NAT_BY_INSIDE_REMOTE || index == NAT_BY_PUBLIC_REMOTE;
    return hash_of(in ? &entry->public : &entry->inside, with_remote ? &entry->remote : NULL) &
           (table->room - 1);
}

static const nat_entry *first(const nat_table *table, nat_index index, const hop_address *one,
                              const hop_address *other) {
    if (table->room == 0) return NULL;
    uint32_t at = table->heads[index * table->room + (hash_of(one, other) & (table->room - 1))];
    return at == NAT_NONE ? NULL : &table->entries[at];
}

static const nat_entry *after(const nat_table *table, nat_index index, const nat_entry *entry) {
    uint32_t at = entry->next[index];
    return at == NAT_NONE ? NULL : &table->entries[at];
}

static void link_entry(nat_table *table, uint32_t at) {
    nat_entry *entry = &table->entries[at];
    for (unsigned index = 0; index < INDEXES; index++) {
        uint32_t *head = &table->heads[index * table->room + bucket(table, index, entry)];
        entry->next[index] = *head;
        *head = at;
    }
}

/* What is over goes first. Then the array doubles, and all are chained anew. */
static void make_room(nat_table *table, int64_t now_us) {
    if (table->room > 0) sweep(table, now_us);
    if (table->free != NAT_NONE) return;
    uint32_t room = table->room > 0 ? 2 * table->room : ROOM_FIRST;
    nat_entry *entries = realloc(table->entries, room * sizeof(*entries));
    uint32_t *heads = realloc(table->heads, INDEXES * room * sizeof(*heads));
    if (entries == NULL || heads == NULL) abort();
    table->entries = entries;
    table->heads = heads;
    table->room = room;
    table->free = NAT_NONE;
    for (uint32_t i = 0; i < INDEXES * room; i++)
        heads[i] = NAT_NONE;
    for (uint32_t i = 0; i < table->used; i++)
        link_entry(table, i);
}

static void sweep(nat_table *table, int64_t now_us) {
    for (uint32_t i = 0; i < table->used; i++) {
        nat_entry *entry = &table->entries[i];
        if (entry->until_us != INT64_MIN && entry->until_us <= now_us)
            nat_table_remove(table, entry);
    }
}
