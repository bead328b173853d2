/* SPDX-License-Identifier: MIT */
/*
 * Virtual time: what is to happen, in order. Two things at the same microsecond happen in the order
 * in which they were scheduled, so that one seed is one run. A binary heap; nothing is cancelled:
 * whoever is called looks whether it still matters (a generation count does).
 */
#ifndef HOP_TESTS_WORLD_SCHEDULE_H
#define HOP_TESTS_WORLD_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void schedule_function(void *context, void *argument, uint64_t number);

typedef struct schedule_event {
    int64_t at_us;
    uint64_t order;
    schedule_function *function;
    void *context;
    void *argument; /* the function's to free */
    uint64_t number;
} schedule_event;

typedef struct schedule {
    int64_t now_us;
    uint64_t order;
    schedule_event *events;
    size_t count;
    size_t room;
} schedule;

/* What is due in the past happens now. */
void schedule_at(schedule *schedule, int64_t at_us, schedule_function *function, void *context,
                 void *argument, uint64_t number);
/* When the next thing happens; INT64_MAX: nothing will. */
int64_t schedule_next_us(const schedule *schedule);
/* Lets the next thing happen. False: there is none, or none until then; now_us stays. */
bool schedule_step(schedule *schedule, int64_t until_us);
/* Nothing more for this context, which is about to go; each argument is freed by free(). Goes
 * through all that is scheduled. */
void schedule_forget(schedule *schedule, const void *context);
/* Frees what is left, each argument by free(). */
void schedule_clear(schedule *schedule);

#endif
