/* SPDX-License-Identifier: MIT */
/*
 * Which addresses we offer, and which of a peer's we dial. A ticket must not turn its holder's peer
 * into a port scanner: whoever wrote a description, only plausible addresses are dialled
 * (docs/protocol.md).
 */
#ifndef HOP_CORE_CANDIDATE_H
#define HOP_CORE_CANDIDATE_H

#include "core/note.h"
#include "core/output.h"

/* What this side knows of itself when it judges. */
typedef struct hop_candidate_self {
    hop_candidate hosts[HOP_CANDIDATES_MAX + 2]; /* the loopback addresses are the last two */
    unsigned host_count;
    hop_address observed[2]; /* as a server saw us: IPv4, IPv6; family NONE: not seen */
    bool use_ipv4;
    bool use_ipv6;
    bool use_lan;
    bool allow_private;
    bool allow_loopback; /* by option, or because the server is on this machine */
} hop_candidate_self;

/* Is this host candidate of ours to be offered? */
bool hop_candidate_offered(const hop_candidate_self *self, const hop_candidate *candidate);
/* May this candidate of the peer be dialled? peer_observed: where the server saw the peer, or NULL.
 */
hop_skip hop_candidate_judge(const hop_candidate_self *self, const hop_candidate *candidate,
                             const hop_address *peer_observed);
/* How a link runs: from the remote candidate's type and our own end of it. */
hop_core_route hop_candidate_route(const hop_candidate *remote, const hop_address *local);

#endif
