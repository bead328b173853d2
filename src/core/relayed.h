/* SPDX-License-Identifier: MIT */
/*
 * A relay is one more link of an attempt: a second connection to the server that introduced us, by
 * which the peer is spliced to us (docs/protocol.md, "Relay"). It is asked for at the start and
 * shakes hands like any other link, but is chosen only when no direct one can come any more, or is
 * late by what a direct one needs at worst.
 */
#ifndef HOP_CORE_RELAYED_H
#define HOP_CORE_RELAYED_H

#include "base/limits.h"
#include "core/output.h"
#include "wire/stun.h"

typedef struct hop_relayed {
    hop_relayed_state state;
    bool only;          /* we or the peer want nothing direct */
    hop_address server; /* that introduced us */
    int link;           /* -1: none */
    int64_t next_us;    /* WAITING: when it is asked for */
    unsigned tries;
    unsigned code;     /* why it was refused last; 0: it was not */
    hop_reason reason; /* why its connection ended last */
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE];
    size_t received;
    size_t wanted;
    uint8_t bytes[HOP_PROBE_ANSWER_SIZE];
} hop_relayed;

struct hop_core;

/* The attempt begins. */
void hop_relayed_begin(struct hop_core *core, int attempt, const hop_description *peer);
/* Asks for it when that is due. */
void hop_relayed_tick(struct hop_core *core, int attempt);
int64_t hop_relayed_deadline(const struct hop_core *core, int attempt);
/* Controlling: the link that may be nominated now, as nothing direct is better; -1: none. */
int hop_relayed_ripe(const struct hop_core *core, int attempt);
/* Why the relay is what an established attempt has. */
hop_relay_reason hop_relayed_reason(const struct hop_core *core, int attempt);
void hop_relayed_report(const struct hop_core *core, int attempt, hop_report *report);

/* Of the connection, before it is the attempt's link ... */
void hop_relayed_link_opened(struct hop_core *core, int link);
void hop_relayed_link_ended(struct hop_core *core, int link, hop_reason reason);
void hop_relayed_received(struct hop_core *core, int link, const uint8_t *bytes, size_t size);
/* ... and when it was that, and is gone. */
void hop_relayed_lost(struct hop_core *core, int attempt, hop_reason reason);

#endif
