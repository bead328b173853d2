/* SPDX-License-Identifier: MIT */
/*
 * Writes down what one core is told and what its crypto table answers (core/tape.h), in a file from
 * which core/player.h tells it again. Each step leaves with one write, so that whatever becomes of
 * the program, all whole steps can be read. What can't be written any more ends the recording and
 * nothing else. All functions but hop_recorder_new bear NULL: nothing is recorded.
 */
#ifndef HOP_DRIVE_RECORDER_H
#define HOP_DRIVE_RECORDER_H

#include "core/core.h"

#define HOP_RECORDER_SIZE_MAX ((int64_t)16 << 20) /* bytes: hours of a busy listener */

typedef struct hop_recorder hop_recorder;

typedef struct hop_recorder_config {
    const char *path; /* a file, or a folder: then a new file in it */
    bool numbered;    /* the program did not choose the path itself (HOP_RECORD): its second
                         endpoint takes PATH.2, and so on, as does who finds PATH in use */
    int64_t size_max; /* bytes; 0: HOP_RECORDER_SIZE_MAX */
    int64_t zero_us;  /* what the story's times count from */
} hop_recorder_config;

/* Makes the file, mode 0600; what was in it is gone. From now on core->crypto is a table of the
 * recorder's, which asks the one that was there. HOP_E_RECORD (errno; EBUSY: another endpoint
 * writes to it), HOP_E_MEMORY. */
int hop_recorder_new(const hop_recorder_config *config, hop_core_config *core,
                     hop_recorder **ret_recorder);
/* Ends the recording in good order. Returns NULL. The table is gone with it. */
hop_recorder *hop_recorder_free(hop_recorder *recorder);

/* hop_core_init has succeeded. */
void hop_recorder_made(hop_recorder *recorder);
/* Before hop_core_step; for each output of hop_core_next; when they are over. */
void hop_recorder_input(hop_recorder *recorder, int64_t now_us, const hop_input *input);
void hop_recorder_output(hop_recorder *recorder, const hop_output *output);
void hop_recorder_done(hop_recorder *recorder);
/* Between the two last: what came of an ESTABLISHED. error 0: handed over. local may be NULL. */
void hop_recorder_handed(hop_recorder *recorder, int error, const hop_address *local);
/* The endpoint is of no use any more. */
void hop_recorder_broken(hop_recorder *recorder, int error);

#endif
