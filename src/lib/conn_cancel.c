/* SPDX-License-Identifier: MIT */
/*
 * The token of cancellation: a descriptor that becomes readable once and stays so. It is never
 * drained, so that all who watch it see it, and firing it is one system call that is safe anywhere.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/conn_inside.h"

struct hop_cancel_token {
    int fd;
};

int hop_cancel_token_new(hop_cancel_token **ret_token) {
    if (ret_token == NULL) return HOP_E_INVALID;
    hop_cancel_token *token = malloc(sizeof *token);
    if (token == NULL) return HOP_E_MEMORY;
    token->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (token->fd < 0) {
        free(token);
        return HOP_E_SYSTEM;
    }
    *ret_token = token;
    return 0;
}

void hop_cancel_token_fire(hop_cancel_token *token) {
    if (token == NULL) return;
    int saved = errno; /* a signal handler's */
    uint64_t one = 1;
    ssize_t ignored = write(token->fd, &one, sizeof one);
    (void)ignored; /* it fails only when it has been fired more often than a counter holds */
    errno = saved;
}

hop_cancel_token *hop_cancel_token_free(hop_cancel_token *token) {
    if (token == NULL) return NULL;
    close(token->fd);
    free(token);
    return NULL;
}

int hop_cancel_token_fd(const hop_cancel_token *token) {
    return token->fd;
}
