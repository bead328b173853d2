/* SPDX-License-Identifier: MIT */
/* The loop of one endpoint; see machine.h, and src/drive/driver.c for the reasons. */
#include "machine.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "links.h"
#include "places.h"
#include "secure/secure.h"
#include "toy.h"
#include "watch.h"

#define READY_BATCH     64
#define ACCEPT_BATCH    32
#define ACCEPT_PAUSE_US (250 * HOP_MS)
#define LINE_MAX        (HOP_LINKS_MAX + 2)

typedef struct ready {
    int socket;
    unsigned what;
    int link; /* -1: a listener */
    unsigned generation;
} ready;

struct machine {
    machine_config config;
    hop_crypto crypto;
    hop_random random; /* of the crypto table: a run repeats exactly */
    hop_core *core;
    void *core_memory;   /* comes with the machine, and goes with it */
    int64_t deadline_us; /* the core's, after its last step */
    int listeners[2];    /* IPv4, IPv6 */
    unsigned listener_interest;
    int accepted;
    int64_t accept_paused_until_us;
    unsigned resolving[HOP_TICKET_SERVERS_MAX];
    unsigned resolving_count;
    /* Sockets with something to do, in the order in which epoll would give them. */
    int line[LINE_MAX];
    unsigned line_count;
    bool awake;       /* a turn is scheduled for now */
    int64_t timer_us; /* the soonest turn that is scheduled; INT64_MAX: none */
    watch watch;
    bool asleep;
    int64_t slept_us; /* in all */
    int64_t dozed_us; /* this time */
    bool stopped;
    int64_t turn_us;
    unsigned turns;
    links table;
    hop_output outputs[HOP_OUTPUTS_MAX];
};

#define SPARES_MAX 8

static machine *spares[SPARES_MAX];
static unsigned spare_count;

static void on_turn(void *context, void *argument, uint64_t is_timer);
static void wake(machine *self);
static void set_timer(machine *self);
static void on_watch(void *context, int socket, unsigned interest, bool forget);
static void tell(machine *self, const hop_input *input);
static void dispatch(machine *self, const ready *one);
static void let_in(machine *self, unsigned family);
static void keep_time(machine *self);

int64_t machine_now_us(const machine *self) {
    return self->config.schedule->now_us + MACHINE_EPOCH_US - self->slept_us;
}

static bool seeded_random(void *context, uint8_t *out, size_t size) {
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++, word >>= 8) {
        if (i % 8 == 0) word = hop_random_next(context);
        out[i] = (uint8_t)word;
    }
    return true;
}

static bool make_core(machine *self) {
    hop_core_config *core = &self->config.core;
    self->random = hop_random_seeded(core->seed ^ UINT64_C(0xC0FFEE));
    self->crypto = *hop_secure_crypto();
    if (self->config.toy) toy_crypto(&self->crypto);
    self->crypto.random = seeded_random;
    self->crypto.context = &self->random;
    core->crypto = &self->crypto;
    core->unix_offset_us -= MACHINE_EPOCH_US;
    self->deadline_us = INT64_MAX;
    return hop_core_init(self->core_memory, core, &self->core) == 0;
}

static bool reserve(machine *self) {
    static const uint8_t families[] = {HOP_FAMILY_IPV4, HOP_FAMILY_IPV6};
    for (int i = 0; i < 2; i++) {
        hop_address local = {.family = families[i], .port = self->config.port};
        self->listeners[i] = kernel_listen(self->config.kernel, &local, self->config.backlog);
        if (self->listeners[i] < 0) return false;
    }
    self->listener_interest = KERNEL_READABLE;
    return true;
}

/* Big pieces of memory, and a swarm is a great many runs: they are used again. */
static machine *take_memory(void) {
    machine *self = spare_count > 0 ? spares[--spare_count] : calloc(1, sizeof *self);
    if (self == NULL) abort();
    void *core_memory = self->core_memory;
    if (core_memory == NULL) core_memory = malloc(hop_core_size());
    if (core_memory == NULL) abort();
    memset(self, 0, offsetof(machine, table));
    self->core_memory = core_memory;
    return self;
}

machine *machine_new(const machine_config *config) {
    machine *self = take_memory();
    self->config = *config;
    self->accepted = self->listeners[0] = self->listeners[1] = -1;
    self->timer_us = INT64_MAX;
    self->table.kernel = config->kernel;
    self->table.network = config->network;
    self->table.host = config->host;
    self->table.port = config->port;
    self->table.context = self;
    self->table.watch = on_watch;
    links_init(&self->table);
    if (reserve(self) && make_core(self)) return self;
    machine_stop(self);
    machine_free(self);
    return NULL;
}

void machine_stop(machine *self) {
    if (self->stopped) return;
    links_close_all(&self->table);
    for (int i = 0; i < 2; i++)
        if (self->listeners[i] >= 0) kernel_close(self->config.kernel, self->listeners[i]);
    machine_die(self);
}

void machine_die(machine *self) {
    self->stopped = true;
    self->line_count = 0;
    self->listeners[0] = self->listeners[1] = -1;
}

void machine_free(machine *self) {
    if (self == NULL) return;
    if (spare_count < SPARES_MAX) {
        spares[spare_count++] = self;
        return;
    }
    free(self->core_memory);
    free(self);
}

void machine_go(machine *self) {
    hop_input go;
    self->watch.network = self->config.network;
    self->watch.host = self->config.host;
    self->watch.port = self->config.port;
    watch_start(&self->watch, &go);
    tell(self, &go);
    set_timer(self);
}

void machine_peer(machine *self, const hop_description *description) {
    tell(self, &(hop_input){.kind = HOP_IN_PEER, .description = description});
    set_timer(self);
}

void machine_cancel(machine *self) {
    tell(self, &(hop_input){.kind = HOP_IN_CANCEL});
    set_timer(self);
}

void machine_mapped(machine *self, const hop_address *external) {
    tell(self, &(hop_input){.kind = HOP_IN_MAPPED,
                            .remote = *external,
                            .protocol = HOP_MAP_PCP,
                            .lifetime_s = HOP_MAP_LIFETIME_S});
    set_timer(self);
}

static void on_watch_due(void *context, void *argument, uint64_t ignored) {
    machine *self = context;
    hop_input input;
    (void)argument, (void)ignored;
    bool due = watch_due_us(&self->watch) <= self->config.schedule->now_us;
    if (self->stopped || self->asleep || !due || !watch_look(&self->watch, &input)) return;
    tell(self, &input);
    set_timer(self);
}

/* Nothing is cancelled: who comes too early finds that it is not due. */
static void set_watch(machine *self) {
    int64_t due_us = watch_due_us(&self->watch);
    if (due_us != INT64_MAX)
        schedule_at(self->config.schedule, due_us, on_watch_due, self, NULL, 0);
}

void machine_touch(machine *self, bool interrupted) {
    watch_touch(&self->watch, self->config.schedule->now_us, interrupted);
    set_watch(self);
}

/* What was scheduled by the clock that went on is nothing any more. */
void machine_sleep(machine *self, int64_t for_us) {
    self->asleep = true;
    self->dozed_us = for_us;
    self->slept_us += for_us;
    self->timer_us = INT64_MAX;
    set_timer(self);
}

void machine_wake(machine *self) {
    self->asleep = false;
    watch_wake(&self->watch, self->config.schedule->now_us, self->dozed_us);
    set_watch(self);
    wake(self);
}

bool machine_is_over(const machine *self) {
    return self->stopped;
}

const hop_core *machine_core(const machine *self) {
    return self->core;
}

unsigned machine_turns(const machine *self) {
    return self->turn_us == self->config.schedule->now_us ? self->turns : 0;
}

/* --- epoll ---------------------------------------------------------------------------------------
 */

/* What the owner of this socket wants to know; -1: not ours. */
static int interest_of(const machine *self, int socket) {
    if (socket == self->listeners[0] || socket == self->listeners[1])
        return (int)self->listener_interest;
    int link = links_find(&self->table, socket);
    return link < 0 ? -1 : (int)self->table.slots[link].interest;
}

static void put_in_line(machine *self, int socket) {
    for (unsigned i = 0; i < self->line_count; i++)
        if (self->line[i] == socket) return;
    assert(self->line_count < LINE_MAX);
    self->line[self->line_count++] = socket;
    wake(self);
}

bool machine_ready(machine *self, int socket, unsigned what) {
    int interest = self->stopped || socket < 0 ? -1 : interest_of(self, socket);
    if (interest < 0) return false;
    if (what & ((unsigned)interest | KERNEL_FAILED)) put_in_line(self, socket);
    return true;
}

static void on_watch(void *context, int socket, unsigned interest, bool forget) {
    machine *self = context;
    if (!forget) {
        if (kernel_ready(self->config.kernel, socket) & (interest | KERNEL_FAILED))
            put_in_line(self, socket);
        return;
    }
    unsigned kept = 0;
    for (unsigned i = 0; i < self->line_count; i++)
        if (self->line[i] != socket) self->line[kept++] = self->line[i];
    self->line_count = kept;
}

static void wake(machine *self) {
    if (self->awake) return;
    self->awake = true;
    schedule_at(self->config.schedule, self->config.schedule->now_us, on_turn, self, NULL, 0);
}

static void set_timer(machine *self) {
    int64_t due_us = self->stopped ? INT64_MAX : self->deadline_us;
    int64_t pause_us = self->accept_paused_until_us;
    if (pause_us != 0 && pause_us < due_us) due_us = pause_us;
    if (due_us >= self->timer_us) return;
    self->timer_us = due_us;
    schedule_at(self->config.schedule, due_us - MACHINE_EPOCH_US + self->slept_us, on_turn, self,
                NULL, 1);
}

/* As epoll_wait: what is still ready goes to the end of the line and is looked at once more. */
static unsigned ready_now(machine *self, ready *batch) {
    unsigned count = 0;
    unsigned waiting = self->line_count;
    int line[LINE_MAX];
    memcpy(line, self->line, waiting * sizeof *line);
    self->line_count = 0;
    for (unsigned i = 0; i < waiting; i++) {
        int interest = interest_of(self, line[i]);
        unsigned what = interest < 0 ? 0
                                     : kernel_ready(self->config.kernel, line[i]) &
                                           ((unsigned)interest | KERNEL_FAILED);
        if (what == 0) continue;
        int link = links_find(&self->table, line[i]);
        if (count < READY_BATCH)
            batch[count++] =
                (ready){line[i], what, link, link < 0 ? 0 : self->table.slots[link].generation};
        self->line[self->line_count++] = line[i];
    }
    return count;
}

/* hop_driver_process(). A timer that comes too early, because the deadline has moved on, is set
 * again. */
static void on_turn(void *context, void *argument, uint64_t is_timer) {
    machine *self = context;
    ready batch[READY_BATCH];
    (void)argument;
    if (self->asleep) {
        if (is_timer == 0) self->awake = false;
        return;
    }
    if (is_timer == 1) {
        if (machine_now_us(self) == self->timer_us) self->timer_us = INT64_MAX;
        if (self->deadline_us > machine_now_us(self) && self->accept_paused_until_us == 0) {
            set_timer(self);
            return;
        }
    } else {
        self->awake = false;
    }
    if (self->stopped) return;
    if (self->turn_us != self->config.schedule->now_us) self->turns = 0;
    self->turn_us = self->config.schedule->now_us;
    self->turns++;
    unsigned count = ready_now(self, batch);
    for (unsigned i = 0; i < count && !self->stopped; i++)
        dispatch(self, &batch[i]);
    /* Last: a dial that has just been answered must not be given up by a timer. */
    if (!self->stopped) keep_time(self);
    if (self->line_count > 0) wake(self);
    set_timer(self);
}

/* --- the core ------------------------------------------------------------------------------------
 */

static void establish(machine *self, const hop_output *output) {
    int socket = links_release(&self->table, output->link);
    if (socket >= 0) {
        hop_address local = kernel_local(self->config.kernel, socket);
        kernel_tune(self->config.kernel, socket, 0);
        self->config.report(self->config.context, self->core, output, &local, socket);
        return;
    }
    hop_output failed = {.kind = HOP_OUT_FAILED, .attempt = output->attempt, .link = -1};
    failed.error = HOP_E_BROKEN;
    self->config.report(self->config.context, self->core, &failed, NULL, -1);
}

static void carry_out(machine *self, const hop_output *output) {
    links *table = &self->table;
    switch (output->kind) {
    case HOP_OUT_RESOLVE: self->resolving[self->resolving_count++] = output->server; break;
    case HOP_OUT_CONNECT:
        links_dial(table, output->link, &output->address,
                   output->any_port ? output->from_port : table->port, output->ttl);
        break;
    case HOP_OUT_ADOPT:
        links_adopt(table, output->link, self->accepted);
        self->accepted = -1;
        break;
    case HOP_OUT_REFUSE: break; /* let_in closes what nobody adopted */
    case HOP_OUT_WANT: links_want(table, output->link, output->size); break;
    case HOP_OUT_SEND: links_send(table, output->link, output->bytes, output->size); break;
    case HOP_OUT_CLOSE: links_close(table, output->link); break;
    case HOP_OUT_LOOK: links_look(table, output->link); break;
    case HOP_OUT_ABANDON: links_abandon(table, output->link); break;
    case HOP_OUT_SWEEP: links_sweep(table, HOP_LINKS_PLAIN); break;
    case HOP_OUT_ESTABLISHED: establish(self, output); break;
    default: self->config.report(self->config.context, self->core, output, NULL, -1); break;
    }
}

static bool is_end(const machine *self, const hop_output *output) {
    if (output->kind == HOP_OUT_FAILED && output->attempt == 0) return true;
    if (self->config.core.mode == HOP_CORE_LISTEN) return false;
    return output->kind == HOP_OUT_ESTABLISHED || output->kind == HOP_OUT_FAILED;
}

static void step(machine *self, const hop_input *input) {
    unsigned count = 0;
    bool over = false;
    hop_core_step(self->core, machine_now_us(self), input);
    while (hop_core_next(self->core, &self->outputs[count])) {
        const hop_output *output = &self->outputs[count++];
        over |= is_end(self, output);
        if (!self->stopped) carry_out(self, output);
    }
    self->deadline_us = hop_core_deadline(self->core);
    self->config.stepped(self->config.context, self->deadline_us, input, self->outputs, count);
    /* Whoever wanted one connection frees the endpoint. */
    if (over) machine_stop(self);
}

static void resolve(machine *self) {
    hop_input input = {.kind = HOP_IN_RESOLVED, .server = self->resolving[0]};
    hop_address addresses[2];
    for (unsigned i = 1; i < self->resolving_count; i++)
        self->resolving[i - 1] = self->resolving[i];
    self->resolving_count--;
    for (unsigned six = 0; six < 2; six++) {
        hop_address at = network_server(self->config.network, input.server, six == 1);
        at.port = PLACES_SERVER_PORT;
        /* Somebody without any network knows the name from before. */
        if (six == 0 || network_has_route(self->config.network, self->config.host, &at))
            addresses[input.address_count++] = at;
    }
    input.addresses = addresses;
    step(self, &input);
}

/* One input, and whatever follows from it at once. */
static void tell(machine *self, const hop_input *input) {
    if (self->stopped) return;
    step(self, input);
    while (!self->stopped) {
        hop_input next;
        if (links_next(&self->table, &next))
            step(self, &next);
        else if (self->resolving_count > 0)
            resolve(self);
        else
            break;
    }
}

static void dispatch(machine *self, const ready *one) {
    hop_input input = {.kind = HOP_IN_TIMER};
    if (one->link < 0) {
        let_in(self, one->socket == self->listeners[1]);
        return;
    }
    const links_slot *slot = &self->table.slots[one->link];
    if (slot->socket != one->socket || slot->generation != one->generation) return;
    if (!links_ready(&self->table, one->link, one->what, &input) && self->table.waiting_count == 0)
        return;
    tell(self, &input);
    if (self->stopped) return;
    if (input.kind == HOP_IN_CONNECTED || input.kind == HOP_IN_RECEIVED)
        links_settle(&self->table, input.link);
}

static void let_in(machine *self, unsigned family) {
    for (int i = 0; i < ACCEPT_BATCH && !self->stopped; i++) {
        hop_input input = {.kind = HOP_IN_ACCEPTED};
        self->accepted = kernel_accept(self->config.kernel, self->listeners[family], &input.remote,
                                       &input.local);
        if (self->accepted < 0) {
            if (self->accepted != -EMFILE) return;
            self->accepted = -1;
            self->accept_paused_until_us = machine_now_us(self) + ACCEPT_PAUSE_US;
            self->listener_interest = 0;
            return;
        }
        tell(self, &input);
        if (self->accepted >= 0) kernel_abort(self->config.kernel, self->accepted);
        self->accepted = -1;
    }
}

static void keep_time(machine *self) {
    if (self->accept_paused_until_us != 0 && self->accept_paused_until_us <= machine_now_us(self)) {
        self->accept_paused_until_us = 0;
        self->listener_interest = KERNEL_READABLE;
        for (int i = 0; i < 2; i++)
            on_watch(self, self->listeners[i], KERNEL_READABLE, false);
    }
    if (self->deadline_us <= machine_now_us(self)) tell(self, &(hop_input){.kind = HOP_IN_TIMER});
}
