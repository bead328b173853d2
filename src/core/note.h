/* SPDX-License-Identifier: MIT */
/*
 * Notes: the typed lines of an attempt's story. The core emits them, src/lib/words.c is the one
 * place that puts them into words. A note is what happened, never text.
 */
#ifndef HOP_CORE_NOTE_H
#define HOP_CORE_NOTE_H

#include "base/address.h"

typedef enum hop_note_kind {
    HOP_NOTE_SERVER_DIAL,      /* address: calling the rendezvous server */
    HOP_NOTE_SERVER_CONNECTED, /* address; number: our RTT to it in microseconds, 0 not known */
    HOP_NOTE_SERVER_FAILED,    /* address, reason */
    HOP_NOTE_SERVER_LOST, /* address, reason: it was connected; number: pause before the next try */
    HOP_NOTE_SERVER_REFUSED, /* number: the code */
    HOP_NOTE_SERVER_CLOCK,   /* number: how far our clock is behind the server's, microseconds */
    HOP_NOTE_REGISTERED,     /* address: as the server sees us */
    HOP_NOTE_KNOCKED,        /* knock sent */
    HOP_NOTE_WAITING,   /* the server heard the knock, START is awaited; address: as it sees us */
    HOP_NOTE_START,     /* number: start delay; extra: RTT through the server; address: peer's
                           observed */
    HOP_NOTE_CANDIDATE, /* address, type: the peer offers it and we shall dial it */
    HOP_NOTE_CANDIDATE_SKIPPED, /* address, type, skip: why we shall not */
    HOP_NOTE_DIAL,              /* link, address; number: the how-manieth dial of this pair */
    HOP_NOTE_REFUSED,           /* link, address, reason: the dial was answered with a refusal */
    HOP_NOTE_SILENT,    /* link, address: closed to dial again; extra: 1: it had begun to answer */
    HOP_NOTE_ANSWERING, /* link, address: the SYNs have crossed, the handshake goes on: hands off */
    HOP_NOTE_IN_USE,    /* link, address: the 4-tuple is taken, most likely by an accepted link */
    HOP_NOTE_CONNECTED, /* link, address: a dial was completed */
    HOP_NOTE_ACCEPTED,  /* link, address: somebody came in */
    HOP_NOTE_HELLO, /* link, address: the peer proved what there is to prove; number: hop_proof */
    HOP_NOTE_STRANGER,   /* link, address: what it said was no genuine hello; closed */
    HOP_NOTE_LINK_ENDED, /* link, address, reason: a connected link ended before it was nominated */
    HOP_NOTE_NOMINATE,   /* link, address: we (controlling) chose this link */
    HOP_NOTE_NOMINATED,  /* link, address: the peer (controlling) chose this link */
    HOP_NOTE_SLOW,       /* the bound on dials per second holds us back */
    HOP_NOTE_MAPPED,     /* address, protocol; number: lifetime in seconds */
    HOP_NOTE_UNMAPPED, /* protocol, trouble; address: what the router calls its outside; number: the
                          router's error code, 0: none */
    HOP_NOTE_MAPPED_ELSEWHERE, /* address: where the server sees us, not where the router says */
    HOP_NOTE_NAT,      /* ours: number: hop_nat_mapping, extra: delta, type: ports preserved */
    HOP_NOTE_PEER_NAT, /* the peer's; the same */
    HOP_NOTE_PLAN,     /* number: hop_strategy_kind, chosen for this pair of NATs */
    HOP_NOTE_SHOTS,    /* number: hop_strategy_kind, extra: how many dials now, address: the first's
                          (BIRTHDAY: of the peer, from many ports of ours or to many of its;
                          OPENER: the TTL of ours, 0: the peer has opened its NAT for us) */
    HOP_NOTE_TOLD,     /* address: where the peer's NAT was last, number: round */
    HOP_NOTE_SERVER_HELD,   /* address: by IPv6; number: how long IPv4 is waited for at most */
    HOP_NOTE_CROSSED,       /* link, address: a peer of ours, but of another attempt; closed */
    HOP_NOTE_RELAY_ASKED,   /* link, address: the server's: calls it for a relay; number: 1: nothing
                               else is wanted */
    HOP_NOTE_RELAY_THERE,   /* link, address: the peer has come there as well */
    HOP_NOTE_RELAY_REFUSED, /* address; number: the code */
    HOP_NOTE_RELAY_FAILED,  /* address, reason; number: 1 when it is not asked for again */
    HOP_NOTE_NETWORK,   /* this machine's network has changed: number: changes of HOP_IN_NETWORK */
    HOP_NOTE_SLEPT,     /* this machine has slept; number: for how long */
    HOP_NOTE_HOST_GONE, /* address: it was ours, and is no more */
    HOP_NOTE_SERVER_CHECKED, /* address: asks this server whether it still hears us */
    HOP_NOTE_SPENT /* address: came in by the hole of a dial that we had given up; closed */
} hop_note_kind;

/* By which protocol a router maps a port. */
typedef enum hop_map_protocol {
    HOP_MAP_NONE,
    HOP_MAP_PCP,    /* RFC 6887 */
    HOP_MAP_NATPMP, /* RFC 6886 */
    HOP_MAP_UPNP    /* UPnP Internet Gateway Device */
} hop_map_protocol;

/* Why there is no mapping; the more telling the later. */
typedef enum hop_map_trouble {
    HOP_MAP_TROUBLE_NONE,
    HOP_MAP_TROUBLE_SILENT,    /* no router answers by any protocol */
    HOP_MAP_TROUBLE_LOST,      /* there was one, and the router does not answer any more */
    HOP_MAP_TROUBLE_UNUSABLE,  /* it grants what nobody can use: port 0, a moment's life ... */
    HOP_MAP_TROUBLE_PERMANENT, /* it grants only mappings that never end: a crash would leave it */
    HOP_MAP_TROUBLE_REFUSED,
    HOP_MAP_TROUBLE_DOUBLE_NAT /* its outside address is private: another NAT stands before it */
} hop_map_trouble;

/* What the peer of a link has proved with its first words. */
typedef enum hop_proof {
    HOP_PROOF_SECRET,      /* that it holds the ticket's or the user's secret */
    HOP_PROOF_DESCRIPTION, /* there is none; that it knows our description, and its own to us */
    HOP_PROOF_NONE         /* bare addresses without a secret: that it speaks the protocol */
} hop_proof;

/* Why something ended; the driver's translation of errno. */
typedef enum hop_reason {
    HOP_REASON_NONE,
    HOP_REASON_REFUSED,     /* ECONNREFUSED, ECONNRESET while connecting: an RST came */
    HOP_REASON_UNREACHABLE, /* EHOSTUNREACH, ENETUNREACH by ICMP, EACCES: an ICMP error came */
    HOP_REASON_NO_ROUTE,    /* connect() failed at once: this machine has no way there */
    HOP_REASON_IN_USE,      /* EADDRNOTAVAIL, EADDRINUSE: the 4-tuple is taken */
    HOP_REASON_TIMED_OUT,   /* ETIMEDOUT */
    HOP_REASON_CLOSED,      /* the other side closed in good order */
    HOP_REASON_RESET,       /* a connected link was reset */
    HOP_REASON_ABANDONED,   /* we closed it in SYN_SENT, as HOP_OUT_ABANDON asked */
    HOP_REASON_LOCAL,       /* this machine refused: no more descriptors, buffers ... */
    HOP_REASON_RESOLVE,     /* the name could not be resolved */
    HOP_REASON_PROTOCOL,    /* it does not speak our protocol */
    HOP_REASON_FORBIDDEN, /* EACCES, EPERM at once: a rule of this machine forbids to dial there */
    HOP_REASON_NETWORK    /* this machine's own network has changed */
} hop_reason;

/* Why a candidate of the peer is not dialled. */
typedef enum hop_skip {
    HOP_SKIP_NONE,
    HOP_SKIP_SCOPE,    /* unspecified, multicast, link-local ...: nobody's address */
    HOP_SKIP_LOOPBACK, /* loopback, and the server is not on this machine */
    HOP_SKIP_PRIVATE,  /* a private address that is not plausibly ours to reach */
    HOP_SKIP_PORT,     /* a privileged port */
    HOP_SKIP_FAMILY,   /* a family that is switched off, or that this machine lacks */
    HOP_SKIP_LAN,      /* private addresses are switched off */
    HOP_SKIP_SELF,     /* our own address and port */
    HOP_SKIP_TOO_MANY
} hop_skip;

typedef struct hop_note {
    hop_note_kind kind;
    int attempt; /* 0: none */
    int link;    /* -1: none */
    hop_address address;
    uint8_t type; /* hop_candidate_type; of a link RELAYED or nothing */
    hop_reason reason;
    hop_skip skip;
    hop_map_protocol protocol;
    hop_map_trouble trouble;
    int64_t number;
    int64_t extra;
} hop_note;

#endif
