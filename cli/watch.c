/* SPDX-License-Identifier: MIT */
/*
 * The whole of joining an event loop; examples/uv_loop.c is the same for a program of one file.
 */
#include "cli/watch.h"

#include <stdlib.h>

static void process(struct watch *watch);
static void on_poll_closed(uv_handle_t *poll);
static void on_closed(uv_handle_t *timer);
static void on_ready(uv_poll_t *poll, int status, int events);
static void on_timer(uv_timer_t *timer);

int watch_start(struct watch *watch, uv_loop_t *loop, hop_endpoint *endpoint, watch_event *on_event,
                void *owner) {
    watch->endpoint = endpoint;
    watch->on_event = on_event;
    watch->owner = owner;
    if (uv_poll_init(loop, &watch->poll, hop_poll_fd(endpoint)) < 0) {
        watch->endpoint = hop_free(endpoint);
        return HOP_E_SYSTEM;
    }
    uv_timer_init(loop, &watch->timer);
    watch->poll.data = watch;
    watch->timer.data = watch;
    uv_poll_start(&watch->poll, UV_READABLE, on_ready);
    uv_timer_start(&watch->timer, on_timer, 0, 0);
    return 0;
}

void watch_stop(struct watch *watch) {
    if (watch->endpoint == NULL) return;
    /* The loop must forget the descriptor before it is closed; and one handle is closed after the
     * other, for libuv does not promise in which order it finishes two. */
    uv_timer_stop(&watch->timer);
    uv_close((uv_handle_t *)&watch->poll, on_poll_closed);
    watch->endpoint = hop_free(watch->endpoint);
}

static void process(struct watch *watch) {
    int error = hop_process(watch->endpoint);
    hop_event event;
    while (watch->endpoint != NULL && hop_next(watch->endpoint, &event) == 1) {
        watch->on_event(watch, &event);
    }
    if (watch->endpoint == NULL) return;
    if (error < 0) {
        /* The endpoint is at its end and had no event to say so. */
        event = (hop_event){.kind = HOP_EVENT_FAILED, .error = error};
        watch->on_event(watch, &event);
        watch_stop(watch);
        return;
    }
    int ms = hop_poll_ms(watch->endpoint);
    if (ms < 0) {
        uv_timer_stop(&watch->timer);
    } else {
        /* libuv counts from the loop's time, which is that of before the work just done. */
        uv_update_time(watch->timer.loop);
        uv_timer_start(&watch->timer, on_timer, (uint64_t)ms, 0);
    }
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    process(poll->data);
}

static void on_timer(uv_timer_t *timer) {
    process(timer->data);
}

static void on_poll_closed(uv_handle_t *poll) {
    struct watch *watch = poll->data;
    uv_close((uv_handle_t *)&watch->timer, on_closed);
}

static void on_closed(uv_handle_t *timer) {
    struct watch *watch = timer->data;
    if (watch->allocated) free(watch);
}
