/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing bytes within their bounds. The only places that move a position are take()
 * for readers and room() for writers, so that only two functions have to be right.
 */
#include "base/cursor.h"

#include <string.h>

/* A reader never holds a null pointer: arithmetic on one is undefined, even by zero bytes. */
static const uint8_t nothing[1];

static const uint8_t *take(hop_reader *reader, size_t size);
static uint8_t *room(hop_writer *writer, size_t size);
static uint64_t read_number(hop_reader *reader, size_t size);
static void write_number(hop_writer *writer, uint64_t value, size_t size);

hop_reader hop_reader_make(const void *bytes, size_t size) {
    return (hop_reader){.bytes = bytes != NULL ? bytes : nothing, .size = bytes != NULL ? size : 0};
}

/* Nothing is left to a reader that failed, so that loops over it end. */
size_t hop_reader_left(const hop_reader *reader) {
    return reader->failed ? 0 : reader->size - reader->at;
}

uint8_t hop_read_u8(hop_reader *reader) {
    return (uint8_t)read_number(reader, 1);
}

uint16_t hop_read_u16(hop_reader *reader) {
    return (uint16_t)read_number(reader, 2);
}

uint32_t hop_read_u32(hop_reader *reader) {
    return (uint32_t)read_number(reader, 4);
}

uint64_t hop_read_u64(hop_reader *reader) {
    return read_number(reader, 8);
}

void hop_read_bytes(hop_reader *reader, void *out, size_t size) {
    const uint8_t *from = take(reader, size);
    if (size == 0) return; /* out may be null then */
    if (from != NULL)
        memcpy(out, from, size);
    else
        memset(out, 0, size);
}

const uint8_t *hop_read_span(hop_reader *reader, size_t size) {
    return take(reader, size);
}

hop_reader hop_read_sub(hop_reader *reader, size_t size) {
    const uint8_t *from = take(reader, size);
    if (from == NULL) return (hop_reader){.bytes = nothing, .failed = true};
    return (hop_reader){.bytes = from, .size = size};
}

bool hop_reader_done(const hop_reader *reader) {
    return !reader->failed && reader->at == reader->size;
}

hop_writer hop_writer_make(void *bytes, size_t size) {
    return (hop_writer){.bytes = bytes, .size = bytes != NULL ? size : 0};
}

void hop_write_u8(hop_writer *writer, uint8_t value) {
    write_number(writer, value, 1);
}

void hop_write_u16(hop_writer *writer, uint16_t value) {
    write_number(writer, value, 2);
}

void hop_write_u32(hop_writer *writer, uint32_t value) {
    write_number(writer, value, 4);
}

void hop_write_u64(hop_writer *writer, uint64_t value) {
    write_number(writer, value, 8);
}

void hop_write_bytes(hop_writer *writer, const void *bytes, size_t size) {
    uint8_t *to = room(writer, size);
    if (to != NULL && size > 0) memcpy(to, bytes, size);
}

void hop_write_zeros(hop_writer *writer, size_t size) {
    uint8_t *to = room(writer, size);
    if (to != NULL && size > 0) memset(to, 0, size);
}

void hop_write_u16_at(hop_writer *writer, size_t at, uint16_t value) {
    if (writer->failed) return;
    if (writer->at < 2 || at > writer->at - 2) {
        writer->failed = true;
        return;
    }
    writer->bytes[at] = (uint8_t)(value >> 8);
    writer->bytes[at + 1] = (uint8_t)value;
}

static const uint8_t *take(hop_reader *reader, size_t size) {
    if (reader->failed) return NULL;
    if (size > reader->size - reader->at) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *from = reader->bytes + reader->at;
    reader->at += size;
    return from;
}

/* Null also for a writer that has no bytes at all: then there is no room for anything. */
static uint8_t *room(hop_writer *writer, size_t size) {
    if (writer->failed) return NULL;
    if (size > writer->size - writer->at) {
        writer->failed = true;
        return NULL;
    }
    if (writer->bytes == NULL) return NULL;
    uint8_t *to = writer->bytes + writer->at;
    writer->at += size;
    return to;
}

static uint64_t read_number(hop_reader *reader, size_t size) {
    const uint8_t *from = take(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; from != NULL && i < size; i++)
        value = value << 8 | from[i];
    return value;
}

static void write_number(hop_writer *writer, uint64_t value, size_t size) {
    uint8_t *to = room(writer, size);
    for (size_t i = 0; to != NULL && i < size; i++)
        to[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}
