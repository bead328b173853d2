/* SPDX-License-Identifier: MIT */
/*
 * Carries bytes both ways between a channel to a peer and a pair of local descriptors, and knows at
 * the end whether all was delivered.
 *
 * Each direction is a thread of its own that blocks where it must. Stdin and stdout are shared with
 * the shell and with neighbours in the pipe: making them non-blocking would change them for those
 * too, a file cannot be waited for at all, and a stdout that is stuck must not hold up stdin.
 */
#ifndef CLI_PUMP_H
#define CLI_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

struct channel;
struct pump;

struct pump_end {
    uint64_t sent;     /* bytes from `in` to the channel */
    uint64_t received; /* bytes from the channel to `out` */
    bool ok;           /* both directions came to their end, and the peer has all we sent */
    int in_error;      /* errno of reading `in`, or 0 */
    int out_error;     /* errno of writing `out`, or 0 */
    int peer_error;    /* errno of receiving, or 0 */
    bool silent;       /* what was sent has not been answered for too long */
};

typedef void pump_done(void *owner, const struct pump_end *end);

struct pump_ends {
    struct channel *channel;
    int in;     /* -1: an end at once */
    int out;    /* may be the same as `in` */
    bool drain; /* with `out` broken, still carry `in` to its end: a command that has heard enough
                   may have more to say */
};

/* Starts. Takes the channel and both descriptors over, and closes them also when it fails. Calls
 * `done` once, from the loop. NULL: the system refused. */
struct pump *pump_start(uv_loop_t *loop, const struct pump_ends *ends, pump_done *done,
                        void *owner);

/* For a program that is about to exit: the peer will see the connection break, not a clean end. How
 * far it came is returned. The threads go with the process; `done` is not called. */
struct pump_end pump_break(struct pump *pump);

#endif
