/* SPDX-License-Identifier: MIT */
/* What is to be drawn; see picture.h. */
#include "cli/picture.h"

#include <stdlib.h>
#include <string.h>

#include "cli/picture_inside.h"

static bool grow(picture *drawn, void *array, unsigned count, unsigned *room, size_t size);
static void add_line(picture *drawn, bool good, bool remark, const char *text);
static picture_item *add_note(picture *drawn, unsigned lane, int64_t at_us, unsigned episode,
                              const char *text);

picture *picture_new(const char *title, const char *subtitle) {
    picture *drawn = calloc(1, sizeof *drawn);
    if (drawn == NULL) return NULL;
    drawn->title = picture_copy(drawn, title);
    drawn->subtitle = picture_copy(drawn, subtitle);
    return drawn;
}

picture *picture_free(picture *drawn) {
    if (drawn == NULL) return NULL;
    for (unsigned i = 0; i < drawn->line_count; i++)
        free(drawn->lines[i].text);
    for (unsigned i = 0; i < drawn->lane_count; i++) {
        free((void *)(uintptr_t)drawn->lanes[i].text.name);
        free((void *)(uintptr_t)drawn->lanes[i].text.below);
    }
    for (unsigned i = 0; i < drawn->item_count; i++) {
        free(drawn->items[i].text);
        free(drawn->items[i].reason);
    }
    for (unsigned i = 0; i < drawn->episode_count; i++)
        free(drawn->episodes[i].outcome);
    free(drawn->title);
    free(drawn->subtitle);
    free(drawn->lines);
    free(drawn->lanes);
    free(drawn->points);
    free(drawn->order);
    free(drawn->items);
    free(drawn->episodes);
    free(drawn->in_flight);
    free(drawn);
    return NULL;
}

void picture_verdict(picture *drawn, bool good, const char *text) {
    add_line(drawn, good, false, text);
}

void picture_remark(picture *drawn, const char *text) {
    add_line(drawn, true, true, text);
}

unsigned picture_lane(picture *drawn, const picture_lane_text *text) {
    if (!grow(drawn, &drawn->lanes, drawn->lane_count, &drawn->lane_room, sizeof *drawn->lanes))
        return 0;
    picture_lane_place *lane = &drawn->lanes[drawn->lane_count];
    *lane = (picture_lane_place){.text = *text};
    lane->text.name = picture_copy(drawn, text->name);
    lane->text.below = picture_copy(drawn, text->below);
    return drawn->lane_count++;
}

unsigned picture_point(picture *drawn, int64_t at_us) {
    if (!grow(drawn, &drawn->points, drawn->point_count, &drawn->point_room, sizeof *drawn->points))
        return 0;
    drawn->points[drawn->point_count] = (picture_point_place){.at_us = at_us};
    return drawn->point_count++;
}

unsigned picture_episode(picture *drawn, unsigned lane, unsigned thread, unsigned start) {
    if (!grow(drawn, &drawn->episodes, drawn->episode_count, &drawn->episode_room,
              sizeof *drawn->episodes))
        return 0;
    unsigned index = drawn->episode_count++;
    drawn->episodes[index] = (picture_episode_place){.lane = lane,
                                                     .thread = thread,
                                                     .start = start,
                                                     .end = start,
                                                     .next = UINT32_MAX,
                                                     .first = true};
    for (unsigned i = index; i-- > 0;) {
        picture_episode_place *before = &drawn->episodes[i];
        if (before->lane != lane || before->thread != thread) continue;
        before->next = index;
        drawn->episodes[index].first = false;
        break;
    }
    return index + 1;
}

void picture_episode_end(picture *drawn, unsigned episode, unsigned end, bool fruitless,
                         const char *outcome) {
    if (episode == 0) return;
    picture_episode_place *place = &drawn->episodes[episode - 1];
    free(place->outcome);
    place->outcome = picture_copy(drawn, outcome);
    place->end = end;
    place->over = true;
    place->fruitless = fruitless;
}

void picture_go(picture *drawn, const picture_leg *leg) {
    picture_item *item = picture_item_add(drawn, PICTURE_ITEM_LEG);
    if (item == NULL) return;
    item->lane = leg->from;
    item->other = leg->to;
    item->start = leg->start;
    item->end = leg->end;
    item->episode = leg->episode;
    item->kind = leg->kind;
    item->fate = leg->fate;
    item->passing = leg->passing;
    item->text = picture_copy(drawn, leg->label);
    item->reason = picture_copy(drawn, leg->reason);
}

void picture_note(picture *drawn, unsigned lane, int64_t at_us, unsigned episode,
                  const char *text) {
    add_note(drawn, lane, at_us, episode, text);
}

void picture_note_strong(picture *drawn, unsigned lane, int64_t at_us, unsigned episode,
                         const char *text) {
    picture_item *item = add_note(drawn, lane, at_us, episode, text);
    if (item != NULL) item->strong = true;
}

void picture_bar(picture *drawn, unsigned lane, unsigned slot, unsigned start, unsigned end,
                 unsigned episode, picture_state state) {
    picture_item *item = picture_item_add(drawn, PICTURE_ITEM_BAR);
    if (item == NULL) return;
    item->lane = lane;
    item->slot = slot;
    item->start = start;
    item->end = end;
    item->episode = episode;
    item->state = state;
}

void picture_tick(picture *drawn, unsigned lane, unsigned point, unsigned episode) {
    picture_item *item = picture_item_add(drawn, PICTURE_ITEM_TICK);
    if (item == NULL) return;
    item->lane = lane;
    item->start = point;
    item->end = point;
    item->episode = episode;
}

picture_item *picture_item_add(picture *drawn, picture_item_type type) {
    if (!grow(drawn, &drawn->items, drawn->item_count, &drawn->item_room, sizeof *drawn->items))
        return NULL;
    picture_item *item = &drawn->items[drawn->item_count++];
    *item = (picture_item){.type = type};
    return item;
}

char *picture_copy(picture *drawn, const char *text) {
    if (text == NULL) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy == NULL)
        drawn->failed = true;
    else
        memcpy(copy, text, size);
    return copy;
}

static picture_item *add_note(picture *drawn, unsigned lane, int64_t at_us, unsigned episode,
                              const char *text) {
    unsigned point = picture_point(drawn, at_us);
    picture_item *item = picture_item_add(drawn, PICTURE_ITEM_NOTE);
    if (item == NULL) return NULL;
    item->lane = lane;
    item->start = point;
    item->end = point;
    item->episode = episode;
    item->text = picture_copy(drawn, text);
    return item;
}

static void add_line(picture *drawn, bool good, bool remark, const char *text) {
    if (!grow(drawn, &drawn->lines, drawn->line_count, &drawn->line_room, sizeof *drawn->lines))
        return;
    drawn->lines[drawn->line_count++] =
        (picture_line){.text = picture_copy(drawn, text), .good = good, .remark = remark};
}

/* array: the address of a pointer to elements of that size. */
static bool grow(picture *drawn, void *array, unsigned count, unsigned *room, size_t size) {
    void *old;
    if (count < *room) return true;
    unsigned wanted = *room == 0 ? 16 : *room * 2;
    memcpy(&old, array, sizeof old);
    void *more = realloc(old, wanted * size);
    if (more == NULL) {
        drawn->failed = true;
        return false;
    }
    memcpy(array, &more, sizeof more);
    *room = wanted;
    return true;
}
