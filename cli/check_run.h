/* SPDX-License-Identifier: MIT */
/*
 * The course of `hopconn check`: which questions are put to the server, in which order and for how
 * long, and what the answers are as facts (core/check.h). Three rounds: how servers see us; whom
 * our NAT lets in, all at once; then what must not be disturbed by others, a SYN that meets ours.
 */
#ifndef CLI_CHECK_RUN_H
#define CLI_CHECK_RUN_H

#include "base/random.h"
#include "cli/check.h"
#include "cli/check_net.h"
#include "core/behaviour.h"
#include "core/check.h"
#include "drive/interfaces.h"
#include "drive/portmap.h"
#include "drive/resolver.h"

enum check_purpose {
    CHECK_PROBE,    /* how does this server see us */
    CHECK_PORT,     /* dial our mapped port from another port */
    CHECK_HOST,     /* ... from another address */
    CHECK_HELP,     /* ... from the helper's; asked through a port of its own */
    CHECK_STRAY,    /* dial a port of ours that has no mapping */
    CHECK_HAIR,     /* which port we are mapped to, to dial it ourselves */
    CHECK_HAIR_OUT, /* ... the dial */
    CHECK_HOP,      /* which router is so many hops away */
    CHECK_CROSS,    /* dial us while we dial */
    CHECK_CROSS_OUT,
    CHECK_MAPPED, /* dial the port that the router has mapped for us */
    CHECK_LIFE    /* say a word after so many seconds */
};

/* One question, on a connection of its own. */
struct check_step {
    enum check_purpose purpose;
    unsigned family; /* index into check.families */
    unsigned number; /* of HOP: the TTL; of LIFE: seconds */
    struct check_link *link;
    struct check_link *listener; /* at the same port; NULL: none */
    struct check_step *partner;  /* of HELP: the HOST that it is for; of the _OUT: who began it */
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE];
    hop_address mapped; /* a Binding's answer */
    hop_address source; /* from where the server dials us */
    uint16_t port;      /* which it dials; 0: the mapped one */
    int64_t asked_us;
    int64_t told_us;
    hop_check_dial dial; /* what came of it */
    unsigned refused;    /* the server's code; 0: not refused */
    bool over;
};

struct check_family {
    hop_address server; /* family NONE: not asked */
    hop_address helper;
    uint16_t port; /* from which servers are asked */
    unsigned order;
    hop_behaviour behaviour;
    hop_interfaces own;
    hop_address local;
    hop_check_facts facts;
    hop_check_findings findings;
    bool refuses; /* the server does not dial back */
    bool busy;    /* ... at the moment */
    uint32_t rtt_us;
};

enum { CHECK_IPV4, CHECK_IPV6, CHECK_FAMILIES };

struct check {
    struct check_options options;
    struct check_net net;
    hop_resolver resolver;
    hop_portmap *portmap;
    struct check_link *portmap_listener;
    hop_random random;
    int64_t begun_us;
    int64_t ended_us;
    struct check_family families[CHECK_FAMILIES];
    struct check_step steps[CHECK_LINKS_MAX];
    unsigned step_count;
    unsigned answers; /* of names */
    bool map_told;
    hop_check_life life;
};

/* Begins a question (check_ask.c); NULL: there is no room for more. */
struct check_step *check_begin(struct check *check, enum check_purpose purpose, unsigned family,
                               const hop_address *remote, struct check_link *listener);
/* For check_net's callbacks (check_ask.c). */
void check_on_message(void *owner, struct check_link *link, const uint8_t *bytes, size_t size);
void check_on_change(void *owner, struct check_link *link);

#endif
