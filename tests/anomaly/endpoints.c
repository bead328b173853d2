/* SPDX-License-Identifier: MIT */
/* Scenarios of endpoints: opened, met by hand and by ticket, by name, in vain, cancelled. */
#include <errno.h>
#include <sys/uio.h>

#include "anomaly/scenario.h"

typedef struct side {
    hop_endpoint *endpoint;
    bool listens;
    bool described;
    bool listening; /* registered */
    bool met;       /* there was a peer */
    bool over;
    int error;
    int fd;
} side;

test_server scenario_server;
int scenario_timeout_ms;
static char ticket[HOP_TICKET_SIZE];         /* of that server */
static char named_ticket[HOP_TICKET_SIZE];   /* the same by its name */
static char unknown_ticket[HOP_TICKET_SIZE]; /* of a name that nobody knows */

void scenario_tickets(void) {
    char name[64];
    snprintf(name, sizeof name, "rendezvous.test%s", strrchr(scenario_server.address, ':'));
    ticket_for(scenario_server.address, ticket);
    ticket_for(name, named_ticket);
    ticket_for("unknown.test", unknown_ticket);
}

void scenario_error(int error, const char *allowed) {
    char word[64];
    int code = errno;
    if (error == 0) return;
    /* hop_crypto does not tell "not genuine" from "could not find out". */
    if (error == HOP_E_IMPOSTOR && anomaly_planned() == ANOMALY_OPENSSL) return;
    snprintf(word, sizeof word, " %s ", hop_error_name(error));
    if (strstr(allowed, word) == NULL)
        fail_msg("%s (errno %d) is none of%s", hop_error_name(error), code, allowed);
    assert_true(strlen(hop_error_text(error)) > 0 && strlen(hop_error_advice(error)) > 0);
}

static hop_options short_options(unsigned flags) {
    hop_options options = loopback_options(flags);
    options.timeout_ms = scenario_timeout_ms;
    return options;
}

static void take(side *one, const hop_event *event) {
    one->described |= event->kind == HOP_EVENT_DESCRIBED;
    one->listening |= event->kind == HOP_EVENT_LISTENING;
    one->met |= event->kind == HOP_EVENT_PEER;
    if (event->kind == HOP_EVENT_FAILED) {
        scenario_error(event->error, " MEMORY SYSTEM RESOLVE SERVER NOBODY NO_PATH BROKEN"
                                     " CANCELLED PORT ");
        assert_non_null(event->text);
        assert_non_null(event->advice);
        one->error = event->error;
        one->over = true;
    } else if (event->kind == HOP_EVENT_ESTABLISHED) {
        one->fd = hop_take_fd(one->endpoint, event->attempt);
        assert_true(one->fd >= 0);
        one->over = true;
    }
}

static void turn_sides(side *sides, int count) {
    struct pollfd watched[2];
    int wait_ms = 100;
    for (int i = 0; i < count; i++) {
        hop_event event;
        int error = hop_process(sides[i].endpoint);
        scenario_error(error, " MEMORY SYSTEM ");
        while (hop_next(sides[i].endpoint, &event) == 1)
            take(&sides[i], &event);
        if (error != 0) {
            sides[i].over = true;
            sides[i].error = error;
        }
        watched[i] = (struct pollfd){.fd = hop_poll_fd(sides[i].endpoint), .events = POLLIN};
        int ms = hop_poll_ms(sides[i].endpoint);
        if (sides[i].over) continue; /* it is not asked any more */
        if (ms >= 0 && ms < wait_ms) wait_ms = ms;
    }
    poll(watched, (nfds_t)count, wait_ms);
}

/* True in time. A listener that no peer has reached waits for ever: it is not waited for. */
static bool are_over(const side *sides, int count, int64_t since_ms) {
    bool over = true;
    bool idle = now_ms() > since_ms + 2 * scenario_timeout_ms;
    for (int i = 0; i < count; i++)
        over = over && (sides[i].over || (sides[i].listens && !sides[i].met && idle));
    return over;
}

static void until_over(side *sides, int count) {
    int64_t since_ms = now_ms();
    while (!are_over(sides, count, since_ms)) {
        assert_true(now_ms() < since_ms + PATIENCE_MS);
        turn_sides(sides, count);
        if (sides[0].listens && count == 2 && sides[1].over && !sides[0].met &&
            now_ms() > since_ms + 50)
            return;
    }
}

static bool say(int fd, char letter) {
    return writev(fd, &(struct iovec){&letter, 1}, 1) == 1;
}

/* The next byte, 0: the end, -1: reset. It must not take for ever. */
static int hear(int fd) {
    char letter = 0;
    assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, PATIENCE_MS), 1);
    ssize_t got = readv(fd, &(struct iovec){&letter, 1}, 1);
    return got == 1 ? letter : (int)got;
}

/* Both have the same connection; or one has an end that the other one has closed. */
static bool check_result(side *sides) {
    bool both = sides[0].fd >= 0 && sides[1].fd >= 0;
    for (int i = 0; i < 2; i++)
        sides[i].endpoint = hop_free(sides[i].endpoint);
    if (both) {
        assert_true(say(sides[0].fd, 'a') && say(sides[1].fd, 'b'));
        assert_int_equal(hear(sides[0].fd), 'b');
        assert_int_equal(hear(sides[1].fd), 'a');
    }
    for (int i = 0; i < 2; i++) {
        if (sides[i].fd < 0) continue;
        if (!both) assert_true(hear(sides[i].fd) <= 0);
        close(sides[i].fd);
    }
    return both;
}

bool scenario_open(void) {
    hop_options options = short_options(0);
    side only = {.fd = -1};
    int error = hop_open(&options, &only.endpoint);
    scenario_error(error, " MEMORY SYSTEM PORT ");
    assert_int_equal(error == 0, only.endpoint != NULL);
    if (error != 0) return false;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (!only.over && !only.described && now_ms() < deadline_ms)
        turn_sides(&only, 1);
    bool good = only.described && hop_description(only.endpoint) != NULL;
    assert_true(good || only.over);
    assert_null(hop_free(only.endpoint));
    return good;
}

static bool meet_described(side *sides) {
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (!(sides[0].described && sides[1].described)) {
        if (sides[0].over || sides[1].over) return false;
        assert_true(now_ms() < deadline_ms);
        turn_sides(sides, 2);
    }
    for (int i = 0; i < 2; i++) {
        const char *peer = hop_description(sides[1 - i].endpoint);
        if (peer == NULL || sides[i].over) return false;
        int error = hop_attempt(sides[i].endpoint, peer);
        scenario_error(error, " MEMORY SYSTEM STATE ");
        if (error != 0) return false;
    }
    until_over(sides, 2);
    return true;
}

static bool by_hand(const char *interface) {
    hop_options options = short_options(HOP_NO_IPV6);
    options.interface = interface;
    side sides[2] = {{.fd = -1}, {.fd = -1}};
    bool good = true;
    for (int i = 0; i < 2; i++) {
        int error = hop_open(&options, &sides[i].endpoint);
        scenario_error(error, " MEMORY SYSTEM PORT ");
        assert_int_equal(error == 0, sides[i].endpoint != NULL);
        good = good && error == 0;
    }
    if (good) (void)meet_described(sides);
    return check_result(sides);
}

bool scenario_by_hand(void) {
    return by_hand(NULL);
}

bool scenario_interface(void) {
    return by_hand("lo");
}

static bool by_ticket(const char *text, unsigned flags) {
    hop_options options = short_options(flags);
    side sides[2] = {{.fd = -1, .listens = true}, {.fd = -1}};
    int error = hop_listen(text, &options, &sides[0].endpoint);
    scenario_error(error, " MEMORY SYSTEM PORT ");
    int64_t deadline_ms = now_ms() + scenario_timeout_ms;
    while (error == 0 && !sides[0].over && !sides[0].listening && now_ms() < deadline_ms)
        turn_sides(sides, 1);
    if (error == 0 && !sides[0].over) error = hop_connect(text, &options, &sides[1].endpoint);
    scenario_error(error, " MEMORY SYSTEM PORT ");
    if (sides[1].endpoint != NULL) until_over(sides, 2);
    return check_result(sides);
}

bool scenario_by_ticket(void) {
    return by_ticket(ticket, HOP_NO_IPV6);
}

bool scenario_name(void) {
    return by_ticket(named_ticket, 0);
}

static bool dial_in_vain(const char *text, int wanted) {
    hop_options options = short_options(HOP_NO_IPV6);
    int error = hop_dial(text, &options);
    assert_true(error < 0);
    scenario_error(error, " MEMORY SYSTEM PORT RESOLVE SERVER NOBODY NO_PATH ");
    return error == wanted;
}

bool scenario_nobody(void) {
    return dial_in_vain(ticket, HOP_E_NOBODY);
}

bool scenario_no_name(void) {
    return dial_in_vain(unknown_ticket, HOP_E_RESOLVE);
}

bool scenario_cancelled(void) {
    hop_options options = short_options(HOP_NO_IPV6);
    side only = {.fd = -1};
    int error = hop_connect(ticket, &options, &only.endpoint);
    scenario_error(error, " MEMORY SYSTEM PORT ");
    if (error != 0) return false;
    turn_sides(&only, 1);
    hop_cancel(only.endpoint);
    until_over(&only, 1);
    assert_null(hop_free(only.endpoint));
    return only.error == HOP_E_CANCELLED;
}

bool scenario_texts(void) {
    const char *servers[] = {"rendezvous.test", "192.0.2.1:3478", "[2001:db8::1]:3478"};
    char text[HOP_TICKET_SIZE];
    int error = hop_ticket_new(servers, 3, text, sizeof text);
    scenario_error(error, " SYSTEM MEMORY ");
    if (error != 0) return false;
    assert_int_equal(hop_ticket_check(text), 0);
    text[10] ^= 1;
    assert_int_equal(hop_ticket_check(text), HOP_E_TICKET);
    return true;
}
