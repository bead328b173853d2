/* SPDX-License-Identifier: MIT */
/*
 * Plain blocking calls: who must not block calls them from a thread.
 */
#include "cli/local.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A service is near; one that does not answer for so long is not there. */
#define DIAL_LIMIT_S 10
#define BACKLOG      64

extern char **environ;

static int spawn_shell(const char *command, int child_in, int child_out);
static int resolve(const char *text, int flags, struct addrinfo **ret_list);

bool local_split(const char *text, char ret_host[static LOCAL_HOST_SIZE],
                 char ret_port[static LOCAL_PORT_SIZE]) {
    const char *colon = strrchr(text, ':');
    if (colon == NULL) return false;
    const char *host = text;
    size_t size = (size_t)(colon - text);
    if (size > 1 && text[0] == '[' && colon[-1] == ']') {
        host++;
        size -= 2;
    } else if (memchr(text, ':', size) != NULL) {
        return false; /* an IPv6 address without brackets: where does the port begin? */
    }
    const char *port = colon + 1;
    size_t digits = strspn(port, "0123456789");
    if (size == 0 || size >= LOCAL_HOST_SIZE || digits == 0 || port[digits] != '\0') return false;
    if (digits >= LOCAL_PORT_SIZE || (digits == 5 && strcmp(port, "65535") > 0)) return false;
    memcpy(ret_host, host, size);
    ret_host[size] = '\0';
    strcpy(ret_port, port);
    return true;
}

int local_stdio(int fd, bool last) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int nothing = last ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (nothing >= 0) {
        dup2(nothing, fd);
        close(nothing);
    }
    return copy;
}

int local_exec(const char *command, int *ret_in, int *ret_out) {
    int down[2], up[2];
    signal(SIGCHLD, SIG_IGN); /* nobody asks how it ended: no zombies */
    if (pipe2(down, O_CLOEXEC) < 0) return errno;
    if (pipe2(up, O_CLOEXEC) < 0) {
        int error = errno;
        close(down[0]);
        close(down[1]);
        return error;
    }
    int error = spawn_shell(command, down[0], up[1]);
    close(down[0]);
    close(up[1]);
    if (error != 0) {
        close(down[1]);
        close(up[0]);
        return error;
    }
    *ret_in = up[0];
    *ret_out = down[1];
    return 0;
}

int local_dial(const char *service, int *ret_fd) {
    struct addrinfo *list;
    int error = resolve(service, 0, &list);
    if (error != 0) return error;
    error = EADDRNOTAVAIL;
    for (struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0) continue;
        struct timeval limit = {.tv_sec = DIAL_LIMIT_S};
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (connect(fd, at->ai_addr, at->ai_addrlen) == 0) {
            limit.tv_sec = 0;
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
            int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            freeaddrinfo(list);
            *ret_fd = fd;
            return 0;
        }
        error = errno == EINPROGRESS ? ETIMEDOUT : errno;
        close(fd);
    }
    freeaddrinfo(list);
    return error;
}

int local_listen(const char *address, int *ret_fd) {
    struct addrinfo *list;
    int error = resolve(address, AI_PASSIVE, &list);
    if (error != 0) return error;
    int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, list->ai_addr, list->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
        error = errno;
        if (fd >= 0) close(fd);
    } else {
        *ret_fd = fd;
    }
    freeaddrinfo(list);
    return error;
}

void local_name(int fd, char *ret_name, size_t size) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN + 16] = "?", port[LOCAL_PORT_SIZE] = "?";
    getsockname(fd, (struct sockaddr *)&address, &length);
    getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(ret_name, size, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* The command gets the signals as a program from a shell has them, not as they are here. */
static int spawn_shell(const char *command, int child_in, int child_out) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t reset, none;
    sigemptyset(&none);
    sigemptyset(&reset);
    sigaddset(&reset, SIGPIPE);
    sigaddset(&reset, SIGCHLD);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child_in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child_out, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &reset);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    char shell[] = "sh", option[] = "-c", text[4096];
    int error = E2BIG;
    pid_t child;
    if (snprintf(text, sizeof text, "%s", command) < (int)sizeof text) {
        char *words[] = {shell, option, text, NULL};
        error = posix_spawn(&child, "/bin/sh", &actions, &attributes, words, environ);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int resolve(const char *text, int flags, struct addrinfo **ret_list) {
    char host[LOCAL_HOST_SIZE], port[LOCAL_PORT_SIZE];
    if (!local_split(text, host, port)) return EINVAL;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    hints.ai_flags = flags;
    switch (getaddrinfo(host, port, &hints, ret_list)) {
    case 0: return 0;
    case EAI_MEMORY: return ENOMEM;
    default: return EADDRNOTAVAIL;
    }
}
