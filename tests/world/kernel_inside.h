/* SPDX-License-Identifier: MIT */
/*
 * What the files of the kernel share: one connection (a TCB, as RFC 9293 calls it) and the tables.
 * A request socket, a listener, an orphan and TIME_WAIT are TCBs, too. kernel.c is what the process
 * calls, kernel_table.c finds and frees, kernel_out.c sends, times and sends again, kernel_in.c
 * takes packets, kernel_listen.c those for listeners, requests and TIME_WAIT, kernel_stream.c keeps
 * the bytes.
 */
#ifndef HOP_TESTS_WORLD_KERNEL_INSIDE_H
#define HOP_TESTS_WORLD_KERNEL_INSIDE_H

#include "kernel.h"

#define SECOND_US        INT64_C(1000000)
#define RTO_FIRST_US     SECOND_US
#define RTO_MIN_US       (SECOND_US / 5)
#define RTO_MAX_US       (120 * SECOND_US)
#define TIME_WAIT_US     (60 * SECOND_US)
#define RECEIVE_WINDOW   65535u
#define SEGMENT_SIZE     1448u  /* 1500 without the headers and the time stamps */
#define SEND_BUFFER_SIZE 61440u /* with SYN and FIN within the window: an ACK beyond it is lost */
#define READ_BUFFER_SIZE (256u * 1024)
#define TTL_DEFAULT      64
#define BUCKETS          256u

typedef enum tcb_state {
    TCB_LISTEN,
    TCB_REQUEST, /* of a listener: SYN received, not a socket yet */
    TCB_SYN_SENT,
    TCB_SYN_RECV, /* SYNs have crossed */
    TCB_ESTABLISHED,
    TCB_FIN_WAIT1,
    TCB_FIN_WAIT2,
    TCB_CLOSING,
    TCB_CLOSE_WAIT,
    TCB_LAST_ACK,
    TCB_TIME_WAIT,
    TCB_CLOSED
} tcb_state;

/* What the timer is for when it fires. */
typedef enum tcb_timer {
    TIMER_RESEND,  /* RFC 6298 */
    TIMER_PROBE,   /* RFC 8985 section 7: the last segment once more, early */
    TIMER_REORDER, /* a repeated ACK: the first one is lost unless it is only late */
    TIMER_ALIVE,
    TIMER_END /* of TIME_WAIT */
} tcb_timer;

/* Sent and not acknowledged; the packet is sent again as it is, but for ACK and time stamps. */
typedef struct segment {
    struct segment *next;
    int64_t sent_us; /* the last time */
    bool again;      /* more than once: no round trip can be told from it (Karn) */
    packet *packet;
} segment;

typedef struct tcb {
    struct tcb *next;    /* in its bucket, or the next listener */
    struct tcb *waiting; /* the next in the accept queue */
    struct tcb *owner;   /* of a request, and of a child in the accept queue: the listener; of a
                            request NULL: it was closed */
    unsigned index;
    tcb_state state;
    int socket;  /* -1: the process does not hold it */
    bool hashed; /* its 4-tuple is taken */
    bool woken;
    hop_address local, remote;
    uint32_t iss, una, nxt; /* ours: RFC 9293 section 3.3.1 */
    uint32_t irs, rcv_nxt;
    uint32_t seen_stamp;              /* what we echo */
    uint32_t first_stamp, last_stamp; /* of a request's SYN-ACKs */
    segment *first, *last;
    unsigned segment_count;
    uint32_t in_flight; /* bytes of payload */
    tcb_timer timer;
    int64_t due_us;   /* 0: it does not run */
    int64_t event_us; /* when the schedule calls; may be too early */
    uint64_t event;
    int64_t rto_us;
    int64_t stuck_us;    /* first sent again then; 0: not since the last progress */
    int64_t begun_us;    /* connect() */
    bool deaf;           /* to what routers say of its first SYN */
    int64_t answered_us; /* last challenge ACK or its like */
    int64_t heard_us;
    int64_t user_timeout_us;
    bool keepalive;
    unsigned alive_count; /* keepalive probes without an answer */
    unsigned timeouts;
    bool probed; /* since the last progress */
    bool recovering;
    uint32_t recover_seq;
    int64_t recover_us;
    int64_t srtt_us, rttvar_us;
    int error, soft_error;
    uint8_t *in;
    size_t in_start, in_size, in_room;
    segment *early; /* out of order, by sequence number */
    unsigned early_count;
    bool ended; /* the peer's FIN has come, in order */
    bool shut;  /* our FIN is out */
    unsigned backlog, queue_count;
    struct tcb *queue_first, *queue_last;
} tcb;

struct kernel {
    kernel_config config;
    uint64_t secret;
    int64_t slept_us;
    uint64_t event; /* the last one's number */
    tcb *buckets[BUCKETS];
    tcb *listeners;
    tcb **slots;
    unsigned slot_count, slot_room;
    unsigned *free_slots;
    unsigned free_count;
    tcb **sockets;
    unsigned socket_count, socket_low; /* none free below low */
    unsigned tuple_count;
    int *woken;
    unsigned woken_count, woken_room;
    bool waking;
};

static inline bool seq_before(uint32_t a, uint32_t b) {
    return (int32_t)(a - b) < 0;
}

static inline int64_t kernel_now_us(const kernel *host) {
    return host->config.schedule->now_us - host->slept_us;
}

/* RFC 7323: in milliseconds, never 0. */
static inline uint32_t kernel_stamp(const kernel *host) {
    return (uint32_t)(kernel_now_us(host) / 1000 + 1);
}

/* kernel_table.c */
tcb *tcb_new(kernel *host, tcb_state state, const hop_address *local, const hop_address *remote);
void tcb_free(kernel *host, tcb *tcb);
void tcb_hash(kernel *host, tcb *tcb);
void tcb_unhash(kernel *host, tcb *tcb);
tcb *tcb_find(const kernel *host, const hop_address *local, const hop_address *remote);
tcb *tcb_listener(const kernel *host, const hop_address *local);
/* The lowest free number; -EMFILE. */
int tcb_hold(kernel *host, tcb *tcb);
void tcb_let_go(kernel *host, tcb *tcb);
/* Linux's sequence numbers: of the 4-tuple, and rising by one in 64 ns. */
uint32_t tcb_isn(const kernel *host, const hop_address *local, const hop_address *remote);
/* The process is told at the end of what happens now. */
void tcb_wake(kernel *host, tcb *tcb);
void kernel_tell(kernel *host);
/* The connection is over. Whoever holds it reads the error; else nothing of it remains. */
void tcb_die(kernel *host, tcb *tcb, int error);
/* As the orderly end of it; held sockets become CLOSED and another TCB takes the 4-tuple. */
void tcb_time_wait(kernel *host, tcb *tcb, tcb_state state);

/* kernel_out.c */
/* A new segment into the queue and out. */
void tcb_send(kernel *host, tcb *tcb, uint8_t flags, const uint8_t *bytes, uint16_t size,
              uint8_t ttl);
void tcb_send_ack(kernel *host, tcb *tcb);
/* The same, at the most once in 500 ms (RFC 5961 section 7 as Linux does it). */
void tcb_challenge(kernel *host, tcb *tcb);
void tcb_send_reset(kernel *host, tcb *tcb);
/* RFC 9293 section 3.5.2: to a packet that fits nothing. */
void kernel_refuse(kernel *host, const packet *packet);
/* The SYN, which has become a SYN-ACK. */
void tcb_send_first_again(kernel *host, tcb *tcb, bool counts);
/* What the packet acknowledges leaves the queue. False: it says nothing new. */
bool tcb_acknowledged(kernel *host, tcb *tcb, const packet *packet);
void tcb_repeated_ack(kernel *host, tcb *tcb);
void tcb_set_timer(kernel *host, tcb *tcb, tcb_timer timer, int64_t due_us);
void tcb_stop_timer(tcb *tcb);
/* By what is in the queue; progress: some of it has just been acknowledged, or sent again. */
void tcb_time_queue(kernel *host, tcb *tcb, bool progress);
void tcb_drop_queue(tcb *tcb);
void tcb_fired(kernel *host, tcb *tcb);

/* kernel_in.c */
/* A packet for a connection in SYN_RECV or beyond. */
void tcb_take(kernel *host, tcb *tcb, const packet *packet);
bool tcb_fits(const tcb *tcb, const packet *packet);
uint32_t packet_end(const packet *packet); /* the sequence number after it */

/* kernel_listen.c */
void tcb_take_at_listener(kernel *host, tcb *tcb, const packet *packet, uint32_t isn);
void tcb_take_at_request(kernel *host, tcb *tcb, const packet *packet);
void tcb_take_at_time_wait(kernel *host, tcb *tcb, const packet *packet);
void tcb_close_listener(kernel *host, tcb *tcb);
/* The first of the accept queue; NULL: it is empty. */
tcb *tcb_next_accepted(tcb *tcb);

/* kernel_stream.c */
/* Payload and FIN of a packet that may begin too early or too late. True: there is something to
 * acknowledge. */
bool tcb_store(kernel *host, tcb *tcb, const packet *packet);
size_t tcb_read(tcb *tcb, uint8_t *bytes, size_t size);
void tcb_drop_input(tcb *tcb);

#endif
