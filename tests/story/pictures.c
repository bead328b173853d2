/* SPDX-License-Identifier: MIT */
/*
 * The stories' pictures, docs/stories: each story's run as a sequence diagram, and their index.
 *
 *     pictures            checks that the committed ones are what the stories show now
 *     pictures --write    makes them anew (make pictures)
 *     pictures FILE       one story's picture on stdout
 *     pictures --seed N   that of a random world
 *
 * HOP_SOURCE is the source tree. Checking prints "ok NAME" or "not ok NAME: reason".
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"
#include "spec_random.h"

#define PATH_SIZE  4096
#define INDEX_SIZE 65536

static char *draw_file(const char *path, char *ret_name, char *ret_title, char *ret_ending);
static bool put_file(const char *path, const char *text);
static char *get_file(const char *path);
static bool check_file(const char *name, const char *path, const char *text);
static bool check_strays(const char *folder, struct dirent **entries, int count);
static bool all(const char *source, bool write);
static int draw_seed(const char *number);
static int is_story(const struct dirent *entry);

int main(int count, char **words) {
    char name[64], title[256], ending[256];
    const char *source = getenv("HOP_SOURCE");
    if (count == 2 && words[1][0] != '-') {
        char *svg = draw_file(words[1], name, title, ending);
        if (svg == NULL) return 1;
        fputs(svg, stdout);
        free(svg);
        return 0;
    }
    if (count == 3 && strcmp(words[1], "--seed") == 0) return draw_seed(words[2]);
    bool write = count == 2 && strcmp(words[1], "--write") == 0;
    if (count > 2 || (count == 2 && !write)) {
        fprintf(stderr, "pictures [--write|--seed N|FILE]\n");
        return 2;
    }
    return all(source != NULL ? source : ".", write) ? 0 : 1;
}

static int draw_seed(const char *number) {
    static spec plan;
    char ending[256];
    spec_random(strtoull(number, NULL, 10), &plan);
    char *svg = plot_draw(&plan, number, ending, sizeof ending);
    fputs(svg, stdout);
    free(svg);
    return 0;
}

static bool all(const char *source, bool write) {
    static char index[INDEX_SIZE];
    char folder[PATH_SIZE], path[2 * PATH_SIZE], name[64], title[256], ending[256];
    struct dirent **entries = NULL;
    snprintf(folder, sizeof folder, "%s/tests/story", source);
    int count = scandir(folder, &entries, is_story, alphasort);
    bool good = count > 0;
    static char sections[INDEX_SIZE];
    size_t below = 0;
    size_t at = (size_t)snprintf(
        index, sizeof index,
        "# Stories, drawn\n\n"
        "Each picture is one run of the simulated world: a story of "
        "[tests/story](../../tests/story)"
        ", with every SYN, answer\nand refusal on its way. Made by `make pictures` from what the "
        "tests run; a test fails when they are not those of today.\n\n"
        "| story | what happens | how it ends |\n|---|---|---|\n");
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        char *svg = draw_file(path, name, title, ending);
        good = good && svg != NULL;
        if (svg == NULL) continue;
        at += (size_t)snprintf(index + at, sizeof index - at, "| [%s](%s.svg) | %s | %s |\n", name,
                               name, title, ending);
        below += (size_t)snprintf(sections + below, sizeof sections - below,
                                  "\n## %s\n\n%s.\n\n![%s](%s.svg)\n", name, title, name, name);
        if (at >= sizeof index || below >= sizeof sections) abort();
        snprintf(path, sizeof path, "%s/docs/stories/%s.svg", source, name);
        good &= write ? put_file(path, svg) : check_file(name, path, svg);
        free(svg);
    }
    at += (size_t)snprintf(index + at, sizeof index - at, "%s", sections);
    if (at >= sizeof index) abort();
    snprintf(path, sizeof path, "%s/docs/stories/README.md", source);
    good &= write ? put_file(path, index) : check_file("README.md", path, index);
    snprintf(folder, sizeof folder, "%s/docs/stories", source);
    good &= check_strays(folder, entries, count);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return good;
}

/* NULL: it was told why. */
static char *draw_file(const char *path, char *ret_name, char *ret_title, char *ret_ending) {
    char wrong[SPEC_WRONG_SIZE];
    const char *slash = strrchr(path, '/');
    char *text = get_file(path);
    spec *plan = malloc(sizeof *plan);
    char *svg = NULL;
    snprintf(ret_name, 64, "%s", slash != NULL ? slash + 1 : path);
    char *ending = strstr(ret_name, ".story");
    if (ending != NULL) *ending = 0;
    if (plan == NULL) abort();
    if (text == NULL) {
        printf("not ok %s: %s\n", ret_name, strerror(errno));
    } else if (!spec_read(text, plan, wrong)) {
        printf("not ok %s: %s\n", ret_name, wrong);
    } else {
        svg = plot_draw(plan, ret_name, ret_ending, 256);
        snprintf(ret_title, 256, "%s", plan->title);
    }
    free(plan);
    free(text);
    return svg;
}

static bool put_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    bool good = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && fclose(file) != 0) good = false;
    if (!good) fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return good;
}

static char *get_file(const char *path) {
    FILE *file = fopen(path, "r");
    size_t size = 0, room = 4096;
    char *text = malloc(room);
    if (file == NULL || text == NULL) {
        free(text);
        if (file != NULL) fclose(file);
        return NULL;
    }
    for (size_t part; (part = fread(text + size, 1, room - size - 1, file)) > 0;) {
        size += part;
        if (size + 1 < room) continue;
        text = realloc(text, room *= 2);
        if (text == NULL) abort();
    }
    text[size] = 0;
    fclose(file);
    return text;
}

static bool check_file(const char *name, const char *path, const char *text) {
    char *committed = get_file(path);
    bool good = committed != NULL && strcmp(committed, text) == 0;
    if (good)
        printf("ok picture of %s\n", name);
    else
        printf("not ok picture of %s: %s (make pictures)\n", name,
               committed == NULL ? "there is none" : "it is not what happens now");
    free(committed);
    return good;
}

/* A picture whose story is gone. */
static bool check_strays(const char *folder, struct dirent **entries, int count) {
    DIR *open = opendir(folder);
    bool good = true;
    if (open == NULL) return false;
    for (const struct dirent *entry; (entry = readdir(open)) != NULL;) {
        size_t size = strlen(entry->d_name);
        bool known = size < 4 || strcmp(entry->d_name + size - 4, ".svg") != 0;
        for (int i = 0; i < count && !known; i++)
            known = strlen(entries[i]->d_name) == size + 2 &&
                    strncmp(entries[i]->d_name, entry->d_name, size - 4) == 0;
        if (!known) printf("not ok %s: there is no such story\n", entry->d_name);
        good &= known;
    }
    closedir(open);
    return good;
}

static int is_story(const struct dirent *entry) {
    size_t size = strlen(entry->d_name);
    return size > 6 && strcmp(entry->d_name + size - 6, ".story") == 0;
}
