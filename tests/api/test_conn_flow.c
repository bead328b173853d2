/* SPDX-License-Identifier: MIT */
/*
 * How the bytes of a connection with handlers flow: what goes together, what is given back when
 * nothing goes, and what closing waits for.
 */
#include "api/conn.h"

static void small_chunks(const char *secret) {
    enum { COUNT = 5000, SIZE = 100 };
    hop_conn_options options = plain_options();
    witness pair[2];
    options.secret = secret;
    begin_two(pair, &options);
    meet(pair);
    write_text(&pair[0], "alone");
    TURN_UNTIL(&pair[1], 1, pair[1].got == 5); /* the writer does nothing more */
    uint32_t sum = pair[1].sum;
    uint64_t chunks = pair[1].chunks;
    for (int number = 0; number < COUNT; number++) {
        char chunk[SIZE];
        for (int i = 0; i < SIZE; i++) {
            chunk[i] = (char)(number * 31 + i);
            sum = sum * 31 + (uint8_t)chunk[i];
        }
        int result;
        while ((result = hop_conn_write(pair[0].conn, chunk, SIZE)) == HOP_E_FULL)
            turn(pair, 2, 1000);
        assert_int_equal(result, 0);
    }
    TURN_UNTIL(pair, 2, pair[1].got == 5 + COUNT * SIZE);
    assert_int_equal(pair[1].sum, sum);
    assert_true(pair[1].chunks - chunks < COUNT / 10);
    free_two(pair);
}

/* Alone, a chunk costs a call, a segment and a record: a flood of small ones must not pay that, and
 * a few must not wait. */
static void small_chunks_leave_together(void **state) {
    (void)state;
    small_chunks(NULL);
    small_chunks("a secret");
}

static void freeing_sends_what_was_gathered(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness pair[2];
    begin_two(pair, &options);
    meet(pair);
    for (int i = 0; i < 50; i++)
        write_text(&pair[0], "word ");
    assert_null(hop_conn_free(pair[0].conn));
    TURN_UNTIL(&pair[1], 1, pair[1].over);
    assert_int_equal(pair[1].got, 250);
    assert_int_equal(pair[1].error, HOP_E_PEER_CLOSED);
    hop_conn_free(pair[1].conn);
}

/* Some time after the last byte the buffers are given back; nobody's loop is woken after that, and
 * the next byte finds its way. */
static void an_idle_connection_rests(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness pair[2];
    options.secret = "a secret";
    begin_two(pair, &options);
    meet(pair);
    for (unsigned round = 1; round <= 2; round++) {
        write_text(&pair[0], "ping");
        TURN_UNTIL(pair, 2, pair[1].got == 4 * round);
        write_text(&pair[1], "pong");
        TURN_UNTIL(pair, 2, pair[0].got == 4 * round);
        assert_true(hop_conn_poll_ms(pair[0].conn) >= 0);
        TURN_UNTIL(pair, 2,
                   hop_conn_poll_ms(pair[0].conn) == -1 && hop_conn_poll_ms(pair[1].conn) == -1);
    }
    free_two(pair);
}

static void pause_after_each(hop_conn *conn, const uint8_t *bytes, size_t size, void *user) {
    (void)bytes;
    (void)size;
    (void)user;
    hop_conn_pause(conn, 1);
}

/* The peer takes what was sent for longer than its end is waited for, and talks meanwhile: its
 * words must not meet a closed socket, whose reset would destroy what is still on its way. */
static void closing_waits_while_the_peer_takes(void **state) {
    (void)state;
    static char big[65536];
    hop_conn_options options = plain_options();
    witness pair[2];
    begin_two(pair, &options);
    assert_int_equal(hop_conn_on_end(pair[1].conn, on_end, &pair[1]), 0);
    assert_int_equal(hop_conn_on_data(pair[1].conn, pause_after_each, NULL), 0);
    meet(pair);
    hop_conn_pause(pair[1].conn, 1);
    uint64_t written = 0;
    for (; hop_conn_write(pair[0].conn, big, sizeof big) == 0; written += sizeof big)
        turn(pair, 2, 0);
    hop_conn_close(pair[0].conn);
    int64_t part_ms = (int64_t)(8000 * sizeof big / written); /* all of it in some 8 s */
    for (int64_t next_ms = now_ms(); !pair[1].end && !pair[1].over;) {
        turn(pair, 2, 5);
        if (now_ms() < next_ms) continue;
        next_ms += part_ms;
        hop_conn_pause(pair[1].conn, 0);
        assert_int_equal(hop_conn_write(pair[1].conn, "I say", 5), 0);
    }
    assert_int_equal(pair[1].got, written);
    assert_int_equal(pair[1].end, 1);
    hop_conn_close(pair[1].conn);
    TURN_UNTIL(pair, 2, pair[0].over && pair[1].over);
    assert_int_equal(pair[0].error, HOP_E_CLOSED);
    assert_int_equal(pair[1].error, HOP_E_CLOSED);
    free_two(pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(small_chunks_leave_together),
        API_TEST(freeing_sends_what_was_gathered),
        API_TEST(an_idle_connection_rests),
        API_TEST(closing_waits_while_the_peer_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
