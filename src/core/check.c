/* SPDX-License-Identifier: MIT */
/* Judging a NAT from what became of dials; see check.h. */
#include "core/check.h"

#include <string.h>

#include "core/strategy.h"

static bool came_in(const hop_check_dial *dial) {
    return dial->outcome == HOP_DIALBACK_CONNECTED;
}

static bool was_made(const hop_check_dial *dial) {
    return dial->outcome != HOP_DIALBACK_UNKNOWN && dial->outcome != HOP_DIALBACK_WAITED;
}

static hop_check_stray stray_of(const hop_check_dial *dial) {
    switch (dial->outcome) {
    case HOP_DIALBACK_CONNECTED: return HOP_CHECK_STRAY_OPEN;
    case HOP_DIALBACK_RESET: return HOP_CHECK_STRAY_RST;
    case HOP_DIALBACK_ICMP: return HOP_CHECK_STRAY_ICMP;
    case HOP_DIALBACK_SILENT: return HOP_CHECK_STRAY_DROP;
    case HOP_DIALBACK_UNKNOWN:
    case HOP_DIALBACK_WAITED: break;
    }
    return HOP_CHECK_STRAY_NOT_KNOWN;
}

/* RFC 5780 section 4.4: who was called may answer from elsewhere, or not. */
static hop_check_filtering filtering_of(const hop_check_facts *facts) {
    if (came_in(&facts->host)) return HOP_CHECK_FILTERING_NONE;
    /* A firewall without a NAT knows connections, not addresses: it lets in all strangers or none.
     */
    if (facts->own && came_in(&facts->port)) return HOP_CHECK_FILTERING_NONE;
    if (!was_made(&facts->port)) return HOP_CHECK_FILTERING_NOT_KNOWN;
    if (!came_in(&facts->port)) return HOP_CHECK_FILTERING_PORT;
    return was_made(&facts->host) ? HOP_CHECK_FILTERING_ADDRESS : HOP_CHECK_FILTERING_SOME;
}

/* A SYN that meets ours may pass, or be thrown away like any other. It cannot be asked for where
 * nobody knows the port that it would have to go to. */
static hop_check_answer crossing_of(const hop_check_facts *facts) {
    bool aimed = facts->own || facts->nat.mapping == HOP_NAT_INDEPENDENT ||
                 facts->nat.mapping == HOP_NAT_DEPENDENT;
    if (came_in(&facts->cross)) return HOP_CHECK_YES;
    return was_made(&facts->cross) && aimed ? HOP_CHECK_NO : HOP_CHECK_NOT_KNOWN;
}

static bool is_shared(const hop_address *address) {
    return address->family == HOP_FAMILY_IPV4 && address->ip[0] == 100 &&
           (address->ip[1] & 0xC0) == 64;
}

/* A private or shared (RFC 6598) address behind the first router lies between two NATs; a private
 * network of several routers has such addresses as well, but not in another range. */
static bool sees_second(const hop_check_facts *facts) {
    const hop_address *first = &facts->hops[0];
    for (unsigned i = 1; i < HOP_CHECK_HOPS; i++) {
        const hop_address *hop = &facts->hops[i];
        if (hop->family == HOP_FAMILY_NONE || hop_address_scope(hop) != HOP_SCOPE_PRIVATE) continue;
        if (is_shared(hop) && !is_shared(first)) return true;
    }
    return facts->map_trouble == HOP_MAP_TROUBLE_DOUBLE_NAT;
}

static void count_nats(const hop_check_facts *facts, hop_check_findings *findings) {
    if (facts->own) {
        findings->nats_known = true;
        return;
    }
    findings->carrier = sees_second(facts);
    findings->nats = findings->carrier ? 2 : 1;
    /* The router's own outside is where the server sees us; or a public hop follows the first. */
    bool outside = facts->map_protocol != HOP_MAP_NONE &&
                   hop_address_same_ip(&facts->map_address, &facts->mapped);
    bool public_hop = facts->hops[0].family != HOP_FAMILY_NONE &&
                      hop_address_scope(&facts->hops[1]) == HOP_SCOPE_PUBLIC;
    findings->nats_known = !findings->carrier && (outside || public_hop);
}

static hop_check_way way_of(hop_strategy_kind kind) {
    switch (kind) {
    case HOP_STRATEGY_OBSERVED:
    case HOP_STRATEGY_OPENER: return HOP_CHECK_WAY_DIRECT;
    case HOP_STRATEGY_WINDOW:
    case HOP_STRATEGY_PAIR: return HOP_CHECK_WAY_PREDICT;
    case HOP_STRATEGY_BIRTHDAY: return HOP_CHECK_WAY_MANY;
    case HOP_STRATEGY_HOPELESS: return HOP_CHECK_WAY_RELAY;
    }
    return HOP_CHECK_WAY_NOT_KNOWN;
}

static void find_ways(const hop_check_facts *facts, hop_check_findings *findings) {
    static const hop_nat_mapping peers[] = {[HOP_CHECK_PEER_OPEN] = HOP_NAT_NONE,
                                            [HOP_CHECK_PEER_FIXED] = HOP_NAT_INDEPENDENT,
                                            [HOP_CHECK_PEER_SEQUENTIAL] = HOP_NAT_SEQUENTIAL,
                                            [HOP_CHECK_PEER_RANDOM] = HOP_NAT_RANDOM};
    unsigned own = facts->own ? HOP_NAT_NONE : facts->nat.mapping;
    for (unsigned i = 0; i < HOP_CHECK_PEERS; i++) {
        if (i == HOP_CHECK_PEER_OPEN || findings->reachable == HOP_CHECK_YES)
            findings->ways[i] = HOP_CHECK_WAY_DIRECT;
        else if (own != HOP_NAT_UNKNOWN)
            findings->ways[i] = way_of(hop_strategy_choose(own, peers[i]));
    }
}

static hop_check_answer reachable_of(const hop_check_facts *facts,
                                     const hop_check_findings *findings) {
    bool fixed = facts->own || facts->nat.mapping == HOP_NAT_INDEPENDENT;
    if (came_in(&facts->map_dial)) return HOP_CHECK_YES;
    if (findings->filtering == HOP_CHECK_FILTERING_NOT_KNOWN) return HOP_CHECK_NOT_KNOWN;
    if (findings->filtering == HOP_CHECK_FILTERING_NONE && fixed) return HOP_CHECK_YES;
    if (findings->filtering == HOP_CHECK_FILTERING_SOME) return HOP_CHECK_NOT_KNOWN;
    return HOP_CHECK_NO;
}

void hop_check_judge(const hop_check_facts *facts, hop_check_findings *ret_findings) {
    hop_check_findings findings;
    memset(&findings, 0, sizeof findings);
    if (facts->reached) {
        findings.filtering = filtering_of(facts);
        findings.unmapped = stray_of(&facts->stray);
        findings.stray = findings.filtering == HOP_CHECK_FILTERING_PORT ? stray_of(&facts->port)
                         : findings.filtering == HOP_CHECK_FILTERING_ADDRESS
                             ? stray_of(&facts->host)
                             : findings.unmapped;
        findings.crossing = crossing_of(facts);
        findings.reachable = reachable_of(facts, &findings);
        count_nats(facts, &findings);
        find_ways(facts, &findings);
    }
    *ret_findings = findings;
}

void hop_check_lived(hop_check_life *life, uint32_t seconds, bool alive) {
    if (alive && seconds > life->alive_s && (life->dead_s == 0 || seconds < life->dead_s))
        life->alive_s = seconds;
    if (!alive && (life->dead_s == 0 || seconds < life->dead_s)) life->dead_s = seconds;
    if (life->dead_s != 0 && life->alive_s >= life->dead_s) life->alive_s = 0;
}
