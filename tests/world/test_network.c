/* SPDX-License-Identifier: MIT */
/*
 * Where packets go, when, and what becomes of those that do not arrive: on worlds of a few lines,
 * with packets by hand and no kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "network.h"

#define MS       INT64_C(1000)
#define SEEN_MAX 512

typedef struct arrival {
    int64_t at_us;
    unsigned host;
    packet packet;
} arrival;

typedef struct stage {
    spec plan;
    schedule schedule;
    network *network;
    arrival seen[SEEN_MAX];
    unsigned count;
    unsigned sights[NETWORK_EXPIRED + 1];
} stage;

static void on_deliver(void *context, unsigned host, const packet *parcel) {
    stage *set = context;
    assert_in_range(set->count, 0, SEEN_MAX - 1);
    set->seen[set->count++] = (arrival){set->schedule.now_us, host, *parcel};
}

static void on_see(void *context, network_sight sight, unsigned place, const packet *parcel,
                   nat_why why) {
    stage *set = context;
    (void)place;
    (void)parcel;
    (void)why;
    set->sights[sight]++;
}

static stage *begin(const char *text) {
    char wrong[SPEC_WRONG_SIZE];
    stage *set = calloc(1, sizeof *set);
    assert_non_null(set);
    if (!spec_read(text, &set->plan, wrong)) fail_msg("%s", wrong);
    network_config config = {.spec = &set->plan,
                             .schedule = &set->schedule,
                             .context = set,
                             .deliver = on_deliver,
                             .see = on_see};
    set->network = network_new(&config);
    return set;
}

static void end(stage *set) {
    network_free(set->network);
    schedule_clear(&set->schedule);
    free(set);
}

static hop_address at(const char *text) {
    hop_address address = {0};
    if (!hop_address_parse(text, strlen(text), 0, &address)) fail_msg("no address: %s", text);
    return address;
}

static void is_at(const hop_address *address, const char *text) {
    char written[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(address, written);
    assert_string_equal(written, text);
}

static void send(stage *set, unsigned host, const char *source, const char *target, int ttl,
                 unsigned flags) {
    packet head = {.kind = PACKET_TCP,
                   .source = at(source),
                   .target = at(target),
                   .ttl = (uint8_t)ttl,
                   .flags = (uint8_t)flags,
                   .seq = 1000};
    network_send(set->network, host, &head);
}

static void run(stage *set) {
    while (schedule_step(&set->schedule, INT64_MAX - 1))
        continue;
}

static const char plain[] = "site a: preserving-drop, v6=firewall\n"
                            "site b: preserving-rst, v6=refuse\n"
                            "site c: public\n"
                            "alice at a: listens\n"
                            "bob at b: connects\n"
                            "carol at c: connects\n"
                            "dave at a: connects, docker\n";

#define ALICE 0
#define BOB   1
#define CAROL 2
#define DAVE  3

static void test_addresses_are_the_labs(void **state) {
    (void)state;
    stage *set = begin(plain);
    hop_address own[NETWORK_ADDRESSES_MAX];
    uint8_t bits[NETWORK_ADDRESSES_MAX];
    assert_int_equal(network_addresses(set->network, ALICE, own, bits), 2);
    is_at(&own[0], "192.168.1.10:0");
    assert_int_equal(bits[0], 24);
    is_at(&own[1], "[2001:db8:1:1::10]:0");
    assert_int_equal(bits[1], 64);
    assert_int_equal(network_addresses(set->network, CAROL, own, bits), 1);
    is_at(&own[0], "198.51.100.50:0");
    assert_int_equal(bits[0], 28);
    assert_int_equal(network_addresses(set->network, DAVE, own, bits), 3);
    is_at(&own[0], "192.168.1.11:0");
    is_at(&own[2], "172.17.0.1:0");
    hop_address server = network_server(set->network, 1, true);
    is_at(&server, "[2001:db8:5e::2]:0");
    server = at("203.0.113.1:3478");
    hop_address source = network_source(set->network, DAVE, &server);
    is_at(&source, "192.168.1.11:0");
    hop_address container = at("172.17.0.9:1");
    source = network_source(set->network, DAVE, &container);
    is_at(&source, "172.17.0.1:0");
    hop_address six = at("[2001:db8:1:1::10]:1");
    assert_true(network_has_route(set->network, BOB, &six));
    assert_false(network_has_route(set->network, CAROL, &six));
    end(set);
}

static void test_a_way_takes_its_time(void **state) {
    (void)state;
    stage *set = begin(plain);
    send(set, ALICE, "192.168.1.10:4000", "198.51.100.50:5000", 64, PACKET_SYN);
    send(set, ALICE, "192.168.1.10:4000", "192.168.1.11:5000", 64, PACKET_SYN);
    send(set, ALICE, "192.168.1.10:4000", "203.0.113.1:3478", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 3);
    assert_int_equal(set->seen[0].host, DAVE); /* on its own LAN, no router in between */
    assert_int_equal(set->seen[0].at_us, 100);
    assert_int_equal(set->seen[0].packet.ttl, 64);
    is_at(&set->seen[0].packet.source, "192.168.1.10:4000");
    assert_int_equal(set->seen[1].host, CAROL);
    assert_int_equal(set->seen[1].at_us, 25 * MS);
    assert_int_equal(set->seen[1].packet.ttl, 64 - 1 - 3 - 1);
    is_at(&set->seen[1].packet.source, "198.51.100.17:4000");
    assert_int_equal(set->seen[2].host, NETWORK_SERVER);
    end(set);
}

static void test_a_stranger_is_dropped_or_refused(void **state) {
    (void)state;
    stage *set = begin(plain);
    send(set, CAROL, "198.51.100.50:5000", "198.51.100.17:4000", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 0);
    assert_int_equal(set->sights[NETWORK_DROPPED], 1);
    send(set, CAROL, "198.51.100.50:5000", "198.51.100.33:4000", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->seen[0].host, CAROL);
    assert_int_equal(set->seen[0].at_us, (25 + 50) * MS);
    assert_int_equal(set->seen[0].packet.flags, PACKET_RST | PACKET_ACK);
    assert_int_equal(set->seen[0].packet.ack, 1001);
    is_at(&set->seen[0].packet.source, "198.51.100.33:4000");
    end(set);
}

static void test_ipv6_has_its_own_filters(void **state) {
    (void)state;
    stage *set = begin(plain);
    send(set, BOB, "[2001:db8:2:1::10]:5000", "[2001:db8:1:1::10]:4000", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->sights[NETWORK_DROPPED], 1);
    send(set, ALICE, "[2001:db8:1:1::10]:4000", "[2001:db8:2:1::10]:5001", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->sights[NETWORK_REFUSED], 1);
    send(set, ALICE, "[2001:db8:1:1::10]:4001", "[2001:db8:2:1::10]:5000", 64, PACKET_SYN);
    send(set, BOB, "[2001:db8:2:1::10]:5000", "[2001:db8:1:1::10]:4001", 64, PACKET_SYN);
    set->count = 0;
    run(set);
    assert_int_equal(set->count, 2); /* SYNs that cross */
    is_at(&set->seen[0].packet.source, "[2001:db8:1:1::10]:4001");
    end(set);
}

/* The home router counts before it translates, the wire after it. */
static void test_ttl_runs_out(void **state) {
    (void)state;
    stage *set = begin(plain);
    hop_address inside = at("192.168.1.10:4000");
    hop_address remote = at("198.51.100.33:5000");
    send(set, ALICE, "192.168.1.10:4000", "198.51.100.33:5000", 1, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->seen[0].packet.kind, PACKET_TIME_EXCEEDED);
    is_at(&set->seen[0].packet.source, "192.168.1.1:0");
    hop_address mapped = nat_mapped(network_nat(set->network, 0, 0), &inside, &remote);
    assert_int_equal(mapped.family, HOP_FAMILY_NONE);
    for (int ttl = 2; ttl <= 4; ttl++) {
        set->count = 0;
        int64_t before_us = set->schedule.now_us;
        send(set, ALICE, "192.168.1.10:4000", "198.51.100.33:5000", ttl, PACKET_SYN);
        run(set);
        assert_int_equal(set->count, 1);
        const packet *error = &set->seen[0].packet;
        hop_address hop = at("192.0.2.0:0");
        hop.ip[3] = (uint8_t)(ttl - 1);
        assert_int_equal(set->seen[0].host, ALICE);
        assert_true(hop_address_equal(&error->source, &hop));
        is_at(&error->quoted_source, "192.168.1.10:4000"); /* translated back */
        assert_int_equal(error->quoted_seq, 1000);
        assert_int_equal(set->seen[0].at_us - before_us, 50 * MS * (ttl - 1) / 4);
    }
    mapped = nat_mapped(network_nat(set->network, 0, 0), &inside, &remote);
    is_at(&mapped, "198.51.100.17:4000");
    network_reboot(set->network, 0);
    mapped = nat_mapped(network_nat(set->network, 0, 0), &inside, &remote);
    assert_int_equal(mapped.family, HOP_FAMILY_NONE);
    end(set);
}

static void test_a_neighbour_that_nobody_is(void **state) {
    (void)state;
    stage *set = begin(plain);
    send(set, ALICE, "192.168.1.10:4000", "192.168.1.77:5000", 64, PACKET_SYN);
    send(set, ALICE, "192.168.1.10:4000", "192.168.1.10:5000", 64, PACKET_SYN);
    send(set, ALICE, "192.168.1.10:4000", "192.168.2.10:5000", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 2);
    assert_int_equal(set->seen[0].packet.kind, PACKET_TCP); /* to itself */
    assert_int_equal(set->seen[1].packet.kind, PACKET_UNREACHABLE);
    assert_int_equal(set->seen[1].at_us, 3000 * MS);
    is_at(&set->seen[1].packet.quoted_target, "192.168.1.77:5000");
    end(set);
}

static void test_hairpin(void **state) {
    (void)state;
    stage *set = begin("site a: fullcone\n"
                       "site b: eim-drop\n"
                       "alice at a: listens\n"
                       "bob at b: connects\n"
                       "carol at a: connects\n");
    send(set, ALICE, "192.168.1.10:4000", "203.0.113.1:3478", 64, PACKET_SYN);
    run(set);
    hop_address mapped = set->seen[0].packet.source;
    char text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&mapped, text);
    set->count = 0;
    send(set, 2, "192.168.1.11:4001", text, 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->seen[0].host, ALICE);
    is_at(&set->seen[0].packet.target, "192.168.1.10:4000");
    hop_address site = at("198.51.100.17:0");
    assert_true(hop_address_same_ip(&set->seen[0].packet.source, &site));
    end(set);
}

static void test_two_homes_of_one_carrier(void **state) {
    (void)state;
    stage *set = begin("site a: eim-drop, behind fullcone\n"
                       "site b: eim-drop, behind carrier of a\n"
                       "alice at a: listens\n"
                       "bob at b: connects\n");
    hop_address public = at("198.51.100.17:0");
    send(set, 0, "192.168.1.10:4000", "203.0.113.1:3478", 64, PACKET_SYN);
    send(set, 1, "192.168.2.10:4000", "203.0.113.1:3478", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 2);
    hop_address alice = set->seen[0].packet.source;
    hop_address bob = set->seen[1].packet.source;
    assert_true(hop_address_same_ip(&alice, &public) && hop_address_same_ip(&bob, &public));
    assert_int_equal(set->seen[0].packet.ttl, 64 - 2 - 3);
    char to_alice[HOP_ADDRESS_TEXT_SIZE];
    char to_bob[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&alice, to_alice);
    hop_address_print(&bob, to_bob);
    set->count = 0;
    send(set, 0, "192.168.1.10:4000", to_bob, 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 0); /* bob's own NAT has not called there */
    send(set, 1, "192.168.2.10:4000", to_alice, 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->seen[0].host, 0);
    is_at(&set->seen[0].packet.target, "192.168.1.10:4000");
    end(set);
}

static const char lossy[] = "site a: public\n"
                            "site b: public\n"
                            "path a-b: delay 20, jitter 15\n"
                            "alice at a: listens\n"
                            "bob at b: connects\n";

/* 200 packets, one a millisecond; returns how many came before one that was sent earlier. */
static unsigned overtakers(stage *set) {
    uint32_t last = 0;
    unsigned count = 0;
    for (uint32_t i = 0; i < 200; i++) {
        packet head = {.kind = PACKET_TCP,
                       .source = at("198.51.100.18:1"),
                       .target = at("198.51.100.34:1"),
                       .ttl = 64,
                       .seq = i + 1};
        network_send(set->network, 0, &head);
        while (schedule_step(&set->schedule, (int64_t)(i + 1) * MS))
            continue;
        set->schedule.now_us = (int64_t)(i + 1) * MS;
    }
    run(set);
    for (unsigned i = 0; i < set->count; i++) {
        if (set->seen[i].packet.seq < last) count++;
        if (set->seen[i].packet.seq > last) last = set->seen[i].packet.seq;
    }
    return count;
}

static void test_jitter_does_not_reorder(void **state) {
    (void)state;
    stage *set = begin(lossy);
    assert_int_equal(overtakers(set), 0);
    assert_int_equal(set->count, 200);
    int64_t least_us = INT64_MAX;
    int64_t most_us = 0;
    for (unsigned i = 0; i < set->count; i++) {
        int64_t way_us = set->seen[i].at_us - (int64_t)i * MS;
        if (way_us < least_us) least_us = way_us;
        if (way_us > most_us) most_us = way_us;
    }
    assert_true(least_us >= 20 * MS && most_us <= 35 * MS && most_us - least_us > 3 * MS);
    end(set);
    set = begin("site a: public\nsite b: public\npath a-b: delay 20, reorder 10%\n"
                "alice at a: listens\nbob at b: connects\n");
    assert_in_range(overtakers(set), 5, 60);
    end(set);
}

static void test_losses_are_the_paths_own(void **state) {
    (void)state;
    const char *others[] = {"path a-server: loss 0%\n", "path a-server: loss 90%\n"};
    uint32_t lost[2][200];
    unsigned lost_count[2];
    for (unsigned round = 0; round < 2; round++) {
        char text[512] = "site a: public\nsite b: public\npath a-b: delay 20, loss 20%\n"
                         "alice at a: listens\nbob at b: connects\n";
        strcat(text, others[round]);
        stage *set = begin(text);
        uint32_t next = 1;
        for (int i = 0; i < 50; i++)
            send(set, 0, "198.51.100.18:1", "203.0.113.1:3478", 64, PACKET_SYN);
        run(set);
        set->count = 0;
        set->schedule.now_us = 0;
        overtakers(set);
        lost_count[round] = 0;
        for (unsigned i = 0; i < set->count; next = set->seen[i++].packet.seq + 1)
            for (uint32_t seq = next; seq < set->seen[i].packet.seq; seq++)
                lost[round][lost_count[round]++] = seq;
        assert_in_range(lost_count[round], 20, 60);
        end(set);
    }
    assert_int_equal(lost_count[0], lost_count[1]);
    assert_memory_equal(lost[0], lost[1], lost_count[0] * sizeof lost[0][0]);
}

static void test_chosen_losses_black_and_rate(void **state) {
    (void)state;
    stage *set = begin("site a: public\nsite b: public\n"
                       "alice at a: listens\nbob at b: connects\n");
    spec_path traits = set->plan.paths[0][1];
    network_lose(set->network, 0, 1, 0xB); /* the 1st, 2nd and 4th */
    for (int i = 0; i < 6; i++)
        send(set, 0, "198.51.100.18:1", "198.51.100.34:1", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 3);
    assert_int_equal(set->sights[NETWORK_LOST], 3);
    traits.black = true;
    network_change_path(set->network, 0, 1, &traits);
    send(set, 0, "198.51.100.18:1", "198.51.100.34:1", 64, PACKET_SYN);
    send(set, 1, "198.51.100.34:1", "198.51.100.18:1", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 4); /* one way only */
    traits.black = false;
    traits.rate_bps = 66 * 8 * 100; /* 100 empty segments a second */
    network_change_path(set->network, 0, 1, &traits);
    set->count = 0;
    int64_t from_us = set->schedule.now_us;
    for (int i = 0; i < 50; i++)
        send(set, 0, "198.51.100.18:1", "198.51.100.34:1", 64, PACKET_SYN);
    run(set);
    assert_in_range(set->count, 10, 12); /* a queue of 100 ms */
    for (unsigned i = 0; i < set->count; i++)
        assert_int_equal(set->seen[i].at_us - from_us, 25 * MS + (i + 1) * 10 * MS);
    end(set);
}

/* What is sent from an address that is gone leaves nowhere, what is under way to it arrives
 * nowhere; nobody else's address changes, and none is given out twice. */
static void test_a_host_moves(void **state) {
    (void)state;
    stage *set = begin(plain);
    plugs *ways = network_plugs(set->network);
    hop_address addresses[NETWORK_ADDRESSES_MAX];
    hop_address router = plugs_gateway(ways, ALICE, false);
    uint8_t bits[NETWORK_ADDRESSES_MAX];
    is_at(&router, "192.168.1.1:0");
    send(set, DAVE, "192.168.1.11:4000", "192.168.1.10:4000", 64, PACKET_SYN);
    plugs_move(ways, ALICE, 1);
    send(set, ALICE, "192.168.1.10:4000", "203.0.113.1:3478", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 0);
    assert_int_equal(network_addresses(set->network, ALICE, addresses, bits), 2);
    is_at(&addresses[0], "192.168.2.11:0");
    is_at(&addresses[1], "[2001:db8:2:1::11]:0");
    router = plugs_gateway(ways, ALICE, false);
    is_at(&router, "192.168.2.1:0");
    network_addresses(set->network, BOB, addresses, bits);
    is_at(&addresses[0], "192.168.2.10:0");
    network_addresses(set->network, DAVE, addresses, bits);
    is_at(&addresses[0], "192.168.1.11:0");
    send(set, ALICE, "192.168.2.11:4000", "203.0.113.1:3478", 64, PACKET_SYN);
    send(set, BOB, "192.168.2.10:4000", "192.168.2.11:4000", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 2);
    assert_int_equal(set->seen[0].host, ALICE);
    assert_int_equal(set->seen[1].host, NETWORK_SERVER);
    end(set);
}

static void test_no_network_and_asleep(void **state) {
    (void)state;
    stage *set = begin(plain);
    plugs *ways = network_plugs(set->network);
    hop_address addresses[NETWORK_ADDRESSES_MAX], server = at("203.0.113.1:3478");
    uint8_t bits[NETWORK_ADDRESSES_MAX];
    plugs_pull(ways, DAVE, true);
    assert_int_equal(network_addresses(set->network, DAVE, addresses, bits), 1); /* docker's */
    assert_false(network_has_route(set->network, DAVE, &server));
    assert_int_equal(plugs_gateway(ways, DAVE, false).family, HOP_FAMILY_NONE);
    plugs_sleep(ways, ALICE, true);
    assert_true(network_has_route(set->network, ALICE, &server));
    send(set, ALICE, "192.168.1.10:4000", "203.0.113.1:3478", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 0);
    plugs_pull(ways, DAVE, false);
    plugs_sleep(ways, ALICE, false);
    plugs_add_docker(ways, ALICE);
    assert_true(network_has_route(set->network, DAVE, &server));
    unsigned count = network_addresses(set->network, ALICE, addresses, bits);
    is_at(&addresses[count - 1], "172.17.0.1:0");
    send(set, DAVE, "192.168.1.11:4000", "192.168.1.10:4000", 64, PACKET_SYN);
    run(set);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->seen[0].host, ALICE);
    end(set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_the_labs),
        cmocka_unit_test(test_a_way_takes_its_time),
        cmocka_unit_test(test_a_stranger_is_dropped_or_refused),
        cmocka_unit_test(test_ipv6_has_its_own_filters),
        cmocka_unit_test(test_ttl_runs_out),
        cmocka_unit_test(test_a_neighbour_that_nobody_is),
        cmocka_unit_test(test_hairpin),
        cmocka_unit_test(test_two_homes_of_one_carrier),
        cmocka_unit_test(test_jitter_does_not_reorder),
        cmocka_unit_test(test_losses_are_the_paths_own),
        cmocka_unit_test(test_chosen_losses_black_and_rate),
        cmocka_unit_test(test_a_host_moves),
        cmocka_unit_test(test_no_network_and_asleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
