/* SPDX-License-Identifier: MIT */
/*
 * From an established attempt to an open channel, in the loop: the TLS handshake, where there is
 * one, and the telling of what came of it.
 */
#ifndef CLI_GREETING_H
#define CLI_GREETING_H

#include <stdbool.h>

#include <uv.h>

#include <hopconn/hopconn.h>

struct channel;
struct greeting;

/* It is over and was told. channel: NULL with an error (enum hop_error), else the owner's. */
typedef void greeting_done(void *owner, struct greeting *greeting, struct channel *channel,
                           int error);

/* Takes the event's attempt over. Calls `done` once, perhaps at once. NULL: it was at once. */
struct greeting *greeting_start(uv_loop_t *loop, hop_endpoint *endpoint, const hop_event *event,
                                bool plain, greeting_done *done, void *owner);

/* Breaks the connection; nothing is told and `done` is not called. */
void greeting_cancel(struct greeting *greeting);

#endif
