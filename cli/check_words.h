/* SPDX-License-Identifier: MIT */
/*
 * What a check has found, in words: those of JSON and of the table (RFC 4787, 5382), and the
 * verdict in plain English with its advice. It prints nothing.
 */
#ifndef CLI_CHECK_WORDS_H
#define CLI_CHECK_WORDS_H

#include "cli/check_run.h"

#define CHECK_LINES_MAX 16
#define CHECK_LINE_SIZE 240

struct check_lines {
    unsigned count;
    char text[CHECK_LINES_MAX][CHECK_LINE_SIZE];
};

const char *check_words_mapping(const struct check_family *family);
const char *check_words_filtering(hop_check_filtering filtering);
const char *check_words_stray(hop_check_stray stray);
const char *check_words_way(hop_check_way way);
const char *check_words_peer(hop_check_peer peer);
const char *check_words_protocol(hop_map_protocol protocol);
const char *check_words_trouble(hop_map_trouble trouble);
const char *check_words_answer(hop_check_answer answer);

/* What it is and what works; then what to do about it. */
void check_words_verdict(const struct check *check, struct check_lines *ret_lines);
void check_words_advice(const struct check *check, struct check_lines *ret_lines);
/* "an idle mapping lives at least 60 s": false where it was not asked for. */
bool check_words_life(const struct check *check, char *text, size_t size);

#endif
