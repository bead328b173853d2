/* SPDX-License-Identifier: MIT */
/*
 * Serves any number of peers, one after the other: each gets back what it sends. With a thread or
 * a fork for each descriptor it would serve them side by side.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

static void echo(int fd) {
    char bytes[4096];
    ssize_t size;
    while ((size = read(fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t done = 0, now; done < size; done += now) {
            now = write(fd, bytes + done, (size_t)(size - done));
            if (now < 0) return;
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s TICKET\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a peer that leaves early is an error of write() */
    hop_listener *listener;
    int error = hop_listen(argv[1], NULL, &listener);
    while (error >= 0) {
        int fd = hop_accept(listener, -1);
        if (fd < 0) {
            error = fd;
            hop_free(listener);
        } else {
            echo(fd);
            close(fd);
        }
    }
    fprintf(stderr, "%s\n%s\n", hop_error_text(error), hop_error_advice(error));
    return 1;
}
