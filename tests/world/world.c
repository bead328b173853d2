/* SPDX-License-Identifier: MIT */
/*
 * A run: the network, the hosts' kernels, the server, and what goes wrong when. What a host's
 * programs do is in world_host.c, what has to hold when all is over in world_judge.c.
 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "places.h"
#include "world_inside.h"

#define SPINS_MAX      200000
#define UNIX_OFFSET_US (1700000000 * HOP_S)

static void on_change(void *context, void *argument, uint64_t index);

void world_broken(world *self, const char *format, ...) {
    va_list list;
    if (self->result->broken[0] != '\0') return;
    int size = snprintf(self->result->broken, sizeof self->result->broken,
                        "at %.1f ms: ", (double)self->schedule.now_us / 1000.0);
    va_start(list, format);
    vsnprintf(self->result->broken + size, sizeof self->result->broken - (size_t)size, format,
              list);
    va_end(list);
}

/* --- the network ---------------------------------------------------------------------------------
 */

static void on_deliver(void *context, unsigned host, const packet *parcel) {
    world *self = context;
    if (host < SPEC_HOSTS_MAX)
        kernel_receive_packet(self->hosts[host].kernel, parcel);
    else if (host == NETWORK_STRANGER && self->stranger != NULL)
        stranger_receive(self->stranger, parcel);
    else if (host == NETWORK_SERVER && self->station != NULL)
        station_receive(self->station, parcel);
}

/* What does not come through is remembered: it may be why one end holds a connection that the other
 * does not. A stray SYN is nobody's. */
static void remember(world *self, unsigned place, const packet *parcel) {
    bool pure_syn = (parcel->flags & (PACKET_SYN | PACKET_ACK)) == PACKET_SYN;
    if (parcel->kind != PACKET_TCP || pure_syn) return;
    int source = places_route(self->spec, &parcel->source);
    int target = places_route(self->spec, &parcel->target);
    unsigned from = source < 0 ? place : (unsigned)source;
    unsigned to = target < 0 ? place : (unsigned)target;
    world_trouble *trouble = &self->trouble[from][to];
    if (trouble->count++ == 0) trouble->first_us = self->schedule.now_us;
    trouble->last_us = self->schedule.now_us;
}

/* Of the conversations with the server by IPv4: what hides a mapping from it. */
static void count_lost(world *self, const packet *parcel) {
    bool begins = parcel->kind == PACKET_TCP && (parcel->flags & PACKET_SYN);
    if (!begins || parcel->source.family != HOP_FAMILY_IPV4) return;
    if (parcel->source.port != PLACES_SERVER_PORT && parcel->target.port != PLACES_SERVER_PORT)
        return; /* of a probe, which nothing hangs on */
    int from = places_route(self->spec, &parcel->source);
    int to = places_route(self->spec, &parcel->target);
    if (from == SPEC_SERVER && to >= 0 && to < SPEC_SITES_MAX) self->result->syns_lost[to]++;
    if (to == SPEC_SERVER && from >= 0 && from < SPEC_SITES_MAX) self->result->syns_lost[from]++;
}

static void on_see(void *context, network_sight sight, unsigned place, const packet *parcel,
                   nat_why why) {
    world *self = context;
    if (sight == NETWORK_SENT) self->result->packets++;
    if (sight == NETWORK_LOST) count_lost(self, parcel);
    if (sight == NETWORK_DROPPED && why == NAT_WHY_NO_PORT && place < SPEC_SITES_MAX)
        self->result->portless[place]++;
    if ((sight == NETWORK_DROPPED || sight == NETWORK_REFUSED) && why == NAT_WHY_INVALID &&
        place < SPEC_SITES_MAX)
        self->result->invalid[place]++;
    if (sight == NETWORK_LOST || sight == NETWORK_DROPPED || sight == NETWORK_REFUSED) {
        remember(self, place, parcel);
        transcript_see(&self->story, sight, place, parcel, why);
    } else if (sight == NETWORK_EXPIRED) {
        transcript_see(&self->story, sight, place, parcel, why);
    }
    if (self->options->see != NULL)
        self->options->see(self->options->context, self->schedule.now_us, sight, place, parcel,
                           why);
}

static void on_log(void *context, const hop_rendezvous_output *output, const hop_address *other) {
    world *self = context;
    transcript_server(&self->story, output, other);
}

static void on_lied(void *context, const hop_address *to, const char *how) {
    world *self = context;
    char text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(to, text);
    transcript_say(&self->story, "server", "lies: START goes to %s %s", text, how);
}

/* --- what goes wrong -----------------------------------------------------------------------------
 */

static const char *place_name(const world *self, unsigned place) {
    return place == SPEC_SERVER ? "server" : self->spec->sites[place].name;
}

static void change_path(world *self, const spec_change *change) {
    char who[2 * SPEC_NAME_SIZE + 2];
    network_change_path(self->network, change->place, change->other, &change->path);
    if (!change->one_way)
        network_change_path(self->network, change->other, change->place, &change->path);
    snprintf(who, sizeof who, "%s%s%s", place_name(self, change->place),
             change->one_way ? ">" : "-", place_name(self, change->other));
    if (change->path.black)
        transcript_say(&self->story, who, "is black now");
    else
        transcript_say(&self->story, who, "takes %.1f ms from now on",
                       (double)change->path.delay_us / 1000.0);
}

static void change_server(world *self, const spec_change *change) {
    station *server = self->station;
    if (server == NULL) return;
    switch (change->kind) {
    case SPEC_SERVER_STOPS:
        transcript_say(&self->story, "server", "dies");
        station_stop(server);
        break;
    case SPEC_SERVER_STARTS:
        transcript_say(&self->story, "server", "runs again");
        station_start(server);
        break;
    case SPEC_SERVER_SILENT:
        transcript_say(&self->story, "server", "neither hears nor speaks any more");
        station_silence(server);
        break;
    case SPEC_SERVER_LIES:
        transcript_say(&self->story, "server", "begins to lie");
        station_lie(server);
        break;
    default:
        transcript_say(&self->story, "server", "takes %.1f ms for each answer from now on",
                       (double)change->value_us / 1000.0);
        station_slow(server, change->value_us);
        break;
    }
}

static hop_address visible_address(const world_host *host) {
    hop_address address = host->observed;
    if (address.family != HOP_FAMILY_NONE) return address;
    address = world_host_address(host);
    address.port = host->port;
    return hop_address_scope(&address) == HOP_SCOPE_PUBLIC ? address : host->observed;
}

static void send_stranger(world *self, const spec_change *change) {
    hop_address target = visible_address(&self->hosts[change->host]);
    char text[HOP_ADDRESS_TEXT_SIZE];
    if (target.family == HOP_FAMILY_NONE) return;
    if (self->stranger == NULL)
        self->stranger = stranger_new(&self->schedule, self->network, self->spec->seed ^ 0x57A6);
    hop_address_print(&target, text);
    if (change->kind == SPEC_STRAY_SYN) {
        transcript_say(&self->story, "stranger", "sends a SYN to %s", text);
        stranger_knock(self->stranger, &target);
    } else {
        transcript_say(&self->story, "stranger", "calls %s", text);
        stranger_visit(self->stranger, &target);
    }
}

static void change_host(world *self, const spec_change *change) {
    world_host *host = &self->hosts[change->host];
    const char *name = self->spec->hosts[change->host].name;
    if (change->kind == SPEC_HOST_CANCELS) {
        transcript_say(&self->story, name, "is asked to stop");
        world_host_cancel(host);
    } else {
        if (host->machine != NULL || change->kind == SPEC_HOST_STOPS)
            transcript_say(&self->story, name, "is killed");
        world_host_kill(host);
    }
    if (change->kind != SPEC_HOST_STARTS) return;
    self->starts_left--;
    transcript_say(&self->story, name, "starts again");
    world_host_start(host);
}

static void map_host(world *self, const spec_change *change) {
    char who[SPEC_NAME_SIZE + 8], text[HOP_ADDRESS_TEXT_SIZE];
    world_host *host = &self->hosts[change->host];
    snprintf(who, sizeof who, "%s's NAT", place_name(self, world_host_site(host)));
    hop_address external = world_host_grant(host);
    if (external.family == HOP_FAMILY_NONE) {
        transcript_say(&self->story, who, "grants no port");
        return;
    }
    hop_address_print(&external, text);
    transcript_say(&self->story, who, "grants %s, to be called by everybody", text);
    if (host->machine != NULL) machine_mapped(host->machine, &external);
}

/* What is done on a host, or to it, waits until it is awake. */
static bool waits_for_wake(world *self, unsigned host, schedule_function *function,
                           uint64_t number) {
    int64_t asleep_us = world_host_asleep_us(&self->hosts[host]);
    if (asleep_us == 0) return false;
    schedule_at(&self->schedule, self->schedule.now_us + asleep_us, function, self, NULL, number);
    return true;
}

static void on_change(void *context, void *argument, uint64_t index) {
    world *self = context;
    const spec_change *change = &self->spec->changes[index];
    char who[SPEC_NAME_SIZE + 8];
    (void)argument;
    if (change->kind >= SPEC_HOST_STOPS && waits_for_wake(self, change->host, on_change, index))
        return;
    self->look = true;
    switch (change->kind) {
    case SPEC_NAT_REBOOTS:
        snprintf(who, sizeof who, "%s's NAT", place_name(self, change->place));
        transcript_say(&self->story, who, "reboots and forgets everything");
        network_reboot(self->network, change->place);
        break;
    case SPEC_PATH_CHANGES: change_path(self, change); break;
    case SPEC_LOSE: network_lose(self->network, change->place, change->other, change->mask); break;
    case SPEC_HOST_STOPS:
    case SPEC_HOST_STARTS:
    case SPEC_HOST_CANCELS: change_host(self, change); break;
    case SPEC_STRAY_SYN:
    case SPEC_STRANGER: send_stranger(self, change); break;
    case SPEC_MOVES:
    case SPEC_UNPLUGGED:
    case SPEC_SLEEPS:
    case SPEC_DOCKER: world_roam(self, change); break;
    case SPEC_MAPS: map_host(self, change); break;
    default: change_server(self, change); break;
    }
}

/* --- the run -------------------------------------------------------------------------------------
 */

static void on_start(void *context, void *argument, uint64_t host) {
    world *self = context;
    (void)argument;
    if (waits_for_wake(self, (unsigned)host, on_start, host)) return;
    self->starts_left--;
    self->look = true;
    /* A change may have started it before its time. */
    if (self->hosts[host].life == 0) world_host_start(&self->hosts[host]);
}

static void set_up(world *self) {
    const spec *plan = self->spec;
    network_config around = {.spec = plan,
                             .schedule = &self->schedule,
                             .context = self,
                             .reset_ppm = plan->reset_ppm,
                             .deliver = on_deliver,
                             .see = on_see};
    station_config server = {.schedule = &self->schedule,
                             .seed = plan->seed ^ UINT64_C(0x5E4E4),
                             .toy = self->options->crypto == WORLD_TOY,
                             .relay = !plan->relay_off,
                             .unix_offset_us = UNIX_OFFSET_US,
                             .context = self,
                             .log = on_log,
                             .lied = on_lied};
    self->story = (transcript){.spec = plan,
                               .schedule = &self->schedule,
                               .context = self->options->context,
                               .tell = self->options->tell};
    self->network = network_new(&around);
    server.network = self->network;
    if (self->story.tell == NULL) server.log = NULL;
    if (self->story.tell == NULL) server.lied = NULL;
    if (plan->server) self->station = station_new(&server);
    for (unsigned i = 0; i < plan->host_count; i++) {
        world_host_make(self, i);
        schedule_at(&self->schedule, plan->hosts[i].start_us, on_start, self, NULL, i);
        self->starts_left++;
    }
    for (unsigned i = 0; i < plan->change_count; i++) {
        schedule_at(&self->schedule, plan->changes[i].at_us, on_change, self, NULL, i);
        self->starts_left += plan->changes[i].kind == SPEC_HOST_STARTS;
    }
}

/* Nothing may go on for ever within one instant. */
static bool spins(world *self) {
    if (self->spun_us != self->schedule.now_us) self->spins = 0;
    self->spun_us = self->schedule.now_us;
    if (++self->spins < SPINS_MAX) return false;
    world_broken(self, "something spins: time does not go on");
    return true;
}

static void tear_down(world *self) {
    for (unsigned i = 0; i < self->spec->host_count; i++)
        world_host_free(&self->hosts[i]);
    for (unsigned i = 0; i < self->machine_count; i++)
        machine_free(self->machines[i]);
    station_free(self->station);
    stranger_free(self->stranger);
    network_free(self->network);
    schedule_clear(&self->schedule);
    free(self);
}

void world_run(const spec *plan, const world_options *options, world_result *ret_result) {
    world *self = malloc(sizeof *self);
    if (self == NULL) abort();
    memset(self, 0, offsetof(world, traces));
    memset(ret_result, 0, offsetof(world_result, ends));
    memset(&ret_result->over_us, 0, sizeof *ret_result - offsetof(world_result, over_us));
    self->spec = plan;
    self->options = options;
    self->result = ret_result;
    set_up(self);
    while (schedule_step(&self->schedule, plan->until_us)) {
        if (spins(self) || ret_result->broken[0] != '\0') break;
        if (!self->look) continue;
        self->look = false;
        if (world_is_over(self)) break;
    }
    ret_result->over_us = self->schedule.now_us;
    world_judge(self);
    tear_down(self);
}
