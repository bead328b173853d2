/* SPDX-License-Identifier: MIT */
/* Mends congestion control after a simultaneous open. A file of its own because the kernel's
 * header, which alone has the smallest round trip time, does not bear the C library's header of the
 * same structure. */
#include "drive/congestion.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static bool uses_bbr(int fd) {
    char name[16] = {0}; /* TCP_CA_NAME_MAX */
    socklen_t size = sizeof name - 1;
    return getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size) == 0 &&
           strncmp(name, "bbr", 3) == 0;
}

static bool is_misled(int fd, int64_t rtt_us) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
    return info.tcpi_min_rtt != 0 && (int64_t)info.tcpi_min_rtt * 4 < rtt_us * 3;
}

void hop_congestion_mend(int fd, int64_t rtt_us) {
    static const char cubic[] = "cubic";
    if (rtt_us > 0 && uses_bbr(fd) && is_misled(fd, rtt_us))
        setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, cubic, sizeof cubic - 1);
}
