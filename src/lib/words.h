/* SPDX-License-Identifier: MIT */
/*
 * The one place where the core's notes, reasons and reports become English. It knows no sockets and
 * no endpoint: a value goes in, a text comes out.
 */
#ifndef HOP_LIB_WORDS_H
#define HOP_LIB_WORDS_H

#include <stddef.h>

#include "core/output.h"

#define HOP_WORDS_NOTE_SIZE   256
#define HOP_WORDS_REPORT_SIZE 4096

/* One line without its end. Texts are cut where size ends, always with a terminating zero. */
void hop_words_note(const hop_note *note, char *text, size_t size);
/* The stage reached, then a line for each candidate pair; no line end after the last. report may be
 * NULL: it came to no attempt. */
void hop_words_report(int error, const hop_report *report, char *text, size_t size);
/* "host", "srflx", "mapped", "relay", "prflx". */
const char *hop_words_candidate(unsigned type);
const char *hop_words_reason(hop_reason reason);
const char *hop_words_skip(hop_skip skip);

#endif
