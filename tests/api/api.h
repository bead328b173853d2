/* SPDX-License-Identifier: MIT */
/*
 * What the API tests share: descriptors counted before and after each test, endpoints driven side
 * by side in one thread, two endpoints connected by hand, a rendezvous server of one's own. Only
 * public names of the library are used.
 */
#ifndef HOP_TESTS_API_H
#define HOP_TESTS_API_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

/* Long enough for a loaded machine; no test waits for it when all is well. */
#define PATIENCE_MS 20000
/* Of attempts that are to fail for a reason that has to be found out first: a machine under load
 * needs time for that, too. */
#define FAILING_MS 2000

static inline int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- descriptors */

static inline int count_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    int count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static int descriptors_before;

static inline int remember_descriptors(void **state) {
    (void)state;
    descriptors_before = count_descriptors();
    return 0;
}

static inline int compare_descriptors(void **state) {
    (void)state;
    int now = count_descriptors();
    if (now == descriptors_before) return 0;
    print_error("descriptors: %d before, %d after\n", descriptors_before, now);
    return -1;
}

#define API_TEST(function)                                                                         \
    cmocka_unit_test_setup_teardown(function, remember_descriptors, compare_descriptors)

/* --- ports */

/* A port of loopback where nobody is, and nobody can be until the descriptor is closed: bound, but
 * never listened on. */
static inline int hold_dead_port(uint16_t *ret_port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static inline int hold_dead_address(char text[static 64]) {
    uint16_t port;
    int fd = hold_dead_port(&port);
    snprintf(text, 64, "127.0.0.1:%u", port);
    return fd;
}

/* --- endpoints */

static inline hop_options loopback_options(unsigned flags) {
    hop_options options = HOP_OPTIONS_INIT;
    options.flags = HOP_ALLOW_LOOPBACK | flags;
    return options;
}

/* Pulls events until one of this kind, or FAILED; texts live until the next pull. */
static inline hop_event await(hop_endpoint *endpoint, hop_event_kind kind) {
    hop_event event = {.kind = HOP_EVENT_NONE};
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (now_ms() < deadline) {
        if (hop_wait(endpoint, 1000) < 0) break;
        if (hop_next(endpoint, &event) == 0) continue;
        if (event.kind == kind || event.kind == HOP_EVENT_FAILED) return event;
    }
    return (hop_event){.kind = HOP_EVENT_NONE};
}

static inline hop_endpoint *open_described(const hop_options *options) {
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(options, &endpoint), 0);
    assert_int_equal(await(endpoint, HOP_EVENT_DESCRIBED).kind, HOP_EVENT_DESCRIBED);
    assert_non_null(hop_description(endpoint));
    return endpoint;
}

/* What has become of one endpoint while several are driven. */
typedef struct outcome {
    hop_event_kind kind; /* ESTABLISHED, FAILED, or NONE as yet */
    int fd;
    int error;
    hop_route route;
    int64_t tcp_us;
    int64_t attempt_us;
    int64_t knock_us;
    char local[64];
    char remote[64];
    char report[4096];
    char advice[256];
} outcome;

static inline void look(hop_endpoint *endpoint, outcome *result) {
    hop_event event;
    while (result->kind == HOP_EVENT_NONE && hop_next(endpoint, &event) == 1) {
        if (getenv("HOP_TEST_TALK") != NULL && event.kind == HOP_EVENT_NOTE) {
            print_message("%p %s\n", (void *)endpoint, event.text);
        }
        if (event.kind != HOP_EVENT_ESTABLISHED && event.kind != HOP_EVENT_FAILED) continue;
        result->kind = event.kind;
        result->error = event.error;
        result->route = event.route;
        result->tcp_us = event.tcp_us;
        result->attempt_us = event.attempt_us;
        result->knock_us = event.knock_us;
        if (event.kind == HOP_EVENT_FAILED) {
            snprintf(result->report, sizeof result->report, "%s", event.report);
            snprintf(result->advice, sizeof result->advice, "%s", event.advice);
        } else {
            snprintf(result->local, sizeof result->local, "%s", event.local);
            snprintf(result->remote, sizeof result->remote, "%s", event.remote);
            result->fd = hop_take_fd(endpoint, event.attempt);
            assert_true(result->fd >= 0);
        }
    }
}

/* Drives endpoints in one thread, with poll(2) as a user's loop does, until each has an outcome. */
static inline void drive(hop_endpoint *const *endpoints, outcome *outcomes, int count) {
    struct pollfd watched[64];
    int64_t deadline = now_ms() + PATIENCE_MS;
    assert_true(count <= 64);
    for (int i = 0; i < count; i++)
        outcomes[i] = (outcome){.fd = -1};
    while (now_ms() < deadline) {
        int done = 0;
        int wait_ms = 1000;
        for (int i = 0; i < count; i++) {
            assert_int_equal(hop_process(endpoints[i]), 0);
            look(endpoints[i], &outcomes[i]);
            done += outcomes[i].kind != HOP_EVENT_NONE;
        }
        if (done == count) return;
        for (int i = 0; i < count; i++) {
            watched[i] = (struct pollfd){.fd = hop_poll_fd(endpoints[i]), .events = POLLIN};
            int ms = hop_poll_ms(endpoints[i]);
            if (ms >= 0 && ms < wait_ms) wait_ms = ms;
        }
        poll(watched, (nfds_t)count, wait_ms);
    }
    fail_msg("not all of %d endpoints came to an end in time", count);
}

/* Two endpoints without a server, descriptions exchanged; both outcomes are known afterwards. */
static inline void meet_by_hand(const hop_options *a_options, const hop_options *b_options,
                                outcome outcomes[static 2]) {
    hop_endpoint *endpoints[2] = {open_described(a_options), open_described(b_options)};
    assert_int_equal(hop_attempt(endpoints[0], hop_description(endpoints[1])), 0);
    assert_int_equal(hop_attempt(endpoints[1], hop_description(endpoints[0])), 0);
    drive(endpoints, outcomes, 2);
    for (int i = 0; i < 2; i++)
        assert_null(hop_free(endpoints[i]));
}

/* --- connections */

static inline void write_all(int fd, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, PATIENCE_MS);
            continue;
        }
        assert_true(sent > 0);
        at += sent;
        size -= (size_t)sent;
    }
}

/* Reads exactly size bytes, or fails the test. */
static inline void read_all(int fd, void *bytes, size_t size) {
    char *at = bytes;
    while (size > 0) {
        struct pollfd watched = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&watched, 1, PATIENCE_MS), 1);
        ssize_t got = recv(fd, at, size, 0);
        assert_true(got > 0);
        at += got;
        size -= (size_t)got;
    }
}

/* Both ends of one connection? Something that only this pair knows goes each way, and then its end,
 * with nothing before, between or after it. Closes both. */
static inline void assert_one_connection(int a, int b) {
    static uint64_t serial;
    serial++;
    uint64_t tokens[2] = {serial * 0x9E3779B97F4A7C15u, ~serial};
    uint64_t got[2] = {0, 0};
    write_all(a, &tokens[0], sizeof tokens[0]);
    write_all(b, &tokens[1], sizeof tokens[1]);
    shutdown(a, SHUT_WR);
    shutdown(b, SHUT_WR);
    read_all(b, &got[0], sizeof got[0]);
    read_all(a, &got[1], sizeof got[1]);
    assert_int_equal(got[0], tokens[0]);
    assert_int_equal(got[1], tokens[1]);
    for (int i = 0; i < 2; i++) {
        struct pollfd watched = {.fd = i == 0 ? a : b, .events = POLLIN};
        assert_int_equal(poll(&watched, 1, PATIENCE_MS), 1);
        assert_int_equal(recv(watched.fd, &got[0], 1, 0), 0);
    }
    close(a);
    close(b);
}

#endif
