/* SPDX-License-Identifier: MIT */
/* Links and their sockets; see links.h, and src/drive/table.c for the reasons. */
#include "links.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "drive/reason.h"

#define TIMEOUT_US (20 * HOP_S) /* HOP_SOCKET_TIMEOUT_MS */

static void take(links *table, int link);
static void occupy(links *table, int link, int socket, int state);
static void drop_socket(links *table, links_slot *slot);
static void answer(links *table, int link, hop_input_kind kind);
static void end(links *table, int link, hop_reason reason);
static void leave_line(links *table, int link);
static hop_input ended_input(int link, hop_reason reason);
static bool dial_ready(links *table, int link, hop_input *ret_input);
static bool read_ready(links *table, int link, hop_input *ret_input);
static void flush(links *table, int link);

void links_init(links *table) {
    table->waiting_count = 0;
    table->used = 0;
}

void links_close_all(links *table) {
    links_sweep(table, 0);
}

void links_sweep(links *table, int first) {
    for (int i = first; i < table->used; i++)
        if (table->slots[i].state != LINKS_FREE) links_close(table, i);
}

/* The kernel is asked for nothing where there is no way: connect() says ENETUNREACH. */
void links_dial(links *table, int link, const hop_address *remote, uint16_t port, int ttl) {
    take(table, link);
    hop_address local = network_source(table->network, table->host, remote);
    if (local.family == HOP_FAMILY_NONE) {
        end(table, link, HOP_REASON_NO_ROUTE);
        return;
    }
    local.port = port;
    int socket = kernel_connect(table->kernel, &local, remote, ttl);
    if (socket < 0)
        end(table, link, hop_reason_at_once(-socket));
    else
        occupy(table, link, socket, LINKS_DIALLING);
}

void links_adopt(links *table, int link, int socket) {
    take(table, link);
    occupy(table, link, socket, LINKS_CONNECTED);
}

void links_want(links *table, int link, size_t size) {
    links_slot *slot = &table->slots[link];
    if (slot->state != LINKS_CONNECTED) return;
    assert(size > 0 && size <= HOP_STUN_SIZE_MAX && slot->wanted == 0);
    slot->wanted = size;
    slot->received = 0;
    links_settle(table, link);
}

void links_send(links *table, int link, const uint8_t *bytes, size_t size) {
    links_slot *slot = &table->slots[link];
    if (slot->state != LINKS_CONNECTED) return;
    if (size > LINKS_UNSENT_MAX - slot->unsent) {
        end(table, link, HOP_REASON_LOCAL);
        return;
    }
    memcpy(table->out[link] + slot->unsent, bytes, size);
    slot->unsent += size;
    flush(table, link);
    links_settle(table, link);
}

void links_close(links *table, int link) {
    links_slot *slot = &table->slots[link];
    drop_socket(table, slot);
    if (table->waiting_count > 0) leave_line(table, link);
    slot->state = LINKS_FREE;
}

void links_look(links *table, int link) {
    const links_slot *slot = &table->slots[link];
    if (slot->state != LINKS_DIALLING) return;
    kernel_state state = kernel_state_of(table->kernel, slot->socket);
    if (state == KERNEL_SYN_RECV || state == KERNEL_ESTABLISHED)
        answer(table, link, HOP_IN_ANSWERING);
}

void links_abandon(links *table, int link) {
    links_slot *slot = &table->slots[link];
    if (slot->state == LINKS_CONNECTED) answer(table, link, HOP_IN_ANSWERING);
    if (slot->state != LINKS_DIALLING) return;
    kernel_state state = kernel_state_of(table->kernel, slot->socket);
    if (state == KERNEL_SYN_SENT) {
        end(table, link, HOP_REASON_ABANDONED);
    } else if (state != KERNEL_CLOSED) {
        answer(table, link, HOP_IN_ANSWERING);
    } else {
        int error = kernel_error(table->kernel, slot->socket);
        end(table, link, error == 0 ? HOP_REASON_REFUSED : hop_reason_of_dial(error));
    }
}

int links_release(links *table, int link) {
    links_slot *slot = &table->slots[link];
    int socket = -1;
    bool whole = slot->state == LINKS_CONNECTED && slot->unsent == 0 && !slot->broken;
    if (whole && kernel_state_of(table->kernel, slot->socket) != KERNEL_CLOSED) {
        socket = slot->socket;
        table->watch(table->context, socket, 0, true);
        slot->socket = -1;
    }
    links_close(table, link);
    return socket;
}

int links_find(const links *table, int socket) {
    int link = table->by_socket[socket];
    return link < table->used && table->slots[link].socket == socket ? link : -1;
}

bool links_ready(links *table, int link, unsigned what, hop_input *ret_input) {
    links_slot *slot = &table->slots[link];
    if (slot->state == LINKS_DIALLING) return dial_ready(table, link, ret_input);
    if (slot->unsent > 0) flush(table, link);
    /* What was received before the other side reset comes first. */
    if (slot->wanted > 0) return read_ready(table, link, ret_input);
    if (what & KERNEL_FAILED) {
        int error = kernel_error(table->kernel, slot->socket);
        *ret_input = ended_input(link, hop_reason_of_link(error));
        links_close(table, link);
        return true;
    }
    links_settle(table, link);
    return false;
}

bool links_next(links *table, hop_input *ret_input) {
    if (table->waiting_count == 0) return false;
    int link = table->waiting[0];
    links_slot *slot = &table->slots[link];
    *ret_input = (hop_input){.kind = slot->answer, .link = link, .reason = slot->reason};
    leave_line(table, link);
    if (slot->state == LINKS_ENDED) slot->state = LINKS_FREE;
    return true;
}

void links_settle(links *table, int link) {
    links_slot *slot = &table->slots[link];
    if (slot->state != LINKS_CONNECTED) return;
    unsigned interest =
        (slot->wanted > 0 ? KERNEL_READABLE : 0u) | (slot->unsent > 0 ? KERNEL_WRITABLE : 0u);
    if (interest == slot->interest) return;
    slot->interest = interest;
    table->watch(table->context, slot->socket, interest, false);
}

static void take(links *table, int link) {
    for (; table->used <= link; table->used++)
        table->slots[table->used] = (links_slot){.socket = -1};
    assert(table->slots[link].state == LINKS_FREE);
}

static void occupy(links *table, int link, int socket, int state) {
    links_slot *slot = &table->slots[link];
    bool dialling = state == LINKS_DIALLING;
    assert(socket < LINKS_SOCKETS_MAX);
    table->by_socket[socket] = (int16_t)link;
    slot->socket = socket;
    slot->generation++;
    slot->state = dialling ? LINKS_DIALLING : LINKS_CONNECTED;
    slot->interest = dialling ? KERNEL_WRITABLE : 0;
    slot->broken = false;
    slot->wanted = slot->received = slot->unsent = 0;
    kernel_tune(table->kernel, socket, TIMEOUT_US);
    table->watch(table->context, socket, slot->interest, false);
}

static void drop_socket(links *table, links_slot *slot) {
    if (slot->socket < 0) return;
    table->watch(table->context, slot->socket, 0, true);
    kernel_abort(table->kernel, slot->socket);
    slot->socket = -1;
}

/* Puts the link into the waiting line, once; an end is stronger than whatever waited. */
static void answer(links *table, int link, hop_input_kind kind) {
    table->slots[link].answer = kind;
    for (unsigned i = 0; i < table->waiting_count; i++)
        if (table->waiting[i] == link) return;
    table->waiting[table->waiting_count++] = link;
}

static void end(links *table, int link, hop_reason reason) {
    links_slot *slot = &table->slots[link];
    if (slot->state == LINKS_ENDED) return;
    drop_socket(table, slot);
    slot->state = LINKS_ENDED;
    slot->reason = reason;
    answer(table, link, HOP_IN_ENDED);
}

static void leave_line(links *table, int link) {
    unsigned kept = 0;
    for (unsigned i = 0; i < table->waiting_count; i++)
        if (table->waiting[i] != link) table->waiting[kept++] = table->waiting[i];
    table->waiting_count = kept;
}

static hop_input ended_input(int link, hop_reason reason) {
    return (hop_input){.kind = HOP_IN_ENDED, .link = link, .reason = reason};
}

static bool dial_ready(links *table, int link, hop_input *ret_input) {
    links_slot *slot = &table->slots[link];
    int error = kernel_error(table->kernel, slot->socket);
    if (error != 0) {
        links_close(table, link);
        *ret_input = ended_input(link, hop_reason_of_dial(error));
        return true;
    }
    slot->state = LINKS_CONNECTED;
    *ret_input = (hop_input){.kind = HOP_IN_CONNECTED, .link = link};
    ret_input->local = kernel_local(table->kernel, slot->socket);
    ret_input->remote = kernel_remote(table->kernel, slot->socket);
    ret_input->rtt_us = kernel_rtt_us(table->kernel, slot->socket);
    return true;
}

/* Never asks the kernel for a byte beyond what is wanted: the rest is the user's. */
static bool read_ready(links *table, int link, hop_input *ret_input) {
    links_slot *slot = &table->slots[link];
    int got = kernel_receive(table->kernel, slot->socket, table->in[link] + slot->received,
                             slot->wanted - slot->received);
    if (got == -EAGAIN) {
        links_settle(table, link);
        return false;
    }
    if (got <= 0) {
        *ret_input = ended_input(link, got == 0 ? HOP_REASON_CLOSED : hop_reason_of_link(-got));
        links_close(table, link);
        return true;
    }
    slot->received += (size_t)got;
    if (slot->received < slot->wanted) return false;
    *ret_input = (hop_input){.kind = HOP_IN_RECEIVED, .link = link};
    ret_input->bytes = table->in[link];
    ret_input->size = slot->wanted;
    slot->wanted = 0;
    return true;
}

/* A broken connection shows by itself, after what the other side said last has been read. Nothing
 * more is sent on it: behind a gap the peer would take it for a stranger's. */
static void flush(links *table, int link) {
    links_slot *slot = &table->slots[link];
    if (slot->broken) slot->unsent = 0;
    while (slot->unsent > 0) {
        int sent = kernel_write(table->kernel, slot->socket, table->out[link], slot->unsent);
        if (sent == -EAGAIN) return;
        if (sent < 0) {
            slot->broken = true;
            sent = (int)slot->unsent;
        }
        slot->unsent -= (size_t)sent;
        memmove(table->out[link], table->out[link] + sent, slot->unsent);
    }
}
