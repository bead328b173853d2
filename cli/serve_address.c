/* SPDX-License-Identifier: MIT */
/*
 * struct sockaddr there and back.
 */
#include "cli/serve_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

socklen_t serve_address_to_system(const hop_address *address, struct sockaddr_storage *ret_system) {
    struct sockaddr_storage system;
    socklen_t size = 0;
    memset(&system, 0, sizeof system);
    if (address->family == HOP_FAMILY_IPV4) {
        struct sockaddr_in *in = (struct sockaddr_in *)&system;
        in->sin_family = AF_INET;
        in->sin_port = htons(address->port);
        memcpy(&in->sin_addr, address->ip, 4);
        size = sizeof *in;
    } else if (address->family == HOP_FAMILY_IPV6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&system;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(address->port);
        memcpy(&in6->sin6_addr, address->ip, 16);
        size = sizeof *in6;
    }
    if (size > 0) *ret_system = system;
    return size;
}

hop_address serve_address_from_system(const struct sockaddr_storage *system) {
    hop_address address = {.family = HOP_FAMILY_NONE};
    if (system->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)system;
        address.family = HOP_FAMILY_IPV4;
        address.port = ntohs(in->sin_port);
        memcpy(address.ip, &in->sin_addr, 4);
    } else if (system->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)system;
        address.family = HOP_FAMILY_IPV6;
        address.port = ntohs(in6->sin6_port);
        memcpy(address.ip, &in6->sin6_addr, 16);
    }
    return address;
}

bool serve_address_is_wildcard(const hop_address *address) {
    static const uint8_t zeros[16];
    return memcmp(address->ip, zeros, sizeof zeros) == 0;
}
