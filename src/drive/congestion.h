/* SPDX-License-Identifier: MIT */
/* What a simultaneous open does to congestion control, and the cure. */
#ifndef HOP_DRIVE_CONGESTION_H
#define HOP_DRIVE_CONGESTION_H

#include <stdint.h>

/* When SYNs cross, Linux takes its first round trip sample from its SYN-ACK to the peer's: one way
 * less the distance between the SYNs, half of the truth at best. bbr believes the smallest sample
 * for ten seconds and crawls until then (docs/protocol.md has figures). So where the kernel's
 * smallest sample is far below the round trip that our handshake took, such a socket gets cubic, if
 * this process may choose it; other controls do not mind and are left alone. rtt_us 0: not known,
 * nothing is done. */
void hop_congestion_mend(int fd, int64_t rtt_us);

#endif
