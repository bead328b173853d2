/* SPDX-License-Identifier: MIT */
/* Runs as pictures; see plot.h. Lanes, words and endings; what travels is in plot_packets.c. */
#include "plot.h"

#include "lib/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/words.h"

#include "places.h"
#include "plot_inside.h"

static void draw_lanes(plot *self);
static void draw_site(plot *self, unsigned site, picture_side side);
static void tell(void *context, int64_t at_us, const char *who, const char *line);
static void watch(void *context, int64_t at_us, unsigned host, const hop_input *input,
                  const hop_output *outputs, unsigned output_count);
static void draw_endings(plot *self, char *ret_ending, size_t size);

char *plot_draw(const spec *plan, const char *name, char *ret_ending, size_t ending_size) {
    plot *self = calloc(1, sizeof *self);
    if (self == NULL) abort();
    self->plan = plan;
    self->picture =
        picture_new(plan->title[0] != 0 ? plan->title : name,
                    "From a run of the simulated world, in its own time. ACKs are not drawn.");
    if (self->picture == NULL) abort();
    draw_lanes(self);
    world_options options = {
        .crypto = WORLD_REAL, .context = self, .tell = tell, .see = plot_see, .watch = watch};
    world_run(plan, &options, &self->result);
    plot_finish(self);
    draw_endings(self, ret_ending, ending_size);
    size_t size;
    char *svg = picture_svg(self->picture, &size);
    if (svg == NULL) abort();
    picture_free(self->picture);
    free(self->flying);
    free(self->dials);
    free(self);
    return svg;
}

/* --- lanes: who listens first on the left, the server, the others --- */

static unsigned add_lane(plot *self, const picture_lane_text *text) {
    self->lane_count++;
    return picture_lane(self->picture, text);
}

bool plot_moves_to(const spec *plan, unsigned host, unsigned site) {
    for (unsigned i = 0; i < plan->change_count; i++) {
        const spec_change *change = &plan->changes[i];
        if (change->kind == SPEC_MOVES && change->host == host && change->place == site)
            return true;
    }
    return false;
}

/* Nobody's home, and one of this site moves there: it stands beside it. */
static bool is_next_to(const spec *plan, unsigned site, unsigned from) {
    bool next = false;
    for (unsigned i = 0; i < plan->host_count; i++) {
        if (plan->hosts[i].site == site) return false;
        next |= plan->hosts[i].site == from && plot_moves_to(plan, i, site);
    }
    return next;
}

static void draw_lanes(plot *self) {
    const spec *plan = self->plan;
    unsigned left = 0;
    char address[HOP_ADDRESS_TEXT_SIZE];
    for (unsigned i = plan->host_count; i-- > 0;)
        if (plan->hosts[i].role == SPEC_LISTENS) left = plan->hosts[i].site;
    draw_site(self, left, PICTURE_LEFT);
    for (unsigned i = 0; i < plan->site_count; i++)
        if (is_next_to(plan, i, left)) draw_site(self, i, PICTURE_LEFT);
    if (plan->server) {
        hop_address server = places_server(0, false);
        server.port = PLACES_SERVER_PORT;
        hop_address_print(&server, address);
        self->server =
            add_lane(self, &(picture_lane_text){.box = true, .name = "server", .below = address});
    }
    for (unsigned i = 0; i < plan->change_count; i++) {
        spec_change_kind kind = plan->changes[i].kind;
        if ((kind != SPEC_STRAY_SYN && kind != SPEC_STRANGER) || self->stranger > 0) continue;
        self->stranger = add_lane(self, &(picture_lane_text){.name = "a stranger"});
    }
    for (unsigned i = 0; i < plan->site_count; i++)
        if (i != left && !is_next_to(plan, i, left)) draw_site(self, i, PICTURE_RIGHT);
}

static void draw_host(plot *self, unsigned host, picture_side side) {
    char below[4 * HOP_ADDRESS_TEXT_SIZE] = "";
    bool has_words = self->plan->hosts[host].role != SPEC_IMPOSTOR;
    for (unsigned six = 0; six < 2; six++) {
        hop_address address = places_host(self->plan, host, six == 1);
        size_t size = strlen(below);
        if (address.family == HOP_FAMILY_NONE) continue;
        if (size > 0) below[size++] = '\n';
        hop_address_print(&address, below + size);
        below[strlen(below) - 2] = 0; /* ":0" */
    }
    self->hosts[host].lane =
        add_lane(self, &(picture_lane_text){.notes = has_words ? side : PICTURE_NO_NOTES,
                                            .name = self->plan->hosts[host].name,
                                            .below = below});
}

static void draw_router(plot *self, unsigned site) {
    const spec_site *at = &self->plan->sites[site];
    bool filter = at->v6 == SPEC_V6_FIREWALL || at->v6 == SPEC_V6_REFUSE;
    char name[SPEC_NAME_SIZE + 16], below[2 * SPEC_NAME_SIZE + HOP_ADDRESS_TEXT_SIZE] = "";
    bool translates = at->nat_count > 0 && !at->nats[0].none;
    if (at->nat_count == 0 && !filter) return;
    snprintf(name, sizeof name, "%s's %s", at->name, translates ? "NAT" : "firewall");
    if (at->nat_count > 0)
        snprintf(below, sizeof below, "%s%s%s\n", at->nats[0].name,
                 at->nat_count > 1 ? " behind " : "", at->nat_count > 1 ? at->nats[1].name : "");
    if (translates) {
        hop_address public = places_public(self->plan, site);
        hop_address_print(&public, below + strlen(below));
        below[strlen(below) - 2] = 0; /* ":0" */
    }
    self->routers[site] =
        1 + add_lane(self, &(picture_lane_text){.box = true, .name = name, .below = below});
}

static void draw_site(plot *self, unsigned site, picture_side side) {
    if (side == PICTURE_RIGHT) draw_router(self, site);
    for (unsigned i = 0; i < self->plan->host_count; i++)
        if (self->plan->hosts[i].site == site) draw_host(self, i, side);
    if (side == PICTURE_LEFT) draw_router(self, site);
}

/* --- words --- */

/* Words about one dial are folded with it. */
static unsigned episode_of_words(const plot *self, unsigned host, const char *line) {
    char address[HOP_ADDRESS_TEXT_SIZE];
    bool about = strncmp(line, "dials ", 6) == 0 || strncmp(line, "connected to ", 13) == 0 ||
                 strstr(line, "does not let us in") != NULL || strstr(line, "is silent") != NULL ||
                 strstr(line, "is a stranger") != NULL;
    for (unsigned i = self->dial_count; about && i-- > 0;) {
        const plot_dial *dial = &self->dials[i];
        if (dial->host != host) continue;
        hop_address_print(&dial->target, address);
        if (strstr(line, address) != NULL) return dial->episode;
    }
    return 0;
}

static bool is_advice(const char *line) {
    return strstr(line, " in docs/troubleshooting.md.") != NULL;
}

static bool is_wanted(const char *line) {
    bool again = strncmp(line, "connected to ", 13) == 0 && strstr(line, ", in ") != NULL;
    return !again && strcmp(line, "not encrypted") != 0 &&
           strncmp(line, "registered with the server at", 29) != 0;
}

/* What the story does to its world, beside what it concerns. */
static void tell_change(plot *self, int64_t at_us, const char *line) {
    const spec *plan = self->plan;
    for (unsigned i = 0; i < plan->change_count; i++) {
        const spec_change *change = &plan->changes[i];
        unsigned lane = self->server;
        if (change->at_us != at_us || change->kind == SPEC_LOSE) continue;
        if (change->kind == SPEC_NAT_REBOOTS && self->routers[change->place] > 0)
            lane = self->routers[change->place] - 1;
        if (change->kind == SPEC_STRAY_SYN || change->kind == SPEC_STRANGER) return;
        picture_note_strong(self->picture, lane, at_us, 0, line);
        return;
    }
}

static void tell(void *context, int64_t at_us, const char *who, const char *line) {
    plot *self = context;
    for (unsigned i = 0; i < self->plan->host_count; i++) {
        if (strcmp(who, self->plan->hosts[i].name) != 0) continue;
        if (!is_wanted(line)) return;
        unsigned lane = self->hosts[i].lane, episode = episode_of_words(self, i, line);
        bool strong = strncmp(line, "connected from", 14) == 0 ||
                      strncmp(line, "the peer's description", 22) == 0;
        bool error = self->hosts[i].failing && line[0] != ' ';
        if (line[0] == ' ') self->hosts[i].failing = true; /* the report is above the picture */
        if (line[0] == ' ' || is_advice(line)) return;
        if (error) self->hosts[i].failing = false;
        if (strong || error)
            picture_note_strong(self->picture, lane, at_us, episode, line);
        else
            picture_note(self->picture, lane, at_us, episode, line);
        return;
    }
    tell_change(self, at_us, line);
}

/* --- links: states and timers --- */

static void change_state(plot *self, plot_link *link, int64_t at_us, picture_state state) {
    unsigned point = picture_point(self->picture, at_us);
    picture_bar(self->picture, self->hosts[link->host].lane, link->slot, link->from, point,
                link->episode, link->state);
    link->state = state;
    link->from = point;
}

static void close_link(plot *self, plot_link *link, int64_t at_us) {
    if (link->used) change_state(self, link, at_us, link->state);
    link->used = false;
}

static void open_link(plot *self, unsigned host, int number, int64_t at_us,
                      const hop_address *remote, picture_state state) {
    plot_link *link = &self->hosts[host].links[number];
    hop_address server = places_server(0, remote->family == HOP_FAMILY_IPV6);
    if (hop_address_same_ip(remote, &server)) return;
    close_link(self, link, at_us);
    *link = (plot_link){.used = true, .host = host, .remote = *remote, .state = state};
    link->slot = plot_slot(self, host, remote);
    if (state == PICTURE_DIALLING) link->episode = plot_episode(self, host, remote);
    link->from = picture_point(self->picture, at_us);
}

/* The SYNs have crossed: it is so as soon as the peer's is here. */
void plot_crossed(plot *self, unsigned host, const hop_address *remote, int64_t at_us) {
    for (int i = 0; i < HOP_LINKS_MAX; i++) {
        plot_link *link = &self->hosts[host].links[i];
        if (link->used && link->state == PICTURE_DIALLING &&
            hop_address_equal(&link->remote, remote))
            change_state(self, link, at_us, PICTURE_HALF_OPEN);
    }
}

static void watch_output(plot *self, int64_t at_us, unsigned host, const hop_input *input,
                         const hop_output *output) {
    plot_link *links = self->hosts[host].links;
    int number = output->kind == HOP_OUT_NOTE ? output->note.link : output->link;
    plot_link *link = number >= 0 ? &links[number] : NULL;
    switch (output->kind) {
    case HOP_OUT_CONNECT:
        open_link(self, host, number, at_us, &output->address, PICTURE_DIALLING);
        break;
    case HOP_OUT_ADOPT:
        open_link(self, host, number, at_us, &input->remote, PICTURE_CONNECTED);
        break;
    case HOP_OUT_CLOSE:
    case HOP_OUT_ESTABLISHED: close_link(self, link, at_us); break;
    case HOP_OUT_NOTE:
        if (link == NULL || !link->used) break;
        if (output->note.kind == HOP_NOTE_STRANGER)
            plot_outcome(self, host, &link->remote, at_us, "answered by a stranger");
        if (output->note.kind == HOP_NOTE_NOMINATE || output->note.kind == HOP_NOTE_NOMINATED)
            change_state(self, link, at_us, PICTURE_NOMINATED);
        break;
    default: break;
    }
}

static void watch(void *context, int64_t at_us, unsigned host, const hop_input *input,
                  const hop_output *outputs, unsigned output_count) {
    plot *self = context;
    plot_link *link = &self->hosts[host].links[input->link < 0 ? 0 : input->link];
    unsigned episode = 0;
    if (input->kind == HOP_IN_ENDED && link->used) {
        plot_outcome(self, host, &link->remote, at_us,
                     input->reason == HOP_REASON_ABANDONED ? "silent"
                                                           : hop_words_reason(input->reason));
        close_link(self, link, at_us);
    }
    if (input->kind == HOP_IN_CONNECTED && link->used) {
        plot_connected(self, host, &link->remote);
        change_state(self, link, at_us, PICTURE_CONNECTED);
    }
    for (unsigned i = 0; i < output_count; i++) {
        watch_output(self, at_us, host, input, &outputs[i]);
        const plot_link *touched =
            &self->hosts[host].links[outputs[i].link < 0 ? 0 : outputs[i].link];
        if ((outputs[i].kind == HOP_OUT_CONNECT || outputs[i].kind == HOP_OUT_ABANDON) &&
            touched->used)
            episode = plot_episode(self, host, &touched->remote);
    }
    if (input->kind == HOP_IN_TIMER && output_count > 0)
        picture_tick(self->picture, self->hosts[host].lane, picture_point(self->picture, at_us),
                     episode);
    self->over_us = at_us;
}

/* --- how it ended --- */

static void draw_ending(plot *self, const world_end *end, char *ret_ending, size_t size) {
    char line[512], report[HOP_WORDS_REPORT_SIZE];
    char name[SPEC_NAME_SIZE + 32];
    size_t at = strlen(ret_ending);
    if (end->attempt > 1)
        snprintf(name, sizeof name, "%s, attempt %d", self->plan->hosts[end->host].name,
                 end->attempt);
    else
        snprintf(name, sizeof name, "%s", self->plan->hosts[end->host].name);
    if (end->established)
        snprintf(line, sizeof line,
                 "%s: connected, %s; TCP after %lld ms, proved and chosen after %lld ms", name,
                 hop_route_name((hop_route)end->route), (long long)(end->tcp_us + 500) / 1000,
                 (long long)(end->attempt_us + 500) / 1000);
    else
        snprintf(line, sizeof line, "%s: %s. %s", name, hop_error_text(end->error), end->advice);
    picture_verdict(self->picture, end->established, line);
    snprintf(ret_ending + at, size - at, "%s%s: %s", at > 0 ? "; " : "", name,
             end->established ? hop_route_name((hop_route)end->route) : hop_error_name(end->error));
    if (end->established || end->attempt == 0) return;
    hop_words_report(end->error, &end->report, report, sizeof report);
    picture_remark(self->picture, report);
}

static void draw_endings(plot *self, char *ret_ending, size_t size) {
    ret_ending[0] = 0;
    for (unsigned i = 0; i < self->result.end_count; i++)
        draw_ending(self, &self->result.ends[i], ret_ending, size);
    if (self->result.end_count == 0) {
        picture_verdict(self->picture, true, "Nothing ends within this story.");
        snprintf(ret_ending, size, "goes on");
    }
    for (unsigned host = 0; host < self->plan->host_count; host++)
        for (int i = 0; i < HOP_LINKS_MAX; i++)
            close_link(self, &self->hosts[host].links[i], self->over_us);
}
