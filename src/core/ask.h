/* SPDX-License-Identifier: MIT */
/* What a caller says to its server and makes of the answers: REGISTER, KNOCK or Binding, the
 * keepalive, START. Reaching the server is caller.c's. */
#ifndef HOP_CORE_ASK_H
#define HOP_CORE_ASK_H

#include "core/caller.h"

/* The connection is there: our request, by mode. */
void hop_ask_first(struct hop_core *core, int caller);
/* What we offer may have changed: a listener that is registered registers anew. */
void hop_ask_freshen(struct hop_core *core, int caller);
/* The network was in turmoil: does the server still hear us? Who listens and has other addresses
 * now registers anew, which asks as much. */
void hop_ask_check(struct hop_core *core, int caller, bool hosts_changed);
/* One whole message came. */
void hop_ask_answered(struct hop_core *core, int caller, const uint8_t *bytes, size_t size);
/* A Binding request: its answer proves that both the server and the mapping live. */
void hop_ask_keepalive(struct hop_core *core, int caller);
/* An attempt that came by this caller is over: fresh nonces make room for the next. */
void hop_ask_replenish(struct hop_core *core, int caller);
/* We know more of our NAT than what the server has of us says. */
void hop_ask_redescribe(struct hop_core *core, int caller);
/* To the other side of the attempt, by the server that introduced it; the nonce is filled in. */
void hop_ask_tell(struct hop_core *core, int attempt, hop_description *description);

#endif
