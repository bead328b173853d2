/* SPDX-License-Identifier: MIT */
/* What the bytes on a link are called, in pictures. */
#ifndef CLI_REPLAY_NAMES_H
#define CLI_REPLAY_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* "HELLO", "CONFIRM", "NOMINATE", "data". */
const char *replay_hello_name(const uint8_t *bytes, size_t size);
/* By a STUN message's first bytes: "KNOCK", "KNOCK answer", "refusal" ...; NULL: the rest of one,
 * or none. */
const char *replay_message_name(const uint8_t *bytes, size_t size);

#endif
