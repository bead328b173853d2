/* SPDX-License-Identifier: MIT */
/* Packets in words; see sight.h. */
#include "sight.h"

#include <inttypes.h>
#include <stdio.h>

void sight_print(const spec *world, network_sight sight, const packet *parcel, nat_why why,
                 char text[static SIGHT_SIZE]) {
    (void)world;
    static const char *const sights[] = {"sent",     "outside", "lost",    "arrived",
                                         "received", "dropped", "refused", "expired"};
    static const char *const whys[] = {"",        "stranger", "no port", "simultaneous open",
                                       "invalid", "burnt"};
    char source[HOP_ADDRESS_TEXT_SIZE], target[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&parcel->source, source);
    hop_address_print(&parcel->target, target);
    int length = snprintf(text, SIGHT_SIZE, "| %-8s %-13s %s > %s", sights[sight],
                          packet_name(parcel), source, target);
    size_t at = length > 0 && length < SIGHT_SIZE ? (size_t)length : 0;
    if (parcel->kind == PACKET_TCP) {
        length = snprintf(text + at, SIGHT_SIZE - at, " seq %" PRIu32 " ack %" PRIu32 " size %u",
                          parcel->seq, parcel->ack, parcel->size);
    } else {
        hop_address_print(&parcel->quoted_source, source);
        hop_address_print(&parcel->quoted_target, target);
        length = snprintf(text + at, SIGHT_SIZE - at, " about %s > %s", source, target);
    }
    at += length > 0 ? (size_t)length : 0;
    if (why != NAT_WHY_NONE && at < SIGHT_SIZE)
        snprintf(text + at, SIGHT_SIZE - at, " (%s)", whys[why]);
}
