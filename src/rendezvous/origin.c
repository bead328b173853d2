/* SPDX-License-Identifier: MIT */
/*
 * Counts of clients by where they come from, in a hash table with chains.
 */
#include "rendezvous/origin.h"

#include <string.h>

static void make_key(const hop_address *remote, uint8_t key[static HOP_ORIGIN_KEY_SIZE]);
static uint32_t *bucket_of(const hop_origins *origins, const uint8_t *key);
static uint32_t find_or_make(hop_origins *origins, const uint8_t *key);

bool hop_origin_enter(hop_origins *origins, const hop_address *remote, uint32_t *ret_origin) {
    if (hop_address_scope(remote) == HOP_SCOPE_LOOPBACK) {
        *ret_origin = 0;
        return true;
    }
    uint8_t key[HOP_ORIGIN_KEY_SIZE];
    make_key(remote, key);
    uint32_t id = find_or_make(origins, key);
    if (origins->pool[id - 1].count >= origins->client_max) return false;
    origins->pool[id - 1].count++;
    *ret_origin = id;
    return true;
}

/* Not the bits that choose the bucket: those are told by the order of the chains. */
uint16_t hop_origin_slot(const hop_origins *origins, uint32_t origin, uint16_t slot_count) {
    if (origin == 0) return 0;
    const uint8_t *key = origins->pool[origin - 1].key;
    uint64_t hash = hop_hash_bytes(&origins->hash, key, HOP_ORIGIN_KEY_SIZE);
    return (uint16_t)((hash >> 32) % slot_count + 1);
}

void hop_origin_leave(hop_origins *origins, uint32_t origin) {
    if (origin == 0) return;
    hop_origin *record = &origins->pool[origin - 1];
    if (--record->count > 0) return;
    uint32_t *link = bucket_of(origins, record->key);
    while (*link != origin)
        link = &origins->pool[*link - 1].next;
    *link = record->next;
    record->next = origins->free;
    origins->free = origin;
}

static void make_key(const hop_address *remote, uint8_t key[static HOP_ORIGIN_KEY_SIZE]) {
    memset(key, 0, HOP_ORIGIN_KEY_SIZE);
    key[0] = remote->family;
    memcpy(key + 1, remote->ip, remote->family == HOP_FAMILY_IPV4 ? 4 : 8);
}

static uint32_t *bucket_of(const hop_origins *origins, const uint8_t *key) {
    uint64_t hash = hop_hash_bytes(&origins->hash, key, HOP_ORIGIN_KEY_SIZE);
    return &origins->buckets[hash & origins->bucket_mask];
}

static uint32_t find_or_make(hop_origins *origins, const uint8_t *key) {
    uint32_t *bucket = bucket_of(origins, key);
    for (uint32_t id = *bucket; id != 0; id = origins->pool[id - 1].next)
        if (memcmp(origins->pool[id - 1].key, key, HOP_ORIGIN_KEY_SIZE) == 0) return id;
    uint32_t id = origins->free;
    if (id != 0)
        origins->free = origins->pool[id - 1].next;
    else
        id = ++origins->used;
    hop_origin *record = &origins->pool[id - 1];
    memcpy(record->key, key, HOP_ORIGIN_KEY_SIZE);
    record->count = 0;
    record->next = *bucket;
    *bucket = id;
    return id;
}
