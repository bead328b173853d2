/* SPDX-License-Identifier: MIT */
/*
 * A recording as the events that its endpoint had, in the same words and at the same times. It
 * reads bytes and no files; what a picture needs beyond the events is in core/player.h.
 */
#ifndef HOP_LIB_RETELL_H
#define HOP_LIB_RETELL_H

#include <stdbool.h>
#include <stddef.h>

#include <hopconn/hopconn.h>

typedef struct hop_retell hop_retell;

/* What a recording's end amounts to. */
typedef enum hop_retell_end {
    HOP_RETELL_WHOLE,  /* all is told */
    HOP_RETELL_CUT,    /* all that there is, but the endpoint did more */
    HOP_RETELL_FOREIGN /* no recording, or not one that this version can tell (to its end) */
} hop_retell_end;

/* bytes stay the caller's and live as long as it does. NULL: no memory. */
hop_retell *hop_retell_new(const void *bytes, size_t size);
/* Returns NULL. NULL is fine. */
hop_retell *hop_retell_free(hop_retell *retell);
/* Takes the next event, as hop_next does; false: there is none any more. */
bool hop_retell_next(hop_retell *retell, hop_event *ret_event);
/* After the last event. text: a sentence, "" for WHOLE. */
hop_retell_end hop_retell_ending(const hop_retell *retell, char *text, size_t size);

#endif
