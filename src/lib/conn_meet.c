/* SPDX-License-Identifier: MIT */
/*
 * The way to the peer: an endpoint, its events, and the first established link, which becomes the
 * stream. The endpoint is closed then, and with it all other links and the listener.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/socket.h"
#include "lib/conn_inside.h"

static int open_endpoint(hop_conn *conn);
static void look(hop_conn *conn, const hop_event *event);
static void established(hop_conn *conn, const hop_event *event);
static void failed(hop_conn *conn, const hop_event *event);

int hop_conn_meet_start(hop_conn *conn) {
    int error = open_endpoint(conn);
    if (error != 0) return error;
    conn->port = hop_endpoint_port(conn->endpoint);
    bool added = hop_poller_add(&conn->poller, hop_poll_fd(conn->endpoint), HOP_POLLER_READ,
                                HOP_CONN_TAG_ENDPOINT);
    return added ? 0 : HOP_E_SYSTEM;
}

int hop_conn_attempt(hop_conn *conn, const char *addresses) {
    if (conn == NULL) return HOP_E_INVALID;
    if (conn->stage == HOP_CONN_OVER) return HOP_E_STOPPED;
    if (conn->attempted) return HOP_E_ALREADY;
    hop_candidate candidates[HOP_CANDIDATES_MAX];
    unsigned count = 0;
    if (addresses != NULL) {
        if (conn->with_ticket) return HOP_E_INVALID;
        int error = hop_conn_addresses_parse(addresses, conn->options.address_max, candidates,
                                             &count, &conn->dismissed);
        if (error != 0) return error;
    }
    conn->attempted = true;
    if (conn->dismissed != NULL) {
        conn->due |= HOP_CONN_DUE_DISMISSED;
        hop_conn_log(conn, HOP_LOG_ERROR, "%s", conn->dismissed);
    }
    bool meeting = conn->endpoint != NULL; /* else the peer was faster */
    bool connects = conn->with_ticket && (conn->options.flags & HOP_CONN_LISTEN) == 0;
    if (meeting && connects) hop_endpoint_let_go(conn->endpoint);
    if (meeting && count > 0) hop_endpoint_dial_bare(conn->endpoint, candidates, count);
    hop_conn_wake(conn);
    return 0;
}

void hop_conn_meet_process(hop_conn *conn) {
    if (conn->stage != HOP_CONN_MEETING) return;
    int error = hop_process(conn->endpoint); /* its FAILED is among the events */
    hop_event event;
    while (conn->stage == HOP_CONN_MEETING && hop_next(conn->endpoint, &event) == 1)
        look(conn, &event);
    if (conn->stage != HOP_CONN_MEETING) return;
    if (error != 0) hop_conn_fail(conn, error, true, "%s", hop_error_text(error));
    hop_conn_provide_observed(conn, false);
}

static int open_endpoint(hop_conn *conn) {
    const hop_conn_options *options = &conn->options;
    hop_options below = hop_conn_options_below(options);
    if (!conn->with_ticket) return hop_endpoint_open_bare(&below, &conn->endpoint);
    below.secret = NULL;
    if (options->flags & HOP_CONN_LISTEN)
        return hop_listen(options->ticket, &below, &conn->endpoint);
    return hop_endpoint_connect_held(options->ticket, &below, &conn->endpoint);
}

static void look(hop_conn *conn, const hop_event *event) {
    switch (event->kind) {
    case HOP_EVENT_NOTE: hop_conn_log(conn, HOP_LOG_DEBUG, "%s", event->text); break;
    case HOP_EVENT_DESCRIBED: hop_conn_provide_observed(conn, true); break;
    case HOP_EVENT_LISTENING:
        hop_conn_log(conn, HOP_LOG_INFO, "registered with %s", event->address);
        break;
    case HOP_EVENT_PEER: hop_conn_log(conn, HOP_LOG_INFO, "attempt %d", event->attempt); break;
    case HOP_EVENT_ESTABLISHED: established(conn, event); break;
    case HOP_EVENT_FAILED: failed(conn, event); break;
    case HOP_EVENT_CANDIDATE:
    case HOP_EVENT_NONE: break;
    }
}

static void established(hop_conn *conn, const hop_event *event) {
    uint8_t key[HOP_KEY_SIZE] = {0};
    bool controlling = false;
    conn->route = event->route;
    hop_conn_log(conn, HOP_LOG_INFO, "connected: %s, %s to %s", hop_route_name(event->route),
                 event->local, event->remote);
    bool found = hop_endpoint_key(conn->endpoint, event->attempt, key, &controlling);
    int fd = hop_take_fd(conn->endpoint, event->attempt);
    hop_conn_provide_observed(conn, false);
    hop_poller_remove(&conn->poller, hop_poll_fd(conn->endpoint));
    conn->endpoint = hop_free(conn->endpoint);
    if (fd < 0 || !found) {
        if (fd >= 0) hop_socket_abort(fd);
        hop_conn_fail(conn, HOP_E_BROKEN, true, "%s", hop_error_text(HOP_E_BROKEN));
    } else {
        hop_conn_flow_start(conn, fd, controlling, conn->use_tls ? key : NULL);
    }
    hop_crypto_wipe(key, sizeof key);
    hop_conn_provide_stop(conn);
}

/* A listener with a ticket outlives the attempts that fail. */
static void failed(hop_conn *conn, const hop_event *event) {
    bool listens = conn->with_ticket && (conn->options.flags & HOP_CONN_LISTEN) != 0;
    if (listens && event->attempt != 0) {
        hop_conn_log(conn, HOP_LOG_INFO, "attempt %d failed: %s", event->attempt, event->text);
        return;
    }
    hop_conn_fail(conn, event->error, true, "%s\n%s", event->text, event->report);
}
