/* SPDX-License-Identifier: MIT */
/*
 * hopconn listen: waits for who holds the same ticket.
 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/ticket_source.h"

int cmd_listen(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("listen", argc, argv, &options, &status)) return status;
    char ticket[HOP_TICKET_SIZE];
    status = ticket_source_read(options.argument, ticket);
    if (status != STATUS_DONE) return status;
    return session_run(&options, ticket, true);
}
