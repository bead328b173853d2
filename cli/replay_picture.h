/* SPDX-License-Identifier: MIT */
/*
 * A recording as a picture: what we did, what came back and when, on a time axis. The other side's
 * clock is in no recording: when a packet was there is drawn half way between our two moments.
 */
#ifndef CLI_REPLAY_PICTURE_H
#define CLI_REPLAY_PICTURE_H

#include <stddef.h>

/* SVG text ended by a zero, which the caller frees; NULL: no memory. name: the recording's, for the
 * title. Uses out.h's lines for its words and gives them back. */
char *replay_picture(const char *name, const void *bytes, size_t size, size_t *ret_size);

#endif
