/* SPDX-License-Identifier: MIT */
/* How fast an attempt may dial: an allowance that refills evenly (GCRA, ITU-T I.371), so that a
 * description cannot turn its reader into a flood. */
#ifndef HOP_CORE_PACE_H
#define HOP_CORE_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct hop_pace {
    int64_t full_us; /* when the whole allowance is there again, if nothing is taken */
    int64_t interval_us;
    int64_t burst_us;
} hop_pace;

hop_pace hop_pace_make(unsigned per_second, unsigned burst);
/* Takes one from the allowance; false: none is left before hop_pace_ready_us(). */
bool hop_pace_take(hop_pace *pace, int64_t now_us);
/* Takes one, if need be of those to come: for a dial that another one waits for. */
void hop_pace_borrow(hop_pace *pace, int64_t now_us);
int64_t hop_pace_ready_us(const hop_pace *pace);

#endif
