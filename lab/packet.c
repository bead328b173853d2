/* SPDX-License-Identifier: MIT */
/*
 * Parsing, rewriting and answering of frames; see packet.h. Only what the lab's own hosts send is
 * understood: no IPv6 extension headers, no tunnels.
 */
#include "packet.h"

#include <string.h>

static size_t checksum_offset(const struct hop_packet *packet);
static void patch(uint8_t *field, uint16_t old, uint16_t new);
static void set_address(uint8_t *sum, uint8_t *field, uint32_t address);
static void set_end(struct hop_packet *packet, size_t address_at, size_t port_at, uint32_t address,
                    uint16_t port);

bool hop_packet_parse(uint8_t *frame, size_t size, bool partial, struct hop_packet *ret_packet) {
    if (size < HOP_PACKET_ETHER + 20) return false;
    struct hop_packet packet = {.frame = frame, .ip = frame + HOP_PACKET_ETHER, .partial = partial};
    uint16_t type = hop_packet_get16(frame + 12);
    size_t left = size - HOP_PACKET_ETHER;
    size_t header, whole;
    if (type == 0x0800) {
        packet.version = 4;
        packet.protocol = packet.ip[9];
        packet.fragment = (hop_packet_get16(packet.ip + 6) & 0x3fff) != 0;
        header = (size_t)(packet.ip[0] & 15) * 4;
        whole = hop_packet_get16(packet.ip + 2);
    } else if (type == 0x86dd && left >= 40) {
        packet.version = 6;
        packet.protocol = packet.ip[6];
        header = 40;
        whole = 40 + (size_t)hop_packet_get16(packet.ip + 4);
    } else {
        return false;
    }
    if (header < 20 || whole < header || whole > left) return false;
    packet.ip_size = whole;
    packet.body = packet.ip + header;
    packet.body_size = whole - header;
    *ret_packet = packet;
    return true;
}

uint8_t hop_packet_flags(const struct hop_packet *packet) {
    bool tcp = packet->protocol == HOP_PROTO_TCP && packet->body_size >= 20;
    return tcp ? packet->body[13] : 0;
}

uint8_t hop_packet_ttl(const struct hop_packet *packet) {
    return packet->ip[packet->version == 4 ? 8 : 7];
}

void hop_packet_cut_ttl(struct hop_packet *packet, uint8_t hops) {
    if (packet->version == 6) {
        packet->ip[7] = (uint8_t)(packet->ip[7] - hops);
        return;
    }
    uint16_t old = hop_packet_get16(packet->ip + 8);
    packet->ip[8] = (uint8_t)(packet->ip[8] - hops);
    patch(packet->ip + 10, old, hop_packet_get16(packet->ip + 8));
}

bool hop_packet_ports(const struct hop_packet *packet, uint16_t *ret_source, uint16_t *ret_target) {
    if (packet->fragment || packet->body_size < 8) return false;
    if (packet->protocol == HOP_PROTO_ICMP) {
        bool asks = packet->body[0] == 8, answers = packet->body[0] == 0;
        uint16_t identifier = hop_packet_get16(packet->body + 4);
        *ret_source = asks ? identifier : 0;
        *ret_target = answers ? identifier : 0;
        return asks || answers;
    }
    if (packet->protocol != HOP_PROTO_TCP && packet->protocol != HOP_PROTO_UDP) return false;
    if (packet->protocol == HOP_PROTO_TCP && packet->body_size < 20) return false;
    *ret_source = hop_packet_get16(packet->body);
    *ret_target = hop_packet_get16(packet->body + 2);
    return true;
}

void hop_packet_set_source(struct hop_packet *packet, uint32_t address, uint16_t port) {
    set_end(packet, 12, 0, address, port);
}

void hop_packet_set_target(struct hop_packet *packet, uint32_t address, uint16_t port) {
    set_end(packet, 16, 2, address, port);
}

void hop_packet_set_quoted(struct hop_packet *packet, uint32_t address, uint16_t port) {
    uint8_t *quoted = packet->body + 8;
    size_t header = (size_t)(quoted[0] & 15) * 4;
    set_address(packet->ip + 10, packet->ip + 16, address);
    set_address(quoted + 10, quoted + 12, address);
    hop_packet_put16(quoted + header, port); /* nobody checks the quoted TCP checksum */
    hop_packet_put16(packet->body + 2, 0);
    hop_packet_put16(packet->body + 2, hop_packet_checksum(packet->body, packet->body_size, 0));
    packet->partial = false;
}

uint16_t hop_packet_checksum(const uint8_t *data, size_t size, uint32_t sum) {
    for (size_t at = 0; at + 1 < size; at += 2)
        sum += hop_packet_get16(data + at);
    if (size & 1) sum += (uint32_t)data[size - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

size_t hop_packet_icmp_error(const struct hop_packet *packet, const uint8_t *from, uint8_t type,
                             uint8_t code, uint8_t *ret_frame) {
    bool six = packet->version == 6;
    bool about_error = six ? packet->protocol == HOP_PROTO_ICMP6 && packet->body[0] < 128
                           : packet->protocol == HOP_PROTO_ICMP && packet->body[0] != 8;
    if (about_error || packet->fragment) return 0;
    size_t quoted = packet->ip_size < 100 ? packet->ip_size : 100;
    size_t header = six ? 40 : 20;
    uint8_t *ip = ret_frame + HOP_PACKET_ETHER, *icmp = ip + header;
    memset(ret_frame, 0, HOP_PACKET_ETHER + header + 8);
    memcpy(ret_frame, packet->frame, HOP_PACKET_ETHER);
    icmp[0] = type;
    icmp[1] = code;
    memcpy(icmp + 8, packet->ip, quoted);
    uint32_t pseudo = 0;
    if (six) {
        ip[0] = 0x60;
        hop_packet_put16(ip + 4, (uint16_t)(8 + quoted));
        ip[6] = HOP_PROTO_ICMP6;
        ip[7] = 64;
        memcpy(ip + 8, from, 16);
        memcpy(ip + 24, packet->ip + 8, 16);
        pseudo = (uint32_t)(uint16_t)~hop_packet_checksum(ip + 8, 32, 0) + 8 + (uint32_t)quoted +
                 HOP_PROTO_ICMP6;
    } else {
        ip[0] = 0x45;
        hop_packet_put16(ip + 2, (uint16_t)(28 + quoted));
        ip[8] = 64;
        ip[9] = HOP_PROTO_ICMP;
        memcpy(ip + 12, from, 4);
        memcpy(ip + 16, packet->ip + 12, 4);
        hop_packet_put16(ip + 10, hop_packet_checksum(ip, 20, 0));
    }
    hop_packet_put16(icmp + 2, hop_packet_checksum(icmp, 8 + quoted, pseudo));
    return HOP_PACKET_ETHER + header + 8 + quoted;
}

size_t hop_packet_reset(const struct hop_packet *packet, uint8_t *ret_frame) {
    uint8_t flags = hop_packet_flags(packet);
    if (packet->version != 4 || packet->protocol != HOP_PROTO_TCP || packet->body_size < 20 ||
        (flags & HOP_TCP_RST))
        return 0;
    const uint8_t *asked = packet->body;
    uint8_t *ip = ret_frame + HOP_PACKET_ETHER, *tcp = ip + 20;
    memset(ret_frame, 0, HOP_PACKET_ETHER + 40);
    memcpy(ret_frame, packet->frame, HOP_PACKET_ETHER);
    ip[0] = 0x45;
    hop_packet_put16(ip + 2, 40);
    ip[8] = 64;
    ip[9] = HOP_PROTO_TCP;
    memcpy(ip + 12, packet->ip + 16, 4);
    memcpy(ip + 16, packet->ip + 12, 4);
    hop_packet_put16(ip + 10, hop_packet_checksum(ip, 20, 0));
    memcpy(tcp, asked + 2, 2);
    memcpy(tcp + 2, asked, 2);
    tcp[12] = 5 << 4;
    if (flags & HOP_TCP_ACK) { /* RFC 9293 3.5.2, group 1: the ACK says which sequence to use */
        memcpy(tcp + 4, asked + 8, 4);
        tcp[13] = HOP_TCP_RST;
    } else {
        size_t data = packet->body_size - (size_t)(asked[12] >> 4) * 4;
        uint32_t next = hop_packet_get32(asked + 4) + (uint32_t)data;
        hop_packet_put32(tcp + 8, next + ((flags & HOP_TCP_SYN) ? 1 : 0));
        tcp[13] = HOP_TCP_RST | HOP_TCP_ACK;
    }
    uint32_t pseudo = (uint32_t)(uint16_t)~hop_packet_checksum(ip + 12, 8, 0) + 20 + HOP_PROTO_TCP;
    hop_packet_put16(tcp + 16, hop_packet_checksum(tcp, 20, pseudo));
    return HOP_PACKET_ETHER + 40;
}

static size_t checksum_offset(const struct hop_packet *packet) {
    switch (packet->protocol) {
    case HOP_PROTO_TCP: return 16;
    case HOP_PROTO_UDP: return 6;
    default: return 2;
    }
}

/* RFC 1624: HC' = ~(~HC + ~m + m') */
static void patch(uint8_t *field, uint16_t old, uint16_t new) {
    uint32_t sum = (uint32_t)(uint16_t)~hop_packet_get16(field) + (uint16_t)~old + new;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    hop_packet_put16(field, (uint16_t)~sum);
}

static void set_address(uint8_t *sum, uint8_t *field, uint32_t address) {
    uint32_t old = hop_packet_get32(field);
    hop_packet_put32(field, address);
    patch(sum, (uint16_t)(old >> 16), (uint16_t)(address >> 16));
    patch(sum, (uint16_t)old, (uint16_t)address);
}

/* With offload the field holds a plain sum, not its complement, and the sum covers the addresses
 * but not the ports: those are summed when the frame leaves for good. */
static void patch_partial(uint8_t *field, uint16_t old, uint16_t new) {
    uint32_t sum = (uint32_t)hop_packet_get16(field) + (uint16_t)~old + new;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    hop_packet_put16(field, (uint16_t)sum);
}

static void set_end(struct hop_packet *packet, size_t address_at, size_t port_at, uint32_t address,
                    uint16_t port) {
    uint32_t old = hop_packet_get32(packet->ip + address_at);
    set_address(packet->ip + 10, packet->ip + address_at, address);
    bool icmp = packet->protocol == HOP_PROTO_ICMP;
    uint8_t *sum = packet->body + checksum_offset(packet);
    bool unsummed = packet->protocol == HOP_PROTO_UDP && hop_packet_get16(sum) == 0;
    for (unsigned int shift = 0; shift < 32; shift += 16) {
        if (icmp || unsummed) /* ICMP's checksum has no pseudo header */
            break;
        if (packet->partial)
            patch_partial(sum, (uint16_t)(old >> shift), (uint16_t)(address >> shift));
        else
            patch(sum, (uint16_t)(old >> shift), (uint16_t)(address >> shift));
    }
    uint8_t *field = packet->body + (icmp ? 4 : port_at);
    uint16_t old_port = hop_packet_get16(field);
    hop_packet_put16(field, port);
    if (!unsummed && (icmp || !packet->partial)) patch(sum, old_port, port);
}
