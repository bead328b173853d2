/* SPDX-License-Identifier: MIT */
/*
 * Runs stories: a world and what has to happen in it (docs/testing.md).
 *
 *     story                       checks all of tests/story (HOP_SOURCE is the source tree)
 *     story --check FILE...       checks these
 *     story FILE...               prints what happens
 *     story --packets FILE...     prints it with every packet at every point
 *     story --accept [FILE...]    writes what happens into the files
 *
 * Checking prints "ok NAME" or "not ok NAME: reason" and a diff, as tools/test understands it. It
 * fails, too, where one of the world's invariants does not hold.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "sight.h"
#include "spec.h"
#include "world.h"

typedef enum story_mode { STORY_CHECK, STORY_PRINT, STORY_ACCEPT } story_mode;

/* Text that grows. */
typedef struct story_text {
    char *bytes;
    size_t size;
    size_t room;
} story_text;

typedef struct story {
    const char *file;
    char name[64];
    char *text;     /* of the file */
    char *expected; /* within text, behind "expect"; NULL: there is none */
    spec world;
    story_text happened;
    world_result result;
} story;

static bool run_file(const char *file, story_mode mode, bool packets);
static bool read_story(story *self, const char *file);
static char *read_file(const char *file);
static void play(story *self, bool packets);
static void tell(void *context, int64_t at_us, const char *who, const char *line);
static void see(void *context, int64_t at_us, network_sight sight, unsigned place,
                const packet *parcel, nat_why why);
static void append(story_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool check(const story *self);
static bool accept(const story *self);
static char **all_files(int *ret_count);
static int is_story(const struct dirent *entry);

int main(int count, char **words) {
    story_mode mode = count > 1 ? STORY_PRINT : STORY_CHECK;
    bool packets = false;
    int first = 1;
    for (; first < count && words[first][0] == '-'; first++) {
        if (strcmp(words[first], "--accept") == 0) {
            mode = STORY_ACCEPT;
        } else if (strcmp(words[first], "--check") == 0) {
            mode = STORY_CHECK;
        } else if (strcmp(words[first], "--packets") == 0) {
            packets = true;
        } else {
            fprintf(stderr, "story [--check|--accept|--packets] [FILE...]\n");
            return 2;
        }
    }
    int files = count - first;
    char **names = files > 0 ? &words[first] : all_files(&files);
    if (mode == STORY_CHECK) printf("1..%d\n", files);
    bool good = files > 0;
    for (int i = 0; i < files; i++)
        good &= run_file(names[i], mode, packets);
    for (int i = 0; names != &words[first] && i < files; i++)
        free(names[i]);
    if (names != &words[first]) free(names);
    return good ? 0 : 1;
}

static bool run_file(const char *file, story_mode mode, bool packets) {
    story *self = calloc(1, sizeof(*self));
    if (self == NULL) abort();
    bool good = read_story(self, file);
    if (good) {
        play(self, packets);
        if (mode == STORY_CHECK) good = check(self);
        if (mode == STORY_ACCEPT) good = accept(self);
        if (mode == STORY_PRINT) fputs(self->happened.bytes, stdout);
        if (mode != STORY_CHECK && self->result.broken[0] != 0) {
            fprintf(stderr, "%s: does not hold: %s\n", self->name, self->result.broken);
            good = false;
        }
    }
    fflush(stdout);
    free(self->text);
    free(self->happened.bytes);
    free(self);
    return good;
}

static bool read_story(story *self, const char *file) {
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;
    const char *end = strstr(name, ".story");
    snprintf(self->name, sizeof(self->name), "%.*s",
             end != NULL ? (int)(end - name) : (int)strlen(name), name);
    self->file = file;
    self->text = read_file(file);
    char wrong[SPEC_WRONG_SIZE];
    if (self->text == NULL) {
        printf("not ok %s: %s\n", self->name, strerror(errno));
        return false;
    }
    if (!spec_read(self->text, &self->world, wrong)) {
        printf("not ok %s: %s\n", self->name, wrong);
        return false;
    }
    char *line =
        strncmp(self->text, "expect\n", 7) == 0 ? self->text - 1 : strstr(self->text, "\nexpect\n");
    if (line != NULL) self->expected = line + strlen("\nexpect\n");
    return true;
}

static char *read_file(const char *file) {
    FILE *from = fopen(file, "r");
    if (from == NULL) return NULL;
    story_text text = {0};
    char part[4096];
    size_t size;
    append(&text, "%s", "");
    while ((size = fread(part, 1, sizeof(part), from)) > 0)
        append(&text, "%.*s", (int)size, part);
    fclose(from);
    return text.bytes;
}

static void play(story *self, bool packets) {
    world_options options = {
        .crypto = WORLD_REAL, .context = self, .tell = tell, .see = packets ? see : NULL};
    append(&self->happened, "%s", "");
    world_run(&self->world, &options, &self->result);
}

static void tell(void *context, int64_t at_us, const char *who, const char *line) {
    story *self = context;
    int64_t tenths = (at_us + 50) / 100;
    append(&self->happened, "[%6lld.%lld ms] %-14s %s\n", (long long)(tenths / 10),
           (long long)(tenths % 10), who, line);
}

static void see(void *context, int64_t at_us, network_sight sight, unsigned place,
                const packet *parcel, nat_why why) {
    char line[SIGHT_SIZE];
    story *self = context;
    sight_print(&self->world, sight, parcel, why, line);
    tell(context, at_us, place == SPEC_SERVER ? "  server" : self->world.sites[place].name, line);
}

static void append(story_text *text, const char *format, ...) {
    for (;;) {
        va_list arguments;
        va_start(arguments, format);
        size_t room = text->room - text->size;
        int size = vsnprintf(room > 0 ? text->bytes + text->size : NULL, room, format, arguments);
        va_end(arguments);
        if (size < 0) abort();
        if ((size_t)size < room) {
            text->size += (size_t)size;
            return;
        }
        text->room = 2 * (text->room + (size_t)size + 64);
        text->bytes = realloc(text->bytes, text->room);
        if (text->bytes == NULL) abort();
    }
}

static bool check(const story *self) {
    const char *expected = self->expected != NULL ? self->expected : "";
    size_t line = diff_first(expected, self->happened.bytes);
    bool holds = self->result.broken[0] == 0;
    if (line == 0 && holds) {
        printf("ok %s\n", self->name);
        return true;
    }
    if (!holds) {
        printf("not ok %s: does not hold: %s\n", self->name, self->result.broken);
    } else {
        printf("not ok %s: line %zu of the transcript differs (make accept ARGS=%s)\n", self->name,
               line, self->file);
    }
    if (line != 0) {
        printf("--- %s\n+++ what happens\n", self->file);
        diff_print(stdout, expected, self->happened.bytes);
    }
    return false;
}

/* Beside the file first: it is never half a story. */
static bool accept(const story *self) {
    const char *expected = self->expected;
    if (expected != NULL && strcmp(expected, self->happened.bytes) == 0) return true;
    char beside[4096];
    int length = snprintf(beside, sizeof(beside), "%s.new", self->file);
    FILE *to = length < (int)sizeof(beside) ? fopen(beside, "w") : NULL;
    if (to != NULL) {
        size_t head = expected != NULL ? (size_t)(expected - self->text) : strlen(self->text);
        fwrite(self->text, 1, head, to);
        if (expected == NULL && head > 0 && self->text[head - 1] != '\n') fputc('\n', to);
        if (expected == NULL) fputs("expect\n", to);
        fputs(self->happened.bytes, to);
        if (fclose(to) == 0 && rename(beside, self->file) == 0) {
            printf("accepted %s\n", self->name);
            return true;
        }
    }
    fprintf(stderr, "%s: %s\n", self->file, strerror(errno));
    return false;
}

/* By name, so that their numbers order them. */
static char **all_files(int *ret_count) {
    const char *source = getenv("HOP_SOURCE");
    char folder[4096];
    snprintf(folder, sizeof(folder), "%s/tests/story", source != NULL ? source : ".");
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_story, alphasort);
    *ret_count = count > 0 ? count : 0;
    if (count <= 0) fprintf(stderr, "no stories in %s\n", folder);
    char **names = calloc((size_t)*ret_count + 1, sizeof(*names));
    if (names == NULL) abort();
    for (int i = 0; i < *ret_count; i++) {
        size_t size = strlen(folder) + strlen(entries[i]->d_name) + 2;
        names[i] = malloc(size);
        if (names[i] == NULL) abort();
        snprintf(names[i], size, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return names;
}

static int is_story(const struct dirent *entry) {
    size_t size = strlen(entry->d_name);
    return size > 6 && strcmp(entry->d_name + size - 6, ".story") == 0;
}
