/* SPDX-License-Identifier: MIT */
/* The frame of recordings; see recording.h. */
#include "wire/recording.h"

#include <string.h>

#define MAGIC      "HOPREC\r\n" /* a transfer that converts line ends is noticed at once */
#define MAGIC_SIZE 8u

static size_t ip_size(uint8_t family);

void hop_recording_write_head(hop_writer *writer) {
    hop_write_bytes(writer, MAGIC, MAGIC_SIZE);
    hop_write_u16(writer, HOP_RECORDING_VERSION);
}

bool hop_recording_read_head(hop_reader *reader, unsigned *ret_version) {
    const uint8_t *magic = hop_read_span(reader, MAGIC_SIZE);
    unsigned version = hop_read_u16(reader);
    bool ours = magic != NULL && !reader->failed && memcmp(magic, MAGIC, MAGIC_SIZE) == 0;
    *ret_version = ours ? version : 0;
    return ours && version == HOP_RECORDING_VERSION;
}

size_t hop_recording_open(hop_writer *writer, hop_recording_kind kind) {
    hop_write_u8(writer, (uint8_t)kind);
    size_t at = writer->at;
    hop_write_u16(writer, 0);
    return at;
}

void hop_recording_close(hop_writer *writer, size_t at) {
    if (writer->failed) return;
    size_t size = writer->at - at - 2;
    if (size > UINT16_MAX)
        writer->failed = true;
    else
        hop_write_u16_at(writer, at, (uint16_t)size);
}

hop_recording_result hop_recording_next(hop_reader *reader, hop_recording_entry *ret_entry) {
    hop_recording_entry entry;
    entry.kind = hop_read_u8(reader);
    entry.payload = hop_read_sub(reader, hop_read_u16(reader));
    if (reader->failed) return HOP_RECORDING_CUT;
    *ret_entry = entry;
    return HOP_RECORDING_ENTRY;
}

void hop_recording_write_address(hop_writer *writer, const hop_address *address) {
    hop_write_u8(writer, address->family);
    if (address->family == HOP_FAMILY_NONE) return;
    hop_write_u16(writer, address->port);
    hop_write_bytes(writer, address->ip, ip_size(address->family));
}

hop_address hop_recording_read_address(hop_reader *reader) {
    hop_address address = {.family = hop_read_u8(reader)};
    if (address.family == HOP_FAMILY_NONE) return address;
    if (address.family > HOP_FAMILY_IPV6) reader->failed = true;
    address.port = hop_read_u16(reader);
    hop_read_bytes(reader, address.ip, ip_size(address.family));
    if (reader->failed) memset(&address, 0, sizeof address);
    return address;
}

void hop_recording_write_candidate(hop_writer *writer, const hop_candidate *candidate) {
    hop_write_u8(writer, candidate->type);
    hop_write_u8(writer, candidate->prefix_bits);
    hop_recording_write_address(writer, &candidate->address);
}

hop_candidate hop_recording_read_candidate(hop_reader *reader) {
    hop_candidate candidate;
    candidate.type = hop_read_u8(reader);
    candidate.prefix_bits = hop_read_u8(reader);
    candidate.address = hop_recording_read_address(reader);
    return candidate;
}

static size_t ip_size(uint8_t family) {
    return family == HOP_FAMILY_IPV4 ? 4 : 16;
}
