/* SPDX-License-Identifier: MIT */
/*
 * The connection with handlers in numbers: crossed dials, thousands one after the other, a thousand
 * at once, and a token that another thread fires. Run with HOP_TEST_FEW=n each number is divided by
 * n; what sanitizers and valgrind slow down by twenty is then still done.
 */
#include <malloc.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "api/conn.h"

#define SIDE_BY_SIDE 16 /* pairs in flight */
#define SHAKING_MAX  32 /* of many, those in their handshake: one thread, which has 5 s for each */

static int few(int count) {
    const char *divisor = getenv("HOP_TEST_FEW");
    int by = divisor == NULL ? 1 : atoi(divisor);
    return by > 1 ? (count + by - 1) / by : count;
}

static void exchange(witness *pairs, int count) {
    char names[4 * SIDE_BY_SIDE][32];
    for (int i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "I am %p", (void *)pairs[i].conn);
        write_text(&pairs[i], names[i]);
        hop_conn_end(pairs[i].conn);
    }
    int done = 0;
    TURN_UNTIL(pairs, count, (done = 0, ({
                                  for (int i = 0; i < count; i++)
                                      done += pairs[i].over;
                                  done == count;
                              })));
    for (int i = 0; i < count; i++) {
        assert_string_equal(pairs[i].heard, names[i ^ 1]); /* one connection, whole */
        assert_int_equal(pairs[i].error, HOP_E_PEER_CLOSED);
    }
}

/* "Crossed dials end dead in 44 of 200 runs." */
static void no_crossed_dial_ends_dead(void **state) {
    (void)state;
    static witness pairs[2 * SIDE_BY_SIDE];
    int crossings = few(2000);
    int lost = 0;
    for (int run = 0; run < crossings; run += SIDE_BY_SIDE) {
        hop_conn_options options = plain_options();
        options.flags |= run % 3 == 1 ? HOP_NO_IPV6 : 0u;
        options.secret = run % 4 == 3 ? "crossing" : NULL;
        for (int i = 0; i < 2 * SIDE_BY_SIDE; i++)
            begin(&pairs[i], &options);
        for (int i = 0; i < 2 * SIDE_BY_SIDE; i++)
            dial(&pairs[i], &pairs[i ^ 1]);
        int settled = 0;
        TURN_UNTIL(pairs, 2 * SIDE_BY_SIDE, (settled = 0, ({
                                                 for (int i = 0; i < 2 * SIDE_BY_SIDE; i++)
                                                     settled +=
                                                         pairs[i].established || pairs[i].over;
                                                 settled == 2 * SIDE_BY_SIDE;
                                             })));
        for (int i = 0; i < 2 * SIDE_BY_SIDE; i++)
            lost += !pairs[i].established;
        assert_int_equal(lost, 0);
        exchange(pairs, 2 * SIDE_BY_SIDE);
        for (int i = 0; i < 2 * SIDE_BY_SIDE; i++)
            hop_conn_free(pairs[i].conn);
    }
    print_message("%d crossings, %d ends dead\n", crossings, lost);
}

/* 0: the allocator of this build does not count (a sanitizer's, which looks for leaks itself). */
static size_t memory_in_use(void) {
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void nothing_leaks_over_thousands(void **state) {
    (void)state;
    static witness pair[2];
    int count = few(4000);
    size_t before = 0;
    int descriptors = 0;
    for (int i = 0; i < count / 2 + 100; i++) {
        hop_conn_options options = plain_options();
        options.secret = i % 8 == 0 ? "now and then" : NULL;
        if (i == 100) { /* by now whatever is kept for ever is there */
            before = memory_in_use();
            descriptors = count_descriptors();
        }
        begin_two(pair, &options);
        if (i % 4 != 3) meet(pair);
        if (i % 4 == 0) exchange(pair, 2);
        if (i % 4 == 1) hop_conn_close(pair[0].conn);
        if (i % 4 == 1) TURN_UNTIL(pair, 2, pair[0].over && pair[1].over);
        free_two(pair);
    }
    size_t after = memory_in_use();
    print_message("%d connections: %zu bytes in use before, %zu after\n", count, before, after);
    assert_int_equal(count_descriptors(), descriptors);
    assert_true(after <= before + 4096);
}

/* As a user with many would: one epoll, who is ready is processed. */
static int64_t serve(int poll_fd, witness *all, int count) {
    struct epoll_event events[256];
    int ready = epoll_wait(poll_fd, events, 256, 20);
    for (int i = 0; i < ready; i++)
        all[events[i].data.u32].over = hop_conn_process(all[events[i].data.u32].conn) == 0;
    int64_t got = 0;
    for (int i = 0; i < count; i++) {
        if (hop_conn_poll_ms(all[i].conn) == 0) hop_conn_process(all[i].conn);
        got += (int64_t)all[i].got;
    }
    return got;
}

/* Each dials the next one, until all have heard so many bytes. How long that takes is up to the
 * machine, but on it goes. */
static void meet_and_hear(int poll_fd, witness *all, int count, int bytes) {
    int64_t got = 0, deadline = now_ms() + PATIENCE_MS;
    for (int dialled = 0; got < (int64_t)bytes * count;) {
        int established = 0;
        for (int i = 0; i < dialled; i++)
            established += all[i].established;
        for (; dialled < count && dialled - established < 2 * SHAKING_MAX; dialled += 2)
            dial(&all[dialled], &all[dialled + 1]);
        int64_t before = got;
        got = serve(poll_fd, all, count);
        if (got > before) deadline = now_ms() + PATIENCE_MS;
        assert_true(now_ms() < deadline);
    }
}

static void a_thousand_at_once_in_one_thread(void **state) {
    (void)state;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int count = 2 * few(1000); /* both ends are here */
    if (limit.rlim_cur < (rlim_t)count * 7) {
        print_message("SKIP: %d descriptors are not allowed here\n", count * 7);
        skip();
    }
    witness *all = calloc((size_t)count, sizeof *all);
    int poll_fd = epoll_create1(EPOLL_CLOEXEC);
    assert_non_null(all);
    size_t before = memory_in_use();
    for (int i = 0; i < count; i++) {
        hop_conn_options options = plain_options();
        options.secret = i / 2 % 2 ? "every other one" : NULL;
        begin(&all[i], &options);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        assert_int_equal(epoll_ctl(poll_fd, EPOLL_CTL_ADD, hop_conn_poll_fd(all[i].conn), &event),
                         0);
    }
    for (int i = 0; i < count; i++)
        write_text(&all[i], "a word");
    meet_and_hear(poll_fd, all, count, 6);
    size_t memory = memory_in_use();
    size_t each = memory == 0 ? 0 : (memory - before) / (size_t)count;
    for (int i = 0; i < count; i++)
        assert_int_equal(all[i].established, 1);
    print_message("%d ends at once, %zu bytes each, %d descriptors\n", count, each,
                  count_descriptors());
    for (int i = 0; i < count; i++)
        hop_conn_free(all[i].conn);
    free(all);
    close(poll_fd);
}

static void *fire(void *token) {
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    hop_cancel_token_fire(token);
    return NULL;
}

static void another_thread_may_cancel(void **state) {
    (void)state;
    static witness pair[2];
    for (int run = 0; run < few(100); run++) {
        hop_cancel_token *token = NULL;
        pthread_t thread;
        hop_conn_options options = plain_options();
        assert_int_equal(hop_cancel_token_new(&token), 0);
        options.cancel = token;
        begin_two(pair, &options);
        assert_int_equal(pthread_create(&thread, NULL, fire, token), 0);
        if (run % 2) dial(&pair[0], &pair[1]);
        TURN_UNTIL(pair, 2, pair[0].over && pair[1].over);
        for (int i = 0; i < 2; i++) {
            assert_true(pair[i].error == HOP_E_CLOSED || pair[i].error == HOP_E_PEER_CLOSED ||
                        pair[i].error == HOP_E_BROKEN);
        }
        assert_int_equal(pthread_join(thread, NULL), 0);
        free_two(pair);
        hop_cancel_token_free(token);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(no_crossed_dial_ends_dead),
        API_TEST(nothing_leaks_over_thousands),
        API_TEST(a_thousand_at_once_in_one_thread),
        API_TEST(another_thread_may_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
