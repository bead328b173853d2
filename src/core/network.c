/* SPDX-License-Identifier: MIT */
/* What a change of the network does to an endpoint; see network.h. */
#include "core/network.h"

#include <string.h>

#include "core/ask.h"
#include "core/pair.h"
#include "core/state.h"

static bool is_among(const hop_candidate *hosts, unsigned count, const hop_address *address) {
    for (unsigned i = 0; i < count; i++)
        if (hop_address_same_ip(&hosts[i].address, address)) return true;
    return false;
}

bool hop_network_take_hosts(hop_core *core, const hop_input *input, hop_description *ret_added) {
    hop_candidate_self *self = &core->self;
    hop_candidate before[sizeof self->hosts / sizeof self->hosts[0]];
    unsigned room = sizeof self->hosts / sizeof self->hosts[0];
    unsigned before_count = self->host_count;
    memcpy(before, self->hosts, sizeof before);
    self->host_count = input->host_count < room ? input->host_count : room;
    for (unsigned i = 0; i < self->host_count; i++)
        self->hosts[i] = input->hosts[i];
    bool changed = self->host_count != before_count;
    for (unsigned i = 0; i < before_count; i++) {
        if (is_among(self->hosts, self->host_count, &before[i].address)) continue;
        changed = true;
        if (hop_candidate_offered(self, &before[i]))
            hop_output_note(&core->outbox, HOP_NOTE_HOST_GONE, 0)->address = before[i].address;
    }
    for (unsigned i = 0; i < self->host_count; i++) {
        if (is_among(before, before_count, &self->hosts[i].address)) continue;
        changed = true;
        if (!hop_candidate_offered(self, &self->hosts[i])) continue;
        hop_output_put(&core->outbox, HOP_OUT_CANDIDATE)->candidate = self->hosts[i];
        if (ret_added->candidate_count < HOP_CANDIDATES_MAX)
            ret_added->candidates[ret_added->candidate_count++] = self->hosts[i];
    }
    return changed;
}

static void tell(hop_core *core, const hop_input *input) {
    if (input->slept_us > 0)
        hop_output_note(&core->outbox, HOP_NOTE_SLEPT, 0)->number = input->slept_us;
    else
        hop_output_note(&core->outbox, HOP_NOTE_NETWORK, 0)->number = input->changes;
}

/* Another way out is another NAT: what servers saw of us, and what its NAT does, is history. */
static void forget_outside(hop_core *core, unsigned changes) {
    if (changes & HOP_NETWORK_ROUTE_IPV6) core->self.observed[1].family = HOP_FAMILY_NONE;
    if (changes & HOP_NETWORK_ROUTE_IPV4) {
        core->self.observed[0].family = HOP_FAMILY_NONE;
        hop_probe_forget(core);
    }
    if (changes & HOP_NETWORK_ROUTER) hop_meet_unmap(core);
}

/* Our end of the link is an address that is gone, or packets leave by another way now, where a NAT
 * knows nothing of it. */
static bool is_lost(const hop_core *core, const hop_link *link, unsigned changes) {
    const hop_candidate_self *self = &core->self;
    bool moved = link->remote.family == HOP_FAMILY_IPV4 ? (changes & HOP_NETWORK_ROUTE_IPV4) != 0
                                                        : (changes & HOP_NETWORK_ROUTE_IPV6) != 0;
    if (hop_address_scope(&link->remote) == HOP_SCOPE_LOOPBACK) return false;
    if (link->state != HOP_LINK_OPEN) return moved;
    if (link->local.family == HOP_FAMILY_NONE) return moved;
    return moved || !is_among(self->hosts, self->host_count, &link->local);
}

static void mind_caller(hop_core *core, int index, unsigned changes, bool hosts_changed) {
    hop_caller *caller = &core->callers[index];
    bool lost = caller->link >= 0 && is_lost(core, &core->links[caller->link], changes);
    switch (caller->state) {
    case HOP_CALLER_IDLE:
    case HOP_CALLER_FAILED:
    case HOP_CALLER_RESOLVING: return;
    case HOP_CALLER_PAUSING: hop_caller_hurry(core, index); return;
    case HOP_CALLER_DIALLING:
        for (unsigned i = 0; i < caller->address_count; i++)
            lost |= caller->dials[i] >= 0 && is_lost(core, &core->links[caller->dials[i]], changes);
        if (lost) hop_caller_leave(core, index);
        return;
    case HOP_CALLER_ASKING:
    case HOP_CALLER_READY: break;
    }
    if (lost)
        hop_caller_leave(core, index);
    else
        hop_ask_check(core, index, hosts_changed);
}

/* Goes on with what may have a way now; the peer hears of our new addresses as long as the server
 * that brought us together does. */
static void mind_attempt(hop_core *core, int index, const hop_description *added) {
    const hop_attempt *attempt = &core->attempts[index];
    if (attempt->state == HOP_ATTEMPT_FREE) return;
    hop_pair_judge_again(core, index);
    if (added->candidate_count == 0 || attempt->caller < 0 || hop_attempt_proved(core, index))
        return;
    hop_description description = *added;
    description.nat = core->behaviour.nat;
    hop_ask_tell(core, index, &description);
}

void hop_network_changed(hop_core *core, const hop_input *input) {
    unsigned changes = input->changes;
    if (core->done || !core->gone) return;
    tell(core, input);
    /* The time of a signature is unix time, which went on. */
    core->config.unix_offset_us += input->slept_us;
    hop_description added = {.candidate_count = 0};
    bool hosts_changed = hop_network_take_hosts(core, input, &added);
    forget_outside(core, changes);
    for (unsigned i = 0; i < core->config.ticket.server_count && !core->done; i++)
        mind_caller(core, (int)i, changes, hosts_changed);
    for (int i = 0; i < HOP_ATTEMPTS_MAX && !core->done; i++)
        mind_attempt(core, i, &added);
}
