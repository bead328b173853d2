/* SPDX-License-Identifier: MIT */
/* What happens to a host's network, and its sleep. Its program is told as by the system. */
#include "world_inside.h"

static const char *name_of(const world_host *host) {
    return host->world->spec->hosts[host->index].name;
}

static void touch(world_host *host, bool interrupted) {
    host->roamed_us = host->world->schedule.now_us;
    host->world->look = true;
    if (host->machine != NULL) machine_touch(host->machine, interrupted);
}

static void later(world_host *host, int64_t after_us, schedule_function *function) {
    schedule *time = &host->world->schedule;
    schedule_at(time, time->now_us + after_us, function, host, NULL, 0);
}

static void on_plugged(void *context, void *argument, uint64_t ignored) {
    world_host *host = context;
    int64_t asleep_us = world_host_asleep_us(host);
    (void)argument, (void)ignored;
    if (asleep_us > 0) {
        later(host, asleep_us, on_plugged);
        return;
    }
    transcript_say(&host->world->story, name_of(host), "has its network again");
    plugs_pull(network_plugs(host->world->network), host->index, false);
    touch(host, false);
}

static void on_wake(void *context, void *argument, uint64_t ignored) {
    world_host *host = context;
    (void)argument, (void)ignored;
    transcript_say(&host->world->story, name_of(host), "wakes up");
    plugs_sleep(network_plugs(host->world->network), host->index, false);
    host->roamed_us = host->world->schedule.now_us;
    if (host->machine != NULL) machine_wake(host->machine);
}

static void fall_asleep(world_host *host, int64_t for_us) {
    transcript_say(&host->world->story, name_of(host), "falls asleep");
    host->roamed_us = host->world->schedule.now_us;
    host->asleep_until_us = host->roamed_us + for_us;
    plugs_sleep(network_plugs(host->world->network), host->index, true);
    kernel_sleep(host->kernel, for_us);
    if (host->machine != NULL) machine_sleep(host->machine, for_us);
    later(host, for_us, on_wake);
}

int64_t world_host_asleep_us(const world_host *host) {
    int64_t left_us = host->asleep_until_us - host->world->schedule.now_us;
    return left_us > 0 ? left_us : 0;
}

void world_roam(world *self, const spec_change *change) {
    world_host *host = &self->hosts[change->host];
    plugs *ways = network_plugs(self->network);
    switch (change->kind) {
    case SPEC_MOVES:
        transcript_say(&self->story, name_of(host), "moves to %s",
                       self->spec->sites[change->place].name);
        plugs_move(ways, host->index, change->place);
        touch(host, true);
        break;
    case SPEC_UNPLUGGED:
        transcript_say(&self->story, name_of(host), "has no network any more");
        plugs_pull(ways, host->index, true);
        touch(host, true);
        later(host, change->value_us, on_plugged);
        break;
    case SPEC_DOCKER:
        transcript_say(&self->story, name_of(host), "has docker from now on");
        plugs_add_docker(ways, host->index);
        touch(host, false);
        break;
    default: fall_asleep(host, change->value_us); break;
    }
}
