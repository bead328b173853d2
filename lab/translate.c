/* SPDX-License-Identifier: MIT */
/*
 * Translation of one packet; see translate.h.
 */
#include "translate.h"

static bool is_icmp_error(const struct hop_packet *packet);
static bool pure_syn(uint8_t flags);
static enum hop_verdict in_error(struct hop_table *table, struct hop_packet *packet);
static void touch(struct hop_table *table, struct hop_session *session, uint8_t flags, bool out);

enum hop_verdict hop_translate_out(struct hop_table *table, uint32_t public,
                                   struct hop_packet *packet) {
    struct hop_end inside, remote;
    if (packet->version == 6) return HOP_VERDICT_OUTSIDE;
    if (!hop_packet_ports(packet, &inside.port, &remote.port)) return HOP_VERDICT_DROP;
    inside.address = hop_packet_source(packet);
    remote.address = hop_packet_target(packet);
    bool hairpin = remote.address == public;
    if (hairpin && !table->rules.hairpin) return HOP_VERDICT_REFUSE;
    uint8_t flags = hop_packet_flags(packet);
    bool begins = packet->protocol != HOP_PROTO_TCP || pure_syn(flags);
    struct hop_mapping *mapping = hop_table_map(table, packet->protocol, inside, remote, begins);
    if (mapping == NULL) return HOP_VERDICT_DROP;
    struct hop_session *session = hop_table_session(table, mapping, remote);
    if (session == NULL && begins) session = hop_table_open(table, mapping, remote);
    if (session == NULL) return HOP_VERDICT_DROP;
    uint16_t public_port = mapping->public_port; /* touch may end the mapping */
    touch(table, session, flags, true);
    hop_packet_set_source(packet, public, public_port);
    return hairpin ? hop_translate_in(table, public, packet) : HOP_VERDICT_OUTSIDE;
}

enum hop_verdict hop_translate_in(struct hop_table *table, uint32_t public,
                                  struct hop_packet *packet) {
    struct hop_end remote;
    uint16_t port;
    if (packet->version == 6) return HOP_VERDICT_INSIDE;
    if (hop_packet_target(packet) != public) return HOP_VERDICT_DROP;
    if (is_icmp_error(packet)) return in_error(table, packet);
    if (!hop_packet_ports(packet, &remote.port, &port)) return HOP_VERDICT_DROP;
    remote.address = hop_packet_source(packet);
    uint8_t flags = hop_packet_flags(packet);
    bool begins = packet->protocol != HOP_PROTO_TCP || pure_syn(flags);
    struct hop_mapping *mapping = hop_table_find(table, packet->protocol, port);
    if (mapping == NULL || !hop_table_permits(table, mapping, remote)) {
        if (begins) hop_table_burn(table, port, remote);
        return HOP_VERDICT_REFUSE;
    }
    struct hop_session *session = hop_table_session(table, mapping, remote);
    if (session == NULL && begins) session = hop_table_open(table, mapping, remote);
    if (session == NULL) return HOP_VERDICT_REFUSE;
    if (pure_syn(flags) && session->out && !session->in && !table->rules.simopen)
        return HOP_VERDICT_DROP;
    struct hop_end inside = mapping->inside; /* touch may end the mapping */
    touch(table, session, flags, false);
    hop_packet_set_target(packet, inside.address, inside.port);
    return HOP_VERDICT_INSIDE;
}

static bool is_icmp_error(const struct hop_packet *packet) {
    return packet->protocol == HOP_PROTO_ICMP && packet->body_size >= 36 &&
           (packet->body[0] == 3 || packet->body[0] == 11 || packet->body[0] == 12);
}

static bool pure_syn(uint8_t flags) {
    return (flags & (HOP_TCP_SYN | HOP_TCP_ACK | HOP_TCP_RST)) == HOP_TCP_SYN;
}

/* RFC 5508 REQ-3: an error belongs to the session whose packet it quotes. */
static enum hop_verdict in_error(struct hop_table *table, struct hop_packet *packet) {
    const uint8_t *quoted = packet->body + 8;
    size_t header = (size_t)(quoted[0] & 15) * 4;
    if (header < 20 || packet->body_size < 8 + header + 8) return HOP_VERDICT_DROP;
    struct hop_end remote = {.address = hop_packet_get32(quoted + 16),
                             .port = hop_packet_get16(quoted + header + 2)};
    struct hop_mapping *mapping =
        hop_table_find(table, quoted[9], hop_packet_get16(quoted + header));
    if (mapping == NULL || hop_table_session(table, mapping, remote) == NULL)
        return HOP_VERDICT_DROP;
    hop_packet_set_quoted(packet, mapping->inside.address, mapping->inside.port);
    return HOP_VERDICT_INSIDE;
}

static void touch(struct hop_table *table, struct hop_session *session, uint8_t flags, bool out) {
    session->last_us = table->now_us;
    *(out ? &session->out : &session->in) = true;
    if (flags & HOP_TCP_FIN) *(out ? &session->out_fin : &session->in_fin) = true;
    if ((flags & HOP_TCP_RST) && table->rules.reset) hop_table_close(table, session);
}
