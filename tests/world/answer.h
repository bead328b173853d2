/* SPDX-License-Identifier: MIT */
/* What routers and NATs answer to a packet that they do not let through. NULL where nothing may be
 * answered (RFC 9293 section 3.5.2, RFC 1122 section 3.2.2). From malloc. */
#ifndef HOP_TESTS_WORLD_ANSWER_H
#define HOP_TESTS_WORLD_ANSWER_H

#include "packet.h"

packet *answer_reset(const packet *about);
/* by: who says it. */
packet *answer_error(packet_kind kind, const packet *about, const hop_address *by);
bool answer_is_error(const packet *about);

#endif
