/* SPDX-License-Identifier: MIT */
/*
 * What has to hold when a run is over. Two ends hold the same connection when their keys are equal:
 * a key is made of both nonces of one link, and of nothing else can it come. One end alone may hold
 * a connection only where the world broke something in between; what counts is said at excused().
 */
#include <string.h>

#include "places.h"
#include "world_inside.h"

#define USERS_PATIENCE_US (20 * HOP_S)

static int partner_of(const world *self, unsigned at) {
    const world_result *result = self->result;
    for (unsigned i = 0; i < result->end_count; i++)
        if (i != at && result->ends[i].established &&
            memcmp(result->ends[i].psk, result->ends[at].psk, HOP_KEY_SIZE) == 0)
            return (int)i;
    return -1;
}

static const spec_host *wish_of(const world *self, unsigned host) {
    return &self->spec->hosts[host];
}

static bool may_meet(const world *self, unsigned a, unsigned b) {
    spec_role one = wish_of(self, a)->role;
    spec_role other = wish_of(self, b)->role;
    if (a == b || wish_of(self, a)->ticket != wish_of(self, b)->ticket) return false;
    if (one == SPEC_LISTENS) return other == SPEC_CONNECTS;
    if (one == SPEC_CONNECTS) return other == SPEC_LISTENS;
    return one == other && one != SPEC_IMPOSTOR;
}

/* --- is it over? ---------------------------------------------------------------------------------
 */

static bool user_waits(const world *self, unsigned at) {
    const world_end *end = &self->result->ends[at];
    return end->established && self->traces[at].holder.state == HOLDER_WAITING &&
           self->schedule.now_us - end->end_us < USERS_PATIENCE_US;
}

/* Not as long as somebody tries, or is yet to start, or waits for the other end's word. Who only
 * listens does so until the spec's end. */
bool world_is_over(const world *self) {
    bool anybody = false;
    if (self->starts_left > 0) return false;
    for (unsigned i = 0; i < self->spec->host_count; i++) {
        const world_host *host = &self->hosts[i];
        spec_role role = wish_of(self, i)->role;
        anybody |= role != SPEC_LISTENS && role != SPEC_IMPOSTOR;
        if (host->machine == NULL) continue;
        if (role == SPEC_LISTENS ? contract_running(&host->contract) > 0
                                 : !machine_is_over(host->machine))
            return false;
    }
    for (unsigned i = 0; i < self->result->end_count; i++)
        if (user_waits(self, i)) return false;
    return anybody;
}

/* --- who is to blame -----------------------------------------------------------------------------
 */

/* Where a host's packets appear on the Internet: its site's place, or its carrier's. */
static unsigned outside_of(const world *self, unsigned host) {
    unsigned site = world_host_site(&self->hosts[host]);
    int carrier = places_carrier(self->spec, site);
    return carrier >= 0 ? (unsigned)carrier : site;
}

static bool troubled(const world *self, unsigned from, unsigned to, int64_t since_us) {
    const world_trouble *there = &self->trouble[from][to];
    const world_trouble *back = &self->trouble[to][from];
    return (there->count > 0 && there->last_us >= since_us) ||
           (back->count > 0 && back->last_us >= since_us);
}

static bool changed(const world *self, unsigned a, unsigned b, int64_t since_us) {
    for (unsigned i = 0; i < self->spec->change_count; i++) {
        const spec_change *change = &self->spec->changes[i];
        if (change->at_us < since_us || change->at_us > self->schedule.now_us) continue;
        bool path =
            change->kind == SPEC_PATH_CHANGES && ((change->place == a && change->other == b) ||
                                                  (change->place == b && change->other == a));
        if (path ||
            (change->kind == SPEC_NAT_REBOOTS && (change->place == a || change->place == b)))
            return true;
    }
    return false;
}

static int64_t longest_us(const world *self, unsigned from, unsigned to) {
    const spec_path *path = &self->spec->paths[from][to];
    int64_t way_us = path->delay_us + path->jitter_us;
    if (path->reorder_ppm > 0) way_us += path->delay_us + path->delay_us / 2;
    if (path->rate_bps > 0) way_us += 100 * HOP_MS;
    return way_us;
}

/* Both sides stop choosing links a second (or a quarter of the attempt) before they stop waiting.
 * Over a path that is longer than that, the last word can come too late. */
static bool too_far(const world *self, unsigned a, unsigned b, bool relayed) {
    int64_t late_us = HOP_LATE_US;
    int64_t way_us = 0;
    unsigned places[] = {outside_of(self, a), outside_of(self, b)};
    unsigned hosts[] = {a, b};
    for (unsigned i = 0; i < 2; i++) {
        unsigned from = places[i], to = places[1 - i];
        int64_t timeout_us = wish_of(self, hosts[i])->timeout_us;
        int64_t one_us =
            relayed ? longest_us(self, from, SPEC_SERVER) + longest_us(self, SPEC_SERVER, to)
                    : longest_us(self, from, to);
        if (one_us > way_us) way_us = one_us;
        if (timeout_us > 0 && timeout_us / 4 < late_us) late_us = timeout_us / 4;
    }
    return 2 * way_us >= late_us;
}

/* What a relay hangs on: the server, and both ways to it. */
static bool relay_failed(const world *self, unsigned from, unsigned to, int64_t since_us) {
    for (unsigned i = 0; i < self->spec->change_count; i++) {
        const spec_change *change = &self->spec->changes[i];
        if (change->at_us < since_us || change->at_us > self->schedule.now_us) continue;
        if (change->kind == SPEC_SERVER_STOPS || change->kind == SPEC_SERVER_SILENT) return true;
    }
    return troubled(self, from, SPEC_SERVER, since_us) ||
           troubled(self, to, SPEC_SERVER, since_us) ||
           changed(self, from, SPEC_SERVER, since_us) || changed(self, to, SPEC_SERVER, since_us);
}

/* One end holds a connection and the other does not. That may be when, since they met:
 * - one of the programs was killed or cancelled, or its machine's network changed, or it slept;
 * - a packet other than a stray SYN was lost between the two, or a NAT dropped or refused it;
 * - a NAT of theirs rebooted or the path between them changed;
 * - of a relayed one: any of that happened to one of them and the server, or the server died;
 * - the path is too long for the second that both leave for the last word. */
static bool excused(const world *self, unsigned a, unsigned b, int64_t since_us, bool relayed) {
    unsigned from = outside_of(self, a);
    unsigned to = outside_of(self, b);
    unsigned home_a = world_host_site(&self->hosts[a]);
    unsigned home_b = world_host_site(&self->hosts[b]);
    if (self->hosts[a].stopped_us >= since_us || self->hosts[b].stopped_us >= since_us) return true;
    if (self->hosts[a].roamed_us >= since_us || self->hosts[b].roamed_us >= since_us) return true;
    if (troubled(self, from, to, since_us) || troubled(self, home_a, home_b, since_us)) return true;
    if (troubled(self, home_a, home_a, since_us) || troubled(self, home_b, home_b, since_us))
        return true;
    if (changed(self, from, to, since_us) || changed(self, home_a, home_b, since_us)) return true;
    if (relayed && relay_failed(self, from, to, since_us)) return true;
    return too_far(self, a, b, relayed);
}

static bool is_relayed(const world_end *end) {
    return end->route == HOP_CORE_ROUTE_RELAYED;
}

/* --- verdicts ------------------------------------------------------------------------------------
 */

static void judge_pair(world *self, unsigned one, unsigned other) {
    const world_end *a = &self->result->ends[one];
    const world_end *b = &self->result->ends[other];
    const char *name = wish_of(self, a->host)->name;
    int64_t since_us = a->peer_us < b->peer_us ? a->peer_us : b->peer_us;
    if (!may_meet(self, a->host, b->host))
        world_broken(self, "%s holds a connection to %s, who is no peer", name,
                     wish_of(self, b->host)->name);
    if (a->controlling == b->controlling)
        world_broken(self, "%s and its peer are in the same role", name);
    if (is_relayed(a) != is_relayed(b))
        world_broken(self, "%s is relayed and its peer is not, or the other way round", name);
    if (self->traces[one].holder.state == HOLDER_WHOLE || user_waits(self, one)) return;
    if (!excused(self, a->host, b->host, since_us, is_relayed(a)))
        world_broken(self, "%s holds a connection that does not work", name);
}

static bool server_lies(const world *self) {
    for (unsigned i = 0; i < self->spec->change_count; i++)
        if (self->spec->changes[i].kind == SPEC_SERVER_LIES) return true;
    return false;
}

/* Is this the other side of a connection that the end alone holds? Who came by the server is known
 * by the address that it told, if it is true; but a program that was started again, or elsewhere,
 * had another before. */
static bool is_other_side(const world *self, unsigned end, unsigned host) {
    const hop_address *observed = &self->traces[end].peer_observed;
    if (!may_meet(self, self->result->ends[end].host, host)) return false;
    if (wish_of(self, host)->role != SPEC_CONNECTS || server_lies(self)) return true;
    return observed->family == HOP_FAMILY_NONE || self->hosts[host].life > 1 ||
           self->hosts[host].observed.family == HOP_FAMILY_NONE ||
           self->hosts[host].roamed_us != INT64_MIN ||
           hop_address_equal(&self->hosts[host].observed, observed);
}

static bool runs_still(const world *self, unsigned host) {
    const world_host *one = &self->hosts[host];
    if (one->machine == NULL) return false;
    return wish_of(self, host)->role == SPEC_LISTENS ? contract_running(&one->contract) > 0
                                                     : !machine_is_over(one->machine);
}

/* Two ends that were to meet hold two different connections: nothing excuses that, unless one of
 * them began anew. */
static bool holds_another(const world *self, unsigned end, unsigned host) {
    for (unsigned i = 0; i < self->result->end_count; i++) {
        const world_end *other = &self->result->ends[i];
        if (other->host != host || !other->established || partner_of(self, i) >= 0) continue;
        if (!is_other_side(self, i, self->result->ends[end].host)) continue;
        if (self->hosts[host].life == 1 && self->hosts[self->result->ends[end].host].life == 1)
            return true;
    }
    return false;
}

static void judge_alone(world *self, unsigned at) {
    const world_end *end = &self->result->ends[at];
    const char *name = wish_of(self, end->host)->name;
    for (unsigned i = 0; i < self->spec->host_count; i++) {
        if (!is_other_side(self, at, i)) continue;
        if (holds_another(self, at, i)) {
            world_broken(self, "%s and %s hold different connections", name,
                         wish_of(self, i)->name);
            return;
        }
        /* The run's end comes in between; or nobody else can be meant. */
        if (runs_still(self, i)) return;
        if (excused(self, end->host, i, end->peer_us, is_relayed(end))) return;
    }
    world_broken(self, "%s holds a connection, its peer does not", name);
}

void world_judge(world *self) {
    const world_result *result = self->result;
    for (unsigned i = 0; i < self->spec->host_count; i++) {
        world_host *host = &self->hosts[i];
        if (host->impostor != NULL && impostor_succeeded(host->impostor))
            world_broken(self, "%s, an impostor, was taken for a peer", wish_of(self, i)->name);
        if (host->machine == NULL || host->contract.over) continue;
        contract_end(&host->contract, machine_now_us(host->machine));
        if (host->contract.broken != NULL)
            world_broken(self, "%s: %s", wish_of(self, i)->name, host->contract.broken);
    }
    for (unsigned i = 0; i < result->end_count; i++) {
        if (!result->ends[i].established) continue;
        int other = partner_of(self, i);
        if (other >= 0)
            judge_pair(self, i, (unsigned)other);
        else
            judge_alone(self, i);
    }
}
