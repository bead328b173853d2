/* SPDX-License-Identifier: MIT */
/*
 * How far away a client is, by the kernel's own measurement.
 */
#ifndef CLI_SERVE_RTT_H
#define CLI_SERVE_RTT_H

#include <stdint.h>

/* A TCP socket's smallest round trip time of late, in microseconds; 0: not known. */
uint32_t serve_rtt_us(int fd);

#endif
