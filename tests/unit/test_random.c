/* SPDX-License-Identifier: MIT */
/*
 * The seeded generator gives one sequence for one seed, stays in its range and reaches all of it;
 * and the two small functions of base/crypto.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/crypto.h"
#include "base/random.h"

/* The first values for seed 1234567, as widely published for SplitMix64. */
static void gives_the_known_sequence(void **state) {
    (void)state;
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431), UINT64_C(16408922859458223821)};
    hop_random random = hop_random_seeded(1234567);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(hop_random_next(&random) == expected[i]);
}

static void stays_in_the_range_and_fills_it(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(7);
    unsigned seen[6] = {0};
    for (unsigned i = 0; i < 60000; i++) {
        uint64_t value = hop_random_between(&random, 10, 15);
        assert_in_range(value, 10, 15);
        seen[value - 10]++;
    }
    for (unsigned i = 0; i < 6; i++)
        assert_in_range(seen[i], 9500, 10500);
}

static void takes_the_edges_of_a_range(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(3);
    hop_random twin = random;
    assert_true(hop_random_between(&random, 5, 5) == 5);
    assert_true(hop_random_between(&random, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    random = twin;
    assert_true(hop_random_between(&random, 0, UINT64_MAX) == hop_random_next(&twin));
    for (unsigned i = 0; i < 1000; i++)
        assert_true(hop_random_between(&random, UINT64_MAX / 2, UINT64_MAX) >= UINT64_MAX / 2);
}

static void compares_all_bytes(void **state) {
    (void)state;
    uint8_t a[33] = {0};
    uint8_t b[33] = {0};
    assert_true(hop_crypto_equal(a, b, sizeof(a)));
    for (unsigned bit = 0; bit < 8 * sizeof(a); bit++) {
        b[bit / 8] = (uint8_t)(1u << bit % 8);
        assert_false(hop_crypto_equal(a, b, sizeof(a)));
        b[bit / 8] = 0;
    }
    b[32] = 1;
    assert_true(hop_crypto_equal(a, b, 32));
    assert_true(hop_crypto_equal(a, b, 0));
}

static void wipes_only_its_bytes(void **state) {
    (void)state;
    uint8_t bytes[5] = {1, 2, 3, 4, 5};
    hop_crypto_wipe(bytes + 1, 3);
    assert_memory_equal(bytes, "\1\0\0\0\5", 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_sequence),
        cmocka_unit_test(stays_in_the_range_and_fills_it),
        cmocka_unit_test(takes_the_edges_of_a_range),
        cmocka_unit_test(compares_all_bytes),
        cmocka_unit_test(wipes_only_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
