/* SPDX-License-Identifier: MIT */
/* One packet of the world: a TCP segment, or an ICMP error about one. Addresses are whole, payload
 * is real bytes, nothing is a checksum. */
#ifndef HOP_TESTS_WORLD_PACKET_H
#define HOP_TESTS_WORLD_PACKET_H

#include "base/address.h"

enum { PACKET_FIN = 1, PACKET_SYN = 2, PACKET_RST = 4, PACKET_ACK = 16 };

typedef enum packet_kind {
    PACKET_TCP,
    PACKET_TIME_EXCEEDED, /* ICMP 11/0; ICMPv6 3/0 */
    PACKET_UNREACHABLE    /* ICMP 3/code; ICMPv6 1/code */
} packet_kind;

#define PACKET_SIZE_MAX 1460 /* of payload */

typedef struct packet {
    packet_kind kind;
    hop_address source; /* with ports; of an ICMP error: who says it, port 0 */
    hop_address target;
    uint8_t ttl;
    uint8_t flags;
    uint8_t code; /* of PACKET_UNREACHABLE, as on the wire of its family: IPv4 13 is "prohibited" */
    uint32_t seq;
    uint32_t ack;
    uint32_t stamp; /* RFC 7323, in ms: the sender's clock, 0: none; a box on the way leaves it */
    uint32_t echo;  /* the last stamp that its sender has seen */
    /* ICMP: the packet that it is about, as the one who says it saw it. */
    hop_address quoted_source;
    hop_address quoted_target;
    uint8_t quoted_flags;
    uint32_t quoted_seq;
    uint16_t size;
    uint8_t bytes[]; /* size of them */
} packet;

/* A copy with room for the payload, from malloc; size bytes of payload are not set. */
packet *packet_new(const packet *head, uint16_t size);
packet *packet_copy(const packet *from);
/* "SYN", "SYN-ACK", "ACK", "RST", "RST-ACK", "FIN-ACK", "data", "time exceeded", "unreachable". */
const char *packet_name(const packet *packet);

#endif
