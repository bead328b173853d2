/* SPDX-License-Identifier: MIT */
/*
 * Two people chat, line by line. Each program prints its addresses; give them to the other by any
 * means. The first line that is typed is the other's addresses, separated by commas (an empty one:
 * the other dials), all that follows is for the other. Not encrypted: see options.secret and
 * options.ticket. --no-public-ip asks nobody for the public address.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hopconn/conn.h>

static int status;

static void on_ready(hop_conn *conn, void *user) {
    const char *address = hop_conn_public_address(conn);
    (void)user;
    printf("public address %s\n", address != NULL ? address : "not known");
}

static void on_established(hop_conn *conn, hop_route route, void *user) {
    (void)conn;
    printf("connected, %s\n", hop_route_name(route));
    *(int *)user = 1;
}

static void on_data(hop_conn *conn, const uint8_t *bytes, size_t size, void *user) {
    (void)conn;
    (void)user;
    fwrite(bytes, 1, size, stdout);
}

static void on_error(hop_conn *conn, int error, const char *text, void *user) {
    (void)conn;
    (void)user;
    if (error == HOP_E_PEER_CLOSED)
        printf("the other one has left\n");
    else if (error != HOP_E_CLOSED)
        printf("%s\n", text);
    if (error != HOP_E_PEER_CLOSED && error != HOP_E_CLOSED && error != HOP_E_DISMISSED) status = 1;
}

/* A line from the terminal: first the addresses, then the talk. The end of all: we leave. */
static void use_line(hop_conn *conn, int connected, int *dialled) {
    char line[4096];
    ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);
    if (size <= 0) {
        hop_conn_close(conn);
    } else if (connected || *dialled) {
        hop_conn_write(conn, line, (size_t)size); /* a person does not fill the queue */
    } else {
        line[size] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        int error = hop_conn_attempt(conn, line[0] != '\0' ? line : NULL);
        if (error < 0) printf("%s\n", hop_error_text(error));
        *dialled = error == 0;
    }
}

int main(int argc, char **argv) {
    hop_conn_options options = HOP_CONN_OPTIONS_INIT;
    hop_conn *conn;
    int connected = 0, dialled = 0;
    if (argc > 1 && strcmp(argv[1], "--no-public-ip") == 0) options.flags |= HOP_CONN_NO_PUBLIC_IP;
    options.timeout_ms = 20000; /* the other one pastes at leisure */
    setvbuf(stdout, NULL, _IONBF, 0);
    int error = hop_conn_new(&options, &conn);
    if (error < 0) {
        fprintf(stderr, "%s\n%s\n", hop_error_text(error), hop_error_advice(error));
        return 1;
    }
    hop_conn_on_ready(conn, on_ready, NULL);
    hop_conn_on_established(conn, on_established, &connected);
    hop_conn_on_data(conn, on_data, NULL);
    hop_conn_on_error(conn, on_error, NULL);
    printf("local address %s\n", hop_conn_local_address(conn));
    struct pollfd watched[] = {{.fd = hop_conn_poll_fd(conn), .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};
    while (hop_conn_process(conn) == 1) {
        watched[1].revents = 0;
        poll(watched, 2, hop_conn_poll_ms(conn));
        if (watched[1].revents != 0) use_line(conn, connected, &dialled);
    }
    hop_conn_free(conn);
    return status;
}
