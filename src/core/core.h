/* SPDX-License-Identifier: MIT */
/*
 * The core: one endpoint's mind. It calls the rendezvous server, runs the attempts, and names
 * links; told what happened (step), it says what to do (next) and until when there is nothing to do
 * (deadline). No sockets, no clock, no malloc: one `now` a step, a seed and a table of crypto
 * handed in. So a list of inputs replays anywhere. The parts: caller.c talks to the server,
 * probe.c asks how our NAT behaves, attempt.c punches towards one peer, strategy.c helps where that
 * is not enough, link.c shakes hands on one connection, candidate.c decides what may be dialled,
 * pace.c how fast.
 */
#ifndef HOP_CORE_CORE_H
#define HOP_CORE_CORE_H

#include "base/crypto.h"
#include "core/input.h"
#include "core/output.h"
#include "wire/ticket.h"

typedef enum hop_core_mode {
    HOP_CORE_LISTEN,  /* register, be controlled in any number of attempts */
    HOP_CORE_CONNECT, /* knock, be controlling in one */
    HOP_CORE_MANUAL /* no rendezvous: the descriptions are carried by the users; ticket.servers are
                       plain STUN servers (none is fine), ticket.secret may be all zeros */
} hop_core_mode;

typedef enum hop_core_relay {
    HOP_CORE_RELAY_NEVER,
    HOP_CORE_RELAY_AUTO, /* where direct links are late or hopeless */
    HOP_CORE_RELAY_ONLY  /* nothing direct is offered, dialled or let in */
} hop_core_relay;

typedef struct hop_core_config {
    hop_core_mode mode;
    bool bare; /* by hand, bare addresses: HOP_IN_PEER's nonce is not used, whoever comes in, speaks
                  the protocol and holds ticket.secret may be the peer, and the attempt waits for
                  him from the beginning on */
    bool no_secret; /* ticket.secret is all zeros: for the notes, and for those who replay them */
    hop_ticket ticket;
    const hop_crypto *crypto;
    uint64_t seed;          /* for jitter */
    int64_t unix_offset_us; /* unix time = now_us + this */
    int64_t timeout_us;     /* of one attempt */
    bool use_ipv4;
    bool use_ipv6;
    bool use_lan;
    bool allow_private;
    bool allow_loopback;
    hop_core_relay relay;
    bool one_interface; /* the driver keeps to one network interface: for the advice, where all
                           fails, and for those who replay it */
    bool probe; /* ask servers at a second port, too, to know our NAT; strategies for hard pairs */
} hop_core_config;

typedef struct hop_core hop_core;

/* The core is one flat piece of memory that holds no pointers into itself. */
size_t hop_core_size(void);
/* memory: hop_core_size() bytes, aligned as malloc's. HOP_E_SYSTEM: the crypto table failed. */
int hop_core_init(void *memory, const hop_core_config *config, hop_core **ret_core);
/* Overwrites the secrets. */
void hop_core_wipe(hop_core *core);

/* After every step drain next() until it returns false, before the next step: carrying out an
 * output may lead to a step only once the queue is empty. now_us never goes back. */
void hop_core_step(hop_core *core, int64_t now_us, const hop_input *input);
bool hop_core_next(hop_core *core, hop_output *ret_output);
/* When to step with HOP_IN_TIMER at the latest; INT64_MAX: never. */
int64_t hop_core_deadline(const hop_core *core);

/* Our own description of the manual way, complete after HOP_OUT_DESCRIBED. */
const hop_description *hop_core_description(const hop_core *core);
/* Our address as a server sees it, the IPv4 one first; family NONE: not known. */
hop_address hop_core_observed(const hop_core *core);
/* The time of the last step. */
int64_t hop_core_now(const hop_core *core);
bool hop_core_one_interface(const hop_core *core);
/* The room's public key, 32 bytes. */
const uint8_t *hop_core_room(const hop_core *core);

#endif
