/* SPDX-License-Identifier: MIT */
/*
 * Routing; see network.h. What the packets say of themselves (answers by routers and NATs) is in
 * answer.c, who has which address in places.c, what a way does to them in path.c.
 */
#include "network.h"

#include <stdlib.h>

#include "answer.h"
#include "path.h"
#include "places.h"

#define WIRE_HOPS  3  /* routers between two sites */
#define SELF_US    10 /* a packet to ourselves */
#define ARP_US     3000000
#define NATS_COUNT (SPEC_NATS_MAX + 1)

struct network {
    network_config config;
    const spec *spec;
    plugs plugs;
    nat *nats[SPEC_SITES_MAX][NATS_COUNT]; /* the last one is the IPv6 filter */
    path paths[SPEC_PLACES][SPEC_PLACES];
    hop_random random; /* of the resets */
};

static void on_self(void *context, void *argument, uint64_t host);
static void on_inside(void *context, void *argument, uint64_t site);
static void on_home(void *context, void *argument, uint64_t site);
static void on_arrival(void *context, void *argument, uint64_t place);
static void on_lan(network *net, unsigned site, packet *parcel);
static void leave_home(network *net, unsigned site, packet *parcel);
static void leave_carrier(network *net, unsigned site, packet *parcel);
static void wire(network *net, unsigned place, packet *parcel);
static void enter_site(network *net, unsigned site, packet *parcel);
static void enter_home(network *net, unsigned site, packet *parcel);
static void come_inside(network *net, unsigned site, packet *parcel);
static void refuse_out(network *net, unsigned site, packet *parcel, nat_verdict verdict,
                       const spec_nat *traits, const hop_address *by);
static void deliver(network *net, unsigned site, packet *parcel);

/* --- what there is -------------------------------------------------------------------------------
 */

static void make_nats(network *net, unsigned site) {
    const spec *plan = net->spec;
    const spec_site *at = &plan->sites[site];
    uint64_t seed = plan->seed * 0x10001 + site * NATS_COUNT;
    hop_address none = {0};
    hop_address wan = places_home_wan(plan, site);
    hop_address public = places_public(plan, site);
    if (at->nat_count > 0 && !at->nats[0].open)
        net->nats[site][0] = nat_new(&at->nats[0], at->nats[0].none ? &none : &wan, seed);
    else if (at->nat_count > 0 && !at->nats[0].none)
        net->nats[site][0] = nat_new(&at->nats[0], &wan, seed);
    if (places_carrier(plan, site) == (int)site)
        net->nats[site][1] = nat_new(&at->nats[1], &public, seed + 1);
    if (at->v6 != SPEC_V6_FIREWALL && at->v6 != SPEC_V6_REFUSE) return;
    spec_nat traits = spec_nat_v6(at->v6);
    net->nats[site][SPEC_NATS_MAX] = nat_new(&traits, &none, seed + 2);
}

network *network_new(const network_config *config) {
    network *made = calloc(1, sizeof *made);
    if (made == NULL) abort();
    made->config = *config;
    made->spec = config->spec;
    made->random = hop_random_seeded(config->spec->seed ^ UINT64_C(0x4E5E7));
    plugs_begin(&made->plugs, made->spec);
    for (unsigned i = 0; i < made->spec->site_count; i++)
        make_nats(made, i);
    for (unsigned i = 0; i < SPEC_PLACES; i++)
        for (unsigned j = 0; j < SPEC_PLACES; j++)
            made->paths[i][j] = path_make(&made->spec->paths[i][j],
                                          (made->spec->seed ^ 0x9A7B) * 64 + i * SPEC_PLACES + j);
    return made;
}

void network_free(network *net) {
    if (net == NULL) return;
    for (unsigned i = 0; i < SPEC_SITES_MAX; i++)
        for (unsigned j = 0; j < NATS_COUNT; j++)
            nat_free(net->nats[i][j]);
    free(net);
}

unsigned network_addresses(const network *net, unsigned host,
                           hop_address ret_addresses[static NETWORK_ADDRESSES_MAX],
                           uint8_t ret_prefix_bits[static NETWORK_ADDRESSES_MAX]) {
    return plugs_addresses(&net->plugs, host, ret_addresses, ret_prefix_bits);
}

hop_address network_server(const network *net, unsigned index, bool ipv6) {
    if (!net->spec->dead_server) return places_server(index, ipv6);
    return index == 0 ? places_nobody(ipv6) : places_server(index - 1, ipv6);
}

hop_address network_source(const network *net, unsigned host, const hop_address *target) {
    bool six = target->family == HOP_FAMILY_IPV6;
    if (host < SPEC_HOSTS_MAX) return plugs_source(&net->plugs, host, target);
    if (host == NETWORK_SERVER) return places_server(0, six);
    return six ? (hop_address){0} : places_stranger();
}

bool network_has_route(const network *net, unsigned host, const hop_address *target) {
    return network_source(net, host, target).family != HOP_FAMILY_NONE;
}

plugs *network_plugs(network *net) {
    return &net->plugs;
}

void network_change_path(network *net, unsigned place, unsigned other, const spec_path *traits) {
    net->paths[place][other].traits = *traits;
}

void network_lose(network *net, unsigned place, unsigned other, uint64_t mask) {
    net->paths[place][other].lose = mask;
}

nat *network_nat(network *net, unsigned site, unsigned index) {
    return net->nats[site][index];
}

void network_reboot(network *net, unsigned site) {
    for (unsigned i = 0; i < NATS_COUNT; i++)
        if (net->nats[site][i] != NULL) nat_forget(net->nats[site][i]);
}

/* --- on the way ----------------------------------------------------------------------------------
 */

static int64_t now_of(const network *net) {
    return net->config.schedule->now_us;
}

static void see(const network *net, network_sight sight, unsigned place, const packet *parcel,
                nat_why why) {
    if (net->config.see != NULL) net->config.see(net->config.context, sight, place, parcel, why);
}

static void later(network *net, int64_t after_us, schedule_function *function, packet *parcel,
                  unsigned number) {
    schedule_at(net->config.schedule, now_of(net) + after_us, function, net, parcel, number);
}

/* From a router or a NAT to its own LAN. Never at once: who is sending now must not receive. */
static void send_inside(network *net, unsigned site, packet *parcel) {
    later(net, net->paths[site][site].traits.delay_us, on_inside, parcel, site);
}

/* From a carrier to a home of its own. */
static void send_home(network *net, unsigned site, packet *parcel) {
    later(net, net->paths[site][site].traits.delay_us, on_home, parcel, site);
}

void network_send(network *net, unsigned host, const packet *sent) {
    bool ours = host < SPEC_HOSTS_MAX;
    if (ours && !plugs_may_send(&net->plugs, host, &sent->source)) return;
    packet *parcel = packet_copy(sent);
    unsigned site = ours ? net->plugs.hosts[host].site : SPEC_SERVER;
    see(net, NETWORK_SENT, site, parcel, NAT_WHY_NONE);
    if (ours && plugs_is_own(&net->plugs, host, &parcel->target))
        later(net, SELF_US, on_self, parcel, host);
    else if (site == SPEC_SERVER)
        wire(net, site, parcel);
    else if (places_on_link(net->spec, site, &parcel->target))
        on_lan(net, site, parcel);
    else
        leave_home(net, site, parcel);
}

static void on_self(void *context, void *argument, uint64_t host) {
    network *net = context;
    packet *parcel = argument;
    net->config.deliver(net->config.context, (unsigned)host, parcel);
    free(parcel);
}

/* A neighbour's address that nobody has: the asking host's own kernel gives up after a while. */
static void on_lan(network *net, unsigned site, packet *parcel) {
    int64_t due_us;
    if (plugs_find(&net->plugs, site, &parcel->target) < 0) {
        packet *error = answer_error(PACKET_UNREACHABLE, parcel, &parcel->source);
        free(parcel);
        if (error != NULL) later(net, ARP_US, on_inside, error, site);
    } else if (path_take(&net->paths[site][site], now_of(net), parcel->size, &due_us)) {
        later(net, due_us - now_of(net), on_inside, parcel, site);
    } else {
        see(net, NETWORK_LOST, site, parcel, NAT_WHY_NONE);
        free(parcel);
    }
}

/* The TTL of a router; NULL: it ran out, and this is what the router says about it. */
static bool count_down(network *net, unsigned place, packet *parcel, const hop_address *router,
                       packet **ret_error) {
    *ret_error = NULL;
    if (parcel->ttl > 1) {
        parcel->ttl--;
        return true;
    }
    see(net, NETWORK_EXPIRED, place, parcel, NAT_WHY_NONE);
    *ret_error = answer_error(PACKET_TIME_EXCEEDED, parcel, router);
    free(parcel);
    return false;
}

static nat *filter_of(const network *net, unsigned site, const packet *parcel) {
    bool six = parcel->target.family == HOP_FAMILY_IPV6;
    return net->nats[site][six ? SPEC_NATS_MAX : 0];
}

static const spec_nat *traits_of(const network *net, unsigned site, const packet *parcel,
                                 spec_nat *room) {
    if (parcel->target.family != HOP_FAMILY_IPV6) return &net->spec->sites[site].nats[0];
    *room = spec_nat_v6(net->spec->sites[site].v6);
    return room;
}

/* The router counts before it translates: what dies there has opened nothing. */
static void leave_home(network *net, unsigned site, packet *parcel) {
    hop_address router = places_router(net->spec, site, parcel->target.family == HOP_FAMILY_IPV6);
    packet *error;
    nat *filter = filter_of(net, site, parcel);
    nat_why why = NAT_WHY_NONE;
    spec_nat room;
    if (!count_down(net, site, parcel, &router, &error)) {
        if (error != NULL) send_inside(net, site, error);
        return;
    }
    nat_verdict verdict = filter == NULL ? NAT_PASS : nat_out(filter, now_of(net), parcel, &why);
    if (verdict == NAT_PASS) {
        leave_carrier(net, site, parcel);
    } else if (verdict == NAT_BACK) {
        send_inside(net, site, parcel);
    } else if (verdict == NAT_DROP) {
        see(net, NETWORK_DROPPED, site, parcel, why);
        free(parcel);
    } else {
        see(net, NETWORK_REFUSED, site, parcel, why);
        refuse_out(net, site, parcel, verdict, traits_of(net, site, parcel, &room), &router);
    }
}

/* A NAT's answer to somebody before it. */
static void refuse_out(network *net, unsigned site, packet *parcel, nat_verdict verdict,
                       const spec_nat *traits, const hop_address *by) {
    bool reset = verdict == NAT_RESET || traits->stray == SPEC_STRAY_RST;
    packet *answer = reset ? answer_reset(parcel) : answer_error(PACKET_UNREACHABLE, parcel, by);
    free(parcel);
    if (answer != NULL) send_inside(net, site, answer);
}

/* Two homes of one carrier reach each other within it. */
static void leave_carrier(network *net, unsigned site, packet *parcel) {
    int carrier = places_carrier(net->spec, site);
    hop_address router = places_ipv4(100, 64, site + 1, 1);
    packet *error;
    nat_why why = NAT_WHY_NONE;
    if (carrier < 0) {
        wire(net, site, parcel);
        return;
    }
    if (!count_down(net, site, parcel, &router, &error)) {
        if (error != NULL) send_home(net, site, error);
        return;
    }
    int neighbour = places_subscriber(net->spec, &parcel->target);
    if (neighbour >= 0 && places_carrier(net->spec, (unsigned)neighbour) == carrier) {
        send_home(net, (unsigned)neighbour, parcel);
        return;
    }
    if (parcel->target.family == HOP_FAMILY_IPV6) {
        wire(net, site, parcel);
        return;
    }
    nat_verdict verdict = nat_out(net->nats[carrier][1], now_of(net), parcel, &why);
    neighbour = places_subscriber(net->spec, &parcel->target);
    if (verdict == NAT_PASS) {
        wire(net, (unsigned)carrier, parcel);
    } else if (verdict == NAT_BACK && neighbour >= 0) {
        send_home(net, (unsigned)neighbour, parcel);
    } else if (verdict == NAT_REFUSE || verdict == NAT_RESET) {
        see(net, NETWORK_REFUSED, (unsigned)carrier, parcel, why);
        bool reset =
            verdict == NAT_RESET || net->spec->sites[carrier].nats[1].stray == SPEC_STRAY_RST;
        packet *answer =
            reset ? answer_reset(parcel) : answer_error(PACKET_UNREACHABLE, parcel, &router);
        free(parcel);
        if (answer != NULL) send_home(net, site, answer);
    } else {
        see(net, NETWORK_DROPPED, (unsigned)carrier, parcel, why);
        free(parcel);
    }
}

/* Somebody on the way ends connections, as censors do: the packet becomes an RST, and its sender
 * gets one in the other's name, after twice the time to where that somebody is. */
static void reset_by_chance(network *net, unsigned place, unsigned to, packet *parcel) {
    bool of_connection = parcel->kind == PACKET_TCP &&
                         (parcel->flags & (PACKET_ACK | PACKET_SYN | PACKET_RST)) == PACKET_ACK;
    if (net->config.reset_ppm == 0 || !of_connection) return;
    if (hop_random_between(&net->random, 0, 999999) >= net->config.reset_ppm) return;
    packet *back = answer_reset(parcel);
    see(net, NETWORK_LOST, place, parcel, NAT_WHY_NONE);
    parcel->flags = PACKET_RST;
    parcel->size = 0;
    int64_t way_us = net->paths[place][to].traits.delay_us;
    int64_t there_us = (int64_t)hop_random_between(&net->random, 0, (uint64_t)way_us);
    if (back != NULL) later(net, 2 * there_us, on_arrival, back, place);
}

/* The TTL is counted along the way: a SYN that dies here has opened its own NATs before. */
static void wire(network *net, unsigned place, packet *parcel) {
    int to = places_route(net->spec, &parcel->target);
    int64_t due_us;

    see(net, NETWORK_OUTSIDE, place, parcel, NAT_WHY_NONE);
    bool leaked = !answer_is_error(parcel) && places_route(net->spec, &parcel->source) < 0;
    if (to < 0 || (unsigned)to == place || leaked) {
        free(parcel);
        return;
    }
    reset_by_chance(net, place, (unsigned)to, parcel);
    if (!path_take(&net->paths[place][to], now_of(net), parcel->size, &due_us)) {
        see(net, NETWORK_LOST, place, parcel, NAT_WHY_NONE);
        free(parcel);
    } else if (parcel->ttl > WIRE_HOPS) {
        parcel->ttl = (uint8_t)(parcel->ttl - WIRE_HOPS);
        later(net, due_us - now_of(net), on_arrival, parcel, (unsigned)to);
    } else {
        unsigned hop = parcel->ttl;
        int64_t both_us = net->paths[place][to].traits.delay_us;
        hop_address router = places_hop(hop, parcel->target.family == HOP_FAMILY_IPV6);
        see(net, NETWORK_EXPIRED, place, parcel, NAT_WHY_NONE);
        packet *error = answer_error(PACKET_TIME_EXCEEDED, parcel, &router);
        free(parcel);
        both_us += net->paths[to][place].traits.delay_us;
        if (error != NULL) later(net, both_us * hop / (WIRE_HOPS + 1), on_arrival, error, place);
    }
}

static void on_arrival(void *context, void *argument, uint64_t place) {
    network *net = context;
    packet *parcel = argument;
    see(net, NETWORK_ARRIVED, (unsigned)place, parcel, NAT_WHY_NONE);
    if (place != SPEC_SERVER) {
        enter_site(net, (unsigned)place, parcel);
        return;
    }
    hop_address stranger = places_stranger();
    unsigned host =
        hop_address_same_ip(&stranger, &parcel->target) ? NETWORK_STRANGER : NETWORK_SERVER;
    see(net, NETWORK_RECEIVED, SPEC_SERVER, parcel, NAT_WHY_NONE);
    net->config.deliver(net->config.context, host, parcel);
    free(parcel);
}

/* A NAT's answer to somebody out there, by way of the carrier or straight to the wire. */
static void answer_outside(network *net, unsigned site, packet *parcel, bool reset, bool carriers,
                           const hop_address *by) {
    packet *answer = reset ? answer_reset(parcel) : answer_error(PACKET_UNREACHABLE, parcel, by);
    free(parcel);
    if (answer == NULL) return;
    if (carriers)
        wire(net, site, answer);
    else
        leave_carrier(net, site, answer);
}

static void enter_site(network *net, unsigned site, packet *parcel) {
    nat *carrier = net->nats[site][1];
    hop_address public = places_public(net->spec, site);
    hop_address source = parcel->source;
    nat_why why = NAT_WHY_NONE;
    if (carrier == NULL || parcel->target.family == HOP_FAMILY_IPV6) {
        enter_home(net, site, parcel);
        return;
    }
    nat_verdict verdict = nat_in(carrier, now_of(net), parcel, &why);
    if (verdict == NAT_PASS) {
        packet *error;
        int home = places_subscriber(net->spec, &parcel->target);
        if (!count_down(net, site, parcel, &public, &error)) {
            if (error != NULL) error->target = source;
            if (error != NULL) wire(net, site, error);
        } else if (home >= 0) {
            enter_home(net, (unsigned)home, parcel);
        } else {
            free(parcel);
        }
    } else if (verdict == NAT_REFUSE || verdict == NAT_RESET) {
        bool reset = verdict == NAT_RESET || net->spec->sites[site].nats[1].stray == SPEC_STRAY_RST;
        see(net, NETWORK_REFUSED, site, parcel, why);
        answer_outside(net, site, parcel, reset, true, &public);
    } else {
        see(net, NETWORK_DROPPED, site, parcel, why);
        free(parcel);
    }
}

static void enter_home(network *net, unsigned site, packet *parcel) {
    nat *filter = filter_of(net, site, parcel);
    bool six = parcel->target.family == HOP_FAMILY_IPV6;
    hop_address by = six ? places_router(net->spec, site, true) : places_home_wan(net->spec, site);
    nat_why why = NAT_WHY_NONE;
    spec_nat room;
    nat_verdict verdict = filter == NULL ? NAT_PASS : nat_in(filter, now_of(net), parcel, &why);
    if (verdict == NAT_PASS) {
        come_inside(net, site, parcel);
    } else if (verdict == NAT_REFUSE || verdict == NAT_RESET) {
        const spec_nat *traits = traits_of(net, site, parcel, &room);
        bool reset = verdict == NAT_RESET || traits->stray == SPEC_STRAY_RST;
        see(net, NETWORK_REFUSED, site, parcel, why);
        answer_outside(net, site, parcel, reset, six, &by);
    } else {
        see(net, NETWORK_DROPPED, site, parcel, why);
        free(parcel);
    }
}

/* Through the home router to the host; the error of a packet whose TTL ends here goes back. */
static void come_inside(network *net, unsigned site, packet *parcel) {
    bool six = parcel->target.family == HOP_FAMILY_IPV6;
    hop_address by = six ? places_router(net->spec, site, true) : places_home_wan(net->spec, site);
    packet *error;
    if (count_down(net, site, parcel, &by, &error))
        deliver(net, site, parcel);
    else if (error != NULL)
        leave_carrier(net, site, error);
}

static void on_home(void *context, void *argument, uint64_t site) {
    enter_home(context, (unsigned)site, argument);
}

static void on_inside(void *context, void *argument, uint64_t site) {
    deliver(context, (unsigned)site, argument);
}

static void deliver(network *net, unsigned site, packet *parcel) {
    int host = plugs_find(&net->plugs, site, &parcel->target);
    if (host >= 0) {
        see(net, NETWORK_RECEIVED, site, parcel, NAT_WHY_NONE);
        net->config.deliver(net->config.context, (unsigned)host, parcel);
    }
    free(parcel);
}
