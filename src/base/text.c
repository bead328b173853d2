/* SPDX-License-Identifier: MIT */
/*
 * base64url, CRC-32 and trimming. It is not a place for printing: words are made in lib and cli.
 */
#include "base/text.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int letter_value(char letter);
static bool is_space(char letter);

size_t hop_text_base64_encode(const uint8_t *bytes, size_t size, char *text, size_t room) {
    if (size > SIZE_MAX / 8) return 0;
    size_t length = (size * 8 + 5) / 6;
    if (length > room) return 0;
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t at = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        bit_count += 8;
        while (bit_count >= 6) {
            bit_count -= 6;
            text[at++] = letters[bits >> bit_count & 63];
        }
    }
    if (bit_count > 0) text[at++] = letters[bits << (6 - bit_count) & 63];
    return at;
}

bool hop_text_base64_decode(const char *text, size_t text_size, uint8_t *bytes, size_t room,
                            size_t *ret_size) {
    /* RFC 4648 section 4: one letter over a whole group of four holds no whole byte. */
    if (text_size % 4 == 1) return false;
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t at = 0;
    for (size_t i = 0; i < text_size; i++) {
        int value = letter_value(text[i]);
        if (value < 0) return false;
        bits = bits << 6 | (uint32_t)value;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            if (at == room) return false;
            bytes[at++] = (uint8_t)(bits >> bit_count);
        }
    }
    /* RFC 4648 section 3.5: spare bits are zero, so that one meaning has one text. */
    if ((bits & ((1u << bit_count) - 1)) != 0) return false;
    *ret_size = at;
    return true;
}

uint32_t hop_text_crc32(const uint8_t *bytes, size_t size) {
    /* The remainders of all half bytes by the reflected polynomial 0xEDB88320. */
    static const uint32_t remainders[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        sum ^= bytes[i];
        sum = sum >> 4 ^ remainders[sum & 15];
        sum = sum >> 4 ^ remainders[sum & 15];
    }
    return ~sum;
}

void hop_text_trim(const char **text, size_t *size) {
    while (*size > 0 && is_space((*text)[0])) {
        (*text)++;
        (*size)--;
    }
    while (*size > 0 && is_space((*text)[*size - 1]))
        (*size)--;
}

static int letter_value(char letter) {
    if (letter >= 'A' && letter <= 'Z') return letter - 'A';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9') return letter - '0' + 52;
    if (letter == '-') return 62;
    if (letter == '_') return 63;
    return -1;
}

static bool is_space(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}
