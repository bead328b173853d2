/* SPDX-License-Identifier: MIT */
/* Scenarios of connections with handlers: plain, with TLS, ended by a token. */
#include <errno.h>

#include "anomaly/scenario.h"

static const char said[] = "what is said must arrive as it was said, or not at all";

static hop_conn_options short_options(void) {
    hop_conn_options options = plain_options();
    options.timeout_ms = scenario_timeout_ms;
    options.try_count = 1;
    return options;
}

/* False: it could not be made, or not all of its handlers be set. */
static bool begin_or_fail(witness *w, const hop_conn_options *options) {
    *w = (witness){.conn = NULL};
    int error = hop_conn_new(options, &w->conn);
    scenario_error(error, " MEMORY SYSTEM PORT ");
    assert_int_equal(error == 0, w->conn != NULL);
    if (error != 0) return false;
    const int errors[] = {hop_conn_on_error(w->conn, on_error, w),
                          hop_conn_on_data(w->conn, on_data, w),
                          hop_conn_on_established(w->conn, on_established, w)};
    for (int i = 0; i < 3; i++) {
        scenario_error(errors[i], " MEMORY ");
        if (errors[i] != 0) return false;
    }
    return true;
}

/* As conn.h's turn(), but a connection whose error handler could not be set is told nothing. */
static void turn_or_end(witness *pair, int count) {
    struct pollfd watched[2];
    int wait_ms = 50;
    for (int i = 0; i < count; i++) {
        watched[i] = (struct pollfd){.fd = hop_conn_poll_fd(pair[i].conn), .events = POLLIN};
        int ms = hop_conn_poll_ms(pair[i].conn);
        if (pair[i].over) watched[i].fd = -1;
        if (ms >= 0 && ms < wait_ms) wait_ms = ms;
    }
    poll(watched, (nfds_t)count, wait_ms);
    for (int i = 0; i < count; i++) {
        int result = hop_conn_process(pair[i].conn);
        assert_true(result == 0 || result == 1);
        pair[i].over = result == 0;
        assert_int_equal(pair[i].over, pair[i].errors == 1);
    }
}

static void until_over(witness *pair, int count) {
    int64_t patience_until = now_ms() + PATIENCE_MS;
    bool over = false;
    while (!over) {
        assert_true(now_ms() < patience_until);
        turn_or_end(pair, count);
        over = true;
        for (int i = 0; i < count; i++)
            over = over && pair[i].over;
    }
}

/* What came is the beginning of what was said, and the end came as one that is documented. */
static bool check_end(const witness *w, bool whole) {
    scenario_error(w->error, " MEMORY SYSTEM NO_PATH BROKEN TRUNCATED PEER_CLOSED CLOSED ");
    assert_true(w->established <= 1);
    assert_true(w->got < sizeof said && memcmp(w->heard, said, w->got) == 0);
    bool good = w->error == HOP_E_CLOSED || w->error == HOP_E_PEER_CLOSED;
    if (good && whole) assert_int_equal(w->got, sizeof said - 1);
    return good && w->got == sizeof said - 1;
}

static void talk(witness *pair) {
    for (int i = 0; i < 2; i++) {
        int error = hop_conn_write(pair[i].conn, said, sizeof said - 1);
        scenario_error(error, " MEMORY STOPPED ");
    }
    char text[64];
    int error = hop_conn_attempt(pair[0].conn, loopback_of(pair[1].conn, text));
    scenario_error(error, " MEMORY STOPPED ");
    int64_t patience_until = now_ms() + 3 * scenario_timeout_ms;
    while (now_ms() < patience_until && !pair[0].over && !pair[1].over &&
           (pair[0].got < sizeof said - 1 || pair[1].got < sizeof said - 1))
        turn_or_end(pair, 2);
    hop_conn_close(pair[0].conn);
    int64_t close_until = now_ms() + 3 * scenario_timeout_ms;
    while (now_ms() < close_until && !(pair[0].over && (pair[1].over || pair[1].established == 0)))
        turn_or_end(pair, 2);
    for (int i = 0; i < 2; i++) /* who only waits, or whose end was lost */
        hop_conn_abort(pair[i].conn);
    until_over(pair, 2);
}

static bool talk_over(const hop_conn_options *options) {
    witness pair[2] = {{.conn = NULL}, {.conn = NULL}};
    bool good = begin_or_fail(&pair[0], options) && begin_or_fail(&pair[1], options);
    if (good) {
        talk(pair);
        bool ends[2] = {check_end(&pair[0], false), check_end(&pair[1], false)};
        good = ends[0] && ends[1];
    }
    assert_null(hop_conn_free(pair[0].conn));
    assert_null(hop_conn_free(pair[1].conn));
    return good;
}

bool scenario_conn_plain(void) {
    hop_conn_options options = short_options();
    return talk_over(&options);
}

bool scenario_conn_tls(void) {
    hop_conn_options options = short_options();
    options.secret = "known to both and to nobody else";
    return talk_over(&options);
}

bool scenario_conn_token(void) {
    hop_cancel_token *token = NULL;
    hop_conn_options options = short_options();
    witness only = {.conn = NULL};
    int error = hop_cancel_token_new(&token);
    scenario_error(error, " MEMORY SYSTEM ");
    if (error != 0) return false;
    options.cancel = token;
    bool good = begin_or_fail(&only, &options);
    if (good) {
        hop_cancel_token_fire(token);
        until_over(&only, 1);
        good = only.error == HOP_E_CLOSED;
    }
    assert_null(hop_conn_free(only.conn));
    assert_null(hop_cancel_token_free(token));
    return good;
}
