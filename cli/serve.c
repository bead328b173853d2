/* SPDX-License-Identifier: MIT */
/*
 * `hopconn serve`: reads the options, takes the addresses, serves until it is told to end. The
 * protocol is the mind's (rendezvous/), the sockets are serve_driver.c's.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/serve_address.h"
#include "cli/serve_driver.h"
#include "cli/serve_log.h"
#include "cli/tell.h"
#include "wire/ticket.h"

static bool read_addresses(const struct options *options, hop_address *addresses);
static int serve(struct serve_driver *driver, const hop_address *addresses, size_t count,
                 const struct options *options);
static hop_relay_config relay_config(const struct options *options);
static bool listen_default(struct serve_driver *driver);
static void listen_second(struct serve_driver *driver);
static bool listen_all(struct serve_driver *driver, const hop_address *addresses, size_t count);
static bool needs_only_ipv6(const hop_address *addresses, size_t count, size_t index);
static int tell_uv_error(const char *what, int error);

int cmd_serve(int argc, char **argv) {
    struct options options;
    struct serve_driver driver;
    hop_address addresses[OPTIONS_LIST_MAX];
    int status;
    if (!options_parse("serve", argc, argv, &options, &status)) return status;
    if (!read_addresses(&options, addresses)) return STATUS_USAGE;
    int error = serve_driver_begin(&driver);
    driver.keepalive_s = options.hop.keepalive_s;
    driver.no_dialback = options.no_dialback;
    status = error == 0 ? serve(&driver, addresses, options.listen_count, &options)
                        : tell_uv_error("cannot start", error);
    serve_driver_end(&driver);
    if (status == STATUS_DONE) out_story("ended as asked");
    return status;
}

static bool read_addresses(const struct options *options, hop_address *addresses) {
    for (size_t i = 0; i < options->listen_count; i++) {
        const char *text = options->listens[i];
        if (!hop_address_parse(text, strlen(text), HOP_PORT_DEFAULT, &addresses[i])) {
            tell_usage("--listen %s: want an address such as 192.0.2.1, 192.0.2.1:3478, "
                       "[2001:db8::1]:3478 or [::]:3478",
                       text);
            return false;
        }
    }
    return true;
}

static int serve(struct serve_driver *driver, const hop_address *addresses, size_t count,
                 const struct options *options) {
    hop_relay_config relay = relay_config(options);
    bool listening = count == 0 ? listen_default(driver) : listen_all(driver, addresses, count);
    if (!listening) return STATUS_OTHER;
    int error = serve_driver_prepare(driver, &relay);
    if (error != 0) return tell_uv_error("cannot start", error);
    serve_log_ready(driver->addresses, driver->address_count);
    error = serve_driver_run(driver);
    return error == 0 ? STATUS_DONE : tell_uv_error("cannot go on", error);
}

static hop_relay_config relay_config(const struct options *options) {
    return (hop_relay_config){.on = !options->relay_off,
                              .max = (unsigned)options->relay_max,
                              .room_max = (unsigned)options->relay_room_max,
                              .rate = options->relay_rate,
                              .idle_us = (int64_t)options->relay_idle_s * HOP_S};
}

/* IPv6's wildcard takes IPv4 in as well; where there is no IPv6, IPv4's. */
static bool listen_default(struct serve_driver *driver) {
    hop_address ipv6 = {.family = HOP_FAMILY_IPV6, .port = HOP_PORT_DEFAULT};
    hop_address ipv4 = {.family = HOP_FAMILY_IPV4, .port = HOP_PORT_DEFAULT};
    int error = serve_driver_listen(driver, &ipv6, false);
    if (error == 0) {
        listen_second(driver);
        return true;
    }
    if (error == UV_EAFNOSUPPORT || error == UV_EADDRNOTAVAIL)
        error = serve_driver_listen(driver, &ipv4, false);
    if (error != 0)
        serve_log_listen_failed(&ipv4, error);
    else
        listen_second(driver);
    return error == 0;
}

/* Mapping tests want a second port (RFC 5780 section 6). Without it clients know less of their NAT;
 * that is no reason not to serve. */
static void listen_second(struct serve_driver *driver) {
    hop_address second = driver->addresses[0];
    second.port++;
    int error = serve_driver_listen(driver, &second, false);
    if (error != 0) serve_log_second_failed(&second, error);
}

static bool listen_all(struct serve_driver *driver, const hop_address *addresses, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int error =
            serve_driver_listen(driver, &addresses[i], needs_only_ipv6(addresses, count, i));
        if (error == 0) continue;
        serve_log_listen_failed(&addresses[i], error);
        return false;
    }
    return true;
}

/* [::] would take the port of IPv4 addresses that are named themselves. */
static bool needs_only_ipv6(const hop_address *addresses, size_t count, size_t index) {
    const hop_address *address = &addresses[index];
    if (address->family != HOP_FAMILY_IPV6 || !serve_address_is_wildcard(address)) return false;
    for (size_t i = 0; i < count; i++)
        if (addresses[i].family == HOP_FAMILY_IPV4 && addresses[i].port == address->port)
            return true;
    return false;
}

static int tell_uv_error(const char *what, int error) {
    tell_failed(HOP_E_SYSTEM, NULL, "%s: %s", what, uv_strerror(error));
    return STATUS_OTHER;
}
