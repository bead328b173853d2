/* SPDX-License-Identifier: MIT */
/* See toy.h: FNV-1a of all that is to be bound together, stretched by the seeded generator. */
#include "toy.h"

#include <string.h>

#include "base/random.h"

typedef struct toy_hash {
    uint64_t state;
} toy_hash;

static void add(toy_hash *hash, const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash->state = (hash->state ^ at[i]) * UINT64_C(0x100000001B3);
}

static bool finish(const toy_hash *hash, uint8_t *out, size_t size) {
    hop_random random = hop_random_seeded(hash->state);
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++, word >>= 8) {
        if (i % 8 == 0) word = hop_random_next(&random);
        out[i] = (uint8_t)word;
    }
    return true;
}

static toy_hash keyed(char use, const uint8_t *key) {
    toy_hash hash = {UINT64_C(0xCBF29CE484222325)};
    add(&hash, &use, 1);
    add(&hash, key, HOP_KEY_SIZE);
    return hash;
}

static bool derive(void *context, const uint8_t *secret, const uint8_t *salt, size_t salt_size,
                   const char *label, uint8_t *out) {
    toy_hash hash = keyed('d', secret);
    (void)context;
    add(&hash, salt, salt_size);
    add(&hash, label, strlen(label));
    return finish(&hash, out, HOP_KEY_SIZE);
}

static bool mac(void *context, const uint8_t *key, const uint8_t *bytes, size_t size,
                uint8_t *out) {
    toy_hash hash = keyed('m', key);
    (void)context;
    add(&hash, bytes, size);
    return finish(&hash, out, HOP_MAC_SIZE);
}

static void tag(const uint8_t *key, const uint8_t *nonce, const uint8_t *ad, size_t ad_size,
                const uint8_t *plain, size_t size, uint8_t *out) {
    toy_hash hash = keyed('s', key);
    add(&hash, nonce, HOP_SEAL_NONCE_SIZE);
    add(&hash, ad, ad_size);
    add(&hash, plain, size);
    finish(&hash, out, HOP_SEAL_TAG_SIZE);
}

static bool seal(void *context, const uint8_t *key, const uint8_t *nonce, const uint8_t *ad,
                 size_t ad_size, const uint8_t *plain, size_t size, uint8_t *out) {
    (void)context;
    memcpy(out, plain, size);
    tag(key, nonce, ad, ad_size, plain, size, out + size);
    return true;
}

static bool unseal(void *context, const uint8_t *key, const uint8_t *nonce, const uint8_t *ad,
                   size_t ad_size, const uint8_t *sealed, size_t sealed_size, uint8_t *out) {
    uint8_t expected[HOP_SEAL_TAG_SIZE];
    (void)context;
    if (sealed_size < HOP_SEAL_TAG_SIZE) return false;
    size_t size = sealed_size - HOP_SEAL_TAG_SIZE;
    tag(key, nonce, ad, ad_size, sealed, size, expected);
    if (memcmp(expected, sealed + size, HOP_SEAL_TAG_SIZE) != 0) return false;
    memcpy(out, sealed, size);
    return true;
}

static bool public_key(void *context, const uint8_t *seed, uint8_t *out) {
    toy_hash hash = keyed('p', seed);
    (void)context;
    return finish(&hash, out, HOP_KEY_SIZE);
}

/* Whoever knows the public key can sign: it is a toy. */
static bool sign_as(const uint8_t *key, const uint8_t *bytes, size_t size, uint8_t *out) {
    toy_hash hash = keyed('g', key);
    add(&hash, bytes, size);
    return finish(&hash, out, HOP_SIGNATURE_SIZE);
}

static bool sign(void *context, const uint8_t *seed, const uint8_t *bytes, size_t size,
                 uint8_t *out) {
    uint8_t key[HOP_KEY_SIZE];
    return public_key(context, seed, key) && sign_as(key, bytes, size, out);
}

static bool verify(void *context, const uint8_t *key, const uint8_t *bytes, size_t size,
                   const uint8_t *signature) {
    uint8_t expected[HOP_SIGNATURE_SIZE];
    (void)context;
    sign_as(key, bytes, size, expected);
    return memcmp(expected, signature, HOP_SIGNATURE_SIZE) == 0;
}

void toy_crypto(hop_crypto *crypto) {
    crypto->derive = derive;
    crypto->mac = mac;
    crypto->seal = seal;
    crypto->open = unseal;
    crypto->public_key = public_key;
    crypto->sign = sign;
    crypto->verify = verify;
}
