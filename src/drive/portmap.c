/* SPDX-License-Identifier: MIT */
/*
 * Three UDP sockets and core/mapping.c. The one that speaks PCP and NAT-PMP is connected: the
 * kernel drops what does not come from the router. The two that hear multicast answers compare the
 * sender themselves.
 */
#include "drive/portmap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mapping.h"
#include "drive/clock.h"
#include "drive/gateway.h"
#include "drive/socket.h"
#include "drive/upnp.h"

#define ANNOUNCE_PORT  5350       /* RFC 6887 section 19.1, RFC 6886 section 3.2.1 */
#define ANNOUNCE_GROUP 0xE0000001 /* 224.0.0.1 */
#define SEARCH_GROUP   0xEFFFFFFA /* 239.255.255.250 */
#define SEARCH_TTL     2          /* UPnP Device Architecture 1.1 section 1.3.2 */
#define BATCH          16         /* datagrams taken in one call: a flood must not hold us */
#define NEWS_MAX       4

enum { NUMBER_ROUTER, NUMBER_SEARCH, NUMBER_ANNOUNCE, NUMBER_UPNP };

struct hop_portmap {
    hop_poller *poller;
    const char *interface; /* the owner's */
    hop_mapping mapping;
    hop_address router;
    hop_address client;
    int fds[3]; /* by number; -1: not open */
    hop_upnp *upnp;
    hop_input news[NEWS_MAX];
    unsigned news_count;
};

static bool open_router(hop_portmap *portmap, uint16_t port);
static void open_announce(hop_portmap *portmap);
static bool open_search(hop_portmap *portmap);
static void watch(hop_portmap *portmap, int number);
static void take_datagrams(hop_portmap *portmap, int number);
static void take_upnp(hop_portmap *portmap);
static void step(hop_portmap *portmap, const hop_mapping_input *input);
static void carry_out(hop_portmap *portmap, const hop_mapping_output *output);
static void search(hop_portmap *portmap);
static bool map_by_upnp(hop_portmap *portmap, const hop_mapping_output *output);
static void put_news(hop_portmap *portmap, hop_input_kind kind, const hop_mapping_output *output);

hop_portmap *hop_portmap_new(hop_poller *poller, const hop_crypto *crypto, uint16_t port,
                             const char *interface) {
    hop_portmap *portmap = calloc(1, sizeof *portmap);
    if (portmap == NULL) return NULL;
    portmap->poller = poller;
    portmap->interface = interface;
    for (int i = 0; i < 3; i++)
        portmap->fds[i] = -1;
    hop_mapping_config config = {.use_upnp = true};
    if (!hop_gateway_find(interface, &portmap->router) || !open_router(portmap, port) ||
        !crypto->random(crypto->context, config.nonce, sizeof config.nonce)) {
        return hop_portmap_free(portmap);
    }
    open_announce(portmap);
    config.client = portmap->client;
    config.router = portmap->router;
#ifndef HOP_WITH_UPNP
    config.use_upnp = false;
#endif
    hop_mapping_init(&portmap->mapping, &config);
    step(portmap, &(hop_mapping_input){.kind = HOP_MAPPING_IN_START});
    return portmap;
}

hop_portmap *hop_portmap_free(hop_portmap *portmap) {
    if (portmap == NULL) return NULL;
    step(portmap, &(hop_mapping_input){.kind = HOP_MAPPING_IN_STOP});
    for (int i = 0; i < 3; i++) {
        if (portmap->fds[i] < 0) continue;
        hop_poller_remove(portmap->poller, portmap->fds[i]);
        close(portmap->fds[i]);
    }
    if (portmap->upnp != NULL) hop_poller_remove(portmap->poller, hop_upnp_fd(portmap->upnp));
    hop_upnp_free(portmap->upnp);
    free(portmap);
    return NULL;
}

hop_portmap *hop_portmap_leave(hop_portmap *portmap) {
    if (portmap != NULL && portmap->upnp != NULL) hop_upnp_leave(portmap->upnp);
    return hop_portmap_free(portmap);
}

void hop_portmap_ready(hop_portmap *portmap, uint32_t number) {
    if (portmap == NULL) return;
    if (number == NUMBER_UPNP)
        take_upnp(portmap);
    else if (number < NUMBER_UPNP)
        take_datagrams(portmap, (int)number);
}

void hop_portmap_tick(hop_portmap *portmap) {
    if (portmap != NULL) step(portmap, &(hop_mapping_input){.kind = HOP_MAPPING_IN_TIMER});
}

int64_t hop_portmap_deadline(const hop_portmap *portmap) {
    return portmap != NULL ? hop_mapping_deadline(&portmap->mapping) : INT64_MAX;
}

bool hop_portmap_next(hop_portmap *portmap, hop_input *ret_input) {
    if (portmap == NULL || portmap->news_count == 0) return false;
    *ret_input = portmap->news[0];
    portmap->news_count--;
    memmove(portmap->news, portmap->news + 1, portmap->news_count * sizeof portmap->news[0]);
    return true;
}

static struct sockaddr_in ipv4_of(const hop_address *address, uint16_t port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&to.sin_addr, address->ip, 4);
    return to;
}

static int open_udp(const hop_portmap *portmap) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || hop_socket_keep_to(fd, portmap->interface)) return fd;
    close(fd);
    return -1;
}

/* Our address is the one that the system sends from to the router: of the interface that it is at.
 * A public one needs no mapping. */
static bool open_router(hop_portmap *portmap, uint16_t port) {
    int fd = portmap->fds[NUMBER_ROUTER] = open_udp(portmap);
    struct sockaddr_in to = ipv4_of(&portmap->router, HOP_PCP_PORT);
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) return false;
    if (getsockname(fd, (struct sockaddr *)&from, &size) != 0) return false;
    portmap->client = (hop_address){.family = HOP_FAMILY_IPV4, .port = port};
    memcpy(portmap->client.ip, &from.sin_addr, 4);
    if (hop_address_scope(&portmap->client) != HOP_SCOPE_PRIVATE) return false;
    watch(portmap, NUMBER_ROUTER);
    return true;
}

/* Somebody else on this machine may listen there, too; without it a restart of the router is
 * noticed at the next renewal. */
static void open_announce(hop_portmap *portmap) {
    int fd = open_udp(portmap);
    int one = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(ANNOUNCE_PORT)};
    struct ip_mreq group = {.imr_multiaddr.s_addr = htonl(ANNOUNCE_GROUP)};
    at.sin_addr.s_addr = htonl(ANNOUNCE_GROUP);
    memcpy(&group.imr_interface, portmap->client.ip, 4);
    if (fd < 0) return;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) != 0) {
        close(fd);
        return;
    }
    portmap->fds[NUMBER_ANNOUNCE] = fd;
    watch(portmap, NUMBER_ANNOUNCE);
}

/* By the interface that the router is at, whatever the multicast route says. */
static bool open_search(hop_portmap *portmap) {
    if (portmap->fds[NUMBER_SEARCH] >= 0) return true;
    int fd = open_udp(portmap);
    unsigned char ttl = SEARCH_TTL;
    struct sockaddr_in from = ipv4_of(&portmap->client, 0);
    if (fd < 0) return false;
    if (bind(fd, (const struct sockaddr *)&from, sizeof from) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &from.sin_addr, sizeof from.sin_addr) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) != 0) {
        close(fd);
        return false;
    }
    portmap->fds[NUMBER_SEARCH] = fd;
    watch(portmap, NUMBER_SEARCH);
    return true;
}

/* A socket that cannot be watched is one that nothing comes from: the mapping does without. */
static void watch(hop_portmap *portmap, int number) {
    (void)hop_poller_add(portmap->poller, portmap->fds[number], HOP_POLLER_READ,
                         hop_tag(HOP_TAG_PORTMAP, (uint32_t)number));
}

static void take_datagrams(hop_portmap *portmap, int number) {
    static const hop_mapping_input_kind kinds[] = {[NUMBER_ROUTER] = HOP_MAPPING_IN_RECEIVED,
                                                   [NUMBER_SEARCH] = HOP_MAPPING_IN_FOUND,
                                                   [NUMBER_ANNOUNCE] = HOP_MAPPING_IN_ANNOUNCED};
    uint8_t bytes[HOP_PCP_SIZE_MAX + 4]; /* a longer one is cut, and still too long for PCP */
    for (int i = 0; i < BATCH && portmap->fds[number] >= 0; i++) {
        struct sockaddr_in from = {0};
        socklen_t from_size = sizeof from;
        ssize_t size = recvfrom(portmap->fds[number], bytes, sizeof bytes, 0,
                                (struct sockaddr *)&from, &from_size);
        /* The error of an earlier datagram of ours, "nobody there", is silence like any other. */
        if (size < 0) return;
        if (memcmp(&from.sin_addr, portmap->router.ip, 4) != 0) continue;
        hop_mapping_input input = {.kind = kinds[number], .bytes = bytes, .size = (size_t)size};
        step(portmap, &input);
    }
}

static void take_upnp(hop_portmap *portmap) {
    hop_upnp_result result;
    if (portmap->upnp == NULL || !hop_upnp_done(portmap->upnp, &result)) return;
    hop_mapping_input input = {.kind = HOP_MAPPING_IN_UPNP,
                               .trouble = result.trouble,
                               .external = result.external,
                               .lifetime_s = HOP_MAP_LIFETIME_S,
                               .code = result.code};
    step(portmap, &input);
}

static void step(hop_portmap *portmap, const hop_mapping_input *input) {
    hop_mapping_output output;
    bool upnp_failed = false;
    hop_mapping_step(&portmap->mapping, hop_clock_now_us(), input);
    while (hop_mapping_next(&portmap->mapping, &output)) {
        if (output.kind == HOP_MAPPING_OUT_UPNP_MAP)
            upnp_failed = !map_by_upnp(portmap, &output);
        else
            carry_out(portmap, &output);
    }
    /* One level: what answers this answer is no UPNP_MAP. */
    if (upnp_failed)
        step(portmap,
             &(hop_mapping_input){.kind = HOP_MAPPING_IN_UPNP, .trouble = HOP_MAP_TROUBLE_SILENT});
}

static void carry_out(hop_portmap *portmap, const hop_mapping_output *output) {
    switch (output->kind) {
    case HOP_MAPPING_OUT_SEND: {
        /* What is lost is sent again. The first call may only fetch the error of one before. */
        int fd = portmap->fds[NUMBER_ROUTER];
        if (send(fd, output->bytes, output->size, 0) < 0)
            (void)!send(fd, output->bytes, output->size, 0);
        break;
    }
    case HOP_MAPPING_OUT_SEARCH: search(portmap); break;
    case HOP_MAPPING_OUT_UPNP_MAP: break; /* step() does it */
    case HOP_MAPPING_OUT_UPNP_UNMAP:
        if (portmap->upnp != NULL) hop_upnp_unmap(portmap->upnp);
        break;
    case HOP_MAPPING_OUT_MAPPED: put_news(portmap, HOP_IN_MAPPED, output); break;
    case HOP_MAPPING_OUT_UNMAPPED: put_news(portmap, HOP_IN_UNMAPPED, output); break;
    }
}

static void search(hop_portmap *portmap) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(HOP_SSDP_PORT)};
    size_t size;
    const uint8_t *text = hop_ssdp_search(&size);
    to.sin_addr.s_addr = htonl(SEARCH_GROUP);
    if (!open_search(portmap)) return;
    (void)!sendto(portmap->fds[NUMBER_SEARCH], text, size, 0, (const struct sockaddr *)&to,
                  sizeof to);
}

static bool map_by_upnp(hop_portmap *portmap, const hop_mapping_output *output) {
    if (portmap->upnp == NULL) {
        portmap->upnp = hop_upnp_new();
        if (portmap->upnp == NULL) return false;
        (void)hop_poller_add(portmap->poller, hop_upnp_fd(portmap->upnp), HOP_POLLER_READ,
                             hop_tag(HOP_TAG_PORTMAP, NUMBER_UPNP));
    }
    hop_upnp_wish wish = {.router = portmap->router,
                          .client = portmap->client,
                          .external_port = output->external.port,
                          .lifetime_s = output->lifetime_s};
    memcpy(wish.location, output->location, sizeof wish.location);
    return hop_upnp_map(portmap->upnp, &wish);
}

/* What is not fetched in time is old news: the last counts. */
static void put_news(hop_portmap *portmap, hop_input_kind kind, const hop_mapping_output *output) {
    if (portmap->news_count == NEWS_MAX) portmap->news_count--;
    hop_input *news = &portmap->news[portmap->news_count++];
    *news = (hop_input){.kind = kind, .remote = output->external};
    news->protocol = output->protocol;
    news->trouble = output->trouble;
    news->lifetime_s = output->lifetime_s;
    news->code = output->code;
}
