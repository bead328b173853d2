/* SPDX-License-Identifier: MIT */
/* The impostor's script; see impostor.h. */
#include "impostor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "holder.h"
#include "secure/secure.h"
#include "toy.h"
#include "wire/hello.h"

#define TARGETS_MAX   32
#define SOCKETS_MAX   32
#define LISTENERS_MAX 12
#define TAPES_MAX     8
#define DIALS_MAX     300
#define DIAL_MIN_US   20000
#define DIAL_MAX_US   80000

typedef struct victim {
    int socket; /* -1: none */
    bool greeted;
    size_t size;
    uint8_t bytes[HOP_HELLO_SIZE];
} victim;

struct impostor {
    impostor_config config;
    hop_crypto crypto;
    hop_random random;
    uint8_t key[HOP_KEY_SIZE];
    bool stopped;
    bool succeeded;
    int listeners[LISTENERS_MAX];
    uint16_t ports[LISTENERS_MAX];
    unsigned listener_count;
    hop_address targets[TARGETS_MAX];
    unsigned target_count;
    unsigned dial_count;
    victim victims[SOCKETS_MAX];
    uint8_t tapes[TAPES_MAX][HOP_HELLO_SIZE];
    unsigned tape_count;
};

static void on_dial(void *context, void *argument, uint64_t ignored);

static void dial_later(impostor *self) {
    int64_t after_us = (int64_t)hop_random_between(&self->random, DIAL_MIN_US, DIAL_MAX_US);
    schedule_at(self->config.schedule, self->config.schedule->now_us + after_us, on_dial, self,
                NULL, 0);
}

static void listen_on(impostor *self, uint16_t port) {
    hop_address local = {.family = HOP_FAMILY_IPV4, .port = port};
    for (unsigned i = 0; i < self->listener_count; i++)
        if (self->ports[i] == port) return;
    if (self->listener_count == LISTENERS_MAX) return;
    int made = kernel_listen(self->config.kernel, &local, 64);
    if (made < 0) return;
    self->ports[self->listener_count] = port;
    self->listeners[self->listener_count++] = made;
}

impostor *impostor_new(const impostor_config *config) {
    impostor *self = calloc(1, sizeof *self);
    if (self == NULL) abort();
    self->config = *config;
    self->random = hop_random_seeded(config->seed);
    self->crypto = *hop_secure_crypto();
    if (config->toy) toy_crypto(&self->crypto);
    for (size_t i = 0; i < sizeof self->key; i++)
        self->key[i] = (uint8_t)hop_random_next(&self->random);
    for (unsigned i = 0; i < SOCKETS_MAX; i++)
        self->victims[i].socket = -1;
    listen_on(self, config->port);
    dial_later(self);
    return self;
}

void impostor_free(impostor *self) {
    free(self);
}

void impostor_stop(impostor *self) {
    self->stopped = true;
}

/* Where two homes have the same private network, its own address may be the one that is dialled. */
void impostor_learn(impostor *self, const hop_address *address) {
    for (unsigned i = 0; i < self->target_count; i++)
        if (hop_address_equal(&self->targets[i], address)) return;
    if (address->family == HOP_FAMILY_NONE || self->target_count == TARGETS_MAX) return;
    self->targets[self->target_count++] = *address;
    if (!self->stopped) listen_on(self, address->port);
}

void impostor_overhear(impostor *self, const uint8_t *bytes, size_t size) {
    if (size == HOP_HELLO_SIZE) memcpy(self->tapes[self->tape_count++ % TAPES_MAX], bytes, size);
}

bool impostor_succeeded(const impostor *self) {
    return self->succeeded;
}

static void say(impostor *self, victim *to, const uint8_t *bytes) {
    kernel_write(self->config.kernel, to->socket, bytes, HOP_HELLO_SIZE);
}

static void tell(impostor *self, const victim *about, const char *what) {
    hop_address remote = kernel_remote(self->config.kernel, about->socket);
    if (self->config.tell != NULL) self->config.tell(self->config.context, what, &remote);
}

static void play(impostor *self, victim *to) {
    unsigned known = self->tape_count < TAPES_MAX ? self->tape_count : TAPES_MAX;
    if (known == 0) return;
    tell(self, to, "plays a recording to");
    say(self, to, self->tapes[hop_random_between(&self->random, 0, known - 1)]);
}

static void lie(impostor *self, victim *to, hop_hello_kind kind) {
    hop_hello hello = {.kind = kind, .role = (hop_role)hop_random_between(&self->random, 0, 2)};
    uint8_t bytes[HOP_HELLO_SIZE];
    uint8_t nonce[HOP_NONCE_SIZE];
    for (size_t i = 0; i < sizeof nonce; i++)
        hello.nonce[i] = (uint8_t)hop_random_next(&self->random);
    memcpy(nonce, to->bytes + 8, sizeof nonce);
    tell(self, to,
         kind == HOP_HELLO_HELLO     ? "says HELLO under a key of its own to"
         : kind == HOP_HELLO_CONFIRM ? "says CONFIRM under a key of its own to"
                                     : "says NOMINATE under a key of its own to");
    if (hop_hello_encode(&hello, kind == HOP_HELLO_HELLO ? NULL : nonce, &self->crypto, self->key,
                         bytes))
        say(self, to, bytes);
}

static void greet(impostor *self, victim *to) {
    to->greeted = true;
    switch (hop_random_between(&self->random, 0, 3)) {
    case 0: play(self, to); break;
    case 1: lie(self, to, HOP_HELLO_HELLO); break;
    case 2:
        play(self, to);
        lie(self, to, HOP_HELLO_NOMINATE);
        break;
    default: break; /* waits for the victim to speak first */
    }
}

static void answer(impostor *self, victim *to) {
    if (holder_is_message(to->bytes, to->size)) self->succeeded = true;
    impostor_overhear(self, to->bytes, to->size);
    switch (hop_random_between(&self->random, 0, 3)) {
    case 0:
        tell(self, to, "says back its own words to");
        say(self, to, to->bytes);
        break;
    case 1: lie(self, to, HOP_HELLO_CONFIRM); break;
    case 2: lie(self, to, HOP_HELLO_NOMINATE); break;
    default: play(self, to); break;
    }
    to->size = 0;
}

static void let_go(impostor *self, victim *gone) {
    kernel_abort(self->config.kernel, gone->socket);
    gone->socket = -1;
}

static void take(impostor *self, int socket, bool connected) {
    for (unsigned i = 0; i < SOCKETS_MAX; i++) {
        victim *made = &self->victims[i];
        if (made->socket >= 0) continue;
        made->socket = socket;
        made->greeted = false;
        made->size = 0;
        if (connected) greet(self, made);
        return;
    }
    kernel_abort(self->config.kernel, socket);
}

static void on_dial(void *context, void *argument, uint64_t ignored) {
    impostor *self = context;
    (void)argument;
    (void)ignored;
    if (self->stopped || self->dial_count >= DIALS_MAX) return;
    dial_later(self);
    if (self->target_count == 0) return;
    hop_address to = self->targets[self->dial_count++ % self->target_count];
    hop_address local = network_source(self->config.network, self->config.host, &to);
    if (local.family == HOP_FAMILY_NONE || hop_address_same_ip(&local, &to)) return;
    local.port = self->config.port;
    int socket = kernel_connect(self->config.kernel, &local, &to, 0);
    if (socket >= 0) take(self, socket, false);
}

static void listen_to(impostor *self, victim *one, unsigned what) {
    if (kernel_state_of(self->config.kernel, one->socket) == KERNEL_CLOSED) {
        let_go(self, one);
        return;
    }
    if (!one->greeted && (what & KERNEL_WRITABLE)) greet(self, one);
    for (;;) {
        int got = kernel_receive(self->config.kernel, one->socket, one->bytes + one->size,
                                 sizeof one->bytes - one->size);
        if (got == -EAGAIN) return;
        if (got <= 0) {
            let_go(self, one);
            return;
        }
        one->size += (size_t)got;
        if (holder_is_message(one->bytes, one->size)) self->succeeded = true;
        if (one->size == sizeof one->bytes) answer(self, one);
    }
}

void impostor_ready(impostor *self, int socket, unsigned what) {
    for (unsigned i = 0; i < self->listener_count; i++) {
        hop_address remote, local;
        if (self->listeners[i] != socket || self->stopped) continue;
        int made;
        while ((made = kernel_accept(self->config.kernel, socket, &remote, &local)) >= 0)
            take(self, made, true);
        return;
    }
    for (unsigned i = 0; i < SOCKETS_MAX; i++)
        if (self->victims[i].socket == socket && socket >= 0)
            listen_to(self, &self->victims[i], what);
}
