/* SPDX-License-Identifier: MIT */
/*
 * The sockets of `hopconn check`: few, short-lived, waited for with one poll(2). Each is one
 * connection or listener; what came of it is kept in it until the check is over, for the table and
 * the picture. It knows nothing of what is being found out.
 */
#ifndef CLI_CHECK_NET_H
#define CLI_CHECK_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "core/note.h"
#include "drive/poller.h"

#define CHECK_LINKS_MAX 64

enum check_state {
    CHECK_FREE,
    CHECK_LISTENING,
    CHECK_DIALLING,
    CHECK_OPEN,
    CHECK_ENDED /* reason; it was open when opened_us is not zero */
};

struct check_link {
    enum check_state state;
    int fd; /* -1: closed */
    uint16_t local_port;
    hop_address remote;
    int64_t dialled_us;
    int64_t opened_us;
    int64_t ended_us;
    hop_reason reason;
    hop_address router;   /* who sent the ICMP error; family NONE: none came */
    unsigned accepted;    /* of a listener: how many came in */
    hop_address incoming; /* ... the last one's source */
    uint8_t in[HOP_STUN_SIZE_MAX];
    size_t in_size;
};

struct check_net {
    struct check_link links[CHECK_LINKS_MAX];
    unsigned count;
    hop_poller poller; /* of the resolver and the port mapping; when it is ready, on_poller */
    char interface[HOP_INTERFACE_NAME_SIZE]; /* that all of them keep to; empty: any */
    int signal_fd;
    bool interrupted;
    void *owner;
    /* One whole STUN message. */
    void (*on_message)(void *owner, struct check_link *link, const uint8_t *bytes, size_t size);
    /* It opened, ended, or somebody came in. */
    void (*on_change)(void *owner, struct check_link *link);
    void (*on_poller)(void *owner);
};

/* False with errno. */
bool check_net_open(struct check_net *net);
void check_net_close(struct check_net *net);
/* From now on, by any of its names; NULL: any. False with errno; ENODEV: there is none. */
bool check_net_keep_to(struct check_net *net, const char *interface);
/* By its own name; NULL: any. */
const char *check_net_interface(const struct check_net *net);
/* From this port (0: any); ttl 0: the system's. NULL: too many. It may be ENDED at once; on_change
 * is not called for that. */
struct check_link *check_net_dial(struct check_net *net, const hop_address *remote,
                                  uint16_t local_port, int ttl);
/* A free port that is listened on, and that can be dialled from; NULL: none. */
struct check_link *check_net_listen(struct check_net *net, uint8_t family);
/* A connection that cannot be written to ends by itself. */
void check_net_send(struct check_link *link, const uint8_t *bytes, size_t size);
/* Abortively. */
void check_net_end(struct check_link *link);
/* Waits until something has happened (and was told), at most until then. False: a signal asks us to
 * end, or the system fails. */
bool check_net_wait(struct check_net *net, int64_t until_us);

#endif
