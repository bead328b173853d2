/* SPDX-License-Identifier: MIT */
/* This machine's own addresses as host candidates. */
#ifndef HOP_DRIVE_INTERFACES_H
#define HOP_DRIVE_INTERFACES_H

#include "base/limits.h"
#include "wire/description.h"

/* Few enough that observed addresses find room in a description; then one loopback address of each
 * family, which the core offers only where it is allowed. */
#define HOP_INTERFACES_HOSTS_MAX 6
#define HOP_INTERFACES_MAX       (HOP_INTERFACES_HOSTS_MAX + 2)
#define HOP_INTERFACES_LOOPBACK  "lo"

struct ifaddrs;

typedef struct hop_interfaces_wish {
    uint16_t port; /* of each candidate */
    bool use_ipv4;
    bool use_ipv6;
    const char *only; /* nothing but this interface's addresses; NULL: everybody's */
} hop_interfaces_wish;

typedef struct hop_interfaces {
    hop_candidate hosts[HOP_INTERFACES_MAX]; /* best first */
    char names[HOP_INTERFACES_MAX][HOP_INTERFACE_NAME_SIZE];
    unsigned count;
} hop_interfaces;

/* Of a container, a virtual machine or a VPN, by its name or its flags (IFF_...): a tunnel is
 * point-to-point, whatever it is called. */
bool hop_interfaces_is_virtual(const char *name, unsigned flags);

/* Best first: ordinary interfaces before those of containers and VPNs, and of either kind each
 * interface's first address before anybody's second. No link-local addresses: they need an
 * interface to be dialled. */
void hop_interfaces_list(const hop_interfaces_wish *wish, hop_interfaces *ret_found);
/* The same of a list as getifaddrs(3) makes it. */
void hop_interfaces_sort(const struct ifaddrs *first, const hop_interfaces_wish *wish,
                         hop_interfaces *ret_found);
/* Whose address it is; NULL: nobody's of these. */
const char *hop_interfaces_name_of(const hop_interfaces *found, const hop_address *address);

#endif
