/* SPDX-License-Identifier: MIT */
/* The core's results as the events that users pull, with their texts; live (endpoint.c) and from a
 * recording (retell.c), so that both tell the same. */
#ifndef HOP_LIB_STORY_H
#define HOP_LIB_STORY_H

#include "lib/events.h"
#include "lib/inside.h"

/* Puts the event that tells of this output; of an action none. detail: what is known of it beside;
 * a recording knows nothing of interfaces. at_us: as hop_event's. */
void hop_story_put(hop_events *events, const hop_core *core, const hop_output *output,
                   const hop_driver_detail *detail, int64_t at_us);
/* The failure of the endpoint as a whole by the machine. */
void hop_story_put_broken(hop_events *events, int error, int64_t at_us);

#endif
