/* SPDX-License-Identifier: MIT */
/* The one clock. Nothing else in the library asks the system for the time. */
#ifndef HOP_DRIVE_CLOCK_H
#define HOP_DRIVE_CLOCK_H

#include <stdint.h>

/* Microseconds that never go back (CLOCK_MONOTONIC). */
int64_t hop_clock_now_us(void);
/* How long this machine has slept since it was started: hop_clock_now_us() does not count that
 * (CLOCK_BOOTTIME does). Only differences of it mean anything. */
int64_t hop_clock_asleep_us(void);
/* What to add to hop_clock_now_us() to get unix time. */
int64_t hop_clock_unix_offset_us(void);

#endif
