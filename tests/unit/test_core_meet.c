/* SPDX-License-Identifier: MIT */
/*
 * The endpoint and its servers: how each way to fail ends, one retry by the server's clock, several
 * servers, a listener that never gives up, nonces that serve once, meeting by hand, cancelling.
 */
#include "core_rig.h"

#define PEER      "203.0.113.20:41000"
#define PEER_SEEN "203.0.113.20:51000"
#define SERVER    "198.51.100.1:3478"
#define SERVER_2  "198.51.100.2:3478"
#define MAPPED    "203.0.113.10:50000"

static const char *const one[] = {PEER};

static core_rig *gone(hop_core_mode mode, unsigned server_count) {
    hop_core_config config = rig_config(mode, 31);
    config.ticket.server_count = server_count;
    core_rig *rig = rig_new(&config);
    rig_go(rig);
    return rig;
}

static void resolved(core_rig *rig, unsigned server, const char *address) {
    hop_address at = {0};
    if (address != NULL) at = rig_address(address);
    hop_input input = {.kind = HOP_IN_RESOLVED,
                       .link = -1,
                       .server = server,
                       .reason = HOP_REASON_RESOLVE,
                       .addresses = &at,
                       .address_count = address != NULL};
    rig_step(rig, &input);
}

static void cancel(core_rig *rig) {
    hop_input input = {.kind = HOP_IN_CANCEL, .link = -1};
    rig_step(rig, &input);
}

/* The endpoint has failed, with this error and nothing after it but refusals. */
static void check_failed(core_rig *rig, enum hop_error error) {
    const rig_entry *failed = rig_find(rig, HOP_OUT_FAILED, rig_count(rig, HOP_OUT_FAILED) - 1);
    assert_non_null(failed);
    assert_int_equal(failed->output.error, error);
    assert_true(rig->over);
    assert_true(hop_core_deadline(rig->core) == INT64_MAX);
    assert_int_equal(rig_accepted(rig, PEER), -1);
    cancel(rig);
    resolved(rig, 0, SERVER);
    rig_timer(rig, rig->now_us + HOP_S);
    rig_free(rig);
}

static void test_each_way_to_fail(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_CONNECT, 1);
    resolved(rig, 0, NULL);
    check_failed(rig, HOP_E_RESOLVE);

    rig = gone(HOP_CORE_CONNECT, 1); /* a resolver that never answers */
    rig_run_until(rig, rig->now_us + HOP_SERVER_TIMEOUT_US);
    check_failed(rig, HOP_E_RESOLVE);

    rig = gone(HOP_CORE_LISTEN, 1);
    resolved(rig, 0, SERVER);
    rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_REFUSED);
    check_failed(rig, HOP_E_SERVER);

    rig = gone(HOP_CORE_LISTEN, 1); /* it connects and says nothing */
    rig_reach(rig, 0, SERVER);
    rig_run_until(rig, rig->now_us + HOP_SERVER_TIMEOUT_US);
    check_failed(rig, HOP_E_SERVER);

    rig = gone(HOP_CORE_LISTEN, 1);
    rig_refuse(rig, rig_reach(rig, 0, SERVER), HOP_REFUSAL_BUSY, 0);
    check_failed(rig, HOP_E_REFUSED);

    rig = gone(HOP_CORE_CONNECT, 1); /* no STUN at all */
    rig_received(rig, rig_reach(rig, 0, SERVER), (const uint8_t *)"HTTP/1.1 400 Bad Request", 20);
    check_failed(rig, HOP_E_PROTOCOL);

    rig = gone(HOP_CORE_CONNECT, 1);
    rig_answer(rig, rig_reach(rig, 0, SERVER), MAPPED);
    rig_run_until(rig, rig->now_us + HOP_TIMEOUT_DEFAULT_US);
    check_failed(rig, HOP_E_NOBODY);
}

static void test_forged_registration_is_an_impostor(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 32);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    hop_message start = {.kind = HOP_MESSAGE_START,
                         .role = HOP_ROLE_CONTROLLING,
                         .peer = rig_address(PEER),
                         .sealed_size = 64,
                         .nonce_count = 1};
    rig_say(rig, server, &start);
    check_failed(rig, HOP_E_IMPOSTOR);
}

static void test_clock_is_tried_once_more(void **state) {
    (void)state;
    const uint64_t theirs_ms = 1600000000000;
    for (unsigned again = 0; again < 2; again++) {
        core_rig *rig = gone(HOP_CORE_CONNECT, 1);
        int server = rig_reach(rig, 0, SERVER);
        rig_refuse(rig, server, HOP_REFUSAL_CLOCK, theirs_ms);
        hop_message knock;
        rig_heard(rig, server, &knock);
        assert_int_equal(knock.kind, HOP_MESSAGE_KNOCK);
        assert_int_equal(rig_notes(rig, HOP_NOTE_KNOCKED), 2);
        assert_true(knock.time_ms == theirs_ms);
        if (again) {
            rig_refuse(rig, server, HOP_REFUSAL_CLOCK, theirs_ms);
            check_failed(rig, HOP_E_CLOCK);
        } else {
            rig_answer(rig, server, MAPPED);
            rig_peer peer = rig_peer_make(rig, one, 1);
            rig_start(rig, server, &peer, PEER_SEEN, NULL, 0);
            assert_int_equal(rig_count(rig, HOP_OUT_PEER), 1);
            rig_free(rig);
        }
    }
}

static void test_cancel_in_each_state(void **state) {
    (void)state;
    for (unsigned stage = 0; stage < 7; stage++) {
        hop_core_config config = rig_config(HOP_CORE_CONNECT, 33);
        core_rig *rig = rig_new(&config);
        int server = -1;
        rig_peer peer = rig_peer_make(rig, one, 1);
        if (stage >= 1) rig_go(rig);
        if (stage == 2) resolved(rig, 0, SERVER);
        if (stage >= 3) server = rig_reach(rig, 0, SERVER);
        if (stage >= 4) rig_answer(rig, server, MAPPED);
        if (stage >= 5) rig_start(rig, server, &peer, PEER_SEEN, NULL, stage == 5 ? 100000 : 0);
        if (stage >= 6) {
            int link = rig_dialling(rig, PEER);
            rig_connected(rig, link);
            rig_peer_greet(rig, &peer, link);
        }
        cancel(rig);
        assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 1);
        assert_int_equal(rig_find(rig, HOP_OUT_FAILED, 0)->output.attempt, stage >= 5 ? 1 : 0);
        check_failed(rig, HOP_E_CANCELLED);
    }
}

/* --- listening ----------------------------------------------------------------------------------
 */

static void test_eight_attempts_and_no_more(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_LISTEN, 1);
    int server = rig_reach(rig, 0, SERVER);
    hop_message registered;
    rig_heard(rig, server, &registered);
    assert_int_equal(registered.nonce_count, HOP_ATTEMPTS_MAX);
    rig_answer(rig, server, MAPPED);
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 1);
    for (unsigned i = HOP_ATTEMPTS_MAX; i-- > 0;) { /* the last nonce first */
        char address[] = "203.0.113.30:41000";
        address[10] = (char)('1' + i);
        const char *const addresses[] = {address};
        rig_peer peer = rig_peer_make(rig, addresses, 1);
        rig_start(rig, server, &peer, address, registered.nonces[i], 0);
        rig_timer(rig, rig->now_us + HOP_MS);
    }
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), HOP_ATTEMPTS_MAX);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    hop_message heard;
    rig_heard(rig, server, &heard);
    assert_int_equal(heard.kind, HOP_MESSAGE_REGISTER); /* no nonce while there is no room */
    cancel(rig);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), HOP_ATTEMPTS_MAX + 1);
    for (unsigned i = 0; i < HOP_ATTEMPTS_MAX; i++) { /* each report is its own attempt's */
        const rig_entry *failed = rig_find(rig, HOP_OUT_FAILED, i);
        for (unsigned j = 0; j < i; j++)
            assert_true(failed->report.lasted_us !=
                        rig_find(rig, HOP_OUT_FAILED, j)->report.lasted_us);
    }
    check_failed(rig, HOP_E_CANCELLED);
}

static void test_replayed_start_is_not_obeyed(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_LISTEN, 1);
    int server = rig_reach(rig, 0, SERVER);
    hop_message registered;
    rig_heard(rig, server, &registered);
    rig_answer(rig, server, MAPPED);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER_SEEN, registered.nonces[3], 0);
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 1);
    rig_start(rig, server, &peer, PEER_SEEN, registered.nonces[3], 0);
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 1);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, server)); /* such a server is left */
    rig_free(rig);
}

static void test_attempt_that_is_over_makes_room(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_LISTEN, 1);
    int server = rig_reach(rig, 0, SERVER);
    hop_message heard;
    rig_heard(rig, server, &heard);
    rig_answer(rig, server, MAPPED);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER_SEEN, heard.nonces[0], 0);
    int link = rig_dialling(rig, PEER);
    rig_connected(rig, link);
    rig_end end = rig_peer_greet(rig, &peer, link);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_NOMINATE);
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 1);
    uint8_t used[HOP_NONCE_SIZE];
    memcpy(used, heard.nonces[0], HOP_NONCE_SIZE);
    rig_heard(rig, server, &heard);
    assert_int_equal(heard.kind, HOP_MESSAGE_REFRESH);
    assert_int_equal(heard.nonce_count, 1);
    assert_memory_not_equal(heard.nonces[0], used, HOP_NONCE_SIZE);
    rig_peer next = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &next, PEER_SEEN, heard.nonces[0], 0);
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 2);
    rig_free(rig);
}

static void test_listener_calls_again_and_again(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_LISTEN, 1);
    int server = rig_reach(rig, 0, SERVER);
    rig_answer(rig, server, MAPPED);
    rig_ended(rig, server, HOP_REASON_RESET);
    int64_t expected_us = HOP_PAUSE_MIN_US;
    for (unsigned i = 0; i < 9; i++) {
        int64_t pause_us = hop_core_deadline(rig->core) - rig->now_us;
        assert_in_range(pause_us, expected_us * 9 / 10, expected_us * 11 / 10);
        expected_us = expected_us * 2 < HOP_PAUSE_MAX_US ? expected_us * 2 : HOP_PAUSE_MAX_US;
        rig_timer(rig, hop_core_deadline(rig->core));
        assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), i + 2);
        resolved(rig, 0, SERVER);
        rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_REFUSED);
    }
    rig_timer(rig, hop_core_deadline(rig->core));
    server = rig_reach(rig, 0, SERVER);
    hop_message heard;
    rig_heard(rig, server, &heard);
    assert_int_equal(heard.kind, HOP_MESSAGE_REGISTER);
    assert_int_equal(heard.nonce_count, HOP_ATTEMPTS_MAX);
    rig_answer(rig, server, MAPPED);
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 2);
    rig_free(rig);
}

static void test_keepalive_finds_a_dead_server(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_LISTEN, 1);
    int server = rig_reach(rig, 0, SERVER);
    rig_answer(rig, server, MAPPED);
    hop_message heard;
    for (unsigned i = 0; i < 3; i++) {
        int64_t before_us = rig->now_us;
        rig_timer(rig, hop_core_deadline(rig->core));
        assert_in_range(rig->now_us - before_us, HOP_KEEPALIVE_US * 9 / 10,
                        HOP_KEEPALIVE_US * 11 / 10);
        rig_heard(rig, server, &heard);
        assert_int_equal(heard.kind, HOP_MESSAGE_BINDING);
        if (i < 2) rig_answer(rig, server, MAPPED);
    }
    rig_timer(rig, hop_core_deadline(rig->core));
    assert_int_equal(rig_notes(rig, HOP_NOTE_SERVER_LOST), 1);
    rig_free(rig);
}

/* --- several servers ----------------------------------------------------------------------------
 */

static void test_listener_registers_everywhere(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_LISTEN, 2);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
    int first = rig_reach(rig, 0, SERVER);
    int second = rig_reach(rig, 1, SERVER_2);
    hop_message heard;
    rig_heard(rig, second, &heard);
    assert_int_equal(heard.nonce_count, HOP_ATTEMPTS_MAX / 2);
    rig_answer(rig, first, MAPPED);
    rig_refuse(rig, second, HOP_REFUSAL_BUSY, 0);
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 1);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    rig_free(rig);
}

static void test_knocker_takes_the_next_server(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_CONNECT, 3);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 1);
    rig_run_until(rig, rig->now_us + HOP_SERVER_NEXT_US);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
    resolved(rig, 0, NULL); /* fails: the third at once */
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 3);
    int second = rig_reach(rig, 1, SERVER_2);
    int third = rig_reach(rig, 2, SERVER);
    rig_answer(rig, second, MAPPED);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, third)); /* one is enough */
    rig_run_until(rig, rig->now_us + 5 * HOP_S);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 3);
    rig_free(rig);
}

static void test_all_servers_fail_each_in_its_way(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_CONNECT, 3);
    resolved(rig, 0, NULL);
    rig_refuse(rig, rig_reach(rig, 1, SERVER_2), HOP_REFUSAL_BUSY, 0);
    resolved(rig, 2, SERVER);
    rig_ended(rig, rig_dialling(rig, SERVER), HOP_REASON_TIMED_OUT);
    check_failed(rig, HOP_E_REFUSED); /* what a server said is worth most */
}

/* Its knock was answered by an attempt: there is nothing more to ask for. */
static void test_server_lost_while_punching(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 34);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER_SEEN, NULL, 0);
    rig_ended(rig, server, HOP_REASON_RESET);
    rig_run_until(rig, rig->now_us + 3 * HOP_S);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 1); /* no second knock */
    int link = rig_dialling(rig, PEER);
    rig_connected(rig, link);
    rig_end end = rig_peer_greet(rig, &peer, link);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 1);
    rig_free(rig);
}

static void test_server_lost_before_the_peer_came(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 35);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    rig_ended(rig, server, HOP_REASON_RESET);
    const rig_entry *last = &rig->log[rig->count - 1];
    assert_int_equal(last->output.note.kind, HOP_NOTE_SERVER_LOST);
    hop_address at = rig_address(SERVER);
    assert_true(hop_address_equal(&last->output.note.address, &at));
    rig_run_until(rig, rig->now_us + 2 * HOP_S);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
    server = rig_reach(rig, 0, SERVER);
    rig_answer(rig, server, MAPPED);
    rig_peer peer = rig_peer_make(rig, one, 1);
    rig_start(rig, server, &peer, PEER_SEEN, NULL, 0);
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 1);
    rig_free(rig);
}

static void test_server_lost_and_another_in_the_ticket(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_CONNECT, 2);
    int server = rig_reach(rig, 0, SERVER);
    rig_answer(rig, server, MAPPED);
    rig_ended(rig, server, HOP_REASON_RESET);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
    assert_int_equal(rig_find(rig, HOP_OUT_RESOLVE, 1)->output.server, 1);
    rig_answer(rig, rig_reach(rig, 1, SERVER_2), MAPPED);
    rig_run_until(rig, rig->now_us + 5 * HOP_S);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
    rig_free(rig);
}

/* --- by hand ------------------------------------------------------------------------------------
 */

static void test_by_hand_both_roles(void **state) {
    (void)state;
    core_rig *rigs[2];
    int links[2];
    for (unsigned i = 0; i < 2; i++) {
        hop_core_config config = rig_config(HOP_CORE_MANUAL, 40 + i);
        config.ticket.server_count = i; /* the second asks a STUN server */
        config.no_secret = true;
        rigs[i] = rig_new(&config);
        rig_go(rigs[i]);
        assert_int_equal(rig_count(rigs[i], HOP_OUT_DESCRIBED), 1 - i);
    }
    rig_answer(rigs[1], rig_reach(rigs[1], 0, SERVER), PEER);
    assert_int_equal(rig_count(rigs[1], HOP_OUT_DESCRIBED), 1);
    hop_description descriptions[2] = {*hop_core_description(rigs[0]->core),
                                       *hop_core_description(rigs[1]->core)};
    for (unsigned i = 0; i < 2; i++) {
        hop_input own = {.kind = HOP_IN_PEER, .link = -1, .description = &descriptions[i]};
        hop_input peer = {.kind = HOP_IN_PEER, .link = -1, .description = &descriptions[1 - i]};
        rig_step(rigs[i], &own);
        assert_int_equal(rig_count(rigs[i], HOP_OUT_PEER), 0); /* that is oneself */
        rig_step(rigs[i], &peer);
        assert_int_equal(rig_count(rigs[i], HOP_OUT_PEER), 1);
    }
    links[0] = rig_dialling(rigs[0], PEER);
    assert_true(links[0] >= 0);
    rig_connected(rigs[0], links[0]);
    links[1] = rig_accepted(rigs[1], "203.0.113.77:4444");
    unsigned seen[2] = {0, 0};
    for (unsigned round = 0; round < 6; round++) { /* what each sends, the other receives */
        unsigned from = round % 2;
        for (; seen[from] < rigs[from]->count; seen[from]++) {
            rig_entry sent = rigs[from]->log[seen[from]];
            if (sent.output.kind == HOP_OUT_SEND && sent.output.link == links[from] &&
                sent.output.size == HOP_HELLO_SIZE)
                rig_received(rigs[1 - from], links[1 - from], sent.bytes, HOP_HELLO_SIZE);
        }
    }
    assert_int_equal(rig_count(rigs[0], HOP_OUT_ESTABLISHED), 1);
    assert_int_equal(rig_count(rigs[1], HOP_OUT_ESTABLISHED), 1);
    assert_int_equal(rig_notes(rigs[0], HOP_NOTE_NOMINATE) + rig_notes(rigs[1], HOP_NOTE_NOMINATE),
                     1);
    for (unsigned i = 0; i < 2; i++) /* there is no secret that it could prove to hold */
        for (unsigned at = 0; at < rigs[i]->count; at++) {
            const hop_output *told = &rigs[i]->log[at].output;
            if (told->kind == HOP_OUT_NOTE && told->note.kind == HOP_NOTE_HELLO)
                assert_int_equal(told->note.number, HOP_PROOF_DESCRIPTION);
        }
    rig_free(rigs[0]);
    rig_free(rigs[1]);
}

static void test_by_hand_does_not_wait_for_silent_servers(void **state) {
    (void)state;
    core_rig *rig = gone(HOP_CORE_MANUAL, 2);
    resolved(rig, 0, NULL);
    rig_reach(rig, 1, SERVER);
    assert_int_equal(rig_count(rig, HOP_OUT_DESCRIBED), 0);
    rig_run_until(rig, rig->now_us + HOP_DESCRIBE_TIMEOUT_US);
    assert_int_equal(rig_count(rig, HOP_OUT_DESCRIBED), 1);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    assert_int_equal(hop_core_description(rig->core)->candidate_count, 2);
    cancel(rig);
    check_failed(rig, HOP_E_CANCELLED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_way_to_fail),
        cmocka_unit_test(test_forged_registration_is_an_impostor),
        cmocka_unit_test(test_clock_is_tried_once_more),
        cmocka_unit_test(test_cancel_in_each_state),
        cmocka_unit_test(test_eight_attempts_and_no_more),
        cmocka_unit_test(test_replayed_start_is_not_obeyed),
        cmocka_unit_test(test_attempt_that_is_over_makes_room),
        cmocka_unit_test(test_listener_calls_again_and_again),
        cmocka_unit_test(test_keepalive_finds_a_dead_server),
        cmocka_unit_test(test_listener_registers_everywhere),
        cmocka_unit_test(test_knocker_takes_the_next_server),
        cmocka_unit_test(test_all_servers_fail_each_in_its_way),
        cmocka_unit_test(test_server_lost_while_punching),
        cmocka_unit_test(test_server_lost_before_the_peer_came),
        cmocka_unit_test(test_server_lost_and_another_in_the_ticket),
        cmocka_unit_test(test_by_hand_both_roles),
        cmocka_unit_test(test_by_hand_does_not_wait_for_silent_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
