/* SPDX-License-Identifier: MIT */
/* The poller by Linux's epoll. An epoll descriptor is itself pollable: that is all the magic. */
#include "drive/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH_MAX 64

static bool control(hop_poller *poller, int operation, int fd, unsigned interest, uint32_t tag);

bool hop_poller_open(hop_poller *ret_poller) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) return false;
    ret_poller->fd = fd;
    return true;
}

bool hop_poller_add(hop_poller *poller, int fd, unsigned interest, uint32_t tag) {
    return control(poller, EPOLL_CTL_ADD, fd, interest, tag);
}

bool hop_poller_modify(hop_poller *poller, int fd, unsigned interest, uint32_t tag) {
    return control(poller, EPOLL_CTL_MOD, fd, interest, tag);
}

void hop_poller_remove(hop_poller *poller, int fd) {
    epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, NULL);
}

void hop_poller_close(hop_poller *poller) {
    if (poller->fd >= 0) close(poller->fd);
    poller->fd = -1;
}

int hop_poller_ready_now(hop_poller *poller, hop_poller_ready *ready, int max) {
    return hop_poller_ready_within(poller, ready, max, 0);
}

int hop_poller_ready_within(hop_poller *poller, hop_poller_ready *ready, int max, int timeout_ms) {
    struct epoll_event events[BATCH_MAX];
    int count = epoll_wait(poller->fd, events, max < BATCH_MAX ? max : BATCH_MAX, timeout_ms);
    if (count < 0) return errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++) {
        unsigned what = 0;
        if (events[i].events & EPOLLIN) what |= HOP_POLLER_READ;
        if (events[i].events & EPOLLOUT) what |= HOP_POLLER_WRITE;
        if (events[i].events & (EPOLLERR | EPOLLHUP)) what |= HOP_POLLER_ERROR;
        ready[i] = (hop_poller_ready){events[i].data.u32, what};
    }
    return count;
}

static bool control(hop_poller *poller, int operation, int fd, unsigned interest, uint32_t tag) {
    struct epoll_event event = {0};
    if (interest & HOP_POLLER_READ) event.events |= EPOLLIN;
    if (interest & HOP_POLLER_WRITE) event.events |= EPOLLOUT;
    event.data.u32 = tag;
    return epoll_ctl(poller->fd, operation, fd, &event) == 0;
}
