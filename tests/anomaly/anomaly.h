/* SPDX-License-Identifier: MIT */
/*
 * Makes the n-th allocation or system call fail. What cannot fail where we use it (close, fcntl,
 * writing to an eventfd) is left alone. The linker's --wrap puts this file between our
 * objects (the library's and the test's, which is why scenarios use calls that are not wrapped) and
 * libc; OpenSSL and c-ares allocate through it as well. What is to fail is a plan; without one, all
 * goes through.
 */
#ifndef HOP_TESTS_ANOMALY_H
#define HOP_TESTS_ANOMALY_H

#include <stdbool.h>

/* The calls that can fail, each with the errnos that it fails with (anomaly.c). */
typedef enum anomaly_call {
    ANOMALY_MEMORY,  /* our malloc, calloc, realloc, strdup, asprintf, vasprintf */
    ANOMALY_OPENSSL, /* OpenSSL's allocations */
    ANOMALY_CARES,   /* c-ares' */
    ANOMALY_SOCKET,  /* socket(2) and so on */
    ANOMALY_BIND,
    ANOMALY_LISTEN,
    ANOMALY_CONNECT,
    ANOMALY_ACCEPT4,
    ANOMALY_SETSOCKOPT,
    ANOMALY_GETSOCKOPT,
    ANOMALY_GETSOCKNAME,
    ANOMALY_GETPEERNAME,
    ANOMALY_EPOLL_CREATE1,
    ANOMALY_EPOLL_CTL, /* but not EPOLL_CTL_DEL, which needs nothing */
    ANOMALY_EPOLL_WAIT,
    ANOMALY_EVENTFD,
    ANOMALY_RECV,
    ANOMALY_SEND,
    ANOMALY_READ,
    ANOMALY_SHUTDOWN,
    ANOMALY_PPOLL,
    ANOMALY_GETIFADDRS,
    ANOMALY_FOPEN,
    ANOMALY_TIMERFD, /* timerfd_create and timerfd_settime */
    ANOMALY_CALLS
} anomaly_call;

typedef struct anomaly_plan {
    anomaly_call call;
    int error;         /* errno; memory has ENOMEM */
    unsigned nth;      /* from 1; 0: nothing fails, calls are counted */
    bool from_then_on; /* all after the nth as well */
    unsigned every;    /* each every-th one fails, from nth on; 0: no such rule */
    bool byte_by_byte; /* recv, send, read and write do at most one byte; nothing fails */
} anomaly_plan;

/* Once, before OpenSSL and c-ares are used. */
void anomaly_begin(void);
void anomaly_arm(const anomaly_plan *plan);
/* Back to normal. Returns how many calls failed. */
unsigned anomaly_disarm(void);
/* How many calls of a kind there were since anomaly_arm. */
unsigned anomaly_count(anomaly_call call);
anomaly_call anomaly_planned(void);
/* The plan as armed last, in words. */
const char *anomaly_story(void);

const char *anomaly_name(anomaly_call call);
/* The index-th errno of a call, 0: there are no more. ret_harmless: whoever gets it tries again. */
int anomaly_error(anomaly_call call, unsigned index, bool *ret_harmless);

#endif
