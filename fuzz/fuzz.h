/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: one function that libFuzzer calls with arbitrary bytes, a check that
 * ends the program (libFuzzer then keeps the input), and cryptography that anybody can forge. Each
 * target is one file; see README.md.
 */
#ifndef HOP_FUZZ_FUZZ_H
#define HOP_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "base/crypto.h"
#include "base/cursor.h"
#include "base/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FUZZ_CHECK(what)                                                                           \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Every genuine MAC, tag and signature is zeros, nothing is encrypted: what a mutation changes is
 * still genuine, so the fuzzer gets behind the checks. random() comes of *random. */
void fuzz_weak_crypto(hop_crypto *crypto, hop_random *random);

/* An IPv4 or IPv6 address out of a program's bytes: a few well-known ones, or any. */
hop_address fuzz_address(hop_reader *program);
/* What fuzz_address reads as this address again. */
void fuzz_write_address(hop_writer *program, const hop_address *address);

#endif
