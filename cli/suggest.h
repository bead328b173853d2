/* SPDX-License-Identifier: MIT */
/*
 * The nearest right word to one that is wrong.
 */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

/* How far two words are apart; smaller is nearer. */
int suggest_distance(const char *wrong, const char *right);

#endif
