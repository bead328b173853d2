/* SPDX-License-Identifier: MIT */
/*
 * A check's findings told: the verdict and, with -v, a table on stdout; or one JSON object. And the
 * lines of its story.
 */
#ifndef CLI_CHECK_TELL_H
#define CLI_CHECK_TELL_H

#include "cli/check_run.h"

/* A line for the story. */
void check_tell_step(const struct check *check, const struct check_step *step);
/* In a few words, "the server dials our mapped port from another port". */
const char *check_tell_question(const struct check_step *step);
const char *check_tell_outcome(const struct check_step *step);

#endif
