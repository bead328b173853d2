/* SPDX-License-Identifier: MIT */
/* Interface addresses by getifaddrs(3), put into order. */
#include "drive/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define VIRTUAL_RANK 1000u

typedef struct found_host {
    hop_candidate candidate;
    const char *name;
    unsigned rank; /* lower is better */
} found_host;

/* The best ones, in order; one more place for who is shifted out. */
typedef struct found_hosts {
    found_host list[HOP_INTERFACES_HOSTS_MAX + 1];
    unsigned count;
} found_hosts;

static size_t name_size(const char *name);
static bool is_same(const char *name, const char *other);
static bool read_host(const struct ifaddrs *interface, uint16_t port, hop_candidate *ret_host);
static unsigned count_before(const struct ifaddrs *first, const struct ifaddrs *interface);
static unsigned prefix_bits_of(const struct ifaddrs *interface);
static bool is_unusable_ipv6(const struct in6_addr *address);
static void insert(found_hosts *found, const found_host *host);
static void put(hop_interfaces *found, const hop_candidate *host, const char *name);

_Static_assert(HOP_INTERFACE_NAME_SIZE == IF_NAMESIZE, "names have another size here");

void hop_interfaces_list(const hop_interfaces_wish *wish, hop_interfaces *ret_found) {
    struct ifaddrs *first = NULL;
    /* Without the list there are still the loopback addresses and what servers observe. */
    if (getifaddrs(&first) != 0) first = NULL;
    hop_interfaces_sort(first, wish, ret_found);
    if (first != NULL) freeifaddrs(first);
}

void hop_interfaces_sort(const struct ifaddrs *first, const hop_interfaces_wish *wish,
                         hop_interfaces *ret_found) {
    found_hosts best = {.count = 0};
    for (const struct ifaddrs *it = first; it != NULL; it = it->ifa_next) {
        found_host host = {.name = it->ifa_name};
        if (wish->only != NULL && !is_same(it->ifa_name, wish->only)) continue;
        if (!read_host(it, wish->port, &host.candidate)) continue;
        bool ipv4 = host.candidate.address.family == HOP_FAMILY_IPV4;
        if (ipv4 ? !wish->use_ipv4 : !wish->use_ipv6) continue;
        host.rank = count_before(first, it);
        if (hop_interfaces_is_virtual(it->ifa_name, it->ifa_flags)) host.rank += VIRTUAL_RANK;
        insert(&best, &host);
    }
    memset(ret_found, 0, sizeof *ret_found);
    for (unsigned i = 0; i < best.count; i++)
        put(ret_found, &best.list[i].candidate, best.list[i].name);
    if (wish->only != NULL && strcmp(wish->only, HOP_INTERFACES_LOOPBACK) != 0) return;
    hop_candidate ipv4 = {HOP_CANDIDATE_HOST, 8, {HOP_FAMILY_IPV4, {127, 0, 0, 1}, wish->port}};
    hop_candidate ipv6 = {HOP_CANDIDATE_HOST, 128, {HOP_FAMILY_IPV6, {[15] = 1}, wish->port}};
    if (wish->use_ipv4) put(ret_found, &ipv4, HOP_INTERFACES_LOOPBACK);
    if (wish->use_ipv6) put(ret_found, &ipv6, HOP_INTERFACES_LOOPBACK);
}

const char *hop_interfaces_name_of(const hop_interfaces *found, const hop_address *address) {
    for (unsigned i = 0; i < found->count; i++)
        if (hop_address_same_ip(&found->hosts[i].address, address)) return found->names[i];
    return NULL;
}

/* Rarely the way to a peer, so they come last. A modem's link is point-to-point as well: it is
 * mostly alone, and a public address of it goes before private ones anyway. */
bool hop_interfaces_is_virtual(const char *name, unsigned flags) {
    static const char *const prefixes[] = {"docker", "veth", "br-",       "virbr", "tun",
                                           "tap",    "wg",   "tailscale", "zt",    "lxc",
                                           "lxd",    "cni",  "flannel",   "podman"};
    if ((flags & IFF_POINTOPOINT) != 0) return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0) return true;
    }
    return false;
}

/* "eth0:1" is the label of an address of eth0. */
static size_t name_size(const char *name) {
    return strcspn(name, ":");
}

static bool is_same(const char *name, const char *other) {
    size_t size = name_size(name);
    return size == name_size(other) && memcmp(name, other, size) == 0;
}

static bool read_host(const struct ifaddrs *interface, uint16_t port, hop_candidate *ret_host) {
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
    *ret_host = (hop_candidate){HOP_CANDIDATE_HOST, (uint8_t)prefix_bits_of(interface), address};
    return true;
}

/* How many usable addresses of the same interface and family stand before this one. */
static unsigned count_before(const struct ifaddrs *first, const struct ifaddrs *interface) {
    unsigned count = 0;
    for (; first != interface; first = first->ifa_next) {
        hop_candidate ignored;
        count += first->ifa_addr != NULL &&
                 first->ifa_addr->sa_family == interface->ifa_addr->sa_family &&
                 is_same(first->ifa_name, interface->ifa_name) && read_host(first, 0, &ignored);
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

/* Keeps the order of rank, and of arrival among equals; the last one of too many is dropped. */
static void insert(found_hosts *found, const found_host *host) {
    unsigned at = found->count;
    for (; at > 0 && found->list[at - 1].rank > host->rank; at--)
        found->list[at] = found->list[at - 1];
    found->list[at] = *host;
    if (found->count < HOP_INTERFACES_HOSTS_MAX) found->count++;
}

static void put(hop_interfaces *found, const hop_candidate *host, const char *name) {
    found->hosts[found->count] = *host;
    snprintf(found->names[found->count], HOP_INTERFACE_NAME_SIZE, "%.*s", (int)name_size(name),
             name);
    found->count++;
}
