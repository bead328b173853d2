/* SPDX-License-Identifier: MIT */
/*
 * A longest common subsequence by the plain table: stories have hundreds of lines, not thousands.
 */
#include "diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3

typedef struct diff_text {
    const char **lines;
    size_t *sizes;
    size_t count;
} diff_text;

/* One line of the result, before it is cut to what is near a change. */
typedef struct diff_step {
    char mark;
    const char *line;
    size_t size;
    size_t one, other; /* line numbers */
} diff_step;

static diff_text split(const char *text);
static void free_text(diff_text *text);
static bool same(const diff_text *one, size_t i, const diff_text *other, size_t j);
static uint16_t *lengths(const diff_text *one, const diff_text *other);
static size_t walk(const diff_text *one, const diff_text *other, diff_step *steps);
static void print_hunk(FILE *file, const diff_step *steps, size_t from, size_t to);

size_t diff_first(const char *one, const char *other) {
    size_t line = 1;
    for (; *one == *other; one++, other++) {
        if (*one == 0) return 0;
        line += *one == '\n';
    }
    return line;
}

void diff_print(FILE *file, const char *one, const char *other) {
    diff_text left = split(one), right = split(other);
    diff_step *steps = malloc((left.count + right.count + 1) * sizeof(*steps));
    if (steps == NULL) abort();
    size_t count = walk(&left, &right, steps);
    size_t at = 0;
    while (at < count) {
        while (at < count && steps[at].mark == ' ')
            at++;
        if (at == count) break;
        size_t from = at > CONTEXT ? at - CONTEXT : 0, last = at;
        for (; at < count && at <= last + 2 * CONTEXT; at++)
            if (steps[at].mark != ' ') last = at;
        size_t to = last + CONTEXT + 1 < count ? last + CONTEXT + 1 : count;
        print_hunk(file, steps, from, to);
        at = to;
    }
    free(steps);
    free_text(&left);
    free_text(&right);
}

static diff_text split(const char *text) {
    diff_text made = {0};
    size_t room = 1;
    for (const char *at = text; *at != 0; at++)
        room += *at == '\n';
    made.lines = calloc(room, sizeof(*made.lines));
    made.sizes = calloc(room, sizeof(*made.sizes));
    if (made.lines == NULL || made.sizes == NULL) abort();
    while (*text != 0) {
        size_t size = strcspn(text, "\n");
        made.lines[made.count] = text;
        made.sizes[made.count++] = size;
        text += size + (text[size] == '\n');
    }
    return made;
}

static void free_text(diff_text *text) {
    free(text->lines);
    free(text->sizes);
}

static bool same(const diff_text *one, size_t i, const diff_text *other, size_t j) {
    return one->sizes[i] == other->sizes[j] &&
           memcmp(one->lines[i], other->lines[j], one->sizes[i]) == 0;
}

/* [i][j]: how many lines the rests from i and from j on have in common. */
static uint16_t *lengths(const diff_text *one, const diff_text *other) {
    size_t width = other->count + 1;
    uint16_t *table = calloc((one->count + 1) * width, sizeof(*table));
    if (table == NULL) abort();
    for (size_t i = one->count; i-- > 0;) {
        for (size_t j = other->count; j-- > 0;) {
            uint16_t down = table[(i + 1) * width + j], right = table[i * width + j + 1];
            table[i * width + j] = down > right ? down : right;
            if (same(one, i, other, j))
                table[i * width + j] = (uint16_t)(table[(i + 1) * width + j + 1] + 1);
        }
    }
    return table;
}

static size_t walk(const diff_text *one, const diff_text *other, diff_step *steps) {
    uint16_t *table = lengths(one, other);
    size_t width = other->count + 1, count = 0, i = 0, j = 0;
    while (i < one->count || j < other->count) {
        diff_step *step = &steps[count++];
        *step = (diff_step){.one = i + 1, .other = j + 1};
        bool both = i < one->count && j < other->count;
        if (both && same(one, i, other, j))
            step->mark = ' ';
        else if (j == other->count ||
                 (both && table[(i + 1) * width + j] >= table[i * width + j + 1]))
            step->mark = '-';
        else
            step->mark = '+';
        const diff_text *from = step->mark == '+' ? other : one;
        size_t line = step->mark == '+' ? j : i;
        step->line = from->lines[line];
        step->size = from->sizes[line];
        i += step->mark != '+';
        j += step->mark != '-';
    }
    free(table);
    return count;
}

static void print_hunk(FILE *file, const diff_step *steps, size_t from, size_t to) {
    size_t old = 0, new = 0;
    for (size_t i = from; i < to; i++) {
        old += steps[i].mark != '+';
        new += steps[i].mark != '-';
    }
    fprintf(file, "@@ -%zu,%zu +%zu,%zu @@\n", steps[from].one, old, steps[from].other, new);
    for (size_t i = from; i < to; i++)
        fprintf(file, "%c%.*s\n", steps[i].mark, (int)steps[i].size, steps[i].line);
}
