/* SPDX-License-Identifier: MIT */
/* The endpoint as a whole: its beginning and end, its servers in turn, time. core.c calls it for
 * inputs that concern no single link. */
#ifndef HOP_CORE_ENDPOINT_H
#define HOP_CORE_ENDPOINT_H

#include <hopconn/error.h>

#include "core/input.h"

struct hop_core;

void hop_endpoint_go(struct hop_core *core, const hop_input *input);
void hop_endpoint_cancel(struct hop_core *core);
/* Does this caller call again when it fails so? Who was heard once does (a listener for ever, a
 * knocker until its deadline), a knocker whose server went away before it answered, and a listener
 * as long as another of its servers hears it. */
bool hop_endpoint_keeps(const struct hop_core *core, int caller, enum hop_error error);
/* A caller is ready, or will never be. */
void hop_endpoint_caller_ready(struct hop_core *core, int caller);
void hop_endpoint_caller_failed(struct hop_core *core);
/* One that was ready pauses now. */
void hop_endpoint_caller_lost(struct hop_core *core);
/* An attempt is over, established or not; caller: by which it came, -1: by hand. */
void hop_endpoint_attempt_over(struct hop_core *core, int caller);
/* The endpoint as a whole has failed: FAILED, and everything is closed. */
void hop_endpoint_fail(struct hop_core *core, enum hop_error error);
void hop_endpoint_tick(struct hop_core *core);
int64_t hop_endpoint_deadline(const struct hop_core *core);

#endif
