/* SPDX-License-Identifier: MIT */
/*
 * Signatures that were seen, for as long as their time would still be accepted. A full table takes
 * no more (the caller refuses as busy): to forget an old one early would be to accept its replay.
 * One place has only a share of the table, or a single stranger with a key of his own could fill
 * it.
 */
#ifndef HOP_RENDEZVOUS_REPLAY_H
#define HOP_RENDEZVOUS_REPLAY_H

#include "rendezvous/hash.h"

#include <stdbool.h>

#define HOP_REPLAY_KEY_SIZE 16
/* Places are told apart by a hash: slots 1 to HOP_REPLAY_SLOTS. Slot 0 is without a share. */
#define HOP_REPLAY_SLOTS 256

typedef struct hop_replay_entry {
    uint8_t key[HOP_REPLAY_KEY_SIZE]; /* the signature's first bytes */
    int64_t seen_us;
    uint32_t next; /* in its bucket; 0: none. Entries are counted from 1. */
    uint16_t slot; /* of the place it came from */
} hop_replay_entry;

/* A ring: entries leave in the order in which they came, as all stay equally long. */
typedef struct hop_replay {
    hop_replay_entry *entries;
    uint32_t *buckets;
    hop_hash hash;
    uint32_t entry_max;
    uint32_t bucket_mask;
    uint32_t first; /* position of the oldest in the ring */
    uint32_t count;
    int64_t life_us;
    uint32_t share_max;
    uint32_t shares[HOP_REPLAY_SLOTS + 1]; /* entries by slot */
} hop_replay;

/* What one place may have of so many entries. */
uint32_t hop_replay_share(uint32_t entry_max);

/* Drops what is older than the window. */
void hop_replay_forget(hop_replay *replay, int64_t now_us);
bool hop_replay_seen(const hop_replay *replay, const uint8_t key[static HOP_REPLAY_KEY_SIZE]);
bool hop_replay_full(const hop_replay *replay, uint16_t slot);
/* Only what was verified, not seen before, and only when there is room. */
void hop_replay_remember(hop_replay *replay, const uint8_t key[static HOP_REPLAY_KEY_SIZE],
                         uint16_t slot, int64_t now_us);

#endif
