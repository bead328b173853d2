/* SPDX-License-Identifier: MIT */
/*
 * The memory of signatures: a ring for the order of time, buckets for finding one.
 */
#include "rendezvous/replay.h"

#include <string.h>

static uint32_t *bucket_of(const hop_replay *replay, const uint8_t *key);
static void forget_oldest(hop_replay *replay);

uint32_t hop_replay_share(uint32_t entry_max) {
    uint32_t share = entry_max / 16;
    return share > 64 ? share : 64;
}

void hop_replay_forget(hop_replay *replay, int64_t now_us) {
    while (replay->count > 0 && now_us - replay->entries[replay->first].seen_us > replay->life_us)
        forget_oldest(replay);
    /* From the start again: so a quiet server's ring stays in few pages. */
    if (replay->count == 0) replay->first = 0;
}

bool hop_replay_seen(const hop_replay *replay, const uint8_t key[static HOP_REPLAY_KEY_SIZE]) {
    uint32_t id = *bucket_of(replay, key);
    while (id != 0 && memcmp(replay->entries[id - 1].key, key, HOP_REPLAY_KEY_SIZE) != 0)
        id = replay->entries[id - 1].next;
    return id != 0;
}

bool hop_replay_full(const hop_replay *replay, uint16_t slot) {
    if (slot != 0 && replay->shares[slot] >= replay->share_max) return true;
    return replay->count >= replay->entry_max;
}

void hop_replay_remember(hop_replay *replay, const uint8_t key[static HOP_REPLAY_KEY_SIZE],
                         uint16_t slot, int64_t now_us) {
    uint32_t at = (uint32_t)(((uint64_t)replay->first + replay->count) % replay->entry_max);
    uint32_t *bucket = bucket_of(replay, key);
    hop_replay_entry *entry = &replay->entries[at];
    memcpy(entry->key, key, HOP_REPLAY_KEY_SIZE);
    entry->seen_us = now_us;
    entry->slot = slot;
    replay->shares[slot]++;
    entry->next = *bucket;
    *bucket = at + 1;
    replay->count++;
}

static uint32_t *bucket_of(const hop_replay *replay, const uint8_t *key) {
    uint64_t hash = hop_hash_bytes(&replay->hash, key, HOP_REPLAY_KEY_SIZE);
    return &replay->buckets[hash & replay->bucket_mask];
}

static void forget_oldest(hop_replay *replay) {
    uint32_t id = replay->first + 1;
    uint32_t *link = bucket_of(replay, replay->entries[id - 1].key);
    while (*link != id)
        link = &replay->entries[*link - 1].next;
    *link = replay->entries[id - 1].next;
    replay->shares[replay->entries[id - 1].slot]--;
    replay->first = id == replay->entry_max ? 0 : id;
    replay->count--;
}
