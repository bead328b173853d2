/* SPDX-License-Identifier: MIT */
/* The table and the JSON object of a check; see check_tell.h. */
#include "cli/check_tell.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli/check_words.h"
#include "cli/out.h"

static bool tell_table(const struct check *check);
static bool row(const char *name, const char *value);
static bool tell_rows(const struct check_family *family, const char *name);
static bool tell_nat_rows(const struct check_family *family);
static bool tell_mapping_rows(const struct check_family *family);
static void emit(const struct check *check, const struct check_lines *verdict,
                 const struct check_lines *advice);
static cJSON *family_json(const struct check_family *family, bool is_ipv4);
static cJSON *portmap_json(const struct check *check);
static void add_address(cJSON *object, const char *name, const hop_address *address);
static void add_answer(cJSON *object, const char *name, hop_check_answer answer);
static cJSON *lines_json(const struct check_lines *lines);

bool check_tell(const struct check *check) {
    struct check_lines verdict, advice;
    bool good = true;
    check_words_verdict(check, &verdict);
    check_words_advice(check, &advice);
    if (out_json()) {
        emit(check, &verdict, &advice);
        return true;
    }
    for (unsigned i = 0; i < verdict.count; i++)
        good &= out_result("%s\n", verdict.text[i]);
    for (unsigned i = 0; i < advice.count; i++)
        good &= out_result("%s%s\n", i == 0 ? "\nAdvice: " : "        ", advice.text[i]);
    if (out_verbose()) good &= tell_table(check);
    return good;
}

const char *check_tell_question(const struct check_step *step) {
    switch (step->purpose) {
    case CHECK_PROBE: return "asks how it is seen";
    case CHECK_PORT: return "dial our mapped port from another port";
    case CHECK_HOST:
    case CHECK_HELP: return "dial our mapped port from another address";
    case CHECK_STRAY: return "dial a port without a mapping";
    case CHECK_HAIR:
    case CHECK_HAIR_OUT: return "dials its own mapped port";
    case CHECK_HOP: return "looks for a router";
    case CHECK_CROSS:
    case CHECK_CROSS_OUT: return "dial us while we dial";
    case CHECK_MAPPED: return "dial the port that the router maps";
    case CHECK_LIFE: return "say a word later";
    }
    return "";
}

const char *check_tell_outcome(const struct check_step *step) {
    if (step->refused != 0) return "the server does not";
    switch (step->dial.outcome) {
    case HOP_DIALBACK_UNKNOWN: return "not known";
    case HOP_DIALBACK_CONNECTED: return "got in";
    case HOP_DIALBACK_RESET: return "refused by RST";
    case HOP_DIALBACK_ICMP: return "refused by ICMP";
    case HOP_DIALBACK_SILENT: return "dropped";
    case HOP_DIALBACK_WAITED: return "it came";
    }
    return "";
}

/* Of a router on the way only its IPv4 address is known. */
static void print_ip(const hop_address *address, char text[static HOP_ADDRESS_TEXT_SIZE]) {
    hop_address_print(address, text);
    text[strcspn(text, ":")] = 0;
}

void check_tell_step(const struct check *check, const struct check_step *step) {
    char server[HOP_ADDRESS_TEXT_SIZE], seen[HOP_ADDRESS_TEXT_SIZE];
    (void)check;
    hop_address_print(&step->link->remote, server);
    hop_address_print(&step->mapped, seen);
    switch (step->purpose) {
    case CHECK_PROBE:
        if (step->mapped.family != HOP_FAMILY_NONE)
            out_story("%s sees us as %s", server, seen);
        else
            out_story("%s does not answer", server);
        break;
    case CHECK_PORT:
    case CHECK_HOST:
    case CHECK_STRAY:
    case CHECK_CROSS:
    case CHECK_MAPPED:
        out_story("%s shall %s: %s", server, check_tell_question(step), check_tell_outcome(step));
        break;
    case CHECK_LIFE:
        out_story("idle for %u s: %s", step->number,
                  step->dial.outcome == HOP_DIALBACK_WAITED ? "the mapping lives" : "not known");
        break;
    case CHECK_HOP:
        print_ip(&step->link->router, seen);
        if (step->link->router.family != HOP_FAMILY_NONE)
            out_story("router number %u on the way: %s", step->number, seen);
        break;
    case CHECK_HELP:
    case CHECK_HAIR:
    case CHECK_HAIR_OUT:
    case CHECK_CROSS_OUT: break;
    }
}

static bool tell_table(const struct check *check) {
    static const char *const names[] = {"IPv4", "IPv6"};
    char life[64];
    bool good = out_result("\n");
    for (unsigned i = 0; i < CHECK_FAMILIES; i++) {
        const struct check_family *family = &check->families[i];
        if (family->server.family == HOP_FAMILY_NONE) continue;
        good &= tell_rows(family, names[i]);
        if (i == CHECK_IPV4 && family->facts.reached && !family->facts.own)
            good &= tell_nat_rows(family) && tell_mapping_rows(family);
    }
    if (check_words_life(check, life, sizeof life)) good &= row("an idle mapping lives", life);
    return good;
}

static bool row(const char *name, const char *value) {
    return out_result("  %-28s %s\n", name, value);
}

static bool tell_rows(const struct check_family *family, const char *name) {
    const hop_check_findings *findings = &family->findings;
    char text[HOP_ADDRESS_TEXT_SIZE], line[128];
    bool good = row(name, family->facts.reached ? "reached" : "the server is not reached");
    if (!family->facts.reached) return good;
    hop_address_print(&family->local, text);
    good &= row("  our address", text);
    hop_address_print(&family->facts.mapped, text);
    good &= row("  as the server sees it", text);
    snprintf(line, sizeof line, "%s%s", check_words_mapping(family),
             family->facts.nat.mapping == HOP_NAT_INDEPENDENT && !family->facts.other_address
                 ? " (towards one address)"
                 : "");
    good &= row("  mapping", line);
    good &= row("  filtering", check_words_filtering(findings->filtering));
    good &= row("  an unsolicited SYN", check_words_stray(findings->stray));
    good &= row("  ... to an unmapped port", check_words_stray(findings->unmapped));
    good &= row("  simultaneous open passes", check_words_answer(findings->crossing));
    good &= row("  anybody gets in", check_words_answer(findings->reachable));
    for (unsigned i = 0; i < HOP_CHECK_PEERS; i++) {
        snprintf(line, sizeof line, "  to a peer: %s", check_words_peer((hop_check_peer)i));
        good &= row(line, check_words_way(findings->ways[i]));
    }
    return good;
}

static bool tell_nat_rows(const struct check_family *family) {
    const hop_nat *nat = &family->facts.nat;
    char line[128] = "", text[HOP_ADDRESS_TEXT_SIZE];
    bool good = row("  ports preserved", nat->preserving ? "yes" : "no");
    if (nat->mapping == HOP_NAT_SEQUENTIAL) {
        snprintf(line, sizeof line, "%+d", nat->delta);
        good &= row("  from port to port", line);
    }
    good &= row("  hairpin", check_words_answer(family->facts.hairpin));
    snprintf(line, sizeof line, "%s%u", family->findings.nats_known ? "" : "at least ",
             family->findings.nats);
    good &= row("  NATs on the way", line);
    line[0] = 0;
    for (unsigned i = 0; i < HOP_CHECK_HOPS; i++) {
        const hop_address *hop = &family->facts.hops[i];
        if (hop->family == HOP_FAMILY_NONE) continue;
        print_ip(hop, text);
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", line[0] ? ", " : "",
                 text);
    }
    good &= row("  routers on the way", line[0] != 0 ? line : "not known");
    return good;
}

static bool tell_mapping_rows(const struct check_family *family) {
    const hop_check_facts *facts = &family->facts;
    char line[160], text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&facts->map_address, text);
    if (facts->map_protocol != HOP_MAP_NONE)
        snprintf(line, sizeof line, "%s, %s", check_words_protocol(facts->map_protocol), text);
    else
        snprintf(
            line, sizeof line, "none%s%s", facts->map_trouble != HOP_MAP_TROUBLE_NONE ? ": " : "",
            facts->map_trouble != HOP_MAP_TROUBLE_NONE ? check_words_trouble(facts->map_trouble)
                                                       : "");
    return row("  port mapping", line);
}

static void emit(const struct check *check, const struct check_lines *verdict,
                 const struct check_lines *advice) {
    cJSON *event = out_event("check");
    cJSON_AddStringToObject(event, "server", check->options.server);
    cJSON_AddNumberToObject(event, "took_ms", (double)(check->ended_us - check->begun_us) / 1000.0);
    cJSON_AddItemToObject(event, "ipv4", family_json(&check->families[CHECK_IPV4], true));
    cJSON_AddItemToObject(event, "ipv6", family_json(&check->families[CHECK_IPV6], false));
    cJSON_AddItemToObject(event, "portmap", portmap_json(check));
    cJSON *life = cJSON_AddObjectToObject(event, "idle");
    if (check->life.alive_s != 0) cJSON_AddNumberToObject(life, "alive_s", check->life.alive_s);
    if (check->life.dead_s != 0) cJSON_AddNumberToObject(life, "dead_s", check->life.dead_s);
    cJSON_AddItemToObject(event, "verdict", lines_json(verdict));
    cJSON_AddItemToObject(event, "advice", lines_json(advice));
    out_emit(event);
}

static cJSON *family_json(const struct check_family *family, bool is_ipv4) {
    const hop_check_facts *facts = &family->facts;
    const hop_check_findings *findings = &family->findings;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "asked", family->server.family != HOP_FAMILY_NONE);
    cJSON_AddBoolToObject(object, "reached", facts->reached);
    if (!facts->reached) return object;
    add_address(object, "local", &family->local);
    add_address(object, "mapped", &facts->mapped);
    cJSON_AddBoolToObject(object, "nat", !facts->own);
    cJSON_AddStringToObject(object, "mapping", check_words_mapping(family));
    cJSON_AddBoolToObject(object, "mapping_sure", facts->own || facts->other_address);
    if (is_ipv4) {
        cJSON_AddBoolToObject(object, "ports_preserved", facts->own || facts->nat.preserving);
        cJSON_AddNumberToObject(object, "delta", facts->nat.delta);
        add_answer(object, "hairpin", facts->hairpin);
        cJSON_AddNumberToObject(object, "nats", findings->nats);
        cJSON_AddBoolToObject(object, "nats_sure", findings->nats_known);
        cJSON *hops = cJSON_AddArrayToObject(object, "routers");
        for (unsigned i = 0; i < HOP_CHECK_HOPS; i++) {
            char text[HOP_ADDRESS_TEXT_SIZE];
            if (facts->hops[i].family == HOP_FAMILY_NONE) continue;
            print_ip(&facts->hops[i], text);
            cJSON_AddItemToArray(hops, cJSON_CreateString(text));
        }
    }
    cJSON_AddStringToObject(object, "filtering", check_words_filtering(findings->filtering));
    cJSON_AddStringToObject(object, "unsolicited", check_words_stray(findings->stray));
    cJSON_AddStringToObject(object, "unmapped", check_words_stray(findings->unmapped));
    add_answer(object, "simultaneous_open", findings->crossing);
    add_answer(object, "reachable", findings->reachable);
    cJSON *ways = cJSON_AddObjectToObject(object, "connects");
    for (unsigned i = 0; i < HOP_CHECK_PEERS; i++)
        cJSON_AddStringToObject(ways, check_words_peer((hop_check_peer)i),
                                check_words_way(findings->ways[i]));
    return object;
}

static cJSON *portmap_json(const struct check *check) {
    const hop_check_facts *facts = &check->families[CHECK_IPV4].facts;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "asked", check->portmap != NULL);
    cJSON_AddStringToObject(object, "protocol", check_words_protocol(facts->map_protocol));
    cJSON_AddStringToObject(object, "trouble", check_words_trouble(facts->map_trouble));
    if (facts->map_protocol != HOP_MAP_NONE) {
        add_address(object, "address", &facts->map_address);
        cJSON_AddBoolToObject(object, "works", facts->map_dial.outcome == HOP_DIALBACK_CONNECTED);
    }
    return object;
}

static void add_address(cJSON *object, const char *name, const hop_address *address) {
    char text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(address, text);
    cJSON_AddStringToObject(object, name, text);
}

/* null: not known. */
static void add_answer(cJSON *object, const char *name, hop_check_answer answer) {
    if (answer == HOP_CHECK_NOT_KNOWN)
        cJSON_AddNullToObject(object, name);
    else
        cJSON_AddBoolToObject(object, name, answer == HOP_CHECK_YES);
}

static cJSON *lines_json(const struct check_lines *lines) {
    cJSON *array = cJSON_CreateArray();
    for (unsigned i = 0; i < lines->count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(lines->text[i]));
    return array;
}
