/* SPDX-License-Identifier: MIT */
/*
 * The links of one simulated driver and their sockets: the counterpart of src/drive/table.c and
 * socket.c, over kernel.h instead of the system; as near to them as possible, so that what the core
 * meets here it meets there.
 */
#ifndef HOP_TESTS_WORLD_LINKS_H
#define HOP_TESTS_WORLD_LINKS_H

#include "base/limits.h"
#include "core/input.h"
#include "kernel.h"
#include "network.h"

#define LINKS_UNSENT_MAX  2048
#define LINKS_SOCKETS_MAX 1024 /* numbers that a kernel gives out: kernel_config.socket_max */

typedef struct links_slot {
    enum { LINKS_FREE, LINKS_DIALLING, LINKS_CONNECTED, LINKS_ENDED } state;
    int socket;          /* -1: none */
    unsigned generation; /* readiness of a socket closed meanwhile is not ours */
    unsigned interest;
    hop_input_kind answer;
    hop_reason reason;
    bool broken;
    size_t wanted;
    size_t received;
    size_t unsent;
} links_slot;

typedef struct links {
    kernel *kernel;
    network *network;
    unsigned host;
    uint16_t port;
    void *context;
    /* The interest in a socket has changed; 0 and forget: it is gone. */
    void (*watch)(void *context, int socket, unsigned interest, bool forget);
    unsigned waiting_count;
    int used; /* no slot from here on was ever taken: most runs need few of them */
    links_slot slots[HOP_LINKS_MAX];
    int waiting[HOP_LINKS_MAX];
    int16_t by_socket[LINKS_SOCKETS_MAX]; /* a guess: good if that slot has this socket */
    uint8_t in[HOP_LINKS_MAX][HOP_STUN_SIZE_MAX];
    uint8_t out[HOP_LINKS_MAX][LINKS_UNSENT_MAX];
} links;

/* kernel ... watch are filled in; the rest must have been zero once. */
void links_init(links *table);
void links_close_all(links *table);

/* As the outputs of the same names ask. */
void links_dial(links *table, int link, const hop_address *remote, uint16_t port, int ttl);
void links_adopt(links *table, int link, int socket);
void links_want(links *table, int link, size_t size);
void links_send(links *table, int link, const uint8_t *bytes, size_t size);
void links_close(links *table, int link);
void links_sweep(links *table, int first);
void links_look(links *table, int link);
void links_abandon(links *table, int link);
/* The socket, now the caller's; -1: it is dead, or has bytes unsent; then it is closed. */
int links_release(links *table, int link);

/* The link whose socket this is, -1: none. */
int links_find(const links *table, int socket);
/* True: tell the core ret_input; its bytes live until the next call. */
bool links_ready(links *table, int link, unsigned what, hop_input *ret_input);
bool links_next(links *table, hop_input *ret_input);
void links_settle(links *table, int link);

#endif
