/* SPDX-License-Identifier: MIT */
/*
 * When a connection counts as dead. An idle one is ended by the system's keepalive; one with bytes
 * on their way is not, and TCP_USER_TIMEOUT would not do: Linux takes a peer whose reader is slow
 * (a pager, a full disk, a stopped process) for a dead one, although its system answers each probe.
 * So whoever waits looks here now and then. Not a place for what follows from it.
 */
#ifndef HOP_DRIVE_SILENCE_H
#define HOP_DRIVE_SILENCE_H

#include <stdbool.h>

#define HOP_SILENCE_IDLE_S     25 /* safe nearly anywhere; NATs forget at the earliest after 30 s */
#define HOP_SILENCE_IDLE_MAX_S 7200

/* Keepalive after idle_s seconds (0: 25) without a byte, then every fifth of it, at least 1 s;
 * nobody answers four: it is dead. */
void hop_silence_keep(int fd, unsigned idle_s);
/* After how long hop_silence_keep() gives up an idle connection, in milliseconds. */
int hop_silence_idle_ms(unsigned idle_s);

/* For how long a peer's system may leave what we send unanswered: a bit longer than the idle time
 * of this socket's keepalive. */
int hop_silence_max_ms(int fd);
/* Bytes, or probes, are on their way, and nothing has come from the peer's system for so long. */
bool hop_silence_is_dead(int fd);
/* How often to look. */
int hop_silence_look_ms(int fd);

#endif
