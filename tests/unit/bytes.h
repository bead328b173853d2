/* SPDX-License-Identifier: MIT */
/*
 * What the tests of decoders share: bytes from hexadecimal text, random damage, and blocks of the
 * exact size, so that the sanitizers see a read one byte past the end.
 */
#ifndef HOP_TESTS_UNIT_BYTES_H
#define HOP_TESTS_UNIT_BYTES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static inline int bytes_digit(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    return -1;
}

/* Spaces are skipped; returns the number of bytes. */
static inline size_t bytes_from_hex(const char *text, uint8_t *bytes, size_t room) {
    size_t digits = 0;
    for (; *text != 0; text++) {
        int digit = bytes_digit(*text);
        if (digit < 0) continue;
        if (digits / 2 >= room) abort();
        uint8_t *to = &bytes[digits / 2];
        *to = (uint8_t)(digits % 2 == 0 ? digit << 4 : *to | digit);
        digits++;
    }
    return digits / 2;
}

/* Flips, overwrites, cuts or lengthens, up to four times; returns the new size. The damage leans to
 * the edges of numbers, where length checks break. */
static inline size_t bytes_damage(hop_random *random, uint8_t *bytes, size_t size, size_t room) {
    static const uint8_t edges[] = {0x00, 0x01, 0x03, 0x04, 0x7F, 0x80, 0xFE, 0xFF};
    for (uint64_t edits = hop_random_between(random, 1, 4); edits > 0; edits--) {
        size_t at = size > 0 ? (size_t)hop_random_between(random, 0, size - 1) : 0;
        switch (hop_random_between(random, 0, 9)) {
        case 0: size = at; break;
        case 1:
            if (size < room) bytes[size++] = (uint8_t)hop_random_next(random);
            break;
        case 2:
        case 3:
        case 4:
            if (size > 0) bytes[at] = edges[hop_random_between(random, 0, sizeof(edges) - 1)];
            break;
        case 5:
            if (size > 0) bytes[at] = (uint8_t)hop_random_next(random);
            break;
        default:
            if (size > 0) bytes[at] ^= (uint8_t)(1u << hop_random_between(random, 0, 7));
        }
    }
    return size;
}

/* A heap block of exactly this size; the caller frees it. */
static inline void *bytes_exact(const void *bytes, size_t size) {
    uint8_t *block = malloc(size > 0 ? size : 1);
    if (block == NULL) abort();
    if (size > 0) memcpy(block, bytes, size);
    return block;
}

#endif
