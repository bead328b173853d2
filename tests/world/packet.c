/* SPDX-License-Identifier: MIT */
/* Packets are made, copied and named. */
#include "packet.h"

#include <stdlib.h>
#include <string.h>

packet *packet_new(const packet *head, uint16_t size) {
    packet *made = malloc(sizeof *made + size);
    if (made == NULL) abort();
    memcpy(made, head, sizeof *made);
    made->size = size;
    return made;
}

packet *packet_copy(const packet *from) {
    packet *made = packet_new(from, from->size);
    if (from->size > 0) memcpy(made->bytes, from->bytes, from->size);
    return made;
}

const char *packet_name(const packet *one) {
    if (one->kind == PACKET_TIME_EXCEEDED) return "time exceeded";
    if (one->kind == PACKET_UNREACHABLE) return "unreachable";
    bool ack = one->flags & PACKET_ACK;
    if (one->flags & PACKET_RST) return ack ? "RST-ACK" : "RST";
    if (one->flags & PACKET_SYN) return ack ? "SYN-ACK" : "SYN";
    if (one->size > 0) return "data";
    if (one->flags & PACKET_FIN) return ack ? "FIN-ACK" : "FIN";
    return ack ? "ACK" : "nothing";
}
