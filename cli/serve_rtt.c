/* SPDX-License-Identifier: MIT */
/*
 * TCP_INFO. A file of its own because the kernel's header, which alone has the smallest round trip
 * time, does not bear the C library's header of the same structure, which libuv includes.
 */
#include "cli/serve_rtt.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The smallest, not the smoothed: it is nearest to how long a SYN will travel. The smoothed one
 * also counts the time (40 ms and more) by which a kernel may delay the acknowledgement of our
 * short answers. The kernel forgets a smallest one after five minutes, so a path that has grown
 * longer is noticed. */
uint32_t serve_rtt_us(int fd) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
    if (info.tcpi_min_rtt != 0 && info.tcpi_min_rtt != UINT32_MAX) return info.tcpi_min_rtt;
    return info.tcpi_rtt;
}
