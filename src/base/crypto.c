/* SPDX-License-Identifier: MIT */
/*
 * The two functions that every user of the crypto table needs and that need no library.
 */
#include "base/crypto.h"

bool hop_crypto_equal(const uint8_t *a, const uint8_t *b, size_t size) {
    /* volatile: the compiler may not leave the loop at the first difference. */
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < size; i++)
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

void hop_crypto_wipe(void *bytes, size_t size) {
    /* A plain memset of bytes that nobody reads again would be removed. */
    volatile uint8_t *to = bytes;
    for (size_t i = 0; i < size; i++)
        to[i] = 0;
}
