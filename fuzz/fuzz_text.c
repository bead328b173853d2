/* SPDX-License-Identifier: MIT */
/* Any bytes into base64url and back, any text as base64url, trimming; and a program of reads and
 * writes on the byte cursor against plain sums. */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"

#define ROOM 256

static void check_base64(const uint8_t *bytes, size_t size) {
    char text[2 * ROOM];
    uint8_t back[ROOM];
    size_t back_size = 0;
    if (size > ROOM) size = ROOM;
    size_t length = hop_text_base64_encode(bytes, size, text, sizeof text);
    FUZZ_CHECK(length == (size * 8 + 5) / 6);
    FUZZ_CHECK(hop_text_base64_decode(text, length, back, size, &back_size));
    FUZZ_CHECK(back_size == size && memcmp(back, bytes, size) == 0);
    if (size > 0) FUZZ_CHECK(!hop_text_base64_decode(text, length, back, size - 1, &back_size));
    if (length > 0) FUZZ_CHECK(hop_text_base64_encode(bytes, size, text, length - 1) == 0);
    FUZZ_CHECK(hop_text_crc32(bytes, size) == hop_text_crc32(back, size));
    if (hop_text_base64_decode((const char *)bytes, size, back, sizeof back, &back_size)) {
        FUZZ_CHECK(hop_text_base64_encode(back, back_size, text, sizeof text) == size);
        FUZZ_CHECK(memcmp(text, bytes, size) == 0); /* one text for each, no spare bits */
    }
}

static void check_trim(const uint8_t *bytes, size_t size) {
    const char *text = (const char *)bytes;
    size_t left = size;
    hop_text_trim(&text, &left);
    FUZZ_CHECK(left <= size && (const uint8_t *)text >= bytes);
    FUZZ_CHECK((const uint8_t *)text + left <= bytes + size);
    FUZZ_CHECK(left == 0 || (memchr(" \t\r\n", text[0], 4) == NULL &&
                             memchr(" \t\r\n", text[left - 1], 4) == NULL));
}

/* The same calls to a writer and a reader: they fail together, and read what was written. */
static void check_cursor(const uint8_t *bytes, size_t size) {
    uint8_t room[ROOM];
    hop_reader program = hop_reader_make(bytes, size);
    size_t room_size = hop_read_u8(&program);
    hop_writer writer = hop_writer_make(room, room_size);
    hop_reader reader = hop_reader_make(room, room_size);
    while (hop_reader_left(&program) > 0) {
        unsigned call = hop_read_u8(&program);
        uint64_t value = hop_read_u64(&program);
        uint64_t read = 0;
        uint8_t copy[ROOM], from[ROOM];
        memset(from, (int)(call + 1), sizeof from);
        size_t count = (size_t)(value % ROOM);
        switch (call % 6) {
        case 0: hop_write_u8(&writer, (uint8_t)value); break;
        case 1: hop_write_u16(&writer, (uint16_t)value); break;
        case 2: hop_write_u32(&writer, (uint32_t)value); break;
        case 3: hop_write_u64(&writer, value); break;
        case 4: hop_write_bytes(&writer, from, count); break;
        default: hop_write_zeros(&writer, count); break;
        }
        switch (call % 6) {
        case 0: read = hop_read_u8(&reader), value = (uint8_t)value; break;
        case 1: read = hop_read_u16(&reader), value = (uint16_t)value; break;
        case 2: read = hop_read_u32(&reader), value = (uint32_t)value; break;
        case 3: read = hop_read_u64(&reader); break;
        case 4: hop_read_bytes(&reader, copy, count); break;
        default: (void)hop_read_sub(&reader, count); break;
        }
        FUZZ_CHECK(writer.failed == reader.failed && writer.at <= room_size);
        if (writer.failed) {
            FUZZ_CHECK(call % 6 > 3 || read == 0);
            return;
        }
        FUZZ_CHECK(writer.at == reader.at);
        if (call % 6 < 4) FUZZ_CHECK(read == value);
        if (call % 6 == 4) FUZZ_CHECK(memcmp(copy, from, count) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    check_base64(bytes, size);
    check_trim(bytes, size);
    check_cursor(bytes, size);
    return 0;
}
