/* SPDX-License-Identifier: MIT */
/*
 * Addresses between the operating system's form and ours, for the server.
 */
#ifndef CLI_SERVE_ADDRESS_H
#define CLI_SERVE_ADDRESS_H

#include <sys/socket.h>

#include "base/address.h"

/* Returns the length; 0 when there is no family. */
socklen_t serve_address_to_system(const hop_address *address, struct sockaddr_storage *ret_system);
/* Family NONE when it is neither IPv4 nor IPv6. */
hop_address serve_address_from_system(const struct sockaddr_storage *system);
/* 0.0.0.0 or :: */
bool serve_address_is_wildcard(const hop_address *address);

#endif
