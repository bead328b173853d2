/* SPDX-License-Identifier: MIT */
/* Bytes from one client to another; see relays.h, and cli/serve_relay.c for the reasons. */
#include "relays.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static void on_line(void *context, void *argument, uint64_t ignored);

static int64_t now_of(const relays *self) {
    return self->schedule->now_us + self->epoch_us;
}

static relays_one *at(relays *self, uint32_t relay) {
    assert(relay >= 1 && relay <= RELAYS_MAX);
    return &self->running[relay - 1];
}

void relays_begin(relays *self, hop_relays *mind) {
    self->mind = mind;
    self->line_us = INT64_MAX;
    self->used = 0;
}

void relays_start(relays *self, uint32_t relay, int one, int other) {
    for (; self->used < relay; self->used++)
        self->running[self->used].runs = false;
    relays_one *made = at(self, relay);
    memset(made, 0, offsetof(relays_one, ways));
    for (unsigned side = 0; side < 2; side++)
        memset(&made->ways[side], 0, offsetof(relays_way, bytes));
    made->runs = true;
    made->sockets[0] = one;
    made->sockets[1] = other;
    /* Linux takes a side that does not read for a while for dead where this is set. */
    kernel_tune(self->kernel, one, 0);
    kernel_tune(self->kernel, other, 0);
}

bool relays_stop(relays *self, uint32_t relay) {
    relays_one *over = at(self, relay);
    over->runs = false;
    return over->ways[0].shut && over->ways[1].shut;
}

void relays_cut(relays *self) {
    for (uint32_t relay = 1; relay <= self->used; relay++) {
        relays_one *one = at(self, relay);
        for (unsigned side = 0; side < 2 && one->runs; side++)
            kernel_abort(self->kernel, one->sockets[side]);
        one->runs = false;
    }
    self->mind = NULL;
}

/* Negative: it is broken. 0: nothing more is to be done now. */
static int step(const relays *self, relays_way *way, int source, int target, size_t *left) {
    int size;
    if (way->held > 0) {
        size = kernel_write(self->kernel, target, way->bytes + way->sent, way->held);
        if (size > 0) way->held -= (size_t)size;
        if (size > 0) way->sent += (size_t)size;
    } else if (way->ended) {
        kernel_shut(self->kernel, target);
        way->shut = true;
        return 1;
    } else if (*left == 0) {
        return 0;
    } else {
        size_t room = *left < sizeof way->bytes ? *left : sizeof way->bytes;
        size = kernel_receive(self->kernel, source, way->bytes, room);
        way->sent = 0;
        if (size > 0) way->held = (size_t)size;
        if (size > 0) *left -= (size_t)size;
        if (size == 0) way->ended = true;
        if (size == 0) return 1;
    }
    return size == -EAGAIN ? 0 : size;
}

/* False: it is broken. */
static bool move(relays *self, uint32_t relay, unsigned side, size_t *left) {
    relays_one *one = at(self, relay);
    relays_way *way = &one->ways[side];
    size_t before = *left;
    int good = 1;
    while (good > 0 && !way->shut)
        good = step(self, way, one->sockets[side], one->sockets[!side], left);
    hop_relay_moved(self->mind, relay, side, before - *left, now_of(self));
    return good >= 0;
}

static void wait_for_turn(relays *self) {
    int64_t due_us = hop_relay_turn_us(self->mind);
    if (due_us >= self->line_us) return;
    self->line_us = due_us;
    schedule_at(self->schedule, due_us - self->epoch_us, on_line, self, NULL, 0);
}

/* As much as may be moved now; who wants more asks again, and stands in line behind the others. */
static void work(relays *self, uint32_t relay) {
    relays_one *one = at(self, relay);
    size_t left = 0;
    bool good = true;
    while (good && left == 0) {
        left = hop_relay_ask(self->mind, relay, now_of(self));
        one->paused = left == 0;
        if (one->paused) {
            wait_for_turn(self);
            return;
        }
        unsigned first = one->first;
        one->first = !first;
        good = move(self, relay, first, &left) && move(self, relay, !first, &left);
    }
    if (!good || (one->ways[0].shut && one->ways[1].shut)) self->over(self->context, relay, !good);
}

static void on_line(void *context, void *argument, uint64_t ignored) {
    relays *self = context;
    uint32_t relay;
    (void)argument;
    (void)ignored;
    self->line_us = INT64_MAX;
    if (self->mind == NULL) return;
    while ((relay = hop_relay_turn(self->mind, now_of(self))) != 0)
        if (relay <= self->used && at(self, relay)->runs) work(self, relay);
    wait_for_turn(self);
}

/* What the ways wait for, of this side's socket. */
static unsigned interest(const relays_one *one, unsigned side) {
    const relays_way *from = &one->ways[side];
    unsigned what = from->held == 0 && !from->ended ? KERNEL_READABLE : 0;
    if (one->ways[!side].held > 0) what |= KERNEL_WRITABLE;
    return what == 0 ? 0 : what | KERNEL_FAILED;
}

void relays_ready(relays *self) {
    for (uint32_t relay = 1; relay <= self->used && self->mind != NULL; relay++) {
        const relays_one *one = at(self, relay);
        bool ready = false;
        for (unsigned side = 0; side < 2 && one->runs && !one->paused; side++)
            ready |= (kernel_ready(self->kernel, one->sockets[side]) & interest(one, side)) != 0;
        if (ready) work(self, relay);
    }
}
