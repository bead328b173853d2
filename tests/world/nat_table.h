/* SPDX-License-Identifier: MIT */
/*
 * What a NAT remembers: one entry for each pair of an inside and a remote endpoint, with its public
 * port. Found by either end in one look. A mapping of RFC 4787 is all entries with one inside
 * endpoint and one key; it lives as long as its last entry. Grows with what is in it.
 */
#ifndef HOP_TESTS_WORLD_NAT_TABLE_H
#define HOP_TESTS_WORLD_NAT_TABLE_H

#include "base/address.h"

#define NAT_NONE UINT32_MAX

/* One direction of a connection, as conntrack sees it (nat_conntrack.c). */
typedef struct nat_flow {
    uint32_t end;     /* highest sequence number sent, plus one */
    uint32_t end_max; /* highest that the other side lets it send */
    uint32_t window;  /* the largest it has offered; 0: nothing seen */
    uint32_t ack_max; /* highest acknowledged */
    bool has_ack;
    bool unacknowledged; /* has sent what nobody has acknowledged */
    bool scaled;         /* its SYN was seen, with the scale of windows */
    bool liberal;        /* picked up in its midst: not looked at closely */
    bool closed_first;
} nat_flow;

typedef struct nat_entry {
    hop_address inside;
    hop_address remote;
    hop_address key; /* the part of remote that the mapping depends on */
    hop_address public;
    int64_t until_us; /* it is over then */
    /* lab-nat's */
    bool out, in;         /* seen in this direction */
    bool out_fin, in_fin; /* ended in this direction */
    /* conntrack's */
    uint8_t state;
    bool seen_reply;
    bool assured;
    bool simultaneous;
    bool challenged; /* a SYN came into LAST_ACK: the answer may be a challenge ACK */
    uint8_t last_index;
    bool last_in; /* direction of the last packet */
    uint8_t repeats;
    uint32_t last_end;
    uint32_t last_seq;
    uint32_t last_ack;
    nat_flow flows[2]; /* [0] outwards */
    uint32_t next[4];  /* in the chains of the four indexes; [0] in the list of free ones */
} nat_entry;

typedef struct nat_table {
    nat_entry *entries;
    uint32_t *heads; /* four times bucket_count */
    uint32_t room;   /* entries; as many buckets */
    uint32_t used;   /* entries that were ever used */
    uint32_t free;
    uint32_t count;
} nat_table;

/* Walks all entries that may match; the caller compares. NULL: no more. */
typedef enum nat_index {
    NAT_BY_INSIDE,
    NAT_BY_INSIDE_REMOTE,
    NAT_BY_PUBLIC,
    NAT_BY_PUBLIC_REMOTE
} nat_index;

/* The entry of these two that is alive; NULL: none. */
nat_entry *nat_table_out(const nat_table *table, int64_t now_us, const hop_address *inside,
                         const hop_address *remote);
nat_entry *nat_table_in(const nat_table *table, int64_t now_us, const hop_address *public,
                        const hop_address *remote);
/* One of this inside endpoint; key NULL: whatever its key. */
nat_entry *nat_table_mapping(const nat_table *table, int64_t now_us, const hop_address *inside,
                             const hop_address *key);
/* Any of this public endpoint; remote's address (not NULL) must be the same, its port not. */
nat_entry *nat_table_public(const nat_table *table, int64_t now_us, const hop_address *public,
                            const hop_address *remote);
/* A new one, alive; it lies elsewhere after the next nat_table_add(). */
nat_entry *nat_table_add(nat_table *table, int64_t now_us, const nat_entry *entry);
void nat_table_remove(nat_table *table, nat_entry *entry);
/* How many are alive. */
uint32_t nat_table_count(nat_table *table, int64_t now_us);
void nat_table_clear(nat_table *table);

#endif
