/* SPDX-License-Identifier: MIT */
/* Hosts' ways into the network; see plugs.h. */
#include "plugs.h"

#include <string.h>

#include "places.h"

void plugs_begin(plugs *self, const spec *plan) {
    memset(self, 0, sizeof *self);
    self->spec = plan;
    for (unsigned i = 0; i < plan->host_count; i++) {
        self->hosts[i].site = plan->hosts[i].site;
        self->hosts[i].docker = plan->hosts[i].extra_interface;
    }
}

void plugs_move(plugs *self, unsigned host, unsigned site) {
    self->hosts[host].site = site;
    self->hosts[host].changed = true;
}

void plugs_pull(plugs *self, unsigned host, bool out) {
    self->hosts[host].out = out;
    self->hosts[host].changed = true;
}

void plugs_sleep(plugs *self, unsigned host, bool asleep) {
    self->hosts[host].asleep = asleep;
}

void plugs_add_docker(plugs *self, unsigned host) {
    self->hosts[host].docker = true;
}

unsigned plugs_addresses(const plugs *self, unsigned host,
                         hop_address ret_addresses[static NETWORK_ADDRESSES_MAX],
                         uint8_t ret_prefix_bits[static NETWORK_ADDRESSES_MAX]) {
    const plug *at = &self->hosts[host];
    unsigned count = 0;
    for (unsigned six = 0; six < 2 && !at->out; six++) {
        hop_address address = places_guest(self->spec, host, at->site, six == 1);
        if (address.family == HOP_FAMILY_NONE) continue;
        ret_prefix_bits[count] = places_prefix_bits(self->spec, at->site, six == 1);
        ret_addresses[count++] = address;
    }
    if (at->docker) {
        ret_prefix_bits[count] = 16;
        ret_addresses[count++] = places_extra();
    }
    return count;
}

bool plugs_is_own(const plugs *self, unsigned host, const hop_address *address) {
    hop_address own[NETWORK_ADDRESSES_MAX];
    uint8_t bits[NETWORK_ADDRESSES_MAX];
    if (hop_address_scope(address) == HOP_SCOPE_LOOPBACK) return true;
    unsigned count = plugs_addresses(self, host, own, bits);
    for (unsigned i = 0; i < count; i++)
        if (hop_address_same_ip(&own[i], address)) return true;
    return false;
}

hop_address plugs_source(const plugs *self, unsigned host, const hop_address *target) {
    const plug *at = &self->hosts[host];
    hop_address extra = places_extra();
    hop_address source = *target;
    source.port = 0;
    if (plugs_is_own(self, host, target)) return source;
    if (at->docker && hop_address_same_subnet(&extra, target, 16)) return extra;
    if (at->out) return (hop_address){0};
    return places_guest(self->spec, host, at->site, target->family == HOP_FAMILY_IPV6);
}

hop_address plugs_gateway(const plugs *self, unsigned host, bool six) {
    const plug *at = &self->hosts[host];
    if (at->out || (six && self->spec->sites[at->site].v6 == SPEC_V6_OFF)) return (hop_address){0};
    return places_router(self->spec, at->site, six);
}

bool plugs_may_send(const plugs *self, unsigned host, const hop_address *source) {
    const plug *at = &self->hosts[host];
    return !at->asleep && (!at->changed || plugs_is_own(self, host, source));
}

int plugs_find(const plugs *self, unsigned site, const hop_address *address) {
    for (unsigned i = 0; i < self->spec->host_count; i++) {
        const plug *at = &self->hosts[i];
        if (at->site != site || at->out || at->asleep) continue;
        hop_address own = places_guest(self->spec, i, site, address->family == HOP_FAMILY_IPV6);
        if (hop_address_same_ip(&own, address)) return (int)i;
    }
    return -1;
}
