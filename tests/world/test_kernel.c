/* SPDX-License-Identifier: MIT */
/*
 * Two kernels open connections: simultaneously at every skew, through listeners, with each packet
 * lost, over whatever holds the 4-tuple. What single packets do to one kernel is in
 * test_kernel_drill.c, what follows the opening in test_kernel_stream.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "kernel_rig.h"

#define D (25 * MS)

static void is_state(const rig *one, int side, int socket, kernel_state state) {
    assert_int_equal(kernel_state_of(one->kernels[side], socket), state);
}

static int connect_from(rig *one, int side, uint16_t port) {
    hop_address local = one->addresses[side];
    local.port = port;
    return kernel_connect(one->kernels[side], &local, &one->addresses[1 - side], 0);
}

static int take_in(rig *one, int side, int listener) {
    hop_address remote, local;
    return kernel_accept(one->kernels[side], listener, &remote, &local);
}

static void opens_together(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int a = rig_connect(&one, 0), b = rig_connect(&one, 1);
    is_state(&one, 0, a, KERNEL_SYN_SENT);
    rig_run(&one, 30 * MS);
    is_state(&one, 0, a, KERNEL_SYN_RECV);
    assert_int_equal(kernel_ready(one.kernels[0], a), 0);
    rig_run(&one, 50 * MS);
    is_state(&one, 0, a, KERNEL_ESTABLISHED);
    is_state(&one, 1, b, KERNEL_ESTABLISHED);
    assert_int_equal(one.told[0][a], KERNEL_WRITABLE);
    rig_run(&one, 5000 * MS);
    rig_expect(&one, "    0.0 a SYN\n    0.0 b SYN\n   25.0 b SYN-ACK\n   25.0 a SYN-ACK\n"
                     "   50.0 a ACK\n   50.0 b ACK\n");
    /* Half of the truth: it is the way of the SYN-ACK alone. */
    assert_int_equal(kernel_rtt_us(one.kernels[0], a), D);
    assert_int_equal(kernel_error(one.kernels[0], a), 0);
    rig_close(&one);
}

static void opens_together_with_a_skew(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int a = rig_connect(&one, 0);
    rig_run(&one, 10 * MS);
    int b = rig_connect(&one, 1);
    rig_run(&one, 49 * MS);
    is_state(&one, 0, a, KERNEL_SYN_RECV);
    rig_run(&one, 50 * MS);
    is_state(&one, 0, a, KERNEL_ESTABLISHED);
    is_state(&one, 1, b, KERNEL_SYN_RECV);
    rig_run(&one, 60 * MS);
    is_state(&one, 1, b, KERNEL_ESTABLISHED);
    rig_run(&one, 5000 * MS);
    rig_expect(&one, "    0.0 a SYN\n   10.0 b SYN\n   25.0 b SYN-ACK\n   35.0 a SYN-ACK\n"
                     "   50.0 a ACK\n   60.0 b ACK\n");
    assert_int_equal(kernel_rtt_us(one.kernels[0], a), 15 * MS);
    assert_int_equal(kernel_rtt_us(one.kernels[1], b), 35 * MS);
    rig_close(&one);
}

static void is_refused_beyond_the_delay(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int a = rig_connect(&one, 0);
    rig_run(&one, 30 * MS);
    int b = rig_connect(&one, 1);
    rig_run(&one, 5000 * MS);
    rig_expect(&one, "    0.0 a SYN\n   25.0 b RST-ACK\n   30.0 b SYN\n   55.0 a RST-ACK\n");
    is_state(&one, 0, a, KERNEL_CLOSED);
    assert_int_equal(one.told[0][a], KERNEL_READABLE | KERNEL_WRITABLE | KERNEL_FAILED);
    assert_int_equal(kernel_error(one.kernels[0], a), ECONNREFUSED);
    assert_int_equal(kernel_error(one.kernels[0], a), 0);
    assert_int_equal(kernel_error(one.kernels[1], b), ECONNREFUSED);
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 0);
    rig_close(&one);
}

static void a_listener_accepts(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int listener = rig_listen(&one, 1, 5), a = rig_connect(&one, 0);
    assert_int_equal(take_in(&one, 1, listener), -EAGAIN);
    rig_run(&one, 40 * MS);
    assert_int_equal(kernel_count(one.kernels[1]), 1);
    assert_int_equal(kernel_tuple_count(one.kernels[1]), 1);
    rig_run(&one, 75 * MS);
    assert_int_equal(one.told[1][listener], KERNEL_READABLE);
    hop_address remote, local;
    int b = kernel_accept(one.kernels[1], listener, &remote, &local);
    assert_true(hop_address_equal(&remote, &one.addresses[0]));
    assert_true(hop_address_equal(&local, &one.addresses[1]));
    hop_address b_remote = kernel_remote(one.kernels[1], b);
    assert_true(hop_address_equal(&b_remote, &one.addresses[0]));
    is_state(&one, 0, a, KERNEL_ESTABLISHED);
    is_state(&one, 1, b, KERNEL_ESTABLISHED);
    is_state(&one, 1, listener, KERNEL_LISTEN);
    assert_int_equal(kernel_rtt_us(one.kernels[0], a), 2 * D);
    assert_int_equal(kernel_rtt_us(one.kernels[1], b), 2 * D);
    assert_int_equal(take_in(&one, 1, listener), -EAGAIN);
    rig_expect(&one, "    0.0 a SYN\n   25.0 b SYN-ACK\n   50.0 a ACK\n");
    rig_close(&one);
}

/* A 4-tuple in SYN_SENT is found before the listener; without it the listener serves. */
static void a_dial_goes_before_the_listener(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int listener = rig_listen(&one, 1, 5), a = rig_connect(&one, 0);
    rig_run(&one, 20 * MS);
    int b = rig_connect(&one, 1);
    rig_run(&one, 2000 * MS);
    is_state(&one, 0, a, KERNEL_ESTABLISHED);
    is_state(&one, 1, b, KERNEL_ESTABLISHED);
    assert_int_equal(take_in(&one, 1, listener), -EAGAIN);
    rig_close(&one);

    rig_open(&one, D, true);
    listener = rig_listen(&one, 1, 5);
    a = rig_connect(&one, 0);
    rig_run(&one, 26 * MS);
    assert_int_equal(rig_connect(&one, 1), -EADDRNOTAVAIL); /* the request holds it */
    rig_run(&one, 2000 * MS);
    assert_int_equal(rig_connect(&one, 1), -EADDRNOTAVAIL); /* what waits for accept() holds it */
    b = take_in(&one, 1, listener);
    is_state(&one, 1, b, KERNEL_ESTABLISHED);
    assert_int_equal(rig_connect(&one, 1), -EADDRNOTAVAIL);
    is_state(&one, 0, a, KERNEL_ESTABLISHED);
    rig_close(&one);
}

static void a_listener_survives_losses(void **state) {
    (void)state;
    static const struct {
        int side;
        const char *name;
        unsigned count; /* the first of them are lost */
        const char *log;
    } cases[] = {
        {0, "SYN", 2,
         "    0.0 a SYN lost\n 1000.0 a SYN lost\n 2000.0 a SYN\n 2025.0 b SYN-ACK\n"
         " 2050.0 a ACK\n"},
        {1, "SYN-ACK", 1,
         "    0.0 a SYN\n   25.0 b SYN-ACK lost\n 1000.0 a SYN\n 1025.0 b SYN-ACK\n"
         " 1025.0 b SYN-ACK\n 1050.0 a ACK\n 1050.0 a ACK\n"},
        {0, "ACK", 1,
         "    0.0 a SYN\n   25.0 b SYN-ACK\n   50.0 a ACK lost\n 1025.0 b SYN-ACK\n"
         " 1050.0 a ACK\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig one;
        rig_open(&one, D, true);
        for (unsigned k = 1; k <= cases[i].count; k++)
            rig_lose(&one, cases[i].side, cases[i].name, 1);
        int listener = rig_listen(&one, 1, 5), a = rig_connect(&one, 0);
        rig_run(&one, 20000 * MS);
        is_state(&one, 0, a, KERNEL_ESTABLISHED);
        is_state(&one, 1, take_in(&one, 1, listener), KERNEL_ESTABLISHED);
        rig_expect(&one, cases[i].log);
        rig_close(&one);
    }
}

static void a_crossing_survives_losses(void **state) {
    (void)state;
    static const struct {
        const char *lost_of_a, *lost_of_b;
        int64_t a_by_us, b_by_us; /* established then, not before */
    } cases[] = {
        {"SYN", NULL, 75 * MS, 50 * MS},
        {NULL, "SYN", 50 * MS, 75 * MS},
        {"SYN-ACK", NULL, 50 * MS, 75 * MS},
        {NULL, "SYN-ACK", 75 * MS, 50 * MS},
        {"ACK", "ACK", 50 * MS, 50 * MS},
        {"SYN", "SYN", 1050 * MS, 1050 * MS},
        {"SYN-ACK", "SYN-ACK", 1025 * MS, 1025 * MS},
        {"SYN", "ACK", 1050 * MS, 50 * MS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig one;
        rig_open(&one, D, true);
        if (cases[i].lost_of_a != NULL) rig_lose(&one, 0, cases[i].lost_of_a, 1);
        if (cases[i].lost_of_b != NULL) rig_lose(&one, 1, cases[i].lost_of_b, 1);
        int sockets[2] = {rig_connect(&one, 0), rig_connect(&one, 1)};
        int64_t by_us[2] = {0, 0};
        while (schedule_step(&one.schedule, 20000 * MS)) {
            for (int side = 0; side < 2; side++) {
                kernel_state now = kernel_state_of(one.kernels[side], sockets[side]);
                if (now == KERNEL_ESTABLISHED && by_us[side] == 0)
                    by_us[side] = one.schedule.now_us;
            }
        }
        assert_int_equal(by_us[0], cases[i].a_by_us);
        assert_int_equal(by_us[1], cases[i].b_by_us);
        rig_close(&one);
    }
}

/* The half-open socket of the peer answers the new SYN with a challenge, whose answer kills it. */
static void a_redial_within_the_round_trip_kills(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int a = rig_connect(&one, 0), b = rig_connect(&one, 1);
    rig_run(&one, 10 * MS);
    kernel_abort(one.kernels[0], a);
    a = rig_connect(&one, 0);
    assert_true(a >= 0);
    rig_run(&one, 85 * MS);
    rig_expect(&one, "    0.0 a SYN\n    0.0 b SYN\n   10.0 a SYN\n   25.0 b SYN-ACK\n"
                     "   25.0 a SYN-ACK\n   35.0 b ACK\n   50.0 a ACK\n   60.0 a RST\n");
    is_state(&one, 1, b, KERNEL_CLOSED);
    assert_int_equal(kernel_error(one.kernels[1], b), ECONNRESET);
    rig_close(&one);
}

static void what_holds_the_tuple(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int a = rig_connect(&one, 0);
    assert_int_equal(rig_connect(&one, 0), -EADDRNOTAVAIL);
    kernel_abort(one.kernels[0], a); /* SYN_SENT goes without a word */
    a = rig_connect(&one, 0);
    kernel_close(one.kernels[0], a);
    a = rig_connect(&one, 0);
    assert_true(a >= 0);
    rig_expect(&one, "    0.0 a SYN\n    0.0 a SYN\n    0.0 a SYN\n");
    rig_close(&one);

    /* Closed in SYN_RECV: FIN, and an orphan for two minutes, even though the peer is there. */
    rig_open(&one, D, true);
    rig_lose(&one, 0, "SYN-ACK", 0);
    rig_lose(&one, 0, "FIN-ACK", 0);
    rig_lose(&one, 1, "SYN-ACK", 0);
    a = rig_connect(&one, 0);
    rig_connect(&one, 1);
    rig_run(&one, 30 * MS);
    is_state(&one, 0, a, KERNEL_SYN_RECV);
    kernel_close(one.kernels[0], a);
    is_state(&one, 0, a, KERNEL_FREE);
    assert_int_equal(rig_connect(&one, 0), -EADDRNOTAVAIL);
    rig_run(&one, 60000 * MS);
    assert_int_equal(rig_connect(&one, 0), -EADDRNOTAVAIL);
    rig_close(&one);

    /* Aborted in SYN_RECV: RST, and it is free. */
    rig_open(&one, D, true);
    a = rig_connect(&one, 0);
    int b = rig_connect(&one, 1);
    rig_run(&one, 30 * MS);
    kernel_abort(one.kernels[0], a);
    assert_int_equal(kernel_tuple_count(one.kernels[0]), 0);
    rig_run(&one, 100 * MS);
    rig_expect(&one, "    0.0 a SYN\n    0.0 b SYN\n   25.0 b SYN-ACK\n   25.0 a SYN-ACK\n"
                     "   30.0 a RST-ACK\n   50.0 a RST\n   50.0 b ACK\n   75.0 a RST\n");
    assert_int_equal(kernel_error(one.kernels[1], b), ECONNRESET);
    rig_close(&one);
}

static void a_full_accept_queue(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int listener = rig_listen(&one, 1, 1);
    int first = connect_from(&one, 0, 5001), second = connect_from(&one, 0, 5002);
    int third = connect_from(&one, 0, 5003);
    rig_run(&one, 90 * MS);
    /* All think that they are connected: the third's ACK was dropped. */
    is_state(&one, 0, first, KERNEL_ESTABLISHED);
    is_state(&one, 0, second, KERNEL_ESTABLISHED);
    is_state(&one, 0, third, KERNEL_ESTABLISHED);
    int fourth = connect_from(&one, 0, 5004); /* its SYN is dropped */
    rig_run(&one, 900 * MS);
    is_state(&one, 0, fourth, KERNEL_SYN_SENT);
    hop_address remote, local;
    assert_true(kernel_accept(one.kernels[1], listener, &remote, &local) >= 0);
    assert_int_equal(remote.port, 5001);
    rig_run(&one, 3000 * MS);
    take_in(&one, 1, listener);
    take_in(&one, 1, listener);
    rig_run(&one, 20000 * MS);
    is_state(&one, 0, fourth, KERNEL_ESTABLISHED);
    assert_true(kernel_accept(one.kernels[1], listener, &remote, &local) >= 0);
    assert_int_equal(take_in(&one, 1, listener), -EAGAIN);
    rig_close(&one);
}

static void a_listener_goes(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    int listener = rig_listen(&one, 1, 5), a = rig_connect(&one, 0);
    assert_int_equal(rig_listen(&one, 1, 5), -EADDRINUSE);
    rig_run(&one, 80 * MS);
    kernel_close(one.kernels[1], listener);
    rig_run(&one, 200 * MS);
    rig_expect(&one, "    0.0 a SYN\n   25.0 b SYN-ACK\n   50.0 a ACK\n   80.0 b RST-ACK\n");
    assert_int_equal(kernel_error(one.kernels[0], a), ECONNRESET);
    assert_int_equal(kernel_tuple_count(one.kernels[1]), 0);
    kernel_close(one.kernels[0], a);
    listener = rig_listen(&one, 1, 5);
    a = rig_connect(&one, 0);
    rig_run(&one, 230 * MS);
    kernel_close(one.kernels[1], listener);
    rig_run(&one, 400 * MS);
    rig_expect(&one, "  200.0 a SYN\n  225.0 b SYN-ACK\n  250.0 a ACK\n  275.0 b RST\n");
    assert_int_equal(kernel_error(one.kernels[0], a), ECONNRESET);
    rig_close(&one);
}

static void a_process_is_killed(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    rig_listen(&one, 1, 5);
    int listener = rig_listen(&one, 0, 5);
    int a = connect_from(&one, 0, 5001), unread = connect_from(&one, 0, 5002);
    rig_run(&one, 100 * MS);
    int b = take_in(&one, 1, 0), c = take_in(&one, 1, 0);
    assert_int_equal(kernel_write(one.kernels[1], c, (const uint8_t *)"hello", 5), 5);
    rig_run(&one, 200 * MS);
    int calling = connect_from(&one, 0, 5003);
    one.log[one.log_size = 0] = 0;
    (void)a, (void)unread, (void)calling, (void)listener;
    kernel_kill(one.kernels[0]);
    assert_int_equal(kernel_count(one.kernels[0]), 0);
    rig_run(&one, 300 * MS);
    rig_expect(&one, "  200.0 a FIN-ACK\n  200.0 a RST-ACK\n  225.0 b SYN-ACK\n  225.0 b ACK\n"
                     "  250.0 a RST\n");
    uint8_t byte;
    assert_int_equal(kernel_receive(one.kernels[1], b, &byte, 1), 0);
    assert_int_equal(kernel_receive(one.kernels[1], c, &byte, 1), -ECONNRESET);
    assert_true(rig_listen(&one, 0, 5) >= 0);
    rig_close(&one);
}

/* The time that it slept counts for no timer, also of what was due meanwhile. */
static void sleeps(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, false);
    rig_connect(&one, 0);
    rig_run(&one, 1500 * MS);
    rig_expect(&one, "    0.0 a SYN\n 1000.0 a SYN\n");
    kernel_sleep(one.kernels[0], 10000 * MS);
    rig_run(&one, 13500 * MS);
    rig_expect(&one, "12000.0 a SYN\n13000.0 a SYN\n");
    rig_close(&one);
}

static void numbers_and_limits(void **state) {
    (void)state;
    rig one;
    rig_open(&one, D, true);
    kernel_config config = {.schedule = &one.schedule, .socket_max = 2};
    config.send = NULL; /* nothing is sent by those that fail */
    kernel *small = kernel_new(&config);
    hop_address any = {.family = HOP_FAMILY_IPV4, .port = 7}, other = any;
    other.port = 8;
    assert_int_equal(kernel_listen(small, &any, 1), 0);
    assert_int_equal(kernel_listen(small, &other, 1), 1);
    other.port = 9;
    assert_int_equal(kernel_listen(small, &other, 1), -EMFILE);
    assert_int_equal(kernel_connect(small, &one.addresses[0], &one.addresses[1], 0), -EMFILE);
    kernel_close(small, 0);
    hop_address six = {.family = HOP_FAMILY_IPV6, .port = 1};
    assert_int_equal(kernel_connect(small, &any, &six, 0), -ENETUNREACH);
    assert_int_equal(kernel_listen(small, &any, 1), 0);
    kernel_free(small);
    /* Ports that the kernel chooses are in its range and differ. */
    int x = connect_from(&one, 0, 0), y = connect_from(&one, 0, 0);
    uint16_t x_port = kernel_local(one.kernels[0], x).port;
    uint16_t y_port = kernel_local(one.kernels[0], y).port;
    assert_in_range(x_port, 32768, 60999);
    assert_in_range(y_port, 32768, 60999);
    assert_int_not_equal(x_port, y_port);
    assert_int_equal(kernel_state_of(one.kernels[0], 99), KERNEL_FREE);
    assert_int_equal(kernel_write(one.kernels[0], 99, NULL, 0), -EBADF);
    rig_close(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_together),
        cmocka_unit_test(opens_together_with_a_skew),
        cmocka_unit_test(is_refused_beyond_the_delay),
        cmocka_unit_test(a_listener_accepts),
        cmocka_unit_test(a_dial_goes_before_the_listener),
        cmocka_unit_test(a_listener_survives_losses),
        cmocka_unit_test(a_crossing_survives_losses),
        cmocka_unit_test(a_redial_within_the_round_trip_kills),
        cmocka_unit_test(what_holds_the_tuple),
        cmocka_unit_test(a_full_accept_queue),
        cmocka_unit_test(a_listener_goes),
        cmocka_unit_test(a_process_is_killed),
        cmocka_unit_test(sleeps),
        cmocka_unit_test(numbers_and_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
