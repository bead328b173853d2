/* SPDX-License-Identifier: MIT */
/* The heap of events. A zeroed schedule is an empty one. */
#include "schedule.h"

#include <stdlib.h>

static bool before(const schedule_event *a, const schedule_event *b);
static void rise(schedule *plan, size_t at);
static void sink(schedule *plan, size_t at);

void schedule_at(schedule *plan, int64_t at_us, schedule_function *function, void *context,
                 void *argument, uint64_t number) {
    if (plan->count == plan->room) {
        plan->room = plan->room == 0 ? 64 : plan->room * 2;
        plan->events = realloc(plan->events, plan->room * sizeof plan->events[0]);
        if (plan->events == NULL) abort();
    }
    if (at_us < plan->now_us) at_us = plan->now_us;
    plan->events[plan->count] = (schedule_event){
        at_us, plan->order++, function, context, argument, number,
    };
    rise(plan, plan->count++);
}

int64_t schedule_next_us(const schedule *plan) {
    return plan->count == 0 ? INT64_MAX : plan->events[0].at_us;
}

bool schedule_step(schedule *plan, int64_t until_us) {
    if (plan->count == 0 || plan->events[0].at_us > until_us) return false;
    schedule_event event = plan->events[0];
    plan->events[0] = plan->events[--plan->count];
    sink(plan, 0);
    plan->now_us = event.at_us;
    event.function(event.context, event.argument, event.number);
    return true;
}

void schedule_forget(schedule *plan, const void *context) {
    size_t kept = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->events[i].context == context)
            free(plan->events[i].argument);
        else
            plan->events[kept++] = plan->events[i];
    }
    plan->count = kept;
    for (size_t i = kept / 2; i-- > 0;)
        sink(plan, i);
}

void schedule_clear(schedule *plan) {
    for (size_t i = 0; i < plan->count; i++)
        free(plan->events[i].argument);
    free(plan->events);
    plan->events = NULL;
    plan->count = plan->room = 0;
}

static bool before(const schedule_event *a, const schedule_event *b) {
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void rise(schedule *plan, size_t at) {
    schedule_event event = plan->events[at];
    while (at > 0 && before(&event, &plan->events[(at - 1) / 2])) {
        plan->events[at] = plan->events[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    plan->events[at] = event;
}

static void sink(schedule *plan, size_t at) {
    if (at >= plan->count) return;
    schedule_event event = plan->events[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= plan->count) break;
        if (child + 1 < plan->count && before(&plan->events[child + 1], &plan->events[child]))
            child++;
        if (!before(&plan->events[child], &event)) break;
        plan->events[at] = plan->events[child];
        at = child;
    }
    plan->events[at] = event;
}
