/* SPDX-License-Identifier: MIT */
/* Interface addresses by getifaddrs(3), put into order. */
#include "drive/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define FOUND_MAX 64

typedef struct found_host {
    hop_candidate candidate;
    unsigned rank; /* lower is better */
} found_host;

static bool read_interface(const struct ifaddrs *interface, uint16_t port, found_host *ret_host);
static unsigned count_before(const struct ifaddrs *first, const struct ifaddrs *interface);
static unsigned prefix_bits_of(const struct ifaddrs *interface);
static bool is_unusable_ipv6(const struct in6_addr *address);
static void insert(found_host *hosts, unsigned *count, const found_host *host);

unsigned hop_interfaces_list(uint16_t port, bool use_ipv4, bool use_ipv6,
                             hop_candidate hosts[static HOP_INTERFACES_MAX]) {
    found_host found[FOUND_MAX];
    unsigned found_count = 0;
    struct ifaddrs *first = NULL;
    /* Without the list there are still the loopback addresses and what servers observe. */
    if (getifaddrs(&first) != 0) first = NULL;
    for (const struct ifaddrs *it = first; it != NULL && found_count < FOUND_MAX;
         it = it->ifa_next) {
        found_host host;
        if (!read_interface(it, port, &host)) continue;
        if (host.candidate.address.family == HOP_FAMILY_IPV4 ? !use_ipv4 : !use_ipv6) continue;
        host.rank = (hop_interfaces_is_virtual(it->ifa_name) ? 1000 : 0) + count_before(first, it);
        insert(found, &found_count, &host);
    }
    if (first != NULL) freeifaddrs(first);

    unsigned count = 0;
    for (unsigned i = 0; i < found_count && count < HOP_INTERFACES_HOSTS_MAX; i++) {
        hosts[count++] = found[i].candidate;
    }
    if (use_ipv4) {
        hosts[count++] =
            (hop_candidate){HOP_CANDIDATE_HOST, 8, {HOP_FAMILY_IPV4, {127, 0, 0, 1}, port}};
    }
    if (use_ipv6) {
        hosts[count++] =
            (hop_candidate){HOP_CANDIDATE_HOST, 128, {HOP_FAMILY_IPV6, {[15] = 1}, port}};
    }
    return count;
}

/* Containers, virtual machines and VPNs: rarely the way to a peer, so they come last. */
bool hop_interfaces_is_virtual(const char *name) {
    static const char *const prefixes[] = {"docker", "veth", "br-",       "virbr", "tun",
                                           "tap",    "wg",   "tailscale", "zt",    "lxc",
                                           "lxd",    "cni",  "flannel",   "podman"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return true;
    }
    return false;
}

static bool read_interface(const struct ifaddrs *interface, uint16_t port, found_host *ret_host) {
    if (interface->ifa_addr == NULL) return false;
    if (!(interface->ifa_flags & IFF_UP) || !(interface->ifa_flags & IFF_RUNNING)) return false;
    hop_address address = {.port = port};
    if (interface->ifa_addr->sa_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, interface->ifa_addr, sizeof ipv4);
        address.family = HOP_FAMILY_IPV4;
        memcpy(address.ip, &ipv4.sin_addr, 4);
    } else if (interface->ifa_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, interface->ifa_addr, sizeof ipv6);
        if (is_unusable_ipv6(&ipv6.sin6_addr)) return false;
        address.family = HOP_FAMILY_IPV6;
        memcpy(address.ip, &ipv6.sin6_addr, 16);
    } else {
        return false;
    }
    hop_scope scope = hop_address_scope(&address);
    if (scope != HOP_SCOPE_PRIVATE && scope != HOP_SCOPE_PUBLIC) return false;
    ret_host->candidate =
        (hop_candidate){HOP_CANDIDATE_HOST, (uint8_t)prefix_bits_of(interface), address};
    ret_host->rank = 0;
    return true;
}

/* How many addresses of the same interface and family stand before this one. */
static unsigned count_before(const struct ifaddrs *first, const struct ifaddrs *interface) {
    unsigned count = 0;
    for (; first != interface; first = first->ifa_next) {
        if (first->ifa_addr != NULL &&
            first->ifa_addr->sa_family == interface->ifa_addr->sa_family &&
            strcmp(first->ifa_name, interface->ifa_name) == 0) {
            count++;
        }
    }
    return count;
}

static unsigned prefix_bits_of(const struct ifaddrs *interface) {
    uint8_t mask[16] = {0};
    size_t size = 0;
    if (interface->ifa_netmask == NULL) return 0;
    if (interface->ifa_addr->sa_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, interface->ifa_netmask, sizeof ipv4);
        memcpy(mask, &ipv4.sin_addr, size = 4);
    } else {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, interface->ifa_netmask, sizeof ipv6);
        memcpy(mask, &ipv6.sin6_addr, size = 16);
    }
    unsigned bits = 0;
    while (bits < size * 8 && (mask[bits / 8] & (0x80u >> bits % 8)) != 0)
        bits++;
    return bits;
}

/* Deprecated, tentative or duplicate addresses (RFC 4862): the kernel says so in a file. */
static bool is_unusable_ipv6(const struct in6_addr *address) {
    enum { DADFAILED = 0x08, DEPRECATED = 0x20, TENTATIVE = 0x40 };
    FILE *file = fopen("/proc/net/if_inet6", "re");
    if (file == NULL) return false;
    char wanted[33];
    for (int i = 0; i < 16; i++)
        snprintf(wanted + 2 * i, 3, "%02x", address->s6_addr[i]);
    char line[128], text[33];
    unsigned flags = 0;
    bool unusable = false;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%32s %*x %*x %*x %x", text, &flags) != 2) continue;
        if (strcmp(text, wanted) != 0) continue;
        unusable = (flags & (DADFAILED | DEPRECATED | TENTATIVE)) != 0;
        break;
    }
    fclose(file);
    return unusable;
}

/* Keeps the order of rank, and of arrival among equals. */
static void insert(found_host *hosts, unsigned *count, const found_host *host) {
    unsigned at = *count;
    for (; at > 0 && hosts[at - 1].rank > host->rank; at--)
        hosts[at] = hosts[at - 1];
    hosts[at] = *host;
    (*count)++;
}
