/* SPDX-License-Identifier: MIT */
/*
 * One end of a veth pair, opened with AF_PACKET: frames come in and go out in batches, together
 * with the kernel's note on checksum and segmentation offload, so that a 64 KiB super frame passes
 * as one frame. It neither looks into a frame nor keeps one.
 */
#ifndef HOP_LAB_PORT_H
#define HOP_LAB_PORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <linux/virtio_net.h>

#define HOP_PORT_BATCH 32

struct hop_port {
    int fd;
    unsigned int queued;
    uint64_t sent, refused; /* frames; refused: the kernel did not take them */
    struct mmsghdr out[HOP_PORT_BATCH];
    struct iovec out_parts[HOP_PORT_BATCH][2];
};

typedef void hop_port_handler(void *context, const struct virtio_net_hdr *offload, uint8_t *frame,
                              size_t size);

/* 0, or a negative errno. */
int hop_port_open(struct hop_port *port, const char *interface);

/* Reads one batch and hands over each frame; how many there were. The frames stay readable until
 * the next call, on whatever port. */
unsigned int hop_port_receive(struct hop_port *port, hop_port_handler *handle, void *context);

/* The frame must stay in place until the flush. A full batch flushes by itself. */
void hop_port_queue(struct hop_port *port, const struct virtio_net_hdr *offload,
                    const uint8_t *frame, size_t size);
void hop_port_flush(struct hop_port *port);

/* For a frame made by ourselves: nothing is left to the kernel. */
extern const struct virtio_net_hdr hop_port_plain;

#endif
