/* SPDX-License-Identifier: MIT */
/*
 * No rendezvous server at all: prints this side's description, one line to be given to the peer by
 * any means, reads the peer's line from stdin, connects, and exchanges a line. Start it on both
 * machines. A secret that both know ("manual SECRET") keeps out who overheard the lines.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

/* Waits for an event of that kind or for the failure. Returns its attempt, or the error. */
static int wait_for(hop_endpoint *endpoint, hop_event_kind kind) {
    hop_event event;
    while (hop_wait(endpoint, -1) == 1 && hop_next(endpoint, &event)) {
        if (event.kind == HOP_EVENT_FAILED) return event.error;
        if (event.kind == kind) return event.attempt;
    }
    return HOP_E_STATE;
}

static int meet(hop_endpoint *endpoint) {
    char line[4096];
    int error = wait_for(endpoint, HOP_EVENT_DESCRIBED);
    if (error < 0) return error;
    printf("%s\n", hop_description(endpoint));
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) return HOP_E_DESCRIPTION;
    line[strcspn(line, "\r\n")] = '\0';
    error = hop_attempt(endpoint, line);
    if (error < 0) return error;
    int attempt = wait_for(endpoint, HOP_EVENT_ESTABLISHED);
    return attempt < 0 ? attempt : hop_take_fd(endpoint, attempt);
}

int main(int argc, char **argv) {
    hop_options options = HOP_OPTIONS_INIT;
    options.secret = argc > 1 ? argv[1] : NULL;
    options.timeout_ms = 60000; /* people paste more slowly than programs */
    hop_endpoint *endpoint;
    int fd = hop_open(&options, &endpoint);
    if (fd >= 0) {
        fd = meet(endpoint);
        hop_free(endpoint);
    }
    if (fd < 0) {
        fprintf(stderr, "%s\n%s\n", hop_error_text(fd), hop_error_advice(fd));
        return 1;
    }
    char answer[64] = "";
    dprintf(fd, "hello from process %d\n", (int)getpid());
    FILE *peer = fdopen(fd, "r");
    if (fgets(answer, sizeof answer, peer) != NULL) printf("the peer says: %s", answer);
    fclose(peer);
    return answer[0] == '\0';
}
