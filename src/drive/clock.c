/* SPDX-License-Identifier: MIT */
/* The system's two clocks as microseconds. */
#include "drive/clock.h"

#include <time.h>

static int64_t read_us(clockid_t clock);

int64_t hop_clock_now_us(void) {
    return read_us(CLOCK_MONOTONIC);
}

/* The two are not read at one moment: what lies between makes no sleep of seconds. */
int64_t hop_clock_asleep_us(void) {
    return read_us(CLOCK_BOOTTIME) - read_us(CLOCK_MONOTONIC);
}

int64_t hop_clock_unix_offset_us(void) {
    return read_us(CLOCK_REALTIME) - read_us(CLOCK_MONOTONIC);
}

static int64_t read_us(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
