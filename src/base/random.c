/* SPDX-License-Identifier: MIT */
/*
 * SplitMix64: a counter that walks by the golden ratio, and a mixer of its bits (Steele, Lea,
 * Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
 */
#include "base/random.h"

hop_random hop_random_seeded(uint64_t seed) {
    return (hop_random){.state = seed};
}

uint64_t hop_random_next(hop_random *random) {
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}

uint64_t hop_random_between(hop_random *random, uint64_t low, uint64_t high) {
    if (high - low == UINT64_MAX) return hop_random_next(random);
    uint64_t count = high - low + 1;
    /* The first 2^64 mod count values would make the low results likelier than the rest. */
    uint64_t surplus = (UINT64_MAX - count + 1) % count;
    uint64_t value;
    do
        value = hop_random_next(random);
    while (value < surplus);
    return low + value % count;
}
