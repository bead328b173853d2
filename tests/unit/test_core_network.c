/* SPDX-License-Identifier: MIT */
/*
 * What a change of this machine's network does: to a registration, to a knock that waits, to a call
 * under way, to an attempt in course; and sleep. Noticing it is drive/netwatch.c's, tested in
 * tests/lab/test_keep.py.
 */
#include "core_rig.h"

#define OWN       "192.168.1.10:40000" /* where the rig's links begin */
#define NEW       "10.20.0.5:40000"
#define SERVER    "198.51.100.1:3478"
#define SEEN      "203.0.113.10:50000"
#define PEER      "203.0.113.20:41000"
#define PEER_SEEN "203.0.113.20:51000"

static void changed(core_rig *rig, const char *const *addresses, unsigned count, unsigned changes,
                    int64_t slept_us) {
    hop_candidate hosts[4];
    hop_input input = {.kind = HOP_IN_NETWORK, .link = -1, .hosts = hosts, .host_count = count};
    for (unsigned i = 0; i < count; i++)
        hosts[i] = rig_candidate(HOP_CANDIDATE_HOST, addresses[i], 24);
    input.changes = changes;
    input.slept_us = slept_us;
    rig_step(rig, &input);
}

static const char *const both[] = {OWN, NEW};
static const char *const only_new[] = {NEW};
static const char *const as_before[] = {OWN, "[2001:db8:1::10]:40000", "127.0.0.1:40000"};

static core_rig *ready(hop_core_mode mode, int *ret_link) {
    hop_core_config config = rig_config(mode, 71);
    core_rig *rig = rig_new(&config);
    *ret_link = rig_ready(rig);
    rig_forget(rig);
    return rig;
}

/* Does what was sent last offer this address? The seal is the ticket's, so it can be opened. */
static bool offered(const core_rig *rig, int link, const char *address) {
    hop_message message;
    hop_description description;
    hop_address wanted = rig_address(address);
    rig_heard(rig, link, &message);
    hop_seal_use use = rig->config.mode == HOP_CORE_LISTEN ? HOP_SEAL_REGISTER : HOP_SEAL_KNOCK;
    assert_true(hop_description_open(message.sealed, message.sealed_size, &rig->crypto,
                                     rig->keys.seal, use, &description));
    for (unsigned i = 0; i < description.candidate_count; i++)
        if (hop_address_equal(&description.candidates[i].address, &wanted)) return true;
    return false;
}

static void test_another_address_is_registered(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    changed(rig, both, 2, 0, 0);
    assert_int_equal(rig_notes(rig, HOP_NOTE_NETWORK), 1);
    assert_int_equal(rig_notes(rig, HOP_NOTE_HOST_GONE), 1); /* the IPv6 one */
    assert_int_equal(rig_count(rig, HOP_OUT_CANDIDATE), 1);
    assert_null(rig_last(rig, HOP_OUT_CLOSE, link)); /* on the link that there is */
    assert_true(offered(rig, link, NEW));
    assert_true(offered(rig, link, SEEN));
    rig_answer(rig, link, SEEN);
    assert_int_equal(rig_notes(rig, HOP_NOTE_REGISTERED), 1);
    rig_run_until(rig, rig->now_us + 20 * HOP_S);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 0);
    rig_free(rig);
}

/* One change comes while the last one's REGISTER is out. */
static void test_changes_in_a_row(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    static const char *const third[] = {OWN, NEW, "10.30.0.5:40000"};
    changed(rig, both, 2, 0, 0);
    changed(rig, third, 3, 0, 0);
    assert_false(offered(rig, link, third[2]));
    rig_answer(rig, link, SEEN);
    assert_true(offered(rig, link, third[2]));
    rig_answer(rig, link, SEEN);
    assert_int_equal(rig_notes(rig, HOP_NOTE_REGISTERED), 2);
    rig_free(rig);
}

static void called_again(core_rig *rig, int link, int64_t within_us) {
    const rig_entry *closed = rig_last(rig, HOP_OUT_CLOSE, link);
    assert_non_null(closed);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 1);
    int64_t since_us = rig->now_us;
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 0); /* not all machines at one instant */
    rig_run_until(rig, since_us + within_us);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 1);
}

static void test_our_address_is_gone(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    changed(rig, only_new, 1, 0, 0);
    called_again(rig, link, 2 * HOP_MOVED_US);
    rig_forget(rig);
    int again = rig_reach(rig, 0, SERVER);
    assert_true(offered(rig, again, NEW));
    assert_false(offered(rig, again, OWN));
    assert_false(offered(rig, again, SEEN)); /* that was the old address's */
    rig_answer(rig, again, "203.0.113.99:50000");
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 1);
    rig_free(rig);
}

static void test_another_way_out(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    changed(rig, as_before, 3, HOP_NETWORK_ROUTE_IPV6, 0); /* the link is IPv4's */
    assert_null(rig_last(rig, HOP_OUT_CLOSE, link));
    rig_answer(rig, link, SEEN);
    changed(rig, as_before, 3, HOP_NETWORK_ROUTE_IPV4, 0);
    called_again(rig, link, 2 * HOP_MOVED_US);
    assert_int_equal(rig_count(rig, HOP_OUT_CANDIDATE), 0);
    rig_free(rig);
}

/* Without any network calls fail and pauses grow; when there is one again nobody waits for them. */
static void test_no_network_for_a_while(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    changed(rig, NULL, 0, HOP_NETWORK_ROUTE_IPV4, 0);
    hop_address server = rig_address(SERVER);
    hop_input resolved = {
        .kind = HOP_IN_RESOLVED, .link = -1, .addresses = &server, .address_count = 1};
    for (unsigned i = 1; i <= 8; i++) {
        while (rig_count(rig, HOP_OUT_RESOLVE) < i)
            rig_timer(rig, hop_core_deadline(rig->core));
        rig_step(rig, &resolved);
        rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_NO_ROUTE);
    }
    int64_t pause_us = hop_core_deadline(rig->core) - rig->now_us;
    assert_true(pause_us > 40 * HOP_S && pause_us < 70 * HOP_S);
    rig_forget(rig);
    changed(rig, only_new, 1, HOP_NETWORK_ROUTE_IPV4, 0);
    rig_run_until(rig, rig->now_us + 2 * HOP_MOVED_US);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 1);
    rig_free(rig);
}

/* All is as it was, and yet a NAT may have forgotten us. */
static void test_interrupted(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    changed(rig, as_before, 3, HOP_NETWORK_INTERRUPTED, 0);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_CHECKED), 1);
    assert_int_equal(rig_count(rig, HOP_OUT_SEND), 1);
    rig_answer(rig, link, SEEN);
    rig_run_until(rig, rig->now_us + 10 * HOP_S);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 0);

    changed(rig, as_before, 3, HOP_NETWORK_INTERRUPTED, 0); /* nobody answers now */
    rig_run_until(rig, rig->now_us + HOP_CHECK_US);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 1);
    rig_free(rig);
}

/* now_us stood still while the machine slept; what is signed has the time of the world. */
static void test_sleep(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    hop_message before, after;
    changed(rig, both, 2, 0, 0);
    rig_heard(rig, link, &before);
    rig_answer(rig, link, SEEN);
    changed(rig, as_before, 3, 0, 3600 * HOP_S);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SLEPT), 1);
    rig_heard(rig, link, &after);
    assert_int_equal(after.time_ms - before.time_ms, 3600 * 1000);
    rig_free(rig);
}

/* A knocker that waits knocks anew, for the description that the server has of it is wrong. */
static void test_waiting_knocker(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_CONNECT, &link);
    changed(rig, only_new, 1, HOP_NETWORK_ROUTE_IPV4, 0);
    called_again(rig, link, 2 * HOP_MOVED_US);
    rig_forget(rig);
    int again = rig_reach(rig, 0, SERVER);
    assert_int_equal(rig_notes(rig, HOP_NOTE_KNOCKED), 1);
    assert_true(offered(rig, again, NEW));
    rig_free(rig);
}

/* The call that is under way goes out by an interface that is no more. */
static void test_call_under_way(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_LISTEN, 72);
    core_rig *rig = rig_new(&config);
    hop_address server = rig_address(SERVER);
    hop_input resolved = {
        .kind = HOP_IN_RESOLVED, .link = -1, .addresses = &server, .address_count = 1};
    rig_go(rig);
    rig_step(rig, &resolved);
    int dial = rig_dialling(rig, SERVER);
    assert_true(dial >= 0);
    changed(rig, both, 2, 0, 0);
    assert_null(rig_last(rig, HOP_OUT_CLOSE, dial)); /* that may well be answered */
    changed(rig, only_new, 1, HOP_NETWORK_ROUTE_IPV4, 0);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, dial));
    rig_run_until(rig, rig->now_us + 2 * HOP_MOVED_US);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
    rig_free(rig);
}

/* The attempt goes on, whatever becomes of the server; we are the peer's neighbour now, so its
 * private address is worth a dial. */
static void test_attempt_in_course(void **state) {
    (void)state;
    static const char *const addresses[] = {PEER, "10.20.0.9:41000"};
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 73);
    core_rig *rig = rig_new(&config);
    int link = rig_ready(rig);
    rig_peer peer = rig_peer_make(rig, addresses, 2);
    rig_start(rig, link, &peer, PEER_SEEN, NULL, 0);
    assert_int_equal(rig_dials(rig, addresses[1]), 0);
    changed(rig, only_new, 1, HOP_NETWORK_ROUTE_IPV4, 0);
    rig_run_until(rig, rig->now_us + HOP_MS);
    assert_int_equal(rig_dials(rig, addresses[1]), 1);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    int dial = rig_dialling(rig, addresses[1]);
    rig_connected(rig, dial);
    rig_end end = rig_peer_greet(rig, &peer, dial);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 1);
    changed(rig, both, 2, 0, 0); /* over: nothing happens any more */
    rig_free(rig);
}

/* As long as there is the server that brought them together, the peer hears of it, too. */
static void test_peer_hears_of_it(void **state) {
    (void)state;
    static const char *const addresses[] = {PEER};
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 74);
    core_rig *rig = rig_new(&config);
    int link = rig_ready(rig);
    rig_peer peer = rig_peer_make(rig, addresses, 1);
    rig_start(rig, link, &peer, PEER_SEEN, NULL, 0);
    changed(rig, both, 2, 0, 0);
    hop_address wanted = rig_address(NEW);
    unsigned told = 0;
    for (unsigned i = 0; i < rig->count; i++) {
        const rig_entry *entry = &rig->log[i];
        hop_message message;
        hop_description description;
        if (entry->output.kind != HOP_OUT_SEND || entry->output.link != link) continue;
        if (hop_message_decode(entry->bytes, entry->output.size, &message) != HOP_MESSAGE_OK ||
            message.kind != HOP_MESSAGE_TELL)
            continue;
        assert_true(hop_description_open(message.sealed, message.sealed_size, &rig->crypto,
                                         rig->keys.seal, HOP_SEAL_TELL, &description));
        assert_int_equal(description.candidate_count, 1);
        told += hop_address_equal(&description.candidates[0].address, &wanted);
    }
    assert_int_equal(told, 1);
    rig_free(rig);
}

/* What a router mapped at the old place is not offered at the new one. */
static void test_mapping_is_over(void **state) {
    (void)state;
    int link;
    core_rig *rig = ready(HOP_CORE_LISTEN, &link);
    hop_input mapped = {.kind = HOP_IN_MAPPED, .link = -1, .lifetime_s = 120};
    mapped.remote = rig_address("203.0.113.10:60000");
    mapped.protocol = HOP_MAP_PCP;
    rig_step(rig, &mapped);
    assert_true(offered(rig, link, "203.0.113.10:60000"));
    rig_answer(rig, link, SEEN);
    changed(rig, both, 2, HOP_NETWORK_ROUTER, 0);
    assert_false(offered(rig, link, "203.0.113.10:60000"));
    rig_answer(rig, link, SEEN);
    rig_step(rig, &mapped); /* the new one grants the same */
    assert_true(offered(rig, link, "203.0.113.10:60000"));
    rig_free(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_address_is_registered),
        cmocka_unit_test(test_changes_in_a_row),
        cmocka_unit_test(test_our_address_is_gone),
        cmocka_unit_test(test_another_way_out),
        cmocka_unit_test(test_no_network_for_a_while),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_waiting_knocker),
        cmocka_unit_test(test_call_under_way),
        cmocka_unit_test(test_attempt_in_course),
        cmocka_unit_test(test_peer_hears_of_it),
        cmocka_unit_test(test_mapping_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
