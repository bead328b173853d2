/* SPDX-License-Identifier: MIT */
/* The core's whole state, for its own parts only; everybody else knows core.h. */
#ifndef HOP_CORE_STATE_H
#define HOP_CORE_STATE_H

#include "base/random.h"
#include "core/attempt.h"
#include "core/behaviour.h"
#include "core/caller.h"
#include "core/candidate.h"
#include "core/core.h"
#include "core/endpoint.h"
#include "core/lobby.h"
#include "core/meet.h"
#include "core/probe.h"
#include "core/spent.h"

struct hop_core {
    hop_core_config config;
    hop_ticket_keys keys;
    hop_random random;
    int64_t now_us;
    int64_t go_us;
    int64_t deadline_us;    /* of the endpoint: connecting only */
    int64_t next_server_us; /* connecting: when the ticket's next server is called as well */
    bool gone;              /* HOP_IN_GO came */
    bool done;              /* over: nothing is dialled, accepted or said any more */
    bool described;
    hop_candidate_self self;
    struct {
        hop_address external;    /* our port, as the router says; family NONE: not mapped */
        hop_address told;        /* the candidate that was told last */
        hop_map_trouble trouble; /* why there is none */
        bool awaited; /* the router has not answered yet, for better or worse, and will */
    } mapped;
    hop_description description;     /* ours; of the manual way complete when described */
    int attempt_number;              /* the last one given out */
    uint8_t tie[HOP_HELLO_TIE_SIZE]; /* bare: our tie-breaker */
    hop_caller callers[HOP_TICKET_SERVERS_MAX];
    hop_attempt attempts[HOP_ATTEMPTS_MAX];
    hop_link links[HOP_LINKS_MAX];
    uint32_t link_order; /* of the last one dialled */
    int shooter;         /* the attempt that may dial beyond HOP_LINKS_PLAIN; -1: none */
    hop_spent spent;
    hop_behaviour behaviour; /* of our own NAT */
    hop_probe probes[HOP_PROBES_MAX];
    hop_report reports[HOP_ATTEMPTS_MAX]; /* of FAILED: several attempts may end in one step */
    hop_outbox outbox;
};

/* Links that may be in use: nobody pays for shots where there are none. */
static inline int hop_state_links(const hop_core *core) {
    return core->shooter >= 0 ? HOP_LINKS_MAX : HOP_LINKS_PLAIN;
}

static inline int64_t hop_state_sooner(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* now + base, jittered by up to a tenth either way: a fixed period locks both sides out of phase.
 */
static inline int64_t hop_state_jittered(hop_core *core, int64_t base_us) {
    uint64_t tenth = (uint64_t)(base_us / 10);
    return core->now_us + base_us - (int64_t)tenth +
           (int64_t)hop_random_between(&core->random, 0, 2 * tenth);
}

#endif
