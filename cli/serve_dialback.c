/* SPDX-License-Identifier: MIT */
/*
 * One dial: a socket with a port of its own, bound before the client is told of it. For CROSS the
 * port is deaf to SYNs, by filters of the kernel: a SYN of the client that finds nobody would be
 * answered by RST, and one that finds our dial would complete it, whether or not the client's NAT
 * lets *our* SYN in; but that is the question.
 */
#include "cli/serve_dialback.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/serve_address.h"
#include "cli/serve_log.h"
#include "wire/message.h"

#define PATIENCE_US    (1800 * HOP_MS) /* the system repeats the SYN after 1 s */
#define CROSS_AFTER_US (20 * HOP_MS)   /* for the client's own SYN to be on its way */
#define RTT_MAX_US     (2 * HOP_S)     /* believed of nobody's connection */

struct serve_dialback {
    uv_timer_t timer;
    uv_poll_t poll;
    unsigned open_handles; /* the memory goes with the last one */
    bool polling;
    int fd;    /* dials; -1: none */
    int guard; /* CROSS: keeps the port silent; -1: none */
    hop_address target;
    hop_dialback request;
    struct serve_dialbacks *all;
    struct serve_client *client;
    struct serve_dialback *next;
};

static bool find_source(const struct serve_dialbacks *all, const struct serve_client *client,
                        hop_dialback_way way, hop_address *ret_source);
static bool open_sockets(struct serve_dialback *one, hop_address *source);
static int open_bound(const hop_address *source);
static bool make_deaf(int fd, bool wholly);
static void on_due(uv_timer_t *timer);
static void on_patience(uv_timer_t *timer);
static void on_ready(uv_poll_t *poll, int status, int events);
static void read_outcome(int fd, hop_dialback *told);
static void finish(struct serve_dialback *one, hop_dialback_outcome outcome);
static void finish_told(struct serve_dialback *one, hop_dialback *told);
static bool say(struct serve_client *client, hop_dialback *message, const hop_dialback *request);
static void refuse(struct serve_dialbacks *all, struct serve_client *client,
                   const hop_dialback *request, unsigned code);
static void let_go(struct serve_dialback *one);
static void on_closed(uv_handle_t *handle);

void serve_dialback_begin(struct serve_dialbacks *all, struct serve_client *client,
                          const hop_rendezvous_output *output) {
    const hop_dialback *request = &output->dialback;
    bool wait = request->way == HOP_DIALBACK_WAIT;
    hop_dialback answer = {.kind = HOP_DIALBACK_ANSWER};
    if (!wait && !find_source(all, client, request->way, &answer.source)) {
        refuse(all, client, request, HOP_DIALBACK_NO_ADDRESS);
        return;
    }
    struct serve_dialback *one = calloc(1, sizeof *one);
    if (one == NULL || uv_timer_init(client->tcp.loop, &one->timer) != 0) {
        free(one);
        refuse(all, client, request, HOP_REFUSAL_SERVER);
        return;
    }
    *one = (struct serve_dialback){.timer = one->timer,
                                   .open_handles = 1,
                                   .fd = -1,
                                   .guard = -1,
                                   .target = output->address,
                                   .request = *request,
                                   .all = all,
                                   .client = client,
                                   .next = all->first};
    all->first = one;
    /* Our own keepalive would be what keeps the mapping. */
    if (wait)
        uv_tcp_keepalive(&client->tcp, 0, 0);
    else if (!open_sockets(one, &answer.source)) {
        let_go(one);
        refuse(all, client, request, HOP_REFUSAL_SERVER);
        return;
    }
    if (request->way == HOP_DIALBACK_CROSS) {
        uint32_t rtt_us = serve_client_rtt_us(client);
        if (rtt_us > RTT_MAX_US) rtt_us = RTT_MAX_US;
        answer.delay_us = rtt_us / 2 + (uint32_t)CROSS_AFTER_US;
    }
    if (!say(client, &answer, request)) {
        let_go(one);
        all->on_over(client, false);
        return;
    }
    uint64_t due_ms =
        wait ? request->wait_ms : (answer.delay_us + (uint64_t)HOP_MS - 1) / (uint64_t)HOP_MS;
    if (due_ms == 0)
        on_due(&one->timer);
    else
        uv_timer_start(&one->timer, on_due, due_ms, 0);
}

void serve_dialback_cancel(struct serve_dialbacks *all, const struct serve_client *client) {
    struct serve_dialback *next;
    for (struct serve_dialback *one = all->first; one != NULL; one = next) {
        next = one->next;
        if (client == NULL || one->client == client) let_go(one);
    }
}

/* The address that the client has called is one that it can be dialled from; another one of those
 * that were named with --listen, too. A wildcard names none. */
static bool find_source(const struct serve_dialbacks *all, const struct serve_client *client,
                        hop_dialback_way way, hop_address *ret_source) {
    hop_address called = serve_client_local(client);
    called.port = 0;
    if (called.family == HOP_FAMILY_NONE) return false;
    if (way != HOP_DIALBACK_OTHER_ADDRESS) {
        *ret_source = called;
        return true;
    }
    for (size_t i = 0; i < all->address_count; i++) {
        hop_address other = all->addresses[i];
        if (other.family != called.family || serve_address_is_wildcard(&other) ||
            hop_address_same_ip(&other, &called))
            continue;
        other.port = 0;
        *ret_source = other;
        return true;
    }
    return false;
}

/* The port is the system's choice: the client has never said a word to it. */
static bool open_sockets(struct serve_dialback *one, hop_address *source) {
    struct sockaddr_storage system;
    socklen_t size = sizeof system;
    one->fd = open_bound(source);
    if (one->fd < 0 || getsockname(one->fd, (struct sockaddr *)&system, &size) != 0) return false;
    *source = serve_address_from_system(&system);
    if (one->request.way != HOP_DIALBACK_CROSS) return true;
    one->guard = open_bound(source);
    return one->guard >= 0 && make_deaf(one->guard, true) && make_deaf(one->fd, false) &&
           listen(one->guard, 1) == 0;
}

static int open_bound(const hop_address *source) {
    struct sockaddr_storage system;
    socklen_t size = serve_address_to_system(source, &system);
    int on = 1;
    int fd = socket(system.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0) return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&system, size) != 0) {
        close(fd);
        return -1;
    }
    /* Without these an ICMP error looks like an RST. */
    setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    if (system.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    return fd;
}

/* The filter sees the TCP header first; its byte 13 has the flags. */
static bool make_deaf(int fd, bool wholly) {
    struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_filter syn[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
                                BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
                                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
                                BPF_STMT(BPF_RET | BPF_K, 0),
                                BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)};
    struct sock_fprog program = {.len = 5, .filter = syn};
    if (wholly) program = (struct sock_fprog){.len = 1, .filter = all};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

static void on_due(uv_timer_t *timer) {
    struct serve_dialback *one = (struct serve_dialback *)timer; /* its first member */
    struct sockaddr_storage system;
    if (one->request.way == HOP_DIALBACK_WAIT) {
        finish(one, HOP_DIALBACK_WAITED);
        return;
    }
    socklen_t size = serve_address_to_system(&one->target, &system);
    bool begun = connect(one->fd, (struct sockaddr *)&system, size) == 0 || errno == EINPROGRESS;
    if (!begun || uv_poll_init(timer->loop, &one->poll, one->fd) != 0) {
        finish(one, HOP_DIALBACK_UNKNOWN);
        return;
    }
    one->polling = true;
    one->open_handles++;
    uv_poll_start(&one->poll, UV_WRITABLE, on_ready);
    uv_timer_start(timer, on_patience, PATIENCE_US / HOP_MS, 0);
}

static void on_patience(uv_timer_t *timer) {
    finish((struct serve_dialback *)timer, HOP_DIALBACK_SILENT);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    struct serve_dialback *one =
        (struct serve_dialback *)((char *)poll - offsetof(struct serve_dialback, poll));
    hop_dialback told = {.kind = HOP_DIALBACK_TOLD};
    (void)status;
    (void)events;
    read_outcome(one->fd, &told);
    finish_told(one, &told);
}

/* What lies in the queue of errors came by ICMP. */
static void read_outcome(int fd, hop_dialback *told) {
    int error = 0;
    socklen_t size = sizeof error;
    char control[512];
    struct msghdr message = {.msg_control = control, .msg_controllen = sizeof control};
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    told->outcome = HOP_DIALBACK_CONNECTED;
    if (error == 0) return;
    told->outcome = error == ECONNREFUSED || error == ECONNRESET ? HOP_DIALBACK_RESET
                    : error == ETIMEDOUT                         ? HOP_DIALBACK_SILENT
                                                                 : HOP_DIALBACK_ICMP;
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at != NULL; at = CMSG_NXTHDR(&message, at)) {
        bool ours = (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_RECVERR) ||
                    (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_RECVERR);
        struct sock_extended_err found;
        if (!ours) continue;
        memcpy(&found, CMSG_DATA(at), sizeof found);
        if (found.ee_origin != SO_EE_ORIGIN_ICMP && found.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
        told->outcome = HOP_DIALBACK_ICMP;
        told->icmp_type = found.ee_type;
        told->icmp_code = found.ee_code;
    }
}

static void finish(struct serve_dialback *one, hop_dialback_outcome outcome) {
    finish_told(one, &(hop_dialback){.kind = HOP_DIALBACK_TOLD, .outcome = outcome});
}

static void finish_told(struct serve_dialback *one, hop_dialback *told) {
    struct serve_dialbacks *all = one->all;
    struct serve_client *client = one->client;
    hop_dialback request = one->request;
    if (request.way != HOP_DIALBACK_WAIT) serve_log_dialback(&one->target, told);
    let_go(one);
    bool good = say(client, told, &request);
    all->on_over(client, good);
}

static bool say(struct serve_client *client, hop_dialback *message, const hop_dialback *request) {
    uint8_t bytes[HOP_DIALBACK_SIZE_MAX];
    memcpy(message->transaction, request->transaction, sizeof message->transaction);
    size_t size = hop_dialback_encode(message, bytes);
    uv_buf_t piece = uv_buf_init((char *)bytes, (unsigned)size);
    return serve_client_write(client, &piece, 1);
}

static void refuse(struct serve_dialbacks *all, struct serve_client *client,
                   const hop_dialback *request, unsigned code) {
    hop_dialback refusal = {.kind = HOP_DIALBACK_REFUSAL, .error_code = code};
    bool good = say(client, &refusal, request);
    all->on_over(client, good);
}

/* A connection that came about is of no use: with RST, so that nothing of it stays behind. */
static void let_go(struct serve_dialback *one) {
    struct serve_dialback **link = &one->all->first;
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    while (*link != one)
        link = &(*link)->next;
    *link = one->next;
    uv_close((uv_handle_t *)&one->timer, on_closed);
    if (one->polling) {
        uv_poll_stop(&one->poll);
        uv_close((uv_handle_t *)&one->poll, on_closed);
    }
    if (one->fd >= 0) {
        setsockopt(one->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(one->fd);
    }
    if (one->guard >= 0) close(one->guard);
    one->fd = one->guard = -1;
}

static void on_closed(uv_handle_t *handle) {
    struct serve_dialback *one = (struct serve_dialback *)handle;
    if (handle->type == UV_POLL)
        one = (struct serve_dialback *)((char *)handle - offsetof(struct serve_dialback, poll));
    if (--one->open_handles == 0) free(one);
}
