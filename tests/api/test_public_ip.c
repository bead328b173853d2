/* SPDX-License-Identifier: MIT */
/*
 * Our public address from a web service: a right one, and one that is slow, lies, talks too much,
 * fails or is somebody else. All on loopback, where possible in a network without anything else.
 */
#include <curl/curl.h>
#include <netdb.h>

#include "api/public_ip_rig.h"

#define IPV4     "198.51.100.7:0"
#define IPV6     "[2001:db8::7]:0"
#define SHORT_US 300000

static unsigned free_after_each_step(const char *url);

/* In the system's place, for the whole program: libcurl would call it in a thread of its own. */
int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints,
                struct addrinfo **ret_list) {
    (void)name;
    (void)port;
    (void)hints;
    (void)ret_list;
    return EAI_FAIL;
}

/* --- answers */

static void test_right_answers(void **state) {
    (void)state;
    static const char *const paths[] = {"right", "spaces", "chunked", "hints", "mapped", "family"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_address(ask_at(good_url(paths[i])), IPV4);
}

static void test_answers_that_are_no_address(void **state) {
    (void)state;
    static const char *const paths[] = {"timeout",       "empty", "two",    "two-lines", "comma",
                                        "trailing",      "port",  "short",  "octal",     "zero",
                                        "html",          "json",  "number", "hex",       "brackets",
                                        "brackets-port", "zone"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_refused(ask_at(good_url(paths[i])), "not an IP address");
}

static void test_answers_that_are_not_public(void **state) {
    (void)state;
    static const char *const paths[] = {"private", "loopback",   "carrier",        "multicast",
                                        "nowhere", "link-local", "mapped-private", "local6"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_refused(ask_at(good_url(paths[i])), "no public address");
}

static void test_an_answer_of_the_other_family(void **state) {
    (void)state;
    assert_refused(ask_at(good_url("six")), "family");
}

static void test_huge_answers(void **state) {
    (void)state;
    assert_refused(ask_at(good_url("huge")), "too long for an IP address");
    assert_refused(ask_at(good_url("hundred")), "too long for an IP address");
}

static void test_huge_heads(void **state) {
    (void)state;
    assert_refused(ask_at(good_url("heads")), "head is too long");
    assert_refused(ask_at(good_url("hundreds")), "head is too long");
    assert_refused(ask_at(good_url("one-head")), "127.0.0.1: "); /* libcurl's own limit */
}

static void test_http_errors(void **state) {
    (void)state;
    assert_refused(ask_at(good_url("status-500")), "HTTP status 500");
    assert_refused(ask_at(good_url("status-404")), "HTTP status 404");
    assert_refused(ask_at(good_url("status-204")), "HTTP status 204");
    assert_refused(ask_at(good_url("status-206")), "HTTP status 206");
}

static void test_a_redirect_is_not_followed(void **state) {
    (void)state;
    assert_refused(ask_at(good_url("status-302")), "HTTP status 302");
}

static void test_answers_that_end_early(void **state) {
    (void)state;
    assert_refused(ask_at(good_url("early")), "127.0.0.1: ");
    assert_refused(ask_at(good_url("half")), "127.0.0.1: ");
    assert_refused(ask_at(good_url("garbage")), "127.0.0.1: ");
    assert_refused(ask_at(url_of("https", "127.0.0.1", "shut", "right")), "127.0.0.1: ");
}

/* "198.51.100.77" cut after its first 12 letters would be somebody else's address. */
static void test_an_answer_that_was_cut(void **state) {
    (void)state;
    assert_refused(ask_at(good_url("cut")), "where it ends");
    assert_refused(ask_at(good_url("until-close")), "where it ends");
    assert_refused(ask_at(good_url("cut-chunks")), "127.0.0.1: ");
}

/* --- time */

static void test_slow_services(void **state) {
    (void)state;
    static const char *const ports[] = {"good", "good", "mute"};
    static const char *const paths[] = {"slow", "drip", "right"};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        int64_t begin = now_ms();
        const char *url = url_of("https", "127.0.0.1", ports[i], paths[i]);
        assert_refused(ask_by(url, web.ca, SHORT_US, true, true), "no answer within 300 ms");
        assert_true(now_ms() - begin >= SHORT_US / 1000);
    }
}

/* A listener whose queue is full answers no SYN. */
static void test_a_connection_that_takes_for_ever(void **state) {
    (void)state;
    int fds[4];
    char url[64];
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 4; i++)
        assert_true((fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) >= 0);
    assert_int_equal(bind(fds[0], (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fds[0], 0), 0);
    assert_int_equal(getsockname(fds[0], (struct sockaddr *)&address, &size), 0);
    for (int i = 1; i < 4; i++)
        connect(fds[i], (struct sockaddr *)&address, size);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", ntohs(address.sin_port));
    answer result = ask_by(url, web.ca, SHORT_US, true, true);
    free_after_each_step(url);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    assert_refused(result, "no answer within 300 ms");
}

/* A loop that only watches is not kept busy by a service that says nothing. */
static void test_waiting_takes_few_steps(void **state) {
    (void)state;
    answer result = ask_by(good_url("slow"), web.ca, SHORT_US, true, true);
    assert_refused(result, "no answer");
    assert_true(result.steps < 40);
}

/* --- trust */

static void test_wrong_certificates(void **state) {
    (void)state;
    static const char *const ports[] = {"strange", "elsewhere", "expired"};
    static const char *const words[] = {"certificate", "subject name", "expired"};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        assert_refused(ask_at(url_of("https", "127.0.0.1", ports[i], "right")), words[i]);
}

static void test_the_systems_certificates(void **state) {
    (void)state;
    char other_ca[PATH_MAX];
    const curl_version_info_data *about = curl_version_info(CURLVERSION_NOW);
    need_isolation();
    if (about->capath == NULL || about->cainfo == NULL ||
        strncmp(about->cainfo, about->capath, strlen(about->capath)) != 0) {
        print_message("this libcurl knows no folder of certificates\n");
        skip();
    }
    assert_refused(ask_by(good_url("right"), NULL, 0, true, true), "certificate");
    snprintf(other_ca, sizeof other_ca, "%s", path_of("elsewhere.pem"));
    assert_true(put_over(path_of("system"), about->capath));
    answer by_system = ask_by(good_url("right"), NULL, 0, true, true);
    answer by_other = ask_by(good_url("right"), other_ca, 0, true, true);
    assert_int_equal(umount(about->capath), 0);
    assert_address(by_system, IPV4);
    assert_refused(by_other, "certificate"); /* our own file alone counts where there is one */
}

static void test_a_ca_file_that_is_none(void **state) {
    (void)state;
    assert_refused(ask_by(good_url("right"), "/nowhere/ca.pem", 0, true, true), "127.0.0.1: ");
    assert_refused(ask_by(good_url("right"), "/proc/self/cmdline", 0, true, true), "127.0.0.1: ");
}

static void test_plain_http(void **state) {
    (void)state;
    assert_address(ask_at(url_of("http", "127.0.0.1", "plain", "right")), IPV4);
    assert_refused(ask_at(url_of("https", "127.0.0.1", "plain", "right")), "127.0.0.1: ");
    assert_refused(ask_at(url_of("http", "127.0.0.1", "good", "right")), "127.0.0.1: ");
}

static void test_no_proxy_of_the_environment(void **state) {
    (void)state;
    static const char *const names[] = {"https_proxy", "http_proxy", "ALL_PROXY"};
    const char *proxy = url_of("http", "127.0.0.1", "shut", "");
    for (size_t i = 0; i < 3; i++)
        setenv(names[i], proxy, 1);
    answer result = ask_at(good_url("right"));
    answer plain = ask_at(url_of("http", "127.0.0.1", "plain", "right"));
    for (size_t i = 0; i < 3; i++)
        unsetenv(names[i]);
    assert_address(result, IPV4);
    assert_address(plain, IPV4);
}

/* --- where it is */

static void test_nobody_there(void **state) {
    (void)state;
    assert_refused(ask_at("https://127.0.0.1:1/"), "onnect");
}

static void test_urls_that_are_none(void **state) {
    (void)state;
    char long_url[400] = "https://";
    static const char *const urls[] = {"",
                                       "https://",
                                       "api.test",
                                       "ftp://127.0.0.1/",
                                       "file:///etc/hosts",
                                       "https://a b/",
                                       "htt:",
                                       "//x",
                                       "https://x:99999/",
                                       "https://[fe80::1%25lo]/"};
    memset(long_url + 8, 'a', sizeof long_url - 9);
    for (size_t i = 0; i <= sizeof urls / sizeof urls[0]; i++) {
        const char *url = i < sizeof urls / sizeof urls[0] ? urls[i] : long_url;
        answer result = ask_by(url, web.ca, 0, true, true);
        if (result.error != HOP_E_INVALID) print_error("%s: %d\n", url, result.error);
        assert_int_equal(result.error, HOP_E_INVALID);
        assert_int_equal(result.steps, 0);
    }
}

static void test_by_ipv6(void **state) {
    (void)state;
    if (strstr(web.ports, "six=0") != NULL) {
        print_message("no IPv6 on loopback\n");
        skip();
    }
    const char *url = url_of("https", "[::1]", "six", "family");
    assert_address(ask_by(url, web.ca, 0, false, true), IPV6);
    assert_refused(ask_by(url, web.ca, 0, true, false), "could not be resolved");
}

static void test_by_name(void **state) {
    (void)state;
    need_isolation();
    assert_address(ask_at(url_of("https", "one.hop.test", "good", "family")), IPV4);
    assert_refused(ask_at(url_of("https", "one.hop.test", "elsewhere", "right")), "certificate");
    /* Both families: IPv4 first, IPv6 where only that is used, or where nobody answers by IPv4. */
    const char *url = url_of("https", "both.hop.test", "six", "family");
    assert_address(ask_by(url, web.ca, 0, true, true), IPV4);
    assert_address(ask_by(url, web.ca, 0, true, false), IPV4);
    assert_address(ask_by(url, web.ca, 0, false, true), IPV6);
    assert_address(ask_at(url_of("https", "six.hop.test", "six", "family")), IPV6);
    assert_address(ask_at(url_of("https", "lame.hop.test", "six", "family")), IPV6);
}

/* A server for names that never answers: its socket, which the caller closes. */
static int silent_dns(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 2); /* 127.0.0.3 */
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void test_names_that_do_not_resolve(void **state) {
    (void)state;
    need_isolation();
    assert_refused(ask_at("https://nobody.hop.test/"), "could not be resolved"); /* no DNS at all */
    int dns = silent_dns();
    answer result = ask_by("https://nobody.hop.test/", web.ca, SHORT_US, true, true);
    close(dns);
    assert_refused(result, "no answer within 300 ms");
}

/* --- many, and none */

static void test_many_at_once(void **state) {
    (void)state;
    enum { COUNT = 50 };
    hop_public_ip *asks[COUNT];
    struct pollfd watched[COUNT];
    int64_t deadline = now_ms() + PATIENCE_MS;
    int done = 0;
    for (int i = 0; i < COUNT; i++) {
        asks[i] = hop_public_ip_new(good_url(i % 2 ? "right" : "timeout"), web.ca,
                                    (int64_t)PATIENCE_MS * 1000, true, true, NULL);
        assert_non_null(asks[i]);
        watched[i] = (struct pollfd){.fd = hop_public_ip_fd(asks[i]), .events = POLLIN};
    }
    while (done < COUNT && now_ms() < deadline) {
        answer result;
        done = 0;
        for (int i = 0; i < COUNT; i++) {
            hop_public_ip_process(asks[i]);
            take_answer(asks[i], &result);
            done += result.error == (i % 2 ? 0 : HOP_E_PUBLIC_IP);
        }
        poll(watched, COUNT, 10);
    }
    for (int i = 0; i < COUNT; i++)
        hop_public_ip_free(asks[i]);
    assert_int_equal(done, COUNT);
}

static void test_by_one_interface(void **state) {
    (void)state;
    assert_address(ask_through("lo", good_url("right"), web.ca, SHORT_US, true, true), IPV4);
    assert_refused(ask_through("none0", good_url("right"), web.ca, SHORT_US, true, true), "");
}

/* Freed after 0, 1, 2 ... steps, until it is over before that. */
static unsigned free_after_each_step(const char *url) {
    for (unsigned stop = 0; stop < 1000; stop++) {
        answer result = {.error = 1};
        int before = count_descriptors();
        hop_public_ip *ask = hop_public_ip_new(url, web.ca, SHORT_US, true, true, NULL);
        assert_non_null(ask);
        int outer = watch(ask);
        for (unsigned i = 0; i < stop && result.error == 1; i++) {
            step(ask, outer);
            take_answer(ask, &result);
        }
        close(outer);
        hop_public_ip_free(ask);
        assert_int_equal(count_descriptors(), before);
        if (result.error != 1) return stop;
    }
    fail_msg("%s is never over", url);
    return 0;
}

static void test_freed_at_any_time(void **state) {
    (void)state;
    assert_null(hop_public_ip_free(NULL));
    assert_true(free_after_each_step(good_url("right")) >= 2);
    assert_true(free_after_each_step(url_of("http", "127.0.0.1", "plain", "right")) >= 2);
    assert_true(free_after_each_step(url_of("https", "127.0.0.1", "mute", "right")) >= 2);
    free_after_each_step(good_url("slow"));
    free_after_each_step(good_url("huge"));
    free_after_each_step("https://127.0.0.1:1/");
}

static void test_freed_while_resolving(void **state) {
    (void)state;
    need_isolation();
    assert_true(free_after_each_step(url_of("https", "both.hop.test", "good", "right")) >= 2);
    int dns = silent_dns();
    free_after_each_step("https://nobody.hop.test/");
    close(dns);
}

static void test_the_default_is_bounded(void **state) {
    (void)state;
    need_isolation(); /* where the real service can't be reached */
    assert_refused(ask_by(NULL, NULL, 0, true, true), "api.ipify.org: the name could not be");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(test_right_answers),
        API_TEST(test_answers_that_are_no_address),
        API_TEST(test_answers_that_are_not_public),
        API_TEST(test_an_answer_of_the_other_family),
        API_TEST(test_huge_answers),
        API_TEST(test_huge_heads),
        API_TEST(test_http_errors),
        API_TEST(test_a_redirect_is_not_followed),
        API_TEST(test_answers_that_end_early),
        API_TEST(test_an_answer_that_was_cut),
        API_TEST(test_slow_services),
        API_TEST(test_a_connection_that_takes_for_ever),
        API_TEST(test_waiting_takes_few_steps),
        API_TEST(test_wrong_certificates),
        API_TEST(test_the_systems_certificates),
        API_TEST(test_a_ca_file_that_is_none),
        API_TEST(test_plain_http),
        API_TEST(test_no_proxy_of_the_environment),
        API_TEST(test_nobody_there),
        API_TEST(test_urls_that_are_none),
        API_TEST(test_by_ipv6),
        API_TEST(test_by_name),
        API_TEST(test_names_that_do_not_resolve),
        API_TEST(test_by_one_interface),
        API_TEST(test_many_at_once),
        API_TEST(test_freed_at_any_time),
        API_TEST(test_freed_while_resolving),
        API_TEST(test_the_default_is_bounded),
    };
    return cmocka_run_group_tests_name("public_ip", tests, web_start, web_stop);
}
