/* SPDX-License-Identifier: MIT */
/*
 * What the tests of asking for the public address share: the service of public_ip_server.py with
 * its ports, names that stand for it, and one way to ask, by a loop of one's own around it.
 */
#ifndef HOP_TESTS_PUBLIC_IP_RIG_H
#define HOP_TESTS_PUBLIC_IP_RIG_H

#include <limits.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include "api/isolation.h"
#include "drive/public_ip.h"

typedef struct service {
    char folder[64]; /* certificates, and the files that stand in for the system's */
    char ca[256];
    char ports[512]; /* "NAME=PORT NAME=PORT ..." */
    pid_t pid;
    int input_fd; /* it ends when this is closed */
    bool isolated;
} service;

static service web;

typedef struct answer {
    int error; /* 1: none within PATIENCE_MS */
    char address[64];
    char text[1024];
    unsigned steps;
} answer;

static inline const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", web.folder, name);
    return path;
}

static inline bool web_start_program(void) {
    int input[2];
    int output[2];
    char script[PATH_MAX];
    const char *source = getenv("HOP_SOURCE");
    snprintf(script, sizeof script, "%s/tests/api/public_ip_server.py", source ? source : ".");
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) return false;
    web.pid = fork();
    if (web.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        execl("/usr/bin/python3", "python3", script, web.folder, (char *)NULL);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    web.input_fd = input[1];
    size_t used = 0;
    ssize_t got = 0;
    while ((got = read(output[0], web.ports + used, sizeof web.ports - 1 - used)) > 0) {
        used += (size_t)got;
        if (web.ports[used - 1] == '\n') break;
    }
    close(output[0]);
    return got > 0;
}

/* The names of the tests, in place of the system's; DNS comes from nowhere, see set_dns. */
static inline bool web_names(void) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", path_of("hosts"));
    if (!write_file(path, "127.0.0.1 localhost one.hop.test both.hop.test\n"
                          "127.0.0.9 lame.hop.test\n"
                          "::1 six.hop.test both.hop.test lame.hop.test\n") ||
        !put_over(path, "/etc/hosts")) {
        return false;
    }
    snprintf(path, sizeof path, "%s", path_of("resolv.conf"));
    return write_file(path, "nameserver 127.0.0.3\n") && put_over(path, "/etc/resolv.conf");
}

static inline int web_start(void **state) {
    (void)state;
    snprintf(web.folder, sizeof web.folder, "/tmp/hop-public-ip-XXXXXX");
    if (mkdtemp(web.folder) == NULL) return -1;
    snprintf(web.ca, sizeof web.ca, "%s", path_of("ca.pem"));
    web.isolated = isolate() && web_names();
    if (!web.isolated) print_message("no namespaces of our own here: %s\n", strerror(errno));
    return web_start_program() ? 0 : -1;
}

static inline int web_stop(void **state) {
    (void)state;
    char command[PATH_MAX];
    int status = -1;
    close(web.input_fd);
    waitpid(web.pid, &status, 0);
    snprintf(command, sizeof command, "rm -r '%s'", web.folder);
    return system(command) == 0 && status == 0 ? 0 : -1;
}

static inline void need_isolation(void) {
    if (web.isolated) return;
    print_message("network and mount namespaces are not allowed here\n");
    skip();
}

/* "SCHEME://HOST:PORT/PATH", the port by its name. */
static inline const char *url_of(const char *scheme, const char *host, const char *port,
                                 const char *path) {
    static char url[1024];
    char key[64];
    snprintf(key, sizeof key, "%s=", port);
    const char *at = strstr(web.ports, key);
    assert_non_null(at);
    snprintf(url, sizeof url, "%s://%s:%d/%s", scheme, host, atoi(at + strlen(key)), path);
    return url;
}

static inline const char *good_url(const char *path) {
    return url_of("https", "127.0.0.1", "good", path);
}

static inline int count_threads(void) {
    DIR *folder = opendir("/proc/self/task");
    assert_non_null(folder);
    int count = -2; /* . and .. */
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* Nothing that leads to the network is left to programs that are started meanwhile. */
static inline void assert_closed_on_exec(void) {
    for (int fd = 3; fd < 64; fd++) {
        int family = 0;
        socklen_t size = sizeof family;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0 || family == AF_UNIX)
            continue;
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
}

/* One round of a loop that knows the descriptor only through one of its own. */
static inline void step(hop_public_ip *ask, int outer) {
    struct epoll_event event;
    int64_t wait_us = hop_public_ip_wait_us(ask);
    int64_t wait_ms = wait_us < (int64_t)PATIENCE_MS * 1000 ? (wait_us + 999) / 1000 : PATIENCE_MS;
    epoll_wait(outer, &event, 1, (int)wait_ms);
    hop_public_ip_process(ask);
    assert_int_equal(count_threads(), 1);
    assert_closed_on_exec();
}

static inline int watch(const hop_public_ip *ask) {
    struct epoll_event event = {.events = EPOLLIN};
    int outer = epoll_create1(EPOLL_CLOEXEC);
    assert_true(outer >= 0);
    assert_int_equal(epoll_ctl(outer, EPOLL_CTL_ADD, hop_public_ip_fd(ask), &event), 0);
    return outer;
}

static inline void take_answer(const hop_public_ip *ask, answer *result) {
    hop_address address = {0};
    const char *text = NULL;
    result->error = 1;
    if (!hop_public_ip_done(ask, &address, &result->error, &text)) return;
    if (text != NULL) snprintf(result->text, sizeof result->text, "%s", text);
    if (result->error == 0) hop_address_print(&address, result->address);
}

static inline answer ask_through(const char *interface, const char *url, const char *ca,
                                 int64_t timeout_us, bool use_ipv4, bool use_ipv6) {
    answer result = {.error = 1};
    int64_t deadline = now_ms() + PATIENCE_MS;
    hop_public_ip *ask = hop_public_ip_new(url, ca, timeout_us, use_ipv4, use_ipv6, interface);
    assert_non_null(ask);
    int outer = watch(ask);
    int fd = hop_public_ip_fd(ask);
    for (take_answer(ask, &result); result.error == 1 && now_ms() < deadline; result.steps++) {
        step(ask, outer);
        take_answer(ask, &result);
    }
    /* What is over stays quiet. */
    assert_true(result.error == 1 || hop_public_ip_wait_us(ask) == INT64_MAX);
    assert_int_equal(hop_public_ip_fd(ask), fd);
    assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0), 0);
    hop_public_ip_process(ask);
    close(outer);
    assert_null(hop_public_ip_free(ask));
    if (getenv("HOP_TEST_TALK") != NULL) {
        print_message("%s: %d %s%s (%u steps)\n", url, result.error, result.address, result.text,
                      result.steps);
    }
    return result;
}

static inline answer ask_by(const char *url, const char *ca, int64_t timeout_us, bool use_ipv4,
                            bool use_ipv6) {
    return ask_through(NULL, url, ca, timeout_us, use_ipv4, use_ipv6);
}

static inline answer ask_at(const char *url) {
    return ask_by(url, web.ca, (int64_t)PATIENCE_MS * 500, true, true);
}

static inline void assert_address(answer result, const char *wanted) {
    if (result.error != 0) print_error("%s\n", result.text);
    assert_int_equal(result.error, 0);
    assert_string_equal(result.address, wanted);
}

/* An error whose text has these words. */
static inline void assert_refused(answer result, const char *words) {
    if (result.error != HOP_E_PUBLIC_IP || strstr(result.text, words) == NULL) {
        print_error("error %d \"%s\", address \"%s\"; not \"%s\"\n", result.error, result.text,
                    result.address, words);
    }
    assert_int_equal(result.error, HOP_E_PUBLIC_IP);
    assert_non_null(strstr(result.text, words));
}

#endif
