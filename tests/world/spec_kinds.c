/* SPDX-License-Identifier: MIT */
/*
 * The kinds of sites by name, as lab/kinds.py has them and some more. A kernel kind follows TCP as
 * Linux does and keeps one entry a connection; a user kind is lab-nat's.
 */
#include "spec_inside.h"

#include <string.h>

#define SECOND INT64_C(1000000)

/* The life of entries: nf_conntrack's own; RFC 5382 REQ-5 (2 h 4 min) in lab-nat. */
#define KERNEL                                                                                     \
    .conntrack = true, .filter = SPEC_PORT, .low = 1024, .high = 65535, .reset_kills = true,       \
    .simopen = true, .syn_us = 120 * SECOND, .idle_us = 5 * 86400 * SECOND
#define USER_WITH(simultaneous, syn)                                                               \
    .low = 20000, .high = 59999, .reset_kills = true, .simopen = simultaneous, .syn_us = syn,      \
    .idle_us = 7440 * SECOND
#define USER   USER_WITH(true, 120 * SECOND)
#define OFFSET .ports = SPEC_PORTS_OFFSET, .step = 10007
/* lab/kinds.py says why these masks. */
#define XOR(mask) .ports = SPEC_PORTS_XOR, .step = mask

static const spec_kind kinds[] = {
    {"public", 0, {NULL}, {.none = true}},
    {"firewall", 1, {NULL}, {KERNEL, .none = true}},
    {"preserving-drop", 1, {NULL}, {KERNEL, .ports = SPEC_PORTS_PRESERVE}},
    {"preserving-rst", 1, {NULL}, {KERNEL, .ports = SPEC_PORTS_PRESERVE, .stray = SPEC_STRAY_RST}},
    {"preserving-nofilter",
     1,
     {NULL},
     {KERNEL, .ports = SPEC_PORTS_PRESERVE, .stray = SPEC_STRAY_RST}},
    {"eim-drop", 1, {NULL}, {KERNEL, XOR(0xf000)}},
    {"eim-rst", 1, {NULL}, {KERNEL, XOR(0xf000), .stray = SPEC_STRAY_RST}},
    {"eim-icmp", 1, {NULL}, {USER, OFFSET, .filter = SPEC_PORT, .stray = SPEC_STRAY_ICMP}},
    {"fullcone",
     1,
     {NULL},
     {USER, .ports = SPEC_PORTS_RANDOM, .filter = SPEC_NOTHING, .hairpin = true}},
    {"address-restricted", 1, {NULL}, {USER, .ports = SPEC_PORTS_RANDOM, .filter = SPEC_ADDRESS}},
    {"carrier", 2, {"eim-drop", "carrier-nat"}, {.none = true}},
    {"carrier-nat", 1, {NULL}, {KERNEL, XOR(0xf800)}},
    {"carrier-block",
     1,
     {NULL},
     {USER, .ports = SPEC_PORTS_BLOCK, .step = 512, .filter = SPEC_PORT, .quota = 256}},
    {"symmetric-seq",
     1,
     {NULL},
     {USER, .map = SPEC_PORT, .filter = SPEC_PORT, .ports = SPEC_PORTS_SEQUENCE, .step = 1}},
    {"symmetric-random", 1, {NULL}, {KERNEL, .map = SPEC_PORT, .ports = SPEC_PORTS_RANDOM}},
    {"no-simopen", 1, {NULL}, {USER_WITH(false, 120 * SECOND), OFFSET, .filter = SPEC_PORT}},
    {"remapping", 1, {NULL}, {USER, OFFSET, .filter = SPEC_PORT, .remap_us = 10 * SECOND}},
    {"forgetful", 1, {NULL}, {USER_WITH(true, 4 * SECOND), OFFSET, .filter = SPEC_PORT}},
    {"user-eim-drop", 1, {NULL}, {USER, OFFSET, .filter = SPEC_PORT}},
    {"user-eim-rst", 1, {NULL}, {USER, OFFSET, .filter = SPEC_PORT, .stray = SPEC_STRAY_RST}},
    {"user", 1, {NULL}, {USER, OFFSET, .filter = SPEC_PORT}},
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(*kinds) };

const char *spec_nat_kind(unsigned index) {
    return index < KIND_COUNT ? kinds[index].name : NULL;
}

const spec_kind *spec_kind_find(const char *name) {
    for (unsigned i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
    return NULL;
}

void spec_kind_list(char *text, size_t size) {
    const char *names[KIND_COUNT + 1] = {NULL};
    for (unsigned i = 0; i < KIND_COUNT; i++)
        names[i] = kinds[i].name;
    spec_list(names, text, size);
}

spec_nat spec_nat_v6(spec_v6 v6) {
    spec_nat nat = {.name = "firewall", KERNEL, .none = true};
    nat.open = v6 == SPEC_V6_OPEN || v6 == SPEC_V6_OFF;
    nat.stray = v6 == SPEC_V6_REFUSE ? SPEC_STRAY_RST : SPEC_STRAY_DROP;
    return nat;
}
