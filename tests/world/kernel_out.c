/* SPDX-License-Identifier: MIT */
/* What goes out: new segments, old ones again by time, ACKs and RSTs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_inside.h"

#define CHALLENGE_PAUSE_US  (SECOND_US / 2)
#define REQUEST_TIMEOUTS    5 /* tcp_synack_retries */
#define SYN_TIMEOUTS        6 /* tcp_syn_retries */
#define SYN_LINEAR_TIMEOUTS 4 /* tcp_syn_linear_timeouts: on top, without backing off */
#define TIMEOUT_US          (924600 * INT64_C(1000)) /* what tcp_retries2 comes to */
#define ORPHAN_TIMEOUT_US   (102200 * INT64_C(1000)) /* eight times for whom nobody waits */
#define KEEPALIVE_IDLE_US   (25 * SECOND_US)
#define KEEPALIVE_PAUSE_US  (5 * SECOND_US)
#define KEEPALIVE_PROBES    4
#define JIFFY_US            4000

static packet head_of(const kernel *host, const tcb *one, uint8_t flags);
static void put(kernel *host, const packet *out);
static void transmit(kernel *host, tcb *one, segment *out);
static void send_again(kernel *host, tcb *one, segment *out);
static void sample(tcb *one, int64_t rtt_us);
static void timed_out(kernel *host, tcb *one);
static bool is_over(const kernel *host, const tcb *one);
static void stay_alive(kernel *host, tcb *one);
static void on_event(void *context, void *argument, uint64_t number);

void tcb_send(kernel *host, tcb *one, uint8_t flags, const uint8_t *bytes, uint16_t size,
              uint8_t ttl) {
    packet head = head_of(host, one, flags);
    segment *out = calloc(1, sizeof *out);
    if (out == NULL) abort();
    out->packet = packet_new(&head, size);
    if (size > 0) memcpy(out->packet->bytes, bytes, size);
    if (one->first == NULL)
        one->first = out;
    else
        one->last->next = out;
    one->last = out;
    one->segment_count++;
    one->in_flight += size;
    one->nxt = packet_end(out->packet);
    out->packet->ttl = ttl;
    transmit(host, one, out);
    out->packet->ttl = TTL_DEFAULT;
    if (flags & PACKET_SYN)
        tcb_set_timer(host, one, TIMER_RESEND, kernel_now_us(host) + one->rto_us);
    else
        tcb_time_queue(host, one, false);
}

void tcb_send_ack(kernel *host, tcb *one) {
    packet out = head_of(host, one, PACKET_ACK);
    /* A request's SYN-ACK is its own; RFC 9293 section 3.10.7.4 answers with what comes next. */
    put(host, &out);
}

void tcb_challenge(kernel *host, tcb *one) {
    int64_t now_us = kernel_now_us(host);
    if (now_us - one->answered_us < CHALLENGE_PAUSE_US) return;
    one->answered_us = now_us;
    tcb_send_ack(host, one);
}

void tcb_send_reset(kernel *host, tcb *one) {
    packet out = head_of(host, one, PACKET_RST | PACKET_ACK);
    out.stamp = out.echo = 0;
    put(host, &out);
}

void kernel_refuse(kernel *host, const packet *about) {
    if (about->flags & PACKET_RST) return;
    packet out = {.source = about->target, .target = about->source, .ttl = TTL_DEFAULT};
    out.flags = PACKET_RST;
    if (about->flags & PACKET_ACK) {
        out.seq = about->ack;
    } else {
        out.flags |= PACKET_ACK;
        out.ack = packet_end(about);
    }
    put(host, &out);
}

void tcb_send_first_again(kernel *host, tcb *one, bool counts) {
    if (one->first == NULL) return;
    if (counts)
        send_again(host, one, one->first);
    else
        transmit(host, one, one->first);
    one->last_stamp = kernel_stamp(host);
}

bool tcb_acknowledged(kernel *host, tcb *one, const packet *from) {
    if (!seq_before(one->una, from->ack) || seq_before(one->nxt, from->ack)) return false;
    int64_t rtt_us = -1;
    bool again = false;
    while (one->first != NULL && !seq_before(from->ack, packet_end(one->first->packet))) {
        segment *done = one->first;
        if (rtt_us < 0) rtt_us = kernel_now_us(host) - done->sent_us;
        again = again || done->again;
        one->first = done->next;
        one->segment_count--;
        one->in_flight -= done->packet->size;
        free(done->packet);
        free(done);
    }
    if (one->first == NULL) one->last = NULL;
    if (again && from->echo != 0) {
        rtt_us = (int64_t)(kernel_stamp(host) - from->echo) * 1000;
        if (rtt_us == 0) rtt_us = 1000;
        again = false;
    }
    if (rtt_us >= 0 && !again) sample(one, rtt_us);
    one->una = from->ack;
    one->timeouts = 0;
    one->probed = false;
    one->stuck_us = 0;
    int64_t spread_us = 4 * one->rttvar_us > RTO_MIN_US ? 4 * one->rttvar_us : RTO_MIN_US;
    one->rto_us = one->srtt_us == 0 ? RTO_FIRST_US : one->srtt_us + spread_us;
    if (one->recovering && !seq_before(one->una, one->recover_seq)) one->recovering = false;
    /* A partial acknowledgement (RFC 6582): the next one was lost, too. */
    if (one->recovering && one->first != NULL && one->first->sent_us < one->recover_us)
        send_again(host, one, one->first);
    tcb_time_queue(host, one, true);
    return true;
}

void tcb_repeated_ack(kernel *host, tcb *one) {
    if (one->segment_count < 2 || one->recovering || one->timer == TIMER_REORDER) return;
    int64_t at_us = kernel_now_us(host) + one->srtt_us / 4;
    if (one->due_us != 0 && one->due_us <= at_us) return;
    tcb_set_timer(host, one, TIMER_REORDER, at_us);
}

void tcb_set_timer(kernel *host, tcb *one, tcb_timer timer, int64_t due_us) {
    one->timer = timer;
    one->due_us = due_us;
    if (one->event_us <= due_us) return; /* the schedule comes by before */
    one->event_us = due_us;
    one->event = ++host->event << 20 | one->index;
    schedule_at(host->config.schedule, due_us + host->slept_us, on_event, host, NULL, one->event);
}

void tcb_stop_timer(tcb *one) {
    one->due_us = 0;
}

void tcb_time_queue(kernel *host, tcb *one, bool progress) {
    int64_t now_us = kernel_now_us(host);
    if (one->first == NULL) {
        one->due_us = 0;
        if (one->keepalive && one->state >= TCB_ESTABLISHED && one->state < TCB_TIME_WAIT) {
            int64_t at_us = one->heard_us + KEEPALIVE_IDLE_US;
            tcb_set_timer(host, one, TIMER_ALIVE, at_us > now_us ? at_us : now_us + JIFFY_US);
        }
        return;
    }
    /* RFC 6298 section 5: what is sent does not move a timer that runs, an ACK restarts it. */
    int64_t resend_us = (progress ? now_us : one->first->sent_us) + one->rto_us;
    if (resend_us <= now_us) resend_us = now_us + JIFFY_US;
    if (one->probed || one->recovering || one->timeouts > 0) {
        if (progress || one->due_us == 0) tcb_set_timer(host, one, TIMER_RESEND, resend_us);
        return;
    }
    /* RFC 8985 section 7.2; a lone segment's ACK may be a delayed one. */
    int64_t probe_us = now_us + RTO_FIRST_US;
    int64_t extra_us = one->segment_count == 1 ? RTO_MIN_US : 2 * JIFFY_US;
    if (one->srtt_us > 0) probe_us = now_us + 2 * one->srtt_us + extra_us;
    tcb_set_timer(host, one, TIMER_PROBE, probe_us < resend_us ? probe_us : resend_us);
}

void tcb_drop_queue(tcb *one) {
    while (one->first != NULL) {
        segment *gone = one->first;
        one->first = gone->next;
        free(gone->packet);
        free(gone);
    }
    one->last = NULL;
    one->segment_count = 0;
    one->in_flight = 0;
}

void tcb_fired(kernel *host, tcb *one) {
    int64_t now_us = kernel_now_us(host);
    switch (one->timer) {
    case TIMER_END: tcb_free(host, one); break;
    case TIMER_ALIVE: stay_alive(host, one); break;
    case TIMER_RESEND: timed_out(host, one); break;
    case TIMER_PROBE:
        if (one->last == NULL) break;
        one->probed = true;
        send_again(host, one, one->last);
        tcb_set_timer(host, one, TIMER_RESEND, now_us + one->rto_us);
        break;
    case TIMER_REORDER:
        if (one->first == NULL) break;
        one->recovering = true;
        one->recover_seq = one->nxt;
        one->recover_us = now_us;
        send_again(host, one, one->first);
        tcb_time_queue(host, one, true);
        break;
    }
}

static packet head_of(const kernel *host, const tcb *one, uint8_t flags) {
    packet head = {.source = one->local, .target = one->remote, .ttl = TTL_DEFAULT};
    head.flags = flags;
    head.seq = one->nxt;
    head.stamp = kernel_stamp(host);
    if (flags & PACKET_ACK) {
        head.ack = one->rcv_nxt;
        head.echo = one->seen_stamp;
    }
    return head;
}

static void put(kernel *host, const packet *out) {
    host->config.send(host->config.context, out);
}

static void transmit(kernel *host, tcb *one, segment *out) {
    out->sent_us = kernel_now_us(host);
    out->packet->stamp = kernel_stamp(host);
    if (out->packet->flags & PACKET_ACK) {
        out->packet->ack = one->rcv_nxt;
        out->packet->echo = one->seen_stamp;
    }
    put(host, out->packet);
}

static void send_again(kernel *host, tcb *one, segment *out) {
    out->again = true;
    if (one->stuck_us == 0) one->stuck_us = kernel_now_us(host);
    transmit(host, one, out);
}

/* RFC 6298 section 2. */
static void sample(tcb *one, int64_t rtt_us) {
    if (rtt_us < 1) rtt_us = 1;
    if (one->srtt_us == 0) {
        one->srtt_us = rtt_us;
        one->rttvar_us = rtt_us / 2;
        return;
    }
    int64_t off_us = rtt_us > one->srtt_us ? rtt_us - one->srtt_us : one->srtt_us - rtt_us;
    one->rttvar_us = (3 * one->rttvar_us + off_us) / 4;
    one->srtt_us = (7 * one->srtt_us + rtt_us) / 8;
}

static void timed_out(kernel *host, tcb *one) {
    int64_t now_us = kernel_now_us(host);
    if (one->first == NULL) return;
    if (is_over(host, one)) {
        tcb_die(host, one, ETIMEDOUT);
        return;
    }
    one->timeouts++;
    tcb_send_first_again(host, one, true);
    one->recovering = one->state >= TCB_ESTABLISHED;
    one->recover_seq = one->nxt;
    one->recover_us = now_us;
    bool linear = one->state == TCB_SYN_SENT && one->timeouts <= SYN_LINEAR_TIMEOUTS;
    if (!linear) one->rto_us *= 2;
    if (one->rto_us > RTO_MAX_US) one->rto_us = RTO_MAX_US;
    int64_t due_us = now_us + one->rto_us;
    if (one->user_timeout_us > 0) {
        int64_t since_us = one->state < TCB_ESTABLISHED ? one->begun_us : one->stuck_us;
        int64_t end_us = since_us + one->user_timeout_us;
        if (end_us <= now_us) end_us = now_us + JIFFY_US;
        if (end_us < due_us) due_us = end_us;
    }
    tcb_set_timer(host, one, TIMER_RESEND, due_us);
}

static bool is_over(const kernel *host, const tcb *one) {
    int64_t now_us = kernel_now_us(host);
    if (one->state == TCB_REQUEST) return one->owner == NULL || one->timeouts >= REQUEST_TIMEOUTS;
    if (one->timeouts == 0) return false;
    if (one->state == TCB_SYN_SENT || one->state == TCB_SYN_RECV) {
        unsigned max = SYN_TIMEOUTS;
        if (one->state == TCB_SYN_SENT) max += SYN_LINEAR_TIMEOUTS;
        if (one->timeouts >= max) return true;
        return one->user_timeout_us > 0 && now_us - one->begun_us >= one->user_timeout_us;
    }
    int64_t limit_us = one->user_timeout_us;
    if (limit_us == 0) {
        bool orphan = one->socket < 0 && one->owner == NULL;
        limit_us = orphan ? ORPHAN_TIMEOUT_US : TIMEOUT_US;
    }
    return now_us - one->stuck_us >= limit_us;
}

static void stay_alive(kernel *host, tcb *one) {
    int64_t now_us = kernel_now_us(host);
    int64_t silent_us = now_us - one->heard_us;
    if (silent_us < KEEPALIVE_IDLE_US) {
        one->alive_count = 0;
        tcb_set_timer(host, one, TIMER_ALIVE, one->heard_us + KEEPALIVE_IDLE_US);
        return;
    }
    bool over = one->user_timeout_us > 0 ? silent_us >= one->user_timeout_us && one->alive_count > 0
                                         : one->alive_count >= KEEPALIVE_PROBES;
    if (over) {
        tcb_send_reset(host, one);
        tcb_die(host, one, ETIMEDOUT);
        return;
    }
    packet out = head_of(host, one, PACKET_ACK);
    out.seq = one->una - 1; /* before the window, so that it must be answered */
    put(host, &out);
    one->alive_count++;
    tcb_set_timer(host, one, TIMER_ALIVE, now_us + KEEPALIVE_PAUSE_US);
}

static void on_event(void *context, void *argument, uint64_t number) {
    (void)argument;
    kernel *host = context;
    tcb *one = host->slots[number & 0xFFFFF];
    if (one == NULL || one->event != number) return;
    one->event_us = INT64_MAX;
    one->event = 0;
    if (one->due_us == 0) return;
    if (one->due_us > kernel_now_us(host)) {
        tcb_set_timer(host, one, one->timer, one->due_us);
        return;
    }
    one->due_us = 0;
    tcb_fired(host, one);
    kernel_tell(host);
}
