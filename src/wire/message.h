/* SPDX-License-Identifier: MIT */
/*
 * What peers and rendezvous server say to each other: STUN messages (wire/stun.h) of our own
 * methods as plain structs, encoder and decoder side by side. One struct holds whatever message it
 * is; the kind says which fields count. docs/protocol.md has the table of fields.
 */
#ifndef HOP_WIRE_MESSAGE_H
#define HOP_WIRE_MESSAGE_H

#include "base/address.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "wire/description.h"
#include "wire/role.h"
#include "wire/stun.h"

#define HOP_MESSAGE_NONCES_MAX 8

typedef enum hop_message_kind {
    HOP_MESSAGE_BINDING,         /* request; also our keepalive */
    HOP_MESSAGE_BINDING_ANSWER,  /* mapped, other (optional) */
    HOP_MESSAGE_REGISTER,        /* request: room, time_ms, sealed, nonces, signature */
    HOP_MESSAGE_REGISTER_ANSWER, /* mapped, other (optional) */
    HOP_MESSAGE_REFRESH,      /* indication: nonces to add to a registration, a new sealed; any */
    HOP_MESSAGE_KNOCK,        /* request: room, time_ms, sealed, signature */
    HOP_MESSAGE_KNOCK_ANSWER, /* mapped, other (optional); START follows as soon as somebody listens
                               */
    HOP_MESSAGE_START,        /* indication: role, delay_us, rtt_us, peer, sealed, nonces[0] */
    HOP_MESSAGE_TELL,  /* indication: nonces[0], sealed; forwarded to the START's other side */
    HOP_MESSAGE_RELAY, /* request: room, time_ms, nonces[0] (the START's), role, signature */
    HOP_MESSAGE_RELAY_ANSWER, /* mapped; the next byte is the other side's */
    HOP_MESSAGE_REFUSAL,      /* error answer to any request: method, error_code, reason, time_ms */
    HOP_MESSAGE_BINDING_INDICATION /* a keepalive that wants no answer (RFC 8489 section 6.1) */
} hop_message_kind;

/* Codes of refusals: RFC 8489's where it has one. */
enum hop_refusal {
    HOP_REFUSAL_MALFORMED = 400,
    HOP_REFUSAL_SIGNATURE = 401,
    HOP_REFUSAL_FORBIDDEN = 403, /* RELAY: this server does not relay */
    HOP_REFUSAL_ALONE = 408,     /* RELAY: the other side has not come */
    HOP_REFUSAL_UNKNOWN_ATTRIBUTE = 420,
    HOP_REFUSAL_MISMATCH = 437, /* RELAY: no START of this room had that nonce, or it is taken */
    HOP_REFUSAL_CLOCK = 438,  /* "stale": time_ms is the server's clock; sign again with it, once */
    HOP_REFUSAL_REPLAY = 439, /* this signature was seen before */
    HOP_REFUSAL_BUSY = 486,   /* a limit is reached; try again later */
    HOP_REFUSAL_SERVER = 500
};

typedef struct hop_message {
    hop_message_kind kind;
    uint16_t method; /* hop_stun_method, of REFUSAL: the method that was refused */
    bool is_request; /* decoded: only a request may be refused, anything else is dropped */
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE];
    uint8_t room[HOP_KEY_SIZE];
    uint64_t time_ms; /* 0: absent */
    uint8_t sealed[HOP_DESCRIPTION_SEALED_SIZE_MAX];
    size_t sealed_size;
    uint8_t nonces[HOP_MESSAGE_NONCES_MAX][HOP_NONCE_SIZE];
    unsigned nonce_count;
    hop_role role;
    uint32_t delay_us;
    uint32_t rtt_us;
    hop_address mapped; /* family NONE: absent */
    hop_address peer;
    hop_address other; /* RFC 5780 OTHER-ADDRESS */
    unsigned error_code;
    char reason[96]; /* ends with a zero; other than printable ASCII is replaced by '?' */
    uint8_t signature[HOP_SIGNATURE_SIZE];
    /* REGISTER, KNOCK and RELAY, decoded: the signature covers this many first bytes. */
    size_t signed_size;
} hop_message;

/* Writes a message. REGISTER, KNOCK and RELAY are signed with room_seed (else NULL). The signature
 * covers the bytes before the SIGNATURE attribute, the header's length field counting the whole
 * message. Returns the size, 0 when it does not fit or signing failed. */
size_t hop_message_encode(const hop_message *message, const hop_crypto *crypto,
                          const uint8_t *room_seed, uint8_t bytes[static HOP_STUN_SIZE_MAX]);

typedef enum hop_message_result {
    HOP_MESSAGE_OK,
    HOP_MESSAGE_MALFORMED,         /* no STUN, or a field is missing, double or of a wrong size */
    HOP_MESSAGE_UNKNOWN_ATTRIBUTE, /* comprehension-required and unknown (RFC 8489 section 6.3.1) */
    HOP_MESSAGE_UNKNOWN_METHOD
} hop_message_result;

/* bytes is one whole STUN message. Unless MALFORMED, ret_message has method, is_request and
 * transaction set, so that a refusal can be answered; everything else only when OK. Signatures are
 * not checked here. */
hop_message_result hop_message_decode(const uint8_t *bytes, size_t size, hop_message *ret_message);
/* Is the decoded REGISTER, KNOCK or RELAY signed by its room? bytes are those that were decoded. */
bool hop_message_verify(const hop_message *message, const uint8_t *bytes, const hop_crypto *crypto);

#endif
