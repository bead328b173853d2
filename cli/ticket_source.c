/* SPDX-License-Identifier: MIT */
/*
 * Reads and checks a ticket. From stdin it takes the first line and not one byte more, for the
 * payload begins right behind it: hence the reading byte by byte.
 */
#include "cli/ticket_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/tell.h"

static int read_file(const char *path, char *ret_line);
static bool read_line(int fd, char *ret_line);
static const char *trim(char *line);

int ticket_source_read(const char *argument, char ret_ticket[static HOP_TICKET_SIZE]) {
    char line[HOP_TICKET_SIZE] = "";
    const char *text = argument != NULL ? argument : getenv("HOPCONN_TICKET");
    if (text == NULL || (argument == NULL && text[0] == '\0')) {
        return tell_usage("no ticket: give it, @FILE, or - for stdin, or set HOPCONN_TICKET");
    }
    if (text[0] == '@') {
        int status = read_file(text + 1, line);
        if (status != STATUS_DONE) return status;
    } else if (strcmp(text, "-") == 0) {
        if (!read_line(STDIN_FILENO, line)) return tell_usage("no ticket on stdin");
    } else if (strlen(text) < HOP_TICKET_SIZE) {
        strcpy(line, text);
    }
    const char *ticket = trim(line);
    if (hop_ticket_check(ticket) < 0) {
        tell_error(HOP_E_TICKET);
        return STATUS_USAGE;
    }
    memmove(ret_ticket, ticket, strlen(ticket) + 1);
    return STATUS_DONE;
}

static int read_file(const char *path, char *ret_line) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return tell_usage("cannot read the ticket from '%s': %s", path, strerror(errno));
    bool good = read_line(fd, ret_line);
    close(fd);
    return good ? STATUS_DONE : tell_usage("no ticket in the first line of '%s'", path);
}

/* False when there is no line, or one that is too long to be a ticket. */
static bool read_line(int fd, char *ret_line) {
    size_t size = 0;
    while (size < HOP_TICKET_SIZE) {
        ssize_t done = read(fd, ret_line + size, 1);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        if (done == 0 || ret_line[size] == '\n') {
            ret_line[size] = '\0';
            return size > 0;
        }
        size++;
    }
    return false;
}

static const char *trim(char *line) {
    line += strspn(line, " \t\r");
    size_t size = strlen(line);
    while (size > 0 && strchr(" \t\r\n", line[size - 1]) != NULL)
        size--;
    line[size] = '\0';
    return line;
}
