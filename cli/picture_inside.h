/* SPDX-License-Identifier: MIT */
/* A picture's insides, for its own parts only: picture.c holds it, picture_layout.c finds places,
 * picture_svg.c writes, picture_text.c measures and escapes. */
#ifndef CLI_PICTURE_INSIDE_H
#define CLI_PICTURE_INSIDE_H

#include "cli/picture.h"

#define PICTURE_LINES_MAX  12  /* of one wrapped text */
#define PICTURE_BREAKS_MAX 400 /* beyond it silence has no room of its own any more */

/* Sizes on the paper, in pixels. */
enum {
    PICTURE_MARGIN = 16,
    PICTURE_AXIS = 84,  /* the axis: to its left the times */
    PICTURE_STRIP = 38, /* between a lane and its notes: bars, brackets */
    PICTURE_GAP = 138,  /* between lanes, at least: room for labels */
    PICTURE_LINE = 15,  /* from one line of a note to the next */
    PICTURE_LABEL = 13, /* the same of a label */
    PICTURE_LABEL_SIZE = 11,
    PICTURE_NOTE_SIZE = 12
};

typedef struct picture_point_place {
    int64_t at_us;
    bool used;
    bool timed; /* its time is worth telling at the axis */
    int y;
} picture_point_place;

typedef struct picture_lane_place {
    picture_lane_text text; /* own copies */
    int x;
    int head_width;
    int notes_x; /* where its notes begin, or end if they are on the left */
} picture_lane_place;

typedef enum picture_item_type {
    PICTURE_ITEM_LEG,
    PICTURE_ITEM_NOTE,
    PICTURE_ITEM_BAR,
    PICTURE_ITEM_TICK,
    PICTURE_ITEM_BRACKET
} picture_item_type;

typedef struct picture_item {
    picture_item_type type;
    unsigned lane, other; /* other: where a leg ends */
    unsigned start, end;
    unsigned episode;
    picture_kind kind;
    picture_fate fate;
    picture_state state;
    unsigned slot;
    bool strong;
    bool passing;
    bool hidden;
    char *text;   /* or NULL */
    char *reason; /* or NULL */
} picture_item;

typedef struct picture_episode_place {
    unsigned lane, thread;
    unsigned start, end;
    unsigned next; /* of this thread; beyond the last of all: none */
    bool first;    /* of its thread */
    bool over;
    bool fruitless;
    bool folded;
    char *outcome;
} picture_episode_place;

typedef struct picture_line {
    char *text;
    bool good;
    bool remark;
} picture_line;

typedef struct picture_break {
    int top, bottom;
    int64_t us;
} picture_break;

struct picture {
    char *title, *subtitle;
    bool failed; /* memory was short */
    picture_line *lines;
    unsigned line_count, line_room;
    picture_lane_place *lanes;
    unsigned lane_count, lane_room;
    picture_point_place *points;
    unsigned point_count, point_room;
    unsigned *order; /* of the points, by time */
    picture_item *items;
    unsigned item_count, item_room;
    picture_episode_place *episodes;
    unsigned episode_count, episode_room;
    picture_break breaks[PICTURE_BREAKS_MAX];
    unsigned break_count;
    bool *in_flight; /* by place in `order`: something travels until there */
    int notes_width; /* of each column of notes */
    int width, top, bottom;
};

/* A piece of a text that is one line. */
typedef struct picture_piece {
    const char *text;
    size_t size;
} picture_piece;

/* picture.c: one more item, zeroed; when memory is short one that nobody sees. */
picture_item *picture_item_add(picture *drawn, picture_item_type type);
char *picture_copy(picture *drawn, const char *text);

/* picture_fold.c: hides what is folded, and puts brackets in its place. */
void picture_fold(picture *drawn);

/* picture_layout.c: everything gets its place. False: no memory. */
bool picture_layout(picture *drawn);
/* The room for a label beyond `lane`, in the direction of travel. */
int picture_label_width(const picture *drawn, unsigned lane, bool to_the_right);
/* How far a leg comes, in percent. */
int picture_end_share(const picture_item *leg);
/* The room for a note of that lane. */
int picture_note_width(const picture *drawn, const picture_item *note);
/* Does a leg's label stand behind its start? There its own line and what it answers cannot cross
 * it; a participant with notes has those there. */
bool picture_is_label_behind(const picture *drawn, const picture_item *leg);

/* picture_text.c: an estimate, rather too wide. */
int picture_text_width(const char *text, size_t size, int font_size);
/* Breaks a text into lines of at most `width`, at spaces where there are any, and at each '\n'; the
 * rest of what takes too many is left out. Returns how many. */
unsigned picture_text_wrap(const char *text, int font_size, int width,
                           picture_piece ret_pieces[static PICTURE_LINES_MAX]);
/* The length of the next character as XML may have it (RFC 3629 and XML 1.0, 2.2); 0: none. */
size_t picture_text_character(const char *text, size_t size);

#endif
