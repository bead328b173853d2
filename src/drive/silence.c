/* SPDX-License-Identifier: MIT */
/* Linux's view of a peer's silence: its keepalive, and TCP_INFO; see silence.h. */
#include "drive/silence.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>

#define PROBES      4
#define LOOK_MAX_MS 5000

static int interval_s(int idle_s);
static int idle_of(int fd);

void hop_silence_keep(int fd, unsigned idle_s) {
    int on = 1, count = PROBES;
    int idle = idle_s == 0 ? HOP_SILENCE_IDLE_S : (int)idle_s;
    int interval = interval_s(idle);
    /* Without them a connection still works. */
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

int hop_silence_idle_ms(unsigned idle_s) {
    int idle = idle_s == 0 ? HOP_SILENCE_IDLE_S : (int)idle_s;
    return (idle + PROBES * interval_s(idle)) * 1000;
}

int hop_silence_max_ms(int fd) {
    return idle_of(fd) * 1200;
}

bool hop_silence_is_dead(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) return false;
    /* Retransmits and probes count what was not answered; both are zero while the peer lives. */
    bool unanswered = info.tcpi_retransmits > 1 || info.tcpi_probes > 1;
    return unanswered && info.tcpi_last_ack_recv > (uint32_t)hop_silence_max_ms(fd);
}

int hop_silence_look_ms(int fd) {
    int look_ms = hop_silence_max_ms(fd) / 4;
    return look_ms < LOOK_MAX_MS ? look_ms : LOOK_MAX_MS;
}

static int interval_s(int idle_s) {
    return idle_s < 10 ? 1 : idle_s / 5;
}

/* It was chosen by whoever made the connection, and the socket keeps it. */
static int idle_of(int fd) {
    int idle = 0;
    socklen_t size = sizeof idle;
    bool known = getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size) == 0;
    return known && idle > 0 && idle <= HOP_SILENCE_IDLE_MAX_S ? idle : HOP_SILENCE_IDLE_S;
}
