/* SPDX-License-Identifier: MIT */
/*
 * What the tests of TLS need: two ends in one thread, ours or OpenSSL as an attacker would set it
 * up, and a man in the middle who records, damages and cuts. Everything is non-blocking and goes on
 * by rounds.
 */
#ifndef HOP_TESTS_UNIT_TLS_RIG_H
#define HOP_TESTS_UNIT_TLS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/ssl.h>

#include "secure/tls.h"

/* An end that is not ours, by OpenSSL alone. */
typedef struct rig_stranger {
    const uint8_t *key; /* NULL: does not know it */
    bool has_certificate;
    bool is_lax; /* a client that looks at nobody's certificate; servers never do */
    uint64_t options;
    int version;        /* 0: TLS 1.3 */
    const char *suites; /* NULL: OpenSSL's */
    const char *groups;
} rig_stranger;

typedef struct rig_end {
    int fd;
    hop_tls *ours;
    SSL *theirs;
    hop_tls_result verdict; /* of the handshake; of a stranger: DONE, WANT_READ or BROKEN */
} rig_end;

/* One direction of the wire. */
typedef struct rig_way {
    uint8_t bytes[1 << 16]; /* all that went by, before any damage */
    size_t count;
    size_t flip_at, cut_at; /* SIZE_MAX: never */
    bool is_cut;
} rig_way;

/* A client (0) and a server (1); the man in the middle stands between when there are two pairs of
 * sockets. way[0] leads from the client to the server. */
typedef struct rig_pair {
    rig_end end[2];
    int middle[2]; /* -1: nobody is there */
    rig_way *way;
} rig_pair;

extern const uint8_t rig_key[HOP_KEY_SIZE], rig_other_key[HOP_KEY_SIZE];

void rig_sockets(int ret_fd[2]);     /* a pair of the UNIX kind: what is written is there */
void rig_tcp_sockets(int ret_fd[2]); /* TCP by loopback */
void rig_close(int *fd);

/* Two of ours; NULL: that end is left empty, for a stranger or for the test itself. */
void rig_open(rig_pair *pair, const uint8_t *client_key, const uint8_t *server_key);
/* The same with a man in the middle. */
void rig_open_tapped(rig_pair *pair, const uint8_t *client_key, const uint8_t *server_key);
void rig_put_stranger(rig_pair *pair, int which, const rig_stranger *stranger);
/* Frees it all; the error queue has to be empty then. */
void rig_free(rig_pair *pair);

/* Passes on what there is; false when there was nothing. */
bool rig_carry(rig_pair *pair);
/* Goes on until nothing moves any more. */
void rig_shake(rig_pair *pair);
/* The same; then ends that still wait see the other side's socket end, as when its owner gives up.
 */
void rig_shake_out(rig_pair *pair);
/* Opens two of ours, which agree. */
void rig_connect(rig_pair *pair);
/* One small message each way arrives. */
void rig_check_talk(rig_pair *pair);

#endif
