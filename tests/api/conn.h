/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the connection with handlers share: connections whose handlers write down what
 * they heard, driven side by side in one thread by their descriptors and time-outs alone.
 */
#ifndef HOP_TESTS_CONN_H
#define HOP_TESTS_CONN_H

#include <hopconn/conn.h>

#include "api/api.h"

#define HEARD_MAX 65536

/* One connection, and all that its handlers were told. */
typedef struct witness {
    hop_conn *conn;
    bool over; /* hop_conn_process said 0 */
    int ready;
    int established;
    int room;
    int end;
    int errors; /* terminal ones */
    int error;
    int dismissals;
    char error_text[4096];
    char dismissed_text[512];
    hop_route route;
    char
        story[64]; /* a letter for each thing that was told: r e d R E x D, repetitions of d once */
    uint64_t got;  /* bytes of data */
    uint64_t chunks;
    uint32_t sum; /* of the bytes, place by place */
    char heard[HEARD_MAX + 1];
    bool inside; /* a handler runs: no other may begin */
} witness;

static inline void tell_story(witness *w, char letter) {
    size_t length = strlen(w->story);
    assert_int_equal(w->errors, letter == 'x'); /* nothing after the terminal error */
    if (letter == 'd' && length > 0 && w->story[length - 1] == 'd') return;
    if (length + 1 < sizeof w->story) w->story[length] = letter;
}

static inline void on_data(hop_conn *conn, const uint8_t *bytes, size_t size, void *user) {
    witness *w = user;
    (void)conn;
    assert_true(size > 0);
    tell_story(w, 'd');
    for (size_t i = 0; i < size && w->got + i < HEARD_MAX; i++)
        w->heard[w->got + i] = (char)bytes[i];
    for (size_t i = 0; i < size; i++)
        w->sum = w->sum * 31 + bytes[i];
    w->got += size;
    w->chunks++;
}

static inline void on_established(hop_conn *conn, hop_route route, void *user) {
    witness *w = user;
    (void)conn;
    tell_story(w, 'e');
    w->established++;
    w->route = route;
}

static inline void on_error(hop_conn *conn, int error, const char *text, void *user) {
    witness *w = user;
    (void)conn;
    assert_non_null(text);
    if (error == HOP_E_DISMISSED) {
        tell_story(w, 'D');
        w->dismissals++;
        snprintf(w->dismissed_text, sizeof w->dismissed_text, "%s", text);
        return;
    }
    w->errors++;
    tell_story(w, 'x');
    w->error = error;
    snprintf(w->error_text, sizeof w->error_text, "%s", text);
}

static inline void on_ready(hop_conn *conn, void *user) {
    (void)conn;
    ((witness *)user)->ready++;
    tell_story(user, 'r');
}

static inline void on_room(hop_conn *conn, void *user) {
    (void)conn;
    ((witness *)user)->room++;
    tell_story(user, 'R');
}

static inline void on_end(hop_conn *conn, void *user) {
    (void)conn;
    ((witness *)user)->end++;
    tell_story(user, 'E');
}

static inline hop_conn_options plain_options(void) {
    hop_conn_options options = HOP_CONN_OPTIONS_INIT;
    options.flags = HOP_CONN_NO_PUBLIC_IP;
    return options;
}

static inline void watch(witness *w) {
    assert_int_equal(hop_conn_on_data(w->conn, on_data, w), 0);
    assert_int_equal(hop_conn_on_established(w->conn, on_established, w), 0);
    assert_int_equal(hop_conn_on_error(w->conn, on_error, w), 0);
    assert_int_equal(hop_conn_on_ready(w->conn, on_ready, w), 0);
    assert_int_equal(hop_conn_on_room(w->conn, on_room, w), 0);
}

/* on_end is left out: with it the connection waits for its user to end the other direction. */
static inline void begin(witness *w, const hop_conn_options *options) {
    *w = (witness){.conn = NULL};
    assert_int_equal(hop_conn_new(options, &w->conn), 0);
    watch(w);
}

static inline void begin_two(witness pair[static 2], const hop_conn_options *options) {
    begin(&pair[0], options);
    begin(&pair[1], options);
}

static inline void free_two(witness pair[static 2]) {
    assert_null(hop_conn_free(pair[0].conn));
    assert_null(hop_conn_free(pair[1].conn));
}

/* The port that was reserved, on loopback. */
static inline const char *loopback_of(const hop_conn *conn, char text[static 64]) {
    const char *local = hop_conn_local_address(conn);
    assert_non_null(local);
    snprintf(text, 64, "127.0.0.1%s", strrchr(local, ':'));
    return text;
}

static inline void dial(witness *from, const witness *to) {
    char text[64];
    assert_int_equal(hop_conn_attempt(from->conn, loopback_of(to->conn, text)), 0);
}

/* One turn of a user's loop: sleeps until one of them has something to do, then lets each do it. */
static inline void turn(witness *witnesses, int count, int patience_ms) {
    struct pollfd watched[64];
    int wait_ms = patience_ms;
    assert_true(count <= 64);
    for (int i = 0; i < count; i++) {
        watched[i] = (struct pollfd){.fd = hop_conn_poll_fd(witnesses[i].conn), .events = POLLIN};
        int ms = hop_conn_poll_ms(witnesses[i].conn);
        if (ms >= 0 && ms < wait_ms) wait_ms = ms;
    }
    poll(watched, (nfds_t)count, wait_ms);
    for (int i = 0; i < count; i++) {
        int result = hop_conn_process(witnesses[i].conn);
        assert_true(result == 0 || result == 1);
        witnesses[i].over = result == 0;
        assert_int_equal(witnesses[i].over, witnesses[i].errors == 1);
    }
}

#define TURN_UNTIL(witnesses, count, condition)                                                    \
    do {                                                                                           \
        int64_t patience_until = now_ms() + PATIENCE_MS;                                           \
        while (!(condition)) {                                                                     \
            if (now_ms() > patience_until) fail_msg("in vain: %s", #condition);                    \
            turn(witnesses, count, 1000);                                                          \
        }                                                                                          \
    } while (0)

static inline void meet(witness pair[static 2]) {
    dial(&pair[0], &pair[1]);
    TURN_UNTIL(pair, 2, pair[0].established && pair[1].established);
}

static inline void write_text(witness *w, const char *text) {
    assert_int_equal(hop_conn_write(w->conn, text, strlen(text)), 0);
}

#endif
