/* SPDX-License-Identifier: MIT */
/* A path's chances; see path.h. Loss first, then the queue before the rate, then the way itself, as
 * in the lab's wire. */
#include "path.h"

#define HEADERS_SIZE 66 /* Ethernet, IP, TCP with its timestamps */
#define QUEUE_US     100000

static bool chance(path *way, uint32_t ppm) {
    return ppm > 0 && hop_random_between(&way->random, 0, 999999) < ppm;
}

path path_make(const spec_path *traits, uint64_t seed) {
    return (path){.traits = *traits, .random = hop_random_seeded(seed)};
}

bool path_take(path *way, int64_t now_us, unsigned size, int64_t *ret_due_us) {
    const spec_path *traits = &way->traits;
    bool chosen = (way->lose & 1) != 0;
    way->lose >>= 1;
    bool lost = chance(way, traits->loss_ppm);
    if (chosen || lost || traits->black) return false;
    int64_t leaves_us = now_us;
    if (traits->rate_bps > 0) {
        int64_t starts_us = way->free_us > now_us ? way->free_us : now_us;
        if (starts_us - now_us > QUEUE_US) return false;
        leaves_us =
            starts_us + (int64_t)((uint64_t)(size + HEADERS_SIZE) * 8000000 / traits->rate_bps);
        way->free_us = leaves_us;
    }
    int64_t due_us = leaves_us + traits->delay_us;
    if (traits->jitter_us > 0)
        due_us += (int64_t)hop_random_between(&way->random, 0, (uint64_t)traits->jitter_us);
    if (chance(way, traits->reorder_ppm)) {
        *ret_due_us = due_us + traits->delay_us + traits->delay_us / 2;
        return true;
    }
    if (due_us < way->last_us) due_us = way->last_us;
    way->last_us = due_us;
    *ret_due_us = due_us;
    return true;
}
