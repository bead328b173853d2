/* SPDX-License-Identifier: MIT */
/*
 * Relays in the server's mind, in virtual time and with real signatures: who gets one and who does
 * not, what ends one, and how relays share a bound on bytes a second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rendezvous/rendezvous.h"
#include "secure/secure.h"
#include "wire/hello.h"
#include "wire/message.h"

#define SAID_MAX 64
#define UNIX_MS  1790000000000

typedef struct world {
    hop_rendezvous *mind;
    int64_t now_us;
    unsigned counter;
    hop_rendezvous_output said[SAID_MAX];
    hop_message messages[SAID_MAX];
    unsigned said_count;
    uint8_t bytes[HOP_STUN_SIZE_MAX]; /* the last request */
    size_t size;
    uint8_t nonce[HOP_NONCE_SIZE]; /* of the last START */
} world;

static const uint8_t room_a[HOP_KEY_SIZE] = {'a'}; /* seeds */
static const uint8_t room_b[HOP_KEY_SIZE] = {'b'};

static world *new_world(hop_relay_config relay) {
    world *w = calloc(1, sizeof(*w));
    hop_rendezvous_config config = {.crypto = hop_secure_crypto(), .seed = 7, .relay = relay};
    w->now_us = 5 * HOP_S;
    config.unix_offset_us = UNIX_MS * HOP_MS - w->now_us;
    w->mind = hop_rendezvous_init(calloc(1, hop_rendezvous_size(&config)), &config);
    return w;
}

static void end_world(world *w) {
    free(w->mind);
    free(w);
}

static void step(world *w, const hop_rendezvous_input *input) {
    hop_rendezvous_step(w->mind, w->now_us, input);
    w->said_count = 0;
    while (hop_rendezvous_next(w->mind, &w->said[w->said_count])) {
        hop_rendezvous_output *out = &w->said[w->said_count];
        if (out->kind == HOP_RENDEZVOUS_SEND)
            assert_int_equal(hop_message_decode(out->bytes, out->size, &w->messages[w->said_count]),
                             HOP_MESSAGE_OK);
        assert_true(++w->said_count < SAID_MAX);
    }
}

static void arrive(world *w, unsigned client) {
    hop_rendezvous_input input = {.kind = HOP_RENDEZVOUS_ACCEPTED, .client = client};
    static const char remote[] = "203.0.113.1:40000", local[] = "192.0.2.1:3478";
    assert_true(hop_address_parse(remote, strlen(remote), 0, &input.remote));
    assert_true(hop_address_parse(local, strlen(local), 0, &input.local));
    input.remote.port = (uint16_t)(40000 + client);
    step(w, &input);
}

static void leave(world *w, unsigned client, bool broken) {
    step(w, &(hop_rendezvous_input){
                .kind = HOP_RENDEZVOUS_CLOSED, .client = client, .broken = broken});
}

static void hear(world *w, unsigned client) {
    step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_RECEIVED,
                                    .client = client,
                                    .bytes = w->bytes,
                                    .size = w->size});
}

static void say(world *w, unsigned client, hop_message *message, const uint8_t *seed) {
    const hop_crypto *crypto = hop_secure_crypto();
    w->counter++;
    memcpy(message->transaction, &w->counter, sizeof(w->counter));
    if (message->time_ms == 0)
        message->time_ms = (uint64_t)(UNIX_MS + (w->now_us - 5 * HOP_S) / HOP_MS);
    crypto->public_key(crypto->context, seed, message->room);
    w->size = hop_message_encode(message, crypto, seed, w->bytes);
    assert_true(w->size > 0);
    hear(w, client);
}

/* Of a RELAY: the room's key, or a stranger's, with this nonce and role. */
static void ask(world *w, unsigned client, const uint8_t *seed, hop_role role) {
    hop_message message = {.kind = HOP_MESSAGE_RELAY, .role = role, .nonce_count = 1};
    memcpy(message.nonces[0], w->nonce, HOP_NONCE_SIZE);
    arrive(w, client);
    say(w, client, &message, seed);
}

/* A listener (client) and a knocker (client + 1) that have got their START. */
static void introduce(world *w, unsigned client, const uint8_t *seed) {
    hop_message message = {.kind = HOP_MESSAGE_REGISTER, .nonce_count = 1, .sealed_size = 60};
    memset(message.nonces[0], (int)client + 1, HOP_NONCE_SIZE);
    arrive(w, client);
    say(w, client, &message, seed);
    message = (hop_message){.kind = HOP_MESSAGE_KNOCK, .sealed_size = 60};
    arrive(w, client + 1);
    say(w, client + 1, &message, seed);
    memset(w->nonce, (int)client + 1, HOP_NONCE_SIZE);
}

static const hop_rendezvous_output *said(const world *w, hop_rendezvous_output_kind kind,
                                         unsigned client) {
    for (unsigned i = 0; i < w->said_count; i++)
        if (w->said[i].kind == kind && w->said[i].client == client) return &w->said[i];
    return NULL;
}

static const hop_rendezvous_output *logged(const world *w, hop_rendezvous_log log) {
    for (unsigned i = 0; i < w->said_count; i++)
        if (w->said[i].kind == HOP_RENDEZVOUS_LOG && w->said[i].log == log) return &w->said[i];
    return NULL;
}

static const hop_message *told(const world *w, unsigned client) {
    for (unsigned i = 0; i < w->said_count; i++)
        if (w->said[i].kind == HOP_RENDEZVOUS_SEND && w->said[i].client == client)
            return &w->messages[i];
    return NULL;
}

static void assert_refused(const world *w, unsigned client, unsigned code) {
    const hop_message *message = told(w, client);
    assert_non_null(message);
    assert_int_equal(message->kind, HOP_MESSAGE_REFUSAL);
    assert_int_equal(message->error_code, code);
    assert_null(logged(w, HOP_RENDEZVOUS_LOG_RELAY_START));
}

/* The two sides of the last START come, on these clients. Returns the relay's id. */
static uint32_t relay(world *w, unsigned one, unsigned other, const uint8_t *seed) {
    ask(w, one, seed, HOP_ROLE_CONTROLLED);
    assert_int_equal(w->said_count, 0); /* who waits is told nothing */
    ask(w, other, seed, HOP_ROLE_CONTROLLING);
    assert_int_equal(told(w, one)->kind, HOP_MESSAGE_RELAY_ANSWER);
    assert_int_equal(told(w, other)->kind, HOP_MESSAGE_RELAY_ANSWER);
    assert_int_not_equal(
        memcmp(told(w, one)->transaction, told(w, other)->transaction, HOP_STUN_TRANSACTION_SIZE),
        0);
    assert_non_null(logged(w, HOP_RENDEZVOUS_LOG_RELAY_START));
    const hop_rendezvous_output *splice = said(w, HOP_RENDEZVOUS_SPLICE, other);
    assert_non_null(splice);
    assert_int_equal(splice->other, one);
    assert_true(splice->relay > 0);
    return splice->relay;
}

static unsigned running(const world *w) {
    hop_rendezvous_counts counts;
    hop_rendezvous_count(w->mind, &counts);
    return counts.relays;
}

static const hop_relay_config on = {.on = true};

static void two_sides_are_spliced(void **unused) {
    (void)unused;
    world *w = new_world(on);
    introduce(w, 0, room_a);
    uint32_t id = relay(w, 2, 3, room_a);
    hop_relays *relays = hop_rendezvous_relays(w->mind);
    hop_relay_moved(relays, id, 0, 1000, w->now_us);
    hop_relay_moved(relays, id, 1, 500, w->now_us);
    assert_int_equal(running(w), 1);
    w->now_us += 3 * HOP_S;
    leave(w, 2, false);
    const hop_rendezvous_output *end = logged(w, HOP_RENDEZVOUS_LOG_RELAY_END);
    assert_non_null(end);
    assert_int_equal(end->end, HOP_RENDEZVOUS_END_DONE);
    assert_true(end->moved[0] == 1000 && end->moved[1] == 500 && end->lasted_us == 3 * HOP_S);
    assert_non_null(said(w, HOP_RENDEZVOUS_CLOSE, 3)); /* one goes, both go */
    assert_int_equal(running(w), 0);
    arrive(w, 2); /* the numbers are free again */
    arrive(w, 3);
    end_world(w);
}

static void off_is_off(void **unused) {
    (void)unused;
    world *w = new_world((hop_relay_config){.on = false});
    introduce(w, 0, room_a);
    ask(w, 2, room_a, HOP_ROLE_CONTROLLING);
    assert_refused(w, 2, HOP_REFUSAL_FORBIDDEN);
    end_world(w);
}

/* A wrong signature, another room's, no START's nonce, one from long ago, a recording. */
static void strangers_get_none(void **unused) {
    (void)unused;
    world *w = new_world(on);
    introduce(w, 0, room_a);
    ask(w, 2, room_b, HOP_ROLE_CONTROLLING); /* somebody else's attempt */
    assert_refused(w, 2, HOP_REFUSAL_MISMATCH);
    ask(w, 3, room_a, HOP_ROLE_CONTROLLING);
    assert_int_equal(w->said_count, 0);
    arrive(w, 4);
    hear(w, 4); /* the very same bytes again */
    assert_refused(w, 4, HOP_REFUSAL_REPLAY);
    w->bytes[w->size - HOP_SIGNATURE_SIZE] ^= 1;
    arrive(w, 5);
    hear(w, 5);
    assert_refused(w, 5, HOP_REFUSAL_SIGNATURE);
    hop_message late = {.kind = HOP_MESSAGE_RELAY, .role = HOP_ROLE_CONTROLLED, .nonce_count = 1};
    late.time_ms = UNIX_MS - 100000;
    arrive(w, 6);
    say(w, 6, &late, room_a);
    assert_refused(w, 6, HOP_REFUSAL_CLOCK);
    memset(w->nonce, 0xEE, HOP_NONCE_SIZE);
    ask(w, 7, room_a, HOP_ROLE_CONTROLLED);
    assert_refused(w, 7, HOP_REFUSAL_MISMATCH);
    assert_int_equal(running(w), 0);
    end_world(w);
}

static void each_side_comes_once(void **unused) {
    (void)unused;
    world *w = new_world(on);
    introduce(w, 0, room_a);
    ask(w, 2, room_a, HOP_ROLE_CONTROLLING);
    ask(w, 3, room_a, HOP_ROLE_CONTROLLING);
    assert_refused(w, 3, HOP_REFUSAL_MISMATCH);
    leave(w, 2, true); /* who gives up makes room for another try */
    relay(w, 4, 5, room_a);
    ask(w, 6, room_a, HOP_ROLE_CONTROLLED);
    assert_refused(w, 6, HOP_REFUSAL_MISMATCH);
    leave(w, 4, true); /* it broke: both may come again, while the START is young */
    assert_int_equal(logged(w, HOP_RENDEZVOUS_LOG_RELAY_END)->end, HOP_RENDEZVOUS_END_UNUSED);
    relay(w, 7, 8, room_a);
    leave(w, 8, true);
    w->now_us += 121 * HOP_S;
    ask(w, 9, room_a, HOP_ROLE_CONTROLLED);
    assert_refused(w, 9, HOP_REFUSAL_MISMATCH);
    end_world(w);
}

/* A client that is known for something else asks on another connection. */
static void not_on_a_known_connection(void **unused) {
    (void)unused;
    world *w = new_world(on);
    introduce(w, 0, room_a);
    hop_message message = {
        .kind = HOP_MESSAGE_RELAY, .role = HOP_ROLE_CONTROLLED, .nonce_count = 1};
    memcpy(message.nonces[0], w->nonce, HOP_NONCE_SIZE);
    say(w, 0, &message, room_a);
    assert_refused(w, 0, HOP_REFUSAL_MALFORMED);
    end_world(w);
}

/* Nothing may be said before the answer: it would be lost between the two. */
static void who_waits_waits_in_silence(void **unused) {
    (void)unused;
    world *w = new_world(on);
    introduce(w, 0, room_a);
    ask(w, 2, room_a, HOP_ROLE_CONTROLLING);
    hop_message binding = {.kind = HOP_MESSAGE_BINDING};
    w->size = hop_message_encode(&binding, hop_secure_crypto(), NULL, w->bytes);
    hear(w, 2);
    assert_non_null(said(w, HOP_RENDEZVOUS_CLOSE, 2));
    end_world(w);
}

static void waiting_ends(void **unused) {
    (void)unused;
    world *w = new_world(on);
    introduce(w, 0, room_a);
    ask(w, 2, room_a, HOP_ROLE_CONTROLLING);
    assert_true(hop_rendezvous_deadline(w->mind) <= w->now_us + 30 * HOP_S);
    w->now_us += 30 * HOP_S;
    step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    assert_refused(w, 2, HOP_REFUSAL_ALONE);
    assert_non_null(said(w, HOP_RENDEZVOUS_CLOSE, 2));
    relay(w, 3, 4, room_a); /* nothing of it stays behind */
    end_world(w);
}

static void idle_relays_end(void **unused) {
    (void)unused;
    world *w = new_world((hop_relay_config){.on = true, .idle_us = 10 * HOP_S});
    uint32_t ids[2];
    hop_relays *relays = hop_rendezvous_relays(w->mind);
    introduce(w, 0, room_a);
    ids[0] = relay(w, 2, 3, room_a);
    introduce(w, 4, room_b);
    ids[1] = relay(w, 6, 7, room_b);
    for (unsigned i = 0; i < 2; i++)
        hop_relay_moved(relays, ids[i], 0, 2 * HOP_HELLO_SIZE, w->now_us);
    w->now_us += 6 * HOP_S;
    hop_relay_moved(relays, ids[0], 1, 1, w->now_us);
    w->now_us += 4 * HOP_S;
    step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    assert_int_equal(logged(w, HOP_RENDEZVOUS_LOG_RELAY_END)->end, HOP_RENDEZVOUS_END_IDLE);
    assert_non_null(said(w, HOP_RENDEZVOUS_CLOSE, 6));
    assert_non_null(said(w, HOP_RENDEZVOUS_CLOSE, 7));
    assert_int_equal(running(w), 1);
    w->now_us += 6 * HOP_S;
    step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    assert_int_equal(running(w), 0);
    end_world(w);
}

static void limits_hold(void **unused) {
    (void)unused;
    world *w = new_world((hop_relay_config){.on = true, .max = 3, .room_max = 2});
    unsigned next = 100;
    for (unsigned i = 0; i < 2; i++) {
        introduce(w, 2 * i, room_a);
        relay(w, next, next + 1, room_a);
        next += 2;
    }
    introduce(w, 10, room_a);
    ask(w, 50, room_a, HOP_ROLE_CONTROLLED);
    assert_refused(w, 50, HOP_REFUSAL_BUSY); /* the room has its share */
    introduce(w, 12, room_b);
    relay(w, next, next + 1, room_b);
    introduce(w, 14, room_b);
    ask(w, 51, room_b, HOP_ROLE_CONTROLLED);
    assert_refused(w, 51, HOP_REFUSAL_BUSY); /* there are as many as may be */
    leave(w, 100, false);
    relay(w, 110, 111, room_b);
    end_world(w);
}

/* So many STARTs that the ring comes round while somebody waits. */
static void old_starts_are_forgotten(void **unused) {
    (void)unused;
    world *w = new_world((hop_relay_config){.on = true, .pass_max = 2});
    introduce(w, 0, room_a);
    ask(w, 20, room_a, HOP_ROLE_CONTROLLING);
    for (unsigned i = 1; i < 4; i++)
        introduce(w, 2 * i, room_b);
    uint8_t newest[HOP_NONCE_SIZE];
    memcpy(newest, w->nonce, sizeof(newest));
    memset(w->nonce, 1, HOP_NONCE_SIZE);
    ask(w, 21, room_a, HOP_ROLE_CONTROLLED);
    assert_refused(w, 21, HOP_REFUSAL_MISMATCH);
    leave(w, 20, true);
    memcpy(w->nonce, newest, sizeof(newest));
    relay(w, 22, 23, room_b);
    end_world(w);
}

/* --- the bound on bytes a second --- */

typedef struct eating {
    uint32_t id;
    uint64_t bytes;
    bool hungry; /* always wants more */
    bool asks;   /* not in line */
} eating;

static void eat(hop_relays *relays, eating *eater, int64_t now_us) {
    size_t size = hop_relay_ask(relays, eater->id, now_us);
    eater->asks = size > 0;
    eater->bytes += size;
    hop_relay_moved(relays, eater->id, 0, size, now_us);
}

/* Lets all that want move what they may for this long; each has its turn as the driver gives it. */
static void feed(hop_relays *relays, eating *eaters, unsigned count, int64_t *now_us,
                 int64_t time_us) {
    int64_t end_us = *now_us + time_us;
    while (*now_us < end_us) {
        uint32_t turn;
        while ((turn = hop_relay_turn(relays, *now_us)) != 0)
            for (unsigned i = 0; i < count; i++)
                if (eaters[i].id == turn) eat(relays, &eaters[i], *now_us);
        for (unsigned i = 0; i < count; i++)
            if (eaters[i].hungry && eaters[i].asks) eat(relays, &eaters[i], *now_us);
        *now_us += HOP_MS;
    }
}

static void relays_share_the_rate(void **unused) {
    (void)unused;
    enum { COUNT = 5, RATE = 1000000 };
    world *w = new_world((hop_relay_config){.on = true, .rate = RATE});
    hop_relays *relays = hop_rendezvous_relays(w->mind);
    eating eaters[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        introduce(w, 2 * i, room_a);
        uint32_t id = relay(w, 20 + 2 * i, 21 + 2 * i, room_a);
        eaters[i] = (eating){.id = id, .hungry = i < 4, .asks = true};
    }
    feed(relays, eaters, COUNT, &w->now_us, 10 * HOP_S);
    uint64_t total = 0;
    for (unsigned i = 0; i < 4; i++) {
        assert_in_range(eaters[i].bytes, 10 * RATE / 4 * 9 / 10, 10 * RATE / 4 * 11 / 10);
        total += eaters[i].bytes;
    }
    assert_in_range(total, 10 * RATE * 98 / 100, 10 * RATE * 102 / 100 + RATE / 10);
    /* Whoever wants nothing leaves his share to the others; who comes late has his at once. */
    for (unsigned i = 0; i < COUNT; i++) {
        eaters[i].bytes = 0;
        eaters[i].hungry = i == 0 || i == 4;
    }
    feed(relays, eaters, COUNT, &w->now_us, 10 * HOP_S);
    for (unsigned i = 0; i < COUNT; i += 4)
        assert_in_range(eaters[i].bytes, 10 * RATE / 2 * 8 / 10, 10 * RATE / 2 * 11 / 10);
    end_world(w);
}

/* A relay that ends in the line does not stop those behind it. */
static void the_line_survives_an_end(void **unused) {
    (void)unused;
    world *w = new_world((hop_relay_config){.on = true, .rate = 20000});
    hop_relays *relays = hop_rendezvous_relays(w->mind);
    eating eaters[3];
    for (unsigned i = 0; i < 3; i++) {
        introduce(w, 2 * i, room_a);
        eaters[i].id = relay(w, 20 + 2 * i, 21 + 2 * i, room_a);
        eaters[i].bytes = 0;
        eaters[i].hungry = eaters[i].asks = true;
    }
    feed(relays, eaters, 3, &w->now_us, HOP_S);
    leave(w, 20, true);
    feed(relays, &eaters[1], 2, &w->now_us, 5 * HOP_S);
    for (unsigned i = 1; i < 3; i++)
        assert_true(eaters[i].bytes > 40000);
    leave(w, 22, true);
    leave(w, 24, true);
    assert_true(hop_relay_turn_us(relays) == INT64_MAX);
    end_world(w);
}

static void without_a_bound_a_turn_is_a_chunk(void **unused) {
    (void)unused;
    world *w = new_world(on);
    introduce(w, 0, room_a);
    uint32_t id = relay(w, 2, 3, room_a);
    hop_relays *relays = hop_rendezvous_relays(w->mind);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(hop_relay_ask(relays, id, w->now_us), HOP_RELAY_CHUNK);
        hop_relay_moved(relays, id, i % 2, HOP_RELAY_CHUNK, w->now_us);
    }
    assert_true(hop_relay_turn_us(relays) == INT64_MAX);
    end_world(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_sides_are_spliced),
        cmocka_unit_test(off_is_off),
        cmocka_unit_test(strangers_get_none),
        cmocka_unit_test(each_side_comes_once),
        cmocka_unit_test(not_on_a_known_connection),
        cmocka_unit_test(who_waits_waits_in_silence),
        cmocka_unit_test(waiting_ends),
        cmocka_unit_test(idle_relays_end),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(old_starts_are_forgotten),
        cmocka_unit_test(relays_share_the_rate),
        cmocka_unit_test(the_line_survives_an_end),
        cmocka_unit_test(without_a_bound_a_turn_is_a_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
