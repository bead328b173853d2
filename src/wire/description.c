/* SPDX-License-Identifier: MIT */
/*
 * Descriptions as bytes, as text and sealed. Which candidates are worth dialling is the core's
 * affair; here only what cannot be meant is refused or skipped.
 */
#include "wire/description.h"

#include "base/cursor.h"
#include "base/text.h"

#include <string.h>

#define VERSION     2
#define HEAD_SIZE   27u /* version, nonce, NAT, round, candidate count */
#define CRC_SIZE    4u
#define PREFIX      "hopd2-"
#define PREFIX_SIZE (sizeof(PREFIX) - 1)
#define AD_SIZE     8u

static bool write_nat(hop_writer *writer, const hop_nat *nat);
static bool read_nat(hop_reader *reader, hop_nat *ret_nat);
static bool write_candidate(hop_writer *writer, const hop_candidate *candidate);
static bool read_candidate(hop_reader *reader, hop_candidate *ret_candidate);
static bool is_kept(const hop_candidate *candidate);
static size_t ip_size(uint8_t family);
static void make_ad(hop_seal_use use, uint8_t ad[static AD_SIZE]);

size_t hop_description_encode(const hop_description *description,
                              uint8_t bytes[static HOP_DESCRIPTION_SIZE_MAX]) {
    if (description->candidate_count > HOP_CANDIDATES_MAX) return 0;
    hop_writer writer = hop_writer_make(bytes, HOP_DESCRIPTION_SIZE_MAX);
    hop_write_u8(&writer, VERSION);
    hop_write_bytes(&writer, description->nonce, HOP_NONCE_SIZE);
    if (!write_nat(&writer, &description->nat)) return 0;
    hop_write_u8(&writer, description->round);
    hop_write_u8(&writer, (uint8_t)description->candidate_count);
    for (unsigned i = 0; i < description->candidate_count; i++)
        if (!write_candidate(&writer, &description->candidates[i])) return 0;
    return writer.failed ? 0 : writer.at;
}

bool hop_description_decode(const uint8_t *bytes, size_t size, hop_description *ret_description) {
    hop_description description;
    memset(&description, 0, sizeof(description));
    hop_reader reader = hop_reader_make(bytes, size);
    if (hop_read_u8(&reader) != VERSION) return false;
    hop_read_bytes(&reader, description.nonce, HOP_NONCE_SIZE);
    if (!read_nat(&reader, &description.nat)) return false;
    description.round = hop_read_u8(&reader);
    unsigned count = hop_read_u8(&reader);
    if (count > HOP_CANDIDATES_MAX) return false;
    for (unsigned i = 0; i < count; i++) {
        hop_candidate candidate;
        if (!read_candidate(&reader, &candidate)) return false;
        if (is_kept(&candidate)) description.candidates[description.candidate_count++] = candidate;
    }
    if (!hop_reader_done(&reader)) return false;
    *ret_description = description;
    return true;
}

size_t hop_description_print(const hop_description *description,
                             char text[static HOP_DESCRIPTION_TEXT_SIZE]) {
    uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX + CRC_SIZE];
    size_t size = hop_description_encode(description, bytes);
    if (size == 0) return 0;
    hop_writer writer = hop_writer_make(bytes + size, CRC_SIZE);
    hop_write_u32(&writer, hop_text_crc32(bytes, size));
    memcpy(text, PREFIX, PREFIX_SIZE);
    size_t length = hop_text_base64_encode(bytes, size + CRC_SIZE, text + PREFIX_SIZE,
                                           HOP_DESCRIPTION_TEXT_SIZE - PREFIX_SIZE - 1);
    if (length == 0) return 0;
    text[PREFIX_SIZE + length] = 0;
    return PREFIX_SIZE + length;
}

bool hop_description_parse(const char *text, size_t size, hop_description *ret_description) {
    uint8_t bytes[HOP_DESCRIPTION_SIZE_MAX + CRC_SIZE];
    size_t byte_count;
    hop_text_trim(&text, &size);
    if (size < PREFIX_SIZE || memcmp(text, PREFIX, PREFIX_SIZE) != 0) return false;
    if (!hop_text_base64_decode(text + PREFIX_SIZE, size - PREFIX_SIZE, bytes, sizeof(bytes),
                                &byte_count))
        return false;
    if (byte_count < CRC_SIZE) return false;
    byte_count -= CRC_SIZE;
    hop_reader reader = hop_reader_make(bytes + byte_count, CRC_SIZE);
    if (hop_read_u32(&reader) != hop_text_crc32(bytes, byte_count)) return false;
    return hop_description_decode(bytes, byte_count, ret_description);
}

size_t hop_description_seal(const hop_description *description, const hop_crypto *crypto,
                            const uint8_t key[static HOP_KEY_SIZE], hop_seal_use use,
                            uint8_t sealed[static HOP_DESCRIPTION_SEALED_SIZE_MAX]) {
    uint8_t plain[HOP_DESCRIPTION_SIZE_MAX];
    uint8_t ad[AD_SIZE];
    size_t size = hop_description_encode(description, plain);
    if (size == 0) return 0;
    make_ad(use, ad);
    if (!crypto->random(crypto->context, sealed, HOP_SEAL_NONCE_SIZE)) return 0;
    if (!crypto->seal(crypto->context, key, sealed, ad, AD_SIZE, plain, size,
                      sealed + HOP_SEAL_NONCE_SIZE))
        return 0;
    return HOP_SEAL_NONCE_SIZE + size + HOP_SEAL_TAG_SIZE;
}

bool hop_description_open(const uint8_t *sealed, size_t size, const hop_crypto *crypto,
                          const uint8_t key[static HOP_KEY_SIZE], hop_seal_use use,
                          hop_description *ret_description) {
    uint8_t plain[HOP_DESCRIPTION_SIZE_MAX];
    uint8_t ad[AD_SIZE];
    if (size < HOP_SEAL_NONCE_SIZE + HEAD_SIZE + HOP_SEAL_TAG_SIZE) return false;
    if (size > HOP_DESCRIPTION_SEALED_SIZE_MAX) return false;
    make_ad(use, ad);
    if (!crypto->open(crypto->context, key, sealed, ad, AD_SIZE, sealed + HOP_SEAL_NONCE_SIZE,
                      size - HOP_SEAL_NONCE_SIZE, plain))
        return false;
    return hop_description_decode(plain, size - HOP_SEAL_NONCE_SIZE - HOP_SEAL_TAG_SIZE,
                                  ret_description);
}

static bool write_nat(hop_writer *writer, const hop_nat *nat) {
    if (nat->mapping > HOP_NAT_RANDOM || nat->port_low > nat->port_high) return false;
    if ((nat->delta != 0) != (nat->mapping == HOP_NAT_SEQUENTIAL)) return false;
    hop_write_u8(writer, nat->mapping);
    hop_write_u8(writer, nat->preserving);
    hop_write_u16(writer, (uint16_t)nat->delta);
    hop_write_u16(writer, nat->port_low);
    hop_write_u16(writer, nat->port_high);
    return true;
}

/* A kind of a later version is one that we know nothing about. */
static bool read_nat(hop_reader *reader, hop_nat *ret_nat) {
    hop_nat nat = {.mapping = hop_read_u8(reader)};
    nat.preserving = (hop_read_u8(reader) & 1) != 0;
    nat.delta = (int16_t)hop_read_u16(reader);
    nat.port_low = hop_read_u16(reader);
    nat.port_high = hop_read_u16(reader);
    if (nat.port_low > nat.port_high) return false;
    if (nat.mapping > HOP_NAT_RANDOM) nat.mapping = HOP_NAT_UNKNOWN;
    bool stepping = nat.delta != 0 && nat.delta >= -HOP_DELTA_MAX && nat.delta <= HOP_DELTA_MAX;
    if (nat.mapping == HOP_NAT_SEQUENTIAL && !stepping) return false;
    if (nat.mapping != HOP_NAT_SEQUENTIAL) nat.delta = 0;
    *ret_nat = nat;
    return !reader->failed;
}

static bool write_candidate(hop_writer *writer, const hop_candidate *candidate) {
    size_t size = ip_size(candidate->address.family);
    if (size == 0 || candidate->prefix_bits > size * 8 || !is_kept(candidate)) return false;
    hop_write_u8(writer, candidate->type);
    hop_write_u8(writer, candidate->address.family);
    hop_write_u8(writer, candidate->prefix_bits);
    hop_write_u16(writer, candidate->address.port);
    hop_write_bytes(writer, candidate->address.ip, size);
    return true;
}

static bool read_candidate(hop_reader *reader, hop_candidate *ret_candidate) {
    hop_candidate candidate;
    memset(&candidate, 0, sizeof(candidate));
    candidate.type = hop_read_u8(reader);
    candidate.address.family = hop_read_u8(reader);
    candidate.prefix_bits = hop_read_u8(reader);
    candidate.address.port = hop_read_u16(reader);
    size_t size = ip_size(candidate.address.family);
    if (size == 0 || candidate.prefix_bits > size * 8) return false;
    hop_read_bytes(reader, candidate.address.ip, size);
    /* Only an interface has a subnet; nobody else's word may make an address look near. */
    if (candidate.type != HOP_CANDIDATE_HOST) candidate.prefix_bits = 0;
    *ret_candidate = candidate;
    return !reader->failed;
}

/* Types of a later version and those that never travel are skipped; nobody listens on port 0. */
static bool is_kept(const hop_candidate *candidate) {
    return candidate->type >= HOP_CANDIDATE_HOST && candidate->type <= HOP_CANDIDATE_RELAYED &&
           candidate->address.port != 0;
}

static size_t ip_size(uint8_t family) {
    if (family == HOP_FAMILY_IPV4) return 4;
    return family == HOP_FAMILY_IPV6 ? 16 : 0;
}

static void make_ad(hop_seal_use use, uint8_t ad[static AD_SIZE]) {
    memcpy(ad, "hopdesc", AD_SIZE - 1);
    ad[AD_SIZE - 1] = (uint8_t)use;
}
