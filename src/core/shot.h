/* SPDX-License-Identifier: MIT */
/*
 * Shots: the dials that a strategy makes beside those of the candidate pairs, most of them in vain.
 * Their links lie beyond HOP_LINKS_PLAIN, and one attempt of an endpoint has them at a time. One
 * that is connected is a link of the attempt like any other.
 */
#ifndef HOP_CORE_SHOT_H
#define HOP_CORE_SHOT_H

#include "base/address.h"
#include "core/note.h"

struct hop_core;

typedef struct hop_shot {
    hop_address to;
    bool any_port;      /* from a fresh port of ours, else from the endpoint's ... */
    uint16_t from_port; /* ... from this one; 0: whichever is free */
    int ttl;            /* of the first SYN; 0: the system's */
    int64_t hold_us;    /* after so long a silence it is given up */
} hop_shot;

/* False: another attempt has the shots, or too many are out. */
bool hop_shot_dial(struct hop_core *core, int attempt, const hop_shot *shot);
/* Somebody's dial there is still out. */
bool hop_shot_pending(const struct hop_core *core, const hop_address *to);
/* It was never connected, and its link is free again. */
void hop_shot_ended(struct hop_core *core, int link, hop_reason reason);
/* Gives up those that are still silent. */
void hop_shot_clear(struct hop_core *core, int attempt);
/* All are closed, the attempt is over. -1 is fine. */
void hop_shot_stop(struct hop_core *core, int attempt);
void hop_shot_tick(struct hop_core *core, int attempt);
int64_t hop_shot_deadline(const struct hop_core *core, int attempt);

#endif
