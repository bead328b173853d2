/* SPDX-License-Identifier: MIT */
/*
 * How the program talks, on stderr: plain lines, or with --json one object a line. Lines go out
 * whole, with one write each. It knows nothing of what there is to say: for the library's events
 * see tell.h.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stdint.h>

struct cJSON;

/* First thing in main: the zero of at_ms. */
void out_begin(void);

void out_choose(bool json, bool verbose);
bool out_json(void);
bool out_verbose(void);

/* Milliseconds since out_begin, with fractions; or the time that was set. */
double out_ms(void);
/* That of out_begin, by CLOCK_MONOTONIC. */
int64_t out_zero_us(void);
/* What is told from now on happened so many microseconds after out_begin; 0: at the very moment. */
void out_at(int64_t at_us);
/* All goes to stdout, until false brings it back to stderr. False: not all could be written. */
bool out_to_stdout(bool on);
/* Lines for people go there instead, each without its end and its time: told (out_line) or of the
 * story. NULL brings them back. */
void out_divert(void (*line)(void *context, bool story, const char *text), void *context);

/* A new object with "event" and "at_ms"; add fields with cJSON_AddStringToObject and so on, then
 * give it to out_emit. NULL when memory is short, which cJSON and out_emit bear. */
struct cJSON *out_event(const char *name);

/* Prints the object as one line if --json was given, and frees it in any case. */
void out_emit(struct cJSON *event);

/* A line for people, "hopconn: ..."; nothing under --json. No newline at the end. */
void out_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line of the story, "[ 116.0 ms] ...": with -v only, nothing under --json. */
void out_story(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A result on stdout, as it is. False when it could not be written. */
bool out_result(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
