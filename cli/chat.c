/* SPDX-License-Identifier: MIT */
/*
 * hopconn chat: two people, line by line, on the library's connection with handlers. They exchange
 * addresses by any means, or one ticket.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hopconn/conn.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/tell.h"
#include "cli/ticket_source.h"

#define LINE_SIZE   4096
#define PATIENCE_MS 60000 /* people paste more slowly than programs */

struct chat {
    hop_conn *conn;
    bool by_ticket;
    bool dialled;     /* the peer's addresses are known; true with a ticket */
    bool established; /* told */
    bool full;        /* the queue is: no reading until there is room */
    bool input_ended;
    int status;
    size_t size;          /* of what is in line */
    char line[LINE_SIZE]; /* read and not yet sent */
};

static hop_cancel_token *token;

static int choose(const struct options *options, char *ticket, hop_conn_options *ret_chosen);
static int begin(struct chat *chat, const hop_conn_options *chosen);
static void run(struct chat *chat);
static void read_input(struct chat *chat);
static void use_input(struct chat *chat);
static bool dial(struct chat *chat);
static void on_ready(hop_conn *conn, void *user);
static void on_established(hop_conn *conn, hop_route route, void *user);
static void on_data(hop_conn *conn, const uint8_t *bytes, size_t size, void *user);
static void on_room(hop_conn *conn, void *user);
static void on_error(hop_conn *conn, int error, const char *text, void *user);
static void on_log(hop_log_level level, const char *trace_id, const char *text, void *user);
static void on_signal(int number);

int cmd_chat(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("chat", argc, argv, &options, &status)) return status;
    char ticket[HOP_TICKET_SIZE] = "";
    hop_conn_options chosen;
    status = choose(&options, ticket, &chosen);
    if (status != STATUS_DONE) return status;
    struct chat chat = {.by_ticket = chosen.ticket != NULL, .dialled = chosen.ticket != NULL};
    int error = hop_cancel_token_new(&token);
    chosen.cancel = token;
    if (error == 0) error = begin(&chat, &chosen);
    if (error < 0) {
        tell_unstarted(error, chosen.record);
        chat.status = command_status(error);
    } else {
        run(&chat);
    }
    hop_conn_free(chat.conn);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    token = hop_cancel_token_free(token);
    return chat.status;
}

/* Which way: a ticket of ours, one that was given, or addresses. */
static int choose(const struct options *options, char *ticket, hop_conn_options *ret_chosen) {
    hop_conn_options chosen = HOP_CONN_OPTIONS_INIT;
    chosen.flags = options->hop.flags;
    if (options->no_public_ip) chosen.flags |= HOP_CONN_NO_PUBLIC_IP;
    chosen.local_port = options->hop.local_port;
    chosen.timeout_ms = options->hop.timeout_ms > 0 ? options->hop.timeout_ms : PATIENCE_MS;
    chosen.try_count = 1;
    chosen.stun = options->hop.stun;
    chosen.record = options->hop.record;
    chosen.relay = options->hop.relay;
    chosen.keepalive_s = options->hop.keepalive_s;
    chosen.interface = options->hop.interface;
    chosen.log_level = options->verbose ? HOP_LOG_DEBUG : HOP_LOG_NONE;
    chosen.log_handler = on_log;
    bool makes_ticket = options->server_count > 0;
    if ((makes_ticket && options->argument != NULL) ||
        (chosen.stun != NULL && (makes_ticket || options->argument != NULL))) {
        return tell_usage("chat takes one of --server, --stun and TICKET");
    }
    if (makes_ticket) {
        int error =
            hop_ticket_new(options->servers, options->server_count, ticket, HOP_TICKET_SIZE);
        if (error < 0) return tell_usage("--server wants HOST, HOST:PORT or [IP6]:PORT");
        chosen.flags |= HOP_CONN_LISTEN;
        out_line("the peer joins with: hopconn chat %s", ticket);
    } else if (options->argument != NULL) {
        int status = ticket_source_read(options->argument, ticket);
        if (status != STATUS_DONE) return status;
    }
    if (ticket[0] != '\0') chosen.ticket = ticket;
    if (chosen.ticket == NULL && chosen.relay == HOP_RELAY_ONLY)
        return tell_usage("--relay only needs a server: --server or TICKET");
    *ret_chosen = chosen;
    return STATUS_DONE;
}

static int begin(struct chat *chat, const hop_conn_options *chosen) {
    int error = hop_conn_new(chosen, &chat->conn);
    if (error == 0) error = hop_conn_on_ready(chat->conn, on_ready, chat);
    if (error == 0) error = hop_conn_on_established(chat->conn, on_established, chat);
    if (error == 0) error = hop_conn_on_data(chat->conn, on_data, chat);
    if (error == 0) error = hop_conn_on_room(chat->conn, on_room, chat);
    if (error == 0) error = hop_conn_on_error(chat->conn, on_error, chat);
    if (error == 0 && chat->by_ticket) error = hop_conn_attempt(chat->conn, NULL);
    if (error < 0) return error;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    if (chat->by_ticket) return 0;
    out_line("not encrypted: anybody on the path can read along; with --server it is");
    out_line("local address: %s", hop_conn_local_address(chat->conn));
    return 0;
}

static void run(struct chat *chat) {
    struct pollfd watched[] = {{.fd = hop_conn_poll_fd(chat->conn), .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};
    while (hop_conn_process(chat->conn) == 1) {
        bool reads = !chat->full && !chat->input_ended && chat->size < LINE_SIZE;
        watched[1].fd = reads ? STDIN_FILENO : -1;
        watched[1].revents = 0;
        if (poll(watched, 2, hop_conn_poll_ms(chat->conn)) > 0 && watched[1].revents != 0) {
            read_input(chat);
        }
        use_input(chat);
    }
}

static void read_input(struct chat *chat) {
    ssize_t got = read(STDIN_FILENO, chat->line + chat->size, LINE_SIZE - chat->size);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0)
        chat->input_ended = true;
    else
        chat->size += (size_t)got;
}

/* The first line is the peer's addresses, unless there is a ticket; all else is for the peer. */
static void use_input(struct chat *chat) {
    while (!chat->dialled && dial(chat))
        continue;
    if (chat->dialled && chat->established && chat->size > 0) {
        int error = hop_conn_write(chat->conn, chat->line, chat->size);
        chat->full = error == HOP_E_FULL;
        if (!chat->full) chat->size = 0;
    }
    /* Who says nothing more leaves, once all is said. */
    bool done = chat->established && chat->size == 0;
    if (chat->input_ended && (done || !chat->dialled)) hop_conn_close(chat->conn);
}

/* False: there is no whole line. */
static bool dial(struct chat *chat) {
    char *end = memchr(chat->line, '\n', chat->size);
    if (end == NULL && chat->size < LINE_SIZE) return false;
    if (end == NULL) end = chat->line + LINE_SIZE - 1;
    *end = '\0';
    bool waits = chat->line[strspn(chat->line, " \t\r")] == '\0';
    int error = hop_conn_attempt(chat->conn, waits ? NULL : chat->line);
    /* A peer that was faster is no mistake of ours. */
    if (error == HOP_E_INVALID)
        out_line("these are no addresses; ip:port, separated by commas:");
    else
        chat->dialled = true;
    size_t used = (size_t)(end + 1 - chat->line);
    chat->size -= used;
    memmove(chat->line, end + 1, chat->size);
    return true;
}

static void on_ready(hop_conn *conn, void *user) {
    struct chat *chat = user;
    if (chat->by_ticket) return;
    const char *address = hop_conn_public_address(conn);
    out_line("public address: %s", address != NULL ? address : "not known");
    if (!chat->established) out_line("the peer's addresses, separated by commas:");
}

static void on_established(hop_conn *conn, hop_route route, void *user) {
    struct chat *chat = user;
    (void)conn;
    chat->established = true;
    /* The peer dialled us: nobody waits for its addresses any more. */
    chat->dialled = true;
    out_line("connected, %s, %s", hop_route_name(route),
             chat->by_ticket ? "encrypted" : "not encrypted");
}

/* What the peer says must not steer our terminal. */
static void on_data(hop_conn *conn, const uint8_t *bytes, size_t size, void *user) {
    struct chat *chat = user;
    for (size_t i = 0; i < size; i++) {
        bool harmless = (bytes[i] >= 0x20 && bytes[i] != 0x7f) || strchr("\n\t", bytes[i]) != NULL;
        putchar(harmless && bytes[i] != 0 ? bytes[i] : '?');
    }
    if (fflush(stdout) == 0) return;
    tell_failed(HOP_E_SYSTEM, NULL, "stdout: %s", strerror(errno));
    chat->status = STATUS_BROKEN;
    hop_conn_abort(conn);
}

static void on_room(hop_conn *conn, void *user) {
    (void)conn;
    ((struct chat *)user)->full = false;
}

static void on_error(hop_conn *conn, int error, const char *text, void *user) {
    struct chat *chat = user;
    (void)conn;
    if (error == HOP_E_DISMISSED) {
        out_line("%s", text);
    } else if (error == HOP_E_PEER_CLOSED) {
        out_line("the peer has left");
    } else if (error == HOP_E_CLOSED) {
        if (!chat->established) chat->status = STATUS_OTHER;
    } else {
        tell_failed(error, hop_error_advice(error), "%.*s", (int)strcspn(text, "\n"), text);
        chat->status = chat->established ? STATUS_BROKEN : command_status(error);
    }
}

static void on_log(hop_log_level level, const char *trace_id, const char *text, void *user) {
    (void)level;
    (void)user;
    out_story("%s %s", trace_id, text);
}

static void on_signal(int number) {
    (void)number;
    hop_cancel_token_fire(token);
}
