/* SPDX-License-Identifier: MIT */
/* Names of messages; see replay_names.h. */
#include "cli/replay_names.h"

#include <stdbool.h>

#include "wire/hello.h"
#include "wire/stun.h"

const char *replay_hello_name(const uint8_t *bytes, size_t size) {
    if (size < HOP_HELLO_SIZE || !hop_hello_looks_like(bytes)) return "data";
    switch (bytes[5]) {
    case HOP_HELLO_HELLO: return "HELLO";
    case HOP_HELLO_CONFIRM: return "CONFIRM";
    case HOP_HELLO_NOMINATE: return "NOMINATE";
    default: return "data";
    }
}

/* RFC 8489 section 5: class and method share the first two bytes. */
const char *replay_message_name(const uint8_t *bytes, size_t size) {
    if (size < HOP_STUN_HEADER_SIZE || hop_stun_frame_size(bytes) == 0) return NULL;
    unsigned type = (unsigned)bytes[0] << 8 | bytes[1];
    unsigned method = (type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2;
    unsigned class = (type & 0x0010) >> 4 | (type & 0x0100) >> 7;
    if (class == HOP_STUN_ERROR) return "refusal";
    bool answer = class == HOP_STUN_SUCCESS;
    switch (method) {
    case HOP_STUN_BINDING: return answer ? "Binding answer" : "Binding";
    case HOP_STUN_REGISTER: return answer ? "REGISTER answer" : "REGISTER";
    case HOP_STUN_KNOCK: return answer ? "KNOCK answer" : "KNOCK";
    case HOP_STUN_START: return "START";
    case HOP_STUN_TELL: return "TELL";
    case HOP_STUN_RELAY: return answer ? "RELAY answer" : "RELAY";
    default: return "a message";
    }
}
