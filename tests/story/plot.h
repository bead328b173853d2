/* SPDX-License-Identifier: MIT */
/*
 * A run of the world as a picture (cli/picture.h): hosts, NATs and the server as lanes, every SYN,
 * SYN-ACK, RST and message on its way with its travel, from what the world's observers see. Pure
 * ACKs are left out.
 */
#ifndef HOP_TESTS_STORY_PLOT_H
#define HOP_TESTS_STORY_PLOT_H

#include "spec.h"

/* Runs the world and draws it. SVG text ended by a zero, which the caller frees. name: for the case
 * that the spec has no title. ret_ending: one line, how it ended for each host. */
char *plot_draw(const spec *plan, const char *name, char *ret_ending, size_t ending_size);

#endif
