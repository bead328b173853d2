/* SPDX-License-Identifier: MIT */
/*
 * hopconn help: the list of commands, or the usage of one. Both are printed from the tables that
 * dispatch and parse.
 */
#include <stdbool.h>

#include <hopconn/hopconn.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/tell.h"

static int print_all(void);

int cmd_help(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("help", argc, argv, &options, &status)) return status;
    if (options.argument == NULL) return print_all();
    const struct command *command = command_find(options.argument);
    if (command == NULL) return command_unknown(options.argument);
    return options_usage(command);
}

static int print_all(void) {
    out_result("hopconn %s: a connected TCP socket to a peer, through the NATs of both.\n\n",
               hop_version());
    for (size_t i = 0; i < command_count; i++) {
        out_result("  hopconn %-8s %s\n", commands[i].name, commands[i].summary);
    }
    bool good =
        out_result("\n'hopconn help COMMAND' has the options of a command. Two machines, "
                   "one ticket:\n\n"
                   "  hopconn ticket --server HOST > home.ticket   once, copy to both\n"
                   "  hopconn listen @home.ticket                  on one of them\n"
                   "  hopconn connect @home.ticket                 on the other\n\n"
                   "exit status: 0 all delivered, 1 anything else, 2 wrong usage,\n"
                   "3 server not reached, 4 nobody listens, 5 no path worked,\n"
                   "6 no holder of the secret answered, 7 broken before all was delivered\n");
    return good ? STATUS_DONE : STATUS_OTHER;
}
