/* SPDX-License-Identifier: MIT */
/* Any bytes as one of our messages: what decodes can be encoded, and decodes to the same again;
 * a failure writes nothing but what its result promises. */
#include <string.h>

#include "fuzz.h"
#include "world/toy.h"
#include "wire/message.h"

static bool same_fields(const hop_message *a, const hop_message *b) {
    return a->kind == b->kind && a->method == b->method && a->is_request == b->is_request &&
           memcmp(a->transaction, b->transaction, sizeof a->transaction) == 0 &&
           memcmp(a->room, b->room, sizeof a->room) == 0 && a->time_ms == b->time_ms &&
           a->sealed_size == b->sealed_size && memcmp(a->sealed, b->sealed, a->sealed_size) == 0 &&
           a->nonce_count == b->nonce_count &&
           memcmp(a->nonces, b->nonces, (size_t)a->nonce_count * HOP_NONCE_SIZE) == 0 &&
           a->role == b->role && a->delay_us == b->delay_us && a->rtt_us == b->rtt_us &&
           hop_address_equal(&a->mapped, &b->mapped) && hop_address_equal(&a->peer, &b->peer) &&
           hop_address_equal(&a->other, &b->other) && a->error_code == b->error_code &&
           strcmp(a->reason, b->reason) == 0;
}

static void check_failure(hop_message_result result, const hop_message *message) {
    hop_message untouched;
    memset(&untouched, 0xA5, sizeof untouched);
    if (result != HOP_MESSAGE_MALFORMED) {
        untouched.method = message->method;
        untouched.is_request = message->is_request;
        memcpy(untouched.transaction, message->transaction, sizeof untouched.transaction);
    }
    FUZZ_CHECK(memcmp(&untouched, message, sizeof untouched) == 0);
}

static void check(const uint8_t *bytes, size_t size) {
    hop_message message, second;
    hop_crypto crypto = {0};
    uint8_t again[HOP_STUN_SIZE_MAX], third[HOP_STUN_SIZE_MAX];
    static const uint8_t seed[HOP_KEY_SIZE] = {1};
    toy_crypto(&crypto);
    memset(&message, 0xA5, sizeof message);
    hop_message_result result = hop_message_decode(bytes, size, &message);
    if (result != HOP_MESSAGE_OK) {
        check_failure(result, &message);
        return;
    }
    FUZZ_CHECK(message.signed_size <= size && message.sealed_size <= sizeof message.sealed);
    FUZZ_CHECK(message.nonce_count <= HOP_MESSAGE_NONCES_MAX);
    FUZZ_CHECK(memchr(message.reason, 0, sizeof message.reason) != NULL);
    bool is_signed = message.signed_size > 0;
    (void)hop_message_verify(&message, bytes, &crypto);
    size_t again_size = hop_message_encode(&message, &crypto, seed, again);
    FUZZ_CHECK(again_size > 0);
    FUZZ_CHECK(hop_message_decode(again, again_size, &second) == HOP_MESSAGE_OK);
    FUZZ_CHECK(same_fields(&message, &second));
    if (is_signed) {
        uint8_t room[HOP_KEY_SIZE];
        crypto.public_key(NULL, seed, room);
        memcpy(second.room, room, sizeof room);
        size_t signed_size = hop_message_encode(&second, &crypto, seed, third);
        FUZZ_CHECK(hop_message_decode(third, signed_size, &message) == HOP_MESSAGE_OK);
        FUZZ_CHECK(hop_message_verify(&message, third, &crypto));
    }
}

/* A message out of a program: the type, the transaction's first byte, then attributes: type, size
 * u8 (of 255 on another u8 more), value. So lengths are right whatever is mutated. */
static size_t build(hop_reader *program, uint8_t bytes[static HOP_STUN_SIZE_MAX]) {
    static const hop_stun_class classes[] = {HOP_STUN_REQUEST, HOP_STUN_INDICATION,
                                             HOP_STUN_SUCCESS, HOP_STUN_ERROR};
    static const uint16_t methods[] = {HOP_STUN_BINDING, HOP_STUN_REGISTER, HOP_STUN_KNOCK,
                                       HOP_STUN_START,   HOP_STUN_TELL,     HOP_STUN_RELAY};
    hop_writer writer = hop_writer_make(bytes, HOP_STUN_SIZE_MAX);
    unsigned type = hop_read_u8(program);
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE] = {hop_read_u8(program)};
    hop_stun_begin(&writer, classes[type % 4], methods[(type & 0x7F) / 4 % 6], transaction);
    while (hop_reader_left(program) > 0) {
        uint8_t value[512];
        uint16_t attribute = hop_read_u16(program);
        size_t size = hop_read_u8(program);
        if (size == 255) size += hop_read_u8(program);
        hop_read_bytes(program, value, size);
        hop_stun_put_bytes(&writer, attribute, value, size);
    }
    hop_stun_end(&writer);
    return writer.failed ? 0 : writer.at;
}

/* The two upper bits of a STUN message are zero: what has them is a program. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    uint8_t built[HOP_STUN_SIZE_MAX];
    if (size == 0 || bytes[0] < 0x80) {
        check(bytes, size);
    } else {
        hop_reader program = hop_reader_make(bytes, size);
        size_t built_size = build(&program, built);
        if (built_size > 0) check(built, built_size);
    }
    return 0;
}
