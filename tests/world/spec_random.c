/* SPDX-License-Identifier: MIT */
/*
 * Draws a world: first the sites, then the paths, then who is there, then what happens to them.
 * Weights are the likelihoods that one expects at homes; they claim nothing.
 */
#include "spec_random.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"

#define MS INT64_C(1000)

/* One of a list; weights in any unit. */
typedef struct choice {
    unsigned weight;
    const char *text;
} choice;

static const choice homes[] = {
    {10, "public"},
    {6, "firewall"},
    {20, "preserving-drop"},
    {14, "preserving-rst"},
    {3, "preserving-nofilter"},
    {12, "eim-drop"},
    {8, "eim-rst"},
    {4, "eim-icmp"},
    {6, "fullcone"},
    {4, "address-restricted"},
    {6, "carrier"},
    {3, "preserving-drop, behind carrier-block"},
    {2, "eim-rst, behind symmetric-seq"},
    {2, "preserving-rst, behind symmetric-random"},
    {1, "fullcone, behind fullcone"},
    {7, "symmetric-seq"},
    {7, "symmetric-random"},
    {2, "no-simopen"},
    {2, "remapping"},
    {2, "forgetful"},
    {5, "user-eim-drop"},
    {5, "user-eim-rst"},
    {6, "user"},
};

static const choice traits[] = {
    {2, "map=adm"},
    {3, "map=apdm"},
    {2, "filter=eif"},
    {3, "filter=adf"},
    {3, "ports=preserve"},
    {2, "ports=random"},
    {3, "ports=seq:2"},
    {2, "ports=seq:1, foreign=20"},
    {1, "ports=seq:4, foreign=3"},
    {2, "ports=block:256"},
    {1, "ports=offset:1"},
    {1, "ports=xor:240"},
    {3, "stray=rst"},
    {2, "stray=icmp"},
    {2, "reset=keeps"},
    {1, "simopen=no"},
    {3, "hairpin=yes"},
    {1, "remap=10000"},
    {1, "syn=4000"},
    {1, "syn=1500.5"},
    {1, "idle=20000"},
    {1, "quota=8"},
    {1, "low=1024, high=65535"},
};

static const choice delays_ms[] = {
    {5, "1"}, {15, "5"}, {20, "10"}, {25, "25"}, {15, "40"}, {10, "75"}, {5, "150"}, {1, "300"},
};

static bool chance(hop_random *random, unsigned percent);
static const char *choose(hop_random *random, const choice *choices, size_t count);
static void draw_sites(hop_random *random, spec *world);
static void draw_site(hop_random *random, spec *world, unsigned index);
static void draw_paths(hop_random *random, spec *world);
static spec_path draw_path(hop_random *random, bool lossy);
static void draw_hosts(hop_random *random, spec *world);
static void draw_relays(hop_random *random, spec *world);
static void draw_changes(hop_random *random, spec *world);
static spec_change draw_change(hop_random *random, const spec *world);

#define CHOOSE(random, list) choose(random, list, sizeof(list) / sizeof(*list))

void spec_random(uint64_t seed, spec *ret_spec) {
    hop_random random = hop_random_seeded(seed);
    spec_init(ret_spec);
    ret_spec->seed = seed;
    draw_sites(&random, ret_spec);
    draw_paths(&random, ret_spec);
    draw_hosts(&random, ret_spec);
    if (chance(&random, 60)) draw_relays(&random, ret_spec);
    if (chance(&random, 30)) draw_changes(&random, ret_spec);
    if (chance(&random, 2)) ret_spec->backlog = (unsigned)hop_random_between(&random, 1, 3);
    if (chance(&random, 10))
        ret_spec->reset_ppm = (uint32_t)hop_random_between(&random, 1, 20) * 10000;
}

static bool chance(hop_random *random, unsigned percent) {
    return hop_random_between(random, 0, 99) < percent;
}

static const char *choose(hop_random *random, const choice *choices, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += choices[i].weight;
    uint64_t drawn = hop_random_between(random, 0, sum - 1);
    size_t at = 0;
    for (; drawn >= choices[at].weight; at++)
        drawn -= choices[at].weight;
    return choices[at].text;
}

/* Two homes mostly; one where the two are neighbours. */
static void draw_sites(hop_random *random, spec *world) {
    unsigned count = 2;
    if (chance(random, 12)) count = 1;
    if (chance(random, 12)) count = (unsigned)hop_random_between(random, 3, 5);
    for (unsigned i = 0; i < count; i++) {
        world->site_count = i + 1;
        draw_site(random, world, i);
    }
}

static void draw_site(hop_random *random, spec *world, unsigned index) {
    char text[256], wrong[SPEC_WRONG_SIZE];
    spec_site *site = &world->sites[index];
    static const char *const v6[] = {"off", "open", "firewall", "refuse"};
    int length = snprintf(text, sizeof(text), "%s", CHOOSE(random, homes));
    if (strcmp(text, "user") == 0) {
        for (unsigned i = (unsigned)hop_random_between(random, 0, 3); i > 0; i--)
            length += snprintf(text + length, sizeof(text) - (size_t)length, ", %s",
                               CHOOSE(random, traits));
    }
    if (chance(random, 25))
        length += snprintf(text + length, sizeof(text) - (size_t)length, ", v6=%s",
                           v6[hop_random_between(random, 1, 3)]);
    if (chance(random, 5)) snprintf(text + length, sizeof(text) - (size_t)length, ", lan=1");
    if (!spec_nat_read(text, site, wrong)) *wrong = 0; /* a mad mixture: it stays public */
    site->name[0] = (char)('a' + index);
    site->name[1] = 0;
    /* A carrier has many customers. */
    bool translates = site->nat_count > 0 && !site->nats[0].none;
    if (index > 0 && translates && world->sites[0].nat_count == 2 && chance(random, 30)) {
        site->nats[1] = world->sites[0].nats[1];
        site->nat_count = 2;
        site->shared_carrier = 0;
    }
}

static void draw_paths(hop_random *random, spec *world) {
    bool lossy = chance(random, 35);
    for (unsigned i = 0; i <= world->site_count; i++) {
        for (unsigned j = i + 1; j <= world->site_count; j++) {
            unsigned one = i, other = j == world->site_count ? SPEC_SERVER : j;
            world->paths[one][other] = draw_path(random, lossy);
            world->paths[other][one] = world->paths[one][other];
            if (chance(random, 5)) world->paths[other][one] = draw_path(random, lossy);
        }
    }
}

static spec_path draw_path(hop_random *random, bool lossy) {
    spec_path path = {0};
    const char *delay = CHOOSE(random, delays_ms);
    for (; *delay != 0; delay++)
        path.delay_us = path.delay_us * 10 + (*delay - '0') * MS;
    path.delay_us += (int64_t)hop_random_between(random, 0, 9) * 100;
    if (chance(random, 40)) path.jitter_us = (int64_t)hop_random_between(random, 1, 100) * 100;
    if (lossy) path.loss_ppm = (uint32_t)hop_random_between(random, 1, 50) * 1000;
    if (chance(random, 5)) path.reorder_ppm = (uint32_t)hop_random_between(random, 1, 30) * 1000;
    if (chance(random, 5)) path.rate_bps = hop_random_between(random, 1, 100) * 1000000;
    if (chance(random, 1)) path.black = true;
    return path;
}

/* Pairs of one that listens and one that connects; then others who join them, and impostors. */
static void draw_hosts(hop_random *random, spec *world) {
    static const char *const names[] = {"alice", "bob", "carol", "dave", "erin"};
    unsigned count = 2;
    if (chance(random, 20)) count = (unsigned)hop_random_between(random, 3, 5);
    unsigned drawn = (unsigned)hop_random_between(random, 0, 99);
    spec_role one = SPEC_LISTENS, other = SPEC_CONNECTS;
    if (drawn < 12) one = other = SPEC_BY_HAND;
    if (drawn >= 12 && drawn < 20) one = other = SPEC_BARE;
    for (unsigned i = 0; i < count; i++) {
        spec_host *host = &world->hosts[i];
        world->host_count = i + 1;
        memcpy(host->name, names[i], strlen(names[i]) + 1);
        host->site = i < world->site_count
                         ? i
                         : (unsigned)hop_random_between(random, 0, world->site_count - 1);
        host->role = i == 0 ? one : other;
        if (i > 1 && one == SPEC_LISTENS && chance(random, 20)) host->role = SPEC_IMPOSTOR;
        if (i > 1 && one != SPEC_LISTENS) host->role = SPEC_IMPOSTOR;
        if (chance(random, 50)) host->start_us = (int64_t)hop_random_between(random, 0, 1500) * MS;
        if (chance(random, 10))
            host->clock_off_us = (int64_t)hop_random_between(random, 0, 10000) * MS - 5000 * MS;
        if (chance(random, 4))
            host->timeout_us = (int64_t)hop_random_between(random, 4, 40) * 500 * MS;
        host->no_lan = chance(random, 4);
        host->extra_interface = chance(random, 8);
    }
    if (one != SPEC_LISTENS && chance(random, 30)) world->server = false;
}

/* Most people leave it at auto. */
static void draw_relays(hop_random *random, spec *world) {
    bool mixed = chance(random, 25);
    world->relay_off = chance(random, 8);
    for (unsigned i = 0; i < world->host_count; i++) {
        spec_host *host = &world->hosts[i];
        if (host->role != SPEC_LISTENS && host->role != SPEC_CONNECTS) continue;
        host->relay = SPEC_RELAY_AUTO;
        if (mixed) host->relay = (spec_relay)hop_random_between(random, 0, SPEC_RELAY_ONLY);
    }
}

static void draw_changes(hop_random *random, spec *world) {
    int64_t at_us = 0;
    unsigned count = (unsigned)hop_random_between(random, 1, 4);
    for (unsigned i = 0; i < count; i++) {
        at_us += (int64_t)hop_random_between(random, 0, 8000) * MS / 10;
        world->changes[i] = draw_change(random, world);
        world->changes[i].at_us = at_us;
        world->change_count = i + 1;
    }
}

static spec_change draw_change(hop_random *random, const spec *world) {
    spec_change change = {0};
    change.kind = (spec_change_kind)hop_random_between(random, 0, SPEC_DOCKER);
    unsigned place = (unsigned)hop_random_between(random, 0, world->site_count - 1);
    unsigned other = (unsigned)hop_random_between(random, 0, world->site_count);
    if (other == world->site_count || other == place) other = SPEC_SERVER;
    unsigned host = (unsigned)hop_random_between(random, 0, world->host_count - 1);
    switch (change.kind) {
    case SPEC_SERVER_SLOW:
        change.value_us = (int64_t)hop_random_between(random, 1, 3000) * MS;
        break;
    case SPEC_NAT_REBOOTS: change.place = place; break;
    case SPEC_PATH_CHANGES:
        change.place = place;
        change.other = other;
        change.path = draw_path(random, true);
        change.path.black = chance(random, 30);
        change.one_way = chance(random, 30);
        break;
    case SPEC_LOSE: {
        bool turned = chance(random, 50);
        change.place = turned ? other : place;
        change.other = turned ? place : other;
        change.mask = hop_random_between(random, 1, 15);
        break;
    }
    case SPEC_MOVES:
        change.place = place;
        change.host = host;
        break;
    case SPEC_UNPLUGGED:
    case SPEC_SLEEPS:
        change.value_us = (int64_t)hop_random_between(random, 1, 8000) * MS;
        change.host = host;
        break;
    case SPEC_HOST_STOPS:
    case SPEC_HOST_STARTS:
    case SPEC_HOST_CANCELS:
    case SPEC_STRAY_SYN:
    case SPEC_STRANGER:
    case SPEC_DOCKER:
    case SPEC_MAPS: change.host = host; break;
    case SPEC_SERVER_STOPS:
    case SPEC_SERVER_STARTS:
    case SPEC_SERVER_SILENT:
    case SPEC_SERVER_LIES: break;
    }
    return change;
}
