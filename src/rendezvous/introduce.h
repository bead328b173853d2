/* SPDX-License-Identifier: MIT */
/*
 * The moment the server is there for: a knocker and a listener are told to start.
 */
#ifndef HOP_RENDEZVOUS_INTRODUCE_H
#define HOP_RENDEZVOUS_INTRODUCE_H

#include "rendezvous/state.h"

/* The listener that gets this room's knocks, if it has a nonce left for one; 0: none. */
uint32_t hop_introduce_listener(hop_rendezvous *state, uint32_t room);
/* Sends START to both. sealed is the knocker's description. Uses up a nonce of the listener. */
void hop_introduce_start(hop_rendezvous *state, uint32_t knocker, uint32_t listener,
                         const uint8_t *sealed, size_t sealed_size);
/* Starts the room's parked knocks for as long as the listener has nonces. */
void hop_introduce_parked(hop_rendezvous *state, uint32_t room);

/* A TELL of this client goes on to the other side of the START that it names, if both are there. */
void hop_introduce_tell(hop_rendezvous *state, uint32_t id, const hop_message *tell);
/* What this client knocked for before is over: it knocks anew, or registers. */
void hop_introduce_part(hop_rendezvous *state, uint32_t id);
/* The client is gone: nobody tells it anything any more. */
void hop_introduce_forget(hop_rendezvous *state, uint32_t id);

#endif
