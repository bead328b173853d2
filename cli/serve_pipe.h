/* SPDX-License-Identifier: MIT */
/*
 * What stands between the two sockets of one way of a relay: on Linux a pipe, so that no byte comes
 * into this process (splice(2)); elsewhere, and where no descriptors are left, a buffer.
 */
#ifndef CLI_SERVE_PIPE_H
#define CLI_SERVE_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct serve_pipe {
    int ends[2];     /* -1: a buffer instead */
    uint8_t *buffer; /* or NULL */
    size_t held;     /* bytes that have come and are not gone */
    size_t sent;     /* of the buffer's */
};

/* splice: a pipe, if it is to be had. False: out of memory. */
bool serve_pipe_open(struct serve_pipe *pipe, bool splice);
void serve_pipe_close(struct serve_pipe *pipe);
/* From a non-blocking socket into the empty pipe, at most size bytes. 0: the end of the stream; -1
 * with errno. */
ssize_t serve_pipe_fill(struct serve_pipe *pipe, int source, size_t size);
/* What is held, as far as the socket takes it. -1 with errno. */
ssize_t serve_pipe_drain(struct serve_pipe *pipe, int target);

#endif
