/* SPDX-License-Identifier: MIT */
/*
 * Linux's view of a connection: what is not acknowledged (SIOCOUTQ), and its end (TCP_INFO). How
 * the silence of the peer is to be taken is the library's, drive/silence.h.
 */
#include "cli/delivery.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "drive/silence.h"

#define PAUSE_MAX_MS 16

/* What became of all that was sent. */
enum fate { UNDECIDED, ARRIVED, LOST };

static enum fate look(int socket);
static bool was_reset(int socket);
static int64_t now_ms(void);

bool delivery_alive(int socket) {
    return !hop_silence_is_dead(socket);
}

int delivery_look_ms(int socket) {
    return hop_silence_look_ms(socket);
}

bool delivery_wait(int socket, int limit_ms) {
    int pause_ms = 1;
    for (int waited_ms = 0; limit_ms < 0 || waited_ms < limit_ms; waited_ms += pause_ms) {
        enum fate fate = look(socket);
        if (fate != UNDECIDED) return fate == ARRIVED;
        poll(NULL, 0, pause_ms);
        pause_ms = pause_ms < PAUSE_MAX_MS ? 2 * pause_ms : PAUSE_MAX_MS;
    }
    return false;
}

bool delivery_linger(int socket, int limit_ms) {
    int64_t end_ms = now_ms() + limit_ms;
    for (;;) {
        /* What follows the peer's word that it was all is nobody's payload. */
        char scrap[4096];
        ssize_t got = recv(socket, scrap, sizeof scrap, MSG_DONTWAIT);
        if (got == 0) return true;
        if (got < 0 && errno != EAGAIN && errno != EINTR) return false;
        int64_t left_ms = end_ms - now_ms();
        if (left_ms <= 0) return true;
        struct pollfd ready = {.fd = socket, .events = POLLIN};
        if (got < 0) poll(&ready, 1, (int)left_ms);
    }
}

void delivery_break(int socket) {
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    connect(socket, &nowhere, sizeof nowhere);
}

void delivery_refuse(int socket) {
    struct linger abortive = {.l_onoff = 1, .l_linger = 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &abortive, sizeof abortive);
}

/* The state is asked for before the count: a connection closes with the acknowledgement of its last
 * byte, and when that comes between two questions in the other order, the count of before and the
 * state of after look like a loss. */
static enum fate look(int socket) {
    struct tcp_info info = {0};
    socklen_t info_size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &info_size) < 0) return LOST;
    int unacknowledged = 0;
    if (ioctl(socket, SIOCOUTQ, &unacknowledged) < 0) return LOST;
    if (unacknowledged == 0) return was_reset(socket) ? LOST : ARRIVED;
    return info.tcpi_state == TCP_CLOSE || !delivery_alive(socket) ? LOST : UNDECIDED;
}

/* The peer's kernel has all, but the peer does not want it. SO_ERROR also tells of what routers say
 * on the way (RFC 1122 section 4.2.3.9), which ends no connection. */
static bool was_reset(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return true;
    return error == ECONNRESET || error == EPIPE;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
