/* SPDX-License-Identifier: MIT */
/*
 * The values of options. Numbers are read strictly: what is not wholly a number in its range is
 * wrong, so that a slip of the finger is not taken for a wish.
 */
#include "cli/option_set.h"

#include <stdlib.h>
#include <string.h>

#include "cli/interface.h"
#include "cli/local.h"

#define TIMEOUT_MAX_S 86400.0
#define COUNT_MAX     1000000000ul
#define RELAYS_MAX    65536ul
#define KEEPALIVE_MAX 7200ul

static bool is_host_and_port(const char *text);
static const char *set_count(const char *value, unsigned long max, unsigned long *ret_count);
static bool is_number(const char *text, bool fraction);

const char *option_set_listen(struct options *options, const char *value) {
    if (options->listen_count == OPTIONS_LIST_MAX) return "too many of them";
    options->listens[options->listen_count++] = value;
    return NULL;
}

const char *option_set_server(struct options *options, const char *value) {
    if (options->server_count == OPTIONS_LIST_MAX) return "too many of them";
    options->servers[options->server_count++] = value;
    return NULL;
}

const char *option_set_timeout(struct options *options, const char *value) {
    double seconds = is_number(value, true) ? strtod(value, NULL) : 0;
    if (!(seconds >= 0.001 && seconds <= TIMEOUT_MAX_S)) {
        return "a number of seconds above 0, up to 86400";
    }
    options->hop.timeout_ms = (int64_t)(seconds * 1000.0 + 0.5);
    return NULL;
}

const char *option_set_keepalive(struct options *options, const char *value) {
    unsigned long seconds = is_number(value, false) ? strtoul(value, NULL, 10) : 0;
    if (seconds == 0 || seconds > KEEPALIVE_MAX) return "whole seconds from 1 to 7200";
    options->hop.keepalive_s = (unsigned)seconds;
    return NULL;
}

const char *option_set_exec(struct options *options, const char *value) {
    if (value[0] == '\0') return "a command";
    options->exec = value;
    return NULL;
}

const char *option_set_to(struct options *options, const char *value) {
    options->to = value;
    return is_host_and_port(value) ? NULL : "want HOST:PORT or [IP6]:PORT";
}

const char *option_set_bind(struct options *options, const char *value) {
    options->bind = value;
    return is_host_and_port(value) ? NULL : "want ADDR:PORT or [IP6]:PORT";
}

const char *option_set_count(struct options *options, const char *value) {
    unsigned long count = is_number(value, false) ? strtoul(value, NULL, 10) : 0;
    if (count == 0 || count > COUNT_MAX) return "a number from 1 up";
    options->count = count;
    return NULL;
}

const char *option_set_ipv4(struct options *options, const char *value) {
    (void)value;
    options->hop.flags |= HOP_NO_IPV6;
    return NULL;
}

const char *option_set_ipv6(struct options *options, const char *value) {
    (void)value;
    options->hop.flags |= HOP_NO_IPV4;
    return NULL;
}

const char *option_set_interface(struct options *options, const char *value) {
    options->hop.interface = value;
    return interface_wrong(value);
}

const char *option_set_local_port(struct options *options, const char *value) {
    unsigned long port = is_number(value, false) ? strtoul(value, NULL, 10) : 0;
    if (port == 0 || port > UINT16_MAX) return "a port from 1 to 65535";
    options->hop.local_port = (uint16_t)port;
    return NULL;
}

const char *option_set_no_lan(struct options *options, const char *value) {
    (void)value;
    options->hop.flags |= HOP_NO_LAN;
    return NULL;
}

const char *option_set_no_portmap(struct options *options, const char *value) {
    (void)value;
    options->hop.flags |= HOP_NO_PORTMAP;
    return NULL;
}

const char *option_set_relay(struct options *options, const char *value) {
    static const char *const words[] = {
        [HOP_RELAY_AUTO] = "auto", [HOP_RELAY_NEVER] = "never", [HOP_RELAY_ONLY] = "only"};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(value, words[i]) != 0) continue;
        options->hop.relay = (hop_relay_use)i;
        return NULL;
    }
    return "auto, never or only";
}

const char *option_set_serve_relay(struct options *options, const char *value) {
    options->relay_off = strcmp(value, "off") == 0;
    return options->relay_off || strcmp(value, "on") == 0 ? NULL : "on or off";
}

const char *option_set_relay_max(struct options *options, const char *value) {
    return set_count(value, RELAYS_MAX, &options->relay_max);
}

const char *option_set_relay_room_max(struct options *options, const char *value) {
    return set_count(value, RELAYS_MAX, &options->relay_room_max);
}

/* Bytes, or with a K, M or G behind them thousands, millions ... of them. */
const char *option_set_relay_rate(struct options *options, const char *value) {
    static const char suffixes[] = "KMG";
    char digits[16];
    size_t size = strspn(value, "0123456789");
    const char *suffix = value[size] != 0 ? strchr(suffixes, value[size]) : NULL;
    bool whole = value[size] == 0 || (suffix != NULL && value[size + 1] == 0);
    if (size == 0 || size > 12 || !whole) return "bytes a second: 500000, 500K, 10M, 1G";
    memcpy(digits, value, size);
    digits[size] = 0;
    unsigned long long rate = strtoull(digits, NULL, 10);
    for (const char *at = suffixes; suffix != NULL && at <= suffix; at++)
        rate *= 1000;
    if (rate < 10000 || rate > 1000000000000ull) return "at least 10K, at most 1000G";
    options->relay_rate = rate;
    return NULL;
}

const char *option_set_relay_idle(struct options *options, const char *value) {
    return set_count(value, 86400, &options->relay_idle_s);
}

const char *option_set_stun(struct options *options, const char *value) {
    options->hop.stun = value;
    return NULL;
}

const char *option_set_no_public_ip(struct options *options, const char *value) {
    (void)value;
    options->no_public_ip = true;
    return NULL;
}

const char *option_set_record(struct options *options, const char *value) {
    if (value[0] == '\0') return "a file or a folder";
    options->hop.record = value;
    return NULL;
}

const char *option_set_svg(struct options *options, const char *value) {
    (void)value;
    options->svg = true;
    return NULL;
}

const char *option_set_picture(struct options *options, const char *value) {
    options->picture = value;
    return value[0] == '\0' ? "a file" : NULL;
}

const char *option_set_dial_back(struct options *options, const char *value) {
    options->no_dialback = strcmp(value, "off") == 0;
    return options->no_dialback || strcmp(value, "on") == 0 ? NULL : "on or off";
}

const char *option_set_helper(struct options *options, const char *value) {
    options->helper = value;
    return NULL;
}

const char *option_set_long(struct options *options, const char *value) {
    (void)value;
    options->long_check = true;
    return NULL;
}

const char *option_set_plain(struct options *options, const char *value) {
    (void)value;
    options->plain = true;
    return NULL;
}

const char *option_set_verbose(struct options *options, const char *value) {
    (void)value;
    options->verbose = true;
    return NULL;
}

const char *option_set_json(struct options *options, const char *value) {
    (void)value;
    options->json = true;
    return NULL;
}

const char *option_set_help(struct options *options, const char *value) {
    (void)value;
    options->help = true;
    return NULL;
}

static const char *set_count(const char *value, unsigned long max, unsigned long *ret_count) {
    unsigned long count = is_number(value, false) ? strtoul(value, NULL, 10) : 0;
    if (count == 0 || count > max) return "a number from 1 up, not too large";
    *ret_count = count;
    return NULL;
}

static bool is_number(const char *text, bool fraction) {
    size_t digits = strspn(text, "0123456789");
    const char *rest = text + digits;
    if (fraction && *rest == '.') {
        size_t more = strspn(rest + 1, "0123456789");
        digits += more;
        rest += 1 + more;
    }
    return digits > 0 && *rest == '\0';
}

static bool is_host_and_port(const char *text) {
    char host[LOCAL_HOST_SIZE], port[LOCAL_PORT_SIZE];
    return local_split(text, host, port);
}
