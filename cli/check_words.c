/* SPDX-License-Identifier: MIT */
/* Words for findings; see check_words.h. */
#include "cli/check_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(struct check_lines *lines, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell_family(const struct check *check, struct check_lines *lines);
static void tell_nat(const struct check_family *family, struct check_lines *lines);
static void tell_ways(const struct check_family *family, struct check_lines *lines);
static void tell_ipv6(const struct check *check, struct check_lines *lines);
static const char *strangers(hop_check_stray stray);

const char *check_words_mapping(const struct check_family *family) {
    static const char *const words[] = {[HOP_NAT_UNKNOWN] = "unknown",
                                        [HOP_NAT_NONE] = "none",
                                        [HOP_NAT_INDEPENDENT] = "endpoint-independent",
                                        [HOP_NAT_DEPENDENT] = "address-dependent",
                                        [HOP_NAT_SEQUENTIAL] = "sequential",
                                        [HOP_NAT_RANDOM] = "random"};
    if (family->facts.own) return words[HOP_NAT_NONE];
    return words[family->facts.nat.mapping <= HOP_NAT_RANDOM ? family->facts.nat.mapping : 0];
}

const char *check_words_filtering(hop_check_filtering filtering) {
    static const char *const words[] = {[HOP_CHECK_FILTERING_NOT_KNOWN] = "unknown",
                                        [HOP_CHECK_FILTERING_NONE] = "endpoint-independent",
                                        [HOP_CHECK_FILTERING_SOME] = "not-port-dependent",
                                        [HOP_CHECK_FILTERING_ADDRESS] = "address-dependent",
                                        [HOP_CHECK_FILTERING_PORT] = "address-and-port-dependent"};
    return words[filtering];
}

const char *check_words_stray(hop_check_stray stray) {
    static const char *const words[] = {[HOP_CHECK_STRAY_NOT_KNOWN] = "unknown",
                                        [HOP_CHECK_STRAY_DROP] = "drop",
                                        [HOP_CHECK_STRAY_RST] = "rst",
                                        [HOP_CHECK_STRAY_ICMP] = "icmp",
                                        [HOP_CHECK_STRAY_OPEN] = "open"};
    return words[stray];
}

const char *check_words_way(hop_check_way way) {
    static const char *const words[] = {[HOP_CHECK_WAY_NOT_KNOWN] = "unknown",
                                        [HOP_CHECK_WAY_DIRECT] = "direct",
                                        [HOP_CHECK_WAY_PREDICT] = "predicted",
                                        [HOP_CHECK_WAY_MANY] = "many-dials",
                                        [HOP_CHECK_WAY_RELAY] = "relay"};
    return words[way];
}

const char *check_words_peer(hop_check_peer peer) {
    static const char *const words[] = {[HOP_CHECK_PEER_OPEN] = "open",
                                        [HOP_CHECK_PEER_FIXED] = "fixed",
                                        [HOP_CHECK_PEER_SEQUENTIAL] = "sequential",
                                        [HOP_CHECK_PEER_RANDOM] = "random"};
    return words[peer];
}

const char *check_words_protocol(hop_map_protocol protocol) {
    static const char *const words[] = {[HOP_MAP_NONE] = "none",
                                        [HOP_MAP_PCP] = "PCP",
                                        [HOP_MAP_NATPMP] = "NAT-PMP",
                                        [HOP_MAP_UPNP] = "UPnP"};
    return words[protocol];
}

const char *check_words_trouble(hop_map_trouble trouble) {
    static const char *const words[] = {[HOP_MAP_TROUBLE_NONE] = "none",
                                        [HOP_MAP_TROUBLE_SILENT] = "silent",
                                        [HOP_MAP_TROUBLE_LOST] = "lost",
                                        [HOP_MAP_TROUBLE_UNUSABLE] = "unusable",
                                        [HOP_MAP_TROUBLE_PERMANENT] = "permanent",
                                        [HOP_MAP_TROUBLE_REFUSED] = "refused",
                                        [HOP_MAP_TROUBLE_DOUBLE_NAT] = "double-nat"};
    return words[trouble];
}

const char *check_words_answer(hop_check_answer answer) {
    return answer == HOP_CHECK_YES ? "yes" : answer == HOP_CHECK_NO ? "no" : "not known";
}

bool check_words_life(const struct check *check, char *text, size_t size) {
    const hop_check_life *life = &check->life;
    if (life->alive_s == 0 && life->dead_s == 0) return false;
    if (life->dead_s == 0)
        snprintf(text, size, "at least %u s", life->alive_s);
    else if (life->alive_s == 0)
        snprintf(text, size, "less than %u s", life->dead_s);
    else
        snprintf(text, size, "between %u and %u s", life->alive_s, life->dead_s);
    return true;
}

void check_words_verdict(const struct check *check, struct check_lines *ret_lines) {
    ret_lines->count = 0;
    const struct check_family *family = &check->families[CHECK_IPV4];
    char life[64];
    tell_family(check, ret_lines);
    if (family->facts.reached && family->findings.carrier)
        add(ret_lines, "There are two NATs on the way: yours, and one before it.");
    if (family->facts.map_protocol != HOP_MAP_NONE)
        add(ret_lines, "The router maps ports by %s%s.",
            check_words_protocol(family->facts.map_protocol),
            family->facts.map_dial.outcome == HOP_DIALBACK_CONNECTED
                ? ", and the mapped port is reached from outside"
            : family->facts.map_dial.outcome == HOP_DIALBACK_UNKNOWN
                ? ""
                : ", but the mapped port is not reached from outside");
    if (check_words_life(check, life, sizeof life))
        add(ret_lines, "An idle mapping lives %s.", life);
    tell_ipv6(check, ret_lines);
}

static void add(struct check_lines *lines, const char *format, ...) {
    va_list list;
    if (lines->count == CHECK_LINES_MAX) return;
    va_start(list, format);
    vsnprintf(lines->text[lines->count++], CHECK_LINE_SIZE, format, list);
    va_end(list);
}

static void tell_family(const struct check *check, struct check_lines *lines) {
    const struct check_family *family = &check->families[CHECK_IPV4];
    if (family->server.family == HOP_FAMILY_NONE) return;
    if (!family->facts.reached) {
        add(lines, "IPv4: the server is not reached.");
        return;
    }
    if (!family->facts.own)
        tell_nat(family, lines);
    else if (hop_address_scope(&family->facts.mapped) != HOP_SCOPE_PUBLIC)
        add(lines, "No NAT between this machine and the server: it sees a private address.");
    else if (family->findings.reachable == HOP_CHECK_YES)
        add(lines, "No NAT, no firewall: this machine has a public address, and "
                   "strangers get in.");
    else
        add(lines, "No NAT: this machine has a public address, behind a firewall that %s.",
            strangers(family->findings.stray));
    tell_ways(family, lines);
}

static const char *strangers(hop_check_stray stray) {
    switch (stray) {
    case HOP_CHECK_STRAY_DROP: return "drops strangers' calls in silence";
    case HOP_CHECK_STRAY_RST: return "refuses strangers by RST";
    case HOP_CHECK_STRAY_ICMP: return "refuses strangers by ICMP";
    case HOP_CHECK_STRAY_OPEN: return "lets strangers in";
    case HOP_CHECK_STRAY_NOT_KNOWN: break;
    }
    return "was not dialled by strangers (the server does not dial back)";
}

static void tell_nat(const struct check_family *family, struct check_lines *lines) {
    const hop_nat *nat = &family->facts.nat;
    const hop_check_findings *findings = &family->findings;
    char delta[80];
    const char *keeps = "of an unknown kind: the server has only one port to look from";
    snprintf(delta, sizeof delta, "that takes the port %+d for each next destination", nat->delta);
    switch ((hop_nat_mapping)nat->mapping) {
    case HOP_NAT_UNKNOWN:
    case HOP_NAT_NONE: break;
    case HOP_NAT_INDEPENDENT:
        keeps = nat->preserving ? "that keeps one port towards everybody, the inside one"
                                : "that keeps one port towards everybody";
        break;
    case HOP_NAT_DEPENDENT: keeps = "that takes another port for each address"; break;
    case HOP_NAT_SEQUENTIAL: keeps = delta; break;
    case HOP_NAT_RANDOM: keeps = "that takes any port for each destination"; break;
    }
    add(lines, "A NAT %s.", keeps);
    switch (findings->filtering) {
    case HOP_CHECK_FILTERING_NOT_KNOWN: break;
    case HOP_CHECK_FILTERING_NONE:
        add(lines, "A port in use is open to everybody (full cone).");
        break;
    case HOP_CHECK_FILTERING_SOME:
        add(lines, "A port in use is open to every port of an address that was called; "
                   "whether to others, too, the server has no second address to tell.");
        break;
    case HOP_CHECK_FILTERING_ADDRESS:
        add(lines, "A port in use is open to addresses that were called; it %s.",
            strangers(findings->stray));
        break;
    case HOP_CHECK_FILTERING_PORT: add(lines, "It %s.", strangers(findings->stray)); break;
    }
    if (findings->crossing == HOP_CHECK_NO)
        add(lines, "It drops calls that meet ours (simultaneous open), too.");
}

/* One line a way, with the kinds of peers that it is for. */
static void tell_ways(const struct check_family *family, struct check_lines *lines) {
    static const char *const peers[] = {
        [HOP_CHECK_PEER_OPEN] = "public addresses and open NATs",
        [HOP_CHECK_PEER_FIXED] = "NATs that keep their port (most homes)",
        [HOP_CHECK_PEER_SEQUENTIAL] = "NATs that count their ports up",
        [HOP_CHECK_PEER_RANDOM] = "NATs with random ports"};
    for (unsigned way = HOP_CHECK_WAY_DIRECT; way <= HOP_CHECK_WAY_RELAY; way++) {
        char list[160] = "";
        for (unsigned i = 0; i < HOP_CHECK_PEERS; i++) {
            if (family->findings.ways[i] != (hop_check_way)way) continue;
            if (list[0] != 0) strcat(list, ", ");
            strcat(list, peers[i]); /* all of ours, and short */
        }
        if (list[0] == 0) continue;
        switch ((hop_check_way)way) {
        case HOP_CHECK_WAY_DIRECT: add(lines, "Connects directly to: %s.", list); break;
        case HOP_CHECK_WAY_PREDICT: add(lines, "Connects by predicting ports to: %s.", list); break;
        case HOP_CHECK_WAY_MANY:
            add(lines, "Connects with many dials, nearly always, to: %s.", list);
            break;
        default: add(lines, "Does not connect directly to: %s.", list); break;
        }
    }
}

static void tell_ipv6(const struct check *check, struct check_lines *lines) {
    const struct check_family *family = &check->families[CHECK_IPV6];
    if (family->server.family == HOP_FAMILY_NONE) return;
    if (!family->facts.reached)
        add(lines, "IPv6: the server is not reached by it.");
    else if (family->findings.reachable == HOP_CHECK_YES)
        add(lines, "IPv6: works, and strangers get in.");
    else if (family->findings.stray == HOP_CHECK_STRAY_NOT_KNOWN)
        add(lines, "IPv6: works.");
    else
        add(lines, "IPv6: works; a firewall %s.", strangers(family->findings.stray));
}

/* The most useful first. */
void check_words_advice(const struct check *check, struct check_lines *ret_lines) {
    const struct check_family *family = &check->families[CHECK_IPV4];
    const hop_check_facts *facts = &family->facts;
    const hop_check_findings *findings = &family->findings;
    bool silent = facts->map_trouble == HOP_MAP_TROUBLE_SILENT;
    bool hard = facts->nat.mapping >= HOP_NAT_DEPENDENT;
    ret_lines->count = 0;
    if (facts->own && hop_address_scope(&facts->mapped) != HOP_SCOPE_PUBLIC)
        add(ret_lines, "Ask a server on the Internet: this one is on our side of the NAT.");
    if (!facts->reached || findings->reachable == HOP_CHECK_YES) return;
    if (findings->carrier)
        add(ret_lines, "One NAT is your provider's: ask for a public IPv4 address, or for IPv6.");
    else if (!facts->own && silent && hard)
        add(ret_lines, "Turn on PCP, NAT-PMP or UPnP on the router, or forward a port and use "
                       "--local-port: then everybody can connect.");
    else if (!facts->own && silent)
        add(ret_lines, "With PCP, NAT-PMP or UPnP turned on, or a port forwarded on the router, "
                       "strangers' NATs do not matter any more.");
    if (facts->map_trouble == HOP_MAP_TROUBLE_REFUSED)
        add(ret_lines, "The router knows port mapping and refuses it: allow it for this machine.");
    if (findings->stray == HOP_CHECK_STRAY_RST || findings->stray == HOP_CHECK_STRAY_ICMP)
        add(ret_lines, "Let the router drop strangers instead of refusing them (OpenWrt: zone wan, "
                       "input and forward DROP): connections come about sooner.");
    if (check->life.dead_s != 0 && check->life.dead_s <= 30)
        add(ret_lines,
            "The router forgets idle connections within %u s: raise its TCP time-out, "
            "keepalive comes every 25 s.",
            check->life.dead_s);
    if (family->refuses)
        add(ret_lines, "The server does not dial back, so filtering is not known: it wants a newer "
                       "hopconn, without --dial-back off.");
    if (family->busy)
        add(ret_lines, "The server had no time for all of it: try again in a minute.");
    if (facts->nat.mapping == HOP_NAT_UNKNOWN && !facts->own)
        add(ret_lines, "Let the server listen on a second port, or name a --helper: then the "
                       "mapping will be known.");
}
