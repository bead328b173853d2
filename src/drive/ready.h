/* SPDX-License-Identifier: MIT */
/* Established descriptors that nobody has taken yet. */
#ifndef HOP_DRIVE_READY_H
#define HOP_DRIVE_READY_H

#include <stdbool.h>

#include "base/limits.h"

#define HOP_READY_MAX (2 * HOP_ATTEMPTS_MAX)

typedef struct hop_ready {
    struct {
        int attempt;
        int fd;
    } entries[HOP_READY_MAX];
    unsigned count;
} hop_ready;

/* False when it is full; fd stays the caller's. */
bool hop_ready_put(hop_ready *ready, int attempt, int fd);
/* -1: no such attempt. */
int hop_ready_take(hop_ready *ready, int attempt);
/* Closes all abortively: nobody has seen them. */
void hop_ready_close_all(hop_ready *ready);

#endif
