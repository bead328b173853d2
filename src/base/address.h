/* SPDX-License-Identifier: MIT */
/*
 * A transport address: family, IP address, port. Text forms are "192.0.2.1:3478" and
 * "[2001:db8::1]:3478" (RFC 3986 section 3.2.2, RFC 5952). It knows nothing of sockets.
 */
#ifndef HOP_BASE_ADDRESS_H
#define HOP_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOP_ADDRESS_TEXT_SIZE 56 /* longest text with its terminating zero, rounded up */

/* The family's values are those of STUN (RFC 8489 section 14.1). */
enum hop_family { HOP_FAMILY_NONE = 0, HOP_FAMILY_IPV4 = 1, HOP_FAMILY_IPV6 = 2 };

typedef struct hop_address {
    uint8_t family; /* enum hop_family */
    uint8_t ip[16]; /* network order; IPv4 uses the first four bytes, the rest is zero */
    uint16_t port;  /* host order */
} hop_address;

/* What kind of place an IP address is in; decides what may be dialled (docs/protocol.md). */
typedef enum hop_scope {
    HOP_SCOPE_NONE,       /* unspecified, multicast, broadcast, reserved: never dialled */
    HOP_SCOPE_LOOPBACK,   /* 127.0.0.0/8, ::1 */
    HOP_SCOPE_LINK_LOCAL, /* 169.254.0.0/16, fe80::/10: needs an interface, never dialled */
    HOP_SCOPE_PRIVATE,    /* RFC 1918, RFC 6598 (carrier NAT), RFC 4193 (unique local) */
    HOP_SCOPE_PUBLIC
} hop_scope;

bool hop_address_equal(const hop_address *a, const hop_address *b);
/* Same IP address, whatever the ports. */
bool hop_address_same_ip(const hop_address *a, const hop_address *b);
/* Do both lie in one subnet of prefix_bits? False for different families and for no bits at all: 0
 * stands for an unknown subnet, not for the whole world. */
bool hop_address_same_subnet(const hop_address *a, const hop_address *b, unsigned prefix_bits);
hop_scope hop_address_scope(const hop_address *address);
/* An IPv4-mapped IPv6 address (::ffff:192.0.2.1) becomes the IPv4 address that it means. */
hop_address hop_address_unmapped(const hop_address *address);
/* "ip:port" or "[ip6]:port"; default_port (0: a port must be there) is used where none is written;
 * a bare IPv6 address without brackets is accepted when it has no port. False: not an address;
 * ret_ untouched. text need not end with a zero. */
bool hop_address_parse(const char *text, size_t size, uint16_t default_port,
                       hop_address *ret_address);
/* Writes text with a terminating zero, returns its length without it; "none" when there is no
 * family. */
size_t hop_address_print(const hop_address *address, char text[static HOP_ADDRESS_TEXT_SIZE]);

#endif
