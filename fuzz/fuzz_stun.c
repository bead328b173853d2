/* SPDX-License-Identifier: MIT */
/* Any bytes as a STUN message: what decodes is written again attribute by attribute and is, padding
 * aside, the same. */
#include <string.h>

#include "fuzz.h"
#include "wire/stun.h"

static void read_values(const hop_stun *stun, const hop_stun_attribute *attribute) {
    hop_address plain = {0}, hidden = {0};
    unsigned code = 0;
    const uint8_t *reason = NULL;
    size_t reason_size = 0;
    bool is_plain = hop_stun_read_address(attribute->value, &plain);
    FUZZ_CHECK(is_plain == hop_stun_read_xor_address(stun, attribute->value, &hidden));
    FUZZ_CHECK(!is_plain || plain.family == hidden.family);
    if (hop_stun_read_error(attribute->value, &code, &reason, &reason_size)) {
        FUZZ_CHECK(code >= 300 && code <= 699);
        FUZZ_CHECK(reason_size + 4 == attribute->value.size);
        FUZZ_CHECK(reason_size == 0 || reason[reason_size - 1] == reason[reason_size - 1]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint8_t again[HOP_STUN_SIZE_MAX];
    hop_stun stun;
    hop_stun_attribute attribute;
    if (!hop_stun_decode(bytes, size, &stun)) return 0;
    FUZZ_CHECK(size >= HOP_STUN_HEADER_SIZE && hop_stun_frame_size(bytes) == size);
    hop_writer writer = hop_writer_make(again, sizeof again);
    hop_stun_begin(&writer, stun.class_, stun.method, stun.transaction);
    while (hop_stun_next(&stun, &attribute)) {
        read_values(&stun, &attribute);
        FUZZ_CHECK(writer.at == HOP_STUN_HEADER_SIZE + attribute.at);
        hop_stun_put_bytes(&writer, attribute.type, attribute.value.bytes, attribute.value.size);
        size_t end = writer.at;
        size_t padding = (4 - attribute.value.size % 4) % 4;
        FUZZ_CHECK(!writer.failed && end <= size);
        memcpy(again + end - padding, bytes + end - padding, padding);
    }
    if (stun.attributes.failed) return 0;
    hop_stun_end(&writer);
    FUZZ_CHECK(!writer.failed && writer.at == size && memcmp(again, bytes, size) == 0);
    return 0;
}
