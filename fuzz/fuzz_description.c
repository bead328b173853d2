/* SPDX-License-Identifier: MIT */
/* Any bytes as a description, as its text and as a sealed one: what decodes comes back the same
 * through each of the three forms. */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "world/toy.h"
#include "wire/description.h"

static bool equal(const hop_description *a, const hop_description *b) {
    bool same = memcmp(a->nonce, b->nonce, sizeof a->nonce) == 0 &&
                a->candidate_count == b->candidate_count;
    for (unsigned i = 0; same && i < a->candidate_count; i++)
        same = a->candidates[i].type == b->candidates[i].type &&
               a->candidates[i].prefix_bits == b->candidates[i].prefix_bits &&
               hop_address_equal(&a->candidates[i].address, &b->candidates[i].address);
    return same;
}

static void check(const hop_description *description) {
    static const uint8_t key[HOP_KEY_SIZE] = {1};
    uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX], sealed[HOP_DESCRIPTION_SEALED_SIZE_MAX];
    char text[HOP_DESCRIPTION_TEXT_SIZE];
    hop_description again;
    hop_random random = hop_random_seeded(1);
    hop_crypto crypto;
    fuzz_weak_crypto(&crypto, &random);
    FUZZ_CHECK(description->candidate_count <= HOP_CANDIDATES_MAX);
    size_t size = hop_description_encode(description, bytes);
    FUZZ_CHECK(size > 0 && hop_description_decode(bytes, size, &again));
    FUZZ_CHECK(equal(description, &again));
    size = hop_description_print(description, text);
    FUZZ_CHECK(size > 0 && size < sizeof text && text[size] == 0);
    FUZZ_CHECK(hop_description_parse(text, size, &again) && equal(description, &again));
    toy_crypto(&crypto);
    size = hop_description_seal(description, &crypto, key, HOP_SEAL_KNOCK, sealed);
    FUZZ_CHECK(size > 0 && size <= sizeof sealed);
    FUZZ_CHECK(hop_description_open(sealed, size, &crypto, key, HOP_SEAL_KNOCK, &again));
    FUZZ_CHECK(equal(description, &again));
    FUZZ_CHECK(!hop_description_open(sealed, size, &crypto, key, HOP_SEAL_REGISTER, &again));
}

/* The text of these bytes with its check sum, so that a mutation need not guess that. */
static bool parse_as_text(const uint8_t *bytes, size_t size, hop_description *ret_description) {
    uint8_t summed[512];
    char text[1024] = "hopd2-";
    if (size > sizeof summed - 4) return false;
    hop_writer writer = hop_writer_make(summed, sizeof summed);
    hop_write_bytes(&writer, bytes, size);
    hop_write_u32(&writer, hop_text_crc32(bytes, size));
    size_t length = hop_text_base64_encode(summed, size + 4, text + 6, sizeof text - 6);
    return hop_description_parse(text, 6 + length, ret_description);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const uint8_t key[HOP_KEY_SIZE] = {1};
    hop_description description, second;
    hop_random random = hop_random_seeded(1);
    hop_crypto crypto;
    fuzz_weak_crypto(&crypto, &random);
    bool decoded = hop_description_decode(bytes, size, &description);
    if (decoded) check(&description);
    FUZZ_CHECK(parse_as_text(bytes, size, &second) == decoded);
    if (decoded) FUZZ_CHECK(equal(&description, &second));
    if (hop_description_parse((const char *)bytes, size, &description)) check(&description);
    if (hop_description_open(bytes, size, &crypto, key, HOP_SEAL_KNOCK, &description))
        check(&description);
    return 0;
}
