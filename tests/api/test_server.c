/* SPDX-License-Identifier: MIT */
/*
 * The main way: a ticket, a real rendezvous server on loopback, one side listens, the others
 * connect. The listener runs in the test's own thread or in one beside it, as its users do.
 */
#include <pthread.h>

#include "api/server.h"

static test_server rendezvous;
static char ticket[HOP_TICKET_SIZE];

static int start(void **state) {
    (void)state;
    if (!server_start(&rendezvous, "127.0.0.1:0")) return -1;
    const char *address = rendezvous.address;
    return hop_ticket_new(&address, 1, ticket, sizeof ticket);
}

static int stop(void **state) {
    (void)state;
    return server_stop(&rendezvous) ? 0 : -1;
}

/* --- a listener in a thread of its own, that echoes what each peer sends, and ends with it */

typedef struct echo_listener {
    hop_listener *listener;
    pthread_t thread;
    int peers; /* to serve */
    int served;
    int error;
} echo_listener;

static void *echo_run(void *context) {
    echo_listener *echo = context;
    while (echo->served < echo->peers) {
        char bytes[4096];
        int fd = hop_accept(echo->listener, PATIENCE_MS);
        if (fd < 0) {
            echo->error = fd;
            break;
        }
        ssize_t got;
        while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0) {
            if (send(fd, bytes, (size_t)got, MSG_NOSIGNAL) != got) break;
        }
        close(fd);
        echo->served++;
    }
    return NULL;
}

static void echo_start(echo_listener *echo, int peers) {
    *echo = (echo_listener){.peers = peers};
    assert_int_equal(hop_listen(ticket, NULL, &echo->listener), 0);
    assert_int_equal(await(echo->listener, HOP_EVENT_LISTENING).kind, HOP_EVENT_LISTENING);
    assert_int_equal(pthread_create(&echo->thread, NULL, echo_run, echo), 0);
}

static void echo_end(echo_listener *echo) {
    pthread_join(echo->thread, NULL);
    assert_int_equal(echo->error, 0);
    assert_int_equal(echo->served, echo->peers);
    hop_free(echo->listener);
}

static void assert_echo(int fd, uint64_t token) {
    uint64_t got = 0;
    assert_true(fd >= 0);
    write_all(fd, &token, sizeof token);
    shutdown(fd, SHUT_WR);
    read_all(fd, &got, sizeof got);
    assert_int_equal(got, token);
    assert_int_equal(recv(fd, &got, 1, 0), 0);
    close(fd);
}

/* --- tests */

static void dial_and_accept(void **state) {
    (void)state;
    echo_listener echo;
    echo_start(&echo, 3);
    for (uint64_t i = 0; i < 3; i++) {
        int fd = hop_dial(ticket, NULL);
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_echo(fd, i * 77 + 1);
    }
    echo_end(&echo);
}

static void the_story_in_events(void **state) {
    (void)state;
    hop_listener *listener = NULL;
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_listen(ticket, NULL, &listener), 0);
    hop_event event = await(listener, HOP_EVENT_LISTENING);
    assert_int_equal(event.kind, HOP_EVENT_LISTENING);
    assert_string_equal(event.address, rendezvous.address);
    assert_int_equal(strlen(event.room), 64);
    assert_int_equal(strspn(event.room, "0123456789abcdef"), 64);
    assert_null(hop_description(listener));
    assert_int_equal(hop_attempt(listener, "x"), HOP_E_STATE);
    assert_int_equal(hop_connect(ticket, NULL, &endpoint), 0);
    hop_endpoint *endpoints[2] = {listener, endpoint};
    outcome outcomes[2];
    drive(endpoints, outcomes, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(outcomes[i].kind, HOP_EVENT_ESTABLISHED);
        assert_int_not_equal(outcomes[i].route, HOP_ROUTE_NONE);
        assert_true(outcomes[i].tcp_us >= 0 && outcomes[i].attempt_us >= outcomes[i].tcp_us);
    }
    assert_int_equal(outcomes[0].knock_us, 0);
    assert_true(outcomes[1].knock_us > 0);
    assert_string_equal(outcomes[0].local, outcomes[1].remote);
    hop_free(endpoint);
    assert_int_equal(hop_wait(listener, 0) >= 0, 1); /* it goes on */
    hop_free(listener);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
}

static void who_knocks_first_waits(void **state) {
    (void)state;
    hop_endpoint *endpoints[2] = {NULL, NULL};
    assert_int_equal(hop_connect(ticket, NULL, &endpoints[0]), 0);
    int64_t until = now_ms() + 200;
    while (now_ms() < until) {
        hop_event event;
        hop_wait(endpoints[0], 10);
        while (hop_next(endpoints[0], &event) == 1) {
            assert_int_not_equal(event.kind, HOP_EVENT_FAILED);
        }
    }
    assert_int_equal(hop_listen(ticket, NULL, &endpoints[1]), 0);
    outcome outcomes[2];
    drive(endpoints, outcomes, 2);
    assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
    assert_int_equal(outcomes[1].kind, HOP_EVENT_ESTABLISHED);
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
}

/* Each of several peers gets a connection of its own, at the same time. */
static void several_peers_at_once(void **state) {
    (void)state;
    enum { PEERS = 5 };
    hop_listener *listener = NULL;
    hop_endpoint *peers[PEERS];
    int fds[PEERS], accepted[PEERS], count = 0;
    outcome outcomes[PEERS];
    assert_int_equal(hop_listen(ticket, NULL, &listener), 0);
    assert_int_equal(await(listener, HOP_EVENT_LISTENING).kind, HOP_EVENT_LISTENING);
    for (int i = 0; i < PEERS; i++) {
        assert_int_equal(hop_connect(ticket, NULL, &peers[i]), 0);
        outcomes[i] = (outcome){.fd = -1};
    }
    int64_t deadline = now_ms() + PATIENCE_MS;
    int done = 0;
    while ((count < PEERS || done < PEERS) && now_ms() < deadline) {
        int fd = count < PEERS ? hop_accept(listener, 1) : HOP_E_TIMEOUT;
        if (fd >= 0)
            accepted[count++] = fd;
        else
            assert_int_equal(fd, HOP_E_TIMEOUT);
        done = 0;
        for (int i = 0; i < PEERS; i++) {
            assert_int_equal(hop_process(peers[i]), 0);
            look(peers[i], &outcomes[i]);
            assert_int_not_equal(outcomes[i].kind, HOP_EVENT_FAILED);
            done += outcomes[i].kind == HOP_EVENT_ESTABLISHED;
        }
    }
    assert_int_equal(count, PEERS);
    assert_int_equal(done, PEERS);
    for (int i = 0; i < PEERS; i++) {
        fds[i] = outcomes[i].fd;
        hop_free(peers[i]);
        write_all(fds[i], &i, sizeof i);
    }
    hop_free(listener);
    bool seen[PEERS] = {false};
    for (int i = 0; i < PEERS; i++) {
        int who = -1;
        read_all(accepted[i], &who, sizeof who);
        assert_true(who >= 0 && who < PEERS && !seen[who]);
        seen[who] = true;
        assert_one_connection(accepted[i], fds[who]);
    }
}

static void many_crossings_by_one_listener(void **state) {
    (void)state;
    enum { CROSSINGS = 200 };
    echo_listener echo;
    echo_start(&echo, CROSSINGS);
    for (uint64_t i = 0; i < CROSSINGS; i++) {
        int fd = hop_dial(ticket, NULL);
        if (fd < 0) print_error("crossing %d: %s\n", (int)i, hop_error_name(fd));
        assert_echo(fd, i * 0x9E3779B97F4A7C15u);
    }
    echo_end(&echo);
}

static void nobody_listens(void **state) {
    (void)state;
    char other[HOP_TICKET_SIZE];
    ticket_for(rendezvous.address, other);
    echo_listener echo;
    echo_start(&echo, 1); /* with another ticket */
    hop_options options = HOP_OPTIONS_INIT;
    options.timeout_ms = FAILING_MS;
    assert_int_equal(hop_dial(other, &options), HOP_E_NOBODY);
    assert_echo(hop_dial(ticket, NULL), 1);
    echo_end(&echo);
}

static void no_server(void **state) {
    (void)state;
    char address[64], dead[HOP_TICKET_SIZE];
    int held = hold_dead_address(address);
    ticket_for(address, dead);
    hop_options options = HOP_OPTIONS_INIT;
    options.timeout_ms = 1000;
    assert_int_equal(hop_dial(dead, &options), HOP_E_SERVER);
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_connect(dead, &options, &endpoint), 0);
    hop_event event = await(endpoint, HOP_EVENT_FAILED);
    assert_int_equal(event.kind, HOP_EVENT_FAILED);
    assert_int_equal(event.attempt, 0);
    assert_int_equal(event.error, HOP_E_SERVER);
    assert_non_null(strstr(event.report, "stage: calling the server"));
    hop_free(endpoint);
    close(held);
}

/* The port of the ticket's server is the one from which we call: nobody else is there. */
static void oneself_is_no_server(void **state) {
    (void)state;
    char address[64], own[HOP_TICKET_SIZE];
    hop_options options = HOP_OPTIONS_INIT;
    options.timeout_ms = 1000;
    close(hold_dead_port(&options.local_port));
    snprintf(address, sizeof address, "127.0.0.1:%u", options.local_port);
    ticket_for(address, own);
    assert_int_equal(hop_dial(own, &options), HOP_E_SERVER);
}

/* The second server of the ticket serves when the first is not there. */
static void one_server_of_two(void **state) {
    (void)state;
    char dead[64], both[HOP_TICKET_SIZE];
    int held = hold_dead_address(dead);
    const char *servers[] = {dead, rendezvous.address};
    assert_int_equal(hop_ticket_new(servers, 2, both, sizeof both), 0);
    hop_endpoint *endpoints[2] = {NULL, NULL};
    assert_int_equal(hop_listen(both, NULL, &endpoints[0]), 0);
    assert_int_equal(await(endpoints[0], HOP_EVENT_LISTENING).kind, HOP_EVENT_LISTENING);
    assert_int_equal(hop_connect(both, NULL, &endpoints[1]), 0);
    outcome outcomes[2];
    drive(endpoints, outcomes, 2);
    assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
    assert_int_equal(outcomes[1].kind, HOP_EVENT_ESTABLISHED);
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    close(held);
}

/* localhost is answered by the resolver without asking anybody; so is .onion (RFC 7686): no. */
static void names_are_resolved(void **state) {
    (void)state;
    char name[64], named[HOP_TICKET_SIZE];
    snprintf(name, sizeof name, "localhost%s", strrchr(rendezvous.address, ':'));
    ticket_for(name, named);
    hop_endpoint *endpoints[2] = {NULL, NULL};
    assert_int_equal(hop_listen(named, NULL, &endpoints[0]), 0);
    assert_int_equal(await(endpoints[0], HOP_EVENT_LISTENING).kind, HOP_EVENT_LISTENING);
    assert_int_equal(hop_connect(named, NULL, &endpoints[1]), 0);
    outcome outcomes[2];
    drive(endpoints, outcomes, 2);
    assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
    assert_int_equal(outcomes[1].kind, HOP_EVENT_ESTABLISHED);
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);

    ticket_for("hopconn.onion", named);
    hop_options options = HOP_OPTIONS_INIT;
    options.timeout_ms = 3000;
    assert_int_equal(hop_dial(named, &options), HOP_E_RESOLVE);
}

static void accept_waits_and_is_cancelled(void **state) {
    (void)state;
    hop_listener *listener = NULL;
    assert_int_equal(hop_listen(ticket, NULL, &listener), 0);
    assert_int_equal(hop_accept(listener, 0), HOP_E_TIMEOUT);
    assert_int_equal(hop_accept(listener, 50), HOP_E_TIMEOUT);
    hop_cancel(listener);
    assert_int_equal(hop_accept(listener, -1), HOP_E_CANCELLED);
    assert_int_equal(hop_accept(listener, -1), HOP_E_CANCELLED);
    hop_free(listener);
}

/* Descriptors that nobody takes: a listener's table of them has an end, which is said. */
static void descriptors_that_nobody_takes(void **state) {
    (void)state;
    enum { TABLE = 16, MORE = TABLE + 2 };
    hop_listener *listener = NULL;
    assert_int_equal(hop_listen(ticket, NULL, &listener), 0);
    assert_int_equal(await(listener, HOP_EVENT_LISTENING).kind, HOP_EVENT_LISTENING);
    int fds[MORE], attempts[MORE], established = 0, too_many = 0;
    for (int i = 0; i < MORE; i++) {
        hop_endpoint *endpoint = NULL;
        outcome result = {.fd = -1};
        assert_int_equal(hop_connect(ticket, NULL, &endpoint), 0);
        int64_t deadline = now_ms() + PATIENCE_MS;
        while ((result.kind == HOP_EVENT_NONE || established + too_many <= i) &&
               now_ms() < deadline) {
            hop_event event;
            hop_wait(listener, 1);
            while (hop_next(listener, &event) == 1) {
                if (event.kind == HOP_EVENT_ESTABLISHED) attempts[established++] = event.attempt;
                if (event.kind == HOP_EVENT_FAILED) {
                    assert_int_equal(event.error, HOP_E_TOO_MANY);
                    too_many++;
                }
            }
            assert_int_equal(hop_process(endpoint), 0);
            look(endpoint, &result);
        }
        assert_int_equal(result.kind, HOP_EVENT_ESTABLISHED);
        fds[i] = result.fd;
        hop_free(endpoint);
    }
    assert_int_equal(established, TABLE);
    assert_int_equal(too_many, MORE - TABLE);
    for (int i = 0; i < TABLE; i++) {
        int fd = hop_take_fd(listener, attempts[i]);
        assert_true(fd >= 0);
        close(fd);
    }
    hop_free(listener);
    for (int i = TABLE; i < MORE; i++) {
        char byte;
        assert_true(recv(fds[i], &byte, 1, 0) <= 0); /* reset: it was not handed over */
        close(fds[i]);
        fds[i] = -1;
    }
    for (int i = 0; i < TABLE; i++)
        close(fds[i]);
}

/* The listener comes back by itself when its server does. */
static void a_server_that_comes_back(void **state) {
    (void)state;
    test_server own;
    char here[HOP_TICKET_SIZE], again[64];
    assert_true(server_start(&own, "127.0.0.1:0"));
    ticket_for(own.address, here);
    snprintf(again, sizeof again, "%s", own.address);
    hop_endpoint *endpoints[2] = {NULL, NULL};
    assert_int_equal(hop_listen(here, NULL, &endpoints[0]), 0);
    assert_int_equal(await(endpoints[0], HOP_EVENT_LISTENING).kind, HOP_EVENT_LISTENING);
    assert_true(server_stop(&own));
    assert_true(server_start(&own, again));
    assert_int_equal(await(endpoints[0], HOP_EVENT_LISTENING).kind, HOP_EVENT_LISTENING);
    assert_int_equal(hop_connect(here, NULL, &endpoints[1]), 0);
    outcome outcomes[2];
    drive(endpoints, outcomes, 2);
    assert_int_equal(outcomes[0].kind, HOP_EVENT_ESTABLISHED);
    assert_int_equal(outcomes[1].kind, HOP_EVENT_ESTABLISHED);
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
    assert_one_connection(outcomes[0].fd, outcomes[1].fd);
    assert_true(server_stop(&own));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(dial_and_accept),
        API_TEST(the_story_in_events),
        API_TEST(who_knocks_first_waits),
        API_TEST(several_peers_at_once),
        API_TEST(many_crossings_by_one_listener),
        API_TEST(nobody_listens),
        API_TEST(no_server),
        API_TEST(oneself_is_no_server),
        API_TEST(one_server_of_two),
        API_TEST(names_are_resolved),
        API_TEST(accept_waits_and_is_cancelled),
        API_TEST(descriptors_that_nobody_takes),
        API_TEST(a_server_that_comes_back),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
