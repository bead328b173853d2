/* SPDX-License-Identifier: MIT */
/*
 * Method 0x0F6. What is missing, double, of a wrong size or out of bounds makes a message
 * malformed; attributes from 0x8000 on may be skipped (RFC 8489 section 14).
 */
#include "wire/dialback.h"

#include <string.h>

#define WISH_SIZE   8
#define RESULT_SIZE 4

enum { SEEN_WISH = 1, SEEN_RESULT = 2, SEEN_SOURCE = 4, SEEN_DELAY = 8, SEEN_ERROR = 16 };

static void write_wish(hop_writer *writer, const hop_dialback *dialback);
static void write_result(hop_writer *writer, const hop_dialback *dialback);
static bool read_attribute(const hop_stun *stun, const hop_stun_attribute *attribute,
                           hop_dialback *dialback, unsigned *seen);
static bool read_wish(hop_reader value, hop_dialback *dialback);
static bool read_result(hop_reader value, hop_dialback *dialback);
static bool is_whole(const hop_dialback *dialback, unsigned seen);

size_t hop_dialback_encode(const hop_dialback *dialback,
                           uint8_t bytes[static HOP_DIALBACK_SIZE_MAX]) {
    static const hop_stun_class classes[] = {[HOP_DIALBACK_REQUEST] = HOP_STUN_REQUEST,
                                             [HOP_DIALBACK_ANSWER] = HOP_STUN_SUCCESS,
                                             [HOP_DIALBACK_TOLD] = HOP_STUN_INDICATION,
                                             [HOP_DIALBACK_REFUSAL] = HOP_STUN_ERROR};
    hop_writer writer = hop_writer_make(bytes, HOP_DIALBACK_SIZE_MAX);
    hop_stun_begin(&writer, classes[dialback->kind], HOP_STUN_DIALBACK, dialback->transaction);
    switch (dialback->kind) {
    case HOP_DIALBACK_REQUEST: write_wish(&writer, dialback); break;
    case HOP_DIALBACK_ANSWER:
        hop_stun_put_u32(&writer, HOP_STUN_DELAY, dialback->delay_us);
        if (dialback->source.family != HOP_FAMILY_NONE)
            hop_stun_put_xor_address(&writer, HOP_STUN_XOR_PEER_ADDRESS, &dialback->source);
        break;
    case HOP_DIALBACK_TOLD: write_result(&writer, dialback); break;
    case HOP_DIALBACK_REFUSAL: hop_stun_put_error(&writer, dialback->error_code, "", 0); break;
    }
    hop_stun_end(&writer);
    return writer.failed ? 0 : writer.at;
}

bool hop_dialback_decode(const uint8_t *bytes, size_t size, hop_dialback *ret_dialback) {
    static const hop_dialback_kind kinds[] = {[HOP_STUN_REQUEST] = HOP_DIALBACK_REQUEST,
                                              [HOP_STUN_SUCCESS] = HOP_DIALBACK_ANSWER,
                                              [HOP_STUN_INDICATION] = HOP_DIALBACK_TOLD,
                                              [HOP_STUN_ERROR] = HOP_DIALBACK_REFUSAL};
    hop_stun stun;
    hop_stun_attribute attribute;
    unsigned seen = 0;
    if (!hop_stun_decode(bytes, size, &stun) || stun.method != HOP_STUN_DIALBACK) return false;
    hop_dialback dialback;
    memset(&dialback, 0, sizeof dialback);
    dialback.kind = kinds[stun.class_];
    memcpy(dialback.transaction, stun.transaction, HOP_STUN_TRANSACTION_SIZE);
    while (hop_stun_next(&stun, &attribute))
        if (!read_attribute(&stun, &attribute, &dialback, &seen)) return false;
    if (stun.attributes.failed || !is_whole(&dialback, seen)) return false;
    *ret_dialback = dialback;
    return true;
}

static void write_wish(hop_writer *writer, const hop_dialback *dialback) {
    uint8_t value[WISH_SIZE];
    hop_writer wish = hop_writer_make(value, sizeof value);
    hop_write_u8(&wish, (uint8_t)dialback->way);
    hop_write_u8(&wish, 0);
    hop_write_u16(&wish, dialback->port);
    hop_write_u32(&wish, dialback->wait_ms);
    hop_stun_put_bytes(writer, HOP_STUN_DIALBACK_WISH, value, sizeof value);
}

static void write_result(hop_writer *writer, const hop_dialback *dialback) {
    const uint8_t value[RESULT_SIZE] = {(uint8_t)dialback->outcome, dialback->icmp_type,
                                        dialback->icmp_code, 0};
    hop_stun_put_bytes(writer, HOP_STUN_DIALBACK_RESULT, value, sizeof value);
}

static bool read_attribute(const hop_stun *stun, const hop_stun_attribute *attribute,
                           hop_dialback *dialback, unsigned *seen) {
    hop_reader value = attribute->value;
    const uint8_t *reason;
    size_t reason_size;
    unsigned one = 0;
    bool good = true;
    switch (attribute->type) {
    case HOP_STUN_DIALBACK_WISH:
        one = SEEN_WISH;
        good = read_wish(value, dialback);
        break;
    case HOP_STUN_DIALBACK_RESULT:
        one = SEEN_RESULT;
        good = read_result(value, dialback);
        break;
    case HOP_STUN_XOR_PEER_ADDRESS:
        one = SEEN_SOURCE;
        good = hop_stun_read_xor_address(stun, value, &dialback->source);
        break;
    case HOP_STUN_DELAY:
        one = SEEN_DELAY;
        dialback->delay_us = hop_read_u32(&value);
        good = hop_reader_done(&value);
        break;
    case HOP_STUN_ERROR_CODE:
        one = SEEN_ERROR;
        good = hop_stun_read_error(value, &dialback->error_code, &reason, &reason_size);
        break;
    default: return attribute->type >= 0x8000;
    }
    if ((*seen & one) != 0) return false;
    *seen |= one;
    return good;
}

static bool read_wish(hop_reader value, hop_dialback *dialback) {
    uint8_t way = hop_read_u8(&value);
    uint8_t zero = hop_read_u8(&value);
    dialback->port = hop_read_u16(&value);
    dialback->wait_ms = hop_read_u32(&value);
    dialback->way = (hop_dialback_way)way;
    return hop_reader_done(&value) && zero == 0 && way >= HOP_DIALBACK_OTHER_PORT &&
           way <= HOP_DIALBACK_WAIT;
}

static bool read_result(hop_reader value, hop_dialback *dialback) {
    uint8_t outcome = hop_read_u8(&value);
    dialback->icmp_type = hop_read_u8(&value);
    dialback->icmp_code = hop_read_u8(&value);
    (void)hop_read_u8(&value);
    dialback->outcome = (hop_dialback_outcome)outcome;
    return hop_reader_done(&value) && outcome <= HOP_DIALBACK_WAITED;
}

/* Just what belongs to its kind. */
static bool is_whole(const hop_dialback *dialback, unsigned seen) {
    switch (dialback->kind) {
    case HOP_DIALBACK_REQUEST: return seen == SEEN_WISH;
    case HOP_DIALBACK_ANSWER: return (seen & ~(unsigned)SEEN_SOURCE) == SEEN_DELAY;
    case HOP_DIALBACK_TOLD: return seen == SEEN_RESULT;
    case HOP_DIALBACK_REFUSAL: return seen == SEEN_ERROR;
    }
    return false;
}
