/* SPDX-License-Identifier: MIT */
/*
 * What a NAT does to one packet: decides by its table and rules, and rewrites it in place. It sends
 * nothing; the verdict says where the packet goes.
 */
#ifndef HOP_LAB_TRANSLATE_H
#define HOP_LAB_TRANSLATE_H

#include "packet.h"
#include "table.h"

enum hop_verdict {
    HOP_VERDICT_DROP,
    HOP_VERDICT_REFUSE, /* not rewritten: answer it as the rule "stray" says */
    HOP_VERDICT_OUTSIDE,
    HOP_VERDICT_INSIDE,
};

/* `public` is the NAT's outer address. IPv6 passes untouched in both directions. */
enum hop_verdict hop_translate_out(struct hop_table *table, uint32_t public,
                                   struct hop_packet *packet);
enum hop_verdict hop_translate_in(struct hop_table *table, uint32_t public,
                                  struct hop_packet *packet);

#endif
