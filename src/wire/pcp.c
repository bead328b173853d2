/* SPDX-License-Identifier: MIT */
/* PCP (RFC 6887); see pcp.h. */
#include "wire/pcp.h"

#include <string.h>

#include "base/cursor.h"

#define VERSION       2
#define RESPONSE_FLAG 0x80u
#define HEADER_SIZE   24
#define MAP_SIZE      (HOP_PCP_MAP_SIZE - HEADER_SIZE)

static void write_address(hop_writer *writer, const hop_address *address);
static void read_map(hop_reader *reader, hop_pcp *response);

size_t hop_pcp_ask_map(const hop_pcp_request *request, uint8_t bytes[static HOP_PCP_MAP_SIZE]) {
    const hop_address any = {.family = HOP_FAMILY_IPV4}; /* section 11.1: all zeros of a family */
    hop_writer writer = hop_writer_make(bytes, HOP_PCP_MAP_SIZE);
    hop_write_u8(&writer, VERSION);
    hop_write_u8(&writer, HOP_PCP_MAP);
    hop_write_u16(&writer, 0);
    hop_write_u32(&writer, request->lifetime_s);
    write_address(&writer, &request->client);
    hop_write_bytes(&writer, request->nonce, HOP_PCP_NONCE_SIZE);
    hop_write_u8(&writer, HOP_PCP_PROTOCOL_TCP);
    hop_write_zeros(&writer, 3);
    hop_write_u16(&writer, request->client.port);
    hop_write_u16(&writer, request->suggested_port);
    bool wished = request->suggested.family != HOP_FAMILY_NONE;
    write_address(&writer, wished ? &request->suggested : &any);
    return writer.failed ? 0 : writer.at;
}

bool hop_pcp_decode(const uint8_t *bytes, size_t size, hop_pcp *ret_response) {
    hop_reader reader = hop_reader_make(bytes, size);
    hop_pcp response = {0};
    /* RFC 6887 section 8.3: such sizes are dropped. */
    if (size > HOP_PCP_SIZE_MAX || size % 4 != 0) return false;
    response.version = hop_read_u8(&reader);
    uint8_t code = hop_read_u8(&reader);
    (void)hop_read_u8(&reader);
    response.result = hop_read_u8(&reader);
    response.lifetime_s = hop_read_u32(&reader);
    response.epoch_s = hop_read_u32(&reader);
    (void)hop_read_span(&reader, 12);
    if (reader.failed || (code & RESPONSE_FLAG) == 0) return false;
    code &= (uint8_t)~RESPONSE_FLAG;
    if (code > HOP_PCP_MAP) return false;
    response.opcode = (hop_pcp_opcode)code;
    /* Section 9: a router that does not speak version 2 answers in its own, and a version 0 answer
     * is NAT-PMP's. */
    bool refuses_version = response.result == HOP_PCP_UNSUPPORTED_VERSION;
    if (response.version == 0 || (response.version != VERSION && !refuses_version)) return false;
    if (response.opcode == HOP_PCP_MAP) read_map(&reader, &response);
    bool granted = response.opcode == HOP_PCP_MAP && response.result == HOP_PCP_SUCCESS;
    if (granted && !response.has_map) return false;
    *ret_response = response;
    return true;
}

/* Options that follow are none that we asked for, and so not for us (section 7.3). */
static void read_map(hop_reader *reader, hop_pcp *response) {
    if (hop_reader_left(reader) < MAP_SIZE) return;
    hop_read_bytes(reader, response->nonce, HOP_PCP_NONCE_SIZE);
    response->protocol = hop_read_u8(reader);
    (void)hop_read_span(reader, 3);
    response->internal_port = hop_read_u16(reader);
    hop_address external = {.family = HOP_FAMILY_IPV6};
    external.port = hop_read_u16(reader);
    hop_read_bytes(reader, external.ip, sizeof external.ip);
    response->external = hop_address_unmapped(&external);
    response->has_map = true;
}

/* Section 5: an IPv4 address goes as an IPv4-mapped IPv6 address. */
static void write_address(hop_writer *writer, const hop_address *address) {
    bool ipv4 = address->family == HOP_FAMILY_IPV4;
    if (ipv4) {
        hop_write_zeros(writer, 10);
        hop_write_u16(writer, 0xFFFF);
    }
    hop_write_bytes(writer, address->ip, ipv4 ? 4 : 16);
}
