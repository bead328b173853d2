/* SPDX-License-Identifier: MIT */
/*
 * Told is what is true: "established" only when the handshake is over. The texts of the event are
 * kept until then.
 */
#include "cli/greeting.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/channel.h"
#include "cli/delivery.h"
#include "cli/tell.h"

#define GREETING_MAX_MS 10000
#define ADDRESS_SIZE    72
#define REASON_SIZE     128

struct greeting {
    uv_poll_t poll;
    uv_timer_t timer;
    struct channel *channel;
    hop_event event;
    char local[ADDRESS_SIZE];
    char remote[ADDRESS_SIZE];
    char reason[REASON_SIZE];
    greeting_done *done;
    void *owner;
};

static bool go_on(struct greeting *greeting);
static void finish(struct greeting *greeting, enum channel_greeting result);
static int tell_why(int attempt, enum channel_greeting result);
static void refuse(struct channel *channel);
static void let_go(struct greeting *greeting);
static void on_ready(uv_poll_t *poll, int status, int events);
static void on_late(uv_timer_t *timer);
static void on_poll_closed(uv_handle_t *poll);
static void on_timer_closed(uv_handle_t *timer);

struct greeting *greeting_start(uv_loop_t *loop, hop_endpoint *endpoint, const hop_event *event,
                                bool plain, greeting_done *done, void *owner) {
    int error = HOP_E_MEMORY;
    struct channel *channel = channel_take(endpoint, event->attempt, plain, &error);
    struct greeting *greeting = channel == NULL ? NULL : calloc(1, sizeof *greeting);
    if (greeting == NULL || uv_poll_init(loop, &greeting->poll, channel_fd(channel)) < 0) {
        if (channel != NULL) refuse(channel);
        free(greeting);
        tell_error(error);
        done(owner, NULL, NULL, error);
        return NULL;
    }
    greeting->channel = channel;
    greeting->event = *event;
    snprintf(greeting->local, sizeof greeting->local, "%s", event->local);
    snprintf(greeting->remote, sizeof greeting->remote, "%s", event->remote);
    if (event->reason != NULL) {
        snprintf(greeting->reason, sizeof greeting->reason, "%s", event->reason);
        greeting->event.reason = greeting->reason;
    }
    greeting->event.local = greeting->local;
    greeting->event.remote = greeting->remote;
    greeting->done = done;
    greeting->owner = owner;
    greeting->poll.data = greeting->timer.data = greeting;
    uv_timer_init(loop, &greeting->timer);
    uv_timer_start(&greeting->timer, on_late, GREETING_MAX_MS, 0);
    return go_on(greeting) ? greeting : NULL;
}

void greeting_cancel(struct greeting *greeting) {
    let_go(greeting);
    refuse(greeting->channel);
}

/* False: it is over. */
static bool go_on(struct greeting *greeting) {
    enum channel_greeting result = channel_greet(greeting->channel);
    if (result == CHANNEL_WANTS_READ || result == CHANNEL_WANTS_WRITE) {
        int events = result == CHANNEL_WANTS_READ ? UV_READABLE : UV_WRITABLE;
        uv_poll_start(&greeting->poll, events, on_ready);
        return true;
    }
    finish(greeting, result);
    return false;
}

static void finish(struct greeting *greeting, enum channel_greeting result) {
    struct channel *channel = greeting->channel;
    int error = 0;
    let_go(greeting);
    if (result == CHANNEL_OPEN) {
        tell_established(&greeting->event, channel_is_encrypted(channel));
    } else {
        error = tell_why(greeting->event.attempt, result);
        refuse(channel);
        channel = NULL;
    }
    greeting->done(greeting->owner, greeting, channel, error);
}

static int tell_why(int attempt, enum channel_greeting result) {
    hop_event event = {.kind = HOP_EVENT_FAILED, .attempt = attempt};
    event.advice = "Give --plain on both sides, or on neither.";
    switch (result) {
    case CHANNEL_PLAIN_PEER:
        event.error = HOP_E_PROTOCOL;
        event.text = "the other side runs with --plain, we do not";
        break;
    case CHANNEL_WANTS_READ: /* silence: a path that broke looks the same */
        event.error = HOP_E_BROKEN;
        event.text = "the other side begins no TLS: it runs with --plain, or is cut off";
        break;
    case CHANNEL_CUT:
        event.error = HOP_E_BROKEN;
        event.text = "the connection ended in the TLS handshake; the other side may run with "
                     "--plain";
        break;
    default:
        event.error = result == CHANNEL_IMPOSTOR ? HOP_E_IMPOSTOR : HOP_E_BROKEN;
        event.advice = NULL;
    }
    tell_event(&event);
    return event.error;
}

/* The other side must not take this for a clean end. */
static void refuse(struct channel *channel) {
    delivery_refuse(channel_fd(channel));
    channel_free(channel);
}

/* The loop must forget the descriptor before anybody else has it. */
static void let_go(struct greeting *greeting) {
    uv_timer_stop(&greeting->timer);
    uv_close((uv_handle_t *)&greeting->poll, on_poll_closed);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    go_on(poll->data);
}

static void on_late(uv_timer_t *timer) {
    finish(timer->data, CHANNEL_WANTS_READ);
}

static void on_poll_closed(uv_handle_t *poll) {
    struct greeting *greeting = poll->data;
    uv_close((uv_handle_t *)&greeting->timer, on_timer_closed);
}

static void on_timer_closed(uv_handle_t *timer) {
    free(timer->data);
}
