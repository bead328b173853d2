/* SPDX-License-Identifier: MIT */
/* The lanes of a recording's picture; see replay_lanes.h. */
#include "cli/replay_lanes.h"

#include <stdio.h>
#include <string.h>

#define BELOW_SIZE (8 * HOP_ADDRESS_TEXT_SIZE)

static void survey_note(replay_lanes *lanes, const hop_note *note);
static void add_other(replay_lanes *lanes, const replay_other *other);
static bool is_behind_nat(const replay_lanes *lanes);
static void append(char *text, const hop_address *address);
static void draw_others(replay_lanes *lanes, picture *drawn, bool servers);

void replay_lanes_survey(replay_lanes *lanes, const hop_player *player) {
    const hop_input *input = player->input;
    if (input != NULL && input->kind == HOP_IN_ACCEPTED)
        add_other(lanes, &(replay_other){.address = input->remote, .came_in = true});
    for (unsigned i = 0; i < player->output_count; i++) {
        const hop_output *output = &player->outputs[i].output;
        const hop_candidate *own = &output->candidate;
        if (output->kind == HOP_OUT_NOTE) survey_note(lanes, &output->note);
        if (output->kind != HOP_OUT_CANDIDATE) continue;
        if (own->type == HOP_CANDIDATE_HOST && lanes->host_count < 4)
            lanes->hosts[lanes->host_count++] = own->address;
        if (own->type == HOP_CANDIDATE_SERVER_REFLEXIVE && own->address.family == HOP_FAMILY_IPV4 &&
            lanes->mapped.family == HOP_FAMILY_NONE)
            lanes->mapped = own->address;
    }
}

void replay_lanes_draw(replay_lanes *lanes, picture *drawn) {
    char below[BELOW_SIZE] = "";
    lanes->has_nat = is_behind_nat(lanes);
    for (unsigned i = 0; i < lanes->host_count; i++)
        append(below, &lanes->hosts[i]);
    lanes->us = picture_lane(
        drawn, &(picture_lane_text){.notes = PICTURE_LEFT, .name = "we", .below = below});
    below[0] = 0;
    if (lanes->mapped.family == HOP_FAMILY_NONE)
        snprintf(below, sizeof below, "its address was not learnt");
    else
        append(below, &lanes->mapped);
    if (lanes->has_nat)
        lanes->nat = picture_lane(
            drawn, &(picture_lane_text){.box = true, .name = "our NAT", .below = below});
    draw_others(lanes, drawn, true);
    draw_others(lanes, drawn, false);
    if (lanes->skipped_count == 0) return;
    snprintf(below, sizeof below, "not dialled:");
    for (unsigned i = 0; i < lanes->skipped_count; i++)
        append(below, &lanes->skipped[i]);
    picture_lane(drawn, &(picture_lane_text){.dim = true, .name = "the peer", .below = below});
}

replay_other *replay_lanes_find(replay_lanes *lanes, const hop_address *address) {
    for (unsigned i = 0; i < lanes->count; i++)
        if (hop_address_equal(&lanes->others[i].address, address)) return &lanes->others[i];
    return lanes->count > 0 ? &lanes->others[lanes->count - 1] : NULL;
}

bool replay_lanes_crosses_nat(const replay_lanes *lanes, const replay_other *other) {
    return lanes->has_nat && other->address.family == HOP_FAMILY_IPV4 &&
           hop_address_scope(&other->address) == HOP_SCOPE_PUBLIC;
}

static void survey_note(replay_lanes *lanes, const hop_note *note) {
    replay_other other = {.address = note->address, .type = note->type};
    switch (note->kind) {
    case HOP_NOTE_SERVER_DIAL:
        other.server = true;
        add_other(lanes, &other);
        break;
    case HOP_NOTE_CANDIDATE: add_other(lanes, &other); break;
    case HOP_NOTE_CANDIDATE_SKIPPED:
        for (unsigned i = 0; i < lanes->skipped_count; i++)
            if (hop_address_equal(&lanes->skipped[i], &note->address)) return;
        if (lanes->skipped_count < 4) lanes->skipped[lanes->skipped_count++] = note->address;
        break;
    default: break;
    }
}

static void add_other(replay_lanes *lanes, const replay_other *other) {
    unsigned peers = 0;
    for (unsigned i = 0; i < lanes->count; i++) {
        if (hop_address_equal(&lanes->others[i].address, &other->address)) return;
        peers += !lanes->others[i].server;
    }
    if (lanes->count == REPLAY_OTHERS_MAX) return;
    lanes->others[lanes->count] = *other;
    lanes->others[lanes->count++].slot = peers < 2 ? peers : 2;
}

/* Without a server's word, a private address and a public server tell it as well. */
static bool is_behind_nat(const replay_lanes *lanes) {
    bool public = false, ours = false, outside = false;
    for (unsigned i = 0; i < lanes->host_count; i++) {
        const hop_address *host = &lanes->hosts[i];
        ours = ours || hop_address_same_ip(host, &lanes->mapped);
        public = public ||
                 (host->family == HOP_FAMILY_IPV4 && hop_address_scope(host) == HOP_SCOPE_PUBLIC);
    }
    for (unsigned i = 0; i < lanes->count; i++)
        outside = outside || (lanes->others[i].address.family == HOP_FAMILY_IPV4 &&
                              hop_address_scope(&lanes->others[i].address) == HOP_SCOPE_PUBLIC);
    if (lanes->mapped.family != HOP_FAMILY_NONE) return !ours;
    return outside && !public && lanes->host_count > 0;
}

static void append(char *text, const hop_address *address) {
    size_t size = strlen(text);
    if (size + HOP_ADDRESS_TEXT_SIZE + 2 > BELOW_SIZE) return;
    if (size > 0) text[size++] = '\n';
    hop_address_print(address, text + size);
}

static const char *name_of(const replay_other *other) {
    if (other->server) return "server";
    if (other->came_in) return "who came in";
    switch ((hop_candidate_type)other->type) {
    case HOP_CANDIDATE_SERVER_REFLEXIVE: return "the peer's NAT";
    case HOP_CANDIDATE_MAPPED: return "the peer's router";
    case HOP_CANDIDATE_RELAYED: return "relay";
    case HOP_CANDIDATE_HOST:
    case HOP_CANDIDATE_PEER_REFLEXIVE: break;
    }
    return "the peer";
}

static void draw_others(replay_lanes *lanes, picture *drawn, bool servers) {
    for (unsigned i = 0; i < lanes->count; i++) {
        replay_other *other = &lanes->others[i];
        bool between = other->server || other->type == HOP_CANDIDATE_SERVER_REFLEXIVE ||
                       other->type == HOP_CANDIDATE_MAPPED;
        char below[BELOW_SIZE] = "";
        if (other->server != servers) continue;
        append(below, &other->address);
        if (i == REPLAY_OTHERS_MAX - 1) strcat(below, "\nand others");
        picture_lane_text text = {
            .box = between && !other->came_in, .name = name_of(other), .below = below};
        other->lane = picture_lane(drawn, &text);
    }
}
