/* SPDX-License-Identifier: MIT */
/*
 * Reaching one server that has addresses of both families, and losing it: IPv6 waits for IPv4, but
 * not for ever; IPv4 that comes later is moved to; a knocker whose server dies calls again. The
 * rest of an endpoint and its servers is in test_core_meet.c.
 */
#include "core_rig.h"

#define PEER      "203.0.113.20:41000"
#define PEER_SEEN "203.0.113.20:51000"
#define SERVER    "198.51.100.1:3478"
#define SERVER_6  "[2001:db8:9::1]:3478"
#define SEEN      "203.0.113.10:50000"
#define SEEN_6    "[2001:db8:7::10]:4000"

/* How long IPv6 is held back at the most: the rig's links have a round trip of 20 ms. */
#define HELD_US (HOP_SERVER_IPV4_US + 20 * HOP_MS)

static core_rig *both_dialled(hop_core_mode mode, int64_t timeout_us) {
    hop_core_config config = rig_config(mode, 41);
    config.timeout_us = timeout_us;
    core_rig *rig = rig_new(&config);
    hop_address at[] = {rig_address(SERVER_6), rig_address(SERVER)};
    hop_input input = {.kind = HOP_IN_RESOLVED, .link = -1, .addresses = at, .address_count = 2};
    rig_go(rig);
    rig_step(rig, &input);
    assert_true(rig_dialling(rig, SERVER) >= 0); /* IPv4 first */
    assert_true(rig_dialling(rig, SERVER_6) < 0);
    rig_run_until(rig, rig->now_us + HOP_SERVER_STAGGER_US);
    assert_true(rig_dialling(rig, SERVER_6) >= 0);
    return rig;
}

/* Returns the IPv6 link, which is open. */
static int held(core_rig *rig) {
    int link = rig_dialling(rig, SERVER_6);
    rig_connected(rig, link);
    return link;
}

static unsigned asked(const core_rig *rig, int link) {
    unsigned count = 0;
    for (unsigned i = 0; i < rig->count; i++)
        count += rig->log[i].output.kind == HOP_OUT_SEND && rig->log[i].output.link == link;
    return count;
}

static void test_ipv6_waits_for_ipv4(void **state) {
    (void)state;
    core_rig *rig = both_dialled(HOP_CORE_CONNECT, HOP_TIMEOUT_DEFAULT_US);
    int four = rig_dialling(rig, SERVER);
    int six = held(rig);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_HELD), 1);
    assert_int_equal(asked(rig, six), 0);
    rig_run_until(rig, rig->now_us + HOP_S / 2);
    assert_int_equal(asked(rig, six), 0);
    rig_connected(rig, four);
    assert_int_equal(asked(rig, four), 1);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, six));
    rig_answer(rig, four, SEEN);
    rig_run_until(rig, rig->now_us + 5 * HOP_S);
    assert_int_equal(rig_notes(rig, HOP_NOTE_KNOCKED), 1);
    rig_free(rig);
}

static void test_ipv6_at_once_where_ipv4_fails(void **state) {
    (void)state;
    core_rig *rig = both_dialled(HOP_CORE_LISTEN, HOP_TIMEOUT_DEFAULT_US);
    int six = held(rig);
    rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_REFUSED);
    assert_int_equal(asked(rig, six), 1);
    rig_answer(rig, six, SEEN_6);
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 1);
    rig_free(rig);

    rig = both_dialled(HOP_CORE_LISTEN, HOP_TIMEOUT_DEFAULT_US); /* it fails before */
    rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_REFUSED);
    assert_int_equal(asked(rig, held(rig)), 1);
    rig_free(rig);
}

static void test_black_holed_ipv4_is_not_waited_for(void **state) {
    (void)state;
    core_rig *rig = both_dialled(HOP_CORE_CONNECT, HOP_TIMEOUT_DEFAULT_US);
    int64_t begin_us = rig->now_us - HOP_SERVER_STAGGER_US;
    int six = held(rig);
    rig_run_until(rig, begin_us + HELD_US - 1);
    assert_int_equal(asked(rig, six), 0);
    rig_run_until(rig, begin_us + HELD_US);
    assert_int_equal(asked(rig, six), 1);
    rig_free(rig);

    rig = both_dialled(HOP_CORE_CONNECT, HOP_S); /* and never for more than half of the time */
    six = held(rig);
    rig_run_until(rig, rig->now_us + HOP_S / 2);
    assert_int_equal(asked(rig, six), 1);
    rig_free(rig);
}

static void test_held_link_that_ends(void **state) {
    (void)state;
    core_rig *rig = both_dialled(HOP_CORE_LISTEN, HOP_TIMEOUT_DEFAULT_US);
    rig_ended(rig, held(rig), HOP_REASON_RESET);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0); /* IPv4 may still come */
    rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_REFUSED);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 1);
    rig_free(rig);
}

static void test_listener_moves_to_ipv4(void **state) {
    (void)state;
    core_rig *rig = both_dialled(HOP_CORE_LISTEN, HOP_TIMEOUT_DEFAULT_US);
    int four = rig_dialling(rig, SERVER);
    int six = held(rig);
    rig_run_until(rig, rig->now_us + HELD_US);
    rig_answer(rig, six, SEEN_6);
    rig_connected(rig, four);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, six));
    rig_answer(rig, four, SEEN);
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 2);
    hop_address seen = rig_address(SEEN);
    hop_address observed = hop_core_observed(rig->core);
    assert_true(hop_address_equal(&observed, &seen));
    rig_run_until(rig, rig->now_us + HOP_MS);
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 0);
    rig_free(rig);
}

/* Until START has come: then the peer has our description. */
static void test_knocker_moves_to_ipv4(void **state) {
    (void)state;
    static const char *const one[] = {PEER};
    for (int started = 0; started < 2; started++) {
        core_rig *rig = both_dialled(HOP_CORE_CONNECT, HOP_TIMEOUT_DEFAULT_US);
        int four = rig_dialling(rig, SERVER);
        int six = held(rig);
        rig_run_until(rig, rig->now_us + HELD_US);
        rig_answer(rig, six, SEEN_6);
        if (started) {
            rig_peer peer = rig_peer_make(rig, one, 1);
            rig_start(rig, six, &peer, PEER_SEEN, NULL, 0);
        }
        rig_connected(rig, four);
        assert_non_null(rig_last(rig, HOP_OUT_CLOSE, started ? four : six));
        assert_int_equal(asked(rig, four), !started);
        rig_free(rig);
    }
}

static void test_late_ipv4_is_given_up(void **state) {
    (void)state;
    core_rig *rig = both_dialled(HOP_CORE_LISTEN, HOP_TIMEOUT_DEFAULT_US);
    int four = rig_dialling(rig, SERVER);
    int six = held(rig);
    rig_run_until(rig, rig->now_us + HELD_US);
    rig_answer(rig, six, SEEN_6);
    rig_run_until(rig, rig->now_us + HOP_SERVER_TIMEOUT_US);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, four));
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 1);

    rig_free(rig);
    rig = both_dialled(HOP_CORE_LISTEN, HOP_TIMEOUT_DEFAULT_US); /* or fails, which costs nothing */
    four = rig_dialling(rig, SERVER);
    six = held(rig);
    rig_run_until(rig, rig->now_us + HELD_US);
    rig_answer(rig, six, SEEN_6);
    rig_ended(rig, four, HOP_REASON_TIMED_OUT);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    assert_null(rig_last(rig, HOP_OUT_CLOSE, six));
    rig_free(rig);
}

/* The knock is out, and the server dies: there is time, so it is called again; in the end the truth
 * is that there was no server. */
static void test_knocker_calls_a_dead_server_again(void **state) {
    (void)state;
    for (int back = 0; back < 2; back++) {
        hop_core_config config = rig_config(HOP_CORE_CONNECT, 42);
        core_rig *rig = rig_new(&config);
        rig_go(rig);
        rig_ended(rig, rig_reach(rig, 0, SERVER), HOP_REASON_RESET);
        assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 1);
        assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_FAILED), 0);
        rig_run_until(rig, rig->now_us + 2 * HOP_S);
        assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
        if (back) rig_answer(rig, rig_reach(rig, 0, SERVER), SEEN);
        rig_run_until(rig, rig->now_us + HOP_TIMEOUT_DEFAULT_US);
        const rig_entry *failed = rig_find(rig, HOP_OUT_FAILED, 0);
        assert_non_null(failed);
        assert_int_equal(failed->output.error, back ? HOP_E_NOBODY : HOP_E_RESOLVE);
        rig_free(rig);
    }
}

/* It was called again and refuses: the note says which server that was. */
static void test_lost_server_has_a_name(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_LISTEN, 43);
    hop_address at = rig_address(SERVER);
    core_rig *rig = rig_new(&config);
    rig_ended(rig, rig_ready(rig), HOP_REASON_RESET);
    rig_run_until(rig, rig->now_us + 2 * HOP_S);
    hop_input input = {.kind = HOP_IN_RESOLVED, .link = -1, .addresses = &at, .address_count = 1};
    rig_step(rig, &input);
    rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_REFUSED);
    const rig_entry *last = &rig->log[rig->count - 1];
    assert_int_equal(last->output.note.kind, HOP_NOTE_SERVER_LOST);
    assert_true(hop_address_equal(&last->output.note.address, &at));
    rig_free(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ipv6_waits_for_ipv4),
        cmocka_unit_test(test_ipv6_at_once_where_ipv4_fails),
        cmocka_unit_test(test_black_holed_ipv4_is_not_waited_for),
        cmocka_unit_test(test_held_link_that_ends),
        cmocka_unit_test(test_listener_moves_to_ipv4),
        cmocka_unit_test(test_knocker_moves_to_ipv4),
        cmocka_unit_test(test_late_ipv4_is_given_up),
        cmocka_unit_test(test_knocker_calls_a_dead_server_again),
        cmocka_unit_test(test_lost_server_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
