/* SPDX-License-Identifier: MIT */
/* The injector: a table of calls, the plan, and one wrapper a call; see anomaly.h. */
#include "anomaly.h"

#include <ares.h>
#include <errno.h>
#include <ifaddrs.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#define ERRORS_MAX 6

static const struct {
    const char *name;
    int errors[ERRORS_MAX];
} calls[ANOMALY_CALLS] = {
    [ANOMALY_MEMORY] = {"memory", {ENOMEM}},
    [ANOMALY_OPENSSL] = {"OpenSSL's memory", {ENOMEM}},
    [ANOMALY_CARES] = {"c-ares' memory", {ENOMEM}},
    [ANOMALY_SOCKET] = {"socket", {EMFILE, ENFILE, ENOBUFS, EAFNOSUPPORT}},
    [ANOMALY_BIND] = {"bind", {EADDRINUSE, ENOBUFS, EACCES}},
    [ANOMALY_LISTEN] = {"listen", {EADDRINUSE, ENOBUFS}},
    [ANOMALY_CONNECT] = {"connect", {EADDRNOTAVAIL, ENOBUFS, ENETUNREACH, EAGAIN}},
    [ANOMALY_ACCEPT4] = {"accept4", {EAGAIN, EINTR, ECONNABORTED, EMFILE, ENOBUFS, EPROTO}},
    [ANOMALY_SETSOCKOPT] = {"setsockopt", {ENOBUFS, EINVAL}},
    [ANOMALY_GETSOCKOPT] = {"getsockopt", {ENOBUFS}},
    [ANOMALY_GETSOCKNAME] = {"getsockname", {ENOBUFS}},
    [ANOMALY_GETPEERNAME] = {"getpeername", {ENOTCONN}},
    [ANOMALY_EPOLL_CREATE1] = {"epoll_create1", {EMFILE, ENOMEM}},
    [ANOMALY_EPOLL_CTL] = {"epoll_ctl", {ENOMEM, ENOSPC}},
    [ANOMALY_EPOLL_WAIT] = {"epoll_wait", {EINTR}},
    [ANOMALY_EVENTFD] = {"eventfd", {EMFILE, ENOMEM}},
    [ANOMALY_RECV] = {"recv", {EAGAIN, EINTR, ECONNRESET, ENOMEM}},
    [ANOMALY_SEND] = {"send", {EAGAIN, EINTR, ENOBUFS, EPIPE}},
    [ANOMALY_READ] = {"read", {EAGAIN}},
    [ANOMALY_SHUTDOWN] = {"shutdown", {ENOTCONN, ENOBUFS}},
    [ANOMALY_PPOLL] = {"ppoll", {EINTR, ENOMEM}},
    [ANOMALY_GETIFADDRS] = {"getifaddrs", {EMFILE, ENOBUFS}},
    [ANOMALY_FOPEN] = {"fopen", {EMFILE}},
    [ANOMALY_TIMERFD] = {"timerfd", {EMFILE, ENOMEM}},
};

static anomaly_plan plan;
static bool armed;
static unsigned counts[ANOMALY_CALLS];
static unsigned struck;
static char story[160];

void anomaly_arm(const anomaly_plan *wanted) {
    plan = *wanted;
    memset(counts, 0, sizeof counts);
    struck = 0;
    armed = true;
    snprintf(story, sizeof story, "%s number %u%s%s: %s", anomaly_name(plan.call), plan.nth,
             plan.from_then_on ? " and all after it" : "", plan.every > 0 ? " and regularly" : "",
             plan.byte_by_byte ? "byte by byte" : strerror(plan.error));
}

unsigned anomaly_disarm(void) {
    armed = false;
    return struck;
}

unsigned anomaly_count(anomaly_call call) {
    return counts[call];
}

anomaly_call anomaly_planned(void) {
    return plan.call;
}

const char *anomaly_story(void) {
    return story;
}

const char *anomaly_name(anomaly_call call) {
    return calls[call].name;
}

int anomaly_error(anomaly_call call, unsigned index, bool *ret_harmless) {
    int error = index < ERRORS_MAX ? calls[call].errors[index] : 0;
    *ret_harmless = error == EINTR || (error == EAGAIN && call != ANOMALY_CONNECT);
    return error;
}

static bool strikes(anomaly_call call) {
    if (!armed) return false;
    unsigned count = ++counts[call];
    if (plan.byte_by_byte || call != plan.call) return false;
    bool hit = plan.nth > 0 && count >= plan.nth &&
               (count == plan.nth || plan.from_then_on ||
                (plan.every > 0 && (count - plan.nth) % plan.every == 0));
    if (!hit) return false;
    struck++;
    errno = plan.error;
    return true;
}

static size_t shortened(size_t size) {
    return armed && plan.byte_by_byte && size > 1 ? 1 : size;
}

/* --- Memory -------------------------------------------------------------------------------------
 */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t number, size_t size);
void *__wrap_calloc(size_t number, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **ret_text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int __real_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

void *__wrap_malloc(size_t size) {
    return strikes(ANOMALY_MEMORY) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size) {
    return strikes(ANOMALY_MEMORY) ? NULL : __real_calloc(number, size);
}

void *__wrap_realloc(void *block, size_t size) {
    return strikes(ANOMALY_MEMORY) ? NULL : __real_realloc(block, size);
}

char *__wrap_strdup(const char *text) {
    return strikes(ANOMALY_MEMORY) ? NULL : __real_strdup(text);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments) {
    return strikes(ANOMALY_MEMORY) ? -1 : __real_vasprintf(ret_text, format, arguments);
}

int __wrap_asprintf(char **ret_text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int size = __wrap_vasprintf(ret_text, format, arguments);
    va_end(arguments);
    return size;
}

static void *openssl_malloc(size_t size, const char *file, int line) {
    (void)file, (void)line;
    return strikes(ANOMALY_OPENSSL) ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *block, size_t size, const char *file, int line) {
    (void)file, (void)line;
    return strikes(ANOMALY_OPENSSL) ? NULL : __real_realloc(block, size);
}

static void openssl_free(void *block, const char *file, int line) {
    (void)file, (void)line;
    free(block);
}

static void *cares_malloc(size_t size) {
    return strikes(ANOMALY_CARES) ? NULL : __real_malloc(size);
}

static void *cares_realloc(void *block, size_t size) {
    return strikes(ANOMALY_CARES) ? NULL : __real_realloc(block, size);
}

void anomaly_begin(void) {
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1) abort();
    if (ares_library_init_mem(ARES_LIB_INIT_ALL, cares_malloc, free, cares_realloc) != 0) abort();
}

/* --- System calls -------------------------------------------------------------------------------
 */

/* The real one, its wrapper's declaration, and the wrapper. */
#define WRAP(result, name, call, bad, parameters, arguments)                                       \
    result __real_##name parameters;                                                               \
    result __wrap_##name parameters;                                                               \
    result __wrap_##name parameters {                                                              \
        return strikes(call) ? (bad) : __real_##name arguments;                                    \
    }

WRAP(int, socket, ANOMALY_SOCKET, -1, (int domain, int type, int protocol),
     (domain, type, protocol))
WRAP(int, bind, ANOMALY_BIND, -1, (int fd, const struct sockaddr *address, socklen_t size),
     (fd, address, size))
WRAP(int, listen, ANOMALY_LISTEN, -1, (int fd, int backlog), (fd, backlog))
WRAP(int, connect, ANOMALY_CONNECT, -1, (int fd, const struct sockaddr *address, socklen_t size),
     (fd, address, size))
WRAP(int, accept4, ANOMALY_ACCEPT4, -1,
     (int fd, struct sockaddr *address, socklen_t *size, int flags), (fd, address, size, flags))
WRAP(int, setsockopt, ANOMALY_SETSOCKOPT, -1,
     (int fd, int level, int name, const void *value, socklen_t size),
     (fd, level, name, value, size))
WRAP(int, getsockopt, ANOMALY_GETSOCKOPT, -1,
     (int fd, int level, int name, void *value, socklen_t *size), (fd, level, name, value, size))
WRAP(int, getsockname, ANOMALY_GETSOCKNAME, -1, (int fd, struct sockaddr *address, socklen_t *size),
     (fd, address, size))
WRAP(int, getpeername, ANOMALY_GETPEERNAME, -1, (int fd, struct sockaddr *address, socklen_t *size),
     (fd, address, size))
WRAP(int, epoll_create1, ANOMALY_EPOLL_CREATE1, -1, (int flags), (flags))
WRAP(int, epoll_wait, ANOMALY_EPOLL_WAIT, -1,
     (int fd, struct epoll_event *events, int max, int timeout_ms), (fd, events, max, timeout_ms))
WRAP(int, eventfd, ANOMALY_EVENTFD, -1, (unsigned value, int flags), (value, flags))
WRAP(int, shutdown, ANOMALY_SHUTDOWN, -1, (int fd, int how), (fd, how))
WRAP(int, ppoll, ANOMALY_PPOLL, -1,
     (struct pollfd * fds, nfds_t number, const struct timespec *timeout, const sigset_t *mask),
     (fds, number, timeout, mask))
WRAP(int, getifaddrs, ANOMALY_GETIFADDRS, -1, (struct ifaddrs * *ret_first), (ret_first))
WRAP(int, timerfd_create, ANOMALY_TIMERFD, -1, (int clock, int flags), (clock, flags))
WRAP(int, timerfd_settime, ANOMALY_TIMERFD, -1,
     (int fd, int flags, const struct itimerspec *when, struct itimerspec *before),
     (fd, flags, when, before))
WRAP(FILE *, fopen64, ANOMALY_FOPEN, NULL, (const char *path, const char *mode), (path, mode))
WRAP(ssize_t, recv, ANOMALY_RECV, -1, (int fd, void *bytes, size_t size, int flags),
     (fd, bytes, shortened(size), flags))
WRAP(ssize_t, send, ANOMALY_SEND, -1, (int fd, const void *bytes, size_t size, int flags),
     (fd, bytes, shortened(size), flags))
/* Of an eventfd. */
WRAP(ssize_t, read, ANOMALY_READ, -1, (int fd, void *bytes, size_t size), (fd, bytes, size))

int __real_epoll_ctl(int fd, int operation, int other, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int operation, int other, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int operation, int other, struct epoll_event *event) {
    bool fails = operation != EPOLL_CTL_DEL && strikes(ANOMALY_EPOLL_CTL);
    return fails ? -1 : __real_epoll_ctl(fd, operation, other, event);
}
