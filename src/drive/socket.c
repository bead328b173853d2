/* SPDX-License-Identifier: MIT */
/* TCP sockets on Linux. */
#define _GNU_SOURCE /* accept4 */
#include "drive/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drive/interfaces.h"
#include "drive/reason.h"
#include "drive/silence.h"

typedef union any_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
} any_address;

static int open_plain(uint8_t family, const char *interface);
static bool leads_nowhere(const hop_address *remote, const char *interface);
static bool read_interface(int fd, char ret_name[static HOP_INTERFACE_NAME_SIZE]);
static socklen_t to_system(const hop_address *address, any_address *ret_address);
static hop_address from_system(const any_address *address);
static void set_int(int fd, int level, int option, int value);
static void set_ttl(int fd, uint8_t family, int ttl);
static bool has_source(const any_address *remote, socklen_t size, const char *interface);

int hop_socket_open(uint8_t family, const char *interface) {
    int fd = open_plain(family, interface);
    if (fd < 0) return -1;
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
        hop_socket_abort(fd);
        return -1;
    }
    return fd;
}

bool hop_socket_keep_to(int fd, const char *interface) {
    size_t size = interface != NULL ? strlen(interface) : 0;
    if (interface == NULL) return true;
    /* The kernel takes an empty name for "any", and cuts a long one. */
    if (size == 0 || size >= HOP_INTERFACE_NAME_SIZE) {
        errno = ENODEV;
        return false;
    }
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)size) == 0;
}

bool hop_socket_find_interface(const char *name, char ret_name[static HOP_INTERFACE_NAME_SIZE]) {
    char own[HOP_INTERFACE_NAME_SIZE] = "";
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found = fd >= 0 && hop_socket_keep_to(fd, name) && read_interface(fd, own);
    if (fd >= 0) hop_socket_abort(fd);
    if (found) memcpy(ret_name, own, sizeof own);
    return found;
}

bool hop_socket_keeps_to(int fd, const char *interface) {
    char own[HOP_INTERFACE_NAME_SIZE];
    return read_interface(fd, own) && strcmp(own, interface) == 0;
}

bool hop_socket_bind(int fd, uint8_t family, uint16_t port) {
    any_address address;
    socklen_t size = to_system(&(hop_address){.family = family, .port = port}, &address);
    return bind(fd, &address.any, size) == 0;
}

bool hop_socket_port_free(uint8_t family, uint16_t port, const char *interface) {
    int fd = open_plain(family, interface);
    if (fd < 0) return false;
    /* With SO_REUSEADDR alone a listener is in the way and a TIME_WAIT of an earlier run is not;
     * SO_REUSEPORT would let one user's programs share the port without a word. */
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    bool is_free = hop_socket_bind(fd, family, port);
    hop_socket_abort(fd);
    return is_free;
}

int hop_socket_dial(const hop_address *remote, const hop_socket_wish *wish,
                    hop_reason *ret_reason) {
    if (leads_nowhere(remote, wish->interface)) {
        *ret_reason = HOP_REASON_NO_ROUTE;
        return -1;
    }
    int fd = hop_socket_open(remote->family, wish->interface);
    if (fd < 0) {
        *ret_reason = hop_reason_at_once(errno);
        return -1;
    }
    /* Without a port the system finds one that is free for this very address. */
    if (wish->local_port != 0 && !hop_socket_bind(fd, remote->family, wish->local_port))
        goto failed;
    hop_socket_tune(fd, 0, HOP_SOCKET_TIMEOUT_MS);
    if (wish->ttl > 0) set_ttl(fd, remote->family, wish->ttl);
    if (wish->deaf) hop_socket_hear(fd, wish->ttl + 1);
    any_address address;
    socklen_t size = to_system(remote, &address);
    if (connect(fd, &address.any, size) != 0 && errno != EINPROGRESS) {
        if (errno == EADDRNOTAVAIL && !has_source(&address, size, wish->interface))
            errno = ENETUNREACH;
        goto failed;
    }
    /* The SYN is out; if the peer's SYN meets it, our answer must travel the whole way. */
    if (wish->ttl > 0) set_ttl(fd, remote->family, -1);
    return fd;
failed:
    *ret_reason = hop_reason_at_once(errno);
    hop_socket_abort(fd);
    return -1;
}

int hop_socket_accept(int listener, hop_address *ret_remote, hop_address *ret_local) {
    any_address address;
    socklen_t size = sizeof address;
    int fd = accept4(listener, &address.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -1;
    *ret_remote = from_system(&address);
    *ret_local = hop_socket_local(fd);
    hop_socket_tune(fd, 0, HOP_SOCKET_TIMEOUT_MS);
    return fd;
}

void hop_socket_tune(int fd, unsigned keepalive_s, int user_timeout_ms) {
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    hop_silence_keep(fd, keepalive_s);
    set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
}

void hop_socket_hear(int fd, int ttl_min) {
    set_int(fd, IPPROTO_IP, IP_MINTTL, ttl_min);
}

hop_address hop_socket_local(int fd) {
    any_address address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t size = sizeof address;
    if (getsockname(fd, &address.any, &size) != 0) return (hop_address){0};
    return from_system(&address);
}

hop_address hop_socket_remote(int fd) {
    any_address address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t size = sizeof address;
    if (getpeername(fd, &address.any, &size) != 0) return (hop_address){0};
    return from_system(&address);
}

uint32_t hop_socket_rtt_us(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
    return info.tcpi_rtt;
}

hop_socket_state hop_socket_state_of(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return HOP_SOCKET_DEAD;
    if (info.tcpi_state == TCP_SYN_SENT) return HOP_SOCKET_DIALLING;
    if (info.tcpi_state == TCP_CLOSE) return HOP_SOCKET_DEAD;
    return HOP_SOCKET_ANSWERING;
}

hop_reason hop_socket_dial_error(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return HOP_REASON_LOCAL;
    return error == 0 ? HOP_REASON_NONE : hop_reason_of_dial(error);
}

void hop_socket_abort(int fd) {
    int error = errno;
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    errno = error;
}

static int open_plain(uint8_t family, const char *interface) {
    int domain = family == HOP_FAMILY_IPV6 ? AF_INET6 : AF_INET;
    int fd = socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0) return -1;
    int on = 1;
    if (domain == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
        hop_socket_abort(fd);
        return -1;
    }
    if (hop_socket_keep_to(fd, interface)) return fd;
    hop_socket_abort(fd);
    return -1;
}

/* A loopback address is nowhere but there: Linux would ask another interface's network for it. */
static bool leads_nowhere(const hop_address *remote, const char *interface) {
    return interface != NULL && strcmp(interface, HOP_INTERFACES_LOOPBACK) != 0 &&
           hop_address_scope(remote) == HOP_SCOPE_LOOPBACK;
}

/* The name of the one that it keeps to; of none, "". False: there is no such interface any more. */
static bool read_interface(int fd, char ret_name[static HOP_INTERFACE_NAME_SIZE]) {
    socklen_t size = HOP_INTERFACE_NAME_SIZE;
    memset(ret_name, 0, HOP_INTERFACE_NAME_SIZE);
    return getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ret_name, &size) == 0;
}

static socklen_t to_system(const hop_address *address, any_address *ret_address) {
    memset(ret_address, 0, sizeof *ret_address);
    if (address->family == HOP_FAMILY_IPV6) {
        ret_address->ipv6.sin6_family = AF_INET6;
        ret_address->ipv6.sin6_port = htons(address->port);
        memcpy(&ret_address->ipv6.sin6_addr, address->ip, 16);
        return sizeof ret_address->ipv6;
    }
    ret_address->ipv4.sin_family = AF_INET;
    ret_address->ipv4.sin_port = htons(address->port);
    memcpy(&ret_address->ipv4.sin_addr, address->ip, 4);
    return sizeof ret_address->ipv4;
}

static hop_address from_system(const any_address *address) {
    hop_address result = {0};
    if (address->any.sa_family == AF_INET) {
        result.family = HOP_FAMILY_IPV4;
        result.port = ntohs(address->ipv4.sin_port);
        memcpy(result.ip, &address->ipv4.sin_addr, 4);
    } else if (address->any.sa_family == AF_INET6) {
        result.family = HOP_FAMILY_IPV6;
        result.port = ntohs(address->ipv6.sin6_port);
        memcpy(result.ip, &address->ipv6.sin6_addr, 16);
    }
    return result;
}

/* For options without which a connection still works. */
static void set_int(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
}

/* -1 is the system's own again. */
static void set_ttl(int fd, uint8_t family, int ttl) {
    if (family == HOP_FAMILY_IPV6)
        set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
    else
        set_int(fd, IPPROTO_IP, IP_TTL, ttl);
}

/* EADDRNOTAVAIL says that the 4-tuple is taken, or that this machine has no address (of IPv6,
 * mostly) from which to go there. Connecting a datagram socket sends nothing, and tells which. */
static bool has_source(const any_address *remote, socklen_t size, const char *interface) {
    int fd = socket(remote->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found = fd < 0 || !hop_socket_keep_to(fd, interface) ||
                 connect(fd, &remote->any, size) == 0 || errno != EADDRNOTAVAIL;
    if (fd >= 0) close(fd);
    errno = EADDRNOTAVAIL;
    return found;
}
