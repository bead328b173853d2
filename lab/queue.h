/* SPDX-License-Identifier: MIT */
/*
 * Frames that wait for their time: a heap by due time, first come first served among equals. The
 * queue owns the parcels in it. It knows nothing of what is inside them.
 */
#ifndef HOP_LAB_QUEUE_H
#define HOP_LAB_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/virtio_net.h>

struct hop_port;

struct hop_parcel {
    uint64_t due_us;
    uint64_t number;
    struct hop_port *to;
    struct virtio_net_hdr offload;
    size_t size;
    uint8_t frame[];
};

struct hop_queue {
    struct hop_parcel **heap;
    size_t count, room;
    uint64_t next_number;
};

/* NULL when there is no memory; the caller frees a parcel that it has taken out. */
struct hop_parcel *hop_queue_put(struct hop_queue *queue, uint64_t due_us, size_t size);
struct hop_parcel *hop_queue_take_due(struct hop_queue *queue, uint64_t now_us);

/* When the next one is due, UINT64_MAX when none waits. */
uint64_t hop_queue_due(const struct hop_queue *queue);

#endif
