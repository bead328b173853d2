/* SPDX-License-Identifier: MIT */
/*
 * When an attempt dials each of its pairs: refusals again at once, silence only when it is safe,
 * everything jittered and within the pace. The rules and their evidence: docs/protocol.md, "The
 * punch".
 */
#ifndef HOP_CORE_DIAL_H
#define HOP_CORE_DIAL_H

#include "core/attempt.h"

/* The pair's dial ended before it was connected. */
void hop_dial_ended(struct hop_core *core, int attempt, hop_pair *pair, hop_reason reason);
/* The pair's dial has got the peer's SYN and waits for the rest of the handshake. */
void hop_dial_answering(struct hop_core *core, int attempt, hop_pair *pair);
/* The pair has no link any more and is dialled again after a while. */
void hop_dial_again(struct hop_core *core, hop_pair *pair, int64_t after_us);
/* Dials what is due, gives up on silence. */
void hop_dial_tick(struct hop_core *core, int attempt);
int64_t hop_dial_deadline(const hop_attempt *attempt);

#endif
