/* SPDX-License-Identifier: MIT */
/*
 * The life of an endpoint: its port, its waiting, its cancelling from elsewhere, its end at any
 * moment, and a machine that runs out of descriptors.
 */
#include "api/api.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>

static uint16_t listen_somewhere(int *ret_fd) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    *ret_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*ret_fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(*ret_fd, 1), 0);
    assert_int_equal(getsockname(*ret_fd, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

/* --- the port */

static void a_taken_port_is_said(void **state) {
    (void)state;
    int other;
    hop_options options = loopback_options(0);
    options.local_port = listen_somewhere(&other);
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(&options, &endpoint), HOP_E_PORT);
    assert_null(endpoint);
    close(other);
    assert_int_equal(hop_open(&options, &endpoint), 0);
    hop_endpoint *second = NULL;
    /* Of the same user, who may share ports: nevertheless. */
    assert_int_equal(hop_open(&options, &second), HOP_E_PORT);
    hop_free(endpoint);
    assert_int_equal(hop_open(&options, &second), 0);
    hop_free(second);
}

static void a_port_is_ours_again_after_use(void **state) {
    (void)state;
    int other;
    hop_options options = loopback_options(0), any = loopback_options(0);
    options.local_port = listen_somewhere(&other);
    close(other);
    for (int i = 0; i < 3; i++) {
        outcome outcomes[2];
        meet_by_hand(&options, &any, outcomes);
        assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
        char port[8];
        snprintf(port, sizeof port, ":%u", options.local_port);
        assert_string_equal(strrchr(outcomes[0].local, ':'), port);
        assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    }
}

static void candidates_name_the_port(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(&options, &endpoint), 0);
    char port[8] = "";
    int count = 0;
    for (;;) {
        hop_event event;
        assert_int_equal(hop_wait(endpoint, PATIENCE_MS), 1);
        assert_int_equal(hop_next(endpoint, &event), 1);
        if (event.kind == HOP_EVENT_DESCRIBED) break;
        if (event.kind != HOP_EVENT_CANDIDATE) continue;
        assert_string_equal(event.candidate, "host");
        assert_non_null(strrchr(event.address, ':'));
        if (count++ == 0) snprintf(port, sizeof port, "%s", strrchr(event.address, ':'));
        assert_string_equal(strrchr(event.address, ':'), port);
    }
    assert_true(count >= 1 && count <= 8);
    hop_free(endpoint);
}

/* --- waiting */

static void waiting_ends_with_the_time(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoint = open_described(&options);
    hop_event event;
    while (hop_next(endpoint, &event) == 1)
        continue;
    assert_int_equal(hop_wait(endpoint, 0), 0);
    int64_t before = now_ms();
    assert_int_equal(hop_wait(endpoint, 60), 0);
    assert_true(now_ms() - before >= 59);
    /* Nothing to do until somebody calls hop_attempt: the loop is not to spin. */
    assert_int_equal(hop_poll_ms(endpoint), -1);
    assert_int_equal(poll(&(struct pollfd){.fd = hop_poll_fd(endpoint), .events = POLLIN}, 1, 0),
                     0);
    hop_free(endpoint);
}

static void waiting_events_mean_no_wait(void **state) {
    (void)state;
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(NULL, &endpoint), 0);
    assert_int_equal(hop_wait(endpoint, PATIENCE_MS), 1);
    assert_int_equal(hop_poll_ms(endpoint), 0);
    assert_int_equal(hop_wait(endpoint, 0), 1); /* it does not consume */
    hop_free(endpoint);
}

/* --- cancelling */

static void *cancel_soon(void *endpoint) {
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    hop_cancel(endpoint);
    return NULL;
}

static void assert_cancelled(hop_endpoint *endpoint) {
    hop_event event = await(endpoint, HOP_EVENT_FAILED);
    assert_int_equal(event.kind, HOP_EVENT_FAILED);
    assert_int_equal(event.error, HOP_E_CANCELLED);
    assert_string_equal(event.text, hop_error_text(HOP_E_CANCELLED));
    assert_non_null(event.advice);
    assert_non_null(event.report);
}

static void cancel_from_another_thread(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoint = open_described(&options);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, endpoint), 0);
    assert_int_equal(hop_wait(endpoint, -1), 1);
    assert_cancelled(endpoint);
    pthread_join(thread, NULL);
    hop_cancel(endpoint); /* a later call does nothing */
    hop_process(endpoint);
    hop_event event;
    while (hop_next(endpoint, &event) == 1)
        assert_int_equal(event.kind, HOP_EVENT_NOTE);
    assert_true(hop_wait(endpoint, -1) < 0); /* nothing will come: it must not block */
    hop_free(endpoint);
}

static hop_endpoint *signalled;

static void on_alarm(int number) {
    (void)number;
    hop_cancel(signalled);
}

static void cancel_from_a_signal_handler(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    signalled = open_described(&options);
    struct sigaction action = {.sa_handler = on_alarm}, before;
    sigaction(SIGALRM, &action, &before);
    struct itimerval soon = {.it_value = {.tv_usec = 30000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    assert_int_equal(hop_wait(signalled, -1), 1);
    assert_cancelled(signalled);
    sigaction(SIGALRM, &before, NULL);
    signalled = hop_free(signalled);
}

static void cancel_in_the_middle(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *peer = open_described(&options);
    hop_endpoint *endpoint = open_described(&options);
    assert_int_equal(hop_attempt(endpoint, hop_description(peer)), 0);
    hop_free(peer);
    hop_cancel(endpoint);
    hop_cancel(endpoint);
    assert_cancelled(endpoint);
    hop_free(endpoint);
}

/* --- ending */

/* One side goes away after its n-th event; the other must come to an end of its own. */
static bool free_after(int n, int which) {
    hop_options options = loopback_options(0);
    options.timeout_ms = 400;
    hop_endpoint *endpoints[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++)
        assert_int_equal(hop_open(&options, &endpoints[i]), 0);
    outcome rest = {.fd = -1};
    bool attempted = false, freed = false, ended = false;
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (!freed && !ended && now_ms() < deadline) {
        hop_event event;
        hop_wait(endpoints[which], 5);
        hop_process(endpoints[1 - which]);
        bool both = hop_description(endpoints[0]) != NULL && hop_description(endpoints[1]) != NULL;
        if (both && !attempted) {
            attempted = true;
            assert_int_equal(hop_attempt(endpoints[0], hop_description(endpoints[1])), 0);
            assert_int_equal(hop_attempt(endpoints[1], hop_description(endpoints[0])), 0);
        }
        while (!freed && hop_next(endpoints[which], &event) == 1) {
            ended = ended || event.kind == HOP_EVENT_ESTABLISHED;
            if (n-- > 0) continue;
            freed = true;
            endpoints[which] = hop_free(endpoints[which]);
        }
    }
    if (attempted && freed) drive(&endpoints[1 - which], &rest, 1);
    if (rest.fd >= 0) close(rest.fd);
    hop_free(endpoints[0]);
    hop_free(endpoints[1]);
    return freed;
}

static void an_endpoint_can_go_at_any_moment(void **state) {
    (void)state;
    int n = 0;
    while (free_after(n, n % 2))
        n++;
    assert_true(n >= 5); /* candidates, described, peer, notes, established at least */
}

static void an_established_descriptor_not_taken_is_closed(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoints[2] = {open_described(&options), open_described(&options)};
    assert_int_equal(hop_attempt(endpoints[0], hop_description(endpoints[1])), 0);
    assert_int_equal(hop_attempt(endpoints[1], hop_description(endpoints[0])), 0);
    int64_t deadline = now_ms() + PATIENCE_MS;
    bool established[2] = {false, false};
    while (!(established[0] && established[1]) && now_ms() < deadline) {
        for (int i = 0; i < 2; i++) {
            hop_event event;
            hop_wait(endpoints[i], 1);
            if (hop_next(endpoints[i], &event) != 1) continue;
            established[i] = established[i] || event.kind == HOP_EVENT_ESTABLISHED;
        }
    }
    assert_true(established[0] && established[1]);
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
}

/* --- a machine without descriptors */

static void with_descriptors(int spare, int *established) {
    struct rlimit before, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    hop_options options = loopback_options(0);
    options.timeout_ms = FAILING_MS;
    hop_endpoint *endpoints[2] = {NULL, NULL};
    low = before;
    low.rlim_cur = (rlim_t)(count_descriptors() - 3 + spare); /* ".", ".." and the folder itself */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    int opened = 0;
    for (int i = 0; i < 2; i++) {
        errno = 0;
        int error = hop_open(&options, &endpoints[i]);
        int why = errno;
        if (error == 0)
            opened++;
        else
            assert_true(error == HOP_E_SYSTEM && why == EMFILE && endpoints[i] == NULL);
    }
    outcome outcomes[2] = {{.fd = -1}, {.fd = -1}};
    if (opened == 2) {
        for (int i = 0; i < 2; i++) {
            assert_int_equal(await(endpoints[i], HOP_EVENT_DESCRIBED).kind, HOP_EVENT_DESCRIBED);
        }
        assert_int_equal(hop_attempt(endpoints[0], hop_description(endpoints[1])), 0);
        assert_int_equal(hop_attempt(endpoints[1], hop_description(endpoints[0])), 0);
        drive(endpoints, outcomes, 2);
        assert_int_equal(outcomes[0].kind, outcomes[1].kind);
    }
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    if (outcomes[0].fd < 0) return;
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    ++*established;
}

static void out_of_descriptors(void **state) {
    (void)state;
    int established = 0;
    for (int spare = 0; spare < 24; spare++)
        with_descriptors(spare, &established);
    assert_true(established > 0 && established < 24);
}

/* --- descriptors and other programs */

/* Does an execve() leave them all behind? Those that the test itself was started with are not ours.
 */
static void nothing_is_inherited(void **state) {
    (void)state;
    enum { LOOK_AT = 256 };
    bool was_open[LOOK_AT];
    for (int fd = 0; fd < LOOK_AT; fd++)
        was_open[fd] = fcntl(fd, F_GETFD) >= 0;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoint = open_described(&options);
    int checked = 0;
    for (int fd = 0; fd < LOOK_AT; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (was_open[fd] || flags < 0) continue;
        assert_true(flags & FD_CLOEXEC);
        checked++;
    }
    assert_true(checked >= 3);
    hop_free(endpoint);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(a_taken_port_is_said),
        API_TEST(a_port_is_ours_again_after_use),
        API_TEST(candidates_name_the_port),
        API_TEST(waiting_ends_with_the_time),
        API_TEST(waiting_events_mean_no_wait),
        API_TEST(cancel_from_another_thread),
        API_TEST(cancel_from_a_signal_handler),
        API_TEST(cancel_in_the_middle),
        API_TEST(an_endpoint_can_go_at_any_moment),
        API_TEST(an_established_descriptor_not_taken_is_closed),
        API_TEST(out_of_descriptors),
        API_TEST(nothing_is_inherited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
