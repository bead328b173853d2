/* SPDX-License-Identifier: MIT */
/*
 * The handshake of a link: three messages of one fixed size, so that a driver never reads a byte
 * that belongs to the user. "HOPC" 4 bytes, version u8 = 1, kind u8, role u8, zero u8, link nonce
 * 16 bytes, MAC 32 bytes HELLO is each side's first flight and carries its own fresh link nonce.
 * CONFIRM (controlled side) and NOMINATE (controlling side) repeat the sender's link nonce, and
 * their MAC covers the receiver's link nonce as well: recorded bytes are worth nothing on another
 * link. The MAC is HMAC-SHA-256 under the attempt's link key over the first 24 bytes (and the
 * other's link nonce).
 */
#ifndef HOP_WIRE_HELLO_H
#define HOP_WIRE_HELLO_H

#include "base/crypto.h"
#include "wire/role.h"

#define HOP_HELLO_SIZE 56
/* Of a HELLO whose role is UNSETTLED: the nonce's first bytes are the same on all links of the
 * sender's attempt; the side with the greater ones controls (RFC 8445 section 5.2). */
#define HOP_HELLO_TIE_SIZE 8

typedef enum hop_hello_kind {
    HOP_HELLO_HELLO = 1,
    HOP_HELLO_CONFIRM = 2,
    HOP_HELLO_NOMINATE = 3
} hop_hello_kind;

typedef struct hop_hello {
    hop_hello_kind kind;
    hop_role role;                 /* of the sender */
    uint8_t nonce[HOP_NONCE_SIZE]; /* the sender's link nonce */
} hop_hello;

/* The key of one attempt: HKDF(link secret of the ticket, controlling nonce || controlled nonce).
 */
bool hop_hello_derive_key(const hop_crypto *crypto, const uint8_t link_secret[static HOP_KEY_SIZE],
                          const uint8_t controlling[static HOP_NONCE_SIZE],
                          const uint8_t controlled[static HOP_NONCE_SIZE],
                          uint8_t ret_key[static HOP_KEY_SIZE]);
/* A key for what runs above one link, TLS's PSK: fresh, because both link nonces are. */
bool hop_hello_derive_psk(const hop_crypto *crypto, const uint8_t key[static HOP_KEY_SIZE],
                          const uint8_t controlling[static HOP_NONCE_SIZE],
                          const uint8_t controlled[static HOP_NONCE_SIZE],
                          uint8_t ret_psk[static HOP_KEY_SIZE]);
/* peer_nonce is NULL for HELLO, the receiver's link nonce for the others. */
bool hop_hello_encode(const hop_hello *hello, const uint8_t *peer_nonce, const hop_crypto *crypto,
                      const uint8_t key[static HOP_KEY_SIZE], uint8_t bytes[static HOP_HELLO_SIZE]);
/* peer_nonce: NULL for HELLO, else *our* link nonce (we are the receiver). False: not the expected
 * kind and role, malformed, or not made with this key. */
bool hop_hello_decode(const uint8_t bytes[static HOP_HELLO_SIZE], hop_hello_kind kind,
                      hop_role role, const uint8_t *peer_nonce, const hop_crypto *crypto,
                      const uint8_t key[static HOP_KEY_SIZE], hop_hello *ret_hello);
/* Does it begin like a hello at all? Tells an impostor from a stranger who speaks something else.
 */
bool hop_hello_looks_like(const uint8_t bytes[static HOP_HELLO_SIZE]);

#endif
