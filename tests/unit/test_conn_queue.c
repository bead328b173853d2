/* SPDX-License-Identifier: MIT */
/* The write queue of the connection with handlers, against a plain list of the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "lib/conn_queue.h"

enum { CHUNKS = 7 };

static void bytes_come_out_as_they_went_in(void **state) {
    (void)state;
    static uint8_t chunk[20000];
    hop_conn_queue queue;
    hop_random random = hop_random_seeded(4711);
    uint8_t next_in = 0, next_out = 0;
    hop_conn_queue_init(&queue, CHUNKS);
    for (int i = 0; i < 20000; i++) {
        size_t scale = i % 1000 < 900 ? 300 : sizeof chunk;
        if (!hop_conn_queue_is_full(&queue) && hop_random_between(&random, 0, 1)) {
            size_t size = (size_t)hop_random_between(&random, 1, scale);
            for (size_t k = 0; k < size; k++)
                chunk[k] = next_in++;
            assert_true(hop_conn_queue_put(&queue, chunk, size));
        } else if (queue.size > 0) {
            size_t size = (size_t)hop_random_between(&random, 1, queue.size);
            const uint8_t *bytes = hop_conn_queue_bytes(&queue);
            for (size_t k = 0; k < size; k++)
                assert_int_equal(bytes[k], next_out++);
            hop_conn_queue_drop(&queue, size);
        }
        assert_true(queue.head + queue.size <= queue.capacity);
        assert_int_equal(queue.size == 0, queue.chunk_count == 0);
        assert_int_equal((uint8_t)(next_in - next_out), (uint8_t)queue.size);
    }
    hop_conn_queue_clear(&queue);
}

static void chunks_are_counted_until_their_last_byte_is_out(void **state) {
    (void)state;
    hop_conn_queue queue;
    hop_conn_queue_init(&queue, 2);
    assert_true(hop_conn_queue_put(&queue, (const uint8_t *)"abc", 3));
    assert_false(hop_conn_queue_is_full(&queue));
    assert_true(hop_conn_queue_put(&queue, (const uint8_t *)"defg", 4));
    assert_true(hop_conn_queue_is_full(&queue));
    hop_conn_queue_drop(&queue, 2);
    assert_true(hop_conn_queue_is_full(&queue));
    hop_conn_queue_drop(&queue, 2); /* the first, and a bit of the second */
    assert_int_equal(queue.chunk_count, 1);
    assert_memory_equal(hop_conn_queue_bytes(&queue), "efg", 3);
    hop_conn_queue_drop(&queue, 3);
    assert_int_equal(queue.chunk_count, 0);
    hop_conn_queue_clear(&queue);
}

/* In the steady state nothing is allocated; after a peak of long ago nothing is kept. */
static void memory_is_kept_while_it_is_needed(void **state) {
    (void)state;
    static const uint8_t bytes[300000];
    hop_conn_queue queue;
    hop_conn_queue_init(&queue, 100);
    assert_true(hop_conn_queue_put(&queue, bytes, 1000));
    const uint8_t *first = queue.bytes;
    for (int i = 0; i < 1000; i++) {
        assert_true(hop_conn_queue_put(&queue, bytes, 1000));
        hop_conn_queue_drop(&queue, 1000);
        assert_ptr_equal(queue.bytes, first);
    }
    assert_true(hop_conn_queue_put(&queue, bytes, sizeof bytes));
    hop_conn_queue_drop(&queue, 1000 + sizeof bytes);
    assert_non_null(queue.bytes); /* it may come again */
    first = queue.bytes;
    for (int i = 0; i < 1000; i++) { /* high and low peaks take turns */
        size_t size = i % 100 == 0 ? sizeof bytes : 1000;
        assert_true(hop_conn_queue_put(&queue, bytes, size));
        hop_conn_queue_drop(&queue, size);
        assert_ptr_equal(queue.bytes, first);
    }
    for (int i = 0; i < 1000 && queue.bytes != NULL; i++) { /* low ones only */
        assert_true(hop_conn_queue_put(&queue, bytes, 1000));
        hop_conn_queue_drop(&queue, 1000);
    }
    assert_null(queue.bytes);
    hop_conn_queue_clear(&queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_out_as_they_went_in),
        cmocka_unit_test(chunks_are_counted_until_their_last_byte_is_out),
        cmocka_unit_test(memory_is_kept_while_it_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
