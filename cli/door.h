/* SPDX-License-Identifier: MIT */
/*
 * --bind: a local port, each client of which becomes one connection to the peer.
 */
#ifndef CLI_DOOR_H
#define CLI_DOOR_H

#include <stdbool.h>

#include <uv.h>

struct session;

struct door {
    uv_poll_t poll;
    int fd;
    struct session *session; /* NULL: closed, or never opened */
    bool paused;             /* too many clients at once: the others wait in the kernel */
};

/* Listens on "addr:port". Returns the status, after it told what is wrong. */
int door_open(struct door *door, struct session *session, const char *address);

bool door_is_open(const struct door *door);

/* Lets clients in again when there is room. */
void door_mind(struct door *door);

/* Does nothing when it is not open. */
void door_close(struct door *door);

#endif
