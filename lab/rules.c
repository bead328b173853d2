/* SPDX-License-Identifier: MIT */
/*
 * Text to rules by one table; see rules.h.
 */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trait {
    const char *name;
    size_t at;
    const char *words[5]; /* the word's place is its value; none: a number */
    bool with_step;       /* a word may carry ":NUMBER" */
};

#define TRAIT(field) .name = #field, .at = offsetof(struct hop_rules, field)

static const struct trait traits[] = {
    {TRAIT(map), .words = {"eim", "adm", "apdm"}},
    {TRAIT(filter), .words = {"eif", "adf", "apdf"}},
    {TRAIT(ports), .words = {"preserve", "random", "seq", "offset"}, .with_step = true},
    {TRAIT(low)},
    {TRAIT(high)},
    {TRAIT(stray), .words = {"drop", "rst", "icmp"}},
    {TRAIT(reset), .words = {"keeps", "kills"}},
    {TRAIT(simopen), .words = {"no", "yes"}},
    {TRAIT(hairpin), .words = {"no", "yes"}},
    {TRAIT(remap)},
    {TRAIT(syn)},
    {TRAIT(idle)},
    {TRAIT(foreign)},
    {TRAIT(seed)},
};

const struct hop_rules hop_rules_default = {
    .map = HOP_SCOPE_NOTHING,
    .filter = HOP_SCOPE_PORT,
    .ports = HOP_PORTS_OFFSET,
    .step = 10007,
    .low = 20000,
    .high = 59999,
    .stray = HOP_STRAY_DROP,
    .reset = 1,
    .simopen = 1,
    .syn = 120000,
    .idle = 7440000, /* RFC 5382 REQ-5: 2 h 4 min */
    .seed = 1,
};

static bool set(struct hop_rules *rules, const struct trait *trait, char *value);

bool hop_rules_read(struct hop_rules *rules, const char *text) {
    char copy[512];
    if (strlen(text) >= sizeof copy) {
        fprintf(stderr, "lab-nat: too many rules\n");
        return false;
    }
    memcpy(copy, text, strlen(text) + 1);
    for (char *rest, *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(word, '=');
        bool good = false;
        if (value != NULL) *value++ = 0;
        for (size_t i = 0; value != NULL && i < sizeof traits / sizeof *traits; i++)
            if (strcmp(traits[i].name, word) == 0) good = set(rules, &traits[i], value);
        if (!good) {
            fprintf(stderr, "lab-nat: no such rule: %s=%s\n", word, value ? value : "");
            return false;
        }
    }
    return rules->low > 0 && rules->low < rules->high && rules->high < 65536;
}

static bool set(struct hop_rules *rules, const struct trait *trait, char *value) {
    uint32_t result;
    char *end;
    char *step = trait->with_step ? strchr(value, ':') : NULL;
    if (step != NULL) {
        *step++ = 0;
        rules->step = (uint32_t)strtoul(step, &end, 10);
        if (*end != 0 || end == step) return false;
    }
    if (trait->words[0] != NULL) {
        result = 0;
        while (trait->words[result] != NULL && strcmp(trait->words[result], value) != 0)
            result++;
        if (trait->words[result] == NULL) return false;
    } else {
        result = (uint32_t)strtoul(value, &end, 10);
        if (*end != 0 || end == value) return false;
    }
    memcpy((char *)rules + trait->at, &result, sizeof result);
    return true;
}
