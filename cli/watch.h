/* SPDX-License-Identifier: MIT */
/*
 * An endpoint of the library in a libuv loop: one descriptor, one timeout, one call.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>

#include <uv.h>

#include <hopconn/hopconn.h>

struct watch;

/* An event of the endpoint. It may call watch_stop. */
typedef void watch_event(struct watch *watch, const hop_event *event);

struct watch {
    uv_poll_t poll;
    uv_timer_t timer;
    hop_endpoint *endpoint; /* NULL once it is stopped */
    watch_event *on_event;
    void *owner;    /* for on_event */
    bool allocated; /* free() the struct when the loop has done with it */
};

/* Takes the endpoint over. 0, or HOP_E_SYSTEM: then the endpoint is freed. */
int watch_start(struct watch *watch, uv_loop_t *loop, hop_endpoint *endpoint, watch_event *on_event,
                void *owner);

/* Frees the endpoint; no event comes after it. Does nothing the second time. The struct is the
 * loop's until that has run once more. */
void watch_stop(struct watch *watch);

#endif
