/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink(7) for the network, and for sleep a timer that is never meant to fire: the kernel
 * cancels it when the clock is set, which waking up does. Messages only say that something has
 * happened, and whether something of ours went away meanwhile; what is the case now is asked for
 * when they have ceased.
 */
#include "drive/netwatch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "drive/clock.h"
#include "drive/gateway.h"

#define QUIET_US     (250 * HOP_MS)  /* no message for so long: it is over */
#define QUIET_MAX_US (2 * HOP_S)     /* ... or never ceases */
#define SLEPT_MIN_US (2 * HOP_S)     /* less than that is no sleep that anybody would notice */
#define FAR_S        (4000000000ULL) /* in a hundred years */
#define MESSAGE_SIZE 8192
#define BATCH        64 /* messages taken in one call */

enum { NUMBER_ROUTES, NUMBER_CLOCK };

static int open_routes(void);
static int open_clock(void);
static bool wind_up(int fd);
static bool take_messages(hop_netwatch *watch);
static void read_message(hop_netwatch *watch, const uint8_t *bytes, size_t size);
static void judge(hop_netwatch *watch, int type, const uint8_t *payload, size_t size);
static bool matters(const hop_netwatch *watch, const char *name, unsigned flags);
static bool is_host(const hop_netwatch *watch, uint8_t family, const uint8_t *payload, size_t size);
static bool find_attribute(const uint8_t *bytes, size_t size, unsigned short wanted, void *value,
                           size_t value_size);
static void touch(hop_netwatch *watch, int64_t now_us);
static void look(hop_netwatch *watch);
static void mark_routes(const hop_netwatch *watch, uint64_t ret_marks[static 2]);
static bool same_hosts(const hop_interfaces *before, const hop_interfaces *now, uint8_t family);

void hop_netwatch_init(hop_netwatch *watch, const hop_interfaces_wish *wish) {
    memset(watch, 0, sizeof *watch);
    watch->wish = *wish;
    hop_interfaces_list(wish, &watch->known);
}

void hop_netwatch_start(hop_netwatch *watch, hop_poller *poller) {
    watch->poller = poller;
    watch->first_us = watch->last_us = INT64_MAX;
    watch->asleep_us = hop_clock_asleep_us();
    watch->fds[NUMBER_ROUTES] = open_routes();
    watch->fds[NUMBER_CLOCK] = open_clock();
    for (int i = 0; i < 2; i++) {
        uint32_t tag = hop_tag(HOP_TAG_NETWATCH, (uint32_t)i);
        if (watch->fds[i] < 0 || hop_poller_add(poller, watch->fds[i], HOP_POLLER_READ, tag))
            continue;
        close(watch->fds[i]);
        watch->fds[i] = -1;
    }
    /* After the socket was opened: what changes from here on is told. */
    mark_routes(watch, watch->routes);
}

void hop_netwatch_stop(hop_netwatch *watch) {
    if (watch->poller == NULL) return;
    for (int i = 0; i < 2; i++) {
        if (watch->fds[i] < 0) continue;
        hop_poller_remove(watch->poller, watch->fds[i]);
        close(watch->fds[i]);
    }
    watch->poller = NULL;
}

void hop_netwatch_ready(hop_netwatch *watch, uint32_t number, int64_t now_us) {
    if (watch->poller == NULL) return;
    if (number == NUMBER_ROUTES && take_messages(watch)) touch(watch, now_us);
    uint64_t count;
    if (number != NUMBER_CLOCK || watch->fds[NUMBER_CLOCK] < 0) return;
    /* Woken up or set by somebody: the tick that follows looks which. */
    (void)!read(watch->fds[NUMBER_CLOCK], &count, sizeof count);
    if (wind_up(watch->fds[NUMBER_CLOCK])) return;
    hop_poller_remove(watch->poller, watch->fds[NUMBER_CLOCK]);
    close(watch->fds[NUMBER_CLOCK]);
    watch->fds[NUMBER_CLOCK] = -1;
}

/* The network often changes right after sleep: it is waited for, too. */
void hop_netwatch_tick(hop_netwatch *watch, int64_t now_us, int64_t asleep_us) {
    if (watch->poller == NULL) return;
    if (asleep_us - watch->asleep_us >= SLEPT_MIN_US) {
        watch->slept_us += asleep_us - watch->asleep_us;
        watch->asleep_us = asleep_us;
        touch(watch, now_us);
    }
    if (hop_netwatch_deadline(watch) > now_us) return;
    watch->first_us = watch->last_us = INT64_MAX;
    look(watch);
}

int64_t hop_netwatch_deadline(const hop_netwatch *watch) {
    if (watch->poller == NULL || watch->first_us == INT64_MAX) return INT64_MAX;
    int64_t quiet_us = watch->last_us + QUIET_US;
    int64_t end_us = watch->first_us + QUIET_MAX_US;
    return quiet_us < end_us ? quiet_us : end_us;
}

bool hop_netwatch_next(hop_netwatch *watch, hop_input *ret_input) {
    if (!watch->has_news) return false;
    watch->has_news = false;
    *ret_input = watch->news;
    return true;
}

/* --- what the kernel tells --- */

static int open_routes(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    struct sockaddr_nl groups = {.nl_family = AF_NETLINK};
    groups.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                       RTMGRP_IPV6_ROUTE;
    if (fd < 0 || bind(fd, (const struct sockaddr *)&groups, sizeof groups) == 0) return fd;
    close(fd);
    return -1;
}

static int open_clock(void) {
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0 || wind_up(fd)) return fd;
    close(fd);
    return -1;
}

/* timerfd_create(2): a read then fails with ECANCELED. */
static bool wind_up(int fd) {
    struct itimerspec never = {.it_value.tv_sec = (time_t)FAR_S};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) == 0;
}

/* False: there were none. The rest of a flood is there in the next call. */
static bool take_messages(hop_netwatch *watch) {
    uint8_t bytes[MESSAGE_SIZE];
    bool any = false;
    for (int i = 0; i < BATCH && watch->fds[NUMBER_ROUTES] >= 0; i++) {
        ssize_t size = recv(watch->fds[NUMBER_ROUTES], bytes, sizeof bytes, MSG_DONTWAIT);
        /* ENOBUFS: there were more than the socket has room for. Something did happen. */
        if (size < 0 && errno != ENOBUFS) return any;
        if (size >= 0) read_message(watch, bytes, (size_t)size);
        any = true;
    }
    return any;
}

static void read_message(hop_netwatch *watch, const uint8_t *bytes, size_t size) {
    struct nlmsghdr header;
    while (size >= sizeof header) {
        memcpy(&header, bytes, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > size) return;
        judge(watch, header.nlmsg_type, bytes + sizeof header, header.nlmsg_len - sizeof header);
        size_t step = NLMSG_ALIGN(header.nlmsg_len);
        if (step > size) return;
        bytes += step;
        size -= step;
    }
}

/* Down and up again, or an address taken and given back, leaves all as it was, and yet a NAT may
 * have been replaced meanwhile. Interfaces of containers come and go all the time. */
static void judge(hop_netwatch *watch, int type, const uint8_t *payload, size_t size) {
    if (type == RTM_NEWLINK || type == RTM_DELLINK) {
        struct ifinfomsg link;
        char name[IF_NAMESIZE] = "";
        if (size < sizeof link) return;
        memcpy(&link, payload, sizeof link);
        bool works = type == RTM_NEWLINK && (link.ifi_flags & IFF_RUNNING) != 0;
        size_t head = NLMSG_ALIGN(sizeof link);
        if (works || (link.ifi_flags & IFF_LOOPBACK) != 0 || size < head) return;
        if (!find_attribute(payload + head, size - head, IFLA_IFNAME, name, sizeof name - 1))
            return;
        if (matters(watch, name, link.ifi_flags)) watch->interrupted = true;
    } else if (type == RTM_DELADDR) {
        struct ifaddrmsg address;
        size_t head = NLMSG_ALIGN(sizeof address);
        if (size < head) return;
        memcpy(&address, payload, sizeof address);
        if (is_host(watch, address.ifa_family, payload + head, size - head))
            watch->interrupted = true;
    }
}

static bool matters(const hop_netwatch *watch, const char *name, unsigned flags) {
    if (watch->wish.only != NULL) return strcmp(name, watch->wish.only) == 0;
    return !hop_interfaces_is_virtual(name, flags);
}

static bool is_host(const hop_netwatch *watch, uint8_t family, const uint8_t *payload,
                    size_t size) {
    hop_address address = {.family = family == AF_INET6 ? HOP_FAMILY_IPV6 : HOP_FAMILY_IPV4};
    size_t ip_size = family == AF_INET6 ? 16 : 4;
    if (!find_attribute(payload, size, IFA_ADDRESS, address.ip, ip_size)) return false;
    return hop_interfaces_name_of(&watch->known, &address) != NULL;
}

/* rtnetlink(7): length, type, value, padded. */
static bool find_attribute(const uint8_t *bytes, size_t size, unsigned short wanted, void *value,
                           size_t value_size) {
    struct rtattr attribute;
    while (size >= sizeof attribute) {
        memcpy(&attribute, bytes, sizeof attribute);
        if (attribute.rta_len < sizeof attribute || attribute.rta_len > size) return false;
        if (attribute.rta_type == wanted) {
            size_t there = attribute.rta_len - sizeof attribute;
            memcpy(value, bytes + sizeof attribute, there < value_size ? there : value_size);
            return true;
        }
        size_t step = RTA_ALIGN((size_t)attribute.rta_len);
        if (step > size) return false;
        bytes += step;
        size -= step;
    }
    return false;
}

/* --- what is the case --- */

static void touch(hop_netwatch *watch, int64_t now_us) {
    if (watch->first_us == INT64_MAX) watch->first_us = now_us;
    watch->last_us = now_us;
}

static void look(hop_netwatch *watch) {
    hop_interfaces now;
    uint64_t routes[2];
    hop_interfaces_list(&watch->wish, &now);
    mark_routes(watch, routes);
    bool ipv4_changed = !same_hosts(&watch->known, &now, HOP_FAMILY_IPV4);
    bool ipv6_changed = !same_hosts(&watch->known, &now, HOP_FAMILY_IPV6);
    unsigned changes = watch->interrupted ? HOP_NETWORK_INTERRUPTED : 0u;
    if (routes[0] != watch->routes[0]) changes |= HOP_NETWORK_ROUTE_IPV4;
    if (routes[1] != watch->routes[1]) changes |= HOP_NETWORK_ROUTE_IPV6;
    bool mapping_over = ipv4_changed || watch->slept_us > 0;
    if (mapping_over || (changes & HOP_NETWORK_ROUTE_IPV4)) changes |= HOP_NETWORK_ROUTER;
    watch->has_news = changes != 0 || ipv6_changed;
    watch->known = now;
    memcpy(watch->routes, routes, sizeof routes);
    watch->news = (hop_input){.kind = HOP_IN_NETWORK, .link = -1, .hosts = watch->known.hosts};
    watch->news.host_count = watch->known.count;
    watch->news.changes = changes;
    watch->news.slept_us = watch->slept_us;
    watch->slept_us = 0;
    watch->interrupted = false;
}

static void mark_routes(const hop_netwatch *watch, uint64_t ret_marks[static 2]) {
    ret_marks[0] = hop_gateway_mark(HOP_FAMILY_IPV4, watch->wish.only);
    ret_marks[1] = hop_gateway_mark(HOP_FAMILY_IPV6, watch->wish.only);
}

/* In whatever order. */
static bool same_hosts(const hop_interfaces *before, const hop_interfaces *now, uint8_t family) {
    unsigned before_count = 0, now_count = 0, same = 0;
    for (unsigned i = 0; i < before->count; i++)
        before_count += before->hosts[i].address.family == family;
    for (unsigned i = 0; i < now->count; i++) {
        const hop_candidate *host = &now->hosts[i];
        if (host->address.family != family) continue;
        now_count++;
        for (unsigned j = 0; j < before->count; j++)
            same += hop_address_equal(&host->address, &before->hosts[j].address) &&
                    host->prefix_bits == before->hosts[j].prefix_bits;
    }
    return before_count == now_count && now_count == same;
}
