/* SPDX-License-Identifier: MIT */
/*
 * splice(2), or read and write.
 */
#include "cli/serve_pipe.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE_SIZE   (256 * 1024) /* memory is taken only while bytes are held */
#define BUFFER_SIZE (64 * 1024)

static bool open_pipe(struct serve_pipe *pipe);
static ssize_t fill_pipe(struct serve_pipe *pipe, int source, size_t size);
static ssize_t drain_pipe(struct serve_pipe *pipe, int target);

bool serve_pipe_open(struct serve_pipe *pipe, bool splice) {
    *pipe = (struct serve_pipe){.ends = {-1, -1}};
    if (splice && open_pipe(pipe)) return true;
    pipe->buffer = malloc(BUFFER_SIZE);
    return pipe->buffer != NULL;
}

void serve_pipe_close(struct serve_pipe *pipe) {
    for (int i = 0; i < 2; i++)
        if (pipe->ends[i] >= 0) close(pipe->ends[i]);
    free(pipe->buffer);
    *pipe = (struct serve_pipe){.ends = {-1, -1}};
}

ssize_t serve_pipe_fill(struct serve_pipe *pipe, int source, size_t size) {
    ssize_t got;
    if (pipe->buffer == NULL)
        got = fill_pipe(pipe, source, size);
    else
        got = recv(source, pipe->buffer, size < BUFFER_SIZE ? size : BUFFER_SIZE, MSG_DONTWAIT);
    if (got > 0) pipe->held = (size_t)got;
    pipe->sent = 0;
    return got;
}

ssize_t serve_pipe_drain(struct serve_pipe *pipe, int target) {
    ssize_t gone;
    if (pipe->buffer == NULL)
        gone = drain_pipe(pipe, target);
    else
        gone = send(target, pipe->buffer + pipe->sent, pipe->held, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (gone <= 0) return gone;
    pipe->held -= (size_t)gone;
    pipe->sent += (size_t)gone;
    return gone;
}

#ifdef __linux__

static bool open_pipe(struct serve_pipe *pipe) {
    if (pipe2(pipe->ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    /* Refused where the user has too many pages in pipes: then it stays as it is. */
    (void)fcntl(pipe->ends[1], F_SETPIPE_SZ, PIPE_SIZE);
    return true;
}

static ssize_t fill_pipe(struct serve_pipe *pipe, int source, size_t size) {
    return splice(source, NULL, pipe->ends[1], NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

static ssize_t drain_pipe(struct serve_pipe *pipe, int target) {
    return splice(pipe->ends[0], NULL, target, NULL, pipe->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

#else

static bool open_pipe(struct serve_pipe *pipe) {
    (void)pipe;
    return false;
}

static ssize_t fill_pipe(struct serve_pipe *pipe, int source, size_t size) {
    (void)pipe, (void)source, (void)size;
    return -1;
}

static ssize_t drain_pipe(struct serve_pipe *pipe, int target) {
    (void)pipe, (void)target;
    return -1;
}

#endif
