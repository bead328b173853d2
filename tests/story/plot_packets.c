/* SPDX-License-Identifier: MIT */
/* Packets on their way, as the world's observers see them; see plot.h. An observer sees one point,
 * so a packet is known again by what NATs leave alone: its numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replay_names.h"
#include "wire/stun.h"

#include "places.h"
#include "plot_inside.h"

static plot_flight *find_flight(plot *self, network_sight sight, unsigned place,
                                const packet *parcel);
static plot_flight *begin_flight(plot *self, int64_t at_us, unsigned lane, const packet *parcel);
static unsigned lane_at(const plot *self, network_sight sight, unsigned place,
                        const packet *parcel);
static unsigned lane_beyond(const plot *self, unsigned lane, int host);
static unsigned lane_of_host(const plot *self, unsigned place, const hop_address *address);
static void step(plot *self, plot_flight *flight, int64_t at_us, unsigned lane, picture_fate fate,
                 const char *reason);
static void remember(plot_flight *flight, const packet *parcel);
static void take_dial(plot *self, plot_flight *flight, const packet *parcel, int64_t at_us);
static unsigned episode_answered(const plot *self, const packet *parcel);

static const char *const whys[] = {"",
                                   "nobody here has called there",
                                   "no port is left",
                                   "it lets no SYNs cross",
                                   "fits no connection",
                                   "the port is burnt"};

/* --- what a packet is --- */

static bool is_from_server(const hop_address *address) {
    hop_address server = places_server(0, address->family == HOP_FAMILY_IPV6);
    return hop_address_same_ip(address, &server);
}

/* Several messages may travel in one segment; of a kind that comes again only how many. */
static void name_messages(const packet *parcel, char *text, size_t size) {
    const char *last = "";
    unsigned again = 0;
    text[0] = 0;
    for (size_t at = 0; at < parcel->size; at += hop_stun_frame_size(parcel->bytes + at)) {
        const char *name = replay_message_name(parcel->bytes + at, parcel->size - at);
        size_t end = strlen(text);
        if (name == NULL) break;
        again += strcmp(name, last) == 0;
        if (strcmp(name, last) != 0)
            snprintf(text + end, size - end, "%s%s", end > 0 ? " + " : "", name);
        last = name;
    }
    size_t end = strlen(text);
    if (again > 0) snprintf(text + end, size - end, " x %u", again + 1);
    if (text[0] == 0) snprintf(text, size, "data");
}

static picture_kind name_packet(const packet *parcel, char *text, size_t size) {
    snprintf(text, size, "%s", packet_name(parcel));
    if (parcel->kind != PACKET_TCP || (parcel->flags & PACKET_RST) != 0) return PICTURE_REFUSAL;
    if ((parcel->flags & PACKET_SYN) != 0)
        return (parcel->flags & PACKET_ACK) != 0 ? PICTURE_ANSWER : PICTURE_SYN;
    if (parcel->size == 0) return PICTURE_OTHER;
    bool of_server = is_from_server(&parcel->source) || is_from_server(&parcel->target);
    if (of_server) name_messages(parcel, text, size);
    if (of_server && strcmp(text, "data") != 0) return PICTURE_SERVER;
    /* Between the peers, directly or through the server. */
    snprintf(text, size, "%s", replay_hello_name(parcel->bytes, parcel->size));
    return strcmp(text, "data") == 0 ? PICTURE_OTHER : PICTURE_PROOF;
}

static bool is_worth_drawing(const packet *parcel) {
    return parcel->kind != PACKET_TCP || parcel->size > 0 ||
           (parcel->flags & (PACKET_SYN | PACKET_RST | PACKET_FIN)) != 0;
}

static bool is_syn(const packet *parcel) {
    return parcel->kind == PACKET_TCP &&
           (parcel->flags & (PACKET_SYN | PACKET_ACK | PACKET_RST)) == PACKET_SYN;
}

/* --- the observer --- */

void plot_see(void *context, int64_t at_us, network_sight sight, unsigned place,
              const packet *parcel, nat_why why) {
    plot *self = context;
    char reason[96];
    if (!is_worth_drawing(parcel)) return;
    plot_flight *flight = find_flight(self, sight, place, parcel);
    unsigned lane = lane_at(self, sight, place, parcel);
    if (flight == NULL) {
        flight = begin_flight(self, at_us, lane, parcel);
        if (sight == NETWORK_SENT) take_dial(self, flight, parcel, at_us);
    }
    switch (sight) {
    case NETWORK_SENT: break;
    case NETWORK_OUTSIDE: {
        step(self, flight, at_us, lane, PICTURE_GOES_ON, NULL);
        if (places_route(self->plan, &parcel->target) >= 0) break;
        snprintf(reason, sizeof reason, "no such place");
        step(self, flight, at_us, lane_beyond(self, lane, flight->host), PICTURE_LOST, reason);
        break;
    }
    case NETWORK_ARRIVED:
        flight->at_router = place != SPEC_SERVER && self->routers[place] > 0;
        flight->router_us = at_us;
        break;
    case NETWORK_RECEIVED:
        if (flight->at_router)
            step(self, flight, flight->router_us, self->routers[place] - 1, PICTURE_GOES_ON, NULL);
        step(self, flight, at_us, lane, PICTURE_ARRIVES, NULL);
        for (unsigned i = 0; is_syn(parcel) && i < self->plan->host_count; i++)
            if (self->hosts[i].lane == lane) plot_crossed(self, i, &parcel->source, at_us);
        break;
    case NETWORK_LOST: step(self, flight, at_us, UINT32_MAX, PICTURE_LOST, "lost"); break;
    case NETWORK_EXPIRED:
        step(self, flight, at_us, UINT32_MAX, PICTURE_LOST, "the TTL runs out");
        break;
    case NETWORK_DROPPED:
    case NETWORK_REFUSED:
        snprintf(reason, sizeof reason, "%s: %s", sight == NETWORK_DROPPED ? "dropped" : "refused",
                 whys[why]);
        step(self, flight, at_us, lane, PICTURE_STOPPED, reason);
        break;
    }
    flight->stage = sight;
    flight->place = place;
    remember(flight, parcel);
    if (sight >= NETWORK_RECEIVED || sight == NETWORK_LOST) flight->used = false;
}

void plot_finish(plot *self) {
    for (unsigned i = 0; i < self->dial_count; i++) {
        plot_dial *dial = &self->dials[i];
        if (dial->over || dial->connected) continue;
        unsigned point = picture_point(self->picture, self->over_us);
        picture_episode_end(self->picture, dial->episode, point, true, "silent");
    }
}

/* --- places --- */

static unsigned lane_of_host(const plot *self, unsigned place, const hop_address *address) {
    hop_address stranger = places_stranger();
    if (hop_address_same_ip(address, &stranger)) return self->stranger;
    if (place == SPEC_SERVER) return self->server;
    for (unsigned i = 0; i < self->plan->host_count; i++) {
        hop_address own = places_guest(self->plan, i, place, address->family == HOP_FAMILY_IPV6);
        bool stays = self->plan->hosts[i].site == place || plot_moves_to(self->plan, i, place);
        if (stays && hop_address_same_ip(&own, address)) return self->hosts[i].lane;
    }
    return UINT32_MAX;
}

/* Out into the Internet, to nobody: the lane on the other side of the sender's router. */
static unsigned lane_beyond(const plot *self, unsigned lane, int host) {
    unsigned home = host < 0 ? lane : self->hosts[host].lane;
    return home <= lane ? lane + 1 : lane - 1;
}

static unsigned lane_at(const plot *self, network_sight sight, unsigned place,
                        const packet *parcel) {
    const hop_address *address = &parcel->target;
    if (sight == NETWORK_SENT || sight == NETWORK_OUTSIDE) address = &parcel->source;
    if (sight != NETWORK_SENT && sight != NETWORK_RECEIVED && place != SPEC_SERVER &&
        self->routers[place] > 0)
        return self->routers[place] - 1;
    return lane_of_host(self, place, address);
}

/* --- flights --- */

static void remember(plot_flight *flight, const packet *parcel) {
    flight->source = parcel->source;
    flight->target = parcel->target;
    flight->packet_kind = parcel->kind;
    flight->flags = parcel->flags;
    flight->size = parcel->size;
    flight->seq = parcel->seq;
    flight->ack = parcel->ack;
    flight->quoted_seq = parcel->quoted_seq;
}

static bool is_same(const plot_flight *one, const packet *other) {
    return one->packet_kind == other->kind && one->flags == other->flags &&
           one->seq == other->seq && one->ack == other->ack && one->size == other->size &&
           one->quoted_seq == other->quoted_seq;
}

static bool may_follow(const plot_flight *flight, network_sight sight, unsigned place) {
    bool home = flight->stage == NETWORK_SENT, far = flight->stage == NETWORK_ARRIVED;
    bool here = flight->place == place;
    switch (sight) {
    case NETWORK_SENT: return false;
    case NETWORK_OUTSIDE: return home;
    case NETWORK_LOST:
    case NETWORK_EXPIRED: return flight->stage == NETWORK_OUTSIDE && here;
    case NETWORK_ARRIVED: return flight->stage == NETWORK_OUTSIDE && !here;
    case NETWORK_RECEIVED: return (home || far) && here;
    case NETWORK_DROPPED:
    case NETWORK_REFUSED: return home || far;
    }
    return false;
}

static plot_flight *find_flight(plot *self, network_sight sight, unsigned place,
                                const packet *parcel) {
    for (unsigned i = 0; i < self->flight_count; i++) {
        plot_flight *flight = &self->flying[i];
        if (flight->used && may_follow(flight, sight, place) && is_same(flight, parcel))
            return flight;
    }
    return NULL;
}

static plot_flight *begin_flight(plot *self, int64_t at_us, unsigned lane, const packet *parcel) {
    unsigned at = 0;
    while (at < self->flight_count && self->flying[at].used)
        at++;
    if (at == self->flight_room) {
        self->flight_room = self->flight_room * 2 + 64;
        self->flying = realloc(self->flying, self->flight_room * sizeof *self->flying);
        if (self->flying == NULL) abort();
    }
    if (at == self->flight_count) self->flight_count++;
    plot_flight *flight = &self->flying[at];
    *flight = (plot_flight){.used = true, .lane = lane, .at_us = at_us, .host = -1};
    remember(flight, parcel);
    flight->point = picture_point(self->picture, at_us);
    flight->kind = name_packet(parcel, flight->label, sizeof flight->label);
    flight->episode = episode_answered(self, parcel);
    for (unsigned i = 0; i < self->plan->host_count; i++)
        if (self->hosts[i].lane == lane) flight->host = (int)i;
    return flight;
}

/* A mapping is said where it is new: behind the NAT that its packet has just passed. */
static void label_mapping(plot *self, const plot_flight *flight, picture_leg *leg,
                          char text[static 64]) {
    char address[HOP_ADDRESS_TEXT_SIZE];
    if (flight->host < 0 || flight->kind != PICTURE_SYN) return;
    if (self->routers[self->plan->hosts[flight->host].site] != leg->from + 1) return;
    plot_host *host = &self->hosts[flight->host];
    if (flight->source.family != HOP_FAMILY_IPV4 ||
        hop_address_equal(&host->mapped, &flight->source))
        return;
    host->mapped = flight->source;
    hop_address_print(&flight->source, address);
    snprintf(text, 64, "from %s", strchr(address, ':'));
    leg->label = text;
    leg->passing = true;
}

/* lane UINT32_MAX: towards where its target is. */
static void step(plot *self, plot_flight *flight, int64_t at_us, unsigned lane, picture_fate fate,
                 const char *reason) {
    picture_leg leg = {.kind = flight->kind,
                       .fate = fate,
                       .from = flight->lane,
                       .start = flight->point,
                       .episode = flight->episode,
                       .reason = reason};
    char mapping[64];
    if (lane == UINT32_MAX) {
        int to = places_route(self->plan, &flight->target);
        if (to < 0)
            lane = lane_beyond(self, flight->lane, flight->host);
        else if (to != SPEC_SERVER && self->routers[to] > 0)
            lane = self->routers[to] - 1;
        else
            lane = lane_of_host(self, (unsigned)to, &flight->target);
        if (lane == UINT32_MAX) lane = lane_beyond(self, flight->lane, flight->host);
    }
    if (lane == flight->lane || flight->lane == UINT32_MAX || lane >= self->lane_count) {
        flight->lane = lane;
        return;
    }
    leg.to = lane;
    leg.end = at_us == flight->at_us ? flight->point : picture_point(self->picture, at_us);
    if (!flight->begun)
        leg.label = flight->label;
    else
        label_mapping(self, flight, &leg, mapping);
    flight->begun = true;
    picture_go(self->picture, &leg);
    flight->lane = lane;
    flight->point = leg.end;
    flight->at_us = at_us;
}

/* --- dials --- */

static unsigned thread_of(plot *self, unsigned host, const hop_address *remote) {
    plot_host *at = &self->hosts[host];
    for (unsigned i = 0; i < at->remote_count; i++)
        if (hop_address_equal(&at->remotes[i], remote)) return i;
    if (at->remote_count == PLOT_REMOTES_MAX) return PLOT_REMOTES_MAX - 1;
    at->remotes[at->remote_count] = *remote;
    return at->remote_count++;
}

unsigned plot_slot(plot *self, unsigned host, const hop_address *remote) {
    unsigned thread = thread_of(self, host, remote);
    unsigned peers = 0;
    for (unsigned i = 0; i < thread; i++)
        peers += !is_from_server(&self->hosts[host].remotes[i]);
    return peers < 2 ? peers : 2;
}

static plot_dial *last_dial(const plot *self, unsigned host, const hop_address *remote) {
    for (unsigned i = self->dial_count; i-- > 0;)
        if (self->dials[i].host == host && hop_address_equal(&self->dials[i].target, remote))
            return &self->dials[i];
    return NULL;
}

unsigned plot_episode(const plot *self, unsigned host, const hop_address *remote) {
    const plot_dial *dial = last_dial(self, host, remote);
    return dial == NULL ? 0 : dial->episode;
}

void plot_connected(plot *self, unsigned host, const hop_address *remote) {
    plot_dial *dial = last_dial(self, host, remote);
    if (dial != NULL) dial->connected = true;
}

/* Told after the step in which the next dial may have begun already. */
void plot_outcome(plot *self, unsigned host, const hop_address *remote, int64_t at_us,
                  const char *outcome) {
    for (unsigned i = self->dial_count; i-- > 0;) {
        plot_dial *dial = &self->dials[i];
        if (dial->host != host || dial->over || !hop_address_equal(&dial->target, remote)) continue;
        if (dial->at_us == at_us) continue;
        dial->over = true;
        picture_episode_end(self->picture, dial->episode, picture_point(self->picture, at_us), true,
                            outcome);
        return;
    }
}

/* What a host sends belongs to its dial of that address. */
static void take_dial(plot *self, plot_flight *flight, const packet *parcel, int64_t at_us) {
    if (flight->host < 0) return;
    unsigned host = (unsigned)flight->host;
    const plot_dial *before = last_dial(self, host, &parcel->target);
    if (is_syn(parcel) && (before == NULL || before->seq != parcel->seq)) {
        if (self->dial_count == self->dial_room) {
            self->dial_room = self->dial_room * 2 + 64;
            self->dials = realloc(self->dials, self->dial_room * sizeof *self->dials);
            if (self->dials == NULL) abort();
        }
        unsigned thread = thread_of(self, host, &parcel->target);
        plot_dial *dial = &self->dials[self->dial_count++];
        *dial = (plot_dial){.host = host,
                            .thread = thread,
                            .target = parcel->target,
                            .seq = parcel->seq,
                            .at_us = at_us};
        dial->episode =
            picture_episode(self->picture, self->hosts[host].lane, thread, flight->point);
        before = dial;
    }
    if (before != NULL) flight->episode = before->episode;
}

/* An answer to a dial's SYN goes with it. */
static unsigned episode_answered(const plot *self, const packet *parcel) {
    bool error = parcel->kind != PACKET_TCP;
    uint32_t seq = error ? parcel->quoted_seq : parcel->ack - 1;
    if (!error && (parcel->flags & PACKET_ACK) == 0) return 0;
    for (unsigned i = self->dial_count; i-- > 0;)
        if (self->dials[i].seq == seq) return self->dials[i].episode;
    return 0;
}
