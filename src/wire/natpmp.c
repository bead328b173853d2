/* SPDX-License-Identifier: MIT */
/* NAT-PMP (RFC 6886); see natpmp.h. */
#include "wire/natpmp.h"

#include "base/cursor.h"

#define VERSION       0
#define RESPONSE_FLAG 0x80u

static void read_success(hop_reader *reader, hop_natpmp *response);

size_t hop_natpmp_ask_address(uint8_t bytes[static HOP_NATPMP_REQUEST_SIZE_MAX]) {
    hop_writer writer = hop_writer_make(bytes, HOP_NATPMP_REQUEST_SIZE_MAX);
    hop_write_u8(&writer, VERSION);
    hop_write_u8(&writer, HOP_NATPMP_ADDRESS);
    return writer.at;
}

size_t hop_natpmp_ask_map(uint16_t internal_port, uint16_t external_port, uint32_t lifetime_s,
                          uint8_t bytes[static HOP_NATPMP_REQUEST_SIZE_MAX]) {
    hop_writer writer = hop_writer_make(bytes, HOP_NATPMP_REQUEST_SIZE_MAX);
    hop_write_u8(&writer, VERSION);
    hop_write_u8(&writer, HOP_NATPMP_MAP_TCP);
    hop_write_u16(&writer, 0);
    hop_write_u16(&writer, internal_port);
    hop_write_u16(&writer, external_port);
    hop_write_u32(&writer, lifetime_s);
    return writer.at;
}

bool hop_natpmp_decode(const uint8_t *bytes, size_t size, hop_natpmp *ret_response) {
    hop_reader reader = hop_reader_make(bytes, size);
    hop_natpmp response = {.operation = HOP_NATPMP_ADDRESS};
    uint8_t version = hop_read_u8(&reader);
    uint8_t code = hop_read_u8(&reader);
    response.result = hop_read_u16(&reader);
    response.epoch_s = hop_read_u32(&reader);
    if (reader.failed || version != VERSION) return false;
    /* RFC 6887 appendix A: who knows NAT-PMP alone refuses a PCP request like this, some without
     * the response flag, and with an operation that NAT-PMP does not have. */
    bool refuses_version = response.result == HOP_NATPMP_UNSUPPORTED_VERSION;
    if ((code & RESPONSE_FLAG) == 0 && !refuses_version) return false;
    code &= (uint8_t)~RESPONSE_FLAG;
    if (code > HOP_NATPMP_MAP_TCP) return false;
    response.operation = (hop_natpmp_operation)code;
    /* RFC 6886 section 3.5: beyond the epoch an error response means nothing. */
    if (response.result == HOP_NATPMP_SUCCESS) read_success(&reader, &response);
    if (reader.failed) return false;
    *ret_response = response;
    return true;
}

static void read_success(hop_reader *reader, hop_natpmp *response) {
    switch (response->operation) {
    case HOP_NATPMP_ADDRESS:
        response->external.family = HOP_FAMILY_IPV4;
        hop_read_bytes(reader, response->external.ip, 4);
        break;
    case HOP_NATPMP_MAP_UDP:
    case HOP_NATPMP_MAP_TCP:
        response->internal_port = hop_read_u16(reader);
        response->external_port = hop_read_u16(reader);
        response->lifetime_s = hop_read_u32(reader);
        break;
    }
}
