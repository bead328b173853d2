/* SPDX-License-Identifier: MIT */
/* The sockets of a check; see check_net.h. */
#include "cli/check_net.h"

#include <errno.h>
#include <time.h> /* errqueue.h uses struct timespec and does not say so */

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drive/clock.h"
#include "drive/reason.h"
#include "drive/socket.h"
#include "wire/stun.h"

static void take(struct check_net *net, struct check_link *link);
static void take_dial(struct check_net *net, struct check_link *link);
static void take_bytes(struct check_net *net, struct check_link *link);
static void take_messages(struct check_net *net, struct check_link *link);
static void take_callers(struct check_net *net, struct check_link *link);
static void read_router(struct check_link *link);
static void fail(struct check_link *link, hop_reason reason);

bool check_net_open(struct check_net *net) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before;
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        bool hushed = numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
                      before.sa_handler == SIG_IGN;
        if (!hushed) sigaddset(&set, numbers[i]);
    }
    net->signal_fd = net->poller.fd = -1;
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return false;
    net->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return net->signal_fd >= 0 && hop_poller_open(&net->poller);
}

void check_net_close(struct check_net *net) {
    for (unsigned i = 0; i < net->count; i++)
        if (net->links[i].fd >= 0) hop_socket_abort(net->links[i].fd);
    if (net->poller.fd >= 0) hop_poller_close(&net->poller);
    if (net->signal_fd >= 0) close(net->signal_fd);
}

bool check_net_keep_to(struct check_net *net, const char *interface) {
    return interface == NULL || hop_socket_find_interface(interface, net->interface);
}

const char *check_net_interface(const struct check_net *net) {
    return net->interface[0] != '\0' ? net->interface : NULL;
}

static struct check_link *new_link(struct check_net *net) {
    if (net->count == CHECK_LINKS_MAX) return NULL;
    struct check_link *link = &net->links[net->count++];
    *link = (struct check_link){.fd = -1, .dialled_us = hop_clock_now_us()};
    return link;
}

struct check_link *check_net_dial(struct check_net *net, const hop_address *remote,
                                  uint16_t local_port, int ttl) {
    struct check_link *link = new_link(net);
    hop_reason reason = HOP_REASON_NONE;
    int on = 1, off = 0;
    if (link == NULL) return NULL;
    link->remote = *remote;
    link->state = CHECK_DIALLING;
    hop_socket_wish wish = {local_port, check_net_interface(net), ttl, false};
    link->fd = hop_socket_dial(remote, &wish, &reason);
    if (link->fd < 0) {
        fail(link, reason);
        return link;
    }
    link->local_port = hop_socket_local(link->fd).port;
    /* A mapping shall live by what the check sends alone. */
    setsockopt(link->fd, SOL_SOCKET, SO_KEEPALIVE, &off, sizeof off);
    if (remote->family == HOP_FAMILY_IPV4)
        setsockopt(link->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    return link;
}

struct check_link *check_net_listen(struct check_net *net, uint8_t family) {
    struct check_link *link = new_link(net);
    if (link == NULL) return NULL;
    link->state = CHECK_LISTENING;
    link->fd = hop_socket_open(family, check_net_interface(net));
    if (link->fd >= 0 && hop_socket_bind(link->fd, family, 0) && listen(link->fd, 16) == 0)
        link->local_port = hop_socket_local(link->fd).port;
    if (link->local_port != 0) return link;
    fail(link, hop_reason_at_once(errno));
    return NULL;
}

void check_net_send(struct check_link *link, const uint8_t *bytes, size_t size) {
    /* A few bytes on a fresh connection: the kernel takes them, or the connection is gone. */
    if (link->fd >= 0) (void)!send(link->fd, bytes, size, MSG_NOSIGNAL);
}

void check_net_end(struct check_link *link) {
    if (link->state == CHECK_ENDED || link->state == CHECK_FREE) return;
    fail(link, HOP_REASON_ABANDONED);
}

bool check_net_wait(struct check_net *net, int64_t until_us) {
    struct pollfd watched[CHECK_LINKS_MAX + 2];
    struct check_link *links[CHECK_LINKS_MAX];
    nfds_t count = 0;
    for (unsigned i = 0; i < net->count; i++) {
        struct check_link *link = &net->links[i];
        if (link->fd < 0) continue;
        links[count] = link;
        watched[count++] = (struct pollfd){
            .fd = link->fd, .events = link->state == CHECK_DIALLING ? POLLOUT : POLLIN};
    }
    watched[count] = (struct pollfd){.fd = net->poller.fd, .events = POLLIN};
    watched[count + 1] = (struct pollfd){.fd = net->signal_fd, .events = POLLIN};
    int64_t wait_us = until_us - hop_clock_now_us();
    int wait_ms = wait_us <= 0 ? 0 : (int)((wait_us + HOP_MS - 1) / HOP_MS);
    if (poll(watched, count + 2, wait_ms) < 0) return errno == EINTR;
    if (watched[count + 1].revents != 0) net->interrupted = true;
    if (net->interrupted) return false;
    if (watched[count].revents != 0) net->on_poller(net->owner);
    /* What is told may end other links, or begin new ones: those are not in this round. */
    for (nfds_t i = 0; i < count; i++)
        if (watched[i].revents != 0 && links[i]->fd == watched[i].fd) take(net, links[i]);
    return true;
}

static void take(struct check_net *net, struct check_link *link) {
    if (link->state == CHECK_LISTENING)
        take_callers(net, link);
    else if (link->state == CHECK_DIALLING)
        take_dial(net, link);
    else
        take_bytes(net, link);
}

static void take_dial(struct check_net *net, struct check_link *link) {
    hop_reason reason = hop_socket_dial_error(link->fd);
    if (reason == HOP_REASON_NONE) {
        link->state = CHECK_OPEN;
        link->opened_us = hop_clock_now_us();
    } else {
        read_router(link);
        fail(link, reason);
    }
    net->on_change(net->owner, link);
}

static void take_bytes(struct check_net *net, struct check_link *link) {
    ssize_t size = recv(link->fd, link->in + link->in_size, sizeof link->in - link->in_size, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
        fail(link, size == 0 ? HOP_REASON_CLOSED : hop_reason_of_link(errno));
        net->on_change(net->owner, link);
        return;
    }
    link->in_size += (size_t)size;
    take_messages(net, link);
}

static void take_messages(struct check_net *net, struct check_link *link) {
    while (link->fd >= 0 && link->in_size >= HOP_STUN_HEADER_SIZE) {
        size_t frame = hop_stun_frame_size(link->in);
        if (frame == 0) {
            fail(link, HOP_REASON_PROTOCOL);
            net->on_change(net->owner, link);
            return;
        }
        if (link->in_size < frame) return;
        net->on_message(net->owner, link, link->in, frame);
        link->in_size -= frame;
        memmove(link->in, link->in + frame, link->in_size);
    }
}

/* That they came is all: they are sent away with RST. */
static void take_callers(struct check_net *net, struct check_link *link) {
    hop_address local;
    int fd = hop_socket_accept(link->fd, &link->incoming, &local);
    if (fd < 0) return;
    link->accepted++;
    hop_socket_abort(fd);
    net->on_change(net->owner, link);
}

static void read_router(struct check_link *link) {
    char control[512];
    struct msghdr message = {.msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(link->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at != NULL; at = CMSG_NXTHDR(&message, at)) {
        struct {
            struct sock_extended_err error;
            struct sockaddr_in from;
        } found;
        if (at->cmsg_level != IPPROTO_IP || at->cmsg_type != IP_RECVERR) continue;
        memcpy(&found, CMSG_DATA(at), sizeof found);
        if (found.error.ee_origin != SO_EE_ORIGIN_ICMP || found.from.sin_family != AF_INET)
            continue;
        link->router = (hop_address){.family = HOP_FAMILY_IPV4};
        memcpy(link->router.ip, &found.from.sin_addr, 4);
    }
}

static void fail(struct check_link *link, hop_reason reason) {
    if (link->fd >= 0) hop_socket_abort(link->fd);
    link->fd = -1;
    link->state = CHECK_ENDED;
    link->ended_us = hop_clock_now_us();
    link->reason = reason;
}
