/* SPDX-License-Identifier: MIT */
/*
 * When an attempt dials: all pairs at the common start, refusals again within ten milliseconds,
 * silence only when nothing can be under way any more, never what has begun to answer, never more
 * than the pace, and nothing at all once a link has proved itself.
 */
#include <stdio.h>

#include "core_rig.h"

#define PEER      "203.0.113.20:41000"
#define PEER_SEEN "203.0.113.20:51000"

static const char *const one[] = {PEER};

/* A core whose attempt starts after the delay, with these candidates and what the server saw. */
static core_rig *started(uint64_t seed, const char *const *addresses, unsigned count,
                         uint32_t delay_us, rig_peer *ret_peer) {
    hop_core_config config = rig_config(HOP_CORE_CONNECT, seed);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    *ret_peer = rig_peer_make(rig, addresses, count);
    rig_start(rig, server, ret_peer, PEER_SEEN, NULL, delay_us);
    return rig;
}

static void test_all_pairs_at_the_start(void **state) {
    (void)state;
    static const char *const many[] = {PEER, "[2001:db8:2::20]:41000", "192.168.1.20:41000"};
    rig_peer peer;
    core_rig *rig = started(1, many, 3, 30000, &peer);
    int64_t start_us = rig->now_us + 30000;
    assert_int_equal(rig_count(rig, HOP_OUT_PEER), 1);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 1); /* the server alone */
    assert_true(hop_core_deadline(rig->core) == start_us);
    rig_timer(rig, start_us - 1);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 1);
    rig_timer(rig, start_us);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(rig_dials(rig, many[i]), 1);
    assert_int_equal(rig_dials(rig, PEER_SEEN), 1);
    rig_free(rig);
}

static void test_delay_is_bounded(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = started(1, one, 1, 3600u * 1000000u, &peer);
    rig_run_until(rig, rig->now_us + HOP_DELAY_MAX_US);
    assert_int_equal(rig_dials(rig, PEER), 1);
    rig_free(rig);
}

static void test_refusal_is_dialled_again_at_once(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = started(2, one, 1, 0, &peer);
    int64_t least = INT64_MAX;
    int64_t most = 0;
    rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_REFUSED);
    rig_run_until(rig, rig->now_us + HOP_MS); /* the first pause is a short one */
    assert_true(rig_dialling(rig, PEER) >= 0);
    for (unsigned i = 0; i < 200; i++) {
        rig_timer(rig, rig->now_us + 50 * HOP_MS); /* the refusal's round trip */
        rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_REFUSED);
        assert_true(rig_dialling(rig, PEER) < 0);
        int64_t wait = hop_core_deadline(rig->core) - rig->now_us;
        while (rig_dialling(rig, PEER) < 0)
            rig_timer(rig, hop_core_deadline(rig->core));
        if (wait < least) least = wait;
        if (wait > most) most = wait;
        rig_ended(rig, rig_dialling(rig, PEER_SEEN), HOP_REASON_ABANDONED);
    }
    assert_in_range(least, HOP_MS / 2, HOP_MS); /* jittered: nearly all of the range is used */
    assert_in_range(most, 9 * HOP_MS, 10 * HOP_MS);
    rig_free(rig);
}

/* ICMP leaves our NAT's hole open, and the pause would be our listener's turn to answer. */
static void test_refusal_by_icmp_has_no_pause(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = started(2, one, 1, 0, &peer);
    for (unsigned i = 0; i < HOP_REDIAL_AT_ONCE_MAX; i++) {
        rig_timer(rig, rig->now_us + 50 * HOP_MS);
        rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_UNREACHABLE);
        assert_true(rig_dialling(rig, PEER) >= 0);
    }
    rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_UNREACHABLE);
    assert_true(rig_dialling(rig, PEER) < 0);
    rig_free(rig);
}

/* A neighbour that refuses has no NAT to be opened; he is asked less often after a while. */
static void test_refusing_neighbour_is_spared(void **state) {
    (void)state;
    static const char *const near[] = {"192.168.1.20:41000"};
    rig_peer peer;
    core_rig *rig = started(3, near, 1, 0, &peer);
    int64_t end_us = rig->now_us + 2 * HOP_S;
    while (rig->now_us < end_us) {
        int link = rig_dialling(rig, near[0]);
        if (link >= 0)
            rig_ended(rig, link, HOP_REASON_REFUSED);
        else
            rig_timer(rig, hop_core_deadline(rig->core));
    }
    assert_in_range(rig_dials(rig, near[0]), 15, 25);
    rig_free(rig);
}

/* The dials that the last step gave up on have heard nothing at all. */
static void answer_abandons(core_rig *rig) {
    bool abandoned[HOP_LINKS_PLAIN] = {false};
    for (unsigned i = rig->count; i-- > 0 && rig->log[i].at_us == rig->now_us;)
        if (rig->log[i].output.kind == HOP_OUT_ABANDON) abandoned[rig->log[i].output.link] = true;
    for (int i = 0; i < HOP_LINKS_PLAIN; i++)
        if (abandoned[i]) rig_ended(rig, i, HOP_REASON_ABANDONED);
}

/* Looked at often, for it may have begun to answer; but a fresh SYN, with another sequence number,
 * only when the system has repeated the first one: what is under way must not meet it. */
static void test_silence_is_left_to_the_system(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        rig_peer peer;
        core_rig *rig =
            started(seed, one, 1, 0, &peer); /* START says 100 ms: 200 ms is the bound */
        int link = rig_dialling(rig, PEER);
        int64_t dialled_us = rig->now_us;
        int64_t before_us = dialled_us;
        while (rig_last(rig, HOP_OUT_ABANDON, link) == NULL) {
            rig_timer(rig, hop_core_deadline(rig->core));
            assert_null(rig_last(rig, HOP_OUT_CLOSE, link)); /* only ever the guarded way */
            const rig_entry *look = rig_last(rig, HOP_OUT_LOOK, link);
            assert_non_null(look);
            assert_true(rig->now_us - before_us <= 200 * HOP_MS);
            before_us = rig->now_us;
        }
        assert_in_range(rig->now_us - dialled_us, 2500 * HOP_MS, 2750 * HOP_MS);
        assert_int_equal(rig_dials(rig, PEER), 1);
        rig_ended(rig, link, HOP_REASON_ABANDONED);
        assert_int_equal(rig_dials(rig, PEER), 2);
        rig_free(rig);
    }
}

/* What happened 35 times in 200 behind two refusing NATs, on a wire that now and then held its
 * packets up for half a second: both sides dialled anew while their first SYNs were under way. */
static void test_nothing_is_dialled_anew_within_two_seconds(void **state) {
    (void)state;
    static const char *const four[] = {PEER, "203.0.113.20:41001", "[2001:db8:2::20]:41000",
                                       "192.168.1.20:41000"};
    for (uint64_t seed = 0; seed < 50; seed++) {
        rig_peer peer;
        core_rig *rig = started(seed, four, 4, 0, &peer);
        rig_run_until(rig, rig->now_us + 2 * HOP_S);
        assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 1 + 5);
        assert_int_equal(rig_count(rig, HOP_OUT_ABANDON), 0);
        rig_free(rig);
    }
}

static void test_long_round_trip_gets_more_patience(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_LISTEN, 4);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    hop_message heard;
    rig_heard(rig, server, &heard);
    rig_peer peer = rig_peer_make(rig, one, 1);
    hop_message start = {.kind = HOP_MESSAGE_START,
                         .role = HOP_ROLE_CONTROLLED,
                         .rtt_us = 2000 * HOP_MS,
                         .peer = rig_address(PEER_SEEN),
                         .nonce_count = 1};
    memcpy(start.nonces[0], heard.nonces[0], HOP_NONCE_SIZE);
    start.sealed_size = hop_description_seal(&peer.description, &rig->crypto, rig->keys.seal,
                                             HOP_SEAL_KNOCK, start.sealed);
    rig_say(rig, server, &start);
    int64_t start_us = rig->now_us;
    while (rig_count(rig, HOP_OUT_ABANDON) == 0)
        rig_timer(rig, hop_core_deadline(rig->core));
    const rig_entry *look = rig_find(rig, HOP_OUT_LOOK, 0);
    assert_true(look->at_us - start_us == 3 * HOP_S);
    assert_in_range(rig->now_us - start_us, 3000 * HOP_MS, 3250 * HOP_MS);
    rig_free(rig);
}

/* Begins an attempt of one pair, whose dial is found answering. Returns its link. */
static int answering(core_rig **ret_rig, rig_peer *peer) {
    core_rig *rig = started(5, one, 1, 0, peer);
    int link = rig_dialling(rig, PEER);
    while (rig_last(rig, HOP_OUT_LOOK, link) == NULL)
        rig_timer(rig, hop_core_deadline(rig->core));
    hop_input input = {.kind = HOP_IN_ANSWERING, .link = link};
    rig_step(rig, &input);
    assert_int_equal(rig_notes(rig, HOP_NOTE_ANSWERING), 1);
    rig_forget(rig);
    *ret_rig = rig;
    return link;
}

static void test_answering_is_left_alone(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig;
    int link = answering(&rig, &peer);
    rig_timer(rig, rig->now_us + HOP_LOOK_MIN_US * 17 / 10);
    assert_null(rig_last(rig, HOP_OUT_CLOSE, link));
    assert_int_equal(rig_dials(rig, PEER), 0);
    rig_connected(rig, link); /* and it may still win */
    rig_peer_greet(rig, &peer, link);
    assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 1);
    rig_free(rig);
}

/* A handshake that lost a packet is not completed any more, and stands in the way of the next. */
static void test_answering_for_too_long_begins_again(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig;
    int link = answering(&rig, &peer);
    int64_t begin_us = rig->now_us;
    while (rig_dials(rig, PEER) == 0)
        rig_timer(rig, hop_core_deadline(rig->core));
    assert_in_range(rig->now_us - begin_us, HOP_LOOK_MIN_US * 18 / 10, HOP_LOOK_MIN_US * 22 / 10);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, link));
    assert_null(rig_last(rig, HOP_OUT_ABANDON, link));
    link = rig_dialling(rig, PEER);
    rig_connected(rig, link);
    rig_peer_greet(rig, &peer, link);
    assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 1);
    rig_free(rig);
}

/* The driver may find a socket connected when it is asked to give it up, and say so in either
 * order. */
static void test_answering_after_connected_changes_nothing(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = started(5, one, 1, 0, &peer);
    int link = rig_dialling(rig, PEER);
    rig_connected(rig, link);
    hop_input answering = {.kind = HOP_IN_ANSWERING, .link = link};
    rig_step(rig, &answering);
    rig_end end = rig_peer_greet(rig, &peer, link);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 1);
    rig_free(rig);
}

static void test_in_use_is_tried_again(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = started(6, one, 1, 0, &peer);
    int64_t begin_us = rig->now_us;
    for (unsigned i = 0; i < 5; i++) {
        rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_IN_USE);
        while (rig_dialling(rig, PEER) < 0)
            rig_timer(rig, hop_core_deadline(rig->core));
    }
    assert_in_range(rig->now_us - begin_us, 5 * 45 * HOP_MS, 5 * 55 * HOP_MS);
    rig_free(rig);
}

static const char *const eight[] = {
    "203.0.113.20:41001", "203.0.113.20:41002", "203.0.113.20:41003", "203.0.113.20:41004",
    "203.0.113.20:41005", "203.0.113.20:41006", "203.0.113.20:41007", "203.0.113.20:41008"};

/* Eight addresses that refuse within a millisecond, for ten seconds. */
static core_rig *refuse_everything(int64_t round_trip_us) {
    rig_peer peer;
    core_rig *rig = started(7, eight, 8, 0, &peer);
    rig_forget(rig);
    int64_t dialled_us[HOP_LINKS_PLAIN];
    for (int i = 0; i < HOP_LINKS_PLAIN; i++)
        dialled_us[i] = rig->now_us;
    int64_t end_us = rig->now_us + 10 * HOP_S;
    while (rig->now_us < end_us) {
        int64_t next_us = hop_core_deadline(rig->core);
        int due = -1;
        for (int i = 0; i < HOP_LINKS_PLAIN; i++) {
            const rig_entry *dial = rig_last(rig, HOP_OUT_CONNECT, i);
            if (rig->links[i].state != RIG_DIALLING) continue;
            if (dial != NULL) dialled_us[i] = dial->at_us;
            if (dialled_us[i] + round_trip_us > next_us) continue;
            next_us = dialled_us[i] + round_trip_us;
            due = i;
        }
        rig->now_us = next_us > rig->now_us ? next_us : rig->now_us;
        if (due >= 0)
            rig_ended(rig, due, HOP_REASON_REFUSED);
        else
            rig_timer(rig, rig->now_us);
    }
    return rig;
}

static void test_pace_bounds_the_dials(void **state) {
    (void)state;
    core_rig *rig = refuse_everything(HOP_MS);
    unsigned dials = rig_count(rig, HOP_OUT_CONNECT);
    assert_in_range(dials, 9 * HOP_DIALS_PER_SECOND, 10 * HOP_DIALS_PER_SECOND + HOP_DIALS_BURST);
    const rig_entry *first;
    for (unsigned i = 0; (first = rig_find(rig, HOP_OUT_CONNECT, i)) != NULL; i++) {
        const rig_entry *after =
            rig_find(rig, HOP_OUT_CONNECT, i + HOP_DIALS_PER_SECOND + HOP_DIALS_BURST);
        if (after != NULL) assert_true(after->at_us - first->at_us >= HOP_S);
        if (i > 400) break;
    }
    assert_int_equal(rig_notes(rig, HOP_NOTE_SLOW), 1);
    rig_free(rig);
}

/* What the pace allows is shared: the pair that will work may be any of them. */
static void test_pace_starves_no_pair(void **state) {
    (void)state;
    core_rig *rig = refuse_everything(HOP_MS);
    unsigned dials = rig_count(rig, HOP_OUT_CONNECT);
    for (unsigned i = 0; i < 7; i++)
        assert_true(rig_dials(rig, eight[i]) > dials / 16);
    rig_free(rig);
}

static void test_eight_at_most_and_the_observed_among_them(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = started(8, eight, 8, 0, &peer);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 1 + 8);
    assert_int_equal(rig_dials(rig, PEER_SEEN), 1);
    assert_int_equal(rig_notes(rig, HOP_NOTE_CANDIDATE), 8);
    assert_int_equal(rig_notes(rig, HOP_NOTE_CANDIDATE_SKIPPED), 1); /* and that is said */
    rig_free(rig);
    static const char *const known[] = {"203.0.113.20:41001", PEER_SEEN,
                                        "203.0.113.20:41003", "203.0.113.20:41004",
                                        "203.0.113.20:41005", "203.0.113.20:41006",
                                        "203.0.113.20:41007", "203.0.113.20:41008"};
    rig = started(8, known, 8, 0, &peer); /* the peer names it itself: no place is lost */
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(rig_dials(rig, known[i]), 1);
    rig_free(rig);
}

/* Eight peers at once with eight addresses each want more links than there are: what finds none
 * waits for one, and is dialled then. */
static void test_no_link_is_free(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_LISTEN, 9);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    hop_message registered;
    rig_heard(rig, server, &registered);
    assert_int_equal(registered.nonce_count, HOP_ATTEMPTS_MAX);
    for (unsigned i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        char texts[8][32];
        const char *addresses[8];
        for (unsigned j = 0; j < 8; j++) {
            snprintf(texts[j], sizeof texts[j], "203.0.113.%u:%u", 20 + i, 41001 + j);
            addresses[j] = texts[j];
        }
        rig_peer peer = rig_peer_make(rig, addresses, 8);
        rig_start(rig, server, &peer, addresses[0], registered.nonces[i], 0);
    }
    rig_timer(rig, rig->now_us);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 64);
    assert_int_equal(rig_dials(rig, "203.0.113.27:41008"), 0);
    rig_timer(rig, rig->now_us + 2 * HOP_REDIAL_IN_USE_US); /* still none */
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 64);
    rig_ended(rig, rig_dialling(rig, "203.0.113.20:41001"), HOP_REASON_NO_ROUTE);
    rig_timer(rig, rig->now_us + 2 * HOP_REDIAL_IN_USE_US);
    assert_int_equal(rig_dials(rig, "203.0.113.27:41008"), 1);
    rig_free(rig);
}

static void test_nothing_is_dialled_beside_a_proved_link(void **state) {
    (void)state;
    static const char *const two[] = {PEER, "203.0.113.20:41001"};
    rig_peer peer;
    core_rig *rig = started(9, two, 2, 0, &peer);
    int link = rig_dialling(rig, PEER);
    rig_connected(rig, link);
    rig_peer_greet(rig, &peer, link);
    rig_forget(rig);
    rig_ended(rig, rig_dialling(rig, two[1]), HOP_REASON_REFUSED);
    rig_run_until(rig, rig->now_us + HOP_S);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 0);
    assert_int_equal(rig_count(rig, HOP_OUT_ABANDON), 0);
    rig_free(rig);
}

static void test_deadline_tells_each_pair(void **state) {
    (void)state;
    static const char *const three[] = {PEER, "10.9.9.9:41000", "203.0.113.21:22"};
    rig_peer peer;
    core_rig *rig = started(10, three, 3, 0, &peer);
    int64_t begin_us = rig->now_us;
    rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_UNREACHABLE);
    while (!rig->over) {
        rig_timer(rig, hop_core_deadline(rig->core));
        if (!rig->over) answer_abandons(rig);
    }
    assert_true(rig->now_us - begin_us <= HOP_TIMEOUT_DEFAULT_US);
    const rig_entry *failed = rig_find(rig, HOP_OUT_FAILED, 0);
    assert_int_equal(failed->output.error, HOP_E_NO_PATH);
    assert_int_equal(failed->output.attempt, 1);
    const hop_report *report = &failed->report;
    assert_int_equal(report->pair_count, 4);
    assert_true(report->lasted_us == rig->now_us - begin_us);
    assert_int_equal(report->pairs[0].refused_count, 1);
    assert_int_equal(report->pairs[0].dial_count, rig_dials(rig, PEER));
    assert_int_equal(report->pairs[0].last, HOP_REASON_ABANDONED);
    assert_true(report->pairs[0].silent_count > 2);
    assert_int_equal(report->pairs[1].skip, HOP_SKIP_PRIVATE);
    assert_int_equal(report->pairs[2].skip, HOP_SKIP_PORT);
    assert_int_equal(report->pairs[1].dial_count + report->pairs[2].dial_count, 0);
    assert_false(report->authenticated);
    assert_false(report->pairs[0].connected);
    rig_free(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_pairs_at_the_start),
        cmocka_unit_test(test_delay_is_bounded),
        cmocka_unit_test(test_refusal_is_dialled_again_at_once),
        cmocka_unit_test(test_refusal_by_icmp_has_no_pause),
        cmocka_unit_test(test_refusing_neighbour_is_spared),
        cmocka_unit_test(test_silence_is_left_to_the_system),
        cmocka_unit_test(test_nothing_is_dialled_anew_within_two_seconds),
        cmocka_unit_test(test_long_round_trip_gets_more_patience),
        cmocka_unit_test(test_answering_is_left_alone),
        cmocka_unit_test(test_answering_for_too_long_begins_again),
        cmocka_unit_test(test_answering_after_connected_changes_nothing),
        cmocka_unit_test(test_in_use_is_tried_again),
        cmocka_unit_test(test_pace_bounds_the_dials),
        cmocka_unit_test(test_pace_starves_no_pair),
        cmocka_unit_test(test_eight_at_most_and_the_observed_among_them),
        cmocka_unit_test(test_no_link_is_free),
        cmocka_unit_test(test_nothing_is_dialled_beside_a_proved_link),
        cmocka_unit_test(test_deadline_tells_each_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
