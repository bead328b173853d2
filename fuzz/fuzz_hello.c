/* SPDX-License-Identifier: MIT */
/* Any 56 bytes as a handshake's message (three bytes before them say what is expected): what
 * decodes is, encoded again, the same bytes; with real keys nothing decodes that was not made. */
#include <string.h>

#include "fuzz.h"
#include "world/toy.h"
#include "wire/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const uint8_t key[HOP_KEY_SIZE] = {1};
    static const uint8_t nonce[HOP_NONCE_SIZE] = {2};
    uint8_t said[HOP_HELLO_SIZE], again[HOP_HELLO_SIZE];
    hop_random random = hop_random_seeded(1);
    hop_crypto weak, toy = {0};
    hop_hello hello;
    hop_reader reader = hop_reader_make(bytes, size);
    hop_hello_kind kind = (hop_hello_kind)(1 + hop_read_u8(&reader) % 3);
    hop_role role = (hop_role)(hop_read_u8(&reader) % 3);
    const uint8_t *peer_nonce = kind == HOP_HELLO_HELLO ? NULL : nonce;
    fuzz_weak_crypto(&weak, &random);
    toy_crypto(&toy);
    hop_read_bytes(&reader, said, sizeof said);
    FUZZ_CHECK(!hop_hello_decode(said, kind, role, peer_nonce, &toy, key, &hello));
    if (!hop_hello_decode(said, kind, role, peer_nonce, &weak, key, &hello)) return 0;
    FUZZ_CHECK(hop_hello_looks_like(said) && hello.kind == kind && hello.role == role);
    FUZZ_CHECK(hop_hello_encode(&hello, peer_nonce, &weak, key, again));
    FUZZ_CHECK(memcmp(said, again, sizeof said) == 0);
    FUZZ_CHECK(hop_hello_encode(&hello, peer_nonce, &toy, key, again));
    FUZZ_CHECK(hop_hello_decode(again, kind, role, peer_nonce, &toy, key, &hello));
    return 0;
}
