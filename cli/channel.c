/* SPDX-License-Identifier: MIT */
/*
 * TLS by the library's own part, whose calls are made one at a time. The two sides of a --plain
 * that only one was given are told apart here: what is plain is no TLS record, and our TLS's first
 * message names our key.
 */
#include "cli/channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/endpoint.h"
#include "secure/tls.h"

/* RFC 8446 section 5.1: the first byte of a record, in a handshake. */
enum { RECORD_ALERT = 21, RECORD_HANDSHAKE = 22 };

struct channel {
    int fd;
    hop_tls *tls; /* NULL: plain */
    pthread_mutex_t lock;
    bool is_client;
    bool looked; /* at the peer's first byte, or bytes */
};

static enum channel_greeting look(struct channel *channel);
static ssize_t receive_plain(struct channel *channel, char *bytes, size_t size);
static bool is_our_tls(const char *bytes, size_t size);
static ssize_t fail(const struct channel *channel, hop_tls_result result);

struct channel *channel_take(hop_endpoint *endpoint, int attempt, bool plain, int *ret_error) {
    uint8_t key[HOP_KEY_SIZE] = {0};
    bool is_client = false;
    bool has_key = hop_endpoint_key(endpoint, attempt, key, &is_client);
    int fd = hop_take_fd(endpoint, attempt);
    struct channel *channel = fd < 0 ? NULL : calloc(1, sizeof *channel);
    *ret_error = fd < 0 ? fd : HOP_E_MEMORY;
    if (channel != NULL) {
        *channel = (struct channel){.fd = fd, .is_client = is_client};
        pthread_mutex_init(&channel->lock, NULL);
        if (!plain && has_key) channel->tls = hop_tls_new(fd, is_client, key);
    }
    hop_crypto_wipe(key, sizeof key);
    if (channel != NULL && (plain || channel->tls != NULL)) return channel;
    if (channel != NULL)
        channel_free(channel);
    else if (fd >= 0)
        close(fd);
    return NULL;
}

void channel_free(struct channel *channel) {
    hop_tls_free(channel->tls);
    pthread_mutex_destroy(&channel->lock);
    close(channel->fd);
    free(channel);
}

int channel_fd(const struct channel *channel) {
    return channel->fd;
}

bool channel_is_encrypted(const struct channel *channel) {
    return channel->tls != NULL;
}

enum channel_greeting channel_greet(struct channel *channel) {
    if (channel->tls == NULL) return CHANNEL_OPEN;
    enum channel_greeting seen = channel->looked ? CHANNEL_OPEN : look(channel);
    /* Who begins need not wait for a word. */
    if (seen == CHANNEL_WANTS_READ && channel->is_client) seen = CHANNEL_OPEN;
    if (seen != CHANNEL_OPEN) return seen;
    switch (hop_tls_handshake(channel->tls)) {
    case HOP_TLS_DONE: return CHANNEL_OPEN;
    case HOP_TLS_WANT_READ: return CHANNEL_WANTS_READ;
    case HOP_TLS_WANT_WRITE: return CHANNEL_WANTS_WRITE;
    case HOP_TLS_CUT: return CHANNEL_CUT;
    /* It answered before it can have read our first message. */
    case HOP_TLS_IMPOSTOR: return channel->looked ? CHANNEL_IMPOSTOR : CHANNEL_PLAIN_PEER;
    default: return CHANNEL_FAILED;
    }
}

ssize_t channel_receive(struct channel *channel, char *bytes, size_t size) {
    if (channel->tls == NULL) return receive_plain(channel, bytes, size);
    size_t total = 0;
    hop_tls_result result = HOP_TLS_DONE;
    /* A call gives one record at the most, which is little to write on at a time. */
    while (result == HOP_TLS_DONE && total < size) {
        size_t got = 0;
        pthread_mutex_lock(&channel->lock);
        result = hop_tls_read(channel->tls, (uint8_t *)bytes + total, size - total, &got);
        pthread_mutex_unlock(&channel->lock);
        if (result == HOP_TLS_DONE) total += got;
    }
    /* An end is said again by the next call. */
    return total > 0 ? (ssize_t)total : fail(channel, result);
}

ssize_t channel_send(struct channel *channel, const char *bytes, size_t size) {
    if (channel->tls == NULL) return send(channel->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    size_t sent = 0;
    pthread_mutex_lock(&channel->lock);
    hop_tls_result result = hop_tls_write(channel->tls, (const uint8_t *)bytes, size, &sent);
    pthread_mutex_unlock(&channel->lock);
    /* OpenSSL takes any failure after the peer's end for that end. */
    if (result == HOP_TLS_ENDED) result = HOP_TLS_CUT;
    return result == HOP_TLS_DONE ? (ssize_t)sent : fail(channel, result);
}

int channel_end(struct channel *channel) {
    if (channel->tls != NULL) {
        pthread_mutex_lock(&channel->lock);
        hop_tls_result result = hop_tls_shutdown(channel->tls);
        pthread_mutex_unlock(&channel->lock);
        if (result == HOP_TLS_ENDED) result = HOP_TLS_CUT;
        if (result != HOP_TLS_DONE) return (int)fail(channel, result);
    }
    return shutdown(channel->fd, SHUT_WR);
}

/* Before OpenSSL reads: it would answer plain bytes with an alert, which the other side would take
 * for payload. */
static enum channel_greeting look(struct channel *channel) {
    unsigned char first = 0;
    ssize_t size = recv(channel->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return CHANNEL_WANTS_READ;
    if (size <= 0) return CHANNEL_CUT;
    channel->looked = true;
    bool is_record = first == RECORD_HANDSHAKE || first == RECORD_ALERT;
    return is_record ? CHANNEL_OPEN : CHANNEL_PLAIN_PEER;
}

static ssize_t receive_plain(struct channel *channel, char *bytes, size_t size) {
    ssize_t got = recv(channel->fd, bytes, size, MSG_DONTWAIT);
    if (got > 0 && !channel->looked) {
        channel->looked = true;
        if (is_our_tls(bytes, (size_t)got)) {
            errno = EPROTO;
            return -1;
        }
    }
    return got;
}

/* A ClientHello that offers our key's name. Others' TLS may well be what a plain channel carries.
 */
static bool is_our_tls(const char *bytes, size_t size) {
    static const char record[] = {RECORD_HANDSHAKE, 3, 1};
    static const char name[] = {0, 7, 'h', 'o', 'p', 'c', 'o', 'n', 'n'};
    return size > sizeof record && memcmp(bytes, record, sizeof record) == 0 &&
           memmem(bytes, size, name, sizeof name) != NULL;
}

static ssize_t fail(const struct channel *channel, hop_tls_result result) {
    int error = hop_tls_errno(channel->tls);
    switch (result) {
    case HOP_TLS_ENDED: return 0;
    case HOP_TLS_WANT_READ:
    case HOP_TLS_WANT_WRITE: errno = EAGAIN; return -1;
    case HOP_TLS_CUT: errno = error != 0 ? error : ECONNRESET; return -1;
    default: errno = EBADMSG; return -1;
    }
}
