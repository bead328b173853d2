/* SPDX-License-Identifier: MIT */
/*
 * PCP messages (RFC 6887): a MAP request for one TCP port, its response, and a router's ANNOUNCE.
 * No options: neither THIRD_PARTY nor any other is asked for. Retransmission, epochs and what the
 * answers mean are core/mapping.c's.
 */
#ifndef HOP_WIRE_PCP_H
#define HOP_WIRE_PCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define HOP_PCP_PORT       5351 /* section 19.1; NAT-PMP's too */
#define HOP_PCP_NONCE_SIZE 12
#define HOP_PCP_MAP_SIZE   60
#define HOP_PCP_SIZE_MAX   1100 /* section 7 */

/* Section 7.4: those that we treat in a way of their own; any other is a refusal. */
enum {
    HOP_PCP_SUCCESS = 0,
    HOP_PCP_UNSUPPORTED_VERSION = 1,
    HOP_PCP_NOT_AUTHORIZED = 2,
    HOP_PCP_NO_RESOURCES = 8
};

typedef enum hop_pcp_opcode { HOP_PCP_ANNOUNCE = 0, HOP_PCP_MAP = 1 } hop_pcp_opcode;

/* A MAP request. lifetime_s 0 deletes the mapping of this nonce. */
typedef struct hop_pcp_request {
    uint8_t nonce[HOP_PCP_NONCE_SIZE]; /* the same for a mapping's whole life (section 11.2) */
    hop_address client;                /* our own address, as we send from it; its port counts */
    hop_address suggested;             /* the outside address wished for; family NONE: any */
    uint16_t suggested_port;
    uint32_t lifetime_s;
} hop_pcp_request;

typedef struct hop_pcp {
    uint8_t version; /* 2, but for UNSUPPORTED_VERSION, where it is one that the router speaks */
    hop_pcp_opcode opcode;
    uint8_t result;
    uint32_t lifetime_s; /* of the mapping, or of the error */
    uint32_t epoch_s;
    bool has_map; /* what follows is there: always in a MAP response, but for some refusals */
    uint8_t nonce[HOP_PCP_NONCE_SIZE];
    uint8_t protocol;
    uint16_t internal_port;
    hop_address external; /* IPv4 as such, not mapped into IPv6 */
} hop_pcp;

#define HOP_PCP_PROTOCOL_TCP 6

size_t hop_pcp_ask_map(const hop_pcp_request *request, uint8_t bytes[static HOP_PCP_MAP_SIZE]);
/* False: not a PCP response to anything that we ask; ret_ untouched. */
bool hop_pcp_decode(const uint8_t *bytes, size_t size, hop_pcp *ret_response);

#endif
