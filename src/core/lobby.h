/* SPDX-License-Identifier: MIT */
/*
 * The lobby: connections that came in before it is clear which attempt they belong to (the START
 * may still be on its way, several peers may stand behind one NAT). It is small, nobody stays long,
 * and a full lobby shows the oldest the door, so strangers cannot crowd out a peer for more than a
 * moment.
 */
#ifndef HOP_CORE_LOBBY_H
#define HOP_CORE_LOBBY_H

#include "base/address.h"

struct hop_core;

void hop_lobby_accepted(struct hop_core *core, const hop_address *remote, const hop_address *local);
void hop_lobby_received(struct hop_core *core, int link, const uint8_t *bytes);
/* A new attempt: are there links that waited for it? */
void hop_lobby_offer(struct hop_core *core);
void hop_lobby_tick(struct hop_core *core);
int64_t hop_lobby_deadline(const struct hop_core *core);

#endif
