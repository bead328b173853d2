/* SPDX-License-Identifier: MIT */
/*
 * One attempt to connect to one peer: all candidate pairs dialled at once, refusals dialled again
 * at once, silence dialled again while that is safe, one link nominated, the rest closed. DESIGN
 * and evidence: docs/protocol.md, "The punch".
 */
#ifndef HOP_CORE_ATTEMPT_H
#define HOP_CORE_ATTEMPT_H

#include "core/link.h"
#include "core/output.h"
#include "core/pace.h"
#include "core/relayed.h"
#include "core/strategy.h"

typedef enum hop_attempt_state {
    HOP_ATTEMPT_FREE,
    HOP_ATTEMPT_DELAYED, /* the peer is known, the common start has not come */
    HOP_ATTEMPT_PUNCHING
} hop_attempt_state;

/* We have one local port, so a candidate pair is a remote candidate. */
typedef struct hop_pair {
    hop_report_pair report;
    int link;             /* the dial, or the accepted link from that address; -1: none */
    int64_t next_us;      /* no link: when to dial; dialling: when to look at it */
    int64_t silent_us;    /* dialling: when silence is given up */
    int64_t answering_us; /* how long the last half-open dial was waited for */
    unsigned in_use_count;
} hop_pair;

#define HOP_PAIRS_MAX (HOP_CANDIDATES_MAX * 2)

typedef struct hop_attempt {
    hop_attempt_state state;
    int number; /* the users': 1, 2, ... */
    int caller; /* the caller that it came by; -1: by hand */
    hop_role role;
    uint8_t key[HOP_KEY_SIZE];
    uint8_t nonce[HOP_NONCE_SIZE]; /* the listener's, by which a server knows the attempt */
    hop_address observed;          /* the peer, as the server sees it */
    int64_t peer_us;               /* the description came: the zero of the user's times */
    int64_t start_us;              /* first dials */
    int64_t deadline_us;
    int64_t knock_us;  /* from our knock to peer_us */
    int64_t way_us;    /* to the peer through the server, one way; 0: not known */
    int64_t look_us;   /* a handshake should be over within this, once it has begun */
    int64_t choose_us; /* controlling: no longer waits for a nearer link than those proved */
    hop_pace pace;
    bool slow; /* the pace held us back, and we said so */
    hop_pair pairs[HOP_PAIRS_MAX];
    unsigned pair_count;
    unsigned places;          /* addresses that the peer may name yet */
    hop_address told_mapping; /* our router's, as the peer knows it; family NONE: it does not */
    unsigned turn; /* the pair after the one dialled last: who waits for the pace goes in turn */
    bool has_peer; /* bare: a link has proved itself, roles are settled ... */
    uint8_t peer_tie[HOP_HELLO_TIE_SIZE]; /* ... with this peer */
    int nominated;                        /* controlling: the link that we chose; -1: none */
    bool authenticated;
    bool impostor; /* somebody whom we dialled did not hold the secret */
    unsigned accepted_count;
    unsigned stranger_count;
    hop_strategy strategy;
    hop_relayed relayed;
} hop_attempt;

/* What an attempt starts from. */
typedef struct hop_attempt_start {
    hop_role role;
    int caller;
    const hop_description *description; /* the peer's */
    const uint8_t *own_nonce;
    const uint8_t *peer_nonce;
    hop_address observed; /* the peer, as the server sees it; family NONE: not known */
    int64_t delay_us;
    int64_t rtt_us; /* an upper estimate of the round trip to the peer; 0: not known */
    int64_t knock_us;
    int64_t deadline_us;
} hop_attempt_start;

/* Returns the attempt's index, -1 when there is no room for one more. */
int hop_attempt_begin(struct hop_core *core, const hop_attempt_start *start);
/* Bare addresses: an attempt that only waits, as long as nobody calls hop_attempt_join. */
int hop_attempt_wait(struct hop_core *core);
/* The peer's addresses: dials them, and has a deadline from now on. */
void hop_attempt_join(struct hop_core *core, int attempt, const hop_attempt_start *start);
/* The role in a HELLO of ours, and the one that a genuine HELLO of the peer's has. */
hop_role hop_attempt_own_role(const struct hop_core *core, int attempt);
hop_role hop_attempt_peer_role(const struct hop_core *core, int attempt);
/* Bare: settles the roles by the tie-breakers. False: it is we ourselves, or another than our peer.
 */
bool hop_attempt_settle(struct hop_core *core, int attempt, const uint8_t *peer_nonce);
/* Ends it: FAILED with a report, everything closed. */
void hop_attempt_fail(struct hop_core *core, int attempt, enum hop_error error);
/* Ends it: this link is the users'. */
void hop_attempt_establish(struct hop_core *core, int link);
hop_note *hop_attempt_link_note(struct hop_core *core, int link, hop_note_kind kind);
/* Does everything whose time has come; and when that will next be. */
void hop_attempt_tick(struct hop_core *core, int attempt);
int64_t hop_attempt_deadline(const struct hop_core *core, int attempt);

/* A link has proved itself, and not a relay that may yet be done without: nothing more is dialled.
 */
bool hop_attempt_proved(const struct hop_core *core, int attempt);
/* So little time is left that what is chosen now might not be known to both at the deadline. */
bool hop_attempt_is_late(const struct hop_core *core, int attempt);
/* Until when a link's handshake may wait; never beyond the attempt's deadline. */
int64_t hop_attempt_until(const struct hop_core *core, int attempt, int64_t wait_us);

/* What happened to a link of the attempt. */
void hop_attempt_link_opened(struct hop_core *core, int link);
void hop_attempt_link_ended(struct hop_core *core, int link, hop_reason reason);
void hop_attempt_link_answering(struct hop_core *core, int link);
/* What it said was not genuine, or it said nothing in time: closes it. known: it was genuine for
 * another attempt of ours, so nobody is an impostor. */
void hop_attempt_link_stranger(struct hop_core *core, int link, bool known);

/* Finds the attempt that a link of the lobby belongs to: by its HELLO, or, before that came, by
 * its address. */
void hop_attempt_seek(struct hop_core *core, int link);
/* Takes note that this accepted link is ours now. */
void hop_attempt_adopted(struct hop_core *core, int link);

#endif
