/* SPDX-License-Identifier: MIT */
/* Any bytes as a message about dialling back: what decodes is written again and is the same to who
 * reads it; what does not writes nothing. */
#include <string.h>

#include "fuzz.h"
#include "wire/dialback.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    hop_dialback first, second, untouched;
    uint8_t once[HOP_DIALBACK_SIZE_MAX], twice[HOP_DIALBACK_SIZE_MAX];
    memset(&untouched, 0xA5, sizeof untouched);
    memcpy(&first, &untouched, sizeof first);
    if (!hop_dialback_decode(bytes, size, &first)) {
        FUZZ_CHECK(memcmp(&first, &untouched, sizeof first) == 0);
        return 0;
    }
    FUZZ_CHECK(first.kind <= HOP_DIALBACK_REFUSAL && first.outcome <= HOP_DIALBACK_WAITED);
    size_t once_size = hop_dialback_encode(&first, once);
    FUZZ_CHECK(once_size >= HOP_STUN_HEADER_SIZE);
    FUZZ_CHECK(hop_dialback_decode(once, once_size, &second));
    size_t twice_size = hop_dialback_encode(&second, twice);
    FUZZ_CHECK(twice_size == once_size && memcmp(once, twice, once_size) == 0);
    return 0;
}
