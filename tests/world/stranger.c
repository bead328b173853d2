/* SPDX-License-Identifier: MIT */
/* The stranger; see stranger.h. */
#include "stranger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "places.h"

#define VISITS_MAX 16
#define TTL        64

struct stranger {
    schedule *schedule;
    network *network;
    kernel *kernel;
    hop_random random;
    uint16_t port;
    int visits[VISITS_MAX];
    bool said[VISITS_MAX];
    unsigned visit_count;
};

static const char request[] = "GET / HTTP/1.1\r\nHost: stranger.example\r\n"
                              "User-Agent: scanner\r\nAccept: */*\r\n\r\n";

static void on_send(void *context, const packet *sent) {
    stranger *self = context;
    network_send(self->network, NETWORK_STRANGER, sent);
}

static void on_ready(void *context, int socket, unsigned what) {
    stranger *self = context;
    uint8_t bytes[512];
    (void)what;
    for (unsigned i = 0; i < self->visit_count; i++) {
        if (self->visits[i] != socket) continue;
        kernel_state state = kernel_state_of(self->kernel, socket);
        if (state == KERNEL_ESTABLISHED && !self->said[i]) {
            self->said[i] = true;
            kernel_write(self->kernel, socket, (const uint8_t *)request, sizeof request - 1);
        }
        int got = 1;
        while (state != KERNEL_SYN_SENT && got > 0)
            got = kernel_receive(self->kernel, socket, bytes, sizeof bytes);
        if (state != KERNEL_CLOSED && (got > 0 || got == -EAGAIN)) continue;
        if (state == KERNEL_SYN_SENT) continue;
        kernel_close(self->kernel, socket);
        self->visits[i] = -1;
    }
}

stranger *stranger_new(schedule *time, network *net, uint64_t seed) {
    stranger *self = calloc(1, sizeof *self);
    if (self == NULL) abort();
    self->schedule = time;
    self->network = net;
    self->random = hop_random_seeded(seed);
    self->port = (uint16_t)hop_random_between(&self->random, 33000, 60000);
    kernel_config config = {.schedule = time,
                            .seed = hop_random_next(&self->random),
                            .context = self,
                            .send = on_send,
                            .ready = on_ready};
    self->kernel = kernel_new(&config);
    return self;
}

void stranger_free(stranger *self) {
    if (self == NULL) return;
    kernel_free(self->kernel);
    free(self);
}

void stranger_receive(stranger *self, const packet *received) {
    kernel_receive_packet(self->kernel, received);
}

/* Of nobody's socket: what comes back is answered with an RST. */
void stranger_knock(stranger *self, const hop_address *target) {
    packet syn = {.kind = PACKET_TCP,
                  .source = places_stranger(),
                  .target = *target,
                  .ttl = TTL,
                  .flags = PACKET_SYN,
                  .seq = (uint32_t)hop_random_next(&self->random)};
    syn.source.port = self->port++;
    if (target->family == HOP_FAMILY_IPV4) network_send(self->network, NETWORK_STRANGER, &syn);
}

void stranger_visit(stranger *self, const hop_address *target) {
    hop_address local = places_stranger();
    local.port = self->port++;
    if (target->family != HOP_FAMILY_IPV4 || self->visit_count == VISITS_MAX) return;
    int socket = kernel_connect(self->kernel, &local, target, 0);
    if (socket >= 0) self->visits[self->visit_count++] = socket;
}
