/* SPDX-License-Identifier: MIT */
/*
 * What a TCP socket can tell of what became of the bytes that were given to it.
 */
#ifndef CLI_DELIVERY_H
#define CLI_DELIVERY_H

#include <stdbool.h>

/* False: bytes are on the way and nothing has come from the peer's kernel for too long. */
bool delivery_alive(int socket);
/* How often a direction that waits looks after the connection, in milliseconds. */
int delivery_look_ms(int socket);

/* After the end was sent: waits until the peer's kernel has all, at most limit_ms (negative: as
 * long as the connection lives). False: not all of it arrived. */
bool delivery_wait(int socket, int limit_ms);

/* After that, where the peer said its end by other means than TCP's: waits for TCP's, at most
 * limit_ms, so that nothing of the peer's comes to a closed socket and is answered by a reset: it
 * would take that for a loss. False: the connection broke instead. */
bool delivery_linger(int socket, int limit_ms);

/* Breaks the connection now: both sides see a reset. */
void delivery_break(int socket);

/* Lets the close that follows break the connection, so that the peer is not told of a clean end. */
void delivery_refuse(int socket);

#endif
