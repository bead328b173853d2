/* SPDX-License-Identifier: MIT */
/* Packets for listeners, for their requests, and for what a connection leaves behind. */
#include "kernel_inside.h"

static bool is_full(const tcb *listener);
static void enqueue(kernel *host, tcb *listener, tcb *child);
static uint32_t isn_after(const tcb *one);

void tcb_take_at_listener(kernel *host, tcb *one, const packet *from, uint32_t isn) {
    if (from->flags & PACKET_RST) return;
    if (from->flags & PACKET_ACK) {
        kernel_refuse(host, from);
        return;
    }
    if (!(from->flags & PACKET_SYN) || (from->flags & PACKET_FIN) || is_full(one)) return;
    tcb *request = tcb_new(host, TCB_REQUEST, &from->target, &from->source);
    request->owner = one;
    request->iss = request->una = request->nxt = isn;
    request->irs = from->seq;
    request->rcv_nxt = from->seq + 1;
    request->seen_stamp = from->stamp;
    request->first_stamp = request->last_stamp = kernel_stamp(host);
    tcb_hash(host, request);
    tcb_send(host, request, PACKET_SYN | PACKET_ACK, NULL, 0, TTL_DEFAULT);
}

void tcb_take_at_request(kernel *host, tcb *one, const packet *from) {
    if (from->seq == one->irs && from->flags == PACKET_SYN) {
        int64_t before_us = one->answered_us;
        int64_t now_us = kernel_now_us(host);
        if (now_us - before_us < SECOND_US / 2) return;
        one->answered_us = now_us;
        tcb_send_first_again(host, one, true);
        tcb_set_timer(host, one, TIMER_RESEND, now_us + one->rto_us);
        return;
    }
    if ((from->flags & PACKET_ACK) && from->ack != one->nxt) {
        kernel_refuse(host, from);
        return;
    }
    /* Linux wants the echo of a SYN-ACK, so an ACK in between (a challenge) makes it deaf until
     * it has sent the SYN-ACK once more. */
    bool stale = from->echo != 0 && (seq_before(from->echo, one->first_stamp) ||
                                     seq_before(one->last_stamp, from->echo));
    bool is_reset = from->flags & PACKET_RST;
    /* A SYN-ACK ends where the window begins. */
    bool fits = tcb_fits(one, from) && !(from->seq == one->irs && packet_end(from) == one->rcv_nxt);
    if (!fits || (stale && !is_reset)) {
        bool has_text = from->size > 0 && !(from->flags & PACKET_SYN);
        if (has_text)
            tcb_send_ack(host, one);
        else if (!is_reset)
            tcb_challenge(host, one);
        return;
    }
    if (is_reset) {
        if (from->seq == one->rcv_nxt)
            tcb_free(host, one);
        else
            tcb_challenge(host, one);
        return;
    }
    if (from->flags & PACKET_SYN) {
        kernel_refuse(host, from);
        tcb_free(host, one);
        return;
    }
    if (!(from->flags & PACKET_ACK) || is_full(one->owner)) return;
    tcb *listener = one->owner;
    one->state = TCB_ESTABLISHED;
    tcb_acknowledged(host, one, from);
    one->answered_us = INT64_MIN / 2;
    enqueue(host, listener, one);
    tcb_take(host, one, from);
}

void tcb_take_at_time_wait(kernel *host, tcb *one, const packet *from) {
    bool half = one->state == TCB_FIN_WAIT2;
    bool is_reset = from->flags & PACKET_RST, is_syn = from->flags & PACKET_SYN;
    uint32_t end = packet_end(from);
    bool fits = tcb_fits(one, from);
    if (fits && is_reset && (half || from->seq == one->rcv_nxt)) {
        tcb_free(host, one);
        return;
    }
    if (is_reset) return;
    if (half && fits) {
        if (end == from->seq || !seq_before(one->rcv_nxt, end)) return;
        if (is_syn || !(from->flags & PACKET_FIN) || end != one->rcv_nxt + 1) {
            kernel_refuse(host, from);
            if (!is_syn) tcb_free(host, one);
            return;
        }
        one->rcv_nxt = end;
        one->state = TCB_TIME_WAIT;
    } else if (!half) {
        if (from->seq == one->rcv_nxt && end == from->seq) return;
        /* RFC 6191: a newer SYN may have the 4-tuple. */
        bool newer =
            seq_before(one->rcv_nxt, from->seq) || seq_before(one->seen_stamp, from->stamp);
        tcb *listener = tcb_listener(host, &one->local);
        if (is_syn && !(from->flags & PACKET_ACK) && newer && listener != NULL) {
            uint32_t isn = isn_after(one);
            tcb_free(host, one);
            tcb_take_at_listener(host, listener, from, isn);
            return;
        }
    }
    tcb_set_timer(host, one, TIMER_END, kernel_now_us(host) + TIME_WAIT_US);
    tcb_send_ack(host, one);
}

void tcb_close_listener(kernel *host, tcb *one) {
    tcb *child;
    while ((child = tcb_next_accepted(one)) != NULL) {
        if (child->state != TCB_CLOSED) tcb_send_reset(host, child);
        tcb_free(host, child);
    }
    /* Its requests hold their 4-tuples on: kernel_receive_packet() and the timer see that they are
     * nobody's any more. */
    for (unsigned i = 0; i < host->slot_count; i++) {
        tcb *request = host->slots[i];
        if (request != NULL && request->owner == one) request->owner = NULL;
    }
    tcb_free(host, one);
}

tcb *tcb_next_accepted(tcb *one) {
    tcb *child = one->queue_first;
    if (child == NULL) return NULL;
    one->queue_first = child->waiting;
    if (one->queue_first == NULL) one->queue_last = NULL;
    one->queue_count--;
    child->waiting = NULL;
    child->owner = NULL;
    return child;
}

static bool is_full(const tcb *listener) {
    return listener->queue_count > listener->backlog;
}

static void enqueue(kernel *host, tcb *listener, tcb *child) {
    child->waiting = NULL;
    if (listener->queue_last == NULL)
        listener->queue_first = child;
    else
        listener->queue_last->waiting = child;
    listener->queue_last = child;
    listener->queue_count++;
    tcb_wake(host, listener);
}

static uint32_t isn_after(const tcb *one) {
    uint32_t isn = one->nxt + 65535 + 2;
    return isn == 0 ? 1 : isn;
}
