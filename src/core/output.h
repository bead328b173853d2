/* SPDX-License-Identifier: MIT */
/*
 * What the core tells the world to do. Outputs of one step wait in a fixed queue until the driver
 * has drained it; bytes live until the next step.
 */
#ifndef HOP_CORE_OUTPUT_H
#define HOP_CORE_OUTPUT_H

#include <hopconn/error.h>

#include "base/limits.h"
#include "core/note.h"
#include "wire/description.h"

/* Same values as the public hop_route (checked in src/lib/endpoint.c). */
typedef enum hop_core_route {
    HOP_CORE_ROUTE_NONE = 0,
    HOP_CORE_ROUTE_LAN,
    HOP_CORE_ROUTE_IPV6,
    HOP_CORE_ROUTE_DIRECT,
    HOP_CORE_ROUTE_PUNCHED,
    HOP_CORE_ROUTE_MAPPED,
    HOP_CORE_ROUTE_RELAYED
} hop_core_route;

typedef enum hop_output_kind {
    /* actions */
    HOP_OUT_RESOLVE, /* server: resolve ticket.servers[server], answer with HOP_IN_RESOLVED */
    HOP_OUT_CONNECT, /* link, address: dial from the endpoint's port, or, where any_port is true,
                        from from_port (0: any that is free). ttl (0: the system's): of the first
                        SYN alone, and what routers say of its end is not heard */
    HOP_OUT_ADOPT,   /* link: the connection just accepted is this link */
    HOP_OUT_REFUSE,  /* the connection just accepted is not wanted: close abortively */
    HOP_OUT_WANT,    /* link, size: read exactly so many bytes, then HOP_IN_RECEIVED */
    HOP_OUT_SEND,    /* link, bytes, size */
    HOP_OUT_CLOSE,   /* link; gently (else abortively): close; the number is free, no HOP_IN_ENDED
                        follows */
    HOP_OUT_LOOK,    /* link: answer HOP_IN_ANSWERING if the handshake has begun, else nothing */
    HOP_OUT_ABANDON, /* link: close abortively if it is still in SYN_SENT, and answer HOP_IN_ENDED
                        (ABANDONED); leave it alone if the handshake has begun, and answer
                        HOP_IN_ANSWERING. Never close a socket that has begun to answer. */
    HOP_OUT_SWEEP,   /* close abortively every link from HOP_LINKS_PLAIN on; no HOP_IN_ENDED */
    /* results */
    HOP_OUT_LISTENING,   /* address: the server's */
    HOP_OUT_CANDIDATE,   /* candidate: one of ours */
    HOP_OUT_DESCRIBED,   /* manual way: hop_core_description() is complete */
    HOP_OUT_PEER,        /* attempt */
    HOP_OUT_ESTABLISHED, /* attempt, link (the core forgets it: the descriptor is the user's),
                            route, address: remote, psk, controlling, tcp_us, attempt_us, knock_us,
                            rtt_us */
    HOP_OUT_FAILED,      /* attempt (0: the endpoint), error, report (of an attempt, else NULL);
                            of a server's error: reason, code */
    HOP_OUT_NOTE         /* note */
} hop_output_kind;

/* What became of one candidate pair. */
typedef struct hop_report_pair {
    hop_candidate remote;
    hop_skip skip; /* not NONE: it was not dialled */
    unsigned dial_count;
    unsigned refused_count;
    unsigned silent_count;
    bool connected; /* TCP came about, at least once */
    hop_reason last;
} hop_report_pair;

/* What was tried for a hard pair beside dialling the observed address; bits of hop_report.tried. */
typedef enum hop_strategy_kind {
    HOP_STRATEGY_OBSERVED, /* nothing more: the candidate pairs, by what servers and peer observed
                            */
    HOP_STRATEGY_OPENER,   /* a SYN that dies on the way opens the NAT before the peer's comes */
    HOP_STRATEGY_WINDOW,   /* the ports that a sequential NAT takes next */
    HOP_STRATEGY_PAIR,     /* the same where both are sequential */
    HOP_STRATEGY_BIRTHDAY, /* many ports of a random NAT, and many ports dialled */
    HOP_STRATEGY_HOPELESS  /* random against random or sequential: no strategy is known */
} hop_strategy_kind;

/* How far the attempt's relay has come. */
typedef enum hop_relayed_state {
    HOP_RELAYED_OFF,     /* not wanted, or nobody could relay */
    HOP_RELAYED_WAITING, /* to be asked for, at first or again */
    HOP_RELAYED_ASKING,  /* the server is called, or the peer awaited there */
    HOP_RELAYED_THERE,   /* it is one of the attempt's links */
    HOP_RELAYED_GONE     /* asked for in vain */
} hop_relayed_state;

/* Why an attempt was established by the relay. */
typedef enum hop_relay_reason {
    HOP_RELAY_REASON_NONE,
    HOP_RELAY_REASON_ONLY,      /* we want nothing else */
    HOP_RELAY_REASON_PEER_ONLY, /* the peer wants nothing else */
    HOP_RELAY_REASON_HOPELESS,  /* HOP_STRATEGY_HOPELESS */
    HOP_RELAY_REASON_LATE,      /* nothing direct came in time */
    HOP_RELAY_REASON_PEER       /* the peer, who controls, chose it */
} hop_relay_reason;

typedef struct hop_report {
    int64_t lasted_us;
    unsigned pair_count;
    hop_report_pair pairs[HOP_CANDIDATES_MAX * 2];
    unsigned accepted_count; /* links that came in for this attempt */
    unsigned stranger_count; /* links that proved nothing */
    bool authenticated;      /* at least one link proved itself */
    hop_nat own;             /* our NAT and the peer's, as far as they are known */
    hop_nat peer;
    unsigned tried;              /* strategies, 1 << hop_strategy_kind */
    unsigned rounds;             /* how often we or the peer took fresh samples */
    unsigned shot_count;         /* dials of strategies */
    bool same_nat;               /* servers see both sides at one address */
    hop_map_trouble map_trouble; /* why our router maps no port; NONE: it does, or was not asked */
    hop_relayed_state relay;
    unsigned relay_code;     /* of the last refusal; 0: none */
    hop_reason relay_reason; /* why its last connection ended */
} hop_report;

typedef struct hop_output {
    hop_output_kind kind;
    int link;
    int attempt;
    unsigned server;
    int ttl;
    bool any_port;
    uint16_t from_port;
    bool gently;
    hop_address address;
    size_t size;
    const uint8_t *bytes;
    hop_candidate candidate;
    hop_core_route route;
    hop_relay_reason relay_reason; /* ESTABLISHED, relayed */
    enum hop_error error;
    const hop_report *report;  /* live until the next step */
    hop_reason reason;         /* FAILED: why no server was reached, or what ended it */
    unsigned code;             /* FAILED: what a server refused with, 0: nothing */
    uint8_t psk[HOP_KEY_SIZE]; /* ESTABLISHED: for TLS above the link, fresh */
    bool controlling;          /* ESTABLISHED: our role */
    int64_t tcp_us;
    int64_t attempt_us;
    int64_t rtt_us; /* ESTABLISHED: the handshake's round trip on a dialled link; 0: not known */
    int64_t knock_us;
    hop_note note;
} hop_output;

#define HOP_OUTPUTS_MAX  384
#define HOP_OUTPUT_ARENA 8192

typedef struct hop_outbox {
    hop_output outputs[HOP_OUTPUTS_MAX];
    unsigned count;
    unsigned taken;
    uint8_t arena[HOP_OUTPUT_ARENA];
    size_t arena_used;
} hop_outbox;

void hop_output_reset(hop_outbox *outbox);
/* A zeroed output of the kind at the queue's end (link -1). When the queue is full it is a scratch
 * output that nobody sees: notes leave room for actions, whose number is bounded by HOP_LINKS_PLAIN
 * and what shot.c does in one step. */
hop_output *hop_output_put(hop_outbox *outbox, hop_output_kind kind);
hop_note *hop_output_note(hop_outbox *outbox, hop_note_kind kind, int attempt);
void hop_output_send(hop_outbox *outbox, int link, const uint8_t *bytes, size_t size);
bool hop_output_take(hop_outbox *outbox, hop_output *ret_output);

#endif
