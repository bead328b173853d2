/* SPDX-License-Identifier: MIT */
/*
 * What a subcommand is, the table of them, and the exit statuses that scripts rely on. The table
 * (main.c) dispatches, and help is printed from it; there is no second list of commands.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>

enum status {
    STATUS_DONE = 0,     /* everything delivered */
    STATUS_OTHER = 1,    /* anything else */
    STATUS_USAGE = 2,    /* wrong usage, a ticket that is no ticket */
    STATUS_SERVER = 3,   /* rendezvous server not reached */
    STATUS_NOBODY = 4,   /* nobody listens with that ticket */
    STATUS_NO_PATH = 5,  /* the peer is there, but no path to it worked */
    STATUS_IMPOSTOR = 6, /* somebody answered who does not hold the secret */
    STATUS_BROKEN = 7    /* the connection broke before all was delivered */
};

struct command {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0]: the subcommand; returns the status */
    unsigned bit;                      /* names it in the table of options */
    const char *arguments;             /* for the usage line, "" for none */
    const char *summary;               /* half a line */
    const char *text;                  /* what else there is to know, "" for nothing */
};

extern const struct command commands[];
extern const size_t command_count;

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

/* Tells that there is no such command, and the nearest that there is. Returns the status. */
int command_unknown(const char *name);

/* The exit status that tells of an error (enum hop_error). */
int command_status(int error);

int cmd_serve(int argc, char **argv);
int cmd_ticket(int argc, char **argv);
int cmd_listen(int argc, char **argv);
int cmd_connect(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_chat(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_help(int argc, char **argv);

#endif
