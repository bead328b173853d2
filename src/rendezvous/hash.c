/* SPDX-License-Identifier: MIT */
/*
 * SipHash-2-4: two rounds a word, four at the end.
 */
#include "rendezvous/hash.h"

#include "base/random.h"

static uint64_t turn_left(uint64_t value, unsigned bits);
static void mix(uint64_t v[4], unsigned rounds);
static uint64_t word_at(const uint8_t *bytes, size_t size);

hop_hash hop_hash_seeded(uint64_t seed) {
    hop_random random = hop_random_seeded(seed);
    hop_hash hash;
    hash.key[0] = hop_random_next(&random);
    hash.key[1] = hop_random_next(&random);
    return hash;
}

uint64_t hop_hash_bytes(const hop_hash *hash, const uint8_t *bytes, size_t size) {
    uint64_t v[4] = {
        hash->key[0] ^ UINT64_C(0x736f6d6570736575),
        hash->key[1] ^ UINT64_C(0x646f72616e646f6d),
        hash->key[0] ^ UINT64_C(0x6c7967656e657261),
        hash->key[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word = word_at(bytes + at, 8);
        v[3] ^= word;
        mix(v, 2);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)size << 56 | word_at(bytes + at, size - at);
    v[3] ^= last;
    mix(v, 2);
    v[0] ^= last;
    v[2] ^= 0xFF;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint32_t hop_hash_buckets(uint32_t count) {
    uint32_t buckets = 1;
    while (buckets < count && buckets < UINT32_C(1) << 31)
        buckets <<= 1;
    return buckets;
}

static uint64_t turn_left(uint64_t value, unsigned bits) {
    return value << bits | value >> (64 - bits);
}

static void mix(uint64_t v[4], unsigned rounds) {
    for (unsigned i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = turn_left(v[1], 13) ^ v[0];
        v[3] = turn_left(v[3], 16) ^ v[2];
        v[0] = turn_left(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = turn_left(v[1], 17) ^ v[2];
        v[3] = turn_left(v[3], 21) ^ v[0];
        v[2] = turn_left(v[2], 32);
    }
}

static uint64_t word_at(const uint8_t *bytes, size_t size) {
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}
