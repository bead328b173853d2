/* SPDX-License-Identifier: MIT */
/* NATs and strategies in words, for words.c. */
#ifndef HOP_LIB_WORDS_NAT_H
#define HOP_LIB_WORDS_NAT_H

#include "core/output.h"

/* "keeps one port towards everybody (endpoint-independent), preserves ports": goes on after "this
 * NAT". For NONE and UNKNOWN a sentence of its own would fit better: see hop_words_nat_line. */
void hop_words_nat(const hop_nat *nat, char *text, size_t size);
/* A whole sentence; whose: "our" or "the peer's". */
void hop_words_nat_line(const hop_nat *nat, const char *whose, char *text, size_t size);
/* What it does, in general. */
const char *hop_words_strategy(hop_strategy_kind kind);
/* "dials 17 ports that the peer's NAT takes next, 192.0.2.1:4001 first" */
void hop_words_shots(const hop_note *note, const char *address, char *text, size_t size);

#endif
