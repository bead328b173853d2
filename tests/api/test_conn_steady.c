/* SPDX-License-Identifier: MIT */
/*
 * What a chunk costs once data flows: none of our allocations (OpenSSL's own, which makes one for
 * each record, are not counted).
 */
#include "api/conn.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static int allocations;

void *__wrap_malloc(size_t size) {
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    allocations++;
    return __real_calloc(count, size);
}

/* Until everything has arrived. The writer stops at HOP_E_FULL and goes on by its time-outs and
 * descriptor, so the queue is full and empty by turns. */
static void flood(witness pair[static 2], size_t chunk_size, int count) {
    static const char chunk[65536];
    uint64_t wanted = pair[1].got + (uint64_t)count * chunk_size;
    for (int i = 0; i < count; i++) {
        int result;
        while ((result = hop_conn_write(pair[0].conn, chunk, chunk_size)) == HOP_E_FULL)
            turn(pair, 2, 1000);
        assert_int_equal(result, 0);
    }
    TURN_UNTIL(pair, 2, pair[1].got == wanted);
}

static void a_chunk_costs_no_allocation(void **state) {
    (void)state;
    static const size_t sizes[] = {100, 4096, 65536};
    for (int round = 0; round < 6; round++) {
        hop_conn_options options = plain_options();
        witness pair[2];
        size_t size = sizes[round % 3];
        int count = size == 65536 ? 256 : 4096;
        options.secret = round < 3 ? NULL : "a secret";
        begin_two(pair, &options);
        meet(pair);
        flood(pair, size, 2 * count);
        assert_true(allocations > 0); /* they are counted */
        allocations = 0;
        flood(pair, size, count);
        print_message("%d chunks of %zu bytes, %s: %d allocations\n", count, size,
                      options.secret == NULL ? "plain" : "TLS", allocations);
        assert_true(allocations <= 4); /* the queue may still grow */
        free_two(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {API_TEST(a_chunk_costs_no_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
