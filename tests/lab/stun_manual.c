/* SPDX-License-Identifier: MIT */
/*
 * The manual way with a STUN server, for test_stun.py: tells its candidates and its description,
 * reads the peer's line, connects, says hello. Not an example: examples/manual.c is.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

static int wait_for(hop_endpoint *endpoint, hop_event_kind kind) {
    hop_event event;
    while (hop_wait(endpoint, -1) == 1 && hop_next(endpoint, &event)) {
        if (event.kind == HOP_EVENT_CANDIDATE)
            printf("candidate %s %s\n", event.candidate, event.address);
        if (event.kind == HOP_EVENT_NOTE) printf("note %s\n", event.text);
        if (event.kind == HOP_EVENT_FAILED) return event.error;
        if (event.kind == HOP_EVENT_ESTABLISHED)
            printf("established %s %s %s\n", hop_route_name(event.route), event.local,
                   event.remote);
        fflush(stdout);
        if (event.kind == kind) return event.attempt;
    }
    return HOP_E_STATE;
}

static int meet(hop_endpoint *endpoint) {
    char line[4096];
    int error = wait_for(endpoint, HOP_EVENT_DESCRIBED);
    if (error < 0) return error;
    printf("description %s\n", hop_description(endpoint));
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) return HOP_E_DESCRIPTION;
    line[strcspn(line, "\n")] = '\0';
    error = hop_attempt(endpoint, line);
    if (error < 0) return error;
    int attempt = wait_for(endpoint, HOP_EVENT_ESTABLISHED);
    return attempt < 0 ? attempt : hop_take_fd(endpoint, attempt);
}

static int talk(int fd, const char *word) {
    char heard[64] = "";
    dprintf(fd, "%s\n", word);
    FILE *peer = fdopen(fd, "r");
    if (fgets(heard, sizeof heard, peer) != NULL) printf("heard %s", heard);
    fclose(peer);
    return heard[0] == '\0';
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    hop_options options = HOP_OPTIONS_INIT;
    options.stun = argv[1];
    hop_endpoint *endpoint;
    int fd = hop_open(&options, &endpoint);
    if (fd >= 0) {
        fd = meet(endpoint);
        hop_free(endpoint);
    }
    if (fd < 0) {
        printf("failed %s\n", hop_error_name(fd));
        return 1;
    }
    return talk(fd, argv[2]);
}
