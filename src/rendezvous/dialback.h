/* SPDX-License-Identifier: MIT */
/*
 * Dialling back for `hopconn check`: what may be asked, and how often. A server that dialled whom
 * it is told would be a port scanner for hire; so only the address that the asking connection comes
 * from is dialled, no privileged ports but the one seen, one dial at a time for a connection, and
 * few in all. The sockets are the driver's.
 */
#ifndef HOP_RENDEZVOUS_DIALBACK_H
#define HOP_RENDEZVOUS_DIALBACK_H

#include "base/address.h"
#include "base/limits.h"
#include "rendezvous/hash.h"
#include "wire/dialback.h"

#define HOP_DIALBACK_PORT_MIN    1024
#define HOP_DIALBACK_ORIGINS     256         /* places that share a count: IPv4 address, IPv6 /64 */
#define HOP_DIALBACK_ORIGIN_MAX  24          /* at once of one origin: three checks */
#define HOP_DIALBACK_ORIGIN_US   (2 * HOP_S) /* ... and one more after each of these */
#define HOP_DIALBACK_ALL_MAX     100         /* in a burst of all */
#define HOP_DIALBACK_ALL_US      (50 * HOP_MS) /* ... and one more after each of these */
#define HOP_DIALBACK_RUNNING_MAX 64            /* dials under way */
#define HOP_DIALBACK_WAITING_MAX 64            /* waits under way; these are long */
#define HOP_DIALBACK_WAIT_MAX_MS (600u * 1000u)
/* How long a connection with a wait may live; one length, as the lists by time want. */
#define HOP_DIALBACK_LIFE_US ((int64_t)HOP_DIALBACK_WAIT_MAX_MS * HOP_MS + 20 * HOP_S)

/* So many at once, then one more after each interval: the time by which they are all paid. */
typedef struct hop_dialback_meter {
    int64_t paid_us;
} hop_dialback_meter;

typedef struct hop_dialbacks {
    hop_hash hash;
    hop_dialback_meter all;
    hop_dialback_meter origins[HOP_DIALBACK_ORIGINS];
    unsigned running;
    unsigned waiting;
} hop_dialbacks;

/* May this be done for an asker seen at `remote`? 0: yes, it is counted and ret_target is the
 * address to dial; else the refusal's code. */
unsigned hop_dialbacks_begin(hop_dialbacks *dialbacks, int64_t now_us, const hop_address *remote,
                             const hop_dialback *request, hop_address *ret_target);
/* One that was begun is over. */
void hop_dialbacks_end(hop_dialbacks *dialbacks, bool wait);

#endif
