/* SPDX-License-Identifier: MIT */
/*
 * AF_PACKET sockets with recvmmsg and sendmmsg; see port.h.
 */
#include "port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define FRAME_MAX   (65536 + 64)
#define BUFFER_SIZE (64 << 20)

/* Shared by all ports of the process: one batch is handled before the next is read. */
static struct {
    struct virtio_net_hdr offload;
    uint8_t frame[FRAME_MAX];
} slots[HOP_PORT_BATCH];

const struct virtio_net_hdr hop_port_plain = {.gso_type = VIRTIO_NET_HDR_GSO_NONE};

static int set_options(int fd);

int hop_port_open(struct hop_port *port, const char *interface) {
    memset(port, 0, sizeof *port);
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = (int)if_nametoindex(interface)};
    if (address.sll_ifindex == 0) return -ENODEV;
    /* Protocol 0 until bound, else frames of every interface would come in between. */
    port->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (port->fd < 0) return -errno;
    int result = set_options(port->fd);
    if (result == 0 && bind(port->fd, (struct sockaddr *)&address, sizeof address) != 0)
        result = -errno;
    if (result != 0) close(port->fd);
    return result;
}

unsigned int hop_port_receive(struct hop_port *port, hop_port_handler *handle, void *context) {
    struct mmsghdr in[HOP_PORT_BATCH];
    struct iovec part[HOP_PORT_BATCH];
    memset(in, 0, sizeof in);
    for (size_t i = 0; i < HOP_PORT_BATCH; i++) {
        part[i] = (struct iovec){.iov_base = &slots[i], .iov_len = sizeof slots[i]};
        in[i].msg_hdr.msg_iov = &part[i];
        in[i].msg_hdr.msg_iovlen = 1;
    }
    int count = recvmmsg(port->fd, in, HOP_PORT_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        bool whole = !(in[i].msg_hdr.msg_flags & MSG_TRUNC);
        if (whole && in[i].msg_len > sizeof slots[i].offload)
            handle(context, &slots[i].offload, slots[i].frame,
                   in[i].msg_len - sizeof slots[i].offload);
    }
    return count > 0 ? (unsigned int)count : 0;
}

void hop_port_queue(struct hop_port *port, const struct virtio_net_hdr *offload,
                    const uint8_t *frame, size_t size) {
    if (port->queued == HOP_PORT_BATCH) hop_port_flush(port);
    struct iovec *parts = port->out_parts[port->queued];
    /* sendmmsg reads only; iovec has no const. */
    parts[0] = (struct iovec){.iov_base = (void *)(uintptr_t)offload, .iov_len = sizeof *offload};
    parts[1] = (struct iovec){.iov_base = (void *)(uintptr_t)frame, .iov_len = size};
    struct msghdr *message = &port->out[port->queued].msg_hdr;
    memset(message, 0, sizeof *message);
    message->msg_iov = parts;
    message->msg_iovlen = 2;
    port->queued++;
}

void hop_port_flush(struct hop_port *port) {
    unsigned int done = 0;
    while (done < port->queued) {
        int sent = sendmmsg(port->fd, port->out + done, port->queued - done, 0);
        if (sent > 0) {
            done += (unsigned int)sent;
            port->sent += (unsigned int)sent;
        } else if (errno != EINTR) {
            done++; /* the first one is the refused one: a wire loses it and goes on */
            port->refused++;
        }
    }
    port->queued = 0;
}

static int set_options(int fd) {
    int one = 1, size = BUFFER_SIZE;
    if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) != 0) return -errno;
    if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) != 0) return -errno;
    /* Without root the system's limit holds; more than a burst does not wait here anyway. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return 0;
}
