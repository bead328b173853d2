/* SPDX-License-Identifier: MIT */
/* The relay in words, for words.c. */
#ifndef HOP_LIB_WORDS_RELAY_H
#define HOP_LIB_WORDS_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/output.h"

/* False: the note is of something else. */
bool hop_words_relay(const hop_note *note, const char *address, char *text, size_t size);
/* What became of the relay of a failed attempt that wanted one. */
void hop_words_relay_report(const hop_report *report, char *text, size_t size);
/* Why not directly; goes on after "relayed: ". */
const char *hop_words_relay_reason(hop_relay_reason reason);

#endif
