/* SPDX-License-Identifier: MIT */
/* What an observer with a capture at every point of the network sees, in words. */
#ifndef HOP_TESTS_STORY_SIGHT_H
#define HOP_TESTS_STORY_SIGHT_H

#include "network.h"

#define SIGHT_SIZE 256

/* "leaves  SYN  192.168.1.10:40000 > 203.0.113.1:3478  seq 1" */
void sight_print(const spec *world, network_sight sight, const packet *parcel, nat_why why,
                 char text[static SIGHT_SIZE]);

#endif
