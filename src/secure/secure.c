/* SPDX-License-Identifier: MIT */
/*
 * The crypto table by OpenSSL 3's EVP interface. Algorithms are fetched once, at the first use, and
 * kept for the life of the program: fetching for every call costs more than the MAC itself.
 */
#include "secure/secure.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;
static EVP_KDF *hkdf;
static EVP_MAC *hmac;
static EVP_CIPHER *aes_gcm;

static bool crypto_random(void *context, uint8_t *out, size_t size);
static bool crypto_derive(void *context, const uint8_t secret[HOP_KEY_SIZE], const uint8_t *salt,
                          size_t salt_size, const char *label, uint8_t out[HOP_KEY_SIZE]);
static bool crypto_mac(void *context, const uint8_t key[HOP_KEY_SIZE], const uint8_t *bytes,
                       size_t size, uint8_t out[HOP_MAC_SIZE]);
static bool crypto_seal(void *context, const uint8_t key[HOP_KEY_SIZE],
                        const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                        const uint8_t *plain, size_t size, uint8_t *out);
static bool crypto_open(void *context, const uint8_t key[HOP_KEY_SIZE],
                        const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                        const uint8_t *sealed, size_t sealed_size, uint8_t *out);
static bool crypto_public_key(void *context, const uint8_t seed[HOP_KEY_SIZE],
                              uint8_t out[HOP_KEY_SIZE]);
static bool crypto_sign(void *context, const uint8_t seed[HOP_KEY_SIZE], const uint8_t *bytes,
                        size_t size, uint8_t out[HOP_SIGNATURE_SIZE]);
static bool crypto_verify(void *context, const uint8_t public_key[HOP_KEY_SIZE],
                          const uint8_t *bytes, size_t size,
                          const uint8_t signature[HOP_SIGNATURE_SIZE]);
static void fetch(void);
static bool fetched(void);
static bool settle(bool good);
static bool run_gcm(EVP_CIPHER_CTX *cipher, const uint8_t *ad, size_t ad_size, const uint8_t *in,
                    size_t size, uint8_t *out);

const hop_crypto *hop_secure_crypto(void) {
    static const hop_crypto table = {
        .random = crypto_random,
        .derive = crypto_derive,
        .mac = crypto_mac,
        .seal = crypto_seal,
        .open = crypto_open,
        .public_key = crypto_public_key,
        .sign = crypto_sign,
        .verify = crypto_verify,
    };
    return &table;
}

static bool crypto_random(void *context, uint8_t *out, size_t size) {
    (void)context;
    ERR_set_mark();
    return settle(size <= INT32_MAX && RAND_bytes(out, (int)size) == 1);
}

static bool crypto_derive(void *context, const uint8_t secret[HOP_KEY_SIZE], const uint8_t *salt,
                          size_t salt_size, const char *label, uint8_t out[HOP_KEY_SIZE]) {
    (void)context;
    ERR_set_mark();
    if (!fetched()) return settle(false);
    /* OSSL_PARAM has no const; OpenSSL only reads these. */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret,
                                          HOP_KEY_SIZE),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)label,
                                          strlen(label)),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };
    /* RFC 5869 section 2.2: without a salt a string of zeros stands in, which is OpenSSL's way. */
    if (salt_size > 0)
        params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt,
                                                      salt_size);
    EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(hkdf);
    bool good = kdf != NULL && EVP_KDF_derive(kdf, out, HOP_KEY_SIZE, params) == 1;
    EVP_KDF_CTX_free(kdf);
    return settle(good);
}

static bool crypto_mac(void *context, const uint8_t key[HOP_KEY_SIZE], const uint8_t *bytes,
                       size_t size, uint8_t out[HOP_MAC_SIZE]) {
    (void)context;
    ERR_set_mark();
    if (!fetched()) return settle(false);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    size_t written = 0;
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);
    bool good = mac != NULL && EVP_MAC_init(mac, key, HOP_KEY_SIZE, params) == 1 &&
                EVP_MAC_update(mac, bytes, size) == 1 &&
                EVP_MAC_final(mac, out, &written, HOP_MAC_SIZE) == 1 && written == HOP_MAC_SIZE;
    EVP_MAC_CTX_free(mac);
    return settle(good);
}

static bool crypto_seal(void *context, const uint8_t key[HOP_KEY_SIZE],
                        const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                        const uint8_t *plain, size_t size, uint8_t *out) {
    (void)context;
    ERR_set_mark();
    if (!fetched()) return settle(false);
    int extra = 0;
    /* GCM's nonce has 12 bytes unless told otherwise, which is HOP_SEAL_NONCE_SIZE. */
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    bool good =
        cipher != NULL && EVP_EncryptInit_ex2(cipher, aes_gcm, key, nonce, NULL) == 1 &&
        run_gcm(cipher, ad, ad_size, plain, size, out) &&
        EVP_EncryptFinal_ex(cipher, out + size, &extra) == 1 && extra == 0 &&
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, HOP_SEAL_TAG_SIZE, out + size) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return settle(good);
}

static bool crypto_open(void *context, const uint8_t key[HOP_KEY_SIZE],
                        const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                        const uint8_t *sealed, size_t sealed_size, uint8_t *out) {
    (void)context;
    ERR_set_mark();
    if (sealed_size < HOP_SEAL_TAG_SIZE || !fetched()) return settle(false);
    size_t size = sealed_size - HOP_SEAL_TAG_SIZE;
    uint8_t tag[HOP_SEAL_TAG_SIZE];
    uint8_t nothing[HOP_SEAL_TAG_SIZE];
    memcpy(tag, sealed + size, HOP_SEAL_TAG_SIZE);
    int extra = 0;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    bool good = cipher != NULL && EVP_DecryptInit_ex2(cipher, aes_gcm, key, nonce, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, HOP_SEAL_TAG_SIZE, tag) == 1 &&
                run_gcm(cipher, ad, ad_size, sealed, size, out) &&
                EVP_DecryptFinal_ex(cipher, nothing, &extra) == 1 && extra == 0;
    EVP_CIPHER_CTX_free(cipher);
    /* What is not genuine must not be left lying about for somebody to use. */
    if (!good) hop_crypto_wipe(out, size);
    return settle(good);
}

static bool crypto_public_key(void *context, const uint8_t seed[HOP_KEY_SIZE],
                              uint8_t out[HOP_KEY_SIZE]) {
    (void)context;
    ERR_set_mark();
    size_t size = HOP_KEY_SIZE;
    EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, HOP_KEY_SIZE);
    bool good =
        pair != NULL && EVP_PKEY_get_raw_public_key(pair, out, &size) == 1 && size == HOP_KEY_SIZE;
    EVP_PKEY_free(pair);
    return settle(good);
}

static bool crypto_sign(void *context, const uint8_t seed[HOP_KEY_SIZE], const uint8_t *bytes,
                        size_t size, uint8_t out[HOP_SIGNATURE_SIZE]) {
    (void)context;
    ERR_set_mark();
    size_t written = HOP_SIGNATURE_SIZE;
    EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, HOP_KEY_SIZE);
    EVP_MD_CTX *signer = EVP_MD_CTX_new();
    bool good =
        pair != NULL && signer != NULL && EVP_DigestSignInit(signer, NULL, NULL, NULL, pair) == 1 &&
        EVP_DigestSign(signer, out, &written, bytes, size) == 1 && written == HOP_SIGNATURE_SIZE;
    EVP_MD_CTX_free(signer);
    EVP_PKEY_free(pair);
    return settle(good);
}

/* As RFC 8032 has it, a public key of small order (there are eight, all zeros among them) verifies
 * signatures that anybody can make. That is harmless here: a room's name is its key, derived from a
 * seed, so such a key names a room that only its forger uses. */
static bool crypto_verify(void *context, const uint8_t public_key[HOP_KEY_SIZE],
                          const uint8_t *bytes, size_t size,
                          const uint8_t signature[HOP_SIGNATURE_SIZE]) {
    (void)context;
    ERR_set_mark();
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, HOP_KEY_SIZE);
    EVP_MD_CTX *verifier = EVP_MD_CTX_new();
    bool good = key != NULL && verifier != NULL &&
                EVP_DigestVerifyInit(verifier, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(verifier, signature, HOP_SIGNATURE_SIZE, bytes, size) == 1;
    EVP_MD_CTX_free(verifier);
    EVP_PKEY_free(key);
    return settle(good);
}

static void fetch(void) {
    hkdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
    hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

static bool fetched(void) {
    if (pthread_once(&fetch_once, fetch) != 0) return false;
    return hkdf != NULL && hmac != NULL && aes_gcm != NULL;
}

/* A refusal leaves nothing in OpenSSL's queue, where a program's own TLS code would trip over it;
 * what that program left there itself stays. */
static bool settle(bool good) {
    if (good)
        ERR_clear_last_mark();
    else
        ERR_pop_to_mark();
    return good;
}

static bool run_gcm(EVP_CIPHER_CTX *cipher, const uint8_t *ad, size_t ad_size, const uint8_t *in,
                    size_t size, uint8_t *out) {
    int written = 0;
    if (ad_size > INT32_MAX || size > INT32_MAX) return false;
    if (ad_size > 0 && EVP_CipherUpdate(cipher, NULL, &written, ad, (int)ad_size) != 1)
        return false;
    written = 0;
    if (size > 0 && EVP_CipherUpdate(cipher, out, &written, in, (int)size) != 1) return false;
    return (size_t)written == size;
}
