/* SPDX-License-Identifier: MIT */
/*
 * The one piece of advice that would help after a failure, chosen from what is known of it by a
 * table. Each advice, and each error for which there is no better one, has a section of its name in
 * docs/troubleshooting.md. What happened is words.h's.
 */
#ifndef HOP_LIB_ADVICE_H
#define HOP_LIB_ADVICE_H

#include "core/output.h"

/* X(code, name, sentences) */
#define HOP_ADVICE_MAP(X)                                                                          \
    X(SERVER_REFUSES, "server-refuses",                                                            \
      "Nothing listens there: start 'hopconn serve' on that machine, or mend the ticket's port.")  \
    X(SERVER_SILENT, "server-silent",                                                              \
      "Open the server's TCP port in its firewall; if others reach it, something near you lets "   \
      "nothing out to that port.")                                                                 \
    X(SERVER_HANGS_UP, "server-hangs-up",                                                          \
      "Something accepts and hangs up: look whether it is hopconn that listens on that port, or "  \
      "a proxy on the way.")                                                                       \
    X(SERVER_FULL, "server-full",                                                                  \
      "A limit of the server is reached: try again later, or raise it there.")                     \
    X(SERVER_VERSION, "server-version",                                                            \
      "The server does not understand the question: install one version of hopconn on all "        \
      "machines.")                                                                                 \
    X(OFFLINE, "offline", "This machine has no way out: look at its network and default route.")   \
    X(WRONG_INTERFACE, "wrong-interface",                                                          \
      "Only the network interface that was named is used, and nothing was reached through it: "    \
      "name another one, or none.")                                                                \
    X(LOCAL_FIREWALL, "local-firewall",                                                            \
      "A rule on this very machine forbids the connection: allow hopconn to connect outwards.")    \
    X(LOCAL_LIMIT, "local-limit",                                                                  \
      "This machine has no descriptors or memory left: raise 'ulimit -n' or close programs.")      \
    X(WRONG_DESCRIPTION, "wrong-description",                                                      \
      "The listener's description is not sealed with this ticket's secret: compare the tickets; "  \
      "if they agree, do not trust that server.")                                                  \
    X(NO_COMMON_FAMILY, "no-common-family",                                                        \
      "One side has only IPv4 and the other only IPv6: drop -4 or -6, or bring both into one "     \
      "family.")                                                                                   \
    X(ONLY_PRIVATE, "only-private",                                                                \
      "The peer is known by private addresses only: let the server run where both sides reach it " \
      "from outside their networks.")                                                              \
    X(NO_ADDRESS, "no-address",                                                                    \
      "The peer named no address that may be dialled: the report says why; use a port above 1023 " \
      "and drop --no-lan.")                                                                        \
    X(NO_HAIRPIN, "no-hairpin",                                                                    \
      "Both are behind one NAT that does not let them back in: use IPv6, allow devices of the "    \
      "network to talk to each other, or let the server relay.")                                   \
    X(BOTH_RANDOM, "both-random",                                                                  \
      "No direct way exists between two NATs that choose ports at random: map a port on one "      \
      "router, use IPv6, or let the server relay.")                                                \
    X(RANDOM_SEQUENTIAL, "random-sequential",                                                      \
      "One NAT chooses ports at random and the other's change as well, no direct way is known: "   \
      "map a port on one router, use IPv6, or let the server relay.")                              \
    X(ONE_RANDOM, "one-random",                                                                    \
      "One NAT chooses ports at random, which takes luck: try again, or map a port on the other "  \
      "side's router.")                                                                            \
    X(SEQUENTIAL, "sequential",                                                                    \
      "A NAT's ports could not be predicted, it is busy: try again, or map a port on one router.") \
    X(ANSWERED_BY_ANOTHER, "answered-by-another",                                                  \
      "Something on the way accepts in the peer's place and says nothing: look for a proxy or a "  \
      "filter that answers for others, or let the server relay.")                                  \
    X(DOUBLE_NAT, "double-nat",                                                                    \
      "Two NATs stand before this machine, and the outer one bars the way: map a port on the "     \
      "outer one, set the inner one to bridge mode, or use IPv6.")                                 \
    X(ALL_REFUSED, "all-refused",                                                                  \
      "Each dial is refused: look whether the peer still runs; if so, a firewall refuses even "    \
      "what answers its own side: map a port on one router, or use IPv6.")                         \
    X(ALL_SILENT, "all-silent",                                                                    \
      "Nothing answered at all: look whether the peer is still there, and whether a firewall "     \
      "lets only some ports out; else map a port on one router.")                                  \
    X(UNREACHABLE, "unreachable",                                                                  \
      "Routers say that the peer cannot be reached: a firewall on the way, or no route; map a "    \
      "port on one router, or use IPv6.")                                                          \
    X(PEER_LEFT, "peer-left",                                                                      \
      "The peer was there and went away: start it again, and look why it ended.")

typedef enum hop_advice {
    HOP_ADVICE_NONE, /* none that is better than the error's own */
#define HOP_ADVICE_ENUM(code, name, sentences) HOP_ADVICE_##code,
    HOP_ADVICE_MAP(HOP_ADVICE_ENUM)
#undef HOP_ADVICE_ENUM
} hop_advice;

/* What is known of a failure: bits. Those about dials count the addresses out in the world only,
 * unless there are no others. */
typedef enum hop_fact {
    HOP_FACT_ATTEMPT = 1 << 0, /* the peer was met */
    HOP_FACT_OWN_RANDOM = 1 << 1,
    HOP_FACT_OWN_SEQUENTIAL = 1 << 2,
    HOP_FACT_PEER_RANDOM = 1 << 3,
    HOP_FACT_PEER_SEQUENTIAL = 1 << 4,
    HOP_FACT_SAME_NAT = 1 << 5,
    HOP_FACT_DOUBLE_NAT = 1 << 6,
    HOP_FACT_DIALLED = 1 << 7,      /* an address of the peer's was dialled */
    HOP_FACT_OTHER_FAMILY = 1 << 8, /* one was left out for its family */
    HOP_FACT_PRIVATE = 1 << 9,      /* one was left out because it is private */
    HOP_FACT_CONNECTED = 1 << 10,   /* TCP came about, or somebody came in */
    HOP_FACT_PROVED = 1 << 11,      /* and it was the peer */
    HOP_FACT_REFUSED = 1 << 12,     /* refused; by a server's error: the server's port */
    HOP_FACT_SILENT = 1 << 13,
    HOP_FACT_UNREACHABLE = 1 << 14, /* routers said so */
    HOP_FACT_NO_ROUTE = 1 << 15,
    HOP_FACT_FORBIDDEN = 1 << 16,
    HOP_FACT_LOCAL = 1 << 17,
    HOP_FACT_HUNG_UP = 1 << 18,      /* the other end closed what was connected */
    HOP_FACT_BUSY = 1 << 19,         /* the server's code for a limit */
    HOP_FACT_VERSION = 1 << 20,      /* the server's codes for what it does not understand */
    HOP_FACT_ONE_INTERFACE = 1 << 21 /* we keep to one, as we were told to */
} hop_fact;

/* Of a HOP_OUT_FAILED. */
unsigned hop_advice_facts(const hop_output *failed);
/* The first row of the table that fits. */
hop_advice hop_advice_choose(int error, unsigned facts);
/* Of the section in docs/troubleshooting.md: "both-random"; of NONE the error's name. */
const char *hop_advice_name(hop_advice advice, int error);
/* Sentences, the last one names the section; of NONE hop_error_advice(). */
const char *hop_advice_text(hop_advice advice, int error);

#endif
