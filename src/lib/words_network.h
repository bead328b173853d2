/* SPDX-License-Identifier: MIT */
/* Changes of this machine's network in words, for words.c. */
#ifndef HOP_LIB_WORDS_NETWORK_H
#define HOP_LIB_WORDS_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/note.h"

/* False: the note tells of something else. */
bool hop_words_network(const hop_note *note, const char *address, char *text, size_t size);

#endif
