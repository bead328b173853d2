/* SPDX-License-Identifier: MIT */
/*
 * A description: my candidates and a nonce. As bytes it travels sealed through the rendezvous
 * server; as one line of text two users exchange it when there is no server. version u8 = 1, nonce
 * 16 bytes, candidate count u8, each: type u8, family u8, prefix_bits u8, port u16, ip 4 or 16
 * bytes Text: "hopd1-" and the base64url of these bytes and a CRC-32. A decoder refuses more
 * candidates than HOP_CANDIDATES_MAX, unknown families and trailing bytes; it skips candidates of
 * an unknown type.
 */
#ifndef HOP_WIRE_DESCRIPTION_H
#define HOP_WIRE_DESCRIPTION_H

#include "base/address.h"
#include "base/crypto.h"
#include "base/limits.h"

#define HOP_DESCRIPTION_SIZE_MAX (27 + HOP_CANDIDATES_MAX * 21)
#define HOP_DESCRIPTION_SEALED_SIZE_MAX                                                            \
    (HOP_SEAL_NONCE_SIZE + HOP_DESCRIPTION_SIZE_MAX + HOP_SEAL_TAG_SIZE)
#define HOP_DESCRIPTION_TEXT_SIZE 320

typedef enum hop_candidate_type {
    HOP_CANDIDATE_HOST = 1,             /* an address of one of the machine's interfaces */
    HOP_CANDIDATE_SERVER_REFLEXIVE = 2, /* as a server saw it */
    HOP_CANDIDATE_MAPPED = 3,           /* a port mapping on the router (PCP, NAT-PMP, UPnP) */
    HOP_CANDIDATE_RELAYED = 4,
    HOP_CANDIDATE_PEER_REFLEXIVE = 5 /* seen as the source of a link; never on the wire */
} hop_candidate_type;

typedef struct hop_candidate {
    uint8_t type;        /* hop_candidate_type */
    uint8_t prefix_bits; /* of a host candidate: the subnet's prefix length; else 0 */
    hop_address address;
} hop_candidate;

/* How a NAT gives out public ports to one inside port (RFC 4787 section 4.1, RFC 5382). */
typedef enum hop_nat_mapping {
    HOP_NAT_UNKNOWN = 0,
    HOP_NAT_NONE = 1,        /* the public address is the machine's own */
    HOP_NAT_INDEPENDENT = 2, /* one port towards everybody */
    HOP_NAT_DEPENDENT = 3,   /* another port for each address, the same for its ports */
    HOP_NAT_SEQUENTIAL = 4,  /* the next but delta for each address and port */
    HOP_NAT_RANDOM = 5       /* any other for each address and port */
} hop_nat_mapping;

typedef struct hop_nat {
    uint8_t mapping;   /* hop_nat_mapping */
    bool preserving;   /* public ports are the inside ones */
    int16_t delta;     /* SEQUENTIAL: from one mapping's port to the next one's; else 0 */
    uint16_t port_low; /* all public ports seen lie between these; 0: none was seen */
    uint16_t port_high;
} hop_nat;

typedef struct hop_description {
    uint8_t nonce[HOP_NONCE_SIZE];
    hop_nat nat;
    uint8_t round; /* of a TELL: its number in the attempt, from 1; else 0 */
    hop_candidate candidates[HOP_CANDIDATES_MAX];
    unsigned candidate_count;
} hop_description;

/* Returns the size written; 0 when a field is out of bounds. */
size_t hop_description_encode(const hop_description *description,
                              uint8_t bytes[static HOP_DESCRIPTION_SIZE_MAX]);
bool hop_description_decode(const uint8_t *bytes, size_t size, hop_description *ret_description);

/* Text with a terminating zero; the length without it, or 0. White space around it is ignored. */
size_t hop_description_print(const hop_description *description,
                             char text[static HOP_DESCRIPTION_TEXT_SIZE]);
bool hop_description_parse(const char *text, size_t size, hop_description *ret_description);

/* What a sealed description is for: bound into the seal, so that a server cannot hand a description
 * of one kind back as one of the other. */
typedef enum hop_seal_use {
    HOP_SEAL_REGISTER = 1,
    HOP_SEAL_KNOCK = 2,
    HOP_SEAL_TELL = 3 /* nonce: that of the attempt's START */
} hop_seal_use;

/* seal nonce 12 bytes, AES-256-GCM of the bytes above, tag 16 bytes. Returns the size, 0 on
 * failure. */
size_t hop_description_seal(const hop_description *description, const hop_crypto *crypto,
                            const uint8_t key[static HOP_KEY_SIZE], hop_seal_use use,
                            uint8_t sealed[static HOP_DESCRIPTION_SEALED_SIZE_MAX]);
/* False: not sealed with this key for this use, or malformed. */
bool hop_description_open(const uint8_t *sealed, size_t size, const hop_crypto *crypto,
                          const uint8_t key[static HOP_KEY_SIZE], hop_seal_use use,
                          hop_description *ret_description);

#endif
