/* SPDX-License-Identifier: MIT */
/*
 * hopconn connect: connects to who listens with the same ticket.
 */
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/tell.h"
#include "cli/ticket_source.h"

int cmd_connect(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("connect", argc, argv, &options, &status)) return status;
    if (options.count > 1 && options.bind == NULL) {
        return tell_usage("connect makes one connection; --count is for --bind");
    }
    char ticket[HOP_TICKET_SIZE];
    status = ticket_source_read(options.argument, ticket);
    if (status != STATUS_DONE) return status;
    return session_run(&options, ticket, false);
}
