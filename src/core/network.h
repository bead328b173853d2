/* SPDX-License-Identifier: MIT */
/*
 * This machine's network has changed, or it has slept: what of the conversations with servers, of
 * what we offer and of the attempts in course is still good, and what begins anew. Noticing it is
 * the driver's.
 */
#ifndef HOP_CORE_NETWORK_H
#define HOP_CORE_NETWORK_H

#include "core/input.h"
#include "wire/description.h"

struct hop_core;

/* Takes the input's host candidates for ours, and tells of each that is gone or new. False: they
 * are those that we had. ret_added: the new ones that are offered. */
bool hop_network_take_hosts(struct hop_core *core, const hop_input *input,
                            hop_description *ret_added);
void hop_network_changed(struct hop_core *core, const hop_input *input);

#endif
