/* SPDX-License-Identifier: MIT */
/*
 * STUN (RFC 8489) header, attributes and framing. No transactions, retransmits or credentials:
 * on TCP the first two are the kernel's, and ours is another trust (docs/protocol.md).
 */
#include "wire/stun.h"

#include <string.h>

#define COOKIE_HIGH        (HOP_STUN_COOKIE >> 16)
#define LENGTH_AT          2
#define ADDRESS_SIZE_V4    4u
#define ADDRESS_SIZE_V6    16u
#define PADDING_OF(size)   ((4 - (size) % 4) % 4)
#define MESSAGE_LENGTH_MAX (HOP_STUN_SIZE_MAX - HOP_STUN_HEADER_SIZE)

static uint16_t join_type(hop_stun_class class_, uint16_t method);
static size_t family_size(uint8_t family);
static void xor_address(hop_address *address, const uint8_t *transaction);
static void put_head(hop_writer *writer, uint16_t type, size_t size);

size_t hop_stun_frame_size(const uint8_t header[static HOP_STUN_HEADER_SIZE]) {
    hop_reader reader = hop_reader_make(header, HOP_STUN_HEADER_SIZE);
    uint16_t type = hop_read_u16(&reader);
    uint16_t length = hop_read_u16(&reader);
    if (type >> 14 != 0 || length % 4 != 0) return 0; /* RFC 8489 section 5 */
    if (hop_read_u32(&reader) != HOP_STUN_COOKIE) return 0;
    return length <= MESSAGE_LENGTH_MAX ? (size_t)length + HOP_STUN_HEADER_SIZE : 0;
}

bool hop_stun_decode(const uint8_t *bytes, size_t size, hop_stun *ret_message) {
    if (size < HOP_STUN_HEADER_SIZE || hop_stun_frame_size(bytes) != size) return false;
    hop_reader reader = hop_reader_make(bytes, size);
    unsigned type = hop_read_u16(&reader);
    hop_stun message;
    /* RFC 8489 section 5: the two bits of the class stand between those of the method. */
    message.class_ = (hop_stun_class)((type >> 7 & 2) | (type >> 4 & 1));
    message.method = (uint16_t)((type >> 2 & 0xF80) | (type >> 1 & 0x070) | (type & 0x00F));
    (void)hop_read_span(&reader, 2 + 4); /* length and cookie, checked above */
    hop_read_bytes(&reader, message.transaction, HOP_STUN_TRANSACTION_SIZE);
    message.attributes = hop_read_sub(&reader, size - HOP_STUN_HEADER_SIZE);
    *ret_message = message;
    return true;
}

bool hop_stun_next(hop_stun *message, hop_stun_attribute *ret_attribute) {
    hop_reader *reader = &message->attributes;
    if (hop_reader_left(reader) == 0) return false;
    hop_stun_attribute attribute = {.at = reader->at};
    attribute.type = hop_read_u16(reader);
    size_t size = hop_read_u16(reader);
    attribute.value = hop_read_sub(reader, size);
    /* RFC 8489 section 14: padding may hold any bytes. */
    (void)hop_read_span(reader, PADDING_OF(size));
    if (reader->failed) return false;
    *ret_attribute = attribute;
    return true;
}

bool hop_stun_read_xor_address(const hop_stun *message, hop_reader value,
                               hop_address *ret_address) {
    hop_address address;
    if (!hop_stun_read_address(value, &address)) return false;
    xor_address(&address, message->transaction);
    *ret_address = address;
    return true;
}

bool hop_stun_read_address(hop_reader value, hop_address *ret_address) {
    hop_address address = {0};
    (void)hop_read_u8(&value); /* RFC 8489 section 14.1: ignored by receivers */
    address.family = hop_read_u8(&value);
    address.port = hop_read_u16(&value);
    size_t size = family_size(address.family);
    if (size == 0) return false;
    hop_read_bytes(&value, address.ip, size);
    if (!hop_reader_done(&value)) return false;
    *ret_address = address;
    return true;
}

bool hop_stun_read_error(hop_reader value, unsigned *ret_code, const uint8_t **ret_reason,
                         size_t *ret_reason_size) {
    uint32_t head = hop_read_u32(&value);
    unsigned hundreds = head >> 8 & 7;
    unsigned rest = head & 0xFF;
    if (value.failed || hundreds < 3 || hundreds > 6 || rest > 99) return false;
    size_t size = hop_reader_left(&value);
    *ret_code = hundreds * 100 + rest;
    *ret_reason = hop_read_span(&value, size);
    *ret_reason_size = size;
    return true;
}

void hop_stun_begin(hop_writer *writer, hop_stun_class class_, uint16_t method,
                    const uint8_t transaction[static HOP_STUN_TRANSACTION_SIZE]) {
    hop_write_u16(writer, join_type(class_, method));
    hop_write_u16(writer, 0);
    hop_write_u32(writer, HOP_STUN_COOKIE);
    hop_write_bytes(writer, transaction, HOP_STUN_TRANSACTION_SIZE);
}

void hop_stun_put_bytes(hop_writer *writer, uint16_t type, const void *bytes, size_t size) {
    put_head(writer, type, size);
    hop_write_bytes(writer, bytes, size);
    hop_write_zeros(writer, PADDING_OF(size));
}

void hop_stun_put_u32(hop_writer *writer, uint16_t type, uint32_t value) {
    put_head(writer, type, 4);
    hop_write_u32(writer, value);
}

void hop_stun_put_u64(hop_writer *writer, uint16_t type, uint64_t value) {
    put_head(writer, type, 8);
    hop_write_u64(writer, value);
}

void hop_stun_put_xor_address(hop_writer *writer, uint16_t type, const hop_address *address) {
    /* The transaction is the one that begin() wrote. */
    if (writer->failed || writer->at < HOP_STUN_HEADER_SIZE) {
        writer->failed = true;
        return;
    }
    hop_address hidden = *address;
    xor_address(&hidden, writer->bytes + HOP_STUN_HEADER_SIZE - HOP_STUN_TRANSACTION_SIZE);
    hop_stun_put_address(writer, type, &hidden);
}

void hop_stun_put_address(hop_writer *writer, uint16_t type, const hop_address *address) {
    size_t size = family_size(address->family);
    if (size == 0) {
        writer->failed = true;
        return;
    }
    put_head(writer, type, 4 + size);
    hop_write_u8(writer, 0);
    hop_write_u8(writer, address->family);
    hop_write_u16(writer, address->port);
    hop_write_bytes(writer, address->ip, size);
}

void hop_stun_put_error(hop_writer *writer, unsigned code, const char *reason, size_t reason_size) {
    if (code < 300 || code > 699) { /* RFC 8489 section 14.8 */
        writer->failed = true;
        return;
    }
    put_head(writer, HOP_STUN_ERROR_CODE, 4 + reason_size);
    hop_write_u16(writer, 0);
    hop_write_u8(writer, (uint8_t)(code / 100));
    hop_write_u8(writer, (uint8_t)(code % 100));
    hop_write_bytes(writer, reason, reason_size);
    hop_write_zeros(writer, PADDING_OF(reason_size));
}

void hop_stun_end(hop_writer *writer) {
    if (writer->at < HOP_STUN_HEADER_SIZE || writer->at > HOP_STUN_SIZE_MAX) {
        writer->failed = true;
        return;
    }
    hop_write_u16_at(writer, LENGTH_AT, (uint16_t)(writer->at - HOP_STUN_HEADER_SIZE));
}

static uint16_t join_type(hop_stun_class class_, uint16_t method) {
    unsigned bits = (unsigned)class_;
    return (uint16_t)((method & 0xF80u) << 2 | (bits & 2) << 7 | (method & 0x070u) << 1 |
                      (bits & 1) << 4 | (method & 0x00Fu));
}

static size_t family_size(uint8_t family) {
    if (family == HOP_FAMILY_IPV4) return ADDRESS_SIZE_V4;
    return family == HOP_FAMILY_IPV6 ? ADDRESS_SIZE_V6 : 0;
}

/* RFC 8489 section 14.2: its own inverse. */
static void xor_address(hop_address *address, const uint8_t *transaction) {
    uint8_t mask[ADDRESS_SIZE_V6];
    hop_writer writer = hop_writer_make(mask, sizeof(mask));
    hop_write_u32(&writer, HOP_STUN_COOKIE);
    hop_write_bytes(&writer, transaction, HOP_STUN_TRANSACTION_SIZE);
    address->port ^= COOKIE_HIGH;
    for (size_t i = 0; i < family_size(address->family); i++)
        address->ip[i] ^= mask[i];
}

static void put_head(hop_writer *writer, uint16_t type, size_t size) {
    if (size > MESSAGE_LENGTH_MAX) {
        writer->failed = true;
        return;
    }
    hop_write_u16(writer, type);
    hop_write_u16(writer, (uint16_t)size);
}
