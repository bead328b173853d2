/* SPDX-License-Identifier: MIT */
/*
 * Lanes: we, our NAT (or firewall), the server, and the port or address that it dials us from. When
 * a packet was at the NAT nobody knows; it is drawn a quarter of a round trip from us, so a picture
 * shows the order of things, not their exact times.
 */
#include <stdio.h>

#include "cli/check_run.h"
#include "cli/check_tell.h"
#include "cli/check_words.h"
#include "cli/picture.h"

struct canvas {
    picture *drawn;
    const struct check *check;
    unsigned us, nat, server, stranger;
    bool filters; /* there is a NAT or a firewall */
    int64_t quarter_us;
};

static void draw_lanes(struct canvas *canvas);
static void draw_step(struct canvas *canvas, const struct check_step *step);
static void draw_probe(struct canvas *canvas, const struct check_step *step);
static void draw_hairpin(struct canvas *canvas, const struct check_step *step);
static void draw_dial(struct canvas *canvas, const struct check_step *step);
static void draw_stopped(struct canvas *canvas, const struct check_step *step, unsigned sent,
                         int64_t at_us);
static unsigned point(const struct canvas *canvas, int64_t at_us);

char *check_picture(const struct check *check, size_t *ret_size) {
    const struct check_family *family = &check->families[CHECK_IPV4];
    struct check_lines verdict, advice;
    struct canvas canvas = {.check = check};
    if (!family->facts.reached) family = &check->families[CHECK_IPV6];
    canvas.drawn = picture_new("What this NAT does", check->options.server);
    if (canvas.drawn == NULL) return NULL;
    canvas.quarter_us = family->rtt_us / 4;
    canvas.filters = !family->facts.own || family->findings.reachable != HOP_CHECK_YES;
    check_words_verdict(check, &verdict);
    check_words_advice(check, &advice);
    for (unsigned i = 0; i < verdict.count; i++)
        picture_verdict(canvas.drawn, true, verdict.text[i]);
    for (unsigned i = 0; i < advice.count; i++)
        picture_remark(canvas.drawn, advice.text[i]);
    draw_lanes(&canvas);
    for (unsigned i = 0; i < check->step_count; i++)
        if (&check->families[check->steps[i].family] == family)
            draw_step(&canvas, &check->steps[i]);
    char *svg = picture_svg(canvas.drawn, ret_size);
    picture_free(canvas.drawn);
    return svg;
}

static void draw_lanes(struct canvas *canvas) {
    const struct check *check = canvas->check;
    const struct check_family *family = &check->families[CHECK_IPV4];
    char us[HOP_ADDRESS_TEXT_SIZE], server[HOP_ADDRESS_TEXT_SIZE], nat[128];
    if (!family->facts.reached) family = &check->families[CHECK_IPV6];
    hop_address_print(&family->local, us);
    hop_address_print(&family->server, server);
    snprintf(nat, sizeof nat, "mapping: %s\nstrangers: %s", check_words_mapping(family),
             check_words_stray(family->findings.stray));
    canvas->us = picture_lane(
        canvas->drawn, &(picture_lane_text){.notes = PICTURE_LEFT, .name = "we", .below = us});
    canvas->nat =
        picture_lane(canvas->drawn, &(picture_lane_text){.box = true,
                                                         .dim = !canvas->filters,
                                                         .name = !family->facts.own ? "our NAT"
                                                                 : canvas->filters  ? "a firewall"
                                                                                    : "no NAT",
                                                         .below = nat});
    canvas->server = picture_lane(
        canvas->drawn, &(picture_lane_text){.box = true, .name = "the server", .below = server});
    canvas->stranger =
        picture_lane(canvas->drawn, &(picture_lane_text){.notes = PICTURE_RIGHT,
                                                         .box = true,
                                                         .name = "a stranger",
                                                         .below = "its other port\nor address"});
}

static void draw_step(struct canvas *canvas, const struct check_step *step) {
    switch (step->purpose) {
    case CHECK_PROBE: draw_probe(canvas, step); break;
    case CHECK_PORT:
    case CHECK_HOST:
    case CHECK_STRAY:
    case CHECK_CROSS:
    case CHECK_MAPPED: draw_dial(canvas, step); break;
    case CHECK_HAIR_OUT: draw_hairpin(canvas, step); break;
    case CHECK_HELP:
    case CHECK_HAIR:
    case CHECK_HOP:
    case CHECK_CROSS_OUT:
    case CHECK_LIFE: break;
    }
}

static unsigned point(const struct canvas *canvas, int64_t at_us) {
    int64_t since_us = at_us - canvas->check->begun_us;
    return picture_point(canvas->drawn, since_us > 0 ? since_us : 0);
}

static void leg(const struct canvas *canvas, picture_kind kind, picture_fate fate, unsigned from,
                unsigned to, unsigned start, unsigned end, const char *label, const char *reason) {
    picture_go(canvas->drawn, &(picture_leg){.kind = kind,
                                             .fate = fate,
                                             .from = from,
                                             .to = to,
                                             .start = start,
                                             .end = end,
                                             .label = label,
                                             .reason = reason});
}

static void draw_probe(struct canvas *canvas, const struct check_step *step) {
    char seen[HOP_ADDRESS_TEXT_SIZE], text[96];
    int64_t out_us = step->asked_us;
    if (step->mapped.family == HOP_FAMILY_NONE || out_us == 0) return;
    int64_t quarter_us = (step->told_us - out_us) / 4;
    unsigned start = point(canvas, out_us), there = point(canvas, out_us + 2 * quarter_us);
    unsigned nat = point(canvas, out_us + quarter_us);
    leg(canvas, PICTURE_SERVER, PICTURE_GOES_ON, canvas->us, canvas->nat, start, nat, "Binding",
        NULL);
    leg(canvas, PICTURE_SERVER, PICTURE_ARRIVES, canvas->nat, canvas->server, nat, there, NULL,
        NULL);
    hop_address_print(&step->mapped, seen);
    snprintf(text, sizeof text, "you are %s", seen);
    leg(canvas, PICTURE_SERVER, PICTURE_ARRIVES, canvas->server, canvas->us, there,
        point(canvas, step->told_us), text, NULL);
}

static void draw_hairpin(struct canvas *canvas, const struct check_step *step) {
    bool through = canvas->check->families[step->family].facts.hairpin == HOP_CHECK_YES;
    int64_t at_us = step->link->dialled_us;
    unsigned start = point(canvas, at_us), nat = point(canvas, at_us + canvas->quarter_us / 4);
    picture_note(canvas->drawn, canvas->us, at_us - canvas->check->begun_us, 0,
                 "dials its own mapped port");
    leg(canvas, PICTURE_SYN, through ? PICTURE_GOES_ON : PICTURE_STOPPED, canvas->us, canvas->nat,
        start, nat, "SYN", through ? NULL : "no hairpin");
    if (through)
        leg(canvas, PICTURE_SYN, PICTURE_ARRIVES, canvas->nat, canvas->us, nat,
            point(canvas, at_us + canvas->quarter_us / 2), NULL, NULL);
}

/* The wish, then the stranger's SYN, then what became of it. */
static void draw_dial(struct canvas *canvas, const struct check_step *step) {
    int64_t quarter_us = canvas->quarter_us;
    int64_t asked_us = step->asked_us, there_us = asked_us + 2 * quarter_us;
    if (asked_us == 0 || step->refused != 0 || step->dial.outcome == HOP_DIALBACK_UNKNOWN) return;
    if (step->purpose == CHECK_CROSS) there_us += 2 * quarter_us;
    char text[96];
    snprintf(text, sizeof text, "asks: %s", check_tell_question(step));
    picture_note(canvas->drawn, canvas->us, asked_us - canvas->check->begun_us, 0, text);
    leg(canvas, PICTURE_SERVER, PICTURE_ARRIVES, canvas->us, canvas->server,
        point(canvas, asked_us), point(canvas, asked_us + 2 * quarter_us), NULL, NULL);
    unsigned sent = point(canvas, there_us), nat = point(canvas, there_us + quarter_us);
    if (step->purpose == CHECK_CROSS)
        leg(canvas, PICTURE_SYN, PICTURE_ARRIVES, canvas->us, canvas->nat,
            point(canvas, there_us - quarter_us), sent, "our SYN", NULL);
    if (step->dial.outcome != HOP_DIALBACK_CONNECTED) {
        draw_stopped(canvas, step, sent, there_us);
        return;
    }
    leg(canvas, PICTURE_SYN, PICTURE_GOES_ON, canvas->stranger, canvas->nat, sent, nat, "SYN",
        NULL);
    leg(canvas, PICTURE_SYN, PICTURE_ARRIVES, canvas->nat, canvas->us, nat,
        point(canvas, there_us + 2 * quarter_us), NULL, NULL);
}

static void draw_stopped(struct canvas *canvas, const struct check_step *step, unsigned sent,
                         int64_t at_us) {
    bool silent = step->dial.outcome == HOP_DIALBACK_SILENT;
    unsigned at = canvas->filters ? canvas->nat : canvas->us;
    unsigned there = point(canvas, at_us + canvas->quarter_us);
    leg(canvas, PICTURE_SYN, silent ? PICTURE_STOPPED : PICTURE_ARRIVES, canvas->stranger, at, sent,
        there, "SYN", silent ? "dropped" : NULL);
    if (silent) return;
    leg(canvas, PICTURE_REFUSAL, PICTURE_ARRIVES, at, canvas->stranger, there,
        point(canvas, at_us + 2 * canvas->quarter_us),
        step->dial.outcome == HOP_DIALBACK_RESET ? "RST" : "ICMP", NULL);
}
