/* SPDX-License-Identifier: MIT */
/*
 * One TCP connection of the server: bytes in, whole STUN messages out of them, and writing. It
 * holds memory for a message only while half of one has come.
 */
#ifndef CLI_SERVE_CLIENT_H
#define CLI_SERVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/address.h"

/* A client that lets more than this pile up does not read. */
#define SERVE_CLIENT_QUEUE_MAX (16 * 1024)

struct serve_client {
    uv_tcp_t tcp;     /* first, so that the handle is the client */
    uint8_t *pending; /* the beginning of a message, or NULL */
    uint16_t pending_size;
    bool broken;  /* waits in the list below for its end */
    bool closing; /* the number is no longer its own */
    uint32_t number;
    struct serve_client *next_broken;
    struct serve_relay *relay; /* that has taken over, or NULL: nothing is read here any more */
};

/* Takes one whole message. False: the client is closing, no more of it. */
typedef bool serve_client_taker(struct serve_client *client, const uint8_t *bytes, size_t size);

/* NULL when memory is short. The handle is open, and has to be closed by serve_client_close. */
struct serve_client *serve_client_new(uv_loop_t *loop);
/* Options of a connection that has just been accepted. keepalive_s 0: the default. */
void serve_client_prepare(struct serve_client *client, unsigned keepalive_s);
/* Cuts what has come into messages. False: this is no STUN, the connection has to end. */
bool serve_client_feed(struct serve_client *client, const uint8_t *bytes, size_t size,
                       serve_client_taker *take);
/* All the pieces in one segment if they fit. False: the connection has to end. */
bool serve_client_write(struct serve_client *client, const uv_buf_t *pieces, unsigned count);
/* Closes the connection and frees the client when libuv is done with it. */
void serve_client_close(struct serve_client *client);

/* The smallest round trip time of late in microseconds; 0: not known. */
uint32_t serve_client_rtt_us(const struct serve_client *client);
hop_address serve_client_remote(const struct serve_client *client);
hop_address serve_client_local(const struct serve_client *client);

#endif
