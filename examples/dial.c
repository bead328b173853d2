/* SPDX-License-Identifier: MIT */
/*
 * The shortest program there is: connects to whoever listens with the ticket, says hello, and
 * prints what comes back until the peer is done. The descriptor is an ordinary blocking socket.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hopconn/hopconn.h>

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s TICKET\n", argv[0]);
        return 2;
    }
    int fd = hop_dial(argv[1], NULL);
    if (fd < 0) {
        fprintf(stderr, "%s\n%s\n", hop_error_text(fd), hop_error_advice(fd));
        return 1;
    }
    dprintf(fd, "hello\n");
    shutdown(fd, SHUT_WR);
    char bytes[4096];
    ssize_t size;
    while ((size = read(fd, bytes, sizeof bytes)) > 0)
        fwrite(bytes, 1, (size_t)size, stdout);
    close(fd);
    return size < 0;
}
