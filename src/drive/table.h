/* SPDX-License-Identifier: MIT */
/*
 * The table of links: which socket is the link that the core calls by a number. It dials, reads
 * exactly what is wanted, sends, closes, and turns readiness into the core's inputs. Answers that
 * come about while the core's outputs are being carried out (a dial that fails at once ...) wait
 * here until they are fetched, because the core may be told only when its queue is empty.
 */
#ifndef HOP_DRIVE_TABLE_H
#define HOP_DRIVE_TABLE_H

#include "base/limits.h"
#include "core/input.h"
#include "drive/poller.h"

#define HOP_TABLE_UNSENT_MAX 2048

typedef struct hop_table_slot {
    enum {
        HOP_SLOT_FREE,
        HOP_SLOT_DIALLING,
        HOP_SLOT_CONNECTED,
        HOP_SLOT_ENDED /* the socket is gone, the core has yet to hear of it */
    } state;
    int fd;
    uint16_t generation; /* part of the tag: readiness of a socket closed meanwhile is not ours */
    unsigned interest;
    hop_input_kind answer; /* HOP_IN_ENDED or HOP_IN_ANSWERING when it is in the waiting line */
    hop_reason reason;
    bool broken;   /* sending failed; the end of it will show when all is read */
    size_t wanted; /* 0: nothing is read */
    size_t received;
    size_t unsent;
    uint8_t *in;  /* HOP_STUN_SIZE_MAX */
    uint8_t *out; /* HOP_TABLE_UNSENT_MAX */
} hop_table_slot;

typedef struct hop_table {
    hop_poller *poller;
    unsigned keepalive_s;  /* of each link; 0: the default */
    const char *interface; /* ... which it keeps to; NULL: any */
    hop_table_slot slots[HOP_LINKS_MAX];
    int waiting[HOP_LINKS_MAX]; /* links with an answer, in order; each at most once */
    unsigned waiting_count;
    /* Apart from the slots: memory that is never touched costs nothing. */
    uint8_t in[HOP_LINKS_MAX][HOP_STUN_SIZE_MAX];
    uint8_t out[HOP_LINKS_MAX][HOP_TABLE_UNSENT_MAX];
} hop_table;

/* The table is all zeros, and must not move afterwards. */
void hop_table_init(hop_table *table, hop_poller *poller);
/* Closes every link abortively. */
void hop_table_close_all(hop_table *table);

/* As the outputs of the same names ask. */
/* local_port 0: any. */
void hop_table_dial(hop_table *table, int link, const hop_address *remote, uint16_t local_port,
                    int ttl);
void hop_table_adopt(hop_table *table, int link, int fd);
void hop_table_want(hop_table *table, int link, size_t size);
void hop_table_send(hop_table *table, int link, const uint8_t *bytes, size_t size);
void hop_table_close(hop_table *table, int link);
/* The same, in good order. */
void hop_table_hang_up(hop_table *table, int link);
/* Closes every link from this one on. */
void hop_table_sweep(hop_table *table, int first);
void hop_table_look(hop_table *table, int link);
void hop_table_abandon(hop_table *table, int link);

/* Gives the socket away and forgets the link. -1: it is dead, or has bytes unsent; then it is
 * closed. */
int hop_table_release(hop_table *table, int link);

/* number: of the tag. True: tell the core ret_input; its bytes live until the next call. */
bool hop_table_ready(hop_table *table, uint32_t number, unsigned what, hop_input *ret_input);
/* The next answer; false: there is none. */
bool hop_table_next(hop_table *table, hop_input *ret_input);
/* To be called when the core has been told: what is watched follows what is wanted now. */
void hop_table_settle(hop_table *table, int link);

#endif
