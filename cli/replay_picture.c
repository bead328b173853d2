/* SPDX-License-Identifier: MIT */
/* Recordings as pictures; see replay_picture.h. */
#include "cli/replay_picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define hop_description hop_wire_description
#include "core/player.h"
#undef hop_description

#include "cli/out.h"
#include "cli/picture.h"
#include "cli/replay_lanes.h"
#include "cli/replay_names.h"
#include "cli/tell.h"
#include "lib/story.h"
#include "lib/words.h"

#define VERDICTS_MAX 8

typedef struct drawn_link {
    bool used;
    bool open;
    bool ours; /* dialled by us */
    replay_other *other;
    unsigned episode;
    unsigned begun; /* point */
    int64_t begun_us;
    bool answered; /* its SYN is drawn */
    picture_state state;
    unsigned state_from; /* point */
    const char *outcome; /* known before its end; NULL: not */
    bool proved;
} drawn_link;

typedef struct drawing {
    picture *picture;
    replay_lanes lanes;
    hop_player *player;
    hop_events events;
    drawn_link links[HOP_LINKS_MAX];
    unsigned now; /* point of this step */
    int64_t now_us;
    unsigned episode; /* of the words that are being told */
    bool strong;
    bool failure; /* the words are of a failure */
    unsigned verdicts;
    char failed[1024];   /* an error and its advice ... */
    size_t failed_short; /* ... the length of the error alone */
    char report[HOP_WORDS_REPORT_SIZE];
    unsigned touched; /* the episode that this step was about */
} drawing;

typedef struct flight {
    picture_kind kind;
    picture_fate fate;
    const char *label, *reason;
    unsigned near, far; /* points: at our side, at the other's */
} flight;

static void survey(drawing *all, const void *bytes, size_t size, void *memory);
static void draw(drawing *all, const void *bytes, size_t size, void *memory);
static void take_input(drawing *all, const hop_input *input);
static void take_output(drawing *all, const hop_player_output *place);
static void begin_link(drawing *all, int number, const hop_address *address, bool ours);
static void end_link(drawing *all, int number, hop_reason reason);
static void tell_output(drawing *all, const hop_player_output *place);
static void on_line(void *context, bool story, const char *text);
static void flush_failure(drawing *all);
static void finish(drawing *all);

char *replay_picture(const char *name, const void *bytes, size_t size, size_t *ret_size) {
    drawing *all = calloc(1, sizeof *all);
    hop_player *player = calloc(1, sizeof *player);
    void *memory = calloc(1, hop_core_size());
    char *svg = NULL;
    if (all != NULL)
        all->picture = picture_new(
            name, "Recorded on our side only: when a packet was at the other side is drawn half "
                  "way between our two moments. ACKs are not drawn.");
    if (all != NULL && player != NULL && memory != NULL && all->picture != NULL) {
        all->player = player;
        survey(all, bytes, size, memory);
        replay_lanes_draw(&all->lanes, all->picture);
        out_choose(false, true);
        out_divert(on_line, all);
        draw(all, bytes, size, memory);
        out_divert(NULL, NULL);
        svg = picture_svg(all->picture, ret_size);
    }
    if (all != NULL) {
        hop_events_clear(&all->events);
        picture_free(all->picture);
    }
    free(all);
    free(player);
    free(memory);
    return svg;
}

static void survey(drawing *all, const void *bytes, size_t size, void *memory) {
    hop_player_init(all->player, bytes, size, memory);
    while (hop_player_step(all->player) == HOP_PLAYER_STEP)
        replay_lanes_survey(&all->lanes, all->player);
}

static void draw(drawing *all, const void *bytes, size_t size, void *memory) {
    hop_player *player = all->player;
    memset(memory, 0, hop_core_size());
    hop_player_init(player, bytes, size, memory);
    while (hop_player_step(player) == HOP_PLAYER_STEP) {
        all->now_us = player->now_us - player->config.zero_us;
        all->now = picture_point(all->picture, all->now_us);
        all->touched = 0;
        take_input(all, player->input);
        for (unsigned i = 0; i < player->output_count; i++)
            take_output(all, &player->outputs[i]);
        if (player->input->kind == HOP_IN_TIMER && player->output_count > 0)
            picture_tick(all->picture, all->lanes.us, all->now, all->touched);
    }
    if (player->state == HOP_PLAYER_BROKEN) {
        all->failure = true;
        hop_story_put_broken(&all->events, player->error, all->now_us);
        for (hop_event event; hop_events_take(&all->events, &event);)
            tell_recorded(&event);
        flush_failure(all);
    }
    finish(all);
}

/* --- what travels --- */

static unsigned point_at(drawing *all, int64_t at_us) {
    return picture_point(all->picture, at_us);
}

/* Ours to theirs if `out`, else theirs to ours; through our NAT where it stands between. */
static void fly(drawing *all, const drawn_link *link, bool out, const flight *trip) {
    const replay_lanes *lanes = &all->lanes;
    picture_leg leg = {.kind = trip->kind, .episode = link->episode};
    unsigned nat = replay_lanes_crosses_nat(lanes, link->other) ? lanes->nat : lanes->us;
    leg.label = trip->label;
    leg.from = out ? lanes->us : link->other->lane;
    leg.start = out ? trip->near : trip->far;
    if (nat != lanes->us) {
        leg.fate = PICTURE_GOES_ON;
        leg.to = nat;
        leg.end = trip->near;
        picture_go(all->picture, &leg);
        leg.label = NULL;
        leg.from = nat;
        leg.start = trip->near;
    }
    leg.fate = trip->fate;
    leg.reason = trip->reason;
    leg.to = out ? link->other->lane : lanes->us;
    leg.end = out ? trip->far : trip->near;
    picture_go(all->picture, &leg);
}

/* A packet that leaves us or arrives now. */
static void fly_now(drawing *all, const drawn_link *link, bool out, picture_kind kind,
                    const char *label) {
    int64_t way_us = link->other->one_way_us;
    /* What leaves stands below what came in at the same time. */
    unsigned near = point_at(all, all->now_us);
    unsigned far = way_us == 0 ? near : point_at(all, all->now_us + (out ? way_us : -way_us));
    fly(all, link, out, &(flight){kind, PICTURE_ARRIVES, label, NULL, near, far});
}

/* Our SYN, now that we know what became of it. answer: NULL, none came. */
static void fly_syn(drawing *all, drawn_link *link, picture_kind kind, const char *answer) {
    int64_t took_us = all->now_us - link->begun_us;
    int64_t way_us = link->other->one_way_us;
    if (link->answered || !link->ours) return;
    link->answered = true;
    if (answer != NULL || way_us == 0 || way_us > took_us) way_us = took_us / 2;
    unsigned far = point_at(all, link->begun_us + way_us);
    fly(all, link, true,
        &(flight){PICTURE_SYN, answer != NULL ? PICTURE_ARRIVES : PICTURE_UNKNOWN, "SYN",
                  answer != NULL ? NULL : "no answer", link->begun, far});
    if (answer != NULL)
        fly(all, link, false, &(flight){kind, PICTURE_ARRIVES, answer, NULL, all->now, far});
}

static void fly_bytes(drawing *all, int number, bool out, const uint8_t *bytes, size_t size) {
    const drawn_link *link = &all->links[number];
    if (!link->used) return;
    bool server = link->other->server;
    const char *name = server ? replay_message_name(bytes, size) : replay_hello_name(bytes, size);
    if (name != NULL) fly_now(all, link, out, server ? PICTURE_SERVER : PICTURE_PROOF, name);
}

/* --- links --- */

static void change_state(drawing *all, drawn_link *link, picture_state state) {
    if (!link->other->server)
        picture_bar(all->picture, all->lanes.us, link->other->slot, link->state_from, all->now,
                    link->episode, link->state);
    link->state = state;
    link->state_from = all->now;
}

static void begin_link(drawing *all, int number, const hop_address *address, bool ours) {
    drawn_link *link = &all->links[number];
    replay_other *other = replay_lanes_find(&all->lanes, address);
    if (other == NULL || link->used) return;
    unsigned thread = (unsigned)(other - all->lanes.others);
    *link = (drawn_link){.used = true, .other = other, .ours = ours};
    link->begun = link->state_from = point_at(all, all->now_us);
    link->begun_us = all->now_us;
    link->state = ours ? PICTURE_DIALLING : PICTURE_CONNECTED;
    link->open = !ours;
    link->episode = picture_episode(all->picture, all->lanes.us, thread, link->begun);
    all->touched = link->episode;
}

static void close_episode(drawing *all, drawn_link *link, const char *outcome) {
    if (link->outcome != NULL) outcome = link->outcome;
    all->touched = link->episode;
    change_state(all, link, link->state);
    picture_episode_end(all->picture, link->episode, all->now,
                        !link->proved && !(link->other->server && link->open), outcome);
    link->used = false;
}

static const char *outcome_of(hop_reason reason) {
    switch (reason) {
    case HOP_REASON_ABANDONED:
    case HOP_REASON_TIMED_OUT: return "silent";
    case HOP_REASON_IN_USE: return "in use";
    default: return hop_words_reason(reason);
    }
}

static void end_link(drawing *all, int number, hop_reason reason) {
    drawn_link *link = &all->links[number];
    if (!link->used) return;
    if (link->open) {
        if (reason == HOP_REASON_CLOSED) fly_now(all, link, false, PICTURE_OTHER, "FIN");
        if (reason == HOP_REASON_RESET) fly_now(all, link, false, PICTURE_REFUSAL, "RST");
    } else if (reason == HOP_REASON_REFUSED || reason == HOP_REASON_RESET) {
        fly_syn(all, link, PICTURE_REFUSAL, "RST");
    } else if (reason == HOP_REASON_UNREACHABLE) {
        fly_syn(all, link, PICTURE_REFUSAL, "ICMP: unreachable");
    } else if (reason == HOP_REASON_ABANDONED || reason == HOP_REASON_TIMED_OUT) {
        fly_syn(all, link, PICTURE_SYN, NULL);
    }
    close_episode(all, link, outcome_of(reason));
}

/* HOP_OUT_CLOSE: we end it, abortively; what is only dialled makes no sound. */
static void close_link(drawing *all, int number) {
    drawn_link *link = &all->links[number];
    if (!link->used) return;
    fly_syn(all, link, PICTURE_SYN, NULL);
    if (link->state != PICTURE_DIALLING && !link->other->server)
        fly_now(all, link, true, PICTURE_REFUSAL, "RST");
    close_episode(all, link, link->open ? "closed" : "silent");
}

/* From here on it is the user's. */
static void hand_over(drawing *all, int number) {
    drawn_link *link = &all->links[number];
    if (!link->used) return;
    link->proved = true;
    close_episode(all, link, "handed over");
}

static void open_link(drawing *all, const hop_input *input) {
    drawn_link *link = &all->links[input->link];
    if (!link->used) return;
    int64_t way_us = (all->now_us - link->begun_us) / 2;
    if (link->state == PICTURE_DIALLING && (link->other->one_way_us == 0 || !link->other->server))
        link->other->one_way_us = way_us;
    fly_syn(all, link, PICTURE_ANSWER, "SYN-ACK");
    change_state(all, link, PICTURE_CONNECTED);
    link->open = true;
}

/* It came in: the last ACK is here now. */
static void adopt_link(drawing *all, int number, const hop_address *remote) {
    begin_link(all, number, remote, false);
    if (all->links[number].used)
        fly_now(all, &all->links[number], false, PICTURE_SYN, "SYN ... ACK");
}

static void take_input(drawing *all, const hop_input *input) {
    switch (input->kind) {
    case HOP_IN_CONNECTED: open_link(all, input); break;
    case HOP_IN_RECEIVED: fly_bytes(all, input->link, false, input->bytes, input->size); break;
    case HOP_IN_ENDED: end_link(all, input->link, input->reason); break;
    case HOP_IN_ANSWERING:
        if (all->links[input->link].used)
            change_state(all, &all->links[input->link], PICTURE_HALF_OPEN);
        break;
    case HOP_IN_TIMER:
    case HOP_IN_ACCEPTED:
    case HOP_IN_GO:
    case HOP_IN_RESOLVED:
    case HOP_IN_MAPPED:
    case HOP_IN_UNMAPPED:
    case HOP_IN_NETWORK:
    case HOP_IN_PEER:
    case HOP_IN_CANCEL: break;
    }
}

/* --- what the core said --- */

static void take_note(drawing *all, const hop_note *note) {
    drawn_link *link = note->link >= 0 ? &all->links[note->link] : NULL;
    if (note->kind == HOP_NOTE_START)
        for (unsigned i = 0; i < all->lanes.count; i++) {
            replay_other *other = &all->lanes.others[i];
            if (!other->server && other->one_way_us == 0) other->one_way_us = note->extra / 2;
        }
    if (link == NULL) return;
    if (note->kind == HOP_NOTE_DIAL) begin_link(all, note->link, &note->address, true);
    if (!link->used) return;
    if (note->kind == HOP_NOTE_STRANGER) link->outcome = "answered by a stranger";
    if (note->kind == HOP_NOTE_HELLO) link->proved = true;
    if (note->kind == HOP_NOTE_NOMINATE || note->kind == HOP_NOTE_NOMINATED)
        change_state(all, link, PICTURE_NOMINATED);
}

static void take_output(drawing *all, const hop_player_output *place) {
    const hop_output *output = &place->output;
    switch (output->kind) {
    case HOP_OUT_CONNECT: begin_link(all, output->link, &output->address, true); break;
    case HOP_OUT_ADOPT: adopt_link(all, output->link, &all->player->input->remote); break;
    case HOP_OUT_SEND: fly_bytes(all, output->link, true, output->bytes, output->size); break;
    case HOP_OUT_ABANDON: all->touched = all->links[output->link].episode; break;
    case HOP_OUT_CLOSE: close_link(all, output->link); break;
    case HOP_OUT_NOTE:
        take_note(all, &output->note);
        tell_output(all, place);
        break;
    case HOP_OUT_ESTABLISHED:
        tell_output(all, place);
        hand_over(all, output->link);
        break;
    case HOP_OUT_FAILED:
    case HOP_OUT_CANDIDATE:
    case HOP_OUT_PEER: tell_output(all, place); break;
    default: break;
    }
}

/* The words are those of -v: they come out of tell.h and end up in on_line(). */
static void tell_output(drawing *all, const hop_player_output *place) {
    const hop_output *output = &place->output;
    int number = output->kind == HOP_OUT_NOTE ? output->note.link : -1;
    all->episode = number >= 0 ? all->links[number].episode : 0;
    all->failure = output->kind == HOP_OUT_FAILED;
    all->strong = output->kind == HOP_OUT_PEER || output->kind == HOP_OUT_ESTABLISHED;
    hop_driver_detail detail = {.local = &place->local};
    hop_story_put(&all->events, all->player->core, output, &detail, all->now_us);
    for (hop_event event; hop_events_take(&all->events, &event);)
        tell_recorded(&event);
    if (all->failure) flush_failure(all);
}

static void on_line(void *context, bool story, const char *text) {
    drawing *all = context;
    if (!story) { /* the error, then its advice */
        size_t size = strlen(all->failed);
        snprintf(all->failed + size, sizeof all->failed - size, "%s%s", size > 0 ? ". " : "", text);
        if (size == 0) all->failed_short = strlen(all->failed);
        return;
    }
    if (all->failure) {
        while (*text == ' ')
            text++;
        size_t size = strlen(all->report);
        snprintf(all->report + size, sizeof all->report - size, "%s\n", text);
        return;
    }
    if (!all->strong) {
        picture_note(all->picture, all->lanes.us, all->now_us, all->episode, text);
        return;
    }
    picture_note_strong(all->picture, all->lanes.us, all->now_us, all->episode, text);
    if (strncmp(text, "connected", 9) == 0 && all->verdicts++ < VERDICTS_MAX)
        picture_verdict(all->picture, true, text);
}

static void flush_failure(drawing *all) {
    if (all->verdicts++ < VERDICTS_MAX) {
        picture_verdict(all->picture, false, all->failed);
        picture_remark(all->picture, all->report);
    }
    all->failed[all->failed_short] = 0;
    picture_note_strong(all->picture, all->lanes.us, all->now_us, 0, all->failed);
    all->failed[0] = all->report[0] = 0;
    all->failure = false;
}

static void finish(drawing *all) {
    if (all->player->state == HOP_PLAYER_END || all->player->state == HOP_PLAYER_BROKEN)
        all->now_us = all->player->now_us - all->player->config.zero_us;
    all->now = point_at(all, all->now_us);
    for (int i = 0; i < HOP_LINKS_MAX; i++) {
        drawn_link *link = &all->links[i];
        if (!link->used) continue;
        fly_syn(all, link, PICTURE_SYN, NULL);
        close_episode(all, link, "silent");
    }
    if (all->verdicts == 0)
        picture_verdict(all->picture, false, "It was not over when the recording ended.");
}
