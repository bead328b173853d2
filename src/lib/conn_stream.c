/* SPDX-License-Identifier: MIT */
/* Plain or TLS; see conn_stream.h. */
#include "lib/conn_stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drive/socket.h"

#define SCRAP_SIZE  4096
#define SCRAP_COUNT 16 /* who goes on sending against all words gets a reset */

static void drop_scraps(int fd);
static hop_tls_result failed(hop_conn_stream *stream, hop_tls_result want);

bool hop_conn_stream_open(hop_conn_stream *stream, int fd, bool is_client, const uint8_t *key) {
    *stream = (hop_conn_stream){.fd = fd};
    if (key == NULL) return true;
    stream->tls = hop_tls_new(fd, is_client, key);
    if (stream->tls != NULL) return true;
    hop_conn_stream_close(stream, true);
    return false;
}

void hop_conn_stream_close(hop_conn_stream *stream, bool abortive) {
    stream->tls = hop_tls_free(stream->tls);
    if (stream->fd >= 0 && abortive) hop_socket_abort(stream->fd);
    if (stream->fd >= 0 && !abortive) {
        drop_scraps(stream->fd);
        close(stream->fd);
    }
    stream->fd = -1;
}

hop_tls_result hop_conn_stream_handshake(hop_conn_stream *stream) {
    return stream->tls == NULL ? HOP_TLS_DONE : hop_tls_handshake(stream->tls);
}

hop_tls_result hop_conn_stream_read(hop_conn_stream *stream, uint8_t *bytes, size_t size,
                                    size_t *ret_size) {
    if (stream->tls != NULL) return hop_tls_read(stream->tls, bytes, size, ret_size);
    ssize_t got;
    do {
        got = recv(stream->fd, bytes, size, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return failed(stream, HOP_TLS_WANT_READ);
    if (got == 0) return HOP_TLS_ENDED;
    *ret_size = (size_t)got;
    return HOP_TLS_DONE;
}

hop_tls_result hop_conn_stream_write(hop_conn_stream *stream, const uint8_t *bytes, size_t size,
                                     size_t *ret_size) {
    if (stream->tls != NULL) return hop_tls_write(stream->tls, bytes, size, ret_size);
    ssize_t sent;
    do {
        sent = send(stream->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) return failed(stream, HOP_TLS_WANT_WRITE);
    *ret_size = (size_t)sent;
    return HOP_TLS_DONE;
}

/* In TLS the FIN follows the close_notify, as plain streams have it: whoever forwards bytes below
 * TLS (and does not know its end) sees that nothing more comes. */
hop_tls_result hop_conn_stream_shutdown(hop_conn_stream *stream) {
    if (stream->tls != NULL) {
        hop_tls_result result = hop_tls_shutdown(stream->tls);
        if (result != HOP_TLS_DONE) return result;
    }
    return shutdown(stream->fd, SHUT_WR) == 0 ? HOP_TLS_DONE : failed(stream, HOP_TLS_BROKEN);
}

bool hop_conn_stream_pending(const hop_conn_stream *stream) {
    return stream->tls != NULL && hop_tls_pending(stream->tls);
}

void hop_conn_stream_rest(hop_conn_stream *stream) {
    if (stream->tls != NULL) hop_tls_rest(stream->tls);
}

size_t hop_conn_stream_unacknowledged(const hop_conn_stream *stream) {
    int count = 0;
    return ioctl(stream->fd, SIOCOUTQ, &count) == 0 && count > 0 ? (size_t)count : 0;
}

/* What nobody will read any more would make a reset of the close, which destroys what we sent and
 * is still on its way (RFC 2525 section 2.17). */
static void drop_scraps(int fd) {
    char scrap[SCRAP_SIZE];
    for (int i = 0; i < SCRAP_COUNT; i++)
        if (recv(fd, scrap, sizeof scrap, MSG_DONTWAIT) <= 0) return;
}

static hop_tls_result failed(hop_conn_stream *stream, hop_tls_result want) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return want;
    stream->error = errno;
    return HOP_TLS_BROKEN;
}
