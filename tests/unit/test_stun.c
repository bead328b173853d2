/* SPDX-License-Identifier: MIT */
/*
 * STUN's format, checked with the test vectors of RFC 5769: every attribute, the fingerprint by our
 * CRC-32, the integrity by OpenSSL's HMAC-SHA1. Then the framing rules and damaged bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/limits.h"
#include "base/text.h"
#include "bytes.h"
#include "wire/stun.h"

#define FINGERPRINT_SIZE 8u
#define INTEGRITY_SIZE   24u

/* RFC 5769 section 2.1 */
static const char sample_request[] =
    "000100582112a442b7e7a701bc34d686fa87dfae 80220010 5354554e207465737420636c69656e74"
    "00240004 6e0001ff 80290008 932ff9b151263b36 00060009 6576746a3a68367659202020"
    "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf";
/* Section 2.2 */
static const char sample_ipv4[] =
    "0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220"
    "00200008 0001a147e112a643 00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004 c07d4c96";
/* Section 2.3 */
static const char sample_ipv6[] =
    "010100482112a442b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220"
    "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c";
/* Section 2.4 */
static const char sample_long_term[] =
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012 e3839ee38388e383aae38383e382afe382b90000"
    "0015001c 662f2f3439396b39353464364f4c33346f4c394653547679363473 41"
    "0014000b 6578616d706c652e6f726700"
    "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666";
static const char sample_password[] = "VOkJxbRl1RmTxUk/WvJxBt";

/* A vector's bytes, and its message that points into them. */
typedef struct stun_sample {
    uint8_t bytes[256];
    size_t size;
    hop_stun message;
} stun_sample;

static void load(stun_sample *sample, const char *hex) {
    sample->size = bytes_from_hex(hex, sample->bytes, sizeof(sample->bytes));
    assert_int_equal(hop_stun_frame_size(sample->bytes), sample->size);
    assert_true(hop_stun_decode(sample->bytes, sample->size, &sample->message));
    assert_int_equal(sample->message.method, HOP_STUN_BINDING);
}

static hop_stun_attribute next(stun_sample *sample, uint16_t type, size_t size) {
    hop_stun_attribute attribute;
    assert_true(hop_stun_next(&sample->message, &attribute));
    assert_int_equal(attribute.type, type);
    assert_int_equal(hop_reader_left(&attribute.value), size);
    assert_int_equal(hop_reader_make(sample->bytes + 20 + attribute.at, 2).bytes[1], type & 0xFF);
    return attribute;
}

static void next_is(stun_sample *sample, uint16_t type, const void *value, size_t size) {
    hop_stun_attribute attribute = next(sample, type, size);
    assert_memory_equal(hop_read_span(&attribute.value, size), value, size);
}

static void no_more(stun_sample *sample) {
    hop_stun_attribute attribute;
    assert_false(hop_stun_next(&sample->message, &attribute));
    assert_false(sample->message.attributes.failed);
}

/* RFC 8489 section 14.5: over all before it, the length counting up to it and no further. */
static void check_integrity(stun_sample *sample, const void *key, size_t key_size) {
    hop_stun_attribute attribute = next(sample, HOP_STUN_MESSAGE_INTEGRITY, 20);
    uint8_t covered[256], mac[EVP_MAX_MD_SIZE];
    unsigned mac_size = 0;
    size_t size = HOP_STUN_HEADER_SIZE + attribute.at;
    memcpy(covered, sample->bytes, size);
    covered[2] = (uint8_t)((size + INTEGRITY_SIZE - HOP_STUN_HEADER_SIZE) >> 8);
    covered[3] = (uint8_t)(size + INTEGRITY_SIZE - HOP_STUN_HEADER_SIZE);
    assert_non_null(HMAC(EVP_sha1(), key, (int)key_size, covered, size, mac, &mac_size));
    assert_int_equal(mac_size, 20);
    assert_memory_equal(mac, hop_read_span(&attribute.value, 20), 20);
}

static void check_fingerprint(stun_sample *sample) {
    hop_stun_attribute attribute = next(sample, HOP_STUN_FINGERPRINT, 4);
    size_t size = sample->size - FINGERPRINT_SIZE;
    assert_int_equal(HOP_STUN_HEADER_SIZE + attribute.at, size);
    assert_int_equal(hop_read_u32(&attribute.value),
                     hop_text_crc32(sample->bytes, size) ^ 0x5354554Eu);
    no_more(sample);
}

static void rfc5769_request(void **state) {
    (void)state;
    stun_sample sample;
    load(&sample, sample_request);
    assert_int_equal(sample.message.class_, HOP_STUN_REQUEST);
    assert_memory_equal(sample.message.transaction,
                        "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae", 12);
    next_is(&sample, HOP_STUN_SOFTWARE, "STUN test client", 16);
    next_is(&sample, HOP_STUN_PRIORITY, "\x6e\x00\x01\xff", 4);
    next_is(&sample, 0x8029, "\x93\x2f\xf9\xb1\x51\x26\x3b\x36", 8); /* ICE-CONTROLLED */
    next_is(&sample, HOP_STUN_USERNAME, "evtj:h6vY", 9);
    check_integrity(&sample, sample_password, strlen(sample_password));
    check_fingerprint(&sample);
}

static void check_response(const char *hex, const char *address_text) {
    stun_sample sample;
    hop_address address, expected;
    uint8_t bytes[64];
    load(&sample, hex);
    assert_int_equal(sample.message.class_, HOP_STUN_SUCCESS);
    next_is(&sample, HOP_STUN_SOFTWARE, "test vector", 11);
    hop_stun_attribute attribute;
    assert_true(hop_stun_next(&sample.message, &attribute));
    assert_int_equal(attribute.type, HOP_STUN_XOR_MAPPED_ADDRESS);
    assert_true(hop_stun_read_xor_address(&sample.message, attribute.value, &address));
    assert_true(hop_address_parse(address_text, strlen(address_text), 0, &expected));
    assert_true(hop_address_equal(&address, &expected));

    /* Encoded again, the attribute is the same bytes. */
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_stun_begin(&writer, HOP_STUN_SUCCESS, HOP_STUN_BINDING, sample.message.transaction);
    hop_stun_put_xor_address(&writer, HOP_STUN_XOR_MAPPED_ADDRESS, &address);
    hop_stun_end(&writer);
    assert_false(writer.failed);
    assert_int_equal(writer.at, HOP_STUN_HEADER_SIZE + 4 + attribute.value.size);
    assert_memory_equal(bytes + HOP_STUN_HEADER_SIZE,
                        sample.bytes + HOP_STUN_HEADER_SIZE + attribute.at,
                        4 + attribute.value.size);
    check_integrity(&sample, sample_password, strlen(sample_password));
    check_fingerprint(&sample);
}

static void rfc5769_ipv4_response(void **state) {
    (void)state;
    check_response(sample_ipv4, "192.0.2.1:32853");
}

static void rfc5769_ipv6_response(void **state) {
    (void)state;
    check_response(sample_ipv6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

static void rfc5769_long_term(void **state) {
    (void)state;
    static const char credentials[] = "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf"
                                      "\xe3\x82\xb9:example.org:TheMatrIX";
    uint8_t key[EVP_MAX_MD_SIZE];
    unsigned key_size = 0;
    stun_sample sample;
    load(&sample, sample_long_term);
    assert_int_equal(sample.message.class_, HOP_STUN_REQUEST);
    next_is(&sample, HOP_STUN_USERNAME, credentials, 18);
    next_is(&sample, HOP_STUN_NONCE, "f//499k954d6OL34oL9FSTvy64sA", 28);
    next_is(&sample, HOP_STUN_REALM, "example.org", 11);
    assert_int_equal(EVP_Digest(credentials, strlen(credentials), key, &key_size, EVP_md5(), NULL),
                     1);
    check_integrity(&sample, key, key_size);
    no_more(&sample);
}

/* RFC 8489 section 5: the class's bits are 0x0010 and 0x0100. */
static void types_interleave(void **state) {
    (void)state;
    static const struct {
        hop_stun_class class_;
        uint16_t method;
        uint16_t type;
    } cases[] = {
        {HOP_STUN_REQUEST, 0x001, 0x0001},    {HOP_STUN_INDICATION, 0x001, 0x0011},
        {HOP_STUN_SUCCESS, 0x001, 0x0101},    {HOP_STUN_ERROR, 0x001, 0x0111},
        {HOP_STUN_REQUEST, 0xFFF, 0x3EEF},    {HOP_STUN_ERROR, 0xFFF, 0x3FFF},
        {HOP_STUN_REQUEST, 0x0F1, 0x02E1},    {HOP_STUN_SUCCESS, 0x0F2, 0x03E2},
        {HOP_STUN_INDICATION, 0x080, 0x0210}, {HOP_STUN_SUCCESS, 0x00F, 0x010F},
        {HOP_STUN_INDICATION, 0x0F3, 0x02F3},
    };
    static const uint8_t transaction[HOP_STUN_TRANSACTION_SIZE] = {1};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[HOP_STUN_HEADER_SIZE];
        hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
        hop_stun_begin(&writer, cases[i].class_, cases[i].method, transaction);
        assert_int_equal(bytes[0] << 8 | bytes[1], cases[i].type);
    }
    for (unsigned method = 0; method <= 0xFFF; method++) {
        for (unsigned class_ = 0; class_ < 4; class_++) {
            uint8_t bytes[HOP_STUN_HEADER_SIZE];
            hop_stun message;
            hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
            hop_stun_begin(&writer, (hop_stun_class)class_, (uint16_t)method, transaction);
            hop_stun_end(&writer);
            assert_false(writer.failed);
            assert_true(hop_stun_decode(bytes, sizeof(bytes), &message));
            assert_int_equal(message.method, method);
            assert_int_equal(message.class_, class_);
            unsigned type = (unsigned)bytes[0] << 8 | bytes[1];
            assert_int_equal(type & 0x0110, (class_ & 1) << 4 | (class_ & 2) << 7);
        }
    }
}

static void frames(void **state) {
    (void)state;
    static const struct {
        const char *head;
        size_t size;
    } cases[] = {
        {"000100002112a442", 20}, {"000100042112a442", 24}, {"3fff05642112a442", 1400},
        {"000105682112a442", 0}, /* larger than anything of ours */
        {"0001fffc2112a442", 0},  {"000100012112a442", 0},  {"000100022112a442", 0},
        {"000100032112a442", 0},  {"400100002112a442", 0},  {"800100002112a442", 0},
        {"c00100002112a442", 0},  {"000100002112a443", 0},  {"000100000112a442", 0},
        {"474554202f204854", 0}, /* "GET / HT" */
        {"0000000000000000", 0},  {"ffffffffffffffff", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t header[HOP_STUN_HEADER_SIZE] = {0};
        bytes_from_hex(cases[i].head, header, sizeof(header));
        if (hop_stun_frame_size(header) != cases[i].size) fail_msg("%s", cases[i].head);
    }
}

static void a_decoder_wants_the_whole_message(void **state) {
    (void)state;
    stun_sample sample;
    hop_stun message;
    load(&sample, sample_ipv4);
    for (size_t size = 0; size < sample.size; size++) {
        uint8_t *bytes = bytes_exact(sample.bytes, size);
        assert_false(hop_stun_decode(bytes, size, &message));
        free(bytes);
    }
    assert_false(hop_stun_decode(sample.bytes, sample.size + 4, &message));
}

static void attributes_that_overrun(void **state) {
    (void)state;
    static const char *const bad[] = {
        "000100042112a442000000000000000000000000 80220001",          /* no value */
        "000100082112a442000000000000000000000000 80220005 61626364", /* value cut */
        "000100082112a442000000000000000000000000 8022ffff 61626364",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t bytes[64];
        hop_stun message;
        hop_stun_attribute attribute;
        size_t size = bytes_from_hex(bad[i], bytes, sizeof(bytes));
        assert_true(hop_stun_decode(bytes, size, &message));
        assert_false(hop_stun_next(&message, &attribute));
        assert_true(message.attributes.failed);
        assert_false(hop_stun_next(&message, &attribute));
    }
}

static void addresses_are_strict(void **state) {
    (void)state;
    static const struct {
        const char *value;
        bool good;
    } cases[] = {
        {"0001d431c0000201", true},
        {"ff01d431c0000201", true},
        {"0002d431c0000201", false},
        {"0001d431c00002", false},
        {"0001d431c000020100", false},
        {"0000d431c0000201", false},
        {"0003d431c0000201", false},
        {"0002d43120010db8000000000000000000000001", true},
        {"0001d43120010db8000000000000000000000001", false},
        {"0002d43120010db80000000000000000000000", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[24];
        hop_address address;
        hop_stun message = {0};
        size_t size = bytes_from_hex(cases[i].value, bytes, sizeof(bytes));
        hop_reader value = hop_reader_make(bytes, size);
        if (hop_stun_read_address(value, &address) != cases[i].good) fail_msg("%s", cases[i].value);
        assert_int_equal(hop_stun_read_xor_address(&message, value, &address), cases[i].good);
    }
}

static void errors(void **state) {
    (void)state;
    static const uint8_t transaction[HOP_STUN_TRANSACTION_SIZE] = {9};
    for (unsigned code = 290; code < 710; code++) {
        uint8_t bytes[64];
        hop_stun message;
        hop_stun_attribute attribute;
        const uint8_t *reason = NULL;
        size_t reason_size = 0;
        unsigned back = 0;
        hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
        hop_stun_begin(&writer, HOP_STUN_ERROR, HOP_STUN_KNOCK, transaction);
        hop_stun_put_error(&writer, code, "Stale", 5);
        hop_stun_end(&writer);
        assert_int_equal(writer.failed, code < 300 || code > 699);
        if (writer.failed) continue;
        assert_int_equal(writer.at, HOP_STUN_HEADER_SIZE + 4 + 4 + 8);
        assert_true(hop_stun_decode(bytes, writer.at, &message));
        assert_true(hop_stun_next(&message, &attribute));
        assert_true(hop_stun_read_error(attribute.value, &back, &reason, &reason_size));
        assert_int_equal(back, code);
        assert_int_equal(reason_size, 5);
        assert_memory_equal(reason, "Stale", 5);
    }
    static const char *const bad[] = {"", "000004", "00000764", "00000200", "00000464", "000004ff"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t bytes[8];
        unsigned code;
        const uint8_t *reason;
        size_t size = bytes_from_hex(bad[i], bytes, sizeof(bytes)), reason_size;
        assert_false(
            hop_stun_read_error(hop_reader_make(bytes, size), &code, &reason, &reason_size));
    }
}

static void writing_pads_and_counts(void **state) {
    (void)state;
    static const uint8_t transaction[HOP_STUN_TRANSACTION_SIZE] = {0};
    for (size_t size = 0; size < 9; size++) {
        uint8_t bytes[64];
        memset(bytes, 0xEE, sizeof(bytes));
        hop_stun message;
        hop_stun_attribute attribute;
        hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
        hop_stun_begin(&writer, HOP_STUN_REQUEST, HOP_STUN_BINDING, transaction);
        hop_stun_put_bytes(&writer, HOP_STUN_SOFTWARE, "abcdefgh", size);
        hop_stun_put_u32(&writer, HOP_STUN_DELAY, 0x01020304);
        hop_stun_put_u64(&writer, HOP_STUN_TIME, 0x0102030405060708);
        hop_stun_end(&writer);
        assert_true(hop_stun_decode(bytes, writer.at, &message));
        assert_true(hop_stun_next(&message, &attribute));
        assert_int_equal(attribute.value.size, size);
        for (size_t i = size; i % 4 != 0; i++)
            assert_int_equal(bytes[24 + i], 0);
        assert_true(hop_stun_next(&message, &attribute));
        assert_int_equal(hop_read_u32(&attribute.value), 0x01020304);
        assert_true(hop_stun_next(&message, &attribute));
        assert_true(hop_read_u64(&attribute.value) == 0x0102030405060708);
        assert_false(hop_stun_next(&message, &attribute));
    }
}

static void writing_fails_once_and_for_all(void **state) {
    (void)state;
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    static const uint8_t big[70000];
    static const uint8_t transaction[HOP_STUN_TRANSACTION_SIZE] = {0};
    hop_address none = {0};
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_stun_begin(&writer, HOP_STUN_REQUEST, HOP_STUN_BINDING, transaction);
    hop_writer copy = writer;
    hop_stun_put_address(&copy, HOP_STUN_OTHER_ADDRESS, &none);
    assert_true(copy.failed);
    copy = writer;
    hop_stun_put_xor_address(&copy, HOP_STUN_XOR_MAPPED_ADDRESS, &none);
    assert_true(copy.failed);
    copy = writer;
    hop_stun_put_bytes(&copy, HOP_STUN_SOFTWARE, big, 65536 + 4); /* would wrap to 4 */
    assert_true(copy.failed);
    copy = writer;
    hop_stun_put_error(&copy, 400, (const char *)big, 65536);
    assert_true(copy.failed);
    copy = writer;
    hop_stun_put_bytes(&copy, HOP_STUN_SOFTWARE, big, HOP_STUN_SIZE_MAX - 24);
    hop_stun_end(&copy);
    assert_false(copy.failed);
    hop_stun_put_u32(&copy, HOP_STUN_DELAY, 0);
    assert_true(copy.failed);
    hop_writer empty = hop_writer_make(bytes, sizeof(bytes));
    hop_stun_end(&empty);
    assert_true(empty.failed);
    empty = hop_writer_make(bytes, sizeof(bytes));
    hop_stun_put_xor_address(&empty, HOP_STUN_XOR_MAPPED_ADDRESS, &none);
    assert_true(empty.failed);
}

static void walk(const uint8_t *bytes, size_t size) {
    hop_stun message;
    hop_stun_attribute attribute;
    hop_address address;
    unsigned code;
    const uint8_t *reason;
    size_t reason_size;
    if (!hop_stun_decode(bytes, size, &message)) return;
    while (hop_stun_next(&message, &attribute)) {
        (void)hop_stun_read_address(attribute.value, &address);
        (void)hop_stun_read_xor_address(&message, attribute.value, &address);
        (void)hop_stun_read_error(attribute.value, &code, &reason, &reason_size);
        assert_true(hop_reader_left(&attribute.value) <= size);
    }
}

static void survives_damage(void **state) {
    (void)state;
    static const char *const seeds[] = {sample_request, sample_ipv4, sample_ipv6, sample_long_term};
    hop_random random = hop_random_seeded(8);
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t bytes[256];
        size_t size = bytes_from_hex(seeds[round % 4], bytes, sizeof(bytes));
        size = bytes_damage(&random, bytes, size, sizeof(bytes));
        uint8_t *block = bytes_exact(bytes, size);
        walk(block, size);
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc5769_request),
        cmocka_unit_test(rfc5769_ipv4_response),
        cmocka_unit_test(rfc5769_ipv6_response),
        cmocka_unit_test(rfc5769_long_term),
        cmocka_unit_test(types_interleave),
        cmocka_unit_test(frames),
        cmocka_unit_test(a_decoder_wants_the_whole_message),
        cmocka_unit_test(attributes_that_overrun),
        cmocka_unit_test(addresses_are_strict),
        cmocka_unit_test(errors),
        cmocka_unit_test(writing_pads_and_counts),
        cmocka_unit_test(writing_fails_once_and_for_all),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
