/* SPDX-License-Identifier: MIT */
/*
 * The handshake on links, and whom it lets in: one nomination, handed over when both have answered
 * to the other's nonce; recordings, strangers and the silent lead nowhere; what came in early waits
 * in the lobby.
 */
#include "core_rig.h"

#define PEER      "203.0.113.20:41000"
#define PEER_TWO  "[2001:db8:2::20]:41000"
#define PEER_SEEN "203.0.113.20:51000"
#define PEER_NEAR "192.168.1.20:41000"

static const char *const two[] = {PEER, PEER_TWO};

static core_rig *connecting(rig_peer *ret_peer) {
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 11);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    *ret_peer = rig_peer_make(rig, two, 2);
    rig_start(rig, server, ret_peer, PEER_SEEN, NULL, 0);
    return rig;
}

/* A listener with one attempt; ret_server and ret_nonces for those who want more. */
static core_rig *listening(rig_peer *ret_peer, int *ret_server, hop_message *ret_registered) {
    hop_core_config config = rig_config(HOP_CORE_LISTEN, 12);
    core_rig *rig = rig_new(&config);
    *ret_server = rig_ready(rig);
    rig_heard(rig, *ret_server, ret_registered);
    *ret_peer = rig_peer_make(rig, two, 2);
    rig_start(rig, *ret_server, ret_peer, PEER_SEEN, ret_registered->nonces[0], 0);
    return rig;
}

static int open_dial(core_rig *rig, const char *address) {
    int link = rig_dialling(rig, address);
    assert_true(link >= 0);
    rig_connected(rig, link);
    return link;
}

static enum hop_error error_of(const core_rig *rig, unsigned index) {
    const rig_entry *failed = rig_find(rig, HOP_OUT_FAILED, index);
    return failed == NULL ? (enum hop_error)0 : failed->output.error;
}

static core_rig *neighbours(rig_peer *ret_peer, int *ret_far, int *ret_near) {
    static const char *const both[] = {PEER, PEER_NEAR};
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 14);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    *ret_peer = rig_peer_make(rig, both, 2);
    rig_start(rig, server, ret_peer, PEER_SEEN, NULL, 0);
    *ret_far = open_dial(rig, PEER);
    *ret_near = open_dial(rig, PEER_NEAR);
    return rig;
}

/* Both ways are connected, and the HELLO of the longer one is read first. */
static void test_nearer_link_overtakes(void **state) {
    (void)state;
    rig_peer peer;
    int far;
    int near;
    core_rig *rig = neighbours(&peer, &far, &near);
    rig_end other = rig_peer_greet(rig, &peer, far);
    rig_timer(rig, rig->now_us + 2 * HOP_MS);
    assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 0);
    rig_end chosen = rig_peer_greet(rig, &peer, near);
    assert_true(rig_peer_heard(rig, &peer, &chosen, HOP_HELLO_NOMINATE));
    rig_run_until(rig, rig->now_us + 2 * HOP_NEARER_US);
    assert_false(rig_peer_heard(rig, &peer, &other, HOP_HELLO_NOMINATE));
    assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 1);
    rig_free(rig);
}

/* The nearer link says nothing, or ends: the other one, confirmed by then or not, is chosen. */
static void test_nearer_link_is_not_waited_for_long(void **state) {
    (void)state;
    for (int how = 0; how < 4; how++) {
        rig_peer peer;
        int far;
        int near;
        core_rig *rig = neighbours(&peer, &far, &near);
        rig_end chosen = rig_peer_greet(rig, &peer, far);
        if (how & 1) rig_peer_say(rig, &peer, &chosen, HOP_HELLO_CONFIRM);
        if (how & 2) rig_ended(rig, near, HOP_REASON_RESET);
        assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 0);
        rig_run_until(rig, rig->now_us + HOP_NEARER_US);
        assert_true(rig_peer_heard(rig, &peer, &chosen, HOP_HELLO_NOMINATE));
        assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), how & 1);
        if (!(how & 1)) rig_peer_say(rig, &peer, &chosen, HOP_HELLO_CONFIRM);
        assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 1);
        rig_free(rig);
    }
}

static void test_controlling_nominates_once_and_waits_for_confirm(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = connecting(&peer);
    rig_timer(rig, rig->now_us + 30 * HOP_MS);
    int first = open_dial(rig, PEER);
    int second = open_dial(rig, PEER_TWO);
    int third = rig_dialling(rig, PEER_SEEN);
    rig_timer(rig, rig->now_us + 30 * HOP_MS);
    rig_end chosen = rig_peer_greet(rig, &peer, second);
    assert_true(rig_peer_heard(rig, &peer, &chosen, HOP_HELLO_NOMINATE));
    rig_end other = rig_peer_greet(rig, &peer, first);
    rig_peer_say(rig, &peer, &other, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 1);
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 0);
    rig_peer_say(rig, &peer, &chosen, HOP_HELLO_CONFIRM);
    const rig_entry *established = rig_find(rig, HOP_OUT_ESTABLISHED, 0);
    assert_non_null(established);
    assert_int_equal(established->output.link, second);
    assert_int_equal(established->output.attempt, 1);
    assert_int_equal(established->output.route, HOP_CORE_ROUTE_IPV6);
    assert_int_equal(established->output.tcp_us, 30 * HOP_MS);
    assert_int_equal(established->output.attempt_us, 60 * HOP_MS);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, first)); /* the losers, abortively */
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, third));
    assert_null(rig_last(rig, HOP_OUT_CLOSE, second));
    rig_free(rig);
}

static void test_controlled_obeys(void **state) {
    (void)state;
    rig_peer peer;
    int server;
    hop_message registered;
    core_rig *rig = listening(&peer, &server, &registered);
    int first = open_dial(rig, PEER);
    int second = open_dial(rig, PEER_TWO);
    rig_end a = rig_peer_greet(rig, &peer, first);
    rig_end b = rig_peer_greet(rig, &peer, second);
    assert_true(rig_peer_heard(rig, &peer, &a, HOP_HELLO_CONFIRM));
    assert_true(rig_peer_heard(rig, &peer, &b, HOP_HELLO_CONFIRM));
    assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 0);
    rig_peer_say(rig, &peer, &b, HOP_HELLO_NOMINATE);
    const rig_entry *established = rig_find(rig, HOP_OUT_ESTABLISHED, 0);
    assert_int_equal(established->output.link, second);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, first));
    assert_null(rig_last(rig, HOP_OUT_CLOSE, server)); /* it listens on */
    rig_free(rig);
}

/* Bytes that were genuine elsewhere, or come from nobody who knows the key. */
static void test_what_is_not_genuine_is_closed(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < 5; kind++) {
        rig_peer peer;
        core_rig *rig = connecting(&peer);
        int link = open_dial(rig, PEER);
        uint8_t bytes[HOP_HELLO_SIZE] = "GET / HTTP/1.1\r\n";
        const rig_entry *own = rig_last(rig, HOP_OUT_SEND, link);
        hop_hello hello = {.kind = HOP_HELLO_HELLO, .role = HOP_ROLE_CONTROLLED};
        if (kind == 1) memcpy(bytes, own->bytes, sizeof bytes); /* our own, thrown back */
        if (kind == 2) {                                        /* somebody with another ticket */
            uint8_t key[HOP_KEY_SIZE] = {1};
            hop_hello_encode(&hello, NULL, &rig->crypto, key, bytes);
        }
        if (kind == 3) { /* the wrong role, by somebody who knows the key */
            hello.role = HOP_ROLE_CONTROLLING;
            hop_hello_encode(&hello, NULL, &rig->crypto, peer.key, bytes);
        }
        if (kind == 4) { /* one bit is wrong */
            hop_hello_encode(&hello, NULL, &rig->crypto, peer.key, bytes);
            bytes[HOP_HELLO_SIZE - 1] ^= 1;
        }
        rig_received(rig, link, bytes, sizeof bytes);
        assert_non_null(rig_last(rig, HOP_OUT_CLOSE, link));
        assert_int_equal(rig_notes(rig, HOP_NOTE_STRANGER), 1);
        assert_int_equal(rig_dials(rig, PEER), 1); /* not at once ... */
        rig_run_until(rig, rig->now_us + 400 * HOP_MS);
        assert_int_equal(rig_dials(rig, PEER), 2); /* ... but again */
        rig_run_until(rig, rig->now_us + HOP_TIMEOUT_DEFAULT_US);
        assert_int_equal(error_of(rig, 0), HOP_E_IMPOSTOR);
        assert_int_equal(rig_find(rig, HOP_OUT_FAILED, 0)->report.stranger_count, 1);
        assert_true(rig_find(rig, HOP_OUT_FAILED, 0)->report.pairs[0].connected);
        rig_free(rig);
    }
}

/* A HELLO recorded on one link passes on another of the same attempt; but no CONFIRM can follow,
 * for it would have to answer our fresh nonce. Then another link is chosen. */
static void test_recording_is_found_out_and_another_link_chosen(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = connecting(&peer);
    int first = open_dial(rig, PEER);
    int second = open_dial(rig, PEER_TWO);
    rig_end replayed = rig_peer_greet(rig, &peer, first);
    rig_end honest = rig_peer_greet(rig, &peer, second);
    assert_int_equal(rig_notes(rig, HOP_NOTE_NOMINATE), 1);
    rig_end recorded = replayed; /* a CONFIRM that was said to another nonce of ours */
    memcpy(recorded.theirs, honest.theirs, HOP_NONCE_SIZE);
    rig_peer_say(rig, &peer, &recorded, HOP_HELLO_CONFIRM);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, first));
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    assert_true(rig_peer_heard(rig, &peer, &honest, HOP_HELLO_NOMINATE));
    rig_peer_say(rig, &peer, &honest, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_find(rig, HOP_OUT_ESTABLISHED, 0)->output.link, second);
    rig_free(rig);
}

/* The same, and the honest link's CONFIRM has already come: nothing more to wait for. */
static void test_another_link_that_is_confirmed_is_established_at_once(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = connecting(&peer);
    int first = open_dial(rig, PEER);
    int second = open_dial(rig, PEER_TWO);
    rig_end wrong = rig_peer_greet(rig, &peer, first);
    rig_end honest = rig_peer_greet(rig, &peer, second);
    rig_peer_say(rig, &peer, &honest, HOP_HELLO_CONFIRM);
    wrong.nonce[0] ^= 1;
    rig_peer_say(rig, &peer, &wrong, HOP_HELLO_CONFIRM);
    assert_true(rig_peer_heard(rig, &peer, &honest, HOP_HELLO_NOMINATE));
    assert_int_equal(rig_find(rig, HOP_OUT_ESTABLISHED, 0)->output.link, second);
    rig_free(rig);
}

static void test_recorded_nominate_is_not_obeyed(void **state) {
    (void)state;
    rig_peer peer;
    int server;
    hop_message registered;
    core_rig *rig = listening(&peer, &server, &registered);
    int first = open_dial(rig, PEER);
    int second = open_dial(rig, PEER_TWO);
    rig_end a = rig_peer_greet(rig, &peer, first);
    rig_end b = rig_peer_greet(rig, &peer, second);
    rig_end recorded = b;
    memcpy(recorded.theirs, a.theirs, HOP_NONCE_SIZE);
    rig_peer_say(rig, &peer, &recorded, HOP_HELLO_NOMINATE);
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 0);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, second));
    rig_peer_say(rig, &peer, &a, HOP_HELLO_NOMINATE);
    assert_int_equal(rig_find(rig, HOP_OUT_ESTABLISHED, 0)->output.link, first);
    rig_free(rig);
}

static void test_chosen_link_that_ends_is_the_end(void **state) {
    (void)state;
    for (unsigned silently = 0; silently < 2; silently++) {
        rig_peer peer;
        core_rig *rig = connecting(&peer);
        int first = open_dial(rig, PEER);
        int second = open_dial(rig, PEER_TWO);
        rig_peer_greet(rig, &peer, first);
        rig_peer_greet(rig, &peer, second);
        if (silently)
            rig_run_until(rig, rig->now_us + HOP_HELLO_TIMEOUT_US);
        else
            rig_ended(rig, first, HOP_REASON_RESET);
        assert_int_equal(error_of(rig, 0), HOP_E_BROKEN);
        const hop_report *report = &rig_find(rig, HOP_OUT_FAILED, 0)->report;
        assert_true(report->authenticated);
        assert_int_equal(report->pairs[0].last, silently ? HOP_REASON_TIMED_OUT : HOP_REASON_RESET);
        rig_free(rig);
    }
}

static void test_other_proved_link_may_end(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = connecting(&peer);
    int first = open_dial(rig, PEER);
    int second = open_dial(rig, PEER_TWO);
    rig_end chosen = rig_peer_greet(rig, &peer, first);
    rig_peer_greet(rig, &peer, second);
    rig_ended(rig, second, HOP_REASON_RESET);
    rig_peer_say(rig, &peer, &chosen, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_find(rig, HOP_OUT_ESTABLISHED, 0)->output.link, first);
    rig_free(rig);
}

/* A listener's attempt, so long before its deadline. */
static core_rig *before_deadline(rig_peer *peer, int64_t before_us) {
    int server;
    hop_message registered;
    core_rig *rig = listening(peer, &server, &registered);
    int64_t until_us = rig->now_us + HOP_TIMEOUT_DEFAULT_US - before_us;
    while (hop_core_deadline(rig->core) < until_us) {
        rig_timer(rig, hop_core_deadline(rig->core));
        for (int i = 0; i < HOP_LINKS_PLAIN; i++) /* the keepalive's answer is all that matters */
            if (i == server && rig_last(rig, HOP_OUT_SEND, i)->at_us == rig->now_us)
                rig_answer(rig, i, "203.0.113.10:50000");
    }
    rig_timer(rig, until_us);
    return rig;
}

static void test_proved_link_ends_at_the_deadline(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = before_deadline(&peer, HOP_S + HOP_MS);
    int link = open_dial(rig, PEER);
    rig_peer_greet(rig, &peer, link);
    rig_run_until(rig, rig->now_us + HOP_S);
    assert_int_equal(rig_count(rig, HOP_OUT_FAILED), 0);
    rig_run_until(rig, rig->now_us + HOP_MS);
    assert_int_equal(error_of(rig, 0), HOP_E_BROKEN);
    rig_free(rig);
}

/* What is chosen in the last moment might be known to one side only. */
static void test_nothing_is_confirmed_in_the_last_moment(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = before_deadline(&peer, HOP_S - HOP_MS);
    int link = open_dial(rig, PEER);
    rig_end end = {.link = link, .nonce = {3}};
    unsigned said = rig_count(rig, HOP_OUT_SEND);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_HELLO);
    assert_int_equal(rig_count(rig, HOP_OUT_SEND), said);
    rig_run_until(rig, rig->now_us + HOP_S);
    assert_int_equal(error_of(rig, 0), HOP_E_NO_PATH);
    rig_free(rig);
}

static void test_half_a_hello_runs_into_its_deadline(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = connecting(&peer);
    int link = open_dial(rig, PEER);
    rig_run_until(rig, rig->now_us + HOP_HELLO_TIMEOUT_US - 1);
    assert_null(rig_last(rig, HOP_OUT_CLOSE, link));
    rig_timer(rig, rig->now_us + 1);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, link));
    rig_run_until(rig, rig->now_us + HOP_TIMEOUT_DEFAULT_US);
    assert_int_equal(error_of(rig, 0), HOP_E_NO_PATH); /* silence proves no impostor */
    assert_int_equal(rig_find(rig, HOP_OUT_FAILED, 0)->report.stranger_count, 1);
    rig_free(rig);
}

/* --- the lobby ----------------------------------------------------------------------------------
 */

static void test_early_link_waits_for_its_start(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_LISTEN, 13);
    core_rig *rig = rig_new(&config);
    int server = rig_ready(rig);
    hop_message registered;
    rig_heard(rig, server, &registered);
    rig_peer peer = rig_peer_make(rig, two, 2);
    int named = rig_accepted(rig, PEER);                  /* the START will name its address */
    int unnamed = rig_accepted(rig, "203.0.113.20:9999"); /* behind a symmetric NAT */
    uint8_t salt_key[HOP_KEY_SIZE];
    assert_true(hop_hello_derive_key(&rig->crypto, rig->keys.link, peer.description.nonce,
                                     registered.nonces[0], salt_key));
    memcpy(peer.key, salt_key, HOP_KEY_SIZE);
    rig_end early = {.link = unnamed, .nonce = {9}};
    rig_peer_say(rig, &peer, &early, HOP_HELLO_HELLO);
    assert_null(rig_last(rig, HOP_OUT_SEND, unnamed)); /* nobody is greeted without an attempt */
    rig_start(rig, server, &peer, PEER_SEEN, registered.nonces[0], 0);
    assert_int_equal(rig_notes(rig, HOP_NOTE_ACCEPTED), 2);
    assert_int_equal(rig_count(rig, HOP_OUT_CONNECT), 1); /* proved: nobody is dialled any more */
    rig_end greeted = rig_peer_greet(rig, &peer, named);
    assert_true(rig_peer_heard(rig, &peer, &greeted, HOP_HELLO_CONFIRM));
    rig_peer_say(rig, &peer, &greeted, HOP_HELLO_NOMINATE);
    const rig_entry *established = rig_find(rig, HOP_OUT_ESTABLISHED, 0);
    assert_int_equal(established->output.link, named);
    assert_int_equal(established->output.tcp_us, 0);
    rig_free(rig);
}

static void test_full_lobby_shows_the_oldest_the_door(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_LISTEN, 14);
    core_rig *rig = rig_new(&config);
    rig_ready(rig);
    int links[HOP_LOBBY_MAX];
    for (int i = 0; i < HOP_LOBBY_MAX; i++) {
        rig_timer(rig, rig->now_us + HOP_MS);
        links[i] = rig_accepted(rig, "203.0.113.99:1234");
        assert_true(links[i] >= 0);
    }
    assert_int_equal(rig_notes(rig, HOP_NOTE_STRANGER), 0);
    rig_timer(rig, rig->now_us + HOP_MS);
    assert_true(rig_accepted(rig, "203.0.113.99:1235") >= 0);
    assert_int_equal(rig_notes(rig, HOP_NOTE_STRANGER), 1);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, links[0]));
    rig_run_until(rig, rig->now_us + HOP_HELLO_TIMEOUT_US); /* and nobody stays long */
    assert_int_equal(rig_notes(rig, HOP_NOTE_STRANGER), HOP_LOBBY_MAX + 1);
    rig_free(rig);
}

static void test_stranger_in_the_lobby(void **state) {
    (void)state;
    rig_peer peer;
    int server;
    hop_message registered;
    core_rig *rig = listening(&peer, &server, &registered);
    int link = rig_accepted(rig, "203.0.113.99:1234");
    uint8_t bytes[HOP_HELLO_SIZE] = "SSH-2.0-somebody";
    rig_received(rig, link, bytes, sizeof bytes);
    assert_non_null(rig_last(rig, HOP_OUT_CLOSE, link));
    rig_run_until(rig, rig->now_us + HOP_TIMEOUT_DEFAULT_US);
    assert_int_equal(error_of(rig, 0), HOP_E_NO_PATH); /* a passer-by is no impostor */
    rig_free(rig);
}

/* Two attempts whose peers name one address: only its HELLO tells which one came in. */
static void test_ambiguous_address_waits_for_the_hello(void **state) {
    (void)state;
    rig_peer first;
    int server;
    hop_message registered;
    core_rig *rig = listening(&first, &server, &registered);
    rig_peer second = rig_peer_make(rig, two, 2);
    rig_start(rig, server, &second, "203.0.113.20:51001", registered.nonces[1], 0);
    rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_REFUSED);
    int link = rig_accepted(rig, PEER);
    assert_null(rig_last(rig, HOP_OUT_SEND, link));
    rig_end end = {.link = link, .nonce = {3}};
    rig_peer_say(rig, &second, &end, HOP_HELLO_HELLO);
    hop_hello hello;
    const rig_entry *greeting = NULL;
    for (unsigned i = 0; i < rig->count && greeting == NULL; i++)
        if (rig->log[i].output.kind == HOP_OUT_SEND && rig->log[i].output.link == link)
            greeting = &rig->log[i];
    assert_non_null(greeting);
    assert_true(hop_hello_decode(greeting->bytes, HOP_HELLO_HELLO, HOP_ROLE_CONTROLLED, NULL,
                                 &rig->crypto, second.key, &hello));
    memcpy(end.theirs, hello.nonce, HOP_NONCE_SIZE);
    rig_peer_say(rig, &second, &end, HOP_HELLO_NOMINATE);
    assert_int_equal(rig_find(rig, HOP_OUT_ESTABLISHED, 0)->output.attempt, 2);
    rig_free(rig);
}

static void test_strangers_at_the_peers_address_do_not_take_all_links(void **state) {
    (void)state;
    rig_peer peer;
    core_rig *rig = connecting(&peer);
    for (unsigned i = 0; i < 2 * HOP_LINKS_PLAIN; i++)
        assert_true(rig_accepted(rig, "203.0.113.20:1234") >= 0);
    rig_ended(rig, rig_dialling(rig, PEER), HOP_REASON_REFUSED);
    rig_run_until(rig, rig->now_us + HOP_S);
    assert_true(rig_dials(rig, PEER) > 1);
    int link = open_dial(rig, PEER);
    rig_end end = rig_peer_greet(rig, &peer, link);
    rig_peer_say(rig, &peer, &end, HOP_HELLO_CONFIRM);
    assert_int_equal(rig_count(rig, HOP_OUT_ESTABLISHED), 1);
    rig_free(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controlling_nominates_once_and_waits_for_confirm),
        cmocka_unit_test(test_nearer_link_overtakes),
        cmocka_unit_test(test_nearer_link_is_not_waited_for_long),
        cmocka_unit_test(test_controlled_obeys),
        cmocka_unit_test(test_what_is_not_genuine_is_closed),
        cmocka_unit_test(test_recording_is_found_out_and_another_link_chosen),
        cmocka_unit_test(test_another_link_that_is_confirmed_is_established_at_once),
        cmocka_unit_test(test_recorded_nominate_is_not_obeyed),
        cmocka_unit_test(test_chosen_link_that_ends_is_the_end),
        cmocka_unit_test(test_other_proved_link_may_end),
        cmocka_unit_test(test_proved_link_ends_at_the_deadline),
        cmocka_unit_test(test_nothing_is_confirmed_in_the_last_moment),
        cmocka_unit_test(test_half_a_hello_runs_into_its_deadline),
        cmocka_unit_test(test_early_link_waits_for_its_start),
        cmocka_unit_test(test_full_lobby_shows_the_oldest_the_door),
        cmocka_unit_test(test_stranger_in_the_lobby),
        cmocka_unit_test(test_ambiguous_address_waits_for_the_hello),
        cmocka_unit_test(test_strangers_at_the_peers_address_do_not_take_all_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
