/* SPDX-License-Identifier: MIT */
/*
 * The manual way, without a rendezvous server: two endpoints of one process exchange their
 * descriptions and get the two ends of one connection.
 */
#include "api/api.h"

static void two_endpoints_meet(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    outcome outcomes[2];
    meet_by_hand(&options, &options, outcomes);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(outcomes[i].kind, HOP_EVENT_ESTABLISHED);
        assert_int_not_equal(outcomes[i].route, HOP_ROUTE_NONE);
        assert_true(outcomes[i].attempt_us >= outcomes[i].tcp_us);
        assert_true(outcomes[i].tcp_us >= 0);
    }
    assert_string_equal(outcomes[0].local, outcomes[1].remote);
    assert_string_equal(outcomes[0].remote, outcomes[1].local);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
}

/* The description's nonces are only half in the recordings, and the roles still come out right. */
static void both_sides_are_recorded(void **state) {
    (void)state;
    char folder[] = "/tmp/hop-manual-XXXXXX", paths[2][64], command[512], line[512];
    const char *program = getenv("HOP_PROGRAM");
    assert_non_null(mkdtemp(folder));
    hop_options options[2] = {loopback_options(0), loopback_options(0)};
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
        options[i].record = paths[i];
    }
    outcome outcomes[2];
    meet_by_hand(&options[0], &options[1], outcomes);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    for (int i = 0; i < 2; i++) {
        char ending[160] = "", wanted[160];
        snprintf(wanted, sizeof wanted, "connected from %s to %s", outcomes[i].local,
                 outcomes[i].remote);
        snprintf(command, sizeof command, "'%s' replay %s 2>&1", program, paths[i]);
        FILE *story = popen(command, "r");
        assert_non_null(story);
        while (fgets(line, sizeof line, story) != NULL)
            snprintf(ending, sizeof ending, "%.150s", line);
        assert_int_equal(pclose(story), 0);
        if (strstr(ending, wanted) == NULL) fail_msg("%s instead of %s", ending, wanted);
        unlink(paths[i]);
    }
    rmdir(folder);
}

static void events_have_their_time(void **state) {
    (void)state;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    hop_options options = loopback_options(0);
    options.zero_us = (int64_t)(now.tv_sec - 100) * 1000000;
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(&options, &endpoint), 0);
    hop_event event = await(endpoint, HOP_EVENT_DESCRIBED);
    assert_int_equal(event.kind, HOP_EVENT_DESCRIBED);
    assert_true(event.at_us >= 100 * 1000000 && event.at_us < 100000 * 1000LL + PATIENCE_MS * 1000);
    hop_cancel(endpoint);
    int64_t before_us = event.at_us;
    event = await(endpoint, HOP_EVENT_FAILED);
    assert_int_equal(event.error, HOP_E_CANCELLED);
    assert_true(event.at_us >= before_us);
    hop_free(endpoint);
    options.zero_us = 0; /* from its making */
    assert_int_equal(hop_open(&options, &endpoint), 0);
    event = await(endpoint, HOP_EVENT_DESCRIBED);
    assert_true(event.at_us >= 0 && event.at_us < PATIENCE_MS * 1000);
    hop_free(endpoint);
}

static void each_family_alone(void **state) {
    (void)state;
    const unsigned flags[] = {HOP_NO_IPV4, HOP_NO_IPV6};
    for (int i = 0; i < 2; i++) {
        hop_options options = loopback_options(flags[i]);
        outcome outcomes[2];
        meet_by_hand(&options, &options, outcomes);
        assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
        assert_int_equal(outcomes[0].remote[0] == '[', flags[i] == HOP_NO_IPV4);
        assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    }
}

static void the_descriptor_is_as_asked(void **state) {
    (void)state;
    hop_options blocking = loopback_options(0);
    hop_options nonblocking = loopback_options(HOP_NONBLOCKING);
    outcome outcomes[2];
    meet_by_hand(&blocking, &nonblocking, outcomes);
    for (int i = 0; i < 2; i++) {
        int fd = outcomes[i].fd;
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, i == 0 ? 0 : O_NONBLOCK);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        int value = 0;
        socklen_t size = sizeof value;
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &size), 0);
        assert_int_equal(value, 1);
        assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size), 0);
        assert_int_equal(value, 0);
    }
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
}

/* What the faster side sends right behind its handshake belongs to the slower side's user. */
static void bytes_behind_the_handshake_arrive(void **state) {
    (void)state;
    enum { SIZE = 100000 };
    hop_options options = loopback_options(HOP_NONBLOCKING);
    hop_endpoint *endpoints[2] = {open_described(&options), open_described(&options)};
    assert_int_equal(hop_attempt(endpoints[0], hop_description(endpoints[1])), 0);
    assert_int_equal(hop_attempt(endpoints[1], hop_description(endpoints[0])), 0);
    char *sent = malloc(SIZE), *got = malloc(SIZE);
    assert_non_null(sent);
    assert_non_null(got);
    for (int i = 0; i < SIZE; i++)
        sent[i] = (char)(i * 31 + i / 251);
    outcome outcomes[2] = {{.fd = -1}, {.fd = -1}};
    int64_t deadline = now_ms() + PATIENCE_MS;
    bool written[2] = {false, false};
    while ((outcomes[0].fd < 0 || outcomes[1].fd < 0) && now_ms() < deadline) {
        for (int i = 0; i < 2; i++) {
            hop_process(endpoints[i]);
            look(endpoints[i], &outcomes[i]);
            if (outcomes[i].fd < 0 || written[i]) continue;
            written[i] = true;
            write_all(outcomes[i].fd, sent, SIZE);
        }
    }
    assert_true(outcomes[0].fd >= 0 && outcomes[1].fd >= 0);
    for (int i = 0; i < 2; i++) {
        read_all(outcomes[i].fd, got, SIZE);
        assert_memory_equal(sent, got, SIZE);
        hop_free(endpoints[i]);
    }
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    free(sent);
    free(got);
}

static void one_secret_or_none(void **state) {
    (void)state;
    const char *servers[] = {"192.0.2.1"};
    char ticket[HOP_TICKET_SIZE];
    assert_int_equal(hop_ticket_new(servers, 1, ticket, sizeof ticket), 0);
    hop_options options = loopback_options(0);
    outcome outcomes[2];
    const char *const secrets[] = {"a text that both of us know", ticket};
    for (int i = 0; i < 2; i++) {
        options.secret = secrets[i];
        meet_by_hand(&options, &options, outcomes);
        assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
        assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    }
}

static void another_secret_is_an_impostor(void **state) {
    (void)state;
    hop_options ours = loopback_options(0), theirs = loopback_options(0);
    ours.timeout_ms = theirs.timeout_ms = FAILING_MS;
    ours.secret = "one text";
    theirs.secret = "another text";
    outcome outcomes[2];
    meet_by_hand(&ours, &theirs, outcomes);
    bool impostor = false;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(outcomes[i].kind, HOP_EVENT_FAILED);
        assert_true(outcomes[i].error == HOP_E_IMPOSTOR || outcomes[i].error == HOP_E_NO_PATH);
        impostor = impostor || outcomes[i].error == HOP_E_IMPOSTOR;
        assert_non_null(strstr(outcomes[i].report, "stage: "));
        assert_string_equal(outcomes[i].advice, hop_error_advice(outcomes[i].error));
    }
    assert_true(impostor);
}

static void a_peer_that_is_gone(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    options.timeout_ms = FAILING_MS;
    hop_endpoint *peer = open_described(&options);
    hop_endpoint *endpoint = open_described(&options);
    assert_int_equal(hop_attempt(endpoint, hop_description(peer)), 0);
    hop_free(peer);
    outcome result;
    drive(&endpoint, &result, 1);
    assert_int_equal(result.kind, HOP_EVENT_FAILED);
    assert_int_equal(result.error, HOP_E_NO_PATH);
    assert_non_null(strstr(result.report, "refused"));
    hop_free(endpoint);
}

/* The peer's line comes late: we start first and are refused until it does. */
static void one_side_starts_later(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoints[2] = {open_described(&options), open_described(&options)};
    assert_int_equal(hop_attempt(endpoints[0], hop_description(endpoints[1])), 0);
    int64_t until = now_ms() + 300;
    while (now_ms() < until) {
        hop_event event;
        hop_wait(endpoints[0], 20);
        while (hop_next(endpoints[0], &event) == 1) {
            assert_int_not_equal(event.kind, HOP_EVENT_FAILED);
            assert_int_not_equal(event.kind, HOP_EVENT_ESTABLISHED);
        }
    }
    assert_int_equal(hop_attempt(endpoints[1], hop_description(endpoints[0])), 0);
    outcome outcomes[2];
    drive(endpoints, outcomes, 2);
    assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
    assert_int_equal(outcomes[1].kind, HOP_EVENT_ESTABLISHED);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
}

static void calls_that_do_not_fit(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(&options, &endpoint), 0);
    if (hop_description(endpoint) == NULL) {
        assert_int_equal(hop_attempt(endpoint, "hopd2-x"), HOP_E_STATE);
    }
    assert_int_equal(await(endpoint, HOP_EVENT_DESCRIBED).kind, HOP_EVENT_DESCRIBED);
    assert_int_equal(hop_attempt(endpoint, NULL), HOP_E_DESCRIPTION);
    assert_int_equal(hop_attempt(endpoint, ""), HOP_E_DESCRIPTION);
    assert_int_equal(hop_attempt(endpoint, "hopd2-AAAA"), HOP_E_DESCRIPTION);
    assert_int_equal(hop_attempt(endpoint, hop_description(endpoint)), HOP_E_DESCRIPTION);
    assert_int_equal(hop_take_fd(endpoint, 1), HOP_E_STATE);
    hop_endpoint *peer = open_described(&options);
    char spaced[600];
    snprintf(spaced, sizeof spaced, " \t%s\r\n", hop_description(peer));
    assert_int_equal(hop_attempt(endpoint, spaced), 0);
    assert_int_equal(hop_attempt(endpoint, hop_description(peer)), HOP_E_STATE);
    assert_int_equal(hop_take_fd(endpoint, 1), HOP_E_STATE);
    hop_free(peer);
    hop_free(endpoint);
}

static void a_descriptor_is_taken_once(void **state) {
    (void)state;
    hop_options options = loopback_options(0);
    hop_endpoint *endpoints[2] = {open_described(&options), open_described(&options)};
    assert_int_equal(hop_attempt(endpoints[0], hop_description(endpoints[1])), 0);
    assert_int_equal(hop_attempt(endpoints[1], hop_description(endpoints[0])), 0);
    outcome outcomes[2];
    drive(endpoints, outcomes, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(hop_take_fd(endpoints[i], 1), HOP_E_STATE);
        assert_int_equal(hop_wait(endpoints[i], -1) < 0 || hop_wait(endpoints[i], 0) == 1, 1);
        hop_free(endpoints[i]);
    }
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(two_endpoints_meet),         API_TEST(both_sides_are_recorded),
        API_TEST(events_have_their_time),     API_TEST(each_family_alone),
        API_TEST(the_descriptor_is_as_asked), API_TEST(bytes_behind_the_handshake_arrive),
        API_TEST(one_secret_or_none),         API_TEST(another_secret_is_an_impostor),
        API_TEST(a_peer_that_is_gone),        API_TEST(one_side_starts_later),
        API_TEST(calls_that_do_not_fit),      API_TEST(a_descriptor_is_taken_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
