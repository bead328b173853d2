/* SPDX-License-Identifier: MIT */
/* What happens again and again, folded into one bracket; see picture_inside.h. Of a run of
 * fruitless efforts at one address the first ones and the last are drawn, the others are counted.
 */
#include <stdio.h>
#include <string.h>

#include "cli/picture_inside.h"

#define RUN_FIRST   2   /* drawn at the beginning of a run */
#define RUN_LAST    1   /* and at its end */
#define RUN_FOLDED  3   /* fewer than these are not worth a bracket */
#define ITEMS_FIRST 900 /* drawn of what does not fold: at the beginning ... */
#define ITEMS_LAST  500 /* ... and at the end */
#define KINDS_MAX   4   /* of outcomes that a bracket names */

static void fold_thread(picture *drawn, unsigned first);
static void fold_run(picture *drawn, unsigned first, unsigned count);
static void put_bracket(picture *drawn, unsigned first, unsigned count);
static void put_bracket_at(picture *drawn, unsigned lane, unsigned start, unsigned end,
                           const char *text);
static void hide_folded(picture *drawn);
static void bound(picture *drawn);

void picture_fold(picture *drawn) {
    unsigned count = drawn->episode_count;
    for (unsigned i = 0; i < count; i++)
        if (drawn->episodes[i].first) fold_thread(drawn, i);
    hide_folded(drawn);
    bound(drawn);
}

static void fold_thread(picture *drawn, unsigned first) {
    unsigned begin = first, count = 0;
    for (unsigned i = first; i < drawn->episode_count; i = drawn->episodes[i].next) {
        const picture_episode_place *place = &drawn->episodes[i];
        if (place->over && place->fruitless) {
            if (count++ == 0) begin = i;
            continue;
        }
        fold_run(drawn, begin, count);
        count = 0;
    }
    fold_run(drawn, begin, count);
}

static void fold_run(picture *drawn, unsigned first, unsigned count) {
    if (count < RUN_FIRST + RUN_FOLDED + RUN_LAST) return;
    for (unsigned i = 0; i < RUN_FIRST; i++)
        first = drawn->episodes[first].next;
    count -= RUN_FIRST + RUN_LAST;
    for (unsigned i = 0, at = first; i < count; i++) {
        drawn->episodes[at].folded = true;
        at = drawn->episodes[at].next;
    }
    put_bracket(drawn, first, count);
}

typedef struct tally {
    const char *outcomes[KINDS_MAX];
    unsigned counts[KINDS_MAX];
    unsigned kinds;
} tally;

static void count_outcome(tally *sum, const char *outcome) {
    unsigned at = 0;
    while (at < sum->kinds && strcmp(sum->outcomes[at], outcome) != 0)
        at++;
    if (at == KINDS_MAX) return;
    if (at == sum->kinds) sum->outcomes[sum->kinds++] = outcome;
    sum->counts[at]++;
}

static void put_bracket(picture *drawn, unsigned first, unsigned count) {
    const picture_episode_place *place = &drawn->episodes[first];
    const picture_episode_place *last = place;
    tally sum = {0};
    char text[256];
    for (unsigned i = 0, at = first; i < count; i++) {
        last = &drawn->episodes[at];
        count_outcome(&sum, last->outcome == NULL ? "" : last->outcome);
        at = last->next;
    }
    int size = snprintf(text, sizeof text, "… %u more dials", count);
    for (unsigned i = 0; i < sum.kinds && size < (int)sizeof text; i++) {
        size_t room = sizeof text - (size_t)size;
        if (sum.kinds == 1)
            size += snprintf(text + size, room, ", each %s", sum.outcomes[i]);
        else
            size += snprintf(text + size, room, "%s %u %s", i == 0 ? ":" : ",", sum.counts[i],
                             sum.outcomes[i]);
    }
    put_bracket_at(drawn, place->lane, place->start, last->end, text);
}

static void put_bracket_at(picture *drawn, unsigned lane, unsigned start, unsigned end,
                           const char *text) {
    picture_item *item = picture_item_add(drawn, PICTURE_ITEM_BRACKET);
    if (item == NULL) return;
    item->lane = lane;
    item->start = start;
    item->end = end;
    item->text = picture_copy(drawn, text);
}

static void hide_folded(picture *drawn) {
    for (unsigned i = 0; i < drawn->item_count; i++) {
        picture_item *item = &drawn->items[i];
        if (item->episode > 0) item->hidden = drawn->episodes[item->episode - 1].folded;
    }
}

/* Whatever a recording holds, the picture is one that a browser shows. */
static void bound(picture *drawn) {
    unsigned visible = 0, at = 0, hidden = 0, start = 0, end = 0;
    unsigned count = drawn->item_count;
    char text[64];
    for (unsigned i = 0; i < count; i++)
        visible += !drawn->items[i].hidden;
    if (visible <= ITEMS_FIRST + ITEMS_LAST) return;
    for (unsigned i = 0; i < count; i++) {
        picture_item *item = &drawn->items[i];
        if (item->hidden || at++ < ITEMS_FIRST || at > visible - ITEMS_LAST) continue;
        item->hidden = true;
        if (hidden++ == 0) start = item->start;
        end = item->start;
    }
    snprintf(text, sizeof text, "… %u more events are not drawn", hidden);
    put_bracket_at(drawn, 0, start, end, text);
}
