/* SPDX-License-Identifier: MIT */
/*
 * Readiness of many descriptors behind one descriptor that itself becomes readable. The seam for
 * other systems: poller_epoll.c is Linux's; a kqueue can stand beside it. Level-triggered. Waiting
 * is done by whoever watches hop_poller.fd; hop_poller_ready_within is for who waits for nothing
 * else.
 */
#ifndef HOP_DRIVE_POLLER_H
#define HOP_DRIVE_POLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What to watch for. Errors and resets are always reported, also where nothing is watched for. */
enum { HOP_POLLER_READ = 1u, HOP_POLLER_WRITE = 2u, HOP_POLLER_ERROR = 4u };

typedef struct hop_poller {
    int fd;
} hop_poller;

typedef struct hop_poller_ready {
    uint32_t tag; /* as given to add or modify */
    unsigned what;
} hop_poller_ready;

/* All return false with errno set. */
bool hop_poller_open(hop_poller *ret_poller);
bool hop_poller_add(hop_poller *poller, int fd, unsigned interest, uint32_t tag);
bool hop_poller_modify(hop_poller *poller, int fd, unsigned interest, uint32_t tag);

/* To be called before the descriptor is closed or given away. */
void hop_poller_remove(hop_poller *poller, int fd);
void hop_poller_close(hop_poller *poller);
/* What is ready now, at most max; 0: nothing; -1 with errno. */
int hop_poller_ready_now(hop_poller *poller, hop_poller_ready *ready, int max);
/* The same, but blocks until something is ready or the time is over; negative: for ever. */
int hop_poller_ready_within(hop_poller *poller, hop_poller_ready *ready, int max, int timeout_ms);

/* Tags say whose descriptor it is: a kind in the upper 8 bits, its number in the lower 24. */
typedef enum hop_tag_kind {
    HOP_TAG_CANCEL = 1,
    HOP_TAG_LISTENER, /* number: enum hop_family */
    HOP_TAG_RESOLVER, /* number: the descriptor */
    HOP_TAG_LINK,     /* number: see table.c */
    HOP_TAG_PORTMAP,  /* number: see portmap.c */
    HOP_TAG_NETWATCH  /* number: see netwatch.c */
} hop_tag_kind;

static inline uint32_t hop_tag(hop_tag_kind kind, uint32_t number) {
    return (uint32_t)kind << 24 | (number & 0xFFFFFFu);
}
static inline hop_tag_kind hop_tag_kind_of(uint32_t tag) {
    return (hop_tag_kind)(tag >> 24);
}
static inline uint32_t hop_tag_number_of(uint32_t tag) {
    return tag & 0xFFFFFFu;
}

#endif
