/* SPDX-License-Identifier: MIT */
/* Tickets, options, names and sentences: all that can be asked without a peer. */
#include "api/api.h"

static void errors_have_words(void **state) {
    (void)state;
    for (int error = HOP_E_INVALID; error >= HOP_E_INTERFACE; error--) {
        assert_string_not_equal(hop_error_name(error), "UNKNOWN");
        assert_true(strlen(hop_error_text(error)) > 5);
        assert_true(strlen(hop_error_advice(error)) > 5);
    }
    assert_string_equal(hop_error_name(HOP_E_NO_PATH), "NO_PATH");
    const int none[] = {0, 1, -1000, HOP_E_INTERFACE - 1};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_string_equal(hop_error_name(none[i]), "UNKNOWN");
        assert_non_null(hop_error_text(none[i]));
        assert_non_null(hop_error_advice(none[i]));
    }
    const char *const routes[] = {"none", "lan", "ipv6", "direct", "punched", "mapped", "relayed"};
    for (int i = 0; i < 7; i++)
        assert_string_equal(hop_route_name((hop_route)i), routes[i]);
    assert_int_equal(strspn(hop_version(), "0123456789."), strlen(hop_version()));
}

static void tickets(void **state) {
    (void)state;
    const char *servers[] = {"rendezvous.example", "192.0.2.1:4000", "[2001:db8::1]:3478",
                             "2001:db8::2"};
    char a[HOP_TICKET_SIZE], b[HOP_TICKET_SIZE];
    assert_int_equal(hop_ticket_new(servers, 4, a, sizeof a), 0);
    assert_int_equal(hop_ticket_new(servers, 4, b, sizeof b), 0);
    assert_string_not_equal(a, b);
    assert_int_equal(hop_ticket_check(a), 0);
    char spaced[HOP_TICKET_SIZE + 8];
    snprintf(spaced, sizeof spaced, " %s\n", a);
    assert_int_equal(hop_ticket_check(spaced), 0);
    size_t length = strlen(a);
    assert_int_equal(hop_ticket_new(servers, 4, b, length), HOP_E_INVALID);
    assert_int_equal(hop_ticket_new(servers, 4, b, 0), HOP_E_INVALID);
    a[length - 1] = a[length - 1] == 'A' ? 'B' : 'A';
    assert_int_equal(hop_ticket_check(a), HOP_E_TICKET);
    a[length - 1] = 0;
    assert_int_equal(hop_ticket_check(a), HOP_E_TICKET);
    assert_int_equal(hop_ticket_check(""), HOP_E_TICKET);
    assert_int_equal(hop_ticket_check(NULL), HOP_E_TICKET);
}

static void tickets_of_no_server(void **state) {
    (void)state;
    char ticket[HOP_TICKET_SIZE] = "untouched";
    const char *const wrong[] = {"",         "a b",      "host:0",       "host:65536", "host:x",
                                 "host:1:2", "[host]:1", "http://host/", NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(hop_ticket_new(&wrong[i], 1, ticket, sizeof ticket), HOP_E_INVALID);
    }
    const char *five[] = {"a", "b", "c", "d", "e"};
    assert_int_equal(hop_ticket_new(five, 5, ticket, sizeof ticket), HOP_E_INVALID);
    assert_int_equal(hop_ticket_new(five, 0, ticket, sizeof ticket), HOP_E_INVALID);
    assert_int_equal(hop_ticket_new(NULL, 1, ticket, sizeof ticket), HOP_E_INVALID);
    assert_int_equal(hop_ticket_new(five, 1, NULL, 0), HOP_E_INVALID);
    assert_string_equal(ticket, "untouched");
}

static void assert_refused(const hop_options *options, int error) {
    hop_endpoint *endpoint = (hop_endpoint *)&endpoint;
    assert_int_equal(hop_open(options, &endpoint), error);
    assert_ptr_equal(endpoint, &endpoint);
}

static void options_that_make_no_sense(void **state) {
    (void)state;
    hop_options options = HOP_OPTIONS_INIT;
    options.flags = HOP_NO_IPV4 | HOP_NO_IPV6;
    assert_refused(&options, HOP_E_INVALID);
    options.flags = 1u << 31;
    assert_refused(&options, HOP_E_INVALID);
    options.flags = 0;
    options.timeout_ms = -1;
    assert_refused(&options, HOP_E_INVALID);
    options.timeout_ms = INT64_MAX;
    assert_refused(&options, HOP_E_INVALID);
    options.timeout_ms = 0;
    options.size = 0;
    assert_refused(&options, HOP_E_INVALID);
    options.size = sizeof options - 1;
    assert_refused(&options, HOP_E_INVALID);
    options.size = (size_t)-1;
    assert_refused(&options, HOP_E_INVALID);
    options.size = sizeof options;
    options.stun = "no server";
    assert_refused(&options, HOP_E_INVALID);
    options.stun = NULL;
    options.secret = "";
    assert_refused(&options, HOP_E_INVALID);
    options.secret = "hop1-AAAA";
    assert_refused(&options, HOP_E_TICKET);
    options.secret = NULL;
    options.record = "";
    assert_refused(&options, HOP_E_INVALID);
    options.record = "/dev/null/nowhere";
    assert_refused(&options, HOP_E_RECORD);
    options.record = NULL;
    options.zero_us = -1;
    assert_refused(&options, HOP_E_INVALID);
    assert_int_equal(hop_open(NULL, NULL), HOP_E_INVALID);
}

/* A program built against a later header: its struct is larger than we know. */
static void options_of_a_later_version(void **state) {
    (void)state;
    struct {
        hop_options options;
        uint64_t later[4];
    } grown = {.options = HOP_OPTIONS_INIT};
    grown.options.size = sizeof grown;
    hop_endpoint *endpoint = NULL;
    assert_int_equal(hop_open(&grown.options, &endpoint), 0);
    hop_free(endpoint);
    grown.later[3] = 1;
    assert_refused(&grown.options, HOP_E_INVALID);
}

static void arguments_of_no_use(void **state) {
    (void)state;
    hop_endpoint *endpoint = NULL;
    hop_event event;
    assert_int_equal(hop_listen("nonsense", NULL, &endpoint), HOP_E_TICKET);
    assert_int_equal(hop_connect("", NULL, &endpoint), HOP_E_TICKET);
    assert_int_equal(hop_connect(NULL, NULL, &endpoint), HOP_E_TICKET);
    assert_int_equal(hop_dial("hop1-", NULL), HOP_E_TICKET);
    assert_null(endpoint);
    assert_null(hop_free(NULL));
    hop_cancel(NULL);
    assert_null(hop_description(NULL));
    assert_int_equal(hop_attempt(NULL, "x"), HOP_E_INVALID);
    assert_int_equal(hop_take_fd(NULL, 1), HOP_E_INVALID);
    assert_int_equal(hop_wait(NULL, 0), HOP_E_INVALID);
    assert_int_equal(hop_accept(NULL, 0), HOP_E_INVALID);
    assert_int_equal(hop_process(NULL), HOP_E_INVALID);
    assert_int_equal(hop_next(NULL, &event), HOP_E_INVALID);
    assert_int_equal(hop_poll_fd(NULL), HOP_E_INVALID);
    assert_int_equal(hop_open(NULL, &endpoint), 0);
    assert_int_equal(hop_next(endpoint, NULL), HOP_E_INVALID);
    hop_free(endpoint);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(errors_have_words),          API_TEST(tickets),
        API_TEST(tickets_of_no_server),       API_TEST(options_that_make_no_sense),
        API_TEST(options_of_a_later_version), API_TEST(arguments_of_no_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
