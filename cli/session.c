/* SPDX-License-Identifier: MIT */
/*
 * One loop for everything. Nothing in it blocks: what moves the bytes has threads of its own
 * (pump.c), and so the endpoint goes on working meanwhile.
 */
#include "cli/session.h"

#include <string.h>

#include "cli/carrier.h"
#include "cli/channel.h"
#include "cli/command.h"
#include "cli/greeting.h"
#include "cli/tell.h"

static int begin(struct session *session);
static void on_event(struct watch *watch, const hop_event *event);
static void on_established(struct session *session, const hop_event *event);
static void on_greeted(void *owner, struct greeting *greeting, struct channel *channel, int error);
static struct greeting **find(struct session *session, const struct greeting *greeting);
static bool is_greeting(struct session *session);
static void on_signal(void *owner, const char *name);
static void close_source(struct session *session);

int session_run(const struct options *options, const char *ticket, bool listening) {
    static struct session session;
    bool many = options->bind != NULL || (listening && (options->to || options->exec));
    session = (struct session){
        .options = options,
        .ticket = ticket,
        .left = options->count > 0 ? options->count : 1,
        .listening = listening,
        .endless = many && options->count == 0,
        .status = STATUS_DONE,
    };
    if (uv_loop_init(&session.loop) < 0) {
        tell_error(HOP_E_SYSTEM);
        return STATUS_OTHER;
    }
    session.status = begin(&session);
    if (session.status == STATUS_DONE) {
        signals_start(&session.signals, &session.loop, on_signal, &session);
        uv_run(&session.loop, UV_RUN_DEFAULT);
    }
    /* Some are left when a signal ended a transfer: the threads go with the process. */
    if (session.carriers == NULL) uv_loop_close(&session.loop);
    return session.status;
}

void session_count(struct session *session) {
    if (!session->endless && --session->left == 0) close_source(session);
}

bool session_open(const struct session *session) {
    return session->watch.endpoint != NULL || door_is_open(&session->door);
}

void session_fail(struct session *session, int status) {
    if (!session->endless) session->status = status;
}

void session_settle(struct session *session) {
    if (session->carriers == NULL && !session_open(session) && !is_greeting(session)) {
        signals_stop(&session->signals);
    }
    door_mind(&session->door);
}

static int begin(struct session *session) {
    const struct options *options = session->options;
    if (options->bind != NULL) return door_open(&session->door, session, options->bind);
    hop_endpoint *endpoint;
    int error = session->listening ? hop_listen(session->ticket, &options->hop, &endpoint)
                                   : hop_connect(session->ticket, &options->hop, &endpoint);
    if (error == 0) {
        error = watch_start(&session->watch, &session->loop, endpoint, on_event, session);
    }
    if (error < 0) tell_unstarted(error, options->hop.record);
    return error < 0 ? command_status(error) : STATUS_DONE;
}

static void on_event(struct watch *watch, const hop_event *event) {
    struct session *session = watch->owner;
    tell_event(event);
    if (event->kind == HOP_EVENT_ESTABLISHED) {
        on_established(session, event);
    } else if (event->kind == HOP_EVENT_FAILED) {
        /* One peer that fails does not end a listener. */
        if (session->listening && event->attempt > 0) return;
        session->status = command_status(event->error);
        close_source(session);
        session_settle(session);
    }
}

static void on_established(struct session *session, const hop_event *event) {
    struct greeting **place = find(session, NULL);
    if (place == NULL) return; /* too many at once: freed with the endpoint, untold */
    hop_endpoint *endpoint = session->watch.endpoint;
    *place = greeting_start(&session->loop, endpoint, event, session->options->plain, on_greeted,
                            session);
    /* Who connects has what it wanted of the endpoint; a listener awaits what comes of it. */
    if (*place != NULL && !session->listening) watch_stop(&session->watch);
}

/* One peer that fails does not end a listener. */
static void on_greeted(void *owner, struct greeting *greeting, struct channel *channel, int error) {
    struct session *session = owner;
    struct greeting **place = greeting != NULL ? find(session, greeting) : NULL;
    if (place != NULL) *place = NULL;
    if (channel == NULL && session->listening) return;
    if (channel == NULL) session_fail(session, command_status(error));
    session_count(session);
    if (channel != NULL) carrier_start(session, channel);
    session_settle(session);
}

static struct greeting **find(struct session *session, const struct greeting *greeting) {
    for (int i = 0; i < SESSION_GREETINGS_MAX; i++) {
        if (session->greetings[i] == greeting) return &session->greetings[i];
    }
    return NULL;
}

static bool is_greeting(struct session *session) {
    for (int i = 0; i < SESSION_GREETINGS_MAX; i++) {
        if (session->greetings[i] != NULL) return true;
    }
    return false;
}

/* Who asked for an endless listener ends it with a signal: that is its normal end. */
static void on_signal(void *owner, const char *name) {
    struct session *session = owner;
    close_source(session);
    signals_stop(&session->signals);
    if (session->carriers != NULL) {
        carrier_break_all(session, name);
        session->status = STATUS_BROKEN;
        uv_stop(&session->loop);
    } else if (!session->endless) {
        tell_failed(HOP_E_CANCELLED, NULL, "ended by %s", name);
        session->status = STATUS_OTHER;
    }
}

/* Peers that are still in their handshake come too late. */
static void close_source(struct session *session) {
    for (int i = 0; i < SESSION_GREETINGS_MAX; i++) {
        if (session->greetings[i] != NULL) greeting_cancel(session->greetings[i]);
        session->greetings[i] = NULL;
    }
    watch_stop(&session->watch);
    door_close(&session->door);
}
