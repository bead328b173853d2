/* SPDX-License-Identifier: MIT */
/*
 * The write queue: chunks counted, their bytes in one growing piece of memory, so that many small
 * chunks leave in one call and none costs an allocation. It knows no sockets.
 */
#ifndef HOP_LIB_CONN_QUEUE_H
#define HOP_LIB_CONN_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hop_conn_queue {
    uint8_t *bytes; /* what waits is in one piece, from head on */
    size_t capacity;
    size_t head;
    size_t size;        /* bytes that wait */
    size_t peak;        /* the most that have waited since it was last empty */
    unsigned low_count; /* so many peaks in a row needed little of the memory */
    uint64_t *ends;     /* ring of chunk_max: where each chunk ends in the stream */
    unsigned chunk_max;
    unsigned chunk_first;
    unsigned chunk_count;
    uint64_t passed; /* bytes that have left it, ever */
} hop_conn_queue;

void hop_conn_queue_init(hop_conn_queue *queue, unsigned chunk_max);
void hop_conn_queue_clear(hop_conn_queue *queue);
bool hop_conn_queue_is_full(const hop_conn_queue *queue);
/* Not to be called when it is full. False: no memory, nothing was taken. */
bool hop_conn_queue_put(hop_conn_queue *queue, const uint8_t *bytes, size_t size);
/* What waits first. The piece may move with the next call of put, and only grows meanwhile. */
const uint8_t *hop_conn_queue_bytes(const hop_conn_queue *queue);
/* The first size bytes have been sent. */
void hop_conn_queue_drop(hop_conn_queue *queue, size_t size);

#endif
