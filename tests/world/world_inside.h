/* SPDX-License-Identifier: MIT */
/* The world's state as its own parts see it; see world.h. */
#ifndef HOP_TESTS_WORLD_WORLD_INSIDE_H
#define HOP_TESTS_WORLD_WORLD_INSIDE_H

#include "contract.h"
#include "holder.h"
#include "impostor.h"
#include "machine.h"
#include "station.h"
#include "stranger.h"
#include "transcript.h"
#include "world.h"

#define WORLD_MACHINES_MAX (SPEC_HOSTS_MAX + SPEC_CHANGES_MAX)

typedef struct world world;

/* An attempt of a host that has met its peer. */
typedef struct world_meeting {
    int attempt;
    int64_t peer_us;
    hop_address observed; /* the peer, as the server told it */
} world_meeting;

#define WORLD_MEETINGS_MAX 16

typedef struct world_host {
    world *world;
    unsigned index;
    kernel *kernel;
    machine *machine; /* NULL: the program does not run */
    impostor *impostor;
    uint16_t port;
    unsigned life;      /* counts the program's starts */
    int64_t stopped_us; /* when it was killed or cancelled last; INT64_MIN: never */
    int64_t roamed_us;  /* when its network changed, or it slept or woke, last; INT64_MIN: never */
    int64_t asleep_until_us;
    int64_t begun_us; /* its last attempt's PEER */
    bool described;   /* by hand: its description is complete ... */
    bool handed;      /* ... and the peer has it */
    hop_description description;
    hop_address observed; /* as the server sees it */
    world_meeting meetings[WORLD_MEETINGS_MAX];
    contract contract;
} world_host;

/* What more is known of an end than its result tells. */
typedef struct world_trace {
    unsigned life; /* of the host's program */
    hop_address remote;
    hop_address peer_observed; /* family NONE: not known */
    holder holder;             /* of an established one */
} world_trace;

/* Packets of a connection that did not come through, between two places, and when. */
typedef struct world_trouble {
    int64_t first_us;
    int64_t last_us;
    unsigned count;
} world_trouble;

struct world {
    const spec *spec;
    const world_options *options;
    world_result *result;
    schedule schedule;
    network *network;
    station *station;
    stranger *stranger;
    transcript story;
    machine *machines[WORLD_MACHINES_MAX];
    unsigned machine_count;
    world_trouble trouble[SPEC_PLACES][SPEC_PLACES];
    unsigned starts_left; /* programs that are yet to start */
    bool impostors;       /* there are some */
    bool look;            /* something ended: it may all be over */
    int64_t spun_us;      /* how often something happened in one microsecond ... */
    unsigned spins;
    /* From here on nothing is cleared beforehand. */
    world_trace traces[WORLD_ENDS_MAX];
    world_host hosts[SPEC_HOSTS_MAX];
};

/* The first thing that does not hold is kept. */
void world_broken(world *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- world_host.c --- */
void world_host_make(world *self, unsigned index);
void world_host_free(world_host *host);
void world_host_start(world_host *host);
void world_host_kill(world_host *host);
void world_host_cancel(world_host *host);
/* Where it is now, and its IPv4 address there. */
unsigned world_host_site(const world_host *host);
hop_address world_host_address(const world_host *host);
/* What its home's router grants; family NONE: nothing. */
hop_address world_host_grant(world_host *host);

/* --- world_roam.c --- */
/* SPEC_MOVES ... SPEC_DOCKER */
void world_roam(world *self, const spec_change *change);
/* How long it will sleep on; 0: it is awake. */
int64_t world_host_asleep_us(const world_host *host);

/* --- world_judge.c: what has to hold when it is over. --- */
void world_judge(world *self);
bool world_is_over(const world *self);

#endif
