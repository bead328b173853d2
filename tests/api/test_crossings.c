/* SPDX-License-Identifier: MIT */
/*
 * Many pairs of endpoints dial each other at once. Whatever the kernel makes of crossed dials, both
 * ends must hold the same connection, or both must have failed: one that is established while its
 * peer is not is a half-dead crossing, and there may be none.
 */
#include "api/api.h"

#include <pthread.h>

#define CROSSINGS        1000
#define SIDE_BY_SIDE     10 /* pairs in flight at the same time */
#define THREAD_CROSSINGS 300

typedef struct tally {
    int established;
    int failed;
    int half_dead;
    int error;
} tally;

static void count_pair(const outcome *a, const outcome *b, tally *result) {
    if (a->fd >= 0 && b->fd >= 0) {
        assert_one_connection(a->fd, b->fd);
        result->established++;
    } else if (a->fd >= 0 || b->fd >= 0) {
        close(a->fd >= 0 ? a->fd : b->fd);
        result->half_dead++;
    } else {
        result->failed++;
        result->error = a->error;
    }
}

static void assert_none_half_dead(const tally *total, int crossings) {
    print_message("%d crossings: %d established, %d failed on both sides, %d half-dead\n",
                  crossings, total->established, total->failed, total->half_dead);
    assert_int_equal(total->half_dead, 0);
    if (total->failed > 0) print_error("both failed: %s\n", hop_error_name(total->error));
    assert_int_equal(total->established, crossings);
}

static void cross(int pair_count, const hop_options *options, tally *result) {
    hop_endpoint *endpoints[2 * SIDE_BY_SIDE];
    outcome outcomes[2 * SIDE_BY_SIDE];
    for (int i = 0; i < 2 * pair_count; i++)
        endpoints[i] = open_described(options);
    for (int i = 0; i < 2 * pair_count; i++) {
        assert_int_equal(hop_attempt(endpoints[i], hop_description(endpoints[i ^ 1])), 0);
    }
    drive(endpoints, outcomes, 2 * pair_count);
    for (int i = 0; i < 2 * pair_count; i += 2) {
        count_pair(&outcomes[i], &outcomes[i + 1], result);
    }
    for (int i = 0; i < 2 * pair_count; i++)
        hop_free(endpoints[i]);
}

static void no_crossing_is_half_dead(void **state) {
    (void)state;
    const unsigned flags[] = {0, HOP_NO_IPV6, HOP_NO_IPV4};
    tally total = {0};
    for (int i = 0; i < CROSSINGS; i += SIDE_BY_SIDE) {
        hop_options options = loopback_options(flags[i / SIDE_BY_SIDE % 3]);
        cross(SIDE_BY_SIDE, &options, &total);
    }
    assert_none_half_dead(&total, CROSSINGS);
}

/* --- each end in a thread of its own, as on two machines */

typedef struct side {
    hop_endpoint *endpoint;
    const char *peer;
    pthread_barrier_t *both;
    outcome result;
} side;

static void *side_run(void *context) {
    side *own = context;
    own->result = (outcome){.fd = -1};
    pthread_barrier_wait(own->both);
    own->result.error = hop_attempt(own->endpoint, own->peer);
    if (own->result.error != 0) return NULL;
    while (own->result.kind == HOP_EVENT_NONE && hop_wait(own->endpoint, PATIENCE_MS) == 1) {
        look(own->endpoint, &own->result);
    }
    return NULL;
}

static void cross_in_threads(const hop_options *options, tally *result) {
    pthread_barrier_t both;
    pthread_t threads[2];
    side sides[2] = {{.endpoint = open_described(options)}, {.endpoint = open_described(options)}};
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    for (int i = 0; i < 2; i++) {
        sides[i].peer = hop_description(sides[1 - i].endpoint);
        sides[i].both = &both;
        assert_int_equal(pthread_create(&threads[i], NULL, side_run, &sides[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        hop_free(sides[i].endpoint);
    pthread_barrier_destroy(&both);
    count_pair(&sides[0].result, &sides[1].result, result);
}

static void no_crossing_of_threads_is_half_dead(void **state) {
    (void)state;
    const unsigned flags[] = {0, HOP_NO_IPV6, HOP_NO_IPV4};
    tally total = {0};
    for (int i = 0; i < THREAD_CROSSINGS; i++) {
        hop_options options = loopback_options(flags[i % 3]);
        cross_in_threads(&options, &total);
    }
    assert_none_half_dead(&total, THREAD_CROSSINGS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(no_crossing_is_half_dead),
        API_TEST(no_crossing_of_threads_is_half_dead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
