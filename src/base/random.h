/* SPDX-License-Identifier: MIT */
/*
 * A small seeded generator (SplitMix64) for jitter and for simulated worlds: one seed, one
 * sequence, on every machine. Not for secrets: those come from the crypto table (base/crypto.h).
 */
#ifndef HOP_BASE_RANDOM_H
#define HOP_BASE_RANDOM_H

#include <stdint.h>

typedef struct hop_random {
    uint64_t state;
} hop_random;

hop_random hop_random_seeded(uint64_t seed);
uint64_t hop_random_next(hop_random *random);
/* Evenly in [low, high], both included; low <= high. */
uint64_t hop_random_between(hop_random *random, uint64_t low, uint64_t high);

#endif
