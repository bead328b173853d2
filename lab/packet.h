/* SPDX-License-Identifier: MIT */
/*
 * One Ethernet frame of the lab, taken apart: where the IP header is, where TCP, UDP or ICMP
 * begins, and how to change a field without breaking a checksum. It also builds the two answers
 * that a router gives by itself, an ICMP error and a TCP RST. It knows no sockets and no NAT.
 */
#ifndef HOP_LAB_PACKET_H
#define HOP_LAB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOP_PACKET_ETHER      14
#define HOP_PACKET_ANSWER_MAX 256

enum { HOP_PROTO_ICMP = 1, HOP_PROTO_TCP = 6, HOP_PROTO_UDP = 17, HOP_PROTO_ICMP6 = 58 };
enum { HOP_TCP_FIN = 1, HOP_TCP_SYN = 2, HOP_TCP_RST = 4, HOP_TCP_ACK = 16 };

struct hop_packet {
    uint8_t *frame;
    uint8_t *ip;
    uint8_t *body; /* TCP, UDP or ICMP header */
    size_t ip_size;
    size_t body_size;
    int version; /* 4 or 6 */
    uint8_t protocol;
    bool fragment;
    bool partial; /* the checksum field holds the pseudo header's sum only (offload) */
};

static inline uint16_t hop_packet_get16(const uint8_t *at) {
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t hop_packet_get32(const uint8_t *at) {
    return (uint32_t)hop_packet_get16(at) << 16 | hop_packet_get16(at + 2);
}

static inline void hop_packet_put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void hop_packet_put32(uint8_t *at, uint32_t value) {
    hop_packet_put16(at, (uint16_t)(value >> 16));
    hop_packet_put16(at + 2, (uint16_t)value);
}

/* False when it is neither whole IPv4 nor whole IPv6. */
bool hop_packet_parse(uint8_t *frame, size_t size, bool partial, struct hop_packet *ret_packet);

static inline uint32_t hop_packet_source(const struct hop_packet *packet) {
    return hop_packet_get32(packet->ip + 12);
}

static inline uint32_t hop_packet_target(const struct hop_packet *packet) {
    return hop_packet_get32(packet->ip + 16);
}

/* The flags of a TCP packet, 0 for anything else. */
uint8_t hop_packet_flags(const struct hop_packet *packet);

/* How many hops are left: TTL or hop limit. */
uint8_t hop_packet_ttl(const struct hop_packet *packet);
void hop_packet_cut_ttl(struct hop_packet *packet, uint8_t hops);

/* Source and target port; for an ICMP echo its identifier on the side that asks. */
bool hop_packet_ports(const struct hop_packet *packet, uint16_t *ret_source, uint16_t *ret_target);

/* Rewrites one end of an IPv4 packet, address and port, and mends both checksums. */
void hop_packet_set_source(struct hop_packet *packet, uint32_t address, uint16_t port);
void hop_packet_set_target(struct hop_packet *packet, uint32_t address, uint16_t port);

/* The same for an ICMP error that came for a packet of ours: the quoted source and the target. */
void hop_packet_set_quoted(struct hop_packet *packet, uint32_t address, uint16_t port);

/* The Internet checksum over bytes, with a sum to start from. */
uint16_t hop_packet_checksum(const uint8_t *data, size_t size, uint32_t sum);

/* Writes a frame that answers `packet`; 0 when this packet must not be answered (RFC 1122 3.2.2:
 * never an error about an error; RFC 9293 3.5.2: never an RST about an RST). `from` is 4 or 16
 * bytes, as the packet's version. ret_frame holds HOP_PACKET_ANSWER_MAX bytes. */
size_t hop_packet_icmp_error(const struct hop_packet *packet, const uint8_t *from, uint8_t type,
                             uint8_t code, uint8_t *ret_frame);
size_t hop_packet_reset(const struct hop_packet *packet, uint8_t *ret_frame);

#endif
