/* SPDX-License-Identifier: MIT */
/* Text helpers of tickets and descriptions: base64url (RFC 4648 section 5, no padding), CRC-32 (as
 * in STUN's FINGERPRINT, RFC 8489 section 14.7), trimming. */
#ifndef HOP_BASE_TEXT_H
#define HOP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the text without a terminating zero, returns its length; 0 when room is too small. */
size_t hop_text_base64_encode(const uint8_t *bytes, size_t size, char *text, size_t room);
/* Strict: no other letters, no spare bits set. False leaves ret_size untouched. */
bool hop_text_base64_decode(const char *text, size_t text_size, uint8_t *bytes, size_t room,
                            size_t *ret_size);
uint32_t hop_text_crc32(const uint8_t *bytes, size_t size);
/* Cuts white space (space, tab, CR, LF) from both ends. */
void hop_text_trim(const char **text, size_t *size);

#endif
