/* SPDX-License-Identifier: MIT */
/*
 * The table of options, and the one parser that all subcommands share. Rows without a help text
 * are accepted and not shown: scripts may pass them before they can choose anything.
 */
#include "cli/options.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/option_set.h"
#include "cli/out.h"
#include "cli/suggest.h"
#include "cli/tell.h"

struct row {
    const char *name;   /* with its dashes */
    const char *letter; /* the short form, or NULL */
    const char *value;  /* what it takes, NULL: nothing */
    unsigned commands;  /* FOR_..., which know it */
    const char *help;
    const char *(*set)(struct options *options, const char *value); /* NULL, or what is wrong */
};

#define FOR_BOTH (FOR_LISTEN | FOR_CONNECT)
#define FOR_ALL                                                                                    \
    (FOR_CHECK | FOR_SERVE | FOR_TICKET | FOR_BOTH | FOR_VERSION | FOR_HELP | FOR_REPLAY)

static const struct row rows[] = {
    {"--listen", NULL, "ADDR[:PORT]", FOR_SERVE,
     "listen here; may be given again; default [::]:3478 and :3479", option_set_listen},
    {"--dial-back", NULL, "on|off", FOR_SERVE, "dial those back who check their NAT; default on",
     option_set_dial_back},
    {"--server", NULL, "HOST[:PORT]", FOR_CHECK, "the rendezvous server, port 3478 by default",
     option_set_server},
    {"--helper", NULL, "HOST[:PORT]", FOR_CHECK,
     "another server, elsewhere, that helps to tell what the NAT does", option_set_helper},
    {"--server", NULL, "HOST[:PORT]", FOR_TICKET | FOR_CHAT,
     "a rendezvous server, port 3478 by default; up to four", option_set_server},
    {"--stun", NULL, "HOST[:PORT]", FOR_CHAT, "asks this STUN server (TCP) for our public address",
     option_set_stun},
    {"--no-public-ip", NULL, NULL, FOR_CHAT,
     "asks nobody for our public address; default: api.ipify.org", option_set_no_public_ip},
    {"--timeout", NULL, "SECONDS", FOR_BOTH, "give up one attempt after this; default 15",
     option_set_timeout},
    {"--keepalive", NULL, "SECONDS", FOR_BOTH | FOR_CHAT | FOR_SERVE,
     "ask after so long without a byte if the other side is there; default 25",
     option_set_keepalive},
    {"--exec", NULL, "CMD", FOR_BOTH, "a command's stdin and stdout, through a shell",
     option_set_exec},
    {"--to", NULL, "HOST:PORT", FOR_LISTEN, "each connection goes on to this TCP service",
     option_set_to},
    {"--bind", NULL, "ADDR:PORT", FOR_CONNECT,
     "a local port; each client of it becomes a connection", option_set_bind},
    {"--count", NULL, "N", FOR_BOTH, "stop after N connections", option_set_count},
    {"--ipv4", "-4", NULL, FOR_CHECK | FOR_BOTH | FOR_CHAT, "IPv4 only", option_set_ipv4},
    {"--ipv6", "-6", NULL, FOR_CHECK | FOR_BOTH | FOR_CHAT, "IPv6 only", option_set_ipv6},
    {"--interface", NULL, "NAME", FOR_CHECK | FOR_BOTH | FOR_CHAT,
     "keep to this network interface, as eth0; default: all of them", option_set_interface},
    {"--local-port", NULL, "PORT", FOR_BOTH | FOR_CHAT, "the local port; default: a free one",
     option_set_local_port},
    {"--no-lan", NULL, NULL, FOR_BOTH, "neither offer nor dial private addresses",
     option_set_no_lan},
    {"--no-portmap", NULL, NULL, FOR_CHECK | FOR_BOTH, "do not ask the router to map our port",
     option_set_no_portmap},
    {"--relay", NULL, "auto|never|only", FOR_BOTH | FOR_CHAT,
     "through the server: auto (default): where nothing direct works", option_set_relay},
    {"--relay", NULL, "on|off", FOR_SERVE, "relay between peers that find no way; default on",
     option_set_serve_relay},
    {"--relay-max", NULL, "N", FOR_SERVE, "so many relays at once; default 256",
     option_set_relay_max},
    {"--relay-room-max", NULL, "N", FOR_SERVE, "... and of one ticket; default 8",
     option_set_relay_room_max},
    {"--relay-rate", NULL, "BYTES", FOR_SERVE,
     "a second, of all relays together, shared fairly; default: no bound", option_set_relay_rate},
    {"--relay-idle", NULL, "SECONDS", FOR_SERVE,
     "ends a relay that moves nothing for so long; default 7440", option_set_relay_idle},
    {"--plain", NULL, NULL, FOR_BOTH, "no TLS, on neither side; anybody on the path can read along",
     option_set_plain},
    {"--record", NULL, "FILE", FOR_BOTH | FOR_CHAT,
     "writes down what 'hopconn replay' tells again; or a folder", option_set_record},
    {"--svg", NULL, NULL, FOR_REPLAY, "draw it: a sequence diagram instead of lines",
     option_set_svg},
    {"--long", NULL, NULL, FOR_CHECK, "find out how long an idle mapping lives: up to 5 minutes",
     option_set_long},
    {"--svg", NULL, "FILE", FOR_CHECK, "draw it: who dialled whom, and what came of it",
     option_set_picture},
    {"--verbose", "-v", NULL, FOR_ALL | FOR_CHAT, "tell the story", option_set_verbose},
    {"--json", NULL, NULL, FOR_ALL, "every line on stderr one JSON object", option_set_json},
    {"--help", "-h", NULL, FOR_ALL | FOR_CHAT, "this text", option_set_help},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const struct row *find_row(const char *word, size_t size, unsigned bit);
static bool take_option(const struct command *command, struct options *options, char **argv,
                        int *at);
static bool take_argument(const struct command *command, struct options *options,
                          const char *argument);
static void tell_unknown(const struct command *command, const char *word);
static const char *find_contradiction(const struct options *options);
static void choose_output_early(int argc, char **argv);
static void print_row(const struct row *row);

bool options_parse(const char *name, int argc, char **argv, struct options *ret_options,
                   int *ret_status) {
    const struct command *command = command_find(name);
    struct options options = {.hop = HOP_OPTIONS_INIT};
    options.hop.zero_us = out_zero_us();
    bool only_arguments = false;
    choose_output_early(argc, argv);
    *ret_status = STATUS_USAGE;
    for (int i = 1; i < argc; i++) {
        bool is_option = !only_arguments && argv[i][0] == '-' && argv[i][1] != '\0';
        if (is_option && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (is_option ? !take_option(command, &options, argv, &i)
                             : !take_argument(command, &options, argv[i])) {
            return false;
        }
        if (options.help) {
            *ret_status = options_usage(command);
            return false;
        }
    }
    const char *wrong = find_contradiction(&options);
    if (wrong != NULL) {
        tell_usage("%s", wrong);
        return false;
    }
    *ret_options = options;
    return true;
}

int options_usage(const struct command *command) {
    out_result("usage: hopconn %s%s%s [options]\n\n%s.\n%s", command->name,
               command->arguments[0] != '\0' ? " " : "", command->arguments, command->summary,
               command->text);
    out_result("\noptions:\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if ((rows[i].commands & command->bit) != 0 && rows[i].help != NULL) print_row(&rows[i]);
    }
    return out_result("%s", "") ? STATUS_DONE : STATUS_OTHER;
}

static void print_row(const struct row *row) {
    char left[64] = "";
    /* All parts are short and ours. */
    if (row->letter != NULL) strcat(strcat(left, row->letter), ", ");
    strcat(left, row->name);
    if (row->value != NULL) strcat(strcat(left, " "), row->value);
    out_result("  %-24s %s\n", left, row->help);
}

/* What is right for each by itself and wrong together; NULL: nothing. */
static const char *find_contradiction(const struct options *options) {
    unsigned none = HOP_NO_IPV4 | HOP_NO_IPV6;
    if ((options->hop.flags & none) == none) {
        return "-4 and -6 leave nothing to connect with; give one of them or none";
    }
    struct stat about;
    if (options->hop.record != NULL && options->bind != NULL &&
        (stat(options->hop.record, &about) != 0 || !S_ISDIR(about.st_mode))) {
        return "with --bind each client has a recording of its own: give --record a folder";
    }
    if ((options->exec != NULL) + (options->to != NULL) + (options->bind != NULL) > 1) {
        return "a connection has one local end: give one of --exec, --to, --bind, or none";
    }
    return NULL;
}

/* So that wrong usage is told in the form that was asked for further on. */
static void choose_output_early(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) out_choose(true, out_verbose());
    }
}

/* Reads argv[*at], and the value behind it where it takes one. */
static bool take_option(const struct command *command, struct options *options, char **argv,
                        int *at) {
    const char *word = argv[*at];
    size_t size = strcspn(word, "=");
    const struct row *row = find_row(word, size, command->bit);
    if (row == NULL) {
        tell_unknown(command, word);
        return false;
    }
    const char *value = word[size] == '=' ? word + size + 1 : NULL;
    if (row->value == NULL && value != NULL) {
        tell_usage("%s takes no value", row->name);
        return false;
    }
    if (row->value != NULL && value == NULL) {
        value = argv[*at + 1];
        if (value == NULL) {
            tell_usage("%s needs a value: %s %s", row->name, row->name, row->value);
            return false;
        }
        ++*at;
    }
    const char *wrong = row->set(options, value);
    if (wrong != NULL) tell_usage("%s %s: %s", row->name, value != NULL ? value : "", wrong);
    out_choose(out_json() || options->json, options->verbose);
    return wrong == NULL;
}

static bool take_argument(const struct command *command, struct options *options,
                          const char *argument) {
    if (command->arguments[0] == '\0') {
        tell_usage("%s takes no '%s'; see 'hopconn help %s'", command->name, argument,
                   command->name);
        return false;
    }
    if (options->argument != NULL) {
        tell_usage("'%s' is one argument too many; see 'hopconn help %s'", argument, command->name);
        return false;
    }
    options->argument = argument;
    return true;
}

static const struct row *find_row(const char *word, size_t size, unsigned bit) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct row *row = &rows[i];
        if ((row->commands & bit) == 0) continue;
        if (strlen(row->name) == size && strncmp(row->name, word, size) == 0) return row;
        if (row->letter != NULL && strcmp(row->letter, word) == 0) return row;
    }
    return NULL;
}

static void tell_unknown(const struct command *command, const char *word) {
    const struct row *nearest = NULL;
    int least = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if ((rows[i].commands & command->bit) == 0 || rows[i].help == NULL) continue;
        int distance = suggest_distance(word, rows[i].name);
        if (nearest == NULL || distance < least) {
            nearest = &rows[i];
            least = distance;
        }
    }
    tell_usage("'%s' is no option of %s; did you mean '%s'?", word, command->name,
               nearest != NULL ? nearest->name : "--help");
}
