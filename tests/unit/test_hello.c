/* SPDX-License-Identifier: MIT */
/*
 * The handshake of a link: each message is accepted by the one it is meant for and by nobody else,
 * on no other link, in no other attempt, in no other role.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "secure/secure.h"
#include "wire/hello.h"

static const uint8_t key[HOP_KEY_SIZE] = {1, 2, 3};
static const uint8_t peer_nonce[HOP_NONCE_SIZE] = {0xB0, 0xB1};

static const struct {
    hop_hello_kind kind;
    hop_role role;
} kinds[] = {
    {HOP_HELLO_HELLO, HOP_ROLE_CONTROLLING},
    {HOP_HELLO_HELLO, HOP_ROLE_CONTROLLED},
    {HOP_HELLO_CONFIRM, HOP_ROLE_CONTROLLED},
    {HOP_HELLO_NOMINATE, HOP_ROLE_CONTROLLING},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static hop_hello make(size_t i) {
    hop_hello hello = {.kind = kinds[i].kind, .role = kinds[i].role};
    for (size_t k = 0; k < HOP_NONCE_SIZE; k++)
        hello.nonce[k] = (uint8_t)(0xA0 + k);
    return hello;
}

static const uint8_t *nonce_for(hop_hello_kind kind) {
    return kind == HOP_HELLO_HELLO ? NULL : peer_nonce;
}

static void encode(size_t i, uint8_t bytes[HOP_HELLO_SIZE]) {
    hop_hello hello = make(i);
    assert_true(hop_hello_encode(&hello, nonce_for(hello.kind), hop_secure_crypto(), key, bytes));
}

static bool decode(const uint8_t bytes[HOP_HELLO_SIZE], size_t i, const uint8_t *nonce,
                   const uint8_t *with_key, hop_hello *hello) {
    return hop_hello_decode(bytes, kinds[i].kind, kinds[i].role, nonce, hop_secure_crypto(),
                            with_key, hello);
}

static void each_is_only_itself(void **state) {
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        uint8_t bytes[HOP_HELLO_SIZE];
        encode(i, bytes);
        assert_true(hop_hello_looks_like(bytes));
        for (size_t k = 0; k < KIND_COUNT; k++) {
            hop_hello hello, expected = make(i);
            assert_int_equal(decode(bytes, k, nonce_for(kinds[k].kind), key, &hello), i == k);
            if (i != k) continue;
            assert_int_equal(hello.kind, expected.kind);
            assert_int_equal(hello.role, expected.role);
            assert_memory_equal(hello.nonce, expected.nonce, HOP_NONCE_SIZE);
        }
    }
}

static void has_the_documented_layout(void **state) {
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        uint8_t bytes[HOP_HELLO_SIZE], covered[40] = "HOPC\1", mac[HOP_MAC_SIZE];
        hop_hello hello = make(i);
        encode(i, bytes);
        covered[5] = (uint8_t)hello.kind;
        covered[6] = (uint8_t)hello.role;
        memcpy(covered + 8, hello.nonce, HOP_NONCE_SIZE);
        memcpy(covered + 24, peer_nonce, HOP_NONCE_SIZE);
        assert_memory_equal(bytes, covered, 24);
        assert_true(hop_secure_crypto()->mac(NULL, key, covered,
                                             hello.kind == HOP_HELLO_HELLO ? 24 : 40, mac));
        assert_memory_equal(bytes + 24, mac, sizeof(mac));
    }
}

static void any_touched_bit_is_noticed(void **state) {
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        uint8_t bytes[HOP_HELLO_SIZE];
        hop_hello hello, untouched;
        memset(&hello, 0xAA, sizeof(hello));
        untouched = hello;
        encode(i, bytes);
        for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_false(decode(bytes, i, nonce_for(kinds[i].kind), key, &hello));
            assert_memory_equal(&hello, &untouched, sizeof(hello));
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_true(decode(bytes, i, nonce_for(kinds[i].kind), key, &hello));
    }
}

static void another_key_or_link_is_noticed(void **state) {
    (void)state;
    uint8_t other_key[HOP_KEY_SIZE], other_nonce[HOP_NONCE_SIZE];
    memcpy(other_key, key, sizeof(other_key));
    memcpy(other_nonce, peer_nonce, sizeof(other_nonce));
    other_key[31] ^= 0x80;
    other_nonce[15] ^= 1;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        uint8_t bytes[HOP_HELLO_SIZE];
        hop_hello hello;
        encode(i, bytes);
        assert_false(decode(bytes, i, nonce_for(kinds[i].kind), other_key, &hello));
        if (kinds[i].kind == HOP_HELLO_HELLO) continue;
        assert_false(decode(bytes, i, other_nonce, key, &hello)); /* replayed on another link */
    }
}

static void wrong_use_is_refused(void **state) {
    (void)state;
    uint8_t bytes[HOP_HELLO_SIZE];
    hop_hello hello;
    const hop_crypto *crypto = hop_secure_crypto();
    for (size_t i = 0; i < KIND_COUNT; i++) {
        hop_hello wrong = make(i);
        const uint8_t *flipped = wrong.kind == HOP_HELLO_HELLO ? peer_nonce : NULL;
        assert_false(hop_hello_encode(&wrong, flipped, crypto, key, bytes));
        encode(i, bytes);
        assert_false(decode(bytes, i, flipped, key, &hello));
        if (wrong.kind == HOP_HELLO_HELLO) continue;
        wrong.role = hop_role_other(wrong.role);
        assert_false(hop_hello_encode(&wrong, peer_nonce, crypto, key, bytes));
    }
    hop_hello odd = make(0);
    odd.kind = (hop_hello_kind)4;
    assert_false(hop_hello_encode(&odd, peer_nonce, crypto, key, bytes));
    odd = make(0);
    odd.role = (hop_role)3;
    assert_false(hop_hello_encode(&odd, NULL, crypto, key, bytes));
}

/* With bare addresses nobody has a role yet when the HELLOs are sent; what comes after needs one.
 */
static void hello_alone_may_have_no_role(void **state) {
    (void)state;
    uint8_t bytes[HOP_HELLO_SIZE];
    hop_hello hello;
    const hop_crypto *crypto = hop_secure_crypto();
    for (size_t i = 0; i < KIND_COUNT; i++) {
        hop_hello bare = make(i);
        bool first = bare.kind == HOP_HELLO_HELLO;
        const uint8_t *nonce = first ? NULL : peer_nonce;
        bare.role = HOP_ROLE_UNSETTLED;
        assert_int_equal(hop_hello_encode(&bare, nonce, crypto, key, bytes), first);
        if (!first) continue;
        assert_true(
            hop_hello_decode(bytes, bare.kind, HOP_ROLE_UNSETTLED, NULL, crypto, key, &hello));
        assert_false(
            hop_hello_decode(bytes, bare.kind, HOP_ROLE_CONTROLLING, NULL, crypto, key, &hello));
    }
}

static void strangers_do_not_look_like_it(void **state) {
    (void)state;
    static const char *const strangers[] = {
        "GET / HTTP/1.1\r\n", "SSH-2.0-", "\x16\x03\x01", "HOPC\2", "HOPc\1", ""};
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        uint8_t bytes[HOP_HELLO_SIZE] = {0};
        memcpy(bytes, strangers[i], strlen(strangers[i]));
        assert_false(hop_hello_looks_like(bytes));
    }
}

static void both_sides_make_one_key(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t secret[HOP_KEY_SIZE] = {5}, a[HOP_NONCE_SIZE] = {6}, b[HOP_NONCE_SIZE] = {7};
    uint8_t first[HOP_KEY_SIZE], second[HOP_KEY_SIZE], salt[32];
    assert_true(hop_hello_derive_key(crypto, secret, a, b, first));
    memcpy(salt, a, 16);
    memcpy(salt + 16, b, 16);
    assert_true(crypto->derive(NULL, secret, salt, 32, "hopconn attempt", second));
    assert_memory_equal(first, second, sizeof(first));
    assert_true(hop_hello_derive_key(crypto, secret, b, a, second));
    assert_memory_not_equal(first, second, sizeof(first));
    a[15] ^= 1;
    assert_true(hop_hello_derive_key(crypto, secret, a, b, second));
    assert_memory_not_equal(first, second, sizeof(first));
}

static bool no_mac(void *context, const uint8_t *with_key, const uint8_t *bytes, size_t size,
                   uint8_t *out) {
    (void)context, (void)with_key, (void)bytes, (void)size, (void)out;
    return false;
}

static void a_failing_library_is_told(void **state) {
    (void)state;
    uint8_t bytes[HOP_HELLO_SIZE];
    hop_crypto broken = *hop_secure_crypto();
    hop_hello hello = make(0);
    encode(0, bytes);
    broken.mac = no_mac;
    assert_false(hop_hello_decode(bytes, hello.kind, hello.role, NULL, &broken, key, &hello));
    assert_false(hop_hello_encode(&hello, NULL, &broken, key, bytes));
}

static void survives_damage(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(40);
    for (unsigned round = 0; round < 20000; round++) {
        size_t i = round % KIND_COUNT;
        static uint8_t originals[KIND_COUNT][HOP_HELLO_SIZE];
        if (originals[i][0] == 0) encode(i, originals[i]);
        uint8_t bytes[HOP_HELLO_SIZE];
        hop_hello hello;
        memcpy(bytes, originals[i], sizeof(bytes));
        (void)bytes_damage(&random, bytes, sizeof(bytes), sizeof(bytes));
        bool same = memcmp(bytes, originals[i], sizeof(bytes)) == 0;
        uint8_t *block = bytes_exact(bytes, sizeof(bytes));
        assert_int_equal(decode(block, i, nonce_for(kinds[i].kind), key, &hello), same);
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_only_itself),
        cmocka_unit_test(has_the_documented_layout),
        cmocka_unit_test(any_touched_bit_is_noticed),
        cmocka_unit_test(another_key_or_link_is_noticed),
        cmocka_unit_test(wrong_use_is_refused),
        cmocka_unit_test(hello_alone_may_have_no_role),
        cmocka_unit_test(strangers_do_not_look_like_it),
        cmocka_unit_test(both_sides_make_one_key),
        cmocka_unit_test(a_failing_library_is_told),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
