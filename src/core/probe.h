/* SPDX-License-Identifier: MIT */
/*
 * Asking servers how they see us, beside the conversation of caller.c: at each call, from the
 * endpoint's port, the server's next port, which tells how our NAT behaves (behaviour.h); and, for
 * a strategy, from any port, what the NAT gives out at this moment. Each is one connection with one
 * STUN Binding (RFC 8489), closed as soon as it is answered. Nothing ever waits for a probe.
 */
#ifndef HOP_CORE_PROBE_H
#define HOP_CORE_PROBE_H

#include "base/limits.h"
#include "core/link.h"
#include "wire/stun.h"

typedef struct hop_probe {
    bool used;
    bool sample; /* for the attempt; else for our behaviour */
    int attempt;
    unsigned place; /* of the sample, in the attempt's round */
    unsigned tries; /* that were in vain before this one */
    int link;
    int64_t deadline_us;
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE];
    size_t received;
    size_t wanted;
    uint8_t bytes[HOP_PROBE_ANSWER_SIZE];
} hop_probe;

/* A caller dials its server there. */
void hop_probe_beside(struct hop_core *core, const hop_address *server);
/* The addresses of a server of the ticket that is not called, or not yet. */
void hop_probe_further(struct hop_core *core, const hop_address *addresses, unsigned count);
/* It is called now: the 4-tuple is the call's. */
void hop_probe_make_way(struct hop_core *core, const hop_address *server);
/* The server has named another address of its own (RFC 5780 OTHER-ADDRESS). */
void hop_probe_other(struct hop_core *core, const hop_address *other);
/* What a server said of a link that was dialled from the endpoint's port. */
void hop_probe_saw(struct hop_core *core, int link, const hop_address *mapped);
/* Our NAT looked sequential by two ports that were near each other by chance: it is random. */
void hop_probe_unmasked(struct hop_core *core);
/* Asks for one fresh mapping; hop_strategy_sampled() gets it. False: it cannot be done. */
bool hop_probe_sample(struct hop_core *core, int attempt, const hop_address *server,
                      unsigned place);
void hop_probe_stop_samples(struct hop_core *core, int attempt);
void hop_probe_stop(struct hop_core *core);
/* We are behind another NAT now, or none: what was learnt so far is not its behaviour. */
void hop_probe_forget(struct hop_core *core);

void hop_probe_link_opened(struct hop_core *core, int link);
void hop_probe_link_ended(struct hop_core *core, int link);
void hop_probe_received(struct hop_core *core, int link, const uint8_t *bytes, size_t size);
void hop_probe_tick(struct hop_core *core);
int64_t hop_probe_deadline(const struct hop_core *core);

#endif
