/* SPDX-License-Identifier: MIT */
/*
 * The traits of NATs as text, by one table, and the small words and numbers of worlds. The words
 * are those of lab/rules.c.
 */
#include "spec_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TRAIT(word, field)                                                                         \
    .name = word, .at = offsetof(spec_nat, field), .size = sizeof(((spec_nat *)0)->field)
#define PORTS "ports"

const spec_trait spec_traits[] = {
    {TRAIT("map", map), .words = {"eim", "adm", "apdm"}, .user_only = true},
    {TRAIT("filter", filter), .words = {"eif", "adf", "apdf"}, .user_only = true},
    {TRAIT(PORTS, ports), .words = {"preserve", "random", "seq", "offset", "block", "xor"},
     .user_only = true},
    {TRAIT("low", low), .form = SPEC_FORM_NUMBER, .translators = true},
    {TRAIT("high", high), .form = SPEC_FORM_NUMBER, .translators = true},
    {TRAIT("stray", stray), .words = {"drop", "rst", "icmp"}},
    {TRAIT("reset", reset_kills), .words = {"keeps", "kills"}, .user_only = true},
    {TRAIT("simopen", simopen), .words = {"no", "yes"}, .user_only = true},
    {TRAIT("hairpin", hairpin), .words = {"no", "yes"}, .translators = true},
    {TRAIT("remap", remap_us), .form = SPEC_FORM_MS, .user_only = true},
    {TRAIT("syn", syn_us), .form = SPEC_FORM_MS},
    {TRAIT("idle", idle_us), .form = SPEC_FORM_MS},
    {TRAIT("foreign", foreign_per_second), .form = SPEC_FORM_NUMBER, .user_only = true},
    {TRAIT("quota", quota), .form = SPEC_FORM_NUMBER},
    {.name = NULL},
};

const char *const spec_v6_words[] = {"off", "open", "firewall", "refuse", NULL};
const char *const spec_relay_words[] = {"never", "auto", "only", NULL};
const char *const spec_role_words[] = {"listens", "connects", "by hand", "bare", "impostor", NULL};

const spec_deed spec_deeds[] = {
    {SPEC_SERVER_STOPS, SPEC_OF_SERVER, "server stops", ""},
    {SPEC_SERVER_STARTS, SPEC_OF_SERVER, "server starts", ""},
    {SPEC_SERVER_SILENT, SPEC_OF_SERVER, "server is silent", ""},
    {SPEC_SERVER_LIES, SPEC_OF_SERVER, "server lies", ""},
    {SPEC_NAT_REBOOTS, SPEC_OF_NAT, "nat of ", " reboots"},
    {SPEC_STRAY_SYN, SPEC_OF_HOST, "stray syn to ", ""},
    {SPEC_STRANGER, SPEC_OF_HOST, "stranger calls ", ""},
    {SPEC_MAPS, SPEC_OF_HOST, "router maps ", ""},
    {SPEC_DOCKER, SPEC_OF_HOST, "docker starts on ", ""},
    {SPEC_HOST_STOPS, SPEC_OF_HOST, "", " stops"},
    {SPEC_HOST_STARTS, SPEC_OF_HOST, "", " starts"},
    {SPEC_HOST_CANCELS, SPEC_OF_HOST, "", " cancels"},
    {SPEC_HOST_CANCELS, SPEC_OF_HOST, NULL, NULL},
};

const spec_roaming spec_roamings[] = {
    {SPEC_MOVES, " moves to "},
    {SPEC_UNPLUGGED, " is unplugged for "},
    {SPEC_SLEEPS, " sleeps for "},
    {SPEC_SLEEPS, NULL},
};

/* What a step means where none is written; 0: it takes none. */
static const unsigned usual_step[] = {0, 0, 1, 10007, 512, 0xf000};

static bool put(const spec_trait *trait, spec_nat *nat, int64_t value);
static int64_t get(const spec_trait *trait, const spec_nat *nat);
static bool read_ports(spec_nat *nat, const char *value);

bool spec_trait_read(spec_nat *nat, const char *key, const char *value,
                     char ret_wrong[static SPEC_WRONG_SIZE]) {
    const char *names[sizeof(spec_traits) / sizeof(*spec_traits)] = {NULL};
    const spec_trait *trait = NULL;
    for (unsigned i = 0; spec_traits[i].name != NULL; i++) {
        names[i] = spec_traits[i].name;
        if (strcmp(names[i], key) == 0) trait = &spec_traits[i];
    }
    char list[SPEC_WRONG_SIZE / 2];
    if (trait == NULL) {
        spec_list(names, list, sizeof(list));
        snprintf(ret_wrong, SPEC_WRONG_SIZE,
                 "'%.60s' is no trait; there are v6, lan and, of NATs, %s", key, list);
        return false;
    }
    if ((trait->user_only && nat->conntrack) || (trait->translators && nat->none)) {
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "'%s' can't be set for %s%s", key, nat->name,
                 nat->none ? ", which translates nothing" : ", a NAT of Linux; user,... can");
        return false;
    }
    int64_t number = 0;
    bool good;
    if (strcmp(key, PORTS) == 0)
        good = read_ports(nat, value);
    else if (trait->form == SPEC_FORM_WORD)
        good = (number = spec_word(trait->words, value)) >= 0 && put(trait, nat, number);
    else
        good = spec_number_read(value, trait->form == SPEC_FORM_MS ? 3 : 0, &number) &&
               put(trait, nat, number);
    if (good) return true;
    spec_list(trait->words, list, sizeof(list));
    snprintf(ret_wrong, SPEC_WRONG_SIZE, "'%.60s' is nothing for %s; %s%s", value, key,
             trait->form == SPEC_FORM_WORD ? "there are " : "it is a number", list);
    if (trait->form == SPEC_FORM_MS)
        snprintf(ret_wrong, SPEC_WRONG_SIZE, "'%.60s' is nothing for %s; it is milliseconds", value,
                 key);
    return false;
}

size_t spec_trait_print(const spec_trait *trait, const spec_nat *nat, const spec_nat *usual,
                        char *text, size_t size) {
    int64_t value = get(trait, nat);
    bool ports = strcmp(trait->name, PORTS) == 0;
    if (value == get(trait, usual) && (!ports || nat->step == usual->step)) return 0;
    size_t length = 0;
    char number[32];
    spec_append(text, size, &length, "%s=", trait->name);
    spec_number_print(value, trait->form == SPEC_FORM_MS ? 3 : 0, number);
    spec_append(text, size, &length, "%s",
                trait->form == SPEC_FORM_WORD ? trait->words[value] : number);
    if (ports && usual_step[value] > 0) spec_append(text, size, &length, ":%u", nat->step);
    return length;
}

bool spec_number_read(const char *text, unsigned digits, int64_t *ret_value) {
    int64_t value = 0;
    bool minus = *text == '-';
    bool fraction = false, any = false;
    for (text += minus; *text != 0; text++) {
        if (*text == '.' && !fraction && any) {
            fraction = true;
            continue;
        }
        if (*text < '0' || *text > '9' || value > INT64_MAX / 100 || (fraction && digits == 0))
            return false;
        value = value * 10 + (*text - '0');
        any = true;
        if (fraction) digits--;
    }
    for (; digits > 0; digits--) {
        if (value > INT64_MAX / 100) return false;
        value *= 10;
    }
    if (!any || text[-1] == '.') return false;
    *ret_value = minus ? -value : value;
    return true;
}

size_t spec_number_print(int64_t value, unsigned digits, char text[static 32]) {
    int64_t unit = 1;
    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    int64_t size = value < 0 ? -value : value;
    int length = snprintf(text, 32, "%s%lld.%0*lld", value < 0 ? "-" : "", (long long)(size / unit),
                          (int)digits, (long long)(size % unit));
    while (text[length - 1] == '0' && digits > 0) {
        text[--length] = 0;
        digits--;
    }
    if (digits == 0) {
        char *dot = strchr(text, '.');
        *dot = 0;
        length = (int)(dot - text);
    }
    return (size_t)length;
}

void spec_append(char *text, size_t size, size_t *length, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = *length < size ? size - *length : 0;
    int more = vsnprintf(room > 0 ? text + *length : NULL, room, format, arguments);
    va_end(arguments);
    if (more > 0) *length += (size_t)more;
}

void spec_list(const char *const *words, char *text, size_t size) {
    size_t length = 0;
    text[0] = 0;
    for (unsigned i = 0; words[i] != NULL; i++)
        spec_append(text, size, &length, "%s%s", i == 0 ? "" : ", ", words[i]);
}

int spec_word(const char *const *words, const char *word) {
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0) return i;
    return -1;
}

static bool put(const spec_trait *trait, spec_nat *nat, int64_t value) {
    void *at = (char *)nat + trait->at;
    if (value < 0 || (trait->size == sizeof(unsigned) && value > INT32_MAX)) return false;
    if (trait->size == sizeof(bool))
        *(bool *)at = value != 0;
    else if (trait->size == sizeof(unsigned))
        memcpy(at, &(unsigned){(unsigned)value}, sizeof(unsigned));
    else
        memcpy(at, &value, sizeof(value));
    if (nat->low > 65535 || nat->high > 65535) return false;
    return true;
}

static int64_t get(const spec_trait *trait, const spec_nat *nat) {
    const void *at = (const char *)nat + trait->at;
    if (trait->size == sizeof(bool)) return *(const bool *)at;
    if (trait->size == sizeof(int64_t)) {
        int64_t value;
        memcpy(&value, at, sizeof(value));
        return value;
    }
    unsigned value;
    memcpy(&value, at, sizeof(value));
    return value;
}

/* "preserve", "seq", "seq:2" */
static bool read_ports(spec_nat *nat, const char *value) {
    char word[32];
    const char *colon = strchr(value, ':');
    size_t size = colon != NULL ? (size_t)(colon - value) : strlen(value);
    if (size >= sizeof(word)) return false;
    memcpy(word, value, size);
    word[size] = 0;
    int ports = -1;
    for (unsigned i = 0; spec_traits[i].name != NULL; i++)
        if (strcmp(spec_traits[i].name, PORTS) == 0) ports = spec_word(spec_traits[i].words, word);
    if (ports < 0) return false;
    int64_t step = usual_step[ports];
    if (colon != NULL && (step == 0 || !spec_number_read(colon + 1, 0, &step))) return false;
    if (step < 0 || step > 65535) return false;
    nat->ports = (spec_ports)ports;
    nat->step = (unsigned)step;
    return true;
}
