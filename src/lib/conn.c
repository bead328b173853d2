/* SPDX-License-Identifier: MIT */
/* The connection's life, and the one call that does its work; see conn_inside.h for the parts. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "drive/clock.h"
#include "lib/conn_inside.h"

#define READY_BATCH 8

static int set_up(hop_conn *conn);
static void forget_texts(hop_conn_options *options);
static void close_all(hop_conn *conn, bool abortive);
static void collect(hop_conn *conn, int timeout_ms, unsigned *ret_stream);
static void sleep_precisely(const hop_conn *conn, int64_t us);
static int process(hop_conn *conn, unsigned stream);
static void calm(hop_conn *conn);
static int64_t wait_us(const hop_conn *conn);

int hop_conn_new(const hop_conn_options *options, hop_conn **ret_conn) {
    hop_conn_options chosen;
    int error = ret_conn == NULL ? HOP_E_INVALID : hop_conn_options_read(options, &chosen);
    if (error != 0) return error;
    hop_conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) return HOP_E_MEMORY;
    conn->options = chosen;
    conn->poller.fd = -1;
    conn->wake_fd = -1;
    conn->stream.fd = -1;
    conn->deadline_us = conn->rest_us = conn->look_us = INT64_MAX;
    hop_conn_queue_init(&conn->queue, chosen.queue_count);
    error = set_up(conn);
    if (error != 0) {
        int saved = errno; /* HOP_E_SYSTEM sends the user there */
        hop_conn_free(conn);
        errno = saved;
        return error;
    }
    *ret_conn = conn;
    return 0;
}

hop_conn *hop_conn_free(hop_conn *conn) {
    if (conn == NULL) return NULL;
    if (conn->stage == HOP_CONN_OPEN && !conn->processing) hop_conn_flow_flush(conn);
    /* What was not sent must not look like a good end. */
    close_all(conn, conn->queue.size > 0 || conn->stage == HOP_CONN_SECURING);
    if (conn->wake_fd >= 0) close(conn->wake_fd);
    hop_poller_close(&conn->poller);
    free(conn->handlers.list);
    free(conn->dismissed);
    free(conn->error_text);
    free(conn);
    return NULL;
}

const char *hop_conn_local_address(const hop_conn *conn) {
    if (conn == NULL) return NULL;
    return conn->local_text[0] != 0 ? conn->local_text : conn->interface_text;
}

const char *hop_conn_public_address(const hop_conn *conn) {
    return conn == NULL || conn->public_text[0] == 0 ? NULL : conn->public_text;
}

const char *hop_conn_trace_id(const hop_conn *conn) {
    return conn == NULL ? NULL : conn->trace_id;
}

void hop_conn_close(hop_conn *conn) {
    if (conn == NULL || conn->stage == HOP_CONN_OVER || conn->close_wanted) return;
    conn->close_wanted = true;
    if (conn->stage != HOP_CONN_OPEN) {
        hop_conn_fail(conn, HOP_E_CLOSED, true, "%s", hop_error_text(HOP_E_CLOSED));
        return;
    }
    conn->end_wanted = true;
    conn->read_due = true;
    conn->deadline_us =
        hop_clock_now_us() + (conn->end_said ? HOP_CONN_LINGER_US : HOP_CONN_STALL_US);
    if (!conn->processing) hop_conn_flow_flush(conn);
    hop_conn_wake(conn);
}

void hop_conn_abort(hop_conn *conn) {
    if (conn == NULL) return;
    hop_conn_fail(conn, HOP_E_CLOSED, true, "%s", hop_error_text(HOP_E_CLOSED));
}

int hop_conn_poll_fd(const hop_conn *conn) {
    return conn == NULL ? HOP_E_INVALID : conn->poller.fd;
}

int hop_conn_poll_ms(const hop_conn *conn) {
    if (conn == NULL) return HOP_E_INVALID;
    int64_t us = wait_us(conn);
    if (us == INT64_MAX) return -1;
    int64_t ms = us / 1000 + (us % 1000 != 0);
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

int hop_conn_process(hop_conn *conn) {
    if (conn == NULL) return HOP_E_INVALID;
    if (conn->processing) return HOP_E_STATE;
    if (conn->told) return 0;
    unsigned stream = 0;
    collect(conn, 0, &stream);
    return process(conn, stream);
}

int hop_conn_wait(hop_conn *conn, int timeout_ms) {
    if (conn == NULL) return HOP_E_INVALID;
    if (conn->processing) return HOP_E_STATE;
    if (conn->told) return 0;
    unsigned stream = 0;
    int wait_ms = hop_conn_poll_ms(conn);
    if (timeout_ms >= 0 && (wait_ms < 0 || wait_ms > timeout_ms)) wait_ms = timeout_ms;
    if (conn->endpoint != NULL && wait_ms > 0) {
        sleep_precisely(conn, wait_ms * HOP_MS);
        wait_ms = 0;
    }
    collect(conn, wait_ms, &stream);
    return process(conn, stream);
}

void hop_conn_fail(hop_conn *conn, int error, bool abortive, const char *format, ...) {
    if (conn->stage == HOP_CONN_OVER) return;
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) text = NULL;
    va_end(arguments);
    conn->stage = HOP_CONN_OVER;
    conn->error = error;
    conn->error_text = text;
    conn->due &= HOP_CONN_DUE_DISMISSED | HOP_CONN_DUE_END;
    bool wanted = error == HOP_E_CLOSED || error == HOP_E_PEER_CLOSED;
    hop_conn_log(conn, wanted ? HOP_LOG_INFO : HOP_LOG_ERROR, "%s: %s", hop_error_name(error),
                 text != NULL ? text : "");
    close_all(conn, abortive);
    hop_conn_wake(conn);
}

/* Without a descriptor to spare, hop_conn_poll_ms says it alone. */
void hop_conn_wake(hop_conn *conn) {
    conn->work = true;
    if (conn->processing || conn->woken) return;
    if (conn->wake_fd < 0) conn->wake_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    conn->woken = conn->wake_fd >= 0 &&
                  hop_poller_add(&conn->poller, conn->wake_fd, HOP_POLLER_READ, HOP_CONN_TAG_WAKE);
}

static int process(hop_conn *conn, unsigned stream) {
    conn->processing = true;
    conn->work = false;
    conn->small_count = 0;
    calm(conn);
    if (conn->cancelled) hop_conn_close(conn);
    hop_conn_meet_process(conn);
    hop_conn_provide_process(conn);
    hop_conn_handlers_deliver(conn);
    hop_conn_flow_process(conn, stream);
    int64_t now_us = hop_clock_now_us();
    if (conn->stage != HOP_CONN_OVER && now_us >= conn->deadline_us) hop_conn_flow_overdue(conn);
    hop_conn_flow_rest(conn, now_us);
    hop_conn_flow_look(conn, now_us);
    hop_conn_handlers_deliver(conn);
    hop_conn_flow_settle(conn); /* a handler may have written, paused or closed */
    conn->processing = false;
    return conn->told ? 0 : 1;
}

static int set_up(hop_conn *conn) {
    hop_conn_options *options = &conn->options;
    if (!hop_conn_log_name(conn)) return HOP_E_SYSTEM;
    if (!hop_poller_open(&conn->poller)) return HOP_E_SYSTEM;
    conn->with_ticket = options->ticket != NULL;
    conn->with_stun = options->stun != NULL;
    conn->use_tls = (options->ticket != NULL || options->secret != NULL) &&
                    (options->flags & HOP_CONN_PLAIN) == 0;
    if (options->cancel != NULL) {
        conn->cancel_watched = hop_poller_add(&conn->poller, hop_cancel_token_fd(options->cancel),
                                              HOP_POLLER_READ, HOP_CONN_TAG_CANCEL);
        if (!conn->cancel_watched) return HOP_E_SYSTEM;
    }
    int error = hop_conn_meet_start(conn);
    if (error != 0) return error;
    conn->processing = true; /* a provider that answers at once: no handler is called yet */
    hop_conn_provide_start(conn);
    conn->processing = false;
    conn->work = true;
    forget_texts(options);
    return 0;
}

/* Pointers into the user's memory, which may be gone when hop_conn_new has returned. */
static void forget_texts(hop_conn_options *options) {
    options->stun = NULL;
    options->trace_id = NULL;
    options->ticket = NULL;
    options->secret = NULL;
    options->public_ip_url = NULL;
    options->public_ip_ca_file = NULL;
    options->interface = NULL;
}

/* Everything but what hop_conn_free frees. */
static void close_all(hop_conn *conn, bool abortive) {
    hop_conn_provide_stop(conn);
    if (conn->endpoint != NULL) hop_poller_remove(&conn->poller, hop_poll_fd(conn->endpoint));
    conn->endpoint = hop_free(conn->endpoint);
    if (conn->watched) hop_poller_remove(&conn->poller, conn->stream.fd);
    conn->watched = false;
    hop_conn_stream_close(&conn->stream, abortive);
    hop_conn_queue_clear(&conn->queue);
    if (conn->cancel_watched) {
        hop_poller_remove(&conn->poller, hop_cancel_token_fd(conn->options.cancel));
    }
    conn->cancel_watched = false;
    conn->deadline_us = INT64_MAX;
}

/* Punching is a matter of less than milliseconds; later one call less is worth more. */
static void sleep_precisely(const hop_conn *conn, int64_t us) {
    struct pollfd watched = {.fd = conn->poller.fd, .events = POLLIN};
    int64_t least_us = wait_us(conn);
    if (us > least_us) us = least_us;
    struct timespec wait = {.tv_sec = (time_t)(us / 1000000)};
    wait.tv_nsec = (long)(us % 1000000) * 1000;
    (void)ppoll(&watched, 1, &wait, NULL);
}

/* Who is ready? Only the stream's answer matters: the others are always asked. */
static void collect(hop_conn *conn, int timeout_ms, unsigned *ret_stream) {
    hop_poller_ready ready[READY_BATCH];
    int count = hop_poller_ready_within(&conn->poller, ready, READY_BATCH, timeout_ms);
    if (count < 0) hop_conn_fail(conn, HOP_E_SYSTEM, true, "the connection cannot be watched");
    for (int i = 0; i < count; i++) {
        if (ready[i].tag == HOP_CONN_TAG_STREAM) *ret_stream = ready[i].what;
        if (ready[i].tag == HOP_CONN_TAG_CANCEL && conn->cancel_watched) {
            hop_poller_remove(&conn->poller, hop_cancel_token_fd(conn->options.cancel));
            conn->cancel_watched = false; /* it stays readable for ever */
            conn->cancelled = true;
        }
    }
}

static void calm(hop_conn *conn) {
    if (conn->woken) hop_poller_remove(&conn->poller, conn->wake_fd);
    conn->woken = false;
}

static int64_t wait_us(const hop_conn *conn) {
    if (conn->told) return INT64_MAX;
    if (conn->work || conn->due != 0 || conn->stage == HOP_CONN_OVER) return 0;
    int64_t soonest_us = hop_conn_provide_wait_us(conn);
    if (conn->endpoint != NULL) {
        int64_t endpoint_us = hop_endpoint_wait_us(conn->endpoint);
        if (endpoint_us < soonest_us) soonest_us = endpoint_us;
    }
    int64_t now_us = hop_clock_now_us();
    int64_t rest_us = hop_conn_flow_wait_us(conn, now_us);
    if (rest_us < soonest_us) soonest_us = rest_us;
    if (conn->deadline_us != INT64_MAX) {
        int64_t left_us = conn->deadline_us - now_us;
        if (left_us < soonest_us) soonest_us = left_us < 0 ? 0 : left_us;
    }
    return soonest_us;
}
