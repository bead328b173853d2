/* SPDX-License-Identifier: MIT */
/*
 * lab-nat: a NAT in user space, for the characters that nftables cannot play. It stands between two
 * veth ends, without addresses of its own; the kernel router on the inside is the router hop, this
 * is only the translation.
 *
 *     lab-nat INSIDE OUTSIDE PUBLIC-ADDRESS [RULE=VALUE,...]
 *
 * Prints "ready" when it works, then takes commands on stdin, a word a line: "flush" forgets all
 * mappings and prints "ready", "count" prints the counters. It ends with its stdin.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "port.h"
#include "translate.h"

#define SWEEP_MS 100

enum { INSIDE, OUTSIDE, COMMAND };

struct nat {
    struct hop_port ports[2];
    struct hop_table table;
    uint32_t public;
    uint32_t from; /* the port whose batch is being read */
    int epoll;
    uint64_t swept_us, out, in, dropped, refused;
};

static bool start(struct nat *nat, char **interfaces);
static bool watch(struct nat *nat, int fd, uint32_t event);
static void run(struct nat *nat);
static void arrive(void *context, const struct virtio_net_hdr *offload, uint8_t *frame,
                   size_t size);
static void refuse(struct nat *nat, const struct hop_packet *packet);
static void command(struct nat *nat);
static uint64_t clock_us(void);

int main(int argc, char **argv) {
    static struct nat nat;
    struct hop_rules rules = hop_rules_default;
    struct in_addr public;
    if (argc < 4 || argc > 5 || inet_pton(AF_INET, argv[3], &public) != 1) {
        fprintf(stderr, "usage: lab-nat INSIDE OUTSIDE PUBLIC-ADDRESS [RULE=VALUE,...]\n");
        return 2;
    }
    if (argc == 5 && !hop_rules_read(&rules, argv[4])) return 2;
    nat.public = ntohl(public.s_addr);
    hop_table_init(&nat.table, &rules);
    /* A late NAT looks like a slow program under test; without the right it stays as it is. */
    (void)setpriority(PRIO_PROCESS, 0, -15);
    if (!start(&nat, argv + 1)) return 1;
    puts("ready");
    fflush(stdout);
    run(&nat);
}

static bool start(struct nat *nat, char **interfaces) {
    nat->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = INSIDE; i <= OUTSIDE; i++) {
        int error = hop_port_open(&nat->ports[i], interfaces[i]);
        if (error != 0) {
            fprintf(stderr, "lab-nat: %s: %s\n", interfaces[i], strerror(-error));
            return false;
        }
        if (!watch(nat, nat->ports[i].fd, i)) return false;
    }
    return watch(nat, STDIN_FILENO, COMMAND);
}

static bool watch(struct nat *nat, int fd, uint32_t event) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = event};
    if (epoll_ctl(nat->epoll, EPOLL_CTL_ADD, fd, &wanted) == 0) return true;
    fprintf(stderr, "lab-nat: cannot watch descriptors: %s\n", strerror(errno));
    return false;
}

static void run(struct nat *nat) {
    struct epoll_event events[3];
    for (;;) {
        int count = epoll_wait(nat->epoll, events, 3, SWEEP_MS);
        nat->table.now_us = clock_us();
        for (int i = 0; i < count; i++) {
            nat->from = events[i].data.u32;
            if (nat->from == COMMAND) {
                command(nat);
                continue;
            }
            hop_port_receive(&nat->ports[nat->from], arrive, nat);
            hop_port_flush(&nat->ports[INSIDE]);
            hop_port_flush(&nat->ports[OUTSIDE]);
        }
        if (nat->table.now_us - nat->swept_us > SWEEP_MS * 1000) {
            hop_table_expire(&nat->table, false);
            nat->swept_us = nat->table.now_us;
        }
    }
}

static void arrive(void *context, const struct virtio_net_hdr *offload, uint8_t *frame,
                   size_t size) {
    struct nat *nat = context;
    struct hop_packet packet;
    bool partial = (offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
    if (!hop_packet_parse(frame, size, partial, &packet)) return;
    enum hop_verdict verdict = nat->from == INSIDE
                                   ? hop_translate_out(&nat->table, nat->public, &packet)
                                   : hop_translate_in(&nat->table, nat->public, &packet);
    switch (verdict) {
    case HOP_VERDICT_OUTSIDE:
        nat->out++;
        hop_port_queue(&nat->ports[OUTSIDE], offload, frame, size);
        break;
    case HOP_VERDICT_INSIDE:
        nat->in++;
        hop_port_queue(&nat->ports[INSIDE], offload, frame, size);
        break;
    case HOP_VERDICT_REFUSE: refuse(nat, &packet); break;
    case HOP_VERDICT_DROP: nat->dropped++; break;
    }
}

static void refuse(struct nat *nat, const struct hop_packet *packet) {
    uint8_t answer[HOP_PACKET_ANSWER_MAX], from[4];
    size_t size = 0;
    nat->refused++;
    hop_packet_put32(from, nat->public);
    if (nat->table.rules.stray == HOP_STRAY_RST)
        size = hop_packet_reset(packet, answer);
    else if (nat->table.rules.stray == HOP_STRAY_ICMP)
        size = hop_packet_icmp_error(packet, from, 3, 13, answer);
    if (size == 0) return;
    hop_port_queue(&nat->ports[nat->from], &hop_port_plain, answer, size);
    hop_port_flush(&nat->ports[nat->from]); /* the answer stands on our stack */
}

static void command(struct nat *nat) {
    char text[64];
    ssize_t size = read(STDIN_FILENO, text, sizeof text - 1);
    if (size <= 0) exit(0);
    text[size] = 0;
    for (char *rest, *word = strtok_r(text, "\n", &rest); word;
         word = strtok_r(NULL, "\n", &rest)) {
        if (strcmp(word, "flush") == 0) {
            hop_table_expire(&nat->table, true);
            puts("ready");
        } else {
            printf("out=%" PRIu64 " in=%" PRIu64 " dropped=%" PRIu64 " refused=%" PRIu64
                   " mappings=%zu sessions=%zu\n",
                   nat->out, nat->in, nat->dropped, nat->refused, nat->table.mapping_count,
                   nat->table.session_count);
        }
        fflush(stdout);
    }
}

static uint64_t clock_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
