/* SPDX-License-Identifier: MIT */
/*
 * Plays a recording: a fresh core is told again what the recorded one was told, the crypto table's
 * answers come from the recording, and each step's outputs are checked against it before anybody
 * sees them. No network, no clock, no files, no memory but what it is given; whatever the bytes
 * are, it ends. For stories (lib/retell.h), tests and pictures.
 *
 *     while (hop_player_step(player) == HOP_PLAYER_STEP)
 *         ... player->now_us, player->input, player->outputs, player->output_count
 */
#ifndef HOP_CORE_PLAYER_H
#define HOP_CORE_PLAYER_H

#include "core/tape.h"

typedef enum hop_player_state {
    HOP_PLAYER_STEP,    /* one more step was made */
    HOP_PLAYER_END,     /* over: the endpoint was freed */
    HOP_PLAYER_BROKEN,  /* over: the operating system failed the endpoint; player->error */
    HOP_PLAYER_FULL,    /* over: the recording was big enough, the endpoint went on */
    HOP_PLAYER_CUT,     /* the bytes are over without an end: the program was killed, or a disk was
                           full; all that there is was played */
    HOP_PLAYER_NONE,    /* this is no recording */
    HOP_PLAYER_VERSION, /* a recording of a version that we do not know; player->version */
    HOP_PLAYER_DAMAGED, /* what stands here makes no sense */
    HOP_PLAYER_ASTRAY   /* this core does something else than the recorded one did: it is of another
                           version of the program (player->config.program), or the file was changed
                         */
} hop_player_state;

typedef struct hop_player_output {
    hop_output output; /* pointers live until the next step */
    hop_address local; /* of ESTABLISHED: our socket's; else family NONE */
} hop_player_output;

typedef struct hop_player {
    hop_player_state state;
    unsigned version;       /* of the recording's format */
    hop_tape_config config; /* valid unless NONE, VERSION or DAMAGED came first */
    int64_t now_us;         /* of the step, or of END, BROKEN, FULL */
    int error;              /* of BROKEN */
    const hop_input *input; /* of the step */
    hop_player_output outputs[HOP_OUTPUTS_MAX];
    unsigned output_count;
    hop_core *core;
    /* its own affairs */
    hop_reader reader;
    hop_crypto crypto;
    hop_tape_input tape;
    size_t wanted[HOP_LINKS_MAX]; /* what the core wants to read, by link */
    bool astray;                  /* the core asked for an answer that is not next in the file */
} hop_player;

/* core_memory: hop_core_size() bytes, aligned as malloc's. The player must not move afterwards;
 * bytes and memory stay the caller's and live as long as it is used. Makes the core. */
void hop_player_init(hop_player *player, const void *bytes, size_t size, void *core_memory);
/* One step. Whatever is not STEP is said again by every further call. */
hop_player_state hop_player_step(hop_player *player);

#endif
