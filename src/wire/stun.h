/* SPDX-License-Identifier: MIT */
/*
 * STUN messages (RFC 8489) as bytes: the header, attributes, the framing on TCP. What our own
 * methods carry is in wire/message.h; this file knows only the format and the attributes every STUN
 * speaker has.
 */
#ifndef HOP_WIRE_STUN_H
#define HOP_WIRE_STUN_H

#include "base/address.h"
#include "base/cursor.h"
#include "base/limits.h"

#define HOP_STUN_HEADER_SIZE      20
#define HOP_STUN_TRANSACTION_SIZE 12
#define HOP_STUN_COOKIE           0x2112A442u

typedef enum hop_stun_class {
    HOP_STUN_REQUEST = 0,
    HOP_STUN_INDICATION = 1,
    HOP_STUN_SUCCESS = 2,
    HOP_STUN_ERROR = 3
} hop_stun_class;

/* Methods. Binding is RFC 8489's; the others are ours (docs/protocol.md). */
typedef enum hop_stun_method {
    HOP_STUN_BINDING = 0x001,
    HOP_STUN_REGISTER = 0x0F1,
    HOP_STUN_KNOCK = 0x0F2,
    HOP_STUN_START = 0x0F3,
    HOP_STUN_TELL = 0x0F4,
    HOP_STUN_RELAY = 0x0F5
} hop_stun_method;

/* Attributes. 0x7Exx are ours, comprehension-required; a plain STUN client never meets them. */
typedef enum hop_stun_attribute_type {
    HOP_STUN_MAPPED_ADDRESS = 0x0001,
    HOP_STUN_CHANGE_REQUEST = 0x0003, /* RFC 5780 */
    HOP_STUN_USERNAME = 0x0006,
    HOP_STUN_MESSAGE_INTEGRITY = 0x0008,
    HOP_STUN_ERROR_CODE = 0x0009,
    HOP_STUN_UNKNOWN_ATTRIBUTES = 0x000A,
    HOP_STUN_REALM = 0x0014,
    HOP_STUN_NONCE = 0x0015,
    HOP_STUN_MESSAGE_INTEGRITY_SHA256 = 0x001C,
    HOP_STUN_USERHASH = 0x001E,
    HOP_STUN_XOR_MAPPED_ADDRESS = 0x0020,
    HOP_STUN_PRIORITY = 0x0024,      /* RFC 8445 */
    HOP_STUN_USE_CANDIDATE = 0x0025, /* RFC 8445 */
    HOP_STUN_SOFTWARE = 0x8022,
    HOP_STUN_FINGERPRINT = 0x8028,
    HOP_STUN_RESPONSE_ORIGIN = 0x802B, /* RFC 5780 */
    HOP_STUN_OTHER_ADDRESS = 0x802C,   /* RFC 5780 */
    HOP_STUN_ROOM = 0x7E01,            /* 32 bytes: Ed25519 public key */
    HOP_STUN_TIME = 0x7E02,            /* u64: milliseconds since 1970, UTC */
    HOP_STUN_DESCRIPTION = 0x7E03,     /* a sealed description (wire/description.h) */
    HOP_STUN_NONCES = 0x7E04,          /* 1 to 8 nonces of 16 bytes, each good for one attempt */
    HOP_STUN_ROLE = 0x7E05,            /* u32: enum hop_role */
    HOP_STUN_DELAY = 0x7E06,           /* u32: microseconds to wait before the first SYN */
    HOP_STUN_RTT = 0x7E07,             /* u32: microseconds, both peers' RTT to the server added */
    HOP_STUN_XOR_PEER_ADDRESS =
        0x7E08,                 /* the peer's observed address, coded as XOR-MAPPED-ADDRESS */
    HOP_STUN_SIGNATURE = 0x7E09 /* 64 bytes, last: Ed25519 over all that stands before it */
} hop_stun_attribute_type;

typedef struct hop_stun {
    hop_stun_class class_;
    uint16_t method;
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE];
    hop_reader attributes; /* positioned at the first; points into the decoded bytes */
} hop_stun;

typedef struct hop_stun_attribute {
    uint16_t type;
    size_t at; /* offset of the attribute's header from the start of the attributes */
    hop_reader value;
} hop_stun_attribute;

/* The whole message's size from its first 20 bytes, or 0 when this is no STUN message (RFC 8489
 * section 5: first two bits zero, the cookie, a length that is a multiple of 4) or it is larger
 * than HOP_STUN_SIZE_MAX. */
size_t hop_stun_frame_size(const uint8_t header[static HOP_STUN_HEADER_SIZE]);
/* bytes is one whole message. ret_message points into bytes. */
bool hop_stun_decode(const uint8_t *bytes, size_t size, hop_stun *ret_message);
/* Takes the next attribute off message->attributes; false at the end or when the rest is malformed
 * (then message->attributes.failed is set). Padding (RFC 8489 section 14) is skipped. */
bool hop_stun_next(hop_stun *message, hop_stun_attribute *ret_attribute);
/* The value of an XOR-ed (RFC 8489 section 14.2) or plain address attribute. */
bool hop_stun_read_xor_address(const hop_stun *message, hop_reader value, hop_address *ret_address);
bool hop_stun_read_address(hop_reader value, hop_address *ret_address);
/* ERROR-CODE (section 14.8); ret_reason points into the message and has no terminating zero. */
bool hop_stun_read_error(hop_reader value, unsigned *ret_code, const uint8_t **ret_reason,
                         size_t *ret_reason_size);

/* Writing: begin, attributes, end. The writer must start at 0 of its room. */
void hop_stun_begin(hop_writer *writer, hop_stun_class class_, uint16_t method,
                    const uint8_t transaction[static HOP_STUN_TRANSACTION_SIZE]);
void hop_stun_put_bytes(hop_writer *writer, uint16_t type, const void *bytes, size_t size);
void hop_stun_put_u32(hop_writer *writer, uint16_t type, uint32_t value);
void hop_stun_put_u64(hop_writer *writer, uint16_t type, uint64_t value);
void hop_stun_put_xor_address(hop_writer *writer, uint16_t type, const hop_address *address);
void hop_stun_put_address(hop_writer *writer, uint16_t type, const hop_address *address);
void hop_stun_put_error(hop_writer *writer, unsigned code, const char *reason, size_t reason_size);
/* Writes the length into the header. */
void hop_stun_end(hop_writer *writer);

#endif
