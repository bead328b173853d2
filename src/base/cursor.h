/* SPDX-License-Identifier: MIT */
/*
 * The one bounds-checked way to read and write bytes. A failure is sticky: after the first read
 * past the end (or write past the room) every further call does nothing, reads yield zero, and
 * `failed` tells once at the end. So a decoder is a straight line of reads and one question.
 * All integers are big-endian (network order).
 */
#ifndef HOP_BASE_CURSOR_H
#define HOP_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hop_reader {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    bool failed;
} hop_reader;

typedef struct hop_writer {
    uint8_t *bytes;
    size_t size; /* the room there is */
    size_t at;   /* how much is written */
    bool failed;
} hop_writer;

hop_reader hop_reader_make(const void *bytes, size_t size);
size_t hop_reader_left(const hop_reader *reader);
uint8_t hop_read_u8(hop_reader *reader);
uint16_t hop_read_u16(hop_reader *reader);
uint32_t hop_read_u32(hop_reader *reader);
uint64_t hop_read_u64(hop_reader *reader);
/* Copies size bytes; on failure out is filled with zeros. */
void hop_read_bytes(hop_reader *reader, void *out, size_t size);
/* The next size bytes in place, or NULL. */
const uint8_t *hop_read_span(hop_reader *reader, size_t size);
/* A reader of the next size bytes alone; failed when they are not there. */
hop_reader hop_read_sub(hop_reader *reader, size_t size);
/* True when nothing failed and every byte was read: what a strict decoder asks in the end. */
bool hop_reader_done(const hop_reader *reader);

hop_writer hop_writer_make(void *bytes, size_t size);
void hop_write_u8(hop_writer *writer, uint8_t value);
void hop_write_u16(hop_writer *writer, uint16_t value);
void hop_write_u32(hop_writer *writer, uint32_t value);
void hop_write_u64(hop_writer *writer, uint64_t value);
void hop_write_bytes(hop_writer *writer, const void *bytes, size_t size);
void hop_write_zeros(hop_writer *writer, size_t size);
/* Overwrites two bytes written before, e.g. a length known only later. */
void hop_write_u16_at(hop_writer *writer, size_t at, uint16_t value);

#endif
