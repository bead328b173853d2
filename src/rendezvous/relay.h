/* SPDX-License-Identifier: MIT */
/*
 * Relays as the server's mind knows them: who may have one (the two sides of a START), who waits
 * for the other side, which run, when one has been idle for too long, and how they share a bound on
 * bytes per second. Messages and clients' records are splice.c's, moving bytes is the driver's.
 */
#ifndef HOP_RENDEZVOUS_RELAY_H
#define HOP_RENDEZVOUS_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/crypto.h"

/* Zero means the default in brackets. */
typedef struct hop_relay_config {
    bool on;           /* false: RELAY is refused, and nothing here costs anything */
    unsigned max;      /* [256] relays at once */
    unsigned room_max; /* [8] of one room */
    unsigned pass_max; /* [4096] STARTs remembered */
    int64_t pass_us;   /* [120 s] a START's sides may come within this */
    int64_t wait_us;   /* [30 s] for the other side */
    int64_t idle_us;   /* [2 h 4 min, RFC 5382 section 5] without a byte either way */
    uint64_t rate;     /* bytes a second of all relays together; 0: no bound */
} hop_relay_config;

/* What one relay may move in one turn where nothing bounds it: a busy one must not keep the others
 * waiting. */
#define HOP_RELAY_CHUNK ((size_t)256 * 1024)

/* A START whose sides may have a relay. */
typedef struct hop_relay_pass {
    uint8_t nonce[HOP_NONCE_SIZE];
    uint8_t room[HOP_KEY_SIZE];
    int64_t made_us;
    uint32_t sides[2]; /* clients that wait or are relayed: controlling, controlled; 0: none */
} hop_relay_pass;

typedef struct hop_relay {
    uint32_t sides[2]; /* clients; 0, 0: this record is free */
    uint32_t pass;
    uint32_t before, after; /* relays, in the order in which they moved something last */
    uint32_t next;          /* in the line of those who wait for their turn, or of free records */
    bool in_line;
    bool has_turn;
    uint8_t room[HOP_KEY_SIZE];
    int64_t began_us;
    int64_t moved_us;
    uint64_t bytes[2]; /* by each side */
} hop_relay;

typedef struct hop_relays {
    hop_relay_config config;
    hop_relay_pass *passes; /* a ring */
    uint32_t pass_first, pass_count;
    hop_relay *pool;
    uint32_t used, free;            /* as in room.h */
    uint32_t count;                 /* that run */
    uint32_t idle_first, idle_last; /* by last byte moved */
    uint32_t line_first, line_last; /* whose turn comes */
    int64_t level, level_us;        /* bytes that may be moved, as of then */
} hop_relays;

/* With the defaults filled in. */
hop_relay_config hop_relay_config_full(const hop_relay_config *config);

/* Both sides of the START with this nonce may come. */
void hop_relay_allow(hop_relays *relays, const uint8_t room[static HOP_KEY_SIZE],
                     const uint8_t nonce[static HOP_NONCE_SIZE], int64_t now_us);
/* The pass' id, 0: there is none (any more). */
uint32_t hop_relay_find(const hop_relays *relays, const uint8_t room[static HOP_KEY_SIZE],
                        const uint8_t nonce[static HOP_NONCE_SIZE], int64_t now_us);
/* There is room for one more relay, in all and in this room. */
bool hop_relay_has_room(const hop_relays *relays, const uint8_t room[static HOP_KEY_SIZE]);
/* The client takes its side of the pass. False: somebody has it. */
bool hop_relay_take(hop_relays *relays, uint32_t pass, unsigned side, uint32_t client);
/* Gives it back: the client is gone. */
void hop_relay_give_back(hop_relays *relays, uint32_t pass, uint32_t client);
/* Both sides are there: the new relay's id, 0: they are not. */
uint32_t hop_relay_begin(hop_relays *relays, uint32_t pass, int64_t now_us);
void hop_relay_end(hop_relays *relays, uint32_t relay);
hop_relay *hop_relay_of(const hop_relays *relays, uint32_t relay);

/* The relay that has been idle for too long, 0: none; and when there will be one. */
uint32_t hop_relay_idle(const hop_relays *relays, int64_t now_us);
int64_t hop_relay_idle_us(const hop_relays *relays);

/* How many bytes it may move now, both ways together. 0: it stands in line, and hop_relay_turn()
 * will name it. */
size_t hop_relay_ask(hop_relays *relays, uint32_t relay, int64_t now_us);
void hop_relay_moved(hop_relays *relays, uint32_t relay, unsigned side, size_t size,
                     int64_t now_us);
/* Whose turn it is: it takes one round of the line's order, whoever wants how much. 0: nobody's. */
uint32_t hop_relay_turn(hop_relays *relays, int64_t now_us);
/* When it is somebody's turn; INT64_MAX: nobody waits. */
int64_t hop_relay_turn_us(const hop_relays *relays);

#endif
