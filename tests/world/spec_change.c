/* SPDX-License-Identifier: MIT */
/*
 * What stands behind "path ...:" and "at TIME:" in a world's text.
 */
#include "spec_inside.h"

#include <stdio.h>
#include <string.h>

static bool read_deed(const spec *world, const char *words, spec_change *change);
static bool read_roaming(const spec *world, const char *words, spec_change *change);
static bool read_path_change(const spec *world, char *rest, spec_change *change, char *wrong);
static bool read_lose(const spec *world, char *rest, spec_change *change, char *wrong);
static int find_place(const spec *world, const char *name);
static int find_host(const spec *world, const char *name);

bool spec_path_read(spec_path *path, const spec_path *before, char *item,
                    char ret_wrong[static SPEC_WRONG_SIZE]) {
    char *rest = item;
    const char *word = spec_cut(&rest, ' ');
    char *number = rest != NULL ? spec_cut(&rest, '\n') : item + strlen(item);
    size_t size = strlen(number);
    bool percent = size > 0 && number[size - 1] == '%';
    if (percent) number[size - 1] = 0;
    int64_t value = 0;
    bool ms = !percent && spec_number_read(number, 3, &value) && value >= 0;
    if (ms && strcmp(word, "delay") == 0) {
        path->delay_us = value;
    } else if (ms && strcmp(word, "jitter") == 0) {
        path->jitter_us = value;
    } else if (percent && spec_number_read(number, 4, &value) && value >= 0 && value <= 1000000 &&
               (strcmp(word, "loss") == 0 || strcmp(word, "reorder") == 0)) {
        *(*word == 'l' ? &path->loss_ppm : &path->reorder_ppm) = (uint32_t)value;
    } else if (strcmp(word, "rate") == 0 && !percent && spec_number_read(number, 6, &value) &&
               value >= 0) {
        path->rate_bps = (uint64_t)value;
    } else if (strcmp(word, "black") == 0 && size == 0) {
        path->black = true;
    } else if (strcmp(word, "not") == 0 && strcmp(number, "black") == 0) {
        path->black = false;
    } else if (before == NULL || strcmp(word, "as") != 0 || strcmp(number, "before") != 0) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE,
                 "'%.60s %.60s%s' is not understood; of a path there are delay MS, jitter MS, loss "
                 "N%%, reorder N%%, rate MBIT, black, not black%s",
                 word, number, percent ? "%" : "", before != NULL ? ", as before" : "");
        return false;
    } else {
        *path = *before;
    }
    return true;
}

bool spec_pair_read(const spec *world, char *text, unsigned *ret_place, unsigned *ret_other,
                    bool *ret_one_way, char ret_wrong[static SPEC_WRONG_SIZE]) {
    char *dash = strpbrk(text, "->");
    char copy[64];
    snprintf(copy, sizeof(copy), "%.60s", text);
    if (dash != NULL) {
        char *from = text, *to = dash + 1;
        bool one_way = *dash == '>';
        int place = find_place(world, spec_cut(&from, *dash));
        int other = find_place(world, spec_cut(&to, '\n'));
        if (place >= 0 && other >= 0) {
            *ret_place = (unsigned)place;
            *ret_other = (unsigned)other;
            *ret_one_way = one_way;
            return true;
        }
    }
    snprintf(ret_wrong, SPEC_WRONG_SIZE,
             "'%s' is no path; it is a-b or, one way, a>b, between sites that stand above or the "
             "server",
             copy);
    return false;
}

bool spec_change_read(char *line, const spec *world, spec_change *ret_change,
                      char ret_wrong[static SPEC_WRONG_SIZE]) {
    spec_change change = {0};
    char *rest = line;
    char *time = spec_cut(&rest, ':');
    if (rest == NULL || !spec_number_read(time, 3, &change.at_us) || change.at_us < 0) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE,
                 "'%.60s' is no time; a change is written at MS: WHAT HAPPENS", time);
        return false;
    }
    while (*rest == ' ' || *rest == '\t')
        rest++;
    static const char slow[] = "server answers after ";
    bool good;
    if (strncmp(rest, "path ", 5) == 0) {
        good = read_path_change(world, rest + 5, &change, ret_wrong);
    } else if (strncmp(rest, "lose ", 5) == 0) {
        good = read_lose(world, rest + 5, &change, ret_wrong);
    } else {
        bool is_slow = strncmp(rest, slow, strlen(slow)) == 0;
        change.kind = SPEC_SERVER_SLOW;
        good = is_slow ? spec_number_read(rest + strlen(slow), 3, &change.value_us) &&
                             change.value_us >= 0
                       : read_deed(world, rest, &change) || read_roaming(world, rest, &change);
        snprintf(ret_wrong, SPEC_WRONG_SIZE,
                 "'%.60s' is nothing that may happen; there are server stops, starts, is silent, "
                 "lies, answers after MS; nat of SITE reboots; path a-b: ...; lose a>b 101; HOST "
                 "stops, starts, cancels, moves to SITE, is unplugged for MS, sleeps for MS; "
                 "docker starts "
                 "on HOST; stray syn to HOST; stranger calls HOST; router maps HOST",
                 rest);
    }
    if (good) *ret_change = change;
    return good;
}

static bool read_deed(const spec *world, const char *words, spec_change *change) {
    for (const spec_deed *deed = spec_deeds; deed->before != NULL; deed++) {
        size_t before = strlen(deed->before), after = strlen(deed->after), size = strlen(words);
        char name[SPEC_NAME_SIZE];
        if (size < before + after || size - before - after >= sizeof(name) ||
            strncmp(words, deed->before, before) != 0 ||
            strcmp(words + size - after, deed->after) != 0)
            continue;
        memcpy(name, words + before, size - before - after);
        name[size - before - after] = 0;
        change->kind = deed->kind;
        int who = deed->subject == SPEC_OF_HOST  ? find_host(world, name)
                  : deed->subject == SPEC_OF_NAT ? spec_find_site(world, name)
                                                 : (*name == 0 ? 0 : -1);
        if (who < 0) continue;
        if (deed->subject == SPEC_OF_HOST) change->host = (unsigned)who;
        if (deed->subject == SPEC_OF_NAT) change->place = (unsigned)who;
        return true;
    }
    return false;
}

/* HOST moves to SITE, is unplugged for MS, sleeps for MS */
static bool read_roaming(const spec *world, const char *words, spec_change *change) {
    char name[SPEC_NAME_SIZE];
    size_t size = strcspn(words, " ");
    if (size >= sizeof(name) || words[size] == 0) return false;
    memcpy(name, words, size);
    name[size] = 0;
    int host = find_host(world, name);
    if (host < 0) return false;
    change->host = (unsigned)host;
    for (const spec_roaming *way = spec_roamings; way->words != NULL; way++) {
        size_t start = strlen(way->words);
        if (strncmp(words + size, way->words, start) != 0) continue;
        const char *rest = words + size + start;
        change->kind = way->kind;
        if (way->kind != SPEC_MOVES)
            return spec_number_read(rest, 3, &change->value_us) && change->value_us > 0;
        int site = spec_find_site(world, rest);
        if (site >= 0) change->place = (unsigned)site;
        return site >= 0;
    }
    return false;
}

/* What is not said is as the world's text has it for the beginning. */
static bool read_path_change(const spec *world, char *rest, spec_change *change, char *wrong) {
    char *pair = spec_cut(&rest, ':');
    change->kind = SPEC_PATH_CHANGES;
    if (!spec_pair_read(world, pair, &change->place, &change->other, &change->one_way, wrong))
        return false;
    const spec_path *before = &world->paths[change->place][change->other];
    change->path = *before;
    char *item = spec_cut(&rest, ',');
    if (item == NULL) {
        snprintf(wrong, SPEC_WRONG_SIZE, "the path %s becomes what? path a-b: black", pair);
        return false;
    }
    for (; item != NULL; item = spec_cut(&rest, ','))
        if (!spec_path_read(&change->path, before, item, wrong)) return false;
    return true;
}

static bool read_lose(const spec *world, char *rest, spec_change *change, char *wrong) {
    char *pair = spec_cut(&rest, ' ');
    bool one_way;
    change->kind = SPEC_LOSE;
    if (!spec_pair_read(world, pair, &change->place, &change->other, &one_way, wrong)) return false;
    const char *bits = rest != NULL ? spec_cut(&rest, '\n') : "";
    size_t size = strspn(bits, "01");
    if (!one_way || size == 0 || size > 64 || bits[size] != 0) {
        snprintf(wrong, SPEC_WRONG_SIZE,
                 "'%.70s' is not understood; packets are lost by lose a>b 101, the first and the "
                 "third of up to 64",
                 bits);
        return false;
    }
    for (size_t i = 0; i < size; i++)
        if (bits[i] == '1') change->mask |= UINT64_C(1) << i;
    return true;
}

static int find_place(const spec *world, const char *name) {
    return strcmp(name, "server") == 0 ? SPEC_SERVER : spec_find_site(world, name);
}

static int find_host(const spec *world, const char *name) {
    for (unsigned i = 0; i < world->host_count; i++)
        if (strcmp(world->hosts[i].name, name) == 0) return (int)i;
    return -1;
}
