/* SPDX-License-Identifier: MIT */
/*
 * The rendezvous server's mind in virtual time, with real signatures: who meets whom and when, what
 * is refused, what times out, and that no bytes of a stranger bring it down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "rendezvous/rendezvous.h"
#include "secure/secure.h"
#include "wire/message.h"

#define SAID_MAX   128
#define UNIX_MS    1790000000000 /* what the server's clock shows at the beginning */
#define SEALED_MAX HOP_DESCRIPTION_SEALED_SIZE_MAX

/* One output of the last step. */
typedef struct said {
    hop_rendezvous_output out;
    hop_message message; /* of a SEND */
} said;

typedef struct world {
    hop_rendezvous *mind;
    int64_t now_us;
    unsigned counter; /* makes every transaction another */
    said said[SAID_MAX];
    unsigned said_count;
    uint8_t bytes[HOP_STUN_SIZE_MAX]; /* the last message made */
    size_t size;
} world;

static const uint8_t room_a[HOP_KEY_SIZE] = {'a'}; /* seeds */
static const uint8_t room_b[HOP_KEY_SIZE] = {'b'};

static world *new_world(hop_rendezvous_config config) {
    world *w = calloc(1, sizeof(*w));
    config.crypto = hop_secure_crypto();
    config.seed = 7;
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
    hop_rendezvous_output out;
    while (hop_rendezvous_next(w->mind, &out)) {
        assert_true(w->said_count < SAID_MAX);
        said *one = &w->said[w->said_count++];
        one->out = out;
        if (out.kind != HOP_RENDEZVOUS_SEND) continue;
        /* An unknown method's refusal is none of our messages. */
        if (hop_message_decode(out.bytes, out.size, &one->message) != HOP_MESSAGE_OK)
            memset(&one->message, 0xFF, sizeof(one->message));
    }
}

static void arrive_at(world *w, unsigned client, const char *remote, const char *local) {
    hop_rendezvous_input input = {.kind = HOP_RENDEZVOUS_ACCEPTED, .client = client};
    assert_true(hop_address_parse(remote, strlen(remote), 0, &input.remote));
    assert_true(hop_address_parse(local, strlen(local), 0, &input.local));
    step(w, &input);
}

static void arrive(world *w, unsigned client) {
    char remote[] = "203.0.113.1:40000";
    remote[10] = (char)('1' + client % 8);
    remote[16] = (char)('0' + client / 8 % 10);
    arrive_at(w, client, remote, "192.0.2.1:3478");
    assert_int_equal(w->said_count, 0);
}

static void leave(world *w, unsigned client) {
    step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_CLOSED, .client = client});
}

static void hear(world *w, unsigned client, const uint8_t *bytes, size_t size, uint32_t rtt_us) {
    uint8_t *exact = malloc(size); /* so that the sanitizer sees a read past the end */
    memcpy(exact, bytes, size);
    step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_RECEIVED,
                                    .client = client,
                                    .bytes = exact,
                                    .size = size,
                                    .rtt_us = rtt_us});
    free(exact);
}

static void make(world *w, hop_message_kind kind, const uint8_t *seed, unsigned nonce_count,
                 uint8_t mark) {
    const hop_crypto *crypto = hop_secure_crypto();
    hop_message message = {.kind = kind, .nonce_count = nonce_count};
    w->counter++;
    memcpy(message.transaction, &w->counter, sizeof(w->counter));
    message.time_ms = (uint64_t)(UNIX_MS + (w->now_us - 5 * HOP_S) / HOP_MS);
    if (seed != NULL) assert_true(crypto->public_key(crypto->context, seed, message.room));
    message.sealed_size = SEALED_MAX;
    memset(message.sealed, mark, SEALED_MAX);
    for (unsigned i = 0; i < nonce_count; i++) {
        memset(message.nonces[i], mark, HOP_NONCE_SIZE);
        message.nonces[i][0] = (uint8_t)(i + 1);
    }
    w->size = hop_message_encode(&message, crypto, seed, w->bytes);
    assert_true(w->size > 0);
}

static void hear_made(world *w, unsigned client, uint32_t rtt_us) {
    hear(w, client, w->bytes, w->size, rtt_us);
}

static void enrol(world *w, unsigned client, const uint8_t *seed, unsigned nonces, uint32_t rtt) {
    make(w, HOP_MESSAGE_REGISTER, seed, nonces, (uint8_t)(0x80 + client));
    hear_made(w, client, rtt);
}

static void knock(world *w, unsigned client, const uint8_t *seed, uint32_t rtt) {
    make(w, HOP_MESSAGE_KNOCK, seed, 0, (uint8_t)client);
    hear_made(w, client, rtt);
}

/* The number-th message that the last step sent to a client; NULL: there are fewer. */
static const hop_message *sent(const world *w, unsigned client, unsigned number) {
    for (unsigned i = 0; i < w->said_count; i++) {
        const said *one = &w->said[i];
        if (one->out.kind != HOP_RENDEZVOUS_SEND || one->out.client != client) continue;
        if (number-- == 0) return &one->message;
    }
    return NULL;
}

static unsigned count_sent(const world *w, hop_message_kind kind) {
    unsigned count = 0;
    for (unsigned i = 0; i < w->said_count; i++)
        if (w->said[i].out.kind == HOP_RENDEZVOUS_SEND && w->said[i].message.kind == kind) count++;
    return count;
}

static const hop_rendezvous_output *logged(const world *w, hop_rendezvous_log log) {
    for (unsigned i = 0; i < w->said_count; i++)
        if (w->said[i].out.kind == HOP_RENDEZVOUS_LOG && w->said[i].out.log == log)
            return &w->said[i].out;
    return NULL;
}

static bool closed(const world *w, unsigned client) {
    for (unsigned i = 0; i < w->said_count; i++)
        if (w->said[i].out.kind == HOP_RENDEZVOUS_CLOSE && w->said[i].out.client == client)
            return true;
    return false;
}

static void assert_refused(const world *w, unsigned client, unsigned code) {
    const hop_message *message = sent(w, client, 0);
    assert_non_null(message);
    assert_int_equal(message->kind, HOP_MESSAGE_REFUSAL);
    assert_int_equal(message->error_code, code);
    assert_true(message->reason[0] != 0);
    const hop_rendezvous_output *log = logged(w, HOP_RENDEZVOUS_LOG_REFUSE);
    assert_non_null(log);
    assert_int_equal(log->code, code);
}

static void assert_start(const hop_message *start, hop_role role, uint8_t peer_mark,
                         uint32_t delay_us) {
    assert_non_null(start);
    assert_int_equal(start->kind, HOP_MESSAGE_START);
    assert_int_equal(start->role, role);
    assert_int_equal(start->delay_us, delay_us);
    assert_int_equal(start->nonce_count, 1);
    assert_int_equal(start->sealed_size, SEALED_MAX);
    assert_int_equal(start->sealed[0], peer_mark);
    assert_int_equal(start->sealed[SEALED_MAX - 1], peer_mark);
}

static hop_rendezvous_counts counts(const world *w) {
    hop_rendezvous_counts now;
    hop_rendezvous_count(w->mind, &now);
    return now;
}

/* Time passes; the timer is stepped when it asks to be. Returns how many clients were closed. */
static unsigned pass(world *w, int64_t time_us) {
    int64_t end_us = w->now_us + time_us;
    unsigned closed_count = 0;
    int64_t due;
    while ((due = hop_rendezvous_deadline(w->mind)) <= end_us) {
        if (due > w->now_us) w->now_us = due;
        step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
        unsigned now_closed = 0;
        for (unsigned i = 0; i < w->said_count; i++)
            now_closed += w->said[i].out.kind == HOP_RENDEZVOUS_CLOSE;
        assert_true(now_closed > 0); /* else this would never end */
        closed_count += now_closed;
    }
    w->now_us = end_us;
    return closed_count;
}

static void knock_on_listener_starts_both(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 0);
    arrive(w, 1);
    enrol(w, 0, room_a, 8, 40000);
    assert_int_equal(w->said_count, 2);
    assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
    assert_int_equal(sent(w, 0, 0)->mapped.port, 40000);

    knock(w, 1, room_a, 100000);
    assert_int_equal(w->said[0].out.client, 1); /* its START right behind its answer */
    assert_int_equal(w->said[0].message.kind, HOP_MESSAGE_KNOCK_ANSWER);
    assert_int_equal(w->said[1].out.kind == HOP_RENDEZVOUS_LOG ? 1 : w->said[1].out.client, 1);
    const hop_message *to_knocker = sent(w, 1, 1);
    const hop_message *to_listener = sent(w, 0, 0);
    assert_start(to_knocker, HOP_ROLE_CONTROLLING, 0x80, 0);
    assert_start(to_listener, HOP_ROLE_CONTROLLED, 1, 30000); /* 100/2 - 40/2 ms */
    assert_int_equal(to_knocker->rtt_us, 140000);
    assert_int_equal(to_listener->rtt_us, 140000);
    assert_int_equal(to_knocker->nonces[0][0], 1); /* the listener's first */
    assert_memory_equal(to_knocker->nonces[0], to_listener->nonces[0], HOP_NONCE_SIZE);
    assert_int_equal(to_knocker->peer.ip[3], 1);
    assert_int_equal(to_listener->peer.ip[3], 2);
    assert_int_equal(count_sent(w, HOP_MESSAGE_START), 2);

    const hop_rendezvous_output *log = logged(w, HOP_RENDEZVOUS_LOG_START);
    assert_int_equal(log->client, 1);
    assert_int_equal(log->other, 0);
    assert_int_equal(log->delay_us, 0);
    assert_int_equal(log->other_delay_us, 30000);
    assert_memory_equal(log->room, logged(w, HOP_RENDEZVOUS_LOG_KNOCK)->room, HOP_KEY_SIZE);
    assert_false(logged(w, HOP_RENDEZVOUS_LOG_KNOCK)->parked);
    end_world(w);
}

static void delays_follow_the_round_trips(void **unused) {
    (void)unused;
    static const uint32_t cases[][5] = {
        /* knocker's RTT, listener's RTT, knocker's delay, listener's delay, the sum */
        {20000, 20000, 0, 0, 40000},
        {20000, 90000, 35000, 0, 110000},
        {0, 90000, 0, 0, 180000}, /* not measured: as far as the other */
        {70000, 0, 0, 0, 140000},
        {0, 0, 0, 0, 0},
        {1000, 60000000, 999500, 0, 2001000}, /* a liar gets no more than this */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        world *w = new_world((hop_rendezvous_config){0});
        arrive(w, 0);
        arrive(w, 1);
        enrol(w, 0, room_a, 1, cases[i][1]);
        knock(w, 1, room_a, cases[i][0]);
        assert_start(sent(w, 1, 1), HOP_ROLE_CONTROLLING, 0x80, cases[i][2]);
        assert_start(sent(w, 0, 0), HOP_ROLE_CONTROLLED, 1, cases[i][3]);
        assert_int_equal(sent(w, 0, 0)->rtt_us, cases[i][4]);
        end_world(w);
    }
}

static void cold_knock_is_parked(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 1);
    arrive(w, 2);
    knock(w, 1, room_a, 30000);
    assert_int_equal(count_sent(w, HOP_MESSAGE_KNOCK_ANSWER), 1);
    assert_true(logged(w, HOP_RENDEZVOUS_LOG_KNOCK)->parked);
    assert_int_equal(counts(w).parked, 1);
    knock(w, 1, room_a, 0); /* one at a time */
    assert_refused(w, 1, HOP_REFUSAL_MALFORMED);
    assert_false(closed(w, 1));
    enrol(w, 2, room_b, 8, 0); /* somebody else's room */
    assert_int_equal(count_sent(w, HOP_MESSAGE_START), 0);

    arrive(w, 3);
    enrol(w, 3, room_a, 8, 10000);
    assert_int_equal(sent(w, 3, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
    assert_start(sent(w, 3, 1), HOP_ROLE_CONTROLLED, 1, 10000);
    assert_start(sent(w, 1, 0), HOP_ROLE_CONTROLLING, 0x83, 0);
    assert_int_equal(counts(w).parked, 0);
    knock(w, 1, room_a, 0); /* and once more on the same connection */
    assert_int_equal(count_sent(w, HOP_MESSAGE_START), 2);
    assert_int_equal(counts(w).starts, 2);
    end_world(w);
}

static void nonces_run_out_and_are_refreshed(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    for (unsigned i = 0; i < 6; i++)
        arrive(w, i);
    enrol(w, 0, room_a, 2, 0);
    unsigned started = 0;
    for (unsigned i = 1; i < 6; i++) {
        knock(w, i, room_a, 0);
        started += count_sent(w, HOP_MESSAGE_START) / 2;
    }
    assert_int_equal(started, 2);
    assert_int_equal(counts(w).parked, 3);
    leave(w, 4); /* one has had enough */
    assert_int_equal(counts(w).parked, 2);

    make(w, HOP_MESSAGE_REFRESH, NULL, 8, 0x55);
    hear_made(w, 0, 0);
    assert_int_equal(count_sent(w, HOP_MESSAGE_START), 4);
    assert_start(sent(w, 0, 0), HOP_ROLE_CONTROLLED, 3, 0); /* first come, first served */
    assert_start(sent(w, 0, 1), HOP_ROLE_CONTROLLED, 5, 0);
    assert_int_equal(sent(w, 3, 0)->nonces[0][0], 1);
    assert_int_equal(sent(w, 5, 0)->nonces[0][0], 2);

    hear_made(w, 0, 0); /* eight more; two of them fit */
    for (unsigned i = 0; i < 8; i++) {
        knock(w, 1, room_a, 0);
        assert_int_equal(count_sent(w, HOP_MESSAGE_START), 2);
    }
    knock(w, 1, room_a, 0);
    assert_int_equal(count_sent(w, HOP_MESSAGE_START), 0);
    end_world(w);
}

static void eight_parked_start_in_one_step(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    for (unsigned i = 0; i < 9; i++)
        arrive(w, i);
    for (unsigned i = 1; i < 9; i++)
        knock(w, i, room_a, 0);
    assert_int_equal(counts(w).parked, 8);
    enrol(w, 0, room_a, 8, 0);
    assert_int_equal(count_sent(w, HOP_MESSAGE_START), 16);
    assert_int_equal(counts(w).parked, 0);
    end_world(w);
}

static void newest_listener_wins_and_falls_back(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    for (unsigned i = 0; i < 5; i++)
        arrive(w, i);
    enrol(w, 0, room_a, 8, 0);
    enrol(w, 1, room_a, 1, 0);
    knock(w, 3, room_a, 0);
    assert_start(sent(w, 3, 1), HOP_ROLE_CONTROLLING, 0x81, 0);
    knock(w, 4, room_a, 0); /* the newest has no nonce left: an older, perhaps dead one won't do */
    assert_null(sent(w, 4, 1));
    leave(w, 1);
    assert_start(sent(w, 4, 0), HOP_ROLE_CONTROLLING, 0x80, 0);
    enrol(w, 2, room_a, 8, 0);
    leave(w, 0); /* not the newest: nothing changes */
    knock(w, 3, room_a, 0);
    assert_start(sent(w, 3, 1), HOP_ROLE_CONTROLLING, 0x82, 0);
    leave(w, 2);
    knock(w, 3, room_a, 0);
    assert_null(sent(w, 3, 1));
    assert_int_equal(counts(w).registered, 0);
    end_world(w);
}

static void second_register_replaces(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 0);
    arrive(w, 1);
    enrol(w, 0, room_a, 8, 0);
    make(w, HOP_MESSAGE_REGISTER, room_a, 1, 0x77);
    hear_made(w, 0, 0);
    assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
    assert_int_equal(counts(w).registered, 1);
    knock(w, 1, room_a, 0);
    assert_start(sent(w, 1, 1), HOP_ROLE_CONTROLLING, 0x77, 0);
    knock(w, 1, room_a, 0);
    assert_null(sent(w, 1, 1));
    leave(w, 1);
    enrol(w, 0, room_b, 8, 0);
    assert_refused(w, 0, HOP_REFUSAL_MALFORMED);
    knock(w, 0, room_a, 0);
    assert_refused(w, 0, HOP_REFUSAL_MALFORMED);
    end_world(w);
}

static void wrong_signature_is_refused_and_forgotten(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 0);
    make(w, HOP_MESSAGE_REGISTER, room_a, 8, 1);
    w->bytes[w->size - 1] ^= 1; /* the signature's last byte */
    hear_made(w, 0, 0);
    assert_refused(w, 0, HOP_REFUSAL_SIGNATURE);
    assert_int_equal(counts(w).registered, 0);
    w->bytes[w->size - 1] ^= 1; /* the forgery must not have burnt the real one */
    hear_made(w, 0, 0);
    assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);

    arrive(w, 1);
    make(w, HOP_MESSAGE_KNOCK, room_a, 0, 1);
    w->bytes[HOP_STUN_HEADER_SIZE + 4 + HOP_KEY_SIZE + 4 + 7] ^= 1; /* the time's last bit */
    hear_made(w, 1, 0);
    assert_refused(w, 1, HOP_REFUSAL_SIGNATURE);
    end_world(w);
}

static void wrong_clock_is_told_the_time(void **unused) {
    (void)unused;
    static const int64_t offs_us[] = {-61 * HOP_S, 61 * HOP_S, 1000000 * HOP_S};
    for (size_t i = 0; i < sizeof(offs_us) / sizeof(offs_us[0]); i++) {
        world *w = new_world((hop_rendezvous_config){0});
        arrive(w, 0);
        w->now_us += offs_us[i]; /* the client's idea of the time */
        make(w, HOP_MESSAGE_KNOCK, room_a, 0, 1);
        w->now_us -= offs_us[i];
        hear_made(w, 0, 0);
        assert_refused(w, 0, HOP_REFUSAL_CLOCK);
        assert_true(sent(w, 0, 0)->time_ms == UNIX_MS);
        knock(w, 0, room_a, 0); /* as the server says */
        assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_KNOCK_ANSWER);
        end_world(w);
    }
}

static void replays_are_refused(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.hush_us = 1000 * HOP_S});
    arrive(w, 0);
    arrive(w, 1);
    enrol(w, 0, room_a, 8, 0);
    hear_made(w, 0, 0);
    assert_refused(w, 0, HOP_REFUSAL_REPLAY);
    hear_made(w, 1, 0); /* who has overheard it */
    assert_refused(w, 1, HOP_REFUSAL_REPLAY);
    leave(w, 0);
    hear_made(w, 1, 0);
    assert_refused(w, 1, HOP_REFUSAL_REPLAY);
    pass(w, 60 * HOP_S);
    hear_made(w, 1, 0);
    assert_refused(w, 1, HOP_REFUSAL_REPLAY);
    pass(w, HOP_S);
    hear_made(w, 1, 0);
    assert_refused(w, 1, HOP_REFUSAL_CLOCK);

    w->now_us += 60 * HOP_S; /* signed by a clock that is a minute ahead, kept for two */
    make(w, HOP_MESSAGE_KNOCK, room_a, 0, 1);
    w->now_us -= 60 * HOP_S;
    hear_made(w, 1, 0);
    assert_int_equal(sent(w, 1, 0)->kind, HOP_MESSAGE_KNOCK_ANSWER);
    leave(w, 1);
    arrive(w, 1);
    pass(w, 120 * HOP_S);
    hear_made(w, 1, 0);
    assert_refused(w, 1, HOP_REFUSAL_REPLAY);
    end_world(w);
}

/* The table is full, then time empties it; the ring turns more than once. */
static void replay_table_is_bounded(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.replay_max = 3, .idle_us = 10000 * HOP_S});
    arrive(w, 0);
    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 0; i < 3; i++) {
            enrol(w, 0, room_a, 8, 0);
            assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
        }
        enrol(w, 0, room_a, 8, 0);
        assert_refused(w, 0, HOP_REFUSAL_BUSY);
        hear_made(w, 0, 0); /* was not remembered, so it is no replay */
        assert_refused(w, 0, HOP_REFUSAL_BUSY);
        pass(w, round % 2 == 0 ? 121 * HOP_S : 500 * HOP_S);
    }
    end_world(w);
}

static void one_address_cannot_fill_the_memory(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.replay_max = 1000, .idle_us = 1000 * HOP_S});
    arrive(w, 0);
    arrive(w, 1);
    for (unsigned i = 0; i < 64; i++) {
        enrol(w, 0, room_a, 8, 0);
        assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
    }
    enrol(w, 0, room_a, 8, 0);
    assert_refused(w, 0, HOP_REFUSAL_BUSY);
    leave(w, 0);
    arrive(w, 0); /* that does not help */
    enrol(w, 0, room_a, 8, 0);
    assert_refused(w, 0, HOP_REFUSAL_BUSY);
    knock(w, 1, room_a, 0); /* others are not concerned */
    assert_int_equal(sent(w, 1, 0)->kind, HOP_MESSAGE_KNOCK_ANSWER);
    pass(w, 121 * HOP_S);
    arrive(w, 0);
    enrol(w, 0, room_a, 8, 0);
    assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
    end_world(w);
}

static void who_is_refused_too_often_is_closed(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 0);
    enrol(w, 0, room_a, 8, 0);
    for (unsigned i = 0; i < 15; i++) {
        hear_made(w, 0, 0);
        assert_refused(w, 0, HOP_REFUSAL_REPLAY);
        assert_false(closed(w, 0));
    }
    hear_made(w, 0, 0);
    assert_refused(w, 0, HOP_REFUSAL_REPLAY);
    assert_true(closed(w, 0));
    assert_int_equal(counts(w).registered, 0);
    end_world(w);
}

static void one_address_has_its_share(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.client_per_ip_max = 3});
    static const char *const places[] = {"198.51.100.7:1", "[2001:db8:1:2:3::1]:1"};
    static const char *const neighbours[] = {"198.51.100.8:1", "[2001:db8:1:3::1]:1"};
    for (unsigned place = 0; place < 2; place++) {
        unsigned base = place * 10;
        for (unsigned i = 0; i < 3; i++)
            arrive_at(w, base + i, places[place], "192.0.2.1:3478");
        assert_int_equal(w->said_count, 0);
        arrive_at(w, base + 3, place == 0 ? places[0] : "[2001:db8:1:2:ffff::9]:7",
                  "192.0.2.1:3478");
        assert_true(closed(w, base + 3));
        assert_int_equal(logged(w, HOP_RENDEZVOUS_LOG_REFUSE)->code, HOP_REFUSAL_BUSY);
        arrive_at(w, base + 3, neighbours[place], "192.0.2.1:3478");
        assert_int_equal(w->said_count, 0);
        leave(w, base + 1);
        arrive_at(w, base + 1, places[place], "192.0.2.1:3478");
        assert_int_equal(w->said_count, 0);
    }
    for (unsigned i = 20; i < 30; i++) { /* loopback is not counted */
        arrive_at(w, i, "127.0.0.1:7", "192.0.2.1:3478");
        assert_int_equal(w->said_count, 0);
    }
    for (unsigned i = 0; i < 30; i++)
        leave(w, i);
    assert_int_equal(counts(w).clients, 0);
    end_world(w);
}

static void parked_knocks_are_bounded(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.room_max_parked = 2});
    for (unsigned i = 0; i < 4; i++)
        arrive(w, i);
    knock(w, 0, room_a, 0);
    knock(w, 1, room_a, 0);
    knock(w, 2, room_a, 0);
    assert_refused(w, 2, HOP_REFUSAL_BUSY);
    knock(w, 2, room_b, 0); /* another room is not concerned */
    assert_int_equal(sent(w, 2, 0)->kind, HOP_MESSAGE_KNOCK_ANSWER);
    leave(w, 0);
    knock(w, 3, room_a, 0);
    assert_int_equal(sent(w, 3, 0)->kind, HOP_MESSAGE_KNOCK_ANSWER);
    end_world(w);
}

static void numbers_beyond_the_last_are_closed(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.client_max = 2});
    arrive_at(w, 2, "198.51.100.7:1", "192.0.2.1:3478");
    assert_true(closed(w, 2));
    leave(w, 2);
    hear(w, 99, (const uint8_t *)"x", 1, 0);
    assert_int_equal(w->said_count, 0);
    end_world(w);
}

static void silence_ends(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    assert_true(hop_rendezvous_deadline(w->mind) == INT64_MAX);
    arrive(w, 0);
    arrive(w, 1);
    enrol(w, 1, room_a, 8, 0);
    make(w, HOP_MESSAGE_BINDING, NULL, 0, 0);
    pass(w, 9 * HOP_S);
    hear_made(w, 0, 0); /* a mapping test alone gives no right to stay */
    assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_BINDING_ANSWER);
    assert_int_equal(pass(w, HOP_S - 1), 0);
    assert_int_equal(pass(w, 1), 1);
    assert_true(closed(w, 0));
    assert_non_null(logged(w, HOP_RENDEZVOUS_LOG_EXPIRE));
    for (unsigned i = 0; i < 10; i++) {
        hear_made(w, 1, 0); /* the keepalive */
        assert_int_equal(pass(w, 89 * HOP_S), 0);
    }
    assert_int_equal(pass(w, HOP_S), 1);
    assert_true(closed(w, 1));
    assert_int_equal(counts(w).clients, 0);
    assert_int_equal(counts(w).registered, 0);
    assert_true(hop_rendezvous_deadline(w->mind) == INT64_MAX);
    end_world(w);
}

static void waiting_ends(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 0);
    knock(w, 0, room_a, 0);
    make(w, HOP_MESSAGE_BINDING, NULL, 0, 0);
    for (unsigned i = 0; i < 23; i++) { /* it stays awake all the time */
        assert_int_equal(pass(w, 25 * HOP_S), 0);
        hear_made(w, 0, 0);
    }
    assert_int_equal(pass(w, 25 * HOP_S), 1);
    assert_int_equal(counts(w).parked, 0);
    end_world(w);
}

static void many_expire_at_once(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    for (unsigned i = 0; i < 80; i++)
        arrive(w, i);
    for (unsigned i = 0; i < 8; i++) /* a listener's end starts those who waited for the older */
        enrol(w, i, room_a, i < 4 ? 8 : 1, 0);
    assert_int_equal(pass(w, 3600 * HOP_S), 80);
    assert_int_equal(counts(w).clients, 0);
    end_world(w);
}

static void numbers_are_used_again(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 0);
    enrol(w, 0, room_a, 8, 50000);
    leave(w, 0);
    leave(w, 0); /* twice is nothing */
    arrive(w, 0);
    arrive(w, 1);
    knock(w, 1, room_a, 0);
    assert_null(sent(w, 1, 1)); /* the new client 0 has inherited nothing */
    make(w, HOP_MESSAGE_REFRESH, NULL, 8, 0);
    hear_made(w, 0, 0);
    assert_int_equal(w->said_count, 0);
    enrol(w, 0, room_a, 8, 0);
    assert_start(sent(w, 1, 0), HOP_ROLE_CONTROLLING, 0x80, 0);
    assert_int_equal(sent(w, 1, 0)->rtt_us, 0);
    end_world(w);
}

/* Far more rooms, one after the other, than the tables have places. */
static void rooms_are_given_back(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.client_max = 2, .replay_max = 20000});
    for (unsigned i = 0; i < 600; i++) {
        uint8_t seed[HOP_KEY_SIZE] = {(uint8_t)i, (uint8_t)(i >> 8)};
        arrive(w, 0);
        arrive(w, 1);
        knock(w, 1, seed, 0);
        enrol(w, 0, seed, 1, 0);
        assert_int_equal(count_sent(w, HOP_MESSAGE_START), 2);
        leave(w, i % 2);
        leave(w, (i + 1) % 2);
    }
    end_world(w);
}

/* Many at once, so that several are in one bucket; they go in another order than they came. */
static void rooms_side_by_side(void **unused) {
    enum { ROOMS = 100, STEP = 37 };
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.client_max = ROOMS + 1});
    for (unsigned i = 0; i < ROOMS; i++) {
        uint8_t seed[HOP_KEY_SIZE] = {7, (uint8_t)i};
        arrive(w, i);
        enrol(w, i, seed, 1, 0);
        assert_int_equal(sent(w, i, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
    }
    for (unsigned i = 0; i < ROOMS; i++) {
        unsigned gone = i * STEP % ROOMS, next = (i + 1) * STEP % ROOMS;
        uint8_t gone_seed[HOP_KEY_SIZE] = {7, (uint8_t)gone};
        uint8_t next_seed[HOP_KEY_SIZE] = {7, (uint8_t)next};
        leave(w, gone);
        arrive(w, ROOMS);
        knock(w, ROOMS, gone_seed, 0);
        assert_int_equal(count_sent(w, HOP_MESSAGE_START), 0);
        leave(w, ROOMS);
        if (i + 1 == ROOMS) break;
        arrive(w, ROOMS);
        knock(w, ROOMS, next_seed, 0);
        assert_int_equal(count_sent(w, HOP_MESSAGE_START), 2);
        leave(w, ROOMS);
    }
    end_world(w);
}

/* What only a server says is dropped when a client says it (RFC 8489 section 6.3). */
static void a_server_is_not_told_start(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    hop_message start = {.kind = HOP_MESSAGE_START,
                         .role = HOP_ROLE_CONTROLLED,
                         .peer = {HOP_FAMILY_IPV4, {192, 0, 2, 9}, 4000},
                         .sealed_size = SEALED_MAX,
                         .nonce_count = 1};
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t size = hop_message_encode(&start, hop_secure_crypto(), NULL, bytes);
    assert_true(size > 0);
    arrive(w, 0);
    hear(w, 0, bytes, size, 0);
    assert_int_equal(w->said_count, 0);
    enrol(w, 0, room_a, 1, 0); /* and it goes on */
    assert_int_equal(sent(w, 0, 0)->kind, HOP_MESSAGE_REGISTER_ANSWER);
    end_world(w);
}

static void tell(world *w, unsigned client, const uint8_t *nonce, uint8_t mark) {
    hop_message message = {.kind = HOP_MESSAGE_TELL, .nonce_count = 1, .sealed_size = 70};
    memcpy(message.nonces[0], nonce, HOP_NONCE_SIZE);
    memset(message.sealed, mark, message.sealed_size);
    w->size = hop_message_encode(&message, hop_secure_crypto(), NULL, w->bytes);
    hear_made(w, client, 0);
}

/* To the other side of the START with this nonce, unread, and to nobody else. */
static void assert_told(const world *w, unsigned client, const uint8_t *nonce, uint8_t mark) {
    const hop_message *told = sent(w, client, 0);
    assert_int_equal(w->said_count, 1);
    assert_non_null(told);
    assert_int_equal(told->kind, HOP_MESSAGE_TELL);
    assert_memory_equal(told->nonces[0], nonce, HOP_NONCE_SIZE);
    assert_int_equal(told->sealed_size, 70);
    assert_int_equal(told->sealed[0], mark);
}

static void tells_go_to_the_other_side(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    uint8_t nonces[2][HOP_NONCE_SIZE];
    for (unsigned i = 0; i < 4; i++)
        arrive(w, i);
    enrol(w, 0, room_a, 8, 0);
    enrol(w, 3, room_b, 8, 0);
    for (unsigned i = 0; i < 2; i++) {
        knock(w, 1 + i, room_a, 0);
        memcpy(nonces[i], sent(w, 1 + i, 1)->nonces[0], HOP_NONCE_SIZE);
    }
    for (unsigned i = 0; i < 2; i++) {
        tell(w, 1 + i, nonces[i], 'x');
        assert_told(w, 0, nonces[i], 'x');
        tell(w, 0, nonces[i], 'y');
        assert_told(w, 1 + i, nonces[i], 'y');
        tell(w, 1 + i, nonces[1 - i], 'z'); /* another's attempt */
        assert_int_equal(w->said_count, 0);
        tell(w, 3, nonces[i], 'z');
        assert_int_equal(w->said_count, 0);
    }
    for (unsigned i = 0; i < 2 * HOP_TELLS_MAX; i++)
        tell(w, i % 2, nonces[0], 'x');
    assert_int_equal(w->said_count, 0); /* enough */
    knock(w, 1, room_a, 0);             /* a new attempt of the same connection */
    memcpy(nonces[0], sent(w, 1, 1)->nonces[0], HOP_NONCE_SIZE);
    tell(w, 1, nonces[0], 'n');
    assert_told(w, 0, nonces[0], 'n');
    end_world(w);
}

static void nobody_is_told_of_who_is_gone(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    uint8_t nonces[3][HOP_NONCE_SIZE];
    for (unsigned i = 0; i < 4; i++)
        arrive(w, i);
    enrol(w, 0, room_a, 8, 0);
    for (unsigned i = 0; i < 3; i++) {
        knock(w, 1 + i, room_a, 0);
        memcpy(nonces[i], sent(w, 1 + i, 1)->nonces[0], HOP_NONCE_SIZE);
    }
    leave(w, 2);
    tell(w, 0, nonces[1], 'x');
    assert_int_equal(w->said_count, 0);
    enrol(w, 1, room_b, 1, 0); /* who registers has done with its knock */
    tell(w, 0, nonces[0], 'x');
    assert_int_equal(w->said_count, 0);
    tell(w, 0, nonces[2], 'x');
    assert_told(w, 3, nonces[2], 'x');
    enrol(w, 0, room_a, 8, 0); /* the listener registers anew: the attempt goes on */
    tell(w, 3, nonces[2], 'x');
    assert_told(w, 0, nonces[2], 'x');
    leave(w, 0);
    arrive(w, 0); /* somebody else has its number now */
    tell(w, 3, nonces[2], 'x');
    assert_int_equal(w->said_count, 0);
    leave(w, 3);
    end_world(w);
}

static void refresh_brings_a_description(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive(w, 0);
    arrive(w, 1);
    enrol(w, 0, room_a, 2, 0);
    make(w, HOP_MESSAGE_REFRESH, NULL, 0, 'n');
    hear_made(w, 0, 0);
    knock(w, 1, room_a, 0);
    assert_int_equal(sent(w, 1, 1)->kind, HOP_MESSAGE_START);
    assert_int_equal(sent(w, 1, 1)->sealed[0], 'n');
    end_world(w);
}

static void binding_tells_addresses(void **unused) {
    (void)unused;
    static const struct {
        const char *other;
        const char *local;
        const char *told; /* NULL: nothing */
    } cases[] = {
        {"192.0.2.2:3479", "192.0.2.1:3478", "192.0.2.2:3479"},
        {"192.0.2.2:3479", "192.0.2.2:3479", NULL},
        {"192.0.2.2:3479", "[2001:db8::1]:3478", NULL},
        {"[::]:3479", "[2001:db8::1]:3478", "[2001:db8::1]:3479"},
        {"[::]:3479", "192.0.2.1:3478", "192.0.2.1:3479"},
        {"0.0.0.0:3479", "192.0.2.1:3479", NULL},
        {"[::]:3479", "[::ffff:192.0.2.1]:3478", "192.0.2.1:3479"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hop_rendezvous_config config = {0};
        hop_address told = {0};
        assert_true(hop_address_parse(cases[i].other, strlen(cases[i].other), 0, &config.other));
        if (cases[i].told != NULL)
            assert_true(hop_address_parse(cases[i].told, strlen(cases[i].told), 0, &told));
        world *w = new_world(config);
        arrive_at(w, 0, "[2001:db8::7]:5555", cases[i].local);
        make(w, HOP_MESSAGE_BINDING, NULL, 0, 0);
        hear_made(w, 0, 0);
        const hop_message *answer = sent(w, 0, 0);
        assert_int_equal(answer->kind, HOP_MESSAGE_BINDING_ANSWER);
        assert_memory_equal(answer->transaction, w->bytes + 8, HOP_STUN_TRANSACTION_SIZE);
        assert_int_equal(answer->mapped.family, HOP_FAMILY_IPV6);
        assert_int_equal(answer->mapped.port, 5555);
        assert_true(hop_address_equal(&answer->other, &told));
        end_world(w);
    }
}

static void mapped_ipv4_is_ipv4(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    arrive_at(w, 0, "[::ffff:203.0.113.9]:99", "[::ffff:192.0.2.1]:3478");
    make(w, HOP_MESSAGE_BINDING, NULL, 0, 0);
    hear_made(w, 0, 0);
    assert_int_equal(sent(w, 0, 0)->mapped.family, HOP_FAMILY_IPV4);
    assert_int_equal(sent(w, 0, 0)->mapped.ip[3], 9);
    end_world(w);
}

static void put_header(uint8_t *bytes, uint16_t type, uint16_t length) {
    static const uint8_t rest[] = {0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    bytes[0] = (uint8_t)(type >> 8);
    bytes[1] = (uint8_t)type;
    bytes[2] = (uint8_t)(length >> 8);
    bytes[3] = (uint8_t)length;
    memcpy(bytes + 4, rest, sizeof(rest));
}

static void what_is_not_understood_is_refused(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){0});
    uint8_t bytes[28] = {0};
    arrive(w, 0);
    put_header(bytes, 0x0003, 0); /* a TURN Allocate request */
    hear(w, 0, bytes, 20, 0);
    assert_int_equal(w->said[0].out.kind, HOP_RENDEZVOUS_SEND);
    assert_int_equal(w->said[0].out.bytes[0], 0x01); /* its error response */
    assert_int_equal(w->said[0].out.bytes[1], 0x13);
    assert_memory_equal(w->said[0].out.bytes + 8, bytes + 8, HOP_STUN_TRANSACTION_SIZE);
    assert_int_equal(logged(w, HOP_RENDEZVOUS_LOG_REFUSE)->code, HOP_REFUSAL_MALFORMED);
    assert_false(closed(w, 0));
    put_header(bytes, 0x0013, 0); /* an indication of that method is dropped */
    hear(w, 0, bytes, 20, 0);
    assert_int_equal(w->said_count, 0);
    put_header(bytes, 0x0101, 0); /* an answer that nobody has asked for */
    hear(w, 0, bytes, 20, 0);
    assert_int_equal(count_sent(w, HOP_MESSAGE_REFUSAL), 0);

    arrive(w, 1);
    put_header(bytes, 0x0001, 8); /* Binding with an unknown attribute that must be understood */
    memcpy(bytes + 20, "\x7F\x11\x00\x04wxyz", 8);
    hear(w, 1, bytes, 28, 0);
    assert_refused(w, 1, HOP_REFUSAL_UNKNOWN_ATTRIBUTE);
    memcpy(bytes + 20, "\xFF\x11\x00\x04", 4); /* and one that may be skipped */
    hear(w, 1, bytes, 28, 0);
    assert_int_equal(sent(w, 1, 0)->kind, HOP_MESSAGE_BINDING_ANSWER);
    memcpy(bytes + 20, "\xFF\x11\x00\x09", 4); /* an attribute that is longer than the message */
    hear(w, 1, bytes, 28, 0);
    assert_refused(w, 1, HOP_REFUSAL_MALFORMED);
    assert_true(closed(w, 1));

    arrive(w, 1);
    make(w, HOP_MESSAGE_KNOCK, room_a, 0, 1);
    hear(w, 1, w->bytes, w->size - 4, 0); /* cut short: not even STUN */
    assert_true(closed(w, 1));
    end_world(w);
}

static void strangers_bytes_do_no_harm(void **unused) {
    (void)unused;
    world *w = new_world((hop_rendezvous_config){.client_max = 8, .replay_max = 64});
    hop_random random = hop_random_seeded(20);
    static const hop_message_kind kinds[] = {HOP_MESSAGE_REGISTER, HOP_MESSAGE_KNOCK,
                                             HOP_MESSAGE_REFRESH, HOP_MESSAGE_BINDING};
    bool is_open[8] = {false};
    for (unsigned round = 0; round < 20000; round++) {
        unsigned client = (unsigned)hop_random_between(&random, 0, 7);
        if (!is_open[client]) {
            arrive(w, client);
            is_open[client] = true;
        }
        if (round % 7 == 0 || w->size == 0)
            make(w, kinds[hop_random_between(&random, 0, 3)], round % 2 == 0 ? room_a : room_b,
                 (unsigned)hop_random_between(&random, 1, 8), (uint8_t)round);
        uint8_t bytes[HOP_STUN_SIZE_MAX];
        memcpy(bytes, w->bytes, w->size);
        uint64_t changes = round % 5 == 0 ? 0 : hop_random_between(&random, 1, 4);
        for (uint64_t i = 0; i < changes; i++) {
            uint64_t reach = hop_random_between(&random, 0, 1) == 0 ? 63 : w->size - 1;
            size_t at = (size_t)hop_random_between(&random, 0, reach < w->size ? reach : 0);
            bytes[at] = (uint8_t)hop_random_next(&random);
        }
        hear(w, client, bytes, w->size, (uint32_t)hop_random_next(&random));
        for (unsigned i = 0; i < 8; i++)
            if (closed(w, i)) is_open[i] = false;
        if (hop_random_between(&random, 0, 9) == 0 && is_open[client]) {
            leave(w, client);
            is_open[client] = false;
        }
        w->now_us += (int64_t)hop_random_between(&random, 0, 3 * HOP_S);
        while (hop_rendezvous_deadline(w->mind) <= w->now_us) {
            step(w, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
            for (unsigned i = 0; i < 8; i++)
                if (closed(w, i)) is_open[i] = false;
        }
        unsigned open_count = 0;
        for (unsigned i = 0; i < 8; i++)
            open_count += is_open[i];
        assert_int_equal(counts(w).clients, open_count);
    }
    assert_true(counts(w).starts > 100); /* it was not all nonsense */
    assert_true(counts(w).refusals > 1000);
    end_world(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knock_on_listener_starts_both),
        cmocka_unit_test(delays_follow_the_round_trips),
        cmocka_unit_test(cold_knock_is_parked),
        cmocka_unit_test(nonces_run_out_and_are_refreshed),
        cmocka_unit_test(eight_parked_start_in_one_step),
        cmocka_unit_test(newest_listener_wins_and_falls_back),
        cmocka_unit_test(second_register_replaces),
        cmocka_unit_test(wrong_signature_is_refused_and_forgotten),
        cmocka_unit_test(wrong_clock_is_told_the_time),
        cmocka_unit_test(replays_are_refused),
        cmocka_unit_test(replay_table_is_bounded),
        cmocka_unit_test(one_address_cannot_fill_the_memory),
        cmocka_unit_test(who_is_refused_too_often_is_closed),
        cmocka_unit_test(one_address_has_its_share),
        cmocka_unit_test(parked_knocks_are_bounded),
        cmocka_unit_test(numbers_beyond_the_last_are_closed),
        cmocka_unit_test(silence_ends),
        cmocka_unit_test(waiting_ends),
        cmocka_unit_test(many_expire_at_once),
        cmocka_unit_test(numbers_are_used_again),
        cmocka_unit_test(rooms_are_given_back),
        cmocka_unit_test(rooms_side_by_side),
        cmocka_unit_test(a_server_is_not_told_start),
        cmocka_unit_test(tells_go_to_the_other_side),
        cmocka_unit_test(nobody_is_told_of_who_is_gone),
        cmocka_unit_test(refresh_brings_a_description),
        cmocka_unit_test(binding_tells_addresses),
        cmocka_unit_test(mapped_ipv4_is_ipv4),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(strangers_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
