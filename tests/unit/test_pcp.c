/* SPDX-License-Identifier: MIT */
/* PCP messages against the layouts of RFC 6887, cut at every byte, and with hostile values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "wire/pcp.h"

#define HEAD  "02 81 00 00 00000078 00000e10 000000000000000000000000 "
#define MAP   "0102030405060708090a0b0c 06 000000 2328 4e20 00000000000000000000ffffc0000205"
#define WHOLE HEAD MAP

static bool decode(const char *hex, hop_pcp *ret_response) {
    uint8_t bytes[HOP_PCP_SIZE_MAX];
    size_t size = bytes_from_hex(hex, bytes, sizeof bytes);
    return hop_pcp_decode(bytes, size, ret_response);
}

static void test_request(void **state) {
    (void)state;
    hop_pcp_request request = {.nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                               .client = {HOP_FAMILY_IPV4, {192, 168, 1, 10}, 9000},
                               .suggested_port = 9000,
                               .lifetime_s = 120};
    uint8_t bytes[HOP_PCP_MAP_SIZE], wanted[HOP_PCP_MAP_SIZE];
    size_t size = bytes_from_hex("02 01 0000 00000078 00000000000000000000ffffc0a8010a"
                                 "0102030405060708090a0b0c 06 000000 2328 2328"
                                 "00000000000000000000ffff00000000",
                                 wanted, sizeof wanted);
    assert_int_equal(size, HOP_PCP_MAP_SIZE);
    assert_int_equal(hop_pcp_ask_map(&request, bytes), size);
    assert_memory_equal(bytes, wanted, size);
    request.suggested = (hop_address){HOP_FAMILY_IPV4, {192, 0, 2, 5}, 0};
    assert_int_equal(hop_pcp_ask_map(&request, bytes), size);
    assert_memory_equal(bytes + 56, "\xC0\x00\x02\x05", 4);
}

static void test_answer(void **state) {
    (void)state;
    hop_pcp got;
    assert_true(decode(WHOLE, &got));
    assert_int_equal(got.opcode, HOP_PCP_MAP);
    assert_int_equal(got.result, HOP_PCP_SUCCESS);
    assert_int_equal(got.lifetime_s, 120);
    assert_int_equal(got.epoch_s, 3600);
    assert_true(got.has_map);
    assert_int_equal(got.nonce[11], 12);
    assert_int_equal(got.protocol, HOP_PCP_PROTOCOL_TCP);
    assert_int_equal(got.internal_port, 9000);
    hop_address external = {HOP_FAMILY_IPV4, {192, 0, 2, 5}, 20000};
    assert_true(hop_address_equal(&got.external, &external));
    /* Options are not ours, and not looked at. */
    assert_true(decode(WHOLE "03 00 0004 00000000", &got));
    assert_true(decode("02 80 00 00 00000000 00000001 000000000000000000000000", &got));
    assert_int_equal(got.opcode, HOP_PCP_ANNOUNCE);
}

static void test_versions_and_errors(void **state) {
    (void)state;
    hop_pcp got;
    /* Section 9: in the router's own version, with or without what was asked. */
    assert_true(decode("01 81 00 01 00000000 00000000 000000000000000000000000", &got));
    assert_int_equal(got.result, HOP_PCP_UNSUPPORTED_VERSION);
    assert_false(got.has_map);
    assert_true(decode("03 81 00 01 00000000 00000000 000000000000000000000000 " MAP, &got));
    assert_false(decode("03 81 00 00 00000078 00000000 000000000000000000000000 " MAP, &got));
    assert_false(decode("00 81 00 01 00000000 00000000 000000000000000000000000", &got));
    assert_true(decode("02 81 00 02 00000708 00000001 000000000000000000000000 " MAP, &got));
    assert_int_equal(got.result, HOP_PCP_NOT_AUTHORIZED);
    assert_true(got.has_map);
}

static void test_what_is_no_answer(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "02 01 00 00 00000078 00000e10 000000000000000000000000 " MAP, /* a request */
        "02 82 00 00 00000078 00000e10 000000000000000000000000 " MAP, /* PEER */
        HEAD,                                                          /* granted, but what? */
        WHOLE "00",
        WHOLE "0000", /* not a multiple of 4 */
    };
    hop_pcp got;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(decode(wrong[i], &got));
    uint8_t bytes[HOP_PCP_SIZE_MAX + 4] = {0};
    assert_int_equal(bytes_from_hex(WHOLE, bytes, sizeof bytes), HOP_PCP_MAP_SIZE);
    assert_true(hop_pcp_decode(bytes, HOP_PCP_SIZE_MAX, &got));
    assert_false(hop_pcp_decode(bytes, HOP_PCP_SIZE_MAX + 4, &got));
}

static void test_cut_at_every_byte(void **state) {
    (void)state;
    uint8_t bytes[HOP_PCP_MAP_SIZE];
    size_t size = bytes_from_hex(WHOLE, bytes, sizeof bytes);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *block = bytes_exact(bytes, cut);
        hop_pcp got = {.epoch_s = 77};
        assert_false(hop_pcp_decode(block, cut, &got));
        assert_int_equal(got.epoch_s, 77);
        free(block);
    }
}

static void test_damage(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(6887);
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[HOP_PCP_MAP_SIZE + 8];
        size_t size = bytes_from_hex(WHOLE, bytes, sizeof bytes);
        size = bytes_damage(&random, bytes, size, sizeof bytes);
        uint8_t *block = bytes_exact(bytes, size);
        hop_pcp got;
        if (hop_pcp_decode(block, size, &got)) {
            assert_true(got.opcode <= HOP_PCP_MAP);
            assert_true(got.version == 2 || got.result == HOP_PCP_UNSUPPORTED_VERSION);
        }
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_versions_and_errors),
        cmocka_unit_test(test_what_is_no_answer),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("pcp", tests, NULL, NULL);
}
