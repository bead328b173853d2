/* SPDX-License-Identifier: MIT */
/*
 * The program: finds the subcommand in the table and runs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/out.h"

static void keep_stdio_numbers(void);
static const char *plain_name(const char *word);

int main(int argc, char **argv) {
    out_begin();
    keep_stdio_numbers();
    /* A broken stdout or peer is an error of the write, with an exit status of its own. */
    signal(SIGPIPE, SIG_IGN);
    const struct command *command = command_find(argc < 2 ? "help" : plain_name(argv[1]));
    if (command == NULL) {
        for (int i = 2; i < argc; i++) {
            if (strcmp(argv[i], "--json") == 0) out_choose(true, false);
        }
        return command_unknown(argv[1]);
    }
    return command->run(argc < 2 ? argc : argc - 1, argc < 2 ? argv : argv + 1);
}

/* Where 0, 1 or 2 are closed, a socket would get that number and take the payload's or the
 * messages' place. A closed stdin becomes an empty one; writing to a closed stdout stays an error.
 */
static void keep_stdio_numbers(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)!open("/dev/null", O_RDONLY);
    }
}

/* What people try first, by the names of commands. */
static const char *plain_name(const char *word) {
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return "help";
    if (strcmp(word, "--version") == 0) return "version";
    return word;
}
