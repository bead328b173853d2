/* SPDX-License-Identifier: MIT */
/* A rendezvous server of the test's own: `hopconn serve` on loopback, on a port that it chooses. */
#ifndef HOP_TESTS_SERVER_H
#define HOP_TESTS_SERVER_H

#define _GNU_SOURCE /* memfd_create */

#include <sys/mman.h>
#include <sys/prctl.h>

#include "api/api.h"

typedef struct test_server {
    pid_t pid;
    int output_fd; /* all that it says: a file in memory, so that it never waits for a reader */
    char address[64];
} test_server;

static inline void server_program(int output_fd, const char *listen) {
    const char *program = getenv("HOP_PROGRAM");
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a test that is killed leaves no server behind */
    dup2(output_fd, STDERR_FILENO);
    if (program != NULL) {
        execl(program, program, "serve", "--listen", listen, "--json", (char *)NULL);
    }
    _exit(127);
}

/* listen: "127.0.0.1:0" or the like. False: it did not come up; HOP_PROGRAM says which program. */
static inline bool server_start(test_server *server, const char *listen) {
    server->output_fd = memfd_create("server", MFD_CLOEXEC);
    server->pid = fork();
    if (server->pid == 0) server_program(server->output_fd, listen);
    int64_t deadline = now_ms() + PATIENCE_MS;
    static const char key[] = "\"addresses\":[\"";
    while (now_ms() < deadline && waitpid(server->pid, NULL, WNOHANG) == 0) {
        char text[4096] = "";
        if (pread(server->output_fd, text, sizeof text - 1, 0) > 0 && strchr(text, '\n') != NULL) {
            const char *at = strstr(text, key);
            if (at == NULL) continue;
            at += sizeof key - 1;
            snprintf(server->address, sizeof server->address, "%.*s", (int)strcspn(at, "\""), at);
            return true;
        }
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    return false;
}

static inline bool server_stop(test_server *server) {
    int status = -1;
    kill(server->pid, SIGTERM);
    waitpid(server->pid, &status, 0);
    close(server->output_fd);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What it has said contains this. */
static inline bool server_said(const test_server *server, const char *wanted) {
    off_t size = lseek(server->output_fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)size + 1);
    bool found = text != NULL && pread(server->output_fd, text, (size_t)size, 0) == size &&
                 strstr(text, wanted) != NULL;
    free(text);
    return found;
}

static inline void ticket_for(const char *address, char ticket[static HOP_TICKET_SIZE]) {
    assert_int_equal(hop_ticket_new(&address, 1, ticket, HOP_TICKET_SIZE), 0);
}

#endif
