/* SPDX-License-Identifier: MIT */
/*
 * Messages: each kind comes back as it was sent; what is missing, double, misplaced or unknown is
 * told apart; a signature covers every bit before it; foreign STUN speakers are understood.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "secure/secure.h"
#include "wire/message.h"

static const uint8_t room_seed[HOP_KEY_SIZE] = {7, 7, 7};

static hop_address at(const char *text) {
    hop_address address;
    assert_true(hop_address_parse(text, strlen(text), 0, &address));
    return address;
}

/* A message with every field that its kind has. */
static hop_message make(hop_message_kind kind, uint16_t method) {
    const hop_crypto *crypto = hop_secure_crypto();
    hop_message message;
    memset(&message, 0, sizeof(message));
    message.kind = kind;
    message.method = method;
    for (size_t i = 0; i < sizeof(message.transaction); i++)
        message.transaction[i] = (uint8_t)(i * 17);
    switch (kind) {
    case HOP_MESSAGE_REGISTER:
    case HOP_MESSAGE_KNOCK:
        assert_true(crypto->public_key(NULL, room_seed, message.room));
        message.time_ms = 1767225600123;
        message.sealed_size = 61;
        memset(message.sealed, 0x5A, message.sealed_size);
        message.is_request = true;
        if (kind == HOP_MESSAGE_REGISTER) message.nonce_count = 3;
        break;
    case HOP_MESSAGE_REFRESH:
        message.nonce_count = HOP_MESSAGE_NONCES_MAX;
        message.sealed_size = 61;
        memset(message.sealed, 0x5A, message.sealed_size);
        break;
    case HOP_MESSAGE_TELL:
        message.sealed_size = 62;
        memset(message.sealed, 0x3C, message.sealed_size);
        message.nonce_count = 1;
        break;
    case HOP_MESSAGE_START:
        message.role = HOP_ROLE_CONTROLLED;
        message.delay_us = 25000;
        message.rtt_us = 98765;
        message.peer = at("[2001:db8::7]:40000");
        message.sealed_size = HOP_DESCRIPTION_SEALED_SIZE_MAX;
        memset(message.sealed, 0xA5, message.sealed_size);
        message.nonce_count = 1;
        break;
    case HOP_MESSAGE_REFUSAL:
        message.error_code = HOP_REFUSAL_CLOCK;
        message.time_ms = 12;
        memcpy(message.reason, "your clock is 3 minutes late", 29);
        break;
    case HOP_MESSAGE_BINDING_ANSWER:
        message.mapped = at("192.0.2.1:32853");
        message.other = at("[2001:db8::2]:3479");
        break;
    case HOP_MESSAGE_REGISTER_ANSWER: message.mapped = at("[2001:db8::1]:1"); break;
    case HOP_MESSAGE_KNOCK_ANSWER:
        message.mapped = at("203.0.113.9:65535");
        message.other = at("203.0.113.2:3479");
        break;
    case HOP_MESSAGE_BINDING: message.is_request = true; break;
    default: break;
    }
    for (unsigned i = 0; i < message.nonce_count; i++)
        memset(message.nonces[i], (int)i + 1, HOP_NONCE_SIZE);
    return message;
}

static const struct {
    hop_message_kind kind;
    uint16_t method;
    uint16_t type;
} kinds[] = {
    {HOP_MESSAGE_BINDING, HOP_STUN_BINDING, 0x0001},
    {HOP_MESSAGE_BINDING_ANSWER, HOP_STUN_BINDING, 0x0101},
    {HOP_MESSAGE_BINDING_INDICATION, HOP_STUN_BINDING, 0x0011},
    {HOP_MESSAGE_REGISTER, HOP_STUN_REGISTER, 0x02E1},
    {HOP_MESSAGE_REGISTER_ANSWER, HOP_STUN_REGISTER, 0x03E1},
    {HOP_MESSAGE_REFRESH, HOP_STUN_REGISTER, 0x02F1},
    {HOP_MESSAGE_KNOCK, HOP_STUN_KNOCK, 0x02E2},
    {HOP_MESSAGE_KNOCK_ANSWER, HOP_STUN_KNOCK, 0x03E2},
    {HOP_MESSAGE_START, HOP_STUN_START, 0x02F3},
    {HOP_MESSAGE_TELL, HOP_STUN_TELL, 0x02F4},
    {HOP_MESSAGE_REFUSAL, HOP_STUN_BINDING, 0x0111},
    {HOP_MESSAGE_REFUSAL, HOP_STUN_REGISTER, 0x03F1},
    {HOP_MESSAGE_REFUSAL, HOP_STUN_KNOCK, 0x03F2},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static size_t encode(const hop_message *message, uint8_t bytes[HOP_STUN_SIZE_MAX]) {
    return hop_message_encode(message, hop_secure_crypto(), room_seed, bytes);
}

static void every_kind_comes_back(void **state) {
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        hop_message sent = make(kinds[i].kind, kinds[i].method), got;
        uint8_t bytes[HOP_STUN_SIZE_MAX];
        size_t size = encode(&sent, bytes);
        assert_true(size >= HOP_STUN_HEADER_SIZE);
        assert_int_equal(bytes[0] << 8 | bytes[1], kinds[i].type);
        assert_int_equal(hop_stun_frame_size(bytes), size);
        assert_int_equal(hop_message_decode(bytes, size, &got), HOP_MESSAGE_OK);
        if (got.signed_size > 0) { /* only the encoder's side does not know these two */
            assert_true(hop_message_verify(&got, bytes, hop_secure_crypto()));
            assert_int_equal(got.signed_size, size - 68);
            memset(got.signature, 0, sizeof(got.signature));
            got.signed_size = 0;
        } else {
            assert_false(hop_message_verify(&got, bytes, hop_secure_crypto()));
        }
        assert_memory_equal(&got, &sent, sizeof(got));
    }
}

static void any_touched_bit_breaks_a_signature(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    for (unsigned which = 0; which < 2; which++) {
        hop_message sent = make(which == 0 ? HOP_MESSAGE_REGISTER : HOP_MESSAGE_KNOCK, 0), got;
        uint8_t bytes[HOP_STUN_SIZE_MAX];
        size_t size = encode(&sent, bytes);
        for (size_t bit = 0; bit < 8 * size; bit += 3) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (hop_message_decode(bytes, size, &got) == HOP_MESSAGE_OK)
                assert_false(hop_message_verify(&got, bytes, crypto));
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_int_equal(hop_message_decode(bytes, size, &got), HOP_MESSAGE_OK);
        assert_true(hop_message_verify(&got, bytes, crypto));
        got.room[0] ^= 1;
        assert_false(hop_message_verify(&got, bytes, crypto));
        assert_false(hop_message_verify(&sent, bytes, crypto)); /* was never decoded */
    }
}

static void refuses_to_encode_nonsense(void **state) {
    (void)state;
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    hop_message message = make(HOP_MESSAGE_REGISTER, 0);
    assert_int_equal(hop_message_encode(&message, hop_secure_crypto(), NULL, bytes), 0);
    message.nonce_count = 0;
    assert_int_equal(encode(&message, bytes), 0);
    message.nonce_count = HOP_MESSAGE_NONCES_MAX + 1;
    assert_int_equal(encode(&message, bytes), 0);
    message = make(HOP_MESSAGE_KNOCK, 0);
    message.sealed_size = 0;
    assert_int_equal(encode(&message, bytes), 0);
    message.sealed_size = HOP_DESCRIPTION_SEALED_SIZE_MAX + 1;
    assert_int_equal(encode(&message, bytes), 0);
    message = make(HOP_MESSAGE_START, 0);
    message.role = (hop_role)0;
    assert_int_equal(encode(&message, bytes), 0);
    message = make(HOP_MESSAGE_START, 0);
    message.nonce_count = 2;
    assert_int_equal(encode(&message, bytes), 0);
    message = make(HOP_MESSAGE_START, 0);
    message.peer.family = HOP_FAMILY_NONE;
    assert_int_equal(encode(&message, bytes), 0);
    message = make(HOP_MESSAGE_BINDING_ANSWER, 0);
    message.mapped.family = HOP_FAMILY_NONE;
    assert_int_equal(encode(&message, bytes), 0);
    message = make(HOP_MESSAGE_REFUSAL, HOP_STUN_KNOCK);
    message.error_code = 200;
    assert_int_equal(encode(&message, bytes), 0);
    message = make(HOP_MESSAGE_REFUSAL, HOP_STUN_START); /* nobody asks for a start */
    assert_int_equal(encode(&message, bytes), 0);
    message = make((hop_message_kind)99, HOP_STUN_KNOCK);
    assert_int_equal(encode(&message, bytes), 0);
}

/* The attributes of a message taken apart, so that tests can leave out, double or reorder them. */
typedef struct parts {
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t at[16], size[16];
    unsigned count;
} parts;

static parts take_apart(const hop_message *message) {
    parts all = {.count = 0};
    hop_stun stun;
    hop_stun_attribute attribute;
    size_t size = encode(message, all.bytes);
    assert_true(hop_stun_decode(all.bytes, size, &stun));
    while (hop_stun_next(&stun, &attribute)) {
        all.at[all.count] = HOP_STUN_HEADER_SIZE + attribute.at;
        all.size[all.count++] = stun.attributes.at - attribute.at;
    }
    return all;
}

static size_t add(uint8_t *bytes, size_t size, const void *from, size_t from_size) {
    if (size == 0) memcpy(bytes, from, from_size);
    if (size > 0 && from_size > 0) memcpy(bytes + size, from, from_size);
    size += from_size;
    bytes[2] = (uint8_t)((size - HOP_STUN_HEADER_SIZE) >> 8);
    bytes[3] = (uint8_t)(size - HOP_STUN_HEADER_SIZE);
    return size;
}

static void missing_or_double_is_malformed(void **state) {
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        hop_message message = make(kinds[i].kind, kinds[i].method), got;
        parts all = take_apart(&message);
        for (unsigned victim = 0; victim < all.count; victim++) {
            uint8_t without[HOP_STUN_SIZE_MAX], twice[HOP_STUN_SIZE_MAX];
            size_t without_size = add(without, 0, all.bytes, HOP_STUN_HEADER_SIZE);
            size_t twice_size = add(twice, 0, all.bytes, HOP_STUN_HEADER_SIZE);
            for (unsigned k = 0; k < all.count; k++) {
                const uint8_t *part = all.bytes + all.at[k];
                if (k != victim) without_size = add(without, without_size, part, all.size[k]);
                twice_size = add(twice, twice_size, part, all.size[k]);
                if (k == victim) twice_size = add(twice, twice_size, part, all.size[k]);
            }
            unsigned type =
                (unsigned)all.bytes[all.at[victim]] << 8 | all.bytes[all.at[victim] + 1];
            bool optional = type == HOP_STUN_OTHER_ADDRESS ||
                            kinds[i].kind == HOP_MESSAGE_REFRESH ||
                            (type == HOP_STUN_TIME && kinds[i].kind == HOP_MESSAGE_REFUSAL);
            assert_int_equal(hop_message_decode(without, without_size, &got),
                             optional ? HOP_MESSAGE_OK : HOP_MESSAGE_MALFORMED);
            assert_int_equal(hop_message_decode(twice, twice_size, &got), HOP_MESSAGE_MALFORMED);
        }
    }
}

static void sizes_are_exact(void **state) {
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        hop_message message = make(kinds[i].kind, kinds[i].method), got;
        parts all = take_apart(&message);
        for (unsigned victim = 0; victim < all.count; victim++) {
            size_t at = all.at[victim] + 2;
            unsigned type = (unsigned)all.bytes[at - 2] << 8 | all.bytes[at - 1];
            if (type == HOP_STUN_ERROR_CODE || type == HOP_STUN_DESCRIPTION) continue;
            all.bytes[at + 1]--; /* one byte less: what it was becomes padding */
            assert_int_equal(hop_message_decode(all.bytes, hop_stun_frame_size(all.bytes), &got),
                             HOP_MESSAGE_MALFORMED);
            all.bytes[at + 1]++;
        }
    }
}

static void nothing_follows_a_signature(void **state) {
    (void)state;
    static const uint8_t software[] = {0x80, 0x22, 0x00, 0x01, 'x', 0, 0, 0};
    hop_message message = make(HOP_MESSAGE_KNOCK, 0), got;
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t size = add(bytes, encode(&message, bytes), software, sizeof(software));
    assert_int_equal(hop_message_decode(bytes, size, &got), HOP_MESSAGE_MALFORMED);
    /* Before it, an attribute that may be skipped is. */
    parts all = take_apart(&message);
    size = add(bytes, 0, all.bytes, all.at[all.count - 1]);
    size = add(bytes, size, software, sizeof(software));
    size = add(bytes, size, all.bytes + all.at[all.count - 1], all.size[all.count - 1]);
    assert_int_equal(hop_message_decode(bytes, size, &got), HOP_MESSAGE_OK);
    assert_false(hop_message_verify(&got, bytes, hop_secure_crypto()));
}

static hop_message_result decode_hex(const char *hex, hop_message *got) {
    uint8_t bytes[256];
    size_t size = bytes_from_hex(hex, bytes, sizeof(bytes));
    return hop_message_decode(bytes, size, got);
}

#define TRANSACTION "000102030405060708090a0b"

static void unknown_attributes_and_methods(void **state) {
    (void)state;
    static const uint8_t transaction[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const struct {
        const char *hex;
        hop_message_result result;
        uint16_t method;
        bool is_request;
    } cases[] = {
        {"000100042112a442" TRANSACTION "7fff0000", HOP_MESSAGE_UNKNOWN_ATTRIBUTE, 0x001, true},
        {"000100042112a442" TRANSACTION "80ff0000", HOP_MESSAGE_OK, 0x001, true},
        {"001100042112a442" TRANSACTION "7fff0000", HOP_MESSAGE_UNKNOWN_ATTRIBUTE, 0x001, false},
        {"000100082112a442" TRANSACTION "00030004 00000000", HOP_MESSAGE_OK, 0x001, true},
        {"000100082112a442" TRANSACTION "00030004 00000006", HOP_MESSAGE_UNKNOWN_ATTRIBUTE, 0x001,
         true},
        {"000100082112a442" TRANSACTION "00030002 00000000", HOP_MESSAGE_MALFORMED, 0, false},
        {"000300002112a442" TRANSACTION, HOP_MESSAGE_UNKNOWN_METHOD, 0x003, true}, /* Allocate */
        {"02e300002112a442" TRANSACTION, HOP_MESSAGE_UNKNOWN_METHOD, 0x0F3, true},
        {"02f200002112a442" TRANSACTION, HOP_MESSAGE_UNKNOWN_METHOD, 0x0F2, false},
        {"03e300002112a442" TRANSACTION, HOP_MESSAGE_UNKNOWN_METHOD, 0x0F3, false},
        {"02e100042112a442" TRANSACTION "7fff0000", HOP_MESSAGE_UNKNOWN_ATTRIBUTE, 0x0F1, true},
        {"02e100002112a442" TRANSACTION, HOP_MESSAGE_MALFORMED, 0, false},
        {"000100042112a442" TRANSACTION "80220001", HOP_MESSAGE_MALFORMED, 0, false},
        {"000100042112a442" TRANSACTION "7e010000", HOP_MESSAGE_OK, 0x001, true}, /* not for us */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hop_message got, untouched;
        memset(&got, 0xAA, sizeof(got));
        untouched = got;
        hop_message_result result = decode_hex(cases[i].hex, &got);
        if (result != cases[i].result) fail_msg("%s: %d", cases[i].hex, (int)result);
        if (result == HOP_MESSAGE_MALFORMED) {
            assert_memory_equal(&got, &untouched, sizeof(got));
            continue;
        }
        assert_int_equal(got.method, cases[i].method);
        assert_int_equal(got.is_request, cases[i].is_request);
        assert_memory_equal(got.transaction, transaction, sizeof(transaction));
    }
}

/* RFC 5769's samples are what ICE agents and servers with credentials send. */
static void understands_other_speakers(void **state) {
    (void)state;
    hop_message got;
    hop_address expected = at("192.0.2.1:32853");
    assert_int_equal(
        decode_hex("000100582112a442b7e7a701bc34d686fa87dfae 80220010 "
                   "5354554e207465737420636c69656e74 00240004 6e0001ff 80290008 932ff9b151263b36 "
                   "00060009 6576746a3a68367659202020 00080014 "
                   "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf",
                   &got),
        HOP_MESSAGE_OK);
    assert_int_equal(got.kind, HOP_MESSAGE_BINDING);
    assert_int_equal(
        decode_hex("0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220 "
                   "00200008 0001a147e112a643 00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 "
                   "80280004 c07d4c96",
                   &got),
        HOP_MESSAGE_OK);
    assert_int_equal(got.kind, HOP_MESSAGE_BINDING_ANSWER);
    assert_true(hop_address_equal(&got.mapped, &expected));
    assert_int_equal(got.other.family, HOP_FAMILY_NONE);

    /* As coturn answers: both mapped addresses, origin, other address, software. A NAT rewrote the
     * plain one to 10.0.0.1. */
    static const char *const orders[] = {
        "0101003c2112a442b7e7a701bc34d686fa87dfae 00200008 0001a147e112a643 "
        "00010008 000180550a000001 802b0008 00010d96cb007105 802c0008 00010d97cb007106 "
        "80220005 436f747572000000",
        "0101003c2112a442b7e7a701bc34d686fa87dfae 00010008 000180550a000001 "
        "00200008 0001a147e112a643 802b0008 00010d96cb007105 802c0008 00010d97cb007106 "
        "80220005 436f747572000000"};
    hop_address other = at("203.0.113.6:3479");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(decode_hex(orders[i], &got), HOP_MESSAGE_OK);
        assert_true(hop_address_equal(&got.mapped, &expected));
        assert_true(hop_address_equal(&got.other, &other));
    }
    /* An old server knows only the plain address. */
    assert_int_equal(decode_hex("0101000c2112a442" TRANSACTION "00010008 00018055c0000201", &got),
                     HOP_MESSAGE_OK);
    assert_true(hop_address_equal(&got.mapped, &expected));
    /* That will not do for our own methods. */
    assert_int_equal(decode_hex("03e1000c2112a442" TRANSACTION "00010008 00018055c0000201", &got),
                     HOP_MESSAGE_MALFORMED);
    /* A server that wants credentials. */
    assert_int_equal(decode_hex("0111001c2112a442" TRANSACTION
                                "0009000c 00000401 4e6f2077617921 0a "
                                "00140003 61626300 000a0000",
                                &got),
                     HOP_MESSAGE_OK);
    assert_int_equal(got.kind, HOP_MESSAGE_REFUSAL);
    assert_int_equal(got.error_code, 401);
    assert_string_equal(got.reason, "No way!?");
    assert_int_equal(decode_hex("011100082112a442" TRANSACTION "00090004 00000500", &got),
                     HOP_MESSAGE_OK);
    assert_int_equal(got.error_code, 500);
    assert_string_equal(got.reason, "");
}

static void long_reasons_are_cut_and_cleaned(void **state) {
    (void)state;
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    char reason[300];
    hop_message got;
    for (size_t i = 0; i < sizeof(reason); i++)
        reason[i] = (char)i;
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_stun_begin(&writer, HOP_STUN_ERROR, HOP_STUN_KNOCK, bytes + 100);
    hop_stun_put_error(&writer, 486, reason, sizeof(reason));
    hop_stun_end(&writer);
    assert_int_equal(hop_message_decode(bytes, writer.at, &got), HOP_MESSAGE_OK);
    assert_int_equal(strlen(got.reason), sizeof(got.reason) - 1);
    for (size_t i = 0; i < sizeof(got.reason) - 1; i++)
        assert_int_equal(got.reason[i], i < 32 ? '?' : (int)i);
    hop_message sent = make(HOP_MESSAGE_REFUSAL, HOP_STUN_KNOCK);
    memset(sent.reason, 'x', sizeof(sent.reason)); /* no terminating zero */
    sent.time_ms = 0;
    size_t size = encode(&sent, bytes);
    assert_int_equal(size, HOP_STUN_HEADER_SIZE + 8 + sizeof(sent.reason));
    assert_int_equal(hop_message_decode(bytes, size, &got), HOP_MESSAGE_OK);
    assert_int_equal(strlen(got.reason), sizeof(got.reason) - 1);
    assert_int_equal(got.time_ms, 0);
}

static void the_largest_fits(void **state) {
    (void)state;
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    hop_message message = make(HOP_MESSAGE_REGISTER, 0), got;
    message.sealed_size = HOP_DESCRIPTION_SEALED_SIZE_MAX;
    message.nonce_count = HOP_MESSAGE_NONCES_MAX;
    size_t size = encode(&message, bytes);
    assert_in_range(size, 400, HOP_STUN_SIZE_MAX / 2);
    assert_int_equal(hop_message_decode(bytes, size, &got), HOP_MESSAGE_OK);
    assert_true(hop_message_verify(&got, bytes, hop_secure_crypto()));
}

/* What survives damage must be within bounds and encode again to a message of the same meaning. */
static void survives_damage(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(12);
    unsigned results[4] = {0};
    for (unsigned round = 0; round < 20000; round++) {
        size_t i = (size_t)hop_random_between(&random, 0, KIND_COUNT - 1);
        static uint8_t originals[KIND_COUNT][HOP_STUN_SIZE_MAX];
        static size_t sizes[KIND_COUNT];
        if (sizes[i] == 0) {
            hop_message message = make(kinds[i].kind, kinds[i].method);
            sizes[i] = encode(&message, originals[i]);
        }
        uint8_t bytes[HOP_STUN_SIZE_MAX];
        memcpy(bytes, originals[i], sizes[i]);
        size_t size = bytes_damage(&random, bytes, sizes[i], sizeof(bytes));
        uint8_t *block = bytes_exact(bytes, size);
        hop_message got;
        hop_message_result result = hop_message_decode(block, size, &got);
        assert_in_range(result, HOP_MESSAGE_OK, HOP_MESSAGE_UNKNOWN_METHOD);
        results[result]++;
        if (result == HOP_MESSAGE_OK) {
            assert_true(got.nonce_count <= HOP_MESSAGE_NONCES_MAX);
            assert_true(got.sealed_size <= sizeof(got.sealed));
            assert_true(got.signed_size <= size);
            assert_true(strlen(got.reason) < sizeof(got.reason));
        }
        free(block);
    }
    for (unsigned i = 0; i < 4; i++)
        assert_true(results[i] > 50);
}

static void survives_truncation(void **state) {
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        hop_message message = make(kinds[i].kind, kinds[i].method), got;
        uint8_t bytes[HOP_STUN_SIZE_MAX];
        size_t size = encode(&message, bytes);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *block = bytes_exact(bytes, cut);
            assert_int_equal(hop_message_decode(block, cut, &got), HOP_MESSAGE_MALFORMED);
            if (cut >= HOP_STUN_HEADER_SIZE && cut % 4 == 0) { /* the length says so, too */
                block[2] = (uint8_t)((cut - HOP_STUN_HEADER_SIZE) >> 8);
                block[3] = (uint8_t)(cut - HOP_STUN_HEADER_SIZE);
                hop_message_result result = hop_message_decode(block, cut, &got);
                assert_true(result == HOP_MESSAGE_MALFORMED || result == HOP_MESSAGE_OK);
            }
            free(block);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back),
        cmocka_unit_test(any_touched_bit_breaks_a_signature),
        cmocka_unit_test(refuses_to_encode_nonsense),
        cmocka_unit_test(missing_or_double_is_malformed),
        cmocka_unit_test(sizes_are_exact),
        cmocka_unit_test(nothing_follows_a_signature),
        cmocka_unit_test(unknown_attributes_and_methods),
        cmocka_unit_test(understands_other_speakers),
        cmocka_unit_test(long_reasons_are_cut_and_cleaned),
        cmocka_unit_test(the_largest_fits),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(survives_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
