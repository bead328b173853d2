/* SPDX-License-Identifier: MIT */
/* The server's body; see station.h. */
#include "station.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lies.h"
#include "places.h"
#include "relays.h"
#include "secure/secure.h"
#include "toy.h"
#include "wire/stun.h"

#define CLIENTS_MAX 96 /* a client, its probe and its end of a relay, each */
#define PORTS       2  /* as serve: a second one for mapping tests */
#define OUTPUTS_MAX 128
#define BACKLOG     1024
#define EPOCH_US    (1000 * HOP_S)

typedef struct client {
    int socket; /* -1: none */
    uint32_t generation;
    uint32_t rtt_us; /* the smallest that was seen */
    uint32_t relay;  /* that it is a side of; 0: none */
    bool broken;
    bool cut; /* its relay's end is not to be taken for the peer's */
    size_t pending_size;
    uint8_t pending[HOP_STUN_SIZE_MAX];
} client;

typedef struct delayed {
    unsigned number;
    uint32_t generation;
    size_t size;
    uint8_t bytes[];
} delayed;

struct station {
    station_config config;
    kernel *kernel;
    hop_crypto crypto;
    hop_random random;
    lies liar;
    void *memory;
    hop_rendezvous *mind; /* NULL: the process does not run */
    int listeners[2 * PORTS];
    bool silent;
    bool lying;
    int64_t slow_us;
    unsigned free_numbers[CLIENTS_MAX];
    unsigned free_count;
    unsigned fresh_number;
    bool awake;
    int64_t timer_us;
    client clients[CLIENTS_MAX];
    relays relays;
};

static void on_turn(void *context, void *argument, uint64_t is_timer);
static void on_late_write(void *context, void *argument, uint64_t ignored);
static void step(station *self, const hop_rendezvous_input *input);
static void leave(station *self, unsigned number, bool broken);
static void on_relay_over(void *context, uint32_t relay, bool broken);

static int64_t now_of(const station *self) {
    return self->config.schedule->now_us + EPOCH_US;
}

static bool seeded_random(void *context, uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)hop_random_next(context);
    return true;
}

static void on_send(void *context, const packet *sent) {
    station *self = context;
    if (!self->silent) network_send(self->config.network, NETWORK_SERVER, sent);
}

static void wake(station *self, int64_t at_us, bool is_timer) {
    schedule_at(self->config.schedule, at_us, on_turn, self, NULL, is_timer);
}

static void on_ready(void *context, int socket, unsigned what) {
    station *self = context;
    (void)socket;
    (void)what;
    if (self->awake || self->mind == NULL) return;
    self->awake = true;
    wake(self, self->config.schedule->now_us, false);
}

/* --- life ----------------------------------------------------------------------------------------
 */

static void run(station *self) {
    hop_rendezvous_config config = {
        .crypto = &self->crypto,
        .seed = hop_random_next(&self->random),
        .unix_offset_us = self->config.unix_offset_us - EPOCH_US,
        .other = {.family = HOP_FAMILY_IPV4, .port = PLACES_SERVER_PORT + 1},
        .client_max = CLIENTS_MAX,
        .replay_max = 256,
        .relay = {.on = self->config.relay, .max = RELAYS_MAX, .pass_max = CLIENTS_MAX}};
    self->memory = calloc(1, hop_rendezvous_size(&config));
    if (self->memory == NULL) abort();
    self->mind = hop_rendezvous_init(self->memory, &config);
    relays_begin(&self->relays, hop_rendezvous_relays(self->mind));
    self->free_count = self->fresh_number = 0;
    self->timer_us = INT64_MAX;
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        self->clients[i].socket = -1;
        self->clients[i].generation++;
    }
    for (unsigned i = 0; i < 2 * PORTS; i++) {
        hop_address local = {.family = i % 2 == 0 ? HOP_FAMILY_IPV4 : HOP_FAMILY_IPV6,
                             .port = (uint16_t)(PLACES_SERVER_PORT + i / 2)};
        self->listeners[i] = kernel_listen(self->kernel, &local, BACKLOG);
    }
}

station *station_new(const station_config *config) {
    station *self = malloc(sizeof *self);
    if (self == NULL) abort();
    memset(self, 0, offsetof(station, clients));
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        self->clients[i].generation = 0;
    self->config = *config;
    self->random = hop_random_seeded(config->seed);
    self->crypto = *hop_secure_crypto();
    if (config->toy) toy_crypto(&self->crypto);
    self->crypto.random = seeded_random;
    self->crypto.context = &self->random;
    kernel_config body = {.schedule = config->schedule,
                          .seed = hop_random_next(&self->random),
                          .context = self,
                          .send = on_send,
                          .ready = on_ready};
    self->liar.random = hop_random_seeded(hop_random_next(&self->random));
    self->liar.crypto = &self->crypto;
    self->kernel = kernel_new(&body);
    self->relays.schedule = config->schedule;
    self->relays.kernel = self->kernel;
    self->relays.epoch_us = EPOCH_US;
    self->relays.context = self;
    self->relays.over = on_relay_over;
    run(self);
    return self;
}

void station_free(station *self) {
    if (self == NULL) return;
    kernel_free(self->kernel);
    free(self->memory);
    free(self);
}

void station_stop(station *self) {
    relays_cut(&self->relays);
    kernel_kill(self->kernel);
    free(self->memory);
    self->memory = NULL;
    self->mind = NULL;
}

void station_start(station *self) {
    self->silent = self->lying = false;
    self->slow_us = 0;
    if (self->mind == NULL) run(self);
}

void station_silence(station *self) {
    self->silent = true;
}

void station_slow(station *self, int64_t slow_us) {
    self->slow_us = slow_us;
}

void station_lie(station *self) {
    self->lying = true;
}

void station_receive(station *self, const packet *received) {
    if (!self->silent) kernel_receive_packet(self->kernel, received);
}

kernel *station_kernel(station *self) {
    return self->kernel;
}

/* --- what the mind says --------------------------------------------------------------------------
 */

static void write_now(station *self, unsigned number, const uint8_t *bytes, size_t size) {
    client *to = &self->clients[number];
    if (to->socket < 0 || to->broken) return;
    if (kernel_write(self->kernel, to->socket, bytes, size) != (int)size) to->broken = true;
}

static void write_to(station *self, unsigned number, const uint8_t *bytes, size_t size) {
    if (self->slow_us == 0) {
        write_now(self, number, bytes, size);
        return;
    }
    delayed *later = malloc(sizeof *later + size);
    if (later == NULL) abort();
    later->number = number;
    later->generation = self->clients[number].generation;
    later->size = size;
    memcpy(later->bytes, bytes, size);
    schedule_at(self->config.schedule, self->config.schedule->now_us + self->slow_us, on_late_write,
                self, later, 0);
}

static void on_late_write(void *context, void *argument, uint64_t ignored) {
    station *self = context;
    delayed *later = argument;
    (void)ignored;
    if (self->mind != NULL && later->generation == self->clients[later->number].generation)
        write_now(self, later->number, later->bytes, later->size);
    free(later);
}

static void tell_lie(station *self, unsigned number) {
    if (self->config.lied == NULL || self->liar.told == NULL) return;
    if (self->clients[number].socket < 0) return;
    hop_address to = kernel_remote(self->kernel, self->clients[number].socket);
    self->config.lied(self->config.context, &to, self->liar.told);
}

/* This message and the later ones to the same client, which are then done. */
static void send_all(station *self, hop_rendezvous_output *outputs, unsigned count,
                     unsigned first) {
    static uint8_t bytes[OUTPUTS_MAX * HOP_STUN_SIZE_MAX];
    uint8_t lie[3 * HOP_STUN_SIZE_MAX];
    unsigned number = outputs[first].client;
    size_t size = 0;
    for (unsigned i = first; i < count; i++) {
        hop_rendezvous_output *output = &outputs[i];
        if (output->kind != HOP_RENDEZVOUS_SEND || output->client != number) continue;
        const uint8_t *said = output->bytes;
        size_t said_size = output->size;
        output->size = 0;
        if (self->lying) {
            said_size = lies_tell(&self->liar, said, said_size, lie);
            said = lie;
            tell_lie(self, number);
        }
        if (size + said_size > sizeof bytes) break;
        memcpy(bytes + size, said, said_size);
        size += said_size;
    }
    if (size > 0) write_to(self, number, bytes, size);
}

/* The relay lets go of both its sides. */
static void leave_relay(station *self, uint32_t relay) {
    bool cut = !relays_stop(&self->relays, relay);
    for (unsigned i = 0; i < self->fresh_number; i++) {
        if (self->clients[i].relay != relay) continue;
        self->clients[i].relay = 0;
        self->clients[i].cut = cut;
    }
}

static void release(station *self, unsigned number) {
    client *gone = &self->clients[number];
    if (gone->socket < 0) return;
    if (gone->relay != 0) leave_relay(self, gone->relay);
    if (gone->cut)
        kernel_abort(self->kernel, gone->socket);
    else
        kernel_close(self->kernel, gone->socket);
    gone->socket = -1;
    gone->generation++;
    self->free_numbers[self->free_count++] = number;
}

static void splice_clients(station *self, const hop_rendezvous_output *output) {
    client *one = &self->clients[output->client];
    client *other = &self->clients[output->other];
    if (one->broken || other->broken) {
        one->broken = true;
        return;
    }
    one->relay = other->relay = output->relay;
    relays_start(&self->relays, output->relay, one->socket, other->socket);
}

static void on_relay_over(void *context, uint32_t relay, bool broken) {
    station *self = context;
    for (unsigned i = 0; i < self->fresh_number; i++)
        if (self->clients[i].socket >= 0 && self->clients[i].relay == relay) leave(self, i, broken);
}

static void log_output(const station *self, const hop_rendezvous_output *output) {
    hop_address other = {0};
    if (self->config.log == NULL) return;
    if (output->log == HOP_RENDEZVOUS_LOG_START && self->clients[output->other].socket >= 0)
        other = kernel_remote(self->kernel, self->clients[output->other].socket);
    self->config.log(self->config.context, output, &other);
}

static void set_timer(station *self) {
    int64_t due_us = hop_rendezvous_deadline(self->mind);
    if (due_us >= self->timer_us) return;
    self->timer_us = due_us;
    wake(self, due_us - EPOCH_US, true);
}

static void step(station *self, const hop_rendezvous_input *input) {
    hop_rendezvous_output outputs[OUTPUTS_MAX];
    unsigned count = 0;
    hop_rendezvous_step(self->mind, now_of(self), input);
    while (count < OUTPUTS_MAX && hop_rendezvous_next(self->mind, &outputs[count]))
        count++;
    for (unsigned i = 0; i < count; i++)
        if (outputs[i].kind == HOP_RENDEZVOUS_LOG) log_output(self, &outputs[i]);
    for (unsigned i = 0; i < count; i++) {
        hop_rendezvous_output *output = &outputs[i];
        if (output->kind == HOP_RENDEZVOUS_SEND && output->size > 0)
            send_all(self, outputs, count, i);
        else if (output->kind == HOP_RENDEZVOUS_CLOSE)
            release(self, output->client);
        else if (output->kind == HOP_RENDEZVOUS_SPLICE)
            splice_clients(self, output);
    }
    set_timer(self);
}

/* --- what it hears -------------------------------------------------------------------------------
 */

static uint32_t rtt_of(station *self, unsigned number) {
    client *from = &self->clients[number];
    uint32_t rtt_us = kernel_rtt_us(self->kernel, from->socket);
    if (rtt_us != 0 && (from->rtt_us == 0 || rtt_us < from->rtt_us)) from->rtt_us = rtt_us;
    return from->rtt_us;
}

static void let_in(station *self, int listener) {
    hop_rendezvous_input input = {.kind = HOP_RENDEZVOUS_ACCEPTED};
    int socket;
    while ((socket = kernel_accept(self->kernel, listener, &input.remote, &input.local)) >= 0) {
        if (self->free_count == 0 && self->fresh_number == CLIENTS_MAX) {
            kernel_close(self->kernel, socket);
            continue;
        }
        input.client =
            self->free_count > 0 ? self->free_numbers[--self->free_count] : self->fresh_number++;
        client *made = &self->clients[input.client];
        made->socket = socket;
        made->rtt_us = 0;
        made->relay = 0;
        made->broken = made->cut = false;
        made->pending_size = 0;
        input.rtt_us = rtt_of(self, input.client);
        step(self, &input);
    }
}

/* Cuts the stream into messages. False: it is no STUN. */
static bool feed(station *self, unsigned number) {
    client *from = &self->clients[number];
    uint32_t generation = from->generation;
    while (from->generation == generation && from->relay == 0 &&
           from->pending_size >= HOP_STUN_HEADER_SIZE) {
        size_t size = hop_stun_frame_size(from->pending);
        if (size == 0) return false;
        if (from->pending_size < size) break;
        uint8_t message[HOP_STUN_SIZE_MAX];
        memcpy(message, from->pending, size);
        from->pending_size -= size;
        memmove(from->pending, from->pending + size, from->pending_size);
        step(self, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_RECEIVED,
                                           .client = number,
                                           .bytes = message,
                                           .size = size,
                                           .rtt_us = rtt_of(self, number)});
    }
    return true;
}

static void hear(station *self, unsigned number) {
    client *from = &self->clients[number];
    while (from->socket >= 0 && from->relay == 0) {
        int got = kernel_receive(self->kernel, from->socket, from->pending + from->pending_size,
                                 sizeof from->pending - from->pending_size);
        if (got == -EAGAIN) return;
        if (got > 0) from->pending_size += (size_t)got;
        if (got <= 0 || !feed(self, number)) {
            leave(self, number, true);
            return;
        }
    }
}

/* The connection has ended by itself, or has to: the mind does not know yet. */
static void leave(station *self, unsigned number, bool broken) {
    if (self->clients[number].socket < 0) return;
    release(self, number);
    step(self, &(hop_rendezvous_input){
                   .kind = HOP_RENDEZVOUS_CLOSED, .client = number, .broken = broken});
}

static void on_turn(void *context, void *argument, uint64_t is_timer) {
    station *self = context;
    (void)argument;
    if (is_timer == 0) self->awake = false;
    if (self->mind == NULL) return;
    if (is_timer == 1 && now_of(self) >= self->timer_us) {
        self->timer_us = INT64_MAX;
        if (hop_rendezvous_deadline(self->mind) <= now_of(self))
            step(self, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
        set_timer(self);
        return;
    }
    for (unsigned i = 0; i < 2 * PORTS; i++)
        if (self->listeners[i] >= 0) let_in(self, self->listeners[i]);
    for (unsigned i = 0; i < self->fresh_number; i++)
        if (self->clients[i].socket >= 0 && self->clients[i].relay == 0 &&
            kernel_ready(self->kernel, self->clients[i].socket) != KERNEL_WRITABLE)
            hear(self, i);
    relays_ready(&self->relays);
    for (unsigned i = 0; i < self->fresh_number; i++)
        if (self->clients[i].socket >= 0 && self->clients[i].broken) leave(self, i, true);
}
