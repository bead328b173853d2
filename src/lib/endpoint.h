/* SPDX-License-Identifier: MIT */
/*
 * What the rest of the library (the blocking functions, the connection with handlers) needs to know
 * of an endpoint beyond its public face. None of it is exported.
 */
#ifndef HOP_LIB_ENDPOINT_H
#define HOP_LIB_ENDPOINT_H

#include <stdbool.h>

#include "lib/inside.h"

/* As hop_poll_ms, but not rounded; INT64_MAX: never. */
int64_t hop_endpoint_wait_us(const hop_endpoint *endpoint);
bool hop_endpoint_has_events(const hop_endpoint *endpoint);
/* Nothing more will happen, so nobody should wait. ret_error: why it failed, 0 when it did not. */
bool hop_endpoint_is_over(const hop_endpoint *endpoint, int *ret_error);

/* By bare addresses (docs/protocol.md): as hop_open, and whoever comes in and holds options->secret
 * (NULL: whoever comes in) may be the peer, from now on. */
int hop_endpoint_open_bare(const hop_options *options, hop_endpoint **ret_endpoint);
/* Dials these addresses of a peer, once; not to be called when it is over. */
void hop_endpoint_dial_bare(hop_endpoint *endpoint, const hop_candidate *candidates,
                            unsigned count);
/* As hop_connect, but only the port is reserved until hop_endpoint_let_go. */
int hop_endpoint_connect_held(const char *ticket, const hop_options *options,
                              hop_endpoint **ret_endpoint);
void hop_endpoint_let_go(hop_endpoint *endpoint);

uint16_t hop_endpoint_port(const hop_endpoint *endpoint);
/* hop_options.interface by its own name; NULL: any. */
const char *hop_endpoint_interface(const hop_endpoint *endpoint);
/* As a server sees us, with the port; family NONE: not known. */
hop_address hop_endpoint_observed(const hop_endpoint *endpoint);
/* For TLS above an established link that has not been taken yet: the fresh key, and whether we are
 * the controlling side. False: there is no such link. */
bool hop_endpoint_key(const hop_endpoint *endpoint, int attempt, uint8_t ret_key[HOP_KEY_SIZE],
                      bool *ret_controlling);

#endif
