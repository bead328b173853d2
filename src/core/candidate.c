/* SPDX-License-Identifier: MIT */
/* What may be offered and dialled; see candidate.h. */
#include "core/candidate.h"

static bool family_used(const hop_candidate_self *self, uint8_t family) {
    return family == HOP_FAMILY_IPV4 ? self->use_ipv4 : family == HOP_FAMILY_IPV6 && self->use_ipv6;
}

bool hop_candidate_offered(const hop_candidate_self *self, const hop_candidate *candidate) {
    if (!family_used(self, candidate->address.family)) return false;
    switch (hop_address_scope(&candidate->address)) {
    case HOP_SCOPE_PUBLIC: return true;
    case HOP_SCOPE_PRIVATE: return self->use_lan;
    case HOP_SCOPE_LOOPBACK: return self->use_lan && self->allow_loopback;
    default: return false;
    }
}

static const hop_address *observed(const hop_candidate_self *self, uint8_t family) {
    const hop_address *address = &self->observed[family == HOP_FAMILY_IPV6];
    return address->family == family ? address : NULL;
}

/* Private addresses mean something only in the network that they belong to: dial them where we
 * share a subnet, where one public address (so one NAT) stands before both of us, or, for an
 * address that the server itself saw, where it sees us by a private address too: then we are all in
 * one network. */
static bool private_plausible(const hop_candidate_self *self, const hop_candidate *candidate,
                              const hop_address *peer_observed) {
    const hop_address *mine = observed(self, candidate->address.family);
    if (self->allow_private) return true;
    if (candidate->type == HOP_CANDIDATE_SERVER_REFLEXIVE)
        return mine != NULL && hop_address_scope(mine) != HOP_SCOPE_PUBLIC;
    for (unsigned i = 0; i < self->host_count; i++)
        if (self->hosts[i].prefix_bits > 0 &&
            hop_address_same_subnet(&self->hosts[i].address, &candidate->address,
                                    self->hosts[i].prefix_bits))
            return true;
    if (peer_observed == NULL || peer_observed->family == HOP_FAMILY_NONE) return false;
    const hop_address *same = observed(self, peer_observed->family);
    return same != NULL && hop_address_same_ip(same, peer_observed);
}

static bool is_self(const hop_candidate_self *self, const hop_address *address) {
    for (unsigned i = 0; i < self->host_count; i++)
        if (hop_address_equal(&self->hosts[i].address, address)) return true;
    return false;
}

hop_skip hop_candidate_judge(const hop_candidate_self *self, const hop_candidate *candidate,
                             const hop_address *peer_observed) {
    const hop_address *address = &candidate->address;
    if (!family_used(self, address->family)) return HOP_SKIP_FAMILY;
    /* ::ffff:192.168.1.1 is an IPv4 address that walks round the rules for IPv4. */
    if (hop_address_unmapped(address).family != address->family) return HOP_SKIP_SCOPE;
    if (address->port < HOP_PORT_DIALLABLE_MIN) return HOP_SKIP_PORT;
    if (is_self(self, address)) return HOP_SKIP_SELF;
    switch (hop_address_scope(address)) {
    case HOP_SCOPE_PUBLIC: return HOP_SKIP_NONE;
    case HOP_SCOPE_LOOPBACK: return self->allow_loopback ? HOP_SKIP_NONE : HOP_SKIP_LOOPBACK;
    case HOP_SCOPE_PRIVATE:
        if (!self->use_lan && candidate->type == HOP_CANDIDATE_HOST) return HOP_SKIP_LAN;
        return private_plausible(self, candidate, peer_observed) ? HOP_SKIP_NONE : HOP_SKIP_PRIVATE;
    default: return HOP_SKIP_SCOPE;
    }
}

hop_core_route hop_candidate_route(const hop_candidate *remote, const hop_address *local) {
    hop_scope scope = hop_address_scope(&remote->address);
    if (remote->type == HOP_CANDIDATE_RELAYED) return HOP_CORE_ROUTE_RELAYED;
    if (remote->type == HOP_CANDIDATE_MAPPED) return HOP_CORE_ROUTE_MAPPED;
    bool here = hop_address_same_ip(&remote->address, local); /* the peer is on this machine */
    if (here || scope == HOP_SCOPE_LOOPBACK || scope == HOP_SCOPE_PRIVATE)
        return HOP_CORE_ROUTE_LAN;
    if (remote->address.family == HOP_FAMILY_IPV6) return HOP_CORE_ROUTE_IPV6;
    if (remote->type == HOP_CANDIDATE_HOST || hop_address_scope(local) == HOP_SCOPE_PUBLIC)
        return HOP_CORE_ROUTE_DIRECT;
    return HOP_CORE_ROUTE_PUNCHED;
}
