/* SPDX-License-Identifier: MIT */
/* Links and their sockets. */
#include "drive/table.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drive/reason.h"
#include "drive/silence.h"
#include "drive/socket.h"

/* A tag's number is 24 bits: the link and its slot's generation. */
#define LINK_BITS       10
#define LINK_MASK       ((1u << LINK_BITS) - 1)
#define GENERATION_MASK ((1u << (24 - LINK_BITS)) - 1)

_Static_assert(HOP_LINKS_MAX <= LINK_MASK, "links do not fit into a tag");

static hop_table_slot *slot_of(hop_table *table, int link);
static void occupy(hop_table *table, int link, int fd, int state);
static void tune(const hop_table *table, int fd);
static void drop_socket(hop_table *table, hop_table_slot *slot);
static void answer(hop_table *table, int link, hop_input_kind kind);
static void end(hop_table *table, int link, hop_reason reason);
static void leave_line(hop_table *table, int link);
static hop_input ended_input(int link, hop_reason reason);
static bool dial_ready(hop_table *table, int link, hop_input *ret_input);
static bool read_ready(hop_table *table, int link, hop_input *ret_input);
static bool flush(hop_table_slot *slot);

void hop_table_init(hop_table *table, hop_poller *poller) {
    table->poller = poller;
    for (int i = 0; i < HOP_LINKS_MAX; i++) {
        table->slots[i].fd = -1;
        table->slots[i].in = table->in[i];
        table->slots[i].out = table->out[i];
    }
}

void hop_table_close_all(hop_table *table) {
    hop_table_sweep(table, 0);
}

void hop_table_sweep(hop_table *table, int first) {
    for (int i = first; i < HOP_LINKS_MAX; i++)
        if (table->slots[i].state != HOP_SLOT_FREE) hop_table_close(table, i);
}

void hop_table_dial(hop_table *table, int link, const hop_address *remote, uint16_t local_port,
                    int ttl) {
    hop_table_slot *slot = slot_of(table, link);
    assert(slot->state == HOP_SLOT_FREE);
    hop_reason reason = HOP_REASON_NONE;
    hop_socket_wish wish = {local_port, table->interface, ttl, ttl > 0};
    int fd = hop_socket_dial(remote, &wish, &reason);
    if (fd < 0) {
        end(table, link, reason);
        return;
    }
    occupy(table, link, fd, HOP_SLOT_DIALLING);
}

void hop_table_adopt(hop_table *table, int link, int fd) {
    assert(slot_of(table, link)->state == HOP_SLOT_FREE);
    occupy(table, link, fd, HOP_SLOT_CONNECTED);
}

void hop_table_want(hop_table *table, int link, size_t size) {
    hop_table_slot *slot = slot_of(table, link);
    if (slot->state != HOP_SLOT_CONNECTED) return;
    assert(size > 0 && size <= HOP_STUN_SIZE_MAX && slot->wanted == 0);
    slot->wanted = size;
    slot->received = 0;
    hop_table_settle(table, link);
}

void hop_table_send(hop_table *table, int link, const uint8_t *bytes, size_t size) {
    hop_table_slot *slot = slot_of(table, link);
    if (slot->state != HOP_SLOT_CONNECTED) return;
    if (size > HOP_TABLE_UNSENT_MAX - slot->unsent) {
        end(table, link, HOP_REASON_LOCAL);
        return;
    }
    memcpy(slot->out + slot->unsent, bytes, size);
    slot->unsent += size;
    if (!flush(slot))
        end(table, link, HOP_REASON_LOCAL);
    else
        hop_table_settle(table, link);
}

void hop_table_close(hop_table *table, int link) {
    hop_table_slot *slot = slot_of(table, link);
    drop_socket(table, slot);
    leave_line(table, link);
    slot->state = HOP_SLOT_FREE;
}

void hop_table_hang_up(hop_table *table, int link) {
    hop_table_slot *slot = slot_of(table, link);
    if (slot->state == HOP_SLOT_CONNECTED) {
        hop_poller_remove(table->poller, slot->fd);
        close(slot->fd);
        slot->fd = -1;
    }
    hop_table_close(table, link);
}

/* Whoever is connected, or was refused, shows that by itself. */
void hop_table_look(hop_table *table, int link) {
    const hop_table_slot *slot = slot_of(table, link);
    if (slot->state != HOP_SLOT_DIALLING) return;
    if (hop_socket_state_of(slot->fd) == HOP_SOCKET_ANSWERING)
        answer(table, link, HOP_IN_ANSWERING);
}

void hop_table_abandon(hop_table *table, int link) {
    hop_table_slot *slot = slot_of(table, link);
    if (slot->state == HOP_SLOT_CONNECTED) answer(table, link, HOP_IN_ANSWERING);
    if (slot->state != HOP_SLOT_DIALLING) return;
    /* Between this look and the close the peer's SYN may come: a window of some microseconds that
     * the system gives us no way to shut. */
    hop_socket_state state = hop_socket_state_of(slot->fd);
    if (state == HOP_SOCKET_DIALLING) {
        end(table, link, HOP_REASON_ABANDONED);
    } else if (state == HOP_SOCKET_ANSWERING) {
        answer(table, link, HOP_IN_ANSWERING);
    } else {
        hop_reason reason = hop_socket_dial_error(slot->fd);
        end(table, link, reason == HOP_REASON_NONE ? HOP_REASON_REFUSED : reason);
    }
}

int hop_table_release(hop_table *table, int link) {
    hop_table_slot *slot = slot_of(table, link);
    int fd = -1;
    bool whole = slot->state == HOP_SLOT_CONNECTED && slot->unsent == 0 && !slot->broken;
    if (whole && hop_socket_state_of(slot->fd) == HOP_SOCKET_ANSWERING) {
        fd = slot->fd;
        hop_poller_remove(table->poller, fd);
        slot->fd = -1;
    }
    hop_table_close(table, link);
    return fd;
}

bool hop_table_ready(hop_table *table, uint32_t number, unsigned what, hop_input *ret_input) {
    int link = (int)(number & LINK_MASK);
    if (link >= HOP_LINKS_MAX) return false;
    hop_table_slot *slot = &table->slots[link];
    if (slot->fd < 0 || slot->generation != (number >> LINK_BITS)) return false;
    if (slot->state == HOP_SLOT_DIALLING) return dial_ready(table, link, ret_input);
    if (slot->unsent > 0 && !flush(slot)) {
        *ret_input = ended_input(link, HOP_REASON_LOCAL);
        hop_table_close(table, link);
        return true;
    }
    /* What was received before the other side reset comes first. */
    if (slot->wanted > 0) return read_ready(table, link, ret_input);
    if (what & HOP_POLLER_ERROR) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(slot->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        *ret_input = ended_input(link, hop_reason_of_link(error));
        hop_table_close(table, link);
        return true;
    }
    hop_table_settle(table, link);
    return false;
}

bool hop_table_next(hop_table *table, hop_input *ret_input) {
    if (table->waiting_count == 0) return false;
    int link = table->waiting[0];
    hop_table_slot *slot = slot_of(table, link);
    *ret_input = (hop_input){.kind = slot->answer, .link = link, .reason = slot->reason};
    leave_line(table, link);
    if (slot->state == HOP_SLOT_ENDED) slot->state = HOP_SLOT_FREE;
    return true;
}

void hop_table_settle(hop_table *table, int link) {
    hop_table_slot *slot = slot_of(table, link);
    if (slot->state != HOP_SLOT_CONNECTED) return;
    unsigned interest =
        (slot->wanted > 0 ? HOP_POLLER_READ : 0u) | (slot->unsent > 0 ? HOP_POLLER_WRITE : 0u);
    if (interest == slot->interest) return;
    slot->interest = interest;
    uint32_t number = (uint32_t)slot->generation << LINK_BITS | (uint32_t)link;
    if (!hop_poller_modify(table->poller, slot->fd, interest, hop_tag(HOP_TAG_LINK, number))) {
        end(table, link, HOP_REASON_LOCAL);
    }
}

static hop_table_slot *slot_of(hop_table *table, int link) {
    assert(link >= 0 && link < HOP_LINKS_MAX);
    return &table->slots[link];
}

static void occupy(hop_table *table, int link, int fd, int state) {
    if (table->keepalive_s != 0) tune(table, fd);
    hop_table_slot *slot = slot_of(table, link);
    slot->fd = fd;
    slot->generation = (slot->generation + 1) & GENERATION_MASK;
    slot->state = state == HOP_SLOT_DIALLING ? HOP_SLOT_DIALLING : HOP_SLOT_CONNECTED;
    slot->interest = state == HOP_SLOT_DIALLING ? HOP_POLLER_WRITE : 0;
    slot->broken = false;
    slot->wanted = slot->received = slot->unsent = 0;
    uint32_t number = (uint32_t)slot->generation << LINK_BITS | (uint32_t)link;
    if (!hop_poller_add(table->poller, fd, slot->interest, hop_tag(HOP_TAG_LINK, number))) {
        end(table, link, HOP_REASON_LOCAL);
    }
}

/* Who wants dead paths to be noticed sooner means those to servers, too. */
static void tune(const hop_table *table, int fd) {
    int idle_ms = hop_silence_idle_ms(table->keepalive_s);
    hop_socket_tune(fd, table->keepalive_s,
                    idle_ms < HOP_SOCKET_TIMEOUT_MS ? idle_ms : HOP_SOCKET_TIMEOUT_MS);
}

static void drop_socket(hop_table *table, hop_table_slot *slot) {
    if (slot->fd < 0) return;
    hop_poller_remove(table->poller, slot->fd);
    hop_socket_abort(slot->fd);
    slot->fd = -1;
}

/* Puts the link into the waiting line, once; an end is stronger than whatever waited. */
static void answer(hop_table *table, int link, hop_input_kind kind) {
    hop_table_slot *slot = slot_of(table, link);
    slot->answer = kind;
    for (unsigned i = 0; i < table->waiting_count; i++) {
        if (table->waiting[i] == link) return;
    }
    table->waiting[table->waiting_count++] = link;
}

static void end(hop_table *table, int link, hop_reason reason) {
    hop_table_slot *slot = slot_of(table, link);
    if (slot->state == HOP_SLOT_ENDED) return;
    drop_socket(table, slot);
    slot->state = HOP_SLOT_ENDED;
    slot->reason = reason;
    answer(table, link, HOP_IN_ENDED);
}

static void leave_line(hop_table *table, int link) {
    unsigned kept = 0;
    for (unsigned i = 0; i < table->waiting_count; i++) {
        if (table->waiting[i] != link) table->waiting[kept++] = table->waiting[i];
    }
    table->waiting_count = kept;
}

static hop_input ended_input(int link, hop_reason reason) {
    return (hop_input){.kind = HOP_IN_ENDED, .link = link, .reason = reason};
}

static bool dial_ready(hop_table *table, int link, hop_input *ret_input) {
    hop_table_slot *slot = slot_of(table, link);
    hop_reason reason = hop_socket_dial_error(slot->fd);
    if (reason != HOP_REASON_NONE) {
        hop_table_close(table, link);
        *ret_input = ended_input(link, reason);
        return true;
    }
    hop_address local = hop_socket_local(slot->fd);
    hop_address remote = hop_socket_remote(slot->fd);
    /* From a port of this machine to the same one: our SYN was taken for the answer to itself, and
     * what is connected is one socket. There is nobody else. */
    if (hop_address_equal(&local, &remote)) {
        hop_table_close(table, link);
        *ret_input = ended_input(link, HOP_REASON_REFUSED);
        return true;
    }
    slot->state = HOP_SLOT_CONNECTED;
    *ret_input =
        (hop_input){.kind = HOP_IN_CONNECTED, .link = link, .local = local, .remote = remote};
    ret_input->rtt_us = hop_socket_rtt_us(slot->fd);
    return true;
}

/* Never asks the kernel for a byte beyond what is wanted: the rest is the user's. */
static bool read_ready(hop_table *table, int link, hop_input *ret_input) {
    hop_table_slot *slot = slot_of(table, link);
    ssize_t got = recv(slot->fd, slot->in + slot->received, slot->wanted - slot->received, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        hop_table_settle(table, link);
        return false;
    }
    if (got <= 0) {
        *ret_input = ended_input(link, got == 0 ? HOP_REASON_CLOSED : hop_reason_of_link(errno));
        hop_table_close(table, link);
        return true;
    }
    slot->received += (size_t)got;
    if (slot->received < slot->wanted) return false;
    *ret_input = (hop_input){.kind = HOP_IN_RECEIVED, .link = link};
    ret_input->bytes = slot->in;
    ret_input->size = slot->wanted;
    slot->wanted = 0;
    return true;
}

/* False: this machine refuses. A broken connection is no failure here: it shows by itself, after
 * what the other side said last has been read. Nothing more is sent on it: behind a gap the peer
 * would take it for a stranger's. */
static bool flush(hop_table_slot *slot) {
    if (slot->broken) slot->unsent = 0;
    while (slot->unsent > 0) {
        ssize_t sent = send(slot->fd, slot->out, slot->unsent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return true;
        if (sent < 0 && (errno == ENOMEM || errno == ENOBUFS)) return false;
        if (sent < 0) {
            slot->broken = true;
            sent = (ssize_t)slot->unsent;
        }
        slot->unsent -= (size_t)sent;
        memmove(slot->out, slot->out + sent, slot->unsent);
    }
    return true;
}
