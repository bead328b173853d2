/* SPDX-License-Identifier: MIT */
/* What the measuring programs share: a plain socket each way as the yardstick, a clock, and the
 * word by which the accepting side says that it can be dialled. */
#ifndef HOP_BENCH_PLAIN_H
#define HOP_BENCH_PLAIN_H

/* One connection on this port of any address; says that it is ready before it waits. -1: errno. */
int plain_accept(const char *port);
/* ADDRESS:PORT, cut in two where it stands. -1: errno. */
int plain_dial(char *target);
void plain_ready(void);
double plain_now_s(void);

#endif
