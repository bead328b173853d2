/* SPDX-License-Identifier: MIT */
/*
 * What the kernel's tests stand on: two kernels, "a" and "b", and a wire between them that has a
 * delay each way, loses the packets it is told to lose and writes down what passes. With b missing
 * the test itself is the peer and sends packets by hand. No NATs, no network.
 */
#ifndef HOP_TESTS_WORLD_KERNEL_RIG_H
#define HOP_TESTS_WORLD_KERNEL_RIG_H

#include "kernel.h"

#define MS              INT64_C(1000)
#define RIG_RULES_MAX   16
#define RIG_LOG_SIZE    16384
#define RIG_SOCKETS_MAX 64

/* What happens to the number-th packet (1: the first; 0: to all) of this name from a side. */
typedef struct rig_rule {
    int side;
    const char *name;
    unsigned number;
    int64_t late_us; /* 0: it is lost */
    unsigned seen;
} rig_rule;

typedef struct rig {
    schedule schedule;
    kernel *kernels[2];
    hop_address addresses[2]; /* port 4000 each */
    int64_t delay_us[2];      /* of what this side sends */
    uint32_t loss_ppm, late_ppm;
    hop_random random;
    rig_rule rules[RIG_RULES_MAX];
    unsigned rule_count;
    unsigned told[2][RIG_SOCKETS_MAX]; /* what ready() has said */
    char log[RIG_LOG_SIZE];            /* lines "   25.0 a SYN", " lost" where it was */
    size_t log_size;
    packet last; /* what was sent last, without payload */
} rig;

/* delay_us each way; with_peer false: there is no b. */
void rig_open(rig *rig, int64_t delay_us, bool with_peer);
void rig_close(rig *rig);
void rig_lose(rig *rig, int side, const char *name, unsigned number);
void rig_delay(rig *rig, int side, const char *name, unsigned number, int64_t late_us);
void rig_run(rig *rig, int64_t until_us);
/* A connection from this side's port 4000 to the other's. */
int rig_connect(rig *rig, int side);
int rig_listen(rig *rig, int side, unsigned backlog);
/* The log since the last call must be this. */
void rig_expect(rig *rig, const char *log);

#endif
