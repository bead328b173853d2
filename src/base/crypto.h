/* SPDX-License-Identifier: MIT */
/*
 * The table of cryptographic functions that the pure code is handed, so that it links to no library
 * and a simulated world can be deterministic. The real table is in src/secure/. Every function
 * returns false only when the library underneath fails (then the caller gives up with an error) or,
 * for open and verify, when the input is not genuine.
 */
#ifndef HOP_BASE_CRYPTO_H
#define HOP_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOP_KEY_SIZE        32 /* secrets, derived keys, Ed25519 seeds and public keys */
#define HOP_MAC_SIZE        32
#define HOP_NONCE_SIZE      16 /* ours: of descriptions, registrations and links */
#define HOP_SIGNATURE_SIZE  64
#define HOP_SEAL_NONCE_SIZE 12
#define HOP_SEAL_TAG_SIZE   16

typedef struct hop_crypto {
    void *context; /* handed to every function */
    /* Unpredictable bytes. */
    bool (*random)(void *context, uint8_t *out, size_t size);
    /* HKDF-SHA-256 (RFC 5869): key from a secret, a salt and a label. */
    bool (*derive)(void *context, const uint8_t secret[HOP_KEY_SIZE], const uint8_t *salt,
                   size_t salt_size, const char *label, uint8_t out[HOP_KEY_SIZE]);
    /* HMAC-SHA-256 (RFC 2104). */
    bool (*mac)(void *context, const uint8_t key[HOP_KEY_SIZE], const uint8_t *bytes, size_t size,
                uint8_t out[HOP_MAC_SIZE]);
    /* AES-256-GCM (NIST SP 800-38D); out has room for size + HOP_SEAL_TAG_SIZE. */
    bool (*seal)(void *context, const uint8_t key[HOP_KEY_SIZE],
                 const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                 const uint8_t *plain, size_t size, uint8_t *out);
    /* The reverse; sealed_size counts the tag; out has room for sealed_size - HOP_SEAL_TAG_SIZE. */
    bool (*open)(void *context, const uint8_t key[HOP_KEY_SIZE],
                 const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                 const uint8_t *sealed, size_t sealed_size, uint8_t *out);
    /* Ed25519 (RFC 8032). */
    bool (*public_key)(void *context, const uint8_t seed[HOP_KEY_SIZE], uint8_t out[HOP_KEY_SIZE]);
    bool (*sign)(void *context, const uint8_t seed[HOP_KEY_SIZE], const uint8_t *bytes, size_t size,
                 uint8_t out[HOP_SIGNATURE_SIZE]);
    bool (*verify)(void *context, const uint8_t public_key[HOP_KEY_SIZE], const uint8_t *bytes,
                   size_t size, const uint8_t signature[HOP_SIGNATURE_SIZE]);
} hop_crypto;

/* Equal or not, in a time that tells nothing about where they differ. */
bool hop_crypto_equal(const uint8_t *a, const uint8_t *b, size_t size);
/* Overwrites a secret in a way that the compiler does not remove. */
void hop_crypto_wipe(void *bytes, size_t size);

#endif
