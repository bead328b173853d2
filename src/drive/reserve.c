/* SPDX-License-Identifier: MIT */
/* The endpoint's port and its listeners. */
#include "drive/reserve.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hopconn/error.h>

#include "drive/socket.h"

#define BACKLOG   64
#define TRIES_MAX 32

static int reserve_once(uint16_t port, bool use_ipv4, bool use_ipv6, const char *interface,
                        hop_reservation *reservation);
static int listen_free(uint8_t family, uint16_t port, const char *interface, int *ret_fd);
static int listen_on(uint8_t family, uint16_t port, const char *interface, int *ret_fd);
static bool renew(int *fd, uint8_t family, uint16_t port, const char *interface);
static bool is_family_missing(int error);

int hop_reserve(uint16_t port, bool use_ipv4, bool use_ipv6, const char *interface,
                hop_reservation *ret_reservation) {
    int error = 0;
    /* The kernel chooses for one family; that the number is free in the other is luck. */
    for (int i = 0; i < (port == 0 ? TRIES_MAX : 1); i++) {
        hop_reservation reservation = {0, -1, -1};
        error = reserve_once(port, use_ipv4, use_ipv6, interface, &reservation);
        if (error == 0) {
            *ret_reservation = reservation;
            return 0;
        }
        hop_reserve_release(&reservation);
        if (error != HOP_E_PORT) break;
    }
    return error;
}

void hop_reserve_release(hop_reservation *reservation) {
    int error = errno;
    if (reservation->ipv4_fd >= 0) close(reservation->ipv4_fd);
    if (reservation->ipv6_fd >= 0) close(reservation->ipv6_fd);
    *reservation = (hop_reservation){0, -1, -1};
    errno = error;
}

bool hop_reserve_renew(hop_reservation *reservation, const char *interface) {
    if (interface == NULL) return false;
    bool renewed = renew(&reservation->ipv4_fd, HOP_FAMILY_IPV4, reservation->port, interface);
    renewed |= renew(&reservation->ipv6_fd, HOP_FAMILY_IPV6, reservation->port, interface);
    return renewed;
}

static int reserve_once(uint16_t port, bool use_ipv4, bool use_ipv6, const char *interface,
                        hop_reservation *reservation) {
    int missing = 0;
    if (use_ipv4) {
        int error = listen_free(HOP_FAMILY_IPV4, port, interface, &reservation->ipv4_fd);
        if (error != 0 && !(error == HOP_E_SYSTEM && is_family_missing(errno))) return error;
        if (error != 0)
            missing = errno;
        else if ((port = hop_socket_local(reservation->ipv4_fd).port) == 0)
            return HOP_E_SYSTEM;
    }
    if (use_ipv6) {
        int error = listen_free(HOP_FAMILY_IPV6, port, interface, &reservation->ipv6_fd);
        if (error != 0 && !(error == HOP_E_SYSTEM && is_family_missing(errno))) return error;
        if (error != 0)
            missing = errno;
        else if ((port = hop_socket_local(reservation->ipv6_fd).port) == 0)
            return HOP_E_SYSTEM;
    }
    if (reservation->ipv4_fd < 0 && reservation->ipv6_fd < 0) {
        errno = missing;
        return HOP_E_SYSTEM;
    }
    reservation->port = port;
    return 0;
}

static int listen_free(uint8_t family, uint16_t port, const char *interface, int *ret_fd) {
    if (port != 0 && !hop_socket_port_free(family, port, interface)) {
        return errno == EADDRINUSE || errno == EACCES ? HOP_E_PORT : HOP_E_SYSTEM;
    }
    return listen_on(family, port, interface, ret_fd);
}

static int listen_on(uint8_t family, uint16_t port, const char *interface, int *ret_fd) {
    int fd = hop_socket_open(family, interface);
    if (fd < 0) return HOP_E_SYSTEM;
    if (!hop_socket_bind(fd, family, port) || listen(fd, BACKLOG) != 0) {
        hop_socket_abort(fd);
        return errno == EADDRINUSE || errno == EACCES ? HOP_E_PORT : HOP_E_SYSTEM;
    }
    *ret_fd = fd;
    return 0;
}

/* The port is shared with the old socket until that one is closed, so nobody else can take it. */
static bool renew(int *fd, uint8_t family, uint16_t port, const char *interface) {
    int fresh = -1;
    if (*fd < 0 || hop_socket_keeps_to(*fd, interface)) return false;
    if (listen_on(family, port, interface, &fresh) != 0) return false;
    close(*fd);
    *fd = fresh;
    return true;
}

/* As on machines that boot with one family only, or where IPv6 is switched off per interface. */
static bool is_family_missing(int error) {
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}
