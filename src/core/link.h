/* SPDX-License-Identifier: MIT */
/*
 * One TCP connection as the core names it, and the handshake on it (wire/hello.h): each side's
 * first flight is a HELLO with a fresh link nonce; the controlled side answers with CONFIRM, the
 * controlling side sends NOMINATE on the one link that it chooses. The controlling side hands over
 * when the CONFIRM of the nominated link has come, the controlled side when NOMINATE has: each has
 * then seen the other answer to its own nonce, and both hold the same connection.
 */
#ifndef HOP_CORE_LINK_H
#define HOP_CORE_LINK_H

#include "base/address.h"
#include "base/crypto.h"
#include "wire/hello.h"

typedef enum hop_link_state {
    HOP_LINK_FREE,
    HOP_LINK_DIALLING,
    HOP_LINK_ANSWERING, /* SYN_RECV: the SYNs have crossed; left alone while it may win */
    HOP_LINK_OPEN       /* TCP is connected */
} hop_link_state;

typedef enum hop_link_owner {
    HOP_LINK_CALLER,  /* to a rendezvous server; index: which caller */
    HOP_LINK_ATTEMPT, /* index: which attempt */
    HOP_LINK_LOBBY,   /* came in, and no attempt has claimed it yet */
    HOP_LINK_RELAY,   /* asks a server for a relay, and is the attempt's (index) when it has it */
    HOP_LINK_PROBE    /* asks a server how it sees us; index: which probe */
} hop_link_owner;

typedef enum hop_link_phase {
    HOP_LINK_SILENT,   /* our HELLO is not sent yet */
    HOP_LINK_GREETED,  /* our HELLO is out, theirs is awaited */
    HOP_LINK_PROVED,   /* their HELLO was genuine; CONFIRM or NOMINATE is awaited */
    HOP_LINK_CONFIRMED /* controlling: their CONFIRM came */
} hop_link_phase;

typedef struct hop_link {
    hop_link_state state;
    hop_link_owner owner;
    int index;
    bool accepted;
    bool any_port; /* a shot from a fresh port of ours */
    bool relayed;  /* by the server at the other end */
    hop_link_phase phase;
    hop_address remote;
    hop_address local;
    int64_t dialled_us;
    uint32_t order; /* of all links, in which it was dialled */
    int64_t opened_us;
    int64_t deadline_us; /* of the handshake or the stay in the lobby; of a shot's dial */
    uint8_t nonce[HOP_NONCE_SIZE];
    uint8_t peer_nonce[HOP_NONCE_SIZE];
    bool has_hello; /* in the lobby: what the stranger said first, until an attempt claims it */
    uint8_t hello[HOP_HELLO_SIZE];
} hop_link;

struct hop_core;

/* A free link number, or -1. */
int hop_link_take(struct hop_core *core, hop_link_owner owner, int index);
/* The same beyond HOP_LINKS_PLAIN, for an attempt's shot. */
int hop_link_take_shot(struct hop_core *core, int attempt);
/* Has the driver close it abortively, and frees the number. -1 is fine. */
void hop_link_close(struct hop_core *core, int link);
/* The same, in good order: to a server. */
void hop_link_hang_up(struct hop_core *core, int link);
/* An open link that belongs to an attempt begins its handshake. */
void hop_link_greet(struct hop_core *core, int link);
/* One message of the handshake came. */
void hop_link_received(struct hop_core *core, int link, const uint8_t *bytes);
/* Takes a link of the lobby into an attempt. */
void hop_link_claim(struct hop_core *core, int link, int attempt);

#endif
