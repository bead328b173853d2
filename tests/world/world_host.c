/* SPDX-License-Identifier: MIT */
/* A host of the world: its kernel, the program on it, and the user who gets the sockets. */
#include <stdio.h>
#include <string.h>

#include "places.h"
#include "world_inside.h"

#include "lib/advice.h"

#define HAND_OVER_US   (100 * HOP_MS) /* a description's way by hand */
#define UNIX_OFFSET_US (1700000000 * HOP_S)
#define BACKLOG        64 /* as src/drive/reserve.c */

static void on_hand(void *context, void *argument, uint64_t from);

static uint64_t seed_of(const world_host *host) {
    uint64_t seed = host->world->spec->seed * UINT64_C(0x9E3779B97F4A7C15);
    return seed + host->index * 1000 + host->life;
}

static const spec_host *wish_of(const world_host *host) {
    return &host->world->spec->hosts[host->index];
}

/* --- the kernel ----------------------------------------------------------------------------------
 */

static void on_send(void *context, const packet *sent) {
    world_host *host = context;
    network_send(host->world->network, host->index, sent);
}

static void heard(world *self, unsigned end) {
    world_trace *trace = &self->traces[end];
    const char *name = self->spec->hosts[self->result->ends[end].host].name;
    self->look = true;
    if (trace->holder.state == HOLDER_WRONG)
        world_broken(self, "%s: what came after the handshake is not what the peer's user said",
                     name);
    if (trace->holder.state != HOLDER_WHOLE) return;
    unsigned other = holder_other(&trace->holder);
    if (other < self->result->end_count)
        self->result->ends[end].peer = (int)self->result->ends[other].host;
}

static bool user_ready(world_host *host, int socket) {
    world *self = host->world;
    for (unsigned i = 0; i < self->result->end_count; i++) {
        const world_end *end = &self->result->ends[i];
        world_trace *trace = &self->traces[i];
        if (end->host != host->index || !end->established || trace->life != host->life ||
            trace->holder.socket != socket)
            continue;
        if (holder_ready(&trace->holder)) heard(self, i);
        return true;
    }
    return false;
}

static void on_ready(void *context, int socket, unsigned what) {
    world_host *host = context;
    if (host->machine != NULL && machine_ready(host->machine, socket, what)) return;
    if (host->impostor != NULL) impostor_ready(host->impostor, socket, what);
    user_ready(host, socket);
}

static bool is_port_taken(const world *self, uint16_t port) {
    for (unsigned i = 0; i < self->spec->host_count; i++)
        if (self->hosts[i].port == port) return true;
    return false;
}

/* As the system chooses one for a program; no two hosts have the same, so that one sees at once
 * whose it is. */
static void choose_port(world_host *host) {
    hop_random random = hop_random_seeded(seed_of(host) ^ 0x907);
    uint16_t port;
    do
        port = (uint16_t)hop_random_between(&random, 32768, 60999);
    while (is_port_taken(host->world, port));
    host->port = port;
}

void world_host_make(world *self, unsigned index) {
    world_host *host = &self->hosts[index];
    memset(host, 0, offsetof(world_host, contract));
    host->world = self;
    host->index = index;
    host->stopped_us = host->roamed_us = INT64_MIN;
    choose_port(host);
    kernel_config config = {.schedule = &self->schedule,
                            .seed = seed_of(host) ^ UINT64_C(0x15EED),
                            .context = host,
                            .send = on_send,
                            .ready = on_ready};
    host->kernel = kernel_new(&config);
}

void world_host_free(world_host *host) {
    kernel_free(host->kernel);
    impostor_free(host->impostor);
}

/* --- what the core says --------------------------------------------------------------------------
 */

static void tell_impostors(world_host *host, const hop_address *address) {
    world *self = host->world;
    for (unsigned i = 0; i < self->spec->host_count; i++)
        if (self->hosts[i].impostor != NULL) impostor_learn(self->hosts[i].impostor, address);
}

static void let_impostors_hear(world *self, const hop_output *output) {
    for (unsigned i = 0; i < self->spec->host_count; i++)
        if (self->hosts[i].impostor != NULL)
            impostor_overhear(self->hosts[i].impostor, output->bytes, output->size);
}

static void on_stepped(void *context, int64_t deadline_us, const hop_input *input,
                       const hop_output *outputs, unsigned count) {
    world_host *host = context;
    world *self = host->world;
    world_result *result = self->result;
    int64_t now_us = self->schedule.now_us;
    int64_t core_us = machine_now_us(host->machine);
    unsigned dials = host->contract.dial_count;
    unsigned running = contract_running(&host->contract);
    result->steps++;
    contract_step(&host->contract, core_us, deadline_us, input, outputs, count);
    if (host->contract.broken != NULL)
        world_broken(self, "%s: %s", wish_of(host)->name, host->contract.broken);
    result->dials[host->index] += host->contract.dial_count - dials;
    if (host->contract.most_per_second > result->most_dials_per_second[host->index])
        result->most_dials_per_second[host->index] = host->contract.most_per_second;
    unsigned sockets = kernel_count(host->kernel);
    if (sockets > result->most_sockets[host->index]) result->most_sockets[host->index] = sockets;
    if (contract_running(&host->contract) != running || host->contract.over) self->look = true;
    for (unsigned i = 0; i < count && self->impostors; i++)
        if (outputs[i].kind == HOP_OUT_SEND) let_impostors_hear(self, &outputs[i]);
    if (self->options->watch != NULL)
        self->options->watch(self->options->context, now_us, host->index, input, outputs, count);
}

static unsigned add_end(world_host *host, const hop_output *output) {
    world *self = host->world;
    if (self->result->end_count == WORLD_ENDS_MAX) return WORLD_ENDS_MAX - 1;
    unsigned at = self->result->end_count++;
    world_end *end = &self->result->ends[at];
    world_trace *trace = &self->traces[at];
    const world_meeting *meeting = &host->meetings[output->attempt % WORLD_MEETINGS_MAX];
    bool met = output->attempt > 0 && meeting->attempt == output->attempt;
    memset(end, 0, sizeof *end);
    memset(trace, 0, sizeof *trace);
    end->host = host->index;
    end->attempt = output->attempt;
    end->peer = -1;
    end->peer_us = met ? meeting->peer_us : self->schedule.now_us;
    end->end_us = self->schedule.now_us;
    end->socket = -1;
    trace->life = host->life;
    trace->remote = output->address;
    if (met) trace->peer_observed = meeting->observed;
    trace->holder.socket = -1;
    return at;
}

static void on_established(world_host *host, const hop_output *output, int socket) {
    world *self = host->world;
    for (unsigned i = 0; i < self->result->end_count; i++) {
        const world_end *before = &self->result->ends[i];
        if (before->established && before->host == host->index &&
            self->traces[i].life == host->life &&
            (before->socket == socket || before->attempt == output->attempt))
            world_broken(self, "%s: a descriptor or an attempt is handed over twice",
                         wish_of(host)->name);
    }
    unsigned at = add_end(host, output);
    world_end *end = &self->result->ends[at];
    end->established = true;
    end->route = output->route;
    end->controlling = output->controlling;
    end->socket = socket;
    memcpy(end->psk, output->psk, sizeof end->psk);
    end->tcp_us = output->tcp_us;
    end->attempt_us = output->attempt_us;
    holder_take(&self->traces[at].holder, host->kernel, socket, at, output->controlling,
                output->psk);
    if (self->traces[at].holder.state != HOLDER_WAITING) heard(self, at);
}

static void on_failed(world_host *host, const hop_output *output) {
    world_end *end = &host->world->result->ends[add_end(host, output)];
    end->error = output->error;
    end->advice =
        hop_advice_text(hop_advice_choose(output->error, hop_advice_facts(output)), output->error);
    if (output->report != NULL) end->report = *output->report;
}

static void on_note(world_host *host, const hop_note *note) {
    if (note->kind == HOP_NOTE_START)
        host->meetings[note->attempt % WORLD_MEETINGS_MAX].observed = note->address;
    host->world->result->knocks[host->index] += note->kind == HOP_NOTE_KNOCKED;
    if (note->kind != HOP_NOTE_REGISTERED && note->kind != HOP_NOTE_WAITING) return;
    if (note->address.family != HOP_FAMILY_IPV4) return;
    host->observed = note->address;
    tell_impostors(host, &note->address);
}

static void on_report(void *context, const hop_core *core, const hop_output *output,
                      const hop_address *local, int socket) {
    world_host *host = context;
    world *self = host->world;
    if (!wish_of(host)->quiet)
        transcript_output(&self->story, wish_of(host)->name, core, output, local);
    switch (output->kind) {
    case HOP_OUT_PEER:
        self->result->unseen[host->index] += host->observed.family != HOP_FAMILY_IPV4;
        host->meetings[output->attempt % WORLD_MEETINGS_MAX] =
            (world_meeting){.attempt = output->attempt, .peer_us = self->schedule.now_us};
        break;
    case HOP_OUT_ESTABLISHED: on_established(host, output, socket); break;
    case HOP_OUT_FAILED: on_failed(host, output); break;
    case HOP_OUT_NOTE: on_note(host, &output->note); break;
    case HOP_OUT_DESCRIBED:
        host->described = true;
        host->description = *hop_core_description(core);
        for (unsigned i = 0; i < self->spec->host_count; i++)
            schedule_at(&self->schedule, self->schedule.now_us + HAND_OVER_US, on_hand, host, NULL,
                        i);
        break;
    default: break;
    }
}

/* The users carry a description to the other side, and back what they find there. */
static void on_hand(void *context, void *argument, uint64_t other) {
    world_host *host = context;
    world_host *peer = &host->world->hosts[other];
    (void)argument;
    bool pair = host != peer && wish_of(host)->role == wish_of(peer)->role &&
                wish_of(host)->ticket == wish_of(peer)->ticket;
    if (!pair || !host->described || !peer->described || host->handed || peer->handed) return;
    if (host->machine == NULL || peer->machine == NULL) return;
    int64_t asleep_us = world_host_asleep_us(host) + world_host_asleep_us(peer);
    if (asleep_us > 0) {
        schedule_at(&host->world->schedule, host->world->schedule.now_us + asleep_us, on_hand, host,
                    NULL, other);
        return;
    }
    host->handed = peer->handed = true;
    machine_peer(peer->machine, &host->description);
    machine_peer(host->machine, &peer->description);
}

/* --- the program ---------------------------------------------------------------------------------
 */

static void on_impostor(void *context, const char *what, const hop_address *to) {
    world_host *host = context;
    char text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(to, text);
    transcript_say(&host->world->story, wish_of(host)->name, "%s %s", what, text);
}

static void start_impostor(world_host *host) {
    world *self = host->world;
    impostor_config config = {.schedule = &self->schedule,
                              .network = self->network,
                              .kernel = host->kernel,
                              .host = host->index,
                              .port = host->port,
                              .seed = seed_of(host),
                              .toy = self->options->crypto == WORLD_TOY,
                              .context = host,
                              .tell = on_impostor};
    if (wish_of(host)->quiet) config.tell = NULL;
    if (host->impostor != NULL) return;
    host->impostor = impostor_new(&config);
    self->impostors = true;
    for (unsigned i = 0; i < self->spec->host_count; i++) {
        hop_address address = world_host_address(&self->hosts[i]);
        if (i != host->index) impostor_learn(host->impostor, &address);
        impostor_learn(host->impostor, &self->hosts[i].observed);
    }
}

static hop_core_config core_config(const world_host *host) {
    const world *self = host->world;
    const spec_host *wish = wish_of(host);
    hop_core_config core = {.mode = HOP_CORE_MANUAL,
                            .bare = wish->role == SPEC_BARE,
                            .seed = wish->seed != 0 ? wish->seed + host->life - 1 : seed_of(host),
                            .unix_offset_us = UNIX_OFFSET_US + wish->clock_off_us,
                            .timeout_us = HOP_TIMEOUT_DEFAULT_US,
                            .use_ipv4 = true,
                            .use_ipv6 = true,
                            .use_lan = !wish->no_lan,
                            .relay = (hop_core_relay)wish->relay,
                            .probe = true};
    hop_random secret = hop_random_seeded(self->spec->seed * 8 + wish->ticket);
    if (wish->role == SPEC_LISTENS) core.mode = HOP_CORE_LISTEN;
    if (wish->role == SPEC_CONNECTS) core.mode = HOP_CORE_CONNECT;
    if (wish->timeout_us > 0) core.timeout_us = wish->timeout_us;
    for (size_t i = 0; i < sizeof core.ticket.secret; i++)
        core.ticket.secret[i] = (uint8_t)hop_random_next(&secret);
    core.ticket.server_count = self->spec->server || core.mode != HOP_CORE_MANUAL ? 1 : 0;
    if (core.ticket.server_count > 0 && self->spec->dead_server) core.ticket.server_count = 2;
    for (unsigned i = 0; i < core.ticket.server_count; i++) {
        hop_address at = network_server(self->network, i, false);
        hop_address_print(&at, core.ticket.servers[i].host); /* names are not resolved here */
        core.ticket.servers[i].port = PLACES_SERVER_PORT;
    }
    return core;
}

void world_host_start(world_host *host) {
    world *self = host->world;
    const spec_host *wish = wish_of(host);
    self->look = true;
    if (host->life++ > 0) choose_port(host);
    host->described = host->handed = false;
    if (wish->role == SPEC_IMPOSTOR) {
        start_impostor(host);
        return;
    }
    machine_config config = {.schedule = &self->schedule,
                             .network = self->network,
                             .kernel = host->kernel,
                             .host = host->index,
                             .port = host->port,
                             .backlog = self->spec->backlog != 0 ? self->spec->backlog : BACKLOG,
                             .toy = self->options->crypto == WORLD_TOY,
                             .core = core_config(host),
                             .context = host,
                             .stepped = on_stepped,
                             .report = on_report};
    host->machine = machine_new(&config);
    if (host->machine == NULL) {
        world_broken(self, "%s: its port is not free", wish->name);
        return;
    }
    self->machines[self->machine_count++] = host->machine;
    contract_begin(&host->contract, &config.core);
    machine_go(host->machine);
}

void world_host_kill(world_host *host) {
    world *self = host->world;
    host->stopped_us = self->schedule.now_us;
    for (unsigned i = 0; i < self->result->end_count; i++)
        if (self->result->ends[i].host == host->index) {
            self->traces[i].holder.socket = -1;
            if (self->traces[i].holder.state == HOLDER_WAITING)
                self->traces[i].holder.state = HOLDER_ENDED;
        }
    if (host->machine != NULL) machine_die(host->machine);
    if (host->impostor != NULL) impostor_stop(host->impostor);
    host->machine = NULL;
    kernel_kill(host->kernel);
}

void world_host_cancel(world_host *host) {
    host->stopped_us = host->world->schedule.now_us;
    if (host->machine != NULL) machine_cancel(host->machine);
}

unsigned world_host_site(const world_host *host) {
    return network_plugs(host->world->network)->hosts[host->index].site;
}

hop_address world_host_address(const world_host *host) {
    hop_address address =
        places_guest(host->world->spec, host->index, world_host_site(host), false);
    address.port = host->port;
    return address;
}

hop_address world_host_grant(world_host *host) {
    nat *router = network_nat(host->world->network, world_host_site(host), 0);
    hop_address inside = world_host_address(host);
    return router != NULL ? nat_grant(router, &inside) : (hop_address){0};
}
