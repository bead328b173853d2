/* SPDX-License-Identifier: MIT */
/*
 * What the server has to say to its operator, in words with -v, as JSON events with --json.
 */
#ifndef CLI_SERVE_LOG_H
#define CLI_SERVE_LOG_H

#include <stddef.h>

#include "rendezvous/rendezvous.h"

/* The addresses that are listened on; the one line that is always printed. */
void serve_log_ready(const hop_address *addresses, size_t count);
/* other: the observed address of the other client, of a START; NULL else. */
void serve_log_output(const hop_rendezvous_output *output, const hop_address *other);
/* A client was dialled back at this address. */
void serve_log_dialback(const hop_address *target, const hop_dialback *told);
/* Why an address cannot be listened on, and what to do. uv_error is libuv's. */
void serve_log_listen_failed(const hop_address *address, int uv_error);
/* The second port, without which the server works, was not to be had. */
void serve_log_second_failed(const hop_address *address, int uv_error);

#endif
