/* SPDX-License-Identifier: MIT */
/*
 * The yardstick for the server's relay: takes one connection, makes one, and moves what comes on
 * the first to the second by splice(2), in the plainest loop there is. It relays one way only.
 *
 *     bench-splice PORT ADDRESS:PORT
 *
 * ready says that it can be dialled; at the end {"size": bytes, "cpu_seconds": of this process}.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plain.h"

#define PIPE_SIZE (256 * 1024) /* as the server has it */

static bool pass(int source, int target, uint64_t *ret_size);
static double cpu_s(void);

int main(int argc, char **argv) {
    uint64_t size = 0;
    int one = 1;
    if (argc != 3) return fprintf(stderr, "usage: bench-splice PORT ADDRESS:PORT\n"), 1;
    int source = plain_accept(argv[1]);
    int target = source < 0 ? -1 : plain_dial(argv[2]);
    if (target < 0 || setsockopt(target, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
        !pass(source, target, &size))
        return fprintf(stderr, "bench-splice: %s\n", strerror(errno)), 1;
    printf("{\"size\": %llu, \"cpu_seconds\": %.6f}\n", (unsigned long long)size, cpu_s());
    return 0;
}

static bool pass(int source, int target, uint64_t *ret_size) {
    int ends[2];
    if (pipe(ends) < 0 || fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE) < 0) return false;
    ssize_t got;
    while ((got = splice(source, NULL, ends[1], NULL, PIPE_SIZE, SPLICE_F_MOVE)) > 0) {
        *ret_size += (uint64_t)got;
        while (got > 0) {
            ssize_t gone = splice(ends[0], NULL, target, NULL, (size_t)got, SPLICE_F_MOVE);
            if (gone <= 0) return false;
            got -= gone;
        }
    }
    close(target);
    return got == 0;
}

static double cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
