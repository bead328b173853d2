/* SPDX-License-Identifier: MIT */
/*
 * Probes and strategies on the rig: what is asked beside the call, that nothing waits for it, what
 * is sampled, told and dialled for each pair of NATs, and within which bounds. Whether it connects
 * through real NATs is tests/lab/test_strategies.py's.
 */
#include "core_rig.h"

#include "core/spent.h"
#include "core/strategy.h"

#define SERVER    "198.51.100.1:3478"
#define SECOND    "198.51.100.1:3479"
#define MAPPED    "203.0.113.10:50000"
#define PEER_SEEN "203.0.113.20:51000"

static const char *const lan[] = {"192.168.77.1:41000"}; /* not dialled: not our network */

typedef struct two_sides {
    core_rig *rig;
    int server;
    rig_peer peer;
    uint8_t round;
} two_sides;

static core_rig *fresh(hop_core_mode mode) {
    hop_core_config config = rig_config(mode, 77);
    config.probe = true;
    return rig_new(&config);
}

/* The link of the index-th sample in the log; -1: there are fewer. */
static int sample_link(const core_rig *rig, unsigned index) {
    for (unsigned i = 0; i < rig->count; i++) {
        const hop_output *output = &rig->log[i].output;
        bool sample =
            output->kind == HOP_OUT_CONNECT && output->link < HOP_LINKS_PLAIN && output->any_port;
        if (sample && index-- == 0) return output->link;
    }
    return -1;
}

static void answer_probe(core_rig *rig, int link, const char *mapped) {
    rig_connected(rig, link);
    rig_answer(rig, link, mapped);
}

/* The server is reached and has answered; the second port, if any, says so much. */
static two_sides begin(hop_core_mode mode, const char *second_mapped, hop_nat peer_nat) {
    two_sides made = {.rig = fresh(mode)};
    core_rig *rig = made.rig;
    rig_go(rig);
    made.server = rig_reach(rig, 0, SERVER);
    int probe = rig_dialling(rig, SECOND);
    assert_true(probe >= 0);
    hop_message heard;
    rig_heard(rig, made.server, &heard);
    rig_answer(rig, made.server, MAPPED);
    if (second_mapped != NULL)
        answer_probe(rig, probe, second_mapped);
    else
        rig_ended(rig, probe, HOP_REASON_REFUSED);
    made.peer = rig_peer_make(rig, lan, 1);
    made.peer.description.nat = peer_nat;
    return made;
}

static void start(two_sides *meeting) {
    rig_start(meeting->rig, meeting->server, &meeting->peer, PEER_SEEN, NULL, 0);
    rig_timer(meeting->rig, meeting->rig->now_us);
}

/* As the knocker's START: what is sent last before START must be the KNOCK. */
static two_sides met(const char *second_mapped, hop_nat peer_nat) {
    two_sides made = {.rig = fresh(HOP_CORE_CONNECT)};
    core_rig *rig = made.rig;
    rig_go(rig);
    made.server = rig_reach(rig, 0, SERVER);
    int probe = rig_dialling(rig, SECOND);
    made.peer = rig_peer_make(rig, lan, 1);
    made.peer.description.nat = peer_nat;
    rig_answer(rig, made.server, MAPPED);
    if (second_mapped != NULL) answer_probe(rig, probe, second_mapped);
    start(&made);
    return made;
}

static unsigned shots(const core_rig *rig) {
    unsigned count = 0;
    for (unsigned i = 0; i < rig->count; i++)
        count += rig->log[i].output.kind == HOP_OUT_CONNECT &&
                 rig->log[i].output.link >= HOP_LINKS_PLAIN;
    return count;
}

static unsigned shots_open(const core_rig *rig) {
    unsigned count = 0;
    for (int i = HOP_LINKS_PLAIN; i < HOP_LINKS_MAX; i++)
        count += rig->links[i].state != RIG_FREE;
    return count;
}

/* The index-th shot's output. */
static const hop_output *shot(const core_rig *rig, unsigned index) {
    for (unsigned i = 0; i < rig->count; i++)
        if (rig->log[i].output.kind == HOP_OUT_CONNECT &&
            rig->log[i].output.link >= HOP_LINKS_PLAIN && index-- == 0)
            return &rig->log[i].output;
    return NULL;
}

/* What we have told last; false: nothing. */
static bool told(const two_sides *meeting, hop_description *ret_description) {
    const core_rig *rig = meeting->rig;
    const rig_entry *sent = rig_last(rig, HOP_OUT_SEND, meeting->server);
    hop_message message;
    if (sent == NULL ||
        hop_message_decode(sent->bytes, sent->output.size, &message) != HOP_MESSAGE_OK ||
        message.kind != HOP_MESSAGE_TELL)
        return false;
    assert_memory_equal(message.nonces[0], meeting->peer.description.nonce, HOP_NONCE_SIZE);
    return hop_description_open(message.sealed, message.sealed_size, &rig->crypto, rig->keys.seal,
                                HOP_SEAL_TELL, ret_description);
}

static void peer_tells(two_sides *meeting, hop_nat nat, const char *at, uint8_t round) {
    hop_description description = {.nat = nat, .round = round};
    hop_message message = {.kind = HOP_MESSAGE_TELL, .nonce_count = 1};
    core_rig *rig = meeting->rig;
    memcpy(description.nonce, meeting->peer.description.nonce, HOP_NONCE_SIZE);
    memcpy(message.nonces[0], description.nonce, HOP_NONCE_SIZE);
    if (at != NULL)
        description.candidates[description.candidate_count++] =
            rig_candidate(HOP_CANDIDATE_SERVER_REFLEXIVE, at, 0);
    message.sealed_size = hop_description_seal(&description, &rig->crypto, rig->keys.seal,
                                               HOP_SEAL_TELL, message.sealed);
    rig_say(rig, meeting->server, &message);
}

static void answer_samples(core_rig *rig, const char *first, const char *second) {
    int links[2] = {sample_link(rig, 0), sample_link(rig, 1)};
    assert_true(links[0] >= 0 && links[1] >= 0);
    for (unsigned i = 0; i < 2; i++)
        answer_probe(rig, links[i], i == 0 ? first : second);
}

static const hop_nat unknown = {0};
static const hop_nat fixed = {.mapping = HOP_NAT_INDEPENDENT};
static const hop_nat sequential = {.mapping = HOP_NAT_SEQUENTIAL, .delta = 2};
static const hop_nat at_random = {.mapping = HOP_NAT_RANDOM};

static void test_the_table(void **state) {
    (void)state;
    static const hop_strategy_kind wanted[6][6] = {
        /* peer: unknown, none, independent, dependent, sequential, random */
        {0, 0, 0, HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_WINDOW, HOP_STRATEGY_BIRTHDAY},
        {0, 0, 0, HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_WINDOW, HOP_STRATEGY_BIRTHDAY},
        {0, 0, 0, HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_WINDOW, HOP_STRATEGY_BIRTHDAY},
        {HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_HOPELESS,
         HOP_STRATEGY_HOPELESS, HOP_STRATEGY_HOPELESS},
        {HOP_STRATEGY_WINDOW, HOP_STRATEGY_WINDOW, HOP_STRATEGY_WINDOW, HOP_STRATEGY_HOPELESS,
         HOP_STRATEGY_PAIR, HOP_STRATEGY_HOPELESS},
        {HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_BIRTHDAY, HOP_STRATEGY_HOPELESS,
         HOP_STRATEGY_HOPELESS, HOP_STRATEGY_HOPELESS},
    };
    for (unsigned own = 0; own < 6; own++)
        for (unsigned peer = 0; peer < 6; peer++)
            assert_int_equal(hop_strategy_choose(own, peer), wanted[own][peer]);
    assert_int_equal(hop_strategy_choose(200, 200), HOP_STRATEGY_OBSERVED);
}

/* Both SYNs leave in one step, and the request does not wait for the probe. */
static void test_probe_beside_the_call(void **state) {
    (void)state;
    core_rig *rig = fresh(HOP_CORE_LISTEN);
    rig_go(rig);
    int link = rig_reach(rig, 0, SERVER);
    int probe = rig_dialling(rig, SECOND);
    assert_int_equal(rig_dials(rig, SECOND), 1);
    assert_int_equal(rig_find(rig, HOP_OUT_CONNECT, 0)->at_us,
                     rig_find(rig, HOP_OUT_CONNECT, 1)->at_us);
    rig_answer(rig, link, MAPPED);
    assert_int_equal(rig_count(rig, HOP_OUT_LISTENING), 1);
    rig_connected(rig, probe);
    rig_forget(rig);
    rig_run_until(rig, rig->now_us + HOP_PROBE_TIMEOUT_US);
    assert_int_equal(rig_last(rig, HOP_OUT_CLOSE, probe)->output.link,
                     probe); /* it is not waited for */
    rig_free(rig);
}

/* A knocker talks to one server of the ticket; the other one sees whether towards another address
 * our NAT takes another port. When that server is called the 4-tuple is the call's. */
static void test_the_ticket_s_other_server(void **state) {
    (void)state;
    hop_core_config config = rig_config(HOP_CORE_CONNECT, 77);
    config.probe = true;
    config.ticket.server_count = 2;
    core_rig *rig = rig_new(&config);
    rig_go(rig);
    assert_int_equal(rig_count(rig, HOP_OUT_RESOLVE), 2);
    int link = rig_reach(rig, 0, SERVER);
    int probe = rig_reach(rig, 1, "198.51.100.2:3478");
    hop_message heard;
    rig_heard(rig, probe, &heard);
    assert_int_equal(heard.kind, HOP_MESSAGE_BINDING);
    answer_probe(rig, rig_dialling(rig, SECOND), MAPPED);
    rig_answer(rig, link, MAPPED);
    rig_answer(rig, probe, "203.0.113.10:50077");
    const rig_entry *note = rig_find(rig, HOP_OUT_NOTE, rig_count(rig, HOP_OUT_NOTE) - 1);
    assert_int_equal(note->output.note.kind, HOP_NOTE_NAT);
    assert_int_equal(note->output.note.number, HOP_NAT_DEPENDENT);
    rig_free(rig);
    rig = rig_new(&config);
    rig_go(rig);
    hop_address second = rig_address("198.51.100.2:3478");
    hop_input input = {.kind = HOP_IN_RESOLVED, .link = -1, .server = 1, .address_count = 1};
    input.addresses = &second;
    rig_step(rig, &input);
    int in_vain = rig_dialling(rig, "198.51.100.2:3478");
    rig_run_until(rig, rig->now_us + HOP_SERVER_NEXT_US); /* the first server is silent */
    rig_step(rig, &input);
    assert_int_equal(rig_count(rig, HOP_OUT_CLOSE), 1);
    assert_int_equal(rig_last(rig, HOP_OUT_CLOSE, in_vain)->output.link, in_vain);
    assert_int_equal(rig_dials(rig, "198.51.100.2:3478"), 2);
    rig_free(rig);
}

static void test_a_listener_describes_its_nat(void **state) {
    (void)state;
    two_sides meeting = begin(HOP_CORE_LISTEN, "203.0.113.10:50002", unknown);
    core_rig *rig = meeting.rig;
    hop_message heard;
    hop_description description;
    assert_int_equal(rig_notes(rig, HOP_NOTE_NAT), 1);
    assert_int_equal(rig_dialling(rig, SECOND), -1);
    rig_heard(rig, meeting.server, &heard);
    assert_int_equal(heard.kind, HOP_MESSAGE_REFRESH);
    assert_int_equal(heard.nonce_count, 0);
    assert_true(hop_description_open(heard.sealed, heard.sealed_size, &rig->crypto, rig->keys.seal,
                                     HOP_SEAL_REGISTER, &description));
    assert_int_equal(description.nat.mapping, HOP_NAT_SEQUENTIAL);
    assert_int_equal(description.nat.delta, 2);
    rig_free(rig);
}

static void test_no_second_port_is_no_harm(void **state) {
    (void)state;
    two_sides meeting = begin(HOP_CORE_LISTEN, NULL, unknown);
    assert_int_equal(rig_notes(meeting.rig, HOP_NOTE_SERVER_FAILED), 0);
    assert_int_equal(rig_count(meeting.rig, HOP_OUT_LISTENING), 1);
    rig_free(meeting.rig);
}

/* Nothing but the plain dials, and not one of them later than without probes. */
static void test_easy_pairs_are_left_alone(void **state) {
    (void)state;
    const char *const seconds[] = {NULL, MAPPED};
    for (unsigned i = 0; i < 2; i++) {
        two_sides meeting = met(seconds[i], i == 0 ? unknown : fixed);
        core_rig *rig = meeting.rig;
        hop_description description;
        assert_int_equal(rig_dials(rig, PEER_SEEN), 1);
        assert_int_equal(rig_find(rig, HOP_OUT_PEER, 0)->at_us,
                         rig_last(rig, HOP_OUT_CONNECT, rig_dialling(rig, PEER_SEEN))->at_us);
        rig_run_until(rig, rig->now_us + 2 * HOP_S);
        assert_int_equal(shots(rig), 0);
        assert_false(told(&meeting, &description));
        assert_int_equal(rig_notes(rig, HOP_NOTE_PLAN), 0);
        rig_free(rig);
    }
}

/* The plain dials of two fixed sides were in vain: in our turns one SYN that dies on the way, from
 * a port whose mapping is known, and only then the peer is told; each time with another TTL.
 */
static void test_the_opener(void **state) {
    (void)state;
    two_sides meeting = met(MAPPED, fixed);
    core_rig *rig = meeting.rig;
    int64_t turn_us = 2 * (HOP_OPENER_TURN_US + 100 * HOP_MS), start_us = rig->now_us;
    hop_address seen = rig_address(PEER_SEEN);
    hop_description description;
    static const int ttls[HOP_OPENER_TURNS_MAX] = {3, 5, 1, 7};
    for (unsigned i = 0; i < HOP_OPENER_TURNS_MAX; i++) {
        int64_t due_us = start_us + 2 * HOP_LOOK_MIN_US + (int64_t)i * turn_us;
        rig_forget(rig);
        rig_run_until(rig, due_us - 1);
        assert_int_equal(sample_link(rig, 0), -1);
        rig_run_until(rig, due_us);
        answer_probe(rig, sample_link(rig, 0),
                     i == 0 ? "203.0.113.10:50010" : "203.0.113.10:50011");
        assert_int_equal(sample_link(rig, 1), -1);
        assert_int_equal(shots(rig), 1);
        assert_true(shot(rig, 0)->any_port);
        assert_int_equal(shot(rig, 0)->from_port, 40000); /* of rig_connected */
        assert_int_equal(shot(rig, 0)->ttl, ttls[i]);
        assert_true(hop_address_equal(&shot(rig, 0)->address, &seen));
        assert_true(told(&meeting, &description));
        assert_int_equal(description.round, i + 1);
        assert_int_equal(description.candidates[0].address.port, i == 0 ? 50010u : 50011u);
    }
    rig_forget(rig);
    rig_run_until(rig, rig->now_us + 2 * turn_us);
    assert_int_equal(sample_link(rig, 0), -1);
    rig_free(rig);
}

/* The peer's turn: its NAT is open for the endpoint's port, and for a SYN of a whole life. */
static void test_who_follows_an_opener(void **state) {
    (void)state;
    two_sides meeting = met(MAPPED, unknown);
    core_rig *rig = meeting.rig;
    rig_forget(rig);
    peer_tells(&meeting, fixed, "203.0.113.21:52000", 1); /* somebody else's address */
    peer_tells(&meeting, fixed, "203.0.113.20:80", 2);
    assert_int_equal(shots(rig), 0);
    peer_tells(&meeting, fixed, "203.0.113.20:52000", 3);
    assert_int_equal(shots(rig), 1);
    assert_false(shot(rig, 0)->any_port);
    assert_int_equal(shot(rig, 0)->ttl, 0);
    assert_int_equal(shot(rig, 0)->address.port, 52000);
    peer_tells(&meeting, fixed, "203.0.113.20:52001", 4); /* no turn comes so soon */
    assert_int_equal(shots(rig), 1);
    rig_run_until(rig, rig->now_us + HOP_OPENER_TURN_US);
    peer_tells(&meeting, fixed, "203.0.113.20:52002", 5);
    assert_int_equal(shots(rig), 2);
    rig_free(rig);
}

/* A server that does not answer costs a turn; the next one comes when it would have come anyway. */
static void test_an_opener_that_misses_its_turn(void **state) {
    (void)state;
    two_sides meeting = met(MAPPED, fixed);
    core_rig *rig = meeting.rig;
    int64_t turn_us = 2 * (HOP_OPENER_TURN_US + 100 * HOP_MS);
    int64_t first_us = rig->now_us + 2 * HOP_LOOK_MIN_US;
    rig_run_until(rig, first_us);
    rig_forget(rig);
    rig_run_until(rig, first_us + 3 * turn_us - 1); /* a sample is waited for for 3 s */
    assert_int_equal(sample_link(rig, 0), -1);
    rig_run_until(rig, first_us + 3 * turn_us);
    assert_true(sample_link(rig, 0) >= 0);
    rig_free(rig);
}

/* Our NAT counted for more rounds than an opener has turns; then the network changes, and what was
 * known of it is forgotten while a sample is under way. */
static void test_a_sequence_that_is_none_any_more(void **state) {
    (void)state;
    two_sides meeting = met("203.0.113.10:50002", fixed);
    core_rig *rig = meeting.rig;
    for (unsigned i = 0; i < HOP_OPENER_TURNS_MAX; i++) {
        answer_samples(rig, "203.0.113.10:50010", "203.0.113.10:50012");
        rig_run_until(rig, rig->now_us + 100 * HOP_MS); /* it dials */
        rig_forget(rig);
        rig_run_until(rig, rig->now_us + HOP_ROUND_US + 100 * HOP_MS);
    }
    hop_candidate host = rig_candidate(HOP_CANDIDATE_HOST, "192.168.1.10:40000", 24);
    hop_input changed = {.kind = HOP_IN_NETWORK, .link = -1, .hosts = &host, .host_count = 1};
    changed.changes = HOP_NETWORK_ROUTE_IPV4;
    rig_step(rig, &changed);
    unsigned before = shots(rig);
    answer_probe(rig, sample_link(rig, 0), "203.0.113.10:50020");
    assert_int_equal(shots(rig), before + 1);
    assert_true(shot(rig, before)->ttl > 0);
    rig_free(rig);
}

/* The sequential side: two samples at once, from any port; the last one is told; one dial from a
 * fresh port when the peer can know; all again after a while, with fresh samples. */
static void test_a_sequential_side(void **state) {
    (void)state;
    two_sides meeting = met("203.0.113.10:50002", fixed);
    core_rig *rig = meeting.rig;
    hop_description description;
    assert_int_equal(rig_dials(rig, PEER_SEEN), 1); /* the plain one, at once */
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(rig->links[sample_link(rig, i)].state, RIG_DIALLING);
    answer_samples(rig, "203.0.113.10:50010", "203.0.113.10:50012");
    assert_true(told(&meeting, &description));
    assert_int_equal(description.round, 1);
    assert_int_equal(description.nat.delta, 2);
    assert_int_equal(description.candidates[0].address.port, 50012);
    assert_int_equal(shots(rig), 0);
    int64_t told_us = rig->now_us;
    rig_run_until(rig, told_us + 50 * HOP_MS + HOP_MEET_MARGIN_US);
    assert_int_equal(shots(rig), 1);
    assert_true(shot(rig, 0)->any_port);
    hop_address seen = rig_address(PEER_SEEN);
    assert_true(hop_address_equal(&shot(rig, 0)->address, &seen));
    assert_true(rig_last(rig, HOP_OUT_CONNECT, shot(rig, 0)->link)->at_us >=
                told_us + 50 * HOP_MS); /* the TELL's way */
    rig_forget(rig);
    rig_run_until(rig, rig->now_us + HOP_ROUND_US + 101 * HOP_MS);
    answer_samples(rig, "203.0.113.10:50020",
                   "203.0.113.10:50021"); /* the step is one, after all */
    assert_true(told(&meeting, &description));
    assert_int_equal(description.round, 2);
    assert_int_equal(description.nat.delta, 1);
    rig_free(rig);
}

/* The driver's part, two seconds long. */
static void give_up_silence(core_rig *rig) {
    rig_run_until(rig, rig->now_us + 2 * HOP_S);
    for (unsigned i = 0; i < rig->count; i++)
        if (rig->log[i].output.kind == HOP_OUT_ABANDON &&
            rig->links[rig->log[i].output.link].state == RIG_DIALLING)
            rig_ended(rig, rig->log[i].output.link, HOP_REASON_ABANDONED);
}

/* The fixed side: the ports that come next, from the endpoint's port, at once. */
static void test_the_other_side_of_a_sequential_one(void **state) {
    (void)state;
    two_sides meeting = met(MAPPED, unknown);
    core_rig *rig = meeting.rig;
    rig_forget(rig);
    peer_tells(&meeting, sequential, "203.0.113.20:52000", 1);
    assert_int_equal(shots(rig), HOP_WINDOW_FIRST);
    for (unsigned i = 0; i < HOP_WINDOW_FIRST; i++) {
        assert_false(shot(rig, i)->any_port);
        assert_int_equal(shot(rig, i)->address.port, 52000 + 2 * (i + 1));
    }
    rig_forget(rig);
    peer_tells(&meeting, sequential, "203.0.113.20:53000", 1); /* said before */
    peer_tells(&meeting, sequential, "203.0.113.21:53000", 2); /* somebody else's address */
    peer_tells(&meeting, sequential, NULL, 3);
    assert_int_equal(shots(rig), 0);
    peer_tells(&meeting, sequential, "203.0.113.20:65533", 4); /* its end is the end of ports */
    assert_int_equal(shots(rig), 1);
    /* Those that the sequence does not reach any more are given up, the one ahead of it is held. */
    give_up_silence(rig);
    assert_int_equal(shots_open(rig), 1);
    peer_tells(&meeting, sequential, "203.0.113.20:65535", 5);
    give_up_silence(rig);
    assert_int_equal(shots_open(rig), 0);
    rig_free(rig);
}

/* Both sequential: nine dials, when both are told. */
static void test_two_sequential_sides(void **state) {
    (void)state;
    two_sides meeting = met("203.0.113.10:50001", sequential);
    core_rig *rig = meeting.rig;
    answer_samples(rig, "203.0.113.10:50010", "203.0.113.10:50011");
    rig_run_until(rig, rig->now_us + 500 * HOP_MS);
    assert_int_equal(shots(rig), 0); /* the peer's TELL is not here */
    peer_tells(&meeting, sequential, "203.0.113.20:52000", 1);
    assert_int_equal(shots(rig), HOP_PAIR_WINDOW);
    for (unsigned i = 0; i < HOP_PAIR_WINDOW; i++) {
        assert_true(shot(rig, i)->any_port);
        assert_int_equal(shot(rig, i)->address.port, 52000 + 2 * (i + 1));
    }
    rig_free(rig);
}

/* Counts the shots of each second as they are made; none is ever answered. */
static void check_birthday(core_rig *rig, bool many_ports) {
    int64_t until_us = rig->now_us + 5 * HOP_S;
    unsigned total = 0;
    while (rig->now_us < until_us) {
        int64_t second_us = rig->now_us;
        rig_forget(rig);
        while (rig->now_us < second_us + 100 * HOP_MS) {
            unsigned before = rig->count;
            rig_timer(rig, hop_core_deadline(rig->core));
            unsigned after_step = rig->count;
            for (unsigned i = before; i < after_step; i++) {
                hop_output output = rig->log[i].output;
                if (output.kind == HOP_OUT_ABANDON && output.link >= HOP_LINKS_PLAIN)
                    rig_ended(rig, output.link, HOP_REASON_ABANDONED);
            }
        }
        for (unsigned i = 0; shot(rig, i) != NULL; i++)
            assert_true(shot(rig, i)->any_port == many_ports);
        assert_in_range(shots(rig), 0, HOP_SHOTS_PER_SECOND / 10 + HOP_SHOTS_BURST);
        assert_in_range(shots_open(rig), 0, HOP_SHOTS_MAX);
        total += shots(rig);
    }
    assert_in_range(total, HOP_SHOTS_TOTAL - HOP_SHOTS_BURST, HOP_SHOTS_TOTAL);
    assert_int_equal(shots_open(rig), 0);
}

static void test_a_random_side(void **state) {
    (void)state;
    two_sides meeting = met("203.0.113.10:61234", fixed);
    core_rig *rig = meeting.rig;
    hop_description description;
    assert_int_equal(sample_link(rig, 0), -1); /* the plain dials have their time first */
    rig_run_until(rig, rig->now_us + 200 * HOP_MS);
    answer_samples(rig, "203.0.113.10:2000", "203.0.113.10:33333");
    assert_true(told(&meeting, &description));
    assert_int_equal(description.nat.mapping, HOP_NAT_RANDOM);
    assert_int_equal(description.nat.port_low, 2000);
    assert_int_equal(description.nat.port_high, 61234);
    rig_run_until(rig, rig->now_us + 300 * HOP_MS);
    assert_int_equal(shots(rig), 0); /* the peer might be random as well */
    peer_tells(&meeting, fixed, NULL, 1);
    check_birthday(rig, true);
    rig_free(rig);
}

static void test_the_other_side_of_a_random_one(void **state) {
    (void)state;
    two_sides meeting = met(MAPPED, unknown);
    hop_description description;
    peer_tells(&meeting, at_random, NULL, 1);
    assert_true(told(&meeting, &description));
    assert_int_equal(description.nat.mapping, HOP_NAT_INDEPENDENT);
    check_birthday(meeting.rig, false);
    rig_free(meeting.rig);
}

static bool comes_in(core_rig *rig, const hop_address *remote) {
    char text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(remote, text);
    return rig_accepted(rig, text) >= 0;
}

/* Where a dial of ours was given up, our NAT keeps its entry: what comes in there is a dead end. */
static void test_spent_holes_are_closed(void **state) {
    (void)state;
    two_sides meeting = met(NULL, unknown);
    core_rig *rig = meeting.rig;
    peer_tells(&meeting, at_random, NULL, 1);
    hop_address first = shot(rig, 0)->address;
    hop_address second = shot(rig, 1)->address;
    hop_address beside = first;
    hop_address elsewhere = rig_address("203.0.113.21:1");
    int link = shot(rig, 0)->link;
    beside.port ^= 1;
    elsewhere.port = first.port;
    rig_run_until(rig, rig->now_us + HOP_SHOT_HOLD_US + 100 * HOP_MS);
    assert_non_null(rig_last(rig, HOP_OUT_ABANDON, link));
    rig_ended(rig, link, HOP_REASON_ABANDONED);
    assert_false(comes_in(rig, &first));
    assert_int_equal(rig_notes(rig, HOP_NOTE_SPENT), 1);
    assert_true(comes_in(rig, &elsewhere));
    assert_true(comes_in(rig, &beside)); /* never dialled: there is no filter of ours */
    assert_true(comes_in(rig, &second)); /* still waits: other systems may give us that one */
    rig_free(rig);
}

/* A NAT before us would have thrown our answer away. */
static void test_what_comes_through_a_nat_is_whole(void **state) {
    (void)state;
    two_sides meeting = met(MAPPED, unknown);
    core_rig *rig = meeting.rig;
    peer_tells(&meeting, at_random, NULL, 1);
    hop_address first = shot(rig, 0)->address;
    int link = shot(rig, 0)->link;
    rig_run_until(rig, rig->now_us + HOP_SHOT_HOLD_US + 100 * HOP_MS);
    rig_ended(rig, link, HOP_REASON_ABANDONED);
    assert_true(comes_in(rig, &first));
    assert_int_equal(rig_notes(rig, HOP_NOTE_SPENT), 0);
    rig_free(rig);
}

static void test_spent_holes_are_forgotten(void **state) {
    (void)state;
    hop_spent spent = {.until_us = 0};
    hop_address one = rig_address("203.0.113.20:51000");
    hop_address next = rig_address("203.0.113.20:51001");
    hop_address other = rig_address("203.0.113.21:51000");
    hop_spent_note(&spent, &one, 0);
    hop_spent_note(&spent, &next, HOP_S);
    assert_true(hop_spent_holds(&spent, &one, HOP_SPENT_US));
    assert_false(hop_spent_holds(&spent, &other, HOP_SPENT_US));
    assert_false(hop_spent_holds(&spent, &next, HOP_SPENT_US + HOP_S));
    hop_spent_note(&spent, &next, HOP_SPENT_US + HOP_S); /* those before are gone */
    assert_false(hop_spent_holds(&spent, &one, HOP_SPENT_US + HOP_S));
    hop_spent_note(&spent, &other, HOP_SPENT_US + HOP_S);
    assert_false(hop_spent_holds(&spent, &next, HOP_SPENT_US + HOP_S));
    assert_true(hop_spent_holds(&spent, &other, HOP_SPENT_US + HOP_S));
}

static void test_hopeless_pairs_are_spared(void **state) {
    (void)state;
    two_sides meeting = met("203.0.113.10:61234", sequential);
    core_rig *rig = meeting.rig;
    hop_description description;
    rig_run_until(rig, rig->now_us + HOP_S);
    assert_true(told(&meeting, &description)); /* so that the peer is spared, too */
    assert_int_equal(sample_link(rig, 0), -1);
    rig_run_until(rig, rig->now_us + HOP_TIMEOUT_DEFAULT_US);
    assert_int_equal(shots(rig), 0);
    const rig_entry *failed = rig_find(rig, HOP_OUT_FAILED, 0);
    assert_int_equal(failed->report.own.mapping, HOP_NAT_RANDOM);
    assert_int_equal(failed->report.peer.mapping, HOP_NAT_SEQUENTIAL);
    assert_int_equal(failed->report.tried, 1u << HOP_STRATEGY_HOPELESS);
    rig_free(rig);
}

/* A shot that comes through is a link like any other; the others are swept away with the attempt.
 */
static void test_a_hit(void **state) {
    (void)state;
    two_sides meeting = met(MAPPED, unknown);
    core_rig *rig = meeting.rig;
    rig_forget(rig);
    peer_tells(&meeting, sequential, "203.0.113.20:52000", 1);
    int link = shot(rig, 3)->link;
    rig_connected(rig, link);
    rig_end end = rig_peer_greet(rig, &meeting.peer, link);
    unsigned before = shots(rig);
    peer_tells(&meeting, sequential, "203.0.113.20:53000", 2);
    assert_int_equal(shots(rig), before); /* nothing more is dialled */
    rig_peer_say(rig, &meeting.peer, &end, HOP_HELLO_CONFIRM);
    const rig_entry *established = rig_find(rig, HOP_OUT_ESTABLISHED, 0);
    assert_non_null(established);
    assert_int_equal(established->output.link, link);
    assert_int_equal(established->output.route, HOP_CORE_ROUTE_PUNCHED);
    assert_int_equal(rig_count(rig, HOP_OUT_SWEEP), 1);
    rig_free(rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table),
        cmocka_unit_test(test_probe_beside_the_call),
        cmocka_unit_test(test_the_ticket_s_other_server),
        cmocka_unit_test(test_a_listener_describes_its_nat),
        cmocka_unit_test(test_no_second_port_is_no_harm),
        cmocka_unit_test(test_easy_pairs_are_left_alone),
        cmocka_unit_test(test_the_opener),
        cmocka_unit_test(test_who_follows_an_opener),
        cmocka_unit_test(test_an_opener_that_misses_its_turn),
        cmocka_unit_test(test_a_sequence_that_is_none_any_more),
        cmocka_unit_test(test_a_sequential_side),
        cmocka_unit_test(test_the_other_side_of_a_sequential_one),
        cmocka_unit_test(test_two_sequential_sides),
        cmocka_unit_test(test_a_random_side),
        cmocka_unit_test(test_the_other_side_of_a_random_one),
        cmocka_unit_test(test_spent_holes_are_closed),
        cmocka_unit_test(test_what_comes_through_a_nat_is_whole),
        cmocka_unit_test(test_spent_holes_are_forgotten),
        cmocka_unit_test(test_hopeless_pairs_are_spared),
        cmocka_unit_test(test_a_hit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
