/* SPDX-License-Identifier: MIT */
/*
 * The byte cursor: values come back as they were written, and no order of calls reads or writes
 * outside the bounds (the sanitizers watch exact-size heap blocks).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cursor.h"
#include "base/random.h"

static void writes_big_endian(void **state) {
    (void)state;
    static const uint8_t expected[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x10, 0x32,
                                       0x54, 0x76, 0x98, 0xBA, 0xDC, 'h',  'o',  'p',  0,    0};
    uint8_t bytes[sizeof(expected)];
    memset(bytes, 0xFF, sizeof(bytes));
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_write_u8(&writer, 0x01);
    hop_write_u16(&writer, 0x2345);
    hop_write_u32(&writer, 0x6789ABCD);
    hop_write_u64(&writer, 0xEF1032547698BADCu);
    hop_write_bytes(&writer, "hop", 3);
    hop_write_zeros(&writer, 2);
    assert_false(writer.failed);
    assert_int_equal(writer.at, sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
}

static void reads_what_was_written(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x10,
                                    0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 'h',  'o'};
    hop_reader reader = hop_reader_make(bytes, sizeof(bytes));
    char text[2];
    assert_int_equal(hop_read_u8(&reader), 0x01);
    assert_int_equal(hop_read_u16(&reader), 0x2345);
    assert_int_equal(hop_read_u32(&reader), 0x6789ABCD);
    assert_true(hop_read_u64(&reader) == 0xEF1032547698BADCu);
    assert_int_equal(hop_reader_left(&reader), 2);
    assert_false(hop_reader_done(&reader));
    hop_read_bytes(&reader, text, 2);
    assert_memory_equal(text, "ho", 2);
    assert_true(hop_reader_done(&reader));
}

static void a_failed_read_sticks(void **state) {
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3};
    hop_reader reader = hop_reader_make(bytes, sizeof(bytes));
    uint8_t out[4] = {9, 9, 9, 9};
    assert_int_equal(hop_read_u32(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(hop_read_u8(&reader), 0);
    assert_int_equal(hop_reader_left(&reader), 0);
    assert_null(hop_read_span(&reader, 1));
    assert_true(hop_read_sub(&reader, 1).failed);
    hop_read_bytes(&reader, out, sizeof(out));
    assert_memory_equal(out, "\0\0\0\0", 4);
    assert_false(hop_reader_done(&reader));
}

static void huge_sizes_do_not_wrap(void **state) {
    (void)state;
    uint8_t bytes[4] = {1, 2, 3, 4};
    hop_reader reader = hop_reader_make(bytes, sizeof(bytes));
    (void)hop_read_u8(&reader);
    assert_null(hop_read_span(&reader, SIZE_MAX));
    assert_true(reader.failed);
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_write_u8(&writer, 7);
    hop_write_zeros(&writer, SIZE_MAX);
    assert_true(writer.failed);
    assert_int_equal(bytes[1], 2);
}

static void sub_readers_stay_inside(void **state) {
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3, 4};
    hop_reader reader = hop_reader_make(bytes, sizeof(bytes));
    hop_reader inner = hop_read_sub(&reader, 2);
    assert_int_equal(hop_read_u16(&inner), 0x0102);
    assert_int_equal(hop_read_u8(&inner), 0);
    assert_true(inner.failed);
    assert_false(reader.failed);
    assert_int_equal(hop_read_u16(&reader), 0x0304);
    hop_reader empty = hop_read_sub(&reader, 0);
    assert_true(hop_reader_done(&empty));
    hop_reader beyond = hop_read_sub(&reader, 1);
    assert_true(beyond.failed);
    assert_true(reader.failed);
}

static void nothing_is_a_valid_input(void **state) {
    (void)state;
    hop_reader reader = hop_reader_make(NULL, 0);
    assert_true(hop_reader_done(&reader));
    assert_non_null(hop_read_span(&reader, 0));
    hop_read_bytes(&reader, NULL, 0);
    assert_false(reader.failed);
    assert_int_equal(hop_read_u8(&reader), 0);
    assert_true(reader.failed);
    hop_writer writer = hop_writer_make(NULL, 0);
    hop_write_bytes(&writer, NULL, 0);
    assert_false(writer.failed);
    hop_write_u8(&writer, 1);
    assert_true(writer.failed);
}

static void a_failed_write_sticks(void **state) {
    (void)state;
    uint8_t bytes[3] = {0xFF, 0xFF, 0xFF};
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_write_u32(&writer, 0);
    assert_true(writer.failed);
    hop_write_u8(&writer, 0);
    hop_write_u16_at(&writer, 0, 0);
    assert_int_equal(writer.at, 0);
    assert_memory_equal(bytes, "\xFF\xFF\xFF", 3);
}

static void overwrites_only_what_was_written(void **state) {
    (void)state;
    uint8_t bytes[4] = {0};
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_write_zeros(&writer, 3);
    hop_write_u16_at(&writer, 1, 0xABCD);
    assert_false(writer.failed);
    assert_memory_equal(bytes, "\0\xAB\xCD\0", 4);
    hop_writer early = writer;
    hop_write_u16_at(&early, 2, 1);
    assert_true(early.failed);
    hop_writer empty = hop_writer_make(bytes, sizeof(bytes));
    hop_write_u16_at(&empty, 0, 1);
    assert_true(empty.failed);
}

/* Random calls on exact-size blocks; each call must fail exactly when it asks for too much. */
static void random_calls_keep_the_bounds(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(1);
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = (size_t)hop_random_between(&random, 1, 24);
        uint8_t *bytes = calloc(size, 1);
        assert_non_null(bytes);
        hop_reader reader = hop_reader_make(bytes, size);
        hop_writer writer = hop_writer_make(bytes, size);
        size_t used = 0;
        bool failed = false;
        while (used < size && !failed) {
            uint8_t out[16];
            size_t want = (size_t)hop_random_between(&random, 0, 12);
            failed = want > size - used;
            hop_read_bytes(&reader, out, want);
            hop_write_bytes(&writer, out, want);
            assert_int_equal(reader.failed, failed);
            assert_int_equal(writer.failed, failed);
            if (!failed) used += want;
            assert_int_equal(reader.at, used);
            assert_int_equal(writer.at, used);
        }
        free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_big_endian),
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(a_failed_read_sticks),
        cmocka_unit_test(huge_sizes_do_not_wrap),
        cmocka_unit_test(sub_readers_stay_inside),
        cmocka_unit_test(nothing_is_a_valid_input),
        cmocka_unit_test(a_failed_write_sticks),
        cmocka_unit_test(overwrites_only_what_was_written),
        cmocka_unit_test(random_calls_keep_the_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
