/* SPDX-License-Identifier: MIT */
/*
 * hopconn: a connected kernel TCP socket to a peer, through the NATs of both.
 *
 *     int fd = hop_dial(ticket, NULL);              connect to the holder of the ticket
 *
 *     hop_listener *l;                              be that holder ...
 *     hop_listen(ticket, NULL, &l);
 *     int fd = hop_accept(l, -1);                   ... for any number of peers, in turn
 *
 * With an event loop: watch one descriptor (hop_poll_fd), mind one timeout (hop_poll_ms), make one
 * call when either fires (hop_process), then pull what happened (hop_next). The library prints
 * nothing, calls nothing of yours, and starts no threads, but for one: where a router that knows
 * only UPnP has answered, the calls to it (they block) are made in a thread that is joined by
 * hop_free. An endpoint belongs to one thread at a time; hop_cancel alone may be called from any.
 *
 * Functions that return int return 0 or more when they succeed and one of enum hop_error (negative)
 * when not; what ret_ points to is then untouched.
 */
#ifndef HOPCONN_HOPCONN_H
#define HOPCONN_HOPCONN_H

#include <stddef.h>
#include <stdint.h>

#include <hopconn/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HOP_API __attribute__((visibility("default")))
#else
#define HOP_API
#endif

/* One local TCP port from which everything goes out and on which everything comes in: the
 * rendezvous connection, the listening sockets and every dial. */
typedef struct hop_endpoint hop_endpoint;
/* An endpoint made by hop_listen. All functions of an endpoint apply to it. */
typedef hop_endpoint hop_listener;

/* How an established connection runs, by the candidates that won. */
typedef enum hop_route {
    HOP_ROUTE_NONE = 0,
    HOP_ROUTE_LAN,     /* a private address (or this very machine) */
    HOP_ROUTE_IPV6,    /* a global IPv6 address */
    HOP_ROUTE_DIRECT,  /* one side has a public IPv4 address of its own */
    HOP_ROUTE_PUNCHED, /* through the NATs of both */
    HOP_ROUTE_MAPPED,  /* a port mapping on a router */
    HOP_ROUTE_RELAYED  /* through the rendezvous server */
} hop_route;

/* May the rendezvous server carry the bytes, where it offers to? It can hold them up and cut them,
 * and, like everybody on the way, read and change what no TLS of yours protects; it cannot pose as
 * the peer. */
typedef enum hop_relay_use {
    HOP_RELAY_AUTO =
        0, /* where nothing direct can work, or nothing has in time; see event.reason */
    HOP_RELAY_NEVER,
    HOP_RELAY_ONLY /* nothing direct is offered, dialled or let in */
} hop_relay_use;

/* Flags of hop_options. */
enum {
    HOP_NO_IPV4 = 1u << 0,        /* neither gather, dial nor listen on IPv4 */
    HOP_NO_IPV6 = 1u << 1,        /* the same for IPv6 */
    HOP_NO_LAN = 1u << 2,         /* neither offer nor dial private addresses */
    HOP_NONBLOCKING = 1u << 3,    /* descriptors are handed over with O_NONBLOCK */
    HOP_ALLOW_PRIVATE = 1u << 4,  /* dial any private address a peer names, plausible or not */
    HOP_ALLOW_LOOPBACK = 1u << 5, /* offer and dial loopback addresses: for tests on one machine.
                                     On by itself where the rendezvous server is on this machine.
                                     The router is not asked for anything then. */
    HOP_NO_PORTMAP = 1u << 6 /* do not ask the router (PCP, NAT-PMP, UPnP) to map our port: else it
                                is asked in the background, for two minutes at a time, and told
                                when the port is not needed any more */
};

/* What may be chosen. Start from HOP_OPTIONS_INIT; a member that is zero means its default. The
 * struct grows at its end from version to version; size tells the library which members you know.
 */
typedef struct hop_options {
    size_t size;
    unsigned flags;
    uint16_t local_port; /* 0: any free port */
    int64_t timeout_ms;  /* one attempt, from "go" to established or failed; default 15000 */
    const char *stun;    /* "host[:port]" of a STUN-over-TCP server: with hop_open, to learn the
                            server-reflexive address without a rendezvous server; NULL: none */
    const char *secret;  /* with hop_open: a text that both sides know and that nobody else does, or
                            a ticket of which only the secret is used; NULL: only the nonces of the
                            descriptions protect the link, see hop_attempt */
    const char *record;  /* write a recording (`hopconn replay` tells it again) to this file, whose
                            content is lost, or to a new file in this folder; NULL: what the
                            environment says in HOP_RECORD (not where the program has more rights
                            than its user), else none. It holds addresses and all that the server
                            and the peer could read, but no secret and no key; mode 0600, at most
                            16 MiB. Whoever reads it can try guesses of a weak `secret`. A file that
                            takes no more ends the recording and nothing else. */
    int64_t zero_us;     /* the events' at_us counts from this time of CLOCK_MONOTONIC, in
                            microseconds; 0: from the making of the endpoint */
    hop_relay_use relay; /* with a ticket only: else nobody could relay */
    unsigned keepalive_s; /* seconds (1 to 7200) without a byte until TCP's keepalive asks whether
                             the other side is there, which also holds the NATs' mappings; default
                             25, less where a NAT forgets sooner. Four questions, a fifth of that
                             apart (at least 1 s), that nobody answers end the connection: after
                             45 s by default. It applies to the connections to servers, too. */
    unsigned user_timeout_ms; /* TCP_USER_TIMEOUT of the descriptors that are handed over; 0: none.
                                 It ends a connection whose peer has not acknowledged what was sent
                                 for so long, which the keepalive does not do; but Linux also ends
                                 one whose peer reads nothing for so long and is well. */
    const char *interface;    /* keep to this network interface ("eth0"; NULL: to none): its
                                 addresses alone are offered, and every packet, of the descriptors
                                 handed over, too, leaves and enters by it, whatever the routes say.
                                 Not so the questions to name servers, and calls to a router that
                                 knows only UPnP. 127.0.0.1 is lo's alone: no server there is
                                 reached by another one. The interface may go away and come back
                                 under its name. Before Linux 5.7 it takes CAP_NET_RAW (else
                                 HOP_E_SYSTEM, EPERM). */
} hop_options;

#define HOP_OPTIONS_INIT                                                                           \
    { sizeof(hop_options), 0, 0, 0, NULL, NULL, NULL, 0, HOP_RELAY_AUTO, 0, 0, NULL }

typedef enum hop_event_kind {
    HOP_EVENT_NONE = 0,
    HOP_EVENT_DESCRIBED,   /* hop_open: candidates are complete, hop_description has the line */
    HOP_EVENT_LISTENING,   /* the server has us registered; address: the server's */
    HOP_EVENT_CANDIDATE,   /* one of our own addresses; candidate says of which type */
    HOP_EVENT_PEER,        /* the peer's description is here: an attempt starts */
    HOP_EVENT_ESTABLISHED, /* hop_take_fd has the descriptor of this attempt */
    HOP_EVENT_FAILED,      /* this attempt (0: the endpoint as a whole) has failed, for good */
    HOP_EVENT_NOTE         /* a line of the story; text */
} hop_event_kind;

/* What happened. Pointers live until the next call of hop_next or hop_free on the endpoint. Members
 * that do not belong to the kind are zero. */
typedef struct hop_event {
    hop_event_kind kind;
    int attempt;           /* 1, 2, ...: which attempt; 0: the endpoint as a whole */
    const char *text;      /* NOTE: the line; FAILED: what happened, a sentence */
    const char *address;   /* "ip:port": CANDIDATE, LISTENING: as the kind says */
    const char *candidate; /* CANDIDATE: "host", "srflx", "mapped", "relay" */
    const char *room;      /* LISTENING: the room in hexadecimal digits */
    hop_route route;       /* ESTABLISHED */
    const char *local;     /* ESTABLISHED: our socket's "ip:port" */
    const char *remote;    /* ESTABLISHED: the peer's "ip:port" as we see it */
    int64_t tcp_us;        /* ESTABLISHED: from PEER to the winning link's TCP being connected */
    int64_t attempt_us;    /* ESTABLISHED: from PEER to authenticated and nominated */
    int64_t knock_us;      /* ESTABLISHED: from our knock being sent to PEER; 0 for who listens */
    int error;             /* FAILED: enum hop_error */
    const char *advice; /* FAILED: the one thing to do about it, sentences; the last one names the
                           section of docs/troubleshooting.md */
    const char *report; /* FAILED: lines: the stage reached, both NATs, what was tried, and what
                           happened to each candidate pair */
    int64_t at_us;      /* when it happened, see hop_options.zero_us */
    const char *reason; /* FAILED: that section: "both-random" and the like, or the error's name
                           where nothing more is known. ESTABLISHED by a relay: why not directly,
                           words; else NULL */
    const char *interface; /* CANDIDATE "host": the network interface that has it, "eth0"; else, and
                              where that is not known, NULL */
} hop_event;

/* --- The blocking way --- */

/* Connects to whoever listens with the ticket (the text that `hopconn ticket` prints). Blocks up to
 * the time-out. Returns a connected, close-on-exec TCP descriptor (yours to close) or an error:
 * HOP_E_TICKET: not a ticket; HOP_E_RESOLVE, HOP_E_SERVER: no server reached; HOP_E_NOBODY: nobody
 * listens; HOP_E_NO_PATH: no path worked; HOP_E_IMPOSTOR: somebody without the secret answered;
 * HOP_E_REFUSED, HOP_E_CLOCK, HOP_E_PROTOCOL: the server refused. hop_error_advice has what to do.
 */
HOP_API int hop_dial(const char *ticket, const hop_options *options);

/* Waits at most timeout_ms (negative: for ever) for the next established peer of a listener, and
 * returns its descriptor as hop_take_fd does. HOP_E_TIMEOUT: nobody came, call again.
 * HOP_E_CANCELLED: after hop_cancel. Any other error is the listener's end (see hop_listen): free
 * it. Attempts that fail are passed over; use hop_next to hear of them. */
HOP_API int hop_accept(hop_listener *listener, int timeout_ms);

/* --- Endpoints --- */

/* Starts listening with a ticket: registers with its server and stays registered (a lost server is
 * called again with growing pauses). Does not block. HOP_E_TICKET; HOP_E_PORT: local_port is taken;
 * HOP_E_INVALID: options; HOP_E_INTERFACE: there is no options.interface; HOP_E_RECORD:
 * options.record can't be written, look at errno; HOP_E_SYSTEM, HOP_E_MEMORY. Free it with
 * hop_free. */
HOP_API int hop_listen(const char *ticket, const hop_options *options, hop_listener **ret_listener);

/* Starts one attempt to connect to whoever listens with the ticket. Does not block; ends with the
 * event ESTABLISHED or FAILED. Errors as hop_listen's; those of hop_dial arrive as FAILED. */
HOP_API int hop_connect(const char *ticket, const hop_options *options,
                        hop_endpoint **ret_endpoint);

/* Without a rendezvous server: reserves a port, listens on it, gathers addresses. When the event
 * DESCRIBED comes, give hop_description to the peer by any means, and its line to hop_attempt.
 * Errors as hop_listen's. */
HOP_API int hop_open(const hop_options *options, hop_endpoint **ret_endpoint);

/* The one line to give to the peer; lives as long as the endpoint. NULL before DESCRIBED and for
 * endpoints of hop_listen and hop_connect. */
HOP_API const char *hop_description(const hop_endpoint *endpoint);

/* Starts the one attempt of an endpoint made by hop_open. Both sides call it, at about the same
 * time or one within the time-out of the other. Whoever can read both descriptions can pose as the
 * peer unless options.secret was set. HOP_E_DESCRIPTION: not a description, or our own;
 * HOP_E_STATE: before DESCRIBED, or a second call. */
HOP_API int hop_attempt(hop_endpoint *endpoint, const char *peer_description);

/* The descriptor of an established attempt: connected, close-on-exec, blocking unless
 * HOP_NONBLOCKING, TCP_NODELAY on, keepalive as hop_options.keepalive_s says (it holds the NATs'
 * mappings, and ends an idle connection whose path is dead; read() says ETIMEDOUT then; with data
 * on its way the kernel's own patience applies, a quarter of an hour, or hop_options.
 * user_timeout_ms); not one byte of the user's is lost or added. It is yours
 * from here on and outlives the endpoint. HOP_E_STATE: no such established attempt, or taken
 * before. At most 16 wait to be taken: one more is closed, and its attempt FAILED with
 * HOP_E_TOO_MANY. */
HOP_API int hop_take_fd(hop_endpoint *endpoint, int attempt);

/* Blocks until the event after next is there (it is not consumed: pull it with hop_next), for at
 * most timeout_ms (negative: for ever). Returns 1, or 0 when the time is over. HOP_E_STATE: the
 * endpoint is at its end, no event will come any more. For programs without a loop. */
HOP_API int hop_wait(hop_endpoint *endpoint, int timeout_ms);

/* Ends every attempt and the endpoint: FAILED with HOP_E_CANCELLED follows. May be called from any
 * thread and from a signal handler. A later call does nothing. */
HOP_API void hop_cancel(hop_endpoint *endpoint);

/* Closes all that has not been taken and frees the endpoint. NULL is fine. Returns NULL. */
HOP_API hop_endpoint *hop_free(hop_endpoint *endpoint);

/* --- In an event loop --- */

/* Becomes readable when hop_process has something to do. The same for the endpoint's whole life; do
 * not read from it and do not close it. */
HOP_API int hop_poll_fd(const hop_endpoint *endpoint);
/* Milliseconds after which hop_process must be called even if nothing became readable; -1: never.
 * Ask again after each call of hop_process. */
HOP_API int hop_poll_ms(const hop_endpoint *endpoint);
/* Does what there is to do, without blocking. Returns 0 or an error that ends the endpoint. */
HOP_API int hop_process(hop_endpoint *endpoint);
/* Takes the oldest event. Returns 1, or 0 when there is none. */
HOP_API int hop_next(hop_endpoint *endpoint, hop_event *ret_event);

/* --- Tickets and words --- */

/* Makes a new ticket for `count` (1 to 4) rendezvous servers, each "host", "host:port",
 * "[ip6]:port". ret_ticket is a text with a terminating zero; size is its room, HOP_TICKET_SIZE
 * suffices. HOP_E_INVALID: a server's text is not that, or room is too small. */
#define HOP_TICKET_SIZE 1536
HOP_API int hop_ticket_new(const char *const *servers, size_t count, char *ret_ticket, size_t size);
/* 0 or HOP_E_TICKET. */
HOP_API int hop_ticket_check(const char *ticket);

/* "NO_PATH" and the like; "UNKNOWN" for a number that is no error. Static texts, never NULL. */
HOP_API const char *hop_error_name(int error);
/* What happened, and what to do about it: sentences. An event's advice is often better. */
HOP_API const char *hop_error_text(int error);
HOP_API const char *hop_error_advice(int error);
/* "lan", "ipv6", "direct", "punched", "mapped", "relayed". */
HOP_API const char *hop_route_name(hop_route route);
/* The library's version, "0.1.0". */
HOP_API const char *hop_version(void);

#ifdef __cplusplus
}
#endif

#endif
