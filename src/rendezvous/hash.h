/* SPDX-License-Identifier: MIT */
/*
 * A hash under a secret key, for tables whose keys strangers choose. Who does not know the seed
 * cannot make keys that meet in one bucket. Not for anything that needs a real MAC.
 */
#ifndef HOP_RENDEZVOUS_HASH_H
#define HOP_RENDEZVOUS_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct hop_hash {
    uint64_t key[2];
} hop_hash;

hop_hash hop_hash_seeded(uint64_t seed);
/* SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012). */
uint64_t hop_hash_bytes(const hop_hash *hash, const uint8_t *bytes, size_t size);

/* The smallest power of two that is not below count. */
uint32_t hop_hash_buckets(uint32_t count);

#endif
