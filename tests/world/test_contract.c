/* SPDX-License-Identifier: MIT */
/* The watchers see what they are there for: each breach of the core's contract is told, and so is
 * a byte too many in a connection that is handed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "contract.h"
#include "holder.h"
#include "kernel_rig.h"

#define NOW_US (1000 * HOP_S)

static contract *begin(hop_core_mode mode) {
    contract *made = malloc(sizeof *made);
    hop_core_config config = {.mode = mode, .timeout_us = 15 * HOP_S};
    assert_non_null(made);
    contract_begin(made, &config);
    return made;
}

static void step(contract *self, int64_t now_us, hop_input_kind kind, int link,
                 const hop_output *outputs, unsigned count) {
    hop_input input = {.kind = kind, .link = link};
    contract_step(self, now_us, now_us + 1, &input, outputs, count);
}

static void says(contract *self, const char *what) {
    if (what == NULL)
        assert_null(self->broken);
    else
        assert_string_equal(self->broken, what);
    free(self);
}

static const hop_output dial = {.kind = HOP_OUT_CONNECT, .link = 3, .address = {1, {198}, 4000}};

static contract *connected(void) {
    contract *self = begin(HOP_CORE_CONNECT);
    step(self, NOW_US, HOP_IN_GO, -1, &dial, 1);
    step(self, NOW_US + 1, HOP_IN_CONNECTED, 3, NULL, 0);
    return self;
}

static void test_what_is_right_is_not_told(void **state) {
    (void)state;
    const hop_output outputs[] = {{.kind = HOP_OUT_WANT, .link = 3, .size = 56},
                                  {.kind = HOP_OUT_SEND, .link = 3},
                                  {.kind = HOP_OUT_CLOSE, .link = 3}};
    contract *self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, outputs, 3);
    says(self, NULL);
}

static void test_links(void **state) {
    (void)state;
    const hop_output want[] = {{.kind = HOP_OUT_WANT, .link = 3, .size = 56},
                               {.kind = HOP_OUT_WANT, .link = 3, .size = 56}};
    const hop_output stray = {.kind = HOP_OUT_SEND, .link = 4};
    const hop_output abandon = {.kind = HOP_OUT_ABANDON, .link = 3};
    const hop_output early = {.kind = HOP_OUT_SEND, .link = 3};
    contract *self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, want, 2);
    says(self, "it wants two things at a time");
    self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, &stray, 1);
    says(self, "an output about a link that it does not hold");
    self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, &dial, 1);
    says(self, "a link's number is given out twice");
    self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, &abandon, 1);
    says(self, "it gives up on a link that is connected");
    self = begin(HOP_CORE_CONNECT);
    step(self, NOW_US, HOP_IN_GO, -1, &dial, 1);
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, &early, 1);
    says(self, "it sends on a link that is not connected");
}

static void test_verdicts(void **state) {
    (void)state;
    const hop_output adopt = {.kind = HOP_OUT_ADOPT, .link = 5};
    const hop_output note = {.kind = HOP_OUT_NOTE};
    contract *self = begin(HOP_CORE_LISTEN);
    step(self, NOW_US, HOP_IN_ACCEPTED, -1, &adopt, 1);
    says(self, NULL);
    self = begin(HOP_CORE_LISTEN);
    step(self, NOW_US, HOP_IN_ACCEPTED, -1, &note, 1);
    says(self, "a verdict where nobody came in, or none where somebody did");
}

static void test_the_end(void **state) {
    (void)state;
    const hop_output failed[] = {{.kind = HOP_OUT_CLOSE, .link = 3},
                                 {.kind = HOP_OUT_FAILED, .attempt = 1, .error = HOP_E_NO_PATH}};
    const hop_output note = {.kind = HOP_OUT_NOTE};
    const hop_output established[] = {{.kind = HOP_OUT_WANT, .link = 3, .size = 56},
                                      {.kind = HOP_OUT_ESTABLISHED, .attempt = 1, .link = 3}};
    contract *self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, &failed[1], 1);
    says(self, "a link is left at the end");
    self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, failed, 2);
    step(self, NOW_US + 3, HOP_IN_TIMER, -1, &note, 1);
    says(self, "an output after the end");
    self = connected();
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, established, 2);
    says(self, "established while it wants bytes that are the user's");
}

/* A listener goes on after an attempt, so its links do not end with it by themselves. */
static void test_leavings(void **state) {
    (void)state;
    const hop_output begin_one[] = {{.kind = HOP_OUT_PEER, .attempt = 1},
                                    {.kind = HOP_OUT_PEER, .attempt = 2},
                                    {.kind = HOP_OUT_CONNECT, .link = 3, .address = dial.address}};
    const hop_output mine = {.kind = HOP_OUT_NOTE,
                             .note = {HOP_NOTE_CONNECTED, .attempt = 1, .link = 3}};
    const hop_output ends[] = {{.kind = HOP_OUT_FAILED, .attempt = 1, .error = HOP_E_NO_PATH},
                               {.kind = HOP_OUT_CLOSE, .link = 3}};
    const hop_output other_ends = {.kind = HOP_OUT_FAILED, .attempt = 2, .error = HOP_E_NO_PATH};
    for (unsigned closes = 0; closes < 2; closes++) {
        contract *self = begin(HOP_CORE_LISTEN);
        step(self, NOW_US, HOP_IN_RECEIVED, 0, begin_one, 3);
        step(self, NOW_US + 1, HOP_IN_CONNECTED, 3, &mine, 1);
        step(self, NOW_US + 2, HOP_IN_TIMER, -1, &other_ends, 1);
        assert_null(self->broken);
        step(self, NOW_US + 3, HOP_IN_TIMER, -1, ends, 1 + closes);
        says(self, closes == 1 ? NULL : "an attempt is over, and a link of its is left");
    }
    /* Nobody told whose dial it is, but no attempt runs any more. */
    contract *self = begin(HOP_CORE_LISTEN);
    step(self, NOW_US, HOP_IN_RECEIVED, 0, begin_one, 3);
    step(self, NOW_US + 2, HOP_IN_TIMER, -1, &other_ends, 1);
    assert_null(self->broken);
    step(self, NOW_US + 3, HOP_IN_TIMER, -1, ends, 1);
    says(self, "an attempt is over, and a link of its is left");
}

static void test_deadlines(void **state) {
    (void)state;
    const hop_output peer = {.kind = HOP_OUT_PEER, .attempt = 1};
    contract *self = connected();
    step(self, NOW_US + 15 * HOP_S - 1, HOP_IN_TIMER, -1, NULL, 0);
    assert_null(self->broken);
    step(self, NOW_US + 15 * HOP_S, HOP_IN_TIMER, -1, NULL, 0);
    says(self, "the endpoint outlives its deadline");
    self = begin(HOP_CORE_LISTEN);
    step(self, NOW_US, HOP_IN_RECEIVED, 0, &peer, 1);
    assert_int_equal(contract_running(self), 1);
    contract_end(self, NOW_US + 15 * HOP_S);
    says(self, "an attempt outlives its deadline");
    self = begin(HOP_CORE_LISTEN);
    hop_input input = {.kind = HOP_IN_TIMER, .link = -1};
    contract_step(self, NOW_US, NOW_US, &input, NULL, 0);
    says(self, "something due is not done");
}

static void test_dials_have_a_limit(void **state) {
    (void)state;
    const hop_output pair[] = {dial, {.kind = HOP_OUT_CLOSE, .link = 3}};
    contract *self = begin(HOP_CORE_CONNECT);
    unsigned most = CONTRACT_DIALS_PER_SECOND;
    for (unsigned i = 0; i < most; i++)
        step(self, NOW_US + i, HOP_IN_TIMER, -1, pair, 2);
    assert_null(self->broken);
    assert_int_equal(self->most_per_second, most);
    step(self, NOW_US + most, HOP_IN_TIMER, -1, pair, 2);
    says(self, "it dials faster than it may");
}

/* The birthday may do more, and only as long as it lasts. */
static void test_a_birthday_has_another_limit(void **state) {
    (void)state;
    const hop_output peer = {.kind = HOP_OUT_PEER, .attempt = 1};
    const hop_output shots = {
        .kind = HOP_OUT_NOTE,
        .note = {.kind = HOP_NOTE_SHOTS, .attempt = 1, .number = HOP_STRATEGY_BIRTHDAY}};
    contract *self = begin(HOP_CORE_LISTEN);
    step(self, NOW_US, HOP_IN_RECEIVED, 0, &peer, 1);
    step(self, NOW_US, HOP_IN_TIMER, -1, &shots, 1);
    hop_output shot = dial;
    for (int i = 0; i < CONTRACT_BIRTHDAY_PER_SECOND; i++) {
        shot.link = i;
        step(self, NOW_US + i, HOP_IN_TIMER, -1, &shot, 1);
    }
    assert_null(self->broken);
    const hop_output swept = {.kind = HOP_OUT_SEND, .link = HOP_LINKS_PLAIN};
    const hop_output outputs[] = {{.kind = HOP_OUT_SWEEP}, swept};
    step(self, NOW_US + HOP_S, HOP_IN_TIMER, -1, outputs, 2);
    says(self, "an output about a link that it does not hold");
}

static void test_sockets_have_a_limit(void **state) {
    (void)state;
    hop_output shot = dial;
    contract *self = begin(HOP_CORE_CONNECT);
    for (int i = 0; i < CONTRACT_LINKS_MAX; i++) {
        shot.link = i;
        step(self, NOW_US + i * HOP_S / 10, HOP_IN_TIMER, -1, &shot, 1);
    }
    assert_null(self->broken);
    shot.link = CONTRACT_LINKS_MAX;
    step(self, NOW_US + 10 * HOP_S, HOP_IN_TIMER, -1, &shot, 1);
    says(self, "it holds more sockets than it may");
}

/* Two users on a connection of simulated kernels. */
typedef struct users {
    holder ends[2];
    int sockets[2];
    rig rig;
} users;

static void meet(users *both) {
    memset(both, 0, sizeof *both);
    rig_open(&both->rig, 25 * MS, true);
    for (int i = 0; i < 2; i++)
        both->sockets[i] = rig_connect(&both->rig, i);
    rig_run(&both->rig, 200 * MS);
}

static holder_state hear(users *both, int side) {
    rig_run(&both->rig, both->rig.schedule.now_us + 200 * MS);
    holder_ready(&both->ends[side]);
    return both->ends[side].state;
}

static void take(users *both, int side, bool controlling, const uint8_t *psk) {
    holder_take(&both->ends[side], both->rig.kernels[side], both->sockets[side],
                40 + (unsigned)side, controlling, psk);
}

static void test_users(void **state) {
    (void)state;
    static users both;
    const uint8_t psk[HOP_KEY_SIZE] = {1, 2, 3};
    const uint8_t other_psk[HOP_KEY_SIZE] = {1, 2, 4};
    meet(&both);
    take(&both, 0, true, psk);
    take(&both, 1, false, psk);
    assert_int_equal(hear(&both, 0), HOLDER_WHOLE);
    assert_int_equal(hear(&both, 1), HOLDER_WHOLE);
    assert_int_equal(holder_other(&both.ends[0]), 41);
    rig_close(&both.rig);

    meet(&both); /* something of the handshake is left in it */
    kernel_write(both.rig.kernels[1], both.sockets[1], (const uint8_t *)"HOPC", 4);
    take(&both, 0, true, psk);
    take(&both, 1, false, psk);
    assert_int_equal(hear(&both, 0), HOLDER_WRONG);
    rig_close(&both.rig);

    meet(&both); /* too much behind it */
    take(&both, 0, true, psk);
    take(&both, 1, false, psk);
    kernel_write(both.rig.kernels[1], both.sockets[1], (const uint8_t *)"x", 1);
    assert_int_equal(hear(&both, 0), HOLDER_WRONG);
    rig_close(&both.rig);

    meet(&both); /* the keys differ */
    take(&both, 0, true, psk);
    take(&both, 1, false, other_psk);
    assert_int_equal(hear(&both, 0), HOLDER_WRONG);
    rig_close(&both.rig);

    meet(&both); /* both think that they control */
    take(&both, 0, true, psk);
    take(&both, 1, true, psk);
    assert_int_equal(hear(&both, 0), HOLDER_WRONG);
    rig_close(&both.rig);

    meet(&both);
    take(&both, 0, true, psk);
    kernel_abort(both.rig.kernels[1], both.sockets[1]);
    assert_int_equal(hear(&both, 0), HOLDER_ENDED);
    rig_close(&both.rig);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_right_is_not_told),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_leavings),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_dials_have_a_limit),
        cmocka_unit_test(test_a_birthday_has_another_limit),
        cmocka_unit_test(test_sockets_have_a_limit),
        cmocka_unit_test(test_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
