/* SPDX-License-Identifier: MIT */
/*
 * hopconn check: what our NAT is and what works through it, asked of one's own server. The course
 * of it is in check_run.c, the conclusions are in core/check.c, the words in check_words.c.
 */
#include "cli/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/tell.h"
#include "wire/ticket.h"

static bool is_server(const char *text);
static int make_check(struct check *check, const struct options *options);
static int tell_end(const struct check *check, enum check_end end);
static bool draw(const struct check *check, const char *path);

int cmd_check(int argc, char **argv) {
    struct options options;
    int status;
    if (!options_parse("check", argc, argv, &options, &status)) return status;
    if (options.server_count != 1)
        return tell_usage("which server? hopconn check --server HOST[:PORT], one of them");
    if (!is_server(options.servers[0]))
        return tell_usage("--server %s: want HOST, HOST:PORT or [IP6]:PORT", options.servers[0]);
    if (options.helper != NULL && !is_server(options.helper))
        return tell_usage("--helper %s: want HOST, HOST:PORT or [IP6]:PORT", options.helper);
    struct check *check = check_new();
    if (check == NULL) {
        tell_error(HOP_E_MEMORY);
        return STATUS_OTHER;
    }
    status = make_check(check, &options);
    check_free(check);
    return status;
}

static bool is_server(const char *text) {
    hop_ticket_server name;
    return hop_ticket_server_parse(text, strlen(text), &name);
}

static int make_check(struct check *check, const struct options *options) {
    struct check_options wanted = {.server = options->servers[0],
                                   .helper = options->helper,
                                   .use_ipv4 = (options->hop.flags & HOP_NO_IPV4) == 0,
                                   .use_ipv6 = (options->hop.flags & HOP_NO_IPV6) == 0,
                                   .use_portmap = (options->hop.flags & HOP_NO_PORTMAP) == 0,
                                   .take_long = options->long_check,
                                   .interface = options->hop.interface};
    enum check_end end = check_run(check, &wanted);
    int status = tell_end(check, end);
    if (status == STATUS_DONE && options->picture != NULL && !draw(check, options->picture))
        status = STATUS_OTHER;
    return status;
}

static int tell_end(const struct check *check, enum check_end end) {
    int error = 0;
    switch (end) {
    case CHECK_DONE:
        if (check_tell(check)) return STATUS_DONE;
        tell_failed(HOP_E_SYSTEM, NULL, "cannot write to stdout");
        return STATUS_OTHER;
    case CHECK_INTERRUPTED: error = HOP_E_CANCELLED; break;
    case CHECK_NO_INTERFACE: error = HOP_E_INTERFACE; break;
    case CHECK_NO_NAME: error = HOP_E_RESOLVE; break;
    case CHECK_NO_SERVER: error = HOP_E_SERVER; break;
    case CHECK_BROKEN: error = HOP_E_SYSTEM; break;
    }
    tell_error(error);
    return command_status(error);
}

static bool draw(const struct check *check, const char *path) {
    size_t size = 0;
    char *svg = check_picture(check, &size);
    FILE *file = svg != NULL ? fopen(path, "we") : NULL;
    bool good = file != NULL && fwrite(svg, 1, size, file) == size;
    if (file != NULL && fclose(file) != 0) good = false;
    if (!good)
        tell_failed(HOP_E_SYSTEM, "Name a file in a folder that exists and that you may write to.",
                    "cannot write the picture %s: %s", path,
                    svg != NULL ? strerror(errno) : "no memory");
    free(svg);
    return good;
}
