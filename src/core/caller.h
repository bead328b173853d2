/* SPDX-License-Identifier: MIT */
/*
 * The conversation with one rendezvous (or plain STUN) server of the ticket: resolve, dial all its
 * addresses with a stagger, register, knock or bind on the first that answers (an IPv6 one is held
 * back while IPv4 may still come), keep the connection alive, hand over each START. Whoever loses a
 * server calls again with growing pauses: a listener for ever, a connector until its time-out.
 */
#ifndef HOP_CORE_CALLER_H
#define HOP_CORE_CALLER_H

#include "core/link.h"
#include "core/output.h"
#include "wire/message.h"

typedef enum hop_caller_state {
    HOP_CALLER_IDLE, /* not wanted yet */
    HOP_CALLER_RESOLVING,
    HOP_CALLER_DIALLING,
    HOP_CALLER_ASKING,  /* our request is out */
    HOP_CALLER_READY,   /* registered; or knocked and waiting; or bound */
    HOP_CALLER_PAUSING, /* a listener, before the next try */
    HOP_CALLER_FAILED
} hop_caller_state;

typedef struct hop_caller {
    hop_caller_state state;
    bool was_ready; /* once: from then on a listener never gives up */
    bool was_asked; /* it was reached once, and our request sent */
    hop_address addresses[HOP_SERVER_ADDRESSES_MAX];
    int dials[HOP_SERVER_ADDRESSES_MAX]; /* links; -1: none */
    unsigned address_count;
    unsigned address_next; /* the next to dial */
    int64_t stagger_us;    /* when to dial it */
    int64_t ipv4_us;       /* when IPv4 was dialled last */
    int held;              /* an IPv6 one that is open and held back; -1: none */
    int64_t held_until_us; /* then it is used without waiting for IPv4 any longer */
    uint32_t held_rtt_us;
    int64_t late_us;    /* until when IPv4 may still come, and we move over to it */
    int link;           /* the one we talk on; -1: none */
    hop_address failed; /* the address that failed last */
    int64_t timeout_us; /* of what we are waiting for */
    int64_t keepalive_us;
    int64_t pause_us; /* the last pause's length */
    int64_t rtt_us;
    uint8_t transaction[HOP_STUN_TRANSACTION_SIZE];
    bool clock_asked;     /* we have signed a second time, by the server's clock */
    int64_t clock_off_us; /* server's unix time minus ours */
    int64_t knocked_us;
    uint8_t nonce[HOP_NONCE_SIZE];                              /* knocking: our description's */
    uint8_t nonces[2 * HOP_MESSAGE_NONCES_MAX][HOP_NONCE_SIZE]; /* listening: given out, not used */
    unsigned nonce_count;
    unsigned stale_count; /* the first so many are those of the registration before this one */
    bool registering;     /* a REGISTER is out */
    bool outdated;        /* what is registered: our addresses have changed since */
    hop_address mapping;  /* our mapped candidate, as it was registered last */
    uint8_t told_mapping; /* registered: hop_nat_mapping of the description that the server has */
    enum hop_error error; /* why it failed ... */
    hop_reason reason;    /* ... and the most telling reason there was, ever */
    unsigned refusal;     /* the code that it refused with; 0: none */
    size_t received;      /* bytes of the message that is coming in */
    size_t wanted;
    uint8_t bytes[HOP_STUN_SIZE_MAX];
} hop_caller;

void hop_caller_start(struct hop_core *core, int caller);
void hop_caller_resolved(struct hop_core *core, int caller, const hop_address *addresses,
                         unsigned count);
void hop_caller_link_opened(struct hop_core *core, int link, uint32_t rtt_us);
void hop_caller_link_ended(struct hop_core *core, int link, hop_reason reason);
void hop_caller_received(struct hop_core *core, int link, const uint8_t *bytes, size_t size);
/* It is of no use any more: a listener that was registered pauses and calls again, everybody else
 * fails. */
void hop_caller_fail(struct hop_core *core, int caller, enum hop_error error, hop_reason reason);
/* Of several addresses one may lack a route and another refuse: what came from afar tells more. */
hop_reason hop_caller_telling(hop_reason one, hop_reason other);
/* Its connection is of no use any more, for our own network has changed: calls again at once. A
 * knocker that has met its peer stays: the attempt has begun, and nobody would be there for
 * another.
 */
void hop_caller_leave(struct hop_core *core, int caller);
/* Pausing: calls again at once, for what it failed by may be over. */
void hop_caller_hurry(struct hop_core *core, int caller);
/* Closes all its links for good. */
void hop_caller_stop(struct hop_core *core, int caller);
void hop_caller_tick(struct hop_core *core, int caller);
int64_t hop_caller_deadline(const struct hop_core *core, int caller);

#endif
