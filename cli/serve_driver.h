/* SPDX-License-Identifier: MIT */
/*
 * The rendezvous server's body: carries out on sockets (libuv) what its mind (rendezvous/) says.
 */
#ifndef CLI_SERVE_DRIVER_H
#define CLI_SERVE_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "base/address.h"
#include "cli/serve_client.h"
#include "cli/serve_dialback.h"
#include "cli/serve_relay.h"
#include "rendezvous/rendezvous.h"

#define SERVE_LISTENERS_MAX 9 /* what the options take, and one more try */

struct serve_driver {
    uv_loop_t loop;
    uv_tcp_t listeners[SERVE_LISTENERS_MAX]; /* those that failed keep their place */
    size_t listener_count;
    hop_address addresses[SERVE_LISTENERS_MAX]; /* where we listen; ports as they really are */
    size_t address_count;
    uv_timer_t timer;
    int64_t timer_due_us;
    uv_signal_t signals[2];
    hop_rendezvous *mind;
    struct serve_dialbacks dialbacks;
    bool no_dialback; /* set before serve_driver_prepare */
    struct serve_relays relays;
    unsigned client_max;
    unsigned keepalive_s;          /* of clients; 0: the default */
    struct serve_client **clients; /* by number */
    uint32_t *free_numbers;        /* those that came back; the others follow from fresh_number */
    unsigned free_count;
    unsigned fresh_number;
    struct serve_client *broken; /* whose connection failed while something else was carried out */
    uint8_t *read_bytes;         /* one buffer for all: nothing stays in it */
    bool out_of_memory;
};

/* 0, or an error of libuv's. In any case serve_driver_end has to follow. */
int serve_driver_begin(struct serve_driver *driver);
/* Reserves the address; port 0 takes a free one. Connections are accepted from
 * serve_driver_run on. only_ipv6: a wildcard :: leaves IPv4 to others. */
int serve_driver_listen(struct serve_driver *driver, const hop_address *address, bool only_ipv6);
/* Sets up the mind, for the addresses that are listened on. */
int serve_driver_prepare(struct serve_driver *driver, const hop_relay_config *relay);
/* Serves until SIGINT or SIGTERM; then returns 0. */
int serve_driver_run(struct serve_driver *driver);
/* Closes and frees everything. */
void serve_driver_end(struct serve_driver *driver);

#endif
