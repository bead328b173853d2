/* SPDX-License-Identifier: MIT */
/* The default routes by Linux's /proc/net/route and ipv6_route. Another system needs another file
 * like this. */
#include "drive/gateway.h"

#include <inttypes.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 64

typedef struct default_route {
    uint32_t metric; /* UINT32_MAX: there is none */
    char router[NAME_SIZE];
    char interface[NAME_SIZE];
} default_route;

static uint32_t find_ipv4(const char *interface, default_route *ret_route);
static void find_ipv6(const char *interface, default_route *ret_route);
static bool fits(const char *name, const char *interface);

bool hop_gateway_find(const char *interface, hop_address *ret_router) {
    default_route route;
    uint32_t gateway = find_ipv4(interface, &route);
    if (gateway == 0) return false;
    /* The file has it as the number whose bytes in memory are the address. */
    hop_address router = {.family = HOP_FAMILY_IPV4};
    memcpy(router.ip, &gateway, 4);
    *ret_router = router;
    return true;
}

/* FNV-1a. The metric is not part of it: who renews a route may change that alone. */
uint64_t hop_gateway_mark(uint8_t family, const char *interface) {
    default_route route;
    char text[2 * NAME_SIZE + 2];
    uint64_t mark = 0xcbf29ce484222325u;
    if (family == HOP_FAMILY_IPV6)
        find_ipv6(interface, &route);
    else
        (void)find_ipv4(interface, &route);
    if (route.metric == UINT32_MAX) return 0;
    snprintf(text, sizeof text, "%s %s", route.router, route.interface);
    for (const char *at = text; *at != 0; at++)
        mark = (mark ^ (uint8_t)*at) * 0x100000001b3u;
    return mark;
}

/* Returns the router's address as the file has it; 0: there is none. */
static uint32_t find_ipv4(const char *interface, default_route *ret_route) {
    FILE *file = fopen("/proc/net/route", "re");
    *ret_route = (default_route){.metric = UINT32_MAX};
    if (file == NULL) return 0;
    char line[256], name[NAME_SIZE];
    uint32_t best_gateway = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        uint32_t to, gateway, flags, metric, mask;
        int count =
            sscanf(line, "%63s %" SCNx32 " %" SCNx32 " %" SCNx32 " %*d %*d %" SCNu32 " %" SCNx32,
                   name, &to, &gateway, &flags, &metric, &mask);
        if (count != 6 || to != 0 || mask != 0 || (flags & RTF_UP) == 0) continue;
        if (metric >= ret_route->metric || !fits(name, interface)) continue;
        best_gateway = (flags & RTF_GATEWAY) != 0 ? gateway : 0;
        ret_route->metric = metric;
        memcpy(ret_route->interface, name, sizeof name);
        snprintf(ret_route->router, NAME_SIZE, "%08" PRIx32, best_gateway);
    }
    fclose(file);
    return best_gateway;
}

/* Destination, its length, source, its length, next hop, metric, two counts, flags, interface. The
 * kernel's own "unreachable" at lo has the greatest metric of all. */
static void find_ipv6(const char *interface, default_route *ret_route) {
    FILE *file = fopen("/proc/net/ipv6_route", "re");
    *ret_route = (default_route){.metric = UINT32_MAX};
    if (file == NULL) return;
    char line[256], name[NAME_SIZE], router[NAME_SIZE];
    while (fgets(line, sizeof line, file) != NULL) {
        uint32_t bits, metric, flags;
        int count =
            sscanf(line, "%*s %" SCNx32 " %*s %*x %63s %" SCNx32 " %*x %*x %" SCNx32 " %63s", &bits,
                   router, &metric, &flags, name);
        if (count != 5 || bits != 0 || (flags & RTF_UP) == 0 || strcmp(name, "lo") == 0) continue;
        if (metric >= ret_route->metric || !fits(name, interface)) continue;
        ret_route->metric = metric;
        memcpy(ret_route->interface, name, sizeof name);
        memcpy(ret_route->router, router, sizeof router);
    }
    fclose(file);
}

static bool fits(const char *name, const char *interface) {
    return interface == NULL || strcmp(name, interface) == 0;
}
