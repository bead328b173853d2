/* SPDX-License-Identifier: MIT */
/*
 * One TCP socket: opened, bound, dialled, accepted and closed as punching needs it, and the
 * system's errors as reasons. It knows nothing of links, attempts or readiness.
 */
#ifndef HOP_DRIVE_SOCKET_H
#define HOP_DRIVE_SOCKET_H

#include "base/address.h"
#include "base/limits.h"
#include "core/note.h"

typedef enum hop_socket_state {
    HOP_SOCKET_DIALLING,  /* SYN_SENT: nothing has come from the other side */
    HOP_SOCKET_ANSWERING, /* SYN_RECV or beyond: an abandoned dial is left alone */
    HOP_SOCKET_DEAD
} hop_socket_state;

/* interface, here and below: the one that the socket's packets leave and enter by, whatever the
 * routes say; NULL: any. A socket keeps to it for good: to one that is replaced by another of the
 * same name it is deaf. */

/* A TCP socket: non-blocking, close-on-exec, with both kinds of address reuse (without them one
 * port cannot listen and dial at once), IPv6 for IPv6 alone. -1 with errno. */
int hop_socket_open(uint8_t family, const char *interface);
/* For a socket of any kind that is not bound to one yet: others need a privilege, as all do before
 * Linux 5.7. False with errno; ENODEV: there is none of that name. */
bool hop_socket_keep_to(int fd, const char *interface);
/* Is there such an interface, and may we keep to it? ret_name: its own name, for it may have others
 * beside. False with errno as above. */
bool hop_socket_find_interface(const char *name, char ret_name[static HOP_INTERFACE_NAME_SIZE]);
/* Does it still keep to an interface of this name? */
bool hop_socket_keeps_to(int fd, const char *interface);
/* To the family's wildcard address and this port (0: the kernel chooses). False with errno. */
bool hop_socket_bind(int fd, uint8_t family, uint16_t port);
/* Does nobody listen on this port, and is it free of sockets that don't share? What the reuse
 * options would hide. False with errno EADDRINUSE, or whatever else prevents it. */
bool hop_socket_port_free(uint8_t family, uint16_t port, const char *interface);
/* Zeros: whatever the system chooses. */
typedef struct hop_socket_wish {
    uint16_t local_port;
    const char *interface; /* NULL: any */
    int ttl;               /* of the first SYN alone */
    bool deaf;             /* to routers that say where that SYN has ended */
} hop_socket_wish;

/* A fresh socket that begins to connect. -1: ret_reason says why. */
int hop_socket_dial(const hop_address *remote, const hop_socket_wish *wish, hop_reason *ret_reason);
/* The next connection waiting at a listener: non-blocking, close-on-exec, tuned. -1 with errno. */
int hop_socket_accept(int listener, hop_address *ret_remote, hop_address *ret_local);

/* TCP_NODELAY, keepalive (drive/silence.h; 0: its default), and a bound on unacknowledged data (0:
 * none but the kernel's): ours while we shake hands. A descriptor that is handed over has none
 * unless its owner asked for it: see drive/silence.h. */
void hop_socket_tune(int fd, unsigned keepalive_s, int user_timeout_ms);
#define HOP_SOCKET_TIMEOUT_MS 20000

/* RFC 5082: the system ignores what comes with a lower TTL; so it does with an ICMP error, by the
 * TTL of the packet that it quotes. A SYN that is meant to die on the way would end its dial
 * otherwise. 0: all is heard. IPv4 only. */
void hop_socket_hear(int fd, int ttl_min);

hop_address hop_socket_local(int fd);
hop_address hop_socket_remote(int fd);
uint32_t hop_socket_rtt_us(int fd);
hop_socket_state hop_socket_state_of(int fd);
/* The pending error of a dial that ended; NONE: there is none, it is connected. */
hop_reason hop_socket_dial_error(int fd);
/* With RST, so that nothing of it stays behind: an orphan would hold the 4-tuple. errno is kept. */
void hop_socket_abort(int fd);

#endif
