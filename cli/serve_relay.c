/* SPDX-License-Identifier: MIT */
/*
 * Each socket is watched by a duplicate of its descriptor, because libuv has the original. A way
 * reads only when all that it has read is written: so back-pressure needs no counting.
 */
#include "cli/serve_relay.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/serve_pipe.h"

/* From one side to the other. */
struct way {
    struct serve_pipe pipe;
    bool ended; /* the source has said all */
    bool shut;  /* ... and the target has been told */
};

struct serve_relay {
    struct serve_relays *relays;
    uint32_t id;
    struct serve_client *clients[2];
    uv_poll_t polls[2];
    int events[2];
    int fds[2];
    struct way ways[2]; /* by their source */
    unsigned first;     /* the way that has the first claim on what may be moved; they take turns */
    unsigned handles;   /* that are not closed yet */
};

static bool watch(struct serve_relay *relay, unsigned side);
static void set_linger(int fd, bool abrupt);
static void work(struct serve_relay *relay);
static bool move(struct serve_relay *relay, unsigned side, size_t *left);
static bool step(struct way *way, int source, int target, size_t *left, bool *ret_stuck);
static void follow(struct serve_relay *relay, bool paused);
static void wait_for_turn(struct serve_relays *relays);
static void on_ready(uv_poll_t *poll, int status, int events);
static void on_turn(uv_timer_t *timer);
static void on_closed(uv_handle_t *handle);
static void forget(struct serve_relay *relay);
static int64_t now_us(void);

bool serve_relays_begin(struct serve_relays *relays, uv_loop_t *loop, hop_relays *mind,
                        serve_relay_over *over) {
    *relays = (struct serve_relays){.loop = loop, .mind = mind, .over = over};
    relays->running = calloc(mind->config.max + 1, sizeof(struct serve_relay *));
    uv_timer_init(loop, &relays->line);
    return relays->running != NULL;
}

void serve_relays_end(struct serve_relays *relays) {
    if (relays->loop == NULL) return; /* it never began */
    for (uint32_t id = 1; relays->running != NULL && id <= relays->mind->config.max; id++)
        if (relays->running[id] != NULL) serve_relay_stop(relays->running[id]);
    free(relays->running);
    relays->running = NULL;
}

bool serve_relay_start(struct serve_relays *relays, uint32_t id, struct serve_client *one,
                       struct serve_client *other) {
    struct serve_relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL) return false;
    *relay =
        (struct serve_relay){.relays = relays, .id = id, .clients = {one, other}, .fds = {-1, -1}};
    bool good = serve_pipe_open(&relay->ways[0].pipe, true);
    good = serve_pipe_open(&relay->ways[1].pipe, true) && good;
    for (unsigned side = 0; side < 2 && good; side++)
        good = watch(relay, side);
    if (!good) {
        forget(relay);
        return false;
    }
    relays->running[id] = relay;
    one->relay = other->relay = relay;
    follow(relay, false);
    return true;
}

void serve_relay_stop(struct serve_relay *relay) {
    bool done = relay->ways[0].shut && relay->ways[1].shut;
    relay->relays->running[relay->id] = NULL;
    for (unsigned side = 0; side < 2; side++) {
        if (done) set_linger(relay->fds[side], false);
        relay->clients[side]->relay = NULL;
    }
    forget(relay);
}

/* Reading by libuv ends: not one byte of the sides' own may come to it. */
static bool watch(struct serve_relay *relay, unsigned side) {
    uv_tcp_t *tcp = &relay->clients[side]->tcp;
    uv_os_fd_t fd;
    unsigned none = 0;
    if (uv_fileno((uv_handle_t *)tcp, &fd) != 0) return false;
    relay->fds[side] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (relay->fds[side] < 0) return false;
    if (uv_poll_init(relay->relays->loop, &relay->polls[side], relay->fds[side]) != 0) return false;
    relay->polls[side].data = relay;
    relay->handles++;
    uv_read_stop((uv_stream_t *)tcp);
    /* Linux takes a side that does not read for a while for dead where this is set. */
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &none, sizeof none);
    /* However this process ends: who has not heard the end must not take it for one. */
    set_linger(fd, true);
    return true;
}

static void set_linger(int fd, bool abrupt) {
    struct linger linger = {.l_onoff = abrupt, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* As much as may be moved now; then the others' turn comes. */
static void work(struct serve_relay *relay) {
    struct serve_relays *relays = relay->relays;
    size_t left = hop_relay_ask(relays->mind, relay->id, now_us());
    if (left == 0) {
        follow(relay, true);
        wait_for_turn(relays);
        return;
    }
    unsigned first = relay->first;
    relay->first = !first;
    bool good = move(relay, first, &left) && move(relay, !first, &left);
    if (good && !(relay->ways[0].shut && relay->ways[1].shut))
        follow(relay, false);
    else
        relays->over(relay->clients[0], !good);
}

/* False: it is broken. */
static bool move(struct serve_relay *relay, unsigned side, size_t *left) {
    struct way *way = &relay->ways[side];
    size_t before = *left;
    bool stuck = false;
    bool good = true;
    while (good && !stuck && !way->shut)
        good = step(way, relay->fds[side], relay->fds[!side], left, &stuck);
    hop_relay_moved(relay->relays->mind, relay->id, side, before - *left, now_us());
    return good;
}

static bool step(struct way *way, int source, int target, size_t *left, bool *ret_stuck) {
    ssize_t size;
    if (way->pipe.held > 0) {
        size = serve_pipe_drain(&way->pipe, target);
    } else if (way->ended) {
        way->shut = true;
        return shutdown(target, SHUT_WR) == 0;
    } else if (*left == 0) {
        *ret_stuck = true;
        return true;
    } else {
        size = serve_pipe_fill(&way->pipe, source, *left);
        if (size > 0) *left -= (size_t)size;
        if (size == 0) way->ended = true;
    }
    if (size < 0 && errno != EINTR) *ret_stuck = true;
    return size >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Watches for what the ways wait for. */
static void follow(struct serve_relay *relay, bool paused) {
    for (unsigned side = 0; side < 2; side++) {
        const struct way *from = &relay->ways[side];
        const struct way *to = &relay->ways[!side];
        int events = from->pipe.held == 0 && !from->ended ? UV_READABLE : 0;
        if (to->pipe.held > 0) events |= UV_WRITABLE;
        if (paused) events = 0;
        if (events == relay->events[side]) continue;
        relay->events[side] = events;
        if (events != 0)
            uv_poll_start(&relay->polls[side], events, on_ready);
        else
            uv_poll_stop(&relay->polls[side]);
    }
}

static void wait_for_turn(struct serve_relays *relays) {
    int64_t due_us = hop_relay_turn_us(relays->mind);
    if (due_us == INT64_MAX) return;
    int64_t wait_us = due_us - now_us();
    uv_update_time(relays->loop);
    uv_timer_start(&relays->line, on_turn, wait_us > 0 ? (uint64_t)(wait_us / HOP_MS) + 1 : 0, 0);
}

/* A reset shows as an error. */
static void on_ready(uv_poll_t *poll, int status, int events) {
    struct serve_relay *relay = poll->data;
    (void)events;
    if (status < 0)
        relay->relays->over(relay->clients[0], true);
    else
        work(relay);
}

static void on_turn(uv_timer_t *timer) {
    struct serve_relays *relays =
        (struct serve_relays *)((char *)timer - offsetof(struct serve_relays, line));
    uint32_t id;
    while ((id = hop_relay_turn(relays->mind, now_us())) != 0)
        if (relays->running[id] != NULL) work(relays->running[id]);
    wait_for_turn(relays);
}

/* The memory is free when libuv has done with the handles. */
static void forget(struct serve_relay *relay) {
    unsigned handles = relay->handles;
    for (unsigned side = 0; side < 2; side++) {
        serve_pipe_close(&relay->ways[side].pipe);
        if (side < handles) uv_close((uv_handle_t *)&relay->polls[side], on_closed);
        if (relay->fds[side] >= 0) close(relay->fds[side]);
    }
    if (handles == 0) free(relay);
}

static void on_closed(uv_handle_t *handle) {
    struct serve_relay *relay = handle->data;
    if (--relay->handles == 0) free(relay);
}

static int64_t now_us(void) {
    return (int64_t)(uv_hrtime() / 1000);
}
