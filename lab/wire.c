/* SPDX-License-Identifier: MIT */
/*
 * lab-wire: the lab's Internet. It holds one end of each site's uplink, routes IPv4 and IPv6
 * between them by a plan (plan.h), and does to packets what distance does: delay, loss, a rate with
 * a queue, hops that count the TTL down and say so by ICMP.
 *
 *     lab-wire PLAN
 *
 * Prints "ready" when it works, then takes commands on stdin, a word a line: "plan" reads the plan
 * again (the ports stay as they are), "count" prints the counters. It ends with its stdin, so it
 * never outlives the process that started it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "packet.h"
#include "plan.h"
#include "port.h"
#include "queue.h"

enum { EVENT_TIMER = HOP_PLAN_PORTS, EVENT_COMMAND };

struct wire {
    struct hop_plan plan;
    struct hop_port ports[HOP_PLAN_PORTS];
    struct hop_queue queue;
    uint64_t now_us;
    int epoll, timer;
    size_t from; /* the port whose batch is being read */
    uint64_t leaked, unrouted, expired;
    const char *file;
};

static bool start(struct wire *wire);
static bool watch(struct wire *wire, int fd, uint32_t event);
static void run(struct wire *wire);
static void arrive(void *context, const struct virtio_net_hdr *offload, uint8_t *frame,
                   size_t size);
static bool take_path(struct wire *wire, struct hop_path *path, size_t size, uint64_t *ret_due_us);
static void expire(struct wire *wire, struct hop_packet *packet, int to);
static void put(struct wire *wire, size_t to, uint64_t due_us, const struct virtio_net_hdr *offload,
                const uint8_t *frame, size_t size);
static void deliver(struct wire *wire);
static void arm(struct wire *wire);
static void command(struct wire *wire);
static void reload(struct wire *wire);
static void report(const struct wire *wire);
static uint64_t clock_us(void);
static uint64_t draw(uint64_t *state);

int main(int argc, char **argv) {
    static struct wire wire;
    if (argc != 2) {
        fprintf(stderr, "usage: lab-wire PLAN\n");
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    /* A late wire looks like a slow program under test; without the right it stays as it is. */
    (void)setpriority(PRIO_PROCESS, 0, -15);
    wire.file = argv[1];
    if (!hop_plan_read(&wire.plan, wire.file) || !start(&wire)) return 1;
    puts("ready");
    fflush(stdout);
    run(&wire);
}

static bool start(struct wire *wire) {
    wire->epoll = epoll_create1(EPOLL_CLOEXEC);
    wire->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (!watch(wire, wire->timer, EVENT_TIMER) || !watch(wire, STDIN_FILENO, EVENT_COMMAND))
        return false;
    for (size_t i = 0; i < wire->plan.count; i++) {
        const char *interface = wire->plan.places[i].interface;
        int error = hop_port_open(&wire->ports[i], interface);
        if (error != 0) {
            fprintf(stderr, "lab-wire: %s: %s\n", interface, strerror(-error));
            return false;
        }
        if (!watch(wire, wire->ports[i].fd, (uint32_t)i)) return false;
    }
    return true;
}

static bool watch(struct wire *wire, int fd, uint32_t event) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = event};
    if (fd >= 0 && epoll_ctl(wire->epoll, EPOLL_CTL_ADD, fd, &wanted) == 0) return true;
    fprintf(stderr, "lab-wire: cannot watch descriptors: %s\n", strerror(errno));
    return false;
}

static void run(struct wire *wire) {
    struct epoll_event events[HOP_PLAN_PORTS + 2];
    uint64_t expirations;
    for (;;) {
        arm(wire);
        int count = epoll_wait(wire->epoll, events, HOP_PLAN_PORTS + 2, -1);
        wire->now_us = clock_us();
        for (int i = 0; i < count; i++) {
            uint32_t event = events[i].data.u32;
            if (event == EVENT_COMMAND) {
                command(wire);
            } else if (event == EVENT_TIMER) {
                (void)!read(wire->timer, &expirations, sizeof expirations);
            } else {
                wire->from = event;
                hop_port_receive(&wire->ports[event], arrive, wire);
            }
        }
        deliver(wire);
    }
}

static void arrive(void *context, const struct virtio_net_hdr *offload, uint8_t *frame,
                   size_t size) {
    struct wire *wire = context;
    struct hop_packet packet;
    bool partial = (offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
    if (!hop_packet_parse(frame, size, partial, &packet)) return;
    if (packet.version == 4 && (hop_plan_private(hop_packet_source(&packet)) ||
                                hop_plan_private(hop_packet_target(&packet)))) {
        wire->leaked++;
        return;
    }
    int to = hop_plan_route(&wire->plan, &packet);
    if (to < 0 || (size_t)to == wire->from) {
        wire->unrouted++;
        return;
    }
    uint64_t due_us;
    struct hop_path *path = &wire->plan.paths[wire->from][to];
    if (!take_path(wire, path, size, &due_us)) return;
    if (hop_packet_ttl(&packet) <= wire->plan.hops) {
        expire(wire, &packet, to);
        return;
    }
    hop_packet_cut_ttl(&packet, wire->plan.hops);
    put(wire, (size_t)to, due_us, offload, frame, size);
}

/* Loss first, then the queue before the rate, then the way itself. */
static bool take_path(struct wire *wire, struct hop_path *path, size_t size, uint64_t *ret_due_us) {
    bool chosen = (path->lose & 1) != 0;
    path->lose >>= 1;
    if (chosen || (path->loss_ppm > 0 && draw(&path->random) % 1000000 < path->loss_ppm)) {
        path->lost++;
        return false;
    }
    uint64_t leaves_us = wire->now_us;
    if (path->rate_bps > 0) {
        uint64_t starts_us = path->free_at_us > wire->now_us ? path->free_at_us : wire->now_us;
        if ((starts_us - wire->now_us) * path->rate_bps / 8000000 + size > path->queue_size) {
            path->overflowed++;
            return false;
        }
        leaves_us = starts_us + size * 8000000 / path->rate_bps;
        path->free_at_us = leaves_us;
    }
    path->passed++;
    *ret_due_us = leaves_us + path->delay_us;
    return true;
}

/* The hops stand at equal distances along the way; the one that sees the TTL run out answers. */
static void expire(struct wire *wire, struct hop_packet *packet, int to) {
    uint8_t hop = hop_packet_ttl(packet);
    uint8_t from4[4] = {192, 0, 2, hop};
    uint8_t from6[16] = {0x20, 0x01, 0x0d, 0xb8, 0xff, [15] = hop};
    uint8_t answer[HOP_PACKET_ANSWER_MAX];
    bool six = packet->version == 6;
    hop_packet_cut_ttl(packet, (uint8_t)(hop - 1)); /* that router quotes it as it has come there */
    size_t size = hop_packet_icmp_error(packet, six ? from6 : from4, six ? 3 : 11, 0, answer);
    wire->expired++;
    if (size == 0) return;
    uint64_t away_us = wire->plan.paths[wire->from][to].delay_us;
    uint64_t back_us = wire->plan.paths[to][wire->from].delay_us;
    uint64_t due_us = wire->now_us + (away_us + back_us) * hop / (wire->plan.hops + 1u);
    put(wire, wire->from, due_us, &hop_port_plain, answer, size);
}

static void put(struct wire *wire, size_t to, uint64_t due_us, const struct virtio_net_hdr *offload,
                const uint8_t *frame, size_t size) {
    struct hop_parcel *parcel = hop_queue_put(&wire->queue, due_us, size);
    if (parcel == NULL) return;
    parcel->to = &wire->ports[to];
    parcel->offload = *offload;
    memcpy(parcel->frame, frame, size);
}

static void deliver(struct wire *wire) {
    struct hop_parcel *batch[HOP_PORT_BATCH];
    size_t count;
    do {
        count = 0;
        while (count < HOP_PORT_BATCH &&
               (batch[count] = hop_queue_take_due(&wire->queue, wire->now_us)) != NULL) {
            struct hop_parcel *parcel = batch[count++];
            hop_port_queue(parcel->to, &parcel->offload, parcel->frame, parcel->size);
        }
        for (size_t i = 0; i < wire->plan.count; i++)
            hop_port_flush(&wire->ports[i]);
        for (size_t i = 0; i < count; i++)
            free(batch[i]);
    } while (count == HOP_PORT_BATCH);
}

static void arm(struct wire *wire) {
    uint64_t due_us = hop_queue_due(&wire->queue);
    struct itimerspec at = {0}; /* all zero disarms */
    if (due_us != UINT64_MAX) {
        at.it_value.tv_sec = (time_t)(due_us / 1000000);
        at.it_value.tv_nsec = (long)(due_us % 1000000) * 1000 + 1;
    }
    timerfd_settime(wire->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void command(struct wire *wire) {
    char text[64];
    ssize_t size = read(STDIN_FILENO, text, sizeof text - 1);
    if (size <= 0) exit(0);
    text[size] = 0;
    for (char *rest, *word = strtok_r(text, "\n", &rest); word;
         word = strtok_r(NULL, "\n", &rest)) {
        if (strcmp(word, "plan") == 0)
            reload(wire);
        else
            report(wire);
    }
}

/* A reload starts the chances and the counters of all ways anew, so that a run can be repeated. */
static void reload(struct wire *wire) {
    struct hop_plan plan;
    bool good = hop_plan_read(&plan, wire->file) && plan.count == wire->plan.count;
    if (good) wire->plan = plan;
    puts(good ? "ready" : "refused");
    fflush(stdout);
}

static void report(const struct wire *wire) {
    uint64_t passed = 0, lost = 0, overflowed = 0, refused = 0;
    for (size_t a = 0; a < wire->plan.count; a++) {
        refused += wire->ports[a].refused;
        for (size_t b = 0; b < wire->plan.count; b++) {
            passed += wire->plan.paths[a][b].passed;
            lost += wire->plan.paths[a][b].lost;
            overflowed += wire->plan.paths[a][b].overflowed;
        }
    }
    printf("passed=%" PRIu64 " lost=%" PRIu64 " overflowed=%" PRIu64 " refused=%" PRIu64
           " leaked=%" PRIu64 " unrouted=%" PRIu64 " expired=%" PRIu64 " waiting=%zu\n",
           passed, lost, overflowed, refused, wire->leaked, wire->unrouted, wire->expired,
           wire->queue.count);
    fflush(stdout);
}

static uint64_t clock_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A generator of 64 bits: a counter with an odd step, well stirred. */
static uint64_t draw(uint64_t *state) {
    uint64_t value = *state += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}
