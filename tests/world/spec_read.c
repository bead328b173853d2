/* SPDX-License-Identifier: MIT */
/*
 * The lines of a world's text, one function for each. Sites have to stand above what names them;
 * lines with "at" are read last, since they may change what stands below them.
 */
#include "spec_inside.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 512

typedef struct reader {
    spec *spec;
    bool titled;
    char *wrong; /* SPEC_WRONG_SIZE */
} reader;

static bool read_all(reader *in, const char *text, bool changes);
static bool read_line(reader *in, char *line, bool changes);
static bool read_setting(reader *in, const char *word, char *rest, bool *ret_known);
static bool read_seed(const char *text, uint64_t *ret_seed);
static bool read_site(reader *in, char *rest);
static bool read_path_line(reader *in, char *rest);
static bool read_host(reader *in, char *line);
static bool read_host_item(spec_host *host, char *item, char *wrong);
static bool read_change(reader *in, char *rest);
static void take_title(reader *in, char *line);
static bool good_name(const reader *in, const char *name);
static bool complain(reader *in, const char *word, const char *instead);

bool spec_read(const char *text, spec *ret_spec, char ret_wrong[static SPEC_WRONG_SIZE]) {
    spec world;
    spec_init(&world);
    reader in = {.spec = &world, .wrong = ret_wrong};
    if (!read_all(&in, text, false) || !read_all(&in, text, true)) return false;
    *ret_spec = world;
    return true;
}

static bool read_all(reader *in, const char *text, bool changes) {
    char line[LINE_SIZE];
    for (unsigned number = 1; *text != 0; number++) {
        size_t size = strcspn(text, "\n");
        bool fits = size < sizeof(line);
        if (fits) {
            memcpy(line, text, size);
            line[size] = 0;
            if (strcmp(line, "expect") == 0) return true;
        } else {
            snprintf(in->wrong, SPEC_WRONG_SIZE, "longer than %d letters", LINE_SIZE - 1);
        }
        if (!fits || !read_line(in, line, changes)) {
            char what[SPEC_WRONG_SIZE - 24];
            snprintf(what, sizeof(what), "%.*s", (int)sizeof(what) - 1, in->wrong);
            snprintf(in->wrong, SPEC_WRONG_SIZE, "line %u: %s", number, what);
            return false;
        }
        text += size + (text[size] == '\n');
    }
    return true;
}

static bool read_line(reader *in, char *line, bool changes) {
    if (*line == '#' && !in->titled && !changes) take_title(in, line + 1);
    line[strcspn(line, "#")] = 0;
    char *rest = line;
    char *whole = spec_cut(&rest, '\n'); /* trims */
    if (*whole == 0) return true;
    in->titled = true;
    if (strncmp(whole, "at ", 3) == 0) return changes ? read_change(in, whole + 3) : true;
    if (changes) return true;
    char first[LINE_SIZE];
    size_t size = strcspn(whole, " \t");
    memcpy(first, whole, size);
    first[size] = 0;
    rest = whole + size;
    char *tail = spec_cut(&rest, '\n');
    bool known = true;
    bool good = read_setting(in, first, tail, &known);
    if (known) return good;
    if (strncmp(tail, "at ", 3) == 0) {
        tail[-1] = 0; /* first and tail share the line */
        return read_host(in, whole);
    }
    return complain(in, first,
                    "a line begins with seed, until, backlog, resets, no server, dead server, "
                    "relay off, site, path, at, or is HOST at SITE: ROLE");
}

static bool read_setting(reader *in, const char *word, char *rest, bool *ret_known) {
    spec *world = in->spec;
    int64_t value = 0;
    if (strcmp(word, "seed") == 0) {
        if (!read_seed(rest, &world->seed)) return complain(in, rest, "a seed is a number");
        return true;
    }
    if (strcmp(word, "until") == 0) {
        if (!spec_number_read(rest, 3, &value) || value <= 0)
            return complain(in, rest, "the run's end is in milliseconds");
        world->until_us = value;
        return true;
    }
    if (strcmp(word, "backlog") == 0) {
        if (!spec_number_read(rest, 0, &value) || value < 1 || value > 65535)
            return complain(in, rest, "a backlog is a number, 1 to 65535");
        world->backlog = (unsigned)value;
        return true;
    }
    if (strcmp(word, "resets") == 0) {
        char *percent = strchr(rest, '%');
        if (percent != NULL && percent[1] == 0) *percent = 0;
        if (percent == NULL || !spec_number_read(rest, 4, &value) || value < 0 || value > 1000000)
            return complain(in, rest, "resets is of all packets, in percent: resets 2%");
        world->reset_ppm = (uint32_t)value;
        return true;
    }
    if (strcmp(word, "no") == 0) {
        if (strcmp(rest, "server") != 0) return complain(in, rest, "only: no server");
        world->server = false;
        return true;
    }
    if (strcmp(word, "relay") == 0) {
        if (strcmp(rest, "off") != 0) return complain(in, rest, "only: relay off");
        world->relay_off = true;
        return true;
    }
    if (strcmp(word, "dead") == 0) {
        if (strcmp(rest, "server") != 0) return complain(in, rest, "only: dead server");
        world->dead_server = true;
        return true;
    }
    if (strcmp(word, "site") == 0) return read_site(in, rest);
    if (strcmp(word, "path") == 0) return read_path_line(in, rest);
    *ret_known = false;
    return false;
}

/* Any of 64 bits: recordings have such. */
static bool read_seed(const char *text, uint64_t *ret_seed) {
    uint64_t seed = 0;
    const char *end = text;
    for (; *end >= '0' && *end <= '9'; end++) {
        uint64_t digit = (uint64_t)(*end - '0');
        if (seed > (UINT64_MAX - digit) / 10) return false;
        seed = seed * 10 + digit;
    }
    if (*end != 0 || end == text) return false;
    *ret_seed = seed;
    return true;
}

static bool read_site(reader *in, char *rest) {
    spec *world = in->spec;
    char *name = spec_cut(&rest, ':');
    if (rest == NULL) return complain(in, name, "a site is written site NAME: KIND");
    if (!good_name(in, name)) return false;
    if (world->site_count == SPEC_SITES_MAX)
        return complain(in, name, "there may be six sites at most");
    spec_site *site = &world->sites[world->site_count];
    if (!spec_site_read(rest, world, site, in->wrong)) return false;
    memcpy(site->name, name, strlen(name) + 1);
    world->site_count++;
    return true;
}

/* Each line begins at what the path is by then, so that later lines add to earlier ones. */
static bool read_path_line(reader *in, char *rest) {
    spec *world = in->spec;
    char *pair = spec_cut(&rest, ':');
    if (rest == NULL) return complain(in, pair, "a path is written path a-b: delay 25");
    bool all = strcmp(pair, "all") == 0;
    unsigned one = 0, other = 0;
    bool one_way = false;
    if (!all && !spec_pair_read(world, pair, &one, &other, &one_way, in->wrong)) return false;
    char *item;
    while ((item = spec_cut(&rest, ',')) != NULL) {
        char copy[LINE_SIZE];
        for (unsigned i = 0; i < SPEC_PLACES * SPEC_PLACES; i++) {
            unsigned from = i / SPEC_PLACES, to = i % SPEC_PLACES;
            bool meant =
                all ? from != to
                    : (from == one && to == other) || (!one_way && from == other && to == one);
            if (!meant) continue;
            memcpy(copy, item, strlen(item) + 1);
            if (!spec_path_read(&world->paths[from][to], NULL, copy, in->wrong)) return false;
        }
    }
    return true;
}

static bool read_host(reader *in, char *line) {
    spec *world = in->spec;
    char *name = line;
    char *rest = line + strlen(line) + 1 + strlen("at ");
    char *site = spec_cut(&rest, ':');
    if (rest == NULL) return complain(in, site, "a host is written NAME at SITE: ROLE");
    char *trimmed = name;
    name = spec_cut(&trimmed, ' ');
    if (!good_name(in, name)) return false;
    if (world->host_count == SPEC_HOSTS_MAX)
        return complain(in, name, "there may be eight hosts at most");
    int at = spec_find_site(world, site);
    if (at < 0) return complain(in, site, "a site has to stand above its hosts");
    char *role_word = spec_cut(&rest, ',');
    int role = spec_word(spec_role_words, role_word != NULL ? role_word : "");
    char list[128];
    spec_list(spec_role_words, list, sizeof(list));
    if (role < 0) {
        snprintf(in->wrong, SPEC_WRONG_SIZE, "'%.60s' is no role; there are %s", role_word, list);
        return false;
    }
    spec_host host = {.site = (unsigned)at, .role = (spec_role)role};
    memcpy(host.name, name, strlen(name) + 1);
    char *item;
    while ((item = spec_cut(&rest, ',')) != NULL)
        if (!read_host_item(&host, item, in->wrong)) return false;
    world->hosts[world->host_count++] = host;
    return true;
}

static bool read_host_item(spec_host *host, char *item, char *wrong) {
    int64_t value = 0;
    uint64_t seed = 0;
    char *rest = item;
    const char *word = spec_cut(&rest, ' ');
    const char *number = rest != NULL ? spec_cut(&rest, '\n') : "";
    bool ms = spec_number_read(number, 3, &value);
    if (strcmp(word, "after") == 0 && ms && value >= 0) {
        host->start_us = value;
    } else if (strcmp(word, "clock") == 0 && ms) {
        host->clock_off_us = value;
    } else if (strcmp(word, "timeout") == 0 && ms && value >= 0) {
        host->timeout_us = value;
    } else if (strcmp(word, "seed") == 0 && read_seed(number, &seed)) {
        host->seed = seed;
    } else if (strcmp(word, "ticket") == 0 && ms && value >= 0 && value <= 3000 &&
               value % 1000 == 0) {
        host->ticket = (unsigned)(value / 1000);
    } else if (strcmp(word, "relay") == 0 && spec_word(spec_relay_words, number) >= 0) {
        host->relay = (spec_relay)spec_word(spec_relay_words, number);
    } else if (strcmp(word, "no") == 0 && strcmp(number, "lan") == 0) {
        host->no_lan = true;
    } else if (strcmp(word, "docker") == 0 && *number == 0) {
        host->extra_interface = true;
    } else if (strcmp(word, "quiet") == 0 && *number == 0) {
        host->quiet = true;
    } else {
        snprintf(wrong, SPEC_WRONG_SIZE,
                 "'%.60s %.60s' is not understood; of a host there are after MS, clock MS, timeout "
                 "MS, ticket 0 to 3, seed N, relay never, auto or only, no lan, docker, quiet",
                 word, number);
        return false;
    }
    return true;
}

/* Kept in order of time; those of one time as they are written. */
static bool read_change(reader *in, char *rest) {
    spec *world = in->spec;
    spec_change change;
    if (!spec_change_read(rest, world, &change, in->wrong)) return false;
    if (world->change_count == SPEC_CHANGES_MAX)
        return complain(in, "at", "there may be 32 changes at most");
    unsigned at = world->change_count++;
    for (; at > 0 && world->changes[at - 1].at_us > change.at_us; at--)
        world->changes[at] = world->changes[at - 1];
    world->changes[at] = change;
    return true;
}

static void take_title(reader *in, char *line) {
    char *rest = line;
    char copy[LINE_SIZE];
    memcpy(copy, line, strlen(line) + 1);
    rest = copy;
    const char *title = spec_cut(&rest, '\n');
    snprintf(in->spec->title, sizeof(in->spec->title), "%.*s", (int)sizeof(in->spec->title) - 1,
             title);
    in->titled = *title != 0;
}

static bool good_name(const reader *in, const char *name) {
    static const char *const taken[] = {"server", "seed", "until",  "backlog", "no",
                                        "site",   "path", "at",     "all",     "expect",
                                        "nat",    "dead", "resets", "relay",   NULL};
    size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    const char *wrong = NULL;
    if (size == 0 || name[size] != 0 || size >= SPEC_NAME_SIZE)
        wrong = "is no name: letters, digits and _, up to 31";
    if (spec_word(taken, name) >= 0) wrong = "is a word of its own here";
    const spec *world = in->spec;
    for (unsigned i = 0; i < world->host_count; i++)
        if (strcmp(world->hosts[i].name, name) == 0) wrong = "is there twice";
    if (spec_find_site(world, name) >= 0) wrong = "is there twice";
    if (wrong != NULL) snprintf(in->wrong, SPEC_WRONG_SIZE, "'%.60s' %s", name, wrong);
    return wrong == NULL;
}

static bool complain(reader *in, const char *word, const char *instead) {
    snprintf(in->wrong, SPEC_WRONG_SIZE, "'%.60s' is not understood; %s", word, instead);
    return false;
}
