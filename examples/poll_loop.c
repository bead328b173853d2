/* SPDX-License-Identifier: MIT */
/*
 * An attempt in a poll loop of one's own, beside something else: here a line on stdin gives up.
 * Watch one descriptor, mind one timeout, make one call, pull what happened.
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

/* Returns the connected descriptor, an error, or 0 while there is neither. */
static int pull_events(hop_endpoint *endpoint) {
    hop_event event;
    while (hop_next(endpoint, &event)) {
        switch (event.kind) {
        case HOP_EVENT_CANDIDATE: printf("we are %s (%s)\n", event.address, event.candidate); break;
        case HOP_EVENT_PEER: printf("the peer is there\n"); break;
        case HOP_EVENT_ESTABLISHED:
            printf("connected to %s, %s\n", event.remote, hop_route_name(event.route));
            return hop_take_fd(endpoint, event.attempt);
        case HOP_EVENT_FAILED: printf("%s\n%s\n", event.text, event.advice); return event.error;
        default: break;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s TICKET\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* progress is to be seen at once, also in a pipe */
    hop_endpoint *endpoint;
    int result = hop_connect(argv[1], NULL, &endpoint);
    if (result < 0) {
        fprintf(stderr, "%s\n%s\n", hop_error_text(result), hop_error_advice(result));
        return 1;
    }
    struct pollfd watched[] = {{.fd = hop_poll_fd(endpoint), .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};
    while (result == 0) {
        poll(watched, 2, hop_poll_ms(endpoint));
        if (watched[1].revents != 0) {
            watched[1].fd = -1;
            hop_cancel(endpoint);
        }
        hop_process(endpoint);
        result = pull_events(endpoint);
    }
    hop_free(endpoint);
    if (result < 0) return 1;
    dprintf(result, "hello\n");
    close(result);
    return 0;
}
