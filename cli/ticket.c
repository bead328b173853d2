/* SPDX-License-Identifier: MIT */
/*
 * hopconn ticket: prints a new ticket, nothing else.
 */
#include <errno.h>
#include <string.h>

#include <hopconn/hopconn.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/tell.h"

int cmd_ticket(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("ticket", argc, argv, &options, &status)) return status;
    if (options.server_count == 0) {
        return tell_usage("which server? hopconn ticket --server HOST[:PORT]");
    }
    char ticket[HOP_TICKET_SIZE];
    int error = hop_ticket_new(options.servers, options.server_count, ticket, sizeof ticket);
    if (error == HOP_E_INVALID) {
        return tell_usage("--server wants HOST, HOST:PORT or [IP6]:PORT, and at the most four");
    }
    if (error < 0) {
        tell_error(error);
        return command_status(error);
    }
    if (!out_result("%s\n", ticket)) {
        tell_failed(HOP_E_SYSTEM, NULL, "the ticket could not be written: %s", strerror(errno));
        return STATUS_OTHER;
    }
    return STATUS_DONE;
}
