/* SPDX-License-Identifier: MIT */
/* What is concluded of dials and samples: the whole table of outcomes, no sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/check.h"

static hop_address address(const char *text) {
    hop_address parsed;
    assert_true(hop_address_parse(text, strlen(text), 1, &parsed));
    return parsed;
}

/* A home NAT with one port, behind which nobody gets in unasked. */
static hop_check_facts home(hop_dialback_outcome stray) {
    hop_check_facts facts = {.reached = true,
                             .nat = {.mapping = HOP_NAT_INDEPENDENT},
                             .port = {.outcome = stray},
                             .host = {.outcome = stray},
                             .stray = {.outcome = stray},
                             .cross = {.outcome = HOP_DIALBACK_CONNECTED},
                             .mapped = address("198.51.100.17:40000")};
    return facts;
}

static hop_check_findings judged(const hop_check_facts *facts) {
    hop_check_findings findings;
    memset(&findings, 0xA5, sizeof findings);
    hop_check_judge(facts, &findings);
    return findings;
}

static void nothing_is_known_of_what_was_not_reached(void **unused) {
    (void)unused;
    hop_check_facts facts = home(HOP_DIALBACK_RESET);
    facts.reached = false;
    hop_check_findings findings = judged(&facts), none;
    memset(&none, 0, sizeof none);
    assert_memory_equal(&findings, &none, sizeof none);
}

static void filtering_is_told_by_who_gets_in(void **unused) {
    (void)unused;
    static const struct {
        hop_dialback_outcome port, host;
        hop_check_filtering filtering;
        hop_check_stray stray; /* unmapped ports are silent */
        hop_check_answer reachable;
    } cases[] = {
        {HOP_DIALBACK_SILENT, HOP_DIALBACK_SILENT, HOP_CHECK_FILTERING_PORT, HOP_CHECK_STRAY_DROP,
         HOP_CHECK_NO},
        {HOP_DIALBACK_RESET, HOP_DIALBACK_UNKNOWN, HOP_CHECK_FILTERING_PORT, HOP_CHECK_STRAY_RST,
         HOP_CHECK_NO},
        {HOP_DIALBACK_ICMP, HOP_DIALBACK_ICMP, HOP_CHECK_FILTERING_PORT, HOP_CHECK_STRAY_ICMP,
         HOP_CHECK_NO},
        {HOP_DIALBACK_CONNECTED, HOP_DIALBACK_RESET, HOP_CHECK_FILTERING_ADDRESS,
         HOP_CHECK_STRAY_RST, HOP_CHECK_NO},
        {HOP_DIALBACK_CONNECTED, HOP_DIALBACK_UNKNOWN, HOP_CHECK_FILTERING_SOME,
         HOP_CHECK_STRAY_DROP, HOP_CHECK_NOT_KNOWN},
        {HOP_DIALBACK_CONNECTED, HOP_DIALBACK_CONNECTED, HOP_CHECK_FILTERING_NONE,
         HOP_CHECK_STRAY_DROP, HOP_CHECK_YES},
        {HOP_DIALBACK_UNKNOWN, HOP_DIALBACK_UNKNOWN, HOP_CHECK_FILTERING_NOT_KNOWN,
         HOP_CHECK_STRAY_DROP, HOP_CHECK_NOT_KNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hop_check_facts facts = home(HOP_DIALBACK_SILENT);
        facts.port.outcome = cases[i].port;
        facts.host.outcome = cases[i].host;
        hop_check_findings findings = judged(&facts);
        assert_int_equal(findings.filtering, cases[i].filtering);
        assert_int_equal(findings.stray, cases[i].stray);
        assert_int_equal(findings.reachable, cases[i].reachable);
        assert_int_equal(findings.unmapped, HOP_CHECK_STRAY_DROP);
    }
}

/* A firewall knows no half measures: one stranger stands for all. */
static void a_public_address_needs_no_second_one(void **unused) {
    (void)unused;
    hop_check_facts facts = home(HOP_DIALBACK_RESET);
    facts.own = true;
    facts.port.outcome = HOP_DIALBACK_CONNECTED;
    facts.host.outcome = HOP_DIALBACK_UNKNOWN;
    hop_check_findings findings = judged(&facts);
    assert_int_equal(findings.filtering, HOP_CHECK_FILTERING_NONE);
    assert_int_equal(findings.reachable, HOP_CHECK_YES);
    assert_int_equal(findings.nats, 0);
    assert_true(findings.nats_known);
    facts.port.outcome = HOP_DIALBACK_SILENT;
    findings = judged(&facts);
    assert_int_equal(findings.reachable, HOP_CHECK_NO);
    assert_int_equal(findings.ways[HOP_CHECK_PEER_RANDOM], HOP_CHECK_WAY_MANY);
}

static void crossing_is_no_only_where_it_could_be_aimed(void **unused) {
    (void)unused;
    static const struct {
        uint8_t mapping;
        hop_dialback_outcome outcome;
        hop_check_answer answer;
    } cases[] = {
        {HOP_NAT_INDEPENDENT, HOP_DIALBACK_CONNECTED, HOP_CHECK_YES},
        {HOP_NAT_INDEPENDENT, HOP_DIALBACK_SILENT, HOP_CHECK_NO},
        {HOP_NAT_DEPENDENT, HOP_DIALBACK_RESET, HOP_CHECK_NO},
        {HOP_NAT_SEQUENTIAL, HOP_DIALBACK_CONNECTED, HOP_CHECK_YES},
        {HOP_NAT_SEQUENTIAL, HOP_DIALBACK_SILENT, HOP_CHECK_NOT_KNOWN},
        {HOP_NAT_UNKNOWN, HOP_DIALBACK_RESET, HOP_CHECK_NOT_KNOWN},
        {HOP_NAT_INDEPENDENT, HOP_DIALBACK_UNKNOWN, HOP_CHECK_NOT_KNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hop_check_facts facts = home(HOP_DIALBACK_SILENT);
        facts.nat.mapping = cases[i].mapping;
        facts.cross.outcome = cases[i].outcome;
        assert_int_equal(judged(&facts).crossing, cases[i].answer);
    }
}

static void ways_are_those_of_the_strategies(void **unused) {
    (void)unused;
    static const struct {
        uint8_t mapping;
        hop_check_way ways[HOP_CHECK_PEERS];
    } cases[] = {
        {HOP_NAT_INDEPENDENT,
         {HOP_CHECK_WAY_DIRECT, HOP_CHECK_WAY_DIRECT, HOP_CHECK_WAY_PREDICT, HOP_CHECK_WAY_MANY}},
        {HOP_NAT_SEQUENTIAL,
         {HOP_CHECK_WAY_DIRECT, HOP_CHECK_WAY_PREDICT, HOP_CHECK_WAY_PREDICT, HOP_CHECK_WAY_RELAY}},
        {HOP_NAT_RANDOM,
         {HOP_CHECK_WAY_DIRECT, HOP_CHECK_WAY_MANY, HOP_CHECK_WAY_RELAY, HOP_CHECK_WAY_RELAY}},
        {HOP_NAT_UNKNOWN,
         {HOP_CHECK_WAY_DIRECT, HOP_CHECK_WAY_NOT_KNOWN, HOP_CHECK_WAY_NOT_KNOWN,
          HOP_CHECK_WAY_NOT_KNOWN}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hop_check_facts facts = home(HOP_DIALBACK_SILENT);
        facts.nat.mapping = cases[i].mapping;
        hop_check_findings findings = judged(&facts);
        for (unsigned peer = 0; peer < HOP_CHECK_PEERS; peer++)
            assert_int_equal(findings.ways[peer], cases[i].ways[peer]);
        /* A port that the router maps, and that works, makes all of them easy. */
        facts.map_protocol = HOP_MAP_PCP;
        facts.map_dial.outcome = HOP_DIALBACK_CONNECTED;
        findings = judged(&facts);
        assert_int_equal(findings.reachable, HOP_CHECK_YES);
        for (unsigned peer = 0; peer < HOP_CHECK_PEERS; peer++)
            assert_int_equal(findings.ways[peer], HOP_CHECK_WAY_DIRECT);
    }
}

/* Ports that change let nobody in who was not told of the right one. */
static void open_but_unpredictable_is_not_reachable(void **unused) {
    (void)unused;
    hop_check_facts facts = home(HOP_DIALBACK_CONNECTED);
    facts.nat.mapping = HOP_NAT_RANDOM;
    assert_int_equal(judged(&facts).reachable, HOP_CHECK_NO);
}

static void nats_are_counted_by_what_lies_between(void **unused) {
    (void)unused;
    static const struct {
        const char *hops[3];
        unsigned nats;
        bool known;
    } cases[] = {
        {{"192.168.1.1", "192.0.2.1", "192.0.2.2"}, 1, true},
        {{"192.168.1.1", "100.64.1.1", "192.0.2.1"}, 2, false},
        {{"192.168.1.1", NULL, "100.127.255.1"}, 2, false},
        {{"192.168.1.1", "100.128.0.1", NULL}, 1, true},  /* not RFC 6598's */
        {{"192.168.1.1", "192.168.7.1", NULL}, 1, false}, /* a house with two routers */
        {{"100.64.0.1", "100.64.0.2", NULL}, 1, false},   /* a modem at the carrier's */
        {{NULL, NULL, NULL}, 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hop_check_facts facts = home(HOP_DIALBACK_SILENT);
        for (unsigned hop = 0; hop < 3; hop++)
            if (cases[i].hops[hop] != NULL) facts.hops[hop] = address(cases[i].hops[hop]);
        hop_check_findings findings = judged(&facts);
        assert_int_equal(findings.nats, cases[i].nats);
        assert_int_equal(findings.nats_known, cases[i].known);
        assert_int_equal(findings.carrier, cases[i].nats == 2);
    }
}

static void a_router_with_a_private_outside_is_not_the_last(void **unused) {
    (void)unused;
    hop_check_facts facts = home(HOP_DIALBACK_SILENT);
    facts.map_trouble = HOP_MAP_TROUBLE_DOUBLE_NAT;
    assert_int_equal(judged(&facts).nats, 2);
    facts.map_trouble = HOP_MAP_TROUBLE_NONE;
    facts.map_protocol = HOP_MAP_PCP;
    facts.map_address = address("198.51.100.17:5000");
    assert_int_equal(judged(&facts).nats, 1);
    assert_true(judged(&facts).nats_known);
    facts.map_address = address("203.0.113.9:5000");
    assert_false(judged(&facts).nats_known);
}

static void a_mapping_lives_between_two_steps(void **unused) {
    (void)unused;
    hop_check_life life = {0};
    hop_check_lived(&life, 5, true);
    hop_check_lived(&life, 10, true);
    assert_int_equal(life.alive_s, 10);
    assert_int_equal(life.dead_s, 0);
    hop_check_lived(&life, 20, false);
    hop_check_lived(&life, 40, true); /* a NAT that forgot does not remember */
    hop_check_lived(&life, 60, false);
    assert_int_equal(life.alive_s, 10);
    assert_int_equal(life.dead_s, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_of_what_was_not_reached),
        cmocka_unit_test(filtering_is_told_by_who_gets_in),
        cmocka_unit_test(a_public_address_needs_no_second_one),
        cmocka_unit_test(crossing_is_no_only_where_it_could_be_aimed),
        cmocka_unit_test(ways_are_those_of_the_strategies),
        cmocka_unit_test(open_but_unpredictable_is_not_reachable),
        cmocka_unit_test(nats_are_counted_by_what_lies_between),
        cmocka_unit_test(a_router_with_a_private_outside_is_not_the_last),
        cmocka_unit_test(a_mapping_lives_between_two_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
