/* SPDX-License-Identifier: MIT */
/*
 * What single packets do to one kernel, in each state: the test is the peer. The answers are those
 * of Linux 6.18, to which the same packets were sent by hand through a TUN device. Numbers are
 * relative to the first of each side.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kernel_rig.h"

#define F      PACKET_FIN
#define S      PACKET_SYN
#define R      PACKET_RST
#define A      PACKET_ACK
#define OUR    UINT32_C(0x40000000) /* our first sequence number */
#define MANY   8
#define SILENT ""

typedef struct drill {
    schedule plan;
    kernel *kernel;
    hop_address here, peer;
    uint32_t theirs; /* the kernel's first sequence number */
    bool begun;
    uint32_t stamp; /* its last one */
    char got[400];  /* "SYN 0; ACK 1 1; " since the last look */
    uint8_t ttl;
    int socket, listener;
} drill;

static void on_send(void *context, const packet *out) {
    drill *one = context;
    if (!one->begun) one->theirs = out->seq;
    one->begun = true;
    one->ttl = out->ttl;
    if (out->stamp != 0) one->stamp = out->stamp;
    size_t at = strlen(one->got);
    char ack[20] = "";
    if (out->flags & A) snprintf(ack, sizeof ack, " %d", (int)(out->ack - OUR));
    snprintf(
        one->got + at, sizeof one->got - at, "%s %d%s; ", packet_name(out),
        (int)(out->seq - ((out->flags & (A | R)) == (R | A) && out->seq == 0 ? 0 : one->theirs)),
        ack);
}

static void on_ready(void *context, int socket, unsigned what) {
    (void)context, (void)socket, (void)what;
}

static void start(drill *one) {
    memset(one, 0, sizeof *one);
    one->here = (hop_address){.family = HOP_FAMILY_IPV4, .ip = {192, 0, 2, 1}, .port = 4000};
    one->peer = (hop_address){.family = HOP_FAMILY_IPV4, .ip = {192, 0, 2, 2}, .port = 9};
    kernel_config config = {.schedule = &one->plan, .seed = 1, .context = one};
    config.send = on_send;
    config.ready = on_ready;
    one->kernel = kernel_new(&config);
    one->socket = one->listener = -1;
}

static void stop(drill *one) {
    kernel_free(one->kernel);
    schedule_clear(&one->plan);
}

static void pass(drill *one, int64_t time_us) {
    int64_t until_us = one->plan.now_us + time_us;
    while (schedule_step(&one->plan, until_us)) {
    }
    one->plan.now_us = until_us;
}

/* 20 ms later this comes in; what goes out at once must be `answer`. */
static void words(drill *one, uint8_t flags, int seq, int ack, const char *text,
                  const char *answer) {
    pass(one, 20 * MS);
    one->got[0] = 0;
    packet head = {.source = one->peer, .target = one->here, .ttl = 60, .flags = flags};
    head.seq = OUR + (uint32_t)seq;
    if (flags & A) head.ack = one->theirs + (uint32_t)ack;
    head.stamp = flags & R ? 0 : (uint32_t)(one->plan.now_us / 1000 + 500);
    head.echo = flags & A && !(flags & R) ? one->stamp : 0;
    packet *in = packet_new(&head, (uint16_t)strlen(text));
    memcpy(in->bytes, text, strlen(text));
    kernel_receive_packet(one->kernel, in);
    free(in);
    assert_string_equal(one->got, answer);
}

static void send_in(drill *one, uint8_t flags, int seq, int ack, const char *answer) {
    words(one, flags, seq, ack, "", answer);
}

static void error_in(drill *one, packet_kind kind, uint8_t code, int seq) {
    packet error = {.kind = kind, .target = one->here, .code = code};
    error.quoted_source = one->here;
    error.quoted_target = one->peer;
    error.quoted_seq = one->theirs + (uint32_t)seq;
    kernel_receive_packet(one->kernel, &error);
}

static void is(const drill *one, kernel_state state) {
    assert_int_equal(kernel_state_of(one->kernel, one->socket), state);
}

static void failed(drill *one, int error) {
    is(one, KERNEL_CLOSED);
    assert_int_equal(kernel_error(one->kernel, one->socket), error);
}

static void dial(drill *one) {
    start(one);
    one->socket = kernel_connect(one->kernel, &one->here, &one->peer, 0);
    assert_string_equal(one->got, "SYN 0; ");
}

static void cross(drill *one) {
    dial(one);
    send_in(one, S, 0, 0, "SYN-ACK 0 1; ");
    is(one, KERNEL_SYN_RECV);
}

static void establish(drill *one) {
    dial(one);
    send_in(one, S | A, 0, 1, "ACK 1 1; ");
    is(one, KERNEL_ESTABLISHED);
}

static void request(drill *one) {
    start(one);
    one->listener = kernel_listen(one->kernel, &one->here, 5);
    send_in(one, S, 0, 0, "SYN-ACK 0 1; ");
}

static void in_syn_sent(void **state) {
    (void)state;
    drill one;
    dial(&one);
    send_in(&one, S | A, 0, 5, "RST 5; ");
    one.got[0] = 0;
    pass(&one, 7 * MS);
    assert_string_equal(one.got, SILENT);
    pass(&one, 2 * MS); /* once, and soon: the peer may have been freed by it */
    assert_string_equal(one.got, "SYN 0; ");
    send_in(&one, R, 0, 0, SILENT);
    send_in(&one, R | A, 0, 7, SILENT);
    send_in(&one, A, 0, 1, SILENT);
    send_in(&one, A, 0, 2, "RST 2; ");
    send_in(&one, F | A, 0, 1, SILENT);
    is(&one, KERNEL_SYN_SENT);
    assert_int_equal(kernel_ready(one.kernel, one.socket), 0);
    send_in(&one, R | A, 0, 1, SILENT);
    failed(&one, ECONNREFUSED);
    stop(&one);
}

static void in_syn_recv(void **state) {
    (void)state;
    drill one;
    cross(&one);
    send_in(&one, S | A, 0, 1, "ACK 1 1; "); /* at once, and acknowledged */
    is(&one, KERNEL_ESTABLISHED);
    assert_int_equal(kernel_rtt_us(one.kernel, one.socket), 20 * MS);
    stop(&one);

    cross(&one);
    send_in(&one, S, 0, 0, "ACK 1 1; ");
    send_in(&one, S, 1000000, 0, SILENT); /* one challenge in half a second */
    send_in(&one, S, -1000000, 0, SILENT);
    send_in(&one, A, 1, 5, "RST 5; ");
    is(&one, KERNEL_SYN_RECV);
    send_in(&one, A, 1, 1, SILENT);
    is(&one, KERNEL_ESTABLISHED);
    stop(&one);

    cross(&one);
    send_in(&one, S | A, 500, 1, "ACK 1 1; ");
    send_in(&one, S | A, 0, 2, SILENT);
    send_in(&one, R, 100, 0, SILENT);
    pass(&one, 500 * MS);
    send_in(&one, R, 100, 0, "ACK 1 1; ");
    send_in(&one, R, 0, 0, SILENT);
    send_in(&one, R, 100000, 0, SILENT);
    is(&one, KERNEL_SYN_RECV);
    send_in(&one, R, 1, 0, SILENT);
    failed(&one, ECONNRESET);
    stop(&one);

    cross(&one);
    words(&one, A, 1, 1, "hi", "ACK 1 3; "); /* the SYN-ACK was lost */
    is(&one, KERNEL_ESTABLISHED);
    stop(&one);

    cross(&one);
    send_in(&one, F | A, 1, 1, "ACK 1 2; ");
    uint8_t byte;
    assert_int_equal(kernel_receive(one.kernel, one.socket, &byte, 1), 0);
    stop(&one);
}

static void closed_in_syn_recv(void **state) {
    (void)state;
    drill one;
    cross(&one);
    one.got[0] = 0;
    kernel_abort(one.kernel, one.socket);
    assert_string_equal(one.got, "RST-ACK 1 1; ");
    stop(&one);

    cross(&one);
    one.got[0] = 0;
    kernel_close(one.kernel, one.socket);
    assert_string_equal(one.got, "FIN-ACK 1 1; ");
    send_in(&one, S | A, 0, 1, "ACK 2 1; "); /* nobody is there to be connected */
    send_in(&one, A, 1, 1, SILENT);
    assert_int_equal(kernel_connect(one.kernel, &one.here, &one.peer, 0), -EADDRNOTAVAIL);
    send_in(&one, A, 1, 2, SILENT);
    one.got[0] = 0;
    assert_true(kernel_connect(one.kernel, &one.here, &one.peer, 0) >= 0);
    assert_string_equal(one.got, "SYN 65539; ");
    stop(&one);
}

static void times_in_syn_recv(void **state) {
    (void)state;
    drill one;
    dial(&one);
    pass(&one, 2480 * MS);
    send_in(&one, S, 0, 0, "SYN-ACK 0 1; ");
    static const int64_t again_ms[] = {3000, 5000, 9000, 17000};
    for (size_t i = 0; i < 4; i++) {
        pass(&one, again_ms[i] * MS - 1 - one.plan.now_us);
        one.got[0] = 0;
        pass(&one, 1);
        assert_string_equal(one.got, "SYN-ACK 0 1; ");
    }
    pass(&one, 15999 * MS);
    is(&one, KERNEL_SYN_RECV);
    pass(&one, 1 * MS);
    failed(&one, ETIMEDOUT);
    stop(&one);
}

static void established(void **state) {
    (void)state;
    drill one;
    establish(&one);
    send_in(&one, S, 777777, 0, "ACK 1 1; ");
    send_in(&one, S, 0, 0, SILENT);
    send_in(&one, S | A, 0, 1, SILENT);
    send_in(&one, R, 500, 0, SILENT);
    send_in(&one, R | A, -10, 3, SILENT);
    pass(&one, 500 * MS);
    send_in(&one, S | A, 0, 1, "ACK 1 1; "); /* our ACK was lost */
    is(&one, KERNEL_ESTABLISHED);
    send_in(&one, R, 1, 0, SILENT);
    failed(&one, ECONNRESET);
    stop(&one);

    establish(&one);
    words(&one, A, 3, 1, "cd", "ACK 1 1; ");
    words(&one, A, 1, 1, "abc", "ACK 1 5; ");
    words(&one, A, 1, 1, "ab", "ACK 1 5; ");
    send_in(&one, F | A, 7, 1, "ACK 1 5; ");
    words(&one, A, 5, 1, "ef", "ACK 1 8; ");
    char bytes[9] = {0};
    assert_int_equal(kernel_receive(one.kernel, one.socket, (uint8_t *)bytes, 8), 6);
    assert_string_equal(bytes, "abcdef");
    send_in(&one, R, 8, 0, SILENT);
    failed(&one, EPIPE);
    stop(&one);
}

static void nobody(void **state) {
    (void)state;
    drill one;
    dial(&one);
    kernel_abort(one.kernel, one.socket);
    send_in(&one, S | A, 0, 1, "RST 1; ");
    send_in(&one, S, 0, 0, "RST-ACK 0 1; ");
    send_in(&one, A, 1, 1, "RST 1; ");
    words(&one, F, 1, 0, "abc", "RST-ACK 0 5; ");
    send_in(&one, R, 1, 0, SILENT);
    send_in(&one, R | A, 1, 1, SILENT);
    stop(&one);
}

static void at_a_listener(void **state) {
    (void)state;
    drill one;
    request(&one);
    send_in(&one, S, 0, 0, "SYN-ACK 0 1; ");
    send_in(&one, S, 1000, 0, "RST-ACK 0 1001; "); /* another one, in the window: the end of it */
    stop(&one);

    request(&one);
    assert_int_equal(kernel_connect(one.kernel, &one.here, &one.peer, 0), -EADDRNOTAVAIL);
    send_in(&one, S, 5000000, 0, "ACK 1 1; ");
    send_in(&one, S, -5000000, 0, SILENT);
    send_in(&one, A, 1, 7, "RST 7; ");
    send_in(&one, R, 0, 0, SILENT);
    send_in(&one, R, 200000, 0, SILENT);
    pass(&one, 500 * MS);
    send_in(&one, R, 50, 0, "ACK 1 1; ");
    assert_int_equal(kernel_tuple_count(one.kernel), 1);
    send_in(&one, R, 1, 0, SILENT);
    assert_int_equal(kernel_tuple_count(one.kernel), 0);
    stop(&one);

    /* A SYN-ACK does not complete a request, but its sender takes our answer for the last word; and
     * the echo of that answer is not what the request waits for. */
    request(&one);
    send_in(&one, S | A, 0, 1, "ACK 1 1; ");
    words(&one, A, 1, 1, "hi", "ACK 1 1; ");
    assert_int_equal(kernel_ready(one.kernel, one.listener), 0);
    pass(&one, 1000 * MS);
    send_in(&one, A, 1, 1, SILENT);
    assert_int_equal(kernel_ready(one.kernel, one.listener), KERNEL_READABLE);
    stop(&one);

    request(&one);
    send_in(&one, F | A, 1, 1, "ACK 1 2; ");
    assert_int_equal(kernel_ready(one.kernel, one.listener), KERNEL_READABLE);
    stop(&one);

    start(&one);
    one.listener = kernel_listen(one.kernel, &one.here, 5);
    one.begun = true;
    send_in(&one, S | A, 0, 77, "RST 77; ");
    send_in(&one, A, 0, 77, "RST 77; ");
    send_in(&one, R | A, 0, 77, SILENT);
    send_in(&one, F, 0, 0, SILENT);
    send_in(&one, 0, 0, 0, SILENT);
    stop(&one);
}

/* The listener is closed while requests wait: they hold their 4-tuples until their next SYN-ACK
 * would be due, which is not sent, or until something comes for them. */
static void requests_without_a_listener(void **state) {
    (void)state;
    static const struct {
        uint8_t flags;
        int seq, ack;
        const char *nobody, *listener;
    } cases[] = {
        {A, 1, 1, "RST 1; ", "RST 1; "},
        {S | A, 0, 1, "RST 1; ", "RST 1; "},
        {S, 0, 0, "RST-ACK 0 1; ", "SYN-ACK 0 1; "},
        {S, 4000, 0, "RST-ACK 0 4001; ", "SYN-ACK 0 4001; "},
        {R, 1, 0, SILENT, SILENT},
        {R, -1000, 0, SILENT, SILENT},
    };
    drill one;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        bool again = i % 2 == 1;
        request(&one);
        kernel_close(one.kernel, one.listener);
        if (again) one.listener = kernel_listen(one.kernel, &one.here, 5);
        assert_int_equal(kernel_connect(one.kernel, &one.here, &one.peer, 0), -EADDRNOTAVAIL);
        bool fresh = again && cases[i / 2].flags == S;
        if (fresh) one.begun = false; /* its number is another */
        send_in(&one, cases[i / 2].flags, cases[i / 2].seq, cases[i / 2].ack,
                again ? cases[i / 2].listener : cases[i / 2].nobody);
        assert_int_equal(kernel_tuple_count(one.kernel), fresh ? 1 : 0);
        stop(&one);
    }
    static const int64_t closed_ms[] = {0, 1200, 3200}, gone_ms[] = {1000, 3000, 7000};
    for (size_t i = 0; i < 3; i++) {
        request(&one);
        pass(&one, closed_ms[i] * MS);
        kernel_close(one.kernel, one.listener);
        one.got[0] = 0;
        pass(&one, gone_ms[i] * MS - 1 - closed_ms[i] * MS);
        assert_int_equal(kernel_tuple_count(one.kernel), 1);
        pass(&one, 1 * MS);
        assert_int_equal(kernel_tuple_count(one.kernel), 0);
        assert_string_equal(one.got, SILENT);
        stop(&one);
    }
}

static void times_of_a_request(void **state) {
    (void)state;
    drill one;
    request(&one);
    static const int64_t again_ms[] = {1020, 3020, 7020, 15020, 31020};
    for (size_t i = 0; i < 5; i++) {
        pass(&one, again_ms[i] * MS - 1 - one.plan.now_us);
        one.got[0] = 0;
        pass(&one, 1);
        assert_string_equal(one.got, "SYN-ACK 0 1; ");
    }
    pass(&one, 31999 * MS);
    assert_int_equal(kernel_tuple_count(one.kernel), 1);
    pass(&one, 1 * MS);
    assert_int_equal(kernel_tuple_count(one.kernel), 0);
    stop(&one);
}

static void reset_before_accept(void **state) {
    (void)state;
    drill one;
    request(&one);
    send_in(&one, A, 1, 1, SILENT);
    send_in(&one, R, 1, 0, SILENT);
    assert_int_equal(kernel_tuple_count(one.kernel), 0);
    hop_address remote, local;
    one.socket = kernel_accept(one.kernel, one.listener, &remote, &local);
    assert_true(hop_address_equal(&remote, &one.peer));
    failed(&one, ECONNRESET);
    stop(&one);
}

/* A dial that a listener's port makes takes the SYN, not the listener. */
static void a_dial_beside_a_listener(void **state) {
    (void)state;
    drill one;
    start(&one);
    one.listener = kernel_listen(one.kernel, &one.here, 5);
    one.socket = kernel_connect(one.kernel, &one.here, &one.peer, 0);
    send_in(&one, S, 0, 0, "SYN-ACK 0 1; ");
    is(&one, KERNEL_SYN_RECV);
    send_in(&one, A, 1, 1, SILENT);
    is(&one, KERNEL_ESTABLISHED);
    assert_int_equal(kernel_ready(one.kernel, one.listener), 0);
    stop(&one);
}

static void errors_from_the_way(void **state) {
    (void)state;
    static const struct {
        packet_kind kind;
        uint8_t code;
        int error;
    } cases[MANY] = {
        {PACKET_TIME_EXCEEDED, 0, EHOSTUNREACH}, {PACKET_UNREACHABLE, 0, ENETUNREACH},
        {PACKET_UNREACHABLE, 1, EHOSTUNREACH},   {PACKET_UNREACHABLE, 3, ECONNREFUSED},
        {PACKET_UNREACHABLE, 2, ENOPROTOOPT},    {PACKET_UNREACHABLE, 9, ENETUNREACH},
        {PACKET_UNREACHABLE, 10, EHOSTUNREACH},  {PACKET_UNREACHABLE, 13, EHOSTUNREACH},
    };
    drill one;
    for (size_t i = 0; i < MANY; i++) {
        dial(&one);
        error_in(&one, cases[i].kind, cases[i].code, 2); /* of another connection */
        error_in(&one, cases[i].kind, cases[i].code, -1);
        is(&one, KERNEL_SYN_SENT);
        one.got[0] = 0;
        error_in(&one, cases[i].kind, cases[i].code, 0);
        assert_string_equal(one.got, SILENT);
        assert_int_equal(kernel_tuple_count(one.kernel), 0);
        failed(&one, cases[i].error);
        stop(&one);
    }
    cross(&one);
    error_in(&one, PACKET_TIME_EXCEEDED, 0, 0);
    failed(&one, EHOSTUNREACH);
    stop(&one);
    establish(&one);
    error_in(&one, PACKET_UNREACHABLE, 1, 1);
    is(&one, KERNEL_ESTABLISHED);
    assert_int_equal(kernel_ready(one.kernel, one.socket), KERNEL_WRITABLE);
    assert_int_equal(kernel_error(one.kernel, one.socket), EHOSTUNREACH);
    assert_int_equal(kernel_error(one.kernel, one.socket), 0);
    stop(&one);
    request(&one);
    error_in(&one, PACKET_UNREACHABLE, 1, 0);
    assert_int_equal(kernel_tuple_count(one.kernel), 0);
    stop(&one);
}

static void a_short_life(void **state) {
    (void)state;
    drill one;
    start(&one);
    one.socket = kernel_connect(one.kernel, &one.here, &one.peer, 3);
    assert_int_equal(one.ttl, 3);
    error_in(&one, PACKET_TIME_EXCEEDED, 0, 0); /* as was to be expected */
    is(&one, KERNEL_SYN_SENT);
    send_in(&one, S, 0, 0, "SYN-ACK 0 1; "); /* only the first one is low */
    assert_int_equal(one.ttl, 64);
    stop(&one);
    start(&one);
    one.socket = kernel_connect(one.kernel, &one.here, &one.peer, 3);
    pass(&one, 1001 * MS);
    assert_int_equal(one.ttl, 64);
    stop(&one);
}

static void wait_out(drill *one) {
    establish(one);
    one->got[0] = 0;
    kernel_close(one->kernel, one->socket);
    assert_string_equal(one->got, "FIN-ACK 1 1; ");
    send_in(one, A, 1, 2, SILENT);
    send_in(one, F | A, 1, 2, "ACK 2 2; ");
}

static void in_time_wait(void **state) {
    (void)state;
    drill one;
    wait_out(&one);
    send_in(&one, F | A, 1, 2, "ACK 2 2; ");
    send_in(&one, A, 2, 2, SILENT);
    words(&one, A, 2, 2, "zz", "ACK 2 2; ");
    send_in(&one, S, 5000, 0, "ACK 2 2; "); /* nobody listens */
    send_in(&one, S, -5000, 0, "ACK 2 2; ");
    assert_int_equal(kernel_tuple_count(one.kernel), 1);
    send_in(&one, R, 2, 0, SILENT);
    assert_int_equal(kernel_tuple_count(one.kernel), 0);
    stop(&one);

    wait_out(&one);
    kernel_listen(one.kernel, &one.here, 5);
    send_in(&one, S, 100000, 0, "SYN-ACK 65539 100001; ");
    stop(&one);
    wait_out(&one);
    kernel_listen(one.kernel, &one.here, 5);
    send_in(&one, S, -100000, 0, "SYN-ACK 65539 -99999; "); /* its stamp is newer */
    stop(&one);
    wait_out(&one);
    one.got[0] = 0;
    assert_true(kernel_connect(one.kernel, &one.here, &one.peer, 0) >= 0);
    assert_string_equal(one.got, "SYN 65539; ");
    stop(&one);
}

static void words_after_the_end(void **state) {
    (void)state;
    drill one;
    establish(&one);
    kernel_close(one.kernel, one.socket);
    send_in(&one, A, 1, 2, SILENT);
    words(&one, A, 1, 2, "zz", "RST 2; ");
    words(&one, A, 1, 2, "zz", "RST 2; ");
    stop(&one);
    establish(&one);
    kernel_close(one.kernel, one.socket);
    words(&one, A, 1, 1, "zz", "RST 1; ");
    assert_int_equal(kernel_tuple_count(one.kernel), 0);
    stop(&one);
    establish(&one);
    kernel_shut(one.kernel, one.socket);
    send_in(&one, A, 1, 2, SILENT);
    words(&one, A, 1, 2, "zz", "ACK 2 3; ");
    send_in(&one, F | A, 3, 2, "ACK 2 4; ");
    is(&one, KERNEL_CLOSED);
    uint8_t bytes[4];
    assert_int_equal(kernel_receive(one.kernel, one.socket, bytes, 4), 2);
    assert_int_equal(kernel_receive(one.kernel, one.socket, bytes, 4), 0);
    stop(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_syn_sent),
        cmocka_unit_test(in_syn_recv),
        cmocka_unit_test(closed_in_syn_recv),
        cmocka_unit_test(times_in_syn_recv),
        cmocka_unit_test(established),
        cmocka_unit_test(nobody),
        cmocka_unit_test(at_a_listener),
        cmocka_unit_test(requests_without_a_listener),
        cmocka_unit_test(times_of_a_request),
        cmocka_unit_test(reset_before_accept),
        cmocka_unit_test(a_dial_beside_a_listener),
        cmocka_unit_test(errors_from_the_way),
        cmocka_unit_test(a_short_life),
        cmocka_unit_test(in_time_wait),
        cmocka_unit_test(words_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
