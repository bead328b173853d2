/* SPDX-License-Identifier: MIT */
/* Where everything goes on the paper; see picture_inside.h. Heights are found in one pass over the
 * moments: each is at least so far below the one before as time asks for, and so far below all
 * texts of its column that it overlaps none of them. */
#include <stdlib.h>
#include <string.h>

#include "cli/picture_inside.h"

#define PX_PER_MS  2      /* while little time passes ... */
#define EVEN_US    40000  /* ... up to here; then it grows slower, until */
#define SILENCE_US 110000 /* nothing at all happens for so long: a break */
#define LONG_US    400000 /* a break even if something is travelling */
#define BREAK_SIZE 46
#define HEAD_PAD   10
#define COLUMNS(n) (2 * (n) + 2) /* notes of each lane; gaps beside each */

#define BOXES_MAX 4 /* of one item */

/* Room that an item takes around its moment's height. */
typedef struct box {
    unsigned column;
    int above, below;
} box;

static void place_lanes(picture *drawn);
static bool sort_points(picture *drawn);
static bool mark_points(picture *drawn);
static bool place_points(picture *drawn);
static int step_down(picture *drawn, unsigned at, int y);
static unsigned boxes_of(const picture *drawn, const picture_item *item, unsigned point,
                         box ret_boxes[static BOXES_MAX]);

bool picture_layout(picture *drawn) {
    place_lanes(drawn);
    return sort_points(drawn) && mark_points(drawn) && place_points(drawn);
}

/* --- across --- */

static int head_width(const picture_lane_text *text) {
    picture_piece pieces[PICTURE_LINES_MAX];
    int width = picture_text_width(text->name, strlen(text->name), PICTURE_NOTE_SIZE + 1);
    unsigned count =
        text->below == NULL ? 0 : picture_text_wrap(text->below, PICTURE_LABEL_SIZE, 1000, pieces);
    for (unsigned i = 0; i < count; i++) {
        int line = picture_text_width(pieces[i].text, pieces[i].size, PICTURE_LABEL_SIZE);
        if (line > width) width = line;
    }
    return width + 2 * HEAD_PAD;
}

/* The more columns there are the narrower they have to be. */
static void set_notes_width(picture *drawn) {
    unsigned columns = 0;
    for (unsigned i = 0; i < drawn->lane_count; i++)
        columns += drawn->lanes[i].text.notes != PICTURE_NO_NOTES;
    drawn->notes_width = columns <= 1 ? 340 : columns == 2 ? 290 : 240;
}

static void place_lanes(picture *drawn) {
    int right = PICTURE_AXIS;
    set_notes_width(drawn);
    for (unsigned i = 0; i < drawn->lane_count; i++) {
        picture_lane_place *lane = &drawn->lanes[i];
        const picture_lane_place *before = i > 0 ? lane - 1 : NULL;
        lane->head_width = head_width(&lane->text);
        int room = lane->head_width / 2 + 8;
        if (lane->text.notes == PICTURE_LEFT && room < PICTURE_STRIP + drawn->notes_width)
            room = PICTURE_STRIP + drawn->notes_width;
        int x = right + room;
        bool gap = before != NULL && before->text.notes != PICTURE_RIGHT;
        if (gap && x < before->x + PICTURE_GAP) x = before->x + PICTURE_GAP;
        if (before != NULL && !gap && x < right + PICTURE_GAP / 2) x = right + PICTURE_GAP / 2;
        lane->x = x;
        right = x + lane->head_width / 2;
        bool wide = lane->text.notes == PICTURE_RIGHT;
        lane->notes_x = wide ? x + PICTURE_STRIP : x - PICTURE_STRIP;
        if (lane->text.notes == PICTURE_NO_NOTES) lane->notes_x = x + 11;
        if (wide && right < lane->notes_x + drawn->notes_width)
            right = lane->notes_x + drawn->notes_width;
    }
    const picture_lane_place *last =
        drawn->lane_count > 0 ? &drawn->lanes[drawn->lane_count - 1] : NULL;
    if (last != NULL && last->text.notes == PICTURE_NO_NOTES && right < last->x + PICTURE_GAP)
        right = last->x + PICTURE_GAP; /* its labels */
    drawn->width = right + PICTURE_MARGIN;
    if (drawn->width < 720) drawn->width = 720;
}

int picture_label_width(const picture *drawn, unsigned lane, bool to_the_right) {
    int own = drawn->lanes[lane].x;
    int edge = drawn->width - PICTURE_MARGIN;
    if (to_the_right)
        return (lane + 1 < drawn->lane_count ? drawn->lanes[lane + 1].x : edge) - own - 16;
    return own - (lane > 0 ? drawn->lanes[lane - 1].x : PICTURE_AXIS) - 16;
}

bool picture_is_label_behind(const picture *drawn, const picture_item *leg) {
    picture_side notes = drawn->lanes[leg->lane].text.notes;
    bool right = leg->other > leg->lane;
    if (notes != PICTURE_NO_NOTES) return (notes == PICTURE_RIGHT) == right;
    return !leg->passing;
}

int picture_end_share(const picture_item *leg) {
    if (leg->fate == PICTURE_UNKNOWN || (leg->fate == PICTURE_LOST && leg->text != NULL)) return 80;
    return leg->fate == PICTURE_LOST ? 50 : 100;
}

/* --- down --- */

static const picture *sorted; /* qsort hands nothing through */

static int compare(const void *a, const void *b) {
    unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;
    int64_t left_us = sorted->points[left].at_us, right_us = sorted->points[right].at_us;
    if (left_us != right_us) return left_us < right_us ? -1 : 1;
    return left < right ? -1 : left > right;
}

static bool sort_points(picture *drawn) {
    free(drawn->order);
    drawn->order = malloc((drawn->point_count + 1) * sizeof *drawn->order);
    if (drawn->order == NULL) return false;
    for (unsigned i = 0; i < drawn->point_count; i++)
        drawn->order[i] = i;
    sorted = drawn;
    qsort(drawn->order, drawn->point_count, sizeof *drawn->order, compare);
    return true;
}

/* Which moments are seen, and during which something travels. */
static bool mark_points(picture *drawn) {
    unsigned *ranks = calloc(drawn->point_count + 1, sizeof *ranks);
    free(drawn->in_flight);
    drawn->in_flight = calloc(drawn->point_count + 1, sizeof *drawn->in_flight);
    if (ranks == NULL || drawn->in_flight == NULL) {
        free(ranks);
        return false;
    }
    for (unsigned i = 0; i < drawn->point_count; i++)
        ranks[drawn->order[i]] = i;
    for (unsigned i = 0; i < drawn->item_count; i++) {
        const picture_item *item = &drawn->items[i];
        if (item->hidden) continue;
        drawn->points[item->start].used = drawn->points[item->end].used = true;
        if (item->type == PICTURE_ITEM_BAR) continue;
        drawn->points[item->start].timed = true;
        if (item->type != PICTURE_ITEM_LEG) continue;
        for (unsigned at = ranks[item->start] + 1; at <= ranks[item->end]; at++)
            drawn->in_flight[at] = true;
    }
    free(ranks);
    return true;
}

static bool place_points(picture *drawn) {
    unsigned columns = COLUMNS(drawn->lane_count), count = drawn->item_count;
    int *bottoms = malloc(columns * sizeof *bottoms);
    /* The items of a moment, as lists: `heads` by point, `nexts` by item; a leg is in two. */
    unsigned *heads = calloc(drawn->point_count + 1, sizeof *heads);
    unsigned *nexts = calloc(2 * (size_t)count + 2, sizeof *nexts);
    bool good = bottoms != NULL && heads != NULL && nexts != NULL;
    for (unsigned i = 0; good && i < columns; i++)
        bottoms[i] = -1000;
    for (unsigned i = 2 * count; good && i-- > 0;) {
        const picture_item *item = &drawn->items[i / 2];
        unsigned point = i % 2 == 0 ? item->start : item->end;
        if (item->hidden || (i % 2 == 1 && item->start == item->end)) continue;
        nexts[i] = heads[point];
        heads[point] = i + 1;
    }
    int y = 18;
    for (unsigned at = 0; good && at < drawn->point_count; at++) {
        unsigned point = drawn->order[at];
        if (!drawn->points[point].used) continue;
        box boxes[BOXES_MAX];
        y = step_down(drawn, at, y);
        for (unsigned i = heads[point]; i > 0; i = nexts[i - 1]) {
            unsigned boxed = boxes_of(drawn, &drawn->items[(i - 1) / 2], point, boxes);
            for (unsigned k = 0; k < boxed; k++)
                if (y < bottoms[boxes[k].column] + boxes[k].above)
                    y = bottoms[boxes[k].column] + boxes[k].above;
        }
        for (unsigned i = heads[point]; i > 0; i = nexts[i - 1]) {
            unsigned boxed = boxes_of(drawn, &drawn->items[(i - 1) / 2], point, boxes);
            for (unsigned k = 0; k < boxed; k++)
                if (bottoms[boxes[k].column] < y + boxes[k].below)
                    bottoms[boxes[k].column] = y + boxes[k].below;
        }
        drawn->points[point].y = y;
    }
    drawn->bottom = y + 10;
    for (unsigned i = 0; good && i < columns; i++)
        if (drawn->bottom < bottoms[i]) drawn->bottom = bottoms[i];
    free(bottoms);
    free(heads);
    free(nexts);
    return good;
}

/* The height that time alone asks for, counted from the moment drawn before. */
static int step_down(picture *drawn, unsigned at, int y) {
    int64_t before_us = INT64_MAX;
    bool flying = drawn->in_flight[at];
    for (unsigned i = at; i-- > 0 && before_us == INT64_MAX;) {
        if (drawn->points[drawn->order[i]].used)
            before_us = drawn->points[drawn->order[i]].at_us;
        else
            flying = flying || drawn->in_flight[i];
    }
    if (before_us == INT64_MAX) return y;
    int64_t us = drawn->points[drawn->order[at]].at_us - before_us;
    bool silence = us > LONG_US || (us > SILENCE_US && !flying);
    if (silence && drawn->break_count < PICTURE_BREAKS_MAX) {
        drawn->breaks[drawn->break_count++] = (picture_break){y + 6, y + BREAK_SIZE - 6, us};
        return y + BREAK_SIZE;
    }
    if (us <= EVEN_US) return y + (int)(us * PX_PER_MS / 1000);
    if (us > LONG_US) us = LONG_US;
    return y + EVEN_US * PX_PER_MS / 1000 + (int)((us - EVEN_US) / 3000);
}

/* --- boxes --- */

/* The gap beside a lane, by the number of the lane on its right. */
static unsigned gap_column(unsigned lane, bool to_the_right) {
    return 2 * (to_the_right ? lane + 1 : lane) + 1;
}

/* Who has no column for notes has them to the right, where labels are. */
static unsigned notes_column(const picture *drawn, unsigned lane) {
    bool own = drawn->lanes[lane].text.notes != PICTURE_NO_NOTES;
    return own ? 2 * lane : gap_column(lane, true);
}

int picture_note_width(const picture *drawn, const picture_item *note) {
    bool own = drawn->lanes[note->lane].text.notes != PICTURE_NO_NOTES;
    int width = own ? drawn->notes_width - 8 : picture_label_width(drawn, note->lane, true);
    return note->strong ? width * 8 / 9 : width; /* bold is wider */
}

static unsigned lines_of(const char *text, int font_size, int width) {
    picture_piece pieces[PICTURE_LINES_MAX];
    return picture_text_wrap(text, font_size, width, pieces);
}

/* The first lane to the right of where a lost packet ends. */
static unsigned lane_right_of_end(const picture *drawn, const picture_item *leg) {
    int from = drawn->lanes[leg->lane].x, to = drawn->lanes[leg->other].x;
    int x = from + (to - from) * picture_end_share(leg) / 100 + (to > from ? -4 : 4);
    unsigned lane = 0;
    while (lane < drawn->lane_count && drawn->lanes[lane].x < x)
        lane++;
    return lane;
}

static unsigned boxes_of_leg(const picture *drawn, const picture_item *leg, unsigned point,
                             box ret_boxes[static BOXES_MAX]) {
    unsigned count = 0;
    bool right = leg->other > leg->lane;
    bool behind = picture_is_label_behind(drawn, leg);
    if (point == leg->start) {
        int above = leg->text != NULL && !behind ? PICTURE_LABEL + 3 : 4;
        ret_boxes[count++] = (box){gap_column(leg->lane, right), above, 3};
        if (leg->text != NULL && behind)
            ret_boxes[count++] = (box){gap_column(leg->lane, !right), 8, 6};
    }
    if (point != leg->end || leg->fate < PICTURE_STOPPED) return count;
    /* What is lost on the way says so short of its end, below its line. */
    bool beyond = leg->fate == PICTURE_STOPPED;
    const char *reason = leg->reason == NULL ? "" : leg->reason;
    int width = picture_label_width(drawn, leg->other, beyond ? right : !right);
    int lines = (int)lines_of(reason, PICTURE_LABEL_SIZE, width);
    if (beyond) {
        int below = 6 + PICTURE_LABEL * (lines - 1);
        ret_boxes[count++] = (box){gap_column(leg->other, right), PICTURE_LABEL, below};
        ret_boxes[count++] = (box){gap_column(leg->other, !right), 9, 9}; /* the cross */
    } else {
        int below = 9 + PICTURE_LABEL * lines;
        ret_boxes[count++] = (box){2 * lane_right_of_end(drawn, leg) + 1, PICTURE_LABEL, below};
    }
    return count;
}

static unsigned boxes_of(const picture *drawn, const picture_item *item, unsigned point,
                         box ret_boxes[static BOXES_MAX]) {
    switch (item->type) {
    case PICTURE_ITEM_LEG: return boxes_of_leg(drawn, item, point, ret_boxes);
    case PICTURE_ITEM_BRACKET:
        if (point != item->start) {
            ret_boxes[0] = (box){notes_column(drawn, item->lane), 4, 8};
            return 1;
        }
        __attribute__((fallthrough));
    case PICTURE_ITEM_NOTE: {
        if (item->text == NULL) return 0;
        int lines = (int)lines_of(item->text, PICTURE_NOTE_SIZE, picture_note_width(drawn, item));
        ret_boxes[0] = (box){notes_column(drawn, item->lane), PICTURE_LINE - 3,
                             6 + PICTURE_LINE * (lines - 1)};
        return 1;
    }
    case PICTURE_ITEM_BAR:
    case PICTURE_ITEM_TICK: break;
    }
    return 0;
}
