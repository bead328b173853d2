/* SPDX-License-Identifier: MIT */
/* The judge of swarms; see oracle.h. */
#include "oracle.h"

#include <stdio.h>
#include <string.h>

#define WRONG_SIZE 128

/* How a site looks from outside, all its NATs taken together. */
typedef struct outlook {
    bool open;      /* whoever dials the address that the server sees gets in */
    bool eim;       /* that address is good towards everybody */
    bool steps;     /* it is the next one of a sequence each time, and that can be predicted */
    bool simopen;   /* a SYN may answer a SYN */
    bool forgiving; /* strays do no lasting harm */
} outlook;

/* Linux has a mapping for each connection, but "the same port when it is free" is one public port
 * towards everybody: to it a port is free as long as the connection is another. */
static bool is_eim(const spec_nat *box) {
    if (box->none || box->map == SPEC_NOTHING) return true;
    return box->conntrack && box->ports == SPEC_PORTS_PRESERVE;
}

/* One that maps by address alone looks like one that does not, to a server with one address. */
static bool is_sequence(const spec_nat *box) {
    return box->map == SPEC_PORT && !box->conntrack && box->ports == SPEC_PORTS_SEQUENCE &&
           box->step <= HOP_DELTA_MAX && box->foreign_per_second <= 10;
}

static outlook look_at(const spec_site *site) {
    outlook out = {.open = true, .eim = true, .simopen = true, .forgiving = true};
    unsigned sequences = 0, others = 0;
    for (unsigned i = 0; i < site->nat_count; i++) {
        const spec_nat *box = &site->nats[i];
        bool lasting = box->syn_us > 0 && box->syn_us < 10 * HOP_S;
        out.open = out.open && (box->open || (box->filter == SPEC_NOTHING && is_eim(box)));
        out.eim = out.eim && is_eim(box);
        sequences += is_sequence(box);
        others += !is_sequence(box) && !is_eim(box);
        out.simopen = out.simopen && box->simopen;
        out.forgiving = out.forgiving && box->quota == 0 && !lasting;
    }
    out.steps = sequences == 1 && others == 0;
    return out;
}

static bool follows(const spec_site *site) {
    for (unsigned i = 0; i < site->nat_count; i++)
        if (site->nats[i].conntrack) return true;
    return false;
}

static int64_t round_trip(const spec *plan, unsigned one, unsigned other) {
    const spec_path *to = &plan->paths[one][other], *from = &plan->paths[other][one];
    return to->delay_us + to->jitter_us + from->delay_us + from->jitter_us;
}

/* How long a handshake may take is known only by the way through the server. Where the direct way
 * is longer, one that is still under way may be given up. */
static bool is_longer_than_thought(const spec *plan, unsigned one, unsigned other) {
    return round_trip(plan, one, other) >
           round_trip(plan, one, SPEC_SERVER) + round_trip(plan, other, SPEC_SERVER);
}

static bool loses_anywhere(const spec *plan) {
    bool loses = plan->change_count > 0;
    for (unsigned i = 0; i < SPEC_PLACES; i++)
        for (unsigned j = 0; j < SPEC_PLACES; j++)
            loses |= plan->paths[i][j].loss_ppm > 0;
    return loses;
}

static bool shares_nat(const spec *plan, unsigned one, unsigned other) {
    return one == other || plan->sites[one].shared_carrier == (int)other ||
           plan->sites[other].shared_carrier == (int)one;
}

/* Nobody else of ours takes ports of that sequence. */
static bool is_alone(const spec *plan, unsigned site) {
    unsigned count = 0;
    for (unsigned i = 0; i < plan->host_count; i++)
        count += shares_nat(plan, plan->hosts[i].site, site);
    return count == 1;
}

static bool refuses_by_rst(const spec_site *site) {
    for (unsigned i = 0; i < site->nat_count; i++)
        if (site->nats[i].stray == SPEC_STRAY_RST) return true;
    return false;
}

static bool loses(const spec *plan, unsigned one, unsigned other) {
    for (unsigned i = 0; i < plan->change_count; i++)
        if (plan->changes[i].kind == SPEC_LOSE) return true;
    return plan->paths[one][other].loss_ppm > 0 || plan->paths[other][one].loss_ppm > 0;
}

/* A strategy's dial is not looked at while its handshake goes on, as others are (dial.c). Where a
 * SYN and a SYN-ACK are lost, their repetitions cross a second later; a Linux NAT finds that SYN
 * invalid, and if it refuses, its RST ends the session in the other NAT behind TCP's back. */
static bool may_lose_shot(const spec *plan, unsigned one, unsigned other) {
    const spec_site *a = &plan->sites[one], *b = &plan->sites[other];
    return loses(plan, one, other) &&
           ((follows(a) && refuses_by_rst(a)) || (follows(b) && refuses_by_rst(b)));
}

static oracle_path by_ipv4(const spec *plan, unsigned one, unsigned other) {
    outlook a = look_at(&plan->sites[one]);
    outlook b = look_at(&plan->sites[other]);
    if (!a.forgiving || !b.forgiving) return ORACLE_UNSURE;
    /* Even to an open one, where both have dialled and neither lets the other's SYN cross its own.
     */
    if (!a.simopen && !b.simopen)
        return a.eim && b.eim && (a.open || b.open) ? ORACLE_CERTAIN : ORACLE_UNSURE;
    if (a.open || b.open) return ORACLE_CERTAIN;
    /* One of them is enough: in its turn it opens, and the other's SYN is answered, not crossed. */
    if (a.eim && b.eim) return ORACLE_CERTAIN;
    if (!a.simopen || !b.simopen) return ORACLE_UNSURE;
    bool a_known = a.eim || (a.steps && is_alone(plan, one));
    bool b_known = b.eim || (b.steps && is_alone(plan, other));
    return a_known && b_known && !may_lose_shot(plan, one, other) ? ORACLE_CERTAIN : ORACLE_UNSURE;
}

oracle_path oracle_path_between(const spec *plan, unsigned one, unsigned other) {
    const spec_host *a = &plan->hosts[one];
    const spec_host *b = &plan->hosts[other];
    const spec_site *from = &plan->sites[a->site];
    const spec_site *to = &plan->sites[b->site];
    if (a->site == b->site && !a->no_lan && !b->no_lan) return ORACLE_CERTAIN;
    bool ipv6 = from->v6 != SPEC_V6_OFF && to->v6 != SPEC_V6_OFF;
    if (a->site != b->site && ipv6) return ORACLE_CERTAIN;
    /* By the public endpoints only with hairpinning, which is a matter of luck here. */
    if (shares_nat(plan, a->site, b->site)) return ORACLE_UNSURE;
    return by_ipv4(plan, a->site, b->site);
}

bool oracle_is_calm(const spec *plan) {
    for (unsigned i = 0; i < plan->change_count; i++) {
        spec_change_kind kind = plan->changes[i].kind;
        if (kind != SPEC_LOSE && kind != SPEC_STRAY_SYN && kind != SPEC_STRANGER) return false;
    }
    for (unsigned i = 0; i < SPEC_PLACES; i++)
        for (unsigned j = 0; j < SPEC_PLACES; j++) {
            const spec_path *path = &plan->paths[i][j];
            /* A SYN that comes late, after a refusal, may cost a session that is under way. */
            if (path->black || path->loss_ppm > 50000 || path->reorder_ppm > 0 ||
                path->delay_us > 500 * HOP_MS)
                return false;
            if (path->rate_bps > 0 && path->rate_bps < 1000000) return false;
        }
    return plan->server && plan->reset_ppm == 0;
}

static bool has_change(const spec *plan, spec_change_kind first, spec_change_kind last) {
    for (unsigned i = 0; i < plan->change_count; i++)
        if (plan->changes[i].kind >= first && plan->changes[i].kind <= last) return true;
    return false;
}

static bool has_role(const spec *plan, spec_role role) {
    for (unsigned i = 0; i < plan->host_count; i++)
        if (plan->hosts[i].role == role) return true;
    return false;
}

/* The listener that a connector can meet; -1: none, or it comes too late to be met. */
static int listener_of(const spec *plan, unsigned host) {
    for (unsigned i = 0; i < plan->host_count; i++)
        if (plan->hosts[i].role == SPEC_LISTENS &&
            plan->hosts[i].ticket == plan->hosts[host].ticket)
            return (int)i;
    return -1;
}

static int64_t timeout_us(const spec_host *host) {
    return host->timeout_us > 0 ? host->timeout_us : HOP_TIMEOUT_DEFAULT_US;
}

static unsigned listeners_with(const spec *plan, unsigned ticket) {
    unsigned count = 0;
    for (unsigned i = 0; i < plan->host_count; i++)
        count += plan->hosts[i].role == SPEC_LISTENS && plan->hosts[i].ticket == ticket;
    return count;
}

/* Enough time for all of it: to reach the server, to meet, to punch with losses. */
static bool has_time(const spec *plan, unsigned host, unsigned listener) {
    const spec_host *connector = &plan->hosts[host];
    int64_t end_us = connector->start_us + timeout_us(connector);
    return timeout_us(connector) >= 12 * HOP_S &&
           timeout_us(&plan->hosts[listener]) >= 12 * HOP_S &&
           plan->hosts[listener].start_us + 11 * HOP_S <= end_us && end_us < plan->until_us;
}

/* A host with both families waits for one repetition of its SYN by IPv4 to the server, not for two:
 * a black hole in that place must not cost three seconds. After that it is known by IPv6 alone, and
 * may meet its peer so. */
static bool is_known_by_ipv6(const spec *plan, const world_result *result, unsigned host) {
    unsigned site = plan->hosts[host].site;
    return plan->sites[site].v6 != SPEC_V6_OFF && result->syns_lost[site] >= 2 &&
           result->unseen[host] > 0;
}

static bool has_direct(const spec *plan, const world_result *result, unsigned host,
                       unsigned listener) {
    return plan->hosts[host].relay != SPEC_RELAY_ONLY &&
           plan->hosts[listener].relay != SPEC_RELAY_ONLY &&
           !is_known_by_ipv6(plan, result, host) && !is_known_by_ipv6(plan, result, listener) &&
           oracle_path_between(plan, host, listener) == ORACLE_CERTAIN;
}

/* Whatever their NATs are, both can reach the server. */
static bool has_relay(const spec *plan, unsigned host, unsigned listener) {
    const spec_host *a = &plan->hosts[host], *b = &plan->hosts[listener];
    return plan->server && !plan->relay_off && a->relay != SPEC_RELAY_NEVER &&
           b->relay != SPEC_RELAY_NEVER;
}

/* They meet, and have the time for all that follows. */
static bool must_meet(const spec *plan, const world_result *result, unsigned host,
                      unsigned listener) {
    if (result->portless[plan->hosts[listener].site] > 0 ||
        result->portless[plan->hosts[host].site] > 0)
        return false;
    return oracle_is_calm(plan) && listeners_with(plan, plan->hosts[host].ticket) == 1 &&
           !has_role(plan, SPEC_IMPOSTOR) && has_time(plan, host, listener);
}

static bool must_connect(const spec *plan, const world_result *result, unsigned host) {
    int listener = listener_of(plan, host);
    if (listener < 0 || !must_meet(plan, result, host, (unsigned)listener)) return false;
    return has_direct(plan, result, host, (unsigned)listener) ||
           has_relay(plan, host, (unsigned)listener);
}

/* An endpoint has the dials of one strategy at a time. */
static bool waits_for_others(const spec *plan, unsigned one, unsigned other) {
    bool predicts = look_at(&plan->sites[one]).steps || look_at(&plan->sites[other]).steps;
    return predicts && plan->host_count > 2;
}

/* An opener's last turn comes after the relay. */
static bool waits_for_last_turn(const spec *plan, unsigned one, unsigned other) {
    return !look_at(&plan->sites[one]).simopen && !look_at(&plan->sites[other]).simopen;
}

/* The direct way is certain, and nothing makes it late. */
static bool must_be_direct(const spec *plan, const world_result *result, unsigned host) {
    int listener = listener_of(plan, host);
    if (listener < 0 || !must_meet(plan, result, host, (unsigned)listener)) return false;
    unsigned one = plan->hosts[host].site, other = plan->hosts[listener].site;
    return has_direct(plan, result, host, (unsigned)listener) && !loses_anywhere(plan) &&
           result->invalid[one] + result->invalid[other] == 0 &&
           !is_longer_than_thought(plan, one, other) && !waits_for_others(plan, one, other) &&
           !waits_for_last_turn(plan, one, other);
}

/* NULL: as it was asked for. */
static const char *judge_route(const spec *plan, const world_result *result, const world_end *end) {
    const spec_host *host = &plan->hosts[end->host];
    bool relayed = end->route == HOP_CORE_ROUTE_RELAYED;
    if (relayed && (host->relay == SPEC_RELAY_NEVER || plan->relay_off))
        return "is relayed, and may not be";
    if (!relayed && host->relay == SPEC_RELAY_ONLY) return "is not relayed, and wants nothing else";
    if (relayed && host->role == SPEC_CONNECTS && must_be_direct(plan, result, end->host))
        return "is relayed, and a direct way is certain";
    return NULL;
}

/* Two lost packets in a row take longer than that, and then it is true that it was not reached. */
static bool may_miss_server(const spec *plan, const world_result *result, unsigned host) {
    unsigned site = plan->hosts[host].site;
    bool loses = has_change(plan, SPEC_LOSE, SPEC_LOSE) ||
                 plan->paths[site][SPEC_SERVER].loss_ppm > 0 ||
                 plan->paths[SPEC_SERVER][site].loss_ppm > 0;
    if (result->portless[site] > 0) return true; /* or its NAT had no port left for it */
    return loses && timeout_us(&plan->hosts[host]) < 12 * HOP_S;
}

/* It is the host, or somebody who connects with the same ticket. */
static bool is_of(const spec *plan, unsigned one, unsigned host) {
    return one == host || (plan->hosts[one].role == SPEC_CONNECTS &&
                           plan->hosts[one].ticket == plan->hosts[host].ticket);
}

/* A NAT that maps by port may give one host's dial the public port that another host's peer dials:
 * two who hold one secret are then linked crosswise, and who is dialled has one attempt's key for
 * both, or, when that attempt is over, none. */
static bool may_cross(const spec *plan, unsigned host) {
    /* Who was started anew: what a strategy has dialled for its earlier life is still out. */
    if (has_change(plan, SPEC_HOST_STARTS, SPEC_HOST_STARTS)) return true;
    for (unsigned i = 0; i < plan->host_count; i++)
        for (unsigned j = 0; j < i; j++)
            if (is_of(plan, i, host) && is_of(plan, j, host) &&
                shares_nat(plan, plan->hosts[i].site, plan->hosts[j].site))
                return true;
    return false;
}

/* Who lost his server (by a reset, by a reboot) and knocks anew may be greeted under the key of the
 * attempt that his earlier knock has begun at the listener, and greets under another. */
static bool knocked_anew(const spec *plan, const world_result *result, unsigned host) {
    if (plan->hosts[host].role == SPEC_CONNECTS) return result->knocks[host] > 1;
    for (unsigned i = 0; i < plan->host_count; i++) /* a listener, by one of those who come */
        if (plan->hosts[i].ticket == plan->hosts[host].ticket && result->knocks[i] > 1) return true;
    return false;
}

static bool reason_is_true(const spec *plan, const world_result *result, const world_end *end) {
    bool calm = oracle_is_calm(plan);
    bool server_bad =
        !plan->server || has_change(plan, SPEC_SERVER_STOPS, SPEC_SERVER_SLOW) || !calm;
    int listener = listener_of(plan, end->host);
    switch (end->error) {
    case HOP_E_SERVER: return server_bad || may_miss_server(plan, result, end->host);
    case HOP_E_REFUSED:
    case HOP_E_CLOCK: return server_bad;
    case HOP_E_NOBODY:
        return listener < 0 || !calm || !has_time(plan, end->host, (unsigned)listener) ||
               result->portless[plan->hosts[listener].site] > 0;
    case HOP_E_NO_PATH: return end->peer_us > 0 || end->attempt > 0;
    case HOP_E_IMPOSTOR:
        return knocked_anew(plan, result, end->host) || has_role(plan, SPEC_IMPOSTOR) ||
               may_cross(plan, end->host) || has_change(plan, SPEC_SERVER_LIES, SPEC_SERVER_LIES) ||
               has_change(plan, SPEC_STRANGER, SPEC_STRANGER);
    case HOP_E_CANCELLED: return has_change(plan, SPEC_HOST_CANCELS, SPEC_HOST_CANCELS);
    case HOP_E_BROKEN: /* a link came about and was lost, or its peer came again */ return true;
    default: return false; /* nothing else can happen here: no memory runs out, nobody misuses it */
    }
}

static const char *error_name(enum hop_error error) {
    switch (error) {
#define NAME(code, name, sentence, advice)                                                         \
    case HOP_E_##name: return #name;
        HOP_ERROR_MAP(NAME)
#undef NAME
    default: return "nothing";
    }
}

static const world_end *end_of(const world_result *result, unsigned host) {
    for (unsigned i = 0; i < result->end_count; i++)
        if (result->ends[i].host == host) return &result->ends[i];
    return NULL;
}

bool oracle_judge(const spec *plan, const world_result *result, char *ret_wrong) {
    if (result->broken[0] != '\0') {
        snprintf(ret_wrong, WRONG_SIZE, "%.120s", result->broken);
        return false;
    }
    for (unsigned i = 0; i < result->end_count; i++) {
        const world_end *end = &result->ends[i];
        const char *wrong = end->established ? judge_route(plan, result, end) : NULL;
        if (wrong != NULL) {
            snprintf(ret_wrong, WRONG_SIZE, "%s %s", plan->hosts[end->host].name, wrong);
            return false;
        }
        if (end->established || reason_is_true(plan, result, end)) continue;
        snprintf(ret_wrong, WRONG_SIZE, "%s failed with %s, and that is not why",
                 plan->hosts[end->host].name, error_name(end->error));
        return false;
    }
    for (unsigned i = 0; i < plan->host_count; i++) {
        if (plan->hosts[i].role != SPEC_CONNECTS || !must_connect(plan, result, i)) continue;
        const world_end *end = end_of(result, i);
        if (end != NULL && end->established) continue;
        snprintf(ret_wrong, WRONG_SIZE, "%s found no path, and there is one", plan->hosts[i].name);
        return false;
    }
    return true;
}
