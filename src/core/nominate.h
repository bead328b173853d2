/* SPDX-License-Identifier: MIT */
/*
 * Which link of an attempt becomes the connection. The controlling side chooses the first direct
 * one that proves itself, gives a nearer one a moment, and takes the relay when relayed.c says that
 * it is time; the controlled side obeys.
 */
#ifndef HOP_CORE_NOMINATE_H
#define HOP_CORE_NOMINATE_H

struct hop_core;

/* A link's HELLO was genuine; controlling: its CONFIRM came; controlled: NOMINATE came. */
void hop_nominate_proved(struct hop_core *core, int link);
void hop_nominate_confirmed(struct hop_core *core, int link);
void hop_nominate_obey(struct hop_core *core, int link);
/* The link that was chosen has turned out to be none. */
void hop_nominate_another(struct hop_core *core, int attempt);
/* What was waited for is due. May end the attempt. */
void hop_nominate_tick(struct hop_core *core, int attempt);

#endif
