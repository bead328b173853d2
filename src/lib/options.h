/* SPDX-License-Identifier: MIT */
/* The user's options, checked, as what the driver is to be told. */
#ifndef HOP_LIB_OPTIONS_H
#define HOP_LIB_OPTIONS_H

#include "lib/inside.h"

/* Fills all of ret_config but mode, ticket and report. options may be NULL. HOP_E_INVALID: what is
 * chosen makes no sense, or is of a version of the library that knows more. */
int hop_options_read(const hop_options *options, hop_driver_config *ret_config);
/* The ticket that stands for options->stun and options->secret: of one server or none, and of a
 * secret or zeros. HOP_E_INVALID: stun is no server, or secret is empty; HOP_E_TICKET: secret
 * begins like a ticket but is none. Call hop_options_read first. */
int hop_options_read_manual(const hop_options *options, hop_ticket *ret_ticket);

#endif
