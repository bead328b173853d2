/* SPDX-License-Identifier: MIT */
/* A short list of descriptors in the order of their coming. */
#include "drive/ready.h"

#include "drive/socket.h"

bool hop_ready_put(hop_ready *ready, int attempt, int fd) {
    if (ready->count == HOP_READY_MAX) return false;
    ready->entries[ready->count].attempt = attempt;
    ready->entries[ready->count].fd = fd;
    ready->count++;
    return true;
}

int hop_ready_take(hop_ready *ready, int attempt) {
    for (unsigned i = 0; i < ready->count; i++) {
        if (ready->entries[i].attempt != attempt) continue;
        int fd = ready->entries[i].fd;
        ready->count--;
        for (; i < ready->count; i++)
            ready->entries[i] = ready->entries[i + 1];
        return fd;
    }
    return -1;
}

void hop_ready_close_all(hop_ready *ready) {
    for (unsigned i = 0; i < ready->count; i++)
        hop_socket_abort(ready->entries[i].fd);
    ready->count = 0;
}
