/* SPDX-License-Identifier: MIT */
/*
 * Many listeners in one process, each an endpoint of its own with a ticket of its own: the idle
 * clients whose memory at the server is measured. It measures nothing itself.
 *
 *     bench-crowd SERVER COUNT
 *
 * Prints "ready" when the server has all of them registered; ends with its stdin.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

#define BATCH   64
#define AT_ONCE 100 /* that are on their way to being registered */

struct crowd {
    hop_listener **places;
    size_t count;
    size_t started;
    size_t registered;
    int epoll;
};

static bool start_next(struct crowd *crowd, const char *server);
static bool process(struct crowd *crowd, size_t place);
static bool look_at_timeouts(struct crowd *crowd);
static int complain(const char *what, int error);

int main(int argc, char **argv) {
    struct crowd crowd = {.count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0};
    if (crowd.count == 0) return complain("usage: bench-crowd SERVER COUNT", 0);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    crowd.places = calloc(crowd.count, sizeof *crowd.places);
    crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ready = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    epoll_ctl(crowd.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &ready);
    bool said = false;
    for (;;) {
        while (crowd.started < crowd.count && crowd.started - crowd.registered < AT_ONCE)
            if (!start_next(&crowd, argv[1])) return 1;
        struct epoll_event events[BATCH];
        int count = epoll_wait(crowd.epoll, events, BATCH, 100);
        for (int i = 0; i < count; i++) {
            if (events[i].data.u64 == UINT64_MAX) return 0;
            if (!process(&crowd, (size_t)events[i].data.u64)) return 1;
        }
        if (!look_at_timeouts(&crowd)) return 1;
        if (!said && crowd.registered == crowd.count) {
            said = true;
            puts("ready");
            fflush(stdout);
        }
    }
}

static bool start_next(struct crowd *crowd, const char *server) {
    char ticket[HOP_TICKET_SIZE];
    size_t place = crowd->started;
    int error = hop_ticket_new(&server, 1, ticket, sizeof ticket);
    if (error == 0) error = hop_listen(ticket, NULL, &crowd->places[place]);
    if (error < 0) return complain("hop_listen", error) == 0;
    struct epoll_event wanted = {.events = EPOLLIN, .data.u64 = place};
    epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, hop_poll_fd(crowd->places[place]), &wanted);
    crowd->started++;
    return process(crowd, place);
}

static bool process(struct crowd *crowd, size_t place) {
    hop_event event;
    int error = hop_process(crowd->places[place]);
    while (hop_next(crowd->places[place], &event) == 1) {
        if (event.kind == HOP_EVENT_LISTENING) crowd->registered++;
        if (event.kind == HOP_EVENT_FAILED) error = event.error;
    }
    return error == 0 || complain("an endpoint", error) == 0;
}

static bool look_at_timeouts(struct crowd *crowd) {
    for (size_t i = 0; i < crowd->started; i++)
        if (hop_poll_ms(crowd->places[i]) == 0 && !process(crowd, i)) return false;
    return true;
}

static int complain(const char *what, int error) {
    fprintf(stderr, "bench-crowd: %s: %s\n", what, error < 0 ? hop_error_text(error) : "");
    return 1;
}
