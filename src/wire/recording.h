/* SPDX-License-Identifier: MIT */
/*
 * The frame of a recording: a head with a version, then entries that tell their own size, so that a
 * file which was cut can be read up to its last whole entry. What an endpoint's entries hold is in
 * core/tape.h; how they are made and read in their order, in drive/recorder.h and core/player.h.
 *   head: "HOPREC\r\n", version u16 = 2
 *   entry: kind u8, size u16, payload
 */
#ifndef HOP_WIRE_RECORDING_H
#define HOP_WIRE_RECORDING_H

#include "base/cursor.h"
#include "wire/description.h"

#define HOP_RECORDING_VERSION   2
#define HOP_RECORDING_HEAD_SIZE 10

typedef enum hop_recording_kind {
    HOP_RECORDING_CONFIG = 1,  /* once, first; ANSWERs and OUTPUTS of the core's making follow */
    HOP_RECORDING_INPUT = 2,   /* begins a step; ANSWERs and HANDEDs follow, OUTPUTS ends it */
    HOP_RECORDING_ANSWER = 3,  /* of the crypto table: function u8, good u8, then what is public of
                                  its result (a derived key never is) */
    HOP_RECORDING_HANDED = 4,  /* of an ESTABLISHED: error i32 (0: none), address: our socket's */
    HOP_RECORDING_OUTPUTS = 5, /* count u16, digest u32 of all outputs of the step */
    HOP_RECORDING_BROKEN = 6,  /* now i64, error i32: the operating system failed the endpoint */
    HOP_RECORDING_END = 7,     /* now i64: the endpoint was freed */
    HOP_RECORDING_FULL = 8     /* now i64: no more is recorded, the file is big enough */
} hop_recording_kind;

typedef enum hop_recording_result {
    HOP_RECORDING_ENTRY, /* there is one */
    HOP_RECORDING_CUT    /* the bytes are over, perhaps in the middle of an entry */
} hop_recording_result;

typedef struct hop_recording_entry {
    uint8_t kind; /* hop_recording_kind, or one that we do not know */
    hop_reader payload;
} hop_recording_entry;

void hop_recording_write_head(hop_writer *writer);
/* False: this is no recording (version 0), or one of a version that we do not know. */
bool hop_recording_read_head(hop_reader *reader, unsigned *ret_version);

/* Begins an entry; what is written until hop_recording_close(writer, the value) is its payload. */
size_t hop_recording_open(hop_writer *writer, hop_recording_kind kind);
void hop_recording_close(hop_writer *writer, size_t at);
hop_recording_result hop_recording_next(hop_reader *reader, hop_recording_entry *ret_entry);

/* family u8, then port u16 and 4 or 16 bytes unless it is NONE. */
void hop_recording_write_address(hop_writer *writer, const hop_address *address);
/* What is no address fails the reader. */
hop_address hop_recording_read_address(hop_reader *reader);
/* type u8, prefix_bits u8, address */
void hop_recording_write_candidate(hop_writer *writer, const hop_candidate *candidate);
hop_candidate hop_recording_read_candidate(hop_reader *reader);

#endif
