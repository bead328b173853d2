/* SPDX-License-Identifier: MIT */
/*
 * Spent holes: where a dial from our own port was given up. A NAT or firewall that follows
 * connections keeps the entry of that SYN for two minutes (Linux:
 * nf_conntrack_tcp_timeout_syn_sent) and lets the peer's SYN in by it. Our listener answers with
 * another sequence number than the dial had: to Linux that is no part of the connection, which
 * stays half open there for ever. Through a firewall that translates nothing such a link even
 * works, until one side says that it ends: a FIN is invalid in that state and dropped, and when the
 * entry expires all else is, too. So what comes in there is refused, unless a NAT is known to stand
 * before us: it translates nothing that it finds invalid, so a link that came about is none of
 * those. Only shots are noted: a plain dial that is given up is dialled anew at once.
 */
#ifndef HOP_CORE_SPENT_H
#define HOP_CORE_SPENT_H

#include "base/address.h"

#define HOP_SPENT_PORTS (UINT16_MAX + 1u)

typedef struct hop_spent {
    hop_address at;   /* of the last peer that was shot at; its port says nothing */
    int64_t until_us; /* then the last hole is gone as well */
    uint8_t ports[HOP_SPENT_PORTS / 8];
} hop_spent;

/* A dial from our own port has ended there, and was never connected. */
void hop_spent_note(hop_spent *spent, const hop_address *remote, int64_t now_us);
bool hop_spent_holds(const hop_spent *spent, const hop_address *remote, int64_t now_us);

#endif
