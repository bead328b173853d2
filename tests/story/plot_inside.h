/* SPDX-License-Identifier: MIT */
/* Between plot.c, the participants, and plot_packets.c, what travels between them. */
#ifndef HOP_TESTS_STORY_PLOT_INSIDE_H
#define HOP_TESTS_STORY_PLOT_INSIDE_H

#include "cli/picture.h"
#include "world.h"

typedef struct plot_link {
    bool used;
    unsigned host, slot, episode;
    hop_address remote;
    picture_state state;
    unsigned from; /* point */
} plot_link;

#define PLOT_REMOTES_MAX 16

typedef struct plot_host {
    unsigned lane;
    plot_link links[HOP_LINKS_MAX];
    hop_address remotes[PLOT_REMOTES_MAX]; /* by thread */
    unsigned remote_count;
    hop_address mapped; /* as its packets were last seen outside */
    bool failing;       /* the words are of a failure */
} plot_host;

/* One SYN of a host, with its repetitions: an episode. */
typedef struct plot_dial {
    unsigned host, thread;
    hop_address target;
    uint32_t seq;
    int64_t at_us;
    unsigned episode;
    bool over, connected;
} plot_dial;

/* A packet on its way. */
typedef struct plot_flight {
    bool used;
    hop_address source, target; /* as they were last seen */
    packet_kind packet_kind;
    uint8_t flags;
    uint16_t size;
    uint32_t seq, ack, quoted_seq;
    network_sight stage;
    unsigned place, lane, point;
    int64_t at_us;
    unsigned episode;
    int host; /* the sender, -1: not a host */
    picture_kind kind;
    bool begun;        /* its label is drawn */
    bool at_router;    /* it has come to a router that has not decided yet ... */
    int64_t router_us; /* ... then */
    char label[64];
} plot_flight;

typedef struct plot {
    const spec *plan;
    picture *picture;
    plot_host hosts[SPEC_HOSTS_MAX];
    unsigned routers[SPEC_SITES_MAX]; /* lane + 1; 0: none */
    unsigned server, stranger;
    unsigned lane_count;
    plot_flight *flying;
    unsigned flight_count, flight_room;
    plot_dial *dials;
    unsigned dial_count, dial_room;
    int64_t over_us;
    world_result result;
} plot;

void plot_see(void *context, int64_t at_us, network_sight sight, unsigned place,
              const packet *parcel, nat_why why);
void plot_finish(plot *self);
/* plot.c: the host is there at some time, and it is not its home. */
bool plot_moves_to(const spec *plan, unsigned host, unsigned site);
/* The peer's SYN is here. */
void plot_crossed(plot *self, unsigned host, const hop_address *remote, int64_t at_us);

/* The host's last dial of that address: its episode, 0: none; what came of it. */
unsigned plot_episode(const plot *self, unsigned host, const hop_address *remote);
unsigned plot_slot(plot *self, unsigned host, const hop_address *remote);
void plot_connected(plot *self, unsigned host, const hop_address *remote);
void plot_outcome(plot *self, unsigned host, const hop_address *remote, int64_t at_us,
                  const char *outcome);

#endif
