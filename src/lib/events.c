/* SPDX-License-Identifier: MIT */
/* A queue of events that own their texts. */
#include "lib/events.h"

#include <stdlib.h>
#include <string.h>

struct hop_events_node {
    hop_events_node *next;
    hop_event event;
    char texts[];
};

#define TEXTS_MAX 10

static void list_texts(hop_event *event, const char **texts[static TEXTS_MAX]);

void hop_events_put(hop_events *events, const hop_event *event) {
    if (event->kind == HOP_EVENT_NOTE && events->count >= HOP_EVENTS_NOTES_MAX) return;
    hop_event copy = *event;
    const char **texts[TEXTS_MAX];
    list_texts(&copy, texts);
    size_t size = 0;
    for (int i = 0; i < TEXTS_MAX; i++) {
        if (*texts[i] != NULL) size += strlen(*texts[i]) + 1;
    }
    hop_events_node *node = malloc(sizeof *node + size);
    if (node == NULL) {
        events->failed = true;
        return;
    }
    char *at = node->texts;
    for (int i = 0; i < TEXTS_MAX; i++) {
        if (*texts[i] == NULL) continue;
        size_t length = strlen(*texts[i]) + 1;
        memcpy(at, *texts[i], length);
        *texts[i] = at;
        at += length;
    }
    node->event = copy;
    node->next = NULL;
    if (events->last != NULL)
        events->last->next = node;
    else
        events->first = node;
    events->last = node;
    events->count++;
}

bool hop_events_take(hop_events *events, hop_event *ret_event) {
    free(events->taken);
    events->taken = events->first;
    if (events->taken == NULL) return false;
    events->first = events->taken->next;
    if (events->first == NULL) events->last = NULL;
    events->count--;
    *ret_event = events->taken->event;
    return true;
}

void hop_events_clear(hop_events *events) {
    hop_event ignored;
    while (hop_events_take(events, &ignored))
        continue;
}

static void list_texts(hop_event *event, const char **texts[static TEXTS_MAX]) {
    texts[0] = &event->text;
    texts[1] = &event->address;
    texts[2] = &event->candidate;
    texts[3] = &event->room;
    texts[4] = &event->local;
    texts[5] = &event->remote;
    texts[6] = &event->advice;
    texts[7] = &event->report;
    texts[8] = &event->reason;
    texts[9] = &event->interface;
}
