/* SPDX-License-Identifier: MIT */
/*
 * Somebody who knows everybody's addresses and has heard what they said, but does not hold the
 * secret. Accepts and dials, says well-formed HELLOs under a key of its own, and plays recordings,
 * also what it has just been told, back to whoever listens.
 */
#ifndef HOP_TESTS_WORLD_IMPOSTOR_H
#define HOP_TESTS_WORLD_IMPOSTOR_H

#include "kernel.h"
#include "network.h"

typedef struct impostor impostor;

typedef struct impostor_config {
    schedule *schedule;
    network *network;
    kernel *kernel;
    unsigned host;
    uint16_t port;
    uint64_t seed;
    bool toy;
    void *context;
    /* NULL: nobody listens. What it does, and to whom. */
    void (*tell)(void *context, const char *what, const hop_address *to);
} impostor_config;

impostor *impostor_new(const impostor_config *config);
/* Not before the schedule is cleared. */
void impostor_free(impostor *impostor);
void impostor_stop(impostor *impostor);
/* An address where one of the victims may be met. */
void impostor_learn(impostor *impostor, const hop_address *address);
/* A message of the handshake that a victim has sent to another. */
void impostor_overhear(impostor *impostor, const uint8_t *bytes, size_t size);
void impostor_ready(impostor *impostor, int socket, unsigned what);
/* Somebody took it for a peer: bytes of a user came to it. */
bool impostor_succeeded(const impostor *impostor);

#endif
