/* SPDX-License-Identifier: MIT */
/* The allowance of dials; see pace.h. */
#include "core/pace.h"

hop_pace hop_pace_make(unsigned per_second, unsigned burst) {
    int64_t interval_us = 1000000 / (int64_t)per_second;
    return (hop_pace){0, interval_us, interval_us * ((int64_t)burst - 1)};
}

bool hop_pace_take(hop_pace *pace, int64_t now_us) {
    if (hop_pace_ready_us(pace) > now_us) return false;
    hop_pace_borrow(pace, now_us);
    return true;
}

void hop_pace_borrow(hop_pace *pace, int64_t now_us) {
    pace->full_us = (pace->full_us > now_us ? pace->full_us : now_us) + pace->interval_us;
}

int64_t hop_pace_ready_us(const hop_pace *pace) {
    return pace->full_us - pace->burst_us;
}
