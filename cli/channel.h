/* SPDX-License-Identifier: MIT */
/*
 * The way to a peer: an established socket, encrypted by TLS or plain, with the calls of a
 * non-blocking socket for both. Two threads may use it at once, one to receive and one to send;
 * waiting is theirs, on channel_fd.
 */
#ifndef CLI_CHANNEL_H
#define CLI_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <hopconn/hopconn.h>

struct channel;

enum channel_greeting {
    CHANNEL_OPEN,
    CHANNEL_WANTS_READ,  /* call again when the socket is readable */
    CHANNEL_WANTS_WRITE, /* ... writable */
    CHANNEL_PLAIN_PEER,  /* what the other side says is no TLS */
    CHANNEL_IMPOSTOR,    /* it does not hold the key of this attempt */
    CHANNEL_CUT,         /* it ended the connection */
    CHANNEL_FAILED
};

/* Takes the descriptor of an established attempt over. NULL: ret_error is the library's. */
struct channel *channel_take(hop_endpoint *endpoint, int attempt, bool plain, int *ret_error);
/* Closes and frees. */
void channel_free(struct channel *channel);

int channel_fd(const struct channel *channel);
bool channel_is_encrypted(const struct channel *channel);

/* Goes on with the handshake. Nothing is received or sent before it says OPEN. */
enum channel_greeting channel_greet(struct channel *channel);

/* As recv and send without blocking: -1 with errno EAGAIN when it has to be waited for. A receive
 * that says 0 is the peer's word that this was all, where it is encrypted. EPROTO: the other side
 * encrypts and we do not. */
ssize_t channel_receive(struct channel *channel, char *bytes, size_t size);
ssize_t channel_send(struct channel *channel, const char *bytes, size_t size);
/* Half-close. 0, or -1 with errno, which may be EAGAIN. */
int channel_end(struct channel *channel);

#endif
