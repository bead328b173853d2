/* SPDX-License-Identifier: MIT */
/* Chunks that wait to be written; see conn_queue.h. */
#include "lib/conn_queue.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 4096
#define KEEP_MAX     65536 /* an empty queue keeps so much, although it needs less */
#define LOW_MAX      256   /* ... and more, until it has needed less so often */

static bool make_room(hop_conn_queue *queue, size_t size);
static void rest(hop_conn_queue *queue);

void hop_conn_queue_init(hop_conn_queue *queue, unsigned chunk_max) {
    *queue = (hop_conn_queue){.chunk_max = chunk_max};
}

void hop_conn_queue_clear(hop_conn_queue *queue) {
    free(queue->bytes);
    free(queue->ends);
    hop_conn_queue_init(queue, queue->chunk_max);
}

bool hop_conn_queue_is_full(const hop_conn_queue *queue) {
    return queue->chunk_count >= queue->chunk_max;
}

bool hop_conn_queue_put(hop_conn_queue *queue, const uint8_t *bytes, size_t size) {
    if (queue->ends == NULL) {
        queue->ends = calloc(queue->chunk_max, sizeof *queue->ends);
        if (queue->ends == NULL) return false;
    }
    if (!make_room(queue, size)) return false;
    memcpy(queue->bytes + queue->head + queue->size, bytes, size);
    queue->size += size;
    if (queue->size > queue->peak) queue->peak = queue->size;
    unsigned last = (queue->chunk_first + queue->chunk_count) % queue->chunk_max;
    queue->ends[last] = queue->passed + queue->size;
    queue->chunk_count++;
    return true;
}

const uint8_t *hop_conn_queue_bytes(const hop_conn_queue *queue) {
    return queue->bytes + queue->head;
}

void hop_conn_queue_drop(hop_conn_queue *queue, size_t size) {
    queue->head += size;
    queue->size -= size;
    queue->passed += size;
    while (queue->chunk_count > 0 && queue->ends[queue->chunk_first] <= queue->passed) {
        queue->chunk_first = (queue->chunk_first + 1) % queue->chunk_max;
        queue->chunk_count--;
    }
    if (queue->size == 0) rest(queue);
}

/* What waits stays in one piece: moved to the front only when at least as much as moves is free
 * there, so that a byte is moved once on the average; else the memory doubles. */
static bool make_room(hop_conn_queue *queue, size_t size) {
    if (size > SIZE_MAX / 4 - queue->size) return false;
    size_t wanted = queue->size + size;
    if (wanted <= queue->capacity - queue->head) return true;
    if (wanted <= queue->capacity && queue->head >= queue->size) {
        memmove(queue->bytes, queue->bytes + queue->head, queue->size);
        queue->head = 0;
        return true;
    }
    size_t capacity = queue->capacity < CAPACITY_MIN ? CAPACITY_MIN : queue->capacity;
    while (capacity < wanted)
        capacity *= 2;
    if (capacity == queue->capacity) capacity *= 2;
    uint8_t *bytes = malloc(capacity);
    if (bytes == NULL) return false;
    if (queue->size > 0) memcpy(bytes, queue->bytes + queue->head, queue->size);
    free(queue->bytes);
    queue->bytes = bytes;
    queue->capacity = capacity;
    queue->head = 0;
    return true;
}

/* Empty: a peak of long ago must not cost memory for ever. But in a flood high and low ones take
 * turns, and that must not cost an allocation each time. */
static void rest(hop_conn_queue *queue) {
    bool low = queue->capacity > KEEP_MAX && queue->peak < queue->capacity / 4;
    queue->low_count = low ? queue->low_count + 1 : 0;
    if (queue->low_count >= LOW_MAX) {
        free(queue->bytes);
        queue->bytes = NULL;
        queue->capacity = 0;
        queue->low_count = 0;
    }
    queue->head = 0;
    queue->peak = 0;
}
