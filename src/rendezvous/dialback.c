/* SPDX-License-Identifier: MIT */
/* The limits of dialling back; see dialback.h. */
#include "rendezvous/dialback.h"

#include <string.h>

#include "wire/message.h"

static unsigned check_wish(const hop_address *remote, const hop_dialback *request);
static hop_dialback_meter *meter_of(hop_dialbacks *dialbacks, const hop_address *remote);
static bool has_left(const hop_dialback_meter *meter, int64_t now_us, int64_t each_us, int64_t max);
static void take(hop_dialback_meter *meter, int64_t now_us, int64_t each_us);

unsigned hop_dialbacks_begin(hop_dialbacks *dialbacks, int64_t now_us, const hop_address *remote,
                             const hop_dialback *request, hop_address *ret_target) {
    bool wait = request->way == HOP_DIALBACK_WAIT;
    unsigned code = check_wish(remote, request);
    if (code != 0) return code;
    hop_dialback_meter *origin = meter_of(dialbacks, remote);
    if (wait ? dialbacks->waiting == HOP_DIALBACK_WAITING_MAX
             : dialbacks->running == HOP_DIALBACK_RUNNING_MAX)
        return HOP_REFUSAL_BUSY;
    if (!has_left(origin, now_us, HOP_DIALBACK_ORIGIN_US, HOP_DIALBACK_ORIGIN_MAX) ||
        !has_left(&dialbacks->all, now_us, HOP_DIALBACK_ALL_US, HOP_DIALBACK_ALL_MAX))
        return HOP_REFUSAL_BUSY;
    take(origin, now_us, HOP_DIALBACK_ORIGIN_US);
    take(&dialbacks->all, now_us, HOP_DIALBACK_ALL_US);
    ++*(wait ? &dialbacks->waiting : &dialbacks->running);
    *ret_target = *remote;
    if (request->port != 0) ret_target->port = request->port;
    return 0;
}

void hop_dialbacks_end(hop_dialbacks *dialbacks, bool wait) {
    --*(wait ? &dialbacks->waiting : &dialbacks->running);
}

static unsigned check_wish(const hop_address *remote, const hop_dialback *request) {
    if (request->way == HOP_DIALBACK_WAIT)
        return request->wait_ms <= HOP_DIALBACK_WAIT_MAX_MS ? 0 : HOP_REFUSAL_MALFORMED;
    bool seen = request->port == 0 || request->port == remote->port;
    return seen || request->port >= HOP_DIALBACK_PORT_MIN ? 0 : HOP_DIALBACK_FORBIDDEN;
}

/* Two places that fall together share what one would have: nobody can choose to, for the hash is
 * keyed. */
static hop_dialback_meter *meter_of(hop_dialbacks *dialbacks, const hop_address *remote) {
    uint8_t key[9] = {remote->family};
    memcpy(key + 1, remote->ip, remote->family == HOP_FAMILY_IPV4 ? 4 : 8);
    uint64_t at = hop_hash_bytes(&dialbacks->hash, key, sizeof key) % HOP_DIALBACK_ORIGINS;
    return &dialbacks->origins[at];
}

static bool has_left(const hop_dialback_meter *meter, int64_t now_us, int64_t each_us,
                     int64_t max) {
    return meter->paid_us + each_us <= now_us + max * each_us;
}

static void take(hop_dialback_meter *meter, int64_t now_us, int64_t each_us) {
    if (meter->paid_us < now_us) meter->paid_us = now_us;
    meter->paid_us += each_us;
}
