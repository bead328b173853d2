/* SPDX-License-Identifier: MIT */
/*
 * Dialling back: the messages there and back, and what the server's mind grants: whom, how often,
 * how many at once, for how long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rendezvous/dialback.h"
#include "rendezvous/rendezvous.h"
#include "secure/secure.h"
#include "wire/message.h"

#define CLIENT_MAX 256

typedef struct server {
    hop_rendezvous *mind;
    int64_t now_us;
    hop_rendezvous_output dial; /* of the last step, and whether there was one */
    bool dials;
    unsigned refused; /* the code; 0: no refusal */
    unsigned closed;
} server;

static hop_address address(const char *text) {
    hop_address parsed;
    assert_true(hop_address_parse(text, strlen(text), 0, &parsed));
    return parsed;
}

static void begin(server *to, bool off) {
    hop_rendezvous_config config = {.crypto = hop_secure_crypto(),
                                    .seed = 7,
                                    .client_max = CLIENT_MAX,
                                    .client_per_ip_max = CLIENT_MAX,
                                    .no_dialback = off};
    *to = (server){.now_us = 5 * HOP_S};
    to->mind = hop_rendezvous_init(calloc(1, hop_rendezvous_size(&config)), &config);
}

static void step(server *to, const hop_rendezvous_input *input) {
    hop_rendezvous_output output;
    hop_dialback said;
    hop_rendezvous_step(to->mind, to->now_us, input);
    to->dials = false;
    to->refused = 0;
    while (hop_rendezvous_next(to->mind, &output)) {
        if (output.kind == HOP_RENDEZVOUS_DIAL) {
            to->dial = output;
            to->dials = true;
        }
        if (output.kind == HOP_RENDEZVOUS_CLOSE) to->closed++;
        if (output.kind != HOP_RENDEZVOUS_SEND) continue;
        assert_true(hop_dialback_decode(output.bytes, output.size, &said));
        assert_int_equal(said.kind, HOP_DIALBACK_REFUSAL);
        to->refused = said.error_code;
    }
}

static void arrive(server *to, unsigned client, const char *remote) {
    hop_rendezvous_input input = {.kind = HOP_RENDEZVOUS_ACCEPTED, .client = client};
    input.remote = address(remote);
    input.local =
        address(input.remote.family == HOP_FAMILY_IPV4 ? "203.0.113.1:3478" : "[2001:db8::1]:3478");
    step(to, &input);
}

static void wish(server *to, unsigned client, hop_dialback_way way, uint16_t port,
                 uint32_t wait_ms) {
    uint8_t bytes[HOP_DIALBACK_SIZE_MAX];
    hop_dialback request = {
        .kind = HOP_DIALBACK_REQUEST, .way = way, .port = port, .wait_ms = wait_ms};
    size_t size = hop_dialback_encode(&request, bytes);
    assert_true(size > 0);
    step(to, &(hop_rendezvous_input){
                 .kind = HOP_RENDEZVOUS_RECEIVED, .client = client, .bytes = bytes, .size = size});
}

static void over(server *to, unsigned client) {
    step(to, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_DIALLED, .client = client});
}

static void leave(server *to, unsigned client) {
    step(to, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_CLOSED, .client = client});
}

static void messages_come_back_as_they_were(void **unused) {
    (void)unused;
    const hop_dialback all[] = {
        {.kind = HOP_DIALBACK_REQUEST,
         .transaction = "abcdefghijk",
         .way = HOP_DIALBACK_CROSS,
         .port = 40000},
        {.kind = HOP_DIALBACK_REQUEST, .way = HOP_DIALBACK_WAIT, .wait_ms = 60000},
        {.kind = HOP_DIALBACK_ANSWER, .source = address("203.0.113.1:50000"), .delay_us = 45000},
        {.kind = HOP_DIALBACK_ANSWER, .source = address("[2001:db8::1]:50000")},
        {.kind = HOP_DIALBACK_ANSWER},
        {.kind = HOP_DIALBACK_TOLD, .outcome = HOP_DIALBACK_ICMP, .icmp_type = 3, .icmp_code = 13},
        {.kind = HOP_DIALBACK_REFUSAL, .error_code = HOP_DIALBACK_NO_ADDRESS},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        uint8_t bytes[HOP_DIALBACK_SIZE_MAX], again[HOP_DIALBACK_SIZE_MAX];
        hop_dialback back;
        size_t size = hop_dialback_encode(&all[i], bytes);
        assert_true(hop_dialback_decode(bytes, size, &back));
        assert_int_equal(back.kind, all[i].kind);
        assert_int_equal(hop_dialback_encode(&back, again), size);
        assert_memory_equal(again, bytes, size);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *exact = malloc(cut + 1); /* so that the sanitizer sees a read past the end */
            memcpy(exact, bytes, cut);
            assert_false(hop_dialback_decode(exact, cut, &back));
            free(exact);
        }
    }
}

static void nonsense_is_refused_and_ends_it(void **unused) {
    (void)unused;
    static const uint8_t values[][8] = {
        {0, 0, 0, 0, 0, 0, 0, 0}, {5, 0, 0, 0, 0, 0, 0, 0}, {1, 1, 0, 0, 0, 0, 0, 0}};
    server to;
    begin(&to, false);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t bytes[HOP_STUN_SIZE_MAX];
        const uint8_t transaction[HOP_STUN_TRANSACTION_SIZE] = {1};
        hop_writer writer = hop_writer_make(bytes, sizeof bytes);
        hop_stun_begin(&writer, HOP_STUN_REQUEST, HOP_STUN_DIALBACK, transaction);
        hop_stun_put_bytes(&writer, HOP_STUN_DIALBACK_WISH, values[i], 8);
        hop_stun_end(&writer);
        arrive(&to, i, "198.51.100.1:40000");
        step(&to,
             &(hop_rendezvous_input){
                 .kind = HOP_RENDEZVOUS_RECEIVED, .client = i, .bytes = bytes, .size = writer.at});
        assert_int_equal(to.refused, HOP_REFUSAL_MALFORMED);
        assert_int_equal(to.closed, i + 1);
        assert_false(to.dials);
    }
    free(to.mind);
}

/* Whatever is asked for, it is the asker's own address; and no privileged port but the one seen. */
static void only_the_asker_is_dialled(void **unused) {
    (void)unused;
    server to;
    begin(&to, false);
    arrive(&to, 0, "198.51.100.1:40000");
    wish(&to, 0, HOP_DIALBACK_OTHER_PORT, 0, 0);
    hop_address seen = address("198.51.100.1:40000"), other = address("198.51.100.1:1024");
    assert_true(to.dials && hop_address_equal(&to.dial.address, &seen));
    assert_int_equal(to.dial.client, 0);
    over(&to, 0);
    wish(&to, 0, HOP_DIALBACK_CROSS, 1024, 0);
    assert_true(to.dials && hop_address_equal(&to.dial.address, &other));
    over(&to, 0);
    static const uint16_t ports[] = {1, 22, 25, 80, 443, 1023};
    for (unsigned i = 0; i < 6; i++) {
        wish(&to, 0, HOP_DIALBACK_OTHER_PORT, ports[i], 0);
        assert_false(to.dials);
        assert_int_equal(to.refused, HOP_DIALBACK_FORBIDDEN);
    }
    arrive(&to, 1, "198.51.100.2:700");
    wish(&to, 1, HOP_DIALBACK_OTHER_ADDRESS, 700, 0);
    assert_true(to.dials);
    free(to.mind);
}

static void one_at_a_time_for_a_connection(void **unused) {
    (void)unused;
    server to;
    begin(&to, false);
    arrive(&to, 0, "198.51.100.1:40000");
    wish(&to, 0, HOP_DIALBACK_OTHER_PORT, 0, 0);
    assert_true(to.dials);
    wish(&to, 0, HOP_DIALBACK_OTHER_PORT, 0, 0);
    assert_false(to.dials);
    assert_int_equal(to.refused, HOP_REFUSAL_BUSY);
    over(&to, 0);
    over(&to, 0); /* once more is nothing */
    wish(&to, 0, HOP_DIALBACK_OTHER_PORT, 0, 0);
    assert_true(to.dials);
    leave(&to, 0);
    free(to.mind);
}

static void each_place_has_its_share(void **unused) {
    (void)unused;
    server to;
    unsigned granted = 0;
    begin(&to, false);
    for (unsigned i = 0; i < 2 * HOP_DIALBACK_ORIGIN_MAX; i++) {
        arrive(&to, 0, "198.51.100.1:40000");
        wish(&to, 0, HOP_DIALBACK_OTHER_PORT, 0, 0);
        granted += to.dials;
        leave(&to, 0); /* which frees the place, but not the share */
    }
    assert_int_equal(granted, HOP_DIALBACK_ORIGIN_MAX);
    arrive(&to, 1, "198.51.100.2:40000");
    wish(&to, 1, HOP_DIALBACK_OTHER_PORT, 0, 0);
    assert_true(to.dials);
    to.now_us += HOP_DIALBACK_ORIGIN_US;
    for (unsigned i = 0; i < 2; i++) {
        arrive(&to, 0, "198.51.100.1:40000");
        wish(&to, 0, HOP_DIALBACK_OTHER_PORT, 0, 0);
        assert_int_equal(to.dials, i == 0);
        leave(&to, 0);
    }
    free(to.mind);
}

/* Many places together: by rate, and by how many are under way. */
static void all_together_are_bounded(void **unused) {
    (void)unused;
    server to;
    unsigned granted = 0;
    begin(&to, false);
    for (unsigned i = 0; i < 200; i++) {
        char remote[32];
        snprintf(remote, sizeof remote, "198.51.%u.1:40000", i);
        arrive(&to, i, remote);
        wish(&to, i, HOP_DIALBACK_OTHER_PORT, 0, 0);
        granted += to.dials;
        if (!to.dials) assert_int_equal(to.refused, HOP_REFUSAL_BUSY);
    }
    assert_int_equal(granted, HOP_DIALBACK_RUNNING_MAX);
    for (unsigned i = 0; i < 200; i++)
        over(&to, i);
    granted = 0;
    for (unsigned i = 0; i < 200; i++) {
        wish(&to, i, HOP_DIALBACK_OTHER_PORT, 0, 0);
        granted += to.dials;
        if (to.dials) over(&to, i);
    }
    assert_true(granted <= HOP_DIALBACK_ALL_MAX - HOP_DIALBACK_RUNNING_MAX);
    assert_true(granted > 0);
    free(to.mind);
}

/* It says nothing for minutes, and must not be taken for dead; nor may it do anything else. */
static void who_waits_is_left_alone(void **unused) {
    (void)unused;
    server to;
    begin(&to, false);
    arrive(&to, 0, "198.51.100.1:40000");
    wish(&to, 0, HOP_DIALBACK_WAIT, 0, HOP_DIALBACK_WAIT_MAX_MS + 1);
    assert_int_equal(to.refused, HOP_REFUSAL_MALFORMED);
    wish(&to, 0, HOP_DIALBACK_WAIT, 0, HOP_DIALBACK_WAIT_MAX_MS);
    assert_true(to.dials);
    to.now_us += (int64_t)HOP_DIALBACK_WAIT_MAX_MS * HOP_MS;
    step(&to, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    assert_int_equal(to.closed, 0);
    over(&to, 0);
    to.now_us += 60 * HOP_S;
    step(&to, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    assert_int_equal(to.closed, 0);
    to.now_us += 60 * HOP_S; /* awake again, and silent too long */
    step(&to, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    assert_int_equal(to.closed, 1);

    arrive(&to, 1, "198.51.100.1:40001"); /* one whose driver forgets it */
    wish(&to, 1, HOP_DIALBACK_WAIT, 0, 1000);
    assert_true(to.dials);
    to.now_us += HOP_DIALBACK_LIFE_US;
    step(&to, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    assert_int_equal(to.closed, 2);
    assert_true(hop_rendezvous_deadline(to.mind) == INT64_MAX);
    free(to.mind);
}

static void it_can_be_switched_off(void **unused) {
    (void)unused;
    server to;
    begin(&to, true);
    arrive(&to, 0, "198.51.100.1:40000");
    wish(&to, 0, HOP_DIALBACK_OTHER_PORT, 0, 0);
    assert_false(to.dials);
    assert_int_equal(to.refused, HOP_DIALBACK_FORBIDDEN);
    wish(&to, 0, HOP_DIALBACK_WAIT, 0, 1000);
    assert_int_equal(to.refused, HOP_DIALBACK_FORBIDDEN);
    free(to.mind);
}

/* One household has one /64. */
static void ipv6_is_counted_by_its_network(void **unused) {
    (void)unused;
    hop_dialbacks dialbacks = {.running = 0};
    hop_dialback request = {.way = HOP_DIALBACK_OTHER_PORT};
    hop_address target, one = address("[2001:db8:1::1]:5000");
    unsigned granted = 0;
    for (unsigned i = 0; i < 2 * HOP_DIALBACK_ORIGIN_MAX; i++) {
        one.ip[15] = (uint8_t)i;
        granted += hop_dialbacks_begin(&dialbacks, HOP_S, &one, &request, &target) == 0;
    }
    assert_int_equal(granted, HOP_DIALBACK_ORIGIN_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_back_as_they_were),
        cmocka_unit_test(nonsense_is_refused_and_ends_it),
        cmocka_unit_test(only_the_asker_is_dialled),
        cmocka_unit_test(one_at_a_time_for_a_connection),
        cmocka_unit_test(each_place_has_its_share),
        cmocka_unit_test(all_together_are_bounded),
        cmocka_unit_test(who_waits_is_left_alone),
        cmocka_unit_test(it_can_be_switched_off),
        cmocka_unit_test(ipv6_is_counted_by_its_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
