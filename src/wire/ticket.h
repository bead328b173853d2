/* SPDX-License-Identifier: MIT */
/*
 * A ticket: one line of text with the rendezvous server(s) and a 256-bit secret; and the keys that
 * are derived from the secret. Text: "hop1-" and the base64url (RFC 4648 section 5, no padding) of
 *   version u8 = 1, secret 32 bytes, server count u8, each: host size u8, host, port u16; CRC-32
 * u32 where the check sum (ITU V.42, as in STUN's FINGERPRINT) covers all that stands before it.
 */
#ifndef HOP_WIRE_TICKET_H
#define HOP_WIRE_TICKET_H

#include "base/crypto.h"
#include "base/limits.h"

#define HOP_TICKET_TEXT_SIZE 1536 /* the longest text with its terminating zero, rounded up */
#define HOP_PORT_DEFAULT     3478

typedef struct hop_ticket_server {
    char host[HOP_HOST_TEXT_MAX + 1]; /* a name or an address without brackets; ends with a zero */
    uint16_t port;
} hop_ticket_server;

typedef struct hop_ticket {
    uint8_t secret[HOP_KEY_SIZE];
    hop_ticket_server servers[HOP_TICKET_SERVERS_MAX];
    unsigned server_count; /* at least 1 in a ticket that was decoded */
} hop_ticket;

/* All that a ticket's secret is used for; the labels keep the uses apart. */
typedef struct hop_ticket_keys {
    uint8_t room_seed[HOP_KEY_SIZE]; /* Ed25519 seed */
    uint8_t room[HOP_KEY_SIZE];      /* its public key: all that a server learns */
    uint8_t seal[HOP_KEY_SIZE];      /* seals descriptions end to end */
    uint8_t link[HOP_KEY_SIZE];      /* from it each attempt's link key is derived */
} hop_ticket_keys;

/* Leading and trailing white space is ignored. False: not a ticket. */
bool hop_ticket_decode(const char *text, size_t size, hop_ticket *ret_ticket);
/* Returns the text's length without its terminating zero; 0 when a field is out of bounds. */
size_t hop_ticket_encode(const hop_ticket *ticket, char text[static HOP_TICKET_TEXT_SIZE]);
/* "host", "host:port", "[ip6]:port", "ip6": splits into host and port (default 3478). The host must
 * be an address or letters, digits, '-', '.', '_'. False: not that. */
bool hop_ticket_server_parse(const char *text, size_t size, hop_ticket_server *ret_server);
bool hop_ticket_derive(const hop_crypto *crypto, const uint8_t secret[static HOP_KEY_SIZE],
                       hop_ticket_keys *ret_keys);

#endif
