/* SPDX-License-Identifier: MIT */
/*
 * The relay on the rig: that it is asked for at the start and in nobody's way, that a direct link
 * always wins when there is one in time, when the relay is taken, and what happens without it.
 */
#include "core_rig.h"

#include "core/strategy.h"

#define SERVER    "198.51.100.1:3478"
#define MAPPED    "203.0.113.10:50000"
#define PEER_SEEN "203.0.113.20:51000"
#define RTT_US    (100 * HOP_MS) /* that the rig's START tells */
#define LATE_DUE  (HOP_RELAY_SYNS_US + 2 * RTT_US)

static const char *const lan[] = {"192.168.77.1:41000"}; /* not dialled: not our network */

typedef struct two_sides {
    core_rig *rig;
    int server;
    int relay; /* the link that asks; -1: none */
    rig_peer peer;
    int64_t start_us;
} two_sides;

/* The newest link that goes to the server from any port; -1: none. */
static int asking(const core_rig *rig) {
    for (unsigned i = rig->count; i-- > 0;) {
        const hop_output *output = &rig->log[i].output;
        if (output->kind == HOP_OUT_CONNECT && output->any_port &&
            rig->links[output->link].state != RIG_FREE)
            return output->link;
    }
    return -1;
}

static two_sides met(hop_core_mode mode, hop_core_relay relay, const hop_description *peer) {
    hop_core_config config = rig_config(mode, 99);
    config.relay = relay;
    two_sides made = {.rig = rig_new(&config)};
    core_rig *rig = made.rig;
    made.server = rig_ready(rig);
    made.peer = rig_peer_make(rig, lan, 1);
    if (peer != NULL) {
        made.peer.description.nat = peer->nat;
        if (peer->candidate_count > 0) made.peer.description.candidates[0] = peer->candidates[0];
    }
    uint8_t nonce[HOP_NONCE_SIZE] = {0};
    if (mode == HOP_CORE_LISTEN) {
        hop_message heard;
        const rig_entry *first = rig_find(rig, HOP_OUT_SEND, 0);
        assert_int_equal(hop_message_decode(first->bytes, first->output.size, &heard),
                         HOP_MESSAGE_OK);
        memcpy(nonce, heard.nonces[0], HOP_NONCE_SIZE);
    }
    made.start_us = rig->now_us;
    rig_start(rig, made.server, &made.peer, PEER_SEEN, nonce, 0);
    rig_timer(rig, rig->now_us);
    made.relay = asking(rig);
    return made;
}

/* The server's yes: the peer is at the other end of this link now. */
static void relay_is_there(two_sides *meeting) {
    core_rig *rig = meeting->rig;
    hop_message request;
    rig_connected(rig, meeting->relay);
    rig_heard(rig, meeting->relay, &request);
    assert_int_equal(request.kind, HOP_MESSAGE_RELAY);
    hop_message answer = {.kind = HOP_MESSAGE_RELAY_ANSWER, .mapped = rig_address(MAPPED)};
    memcpy(answer.transaction, request.transaction, HOP_STUN_TRANSACTION_SIZE);
    rig_say(rig, meeting->relay, &answer);
}

static bool nominated(const two_sides *meeting, const rig_end *end) {
    return rig_peer_heard(meeting->rig, &meeting->peer, end, HOP_HELLO_NOMINATE);
}

static const hop_output *established(const two_sides *meeting) {
    const rig_entry *entry = rig_find(meeting->rig, HOP_OUT_ESTABLISHED, 0);
    assert_non_null(entry);
    return &entry->output;
}

static void test_asked_for_at_the_start(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        hop_core_mode mode = i == 0 ? HOP_CORE_CONNECT : HOP_CORE_LISTEN;
        two_sides meeting = met(mode, HOP_CORE_RELAY_AUTO, NULL);
        core_rig *rig = meeting.rig;
        assert_true(meeting.relay >= 0);
        const rig_entry *direct = rig_last(rig, HOP_OUT_CONNECT, rig_dialling(rig, PEER_SEEN));
        const rig_entry *relay = rig_last(rig, HOP_OUT_CONNECT, meeting.relay);
        assert_true(direct->at_us == meeting.start_us && relay->at_us == meeting.start_us);
        assert_true(direct < relay);
        assert_int_equal(rig->links[meeting.relay].remote.port, 3478);
        rig_connected(rig, meeting.relay);
        const rig_entry *sent = rig_last(rig, HOP_OUT_SEND, meeting.relay);
        hop_message request;
        assert_int_equal(hop_message_decode(sent->bytes, sent->output.size, &request),
                         HOP_MESSAGE_OK);
        assert_int_equal(request.kind, HOP_MESSAGE_RELAY);
        assert_int_equal(request.role, i == 0 ? HOP_ROLE_CONTROLLING : HOP_ROLE_CONTROLLED);
        assert_memory_equal(request.room, rig->keys.room, HOP_KEY_SIZE);
        assert_true(hop_message_verify(&request, sent->bytes, &rig->crypto));
        if (i == 0)
            assert_memory_equal(request.nonces[0], meeting.peer.description.nonce, HOP_NONCE_SIZE);
        rig_free(rig);
    }
}

static void test_never_is_never(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_NEVER, NULL);
    rig_run_until(meeting.rig, meeting.start_us + 16 * HOP_S);
    for (unsigned i = 0; i < meeting.rig->count; i++)
        assert_false(meeting.rig->log[i].output.any_port);
    assert_int_equal(rig_find(meeting.rig, HOP_OUT_FAILED, 0)->output.error, HOP_E_NO_PATH);
    rig_free(meeting.rig);
}

/* However long the relay has been ready: the direct link is chosen, and the relay hung up. */
static void test_direct_wins(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_peer_say(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM);
    rig_run_until(rig, meeting.start_us + LATE_DUE - 1);
    assert_false(nominated(&meeting, &relay));
    /* Nothing direct was given up for it. */
    assert_int_equal(rig_last(rig, HOP_OUT_ABANDON, rig_dialling(rig, PEER_SEEN))->output.link,
                     rig_dialling(rig, PEER_SEEN));
    int direct = rig_dialling(rig, PEER_SEEN);
    rig_connected(rig, direct);
    rig_run_until(rig, rig->now_us + 100 * HOP_MS); /* past the time, but it is being proved */
    assert_false(nominated(&meeting, &relay));
    rig_end end = rig_peer_greet(rig, &meeting.peer, direct);
    assert_true(nominated(&meeting, &end));
    rig_peer_say(rig, &meeting.peer, &end, HOP_HELLO_CONFIRM);
    assert_int_equal(established(&meeting)->link, direct);
    assert_int_equal(established(&meeting)->relay_reason, HOP_RELAY_REASON_NONE);
    const rig_entry *closed = rig_last(rig, HOP_OUT_CLOSE, meeting.relay);
    assert_non_null(closed);
    assert_true(closed->output.gently);
    rig_free(rig);
}

static void test_taken_when_direct_is_late(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_run_until(rig, meeting.start_us + LATE_DUE - 1);
    assert_false(nominated(&meeting, &relay));
    rig_run_until(rig, meeting.start_us + LATE_DUE);
    assert_true(nominated(&meeting, &relay));
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 0);
    rig_peer_say(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM);
    assert_int_equal(established(&meeting)->link, meeting.relay);
    assert_int_equal(established(&meeting)->route, HOP_CORE_ROUTE_RELAYED);
    assert_int_equal(established(&meeting)->relay_reason, HOP_RELAY_REASON_LATE);
    assert_int_equal(established(&meeting)->rtt_us, 0);
    rig_free(rig);
}

/* It was confirmed long ago, so choosing is all. */
static void test_confirmed_before(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_peer_say(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM);
    rig_run_until(rig, meeting.start_us + LATE_DUE);
    assert_true(nominated(&meeting, &relay));
    assert_int_equal(established(&meeting)->link, meeting.relay);
    rig_free(rig);
}

/* Somebody who is connected directly and says nothing holds the relay up for a while only. */
static void test_silence_is_not_waited_for_long(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_run_until(rig, meeting.start_us + LATE_DUE - HOP_MS);
    rig_connected(rig, rig_dialling(rig, PEER_SEEN));
    rig_run_until(rig, meeting.start_us + LATE_DUE + HOP_RELAY_PROVING_US - 1);
    assert_false(nominated(&meeting, &relay));
    rig_run_until(rig, meeting.start_us + LATE_DUE + HOP_RELAY_PROVING_US);
    assert_true(nominated(&meeting, &relay));
    rig_free(rig);
}

/* Who has little time has the relay in the middle of it. */
static void test_a_short_time_out(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 98);
    config.relay = HOP_CORE_RELAY_AUTO;
    config.timeout_us = 2 * HOP_S;
    two_sides meeting = {.rig = rig_new(&config)};
    core_rig *rig = meeting.rig;
    meeting.server = rig_ready(rig);
    meeting.peer = rig_peer_make(rig, lan, 1);
    rig_start(rig, meeting.server, &meeting.peer, PEER_SEEN, NULL, 0);
    rig_timer(rig, rig->now_us);
    meeting.relay = asking(rig);
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_run_until(rig, rig->now_us + 1100 * HOP_MS);
    assert_true(nominated(&meeting, &relay));
    rig_free(rig);
}

static void test_the_controlled_side_obeys(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_LISTEN, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_forget(rig);
    rig_run_until(rig, rig->now_us + 13 * HOP_S);     /* longer than a direct link would wait */
    assert_true(rig_count(rig, HOP_OUT_ABANDON) > 2); /* nor was anything direct */
    /* Who chooses so late must know that this side is still there. */
    assert_false(rig_peer_heard(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM));
    rig_peer_say(rig, &meeting.peer, &relay, HOP_HELLO_NOMINATE);
    assert_true(rig_peer_heard(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM));
    assert_int_equal(established(&meeting)->link, meeting.relay);
    assert_int_equal(established(&meeting)->route, HOP_CORE_ROUTE_RELAYED);
    rig_free(rig);
}

static void test_nothing_but_the_relay(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_ONLY, NULL);
    core_rig *rig = meeting.rig;
    const rig_entry *knock = rig_find(rig, HOP_OUT_SEND, 0);
    hop_message heard;
    hop_description own;
    assert_int_equal(hop_message_decode(knock->bytes, knock->output.size, &heard), HOP_MESSAGE_OK);
    assert_true(hop_description_open(heard.sealed, heard.sealed_size, &rig->crypto, rig->keys.seal,
                                     HOP_SEAL_KNOCK, &own));
    assert_int_equal(own.candidate_count, 1);
    assert_int_equal(own.candidates[0].type, HOP_CANDIDATE_RELAYED);
    assert_int_equal(rig_dials(rig, PEER_SEEN), 0);
    assert_int_equal(rig_accepted(rig, PEER_SEEN), -1);
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    assert_true(nominated(&meeting, &relay)); /* at once */
    rig_peer_say(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM);
    assert_int_equal(established(&meeting)->relay_reason, HOP_RELAY_REASON_ONLY);
    rig_free(rig);
}

static void test_nothing_but_the_relay_confirms_at_once(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_LISTEN, HOP_CORE_RELAY_ONLY, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    assert_true(rig_peer_heard(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM));
    rig_forget(rig);
    rig_peer_say(rig, &meeting.peer, &relay, HOP_HELLO_NOMINATE);
    assert_false(rig_peer_heard(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM));
    assert_int_equal(established(&meeting)->route, HOP_CORE_ROUTE_RELAYED);
    rig_free(rig);
}

static void test_the_peer_wants_nothing_else(void **state) {
    (void)state;
    hop_description wish = {.candidate_count = 1};
    wish.candidates[0] = rig_candidate(HOP_CANDIDATE_RELAYED, SERVER, 0);
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, &wish);
    core_rig *rig = meeting.rig;
    assert_int_equal(rig_dials(rig, PEER_SEEN), 0);
    relay_is_there(&meeting);
    rig_end relay = rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_peer_say(rig, &meeting.peer, &relay, HOP_HELLO_CONFIRM);
    assert_int_equal(established(&meeting)->relay_reason, HOP_RELAY_REASON_PEER_ONLY);
    rig_free(rig);
    meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_NEVER, &wish); /* there is nothing to agree on */
    assert_int_equal(rig_find(meeting.rig, HOP_OUT_FAILED, 0)->output.error, HOP_E_NO_PATH);
    rig_free(meeting.rig);
}

static void test_refused_for_good(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        two_sides meeting =
            met(HOP_CORE_CONNECT, i == 0 ? HOP_CORE_RELAY_AUTO : HOP_CORE_RELAY_ONLY, NULL);
        core_rig *rig = meeting.rig;
        rig_connected(rig, meeting.relay);
        rig_refuse(rig, meeting.relay, HOP_REFUSAL_FORBIDDEN, 0);
        assert_int_equal(rig_notes(rig, HOP_NOTE_RELAY_REFUSED), 1);
        assert_int_equal(rig_count(rig, HOP_OUT_FAILED), i); /* who wants nothing else is done */
        rig_run_until(rig, meeting.start_us + 16 * HOP_S);
        assert_int_equal(rig_notes(rig, HOP_NOTE_RELAY_ASKED), 1);
        const rig_entry *failed = rig_find(rig, HOP_OUT_FAILED, 0);
        assert_int_equal(failed->output.error, HOP_E_NO_PATH);
        assert_int_equal(failed->report.relay_code, HOP_REFUSAL_FORBIDDEN);
        rig_free(rig);
    }
}

/* A full server may have room in a moment; but it is not asked for ever. */
static void test_asked_again(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    for (unsigned i = 1; i < HOP_RELAY_TRIES_MAX; i++) {
        rig_connected(rig, meeting.relay);
        if (i % 2 == 0)
            rig_refuse(rig, meeting.relay, HOP_REFUSAL_BUSY, 0);
        else
            rig_ended(rig, meeting.relay, HOP_REASON_RESET);
        assert_int_equal(asking(rig), -1);
        rig_run_until(rig, rig->now_us + 2 * HOP_RELAY_AGAIN_US);
        meeting.relay = asking(rig);
        assert_true(meeting.relay >= 0);
    }
    rig_ended(rig, meeting.relay, HOP_REASON_REFUSED);
    rig_run_until(rig, rig->now_us + 2 * HOP_RELAY_AGAIN_US);
    assert_int_equal(asking(rig), -1);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    rig_free(rig);
}

/* The server, or who took its place, has no key: what it makes up is a stranger's, and the direct
 * way is as good as ever. */
static void test_a_forged_relay(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    uint8_t forged[HOP_HELLO_SIZE];
    memcpy(forged, rig_last(rig, HOP_OUT_SEND, meeting.relay)->bytes, sizeof forged);
    rig_received(rig, meeting.relay, forged, sizeof forged); /* our own HELLO, sent back */
    assert_int_equal(rig_notes(rig, HOP_NOTE_STRANGER), 1);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, meeting.relay));
    int direct = rig_dialling(rig, PEER_SEEN);
    rig_connected(rig, direct);
    rig_end end = rig_peer_greet(rig, &meeting.peer, direct);
    rig_peer_say(rig, &meeting.peer, &end, HOP_HELLO_CONFIRM);
    assert_int_equal(established(&meeting)->link, direct);
    rig_free(rig);
}

/* A relay that breaks after it was nominated may be the peer's connection by now. */
static void test_a_broken_nomination(void **state) {
    (void)state;
    two_sides meeting = met(HOP_CORE_CONNECT, HOP_CORE_RELAY_AUTO, NULL);
    core_rig *rig = meeting.rig;
    relay_is_there(&meeting);
    rig_peer_greet(rig, &meeting.peer, meeting.relay);
    rig_run_until(rig, meeting.start_us + LATE_DUE);
    rig_ended(rig, meeting.relay, HOP_REASON_RESET);
    assert_int_equal(rig_find(rig, HOP_OUT_FAILED, 0)->output.error, HOP_E_BROKEN);
    rig_free(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_for_at_the_start),
        cmocka_unit_test(test_never_is_never),
        cmocka_unit_test(test_direct_wins),
        cmocka_unit_test(test_taken_when_direct_is_late),
        cmocka_unit_test(test_confirmed_before),
        cmocka_unit_test(test_silence_is_not_waited_for_long),
        cmocka_unit_test(test_a_short_time_out),
        cmocka_unit_test(test_the_controlled_side_obeys),
        cmocka_unit_test(test_nothing_but_the_relay),
        cmocka_unit_test(test_nothing_but_the_relay_confirms_at_once),
        cmocka_unit_test(test_the_peer_wants_nothing_else),
        cmocka_unit_test(test_refused_for_good),
        cmocka_unit_test(test_asked_again),
        cmocka_unit_test(test_a_forged_relay),
        cmocka_unit_test(test_a_broken_nomination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
