/* SPDX-License-Identifier: MIT */
/*
 * base64url with the vectors of RFC 4648 section 10, its strictness, CRC-32 with its known check
 * value and against a bitwise computation, trimming.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "base/text.h"

static bool decodes(const char *text, uint8_t *bytes, size_t room, size_t *ret_size) {
    return hop_text_base64_decode(text, strlen(text), bytes, room, ret_size);
}

static void knows_the_vectors(void **state) {
    (void)state;
    static const struct {
        const char *plain;
        const char *text;
    } vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xBF", "-_-_"}};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char text[16];
        uint8_t bytes[16];
        size_t size = 99;
        size_t plain_size = strlen(vectors[i].plain);
        size_t length = hop_text_base64_encode((const uint8_t *)vectors[i].plain, plain_size, text,
                                               strlen(vectors[i].text));
        assert_int_equal(length, strlen(vectors[i].text));
        assert_memory_equal(text, vectors[i].text, length);
        assert_true(decodes(vectors[i].text, bytes, plain_size, &size));
        assert_int_equal(size, plain_size);
        assert_memory_equal(bytes, vectors[i].plain, size);
    }
}

static void refuses_what_is_not_canonical(void **state) {
    (void)state;
    static const char *const bad[] = {"Z",          "Zg==",  "Zh",   "Zm9",   "Zm9vY",
                                      "Zm+v",       "Zm/v",  "Zm9 ", " Zm9v", "Zm9v\n",
                                      "Z\xC3\xA9g", "Zm9v=", "Zm.v"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t bytes[16];
        size_t size = 77;
        assert_false(decodes(bad[i], bytes, sizeof(bytes), &size));
        assert_int_equal(size, 77);
    }
}

static void keeps_to_the_room(void **state) {
    (void)state;
    char text[8];
    uint8_t bytes[3];
    size_t size = 77;
    assert_int_equal(hop_text_base64_encode((const uint8_t *)"foobar", 6, text, 7), 0);
    assert_int_equal(hop_text_base64_encode((const uint8_t *)"foobar", 6, text, 8), 8);
    assert_false(decodes("Zm9vYg", bytes, sizeof(bytes), &size));
    assert_int_equal(size, 77);
}

static void random_bytes_come_back(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(2);
    for (unsigned round = 0; round < 5000; round++) {
        uint8_t bytes[64], back[64];
        char text[86];
        size_t size = (size_t)hop_random_between(&random, 0, sizeof(bytes));
        size_t back_size = 0;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)hop_random_next(&random);
        size_t length = hop_text_base64_encode(bytes, size, text, sizeof(text));
        assert_true(hop_text_base64_decode(text, length, back, size, &back_size));
        assert_int_equal(back_size, size);
        assert_memory_equal(back, bytes, size);
    }
}

/* Whatever decodes must encode to the very same text: there are no two texts of one meaning. */
static void one_meaning_has_one_text(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(3);
    unsigned accepted = 0;
    for (unsigned round = 0; round < 20000; round++) {
        char text[6], back[6];
        uint8_t bytes[6];
        size_t size;
        size_t length = (size_t)hop_random_between(&random, 0, sizeof(text));
        for (size_t i = 0; i < length; i++)
            text[i] = (char)hop_random_between(&random, '-', 'z');
        if (!hop_text_base64_decode(text, length, bytes, sizeof(bytes), &size)) continue;
        accepted++;
        assert_int_equal(hop_text_base64_encode(bytes, size, back, sizeof(back)), length);
        assert_memory_equal(back, text, length);
    }
    assert_in_range(accepted, 1000, 19000);
}

static uint32_t crc32_bitwise(const uint8_t *bytes, size_t size) {
    uint32_t sum = UINT32_MAX;
    for (size_t bit = 0; bit < size * 8; bit++) {
        uint32_t in = (uint32_t)(bytes[bit / 8] >> bit % 8) & 1;
        uint32_t out = sum & 1;
        sum >>= 1;
        if (in != out) sum ^= 0xEDB88320;
    }
    return ~sum;
}

static void sums_like_everybody(void **state) {
    (void)state;
    assert_int_equal(hop_text_crc32((const uint8_t *)"123456789", 9), 0xCBF43926);
    assert_int_equal(hop_text_crc32(NULL, 0), 0);
    hop_random random = hop_random_seeded(4);
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t bytes[40];
        size_t size = (size_t)hop_random_between(&random, 0, sizeof(bytes));
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)hop_random_next(&random);
        assert_int_equal(hop_text_crc32(bytes, size), crc32_bitwise(bytes, size));
    }
}

static void trims_both_ends(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *trimmed;
    } cases[] = {
        {"", ""},       {" \t\r\n", ""},      {"a", "a"},         {" a", "a"},
        {"a\r\n", "a"}, {"\t a b \n", "a b"}, {"\va\f", "\va\f"}, {"\xC2\xA0x", "\xC2\xA0x"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].text;
        size_t size = strlen(text);
        hop_text_trim(&text, &size);
        assert_int_equal(size, strlen(cases[i].trimmed));
        assert_memory_equal(text, cases[i].trimmed, size);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_vectors),        cmocka_unit_test(refuses_what_is_not_canonical),
        cmocka_unit_test(keeps_to_the_room),        cmocka_unit_test(random_bytes_come_back),
        cmocka_unit_test(one_meaning_has_one_text), cmocka_unit_test(sums_like_everybody),
        cmocka_unit_test(trims_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
