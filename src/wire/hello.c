/* SPDX-License-Identifier: MIT */
/*
 * The three messages with which a link proves itself and is chosen. When to send which is the
 * core's affair.
 */
#include "wire/hello.h"

#include "base/cursor.h"

#include <string.h>

#define MAGIC       "HOPC"
#define MAGIC_SIZE  4u
#define VERSION     1
#define SIGNED_SIZE 24u /* all before the MAC */

static bool derive(const hop_crypto *crypto, const uint8_t *secret, const uint8_t *controlling,
                   const uint8_t *controlled, const char *label, uint8_t *ret_key);
static bool is_valid(hop_hello_kind kind, hop_role role, const uint8_t *peer_nonce);
static bool compute_mac(const uint8_t *bytes, const uint8_t *peer_nonce, const hop_crypto *crypto,
                        const uint8_t *key, uint8_t *mac);

bool hop_hello_derive_key(const hop_crypto *crypto, const uint8_t link_secret[static HOP_KEY_SIZE],
                          const uint8_t controlling[static HOP_NONCE_SIZE],
                          const uint8_t controlled[static HOP_NONCE_SIZE],
                          uint8_t ret_key[static HOP_KEY_SIZE]) {
    return derive(crypto, link_secret, controlling, controlled, "hopconn attempt", ret_key);
}

bool hop_hello_derive_psk(const hop_crypto *crypto, const uint8_t key[static HOP_KEY_SIZE],
                          const uint8_t controlling[static HOP_NONCE_SIZE],
                          const uint8_t controlled[static HOP_NONCE_SIZE],
                          uint8_t ret_psk[static HOP_KEY_SIZE]) {
    return derive(crypto, key, controlling, controlled, "hopconn tls", ret_psk);
}

bool hop_hello_encode(const hop_hello *hello, const uint8_t *peer_nonce, const hop_crypto *crypto,
                      const uint8_t key[static HOP_KEY_SIZE],
                      uint8_t bytes[static HOP_HELLO_SIZE]) {
    if (!is_valid(hello->kind, hello->role, peer_nonce)) return false;
    hop_writer writer = hop_writer_make(bytes, HOP_HELLO_SIZE);
    hop_write_bytes(&writer, MAGIC, MAGIC_SIZE);
    hop_write_u8(&writer, VERSION);
    hop_write_u8(&writer, (uint8_t)hello->kind);
    hop_write_u8(&writer, (uint8_t)hello->role);
    hop_write_u8(&writer, 0);
    hop_write_bytes(&writer, hello->nonce, HOP_NONCE_SIZE);
    return compute_mac(bytes, peer_nonce, crypto, key, bytes + SIGNED_SIZE);
}

bool hop_hello_decode(const uint8_t bytes[static HOP_HELLO_SIZE], hop_hello_kind kind,
                      hop_role role, const uint8_t *peer_nonce, const hop_crypto *crypto,
                      const uint8_t key[static HOP_KEY_SIZE], hop_hello *ret_hello) {
    uint8_t mac[HOP_MAC_SIZE];
    hop_hello hello = {.kind = kind, .role = role};
    if (!is_valid(kind, role, peer_nonce) || !hop_hello_looks_like(bytes)) return false;
    hop_reader reader = hop_reader_make(bytes, HOP_HELLO_SIZE);
    (void)hop_read_span(&reader, MAGIC_SIZE + 1);
    /* The role is the sender's: our own hello, thrown back at us, fails here. */
    if (hop_read_u8(&reader) != kind || hop_read_u8(&reader) != role) return false;
    if (hop_read_u8(&reader) != 0) return false;
    hop_read_bytes(&reader, hello.nonce, HOP_NONCE_SIZE);
    if (!compute_mac(bytes, peer_nonce, crypto, key, mac)) return false;
    if (!hop_crypto_equal(mac, bytes + SIGNED_SIZE, HOP_MAC_SIZE)) return false;
    *ret_hello = hello;
    return true;
}

bool hop_hello_looks_like(const uint8_t bytes[static HOP_HELLO_SIZE]) {
    return memcmp(bytes, MAGIC, MAGIC_SIZE) == 0 && bytes[MAGIC_SIZE] == VERSION;
}

static bool derive(const hop_crypto *crypto, const uint8_t *secret, const uint8_t *controlling,
                   const uint8_t *controlled, const char *label, uint8_t *ret_key) {
    uint8_t salt[2 * HOP_NONCE_SIZE];
    uint8_t key[HOP_KEY_SIZE];
    memcpy(salt, controlling, HOP_NONCE_SIZE);
    memcpy(salt + HOP_NONCE_SIZE, controlled, HOP_NONCE_SIZE);
    bool good = crypto->derive(crypto->context, secret, salt, sizeof(salt), label, key);
    if (good) memcpy(ret_key, key, HOP_KEY_SIZE);
    hop_crypto_wipe(key, sizeof(key));
    return good;
}

/* Who may say what: only the controlling side nominates, only the controlled side confirms, and
 * both do so as an answer to the other's hello. */
static bool is_valid(hop_hello_kind kind, hop_role role, const uint8_t *peer_nonce) {
    switch (kind) {
    case HOP_HELLO_HELLO:
        return peer_nonce == NULL && (role == HOP_ROLE_UNSETTLED || role == HOP_ROLE_CONTROLLING ||
                                      role == HOP_ROLE_CONTROLLED);
    case HOP_HELLO_CONFIRM: return peer_nonce != NULL && role == HOP_ROLE_CONTROLLED;
    case HOP_HELLO_NOMINATE: return peer_nonce != NULL && role == HOP_ROLE_CONTROLLING;
    }
    return false;
}

static bool compute_mac(const uint8_t *bytes, const uint8_t *peer_nonce, const hop_crypto *crypto,
                        const uint8_t *key, uint8_t *mac) {
    uint8_t covered[SIGNED_SIZE + HOP_NONCE_SIZE];
    size_t size = SIGNED_SIZE;
    memcpy(covered, bytes, SIGNED_SIZE);
    if (peer_nonce != NULL) {
        memcpy(covered + size, peer_nonce, HOP_NONCE_SIZE);
        size += HOP_NONCE_SIZE;
    }
    return crypto->mac(crypto->context, key, covered, size, mac);
}
