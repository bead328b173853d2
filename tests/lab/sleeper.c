/* SPDX-License-Identifier: MIT */
/*
 * To be preloaded: sleep as a program sees it when it wakes up. CLOCK_MONOTONIC stood still
 * meanwhile, and the other clocks did not. The file HOP_TEST_ASLEEP says when it fell asleep and
 * when it woke up, in seconds of the true CLOCK_MONOTONIC; without the second it sleeps still. The
 * program itself goes on, which no sleeping one does: a test gives it nothing to do. Bare system
 * calls only: a sanitizer that is not ready yet asks for the time, too.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_OF_S 1000000000LL

static int64_t asleep_ns(int64_t now_ns) {
    char text[64] = "", *at = text;
    const char *path = getenv("HOP_TEST_ASLEEP");
    long fd = path != NULL ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY) : -1;
    if (fd < 0) return 0;
    long size = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    if (size <= 0) return 0;
    int64_t from_ns = (int64_t)(strtod(at, &at) * 1e9);
    int64_t to_ns = (int64_t)(strtod(at, &at) * 1e9);
    if (now_ns <= from_ns) return 0;
    return (to_ns > 0 && to_ns < now_ns ? to_ns : now_ns) - from_ns;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    long error = syscall(SYS_clock_gettime, clock, now);
    if (error != 0 || clock != CLOCK_MONOTONIC) return (int)error;
    int64_t now_ns = now->tv_sec * NS_OF_S + now->tv_nsec;
    now_ns -= asleep_ns(now_ns);
    now->tv_sec = (time_t)(now_ns / NS_OF_S);
    now->tv_nsec = (long)(now_ns % NS_OF_S);
    return 0;
}
