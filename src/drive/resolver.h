/* SPDX-License-Identifier: MIT */
/*
 * Names to addresses, without blocking, by c-ares. Texts that are addresses already are answered at
 * once and never reach it. An answer waits until it is fetched.
 */
#ifndef HOP_DRIVE_RESOLVER_H
#define HOP_DRIVE_RESOLVER_H

#include <ares.h>

#include "base/address.h"
#include "base/limits.h"
#include "drive/poller.h"
#include "wire/ticket.h"

typedef struct hop_resolver_answer {
    unsigned server;
    unsigned count; /* 0: could not be resolved */
    hop_address addresses[HOP_SERVER_ADDRESSES_MAX];
} hop_resolver_answer;

typedef struct hop_resolver_query {
    struct hop_resolver *resolver;
    enum { HOP_RESOLVER_IDLE, HOP_RESOLVER_ASKED, HOP_RESOLVER_ANSWERED } state;
    uint16_t port;
    hop_resolver_answer answer;
} hop_resolver_query;

typedef struct hop_resolver {
    hop_poller *poller;
    ares_channel channel; /* NULL until the first name */
    bool use_ipv4;
    bool use_ipv6;
    hop_resolver_query queries[HOP_TICKET_SERVERS_MAX];
} hop_resolver;

/* The resolver must not move afterwards. */
void hop_resolver_init(hop_resolver *resolver, hop_poller *poller, bool use_ipv4, bool use_ipv6);
/* Drops what is being asked. */
void hop_resolver_close(hop_resolver *resolver);
/* The network has changed: the next question goes to the name servers that the system has then. */
void hop_resolver_renew(hop_resolver *resolver);
/* server: an index below HOP_TICKET_SERVERS_MAX; a second question about it takes the place of the
 * first's answer. */
void hop_resolver_ask(hop_resolver *resolver, unsigned server, const hop_ticket_server *name);
/* For readiness with HOP_TAG_RESOLVER. */
void hop_resolver_process(hop_resolver *resolver, int fd, unsigned what);
/* For time passing. */
void hop_resolver_tick(hop_resolver *resolver);
/* How long it can be left alone; INT64_MAX: for ever. */
int64_t hop_resolver_wait_us(const hop_resolver *resolver);
/* Takes an answer; false: there is none. */
bool hop_resolver_next(hop_resolver *resolver, hop_resolver_answer *ret_answer);

#endif
