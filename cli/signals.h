/* SPDX-License-Identifier: MIT */
/*
 * The signals that end the program, as events of the loop.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <uv.h>

enum { SIGNALS_COUNT = 3 };

struct signals {
    uv_signal_t handles[SIGNALS_COUNT];
    void (*on_signal)(void *owner, const char *name);
    void *owner;
};

void signals_start(struct signals *signals, uv_loop_t *loop,
                   void (*on_signal)(void *owner, const char *name), void *owner);

/* Lets the loop come to its end. Does nothing the second time, or before the start. */
void signals_stop(struct signals *signals);

#endif
