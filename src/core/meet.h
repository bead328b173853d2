/* SPDX-License-Identifier: MIT */
/* How two sides come to know each other: our own description, the peer's in a START or by hand, and
 * the attempt that begins with it. */
#ifndef HOP_CORE_MEET_H
#define HOP_CORE_MEET_H

#include "core/input.h"
#include "core/output.h"
#include "wire/message.h"

struct hop_core;

/* Fills in what we offer now: the plausible host candidates and, when they are known, where servers
 * saw us. The nonce is left alone. */
void hop_meet_describe(struct hop_core *core, hop_description *ret_description);
/* A server saw us at this address. */
void hop_meet_observed(struct hop_core *core, const hop_address *address);
/* The router maps our port; or does not. A listener registers anew, a knock that is out is not
 * changed any more. */
void hop_meet_mapped(struct hop_core *core, const hop_input *input);
void hop_meet_unmapped(struct hop_core *core, const hop_input *input);
/* ... is asked for anew: until then there is none. */
void hop_meet_unmap(struct hop_core *core);
/* Our mapped candidate; family NONE: there is none. */
hop_address hop_meet_mapping(const struct hop_core *core);
/* How a link of ours runs: hop_candidate_route(), and what we know of our own router. */
hop_core_route hop_meet_route(const struct hop_core *core, int link, const hop_candidate *remote);
/* A START came, or was forged: false when it is not one of ours. */
bool hop_meet_started(struct hop_core *core, int caller, const hop_message *start);
/* The peer tells more of itself. What is not genuine, or of no attempt of ours, is nothing. */
void hop_meet_told(struct hop_core *core, int caller, const hop_message *tell);
/* Bare addresses: accepts from now on. */
void hop_meet_wait(struct hop_core *core);
/* The peer's description, by hand. */
void hop_meet_peer(struct hop_core *core, const hop_description *peer);

#endif
