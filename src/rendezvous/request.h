/* SPDX-License-Identifier: MIT */
/*
 * What a client's message leads to: the checks, the refusals, the answers.
 */
#ifndef HOP_RENDEZVOUS_REQUEST_H
#define HOP_RENDEZVOUS_REQUEST_H

#include "rendezvous/state.h"

/* False: the client is to be closed. */
bool hop_request_handle(hop_rendezvous *state, uint32_t id, const uint8_t *bytes, size_t size);
/* message: the request; its method and transaction count. */
void hop_request_refuse(hop_rendezvous *state, uint32_t id, const hop_message *message,
                        unsigned code);

#endif
