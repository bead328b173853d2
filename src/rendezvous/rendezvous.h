/* SPDX-License-Identifier: MIT */
/*
 * The rendezvous server's mind: who is registered in which room, who knocks, when both start. A
 * pure state machine like the core: hop_rendezvous_step() is told what happened,
 * hop_rendezvous_next() says what to do, hop_rendezvous_deadline() until when there is nothing to
 * do. It names clients by small integers chosen by the driver (0 ... client_max-1); the driver maps
 * them to sockets. No sockets, clock or malloc: memory is handed in once, hop_rendezvous_size()
 * bytes.
 */
#ifndef HOP_RENDEZVOUS_RENDEZVOUS_H
#define HOP_RENDEZVOUS_RENDEZVOUS_H

#include "base/address.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "rendezvous/relay.h"
#include "wire/dialback.h"

/* Capacities; zero means the default in brackets. */
typedef struct hop_rendezvous_config {
    const hop_crypto *crypto;
    uint64_t seed;              /* for hash tables; unpredictable in a real server */
    int64_t unix_offset_us;     /* unix time = now_us + this */
    unsigned client_max;        /* [16384] connections at once */
    unsigned client_per_ip_max; /* [64] of one IPv4 address or IPv6 /64 (loopback: no limit) */
    unsigned room_max_parked;   /* [8] knocks waiting in one room */
    unsigned replay_max;        /* [65536] signatures remembered within the window */
    int64_t window_us;          /* [60 s] how far a signed time may be off, either way */
    int64_t hush_us; /* [10 s] a connection that has not yet said a valid REGISTER or KNOCK */
    int64_t idle_us; /* [90 s] a client that sends nothing (keepalive is 25 s) */
    int64_t park_us; /* [10 min] a knock that waits for a listener */
    hop_relay_config relay;
    hop_address other; /* OTHER-ADDRESS of RFC 5780 for mapping tests; family NONE: none */
    bool no_dialback;  /* nobody is dialled back */
} hop_rendezvous_config;

typedef enum hop_rendezvous_input_kind {
    HOP_RENDEZVOUS_TIMER,    /* nothing but time */
    HOP_RENDEZVOUS_ACCEPTED, /* client: a free number; remote, local: as the socket says */
    HOP_RENDEZVOUS_RECEIVED, /* client, bytes, size: one whole STUN message (the driver frames it by
                                hop_stun_frame_size and closes what is no STUN); rtt_us */
    HOP_RENDEZVOUS_CLOSED,   /* client: the connection is gone. Of a relayed one: both ways are at
                                their end, or, where broken is true, one could not go on */
    HOP_RENDEZVOUS_DIALLED   /* client: what DIAL asked for is over, and the client is told */
} hop_rendezvous_input_kind;

typedef struct hop_rendezvous_input {
    hop_rendezvous_input_kind kind;
    unsigned client;
    hop_address remote;
    hop_address local;
    const uint8_t *bytes;
    size_t size;
    bool broken;
    /* The socket's smallest round trip time of late (TCP_INFO); 0: not known. Not the smoothed one:
     * that counts the client's delayed acknowledgements and what queued before them, but a SYN does
     * not wait for either. */
    uint32_t rtt_us;
} hop_rendezvous_input;

typedef enum hop_rendezvous_output_kind {
    HOP_RENDEZVOUS_SEND,   /* client, bytes, size */
    HOP_RENDEZVOUS_CLOSE,  /* client: close; the number is free from here on, no CLOSED follows */
    HOP_RENDEZVOUS_SPLICE, /* client (the controlling side), other, relay: once all is sent, what
                              one says is the other's. The driver asks hop_relay_ask() how much it
                              may move, tells hop_relay_moved(), and tells CLOSED of one of the two.
                            */
    HOP_RENDEZVOUS_LOG,    /* for the operator: log, client, code */
    HOP_RENDEZVOUS_DIAL /* client, dialback: its request; address: whom to dial. The driver answers
                           and tells the client; DIALLED or the client's end follows */
} hop_rendezvous_output_kind;

typedef enum hop_rendezvous_log {
    HOP_RENDEZVOUS_LOG_REGISTER,
    HOP_RENDEZVOUS_LOG_KNOCK, /* parked is true: nobody listens yet */
    HOP_RENDEZVOUS_LOG_START, /* client: the knocker, other: the listener, delays in microseconds */
    HOP_RENDEZVOUS_LOG_REFUSE,      /* code: the refusal's */
    HOP_RENDEZVOUS_LOG_EXPIRE,      /* a client's time was over */
    HOP_RENDEZVOUS_LOG_RELAY_START, /* client and other (controlling, controlled), other_address */
    HOP_RENDEZVOUS_LOG_RELAY_END    /* the same, and moved, lasted_us, end */
} hop_rendezvous_log;

typedef enum hop_rendezvous_end {
    HOP_RENDEZVOUS_END_DONE, /* both sides had said all */
    HOP_RENDEZVOUS_END_BROKEN,
    HOP_RENDEZVOUS_END_UNUSED, /* the controlling side has not nominated it */
    HOP_RENDEZVOUS_END_IDLE
} hop_rendezvous_end;

typedef struct hop_rendezvous_output {
    hop_rendezvous_output_kind kind;
    unsigned client;
    const uint8_t *bytes; /* live until the next step */
    size_t size;
    hop_rendezvous_log log;
    unsigned code;
    unsigned other;
    bool parked;
    uint32_t delay_us;       /* the knocker's */
    uint32_t other_delay_us; /* the listener's */
    uint32_t relay;
    hop_address address; /* the client's observed address */
    hop_address other_address;
    uint64_t moved[2]; /* bytes that the client and the other have said */
    int64_t lasted_us;
    hop_rendezvous_end end;
    uint8_t room[HOP_KEY_SIZE];
    hop_dialback dialback;
} hop_rendezvous_output;

typedef struct hop_rendezvous hop_rendezvous;

size_t hop_rendezvous_size(const hop_rendezvous_config *config);
/* memory: hop_rendezvous_size(config) bytes aligned as malloc's, all zero; the config is copied. */
hop_rendezvous *hop_rendezvous_init(void *memory, const hop_rendezvous_config *config);
/* After every step drain next() until it returns false. now_us never goes back. */
void hop_rendezvous_step(hop_rendezvous *rendezvous, int64_t now_us,
                         const hop_rendezvous_input *input);
bool hop_rendezvous_next(hop_rendezvous *rendezvous, hop_rendezvous_output *ret_output);
/* INT64_MAX: none. */
int64_t hop_rendezvous_deadline(const hop_rendezvous *rendezvous);

/* What the driver needs for relays that run. */
hop_relays *hop_rendezvous_relays(hop_rendezvous *rendezvous);

/* Counters for metrics and tests. */
typedef struct hop_rendezvous_counts {
    unsigned clients;
    unsigned registered;
    unsigned parked;
    uint64_t knocks;
    uint64_t starts;
    uint64_t refusals;
    unsigned relays; /* that run */
    uint64_t relays_begun;
} hop_rendezvous_counts;
void hop_rendezvous_count(const hop_rendezvous *rendezvous, hop_rendezvous_counts *ret_counts);

#endif
