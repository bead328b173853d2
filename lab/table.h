/* SPDX-License-Identifier: MIT */
/*
 * What a NAT remembers: mappings (an inside endpoint has this public port) and, under each, the
 * sessions with remote endpoints that keep it alive and open its filter. It allocates public ports
 * by the rules. It sees no packets; the caller says what time it is.
 */
#ifndef HOP_LAB_TABLE_H
#define HOP_LAB_TABLE_H

#include "rules.h"

#define HOP_TABLE_BUCKETS 65536
#define HOP_TABLE_BURNT   256

struct hop_end {
    uint32_t address;
    uint16_t port;
};

struct hop_session {
    struct hop_mapping *mapping;
    struct hop_end remote;
    uint64_t last_us;
    bool out, in;         /* seen in this direction */
    bool out_fin, in_fin; /* ended in this direction */
    struct hop_session *next_in_bucket, *next_of_mapping;
};

struct hop_mapping {
    uint8_t protocol;
    uint16_t public_port;
    struct hop_end inside;
    struct hop_end key; /* the part of the remote endpoint that the mapping depends on */
    struct hop_session *sessions;
    struct hop_mapping *next_in_bucket;
};

struct hop_burnt {
    uint16_t public_port;
    struct hop_end remote;
    uint64_t until_us;
};

struct hop_table {
    struct hop_rules rules;
    uint64_t now_us, foreign_us, random;
    uint32_t next_port;
    size_t mapping_count, session_count, burnt_count;
    struct hop_mapping *by_port[3][65536];
    struct hop_mapping *by_inside[HOP_TABLE_BUCKETS];
    struct hop_session *by_session[HOP_TABLE_BUCKETS];
    struct hop_burnt burnt[HOP_TABLE_BURNT];
};

void hop_table_init(struct hop_table *table, const struct hop_rules *rules);

/* The mapping for a packet from inside; a new one when there is none and the packet may begin one.
 * NULL: none, or no port is left. */
struct hop_mapping *hop_table_map(struct hop_table *table, uint8_t protocol, struct hop_end inside,
                                  struct hop_end remote, bool begins);

/* The mapping that a public port belongs to, or NULL. */
struct hop_mapping *hop_table_find(const struct hop_table *table, uint8_t protocol, uint16_t port);

struct hop_session *hop_table_session(const struct hop_table *table,
                                      const struct hop_mapping *mapping, struct hop_end remote);
struct hop_session *hop_table_open(struct hop_table *table, struct hop_mapping *mapping,
                                   struct hop_end remote);

/* Ends a session; its mapping goes with the last one. */
void hop_table_close(struct hop_table *table, struct hop_session *session);

/* May this remote endpoint send to the mapping, by the filter rule? */
bool hop_table_permits(const struct hop_table *table, const struct hop_mapping *mapping,
                       struct hop_end remote);

/* Remembers that a stray packet came to that port from that endpoint (rule "remap"). */
void hop_table_burn(struct hop_table *table, uint16_t public_port, struct hop_end remote);

/* Ends all sessions whose time is over, or every single one. */
void hop_table_expire(struct hop_table *table, bool all);

#endif
