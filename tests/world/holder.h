/* SPDX-License-Identifier: MIT */
/*
 * The users: who holds the sockets that were handed over. Each end says one message, and reads the
 * other's: so it shows that both hold the same connection, that it works both ways, that the keys
 * agree, and that no byte of the handshake is left in it.
 */
#ifndef HOP_TESTS_WORLD_HOLDER_H
#define HOP_TESTS_WORLD_HOLDER_H

#include "base/crypto.h"
#include "kernel.h"

#define HOLDER_MESSAGE_SIZE (8 + HOP_KEY_SIZE)

typedef enum holder_state {
    HOLDER_WAITING,
    HOLDER_WHOLE, /* the other end's message came, and nothing else */
    HOLDER_ENDED, /* the connection ended before */
    HOLDER_WRONG  /* something else came */
} holder_state;

typedef struct holder {
    kernel *kernel;
    int socket;
    holder_state state;
    uint8_t said[HOLDER_MESSAGE_SIZE];
    size_t heard_size;
    uint8_t heard[HOLDER_MESSAGE_SIZE + 1];
} holder;

void holder_take(holder *holder, kernel *kernel, int socket, unsigned end, bool controlling,
                 const uint8_t *psk);
/* Returns true when its state has changed. */
bool holder_ready(holder *holder);
/* The number of the other end, as it said itself. */
unsigned holder_other(const holder *holder);
/* Is this the beginning of such a message? */
bool holder_is_message(const uint8_t *bytes, size_t size);

#endif
