/* SPDX-License-Identifier: MIT */
/*
 * One connection of a session, from the peer's channel to its local end and on to its own end.
 */
#ifndef CLI_CARRIER_H
#define CLI_CARRIER_H

#include <stddef.h>

struct channel;
struct session;

/* A channel to a peer is there: finds its local end and carries. Takes the channel over. */
void carrier_start(struct session *session, struct channel *channel);

/* A client of the local port is there: connects to the peer for it. Takes the client over. */
void carrier_call(struct session *session, int client);

/* How many are under way. */
size_t carrier_total(const struct session *session);

/* For a program that is about to exit: breaks all of them and tells so. */
void carrier_break_all(struct session *session, const char *reason);

#endif
