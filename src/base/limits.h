/* SPDX-License-Identifier: MIT */
/*
 * Every bound and every interval of the protocol in one place, with its reason. Server capacities
 * are in rendezvous/, where they can be configured.
 */
#ifndef HOP_BASE_LIMITS_H
#define HOP_BASE_LIMITS_H

#define HOP_MS 1000LL    /* microseconds in a millisecond */
#define HOP_S  1000000LL /* microseconds in a second */

/* What a description may make its reader dial is bounded, whoever wrote it. */
#define HOP_CANDIDATES_MAX       8
#define HOP_PORT_DIALLABLE_MIN   1024
#define HOP_TICKET_SERVERS_MAX   4
#define HOP_SERVER_ADDRESSES_MAX 8   /* all addresses that a ticket's names resolve to */
#define HOP_HOST_TEXT_MAX        255 /* RFC 1035 section 2.3.4 */
#define HOP_INTERFACE_NAME_SIZE  16  /* of a network interface, with its zero: Linux's IFNAMSIZ */

/* One endpoint: a listener with several peers at once. */
#define HOP_ATTEMPTS_MAX 8
#define HOP_LINKS_PLAIN  64  /* sockets of one endpoint, the rendezvous connections included ... */
#define HOP_SHOTS_MAX    384 /* ... and those that a strategy dials beside them, mostly in vain */
#define HOP_LINKS_MAX    (HOP_LINKS_PLAIN + HOP_SHOTS_MAX)
#define HOP_LOBBY_MAX    16 /* accepted links that no attempt has claimed yet */

/* STUN over TCP (RFC 8489 section 6.2.2): nothing we speak is larger. */
#define HOP_STUN_SIZE_MAX 1400

/* Punching; the evidence is in docs/protocol.md. */
#define HOP_REDIAL_REFUSED_MIN_US (HOP_MS / 2) /* far from the most: see docs/protocol.md */
#define HOP_REDIAL_REFUSED_MAX_US (10 * HOP_MS)
#define HOP_REDIAL_SILENT_US      (2500 * HOP_MS) /* the system repeats it at 1 s and 2 or 3 */
#define HOP_REDIAL_AT_ONCE_MAX    24              /* refusals by ICMP: our own hole is still open */
#define HOP_LOOK_MIN_US           (200 * HOP_MS)
#define HOP_REDIAL_IN_USE_US      (50 * HOP_MS)
#define HOP_REDIAL_NEAR_US        (150 * HOP_MS) /* a private address that keeps refusing */
#define HOP_REDIAL_LOCAL_US       (500 * HOP_MS) /* this machine would not let us dial */
#define HOP_REDIAL_STRANGER_US    (300 * HOP_MS)
#define HOP_NEARER_US             (10 * HOP_MS) /* for a link in one network to overtake another */
/* With those that openers borrow, and the calls to servers, at most 100 SYNs in any second:
 * tests/lab/test_polite.py. */
#define HOP_DIALS_PER_SECOND 64
#define HOP_DIALS_BURST      29

/* Port mapping. A short life: what a crash leaves behind is gone soon (RFC 6887 section 15 asks for
 * no more than needed). */
#define HOP_MAP_LIFETIME_S     120
#define HOP_MAP_LIFETIME_MIN_S 5 /* renewing faster than every few seconds is no mapping */
#define HOP_MAP_RENEW_MIN_US   (4 * HOP_S)
#define HOP_MAP_RENEW_GAP_US   (1 * HOP_S)    /* for a router that is restarted without end */
#define HOP_MAP_RESEND_US      (250 * HOP_MS) /* RFC 6886 section 3.1; doubles each time */
#define HOP_MAP_SENDS_MAX      4              /* 3.75 s in all: an attempt is over by then */
#define HOP_MAP_UPNP_AFTER_US  (500 * HOP_MS) /* neither PCP nor NAT-PMP have answered */
#define HOP_MAP_SEARCH_US      (1 * HOP_S)    /* MX: within this time an answer comes */
#define HOP_MAP_SEARCHES_MAX   2
#define HOP_MAP_REST_US        (300 * HOP_S) /* a listener that got none asks again */

/* Strategies for hard pairs; the evidence is in docs/protocol.md, "Hard pairs". */
#define HOP_DELTA_MAX         16  /* ports between two mappings that still count as a sequence */
#define HOP_COUNTING_MAX      64  /* between two fresh samples of a sequential NAT */
#define HOP_SAMPLES_MAX       8   /* mappings that a judgement of our NAT rests on */
#define HOP_PROBES_MAX        8   /* questions to servers at once, beside the callers' */
#define HOP_PROBE_ANSWER_SIZE 512 /* a Binding answer is 32 to 200 bytes */
#define HOP_PROBE_TIMEOUT_US  (3 * HOP_S)
#define HOP_PROBE_TRIES       3               /* of one question */
#define HOP_SAMPLE_SPREAD_US  (100 * HOP_MS)  /* samples further apart in time tell no delta */
#define HOP_ROUNDS_MAX        9               /* of a prediction; each with fresh samples */
#define HOP_ROUND_US          (1300 * HOP_MS) /* the system repeats a lost SYN after 1 s */
#define HOP_MEET_MARGIN_US    (10 * HOP_MS)   /* for clocks and ways that are uneven */
#define HOP_OPENER_TURNS_MAX  4               /* of each side */
#define HOP_OPENER_TURN_US    (650 * HOP_MS)  /* and a round trip: sample, TELL and dial are over */
#define HOP_OPENER_BORROWS    3  /* dials in any second that do not wait for the pace */
#define HOP_WINDOW_FIRST      17 /* 99.8 % with 50 foreign mappings a second */
#define HOP_WINDOW_LATER      32
#define HOP_WINDOW_AGAIN_MAX  3  /* after 10, 20 and 40 ms */
#define HOP_WINDOW_HELD_MAX   40 /* sockets: with the other dials of an attempt at most 64 */
#define HOP_PAIR_WINDOW       17 /* dials of each side where both are sequential: strategy_pair.c */
#define HOP_PAIR_TURN         26 /* both sequences may have moved on by so much less 2, together */
#define HOP_SHOT_HOLD_US      (950 * HOP_MS) /* the system would repeat the SYN after 1 s */
#define HOP_SPENT_US          (120 * HOP_S)  /* so long a NAT keeps the entry of a dial given up */
#define HOP_SHOTS_PER_SECOND  380            /* 400 with what else is dialled */
#define HOP_SHOTS_BURST       8
#define HOP_SHOTS_TOTAL       1536 /* of one attempt: 99.9 % of birthdays take fewer */
#define HOP_TELLS_MAX         32   /* that a server forwards of one START, both ways together */

/* Relay: when a direct way is late, by what it needs at worst (core/relayed.c). */
#define HOP_RELAY_SYNS_US    (3 * HOP_S) /* a SYN that is lost twice is repeated at 1 and 3 s */
#define HOP_RELAY_ROUNDS     4           /* of a prediction; one in a hundred takes three */
#define HOP_RELAY_PROVING_US (3 * HOP_S) /* more for a direct link that is connected already */
#define HOP_RELAY_AGAIN_US   (1 * HOP_S) /* a relay that was not to be had is asked for again */
#define HOP_RELAY_TRIES_MAX  5

/* Deadlines. */
#define HOP_TIMEOUT_DEFAULT_US  (15 * HOP_S)
#define HOP_HELLO_TIMEOUT_US    (5 * HOP_S)    /* a link that does not prove itself */
#define HOP_NOMINATE_TIMEOUT_US (10 * HOP_S)   /* a link that did, at the controlled side: link.c */
#define HOP_SERVER_TIMEOUT_US   (10 * HOP_S)   /* to connect, and for each answer */
#define HOP_SERVER_STAGGER_US   (250 * HOP_MS) /* RFC 8305 section 5: head start of the first */
#define HOP_SERVER_IPV4_US                                                                         \
    (1200 * HOP_MS) /* ... of IPv4 over IPv6, and a round trip: the system repeats a SYN at 1 s */
#define HOP_SERVER_NEXT_US (1 * HOP_S) /* a ticket's first server over the next one */
#define HOP_DESCRIBE_TIMEOUT_US                                                                    \
    (3 * HOP_S) /* the manual way does not wait longer for STUN servers */
#define HOP_DESCRIBE_MAPPING_US (1 * HOP_S) /* ... nor for the router */
#define HOP_PAUSE_MIN_US        (1 * HOP_S) /* a listener that lost its server calls again */
#define HOP_PAUSE_MAX_US        (60 * HOP_S)
#define HOP_LATE_US             (1 * HOP_S)  /* before the deadline: no link is chosen any more */
#define HOP_KEEPALIVE_US        (25 * HOP_S) /* holds the mapping nearly anywhere */
#define HOP_CHECK_US            (3 * HOP_S) /* for the server to answer after the network changed */
#define HOP_MOVED_US            (200 * HOP_MS) /* before the call that follows such a change */
#define HOP_DELAY_MAX_US        (5 * HOP_S)    /* the longest start delay that we obey */

#endif
