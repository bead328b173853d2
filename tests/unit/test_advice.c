/* SPDX-License-Identifier: MIT */
/* The one advice after a failure: each row of the table, and the facts that it rests on. */
#include "lib/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/advice.h"
#include "wire/message.h"

#define MET       (HOP_FACT_ATTEMPT)
#define DIALLED   (HOP_FACT_ATTEMPT | HOP_FACT_DIALLED)
#define REFUSED   (DIALLED | HOP_FACT_REFUSED)
#define OWN_RAND  (REFUSED | HOP_FACT_OWN_RANDOM)
#define OWN_SEQ   (REFUSED | HOP_FACT_OWN_SEQUENTIAL)
#define PEER_RAND HOP_FACT_PEER_RANDOM
#define PEER_SEQ  HOP_FACT_PEER_SEQUENTIAL
#define ONE       HOP_FACT_ONE_INTERFACE

typedef struct expected {
    int error;
    unsigned facts;
    hop_advice advice;
} expected;

static const expected table[] = {
    {HOP_E_SERVER, HOP_FACT_REFUSED, HOP_ADVICE_SERVER_REFUSES},
    {HOP_E_SERVER, HOP_FACT_SILENT, HOP_ADVICE_SERVER_SILENT},
    {HOP_E_SERVER, HOP_FACT_UNREACHABLE, HOP_ADVICE_SERVER_SILENT},
    {HOP_E_SERVER, HOP_FACT_HUNG_UP, HOP_ADVICE_SERVER_HANGS_UP},
    {HOP_E_SERVER, HOP_FACT_NO_ROUTE, HOP_ADVICE_OFFLINE},
    {HOP_E_SERVER, HOP_FACT_NO_ROUTE | ONE, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_SERVER, HOP_FACT_SILENT | ONE, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_SERVER, HOP_FACT_UNREACHABLE | ONE, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_SERVER, HOP_FACT_REFUSED | ONE, HOP_ADVICE_SERVER_REFUSES},
    {HOP_E_SERVER, HOP_FACT_FORBIDDEN, HOP_ADVICE_LOCAL_FIREWALL},
    {HOP_E_SERVER, HOP_FACT_LOCAL, HOP_ADVICE_LOCAL_LIMIT},
    {HOP_E_SERVER, 0, HOP_ADVICE_NONE},
    {HOP_E_REFUSED, HOP_FACT_BUSY, HOP_ADVICE_SERVER_FULL},
    {HOP_E_REFUSED, HOP_FACT_VERSION, HOP_ADVICE_SERVER_VERSION},
    {HOP_E_REFUSED, 0, HOP_ADVICE_NONE},
    {HOP_E_CLOCK, 0, HOP_ADVICE_NONE},
    {HOP_E_NOBODY, 0, HOP_ADVICE_NONE},
    {HOP_E_IMPOSTOR, 0, HOP_ADVICE_WRONG_DESCRIPTION},
    {HOP_E_IMPOSTOR, DIALLED | HOP_FACT_CONNECTED, HOP_ADVICE_NONE},
    {HOP_E_BROKEN, DIALLED | HOP_FACT_PROVED | HOP_FACT_HUNG_UP, HOP_ADVICE_PEER_LEFT},
    {HOP_E_BROKEN, DIALLED | HOP_FACT_PROVED, HOP_ADVICE_NONE},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_PROVED | HOP_FACT_HUNG_UP, HOP_ADVICE_PEER_LEFT},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_PROVED | HOP_FACT_OWN_RANDOM, HOP_ADVICE_NONE},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_CONNECTED, HOP_ADVICE_ANSWERED_BY_ANOTHER},
    {HOP_E_NO_PATH, MET | HOP_FACT_OTHER_FAMILY, HOP_ADVICE_NO_COMMON_FAMILY},
    {HOP_E_NO_PATH, MET | HOP_FACT_PRIVATE, HOP_ADVICE_ONLY_PRIVATE},
    {HOP_E_NO_PATH, MET, HOP_ADVICE_NO_ADDRESS},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_FORBIDDEN, HOP_ADVICE_LOCAL_FIREWALL},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_LOCAL, HOP_ADVICE_LOCAL_LIMIT},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_NO_ROUTE, HOP_ADVICE_OFFLINE},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_NO_ROUTE | ONE, HOP_ADVICE_WRONG_INTERFACE},
    {HOP_E_NO_PATH, REFUSED | HOP_FACT_NO_ROUTE | ONE, HOP_ADVICE_ALL_REFUSED},
    {HOP_E_NO_PATH, REFUSED | HOP_FACT_NO_ROUTE, HOP_ADVICE_ALL_REFUSED},
    {HOP_E_NO_PATH, REFUSED | HOP_FACT_SAME_NAT, HOP_ADVICE_NO_HAIRPIN},
    {HOP_E_NO_PATH, OWN_RAND | PEER_RAND | HOP_FACT_SAME_NAT, HOP_ADVICE_NO_HAIRPIN},
    {HOP_E_NO_PATH, OWN_RAND | PEER_RAND, HOP_ADVICE_BOTH_RANDOM},
    {HOP_E_NO_PATH, OWN_RAND | PEER_SEQ, HOP_ADVICE_RANDOM_SEQUENTIAL},
    {HOP_E_NO_PATH, OWN_SEQ | PEER_RAND, HOP_ADVICE_RANDOM_SEQUENTIAL},
    {HOP_E_NO_PATH, OWN_RAND, HOP_ADVICE_ONE_RANDOM},
    {HOP_E_NO_PATH, REFUSED | PEER_RAND, HOP_ADVICE_ONE_RANDOM},
    {HOP_E_NO_PATH, OWN_SEQ, HOP_ADVICE_SEQUENTIAL},
    {HOP_E_NO_PATH, OWN_SEQ | PEER_SEQ, HOP_ADVICE_SEQUENTIAL},
    {HOP_E_NO_PATH, REFUSED | PEER_SEQ, HOP_ADVICE_SEQUENTIAL},
    {HOP_E_NO_PATH, REFUSED | HOP_FACT_DOUBLE_NAT, HOP_ADVICE_DOUBLE_NAT},
    {HOP_E_NO_PATH, REFUSED, HOP_ADVICE_ALL_REFUSED},
    {HOP_E_NO_PATH, REFUSED | HOP_FACT_UNREACHABLE, HOP_ADVICE_ALL_REFUSED},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_UNREACHABLE, HOP_ADVICE_UNREACHABLE},
    {HOP_E_NO_PATH, DIALLED | HOP_FACT_SILENT, HOP_ADVICE_ALL_SILENT},
    {HOP_E_NO_PATH, REFUSED | HOP_FACT_SILENT, HOP_ADVICE_NONE},
    {HOP_E_CANCELLED, REFUSED | PEER_RAND, HOP_ADVICE_NONE},
};

static void each_row(void **state) {
    (void)state;
    bool chosen[HOP_ADVICE_PEER_LEFT + 1] = {false};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        hop_advice got = hop_advice_choose(table[i].error, table[i].facts);
        if (got != table[i].advice)
            fail_msg("row %zu, %s with facts %x: %s", i, hop_error_name(table[i].error),
                     table[i].facts, hop_advice_name(got, table[i].error));
        chosen[got] = true;
    }
    for (size_t i = 0; i < sizeof chosen; i++)
        if (!chosen[i]) fail_msg("nothing leads to %s", hop_advice_name((hop_advice)i, 0));
}

static void names_and_texts(void **state) {
    (void)state;
    for (int i = 1; i <= HOP_ADVICE_PEER_LEFT; i++) {
        char pointer[80];
        const char *text = hop_advice_text((hop_advice)i, HOP_E_NO_PATH);
        snprintf(pointer, sizeof pointer, ". See %s in docs/troubleshooting.md.",
                 hop_advice_name((hop_advice)i, HOP_E_NO_PATH));
        assert_true(strlen(text) > strlen(pointer));
        assert_string_equal(text + strlen(text) - strlen(pointer), pointer);
    }
    assert_string_equal(hop_advice_name(HOP_ADVICE_NONE, HOP_E_CLOCK), "CLOCK");
    assert_string_equal(hop_advice_text(HOP_ADVICE_NONE, HOP_E_CLOCK),
                        hop_error_advice(HOP_E_CLOCK));
    assert_non_null(
        strstr(hop_error_advice(HOP_E_CLOCK), " See CLOCK in docs/troubleshooting.md."));
}

static hop_report_pair pair_to(uint8_t first, hop_reason last) {
    hop_report_pair pair = {.dial_count = 1, .last = last};
    pair.remote.address = (hop_address){.family = HOP_FAMILY_IPV4, .ip = {first, 168, 1, 1}};
    return pair;
}

static hop_advice advice_of(const hop_report *report) {
    hop_output failed = {.kind = HOP_OUT_FAILED, .error = HOP_E_NO_PATH, .report = report};
    return hop_advice_choose(HOP_E_NO_PATH, hop_advice_facts(&failed));
}

/* 203.168.1.1 is out in the world, 192.168.1.1 is not. */
static void facts_of_an_attempt(void **state) {
    (void)state;
    hop_report report = {.pair_count = 2};
    report.pairs[0] = pair_to(203, HOP_REASON_REFUSED);
    report.pairs[1] = pair_to(192, HOP_REASON_ABANDONED);
    assert_int_equal(advice_of(&report), HOP_ADVICE_ALL_REFUSED); /* the LAN's silence is no word */
    report.pairs[0].last = HOP_REASON_NONE;
    assert_int_equal(advice_of(&report), HOP_ADVICE_ALL_SILENT);
    report.pairs[0].last = HOP_REASON_UNREACHABLE;
    assert_int_equal(advice_of(&report), HOP_ADVICE_UNREACHABLE);
    report.pairs[0].silent_count = 1;
    assert_int_equal(advice_of(&report), HOP_ADVICE_NONE);
    report.map_trouble = HOP_MAP_TROUBLE_DOUBLE_NAT;
    assert_int_equal(advice_of(&report), HOP_ADVICE_DOUBLE_NAT);
    report.own.mapping = HOP_NAT_DEPENDENT;
    assert_int_equal(advice_of(&report), HOP_ADVICE_ONE_RANDOM);
    report.peer.mapping = HOP_NAT_RANDOM;
    assert_int_equal(advice_of(&report), HOP_ADVICE_BOTH_RANDOM);
    report.own.mapping = HOP_NAT_SEQUENTIAL;
    assert_int_equal(advice_of(&report), HOP_ADVICE_RANDOM_SEQUENTIAL);
    report.same_nat = true;
    assert_int_equal(advice_of(&report), HOP_ADVICE_NO_HAIRPIN);
    report.accepted_count = 2, report.stranger_count = 2;
    assert_int_equal(advice_of(&report), HOP_ADVICE_NO_HAIRPIN);
    report.accepted_count = 3;
    assert_int_equal(advice_of(&report), HOP_ADVICE_ANSWERED_BY_ANOTHER);
    report.pairs[1].connected = true, report.pairs[1].last = HOP_REASON_CLOSED;
    report.authenticated = true;
    assert_int_equal(advice_of(&report), HOP_ADVICE_PEER_LEFT);
}

static void facts_of_skipped_pairs(void **state) {
    (void)state;
    hop_report report = {.pair_count = 1};
    report.pairs[0] = pair_to(203, HOP_REASON_NONE);
    report.pairs[0].dial_count = 0;
    report.pairs[0].skip = HOP_SKIP_FAMILY;
    assert_int_equal(advice_of(&report), HOP_ADVICE_NO_COMMON_FAMILY);
    report.pairs[0].skip = HOP_SKIP_PRIVATE;
    assert_int_equal(advice_of(&report), HOP_ADVICE_ONLY_PRIVATE);
    report.pairs[0].skip = HOP_SKIP_PORT;
    assert_int_equal(advice_of(&report), HOP_ADVICE_NO_ADDRESS);
    report.pair_count = 0;
    assert_int_equal(advice_of(&report), HOP_ADVICE_NO_ADDRESS);
}

static void facts_of_servers(void **state) {
    (void)state;
    hop_output failed = {.kind = HOP_OUT_FAILED, .error = HOP_E_REFUSED};
    static const struct {
        unsigned code;
        hop_advice advice;
    } codes[] = {{HOP_REFUSAL_BUSY, HOP_ADVICE_SERVER_FULL},
                 {HOP_REFUSAL_MALFORMED, HOP_ADVICE_SERVER_VERSION},
                 {HOP_REFUSAL_UNKNOWN_ATTRIBUTE, HOP_ADVICE_SERVER_VERSION},
                 {HOP_REFUSAL_SERVER, HOP_ADVICE_NONE}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        failed.code = codes[i].code;
        assert_int_equal(hop_advice_choose(failed.error, hop_advice_facts(&failed)),
                         codes[i].advice);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(names_and_texts),
        cmocka_unit_test(facts_of_an_attempt),
        cmocka_unit_test(facts_of_skipped_pairs),
        cmocka_unit_test(facts_of_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
