/* SPDX-License-Identifier: MIT */
/* The endpoint's mind: hands each input to the part that it concerns; see core.h. What the parts
 * report back, and the endpoint's own beginning and end, are in endpoint.c. */
#include "core/core.h"

#include <string.h>

#include "core/network.h"
#include "core/state.h"

size_t hop_core_size(void) {
    return sizeof(hop_core);
}

int hop_core_init(void *memory, const hop_core_config *config, hop_core **ret_core) {
    hop_core *core = memory;
    const hop_crypto *crypto = config->crypto;
    memset(core, 0, sizeof *core);
    core->config = *config;
    core->random = hop_random_seeded(config->seed);
    core->deadline_us = INT64_MAX;
    core->shooter = -1;
    core->self.use_ipv4 = config->use_ipv4;
    core->self.use_ipv6 = config->use_ipv6;
    core->self.use_lan = config->use_lan;
    core->self.allow_private = config->allow_private;
    core->self.allow_loopback = config->allow_loopback;
    for (int i = 0; i < HOP_TICKET_SERVERS_MAX; i++)
        core->callers[i].link = -1;
    if (!hop_ticket_derive(crypto, config->ticket.secret, &core->keys) ||
        !crypto->random(crypto->context, core->description.nonce, HOP_NONCE_SIZE))
        return HOP_E_SYSTEM;
    *ret_core = core;
    return 0;
}

void hop_core_wipe(hop_core *core) {
    hop_crypto_wipe(core, sizeof *core);
}

const hop_description *hop_core_description(const hop_core *core) {
    return &core->description;
}

hop_address hop_core_observed(const hop_core *core) {
    const hop_address *observed = core->self.observed;
    return observed[0].family != HOP_FAMILY_NONE ? observed[0] : observed[1];
}

int64_t hop_core_now(const hop_core *core) {
    return core->now_us;
}

bool hop_core_one_interface(const hop_core *core) {
    return core->config.one_interface;
}

const uint8_t *hop_core_room(const hop_core *core) {
    return core->keys.room;
}

static bool valid_link(const hop_core *core, int number) {
    return number >= 0 && number < HOP_LINKS_MAX && core->links[number].state != HOP_LINK_FREE;
}

static void connected(hop_core *core, const hop_input *input) {
    hop_link *link = &core->links[input->link];
    link->state = HOP_LINK_OPEN;
    link->local = input->local;
    link->opened_us = core->now_us;
    if (link->owner == HOP_LINK_CALLER)
        hop_caller_link_opened(core, input->link, input->rtt_us);
    else if (link->owner == HOP_LINK_ATTEMPT)
        hop_attempt_link_opened(core, input->link);
    else if (link->owner == HOP_LINK_PROBE)
        hop_probe_link_opened(core, input->link);
    else if (link->owner == HOP_LINK_RELAY)
        hop_relayed_link_opened(core, input->link);
}

static void ended(hop_core *core, const hop_input *input) {
    hop_link *link = &core->links[input->link];
    switch (link->owner) {
    case HOP_LINK_CALLER: hop_caller_link_ended(core, input->link, input->reason); break;
    case HOP_LINK_ATTEMPT: hop_attempt_link_ended(core, input->link, input->reason); break;
    case HOP_LINK_LOBBY: link->state = HOP_LINK_FREE; break;
    case HOP_LINK_PROBE: hop_probe_link_ended(core, input->link); break;
    case HOP_LINK_RELAY: hop_relayed_link_ended(core, input->link, input->reason); break;
    }
}

static void received(hop_core *core, const hop_input *input) {
    const hop_link *link = &core->links[input->link];
    if (link->owner == HOP_LINK_CALLER) {
        hop_caller_received(core, input->link, input->bytes, input->size);
    } else if (link->owner == HOP_LINK_PROBE) {
        hop_probe_received(core, input->link, input->bytes, input->size);
    } else if (link->owner == HOP_LINK_RELAY) {
        hop_relayed_received(core, input->link, input->bytes, input->size);
    } else if (input->size == HOP_HELLO_SIZE) {
        if (link->owner == HOP_LINK_LOBBY)
            hop_lobby_received(core, input->link, input->bytes);
        else
            hop_link_received(core, input->link, input->bytes);
    }
}

/* A driver may learn that a dial is answering and that it is connected in one go, and tell in
 * either order: what does not fit the link's state is no news. */
static void link_input(hop_core *core, const hop_input *input) {
    if (!valid_link(core, input->link)) return;
    const hop_link *link = &core->links[input->link];
    bool open = link->state == HOP_LINK_OPEN;
    switch (input->kind) {
    case HOP_IN_CONNECTED:
        if (!open) connected(core, input);
        break;
    case HOP_IN_RECEIVED:
        if (open) received(core, input);
        break;
    case HOP_IN_ENDED: ended(core, input); break;
    case HOP_IN_ANSWERING:
        if (!open && link->owner == HOP_LINK_ATTEMPT) hop_attempt_link_answering(core, input->link);
        break;
    default: break;
    }
}

void hop_core_step(hop_core *core, int64_t now_us, const hop_input *input) {
    hop_output_reset(&core->outbox);
    core->now_us = now_us;
    switch (input->kind) {
    case HOP_IN_TIMER: break;
    case HOP_IN_GO: hop_endpoint_go(core, input); break;
    case HOP_IN_RESOLVED:
        if (!core->done && input->server < core->config.ticket.server_count)
            hop_caller_resolved(core, (int)input->server, input->addresses, input->address_count);
        break;
    case HOP_IN_ACCEPTED: hop_lobby_accepted(core, &input->remote, &input->local); break;
    case HOP_IN_PEER: hop_meet_peer(core, input->description); break;
    case HOP_IN_MAPPED: hop_meet_mapped(core, input); break;
    case HOP_IN_UNMAPPED: hop_meet_unmapped(core, input); break;
    case HOP_IN_NETWORK: hop_network_changed(core, input); break;
    case HOP_IN_CANCEL: hop_endpoint_cancel(core); break;
    case HOP_IN_CONNECTED:
    case HOP_IN_RECEIVED:
    case HOP_IN_ENDED:
    case HOP_IN_ANSWERING: link_input(core, input); break;
    }
    if (core->gone && !core->done) hop_endpoint_tick(core);
}

bool hop_core_next(hop_core *core, hop_output *ret_output) {
    return hop_output_take(&core->outbox, ret_output);
}

int64_t hop_core_deadline(const hop_core *core) {
    return core->gone && !core->done ? hop_endpoint_deadline(core) : INT64_MAX;
}
