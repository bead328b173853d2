/* SPDX-License-Identifier: MIT */
/*
 * One side of a connection by bare addresses, for test_bare.py: tells its addresses, dials or only
 * waits, sends its token, hears the peer's, and says how it ended. Not an example: examples/chat.c
 * is.
 *
 *     bare_peer PORT TOKEN [--dial IP:PORT,...] [--secret TEXT] [--timeout MS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hopconn/conn.h>

#define HEARD_MAX 256

typedef struct side {
    const char *token;
    const char *dial;
    char heard[HEARD_MAX];
    size_t heard_size;
    int established;
    int end; /* the terminal error */
} side;

static void on_ready(hop_conn *conn, void *user) {
    const char *address = hop_conn_public_address(conn);
    (void)user;
    printf("public %s\n", address != NULL ? address : "unknown");
}

/* Once: a second one would show as a second line. */
static void on_established(hop_conn *conn, hop_route route, void *user) {
    side *us = user;
    us->established++;
    printf("established %s\n", hop_route_name(route));
    hop_conn_write(conn, us->token, strlen(us->token));
    hop_conn_write(conn, "\n", 1);
    hop_conn_end(conn);
}

static void on_data(hop_conn *conn, const uint8_t *bytes, size_t size, void *user) {
    side *us = user;
    size_t room = sizeof us->heard - us->heard_size;
    (void)conn;
    memcpy(us->heard + us->heard_size, bytes, size < room ? size : room);
    us->heard_size += size < room ? size : room;
}

static void on_error(hop_conn *conn, int error, const char *text, void *user) {
    side *us = user;
    (void)conn;
    printf("error %s\n", hop_error_name(error));
    fprintf(stderr, "%s\n", text);
    if (error != HOP_E_DISMISSED) us->end = error;
}

static void on_log(hop_log_level level, const char *trace_id, const char *text, void *user) {
    (void)level;
    (void)trace_id;
    (void)user;
    fprintf(stderr, "%s\n", text);
}

static int read_words(int argc, char **argv, side *us, hop_conn_options *options) {
    if (argc < 3) return -1;
    options->local_port = (uint16_t)atoi(argv[1]);
    us->token = argv[2];
    for (int i = 3; i < argc; i += 2) {
        if (i + 1 == argc) return -1;
        if (strcmp(argv[i], "--dial") == 0)
            us->dial = argv[i + 1];
        else if (strcmp(argv[i], "--secret") == 0)
            options->secret = argv[i + 1];
        else if (strcmp(argv[i], "--timeout") == 0)
            options->timeout_ms = atoi(argv[i + 1]);
        else
            return -1;
    }
    return 0;
}

static int meet(hop_conn *conn, side *us) {
    hop_conn_on_ready(conn, on_ready, us);
    hop_conn_on_established(conn, on_established, us);
    hop_conn_on_data(conn, on_data, us);
    hop_conn_on_error(conn, on_error, us);
    printf("local %s\n", hop_conn_local_address(conn));
    int error = us->dial != NULL ? hop_conn_attempt(conn, us->dial) : 0;
    if (error < 0) return error;
    while (hop_conn_wait(conn, -1) == 1)
        continue;
    return us->end;
}

int main(int argc, char **argv) {
    hop_conn_options options = HOP_CONN_OPTIONS_INIT;
    side us = {0};
    hop_conn *conn = NULL;
    setvbuf(stdout, NULL, _IOLBF, 0);
    options.flags = HOP_CONN_NO_PUBLIC_IP;
    options.log_level = HOP_LOG_DEBUG;
    options.log_handler = on_log;
    if (read_words(argc, argv, &us, &options) < 0) return 2;
    int error = hop_conn_new(&options, &conn);
    if (error == 0) error = meet(conn, &us);
    hop_conn_free(conn);
    printf("heard %.*s%s", (int)us.heard_size, us.heard, us.heard_size == 0 ? "\n" : "");
    printf("end %s\n", hop_error_name(error));
    /* Both sides wrote all and ended: nobody was cut off. */
    return us.established == 1 && us.heard_size > 0 && error == HOP_E_PEER_CLOSED ? 0 : 1;
}
