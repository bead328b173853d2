/* SPDX-License-Identifier: MIT */
/*
 * How many clients come from one place: an IPv4 address or an IPv6 /64, which one household or one
 * virtual machine has for itself. Loopback is not counted: there are the administrator and tests.
 */
#ifndef HOP_RENDEZVOUS_ORIGIN_H
#define HOP_RENDEZVOUS_ORIGIN_H

#include "base/address.h"
#include "rendezvous/hash.h"

#define HOP_ORIGIN_KEY_SIZE 9

typedef struct hop_origin {
    uint8_t key[HOP_ORIGIN_KEY_SIZE]; /* the family, the address' part that counts */
    uint32_t next;                    /* in its bucket, or in the list of free ones; 0: none */
    uint32_t count;
} hop_origin;

typedef struct hop_origins {
    hop_origin *pool;
    uint32_t *buckets;
    hop_hash hash;
    uint32_t bucket_mask;
    uint32_t used; /* handed out at least once */
    uint32_t free; /* first that came back */
    uint32_t client_max;
} hop_origins;

/* Counts one more. False: the place has its share. ret_origin is 0 where nothing is counted. There
 * are as many records as clients, so one is always left. */
bool hop_origin_enter(hop_origins *origins, const hop_address *remote, uint32_t *ret_origin);
/* A number from 1 to slot_count that is always the same for this place; 0 for one not counted. */
uint16_t hop_origin_slot(const hop_origins *origins, uint32_t origin, uint16_t slot_count);
void hop_origin_leave(hop_origins *origins, uint32_t origin);

#endif
