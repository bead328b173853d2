/* SPDX-License-Identifier: MIT */
/* The picture as text; see picture.h. Colours are in one style sheet, for bright and dark readers;
 * dashes and words say the same once more for paper. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/picture_draw.h"

static int put_title(picture_out *out, picture *drawn);
static int put_lines(picture_out *out, const picture *drawn, int y);
static int put_heads(picture_out *out, const picture *drawn, int y, bool measure);
static void put_legend(picture_out *out, const picture *drawn, int y);
static void put_frame(picture_out *out, const picture *drawn, int height);
static void put_style(picture_out *out);

char *picture_svg(picture *drawn, size_t *ret_size) {
    picture_out above = {0}, body = {0}, out = {0};
    if (drawn->failed) return NULL;
    picture_fold(drawn);
    if (drawn->failed || !picture_layout(drawn)) return NULL;
    int y = put_lines(&above, drawn, put_title(&above, drawn));
    drawn->top = put_heads(&above, drawn, y, true);
    picture_draw(&body, drawn);
    put_heads(&body, drawn, y, false);
    int height = drawn->top + drawn->bottom + 26;
    put_legend(&body, drawn, height);
    put_frame(&out, drawn, height + 62);
    if (above.text != NULL) picture_put(&out, "%s", above.text);
    if (body.text != NULL) picture_put(&out, "%s", body.text);
    picture_put(&out, "</svg>\n");
    bool failed = above.failed || body.failed || out.failed;
    free(above.text);
    free(body.text);
    if (failed) {
        free(out.text);
        return NULL;
    }
    *ret_size = out.size;
    return out.text;
}

/* --- text --- */

void picture_put(picture_out *out, const char *format, ...) {
    for (;;) {
        va_list list;
        size_t left = out->room - out->size;
        va_start(list, format);
        int size = vsnprintf(out->text == NULL ? NULL : out->text + out->size, left, format, list);
        va_end(list);
        if (size < 0) out->failed = true;
        if (out->failed) return;
        if ((size_t)size < left) {
            out->size += (size_t)size;
            return;
        }
        size_t room = (out->room + (size_t)size) * 2 + 4096;
        char *more = realloc(out->text, room);
        if (more == NULL) {
            out->failed = true;
            return;
        }
        out->text = more;
        out->room = room;
    }
}

void picture_put_text(picture_out *out, const char *text, size_t size) {
    for (size_t i = 0; i < size;) {
        size_t length = picture_text_character(text + i, size - i);
        if (text[i] == '&')
            picture_put(out, "&amp;");
        else if (text[i] == '<')
            picture_put(out, "&lt;");
        else if (text[i] == '>')
            picture_put(out, "&gt;");
        else if (text[i] == '"')
            picture_put(out, "&quot;");
        else
            picture_put(out, "%.*s", length == 0 ? 1 : (int)length, length == 0 ? "?" : text + i);
        i += length == 0 ? 1 : length;
    }
}

void picture_put_lines(picture_out *out, const char *style, int x, int y, int step,
                       const picture_piece *pieces, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        picture_put(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", style, x, y + (int)i * step);
        picture_put_text(out, pieces[i].text, pieces[i].size);
        picture_put(out, "</text>\n");
    }
}

/* --- above and below the diagram --- */

static int put_title(picture_out *out, picture *drawn) {
    picture_piece pieces[PICTURE_LINES_MAX];
    int width = drawn->width - 2 * PICTURE_MARGIN, y = 32;
    unsigned count = picture_text_wrap(drawn->title, 18, width, pieces);
    picture_put_lines(out, "title", PICTURE_MARGIN, y, 24, pieces, count);
    y += 24 * (int)count - 4;
    count = picture_text_wrap(drawn->subtitle, PICTURE_NOTE_SIZE, width, pieces);
    picture_put_lines(out, "soft", PICTURE_MARGIN, y, PICTURE_LINE, pieces, count);
    return y + PICTURE_LINE * (int)count;
}

static int put_lines(picture_out *out, const picture *drawn, int y) {
    picture_piece pieces[PICTURE_LINES_MAX];
    int width = drawn->width - 2 * PICTURE_MARGIN;
    for (unsigned i = 0; i < drawn->line_count; i++) {
        const picture_line *line = &drawn->lines[i];
        unsigned count = picture_text_wrap(line->text, line->remark ? PICTURE_NOTE_SIZE : 17,
                                           width - 20, pieces);
        int step = line->remark ? PICTURE_LINE : 20;
        if (!line->remark)
            picture_put(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"6\" height=\"%d\"/>\n",
                        line->good ? "good" : "bad", PICTURE_MARGIN, y - 1, step * (int)count);
        y += line->remark ? 0 : 3;
        picture_put_lines(out, line->remark ? "note" : "verdict", PICTURE_MARGIN + 14,
                          y + step - 8 + (line->remark ? 2 : 0), step, pieces, count);
        y += step * (int)count;
    }
    return y + 12;
}

/* The participants' names, drawn last: nothing runs over them. */
static int put_heads(picture_out *out, const picture *drawn, int y, bool measure) {
    picture_piece pieces[PICTURE_LINES_MAX];
    unsigned most = 0;
    for (unsigned i = 0; i < drawn->lane_count; i++) {
        const char *below = drawn->lanes[i].text.below;
        unsigned count =
            below == NULL ? 0 : picture_text_wrap(below, PICTURE_LABEL_SIZE, 1000, pieces);
        if (count > most) most = count;
    }
    int height = 24 + PICTURE_LABEL * (int)most;
    for (unsigned i = 0; !measure && i < drawn->lane_count; i++) {
        const picture_lane_place *lane = &drawn->lanes[i];
        unsigned count =
            lane->text.below == NULL
                ? 0
                : picture_text_wrap(lane->text.below, PICTURE_LABEL_SIZE, 1000, pieces);
        picture_put(out,
                    "<rect class=\"head%s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                    "rx=\"%d\"/>\n",
                    lane->text.box ? " between" : "", lane->text.dim ? " dim" : "",
                    lane->x - lane->head_width / 2, y, lane->head_width, height,
                    lane->text.box ? 0 : 8);
        picture_piece name = {lane->text.name, strlen(lane->text.name)};
        picture_put_lines(out, lane->text.dim ? "name soft" : "name", lane->x, y + 16, 0, &name, 1);
        picture_put_lines(out, "small middle", lane->x, y + 16 + PICTURE_LABEL, PICTURE_LABEL,
                          pieces, count);
    }
    return y + height;
}

typedef struct sample {
    const char *kind; /* class of a line, NULL: none */
    const char *bar;  /* class of a rectangle, NULL: none */
    const char *sign; /* a text instead of either */
    const char *text;
    bool zigzag;
} sample;

static void put_legend(picture_out *out, const picture *drawn, int y) {
    static const sample samples[] = {
        {.kind = "syn", .text = "SYN"},
        {.kind = "answer", .text = "SYN-ACK"},
        {.kind = "refusal", .text = "RST, ICMP"},
        {.kind = "proof", .text = "HELLO, CONFIRM, NOMINATE"},
        {.kind = "server", .text = "to and from the server"},
        {.sign = "✕", .text = "does not get through"},
        {.bar = "dialling", .text = "dialling"},
        {.bar = "half", .text = "half-open"},
        {.bar = "connected", .text = "connected"},
        {.bar = "nominated", .text = "nominated"},
        {.kind = "tick", .text = "timer"},
        {.kind = "cut", .text = "time left out", .zigzag = true},
    };
    int x = PICTURE_MARGIN;
    picture_put(out, "<path class=\"rule\" d=\"M%d %dH%d\"/>\n", PICTURE_MARGIN, y,
                drawn->width - PICTURE_MARGIN);
    y += 22;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const sample *one = &samples[i];
        int width = 44 + picture_text_width(one->text, strlen(one->text), PICTURE_LABEL_SIZE);
        if (x + width > drawn->width) {
            x = PICTURE_MARGIN;
            y += 18;
        }
        if (one->bar != NULL)
            picture_put(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"8\" height=\"13\"/>\n",
                        one->bar, x + 8, y - 10);
        else if (one->sign != NULL)
            picture_put(out, "<text class=\"cross\" x=\"%d\" y=\"%d\">%s</text>\n", x + 12, y,
                        one->sign);
        else
            picture_put(out, "<path class=\"%s\" d=\"M%d %d%s\"/>\n", one->kind, x, y - 4,
                        one->zigzag ? "m6 3l10 -5l-10 -5m0 15l10 -5l-10 -5" : "h24");
        picture_put(out, "<text class=\"small\" x=\"%d\" y=\"%d\">%s</text>\n", x + 30, y,
                    one->text);
        x += width;
    }
}

/* --- the frame --- */

static void put_frame(picture_out *out, const picture *drawn, int height) {
    static const char *const heads[] = {"syn", "answer", "refusal", "proof", "server", "other"};
    picture_put(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
                drawn->width, height, drawn->width, height);
    picture_put_text(out, drawn->title, strlen(drawn->title));
    picture_put(out, "</title>\n");
    put_style(out);
    picture_put(out, "<defs>\n");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        picture_put(out,
                    "<marker id=\"to-%s\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" "
                    "refY=\"4\" orient=\"auto\" markerUnits=\"userSpaceOnUse\">"
                    "<path class=\"tip-%s\" d=\"M0 0L9 4L0 8z\"/></marker>\n",
                    heads[i], heads[i]);
    picture_put(out, "</defs>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", drawn->width,
                height);
}

/* One colour in both of its lights. */
typedef struct colour {
    const char *classes; /* what it fills, then what it strokes */
    const char *strokes;
    const char *bright, *dark;
} colour;

static const colour colours[] = {
    {".paper,.head", ".halo", "#ffffff", "#0d1117"},
    {".between", NULL, "#eef1f4", "#1c2128"},
    {"text", NULL, "#1f2328", "#e6edf3"},
    {".soft,.small,.time", NULL, "#57606a", "#9da7b3"},
    {NULL, ".head,.lane,.axis,.bracket", "#6e7781", "#7d8590"},
    {NULL, ".rule,.lane-cut", "#afb8c1", "#484f58"},
    {".tip-syn,.t-syn", ".syn,.dialling", "#0969da", "#58a6ff"},
    {".tip-answer,.t-answer,.connected,.nominated", ".answer,.connected,.nominated", "#1a7f37",
     "#3fb950"},
    {".tip-refusal,.t-refusal", ".refusal", "#cf222e", "#ff7b72"},
    {".tip-proof,.t-proof", ".proof", "#8250df", "#bc8cff"},
    {".tip-server,.t-server", ".server", "#57606a", "#9da7b3"},
    {".tip-other,.t-other", ".other", "#6e7781", "#7d8590"},
    {".cross,.reason,.half", ".half", "#b35900", "#f0883e"},
    {NULL, ".tick,.cut", "#1f2328", "#e6edf3"},
    {".good", NULL, "#1a7f37", "#3fb950"},
    {".bad", NULL, "#cf222e", "#ff7b72"},
};

static void put_halo(picture_out *out, bool dark) {
    picture_put(out, "text{stroke:%s}", dark ? "#0d1117" : "#ffffff");
}

static void put_colours(picture_out *out, bool dark) {
    put_halo(out, dark);
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        const colour *one = &colours[i];
        const char *value = dark ? one->dark : one->bright;
        if (one->classes != NULL) picture_put(out, "%s{fill:%s}", one->classes, value);
        if (one->strokes != NULL) picture_put(out, "%s{stroke:%s}", one->strokes, value);
    }
    picture_put(out, "\n");
}

static void put_style(picture_out *out) {
    picture_put(out,
                "<style>\n"
                "text{font:12px system-ui,-apple-system,'Segoe UI','DejaVu Sans',Verdana,"
                "sans-serif;stroke-width:3px;stroke-linejoin:round;paint-order:stroke}\n"
                ".title{font-size:18px;font-weight:600}.verdict{font-size:15px;font-weight:600}\n"
                ".name{font-size:13px;font-weight:600;text-anchor:middle;stroke:none!important}\n"
                ".small,.time,.label,.reason{font-size:11px}.middle{text-anchor:middle;"
                "stroke:none!important}\n"
                ".strong{font-weight:600}.fold{font-style:italic}.end,.time{text-anchor:end}\n"
                ".cross{font-size:15px;font-weight:700;text-anchor:middle}\n"
                "path{fill:none}.syn,.answer,.refusal,.server,.other{stroke-width:1.6}"
                ".proof{stroke-width:2.4}.refusal{stroke-dasharray:8 3}"
                ".server{stroke-dasharray:2 2}.other{stroke-dasharray:1 3}\n"
                ".head,.lane,.axis,.bracket,.rule,.lane-cut{stroke-width:1}"
                ".head{stroke-width:1.2}.dim{stroke-dasharray:3 3}"
                ".lane-cut{stroke-dasharray:1 4}.tick{stroke-width:2}.cut{stroke-width:1.2}\n"
                ".dialling{fill:none;stroke-width:1.2}.half{fill-opacity:.35;stroke-width:1.2;"
                "stroke-dasharray:2 2}.connected{fill-opacity:.3;stroke-width:1.2}\n");
    put_colours(out, false);
    picture_put(out, "@media (prefers-color-scheme:dark){\n");
    put_colours(out, true);
    picture_put(out, "}\n</style>\n");
}
