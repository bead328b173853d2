/* SPDX-License-Identifier: MIT */
/* What comes in, in the order of RFC 9293 section 3.10.7, with what Linux does otherwise. */
#include <errno.h>

#include "kernel_inside.h"

#define HURRY_US 8000 /* two ticks: TCP_TIMEOUT_MIN */

static void take_at_syn_sent(kernel *host, tcb *one, const packet *from);
static bool take_syn_or_reset(kernel *host, tcb *one, const packet *from);
static bool take_ack(kernel *host, tcb *one, const packet *from);
static void take_text(kernel *host, tcb *one, const packet *from);
static bool take_fin(kernel *host, tcb *one);
static void reset(kernel *host, tcb *one);
static void take_icmp(kernel *host, const packet *from);
static int icmp_error(const packet *from);

void kernel_receive_packet(kernel *host, const packet *from) {
    if (from->kind != PACKET_TCP) {
        take_icmp(host, from);
        kernel_tell(host);
        return;
    }
    tcb *one = tcb_find(host, &from->target, &from->source);
    /* A request whose listener was closed: whatever comes is the end of it, and is then for a new
     * listener, or for nobody. */
    if (one != NULL && one->state == TCB_REQUEST && one->owner == NULL) {
        tcb_free(host, one);
        one = NULL;
    }
    if (one == NULL) one = tcb_listener(host, &from->target);
    if (one == NULL) {
        kernel_refuse(host, from);
        return;
    }
    switch (one->state) {
    case TCB_LISTEN:
        tcb_take_at_listener(host, one, from, tcb_isn(host, &from->target, &from->source));
        break;
    case TCB_REQUEST: tcb_take_at_request(host, one, from); break;
    case TCB_SYN_SENT: take_at_syn_sent(host, one, from); break;
    /* After FIN_WAIT2 without an owner, too: then it is TIME_WAIT in all but name. */
    case TCB_TIME_WAIT: tcb_take_at_time_wait(host, one, from); break;
    case TCB_FIN_WAIT2:
        if (one->socket < 0) {
            tcb_take_at_time_wait(host, one, from);
            break;
        }
        tcb_take(host, one, from);
        break;
    default: tcb_take(host, one, from); break;
    }
    kernel_tell(host);
}

void tcb_take(kernel *host, tcb *one, const packet *from) {
    one->heard_us = kernel_now_us(host);
    if (!tcb_fits(one, from)) {
        if (!(from->flags & PACKET_RST)) {
            if (from->size > 0 && !(from->flags & PACKET_SYN))
                tcb_send_ack(host, one);
            else
                tcb_challenge(host, one);
        } else if (one->ended && from->seq + 1 == one->rcv_nxt) {
            reset(host, one); /* it was sent before our ACK of the FIN came */
        }
        return;
    }
    if (take_syn_or_reset(host, one, from)) return;
    if (!(from->flags & PACKET_ACK)) return;
    if (!seq_before(one->rcv_nxt, from->seq) && seq_before(one->seen_stamp, from->stamp))
        one->seen_stamp = from->stamp;
    if (take_ack(host, one, from)) take_text(host, one, from);
}

bool tcb_fits(const tcb *one, const packet *from) {
    return !seq_before(packet_end(from), one->rcv_nxt) &&
           !seq_before(one->rcv_nxt + RECEIVE_WINDOW, from->seq);
}

uint32_t packet_end(const packet *of) {
    uint32_t end = of->seq + of->size;
    if (of->flags & PACKET_SYN) end++;
    if (of->flags & PACKET_FIN) end++;
    return end;
}

/* RFC 9293 section 3.10.7.3. */
static void take_at_syn_sent(kernel *host, tcb *one, const packet *from) {
    if (from->flags & PACKET_ACK) {
        if (from->ack != one->nxt) {
            /* It is of another connection, and our RST ends that at the peer: so Linux does not
             * wait for its first timeout. */
            if (one->timeouts == 0)
                tcb_set_timer(host, one, TIMER_RESEND, kernel_now_us(host) + HURRY_US);
            kernel_refuse(host, from);
            return;
        }
        if (from->flags & PACKET_RST) {
            reset(host, one);
            return;
        }
    }
    if ((from->flags & PACKET_RST) || !(from->flags & PACKET_SYN)) return;
    one->irs = from->seq;
    one->rcv_nxt = from->seq + 1;
    one->seen_stamp = from->stamp;
    one->heard_us = kernel_now_us(host);
    if (from->flags & PACKET_ACK) {
        one->state = TCB_ESTABLISHED;
        tcb_acknowledged(host, one, from);
        tcb_send_ack(host, one);
        tcb_wake(host, one);
        return;
    }
    /* The timer runs on, and its count; the SYN-ACK has the same sequence number. */
    one->state = TCB_SYN_RECV;
    one->first->packet->flags |= PACKET_ACK;
    tcb_send_first_again(host, one, false);
}

/* True: there is nothing more to do with it. */
static bool take_syn_or_reset(kernel *host, tcb *one, const packet *from) {
    if (from->flags & PACKET_RST) {
        /* RFC 5961 section 3.2. */
        if (from->seq == one->rcv_nxt)
            reset(host, one);
        else
            tcb_challenge(host, one);
        return true;
    }
    if (!(from->flags & PACKET_SYN)) return false;
    /* Since 6.12 the other half of a simultaneous open may complete it at once; who has closed
     * meanwhile gets the challenge. */
    if (one->state == TCB_SYN_RECV && (from->flags & PACKET_ACK) && from->seq == one->irs &&
        from->size == 0 && from->ack == one->nxt)
        return false;
    tcb_challenge(host, one); /* RFC 5961 section 4.2 */
    return true;
}

/* False: the packet is of no more use (and the TCB may be gone). */
static bool take_ack(kernel *host, tcb *one, const packet *from) {
    if (one->state == TCB_SYN_RECV) {
        if (!tcb_acknowledged(host, one, from)) {
            kernel_refuse(host, from);
            return false;
        }
        one->state = TCB_ESTABLISHED;
        tcb_time_queue(host, one, false); /* keepalive */
        tcb_wake(host, one);
        if (from->flags & PACKET_SYN) tcb_send_ack(host, one);
        return true;
    }
    if (seq_before(one->nxt, from->ack)) {
        tcb_challenge(host, one);
        return false;
    }
    bool was_full = one->in_flight >= SEND_BUFFER_SIZE;
    if (tcb_acknowledged(host, one, from)) {
        if (was_full) tcb_wake(host, one);
    } else if (from->ack == one->una && packet_end(from) == from->seq) {
        tcb_repeated_ack(host, one);
    }
    if (!one->shut || one->una != one->nxt) return true;
    switch (one->state) {
    case TCB_FIN_WAIT1:
        one->state = TCB_FIN_WAIT2;
        if (one->socket >= 0 || from->size > 0) return true;
        if (from->flags & PACKET_FIN) return true;
        tcb_time_wait(host, one, TCB_FIN_WAIT2);
        return false;
    case TCB_CLOSING: tcb_time_wait(host, one, TCB_TIME_WAIT); return false;
    case TCB_LAST_ACK: tcb_die(host, one, 0); return false;
    default: return true;
    }
}

static void take_text(kernel *host, tcb *one, const packet *from) {
    if (one->state >= TCB_CLOSING || one->state < TCB_ESTABLISHED) return;
    bool orphan = one->socket < 0 && one->owner == NULL;
    if (orphan && from->size > 0 && seq_before(one->rcv_nxt, from->seq + from->size)) {
        kernel_refuse(host, from); /* RFC 9293 section 3.6.1: nobody will read it */
        tcb_die(host, one, 0);
        return;
    }
    bool had_ended = one->ended;
    if (!tcb_store(host, one, from)) return;
    tcb_send_ack(host, one);
    if (one->ended && !had_ended && take_fin(host, one)) return;
    if (orphan && one->state == TCB_FIN_WAIT2) tcb_time_wait(host, one, TCB_FIN_WAIT2);
}

/* True: the TCB is gone or another. */
static bool take_fin(kernel *host, tcb *one) {
    tcb_wake(host, one);
    switch (one->state) {
    case TCB_ESTABLISHED: one->state = TCB_CLOSE_WAIT; return false;
    case TCB_FIN_WAIT1: one->state = TCB_CLOSING; return false;
    case TCB_FIN_WAIT2: tcb_time_wait(host, one, TCB_TIME_WAIT); return true;
    default: return false;
    }
}

static void reset(kernel *host, tcb *one) {
    int error = ECONNRESET;
    if (one->state == TCB_SYN_SENT) error = ECONNREFUSED;
    if (one->state == TCB_CLOSE_WAIT) error = EPIPE;
    tcb_die(host, one, error);
}

static void take_icmp(kernel *host, const packet *from) {
    tcb *one = tcb_find(host, &from->quoted_source, &from->quoted_target);
    if (one == NULL || one->state == TCB_TIME_WAIT) return;
    if (seq_before(from->quoted_seq, one->una) || seq_before(one->nxt, from->quoted_seq)) return;
    if (one->deaf && from->kind == PACKET_TIME_EXCEEDED) return;
    int error = icmp_error(from);
    switch (one->state) {
    case TCB_REQUEST:
        if (from->kind == PACKET_TIME_EXCEEDED || from->code <= 1) tcb_die(host, one, error);
        break;
    case TCB_SYN_SENT:
    case TCB_SYN_RECV: tcb_die(host, one, error); break;
    default: one->soft_error = error; break; /* RFC 5461: it may pass */
    }
}

static int icmp_error(const packet *from) {
    if (from->kind == PACKET_TIME_EXCEEDED) return EHOSTUNREACH;
    if (from->quoted_source.family == HOP_FAMILY_IPV6) {
        switch (from->code) {
        case 0: return ENETUNREACH;
        case 4: return ECONNREFUSED;
        case 1:
        case 5:
        case 6: return EACCES;
        default: return EHOSTUNREACH;
        }
    }
    switch (from->code) {
    case 0:
    case 9: return ENETUNREACH;
    case 2: return ENOPROTOOPT;
    case 3: return ECONNREFUSED;
    default: return EHOSTUNREACH;
    }
}
