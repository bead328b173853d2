/* SPDX-License-Identifier: MIT */
/*
 * The options of all subcommands, in one table: the parser works from it, and the usage texts are
 * printed from it. What an option does is the subcommand's business.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <hopconn/hopconn.h>

#include "cli/command.h"

#define OPTIONS_LIST_MAX 8

enum {
    FOR_SERVE = 1u << 0,
    FOR_TICKET = 1u << 1,
    FOR_LISTEN = 1u << 2,
    FOR_CONNECT = 1u << 3,
    FOR_VERSION = 1u << 4,
    FOR_CHAT = 1u << 6,
    FOR_HELP = 1u << 5,
    FOR_REPLAY = 1u << 7,
    FOR_CHECK = 1u << 9
};

struct options {
    hop_options hop;      /* -4 -6 --no-lan --interface --local-port ... */
    const char *argument; /* the one that is no option (ticket, subcommand), or NULL */
    const char *servers[OPTIONS_LIST_MAX]; /* --server */
    size_t server_count;
    const char *listens[OPTIONS_LIST_MAX]; /* --listen */
    size_t listen_count;
    unsigned long count;     /* --count; 0: not given */
    const char *exec;        /* --exec, or NULL */
    const char *to;          /* --to, or NULL */
    const char *bind;        /* --bind, or NULL */
    bool no_public_ip;       /* --no-public-ip */
    bool plain;              /* --plain */
    bool relay_off;          /* serve: --relay off */
    unsigned long relay_max; /* serve: --relay-max and so on; 0: not given */
    unsigned long relay_room_max;
    unsigned long relay_idle_s;
    unsigned long long relay_rate;
    bool svg;            /* --svg */
    bool no_dialback;    /* --dial-back off */
    bool long_check;     /* --long */
    const char *helper;  /* --helper, or NULL */
    const char *picture; /* --svg FILE, or NULL */
    bool json;
    bool verbose;
    bool help;
};

/* Reads argv[1] and on for the command of that name, and sets out.h's mode. Returns true:
 * carry on. False: help was printed or wrong usage told; return *ret_status. */
bool options_parse(const char *name, int argc, char **argv, struct options *ret_options,
                   int *ret_status);

/* The whole usage of a command, on stdout. Returns the status. */
int options_usage(const struct command *command);

#endif
