/* SPDX-License-Identifier: MIT */
/*
 * The established socket as a stream of bytes, plain or through TLS, with one set of results for
 * both. It queues nothing and knows no connection.
 */
#ifndef HOP_LIB_CONN_STREAM_H
#define HOP_LIB_CONN_STREAM_H

#include "drive/poller.h"
#include "secure/tls.h"

typedef struct hop_conn_stream {
    int fd;       /* -1: none */
    hop_tls *tls; /* NULL: plain */
    int error;    /* errno of BROKEN, where the system said so; else 0 */
} hop_conn_stream;

/* Takes fd over, whatever comes of it. False: out of memory. key: NULL for a plain stream. */
bool hop_conn_stream_open(hop_conn_stream *stream, int fd, bool is_client, const uint8_t *key);
/* In good order; or abortively, so that the other side sees a reset. */
void hop_conn_stream_close(hop_conn_stream *stream, bool abortive);

/* As the functions of the same names in secure/tls.h. */
hop_tls_result hop_conn_stream_handshake(hop_conn_stream *stream);
hop_tls_result hop_conn_stream_read(hop_conn_stream *stream, uint8_t *bytes, size_t size,
                                    size_t *ret_size);
hop_tls_result hop_conn_stream_write(hop_conn_stream *stream, const uint8_t *bytes, size_t size,
                                     size_t *ret_size);
/* After it the other side sees the end of what we wrote. */
hop_tls_result hop_conn_stream_shutdown(hop_conn_stream *stream);
/* Gives back what memory an idle stream can do without. */
void hop_conn_stream_rest(hop_conn_stream *stream);
/* How much of what was written, the end included, the peer's kernel has not acknowledged. */
size_t hop_conn_stream_unacknowledged(const hop_conn_stream *stream);
bool hop_conn_stream_pending(const hop_conn_stream *stream);

#endif
