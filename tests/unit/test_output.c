/* SPDX-License-Identifier: MIT */
/* The queue of one step's outputs when it is full: notes give way to actions, and what does not fit
 * is dropped as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/output.h"

#define ACTIONS 128 /* two for each link of an endpoint */

static hop_outbox outbox; /* too big for a stack */

static unsigned drain(unsigned *ret_notes) {
    hop_output output;
    unsigned count = 0;
    *ret_notes = 0;
    for (; hop_output_take(&outbox, &output); count++)
        *ret_notes += output.kind == HOP_OUT_NOTE;
    return count;
}

static void test_in_order(void **state) {
    (void)state;
    hop_output output;
    hop_output_reset(&outbox);
    assert_false(hop_output_take(&outbox, &output));
    hop_output_put(&outbox, HOP_OUT_CLOSE)->link = 7;
    hop_output_note(&outbox, HOP_NOTE_SLOW, 3)->number = 5;
    hop_output_send(&outbox, 9, (const uint8_t *)"abc", 3);
    assert_true(hop_output_take(&outbox, &output));
    assert_true(output.kind == HOP_OUT_CLOSE && output.link == 7);
    assert_true(hop_output_take(&outbox, &output));
    assert_true(output.kind == HOP_OUT_NOTE && output.note.number == 5 && output.attempt == 3);
    assert_int_equal(output.note.link, -1);
    assert_true(hop_output_take(&outbox, &output));
    assert_true(output.kind == HOP_OUT_SEND && output.link == 9 && output.size == 3);
    assert_memory_equal(output.bytes, "abc", 3);
    assert_false(hop_output_take(&outbox, &output));
}

/* However much there is to tell, each link can still be acted upon. */
static void test_notes_leave_room(void **state) {
    (void)state;
    unsigned notes;
    hop_output_reset(&outbox);
    for (int i = 0; i < 2 * HOP_OUTPUTS_MAX; i++)
        hop_output_note(&outbox, HOP_NOTE_DIAL, 1)->number = i;
    for (int i = 0; i < ACTIONS; i++)
        hop_output_put(&outbox, HOP_OUT_CLOSE)->link = i;
    unsigned count = drain(&notes);
    assert_int_equal(count - notes, ACTIONS);
    assert_true(notes > 0);
    hop_output_reset(&outbox); /* and of actions only what there is room for */
    for (int i = 0; i < 2 * HOP_OUTPUTS_MAX; i++)
        hop_output_put(&outbox, HOP_OUT_CLOSE)->link = i;
    assert_int_equal(drain(&notes), HOP_OUTPUTS_MAX - 1);
}

static void test_bytes_fit_or_are_not_sent(void **state) {
    (void)state;
    static const uint8_t bytes[HOP_OUTPUT_ARENA];
    unsigned notes;
    hop_output_reset(&outbox);
    hop_output_send(&outbox, 1, bytes, 10);
    hop_output_send(&outbox, 1, bytes, HOP_OUTPUT_ARENA - 9);
    assert_int_equal(outbox.count, 1);
    hop_output_send(&outbox, 1, bytes, HOP_OUTPUT_ARENA - 10);
    hop_output_send(&outbox, 1, bytes, 1);
    assert_int_equal(drain(&notes), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_notes_leave_room),
        cmocka_unit_test(test_bytes_fit_or_are_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
