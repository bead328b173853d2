/* SPDX-License-Identifier: MIT */
/*
 * NAT-PMP messages (RFC 6886): what a router's outside address is, and a mapping of one TCP port.
 * Retransmission and what the answers mean are core/mapping.c's.
 */
#ifndef HOP_WIRE_NATPMP_H
#define HOP_WIRE_NATPMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define HOP_NATPMP_REQUEST_SIZE_MAX 12

/* RFC 6886 section 3.5. */
typedef enum hop_natpmp_result {
    HOP_NATPMP_SUCCESS = 0,
    HOP_NATPMP_UNSUPPORTED_VERSION = 1,
    HOP_NATPMP_NOT_AUTHORIZED = 2,
    HOP_NATPMP_NETWORK_FAILURE = 3,
    HOP_NATPMP_OUT_OF_RESOURCES = 4,
    HOP_NATPMP_UNSUPPORTED_OPCODE = 5
} hop_natpmp_result;

/* What a response answers; the operation's code in the request. */
typedef enum hop_natpmp_operation {
    HOP_NATPMP_ADDRESS = 0,
    HOP_NATPMP_MAP_UDP = 1, /* never asked for; also how some routers refuse a PCP request */
    HOP_NATPMP_MAP_TCP = 2
} hop_natpmp_operation;

typedef struct hop_natpmp {
    hop_natpmp_operation operation;
    uint16_t result;
    uint32_t epoch_s;       /* since the router lost its mappings */
    hop_address external;   /* ADDRESS: without a port; family NONE when the result is no success */
    uint16_t internal_port; /* MAP_TCP; these three are zero when the result is no success */
    uint16_t external_port;
    uint32_t lifetime_s;
} hop_natpmp;

/* Return the size written. */
size_t hop_natpmp_ask_address(uint8_t bytes[static HOP_NATPMP_REQUEST_SIZE_MAX]);
/* lifetime_s 0 deletes; then external_port must be 0 (section 3.4). */
size_t hop_natpmp_ask_map(uint16_t internal_port, uint16_t external_port, uint32_t lifetime_s,
                          uint8_t bytes[static HOP_NATPMP_REQUEST_SIZE_MAX]);
/* False: not a NAT-PMP response to anything that we ask; ret_ untouched. */
bool hop_natpmp_decode(const uint8_t *bytes, size_t size, hop_natpmp *ret_response);

#endif
