/* SPDX-License-Identifier: MIT */
/*
 * What `hopconn check` asks of a server, and what it is told: "dial me back, and tell what became
 * of it". STUN messages of method 0x0F6 as one plain struct, encoder and decoder side by side;
 * docs/protocol.md has the table. Who may ask for what is the rendezvous' affair.
 */
#ifndef HOP_WIRE_DIALBACK_H
#define HOP_WIRE_DIALBACK_H

#include "wire/stun.h"

#define HOP_STUN_DIALBACK 0x0F6

/* Comprehension-required, as all of ours (wire/stun.h). */
#define HOP_STUN_DIALBACK_WISH   0x7E10 /* way u8, zero u8, port u16, wait u32 milliseconds */
#define HOP_STUN_DIALBACK_RESULT 0x7E11 /* outcome u8, ICMP type u8, ICMP code u8, zero u8 */

#define HOP_DIALBACK_SIZE_MAX 256 /* no message of these is longer */

/* Why a server does not: RFC 8656 section 19 has these numbers, too. */
#define HOP_DIALBACK_FORBIDDEN  403 /* it does so for nobody, or not to such a port */
#define HOP_DIALBACK_NO_ADDRESS 440 /* it has no second address of this family */

typedef enum hop_dialback_kind {
    HOP_DIALBACK_REQUEST, /* way, port, wait_ms */
    HOP_DIALBACK_ANSWER,  /* source (NONE for WAIT), delay_us: it begins after so long */
    HOP_DIALBACK_TOLD,    /* indication: outcome, icmp_type, icmp_code */
    HOP_DIALBACK_REFUSAL  /* error_code */
} hop_dialback_kind;

typedef enum hop_dialback_way {
    HOP_DIALBACK_OTHER_PORT = 1,    /* from the address that was called, another port */
    HOP_DIALBACK_OTHER_ADDRESS = 2, /* from another address */
    HOP_DIALBACK_CROSS = 3,         /* as OTHER_PORT, deaf to the asker's SYN */
    HOP_DIALBACK_WAIT = 4           /* no dial: says a word after wait_ms */
} hop_dialback_way;

typedef enum hop_dialback_outcome {
    HOP_DIALBACK_UNKNOWN = 0, /* the server could not try */
    HOP_DIALBACK_CONNECTED = 1,
    HOP_DIALBACK_RESET = 2,  /* an RST came */
    HOP_DIALBACK_ICMP = 3,   /* an ICMP error came: icmp_type, icmp_code */
    HOP_DIALBACK_SILENT = 4, /* nothing came */
    HOP_DIALBACK_WAITED = 5  /* of WAIT */
} hop_dialback_outcome;

typedef struct hop_dialback {
    hop_dialback_kind kind;
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE]; /* of TOLD: the request's */
    hop_dialback_way way;
    uint16_t port; /* of the asker's address; 0: the one that the server sees */
    uint32_t wait_ms;
    hop_address source;
    uint32_t delay_us;
    hop_dialback_outcome outcome;
    uint8_t icmp_type;
    uint8_t icmp_code;
    unsigned error_code;
} hop_dialback;

/* Returns the size. */
size_t hop_dialback_encode(const hop_dialback *dialback,
                           uint8_t bytes[static HOP_DIALBACK_SIZE_MAX]);
/* bytes is one whole STUN message. False: it is none of these, or malformed. */
bool hop_dialback_decode(const uint8_t *bytes, size_t size, hop_dialback *ret_dialback);

#endif
