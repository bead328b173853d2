/* SPDX-License-Identifier: MIT */
/* The events that wait to be pulled, each with its texts in one piece of memory. */
#ifndef HOP_LIB_EVENTS_H
#define HOP_LIB_EVENTS_H

#include <stdbool.h>

#include <hopconn/hopconn.h>

/* Notes are left out while so many events wait: who does not pull does not read them either. */
#define HOP_EVENTS_NOTES_MAX 1024

typedef struct hop_events_node hop_events_node;

typedef struct hop_events {
    hop_events_node *first;
    hop_events_node *last;
    hop_events_node *taken; /* lives until the next is taken */
    unsigned count;
    bool failed; /* an event was lost for want of memory */
} hop_events;

/* Copies the event and all its texts. */
void hop_events_put(hop_events *events, const hop_event *event);
bool hop_events_take(hop_events *events, hop_event *ret_event);
void hop_events_clear(hop_events *events);

#endif
