/* SPDX-License-Identifier: MIT */
/*
 * Relays that run in the world's server: three simulated kernels, the server's tables of relays,
 * and bytes. What cli/serve_relay.c promises has to hold here, too.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "network.h"
#include "relays.h"

#define EPOCH_US  (7 * HOP_S)
#define PORT      3478
#define MUCH      ((size_t)1024 * 1024)
#define RELAYS    2
#define NOT_OVER  (-1)
#define ALL_SIDES (2 * RELAYS)

typedef struct stage {
    spec plan;
    schedule schedule;
    network *network;
    kernel *kernels[NETWORK_HOSTS];
    hop_relays mind;
    relays relays;
    uint32_t ids[RELAYS];
    int ends[ALL_SIDES]; /* the hosts' sockets: of the first relay alice's and bob's, ... */
    int served[ALL_SIDES];
    int over[RELAYS]; /* broken or not */
    size_t heard[ALL_SIDES];
} stage;

static void on_deliver(void *context, unsigned host, const packet *parcel) {
    stage *set = context;
    if (set->kernels[host] != NULL) kernel_receive_packet(set->kernels[host], parcel);
}

static void on_send_alice(void *context, const packet *sent) {
    network_send(((stage *)context)->network, 0, sent);
}

static void on_send_bob(void *context, const packet *sent) {
    network_send(((stage *)context)->network, 1, sent);
}

static void on_send_server(void *context, const packet *sent) {
    network_send(((stage *)context)->network, NETWORK_SERVER, sent);
}

static void on_ready(void *context, int socket, unsigned what) {
    (void)context, (void)socket, (void)what;
}

static void on_over(void *context, uint32_t relay, bool broken) {
    stage *set = context;
    for (unsigned i = 0; i < RELAYS; i++)
        if (set->ids[i] == relay) set->over[i] = broken;
}

static void run(stage *set, int64_t for_us) {
    int64_t until_us = set->schedule.now_us + for_us;
    while (schedule_step(&set->schedule, until_us))
        relays_ready(&set->relays);
    set->schedule.now_us = until_us;
}

static void connect_all(stage *set) {
    hop_address local = {.family = HOP_FAMILY_IPV4, .port = PORT};
    hop_address at = network_server(set->network, 0, false), from, to;
    int listener = kernel_listen(set->kernels[NETWORK_SERVER], &local, ALL_SIDES);
    at.port = PORT;
    for (unsigned i = 0; i < ALL_SIDES; i++) {
        local = network_source(set->network, i % 2, &at);
        local.port = (uint16_t)(40000 + i);
        set->ends[i] = kernel_connect(set->kernels[i % 2], &local, &at, 0);
        run(set, 100 * HOP_MS);
        set->served[i] = kernel_accept(set->kernels[NETWORK_SERVER], listener, &from, &to);
        assert_true(set->served[i] >= 0);
    }
}

static void relay_all(stage *set, uint64_t rate) {
    static const uint8_t room[HOP_KEY_SIZE] = {'r'};
    hop_relay_config config = {.on = true, .max = RELAYS_MAX, .pass_max = RELAYS, .rate = rate};
    set->mind.config = hop_relay_config_full(&config);
    set->mind.passes = calloc(RELAYS, sizeof *set->mind.passes);
    set->mind.pool = calloc(RELAYS_MAX, sizeof *set->mind.pool);
    relays_begin(&set->relays, &set->mind);
    for (unsigned i = 0; i < RELAYS; i++) {
        uint8_t nonce[HOP_NONCE_SIZE] = {(uint8_t)i};
        int64_t now_us = set->schedule.now_us + EPOCH_US;
        hop_relay_allow(&set->mind, room, nonce, now_us);
        uint32_t pass = hop_relay_find(&set->mind, room, nonce, now_us);
        assert_true(hop_relay_take(&set->mind, pass, 0, 2 * i + 1));
        assert_true(hop_relay_take(&set->mind, pass, 1, 2 * i + 2));
        set->ids[i] = hop_relay_begin(&set->mind, pass, now_us);
        set->over[i] = NOT_OVER;
        relays_start(&set->relays, set->ids[i], set->served[2 * i], set->served[2 * i + 1]);
    }
}

static stage *begin(uint64_t rate) {
    static void (*const sends[])(void *, const packet *) = {on_send_alice, on_send_bob,
                                                            on_send_server};
    static const unsigned hosts[] = {0, 1, NETWORK_SERVER};
    char wrong[SPEC_WRONG_SIZE];
    stage *set = calloc(1, sizeof *set);
    assert_non_null(set);
    assert_true(spec_read("site a: public\nsite b: public\nalice at a: listens\n"
                          "bob at b: connects\n",
                          &set->plan, wrong));
    network_config around = {
        .spec = &set->plan, .schedule = &set->schedule, .context = set, .deliver = on_deliver};
    set->network = network_new(&around);
    for (unsigned i = 0; i < 3; i++) {
        kernel_config body = {
            .schedule = &set->schedule, .context = set, .send = sends[i], .ready = on_ready};
        set->kernels[hosts[i]] = kernel_new(&body);
    }
    set->relays.schedule = &set->schedule;
    set->relays.kernel = set->kernels[NETWORK_SERVER];
    set->relays.epoch_us = EPOCH_US;
    set->relays.context = set;
    set->relays.over = on_over;
    connect_all(set);
    relay_all(set, rate);
    return set;
}

static void end(stage *set) {
    for (unsigned i = 0; i < NETWORK_HOSTS; i++)
        kernel_free(set->kernels[i]);
    network_free(set->network);
    schedule_clear(&set->schedule);
    free(set->mind.passes);
    free(set->mind.pool);
    free(set);
}

static void shut(stage *set, unsigned side) {
    kernel_shut(set->kernels[side % 2], set->ends[side]);
}

/* What the place of a byte in the stream says that it is. */
static uint8_t byte_at(unsigned side, size_t place) {
    return (uint8_t)(place * 31 + place / 251 + side);
}

/* As much as the kernel takes, of so many; how much that was. */
static size_t say(stage *set, unsigned side, size_t from, size_t to) {
    uint8_t bytes[1024];
    while (from < to) {
        size_t size = to - from < sizeof bytes ? to - from : sizeof bytes;
        for (size_t i = 0; i < size; i++)
            bytes[i] = byte_at(side, from + i);
        int done = kernel_write(set->kernels[side % 2], set->ends[side], bytes, size);
        if (done <= 0) break;
        from += (size_t)done;
    }
    return from;
}

/* All that is there of what the other side has said; the last result: 0 or an errno. */
static int hear(stage *set, unsigned side) {
    uint8_t bytes[1024];
    int got;
    while ((got = kernel_receive(set->kernels[side % 2], set->ends[side], bytes, sizeof bytes)) > 0)
        for (int i = 0; i < got; i++)
            assert_int_equal(bytes[i], byte_at(side ^ 1u, set->heard[side]++));
    return got;
}

static void test_half_closes_go_through(void **state) {
    (void)state;
    stage *set = begin(0);
    assert_int_equal(say(set, 0, 0, 5), 5);
    shut(set, 0);
    run(set, HOP_S);
    assert_int_equal(hear(set, 1), 0);
    assert_int_equal(set->heard[1], 5);
    assert_int_equal(hear(set, 0), -EAGAIN); /* the other way is open */
    assert_int_equal(set->over[0], NOT_OVER);
    assert_int_equal(say(set, 1, 0, 30000), 30000);
    shut(set, 1);
    run(set, HOP_S);
    assert_int_equal(hear(set, 0), 0);
    assert_int_equal(set->heard[0], 30000);
    assert_int_equal(set->over[0], false);
    assert_int_equal(set->over[1], NOT_OVER);
    const hop_relay *relay = hop_relay_of(&set->mind, set->ids[0]);
    assert_int_equal(relay->bytes[0], 5);
    assert_int_equal(relay->bytes[1], 30000);
    assert_true(relays_stop(&set->relays, set->ids[0])); /* all was said */
    end(set);
}

static void test_a_reset_is_an_end_for_both(void **state) {
    (void)state;
    stage *set = begin(0);
    kernel_abort(set->kernels[0], set->ends[0]);
    run(set, HOP_S);
    assert_int_equal(set->over[0], true);
    assert_false(relays_stop(&set->relays, set->ids[0]));
    assert_int_equal(set->over[1], NOT_OVER);
    end(set);
}

static void test_cut(void **state) {
    (void)state;
    stage *set = begin(0);
    relays_cut(&set->relays);
    run(set, HOP_S);
    for (unsigned side = 0; side < ALL_SIDES; side++)
        assert_int_equal(hear(set, side), -ECONNRESET);
    end(set);
}

/* bob reads nothing: alice is held up soon, the other relay and his own words are not; and nothing
 * is lost. */
static void test_who_does_not_read_holds_up_his_own(void **state) {
    (void)state;
    stage *set = begin(0);
    size_t said = 0, before;
    do {
        before = said;
        said = say(set, 0, said, MUCH);
        run(set, HOP_S);
    } while (said > before);
    assert_true(said < MUCH);
    assert_int_equal(say(set, 1, 0, 1000), 1000);
    assert_int_equal(say(set, 2, 0, 1000), 1000);
    run(set, HOP_S);
    hear(set, 0);
    hear(set, 3);
    assert_int_equal(set->heard[0], 1000);
    assert_int_equal(set->heard[3], 1000);
    for (int i = 0; i < 600 && set->heard[1] < MUCH; i++) {
        hear(set, 1);
        said = say(set, 0, said, MUCH);
        run(set, HOP_S);
    }
    assert_int_equal(set->heard[1], MUCH);
    end(set);
}

/* Two that want more than there is get the same. */
static void test_a_bound_is_shared(void **state) {
    (void)state;
    stage *set = begin(100000);
    size_t said[2] = {0};
    int64_t began_us = set->schedule.now_us;
    while (set->schedule.now_us < began_us + 10 * HOP_S) {
        for (unsigned i = 0; i < 2; i++) {
            said[i] = say(set, 2 * i, said[i], MUCH);
            hear(set, 2 * i + 1);
        }
        run(set, 10 * HOP_MS);
    }
    size_t sum = set->heard[1] + set->heard[3];
    assert_in_range(sum, 900000, 1050000);
    assert_in_range(set->heard[1], sum / 2 - 20000, sum / 2 + 20000);
    end(set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_closes_go_through),
        cmocka_unit_test(test_a_reset_is_an_end_for_both),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_who_does_not_read_holds_up_his_own),
        cmocka_unit_test(test_a_bound_is_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
