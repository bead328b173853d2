/* SPDX-License-Identifier: MIT */
/*
 * The connection with handlers, for its own parts only: conn.c its life, conn_options.c what was
 * chosen, conn_addresses.c texts of addresses, conn_provide.c our own addresses, conn_meet.c the
 * way to the peer, conn_flow.c the bytes, conn_handlers.c who is told, conn_log.c what is written
 * down. Everybody else knows hopconn/conn.h.
 */
#ifndef HOP_LIB_CONN_INSIDE_H
#define HOP_LIB_CONN_INSIDE_H

#include "lib/endpoint.h"
#include "lib/conn_queue.h"
#include "lib/conn_stream.h"

#include <hopconn/conn.h>

#define HOP_CONN_TRACE_SIZE      64
#define HOP_CONN_TRIES_DEFAULT   3
#define HOP_CONN_TIMEOUT_DEFAULT 3000
#define HOP_CONN_QUEUE_DEFAULT   100
/* Once established: more bytes than this wait only as one chunk. A flood is then copied through the
 * queue only as far as it takes to bridge the time until the user hears of on_room, and that in the
 * processor's cache; the rest goes to the socket straight from the user's memory. */
#define HOP_CONN_QUEUE_BYTES      (256 * 1024)
#define HOP_CONN_ADDRESSES        3
#define HOP_CONN_HANDSHAKE_MAX_US (10 * HOP_S)
#define HOP_CONN_LINGER_US        (5 * HOP_S)  /* closing: how long the peer's end is waited for */
#define HOP_CONN_STALL_US         (30 * HOP_S) /* closing: ... and that it takes what is queued */

typedef enum hop_conn_stage {
    HOP_CONN_MEETING,  /* the endpoint looks for the peer */
    HOP_CONN_SECURING, /* TLS shakes hands */
    HOP_CONN_OPEN,     /* established */
    HOP_CONN_OVER      /* an error is set; handlers hear of it with the next process */
} hop_conn_stage;

/* Where our public address comes from. */
typedef enum hop_conn_source {
    HOP_CONN_SOURCE_NONE,
    HOP_CONN_SOURCE_OBSERVED, /* the rendezvous server or options.stun sees it */
    HOP_CONN_SOURCE_PROVIDER, /* options.public_ip */
    HOP_CONN_SOURCE_HTTPS
} hop_conn_source;

/* Whose descriptor is ready, as tags of the poller. */
enum {
    HOP_CONN_TAG_ENDPOINT = 1,
    HOP_CONN_TAG_STREAM,
    HOP_CONN_TAG_CANCEL,
    HOP_CONN_TAG_WAKE,
    HOP_CONN_TAG_PUBLIC_IP
};

/* What the handlers are still to be told, in this order. */
enum {
    HOP_CONN_DUE_DISMISSED = 1u << 0,
    HOP_CONN_DUE_READY = 1u << 1,
    HOP_CONN_DUE_ESTABLISHED = 1u << 2,
    HOP_CONN_DUE_END = 1u << 3,
    HOP_CONN_DUE_ROOM = 1u << 4
};

typedef enum hop_conn_handler_kind {
    HOP_CONN_ON_DATA,
    HOP_CONN_ON_ESTABLISHED,
    HOP_CONN_ON_ERROR,
    HOP_CONN_ON_READY,
    HOP_CONN_ON_ROOM,
    HOP_CONN_ON_END
} hop_conn_handler_kind;

typedef struct hop_conn_handler {
    hop_conn_handler_kind kind;
    union {
        hop_data_handler data;
        hop_established_handler established;
        hop_error_handler error;
        hop_signal_handler signal;
    } call;
    void *user;
} hop_conn_handler;

typedef struct hop_conn_handlers {
    hop_conn_handler *list;
    unsigned count;
    unsigned capacity;
} hop_conn_handlers;

/* A question to a provider. */
struct hop_address_request {
    hop_conn *conn;
    bool open; /* asked, and not answered yet */
};

struct hop_conn {
    hop_conn_options options; /* pointers to the user's texts are only good in hop_conn_new */
    hop_conn_stage stage;
    hop_poller poller;
    int wake_fd;     /* -1: it has never been needed */
    bool woken;      /* wake_fd is watched */
    bool work;       /* there is something to do, whatever the descriptors say */
    bool processing; /* inside hop_conn_process */
    bool told;       /* the terminal error was delivered */
    unsigned due;    /* HOP_CONN_DUE_... */

    /* what was heard of ourselves */
    uint16_t port;
    hop_conn_source source;
    bool ready; /* both addresses are settled */
    hop_address_request local_request;
    hop_address_request public_request;
    struct hop_public_ip *public_ip;
    char interface_text[HOP_ADDRESS_TEXT_SIZE];
    char local_text[HOP_ADDRESS_TEXT_SIZE]; /* the provider's; empty: none */
    char public_text[HOP_ADDRESS_TEXT_SIZE];
    char trace_id[HOP_CONN_TRACE_SIZE];

    /* the way to the peer */
    hop_endpoint *endpoint; /* NULL once the peer is there */
    bool with_ticket;
    bool with_stun;
    bool use_tls;
    bool attempted;
    hop_route route;
    char *dismissed; /* text of HOP_E_DISMISSED */

    /* the bytes */
    hop_conn_stream stream;
    hop_conn_queue queue;
    unsigned interest;  /* what the poller watches the stream for */
    bool watched;       /* ... and whether it does */
    bool read_due;      /* read, although the socket may not be readable */
    bool read_blocked;  /* reading waits for the socket to be writable: TLS */
    bool write_blocked; /* writing waits for the socket to be readable: TLS */
    bool write_full;    /* the socket takes no more until it is writable */
    bool write_broken;
    unsigned small_count;  /* small chunks that went out on their own since the last process */
    bool rest_due;         /* bytes have passed since rest_us was set */
    int64_t rest_us;       /* when to give the buffers back; INT64_MAX: they are */
    int64_t look_us;       /* when to look whether the peer still answers; INT64_MAX: no need */
    size_t unacknowledged; /* bytes the peer's kernel had not taken when last looked, at the end */
    bool paused;
    bool room_wanted; /* somebody was told HOP_E_FULL */
    bool end_wanted;  /* nothing more will be written */
    bool end_said;
    bool peer_ended;
    bool end_heard; /* on_end was told */
    bool close_wanted;
    bool cancel_watched;
    bool cancelled;      /* options.cancel was fired */
    int64_t deadline_us; /* of the TLS handshake, or of closing; INT64_MAX: none */

    hop_conn_handlers handlers;
    int error; /* the terminal one; 0: none */
    char *error_text;
};

/* conn.c: ends the connection: everything is closed, the handlers will hear of the error. Does
 * nothing when it is over. format: the details, in one sentence or several lines. */
void hop_conn_fail(hop_conn *conn, int error, bool abortive, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The next process has something to do: makes the descriptor readable. */
void hop_conn_wake(hop_conn *conn);

/* conn_options.c: a copy with the defaults filled in. HOP_E_INVALID. */
int hop_conn_options_read(const hop_conn_options *options, hop_conn_options *ret_options);
/* Those for the endpoint below. */
hop_options hop_conn_options_below(const hop_conn_options *options);

/* conn_addresses.c: "ip:port" texts separated by commas, or a description, as candidates without
 * doubles. At most address_max of a list: ret_dismissed (to be freed; NULL: none) names the others.
 * HOP_E_INVALID, HOP_E_MEMORY. */
int hop_conn_addresses_parse(const char *text, unsigned address_max,
                             hop_candidate candidates[static HOP_CANDIDATES_MAX],
                             unsigned *ret_count, char **ret_dismissed);
/* The best address of this machine's interfaces, or of this one (NULL: all), with the port, as
 * text; an unspecified one where there is none. */
void hop_conn_addresses_interface(uint16_t port, unsigned flags, const char *interface,
                                  char text[static HOP_ADDRESS_TEXT_SIZE]);

/* conn_provide.c: asks for our addresses; then goes on with it; then forgets about it. */
void hop_conn_provide_start(hop_conn *conn);
void hop_conn_provide_process(hop_conn *conn);
void hop_conn_provide_stop(hop_conn *conn);
int64_t hop_conn_provide_wait_us(const hop_conn *conn);
/* The endpoint has news: perhaps a server has seen us. finally: there will be no more. */
void hop_conn_provide_observed(hop_conn *conn, bool finally);

/* conn_meet.c: reserves the port; then goes on until the peer is there. */
int hop_conn_meet_start(hop_conn *conn);
void hop_conn_meet_process(hop_conn *conn);

/* conn_flow.c: the stream is there; what the poller says of it (HOP_POLLER_...). */
void hop_conn_flow_start(hop_conn *conn, int fd, bool is_client, const uint8_t *key);
void hop_conn_flow_process(hop_conn *conn, unsigned what);
/* Sends what can be sent without waiting. */
void hop_conn_flow_flush(hop_conn *conn);
/* What the poller watches follows what is wanted now. */
void hop_conn_flow_settle(hop_conn *conn);
/* Gives buffers back when it is time for it. */
void hop_conn_flow_rest(hop_conn *conn, int64_t now_us);
/* Ends a connection whose peer has not answered what was sent for too long. */
void hop_conn_flow_look(hop_conn *conn, int64_t now_us);
/* When to call these two; INT64_MAX: never. */
int64_t hop_conn_flow_wait_us(const hop_conn *conn, int64_t now_us);
/* After conn->deadline_us. */
void hop_conn_flow_overdue(hop_conn *conn);

/* conn_handlers.c */
bool hop_conn_handlers_any(const hop_conn *conn, hop_conn_handler_kind kind);
void hop_conn_handlers_data(hop_conn *conn, const uint8_t *bytes, size_t size);
/* What is due; the terminal error last, when there is one. */
void hop_conn_handlers_deliver(hop_conn *conn);

/* conn_log.c */
void hop_conn_log(const hop_conn *conn, hop_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies options->trace_id, or makes one. False: no randomness. */
bool hop_conn_log_name(hop_conn *conn);

/* conn_cancel.c */
int hop_cancel_token_fd(const hop_cancel_token *token);

#endif
