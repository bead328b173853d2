/* SPDX-License-Identifier: MIT */
/*
 * The character of a user-space NAT, in the words of RFC 4787 and RFC 5382, and how it is written
 * as text: "map=eim,filter=apdf,ports=seq:1,stray=rst". A new trait is one line in the table of
 * rules.c.
 */
#ifndef HOP_LAB_RULES_H
#define HOP_LAB_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a mapping, or a filter, depends on. */
enum hop_scope { HOP_SCOPE_NOTHING, HOP_SCOPE_ADDRESS, HOP_SCOPE_PORT };
enum hop_ports { HOP_PORTS_PRESERVE, HOP_PORTS_RANDOM, HOP_PORTS_SEQUENCE, HOP_PORTS_OFFSET };
enum hop_stray { HOP_STRAY_DROP, HOP_STRAY_RST, HOP_STRAY_ICMP };

struct hop_rules {
    uint32_t map;    /* enum hop_scope */
    uint32_t filter; /* enum hop_scope */
    uint32_t ports;  /* enum hop_ports */
    uint32_t step;   /* of a sequence, or the offset */
    uint32_t low;    /* public ports lie in low..high, preserved ones aside */
    uint32_t high;
    uint32_t stray;   /* enum hop_stray: the answer to an unsolicited packet */
    uint32_t reset;   /* an RST ends the session at once */
    uint32_t simopen; /* a SYN may answer a SYN */
    uint32_t hairpin; /* inside to inside by the public address */
    uint32_t remap;   /* ms: a stray packet burns its port for that peer so long */
    uint32_t syn;     /* ms: life of a session whose SYN nobody has answered */
    uint32_t idle;    /* ms: life of an established session without traffic */
    uint32_t foreign; /* ports that other hosts behind the NAT take, a second */
    uint32_t seed;
};

extern const struct hop_rules hop_rules_default;

/* False with a line on stderr. Changes only what the text names. */
bool hop_rules_read(struct hop_rules *rules, const char *text);

#endif
