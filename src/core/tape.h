/* SPDX-License-Identifier: MIT */
/*
 * What goes into the core and what is public of what comes out of it, as bytes: the payloads of a
 * recording (wire/recording.h). Left out are the ticket's secret, every derived key, the TLS key,
 * and half of each nonce that two people exchange by hand (without a secret those nonces are all
 * that protects their attempt). Who adds a member to hop_core_config, hop_input or hop_output adds
 * it here, and raises HOP_RECORDING_VERSION when old files can't be read any more.
 */
#ifndef HOP_CORE_TAPE_H
#define HOP_CORE_TAPE_H

#include "core/core.h"
#include "wire/recording.h"

#define HOP_TAPE_PROGRAM_SIZE 32   /* "0.1.0" with its terminating zero */
#define HOP_TAPE_ENTRY_MAX    4096 /* no payload is larger */
#define HOP_TAPE_ADDRESSES    16   /* hosts or resolved addresses that an input may have */

/* The crypto table's functions in ANSWER entries. */
typedef enum hop_tape_function {
    HOP_TAPE_RANDOM = 1,
    HOP_TAPE_DERIVE = 2,
    HOP_TAPE_MAC = 3,
    HOP_TAPE_SEAL = 4,
    HOP_TAPE_OPEN = 5,
    HOP_TAPE_PUBLIC_KEY = 6,
    HOP_TAPE_SIGN = 7,
    HOP_TAPE_VERIFY = 8
} hop_tape_function;

typedef struct hop_tape_config {
    hop_core_config core;                /* no secret, no crypto table */
    int64_t zero_us;                     /* what the story's times count from */
    char program[HOP_TAPE_PROGRAM_SIZE]; /* the version that recorded */
} hop_tape_config;

/* An input with all that it points to. */
typedef struct hop_tape_input {
    int64_t now_us;
    hop_input input;
    hop_candidate hosts[HOP_TAPE_ADDRESSES];
    hop_address addresses[HOP_TAPE_ADDRESSES];
    hop_description description;
} hop_tape_input;

void hop_tape_write_config(hop_writer *writer, const hop_tape_config *config);
/* False: not that, or out of bounds. */
bool hop_tape_read_config(hop_reader *reader, hop_tape_config *ret_config);

/* masked: the nonces are to be kept from readers. */
void hop_tape_write_input(hop_writer *writer, int64_t now_us, const hop_input *input, bool masked);
/* ret_input must not be moved afterwards, for it points into itself; received bytes stay where they
 * are. False: not that, or out of bounds; ret_input is of no use then. */
bool hop_tape_read_input(hop_reader *reader, hop_tape_input *ret_input);

/* Do two people carry the nonces of this core's descriptions? */
bool hop_tape_is_masked(const hop_core_config *config);
/* What is left of a nonce still tells who of two controls. */
void hop_tape_mask(uint8_t nonce[static HOP_NONCE_SIZE]);

/* Goes on from the digest of the outputs before it in the step; 0 at first. */
uint32_t hop_tape_digest(uint32_t digest, const hop_output *output);

#endif
