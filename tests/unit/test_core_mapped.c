/* SPDX-License-Identifier: MIT */
/*
 * What the core makes of a port that the router maps: whom it tells, when, and how little it takes
 * the router's word for it.
 */
#include "core_rig.h"

#include "base/limits.h"

#define SERVER "198.51.100.1:3478"
#define SEEN   "203.0.113.10:50000" /* our NAT, as the server sees it */
#define PEER   "203.0.113.20:51000"

static const char *const one[] = {PEER};

static core_rig *make(hop_core_mode mode, uint64_t seed) {
    hop_core_config config = rig_config(mode, seed);
    return rig_new(&config);
}

static void mapped(core_rig *rig, const char *external) {
    rig_step(rig, &(hop_input){.kind = HOP_IN_MAPPED,
                               .remote = rig_address(external),
                               .protocol = HOP_MAP_PCP,
                               .lifetime_s = 120});
}

static void unmapped(core_rig *rig) {
    rig_step(rig, &(hop_input){.kind = HOP_IN_UNMAPPED, .trouble = HOP_MAP_TROUBLE_LOST});
}

/* The mapped address in what was said to the server last; port 0: there was none. */
static hop_address told(core_rig *rig, int link, hop_seal_use use) {
    hop_message heard;
    hop_description description;
    rig_heard(rig, link, &heard);
    assert_true(hop_description_open(heard.sealed, heard.sealed_size, &rig->crypto, rig->keys.seal,
                                     use, &description));
    for (unsigned i = 0; i < description.candidate_count; i++)
        if (description.candidates[i].type == HOP_CANDIDATE_MAPPED)
            return description.candidates[i].address;
    return (hop_address){0};
}

static void expect_told(core_rig *rig, int link, hop_seal_use use, const char *address) {
    hop_address got = told(rig, link, use);
    hop_address wanted = rig_address(address);
    assert_true(hop_address_equal(&got, &wanted));
}

static unsigned sends(const core_rig *rig, int link) {
    unsigned count = 0;
    for (unsigned i = 0; i < rig->count; i++)
        count += rig->log[i].output.kind == HOP_OUT_SEND && rig->log[i].output.link == link;
    return count;
}

static void test_listener_registers_anew(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_LISTEN, 1);
    int server = rig_ready(rig);
    assert_int_equal(sends(rig, server), 1);
    mapped(rig, "203.0.113.10:20000");
    assert_int_equal(rig_notes(rig, HOP_NOTE_MAPPED), 1);
    assert_int_equal(sends(rig, server), 2);
    expect_told(rig, server, HOP_SEAL_REGISTER, "203.0.113.10:20000");
    rig_answer(rig, server, SEEN);
    mapped(rig, "203.0.113.10:20000"); /* no news */
    assert_int_equal(sends(rig, server), 2);
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 1);
    unmapped(rig);
    assert_int_equal(sends(rig, server), 3);
    assert_int_equal(told(rig, server, HOP_SEAL_REGISTER).port, 0);
    rig_free(rig);
}

/* Two changes while the server has not answered the first one. */
static void test_changes_follow_each_other(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_LISTEN, 2);
    int server = rig_ready(rig);
    mapped(rig, "203.0.113.10:20000");
    mapped(rig, "203.0.113.10:20001");
    mapped(rig, "203.0.113.10:20002");
    assert_int_equal(sends(rig, server), 2);
    rig_run_until(rig, rig->now_us + 5 * HOP_S);
    rig_answer(rig, server, SEEN);
    assert_int_equal(sends(rig, server), 3);
    expect_told(rig, server, HOP_SEAL_REGISTER, "203.0.113.10:20002");
    rig_answer(rig, server, SEEN);
    assert_int_equal(sends(rig, server), 3);
    rig_free(rig);
}

/* A START that was on its way when we registered anew names a nonce from before. After the answer
 * no such START can come: whoever sends one plays a recording. */
static void test_a_start_that_was_on_its_way(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_LISTEN, 3);
    int server = rig_ready(rig);
    hop_message before;
    rig_heard(rig, server, &before);
    mapped(rig, "203.0.113.10:20000");
    hop_message anew;
    rig_heard(rig, server, &anew);
    assert_int_equal(anew.nonce_count, HOP_ATTEMPTS_MAX);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER, before.nonces[0], 0);
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 1);
    /* The answer goes to the REGISTER, also when something else was said after it. */
    hop_message answer = {.kind = HOP_MESSAGE_REGISTER_ANSWER, .mapped = rig_address(SEEN)};
    memcpy(answer.transaction, anew.transaction, HOP_STUN_TRANSACTION_SIZE);
    rig_say(rig, server, &answer);
    rig_peer second = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &second, "203.0.113.21:51000", anew.nonces[0], 0);
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 2);
    rig_peer third = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &third, "203.0.113.22:51000", before.nonces[1], 0);
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 2);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 1);
    rig_free(rig);
}

/* Every nonce of both registrations, in the worst order: no START is without a place to fail in. */
static void test_all_starts_of_two_registrations(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_LISTEN, 4);
    int server = rig_ready(rig);
    hop_message before, anew;
    rig_heard(rig, server, &before);
    mapped(rig, "203.0.113.10:20000");
    rig_heard(rig, server, &anew);
    for (unsigned i = 0; i < 2 * HOP_ATTEMPTS_MAX; i++) {
        bool old = i < HOP_ATTEMPTS_MAX;
        char seen[] = "203.0.113.100:51000";
        seen[11] = (char)('0' + i / 10);
        seen[12] = (char)('0' + i % 10);
        rig_peer peer = rig_peer_make(rig, one, 1);
        rig_start(rig, server, &peer, seen,
                  old ? before.nonces[i] : anew.nonces[i - HOP_ATTEMPTS_MAX], 0);
    }
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), HOP_ATTEMPTS_MAX);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 0);
    rig_free(rig);
}

/* The router's word counts until a server has seen us; then the server's. */
static void test_a_router_that_lies_about_the_address(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_LISTEN, 5);
    rig_go(rig);
    mapped(rig, "192.0.2.99:20000");
    int server = rig_reach(rig, 0, SERVER);
    expect_told(rig, server, HOP_SEAL_REGISTER, "192.0.2.99:20000");
    rig_answer(rig, server, SEEN);
    assert_int_equal(sends(rig, server), 2);
    expect_told(rig, server, HOP_SEAL_REGISTER, "203.0.113.10:20000");
    assert_int_equal(rig_notes(rig, HOP_NOTE_MAPPED_ELSEWHERE), 1);
    rig_free(rig);
}

/* Who sees us from within our own network does not know our outside. */
static void test_a_server_in_our_network(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_LISTEN, 6);
    rig_go(rig);
    int server = rig_reach(rig, 0, SERVER);
    rig_answer(rig, server, "192.168.1.10:50000");
    mapped(rig, "203.0.113.10:20000");
    expect_told(rig, server, HOP_SEAL_REGISTER, "203.0.113.10:20000");
    rig_free(rig);
}

static void test_knock_takes_what_is_there_in_time(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_CONNECT, 7);
    rig_go(rig);
    mapped(rig, "203.0.113.10:20000");
    int server = rig_reach(rig, 0, SERVER);
    expect_told(rig, server, HOP_SEAL_KNOCK, "203.0.113.10:20000");
    rig_answer(rig, server, SEEN);
    unsigned before = sends(rig, server);
    mapped(rig, "203.0.113.10:20001"); /* too late for this attempt */
    assert_int_equal(sends(rig, server), before);
    rig_free(rig);
    rig = make(HOP_CORE_CONNECT, 8);
    server = rig_ready(rig);
    mapped(rig, "203.0.113.10:20000");
    assert_int_equal(sends(rig, server), 1);
    assert_int_equal(told(rig, server, HOP_SEAL_KNOCK).port, 0);
    rig_free(rig);
}

/* A cold knock carries the router's word alone: whom the server sees elsewhere is dialled there. */
static void test_a_peer_whose_router_lies(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_CONNECT, 9);
    int server = rig_ready(rig);
    rig_peer peer = rig_peer_make(rig, one, 1);
    peer.description.candidates[0] = rig_candidate(HOP_CANDIDATE_MAPPED, "192.0.2.99:20000", 0);
    rig_start(rig, server, &peer, PEER, NULL, 0);
    assert_int_equal(rig_dials(rig, "192.0.2.99:20000"), 0);
    assert_int_equal(rig_dials(rig, "203.0.113.20:20000"), 1);
    assert_int_equal(rig_dials(rig, PEER), 1);
    int link = rig_dialling(rig, "203.0.113.20:20000");
    rig_connected(rig, link);
    rig_end end = rig_peer_greet(rig, &peer, link);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_find(rig, HOP_OUT_ESTABLISHED, 0)->output.route, HOP_CORE_ROUTE_MAPPED);
    rig_free(rig);
}

/* Between knock and START, or after it: the description is on its way, a TELL follows it, once. */
static void test_a_late_router_is_told(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_CONNECT, 12);
    int server = rig_ready(rig);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER, NULL, 0);
    unsigned before = sends(rig, server);
    mapped(rig, "192.0.2.1:20000");
    expect_told(rig, server, HOP_SEAL_TELL, "203.0.113.10:20000");
    mapped(rig, "192.0.2.1:20000");
    mapped(rig, "192.0.2.1:50000"); /* where the server sees us: nothing new */
    assert_int_equal(sends(rig, server), before + 1);
    rig_free(rig);

    rig = make(HOP_CORE_CONNECT, 13);
    rig_go(rig);
    server = rig_reach(rig, 0, SERVER);
    mapped(rig, "192.0.2.1:20000");
    rig_answer(rig, server, SEEN);
    peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER, NULL, 0);
    expect_told(rig, server, HOP_SEAL_TELL, "203.0.113.10:20000");
    rig_free(rig);
}

static void tell_late(core_rig *rig, int server, const rig_peer *peer, unsigned first_port,
                      unsigned count) {
    hop_description description = {.candidate_count = count};
    hop_message message = {.kind = HOP_MESSAGE_TELL, .nonce_count = 1};
    memcpy(description.nonce, peer->description.nonce, HOP_NONCE_SIZE);
    memcpy(message.nonces[0], description.nonce, HOP_NONCE_SIZE);
    for (unsigned i = 0; i < count; i++) {
        description.candidates[i] = rig_candidate(HOP_CANDIDATE_MAPPED, "192.0.2.99:1", 0);
        description.candidates[i].address.port = (uint16_t)(first_port + i);
    }
    message.sealed_size = hop_description_seal(&description, &rig->crypto, rig->keys.seal,
                                               HOP_SEAL_TELL, message.sealed);
    rig_say(rig, server, &message);
}

/* At once, at the address that the server sees, and never more than a description may name. */
static void test_a_late_candidate_is_dialled(void **state) {
    (void)state;
    core_rig *rig = make(HOP_CORE_CONNECT, 14);
    int server = rig_ready(rig);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER, NULL, 0);
    rig_forget(rig);
    tell_late(rig, server, &peer, 20000, 1);
    assert_int_equal(rig_dials(rig, "203.0.113.20:20000"), 1);
    tell_late(rig, server, &peer, 20000, 1); /* said before */
    tell_late(rig, server, &peer, 1000, 1);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 1);
    for (unsigned i = 0; i < 4; i++)
        tell_late(rig, server, &peer, 30000 + 8 * i, 8);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), HOP_CANDIDATES_MAX - 1);
    peer.description.nonce[0] ^= 1; /* of another attempt */
    tell_late(rig, server, &peer, 21000, 1);
    assert_int_equal(rig_dials(rig, "203.0.113.20:21000"), 0);
    rig_free(rig);
}

static hop_core_route route_of_a_guest(bool with_mapping, const char *from) {
    core_rig *rig = make(HOP_CORE_LISTEN, 10);
    rig_go(rig);
    if (with_mapping) mapped(rig, "203.0.113.10:20000");
    int server = rig_reach(rig, 0, SERVER);
    hop_message heard;
    rig_heard(rig, server, &heard);
    rig_answer(rig, server, SEEN);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER, heard.nonces[0], 0);
    int link = rig_accepted(rig, from);
    rig_end end = {.link = link, .nonce = {9}};
    rig_peer_say(rig, &peer, &end, HOP_HELLO_HELLO);
    const rig_entry *greeting = NULL; /* the first that we said: the CONFIRM is behind it */
    for (unsigned i = 0; i < rig->count && greeting == NULL; i++)
        if (rig->log[i].output.kind == HOP_OUT_SEND && rig->log[i].output.link == link)
            greeting = &rig->log[i];
    assert_non_null(greeting);
    hop_hello hello;
    assert_true(hop_hello_decode(greeting->bytes, HOP_HELLO_HELLO, HOP_ROLE_CONTROLLED, NULL,
                                 &rig->crypto, peer.key, &hello));
    memcpy(end.theirs, hello.nonce, HOP_NONCE_SIZE);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_NOMINATE);
    hop_core_route route = rig_find(rig, HOP_OUT_ESTABLISHED, 0)->output.route;
    rig_free(rig);
    return route;
}

static void test_routes_of_guests(void **state) {
    (void)state;
    assert_int_equal(route_of_a_guest(true, "203.0.113.20:9999"), HOP_CORE_ROUTE_MAPPED);
    assert_int_equal(route_of_a_guest(false, "203.0.113.20:9999"), HOP_CORE_ROUTE_PUNCHED);
}

static void go_by_hand(core_rig *rig) {
    hop_candidate host = rig_candidate(HOP_CANDIDATE_HOST, "192.168.1.10:40000", 24);
    rig_step(rig, &(hop_input){
                      .kind = HOP_IN_GO, .hosts = &host, .host_count = 1, .await_mapping = true});
}

static core_rig *by_hand(uint64_t seed) {
    hop_core_config config = rig_config(HOP_CORE_MANUAL, seed);
    config.ticket.server_count = 0;
    core_rig *rig = rig_new(&config);
    go_by_hand(rig);
    assert_int_equal(rig_count(rig, HOP_OUT_DESCRIBED), 0);
    return rig;
}

static void test_a_description_waits_for_the_router(void **state) {
    (void)state;
    core_rig *rig = by_hand(11);
    mapped(rig, "203.0.113.10:20000");
    assert_int_equal(rig_count(rig, HOP_OUT_DESCRIBED), 1);
    const hop_description *own = hop_core_description(rig->core);
    assert_int_equal(own->candidates[0].type, HOP_CANDIDATE_MAPPED);
    rig_free(rig);
    rig = by_hand(12);
    unmapped(rig);
    assert_int_equal(rig_count(rig, HOP_OUT_DESCRIBED), 1);
    rig_free(rig);
    rig = by_hand(13);
    assert_int_equal(hop_core_deadline(rig->core), rig->now_us + HOP_DESCRIBE_MAPPING_US);
    rig_timer(rig, hop_core_deadline(rig->core));
    assert_int_equal(rig_count(rig, HOP_OUT_DESCRIBED), 1);
    rig_free(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listener_registers_anew),
        cmocka_unit_test(test_changes_follow_each_other),
        cmocka_unit_test(test_a_start_that_was_on_its_way),
        cmocka_unit_test(test_all_starts_of_two_registrations),
        cmocka_unit_test(test_a_router_that_lies_about_the_address),
        cmocka_unit_test(test_a_server_in_our_network),
        cmocka_unit_test(test_knock_takes_what_is_there_in_time),
        cmocka_unit_test(test_a_peer_whose_router_lies),
        cmocka_unit_test(test_a_late_router_is_told),
        cmocka_unit_test(test_a_late_candidate_is_dialled),
        cmocka_unit_test(test_routes_of_guests),
        cmocka_unit_test(test_a_description_waits_for_the_router),
    };
    return cmocka_run_group_tests_name("core_mapped", tests, NULL, NULL);
}
