/* SPDX-License-Identifier: MIT */
/*
 * Descriptions come back as bytes, as text and out of their seal; what can't be meant is skipped or
 * refused; a seal opens only with its key, for its use, untouched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "secure/secure.h"
#include "wire/description.h"

#define NONCE "101112131415161718191a1b1c1d1e1f"
/* A sequential NAT that preserves ports (it did so far), -2, 40000 to 40004; round 7. */
#define NAT "04 01 fffe 9c40 9c44 07"

static hop_candidate candidate(uint8_t type, uint8_t prefix_bits, const char *text) {
    hop_candidate made;
    memset(&made, 0, sizeof(made));
    made.type = type;
    made.prefix_bits = prefix_bits;
    assert_true(hop_address_parse(text, strlen(text), 0, &made.address));
    return made;
}

static hop_description make(unsigned count) {
    hop_description description;
    memset(&description, 0, sizeof(description));
    bytes_from_hex(NONCE, description.nonce, sizeof(description.nonce));
    const hop_candidate all[HOP_CANDIDATES_MAX] = {
        candidate(HOP_CANDIDATE_HOST, 24, "192.168.1.2:40000"),
        candidate(HOP_CANDIDATE_SERVER_REFLEXIVE, 0, "192.0.2.1:65535"),
        candidate(HOP_CANDIDATE_HOST, 64, "[2001:db8::2]:40000"),
        candidate(HOP_CANDIDATE_MAPPED, 0, "203.0.113.1:1"),
        candidate(HOP_CANDIDATE_RELAYED, 0, "[2001:db8::3]:3478"),
        candidate(HOP_CANDIDATE_HOST, 128, "[fd00::1]:1024"),
        candidate(HOP_CANDIDATE_HOST, 32, "10.0.0.1:2"),
        candidate(HOP_CANDIDATE_HOST, 0, "10.0.0.2:3"),
    };
    description.nat = (hop_nat){HOP_NAT_SEQUENTIAL, true, -2, 0x9c40, 0x9c44};
    description.round = 7;
    memcpy(description.candidates, all, count * sizeof(all[0]));
    description.candidate_count = count;
    return description;
}

static bool decode_hex(const char *hex, hop_description *description) {
    uint8_t bytes[256];
    size_t size = bytes_from_hex(hex, bytes, sizeof(bytes));
    uint8_t *block = bytes_exact(bytes, size);
    bool good = hop_description_decode(block, size, description);
    free(block);
    return good;
}

static void comes_back(void **state) {
    (void)state;
    for (unsigned count = 0; count <= HOP_CANDIDATES_MAX; count++) {
        hop_description sent = make(count), back;
        uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX];
        char text[HOP_DESCRIPTION_TEXT_SIZE];
        size_t size = hop_description_encode(&sent, bytes);
        assert_true(size >= 27);
        assert_true(hop_description_decode(bytes, size, &back));
        assert_memory_equal(&back, &sent, sizeof(back));
        size_t length = hop_description_print(&sent, text);
        assert_int_equal(length, strlen(text));
        assert_memory_equal(text, "hopd2-", 6);
        memset(&back, 0, sizeof(back));
        assert_true(hop_description_parse(text, length, &back));
        assert_memory_equal(&back, &sent, sizeof(back));
    }
}

static void has_the_documented_layout(void **state) {
    (void)state;
    static const char hex[] = "02" NONCE NAT "03"
                              "01 01 18 9c40 c0a80102"
                              "02 01 00 ffff c0000201"
                              "01 02 40 9c40 20010db8000000000000000000000002";
    uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX], expected[HOP_DESCRIPTION_SIZE_MAX];
    hop_description description = make(3), back;
    size_t size = bytes_from_hex(hex, expected, sizeof(expected));
    assert_int_equal(hop_description_encode(&description, bytes), size);
    assert_memory_equal(bytes, expected, size);
    assert_true(decode_hex(hex, &back));
    assert_memory_equal(&back, &description, sizeof(back));
}

static void the_largest_fits(void **state) {
    (void)state;
    hop_description description = make(0);
    uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX];
    char text[HOP_DESCRIPTION_TEXT_SIZE];
    description.candidate_count = HOP_CANDIDATES_MAX;
    for (unsigned i = 0; i < HOP_CANDIDATES_MAX; i++)
        description.candidates[i] = candidate(HOP_CANDIDATE_HOST, 64, "[2001:db8::2]:40000");
    assert_int_equal(hop_description_encode(&description, bytes), HOP_DESCRIPTION_SIZE_MAX);
    assert_in_range(hop_description_print(&description, text), 255, sizeof(text) - 1);
}

static void some_candidates_are_skipped(void **state) {
    (void)state;
    hop_description back;
    assert_true(decode_hex("02" NONCE NAT "06"
                           "00 01 00 9c40 c0000201" /* no type */
                           "05 01 00 9c40 c0000202" /* peer-reflexive: never travels */
                           "06 02 00 9c40 20010db8000000000000000000000002" /* of a later version */
                           "01 01 18 0000 c0000203"                         /* port 0 */
                           "02 01 18 9c40 c0000204" /* a subnet where there is none */
                           "ff 01 00 9c40 c0000205",
                           &back));
    hop_candidate expected = candidate(HOP_CANDIDATE_SERVER_REFLEXIVE, 0, "192.0.2.4:40000");
    assert_int_equal(back.candidate_count, 1);
    assert_memory_equal(&back.candidates[0], &expected, sizeof(expected));
}

static void nonsense_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "00" NONCE NAT "00",
        "03" NONCE NAT "00",
        "02" NONCE NAT,
        "02" NONCE NAT "01",
        "02" NONCE NAT "00 00",
        "02" NONCE NAT "09",
        "02" NONCE NAT "ff",
        "02" NONCE NAT "01 01 00 18 9c40 c0a80102",
        "02" NONCE NAT "01 01 03 18 9c40 c0a80102",
        "02" NONCE NAT "01 06 03 00 9c40 c0a80102", /* unknown type, but of unknown size as well */
        "02" NONCE NAT "01 01 01 21 9c40 c0a80102",
        "02" NONCE NAT "01 01 02 81 9c40 20010db8000000000000000000000002",
        "02" NONCE NAT "01 01 01 18 9c40 c0a801",
        "02" NONCE NAT "01 01 01 18 9c40 c0a8010203",
        "02" NONCE NAT "02 01 01 18 9c40 c0a80102",
        "02" NONCE "04 00 0000 0001 0002 00"
        "00", /* sequential without a step */
        "02" NONCE "04 00 0011 0001 0002 00"
        "00", /* further than a step can be */
        "02" NONCE "04 00 ffef 0001 0002 00"
        "00",
        "02" NONCE "02 00 0000 0002 0001 00"
        "00", /* from high to low */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        hop_description back, untouched;
        memset(&back, 0xAA, sizeof(back));
        untouched = back;
        if (decode_hex(bad[i], &back)) fail_msg("%s", bad[i]);
        assert_memory_equal(&back, &untouched, sizeof(back));
    }
}

/* What we do not know of a later version, and what means nothing where it stands. */
static void an_unknown_nat_is_unknown(void **state) {
    (void)state;
    hop_description back;
    assert_true(decode_hex("02" NONCE "06 ff 0005 0001 0002 00"
                           "00",
                           &back));
    assert_int_equal(back.nat.mapping, HOP_NAT_UNKNOWN);
    assert_true(back.nat.preserving);
    assert_int_equal(back.nat.delta, 0);
    assert_true(decode_hex("02" NONCE "05 00 0005 0001 0002 00"
                           "00",
                           &back));
    assert_int_equal(back.nat.mapping, HOP_NAT_RANDOM);
    assert_int_equal(back.nat.delta, 0);
}

static void encodes_no_nonsense(void **state) {
    (void)state;
    uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX];
    char text[HOP_DESCRIPTION_TEXT_SIZE];
    hop_description description = make(1);
    description.candidate_count = HOP_CANDIDATES_MAX + 1;
    assert_int_equal(hop_description_encode(&description, bytes), 0);
    assert_int_equal(hop_description_print(&description, text), 0);
    const hop_candidate bad[] = {
        candidate(HOP_CANDIDATE_PEER_REFLEXIVE, 0, "192.0.2.1:1"),
        candidate(0, 0, "192.0.2.1:1"),
        candidate(6, 0, "192.0.2.1:1"),
        candidate(HOP_CANDIDATE_HOST, 33, "192.0.2.1:1"),
        candidate(HOP_CANDIDATE_HOST, 129, "[2001:db8::1]:1"),
        candidate(HOP_CANDIDATE_HOST, 24, "192.0.2.1:0"),
        {.type = HOP_CANDIDATE_HOST},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        description = make(1);
        description.candidates[0] = bad[i];
        assert_int_equal(hop_description_encode(&description, bytes), 0);
    }
    const hop_nat bad_nats[] = {{6, false, 0, 1, 2},
                                {HOP_NAT_SEQUENTIAL, false, 0, 1, 2},
                                {HOP_NAT_RANDOM, false, 1, 1, 2},
                                {HOP_NAT_RANDOM, false, 0, 2, 1}};
    for (size_t i = 0; i < sizeof(bad_nats) / sizeof(bad_nats[0]); i++) {
        description = make(1);
        description.nat = bad_nats[i];
        assert_int_equal(hop_description_encode(&description, bytes), 0);
    }
}

static void text_damage_is_noticed(void **state) {
    (void)state;
    hop_description description = make(3), back;
    char text[HOP_DESCRIPTION_TEXT_SIZE], padded[HOP_DESCRIPTION_TEXT_SIZE + 4];
    size_t length = hop_description_print(&description, text);
    for (size_t i = 0; i < length; i++) {
        char right = text[i];
        for (int letter = 0; letter < 256; letter++) {
            if ((char)letter == right) continue;
            text[i] = (char)letter;
            assert_false(hop_description_parse(text, length, &back));
        }
        text[i] = right;
        assert_false(hop_description_parse(text, i, &back));
    }
    padded[0] = ' ';
    memcpy(padded + 1, text, length);
    padded[length + 1] = '\n';
    assert_true(hop_description_parse(padded, length + 2, &back));
    static const char *const bad[] = {"", "hopd2-", "hopd2-AAAA", "hopd2-AAAAAA", "hop1-AAAAAA"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(hop_description_parse(bad[i], strlen(bad[i]), &back));
    char long_text[2000];
    memset(long_text, 'A', sizeof(long_text));
    memcpy(long_text, "hopd2-", 6);
    assert_false(hop_description_parse(long_text, sizeof(long_text), &back));
}

static void a_seal_opens_only_as_it_was_made(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t key[HOP_KEY_SIZE] = {1, 2, 3};
    uint8_t sealed[HOP_DESCRIPTION_SEALED_SIZE_MAX], twin[HOP_DESCRIPTION_SEALED_SIZE_MAX];
    for (unsigned count = 0; count <= HOP_CANDIDATES_MAX; count += 4) {
        hop_description sent = make(count), back;
        size_t size = hop_description_seal(&sent, crypto, key, HOP_SEAL_KNOCK, sealed);
        assert_true(size >= 46);
        assert_int_equal(hop_description_seal(&sent, crypto, key, HOP_SEAL_KNOCK, twin), size);
        assert_memory_not_equal(sealed, twin, size); /* a fresh nonce each time */
        assert_true(hop_description_open(sealed, size, crypto, key, HOP_SEAL_KNOCK, &back));
        assert_memory_equal(&back, &sent, sizeof(back));
        assert_false(hop_description_open(sealed, size, crypto, key, HOP_SEAL_REGISTER, &back));
        for (size_t bit = 0; bit < 8 * size; bit++) {
            sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_false(hop_description_open(sealed, size, crypto, key, HOP_SEAL_KNOCK, &back));
            sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *block = bytes_exact(sealed, cut);
            assert_false(hop_description_open(block, cut, crypto, key, HOP_SEAL_KNOCK, &back));
            free(block);
        }
        key[31] ^= 1;
        assert_false(hop_description_open(sealed, size, crypto, key, HOP_SEAL_KNOCK, &back));
        key[31] ^= 1;
    }
    uint8_t big[HOP_DESCRIPTION_SEALED_SIZE_MAX + 1] = {0};
    hop_description back;
    assert_false(hop_description_open(big, sizeof(big), crypto, key, HOP_SEAL_KNOCK, &back));
}

/* The associated data is part of the protocol: "hopdesc" and the use. */
static void the_seal_is_the_documented_one(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t key[HOP_KEY_SIZE] = {9}, sealed[HOP_DESCRIPTION_SEALED_SIZE_MAX];
    uint8_t plain[HOP_DESCRIPTION_SIZE_MAX], opened[HOP_DESCRIPTION_SIZE_MAX];
    hop_description sent = make(2);
    size_t plain_size = hop_description_encode(&sent, plain);
    size_t size = hop_description_seal(&sent, crypto, key, HOP_SEAL_REGISTER, sealed);
    assert_int_equal(size, 12 + plain_size + 16);
    assert_true(crypto->open(NULL, key, sealed, (const uint8_t *)"hopdesc\1", 8, sealed + 12,
                             size - 12, opened));
    assert_memory_equal(opened, plain, plain_size);
}

static void sealed_nonsense_is_refused(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t key[HOP_KEY_SIZE] = {9}, plain[20] = {1}, sealed[12 + 20 + 16] = {0};
    hop_description back;
    plain[17] = 200; /* so many candidates */
    assert_true(crypto->seal(NULL, key, sealed, (const uint8_t *)"hopdesc\2", 8, plain,
                             sizeof(plain), sealed + 12));
    assert_false(hop_description_open(sealed, sizeof(sealed), crypto, key, HOP_SEAL_KNOCK, &back));
}

static bool no_random(void *context, uint8_t *out, size_t size) {
    (void)context, (void)out, (void)size;
    return false;
}

static void a_failing_library_is_told(void **state) {
    (void)state;
    hop_crypto broken = *hop_secure_crypto();
    hop_description description = make(2);
    uint8_t key[HOP_KEY_SIZE] = {9}, sealed[HOP_DESCRIPTION_SEALED_SIZE_MAX];
    broken.random = no_random;
    assert_int_equal(hop_description_seal(&description, &broken, key, HOP_SEAL_KNOCK, sealed), 0);
}

static void survives_damage(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(30);
    unsigned accepted = 0;
    for (unsigned round = 0; round < 20000; round++) {
        hop_description sent = make(round % 9), back, again;
        uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX + 8];
        size_t size = hop_description_encode(&sent, bytes);
        size = bytes_damage(&random, bytes, size, sizeof(bytes));
        uint8_t *block = bytes_exact(bytes, size);
        if (hop_description_decode(block, size, &back)) {
            accepted++;
            assert_true(back.candidate_count <= HOP_CANDIDATES_MAX);
            size = hop_description_encode(&back, bytes);
            assert_true(size >= 27); /* whatever we accept we can say again */
            assert_true(hop_description_decode(bytes, size, &again));
            assert_memory_equal(&again, &back, sizeof(back));
        }
        free(block);
    }
    assert_in_range(accepted, 1000, 19000);
}

static void survives_damaged_text(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(31);
    hop_description sent = make(4), back;
    char text[HOP_DESCRIPTION_TEXT_SIZE];
    size_t length = hop_description_print(&sent, text);
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t damaged[HOP_DESCRIPTION_TEXT_SIZE];
        memcpy(damaged, text, length);
        size_t size = bytes_damage(&random, damaged, length, sizeof(damaged));
        char *block = bytes_exact(damaged, size);
        if (hop_description_parse(block, size, &back))
            assert_memory_equal(&back, &sent, sizeof(back)); /* nothing but white space changed */
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(has_the_documented_layout),
        cmocka_unit_test(the_largest_fits),
        cmocka_unit_test(some_candidates_are_skipped),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(an_unknown_nat_is_unknown),
        cmocka_unit_test(encodes_no_nonsense),
        cmocka_unit_test(text_damage_is_noticed),
        cmocka_unit_test(a_seal_opens_only_as_it_was_made),
        cmocka_unit_test(the_seal_is_the_documented_one),
        cmocka_unit_test(sealed_nonsense_is_refused),
        cmocka_unit_test(a_failing_library_is_told),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(survives_damaged_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
