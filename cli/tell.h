/* SPDX-License-Identifier: MIT */
/*
 * What the program has to say, each thing in its two forms: words, and the JSON event of the
 * command line's contract. Where the lines go is out.h's business.
 */
#ifndef CLI_TELL_H
#define CLI_TELL_H

#include <stdbool.h>
#include <stdint.h>

#include <hopconn/hopconn.h>

/* An event of an endpoint, at its time; of ESTABLISHED only the line of the story. */
void tell_event(const hop_event *event);

/* The rest of ESTABLISHED, when it is known whether it is encrypted. */
void tell_established(const hop_event *event, bool encrypted);

/* An event of a recording, of which more will never be known. */
void tell_recorded(const hop_event *event);

/* An endpoint could not be made; errno is as that left it. record: --record, or NULL. */
void tell_unstarted(int error, const char *record);

/* A failure outside of an endpoint's events: the words of the table of errors. */
void tell_error(int error);

/* The same with a sentence of one's own instead of the table's; advice may be NULL. */
void tell_failed(int error, const char *advice, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Wrong usage. One line; returns the status, so that a command can return it. */
int tell_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The end of a connection: bytes of payload each way, and NULL if all was delivered, else why not.
 */
void tell_closed(uint64_t sent, uint64_t received, const char *reason);

#endif
