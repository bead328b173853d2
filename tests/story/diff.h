/* SPDX-License-Identifier: MIT */
/* Two texts compared by lines and shown as a unified diff. */
#ifndef HOP_TESTS_STORY_DIFF_H
#define HOP_TESTS_STORY_DIFF_H

#include <stdio.h>

/* The number of the first line that differs, from 1 on; 0: the texts are the same. */
size_t diff_first(const char *one, const char *other);
/* '-' before lines of one, '+' before those of other, ' ' before three lines around each change. */
void diff_print(FILE *file, const char *one, const char *other);

#endif
