/* SPDX-License-Identifier: MIT */
/* NAT-PMP messages against the layouts of RFC 6886, cut at every byte, and with hostile values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "wire/natpmp.h"

#define ADDRESS_ANSWER "00 80 0000 00000e10 c0000205"
#define MAP_ANSWER     "00 82 0000 00000e10 2328 4e20 00000078"

static bool decode(const char *hex, hop_natpmp *ret_response) {
    uint8_t bytes[64];
    size_t size = bytes_from_hex(hex, bytes, sizeof bytes);
    return hop_natpmp_decode(bytes, size, ret_response);
}

static void test_requests(void **state) {
    (void)state;
    uint8_t bytes[HOP_NATPMP_REQUEST_SIZE_MAX], wanted[HOP_NATPMP_REQUEST_SIZE_MAX];
    assert_int_equal(hop_natpmp_ask_address(bytes), 2);
    assert_memory_equal(bytes, "\0\0", 2);
    assert_int_equal(hop_natpmp_ask_map(9000, 20000, 120, bytes), 12);
    assert_int_equal(bytes_from_hex("00 02 0000 2328 4e20 00000078", wanted, sizeof wanted), 12);
    assert_memory_equal(bytes, wanted, 12);
}

static void test_answers(void **state) {
    (void)state;
    hop_natpmp got;
    assert_true(decode(ADDRESS_ANSWER, &got));
    assert_int_equal(got.operation, HOP_NATPMP_ADDRESS);
    assert_int_equal(got.epoch_s, 3600);
    hop_address expected = {HOP_FAMILY_IPV4, {192, 0, 2, 5}, 0};
    assert_true(hop_address_equal(&got.external, &expected));
    assert_true(decode(MAP_ANSWER, &got));
    assert_int_equal(got.operation, HOP_NATPMP_MAP_TCP);
    assert_int_equal(got.internal_port, 9000);
    assert_int_equal(got.external_port, 20000);
    assert_int_equal(got.lifetime_s, 120);
    assert_true(decode("00 82 0000 ffffffff 0000 0000 ffffffff", &got));
    assert_int_equal(got.lifetime_s, UINT32_MAX);
}

/* An error means nothing beyond its code and the epoch (section 3.5), so it may be short. */
static void test_errors(void **state) {
    (void)state;
    for (unsigned code = 1; code < 6; code++) {
        uint8_t bytes[8] = {0, 0x82, 0, (uint8_t)code, 0, 0, 0, 9};
        hop_natpmp got;
        assert_true(hop_natpmp_decode(bytes, sizeof bytes, &got));
        assert_int_equal(got.result, code);
        assert_int_equal(got.external_port, 0);
        assert_int_equal(got.external.family, HOP_FAMILY_NONE);
    }
    hop_natpmp got;
    /* "I do not speak this version" to a PCP request, as RFC 6887 appendix A has it. */
    assert_true(decode("00 00 0001 00000000", &got));
    assert_true(decode("00 81 0001 00000000", &got));
    assert_int_equal(got.result, HOP_NATPMP_UNSUPPORTED_VERSION);
}

static void test_what_is_no_answer(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "00 00",                        /* a request */
                                        "00 00 0000 00000e10 c0000205", /* no response flag */
                                        "00 02 0002 00000e10",          /* the same */
                                        "01 80 0000 00000e10 c0000205", /* another version */
                                        "02 80 0000 00000e10 c0000205", /* PCP */
                                        "00 83 0000 00000e10 c0000205", /* no such operation */
                                        "00 ff 0001 00000e10"};
    hop_natpmp got;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(decode(wrong[i], &got));
}

static void test_cut_at_every_byte(void **state) {
    (void)state;
    static const char *const whole[] = {ADDRESS_ANSWER, MAP_ANSWER};
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[64];
        size_t size = bytes_from_hex(whole[i], bytes, sizeof bytes);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *block = bytes_exact(bytes, cut);
            hop_natpmp got = {.epoch_s = 77};
            assert_false(hop_natpmp_decode(block, cut, &got));
            assert_int_equal(got.epoch_s, 77);
            free(block);
        }
    }
}

static void test_damage(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(6886);
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[64];
        size_t size = bytes_from_hex(i % 2 ? MAP_ANSWER : ADDRESS_ANSWER, bytes, sizeof bytes);
        size = bytes_damage(&random, bytes, size, sizeof bytes);
        uint8_t *block = bytes_exact(bytes, size);
        hop_natpmp got;
        if (hop_natpmp_decode(block, size, &got)) assert_true(got.operation <= HOP_NATPMP_MAP_TCP);
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_what_is_no_answer),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("natpmp", tests, NULL, NULL);
}
