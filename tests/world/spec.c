/* SPDX-License-Identifier: MIT */
/*
 * A world at its defaults, and a site from its kind and traits. The lines of a world's text are
 * read by spec_read.c and written by spec_print.c.
 */
#include "spec_inside.h"

#include <stdio.h>
#include <string.h>

#define MS INT64_C(1000)

static bool read_kind(const char *word, const spec *so_far, unsigned at, spec_site *site,
                      char *ret_wrong);
static bool read_behind(char *words, const spec *so_far, spec_site *site, char *ret_wrong);
static bool read_option(char *option, spec_site *site, char *ret_wrong);
static bool check_nat(const spec_nat *nat, char *ret_wrong);
static bool check_pair(const spec_site *site, char *ret_wrong);

void spec_init(spec *world) {
    memset(world, 0, sizeof(*world));
    world->seed = 1;
    world->server = true;
    world->until_us = 60000 * MS;
    for (unsigned i = 0; i < SPEC_PLACES; i++)
        for (unsigned j = 0; j < SPEC_PLACES; j++)
            world->paths[i][j].delay_us = i == j ? 100 : 25 * MS; /* a LAN is quick */
    for (unsigned i = 0; i < SPEC_SITES_MAX; i++) {
        world->sites[i].shared_carrier = -1;
        world->sites[i].lan = i + 1;
    }
}

bool spec_nat_read(const char *text, spec_site *ret_site, char ret_wrong[static SPEC_WRONG_SIZE]) {
    return spec_site_read(text, NULL, ret_site, ret_wrong);
}

bool spec_site_read(const char *text, const spec *so_far, spec_site *ret_site,
                    char ret_wrong[static SPEC_WRONG_SIZE]) {
    char copy[SPEC_WRONG_SIZE];
    if (strlen(text) >= sizeof(copy)) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "more than %zu letters", sizeof(copy) - 1);
        return false;
    }
    memcpy(copy, text, strlen(text) + 1);
    spec_site site = *ret_site;
    site.nat_count = 0;
    site.shared_carrier = -1;
    site.v6 = SPEC_V6_OFF;
    char *rest = copy;
    char *word = spec_cut(&rest, ',');
    if (!read_kind(word != NULL ? word : "", so_far, 0, &site, ret_wrong)) return false;
    while ((word = spec_cut(&rest, ',')) != NULL) {
        bool behind = strncmp(word, "behind ", 7) == 0;
        if (!(behind ? read_behind(word + 7, so_far, &site, ret_wrong)
                     : read_option(word, &site, ret_wrong)))
            return false;
    }
    for (unsigned i = 0; i < site.nat_count; i++)
        if (!check_nat(&site.nats[i], ret_wrong)) return false;
    if (!check_pair(&site, ret_wrong)) return false;
    *ret_site = site;
    return true;
}

int spec_find_site(const spec *world, const char *name) {
    for (unsigned i = 0; world != NULL && i < world->site_count; i++)
        if (strcmp(world->sites[i].name, name) == 0) return (int)i;
    return -1;
}

bool spec_path_equal(const spec_path *a, const spec_path *b) {
    return a->delay_us == b->delay_us && a->jitter_us == b->jitter_us &&
           a->loss_ppm == b->loss_ppm && a->reorder_ppm == b->reorder_ppm &&
           a->rate_bps == b->rate_bps && a->black == b->black;
}

char *spec_cut(char **rest, char separator) {
    char *piece = *rest;
    if (piece == NULL) return NULL;
    char *end = strchr(piece, separator);
    *rest = end != NULL ? end + 1 : NULL;
    if (end == NULL) end = piece + strlen(piece);
    while (*piece == ' ' || *piece == '\t')
        piece++;
    while (end > piece && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    *end = 0;
    return piece;
}

/* Kinds that are made of others (a home behind a carrier) bring several NATs. */
static bool read_kind(const char *word, const spec *so_far, unsigned at, spec_site *site,
                      char *ret_wrong) {
    const spec_kind *kind = spec_kind_find(word);
    if (kind == NULL || at + kind->nat_count > SPEC_NATS_MAX) {
        char list[SPEC_WRONG_SIZE - 128];
        spec_kind_list(list, sizeof(list));
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "'%.40s' is no kind of site%s; there are %s", word,
                 at > 0 ? " to be behind" : "", list);
        return false;
    }
    for (unsigned i = 0; i < kind->nat_count && kind->nats[0] != NULL; i++)
        if (!read_kind(kind->nats[i], so_far, at + i, site, ret_wrong)) return false;
    site->nat_count = at + kind->nat_count;
    if (kind->nats[0] != NULL || kind->nat_count == 0) return true;
    site->nats[at] = kind->nat;
    memcpy(site->nats[at].name, kind->name, strlen(kind->name) + 1);
    return true;
}

/* "behind KIND" or "behind carrier of SITE" */
static bool read_behind(char *words, const spec *so_far, spec_site *site, char *ret_wrong) {
    if (site->nat_count == 0) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "a public site is behind nothing");
        return false;
    }
    static const char shared[] = "carrier of ";
    if (strncmp(words, shared, strlen(shared)) != 0)
        return read_kind(words, so_far, 1, site, ret_wrong);
    int other = spec_find_site(so_far, words + strlen(shared));
    if (other < 0 || so_far->sites[other].nat_count < 2) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "'%.60s' is no site above this line with a carrier",
                 words + strlen(shared));
        return false;
    }
    site->nat_count = 2;
    site->nats[1] = so_far->sites[other].nats[1];
    site->shared_carrier = other;
    return true;
}

static bool read_option(char *option, spec_site *site, char *ret_wrong) {
    char *value = option;
    const char *key = spec_cut(&value, '=');
    if (value == NULL) value = option + strlen(option);
    if (strcmp(key, "v6") == 0) {
        int v6 = spec_word(spec_v6_words, value);
        if (v6 >= 0) site->v6 = (spec_v6)v6;
        snprintf(ret_wrong, SPEC_WRONG_SIZE,
                 "'%.40s' is nothing for v6; there are off, open, firewall, refuse", value);
        return v6 >= 0;
    }
    if (strcmp(key, "lan") == 0) {
        int64_t lan;
        bool good = spec_number_read(value, 0, &lan) && lan > 0 && lan < 255;
        if (good) site->lan = (unsigned)lan;
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "'%.40s' is nothing for lan; it is 1 to 254", value);
        return good;
    }
    if (site->nat_count == 0) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE,
                 "'%.40s': a public site has no NAT with traits; there are v6 and lan", key);
        return false;
    }
    if (site->shared_carrier >= 0) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "'%.40s': the carrier's traits stand at %s", key,
                 "its own site");
        return false;
    }
    return spec_trait_read(&site->nats[site->nat_count - 1], key, value, ret_wrong);
}

static bool check_nat(const spec_nat *nat, char *ret_wrong) {
    if (nat->none) return true;
    unsigned range = nat->high - nat->low + 1;
    const char *wrong = NULL;
    if (nat->low == 0 || nat->low >= nat->high) wrong = "low has to be above 0 and below high";
    if (nat->ports == SPEC_PORTS_BLOCK && (nat->step == 0 || nat->step > range))
        wrong = "a block has to fit between low and high";
    if (nat->ports == SPEC_PORTS_SEQUENCE && nat->step == 0) wrong = "a sequence needs a step";
    if (wrong != NULL) snprintf(ret_wrong, SPEC_WRONG_SIZE, "%s: %s", nat->name, wrong);
    return wrong == NULL;
}

/* The addresses between a home and its carrier (100.64.0.0/10) are no public ones: both translate.
 */
static bool check_pair(const spec_site *site, char *ret_wrong) {
    if (site->nat_count < 2 || (!site->nats[0].none && !site->nats[1].none)) return true;
    snprintf(ret_wrong, SPEC_WRONG_SIZE,
             "a firewall translates nothing, so it stands neither behind nor before another NAT");
    return false;
}
