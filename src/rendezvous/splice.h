/* SPDX-License-Identifier: MIT */
/*
 * RELAY requests: the two sides of a START come to the server once more, each on a connection of
 * its own, and these two are told to be one from then on. Tables and limits are relay.c's.
 */
#ifndef HOP_RENDEZVOUS_SPLICE_H
#define HOP_RENDEZVOUS_SPLICE_H

#include "rendezvous/state.h"

/* A RELAY that is genuine and fresh. 0: the client waits, or both are answered and spliced; else
 * the refusal's code. */
unsigned hop_splice_ask(hop_rendezvous *state, uint32_t id, const hop_message *message);
/* The client goes. If it is relayed, so is its relay, and the other side, which is returned, has to
 * go as well; else 0. */
uint32_t hop_splice_end(hop_rendezvous *state, uint32_t id, hop_rendezvous_end end);

#endif
