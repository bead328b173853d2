/* SPDX-License-Identifier: MIT */
/*
 * Each kind of NAT is what it says: the claims that lab/selftest.py proves for the real ones, and
 * how Linux follows TCP (tests/lab/test_conntrack.py compares that with the kernel) and gives ports
 * (that is compared with nothing yet).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "nat.h"

#define MS     INT64_C(1000)
#define SECOND INT64_C(1000000)

/* One NAT with a host (and a neighbour) behind it, and some remote endpoints. */
typedef struct nat_stage {
    nat *box;
    spec_nat traits;
    int64_t now_us;
    nat_why why;
} nat_stage;

static const char public_text[] = "198.51.100.17:0";

static hop_address at(const char *text) {
    hop_address address;
    assert_true(hop_address_parse(text, strlen(text), 0, &address));
    return address;
}

static nat_stage stage_of(const char *kind) {
    spec_site site = {.lan = 1};
    char wrong[SPEC_WRONG_SIZE];
    if (!spec_nat_read(kind, &site, wrong)) fail_msg("%s", wrong);
    hop_address public = at(public_text);
    if (site.nats[0].none) public = (hop_address){0};
    nat_stage made = {.traits = site.nats[0], .now_us = SECOND};
    made.box = nat_new(&site.nats[0], &public, 1);
    return made;
}

static const char *verdict_name(nat_verdict verdict) {
    static const char *const names[] = {"pass", "back", "drop", "refuse", "reset"};
    return names[verdict];
}

/* Sends one packet; where it passes, ret_ends are its addresses afterwards. */
static const char *send_packet(nat_stage *stage, bool out, const hop_address *from,
                               const hop_address *to, unsigned flags, uint32_t seq, uint32_t ack,
                               packet *ret_parcel) {
    packet parcel = {.kind = PACKET_TCP,
                     .source = *from,
                     .target = *to,
                     .ttl = 64,
                     .flags = (uint8_t)flags,
                     .seq = seq,
                     .ack = ack};
    stage->now_us += MS;
    nat_verdict verdict = out ? nat_out(stage->box, stage->now_us, &parcel, &stage->why)
                              : nat_in(stage->box, stage->now_us, &parcel, &stage->why);
    if (verdict != NAT_PASS && verdict != NAT_BACK) {
        assert_true(hop_address_equal(&parcel.source, from));
        assert_true(hop_address_equal(&parcel.target, to));
    }
    memcpy(ret_parcel, &parcel, sizeof(parcel));
    return verdict_name(verdict);
}

static const char *out(nat_stage *stage, const char *from, const char *to, unsigned flags,
                       uint32_t seq, uint32_t ack) {
    packet parcel;
    hop_address source = at(from), target = at(to);
    return send_packet(stage, true, &source, &target, flags, seq, ack, &parcel);
}

/* Towards the public endpoint that this pair has; where it has none: to that port as it is. */
static const char *in(nat_stage *stage, const char *from, const char *inside, unsigned flags,
                      uint32_t seq, uint32_t ack) {
    packet parcel;
    hop_address source = at(from), end = at(inside);
    hop_address target = nat_mapped(stage->box, &end, &source);
    if (target.family == HOP_FAMILY_NONE) {
        target = stage->traits.none ? end : at(public_text);
        target.port = end.port;
    }
    const char *verdict = send_packet(stage, false, &source, &target, flags, seq, ack, &parcel);
    if (strcmp(verdict, "pass") == 0) assert_true(hop_address_equal(&parcel.target, &end));
    return verdict;
}

/* The public endpoint after a SYN. */
static hop_address dial(nat_stage *stage, const char *from, const char *to) {
    packet parcel;
    hop_address source = at(from), target = at(to);
    const char *verdict = send_packet(stage, true, &source, &target, PACKET_SYN, 1000, 0, &parcel);
    assert_string_equal(verdict, "pass");
    return parcel.source;
}

static const char *stray(nat_stage *stage, const char *from, const hop_address *to) {
    packet parcel;
    hop_address source = at(from);
    return send_packet(stage, false, &source, to, PACKET_SYN, 5, 0, &parcel);
}

/* -- every kind, as lab/kinds.py claims it ------------------------------------------------------
 */

#define HOST     "192.168.1.10:5000"
#define NEXT     "192.168.1.10:5001"
#define OTHER    "192.168.1.11:5000"
#define SERVER_A "203.0.113.1:3478"
#define SERVER_B "203.0.113.1:3479"
#define SERVER_C "203.0.113.2:3478"
#define SERVER_D "203.0.113.2:3479"
#define PEER     "198.51.100.34:6000"

typedef struct nat_claim {
    const char *kind;
    const char *mapping;
    const char *filtering;
    const char *stray;
} nat_claim;

static const nat_claim claims[] = {
    {"firewall", "none", "apdf", "drop"},
    {"preserving-drop", "preserving", "apdf", "drop"},
    {"preserving-rst", "preserving", "apdf", "refuse"},
    {"preserving-nofilter", "preserving", "apdf", "refuse"},
    {"eim-drop", "eim", "apdf", "drop"},
    {"eim-rst", "eim", "apdf", "refuse"},
    {"eim-icmp", "eim", "apdf", "refuse"},
    {"fullcone", "eim", "eif", "drop"},
    {"address-restricted", "eim", "adf", "drop"},
    {"carrier", "eim", "apdf", "drop"},
    {"carrier-nat", "eim", "apdf", "drop"},
    {"carrier-block", "eim", "apdf", "drop"},
    {"symmetric-seq", "sequential", "apdf", "drop"},
    {"symmetric-random", "random", "apdf", "drop"},
    {"no-simopen", "eim", "apdf", "drop"},
    {"remapping", "eim", "apdf", "drop"},
    {"forgetful", "eim", "apdf", "drop"},
    {"user-eim-drop", "eim", "apdf", "drop"},
    {"user-eim-rst", "eim", "apdf", "refuse"},
    {"user", "eim", "apdf", "drop"},
    {"user, ports=xor:240", "eim", "apdf", "drop"},
    {"user, ports=preserve, stray=rst", "preserving", "apdf", "refuse"},
};

static void check_mapping(const nat_claim *claim) {
    nat_stage stage = stage_of(claim->kind);
    static const char *const servers[] = {SERVER_A, SERVER_B, SERVER_C, SERVER_D};
    unsigned ports[4], same = 0, next = 0;
    for (int i = 0; i < 4; i++) {
        hop_address seen = dial(&stage, HOST, servers[i]);
        hop_address public = at(stage.traits.none ? HOST : public_text);
        assert_true(hop_address_same_ip(&seen, &public));
        ports[i] = seen.port;
        same += ports[i] == ports[0];
        next += i > 0 && ports[i] == ports[i - 1] + 1;
    }
    bool kept = strcmp(claim->mapping, "none") == 0 || strcmp(claim->mapping, "preserving") == 0;
    if (kept) assert_int_equal(ports[0], 5000);
    if (kept || strcmp(claim->mapping, "eim") == 0) assert_int_equal(same, 4);
    if (strcmp(claim->mapping, "eim") == 0) assert_int_not_equal(ports[0], 5000);
    if (strcmp(claim->mapping, "sequential") == 0) assert_int_equal(next, 3);
    if (strcmp(claim->mapping, "random") == 0) {
        assert_int_equal(same, 1);
        assert_true(next < 3);
    }
    assert_int_not_equal(dial(&stage, NEXT, SERVER_A).port, ports[0]);
    if (!stage.traits.none) assert_int_not_equal(dial(&stage, OTHER, SERVER_A).port, ports[0]);
    nat_free(stage.box);
}

static void check_filtering(const nat_claim *claim) {
    nat_stage stage = stage_of(claim->kind);
    hop_address seen = dial(&stage, HOST, SERVER_A);
    assert_string_equal(in(&stage, SERVER_A, HOST, PACKET_SYN | PACKET_ACK, 7, 1001), "pass");
    bool eif = strcmp(claim->filtering, "eif") == 0, adf = strcmp(claim->filtering, "adf") == 0;
    assert_string_equal(stray(&stage, "203.0.113.1:7001", &seen),
                        eif || adf ? "pass" : claim->stray);
    assert_string_equal(stray(&stage, "203.0.113.2:7001", &seen), eif ? "pass" : claim->stray);
    assert_string_equal(stray(&stage, PEER, &seen), eif ? "pass" : claim->stray);
    hop_address unmapped = seen;
    unmapped.port = 6999;
    assert_string_equal(stray(&stage, PEER, &unmapped), claim->stray);
    /* Nobody answers an RST, or an error. */
    packet parcel;
    hop_address peer = at("198.51.100.50:1");
    assert_string_equal(send_packet(&stage, false, &peer, &unmapped, PACKET_RST, 5, 0, &parcel),
                        "drop");
    nat_free(stage.box);
}

/* Two SYNs that cross, and what follows. */
static void check_crossing(const nat_claim *claim) {
    nat_stage stage = stage_of(claim->kind);
    bool may = stage.traits.simopen;
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 1000, 0), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN, 7000, 0), may ? "pass" : "drop");
    if (!may) assert_int_equal(stage.why, NAT_WHY_SIMOPEN);
    if (may) {
        unsigned synack = PACKET_SYN | PACKET_ACK;
        assert_string_equal(out(&stage, HOST, PEER, synack, 1000, 7001), "pass");
        assert_string_equal(in(&stage, PEER, HOST, synack, 7000, 1001), "pass");
        assert_string_equal(out(&stage, HOST, PEER, PACKET_ACK, 1001, 7001), "pass");
        assert_string_equal(in(&stage, PEER, HOST, PACKET_ACK, 7001, 1001), "pass");
    }
    nat_free(stage.box);
}

/* A SYN that dies on the way opens a hole; a flush or an RST from the far side closes it. */
static void check_hole(const nat_claim *claim) {
    if (strcmp(claim->filtering, "apdf") != 0 || strcmp(claim->kind, "no-simopen") == 0) return;
    for (int i = 0; i < 3; i++) {
        nat_stage stage = stage_of(claim->kind);
        assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 1000, 0), "pass");
        hop_address inside = at(HOST), peer = at(PEER);
        hop_address seen = nat_mapped(stage.box, &inside, &peer);
        if (i == 1) nat_forget(stage.box);
        if (i == 2)
            assert_string_equal(in(&stage, PEER, HOST, PACKET_RST | PACKET_ACK, 0, 1001), "pass");
        assert_string_equal(stray(&stage, PEER, &seen), i == 0 ? "pass" : claim->stray);
        nat_free(stage.box);
    }
}

static void check_hairpin(const nat_claim *claim) {
    nat_stage stage = stage_of(claim->kind);
    if (!stage.traits.none) {
        packet parcel;
        hop_address seen = dial(&stage, HOST, SERVER_A), other = at(OTHER);
        const char *verdict = send_packet(&stage, true, &other, &seen, PACKET_SYN, 5, 0, &parcel);
        /* A router of Linux is called itself. */
        assert_string_equal(verdict, stage.traits.hairpin     ? "back"
                                     : stage.traits.conntrack ? "reset"
                                                              : claim->stray);
        hop_address inside = at(HOST);
        if (stage.traits.hairpin) assert_true(hop_address_equal(&parcel.target, &inside));
        if (stage.traits.hairpin) assert_false(hop_address_same_ip(&parcel.source, &other));
    }
    nat_free(stage.box);
}

static void every_kind(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
        print_message("  %s\n", claims[i].kind);
        check_mapping(&claims[i]);
        check_filtering(&claims[i]);
        check_crossing(&claims[i]);
        check_hole(&claims[i]);
        check_hairpin(&claims[i]);
    }
}

/* 100 connections have 100 public ports towards one server, none of them privileged. */
static void many_connections(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
        nat_stage stage = stage_of(claims[i].kind);
        static uint8_t taken[65536];
        memset(taken, 0, sizeof(taken));
        for (unsigned j = 0; j < 100; j++) {
            char host[32];
            snprintf(host, sizeof(host), "192.168.1.10:%u", 40000 + j);
            unsigned port = dial(&stage, host, SERVER_A).port;
            assert_int_equal(taken[port]++, 0);
            assert_true(port >= 1024);
        }
        nat_free(stage.box);
    }
}

/* -- traits -------------------------------------------------------------------------------------
 */

static void scopes(void **state) {
    (void)state;
    nat_stage stage = stage_of("user, map=adm, filter=adf, stray=icmp");
    hop_address one = dial(&stage, HOST, SERVER_A);
    assert_int_equal(dial(&stage, HOST, SERVER_B).port, one.port);
    hop_address other = dial(&stage, HOST, SERVER_C);
    assert_int_not_equal(other.port, one.port);
    assert_int_equal(dial(&stage, HOST, SERVER_D).port, other.port);
    assert_string_equal(stray(&stage, "203.0.113.1:7001", &one), "pass");
    assert_string_equal(stray(&stage, "203.0.113.2:7001", &one), "refuse");
    nat_free(stage.box);
}

static void sequences(void **state) {
    (void)state;
    nat_stage stage = stage_of("user, map=apdm, ports=seq:3");
    unsigned port = dial(&stage, HOST, SERVER_A).port;
    assert_int_equal(dial(&stage, HOST, SERVER_B).port, port + 3);
    nat_free(stage.box);
    stage = stage_of("user, map=apdm, ports=seq:1, foreign=200");
    port = dial(&stage, HOST, SERVER_A).port;
    stage.now_us += 199 * MS;
    assert_int_equal(dial(&stage, HOST, SERVER_B).port, port + 41);
    nat_free(stage.box);
    /* Round the end of the range. */
    stage = stage_of("user, map=apdm, ports=seq:1, low=5000, high=5003");
    static const char *const servers[] = {SERVER_A, SERVER_B, SERVER_C, SERVER_D};
    unsigned seen = 0;
    for (int i = 0; i < 4; i++)
        seen |= 1u << (dial(&stage, HOST, servers[i]).port - 5000);
    assert_int_equal(seen, 15);
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 1, 0), "drop");
    assert_int_equal(stage.why, NAT_WHY_NO_PORT);
    nat_free(stage.box);
}

static void blocks_and_quotas(void **state) {
    (void)state;
    nat_stage stage = stage_of("user, map=apdm, ports=block:64, low=10000, high=19999");
    unsigned low = 65535, high = 0;
    for (unsigned i = 0; i < 64; i++) {
        char server[32];
        snprintf(server, sizeof(server), "203.0.113.1:%u", 1000 + i);
        unsigned port = dial(&stage, HOST, server).port;
        low = port < low ? port : low;
        high = port > high ? port : high;
    }
    assert_int_equal(high - low, 63);
    assert_int_equal((low - 10000) % 64, 0);
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 1, 0), "drop");
    nat_free(stage.box);
    static const char *const kinds[] = {"user, quota=2, syn=4000", "preserving-drop, quota=2, "
                                                                   "syn=4000"};
    for (int i = 0; i < 2; i++) {
        stage = stage_of(kinds[i]);
        dial(&stage, HOST, SERVER_A);
        dial(&stage, HOST, SERVER_B);
        assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 1, 0), "drop");
        assert_int_equal(stage.why, NAT_WHY_NO_PORT);
        assert_string_equal(out(&stage, HOST, SERVER_A, PACKET_SYN, 1000, 0), "pass");
        stage.now_us += 5 * SECOND;
        dial(&stage, HOST, PEER);
        nat_free(stage.box);
    }
}

static void times_and_resets(void **state) {
    (void)state;
    nat_stage stage = stage_of("user, reset=keeps");
    dial(&stage, HOST, PEER);
    assert_string_equal(in(&stage, PEER, HOST, PACKET_RST | PACKET_ACK, 0, 1001), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN, 9, 0), "pass");
    nat_free(stage.box);
    stage = stage_of("user, syn=300");
    hop_address seen = dial(&stage, HOST, PEER);
    stage.now_us += 290 * MS;
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN, 9, 0), "pass");
    stage.now_us += 600 * MS; /* answered: it lives on */
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN, 9, 0), "pass");
    nat_forget(stage.box);
    seen = dial(&stage, HOST, PEER);
    stage.now_us += 600 * MS;
    assert_string_equal(stray(&stage, PEER, &seen), "drop");
    nat_free(stage.box);
    stage = stage_of("user, idle=20000");
    dial(&stage, HOST, PEER);
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 9, 1001), "pass");
    stage.now_us += 21 * SECOND;
    assert_string_equal(out(&stage, HOST, PEER, PACKET_ACK, 1001, 10), "drop");
    nat_free(stage.box);
    stage = stage_of("user"); /* 10 s after both FINs */
    dial(&stage, HOST, PEER);
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 9, 1001), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_FIN | PACKET_ACK, 10, 1001), "pass");
    assert_string_equal(out(&stage, HOST, PEER, PACKET_FIN | PACKET_ACK, 1001, 11), "pass");
    stage.now_us += 9 * SECOND;
    assert_string_equal(in(&stage, PEER, HOST, PACKET_ACK, 11, 1002), "pass");
    stage.now_us += 11 * SECOND;
    assert_string_equal(in(&stage, PEER, HOST, PACKET_ACK, 11, 1002), "drop");
    nat_free(stage.box);
}

/* A stray SYN burns its port for that peer: the dial comes from another. */
static void remapping(void **state) {
    (void)state;
    nat_stage stage = stage_of("remapping");
    hop_address seen = dial(&stage, HOST, SERVER_A);
    assert_string_equal(stray(&stage, PEER, &seen), "drop");
    assert_int_equal(stage.why, NAT_WHY_STRANGER);
    assert_string_equal(stray(&stage, PEER, &seen), "drop");
    assert_int_equal(stage.why, NAT_WHY_BURNT);
    hop_address other = dial(&stage, HOST, PEER);
    assert_int_not_equal(other.port, seen.port);
    assert_int_equal(dial(&stage, HOST, PEER).port, other.port);
    assert_int_equal(dial(&stage, HOST, SERVER_B).port, seen.port);
    nat_forget(stage.box);
    seen = dial(&stage, HOST, SERVER_A);
    stray(&stage, PEER, &seen);
    stage.now_us += 11 * SECOND;
    assert_int_equal(dial(&stage, HOST, PEER).port, seen.port);
    nat_free(stage.box);
}

static void hairpin_of_two(void **state) {
    (void)state;
    static const char *const kinds[] = {"preserving-rst, hairpin=yes", "user, hairpin=yes"};
    for (int i = 0; i < 2; i++) {
        nat_stage stage = stage_of(kinds[i]);
        packet parcel;
        hop_address one = at(HOST), other = at(OTHER);
        hop_address one_seen = dial(&stage, HOST, SERVER_A);
        hop_address other_seen = dial(&stage, OTHER, SERVER_A);
        assert_string_equal(
            send_packet(&stage, true, &one, &other_seen, PACKET_SYN, 100, 0, &parcel),
            i == 0 ? "refuse" : "drop");
        assert_string_equal(
            send_packet(&stage, true, &other, &one_seen, PACKET_SYN, 200, 0, &parcel), "back");
        assert_true(hop_address_equal(&parcel.target, &one));
        assert_true(hop_address_equal(&parcel.source, &other_seen));
        nat_free(stage.box);
    }
}

static void errors_find_home(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
        nat_stage stage = stage_of(claims[i].kind);
        hop_address inside = at(HOST), peer = at(PEER);
        hop_address seen = dial(&stage, HOST, PEER);
        packet error = {.kind = PACKET_TIME_EXCEEDED,
                        .source = at("192.0.2.2:0"),
                        .target = seen,
                        .quoted_source = seen,
                        .quoted_target = peer};
        error.target.port = 0;
        assert_int_equal(nat_in(stage.box, stage.now_us, &error, &stage.why), NAT_PASS);
        assert_true(hop_address_same_ip(&error.target, &inside));
        assert_true(hop_address_equal(&error.quoted_source, &inside));
        error.target = seen;
        error.quoted_source = seen;
        error.quoted_target.port++;
        assert_int_equal(nat_in(stage.box, stage.now_us, &error, &stage.why), NAT_DROP);
        nat_free(stage.box);
    }
}

/* -- Linux --------------------------------------------------------------------------------------
 */

static void ports_of_linux(void **state) {
    (void)state;
    nat_stage stage = stage_of("preserving-drop");
    assert_int_equal(dial(&stage, HOST, SERVER_A).port, 5000);
    unsigned other = dial(&stage, OTHER, SERVER_A).port;
    assert_int_not_equal(other, 5000);
    /* An inside endpoint that has another port already keeps that one. */
    assert_int_equal(dial(&stage, OTHER, SERVER_B).port, other);
    /* A new one has its own where the remote endpoint is another. */
    assert_int_equal(dial(&stage, "192.168.1.12:5000", SERVER_B).port, 5000);
    nat_free(stage.box);
    /* The lab's rule for EIM has no second choice: 5000 ^ 0x400 of the one is 6024 of the other. */
    stage = stage_of("eim-drop");
    assert_int_equal(dial(&stage, HOST, SERVER_A).port, 5000 ^ 0xf000);
    assert_int_equal(dial(&stage, OTHER, SERVER_A).port, 5000 ^ 0xf400);
    assert_string_equal(out(&stage, "192.168.1.11:6024", SERVER_A, PACKET_SYN, 1, 0), "drop");
    assert_int_equal(stage.why, NAT_WHY_NO_PORT);
    nat_free(stage.box);
}

/* Behind Linux a listener's SYN-ACK does not get out on a hole that an earlier SYN has opened: its
 * sequence number is another. Where it is almost the same Linux takes it for a late packet. */
static void hole_of_an_earlier_syn(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        uint32_t later;
        const char *verdict;
    } cases[] = {
        {"preserving-drop", 2000000, "drop"}, {"eim-drop", 2000000, "drop"},
        {"preserving-drop", 60000, "pass"},   {"firewall", 2000000, "pass"},
        {"user-eim-drop", 2000000, "pass"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        nat_stage stage = stage_of(cases[i].kind);
        dial(&stage, HOST, PEER);
        assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN, 7000, 0), "pass");
        assert_string_equal(
            out(&stage, HOST, PEER, PACKET_SYN | PACKET_ACK, 1000 + cases[i].later, 7001),
            cases[i].verdict);
        /* Nor does a new SYN. */
        if (*cases[i].verdict == 'd')
            assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 1000 + cases[i].later, 0),
                                "drop");
        nat_free(stage.box);
    }
}

static void redials_pass_linux(void **state) {
    (void)state;
    nat_stage stage = stage_of("preserving-rst");
    dial(&stage, HOST, PEER);
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 5000000, 0), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 7, 1001), "pass");
    nat_free(stage.box);
    /* An answer to what was never sent is invalid. */
    stage = stage_of("preserving-rst");
    dial(&stage, HOST, PEER);
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 7, 5000000), "refuse");
    assert_int_equal(stage.why, NAT_WHY_INVALID);
    nat_free(stage.box);
}

static void connect(nat_stage *stage) {
    dial(stage, HOST, PEER);
    assert_string_equal(in(stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 7000, 1001), "pass");
    assert_string_equal(out(stage, HOST, PEER, PACKET_ACK, 1001, 7001), "pass");
}

static void resets_of_linux(void **state) {
    (void)state;
    nat_stage stage = stage_of("preserving-drop");
    connect(&stage);
    /* Behind what has been acknowledged: invalid. Inside the window: passes, ends nothing. */
    assert_string_equal(in(&stage, PEER, HOST, PACKET_RST, 6000, 0), "drop");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_RST, 7100, 0), "pass");
    stage.now_us += 3600 * SECOND;
    assert_string_equal(in(&stage, PEER, HOST, PACKET_ACK, 7001, 1001), "drop");
    nat_forget(stage.box);
    connect(&stage);
    assert_string_equal(in(&stage, PEER, HOST, PACKET_RST, 7001, 0), "pass");
    /* Closed: a new SYN of the one who did not send the RST is let pass, to be answered. */
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 9000000, 0), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 8000000, 9000001), "pass");
    assert_string_equal(out(&stage, HOST, PEER, PACKET_ACK, 9000001, 8000001), "pass");
    nat_free(stage.box);
    stage = stage_of("preserving-drop"); /* closed by us, and forgotten after 10 s */
    connect(&stage);
    assert_string_equal(out(&stage, HOST, PEER, PACKET_RST, 1001, 0), "pass");
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 9000000, 0), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 8000000, 9000001), "pass");
    nat_free(stage.box);
}

static void lives_of_linux(void **state) {
    (void)state;
    nat_stage stage = stage_of("preserving-drop");
    dial(&stage, HOST, PEER);
    stage.now_us += 100 * SECOND;
    dial(&stage, HOST, PEER); /* a repeated SYN does not prolong it */
    stage.now_us += 21 * SECOND;
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN, 7000, 0), "drop");
    connect(&stage);
    assert_string_equal(out(&stage, HOST, PEER, PACKET_FIN | PACKET_ACK, 1001, 7001), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_FIN | PACKET_ACK, 7001, 1002), "pass");
    assert_string_equal(out(&stage, HOST, PEER, PACKET_ACK, 1002, 7002), "pass");
    /* TIME_WAIT, closed by us: a new SYN begins anew. */
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN, 9000000, 0), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_SYN | PACKET_ACK, 7, 9000001), "pass");
    nat_free(stage.box);
}

/* After a reboot Linux takes up what comes from inside, under the same port where it keeps ports;
 * a NAT in user space waits for a SYN. */
static void taken_up_in_its_midst(void **state) {
    (void)state;
    nat_stage stage = stage_of("preserving-drop");
    connect(&stage);
    nat_forget(stage.box);
    assert_string_equal(in(&stage, PEER, HOST, PACKET_ACK, 7001, 1001), "drop");
    assert_string_equal(out(&stage, HOST, PEER, PACKET_ACK, 1001, 7001), "pass");
    assert_string_equal(in(&stage, PEER, HOST, PACKET_ACK, 7001, 1001), "pass");
    nat_forget(stage.box);
    assert_string_equal(out(&stage, HOST, PEER, PACKET_RST, 1001, 0), "drop");
    assert_string_equal(out(&stage, HOST, PEER, PACKET_SYN | PACKET_ACK, 1001, 7), "drop");
    nat_free(stage.box);
    stage = stage_of("user");
    connect(&stage);
    nat_forget(stage.box);
    assert_string_equal(out(&stage, HOST, PEER, PACKET_ACK, 1001, 7001), "drop");
    nat_free(stage.box);
}

static void ipv6_filters(void **state) {
    (void)state;
    static const char host[] = "[2001:db8:1:1::10]:5000", peer[] = "[2001:db8:2:1::10]:6000";
    static const struct {
        spec_v6 v6;
        const char *stray;
    } cases[] = {{SPEC_V6_OPEN, "pass"}, {SPEC_V6_FIREWALL, "drop"}, {SPEC_V6_REFUSE, "refuse"}};
    for (int i = 0; i < 3; i++) {
        nat_stage stage = {.traits = spec_nat_v6(cases[i].v6), .now_us = SECOND};
        stage.box = nat_new(&stage.traits, &(hop_address){0}, 1);
        hop_address inside = at(host);
        assert_string_equal(stray(&stage, peer, &inside), cases[i].stray);
        hop_address seen = dial(&stage, host, peer);
        assert_true(hop_address_equal(&seen, &inside));
        assert_string_equal(stray(&stage, peer, &inside), "pass");
        nat_free(stage.box);
    }
}

/* Thousands of entries: the table grows, forgets what is over, and finds what is there. */
static void crowds(void **state) {
    (void)state;
    static const char *const kinds[] = {"symmetric-random", "user", "symmetric-seq", "eim-rst"};
    for (int i = 0; i < 4; i++) {
        nat_stage stage = stage_of(kinds[i]);
        for (unsigned round = 0; round < 2; round++) {
            char peer[32];
            for (unsigned j = 0; j < 3000; j++) {
                snprintf(peer, sizeof(peer), "198.51.100.34:%u", 10000 + j + 5000 * round);
                dial(&stage, HOST, peer);
            }
            for (unsigned j = 0; j < 3000; j++) {
                snprintf(peer, sizeof(peer), "198.51.100.34:%u", 10000 + j + 5000 * round);
                assert_string_equal(in(&stage, peer, HOST, PACKET_SYN, 9, 0), "pass");
            }
            stage.now_us += 8000 * SECOND;
        }
        nat_free(stage.box);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(many_connections),
        cmocka_unit_test(scopes),
        cmocka_unit_test(sequences),
        cmocka_unit_test(blocks_and_quotas),
        cmocka_unit_test(times_and_resets),
        cmocka_unit_test(remapping),
        cmocka_unit_test(hairpin_of_two),
        cmocka_unit_test(errors_find_home),
        cmocka_unit_test(ports_of_linux),
        cmocka_unit_test(hole_of_an_earlier_syn),
        cmocka_unit_test(redials_pass_linux),
        cmocka_unit_test(resets_of_linux),
        cmocka_unit_test(lives_of_linux),
        cmocka_unit_test(taken_up_in_its_midst),
        cmocka_unit_test(ipv6_filters),
        cmocka_unit_test(crowds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
