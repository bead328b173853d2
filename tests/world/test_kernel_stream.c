/* SPDX-License-Identifier: MIT */
/*
 * Two kernels with a connection between them: bytes under loss and reordering, how soon a lost word
 * is said again, half-close, ends, TIME_WAIT, and how long what has no answer lasts.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kernel_rig.h"

#define D (25 * MS)

/* Both ends are established at 75 ms, by the listener of b; the log is empty. */
static void open_pair(rig *one, int *ret_a, int *ret_b) {
    rig_open(one, D, true);
    hop_address remote, local;
    int listener = rig_listen(one, 1, 5);
    *ret_a = rig_connect(one, 0);
    rig_run(one, 75 * MS);
    *ret_b = kernel_accept(one->kernels[1], listener, &remote, &local);
    assert_true(*ret_b >= 0);
    one->log[one->log_size = 0] = 0;
}

static void say(rig *one, int side, int socket, const char *words) {
    int size = (int)strlen(words);
    assert_int_equal(
        kernel_write(one->kernels[side], socket, (const uint8_t *)words, strlen(words)), size);
}

static void hears(rig *one, int side, int socket, const char *words) {
    char bytes[64] = {0};
    int got = kernel_receive(one->kernels[side], socket, (uint8_t *)bytes, sizeof bytes - 1);
    assert_int_equal(got, (int)strlen(words));
    assert_string_equal(bytes, words);
}

static void words_arrive(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    hop_address nobody;
    assert_int_equal(kernel_accept(one.kernels[0], a, &nobody, &nobody), -EINVAL);
    uint8_t byte;
    assert_int_equal(kernel_receive(one.kernels[1], b, &byte, 1), -EAGAIN);
    say(&one, 0, a, "hello");
    say(&one, 0, a, "again");
    rig_run(&one, 100 * MS);
    assert_true(one.told[1][b] & KERNEL_READABLE);
    assert_int_equal(kernel_receive(one.kernels[1], b, &byte, 1), 1);
    assert_int_equal(byte, 'h');
    assert_true(kernel_ready(one.kernels[1], b) & KERNEL_READABLE);
    hears(&one, 1, b, "elloagain");
    assert_int_equal(kernel_ready(one.kernels[1], b), KERNEL_WRITABLE);
    rig_run(&one, 9000 * MS);
    rig_expect(&one, "   75.0 a data\n   75.0 a data\n  100.0 b ACK\n  100.0 b ACK\n");
    rig_close(&one);
}

/* A lone word: after the round trip and 200 ms, the probe and then the timeout, which doubles. */
static void a_lost_word_is_said_again(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    rig_lose(&one, 0, "data", 1);
    rig_lose(&one, 0, "data", 1);
    rig_lose(&one, 0, "data", 1);
    say(&one, 0, a, "hello");
    rig_run(&one, 1100 * MS);
    rig_expect(&one, "   75.0 a data lost\n  325.0 a data lost\n  575.0 a data lost\n"
                     " 1075.0 a data\n 1100.0 b ACK\n");
    hears(&one, 1, b, "hello");
    /* Two words, the last one lost: after two round trips. */
    rig_run(&one, 1200 * MS);
    rig_lose(&one, 0, "data", 2);
    say(&one, 0, a, "one");
    say(&one, 0, a, "two");
    rig_run(&one, 2000 * MS);
    rig_expect(&one, " 1200.0 a data\n 1200.0 a data lost\n 1225.0 b ACK\n"
                     " 1500.0 a data\n 1525.0 b ACK\n");
    hears(&one, 1, b, "onetwo");
    /* The first one lost: the second one's ACK tells it. */
    rig_lose(&one, 0, "data", 1);
    say(&one, 0, a, "three");
    say(&one, 0, a, "four");
    rig_run(&one, 2100 * MS);
    hears(&one, 1, b, "threefour");
    rig_expect(&one, " 2000.0 a data lost\n 2000.0 a data\n 2025.0 b ACK\n 2062.5 a data\n"
                     " 2087.5 b ACK\n");
    rig_close(&one);
}

static void fill(uint8_t *bytes, size_t size, uint64_t seed) {
    hop_random random = hop_random_seeded(seed);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)hop_random_next(&random);
}

typedef struct flow {
    uint8_t *out, *in;
    size_t sent, got;
} flow;

static void pump(rig *one, int side, int socket, flow *flows, size_t size) {
    kernel *host = one->kernels[side];
    flow *mine = &flows[side], *theirs = &flows[1 - side];
    if (mine->sent < size) {
        int sent = kernel_write(host, socket, mine->out + mine->sent, size - mine->sent);
        if (sent > 0) mine->sent += (size_t)sent;
        assert_true(sent > 0 || sent == -EAGAIN);
        if (mine->sent == size) kernel_shut(host, socket);
    }
    int got = kernel_receive(host, socket, theirs->in + theirs->got, size - theirs->got);
    if (got > 0) theirs->got += (size_t)got;
}

static void a_stream_survives_loss_and_reordering(void **state) {
    (void)state;
    const size_t size = 300000;
    rig one;
    int sockets[2];
    open_pair(&one, &sockets[0], &sockets[1]);
    one.loss_ppm = 100000;
    one.late_ppm = 100000;
    flow flows[2] = {{0}, {0}};
    for (int side = 0; side < 2; side++) {
        flows[side].out = malloc(size);
        flows[side].in = malloc(size + 1);
        fill(flows[side].out, size, 77 + (uint64_t)side);
    }
    for (int64_t at_us = 80 * MS; at_us < 300000 * MS; at_us += 5 * MS) {
        rig_run(&one, at_us);
        for (int side = 0; side < 2; side++)
            pump(&one, side, sockets[side], flows, size);
    }
    for (int side = 0; side < 2; side++) {
        assert_int_equal(flows[side].got, size);
        assert_memory_equal(flows[side].in, flows[side].out, size);
        uint8_t byte;
        assert_int_equal(kernel_receive(one.kernels[side], sockets[side], &byte, 1), 0);
        assert_int_equal(kernel_state_of(one.kernels[side], sockets[side]), KERNEL_CLOSED);
        free(flows[side].out);
        free(flows[side].in);
    }
    rig_close(&one);
}

static void a_full_buffer_waits(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    static const uint8_t zeros[200000];
    int sent = kernel_write(one.kernels[0], a, zeros, sizeof zeros);
    assert_int_equal(sent, 61440);
    assert_int_equal(kernel_write(one.kernels[0], a, zeros, 1), -EAGAIN);
    assert_int_equal(kernel_ready(one.kernels[0], a), 0);
    one.told[0][a] = 0;
    rig_run(&one, 200 * MS);
    assert_int_equal(one.told[0][a], KERNEL_WRITABLE);
    rig_close(&one);
}

static void closes_by_halves(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    say(&one, 0, a, "bye");
    kernel_shut(one.kernels[0], a);
    assert_int_equal(kernel_write(one.kernels[0], a, (const uint8_t *)"x", 1), -EPIPE);
    rig_run(&one, 150 * MS);
    assert_int_equal(kernel_ready(one.kernels[1], b), KERNEL_READABLE | KERNEL_WRITABLE);
    hears(&one, 1, b, "bye");
    hears(&one, 1, b, "");
    say(&one, 1, b, "not yet");
    rig_run(&one, 200 * MS);
    hears(&one, 0, a, "not yet");
    assert_int_equal(kernel_ready(one.kernels[0], a), KERNEL_WRITABLE);
    kernel_close(one.kernels[1], b);
    rig_run(&one, 300 * MS);
    rig_expect(&one, "   75.0 a data\n   75.0 a FIN-ACK\n  100.0 b ACK\n  100.0 b ACK\n"
                     "  150.0 b data\n  175.0 a ACK\n  200.0 b FIN-ACK\n  225.0 a ACK\n");
    hears(&one, 0, a, "");
    assert_true(kernel_ready(one.kernels[0], a) & KERNEL_FAILED);
    assert_int_equal(kernel_tuple_count(one.kernels[1]), 0);
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 1); /* TIME_WAIT */
    kernel_close(one.kernels[0], a);
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 1);
    rig_run(&one, 60224 * MS);
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 1);
    rig_run(&one, 60225 * MS);
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 0);
    rig_close(&one);
}

static void both_close_at_once(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    kernel_close(one.kernels[0], a);
    kernel_close(one.kernels[1], b);
    rig_run(&one, 300 * MS);
    rig_expect(&one, "   75.0 a FIN-ACK\n   75.0 b FIN-ACK\n  100.0 b ACK\n  100.0 a ACK\n");
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 1);
    assert_int_equal(kernel_tuple_count(one.kernels[1]), 1);
    rig_run(&one, 61000 * MS);
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 0);
    assert_int_equal(kernel_tuple_count(one.kernels[1]), 0);
    rig_close(&one);
}

/* The port is bound and time stamps are on: then Linux lets a connect() take TIME_WAIT over, and a
 * listener lets a new SYN do so. */
static void time_wait_gives_way(void **state) {
    (void)state;
    for (int who = 0; who < 2; who++) {
        rig one;
        int ends[2];
        open_pair(&one, &ends[0], &ends[1]);
        kernel_close(one.kernels[who], ends[who]);
        rig_run(&one, 150 * MS);
        kernel_close(one.kernels[1 - who], ends[1 - who]);
        rig_run(&one, 300 * MS);
        assert_int_equal(kernel_tuple_count(one.kernels[who]), 1);
        assert_int_equal(kernel_tuple_count(one.kernels[1 - who]), 0);
        int again = rig_connect(&one, 0);
        assert_true(again >= 0);
        rig_run(&one, 400 * MS);
        assert_int_equal(kernel_state_of(one.kernels[0], again), KERNEL_ESTABLISHED);
        hop_address remote, local;
        assert_true(kernel_accept(one.kernels[1], 0, &remote, &local) >= 0);
        rig_close(&one);
    }
}

/* To TIME_WAIT without a listener a SYN is a stranger's: the ACK in answer draws an RST, which ends
 * it, and the SYN comes again at once. */
static void time_wait_is_killed_by_a_dialler(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    kernel_close(one.kernels[1], b);
    rig_run(&one, 150 * MS);
    kernel_close(one.kernels[0], a);
    kernel_close(one.kernels[1], 0);
    rig_run(&one, 300 * MS);
    one.log[one.log_size = 0] = 0;
    a = rig_connect(&one, 0);
    rig_run(&one, 500 * MS);
    rig_expect(&one, "  300.0 a SYN\n  325.0 b ACK\n  350.0 a RST\n  358.0 a SYN\n"
                     "  383.0 b RST-ACK\n");
    assert_int_equal(kernel_error(one.kernels[0], a), ECONNREFUSED);
    rig_close(&one);
}

static void unread_words_end_in_reset(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    say(&one, 0, a, "hello");
    say(&one, 1, b, "world");
    rig_run(&one, 200 * MS);
    kernel_close(one.kernels[1], b);
    rig_run(&one, 300 * MS);
    rig_expect(&one, "   75.0 a data\n   75.0 b data\n  100.0 b ACK\n  100.0 a ACK\n"
                     "  200.0 b RST-ACK\n");
    /* What came before the reset can still be read, then the error, then nothing. */
    hears(&one, 0, a, "world");
    uint8_t byte;
    assert_int_equal(kernel_receive(one.kernels[0], a, &byte, 1), -ECONNRESET);
    assert_int_equal(kernel_receive(one.kernels[0], a, &byte, 1), 0);
    assert_int_equal(kernel_write(one.kernels[0], a, &byte, 1), -EPIPE);
    rig_close(&one);
}

static void words_for_nobody_are_reset(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    kernel_close(one.kernels[1], b);
    rig_run(&one, 150 * MS);
    say(&one, 0, a, "hello");
    rig_run(&one, 300 * MS);
    rig_expect(&one, "   75.0 b FIN-ACK\n  100.0 a ACK\n  150.0 a data\n  175.0 b RST\n");
    assert_int_equal(kernel_error(one.kernels[0], a), EPIPE);
    assert_int_equal(kernel_tuple_count(one.kernels[1]), 0);
    rig_close(&one);
}

static void a_dial_is_given_up(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, false);
    int a = rig_connect(&one, 0);
    rig_run(&one, 130999 * MS);
    rig_expect(&one, "    0.0 a SYN\n 1000.0 a SYN\n 2000.0 a SYN\n 3000.0 a SYN\n 4000.0 a SYN\n"
                     " 5000.0 a SYN\n 7000.0 a SYN\n11000.0 a SYN\n19000.0 a SYN\n35000.0 a SYN\n"
                     "67000.0 a SYN\n");
    assert_int_equal(kernel_ready(one.kernels[0], a), 0);
    rig_run(&one, 131000 * MS);
    assert_int_equal(kernel_error(one.kernels[0], a), ETIMEDOUT);
    rig_close(&one);

    rig_open(&one, D, false);
    a = rig_connect(&one, 0);
    kernel_tune(one.kernels[0], a, 20000 * MS);
    rig_run(&one, 19999 * MS);
    assert_int_equal(kernel_state_of(one.kernels[0], a), KERNEL_SYN_SENT);
    rig_run(&one, 20000 * MS);
    assert_int_equal(kernel_error(one.kernels[0], a), ETIMEDOUT);
    rig_close(&one);
}

static void a_silent_peer_is_noticed(void **state) {
    (void)state;
    rig one;
    int a, b;
    open_pair(&one, &a, &b);
    kernel_tune(one.kernels[0], a, 20000 * MS);
    rig_run(&one, 40000 * MS); /* asked at 25.05 s, and answered */
    rig_expect(&one, "25050.0 a ACK\n25075.0 b ACK\n");
    rig_lose(&one, 1, "ACK", 0);
    rig_run(&one, 60000 * MS);
    rig_expect(&one, "50100.0 a ACK\n50125.0 b ACK lost\n55100.0 a RST-ACK\n");
    assert_int_equal(kernel_error(one.kernels[0], a), ETIMEDOUT);
    rig_close(&one);

    /* With words on the way it is the time since they were said again first. */
    open_pair(&one, &a, &b);
    kernel_tune(one.kernels[0], a, 20000 * MS);
    rig_lose(&one, 0, "data", 0);
    say(&one, 0, a, "hello");
    rig_run(&one, 20324 * MS);
    assert_int_equal(kernel_state_of(one.kernels[0], a), KERNEL_ESTABLISHED);
    rig_run(&one, 20325 * MS);
    assert_int_equal(kernel_error(one.kernels[0], a), ETIMEDOUT);
    rig_close(&one);
}

static void the_same_again(void **state) {
    (void)state;
    static char first[RIG_LOG_SIZE];
    for (int run = 0; run < 2; run++) {
        rig one;
        rig_open(&one, D, true);
        one.loss_ppm = 200000;
        one.late_ppm = 200000;
        int a = rig_connect(&one, 0);
        rig_run(&one, 7 * MS);
        int b = rig_connect(&one, 1);
        for (int64_t at_us = 10 * MS; at_us < 60000 * MS; at_us += 50 * MS) {
            rig_run(&one, at_us);
            uint8_t word[100] = {0};
            (void)kernel_write(one.kernels[0], a, word, sizeof word);
            (void)kernel_receive(one.kernels[1], b, word, sizeof word);
        }
        if (run == 0) memcpy(first, one.log, sizeof first);
        assert_true(one.log_size > 5000);
        assert_string_equal(first, one.log);
        rig_close(&one);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_arrive),
        cmocka_unit_test(a_lost_word_is_said_again),
        cmocka_unit_test(a_stream_survives_loss_and_reordering),
        cmocka_unit_test(a_full_buffer_waits),
        cmocka_unit_test(closes_by_halves),
        cmocka_unit_test(both_close_at_once),
        cmocka_unit_test(time_wait_gives_way),
        cmocka_unit_test(time_wait_is_killed_by_a_dialler),
        cmocka_unit_test(unread_words_end_in_reset),
        cmocka_unit_test(words_for_nobody_are_reset),
        cmocka_unit_test(a_dial_is_given_up),
        cmocka_unit_test(a_silent_peer_is_noticed),
        cmocka_unit_test(the_same_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
