/* SPDX-License-Identifier: MIT */
/* This machine's own addresses as host candidates. */
#ifndef HOP_DRIVE_INTERFACES_H
#define HOP_DRIVE_INTERFACES_H

#include "wire/description.h"

/* Few enough that observed addresses find room in a description; then one loopback address of each
 * family, which the core offers only where it is allowed. */
#define HOP_INTERFACES_HOSTS_MAX 6
#define HOP_INTERFACES_MAX       (HOP_INTERFACES_HOSTS_MAX + 2)

/* Of a container, a virtual machine or a VPN, by its name. */
bool hop_interfaces_is_virtual(const char *name);

/* Best first: ordinary interfaces before those of containers and VPNs, each interface's first
 * address before anybody's second. No link-local addresses: they need an interface to be dialled.
 * Returns the count. */
unsigned hop_interfaces_list(uint16_t port, bool use_ipv4, bool use_ipv6,
                             hop_candidate hosts[static HOP_INTERFACES_MAX]);

#endif
