/* SPDX-License-Identifier: MIT */
/* Options that may come from an older or a newer version of the header. */
#include "lib/options.h"

#include <stdlib.h>
#include <string.h>

#include "drive/clock.h"
#include "drive/silence.h"
#include "secure/secure.h"

#define SIZE_FIRST     sizeof(hop_options) /* of version 0.1.0, the first: none is smaller */
#define SIZE_MAX_KNOWN 4096                /* beyond it somebody forgot HOP_OPTIONS_INIT */
#define TIMEOUT_MAX_MS (365LL * 24 * 3600 * 1000)

static const unsigned known_flags = HOP_NO_IPV4 | HOP_NO_IPV6 | HOP_NO_LAN | HOP_NONBLOCKING |
                                    HOP_ALLOW_PRIVATE | HOP_ALLOW_LOOPBACK | HOP_NO_PORTMAP;

static int copy(const hop_options *options, hop_options *ret_copy);
static void choose_record(const char *record, hop_driver_config *config);
static int read_secret(const char *secret, uint8_t ret_secret[static HOP_KEY_SIZE]);

int hop_options_read(const hop_options *options, hop_driver_config *ret_config) {
    static const hop_core_relay relays[] = {[HOP_RELAY_AUTO] = HOP_CORE_RELAY_AUTO,
                                            [HOP_RELAY_NEVER] = HOP_CORE_RELAY_NEVER,
                                            [HOP_RELAY_ONLY] = HOP_CORE_RELAY_ONLY};
    hop_options chosen;
    int error = copy(options, &chosen);
    if (error != 0) return error;
    if ((chosen.flags & ~known_flags) != 0) return HOP_E_INVALID;
    if ((chosen.flags & HOP_NO_IPV4) && (chosen.flags & HOP_NO_IPV6)) return HOP_E_INVALID;
    if (chosen.zero_us < 0 || (chosen.record != NULL && chosen.record[0] == 0))
        return HOP_E_INVALID;
    if ((unsigned)chosen.relay > HOP_RELAY_ONLY) return HOP_E_INVALID;
    if (chosen.keepalive_s > HOP_SILENCE_IDLE_MAX_S || chosen.user_timeout_ms > INT32_MAX)
        return HOP_E_INVALID;
    if (chosen.timeout_ms < 0 || chosen.timeout_ms > TIMEOUT_MAX_MS) return HOP_E_INVALID;
    memset(ret_config, 0, sizeof *ret_config);
    ret_config->local_port = chosen.local_port;
    ret_config->zero_us = chosen.zero_us != 0 ? chosen.zero_us : hop_clock_now_us();
    choose_record(chosen.record, ret_config);
    ret_config->use_portmap = (chosen.flags & HOP_NO_PORTMAP) == 0;
    ret_config->keepalive_s = chosen.keepalive_s;
    ret_config->user_timeout_ms = (int)chosen.user_timeout_ms;
    ret_config->nonblocking = (chosen.flags & HOP_NONBLOCKING) != 0;
    hop_core_config *core = &ret_config->core;
    core->crypto = hop_secure_crypto();
    core->timeout_us = chosen.timeout_ms == 0 ? HOP_TIMEOUT_DEFAULT_US : chosen.timeout_ms * HOP_MS;
    core->use_ipv4 = (chosen.flags & HOP_NO_IPV4) == 0;
    core->use_ipv6 = (chosen.flags & HOP_NO_IPV6) == 0;
    core->use_lan = (chosen.flags & HOP_NO_LAN) == 0;
    core->allow_private = (chosen.flags & HOP_ALLOW_PRIVATE) != 0;
    core->relay = relays[chosen.relay];
    bool relay_only = chosen.relay == HOP_RELAY_ONLY;
    core->probe = !relay_only;
    ret_config->use_portmap = ret_config->use_portmap && !relay_only;
    ret_config->interface = chosen.interface;
    core->one_interface = chosen.interface != NULL;
    core->allow_loopback = (chosen.flags & HOP_ALLOW_LOOPBACK) != 0;
    return 0;
}

int hop_options_read_manual(const hop_options *options, hop_ticket *ret_ticket) {
    hop_options chosen;
    hop_ticket ticket = {.server_count = 0};
    int error = copy(options, &chosen);
    if (error != 0) return error;
    if (chosen.stun != NULL) {
        if (!hop_ticket_server_parse(chosen.stun, strlen(chosen.stun), &ticket.servers[0])) {
            return HOP_E_INVALID;
        }
        ticket.server_count = 1;
    }
    if (chosen.secret != NULL) error = read_secret(chosen.secret, ticket.secret);
    if (error == 0) *ret_ticket = ticket;
    hop_crypto_wipe(&ticket, sizeof ticket);
    return error;
}

static int copy(const hop_options *options, hop_options *ret_copy) {
    hop_options chosen = HOP_OPTIONS_INIT;
    if (options != NULL) {
        if (options->size < SIZE_FIRST || options->size > SIZE_MAX_KNOWN) return HOP_E_INVALID;
        /* A member that we do not know may be asked for only by leaving it at its default. */
        const unsigned char *bytes = (const unsigned char *)options;
        for (size_t i = sizeof chosen; i < options->size; i++) {
            if (bytes[i] != 0) return HOP_E_INVALID;
        }
        memcpy(&chosen, options, sizeof chosen);
    }
    *ret_copy = chosen;
    return 0;
}

/* Who runs a program may have it recorded, but not one with more rights than himself. */
static void choose_record(const char *record, hop_driver_config *config) {
    const char *wanted = record == NULL ? secure_getenv("HOP_RECORD") : NULL;
    config->record_numbered = wanted != NULL && wanted[0] != 0;
    config->record = config->record_numbered ? wanted : record;
}

/* A text of the users' own is only as good as it is hard to guess: whoever sees one hello can try
 * texts at leisure. */
static int read_secret(const char *secret, uint8_t ret_secret[static HOP_KEY_SIZE]) {
    static const uint8_t zeros[HOP_KEY_SIZE];
    const hop_crypto *crypto = hop_secure_crypto();
    size_t size = strlen(secret);
    hop_ticket ticket;
    if (hop_ticket_decode(secret, size, &ticket)) {
        memcpy(ret_secret, ticket.secret, HOP_KEY_SIZE);
        hop_crypto_wipe(&ticket, sizeof ticket);
        return 0;
    }
    if (size == 0) return HOP_E_INVALID;
    if (strncmp(secret, "hop1-", 5) == 0) return HOP_E_TICKET;
    uint8_t extracted[HOP_MAC_SIZE];
    bool done =
        crypto->mac(crypto->context, zeros, (const uint8_t *)secret, size, extracted) &&
        crypto->derive(crypto->context, extracted, NULL, 0, "hopconn secret text", ret_secret);
    hop_crypto_wipe(extracted, sizeof extracted);
    return done ? 0 : HOP_E_SYSTEM;
}
