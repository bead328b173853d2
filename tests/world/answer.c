/* SPDX-License-Identifier: MIT */
/* Refusals and complaints; see answer.h. */
#include "answer.h"

#define TTL 64

packet *answer_reset(const packet *about) {
    if (about->kind != PACKET_TCP || (about->flags & PACKET_RST) != 0) return NULL;
    packet head = {.kind = PACKET_TCP,
                   .source = about->target,
                   .target = about->source,
                   .ttl = TTL,
                   .flags = PACKET_RST};
    if (about->flags & PACKET_ACK) {
        head.seq = about->ack;
    } else {
        head.flags |= PACKET_ACK;
        head.ack = about->seq + about->size + ((about->flags & PACKET_SYN) != 0) +
                   ((about->flags & PACKET_FIN) != 0);
    }
    return packet_new(&head, 0);
}

packet *answer_error(packet_kind kind, const packet *about, const hop_address *by) {
    if (about->kind != PACKET_TCP) return NULL;
    packet head = {.kind = kind,
                   .source = *by,
                   .target = about->source,
                   .ttl = TTL,
                   .quoted_source = about->source,
                   .quoted_target = about->target,
                   .quoted_flags = about->flags,
                   .quoted_seq = about->seq};
    head.source.port = 0;
    head.target.port = 0;
    return packet_new(&head, 0);
}

bool answer_is_error(const packet *about) {
    return about->kind != PACKET_TCP;
}
