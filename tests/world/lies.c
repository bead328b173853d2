/* SPDX-License-Identifier: MIT */
/* Lies; see lies.h. */
#include "lies.h"

#include <string.h>

#include "wire/message.h"

typedef enum lie {
    LIE_NONE,
    LIE_SEALED,    /* a bit of the sealed description is turned */
    LIE_PEER,      /* another observed address of the peer */
    LIE_TWICE,     /* START comes twice */
    LIE_OLD,       /* an old START instead */
    LIE_OLD_TOO,   /* an old START behind it */
    LIE_GARBAGE,   /* bytes that are no STUN */
    LIE_MALFORMED, /* STUN, but damaged */
    LIE_ROLE,      /* both are told the same role, or the wrong one */
    LIE_NONCE,     /* a nonce that nobody gave out */
    LIE_DELAY,     /* delays and round trips as long as can be said */
    LIE_COUNT
} lie;

static const char *const words[LIE_COUNT] = {
    [LIE_SEALED] = "with one bit of the sealed description turned",
    [LIE_PEER] = "with another address of the peer",
    [LIE_TWICE] = "twice",
    [LIE_OLD] = "as another START that it has kept",
    [LIE_OLD_TOO] = "and another one, that it has kept, behind it",
    [LIE_GARBAGE] = "as garbage",
    [LIE_MALFORMED] = "damaged",
    [LIE_ROLE] = "with a role by chance",
    [LIE_NONCE] = "with a nonce that nobody gave out",
    [LIE_DELAY] = "with the longest delay that can be said",
};

static void keep(lies *liar, const uint8_t *bytes, size_t size) {
    unsigned at = liar->old_count++ % LIES_OLD_MAX;
    memcpy(liar->old[at], bytes, size);
    liar->old_size[at] = size;
}

static size_t old(lies *liar, uint8_t *out) {
    unsigned known = liar->old_count < LIES_OLD_MAX ? liar->old_count : LIES_OLD_MAX;
    if (known == 0) return 0;
    unsigned at = (unsigned)hop_random_between(&liar->random, 0, known - 1);
    memcpy(out, liar->old[at], liar->old_size[at]);
    return liar->old_size[at];
}

static size_t changed(lies *liar, lie how, hop_message *start, uint8_t *out) {
    uint64_t word = hop_random_next(&liar->random);
    switch (how) {
    case LIE_SEALED:
        start->sealed[word % start->sealed_size] ^= (uint8_t)(1u << (word >> 60) / 2);
        break;
    case LIE_PEER:
        start->peer.ip[3] ^= (uint8_t)(1 + word % 63);
        start->peer.port = (uint16_t)(1024 + (word >> 32) % 60000);
        break;
    case LIE_ROLE: start->role = word % 2 == 0 ? HOP_ROLE_CONTROLLING : HOP_ROLE_CONTROLLED; break;
    case LIE_NONCE: start->nonces[0][word % HOP_NONCE_SIZE] ^= 1; break;
    case LIE_DELAY:
        start->delay_us = UINT32_MAX;
        start->rtt_us = word % 2 == 0 ? 0 : UINT32_MAX;
        break;
    default: break;
    }
    return hop_message_encode(start, liar->crypto, NULL, out);
}

size_t lies_tell(lies *liar, const uint8_t *bytes, size_t size,
                 uint8_t ret_bytes[static 3 * HOP_STUN_SIZE_MAX]) {
    hop_message start;
    size_t done = size;
    memcpy(ret_bytes, bytes, size);
    liar->told = NULL;
    if (hop_message_decode(bytes, size, &start) != HOP_MESSAGE_OK ||
        start.kind != HOP_MESSAGE_START)
        return size;
    lie how = (lie)hop_random_between(&liar->random, 0, LIE_COUNT - 1);
    liar->told = words[how];
    switch (how) {
    case LIE_NONE: break;
    case LIE_TWICE:
        memcpy(ret_bytes + size, bytes, size);
        done = 2 * size;
        break;
    case LIE_OLD:
        done = old(liar, ret_bytes);
        if (done == 0) liar->told = "not at all";
        break;
    case LIE_OLD_TOO: done = size + old(liar, ret_bytes + size); break;
    case LIE_GARBAGE:
        for (size_t i = 0; i < size; i++)
            ret_bytes[i] = (uint8_t)hop_random_next(&liar->random);
        break;
    case LIE_MALFORMED:
        ret_bytes[HOP_STUN_HEADER_SIZE + hop_random_next(&liar->random) % 64] ^= 0x55;
        break;
    default: done = changed(liar, how, &start, ret_bytes); break;
    }
    keep(liar, bytes, size);
    return done;
}
