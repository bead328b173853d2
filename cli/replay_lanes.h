/* SPDX-License-Identifier: MIT */
/*
 * Who takes part in a recorded attempt, as the lanes of its picture: we, our NAT, the servers, the
 * addresses of the peer. All of it is read off the recording before anything is drawn.
 */
#ifndef CLI_REPLAY_LANES_H
#define CLI_REPLAY_LANES_H

#include "base/address.h"
#include "cli/picture.h"
#include "core/player.h"

#define REPLAY_OTHERS_MAX                                                                          \
    12 /* servers and the peer's addresses; the last one stands for all more */

typedef struct replay_other {
    hop_address address;
    uint8_t type; /* hop_candidate_type */
    bool server;
    bool came_in; /* nobody has offered it */
    unsigned lane;
    unsigned slot;      /* for bars: which of the peer's addresses */
    int64_t one_way_us; /* as far as is known; 0: not at all */
} replay_other;

typedef struct replay_lanes {
    unsigned us, nat;
    bool has_nat;
    replay_other others[REPLAY_OTHERS_MAX];
    unsigned count;
    /* what the lanes are named by */
    hop_address hosts[4];
    unsigned host_count;
    hop_address mapped; /* family NONE: not known */
    hop_address skipped[4];
    unsigned skipped_count;
} replay_lanes;

/* One step more of the recording: who is in it? */
void replay_lanes_survey(replay_lanes *lanes, const hop_player *player);
void replay_lanes_draw(replay_lanes *lanes, picture *drawn);
replay_other *replay_lanes_find(replay_lanes *lanes, const hop_address *address);
/* Does what goes there cross our NAT? */
bool replay_lanes_crosses_nat(const replay_lanes *lanes, const replay_other *other);

#endif
