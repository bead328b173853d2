/* SPDX-License-Identifier: MIT */
/*
 * Connections that are not the peer's: silent ones, garbage, half a hello, recorded hellos, a flood
 * of them; and a peer that stops in the middle. The honest sides find each other nevertheless, or
 * say within their time why not; nobody else gets a descriptor out of them.
 */
#include "api/api.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define HELLO_SIZE 56

typedef struct encounter {
    hop_endpoint *endpoints[2];
    uint16_t ports[2];
    outcome outcomes[2];
} encounter;

static hop_endpoint *open_with_port(const hop_options *options, uint16_t *ret_port) {
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(options, &endpoint), 0);
    for (;;) {
        hop_event event;
        assert_int_equal(hop_wait(endpoint, PATIENCE_MS), 1);
        assert_int_equal(hop_next(endpoint, &event), 1);
        if (event.kind == HOP_EVENT_DESCRIBED) return endpoint;
        if (event.kind != HOP_EVENT_CANDIDATE) continue;
        *ret_port = (uint16_t)atoi(strrchr(event.address, ':') + 1);
    }
}

static encounter meeting_open(int64_t timeout_ms) {
    hop_options options = loopback_options(HOP_NO_IPV6);
    options.timeout_ms = timeout_ms;
    encounter meeting = {0};
    for (int i = 0; i < 2; i++) {
        meeting.endpoints[i] = open_with_port(&options, &meeting.ports[i]);
    }
    return meeting;
}

static void meeting_begin(encounter *meeting, int which) {
    hop_endpoint *endpoint = meeting->endpoints[which];
    assert_int_equal(hop_attempt(endpoint, hop_description(meeting->endpoints[1 - which])), 0);
}

/* Both must have found each other. */
static void meeting_end_well(encounter *meeting) {
    drive(meeting->endpoints, meeting->outcomes, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(meeting->outcomes[i].kind, HOP_EVENT_ESTABLISHED);
        hop_free(meeting->endpoints[i]);
    }
    assert_one_connection(meeting->outcomes[0].fd, meeting->outcomes[1].fd);
}

static int call(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* The other side hangs up, whatever it has said before. */
static void assert_hung_up(int fd) {
    char bytes[256];
    for (;;) {
        struct pollfd watched = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&watched, 1, PATIENCE_MS), 1);
        if (recv(fd, bytes, sizeof bytes, 0) <= 0) break;
    }
    close(fd);
}

/* Says something to a port, by kind: nothing, garbage, half a hello, a whole one under no key, or
 * is gone at once (-1). */
static int stranger(uint16_t port, int kind) {
    char bytes[HELLO_SIZE + 44];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37 + (size_t)kind);
    int fd = call(port);
    if (kind % 5 == 1) write_all(fd, bytes, sizeof bytes);
    if (kind % 5 == 2 || kind % 5 == 3) {
        memcpy(bytes, "HOPC\1\1\1\0", 8);
        write_all(fd, bytes, kind % 5 == 2 ? HELLO_SIZE / 2 : HELLO_SIZE);
    }
    if (kind % 5 == 4) {
        close(fd);
        return -1;
    }
    return fd;
}

static void crowd(encounter *meeting, int *fds, int count) {
    for (int i = 0; i < count; i++) {
        fds[i] = stranger(meeting->ports[i % 2], i / 2);
        for (int j = 0; j < 2; j++)
            assert_int_equal(hop_process(meeting->endpoints[j]), 0);
    }
}

static void strangers_do_not_disturb(void **state) {
    (void)state;
    enum { BEFORE = 40, DURING = 40 };
    int fds[BEFORE + DURING];
    encounter meeting = meeting_open(0);
    crowd(&meeting, fds, BEFORE);
    for (int i = 0; i < 2; i++)
        meeting_begin(&meeting, i);
    crowd(&meeting, fds + BEFORE, DURING);
    meeting_end_well(&meeting);
    for (int i = 0; i < BEFORE + DURING; i++) {
        if (fds[i] >= 0) assert_hung_up(fds[i]);
    }
}

/* The more so when they take all the places there are. */
static void a_flood_of_silent_strangers(void **state) {
    (void)state;
    enum { FLOOD = 300 };
    static int fds[FLOOD];
    encounter meeting = meeting_open(0);
    for (int i = 0; i < FLOOD; i++) {
        fds[i] = call(meeting.ports[0]);
        assert_int_equal(hop_process(meeting.endpoints[0]), 0);
    }
    for (int i = 0; i < 2; i++)
        meeting_begin(&meeting, i);
    meeting_end_well(&meeting);
    for (int i = 0; i < FLOOD; i++)
        assert_hung_up(fds[i]);
}

static void strangers_alone_are_no_peer(void **state) {
    (void)state;
    int fds[20];
    encounter meeting = meeting_open(FAILING_MS);
    meeting_begin(&meeting, 0);
    for (int i = 0; i < 20; i++) {
        fds[i] = stranger(meeting.ports[0], i);
        assert_int_equal(hop_process(meeting.endpoints[0]), 0);
    }
    hop_free(meeting.endpoints[1]);
    drive(meeting.endpoints, meeting.outcomes, 1);
    assert_int_equal(meeting.outcomes[0].kind, HOP_EVENT_FAILED);
    assert_int_equal(meeting.outcomes[0].error, HOP_E_NO_PATH);
    assert_non_null(strstr(meeting.outcomes[0].report, "strangers"));
    hop_free(meeting.endpoints[0]);
    for (int i = 0; i < 20; i++) {
        if (fds[i] >= 0) assert_hung_up(fds[i]);
    }
}

/* Whoever connects from the address that the peer named is greeted, and so can record a hello. */
static int record_hello(encounter *meeting, int which, uint8_t hello[static HELLO_SIZE]) {
    int fd = call(meeting->ports[which]);
    size_t got = 0;
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (got < HELLO_SIZE && now_ms() < deadline) {
        hop_wait(meeting->endpoints[which], 1);
        look(meeting->endpoints[which], &meeting->outcomes[which]);
        ssize_t more = recv(fd, hello + got, HELLO_SIZE - got, MSG_DONTWAIT);
        if (more > 0) got += (size_t)more;
    }
    assert_int_equal(got, HELLO_SIZE);
    assert_memory_equal(hello, "HOPC", 4);
    return fd;
}

static void a_hello_of_an_earlier_attempt_is_worth_nothing(void **state) {
    (void)state;
    uint8_t hello[HELLO_SIZE];
    encounter first = meeting_open(0);
    meeting_begin(&first, 0);
    int recorder = record_hello(&first, 0, hello);
    meeting_begin(&first, 1);
    meeting_end_well(&first);
    assert_hung_up(recorder);

    int fds[2];
    encounter second = meeting_open(0);
    for (int i = 0; i < 2; i++) {
        fds[i] = call(second.ports[i]);
        write_all(fds[i], hello, sizeof hello);
        meeting_begin(&second, i);
    }
    meeting_end_well(&second);
    for (int i = 0; i < 2; i++)
        assert_hung_up(fds[i]);
}

/* A hello of this very attempt, shown to its other side by a third: it is genuine, but who shows it
 * cannot go on. Both keep one connection or none. */
static void a_hello_of_this_attempt_leads_nowhere(void **state) {
    (void)state;
    for (int which = 0; which < 2; which++) {
        uint8_t hello[HELLO_SIZE];
        encounter meeting = meeting_open(3000);
        meeting_begin(&meeting, which);
        int recorder = record_hello(&meeting, which, hello);
        int replayer = call(meeting.ports[1 - which]);
        write_all(replayer, hello, sizeof hello);
        meeting_begin(&meeting, 1 - which);
        drive(meeting.endpoints, meeting.outcomes, 2);
        print_message("one side %s, the other %s\n",
                      meeting.outcomes[0].fd >= 0 ? "established"
                                                  : hop_error_name(meeting.outcomes[0].error),
                      meeting.outcomes[1].fd >= 0 ? "established"
                                                  : hop_error_name(meeting.outcomes[1].error));
        assert_int_equal(meeting.outcomes[0].kind, meeting.outcomes[1].kind);
        for (int i = 0; i < 2; i++)
            hop_free(meeting.endpoints[i]);
        if (meeting.outcomes[0].fd >= 0) {
            assert_one_connection(meeting.outcomes[0].fd, meeting.outcomes[1].fd);
        }
        assert_hung_up(recorder);
        assert_hung_up(replayer);
    }
}

/* Its kernel completes connections, but the program is stuck. */
static void a_peer_that_says_nothing(void **state) {
    (void)state;
    encounter meeting = meeting_open(FAILING_MS);
    meeting_begin(&meeting, 0);
    drive(meeting.endpoints, meeting.outcomes, 1);
    assert_int_equal(meeting.outcomes[0].kind, HOP_EVENT_FAILED);
    assert_int_equal(meeting.outcomes[0].error, HOP_E_NO_PATH);
    assert_non_null(strstr(meeting.outcomes[0].report, "connected"));
    for (int i = 0; i < 2; i++)
        hop_free(meeting.endpoints[i]);
}

/* It proves itself, and then nothing more comes from it. */
static void a_peer_that_stops_after_its_hello(void **state) {
    (void)state;
    for (int stopping = 0; stopping < 2; stopping++) {
        encounter meeting = meeting_open(FAILING_MS);
        meeting_begin(&meeting, 0);
        meeting_begin(&meeting, 1);
        /* The stopping side runs until it has sent a hello on a link, which its notes tell. */
        int64_t deadline = now_ms() + PATIENCE_MS;
        bool stopped = false;
        while (!stopped && now_ms() < deadline) {
            hop_event event;
            assert_true(hop_wait(meeting.endpoints[stopping], 5) >= 0);
            while (hop_next(meeting.endpoints[stopping], &event) == 1) {
                assert_int_not_equal(event.kind, HOP_EVENT_ESTABLISHED);
                if (event.kind == HOP_EVENT_FAILED) fail_msg("failed: %s", event.report);
                if (event.kind != HOP_EVENT_NOTE) continue;
                stopped = stopped || strstr(event.text, "connected to ") != NULL ||
                          strstr(event.text, " comes in") != NULL;
            }
        }
        assert_true(stopped);
        drive(&meeting.endpoints[1 - stopping], meeting.outcomes, 1);
        assert_int_equal(meeting.outcomes[0].kind, HOP_EVENT_FAILED);
        hop_event_kind kind = HOP_EVENT_NONE;
        while (kind != HOP_EVENT_FAILED) {
            hop_event event = await(meeting.endpoints[stopping], HOP_EVENT_ESTABLISHED);
            kind = event.kind;
            assert_int_equal(kind, HOP_EVENT_FAILED); /* both, not one */
        }
        for (int i = 0; i < 2; i++)
            hop_free(meeting.endpoints[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(strangers_do_not_disturb),
        API_TEST(a_flood_of_silent_strangers),
        API_TEST(strangers_alone_are_no_peer),
        API_TEST(a_hello_of_an_earlier_attempt_is_worth_nothing),
        API_TEST(a_hello_of_this_attempt_leads_nowhere),
        API_TEST(a_peer_that_says_nothing),
        API_TEST(a_peer_that_stops_after_its_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
