/* SPDX-License-Identifier: MIT */
/* What is made of how servers see us. */
#include "core_rig.h"

#include "core/behaviour.h"

#define HOST "192.168.1.10:40000"

/* What servers say, in the order of the dials, all at once. */
typedef struct seen {
    const char *server;
    const char *mapped;
} seen;

static hop_behaviour after(const seen *all, unsigned count, int64_t apart_us) {
    hop_behaviour behaviour = {.count = 0};
    const hop_candidate host = rig_candidate(HOP_CANDIDATE_HOST, HOST, 24);
    for (unsigned i = 0; i < count; i++) {
        hop_sample sample = {.server = rig_address(all[i].server),
                             .mapped = rig_address(all[i].mapped),
                             .local_port = 40000,
                             .dialled_us = i * apart_us,
                             .order = i + 1};
        hop_behaviour_add(&behaviour, &sample, &host, 1);
    }
    return behaviour;
}

#define JUDGED(apart_us, ...)                                                                      \
    after((const seen[]){__VA_ARGS__},                                                             \
          (unsigned)(sizeof((const seen[]){__VA_ARGS__}) / sizeof(seen)), apart_us)                \
        .nat

#define ONE      "198.51.100.1:3478"
#define ONE_NEXT "198.51.100.1:3479"
#define TWO      "198.51.100.2:3478"

static void test_one_sample_tells_little(void **state) {
    (void)state;
    hop_nat nat = JUDGED(0, {ONE, "203.0.113.1:50000"});
    assert_int_equal(nat.mapping, HOP_NAT_UNKNOWN);
    assert_false(nat.preserving);
    nat = JUDGED(0, {ONE, "203.0.113.1:40000"});
    assert_int_equal(nat.mapping, HOP_NAT_UNKNOWN);
    assert_true(nat.preserving);
    assert_int_equal(JUDGED(0, {ONE, HOST}).mapping, HOP_NAT_NONE);
    assert_int_equal(JUDGED(0, {ONE, "[2001:db8::1]:40000"}).mapping, HOP_NAT_UNKNOWN);
}

static void test_each_kind(void **state) {
    (void)state;
    hop_nat nat = JUDGED(0, {ONE, "203.0.113.1:50000"}, {ONE_NEXT, "203.0.113.1:50000"});
    assert_int_equal(nat.mapping, HOP_NAT_INDEPENDENT);
    assert_false(nat.preserving);
    nat = JUDGED(0, {ONE, "203.0.113.1:40000"}, {ONE_NEXT, "203.0.113.1:40000"});
    assert_int_equal(nat.mapping, HOP_NAT_INDEPENDENT);
    assert_true(nat.preserving);
    nat = JUDGED(0, {ONE, "203.0.113.1:50000"}, {ONE_NEXT, "203.0.113.1:50002"});
    assert_int_equal(nat.mapping, HOP_NAT_SEQUENTIAL);
    assert_int_equal(nat.delta, 2);
    assert_int_equal(nat.port_low, 50000);
    assert_int_equal(nat.port_high, 50002);
    nat = JUDGED(0, {ONE, "203.0.113.1:50000"}, {ONE_NEXT, "203.0.113.1:49999"});
    assert_int_equal(nat.delta, -1);
    nat = JUDGED(0, {ONE, "203.0.113.1:50000"}, {ONE_NEXT, "203.0.113.1:50017"});
    assert_int_equal(nat.mapping, HOP_NAT_RANDOM);
    assert_int_equal(nat.delta, 0);
    nat = JUDGED(0, {ONE, "203.0.113.1:50000"}, {ONE_NEXT, "203.0.113.1:50000"},
                 {TWO, "203.0.113.1:31000"});
    assert_int_equal(nat.mapping, HOP_NAT_DEPENDENT);
}

/* Somebody else's mapping between two of ours makes one step look like two. */
static void test_the_smallest_step_counts(void **state) {
    (void)state;
    hop_nat nat = JUDGED(0, {ONE, "203.0.113.1:50000"}, {ONE_NEXT, "203.0.113.1:50003"},
                         {TWO, "203.0.113.1:50004"});
    assert_int_equal(nat.mapping, HOP_NAT_SEQUENTIAL);
    assert_int_equal(nat.delta, 1);
}

static void test_old_samples_tell_no_step(void **state) {
    (void)state;
    hop_nat nat = JUDGED(HOP_S, {ONE, "203.0.113.1:50000"}, {ONE_NEXT, "203.0.113.1:50002"});
    assert_int_equal(nat.mapping, HOP_NAT_RANDOM);
}

/* A server that is asked again has its newest answer counted only. */
static void test_the_newest_answer_counts(void **state) {
    (void)state;
    hop_nat nat = JUDGED(0, {ONE, "203.0.113.1:1111"}, {ONE, "203.0.113.1:50000"},
                         {ONE_NEXT, "203.0.113.1:50000"});
    assert_int_equal(nat.mapping, HOP_NAT_INDEPENDENT);
    seen many[3 * HOP_SAMPLES_MAX];
    char servers[3 * HOP_SAMPLES_MAX][32] = {{0}};
    for (unsigned i = 0; i < 3 * HOP_SAMPLES_MAX; i++) {
        memcpy(servers[i], "198.51.100.1:3400", 18);
        servers[i][15] = (char)('0' + i / 10);
        servers[i][16] = (char)('0' + i % 10);
        many[i] = (seen){servers[i], i == 0 ? "203.0.113.1:1111" : "203.0.113.1:50000"};
    }
    hop_behaviour behaviour = after(many, 3 * HOP_SAMPLES_MAX, 0);
    assert_int_equal(behaviour.count, HOP_SAMPLES_MAX);
    assert_int_equal(behaviour.nat.mapping, HOP_NAT_INDEPENDENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_sample_tells_little),
        cmocka_unit_test(test_each_kind),
        cmocka_unit_test(test_the_smallest_step_counts),
        cmocka_unit_test(test_old_samples_tell_no_step),
        cmocka_unit_test(test_the_newest_answer_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
