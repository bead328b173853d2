/* SPDX-License-Identifier: MIT */
/* Probes; see probe.h. */
#include "core/probe.h"

#include <string.h>

#include "core/ask.h"
#include "core/state.h"

static hop_probe *take(hop_core *core, const hop_address *server, bool any_port) {
    hop_probe *probe = NULL;
    int at = 0;
    for (int i = 0; i < HOP_PROBES_MAX && probe == NULL; i++)
        if (!core->probes[i].used) probe = &core->probes[at = i];
    int number = probe != NULL ? hop_link_take(core, HOP_LINK_PROBE, at) : -1;
    if (number < 0) return NULL;
    memset(probe, 0, sizeof *probe);
    probe->used = true;
    probe->link = number;
    probe->deadline_us = core->now_us + HOP_PROBE_TIMEOUT_US;
    core->links[number].remote = *server;
    hop_output *connect = hop_output_put(&core->outbox, HOP_OUT_CONNECT);
    connect->link = number;
    connect->address = *server;
    connect->any_port = any_port;
    return probe;
}

static void drop(hop_core *core, hop_probe *probe) {
    if (!probe->used) return;
    probe->used = false;
    hop_link_close(core, probe->link);
}

/* An answer is only good for the server that has given it; and no NAT stands before loopback. */
static bool worth_asking(const hop_core *core, const hop_address *server) {
    if (!core->config.probe || server->family != HOP_FAMILY_IPV4) return false;
    if (hop_address_scope(server) == HOP_SCOPE_LOOPBACK || server->port < HOP_PORT_DIALLABLE_MIN)
        return false;
    for (int i = 0; i < HOP_LINKS_PLAIN; i++) {
        const hop_link *link = &core->links[i];
        bool asking = link->owner == HOP_LINK_PROBE || link->owner == HOP_LINK_CALLER;
        if (link->state != HOP_LINK_FREE && asking && hop_address_equal(&link->remote, server))
            return false;
    }
    return true;
}

void hop_probe_beside(hop_core *core, const hop_address *server) {
    hop_address next = *server;
    if (next.port == UINT16_MAX) return;
    next.port++;
    if (worth_asking(core, &next)) take(core, &next, false);
}

void hop_probe_further(hop_core *core, const hop_address *addresses, unsigned count) {
    unsigned first = 0;
    while (first < count && addresses[first].family != HOP_FAMILY_IPV4)
        first++;
    if (first < count) hop_probe_other(core, &addresses[first]);
}

void hop_probe_make_way(hop_core *core, const hop_address *server) {
    for (int i = 0; i < HOP_PROBES_MAX; i++) {
        hop_probe *probe = &core->probes[i];
        if (!probe->sample && probe->used &&
            hop_address_equal(&core->links[probe->link].remote, server))
            drop(core, probe);
    }
}

/* The next port of the same address has been asked already. */
void hop_probe_other(hop_core *core, const hop_address *other) {
    for (unsigned i = 0; i < core->behaviour.count; i++)
        if (hop_address_equal(&core->behaviour.samples[i].server, other)) return;
    if (worth_asking(core, other)) take(core, other, false);
}

static void tell_nat(hop_core *core) {
    const hop_nat *nat = &core->behaviour.nat;
    hop_note *note = hop_output_note(&core->outbox, HOP_NOTE_NAT, 0);
    note->number = nat->mapping;
    note->extra = nat->delta;
    note->type = nat->preserving;
}

void hop_probe_saw(hop_core *core, int number, const hop_address *mapped) {
    if (!core->config.probe || number < 0) return;
    const hop_link *link = &core->links[number];
    if (link->remote.family != HOP_FAMILY_IPV4 ||
        hop_address_scope(&link->remote) == HOP_SCOPE_LOOPBACK)
        return;
    hop_sample sample = {.server = link->remote,
                         .mapped = *mapped,
                         .local_port = link->local.port,
                         .dialled_us = link->dialled_us,
                         .order = link->order};
    hop_nat before = core->behaviour.nat;
    hop_behaviour_add(&core->behaviour, &sample, core->self.hosts, core->self.host_count);
    const hop_nat *nat = &core->behaviour.nat;
    if (nat->mapping == before.mapping && nat->delta == before.delta) return;
    tell_nat(core);
    for (unsigned i = 0; i < core->config.ticket.server_count; i++)
        hop_ask_redescribe(core, (int)i);
}

void hop_probe_unmasked(hop_core *core) {
    core->behaviour.nat.mapping = HOP_NAT_RANDOM;
    core->behaviour.nat.delta = 0;
    tell_nat(core);
}

bool hop_probe_sample(hop_core *core, int attempt, const hop_address *server, unsigned place) {
    hop_probe *probe = take(core, server, true);
    if (probe == NULL) return false;
    probe->sample = true;
    probe->attempt = attempt;
    probe->place = place;
    return true;
}

void hop_probe_stop_samples(hop_core *core, int attempt) {
    for (int i = 0; i < HOP_PROBES_MAX; i++)
        if (core->probes[i].sample && core->probes[i].attempt == attempt)
            drop(core, &core->probes[i]);
}

void hop_probe_stop(hop_core *core) {
    for (int i = 0; i < HOP_PROBES_MAX; i++)
        drop(core, &core->probes[i]);
}

void hop_probe_forget(hop_core *core) {
    for (int i = 0; i < HOP_PROBES_MAX; i++)
        if (!core->probes[i].sample) drop(core, &core->probes[i]);
    memset(&core->behaviour, 0, sizeof core->behaviour);
}

static void want(hop_core *core, hop_probe *probe, size_t size) {
    probe->wanted = size;
    hop_output *output = hop_output_put(&core->outbox, HOP_OUT_WANT);
    output->link = probe->link;
    output->size = size - probe->received;
}

void hop_probe_link_opened(hop_core *core, int number) {
    hop_probe *probe = &core->probes[core->links[number].index];
    const hop_crypto *crypto = core->config.crypto;
    hop_message message = {.kind = HOP_MESSAGE_BINDING};
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t size = 0;
    if (crypto->random(crypto->context, message.transaction, HOP_STUN_TRANSACTION_SIZE))
        size = hop_message_encode(&message, crypto, NULL, bytes);
    if (size == 0) {
        drop(core, probe);
        return;
    }
    memcpy(probe->transaction, message.transaction, HOP_STUN_TRANSACTION_SIZE);
    hop_output_send(&core->outbox, number, bytes, size);
    want(core, probe, HOP_STUN_HEADER_SIZE);
}

void hop_probe_link_ended(hop_core *core, int number) {
    core->probes[core->links[number].index].used = false;
    core->links[number].state = HOP_LINK_FREE;
}

static void answered(hop_core *core, hop_probe *probe) {
    hop_message message;
    bool good = hop_message_decode(probe->bytes, probe->received, &message) == HOP_MESSAGE_OK &&
                message.kind == HOP_MESSAGE_BINDING_ANSWER &&
                memcmp(message.transaction, probe->transaction, HOP_STUN_TRANSACTION_SIZE) == 0;
    if (good && !probe->sample) hop_probe_saw(core, probe->link, &message.mapped);
    /* Some NATs forget a mapping with its last connection. One that stays has its deadline. */
    bool stays = good && probe->sample &&
                 hop_strategy_sampled(core, probe->attempt, probe->place, &message.mapped,
                                      core->links[probe->link].local.port);
    if (!stays) drop(core, probe);
}

/* Header and rest; whoever sends more than an answer to a Binding has is not who we want. */
void hop_probe_received(hop_core *core, int number, const uint8_t *bytes, size_t size) {
    hop_probe *probe = &core->probes[core->links[number].index];
    if (size != probe->wanted - probe->received) return;
    memcpy(probe->bytes + probe->received, bytes, size);
    probe->received += size;
    size_t whole = hop_stun_frame_size(probe->bytes);
    if (whole == 0 || whole > sizeof probe->bytes)
        drop(core, probe);
    else if (probe->received == whole)
        answered(core, probe);
    else
        want(core, probe, whole);
}

/* A retry can only work when our NAT is known by then: two lost packets must not hide it for good.
 */
static void late(hop_core *core, hop_probe *probe) {
    hop_address server = core->links[probe->link].remote;
    bool again = !probe->sample && probe->tries + 1 < HOP_PROBE_TRIES;
    unsigned tries = probe->tries + 1;
    drop(core, probe);
    hop_probe *next = again ? take(core, &server, false) : NULL;
    if (next != NULL) next->tries = tries;
}

void hop_probe_tick(hop_core *core) {
    for (int i = 0; i < HOP_PROBES_MAX; i++)
        if (core->probes[i].used && core->probes[i].deadline_us <= core->now_us)
            late(core, &core->probes[i]);
}

int64_t hop_probe_deadline(const hop_core *core) {
    int64_t soonest = INT64_MAX;
    for (int i = 0; i < HOP_PROBES_MAX; i++)
        if (core->probes[i].used) soonest = hop_state_sooner(soonest, core->probes[i].deadline_us);
    return soonest;
}
