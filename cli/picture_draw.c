/* SPDX-License-Identifier: MIT */
/* The diagram itself: lanes, bars, arrows, notes, at the places that picture_layout.c found. */
#include "cli/picture_draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TIME_MAX_US INT64_C(9999999000000) /* some hundred days */
#define SECONDS_US  INT64_C(9999999000)    /* beyond it times are told in seconds */

static const char *const kinds[PICTURE_KINDS] = {"syn",   "answer", "refusal",
                                                 "proof", "server", "other"};

static void draw_lanes(picture_out *out, const picture *drawn);
static void draw_axis(picture_out *out, const picture *drawn);
static void draw_bar(picture_out *out, const picture *drawn, const picture_item *item);
static void draw_tick(picture_out *out, const picture *drawn, const picture_item *item);
static void draw_leg(picture_out *out, const picture *drawn, const picture_item *item);
static void draw_leg_texts(picture_out *out, const picture *drawn, const picture_item *item);
static void draw_note(picture_out *out, const picture *drawn, const picture_item *item);
static void draw_bracket(picture_out *out, const picture *drawn, const picture_item *item);

void picture_draw(picture_out *out, const picture *drawn) {
    static void (*const layers[])(picture_out *, const picture *, const picture_item *) = {
        draw_bar, draw_tick, draw_leg, draw_leg_texts, draw_bracket, draw_note};
    static const picture_item_type types[] = {PICTURE_ITEM_BAR,     PICTURE_ITEM_TICK,
                                              PICTURE_ITEM_LEG,     PICTURE_ITEM_LEG,
                                              PICTURE_ITEM_BRACKET, PICTURE_ITEM_NOTE};
    draw_lanes(out, drawn);
    draw_axis(out, drawn);
    for (size_t layer = 0; layer < sizeof layers / sizeof layers[0]; layer++)
        for (unsigned i = 0; i < drawn->item_count; i++)
            if (drawn->items[i].type == types[layer] && !drawn->items[i].hidden)
                layers[layer](out, drawn, &drawn->items[i]);
}

static int y_of(const picture *drawn, unsigned point) {
    return drawn->top + drawn->points[point].y;
}

/* --- what stands still --- */

static void draw_lanes(picture_out *out, const picture *drawn) {
    for (unsigned i = 0; i < drawn->lane_count; i++) {
        int x = drawn->lanes[i].x, y = drawn->top;
        for (unsigned k = 0; k <= drawn->break_count; k++) {
            bool last = k == drawn->break_count;
            int to = drawn->top + (last ? drawn->bottom + 8 : drawn->breaks[k].top);
            picture_put(out, "<path class=\"%s\" d=\"M%d %dV%d\"/>\n",
                        drawn->lanes[i].text.dim ? "lane dim" : "lane", x, y, to);
            if (last) break;
            y = drawn->top + drawn->breaks[k].bottom;
            picture_put(out, "<path class=\"lane-cut\" d=\"M%d %dV%d\"/>\n", x, to, y);
        }
    }
}

/* 12.3 as text, from microseconds; a tenth of a millisecond is what the story tells, too. A time
 * beyond all reason (damaged recordings have some) would need more room than there is. */
static void print_ms(char *text, size_t size, int64_t us) {
    if (us <= -TIME_MAX_US || us >= TIME_MAX_US) {
        snprintf(text, size, "?");
        return;
    }
    if (us <= -SECONDS_US || us >= SECONDS_US) {
        snprintf(text, size, "%" PRId64 " s", us / 1000000);
        return;
    }
    int64_t tenths = ((us < 0 ? -us : us) + 50) / 100;
    snprintf(text, size, "%s%" PRId64 ".%" PRId64, us <= -50 ? "-" : "", tenths / 10, tenths % 10);
}

static void draw_break(picture_out *out, const picture *drawn, const picture_break *at) {
    char text[40];
    int y = drawn->top + (at->top + at->bottom) / 2;
    if (at->us >= INT64_C(1000000000000))
        snprintf(text, sizeof text, "%" PRId64 " days", at->us / INT64_C(86400000000) % 1000000);
    else if (at->us >= 10000000)
        snprintf(text, sizeof text, "%" PRId64 " s", (at->us + 500000) / 1000000);
    else
        snprintf(text, sizeof text, "%" PRId64 " ms", (at->us + 500) / 1000);
    picture_put(out, "<path class=\"cut\" d=\"M%d %dl10 -5l-10 -5m0 15l10 -5l-10 -5\"/>\n",
                PICTURE_AXIS - 13, y + 3);
    picture_put(out, "<text class=\"time fold\" x=\"%d\" y=\"%d\">+%s</text>\n", PICTURE_AXIS - 20,
                y + 4, text);
}

static void draw_axis(picture_out *out, const picture *drawn) {
    int edge = drawn->top - 100, y = drawn->top;
    int64_t told_us = INT64_MIN;
    int x = PICTURE_AXIS - 8;
    for (unsigned k = 0; k <= drawn->break_count; k++) {
        bool last = k == drawn->break_count;
        int to = drawn->top + (last ? drawn->bottom + 8 : drawn->breaks[k].top);
        picture_put(out, "<path class=\"axis\" d=\"M%d %dV%d\"/>\n", x, y, to);
        if (last) break;
        draw_break(out, drawn, &drawn->breaks[k]);
        y = drawn->top + drawn->breaks[k].bottom;
    }
    picture_put(out, "<text class=\"time\" x=\"%d\" y=\"%d\">ms</text>\n", x - 6, drawn->top - 4);
    for (unsigned i = 0; i < drawn->point_count; i++) {
        const picture_point_place *point = &drawn->points[drawn->order[i]];
        char text[40];
        int at = drawn->top + point->y;
        if (!point->used || !point->timed || at < edge + 14 ||
            (told_us != INT64_MIN && point->at_us - told_us < 100))
            continue;
        print_ms(text, sizeof text, point->at_us);
        picture_put(out, "<path class=\"axis\" d=\"M%d %dh4\"/>", x - 4, at);
        picture_put(out, "<text class=\"time\" x=\"%d\" y=\"%d\">%s</text>\n", x - 7, at + 4, text);
        edge = at;
        told_us = point->at_us;
    }
}

static void draw_bar(picture_out *out, const picture *drawn, const picture_item *item) {
    static const char *const states[PICTURE_STATES] = {"dialling", "half", "connected",
                                                       "nominated"};
    const picture_lane_place *lane = &drawn->lanes[item->lane];
    int side = lane->text.notes == PICTURE_LEFT ? -1 : 1;
    int top = y_of(drawn, item->start), height = y_of(drawn, item->end) - top;
    int least = item->state == PICTURE_NOMINATED ? 14 : 2; /* it is over as soon as it is so */
    picture_put(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"7\" height=\"%d\"/>\n",
                states[item->state], lane->x + side * (int)item->slot * 8 - 3, top,
                height < least ? least : height);
}

static void draw_tick(picture_out *out, const picture *drawn, const picture_item *item) {
    int x = drawn->lanes[item->lane].x;
    picture_put(out, "<path class=\"tick\" d=\"M%d %dh14\"/>\n", x - 7, y_of(drawn, item->start));
}

/* --- what travels --- */

static void draw_cross(picture_out *out, int x, int y, picture_fate fate) {
    picture_put(out, "<text class=\"cross\" x=\"%d\" y=\"%d\">%s</text>\n", x, y + 5,
                fate == PICTURE_UNKNOWN ? "?" : "✕");
}

/* Where a leg really ends. */
static void end_of(const picture *drawn, const picture_item *item, int *ret_x, int *ret_y) {
    int x1 = drawn->lanes[item->lane].x, x2 = drawn->lanes[item->other].x;
    int y1 = y_of(drawn, item->start), y2 = y_of(drawn, item->end);
    int share = picture_end_share(item);
    *ret_x = x1 + (x2 - x1) * share / 100;
    *ret_y = y1 + (y2 - y1) * share / 100;
    if (item->fate == PICTURE_STOPPED) *ret_x += x2 > x1 ? -7 : 7;
}

static void draw_leg(picture_out *out, const picture *drawn, const picture_item *item) {
    int x, y;
    const char *kind = kinds[item->kind];
    end_of(drawn, item, &x, &y);
    picture_put(out, "<path class=\"%s\" d=\"M%d %dL%d %d\"", kind, drawn->lanes[item->lane].x,
                y_of(drawn, item->start), x, y);
    if (item->fate == PICTURE_ARRIVES) picture_put(out, " marker-end=\"url(#to-%s)\"", kind);
    picture_put(out, "/>\n");
    if (item->fate >= PICTURE_STOPPED)
        draw_cross(out, x + (item->fate == PICTURE_STOPPED ? 0 : 4), y, item->fate);
}

static void draw_leg_texts(picture_out *out, const picture *drawn, const picture_item *item) {
    picture_piece pieces[PICTURE_LINES_MAX];
    bool right = item->other > item->lane;
    char style[48];
    if (item->text != NULL) {
        picture_piece whole = {item->text, strlen(item->text)};
        bool behind = picture_is_label_behind(drawn, item);
        bool text_right = right != behind;
        snprintf(style, sizeof style, "label t-%s%s", kinds[item->kind], text_right ? "" : " end");
        picture_put_lines(out, style, drawn->lanes[item->lane].x + (text_right ? 11 : -11),
                          y_of(drawn, item->start) + (behind ? 4 : -4), 0, &whole, 1);
    }
    if (item->reason == NULL) return;
    int x, y;
    end_of(drawn, item, &x, &y);
    bool beyond = item->fate == PICTURE_STOPPED;
    int width = picture_label_width(drawn, item->other, beyond ? right : !right);
    unsigned count = picture_text_wrap(item->reason, PICTURE_LABEL_SIZE, width, pieces);
    snprintf(style, sizeof style, "reason%s", right == beyond ? "" : " end");
    x += beyond ? (right ? 14 : -14) : (right ? -2 : 2);
    picture_put_lines(out, style, x, y + (beyond ? 4 : 17), PICTURE_LABEL, pieces, count);
}

/* --- what is said --- */

static void draw_said(picture_out *out, const picture *drawn, const picture_item *item,
                      const char *style) {
    picture_piece pieces[PICTURE_LINES_MAX];
    const picture_lane_place *lane = &drawn->lanes[item->lane];
    char classes[48];
    if (item->text == NULL) return;
    unsigned count =
        picture_text_wrap(item->text, PICTURE_NOTE_SIZE, picture_note_width(drawn, item), pieces);
    snprintf(classes, sizeof classes, "%s%s", style,
             lane->text.notes == PICTURE_LEFT ? " end" : "");
    picture_put_lines(out, classes, lane->notes_x, y_of(drawn, item->start) + 4, PICTURE_LINE,
                      pieces, count);
}

static void draw_note(picture_out *out, const picture *drawn, const picture_item *item) {
    draw_said(out, drawn, item, item->strong ? "note strong" : "note");
}

static void draw_bracket(picture_out *out, const picture *drawn, const picture_item *item) {
    const picture_lane_place *lane = &drawn->lanes[item->lane];
    int side = lane->text.notes == PICTURE_LEFT ? 1 : -1;
    int top = y_of(drawn, item->start), bottom = y_of(drawn, item->end);
    picture_put(out, "<path class=\"bracket\" d=\"M%d %dh%dV%dh%d\"/>\n", lane->notes_x + side * 9,
                top, side * -5, bottom, side * 5);
    draw_said(out, drawn, item, "note fold");
}
