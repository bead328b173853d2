/* SPDX-License-Identifier: MIT */
/* Who is told what, and when: only from inside hop_conn_process, in the order of being added. */
#include <stdlib.h>

#include "lib/conn_inside.h"

static int add(hop_conn *conn, const hop_conn_handler *handler);
static void signal_all(hop_conn *conn, hop_conn_handler_kind kind);
static void tell_established(hop_conn *conn);
static void tell_error(hop_conn *conn, int error, const char *text);

int hop_conn_on_data(hop_conn *conn, hop_data_handler handler, void *user) {
    if (handler == NULL) return HOP_E_INVALID;
    hop_conn_handler added = {HOP_CONN_ON_DATA, {.data = handler}, user};
    return add(conn, &added);
}

int hop_conn_on_established(hop_conn *conn, hop_established_handler handler, void *user) {
    if (handler == NULL) return HOP_E_INVALID;
    hop_conn_handler added = {HOP_CONN_ON_ESTABLISHED, {.established = handler}, user};
    return add(conn, &added);
}

int hop_conn_on_error(hop_conn *conn, hop_error_handler handler, void *user) {
    if (handler == NULL) return HOP_E_INVALID;
    hop_conn_handler added = {HOP_CONN_ON_ERROR, {.error = handler}, user};
    return add(conn, &added);
}

int hop_conn_on_ready(hop_conn *conn, hop_signal_handler handler, void *user) {
    if (handler == NULL) return HOP_E_INVALID;
    hop_conn_handler added = {HOP_CONN_ON_READY, {.signal = handler}, user};
    return add(conn, &added);
}

int hop_conn_on_room(hop_conn *conn, hop_signal_handler handler, void *user) {
    if (handler == NULL) return HOP_E_INVALID;
    hop_conn_handler added = {HOP_CONN_ON_ROOM, {.signal = handler}, user};
    return add(conn, &added);
}

int hop_conn_on_end(hop_conn *conn, hop_signal_handler handler, void *user) {
    if (handler == NULL) return HOP_E_INVALID;
    hop_conn_handler added = {HOP_CONN_ON_END, {.signal = handler}, user};
    return add(conn, &added);
}

bool hop_conn_handlers_any(const hop_conn *conn, hop_conn_handler_kind kind) {
    for (unsigned i = 0; i < conn->handlers.count; i++) {
        if (conn->handlers.list[i].kind == kind) return true;
    }
    return false;
}

/* A handler that adds a handler may move the list, and the new one hears of the next chunk. */
void hop_conn_handlers_data(hop_conn *conn, const uint8_t *bytes, size_t size) {
    unsigned count = conn->handlers.count;
    for (unsigned i = 0; i < count; i++) {
        hop_conn_handler handler = conn->handlers.list[i];
        if (handler.kind == HOP_CONN_ON_DATA) handler.call.data(conn, bytes, size, handler.user);
    }
}

void hop_conn_handlers_deliver(hop_conn *conn) {
    for (unsigned bit = HOP_CONN_DUE_DISMISSED; bit <= HOP_CONN_DUE_ROOM; bit <<= 1) {
        if ((conn->due & bit) == 0) continue;
        conn->due &= ~bit;
        switch (bit) {
        case HOP_CONN_DUE_DISMISSED: tell_error(conn, HOP_E_DISMISSED, conn->dismissed); break;
        case HOP_CONN_DUE_READY: signal_all(conn, HOP_CONN_ON_READY); break;
        case HOP_CONN_DUE_ESTABLISHED: tell_established(conn); break;
        case HOP_CONN_DUE_END: signal_all(conn, HOP_CONN_ON_END); break;
        case HOP_CONN_DUE_ROOM: signal_all(conn, HOP_CONN_ON_ROOM); break;
        default: break;
        }
    }
    if (conn->stage != HOP_CONN_OVER || conn->told) return;
    conn->told = true; /* first: a handler that looks must find it over */
    tell_error(conn, conn->error,
               conn->error_text != NULL ? conn->error_text : hop_error_text(conn->error));
}

static int add(hop_conn *conn, const hop_conn_handler *handler) {
    if (conn == NULL) return HOP_E_INVALID;
    hop_conn_handlers *handlers = &conn->handlers;
    if (handlers->count == handlers->capacity) {
        unsigned capacity = handlers->capacity + 4;
        hop_conn_handler *list = realloc(handlers->list, capacity * sizeof *list);
        if (list == NULL) return HOP_E_MEMORY;
        handlers->list = list;
        handlers->capacity = capacity;
    }
    handlers->list[handlers->count++] = *handler;
    return 0;
}

static void signal_all(hop_conn *conn, hop_conn_handler_kind kind) {
    unsigned count = conn->handlers.count;
    for (unsigned i = 0; i < count; i++) {
        hop_conn_handler handler = conn->handlers.list[i];
        if (handler.kind == kind) handler.call.signal(conn, handler.user);
    }
}

static void tell_established(hop_conn *conn) {
    unsigned count = conn->handlers.count;
    for (unsigned i = 0; i < count; i++) {
        hop_conn_handler handler = conn->handlers.list[i];
        if (handler.kind == HOP_CONN_ON_ESTABLISHED) {
            handler.call.established(conn, conn->route, handler.user);
        }
    }
}

static void tell_error(hop_conn *conn, int error, const char *text) {
    unsigned count = conn->handlers.count;
    for (unsigned i = 0; i < count; i++) {
        hop_conn_handler handler = conn->handlers.list[i];
        if (handler.kind == HOP_CONN_ON_ERROR) handler.call.error(conn, error, text, handler.user);
    }
}
