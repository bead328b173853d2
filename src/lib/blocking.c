/* SPDX-License-Identifier: MIT */
/* The functions that block: one loop around hop_process, for programs without a loop of their own.
 */
#define _GNU_SOURCE /* ppoll: the core thinks in microseconds */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "drive/clock.h"
#include "lib/endpoint.h"

static int sleep_until(const hop_endpoint *endpoint, int64_t deadline_us);
static int64_t deadline_after(int timeout_ms);
static int wait_until(hop_endpoint *endpoint, int64_t deadline_us);

int hop_dial(const char *ticket, const hop_options *options) {
    hop_endpoint *endpoint = NULL;
    int result = hop_connect(ticket, options, &endpoint);
    if (result != 0) return result;
    hop_event event = {.kind = HOP_EVENT_NONE};
    while (event.kind != HOP_EVENT_ESTABLISHED && event.kind != HOP_EVENT_FAILED) {
        result = wait_until(endpoint, INT64_MAX);
        if (result < 0) break;
        if (hop_next(endpoint, &event) == 0) event.kind = HOP_EVENT_NONE;
    }
    if (event.kind == HOP_EVENT_ESTABLISHED) result = hop_take_fd(endpoint, event.attempt);
    if (event.kind == HOP_EVENT_FAILED) result = event.error;
    /* There was no memory for the event that says why. */
    int end_error = 0;
    if (result == HOP_E_STATE && hop_endpoint_is_over(endpoint, &end_error)) {
        result = end_error != 0 ? end_error : HOP_E_MEMORY;
    }
    int saved = errno;
    hop_free(endpoint);
    errno = saved;
    return result;
}

int hop_accept(hop_listener *listener, int timeout_ms) {
    if (listener == NULL) return HOP_E_INVALID;
    int64_t deadline_us = deadline_after(timeout_ms);
    for (;;) {
        hop_event event;
        while (hop_next(listener, &event) == 1) {
            if (event.kind == HOP_EVENT_FAILED && event.attempt == 0) return event.error;
            if (event.kind != HOP_EVENT_ESTABLISHED) continue;
            int fd = hop_take_fd(listener, event.attempt);
            if (fd >= 0) return fd; /* else it was taken by its number */
        }
        int end_error = 0;
        if (hop_endpoint_is_over(listener, &end_error)) {
            return end_error != 0 ? end_error : HOP_E_STATE;
        }
        int result = wait_until(listener, deadline_us);
        if (result < 0) return result;
        if (result == 0) return HOP_E_TIMEOUT;
    }
}

int hop_wait(hop_endpoint *endpoint, int timeout_ms) {
    if (endpoint == NULL) return HOP_E_INVALID;
    return wait_until(endpoint, deadline_after(timeout_ms));
}

/* 1: there is an event; 0: the time is over; HOP_E_STATE: there will never be one. */
static int wait_until(hop_endpoint *endpoint, int64_t deadline_us) {
    for (;;) {
        int ignored;
        if (hop_endpoint_has_events(endpoint)) return 1;
        if (hop_endpoint_is_over(endpoint, &ignored)) return HOP_E_STATE;
        int error = hop_process(endpoint);
        if (hop_endpoint_has_events(endpoint)) return 1; /* its FAILED among them */
        if (error < 0) return error;
        if (hop_clock_now_us() >= deadline_us) return 0;
        if (sleep_until(endpoint, deadline_us) < 0) return HOP_E_SYSTEM;
    }
}

/* Until the endpoint has something to do, or the deadline. */
static int sleep_until(const hop_endpoint *endpoint, int64_t deadline_us) {
    struct pollfd watched = {.fd = hop_poll_fd(endpoint), .events = POLLIN};
    int64_t wait_us = hop_endpoint_wait_us(endpoint);
    if (deadline_us != INT64_MAX) {
        int64_t left_us = deadline_us - hop_clock_now_us();
        if (left_us < 0) left_us = 0;
        if (left_us < wait_us) wait_us = left_us;
    }
    struct timespec wait = {.tv_sec = (time_t)(wait_us / 1000000)};
    wait.tv_nsec = (long)(wait_us % 1000000) * 1000;
    int result = ppoll(&watched, 1, wait_us == INT64_MAX ? NULL : &wait, NULL);
    return result < 0 && errno != EINTR ? -1 : 0;
}

static int64_t deadline_after(int timeout_ms) {
    if (timeout_ms < 0) return INT64_MAX;
    return hop_clock_now_us() + (int64_t)timeout_ms * 1000;
}
