/* SPDX-License-Identifier: MIT */
/*
 * What an attempt does beside dialling the observed addresses, where the NATs of both sides ask for
 * more: chosen from both NATs' behaviour by one table, done in rounds, each with fresh samples. A
 * side whose NAT cannot be predicted for long takes samples and tells them to the peer through the
 * server; what is dialled then is in strategy_window.c, strategy_pair.c and strategy_birthday.c.
 * Where both NATs keep their ports and the plain dials come to nothing all the same, the sides take
 * turns in trying fresh ones: strategy_opener.c.
 * DESIGN and evidence: docs/protocol.md, "Hard pairs".
 */
#ifndef HOP_CORE_STRATEGY_H
#define HOP_CORE_STRATEGY_H

#include "core/output.h"
#include "core/pace.h"

typedef enum hop_strategy_phase {
    HOP_STRATEGY_IDLE,     /* no round of ours has begun */
    HOP_STRATEGY_SAMPLING, /* the samples of this round are on their way */
    HOP_STRATEGY_MEETING,  /* the peer is told, we dial when it can know */
    HOP_STRATEGY_FIRED,    /* dialled; the next round will come */
    HOP_STRATEGY_OVER
} hop_strategy_phase;

#define HOP_STRATEGY_SAMPLES 2 /* of a round, one right after the other */

typedef struct hop_birthday {
    bool running;
    bool many_ports; /* ours is the random side: from many ports; else to many ports */
    hop_pace pace;
    uint32_t low, span, first, stride; /* ports to dial: low + (first + n * stride) % span */
    uint32_t near_low, near_span;      /* where the peer's samples lie; span 0: anywhere */
    uint32_t turn;
} hop_birthday;

typedef struct hop_strategy {
    bool possible; /* there is a server between us, and IPv4 NATs to get through */
    hop_strategy_kind kind;
    hop_strategy_phase phase;
    int64_t next_us; /* the next round, at the latest */
    int64_t meet_us; /* when to dial */
    unsigned round;  /* of ours */
    uint8_t told;    /* TELLs of ours */
    hop_address seen[HOP_STRATEGY_SAMPLES];
    hop_nat own;    /* as told */
    hop_address at; /* the mapping that our NAT gave out last */
    hop_nat peer;
    uint8_t peer_told;    /* the last TELL's round */
    unsigned since;       /* dials of ours since the last sample */
    unsigned paired;      /* the last round in which we dialled in step with the peer */
    bool peer_fresh;      /* a TELL that we have not acted on */
    bool peer_named;      /* the last TELL has an address */
    int64_t again_us;     /* when what was refused of a window is dialled again ... */
    unsigned again_count; /* ... since the last TELL */
    hop_address peer_at;
    int64_t follow_us; /* the peer may have us dial where it has opened from then on */
    hop_birthday birthday;
    unsigned tried; /* 1 << hop_strategy_kind */
    unsigned shot_count;
} hop_strategy;

struct hop_core;

/* The table: which strategy for a NAT of ours and one of the peer's (hop_nat_mapping). */
hop_strategy_kind hop_strategy_choose(unsigned own_mapping, unsigned peer_mapping);

/* The attempt begins; peer: what the peer's description says of its NAT. */
void hop_strategy_begin(struct hop_core *core, int attempt, const hop_nat *peer);
/* A sample of this round came, by a connection from that port of ours. True: that one shall stay,
 * so that the NAT keeps the mapping. */
bool hop_strategy_sampled(struct hop_core *core, int attempt, unsigned place,
                          const hop_address *mapped, uint16_t local_port);
/* A genuine TELL of the peer came. */
void hop_strategy_told(struct hop_core *core, int attempt, const hop_description *told);
/* Refusals are not dialled again at once: each dial of ours moves our NAT's ports on, or takes from
 * what the window needs. */
bool hop_strategy_is_stepping(const struct hop_core *core, int attempt);
void hop_strategy_tick(struct hop_core *core, int attempt);
int64_t hop_strategy_deadline(const struct hop_core *core, int attempt);
void hop_strategy_report(const struct hop_core *core, int attempt, hop_report *report);

/* For the strategies' files: the note of so many dials; of an opener HOP_NOTE_SHOTS says what. */
void hop_strategy_fired(struct hop_core *core, int attempt, hop_strategy_kind kind, unsigned count,
                        const hop_address *first);

/* When our next turn as the opener comes; INT64_MAX: it does not. */
int64_t hop_opener_due_us(const struct hop_core *core, int attempt);
/* Our turn: the SYN that opens, from a port of ours whose mapping is known. */
void hop_opener_open(struct hop_core *core, int attempt, uint16_t from_port);
/* The peer's turn: its NAT is open for us at peer_at. */
void hop_opener_follow(struct hop_core *core, int attempt);

/* The fixed side: dials the ports that the peer's NAT takes next. */
void hop_window_open(struct hop_core *core, int attempt);
/* One of those dials was refused. */
void hop_window_refused(struct hop_core *core, int attempt);
/* The sequential side: one dial, whose mapping is in the peer's window. */
void hop_window_dial(struct hop_core *core, int attempt);
/* Both sides are sequential. */
void hop_pair_fire(struct hop_core *core, int attempt);
void hop_birthday_begin(struct hop_core *core, int attempt, bool many_ports);
void hop_birthday_tick(struct hop_core *core, int attempt);
int64_t hop_birthday_deadline(const hop_strategy *strategy);

#endif
