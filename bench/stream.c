/* SPDX-License-Identifier: MIT */
/*
 * One stream of bytes from the side that dials to the side that accepts, timed by the latter: over
 * a descriptor of hopconn's, or over a plain socket of its own as the yardstick. Both are written
 * and read by the same two loops. It checks nothing of what arrives but the count.
 *
 *     bench-stream hop|relay|tcp accept TICKET|PORT
 *     bench-stream hop|relay|tcp dial TICKET|ADDRESS:PORT SIZE
 *
 * relay: hop, but through the server in any case.
 *
 * accept prints {"size": bytes, "seconds": from the first byte to the end}; ready says that it can
 * be dialled.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

#include "plain.h"

#define BUFFER_SIZE (256u << 10)
#define PATIENCE_MS 30000

static int accept_hop(const char *ticket, const hop_options *options);
static int take(int fd);
static int give(int fd, uint64_t size);
static int complain(const char *what, const char *why);

static char buffer[BUFFER_SIZE];

int main(int argc, char **argv) {
    bool relay = argc > 3 && strcmp(argv[1], "relay") == 0;
    bool hop = relay || (argc > 3 && strcmp(argv[1], "hop") == 0);
    hop_options options = HOP_OPTIONS_INIT;
    if (relay) options.relay = HOP_RELAY_ONLY;
    bool dial = argc > 4 && strcmp(argv[2], "dial") == 0;
    if (argc < (dial ? 5 : 4)) return complain("usage", "hop|relay|tcp accept|dial WHERE [SIZE]");
    int fd;
    if (dial)
        fd = hop ? hop_dial(argv[3], &options) : plain_dial(argv[3]);
    else
        fd = hop ? accept_hop(argv[3], &options) : plain_accept(argv[3]);
    if (fd < 0) return complain(argv[2], hop ? hop_error_text(fd) : strerror(errno));
    return dial ? give(fd, strtoull(argv[4], NULL, 10)) : take(fd);
}

static int accept_hop(const char *ticket, const hop_options *options) {
    hop_listener *listener;
    int error = hop_listen(ticket, options, &listener);
    if (error < 0) return error;
    hop_event event = {.kind = HOP_EVENT_NONE};
    while (event.kind != HOP_EVENT_LISTENING && event.kind != HOP_EVENT_FAILED) {
        error = hop_wait(listener, PATIENCE_MS);
        if (error <= 0) return error == 0 ? HOP_E_TIMEOUT : error;
        hop_next(listener, &event);
    }
    if (event.kind == HOP_EVENT_FAILED) return event.error;
    plain_ready();
    int fd = hop_accept(listener, PATIENCE_MS);
    hop_free(listener);
    return fd;
}

static int take(int fd) {
    ssize_t got = read(fd, buffer, sizeof buffer);
    double start_s = plain_now_s();
    uint64_t size = 0;
    while (got > 0) {
        size += (uint64_t)got;
        got = read(fd, buffer, sizeof buffer);
    }
    if (got < 0) return complain("read", strerror(errno));
    printf("{\"size\": %llu, \"seconds\": %.6f}\n", (unsigned long long)size,
           plain_now_s() - start_s);
    close(fd);
    return 0;
}

static int give(int fd, uint64_t size) {
    while (size > 0) {
        size_t part = size < sizeof buffer ? (size_t)size : sizeof buffer;
        ssize_t done = write(fd, buffer, part);
        if (done < 0) return complain("write", strerror(errno));
        size -= (uint64_t)done;
    }
    close(fd);
    return 0;
}

static int complain(const char *what, const char *why) {
    fprintf(stderr, "bench-stream: %s: %s\n", what, why);
    return 1;
}
