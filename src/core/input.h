/* SPDX-License-Identifier: MIT */
/* What the world tells the core, one thing a step. Recordings hold all of it: core/tape.c knows
 * each kind and its members. */
#ifndef HOP_CORE_INPUT_H
#define HOP_CORE_INPUT_H

#include "core/note.h"
#include "wire/description.h"

typedef enum hop_input_kind {
    HOP_IN_TIMER,     /* nothing but time */
    HOP_IN_GO,        /* first of all: hosts, host_count: our interfaces' addresses, each with the
                         endpoint's port and its prefix length; best first. await_mapping: MAPPED
                         or UNMAPPED will follow, and a description to be carried by hand waits for
                         it, but not for long */
    HOP_IN_RESOLVED,  /* server, addresses, address_count (0: reason RESOLVE) */
    HOP_IN_CONNECTED, /* link, local, rtt_us: a dial was completed */
    HOP_IN_ACCEPTED, /* remote, local: answered by HOP_OUT_ADOPT or HOP_OUT_REFUSE, the first output
                      */
    HOP_IN_RECEIVED, /* link, bytes, size: exactly as many as HOP_OUT_WANT wanted */
    HOP_IN_ENDED,    /* link, reason: the link is gone, its descriptor closed */
    HOP_IN_ANSWERING, /* link: HOP_OUT_LOOK or _ABANDON found it beyond SYN_SENT */
    HOP_IN_PEER,      /* description: the peer's, of a manual attempt */
    HOP_IN_CANCEL,
    HOP_IN_MAPPED,   /* remote: our port as the router maps it, protocol, lifetime_s */
    HOP_IN_UNMAPPED, /* protocol, trouble, code; remote: what the router calls its outside: there
                        is no mapping (any more) */
    HOP_IN_NETWORK /* hosts, host_count: as with GO, all of them, changed or not; changes, slept_us:
                      what has happened since */
} hop_input_kind;

/* What has happened to this machine's network; bits of hop_input.changes. */
enum {
    HOP_NETWORK_ROUTE_IPV4 = 1u << 0, /* the default route leads elsewhere */
    HOP_NETWORK_ROUTE_IPV6 = 1u << 1,
    HOP_NETWORK_INTERRUPTED = 1u << 2, /* an interface of ours was down, an address was gone */
    HOP_NETWORK_ROUTER = 1u << 3, /* the port mapping is asked for anew: what MAPPED said is over */
    HOP_NETWORK_CHANGES = (1u << 4) - 1
};

typedef struct hop_input {
    hop_input_kind kind;
    int link;
    unsigned server; /* index into the ticket's servers */
    hop_reason reason;
    hop_address remote;
    hop_address local;
    uint32_t rtt_us; /* the socket's smoothed round trip time; 0: not known */
    const hop_candidate *hosts;
    unsigned host_count;
    bool await_mapping;
    const hop_address *addresses;
    unsigned address_count;
    const uint8_t *bytes;
    size_t size;
    const hop_description *description;
    hop_map_protocol protocol;
    hop_map_trouble trouble;
    uint32_t lifetime_s;
    int64_t code; /* the router's error; 0: none */
    unsigned changes;
    int64_t slept_us; /* how long the machine slept: now_us did not go on meanwhile */
} hop_input;

#endif
