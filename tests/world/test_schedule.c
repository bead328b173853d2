/* SPDX-License-Identifier: MIT */
/* Virtual time runs forward, ties go by order of asking, and nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "packet.h"
#include "schedule.h"

#define MANY 5000

typedef struct record {
    schedule plan;
    uint64_t numbers[MANY];
    int64_t times[MANY];
    unsigned count;
} record;

static void put(void *context, void *argument, uint64_t number) {
    record *into = context;
    free(argument);
    into->times[into->count] = into->plan.now_us;
    into->numbers[into->count++] = number;
}

static void put_and_ask(void *context, void *argument, uint64_t number) {
    record *into = context;
    put(context, argument, number);
    if (number > 0)
        schedule_at(&into->plan, into->plan.now_us, put_and_ask, context, NULL, number - 1);
}

static void keeps_the_order(void **state) {
    (void)state;
    record got = {0};
    schedule_at(&got.plan, 30, put, &got, NULL, 1);
    schedule_at(&got.plan, 10, put, &got, NULL, 2);
    schedule_at(&got.plan, 30, put, &got, NULL, 3);
    schedule_at(&got.plan, 10, put, &got, NULL, 4);
    assert_int_equal(schedule_next_us(&got.plan), 10);
    assert_false(schedule_step(&got.plan, 9));
    assert_int_equal(got.plan.now_us, 0);
    while (schedule_step(&got.plan, INT64_MAX)) {
    }
    assert_memory_equal(got.numbers, ((uint64_t[]){2, 4, 1, 3}), 4 * sizeof(uint64_t));
    assert_int_equal(got.plan.now_us, 30);
    assert_true(schedule_next_us(&got.plan) == INT64_MAX);
    schedule_clear(&got.plan);
}

static void sorts_many(void **state) {
    (void)state;
    record *got = calloc(1, sizeof *got);
    hop_random random = hop_random_seeded(3);
    for (uint64_t i = 0; i < MANY; i++) {
        int64_t at_us = (int64_t)hop_random_between(&random, 0, 700);
        schedule_at(&got->plan, at_us, put, got, malloc(1), i);
    }
    while (schedule_step(&got->plan, INT64_MAX)) {
    }
    assert_int_equal(got->count, MANY);
    for (unsigned i = 1; i < MANY; i++) {
        assert_true(got->times[i - 1] <= got->times[i]);
        if (got->times[i - 1] == got->times[i]) assert_true(got->numbers[i - 1] < got->numbers[i]);
    }
    schedule_clear(&got->plan);
    free(got);
}

static void the_past_is_now(void **state) {
    (void)state;
    record got = {0};
    schedule_at(&got.plan, 50, put_and_ask, &got, NULL, 2);
    schedule_at(&got.plan, 50, put, &got, NULL, 9);
    assert_true(schedule_step(&got.plan, 50));
    schedule_at(&got.plan, 20, put, &got, NULL, 7);
    while (schedule_step(&got.plan, INT64_MAX)) {
    }
    assert_memory_equal(got.numbers, ((uint64_t[]){2, 9, 1, 7, 0}), 5 * sizeof(uint64_t));
    assert_int_equal(got.plan.now_us, 50);
    schedule_clear(&got.plan);
}

static void forgets_one_context(void **state) {
    (void)state;
    record *got = calloc(1, sizeof *got), other = {0};
    for (uint64_t i = 0; i < MANY; i++) {
        void *context = i % 3 == 0 ? (void *)&other : (void *)got;
        schedule_at(&got->plan, (int64_t)(i * 7919 % 1000), put, context, malloc(1), i);
    }
    schedule_forget(&got->plan, &other);
    while (schedule_step(&got->plan, INT64_MAX)) {
    }
    assert_int_equal(other.count, 0);
    assert_int_equal(got->count, MANY - (MANY + 2) / 3);
    for (unsigned i = 1; i < got->count; i++)
        assert_true(got->times[i - 1] <= got->times[i]);
    schedule_at(&got->plan, 5000, put, got, malloc(1), 0);
    schedule_clear(&got->plan);
    assert_true(schedule_next_us(&got->plan) == INT64_MAX);
    free(got);
}

static void packets_have_names_and_copies(void **state) {
    (void)state;
    packet head = {.flags = PACKET_SYN};
    assert_string_equal(packet_name(&head), "SYN");
    head.flags |= PACKET_ACK;
    assert_string_equal(packet_name(&head), "SYN-ACK");
    head.flags = PACKET_RST | PACKET_ACK;
    assert_string_equal(packet_name(&head), "RST-ACK");
    head.flags = PACKET_FIN | PACKET_ACK;
    assert_string_equal(packet_name(&head), "FIN-ACK");
    head.flags = PACKET_ACK;
    assert_string_equal(packet_name(&head), "ACK");
    packet *data = packet_new(&head, 3);
    memcpy(data->bytes, "abc", 3);
    packet *copy = packet_copy(data);
    free(data);
    assert_string_equal(packet_name(copy), "data");
    assert_int_equal(copy->size, 3);
    assert_memory_equal(copy->bytes, "abc", 3);
    free(copy);
    head.kind = PACKET_TIME_EXCEEDED;
    assert_string_equal(packet_name(&head), "time exceeded");
    head.kind = PACKET_UNREACHABLE;
    assert_string_equal(packet_name(&head), "unreachable");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_order),
        cmocka_unit_test(sorts_many),
        cmocka_unit_test(the_past_is_now),
        cmocka_unit_test(forgets_one_context),
        cmocka_unit_test(packets_have_names_and_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
