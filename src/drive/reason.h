/* SPDX-License-Identifier: MIT */
/* What an errno of a socket means to the core. Values in, values out: the simulated world of the
 * tests uses it, too, so that it cannot drift from what the driver says. */
#ifndef HOP_DRIVE_REASON_H
#define HOP_DRIVE_REASON_H

#include "core/note.h"

/* connect() (or what leads to it) failed at once: mostly this machine's doing, but on loopback a
 * refusal is as quick. */
hop_reason hop_reason_at_once(int error);
/* A dial that was under way has failed. */
hop_reason hop_reason_of_dial(int error);
/* A connection has ended. */
hop_reason hop_reason_of_link(int error);

#endif
