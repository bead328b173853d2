/* SPDX-License-Identifier: MIT */
/*
 * What a core may do, watched from outside, step by step: it speaks only of links that it holds,
 * wants one thing at a time, never fills its outbox, has nothing left to do when a step is over, is
 * silent after its end, leaves no link of an attempt that is over, has no more sockets and dials no
 * faster than it may, and ends each attempt by its deadline.
 */
#ifndef HOP_TESTS_WORLD_CONTRACT_H
#define HOP_TESTS_WORLD_CONTRACT_H

#include "core/core.h"

#define CONTRACT_ATTEMPTS_MAX 64
/* Of one attempt, by docs/protocol.md, "Politeness"; of them one at a time has its birthday. */
#define CONTRACT_DIALS_PER_SECOND    (HOP_DIALS_PER_SECOND + HOP_DIALS_BURST + HOP_OPENER_BORROWS)
#define CONTRACT_BIRTHDAY_PER_SECOND 400
#define CONTRACT_LINKS_MAX           64
#define CONTRACT_BIRTHDAY_LINKS_MAX  512
#define CONTRACT_DIALS_MAX                                                                         \
    (CONTRACT_DIALS_PER_SECOND * HOP_ATTEMPTS_MAX + CONTRACT_BIRTHDAY_PER_SECOND)

typedef struct contract_link {
    enum { CONTRACT_FREE, CONTRACT_DIALLING, CONTRACT_OPEN } state;
    bool server; /* at the other end: not a peer's */
    size_t wanted;
    int attempt; /* that it is known to be of; 0: none */
    bool dialled;
} contract_link;

typedef struct contract {
    hop_core_mode mode;
    int64_t timeout_us;
    int64_t end_us; /* of the endpoint, by its deadline; INT64_MAX: it has none */
    bool over;
    contract_link links[HOP_LINKS_MAX];
    int64_t attempt_ends_us[CONTRACT_ATTEMPTS_MAX]; /* by when; 0: not begun, or over */
    int64_t last_over_us[HOP_ATTEMPTS_MAX];         /* when the last ones were over */
    unsigned over_count;
    unsigned running;
    int64_t soonest_us;        /* of the attempts' ends */
    uint64_t birthdays;        /* 1 << attempt: dial many ports, or from many, one at a time */
    int64_t birthday_until_us; /* their dials count so long */
    unsigned held, most_held;  /* links to peers */
    unsigned dial_count;
    unsigned most_per_second;
    const char *broken; /* what did not hold; NULL: all did */
    int64_t dials_us[CONTRACT_DIALS_MAX];
} contract;

void contract_begin(contract *contract, const hop_core_config *config);
void contract_step(contract *contract, int64_t now_us, int64_t deadline_us, const hop_input *input,
                   const hop_output *outputs, unsigned count);
unsigned contract_running(const contract *contract);
/* When the run is over: has anything outlived its deadline? */
void contract_end(contract *contract, int64_t now_us);

#endif
