/* SPDX-License-Identifier: MIT */
/*
 * One connection as the server's mind knows it, small because there are many, and the lists that
 * clients stand in. Clients are named here by id = number + 1, so that the zeros of fresh memory
 * mean "none".
 */
#ifndef HOP_RENDEZVOUS_CLIENT_H
#define HOP_RENDEZVOUS_CLIENT_H

#include "base/address.h"
#include "wire/message.h"

typedef enum hop_client_state {
    HOP_CLIENT_FREE,
    HOP_CLIENT_NEW,        /* has not said a valid REGISTER or KNOCK yet */
    HOP_CLIENT_KNOWN,      /* its knock was started */
    HOP_CLIENT_REGISTERED, /* listens in its room */
    HOP_CLIENT_PARKED,     /* its knock waits in its room */
    HOP_CLIENT_WAITING,    /* sits still for a dial-back that is a wait */
    HOP_CLIENT_ALONE,      /* for a relay: waits for the other side */
    HOP_CLIENT_RELAYED     /* what it says is the other side's, and never comes here */
} hop_client_state;

typedef struct hop_chain_link {
    uint32_t before;
    uint32_t after;
} hop_chain_link;

/* The lists that a client can stand in at once. */
typedef enum hop_chain_kind {
    HOP_CHAIN_LIFE, /* ordered by life_deadline_us */
    HOP_CHAIN_PARK, /* ordered by park_deadline_us */
    HOP_CHAIN_ROOM, /* the listeners or the parked of its room, or its partner's knockers */
    HOP_CHAIN_COUNT
} hop_chain_kind;

typedef struct hop_chain {
    uint32_t first;
    uint32_t last;
} hop_chain;

typedef struct hop_client {
    int64_t life_deadline_us; /* for its first valid word, later for its next sign of life */
    int64_t park_deadline_us;
    hop_address remote;
    hop_address other; /* the OTHER-ADDRESS that it is told */
    hop_chain_link links[HOP_CHAIN_COUNT];
    uint32_t rtt_us; /* as last told by the driver; 0: never */
    uint32_t room;   /* id; 0: in none */
    uint32_t origin;
    uint32_t relay;     /* ALONE: its pass; RELAYED: its relay */
    uint32_t partner;   /* of a knock that was started: its listener; nonces[0] is the START's */
    hop_chain knockers; /* of a listener: those whose partner it is, newest first */
    uint8_t state;      /* hop_client_state */
    uint8_t nonce_count;
    uint8_t refusal_count;
    uint8_t tell_count; /* of the knock that was started, both ways */
    uint8_t dialling;   /* the way of a dial-back under way; 0: none */
    uint16_t sealed_size;
    /* Of a registration, oldest first. ALONE: the first is its request's transaction. */
    uint8_t nonces[HOP_MESSAGE_NONCES_MAX][HOP_NONCE_SIZE];
    uint8_t sealed[HOP_DESCRIPTION_SEALED_SIZE_MAX]; /* of a registration or of a parked knock */
} hop_client;

/* A registered client has to cost less than 1 KiB, the driver's share included. */
_Static_assert(sizeof(hop_client) <= 480, "a client's record has grown too large");

void hop_chain_append(hop_chain *chain, hop_client *clients, hop_chain_kind kind, uint32_t id);
void hop_chain_prepend(hop_chain *chain, hop_client *clients, hop_chain_kind kind, uint32_t id);
void hop_chain_remove(hop_chain *chain, hop_client *clients, hop_chain_kind kind, uint32_t id);

/* The message's description is kept. */
void hop_client_keep_sealed(hop_client *client, const hop_message *message);
/* Adds nonces while there is room for them. */
void hop_client_add_nonces(hop_client *client, const hop_message *message);
/* Takes the oldest nonce; there must be one. */
void hop_client_take_nonce(hop_client *client, uint8_t ret_nonce[static HOP_NONCE_SIZE]);

#endif
