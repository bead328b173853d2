/* SPDX-License-Identifier: MIT */
/* A malicious server: what it makes of the STARTs that its mind wants to send. It knows no secret,
 * so it can only change, repeat, mix up and invent. */
#ifndef HOP_TESTS_WORLD_LIES_H
#define HOP_TESTS_WORLD_LIES_H

#include "base/crypto.h"
#include "base/limits.h"
#include "base/random.h"

#define LIES_OLD_MAX 4

typedef struct lies {
    hop_random random;
    const hop_crypto *crypto;
    /* STARTs that were heard before. */
    uint8_t old[LIES_OLD_MAX][HOP_STUN_SIZE_MAX];
    size_t old_size[LIES_OLD_MAX];
    unsigned old_count;
    const char *told; /* what the last message became, in words; NULL: it is as it was */
} lies;

/* Of one message; writes what is to be sent instead (up to three messages long). Returns its size;
 * what is no START passes as it is. */
size_t lies_tell(lies *lies, const uint8_t *bytes, size_t size,
                 uint8_t ret_bytes[static 3 * HOP_STUN_SIZE_MAX]);

#endif
