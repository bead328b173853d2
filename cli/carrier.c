/* SPDX-License-Identifier: MIT */
/*
 * The local ends differ in how one gets them: stdin and stdout by waiting for one's turn, a command
 * at once, a service by calling it from a thread; a client was there first and waits for the peer.
 */
#include "cli/carrier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/channel.h"
#include "cli/command.h"
#include "cli/delivery.h"
#include "cli/greeting.h"
#include "cli/local.h"
#include "cli/pump.h"
#include "cli/session.h"
#include "cli/tell.h"

struct carrier {
    struct carrier *next;
    struct session *session;
    struct watch *watch; /* the endpoint that connects for a client, or NULL */
    struct pump *pump;   /* NULL until both ends are there */
    uv_work_t dialling;
    int dial_error;
    struct greeting *greeting; /* the handshake with the peer of a client, or NULL */
    struct channel *channel; /* to the peer, NULL before it is there; the pump's if there is one */
    int local;               /* a client's or a service's, or -1; the same */
};

static struct carrier *append(struct session *session, struct channel *channel, int local);
static void end(struct carrier *carrier);
static void refuse(struct carrier *carrier);
static void start_pump(struct carrier *carrier, int in, int out);
static void start_command(struct carrier *carrier);
static void start_turn(struct session *session);
static void dial_service(uv_work_t *work);
static void on_dialled(uv_work_t *work, int status);
static void on_event(struct watch *watch, const hop_event *event);
static void on_greeted(void *owner, struct greeting *greeting, struct channel *channel, int error);
static void on_pumped(void *owner, const struct pump_end *pump_end);
static const char *reason_of(const struct session *session, const struct pump_end *pump_end);
static bool is_stdio(const struct options *options);

void carrier_start(struct session *session, struct channel *channel) {
    struct carrier *carrier = append(session, channel, -1);
    if (carrier == NULL) return;
    if (session->options->exec != NULL) {
        start_command(carrier);
    } else if (session->options->to != NULL) {
        carrier->dialling.data = carrier;
        uv_queue_work(&session->loop, &carrier->dialling, dial_service, on_dialled);
    } else {
        start_turn(session);
    }
}

void carrier_call(struct session *session, int client) {
    struct carrier *carrier = append(session, NULL, client);
    if (carrier == NULL) return;
    hop_endpoint *endpoint;
    struct watch *watch = calloc(1, sizeof *watch);
    int error = watch != NULL ? hop_connect(session->ticket, &session->options->hop, &endpoint)
                              : HOP_E_MEMORY;
    if (error == 0) error = watch_start(watch, &session->loop, endpoint, on_event, carrier);
    if (error < 0) {
        int saved = errno;
        free(watch);
        errno = saved;
        tell_unstarted(error, session->options->hop.record);
        session_fail(session, command_status(error));
        refuse(carrier);
        return;
    }
    watch->allocated = true;
    carrier->watch = watch;
}

size_t carrier_total(const struct session *session) {
    size_t total = 0;
    for (struct carrier *at = session->carriers; at != NULL; at = at->next)
        total++;
    return total;
}

void carrier_break_all(struct session *session, const char *reason) {
    for (struct carrier *at = session->carriers; at != NULL; at = at->next) {
        struct pump_end pump_end = {0};
        if (at->pump != NULL) {
            pump_end = pump_break(at->pump);
        } else {
            if (at->greeting != NULL) greeting_cancel(at->greeting);
            if (at->channel != NULL) delivery_refuse(channel_fd(at->channel));
            if (at->local >= 0) delivery_refuse(at->local);
        }
        tell_closed(pump_end.sent, pump_end.received, reason);
    }
}

/* NULL: no memory, the end that there is is closed. */
static struct carrier *append(struct session *session, struct channel *channel, int local) {
    struct carrier *carrier = calloc(1, sizeof *carrier);
    if (carrier == NULL) {
        if (channel != NULL) channel_free(channel);
        if (local >= 0) close(local);
        tell_error(HOP_E_MEMORY);
        session_fail(session, STATUS_OTHER);
        return NULL;
    }
    carrier->session = session;
    carrier->channel = channel;
    carrier->local = local;
    struct carrier **last = &session->carriers;
    while (*last != NULL)
        last = &(*last)->next;
    *last = carrier;
    return carrier;
}

static void end(struct carrier *carrier) {
    struct session *session = carrier->session;
    struct carrier **at = &session->carriers;
    while (*at != carrier)
        at = &(*at)->next;
    *at = carrier->next;
    free(carrier);
    if (is_stdio(session->options)) start_turn(session);
    session_settle(session);
}

/* Ends before there is a pump; neither end is to take that for a clean one. */
static void refuse(struct carrier *carrier) {
    if (carrier->channel != NULL) {
        delivery_refuse(channel_fd(carrier->channel));
        channel_free(carrier->channel);
    }
    if (carrier->local >= 0) {
        delivery_refuse(carrier->local);
        close(carrier->local);
    }
    end(carrier);
}

static void start_pump(struct carrier *carrier, int in, int out) {
    struct session *session = carrier->session;
    struct pump_ends ends = {.channel = carrier->channel, .in = in, .out = out};
    ends.drain = session->options->exec != NULL;
    carrier->pump = pump_start(&session->loop, &ends, on_pumped, carrier);
    carrier->channel = NULL;
    carrier->local = -1;
    if (carrier->pump == NULL) {
        tell_error(HOP_E_SYSTEM);
        session_fail(session, STATUS_OTHER);
        end(carrier);
    }
}

static void start_command(struct carrier *carrier) {
    int in, out;
    int error = local_exec(carrier->session->options->exec, &in, &out);
    if (error == 0) {
        start_pump(carrier, in, out);
        return;
    }
    tell_failed(HOP_E_SYSTEM, NULL, "cannot start the command: %s", strerror(error));
    session_fail(carrier->session, STATUS_OTHER);
    refuse(carrier);
}

/* Gives stdin and stdout to the connection that waits longest, if nobody has them. */
static void start_turn(struct session *session) {
    struct carrier *carrier = session->carriers;
    if (carrier == NULL || carrier->pump != NULL) return;
    bool last = !session_open(session) && carrier->next == NULL;
    int in = session->stdin_taken ? -1 : local_stdio(STDIN_FILENO, true);
    int out = local_stdio(STDOUT_FILENO, last);
    session->stdin_taken = true;
    start_pump(carrier, in, out);
}

/* In a thread of libuv's. */
static void dial_service(uv_work_t *work) {
    struct carrier *carrier = work->data;
    carrier->dial_error = local_dial(carrier->session->options->to, &carrier->local);
}

static void on_dialled(uv_work_t *work, int status) {
    struct carrier *carrier = work->data;
    const char *service = carrier->session->options->to;
    if (status == 0 && carrier->dial_error == 0) {
        start_pump(carrier, carrier->local, carrier->local);
        return;
    }
    tell_failed(HOP_E_SYSTEM, "Check that the service of --to runs.", "cannot connect to %s: %s",
                service, strerror(carrier->dial_error));
    session_fail(carrier->session, STATUS_OTHER);
    refuse(carrier);
}

/* The endpoint that connects to the peer for a client. */
static void on_event(struct watch *watch, const hop_event *event) {
    struct carrier *carrier = watch->owner;
    struct session *session = carrier->session;
    tell_event(event);
    if (event->kind != HOP_EVENT_ESTABLISHED && event->kind != HOP_EVENT_FAILED) return;
    carrier->watch = NULL;
    if (event->kind == HOP_EVENT_ESTABLISHED) {
        /* When it is over at once, the carrier may be gone. */
        struct greeting *greeting = greeting_start(&session->loop, watch->endpoint, event,
                                                   session->options->plain, on_greeted, carrier);
        if (greeting != NULL) carrier->greeting = greeting;
    } else {
        session_fail(session, command_status(event->error));
        refuse(carrier);
    }
    watch_stop(watch);
}

static void on_greeted(void *owner, struct greeting *greeting, struct channel *channel, int error) {
    struct carrier *carrier = owner;
    (void)greeting;
    carrier->greeting = NULL;
    carrier->channel = channel;
    if (channel != NULL) {
        start_pump(carrier, carrier->local, carrier->local);
    } else {
        session_fail(carrier->session, command_status(error));
        refuse(carrier);
    }
}

static void on_pumped(void *owner, const struct pump_end *pump_end) {
    struct carrier *carrier = owner;
    struct session *session = carrier->session;
    const char *reason = pump_end->ok ? NULL : reason_of(session, pump_end);
    tell_closed(pump_end->sent, pump_end->received, reason);
    if (!pump_end->ok) session_fail(session, STATUS_BROKEN);
    end(carrier);
}

static const char *reason_of(const struct session *session, const struct pump_end *pump_end) {
    static char reason[128];
    bool stdio = is_stdio(session->options);
    if (pump_end->out_error != 0) {
        snprintf(reason, sizeof reason, "%s: %s", stdio ? "stdout" : "the local end",
                 strerror(pump_end->out_error));
    } else if (pump_end->in_error != 0) {
        snprintf(reason, sizeof reason, "%s: %s", stdio ? "stdin" : "the local end",
                 strerror(pump_end->in_error));
    } else if (pump_end->silent) {
        return "the peer does not answer any more: the path is broken, or its machine is gone";
    } else if (pump_end->peer_error == EHOSTUNREACH || pump_end->peer_error == ENETUNREACH) {
        return "the network says that the peer is out of reach";
    } else if (pump_end->peer_error == EPROTO) {
        return "the other side encrypts; give --plain on both sides, or on neither";
    } else if (pump_end->peer_error == EBADMSG) {
        return "a damaged or forged record";
    } else {
        return "the peer is gone";
    }
    return reason;
}

static bool is_stdio(const struct options *options) {
    return options->exec == NULL && options->to == NULL && options->bind == NULL;
}
