/* SPDX-License-Identifier: MIT */
/* Between picture_svg.c, the sheet, and picture_draw.c, what is in the middle of it: text that
 * grows. */
#ifndef CLI_PICTURE_DRAW_H
#define CLI_PICTURE_DRAW_H

#include "cli/picture_inside.h"

typedef struct picture_out {
    char *text; /* the caller frees it */
    size_t size, room;
    bool failed;
} picture_out;

void picture_put(picture_out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Escaped; what XML cannot hold becomes '?'. */
void picture_put_text(picture_out *out, const char *text, size_t size);
/* Lines of one text, `step` apart. */
void picture_put_lines(picture_out *out, const char *style, int x, int y, int step,
                       const picture_piece *pieces, unsigned count);

/* The diagram below drawn->top. */
void picture_draw(picture_out *out, const picture *drawn);

#endif
