/* SPDX-License-Identifier: MIT */
/*
 * The table of subcommands. What is not there yet is not in it.
 */
#include "cli/command.h"

#include <string.h>

#include <hopconn/hopconn.h>

#include "cli/options.h"
#include "cli/suggest.h"
#include "cli/tell.h"

#define TICKET_TEXT                                                                                \
    "TICKET is the line that 'hopconn ticket' printed, or @FILE to read it from a file,\n"         \
    "or - for the first line of stdin, or nothing when HOPCONN_TICKET is set.\n"

#define STDIO_TEXT                                                                                 \
    "What comes in on stdin goes to the peer, what the peer sends goes to stdout; the end\n"       \
    "of either is passed on while the other goes on. Exit status 0: all was delivered.\n"          \
    "SIGINT and SIGTERM end it: status 1 before it is connected, 7 in the middle.\n"

const struct command commands[] = {
    {"serve", cmd_serve, FOR_SERVE, "", "Runs a rendezvous server", ""},
    {"ticket", cmd_ticket, FOR_TICKET, "--server HOST[:PORT]",
     "Prints a new ticket, for both machines", ""},
    {"listen", cmd_listen, FOR_LISTEN, "[TICKET]", "Waits for who holds the same ticket",
     "\n" TICKET_TEXT "\n" STDIO_TEXT
     "One connection, unless --count says more: they are served in turn, stdin goes to the\n"
     "first of them, and stdout has what all sent, one behind the other.\n\n"
     "With --to or --exec it serves any number at once, without end unless --count says\n"
     "otherwise; while nobody is connected a signal ends it with status 0.\n"},
    {"connect", cmd_connect, FOR_CONNECT, "[TICKET]",
     "Connects to who listens with the same ticket",
     "\n" TICKET_TEXT "\n" STDIO_TEXT
     "\nWith --bind it serves any number of clients, without end unless --count says\n"
     "otherwise. 'ssh -o ProxyCommand=\"hopconn connect @TICKETFILE\" HOST' works, with\n"
     "'hopconn listen @TICKETFILE --to localhost:22' at the other end.\n"},
    {"check", cmd_check, FOR_CHECK, "--server HOST[:PORT]",
     "Tells what this NAT is and what works through it",
     "\nAsks the server how it sees us, and has it dial us back. The verdict goes to stdout; -v "
     "has\n"
     "the details in a table, --json all of it as one object. It takes a few seconds. The "
     "server's\n"
     "second port tells more, a second address of it (or --helper) more still.\n\n"
     "Exit status 0: checked, whatever was found; 3: the server was not reached.\n"},
    {"chat", cmd_chat, FOR_CHAT, "[TICKET]", "Lets two people chat, line by line",
     "\nPrints our addresses, takes the peer's as the first line (an empty one: the peer dials\n"
     "us), and tells when the peer is there and when it leaves. Not encrypted.\n\n"
     "With --server nobody copies addresses: it prints a ticket, and the peer joins with it;\n"
     "then it is encrypted.\n"},
    {"replay", cmd_replay, FOR_REPLAY, "FILE", "Tells the story of a recording",
     "\nFILE is what --record (or HOP_RECORD) has written, - is stdin. The story goes to stdout,\n"
     "in the words and at the times of -v; nothing is sent anywhere. It ends where the connection\n"
     "was handed over. Exit status 0: told, whatever came of the attempt.\n\n"
     "With --svg it is a picture, SVG on stdout: who sent what and when, each dial and its "
     "answer,\n"
     "states, timers, and above it all how it ended and why:\n\n"
     "  hopconn replay --svg FILE > why.svg\n"},
    {"version", cmd_version, FOR_VERSION, "", "Prints version, build options, dependencies", ""},
    {"help", cmd_help, FOR_HELP, "[COMMAND]", "Prints this, or the usage of a command", ""},
};
const size_t command_count = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    }
    return NULL;
}

int command_unknown(const char *name) {
    const struct command *nearest = &commands[0];
    int least = suggest_distance(name, nearest->name);
    for (size_t i = 1; i < command_count; i++) {
        int distance = suggest_distance(name, commands[i].name);
        if (distance < least) {
            least = distance;
            nearest = &commands[i];
        }
    }
    return tell_usage("'%s' is no command; did you mean 'hopconn %s'?", name, nearest->name);
}

int command_status(int error) {
    switch (error) {
    case HOP_E_INVALID:
    case HOP_E_INTERFACE:
    case HOP_E_TICKET: return STATUS_USAGE;
    case HOP_E_RESOLVE:
    case HOP_E_SERVER:
    case HOP_E_REFUSED:
    case HOP_E_CLOCK: return STATUS_SERVER;
    case HOP_E_NOBODY: return STATUS_NOBODY;
    case HOP_E_NO_PATH:
    case HOP_E_BROKEN: return STATUS_NO_PATH;
    case HOP_E_IMPOSTOR: return STATUS_IMPOSTOR;
    default: return STATUS_OTHER;
    }
}
