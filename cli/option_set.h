/* SPDX-License-Identifier: MIT */
/*
 * What each option of the table (options.c) does to struct options: checks the value and keeps it.
 * All have one shape; they return NULL, or what is wrong with the value.
 */
#ifndef CLI_OPTION_SET_H
#define CLI_OPTION_SET_H

#include "cli/options.h"

const char *option_set_listen(struct options *options, const char *value);
const char *option_set_server(struct options *options, const char *value);
const char *option_set_timeout(struct options *options, const char *value);
const char *option_set_keepalive(struct options *options, const char *value);
const char *option_set_exec(struct options *options, const char *value);
const char *option_set_to(struct options *options, const char *value);
const char *option_set_bind(struct options *options, const char *value);
const char *option_set_count(struct options *options, const char *value);
const char *option_set_ipv4(struct options *options, const char *value);
const char *option_set_ipv6(struct options *options, const char *value);
const char *option_set_interface(struct options *options, const char *value);
const char *option_set_local_port(struct options *options, const char *value);
const char *option_set_no_lan(struct options *options, const char *value);
const char *option_set_no_portmap(struct options *options, const char *value);
const char *option_set_relay(struct options *options, const char *value);
const char *option_set_serve_relay(struct options *options, const char *value);
const char *option_set_relay_max(struct options *options, const char *value);
const char *option_set_relay_room_max(struct options *options, const char *value);
const char *option_set_relay_rate(struct options *options, const char *value);
const char *option_set_relay_idle(struct options *options, const char *value);
const char *option_set_stun(struct options *options, const char *value);
const char *option_set_no_public_ip(struct options *options, const char *value);
const char *option_set_record(struct options *options, const char *value);
const char *option_set_svg(struct options *options, const char *value);
const char *option_set_picture(struct options *options, const char *value);
const char *option_set_dial_back(struct options *options, const char *value);
const char *option_set_helper(struct options *options, const char *value);
const char *option_set_long(struct options *options, const char *value);
const char *option_set_plain(struct options *options, const char *value);
const char *option_set_verbose(struct options *options, const char *value);
const char *option_set_json(struct options *options, const char *value);
const char *option_set_help(struct options *options, const char *value);

#endif
