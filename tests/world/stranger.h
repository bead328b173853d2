/* SPDX-License-Identifier: MIT */
/* Somebody on the Internet who has nothing to do with it all: a stray SYN, or a visitor who speaks
 * HTTP. */
#ifndef HOP_TESTS_WORLD_STRANGER_H
#define HOP_TESTS_WORLD_STRANGER_H

#include "kernel.h"
#include "network.h"

typedef struct stranger stranger;

stranger *stranger_new(schedule *schedule, network *network, uint64_t seed);
void stranger_free(stranger *stranger);
void stranger_receive(stranger *stranger, const packet *packet);
void stranger_knock(stranger *stranger, const hop_address *target);
void stranger_visit(stranger *stranger, const hop_address *target);

#endif
