/* SPDX-License-Identifier: MIT */
/*
 * One way from a place to another: whether a packet comes through, and when. It has chances of its
 * own, so that what happens on one path shifts no other's.
 */
#ifndef HOP_TESTS_WORLD_PATH_H
#define HOP_TESTS_WORLD_PATH_H

#include "base/random.h"
#include "spec.h"

typedef struct path {
    spec_path traits;
    hop_random random;
    int64_t free_us; /* when the rate lets the next packet go */
    int64_t last_us; /* no later packet arrives before this, unless it is reordered */
    uint64_t lose;   /* bit 0: the next packet is lost; ... */
} path;

path path_make(const spec_path *traits, uint64_t seed);
/* size: of the payload. False: it is lost. */
bool path_take(path *way, int64_t now_us, unsigned size, int64_t *ret_due_us);

#endif
