/* SPDX-License-Identifier: MIT */
/* The connection's options, of whatever version of the header; see also options.c. */
#include <string.h>

#include "drive/silence.h"
#include "lib/conn_inside.h"

#define SIZE_FIRST     sizeof(hop_conn_options) /* of version 0.1.0: none is smaller */
#define SIZE_MAX_KNOWN 4096
#define QUEUE_MAX      (1u << 20)
#define TRIES_MAX      1000u

static const unsigned below_flags =
    HOP_NO_IPV4 | HOP_NO_IPV6 | HOP_NO_LAN | HOP_ALLOW_PRIVATE | HOP_ALLOW_LOOPBACK;
static const unsigned own_flags =
    HOP_NONBLOCKING | HOP_CONN_PLAIN | HOP_CONN_NO_PUBLIC_IP | HOP_CONN_LISTEN;

static bool copy(const hop_conn_options *options, hop_conn_options *ret_copy);
static bool makes_sense(const hop_conn_options *options);

int hop_conn_options_read(const hop_conn_options *options, hop_conn_options *ret_options) {
    hop_conn_options chosen;
    if (!copy(options, &chosen) || !makes_sense(&chosen)) return HOP_E_INVALID;
    if (chosen.timeout_ms == 0) chosen.timeout_ms = HOP_CONN_TIMEOUT_DEFAULT;
    if (chosen.try_count == 0) chosen.try_count = HOP_CONN_TRIES_DEFAULT;
    if (chosen.address_max == 0) chosen.address_max = HOP_CONN_ADDRESSES;
    if (chosen.queue_count == 0) chosen.queue_count = HOP_CONN_QUEUE_DEFAULT;
    if (chosen.log_level == HOP_LOG_DEFAULT) chosen.log_level = HOP_LOG_ERROR;
    *ret_options = chosen;
    return 0;
}

/* Addresses that a user typed are dialled, wherever they lead; those that a ticket's holder names
 * are judged. */
hop_options hop_conn_options_below(const hop_conn_options *options) {
    hop_options below = HOP_OPTIONS_INIT;
    below.flags = (options->flags & below_flags) | HOP_NONBLOCKING;
    if (options->ticket == NULL) below.flags |= HOP_ALLOW_PRIVATE | HOP_ALLOW_LOOPBACK;
    below.local_port = options->local_port;
    below.timeout_ms = options->timeout_ms * (int64_t)options->try_count;
    below.stun = options->stun;
    below.secret = options->secret;
    below.record = options->record;
    below.relay = options->relay;
    below.keepalive_s = options->keepalive_s;
    below.interface = options->interface;
    return below;
}

static bool copy(const hop_conn_options *options, hop_conn_options *ret_copy) {
    hop_conn_options chosen = HOP_CONN_OPTIONS_INIT;
    if (options != NULL) {
        if (options->size < SIZE_FIRST || options->size > SIZE_MAX_KNOWN) return false;
        /* A member that we do not know may be asked for only by leaving it at its default. */
        const unsigned char *bytes = (const unsigned char *)options;
        for (size_t i = sizeof chosen; i < options->size; i++) {
            if (bytes[i] != 0) return false;
        }
        memcpy(&chosen, options, sizeof chosen);
    }
    *ret_copy = chosen;
    return true;
}

static bool makes_sense(const hop_conn_options *options) {
    bool by_ticket = options->ticket != NULL;
    if ((options->flags & ~(below_flags | own_flags)) != 0) return false;
    if ((options->flags & HOP_CONN_LISTEN) != 0 && !by_ticket) return false;
    if (by_ticket && (options->secret != NULL || options->stun != NULL)) return false;
    if (options->timeout_ms < 0 || options->timeout_ms > INT32_MAX) return false;
    if (options->try_count > TRIES_MAX || options->queue_count > QUEUE_MAX) return false;
    if (options->keepalive_s > HOP_SILENCE_IDLE_MAX_S) return false;
    if (options->address_max > HOP_CANDIDATES_MAX) return false;
    if (options->trace_id != NULL && strlen(options->trace_id) >= HOP_CONN_TRACE_SIZE) return false;
    return (int)options->log_level >= HOP_LOG_DEFAULT && options->log_level <= HOP_LOG_DEBUG;
}
