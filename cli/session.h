/* SPDX-License-Identifier: MIT */
/*
 * What `listen` and `connect` have in common: where connections come from (an endpoint, or the
 * clients of a local port), the connections under way, signals, and the exit status of it all.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include <uv.h>

#include "cli/door.h"
#include "cli/options.h"
#include "cli/signals.h"
#include "cli/watch.h"

struct carrier;
struct greeting;

#define SESSION_GREETINGS_MAX 16

struct session {
    uv_loop_t loop;
    struct signals signals;
    struct watch watch; /* the endpoint; without one when there is a door */
    struct door door;   /* --bind */
    const struct options *options;
    const char *ticket;
    struct carrier *carriers;                          /* connections under way, the oldest first */
    struct greeting *greetings[SESSION_GREETINGS_MAX]; /* with peers that are not yet told of */
    unsigned long left; /* connections still to come; not counted when endless */
    bool listening;
    bool endless;
    bool stdin_taken; /* by the first connection */
    int status;
};

/* Runs to the end and returns the exit status. */
int session_run(const struct options *options, const char *ticket, bool listening);

/* A connection has come about: one less is to come. */
void session_count(struct session *session);

/* Whether more connections may come. */
bool session_open(const struct session *session);

/* A connection failed with that status. One of many does not make the whole fail. */
void session_fail(struct session *session, int status);

/* Something has ended: if it was the last, lets the loop end. */
void session_settle(struct session *session);

#endif
