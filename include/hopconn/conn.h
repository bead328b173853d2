/* SPDX-License-Identifier: MIT */
/*
 * A connection with handlers: for those who want to be handed data instead of a descriptor. It
 * stands on hopconn.h, punches in no second way, and does the reading, writing, queueing and
 * encrypting.
 *
 *     hop_conn *conn;
 *     hop_conn_new(&options, &conn);                 accepts from here on
 *     hop_conn_on_data(conn, print, NULL);
 *     puts(hop_conn_local_address(conn));            exchange addresses by any means ...
 *     hop_conn_attempt(conn, "198.51.100.7:4711");   ... and dial the peer's, or only wait
 *     while (hop_conn_wait(conn, -1) == 1) continue;
 *
 * Handlers run only inside hop_conn_process (or hop_conn_wait, which calls it), never inside
 * another call and never one within another. A handler may call any function of the connection but
 * hop_conn_process, hop_conn_wait and hop_conn_free. A connection belongs to one thread at a time;
 * a hop_cancel_token may be fired from any.
 *
 * Without a ticket and a secret nothing is protected: whoever comes first to the port and speaks
 * the protocol is the peer, and whoever is on the path can read and change the bytes.
 */
#ifndef HOPCONN_CONN_H
#define HOPCONN_CONN_H

#include <hopconn/hopconn.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hop_conn hop_conn;
typedef struct hop_cancel_token hop_cancel_token;

typedef enum hop_log_level {
    HOP_LOG_DEFAULT = 0, /* errors */
    HOP_LOG_NONE,
    HOP_LOG_ERROR,
    HOP_LOG_INFO, /* what happened, a few lines a connection */
    HOP_LOG_DEBUG /* the whole story */
} hop_log_level;

/* Flags of hop_conn_options, besides those of hop_options (HOP_NONBLOCKING means nothing here). */
enum {
    HOP_CONN_PLAIN = 1u << 16,        /* no TLS, although there is a secret */
    HOP_CONN_NO_PUBLIC_IP = 1u << 17, /* ask nobody for our public address */
    HOP_CONN_LISTEN = 1u << 18 /* with a ticket: be the one who listens (else: who connects) */
};

/* A provider's answer. Give it once per request, from the connection's own thread, at once or
 * later: address is an IP address as text ("198.51.100.7"), or NULL with an error. The port is
 * taken to be the local one, unless the text has one as well. After hop_conn_free it must not be
 * called any more. */
typedef struct hop_address_request hop_address_request;
HOP_API void hop_address_answer(hop_address_request *request, const char *address, int error);

/* Called once, from hop_conn_new, to find an address of this machine. It must not call the
 * connection, only hop_address_answer. */
typedef void (*hop_address_provider)(hop_address_request *request, void *user);

/* Where the log goes: called from any function of the connection, which it must not call. level is
 * HOP_LOG_ERROR ... HOP_LOG_DEBUG; trace_id is the connection's. */
typedef void (*hop_log_handler)(hop_log_level level, const char *trace_id, const char *text,
                                void *user);

/* Texts are copied. ticket excludes secret and stun. */
typedef struct hop_conn_options {
    size_t size;
    unsigned flags;
    uint16_t local_port;  /* 0: any free port, reserved for the connection's whole life */
    int64_t timeout_ms;   /* one try of an attempt; default 3000 */
    unsigned try_count;   /* tries of an attempt; default 3: it lasts timeout_ms * try_count */
    unsigned address_max; /* addresses tried; default 3, at most 8; the rest is dismissed, with an
                             error */
    unsigned queue_count; /* chunks in the write queue; default 100 */
    hop_log_level log_level;
    hop_log_handler log_handler; /* NULL: no log */
    void *log_user;
    const char *trace_id; /* goes with each log line, at most 63 letters; NULL: one is made */
    const char *
        ticket; /* meet through a rendezvous server, authenticated and encrypted; NULL: addresses */
    const char *secret; /* both sides know it: authenticated and encrypted; NULL: anybody who speaks
                           the protocol can become the peer, and can read along */
    const char *stun;   /* "host[:port]": ask this STUN-over-TCP server for our public address */
    const char *public_ip_url; /* NULL: https://api.ipify.org, where no server or provider is set */
    const char *public_ip_ca_file; /* certificates to trust for it; NULL: the system's */
    hop_address_provider
        public_ip; /* replaces both; its error is the connection's error, unchanged */
    void *public_ip_user;
    hop_address_provider local_ip; /* its error falls back to the address of the interface */
    void *local_ip_user;
    hop_cancel_token *cancel; /* firing it closes the connection; NULL: none */
    const char *record;       /* as hop_options.record: how the connection came about */
    hop_relay_use relay;      /* as hop_options.relay: with a ticket */
    unsigned keepalive_s;     /* as hop_options.keepalive_s; and a peer whose system leaves what was
                                 sent unanswered for 1.2 times as long (30 s by default) is gone:
                                 HOP_E_BROKEN. A peer that is merely slow to read is not. */
    const char *interface;    /* as hop_options.interface; public_ip_url is asked by it, too */
} hop_conn_options;

#define HOP_CONN_OPTIONS_INIT                                                                      \
    { .size = sizeof(hop_conn_options) }

/* --- Life
 * ------------------------------------------------------------------------------------------- */

/* Reserves a port and accepts on it from now on. Never blocks: the public address comes later.
 * Errors: HOP_E_INVALID, HOP_E_PORT, HOP_E_TICKET, HOP_E_MEMORY, HOP_E_SYSTEM, HOP_E_RECORD,
 * HOP_E_INTERFACE. */
HOP_API int hop_conn_new(const hop_conn_options *options, hop_conn **ret_conn);
/* Closes at once what is still open and frees; no handler is called. NULL is fine. Returns NULL. */
HOP_API hop_conn *hop_conn_free(hop_conn *conn);

/* "ip:port"; live as long as the connection. The public one is NULL until it is known (on_ready). A
 * rendezvous or STUN server saw it, with the port; a provider or the web service knows the IP
 * address alone: that the port is the local one holds only behind NATs that preserve ports. Who
 * connects with a ticket is seen by the server only when the attempt has begun. */
HOP_API const char *hop_conn_local_address(const hop_conn *conn);
HOP_API const char *hop_conn_public_address(const hop_conn *conn);
HOP_API const char *hop_conn_trace_id(const hop_conn *conn);

/* --- Handlers: any number of each, called in the order in which they were added
 * ------------------------- */

/* bytes live until the handler returns. Each handler gets every chunk; without one data is
 * discarded, and so is what comes in after hop_conn_close. */
typedef void (*hop_data_handler)(hop_conn *conn, const uint8_t *bytes, size_t size, void *user);
/* Exactly once, and never after an error that ended the attempt. route: see hopconn.h. */
typedef void (*hop_established_handler)(hop_conn *conn, hop_route route, void *user);
/* error is one of enum hop_error. HOP_E_DISMISSED tells of addresses that are not tried and is not
 * the end; each other one is terminal: HOP_E_NO_PATH, HOP_E_IMPOSTOR (no connection established),
 * HOP_E_PEER_CLOSED, HOP_E_TRUNCATED, HOP_E_BROKEN, HOP_E_CLOSED (by us), or a provider's. Exactly
 * one terminal error ends every connection, and nothing comes after it. text has the details. */
typedef void (*hop_error_handler)(hop_conn *conn, int error, const char *text, void *user);
/* ready: both addresses are known (or will not be; who connects with a ticket need not wait for
 * it); room: half of the queue is free again after HOP_E_FULL; end: the peer writes no more
 * (half-close). With a handler of that kind we may still write, until hop_conn_end or
 * hop_conn_close; without one the connection sends what is queued and ends by itself. */
typedef void (*hop_signal_handler)(hop_conn *conn, void *user);

/* 0, HOP_E_INVALID or HOP_E_MEMORY. */
HOP_API int hop_conn_on_data(hop_conn *conn, hop_data_handler handler, void *user);
HOP_API int hop_conn_on_established(hop_conn *conn, hop_established_handler handler, void *user);
HOP_API int hop_conn_on_error(hop_conn *conn, hop_error_handler handler, void *user);
HOP_API int hop_conn_on_ready(hop_conn *conn, hop_signal_handler handler, void *user);
HOP_API int hop_conn_on_room(hop_conn *conn, hop_signal_handler handler, void *user);
HOP_API int hop_conn_on_end(hop_conn *conn, hop_signal_handler handler, void *user);

/* --- Connecting
 * -------------------------------------------------------------------------------------- */

/* Starts the attempt, once; does not block. addresses: "ip:port" texts, separated by commas; or a
 * description (hopconn.h); NULL with a ticket, or to only wait. Either side may only wait (without
 * ever calling this) or only dial. HOP_E_INVALID: not addresses, nothing happens; HOP_E_ALREADY: a
 * second call; HOP_E_STOPPED: after close or a terminal error; HOP_E_MEMORY. Who has a ticket and
 * HOP_CONN_LISTEN listens from hop_conn_new on; who connects calls the server from here on. */
HOP_API int hop_conn_attempt(hop_conn *conn, const char *addresses);

/* --- Data
 * ---------------------------------------------------------------------------------------------- */

/* Sends the bytes, or queues a copy of what cannot be sent at once, before or after the connection
 * is established. HOP_E_FULL: queue_count chunks wait or, once it is established, 256 KiB; nothing
 * was taken, on_room tells when there is room. One chunk of any size fits into an empty queue. The
 * first small chunks after each hop_conn_process leave at once, more of them are gathered and leave
 * with the next one, which hop_conn_poll_fd asks for, or when there are many.
 * HOP_E_STOPPED: after close, end or an error; HOP_E_MEMORY. */
HOP_API int hop_conn_write(hop_conn *conn, const void *bytes, size_t size);
/* Half-close: the peer sees the end after all that was queued. HOP_E_STOPPED as above. */
HOP_API int hop_conn_end(hop_conn *conn);
/* Stops or goes on reading: what the peer sends waits, at the peer in the end. */
HOP_API void hop_conn_pause(hop_conn *conn, int paused);

/* --- Ending
 * ---------------------------------------------------------------------------------------------- */

/* Sends what is queued, says the end, waits up to 5 s for the peer's, then closes; the terminal
 * error HOP_E_CLOSED follows (HOP_E_BROKEN: the peer took nothing for 30 s, or reset). Before it is
 * established it closes at once: to send and go, queue and call hop_conn_end. A second call does
 * nothing. */
HOP_API void hop_conn_close(hop_conn *conn);
/* Closes at once; what is queued is lost. HOP_E_CLOSED follows. */
HOP_API void hop_conn_abort(hop_conn *conn);

/* Cancelling equals hop_conn_close. One token may serve many connections. Firing is safe from any
 * thread and from a signal handler. Free it after the last connection that knows it. */
HOP_API int hop_cancel_token_new(hop_cancel_token **ret_token);
HOP_API void hop_cancel_token_fire(hop_cancel_token *token);
HOP_API hop_cancel_token *hop_cancel_token_free(hop_cancel_token *token);

/* --- In an event loop: one descriptor, one timeout, one call
 * ------------------------------------------------ */

/* Becomes readable when hop_conn_process has something to do, also by a call of another function.
 * The same for the connection's whole life; do not read from it and do not close it. */
HOP_API int hop_conn_poll_fd(const hop_conn *conn);
/* Milliseconds after which hop_conn_process must be called anyway; -1: never. Ask again after each
 * call of it. */
HOP_API int hop_conn_poll_ms(const hop_conn *conn);
/* Does a bounded amount of work without blocking, and calls the handlers. 1: the connection lives;
 * 0: it is over (the terminal error was delivered); HOP_E_STATE: inside a handler. */
HOP_API int hop_conn_process(hop_conn *conn);
/* For programs without a loop: waits at most timeout_ms (negative: for ever) for something to do,
 * and does it. Returns as hop_conn_process. */
HOP_API int hop_conn_wait(hop_conn *conn, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
