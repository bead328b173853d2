/* SPDX-License-Identifier: MIT */
/*
 * What `hopconn check` concludes: from what servers saw and what became of their dials to us
 * (facts) to how our NAT behaves and what will work through it (findings), in the terms of RFC
 * 4787, 5382 and 5780. A function of its facts; asking the servers is the command's.
 */
#ifndef HOP_CORE_CHECK_H
#define HOP_CORE_CHECK_H

#include "core/note.h"
#include "wire/description.h"
#include "wire/dialback.h"

typedef enum hop_check_answer { HOP_CHECK_NOT_KNOWN, HOP_CHECK_NO, HOP_CHECK_YES } hop_check_answer;

/* What became of one dial to us; hop_dialback_outcome's UNKNOWN: none was made. */
typedef struct hop_check_dial {
    hop_dialback_outcome outcome;
    uint8_t icmp_type;
    uint8_t icmp_code;
} hop_check_dial;

#define HOP_CHECK_HOPS 4

/* What was seen of one family. */
typedef struct hop_check_facts {
    bool reached;         /* the server, by this family */
    bool own;             /* it sees us by an address of this machine */
    bool other_address;   /* two addresses of servers have seen us */
    hop_nat nat;          /* judged from samples (core/behaviour.h) */
    hop_check_dial port;  /* of a stranger: to our mapped port, from the server's other port */
    hop_check_dial host;  /* ... from an address that we have never called */
    hop_check_dial stray; /* ... to a port of ours without a mapping */
    hop_check_dial cross; /* to a mapped port while we dial back */
    hop_check_answer hairpin;
    hop_address mapped;               /* by the server */
    hop_address hops[HOP_CHECK_HOPS]; /* routers, nearest first; family NONE: silent */
    hop_map_protocol map_protocol;    /* the router maps ports by it; NONE: it does not */
    hop_address map_address;          /* ... what it calls its outside */
    hop_map_trouble map_trouble;      /* ... why not */
    hop_check_dial map_dial;          /* to the mapped port: does it work? */
} hop_check_facts;

typedef enum hop_check_filtering {
    HOP_CHECK_FILTERING_NOT_KNOWN,
    HOP_CHECK_FILTERING_NONE,    /* endpoint-independent: anybody gets in */
    HOP_CHECK_FILTERING_SOME,    /* who was called may come from any port; others not asked */
    HOP_CHECK_FILTERING_ADDRESS, /* address-dependent */
    HOP_CHECK_FILTERING_PORT     /* address- and port-dependent */
} hop_check_filtering;

/* What a SYN meets that nobody has asked for. */
typedef enum hop_check_stray {
    HOP_CHECK_STRAY_NOT_KNOWN,
    HOP_CHECK_STRAY_DROP,
    HOP_CHECK_STRAY_RST,
    HOP_CHECK_STRAY_ICMP,
    HOP_CHECK_STRAY_OPEN
} hop_check_stray;

/* How a connection to a peer will come about. */
typedef enum hop_check_way {
    HOP_CHECK_WAY_NOT_KNOWN,
    HOP_CHECK_WAY_DIRECT,  /* it will, at once */
    HOP_CHECK_WAY_PREDICT, /* by predicting ports */
    HOP_CHECK_WAY_MANY,    /* by many dials: mostly */
    HOP_CHECK_WAY_RELAY    /* not directly */
} hop_check_way;

/* Kinds of peers. */
typedef enum hop_check_peer {
    HOP_CHECK_PEER_OPEN,  /* a public address, a mapped port, a full cone */
    HOP_CHECK_PEER_FIXED, /* a NAT that keeps one port, or a firewall */
    HOP_CHECK_PEER_SEQUENTIAL,
    HOP_CHECK_PEER_RANDOM,
    HOP_CHECK_PEERS
} hop_check_peer;

typedef struct hop_check_findings {
    hop_check_filtering filtering;
    hop_check_stray stray;      /* at a mapped port where it is filtered, else at any other */
    hop_check_stray unmapped;   /* at a port without a mapping */
    hop_check_answer crossing;  /* simultaneous open passes */
    hop_check_answer reachable; /* by anybody, unasked */
    unsigned nats;              /* on the way, as far as can be seen */
    bool nats_known;            /* nats is not merely the least */
    bool carrier;               /* there is a second one, and it is not ours to set up */
    hop_check_way ways[HOP_CHECK_PEERS];
} hop_check_findings;

void hop_check_judge(const hop_check_facts *facts, hop_check_findings *ret_findings);

/* How long an idle mapping lives: from steps that were waited through, in ascending order. */
typedef struct hop_check_life {
    uint32_t alive_s; /* it lived so long; 0: not known */
    uint32_t dead_s;  /* ... and was gone by then; 0: it never was */
} hop_check_life;
void hop_check_lived(hop_check_life *life, uint32_t seconds, bool alive);

#endif
