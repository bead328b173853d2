/* SPDX-License-Identifier: MIT */
/*
 * One host's TCP as Linux has it, as far as connecting needs it (RFC 9293): sockets by small
 * integers, errors as negative errno, readiness told by one function. Simulated: simultaneous open
 * with SYN_RECV, SYN and SYN-ACK retransmission (tcp_syn_linear_timeouts), RST and challenge ACK
 * (RFC 5961) with the limit of one in 500 ms for each socket, the 4-tuple table (EADDRNOTAVAIL),
 * orphans, TIME_WAIT, request sockets, backlog and accept queue, SO_LINGER {1,0}, IP_TTL, ICMP
 * errors, time stamps for round trips and for TIME_WAIT, a reliable byte stream with retransmission
 * and loss probes, half-close, keepalive, TCP_USER_TIMEOUT. Measured on Linux 6.18: what single
 * packets do in each state (test_kernel_drill.c), openings, the repetition of SYNs and SYN-ACKs and
 * of a FIN that nobody holds, a full accept queue, closed listeners, keepalive, TCP_USER_TIMEOUT.
 * Not measured but taken from RFC 6298 and RFC 8985 and Linux's sysctls: how words are repaired
 * that get lost between two kernels (probes, reordering), and the ends that come late (102 s for an
 * orphan, 924 s for words). Not simulated: windows, congestion control, delayed ACKs, SACK (a
 * repeated ACK stands for it), PAWS, window scaling, fragments, urgent data, fast open, SYN cookies
 * (a listener may have any number of requests), path MTU, the cache of past round trips, the grain
 * of timers (Linux's are up to 3 % late), ports that are bound but neither listening nor
 * connecting.
 */
#ifndef HOP_TESTS_WORLD_KERNEL_H
#define HOP_TESTS_WORLD_KERNEL_H

#include "base/random.h"
#include "packet.h"
#include "schedule.h"

typedef struct kernel kernel;

typedef enum kernel_state {
    KERNEL_FREE,
    KERNEL_LISTEN,
    KERNEL_SYN_SENT,
    KERNEL_SYN_RECV,
    KERNEL_ESTABLISHED, /* and beyond, until it ends: also half-closed */
    KERNEL_CLOSED       /* ended: the error waits to be read */
} kernel_state;

enum { KERNEL_READABLE = 1, KERNEL_WRITABLE = 2, KERNEL_FAILED = 4 };

typedef struct kernel_config {
    schedule *schedule;
    uint64_t seed; /* initial sequence numbers */
    void *context;
    /* Packet out; not to be kept. It must come back by the schedule, never from within. */
    void (*send)(void *context, const packet *packet);
    /* Something may be done with the socket now: KERNEL_*; level-triggered reads by kernel_ready().
     * Any function of the kernel may be called from it but kernel_free() and
     * kernel_receive_packet(). */
    void (*ready)(void *context, int socket, unsigned what);
    unsigned socket_max; /* EMFILE beyond; 0: 1024 */
} kernel_config;

kernel *kernel_new(const kernel_config *config);
/* Without a word to anybody, as a machine that loses power. NULL is fine. */
void kernel_free(kernel *kernel);
/* Closes all sockets as a process that is killed: each as kernel_close() does. What that leaves
 * behind (orphans, TIME_WAIT) lives on, and a new process may use this kernel. */
void kernel_kill(kernel *kernel);
/* The machine sleeps from now on, and the kernel's clock with it. Until it is over nobody may call
 * it. */
void kernel_sleep(kernel *kernel, int64_t for_us);

/* Sockets, or negative errno: EADDRINUSE, EADDRNOTAVAIL, EMFILE, ENETUNREACH. All non-blocking.
 * An IP address of zeros listens on all of the family. */
int kernel_listen(kernel *kernel, const hop_address *local, unsigned backlog);
/* local: whole, port 0: some. ttl: of the first SYN alone, whose end on
 * the way is not heard of (IP_MINTTL); 0: 64 as of all others. TIME_WAIT is not
 * in the way of it, since the port is bound and time stamps are used; all else is. */
int kernel_connect(kernel *kernel, const hop_address *local, const hop_address *remote, int ttl);
int kernel_accept(kernel *kernel, int listener, hop_address *ret_remote, hop_address *ret_local);
/* Keepalive as the driver has it (after 25 s, then each 5 s, four times), and TCP_USER_TIMEOUT; 0:
 * none but Linux's own bounds. Without this call there is neither. Accepted sockets want it anew.
 */
void kernel_tune(kernel *kernel, int socket, int64_t user_timeout_us);
/* Bytes, 0: end, -EAGAIN, -ECONNRESET ... */
int kernel_receive(kernel *kernel, int socket, uint8_t *bytes, size_t size);
/* Bytes, -EAGAIN, -EPIPE, -ECONNRESET ... */
int kernel_write(kernel *kernel, int socket, const uint8_t *bytes, size_t size);
void kernel_shut(kernel *kernel, int socket); /* our half */
/* Orderly: FIN; with RST when there is input that nobody has read. */
void kernel_close(kernel *kernel, int socket);
void kernel_abort(kernel *kernel, int socket); /* SO_LINGER {1,0} */
/* SO_ERROR: 0 or a positive errno, read once; an ICMP error that ended nothing, too. */
int kernel_error(kernel *kernel, int socket);
kernel_state kernel_state_of(const kernel *kernel, int socket);
unsigned kernel_ready(const kernel *kernel, int socket);
hop_address kernel_local(const kernel *kernel, int socket);
hop_address kernel_remote(const kernel *kernel, int socket);
uint32_t kernel_rtt_us(const kernel *kernel, int socket); /* smoothed; 0: not known */
unsigned kernel_count(const kernel *kernel);              /* sockets that the process holds */
/* All that holds a 4-tuple: connections, requests, orphans, TIME_WAIT. For tests. */
unsigned kernel_tuple_count(const kernel *kernel);

void kernel_receive_packet(kernel *kernel, const packet *packet);

#endif
