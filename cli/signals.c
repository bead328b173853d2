/* SPDX-License-Identifier: MIT */
/*
 * SIGINT and SIGTERM are always heard, also where a shell started the program in the background
 * with SIGINT ignored; SIGHUP only if nobody asked (nohup) for it to be ignored.
 */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static const struct {
    int number;
    const char *name;
} known[SIGNALS_COUNT] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};

static void on_handle(uv_signal_t *handle, int number);

void signals_start(struct signals *signals, uv_loop_t *loop,
                   void (*on_signal)(void *owner, const char *name), void *owner) {
    signals->on_signal = on_signal;
    signals->owner = owner;
    for (int i = 0; i < SIGNALS_COUNT; i++) {
        struct sigaction before;
        uv_signal_init(loop, &signals->handles[i]);
        signals->handles[i].data = signals;
        if (known[i].number == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
            before.sa_handler == SIG_IGN) {
            continue;
        }
        uv_signal_start(&signals->handles[i], on_handle, known[i].number);
    }
}

void signals_stop(struct signals *signals) {
    if (signals->on_signal == NULL) return;
    signals->on_signal = NULL;
    for (int i = 0; i < SIGNALS_COUNT; i++) {
        uv_close((uv_handle_t *)&signals->handles[i], NULL);
    }
}

static void on_handle(uv_signal_t *handle, int number) {
    struct signals *signals = handle->data;
    if (signals->on_signal == NULL) return;
    const char *name = "";
    for (int i = 0; i < SIGNALS_COUNT; i++) {
        if (known[i].number == number) name = known[i].name;
    }
    signals->on_signal(signals->owner, name);
}
