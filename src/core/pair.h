/* SPDX-License-Identifier: MIT */
/* The candidate pairs of an attempt: made from what the peer names and the server saw, found again
 * by address or link. When they are dialled is dial.c's. */
#ifndef HOP_CORE_PAIR_H
#define HOP_CORE_PAIR_H

#include "core/attempt.h"

/* Judges each candidate of the peer; at most HOP_CANDIDATES_MAX will be dialled. */
void hop_pair_add_all(struct hop_core *core, int attempt, const hop_attempt_start *start);
/* Our own addresses have changed: what was left out because it was in no network of ours may be
 * dialled now, and who is silent is dialled again sooner, for that dial may have no way any more.
 */
void hop_pair_judge_again(struct hop_core *core, int attempt);
/* What the peer tells when the attempt has begun; all that it ever names has the same bound. */
void hop_pair_add_late(struct hop_core *core, int attempt, const hop_description *told);
bool hop_pair_exists(const hop_attempt *attempt, const hop_address *address);
bool hop_pair_has_ip(const hop_attempt *attempt, const hop_address *address);
/* The pair whose link this is, or NULL. */
hop_pair *hop_pair_of(struct hop_core *core, int link);
/* The best name for the other end: the peer's own candidate of that address, else what we saw. */
hop_candidate hop_pair_remote(const hop_attempt *attempt, const hop_address *remote);

#endif
