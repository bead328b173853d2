/* SPDX-License-Identifier: MIT */
/*
 * How our own NAT gives out ports, judged from what servers saw of us (RFC 4787 section 4.1, RFC
 * 5780 section 4.3, for TCP). Only IPv4: who translates IPv6 is not expected to change ports.
 * Asking the servers is probe.c's.
 */
#ifndef HOP_CORE_BEHAVIOUR_H
#define HOP_CORE_BEHAVIOUR_H

#include "base/limits.h"
#include "wire/description.h"

/* A connection from the endpoint's port, and how it came out. */
typedef struct hop_sample {
    hop_address server;
    hop_address mapped;
    uint16_t local_port;
    int64_t dialled_us;
    uint32_t order; /* of all, in which they were dialled */
} hop_sample;

typedef struct hop_behaviour {
    hop_sample samples[HOP_SAMPLES_MAX];
    unsigned count;
    hop_nat nat; /* the judgement */
} hop_behaviour;

/* Takes the sample in (the newest for each server counts; the oldest goes when there are too many)
 * and judges anew. hosts: the machine's own addresses. */
void hop_behaviour_add(hop_behaviour *behaviour, const hop_sample *sample,
                       const hop_candidate *hosts, unsigned host_count);
/* From one public port to the one taken next: is it a step of a sequence? */
bool hop_behaviour_is_step(int delta);

#endif
