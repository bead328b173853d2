/* SPDX-License-Identifier: MIT */
/* TCBs: made, found by 4-tuple, numbered as sockets, told about, ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_inside.h"

static uint64_t mix(uint64_t sum, uint64_t value);
static uint64_t mix_address(uint64_t sum, const hop_address *address);
static unsigned bucket_of(const hop_address *local, const hop_address *remote);
static void leave_listeners(kernel *host, const tcb *one);

tcb *tcb_new(kernel *host, tcb_state state, const hop_address *local, const hop_address *remote) {
    tcb *made = calloc(1, sizeof *made);
    if (made == NULL) abort();
    if (host->free_count > 0) {
        made->index = host->free_slots[--host->free_count];
    } else {
        if (host->slot_count == host->slot_room) {
            host->slot_room = host->slot_room == 0 ? 16 : host->slot_room * 2;
            host->slots = realloc(host->slots, host->slot_room * sizeof host->slots[0]);
            host->free_slots =
                realloc(host->free_slots, host->slot_room * sizeof host->free_slots[0]);
            if (host->slots == NULL || host->free_slots == NULL) abort();
        }
        made->index = host->slot_count++;
    }
    host->slots[made->index] = made;
    made->state = state;
    made->socket = -1;
    made->local = *local;
    made->remote = *remote;
    made->rto_us = RTO_FIRST_US;
    made->event_us = INT64_MAX;
    made->answered_us = INT64_MIN / 2;
    made->heard_us = kernel_now_us(host);
    if (state == TCB_LISTEN) {
        made->next = host->listeners;
        host->listeners = made;
    }
    return made;
}

void tcb_free(kernel *host, tcb *one) {
    if (one->state == TCB_LISTEN) leave_listeners(host, one);
    tcb_unhash(host, one);
    if (one->socket >= 0) tcb_let_go(host, one);
    tcb_drop_queue(one);
    tcb_drop_input(one);
    host->slots[one->index] = NULL;
    host->free_slots[host->free_count++] = one->index;
    free(one);
}

void tcb_hash(kernel *host, tcb *one) {
    tcb **bucket = &host->buckets[bucket_of(&one->local, &one->remote)];
    one->next = *bucket;
    *bucket = one;
    one->hashed = true;
    host->tuple_count++;
}

void tcb_unhash(kernel *host, tcb *one) {
    if (!one->hashed) return;
    tcb **at = &host->buckets[bucket_of(&one->local, &one->remote)];
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
    one->hashed = false;
    host->tuple_count--;
}

tcb *tcb_find(const kernel *host, const hop_address *local, const hop_address *remote) {
    tcb *one = host->buckets[bucket_of(local, remote)];
    while (one != NULL &&
           !(hop_address_equal(&one->remote, remote) && hop_address_equal(&one->local, local)))
        one = one->next;
    return one;
}

tcb *tcb_listener(const kernel *host, const hop_address *local) {
    hop_address any = {.family = local->family, .port = local->port};
    tcb *found = NULL;
    for (tcb *one = host->listeners; one != NULL; one = one->next) {
        if (hop_address_equal(&one->local, local)) return one;
        if (hop_address_equal(&one->local, &any)) found = one;
    }
    return found;
}

int tcb_hold(kernel *host, tcb *one) {
    unsigned max = host->config.socket_max;
    if (host->socket_count >= max) return -EMFILE;
    unsigned at = host->socket_low;
    while (host->sockets[at] != NULL)
        at++;
    host->sockets[at] = one;
    host->socket_low = at + 1;
    host->socket_count++;
    one->socket = (int)at;
    return one->socket;
}

void tcb_let_go(kernel *host, tcb *one) {
    unsigned at = (unsigned)one->socket;
    host->sockets[at] = NULL;
    if (at < host->socket_low) host->socket_low = at;
    host->socket_count--;
    one->socket = -1;
    one->woken = false;
}

uint32_t tcb_isn(const kernel *host, const hop_address *local, const hop_address *remote) {
    uint64_t sum = mix_address(mix_address(host->secret, local), remote);
    return (uint32_t)(sum >> 32) + (uint32_t)(kernel_now_us(host) * 125 / 8);
}

void tcb_wake(kernel *host, tcb *one) {
    if (one->socket < 0 || one->woken) return;
    if (host->woken_count == host->woken_room) {
        host->woken_room = host->woken_room == 0 ? 16 : host->woken_room * 2;
        host->woken = realloc(host->woken, host->woken_room * sizeof host->woken[0]);
        if (host->woken == NULL) abort();
    }
    one->woken = true;
    host->woken[host->woken_count++] = one->socket;
}

void kernel_tell(kernel *host) {
    if (host->waking) return;
    host->waking = true;
    for (unsigned i = 0; i < host->woken_count; i++) {
        int number = host->woken[i];
        tcb *one = host->sockets[number];
        if (one == NULL || !one->woken) continue;
        one->woken = false;
        unsigned what = kernel_ready(host, number);
        if (what != 0) host->config.ready(host->config.context, number, what);
    }
    host->woken_count = 0;
    host->waking = false;
}

void tcb_die(kernel *host, tcb *one, int error) {
    tcb_unhash(host, one);
    /* In the accept queue it waits, dead, for its accept(). */
    if (one->socket < 0 && (one->owner == NULL || one->state == TCB_REQUEST)) {
        tcb_free(host, one);
        return;
    }
    tcb_drop_queue(one);
    tcb_stop_timer(one);
    one->state = TCB_CLOSED;
    one->error = error;
    tcb_wake(host, one);
}

void tcb_time_wait(kernel *host, tcb *one, tcb_state state) {
    tcb *rest = one;
    if (one->socket >= 0 || one->owner != NULL) {
        rest = tcb_new(host, state, &one->local, &one->remote);
        rest->una = one->una;
        rest->nxt = one->nxt;
        rest->rcv_nxt = one->rcv_nxt;
        rest->seen_stamp = one->seen_stamp;
        tcb_die(host, one, 0);
        tcb_hash(host, rest);
    }
    tcb_drop_queue(rest);
    tcb_drop_input(rest);
    rest->state = state;
    tcb_set_timer(host, rest, TIMER_END, kernel_now_us(host) + TIME_WAIT_US);
}

static uint64_t mix(uint64_t sum, uint64_t value) {
    hop_random random = hop_random_seeded(sum ^ value);
    return hop_random_next(&random);
}

static uint64_t mix_address(uint64_t sum, const hop_address *address) {
    uint64_t high = 0, low = 0;
    for (int i = 0; i < 8; i++) {
        high = high << 8 | address->ip[i];
        low = low << 8 | address->ip[8 + i];
    }
    sum = mix(sum, high);
    if (low != 0) sum = mix(sum, low);
    return mix(sum, (uint64_t)address->family << 16 | address->port);
}

/* Cheap: only the remote side and the ports differ within a host. */
static unsigned bucket_of(const hop_address *local, const hop_address *remote) {
    unsigned sum = local->port * 31u + remote->port;
    unsigned size = remote->family == HOP_FAMILY_IPV6 ? 16 : 4;
    for (unsigned i = 0; i < size; i++)
        sum = sum * 33u + remote->ip[i];
    return (sum ^ sum >> 8 ^ sum >> 16) % BUCKETS;
}

static void leave_listeners(kernel *host, const tcb *one) {
    tcb **at = &host->listeners;
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
}
