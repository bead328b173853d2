/* SPDX-License-Identifier: MIT */
/* Changes of a machine's network; see watch.h, and src/drive/netwatch.c for the reasons. */
#include "watch.h"

#include <string.h>

#include "base/limits.h"

#define QUIET_US     (250 * HOP_MS)
#define QUIET_MAX_US (2 * HOP_S)
#define SLEPT_MIN_US (2 * HOP_S)

static void list(watch *self) {
    hop_address addresses[NETWORK_ADDRESSES_MAX];
    uint8_t bits[NETWORK_ADDRESSES_MAX];
    unsigned count = network_addresses(self->network, self->host, addresses, bits);
    hop_candidate *hosts = self->hosts;
    for (unsigned i = 0; i < count; i++)
        hosts[i] = (hop_candidate){HOP_CANDIDATE_HOST, bits[i], addresses[i]};
    hosts[count++] = (hop_candidate){HOP_CANDIDATE_HOST, 8, {HOP_FAMILY_IPV4, {127, 0, 0, 1}, 0}};
    hosts[count++] = (hop_candidate){HOP_CANDIDATE_HOST, 128, {HOP_FAMILY_IPV6, {[15] = 1}, 0}};
    for (unsigned i = 0; i < count; i++)
        hosts[i].address.port = self->port;
    self->host_count = count;
    for (unsigned six = 0; six < 2; six++)
        self->routes[six] = plugs_gateway(network_plugs(self->network), self->host, six == 1);
}

void watch_start(watch *self, hop_input *ret_go) {
    self->first_us = self->last_us = INT64_MAX;
    list(self);
    *ret_go = (hop_input){.kind = HOP_IN_GO, .hosts = self->hosts, .host_count = self->host_count};
}

void watch_touch(watch *self, int64_t now_us, bool interrupted) {
    self->interrupted |= interrupted;
    if (self->first_us == INT64_MAX) self->first_us = now_us;
    self->last_us = now_us;
}

void watch_wake(watch *self, int64_t now_us, int64_t slept_us) {
    if (slept_us < SLEPT_MIN_US) return;
    self->slept_us += slept_us;
    watch_touch(self, now_us, false);
}

int64_t watch_due_us(const watch *self) {
    if (self->first_us == INT64_MAX) return INT64_MAX;
    int64_t quiet_us = self->last_us + QUIET_US;
    int64_t end_us = self->first_us + QUIET_MAX_US;
    return quiet_us < end_us ? quiet_us : end_us;
}

static bool has(const watch *self, const hop_candidate *host) {
    for (unsigned i = 0; i < self->host_count; i++)
        if (hop_address_equal(&self->hosts[i].address, &host->address) &&
            self->hosts[i].prefix_bits == host->prefix_bits)
            return true;
    return false;
}

/* In whatever order. */
static bool same_hosts(const watch *one, const watch *other, uint8_t family) {
    bool same = true;
    for (unsigned i = 0; i < one->host_count; i++)
        same &= one->hosts[i].address.family != family || has(other, &one->hosts[i]);
    for (unsigned i = 0; i < other->host_count; i++)
        same &= other->hosts[i].address.family != family || has(one, &other->hosts[i]);
    return same;
}

bool watch_look(watch *self, hop_input *ret_input) {
    watch before = *self;
    list(self);
    bool ipv4_changed = !same_hosts(&before, self, HOP_FAMILY_IPV4);
    bool ipv6_changed = !same_hosts(&before, self, HOP_FAMILY_IPV6);
    unsigned changes = self->interrupted ? HOP_NETWORK_INTERRUPTED : 0u;
    if (!hop_address_equal(&before.routes[0], &self->routes[0])) changes |= HOP_NETWORK_ROUTE_IPV4;
    if (!hop_address_equal(&before.routes[1], &self->routes[1])) changes |= HOP_NETWORK_ROUTE_IPV6;
    if (ipv4_changed || self->slept_us > 0 || (changes & HOP_NETWORK_ROUTE_IPV4))
        changes |= HOP_NETWORK_ROUTER;
    *ret_input = (hop_input){.kind = HOP_IN_NETWORK,
                             .link = -1,
                             .hosts = self->hosts,
                             .host_count = self->host_count,
                             .changes = changes,
                             .slept_us = self->slept_us};
    self->first_us = self->last_us = INT64_MAX;
    self->interrupted = false;
    self->slept_us = 0;
    return changes != 0 || ipv6_changed;
}
