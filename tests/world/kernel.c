/* SPDX-License-Identifier: MIT */
/* What the process calls. */
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_inside.h"

#define PORT_LOW  32768 /* ip_local_port_range */
#define PORT_HIGH 60999

static tcb *at(const kernel *host, int number);
static bool pick_port(kernel *host, hop_address *local, const hop_address *remote);
static bool is_taken(kernel *host, const hop_address *local, const hop_address *remote,
                     uint32_t *ret_isn);
static bool has_ended(const tcb *one);
static void leave(kernel *host, tcb *one);

kernel *kernel_new(const kernel_config *config) {
    kernel *made = calloc(1, sizeof *made);
    if (made == NULL) abort();
    made->config = *config;
    if (made->config.socket_max == 0) made->config.socket_max = 1024;
    made->sockets = calloc(made->config.socket_max, sizeof(tcb *));
    if (made->sockets == NULL) abort();
    hop_random random = hop_random_seeded(config->seed);
    made->secret = hop_random_next(&random);
    return made;
}

void kernel_free(kernel *host) {
    if (host == NULL) return;
    schedule_forget(host->config.schedule, host);
    for (unsigned i = 0; i < host->slot_count; i++) {
        if (host->slots[i] != NULL) tcb_free(host, host->slots[i]);
    }
    free(host->slots);
    free(host->free_slots);
    free(host->sockets);
    free(host->woken);
    free(host);
}

void kernel_kill(kernel *host) {
    for (unsigned i = 0; i < host->config.socket_max && host->socket_count > 0; i++) {
        if (host->sockets[i] != NULL) kernel_close(host, (int)i);
    }
}

int kernel_listen(kernel *host, const hop_address *local, unsigned backlog) {
    for (const tcb *other = host->listeners; other != NULL; other = other->next) {
        if (hop_address_equal(&other->local, local)) return -EADDRINUSE;
    }
    if (host->socket_count >= host->config.socket_max) return -EMFILE;
    tcb *one = tcb_new(host, TCB_LISTEN, local, &(hop_address){0});
    one->backlog = backlog;
    return tcb_hold(host, one);
}

/* What is due meanwhile comes too early, and is put off. */
void kernel_sleep(kernel *host, int64_t for_us) {
    host->slept_us += for_us;
}

int kernel_connect(kernel *host, const hop_address *local, const hop_address *remote, int ttl) {
    if (local->family == HOP_FAMILY_NONE || local->family != remote->family) return -ENETUNREACH;
    if (host->socket_count >= host->config.socket_max) return -EMFILE;
    hop_address from = *local;
    uint32_t isn = 0;
    if (from.port == 0 && !pick_port(host, &from, remote)) return -EADDRNOTAVAIL;
    if (is_taken(host, &from, remote, &isn)) return -EADDRNOTAVAIL;
    tcb *one = tcb_new(host, TCB_SYN_SENT, &from, remote);
    one->iss = one->una = one->nxt = isn;
    one->begun_us = kernel_now_us(host);
    one->deaf = ttl > 0;
    tcb_hash(host, one);
    int number = tcb_hold(host, one);
    tcb_send(host, one, PACKET_SYN, NULL, 0, ttl > 0 ? (uint8_t)ttl : TTL_DEFAULT);
    return number;
}

int kernel_accept(kernel *host, int listener, hop_address *ret_remote, hop_address *ret_local) {
    tcb *one = at(host, listener);
    if (one == NULL) return -EBADF;
    if (one->state != TCB_LISTEN) return -EINVAL;
    if (one->queue_first == NULL) return -EAGAIN;
    if (host->socket_count >= host->config.socket_max) return -EMFILE;
    tcb *child = tcb_next_accepted(one);
    *ret_remote = child->remote;
    *ret_local = child->local;
    return tcb_hold(host, child);
}

void kernel_tune(kernel *host, int number, int64_t user_timeout_us) {
    tcb *one = at(host, number);
    if (one == NULL || one->state == TCB_LISTEN || one->state == TCB_CLOSED) return;
    one->user_timeout_us = user_timeout_us;
    one->keepalive = true;
    if (one->first == NULL) tcb_time_queue(host, one, false);
}

int kernel_receive(kernel *host, int number, uint8_t *bytes, size_t size) {
    tcb *one = at(host, number);
    if (one == NULL) return -EBADF;
    if (one->state == TCB_LISTEN) return -ENOTCONN;
    if (one->in_size > 0) return (int)tcb_read(one, bytes, size);
    if (one->ended) return 0;
    if (one->error != 0) return -kernel_error(host, number);
    return one->state == TCB_CLOSED ? 0 : -EAGAIN;
}

int kernel_write(kernel *host, int number, const uint8_t *bytes, size_t size) {
    tcb *one = at(host, number);
    if (one == NULL) return -EBADF;
    if (one->state == TCB_LISTEN) return -EPIPE;
    if (one->error != 0) return -kernel_error(host, number);
    if (one->shut || one->state == TCB_CLOSED) return -EPIPE;
    if (one->state < TCB_ESTABLISHED || one->in_flight >= SEND_BUFFER_SIZE) return -EAGAIN;
    size_t room = SEND_BUFFER_SIZE - one->in_flight;
    if (size > room) size = room;
    for (size_t sent = 0; sent < size;) {
        size_t part = size - sent < SEGMENT_SIZE ? size - sent : SEGMENT_SIZE;
        tcb_send(host, one, PACKET_ACK, bytes + sent, (uint16_t)part, TTL_DEFAULT);
        sent += part;
    }
    return (int)size;
}

void kernel_shut(kernel *host, int number) {
    tcb *one = at(host, number);
    if (one == NULL || one->shut) return;
    if (one->state != TCB_ESTABLISHED && one->state != TCB_CLOSE_WAIT) return;
    one->shut = true;
    one->state = one->state == TCB_ESTABLISHED ? TCB_FIN_WAIT1 : TCB_LAST_ACK;
    tcb_send(host, one, PACKET_FIN | PACKET_ACK, NULL, 0, TTL_DEFAULT);
}

void kernel_close(kernel *host, int number) {
    tcb *one = at(host, number);
    if (one == NULL) return;
    if (one->state == TCB_LISTEN) {
        tcb_close_listener(host, one);
        return;
    }
    if (one->state == TCB_CLOSED || one->state == TCB_SYN_SENT) {
        tcb_free(host, one);
        return;
    }
    if (one->in_size > 0) { /* RFC 2525 section 2.17 */
        tcb_send_reset(host, one);
        tcb_free(host, one);
        return;
    }
    leave(host, one);
}

void kernel_abort(kernel *host, int number) {
    tcb *one = at(host, number);
    if (one == NULL) return;
    if (one->state == TCB_LISTEN) {
        tcb_close_listener(host, one);
        return;
    }
    bool silent = one->state == TCB_CLOSED || one->state == TCB_SYN_SENT ||
                  one->state == TCB_CLOSING || one->state == TCB_LAST_ACK;
    if (!silent || one->in_size > 0) {
        if (one->state != TCB_CLOSED) tcb_send_reset(host, one);
    }
    tcb_free(host, one);
}

int kernel_error(kernel *host, int number) {
    tcb *one = at(host, number);
    if (one == NULL) return EBADF;
    int error = one->error;
    one->error = 0;
    if (error == 0) {
        error = one->soft_error;
        one->soft_error = 0;
    }
    return error;
}

kernel_state kernel_state_of(const kernel *host, int number) {
    const tcb *one = at(host, number);
    if (one == NULL) return KERNEL_FREE;
    switch (one->state) {
    case TCB_LISTEN: return KERNEL_LISTEN;
    case TCB_SYN_SENT: return KERNEL_SYN_SENT;
    case TCB_SYN_RECV: return KERNEL_SYN_RECV;
    case TCB_CLOSED: return KERNEL_CLOSED;
    default: return KERNEL_ESTABLISHED;
    }
}

unsigned kernel_ready(const kernel *host, int number) {
    const tcb *one = at(host, number);
    if (one == NULL) return 0;
    if (one->state == TCB_LISTEN) return one->queue_first != NULL ? KERNEL_READABLE : 0;
    if (one->state == TCB_SYN_SENT || one->state == TCB_SYN_RECV) return 0;
    unsigned what = 0;
    if (one->in_size > 0 || one->ended || one->state == TCB_CLOSED) what |= KERNEL_READABLE;
    if (one->in_flight < SEND_BUFFER_SIZE) what |= KERNEL_WRITABLE;
    if (has_ended(one)) what |= KERNEL_FAILED;
    return what;
}

hop_address kernel_local(const kernel *host, int number) {
    const tcb *one = at(host, number);
    return one == NULL ? (hop_address){0} : one->local;
}

hop_address kernel_remote(const kernel *host, int number) {
    const tcb *one = at(host, number);
    return one == NULL ? (hop_address){0} : one->remote;
}

uint32_t kernel_rtt_us(const kernel *host, int number) {
    const tcb *one = at(host, number);
    return one == NULL ? 0 : (uint32_t)one->srtt_us;
}

unsigned kernel_count(const kernel *host) {
    return host->socket_count;
}

unsigned kernel_tuple_count(const kernel *host) {
    return host->tuple_count;
}

static tcb *at(const kernel *host, int number) {
    if (number < 0 || (unsigned)number >= host->config.socket_max) return NULL;
    return host->sockets[number];
}

static bool pick_port(kernel *host, hop_address *local, const hop_address *remote) {
    unsigned count = PORT_HIGH - PORT_LOW + 1;
    unsigned start = tcb_isn(host, local, remote) % count;
    for (unsigned i = 0; i < count; i++) {
        local->port = (uint16_t)(PORT_LOW + (start + i) % count);
        hop_address any = {.family = local->family, .port = local->port};
        if (tcb_find(host, local, remote) == NULL && tcb_listener(host, local) == NULL &&
            tcb_listener(host, &any) == NULL)
            return true;
    }
    return false;
}

/* False: free, with the number to begin with. Over TIME_WAIT it is beyond what that has sent. */
static bool is_taken(kernel *host, const hop_address *local, const hop_address *remote,
                     uint32_t *ret_isn) {
    tcb *other = tcb_find(host, local, remote);
    *ret_isn = tcb_isn(host, local, remote);
    if (other == NULL) return false;
    bool waits =
        other->state == TCB_TIME_WAIT || (other->state == TCB_FIN_WAIT2 && other->socket < 0);
    if (!waits || other->seen_stamp == 0) return true;
    *ret_isn = other->nxt + 65535 + 2;
    if (*ret_isn == 0) *ret_isn = 1;
    tcb_free(host, other);
    return false;
}

/* EPOLLERR or EPOLLHUP. */
static bool has_ended(const tcb *one) {
    return one->error != 0 || one->state == TCB_CLOSED || (one->shut && one->ended);
}

/* The orderly close. In SYN_RECV, too: that orphan holds the 4-tuple for two minutes. */
static void leave(kernel *host, tcb *one) {
    tcb_let_go(host, one);
    one->keepalive = false;
    switch (one->state) {
    case TCB_FIN_WAIT2: tcb_time_wait(host, one, TCB_FIN_WAIT2); break;
    case TCB_CLOSE_WAIT:
    case TCB_ESTABLISHED:
    case TCB_SYN_RECV:
        one->state = one->state == TCB_CLOSE_WAIT ? TCB_LAST_ACK : TCB_FIN_WAIT1;
        one->shut = true;
        tcb_send(host, one, PACKET_FIN | PACKET_ACK, NULL, 0, TTL_DEFAULT);
        break;
    default: break;
    }
}
