/* SPDX-License-Identifier: MIT */
/*
 * A world by chance, from a seed: two to five hosts behind all kinds of NATs, paths with delay,
 * jitter and loss, now and then something that goes wrong in mid-run. Most worlds are such as one
 * meets; a few are mad. What comes out can be printed and read back.
 */
#ifndef HOP_TESTS_WORLD_SPEC_RANDOM_H
#define HOP_TESTS_WORLD_SPEC_RANDOM_H

#include "spec.h"

void spec_random(uint64_t seed, spec *ret_spec);

#endif
