/* SPDX-License-Identifier: MIT */
/*
 * Changes of this machine's network, and its sleep: told by the kernel at once, waited out (one
 * change comes as many), compared with what was known, and put into one HOP_IN_NETWORK. The seam
 * for other systems: netwatch.c is Linux's. Where the kernel tells nothing there is no news but of
 * sleep, and everything else works.
 */
#ifndef HOP_DRIVE_NETWATCH_H
#define HOP_DRIVE_NETWATCH_H

#include "core/input.h"
#include "drive/interfaces.h"
#include "drive/poller.h"

typedef struct hop_netwatch {
    hop_poller *poller; /* NULL: not watching */
    hop_interfaces_wish wish;
    int fds[2]; /* by number; -1: not open */
    hop_interfaces known;
    uint64_t routes[2]; /* marks: IPv4, IPv6 */
    int64_t asleep_us;  /* hop_clock_asleep_us() when it was looked at last */
    int64_t first_us;   /* of the messages that are waited out; INT64_MAX: there are none */
    int64_t last_us;
    bool interrupted; /* one of them told of an interface or an address of ours that went away */
    int64_t slept_us; /* and not told yet */
    bool has_news;
    hop_input news;
} hop_netwatch;

/* Looks which addresses there are: known, for the core to be told with GO. Where the wish is for
 * one interface, changes of others are no news, either. */
void hop_netwatch_init(hop_netwatch *watch, const hop_interfaces_wish *wish);
/* From here on changes are news. The structure must not move afterwards. */
void hop_netwatch_start(hop_netwatch *watch, hop_poller *poller);
void hop_netwatch_stop(hop_netwatch *watch);
/* For readiness with HOP_TAG_NETWATCH. */
void hop_netwatch_ready(hop_netwatch *watch, uint32_t number, int64_t now_us);
/* For time passing, each time that the driver looks at its clock; asleep_us:
 * hop_clock_asleep_us(). */
void hop_netwatch_tick(hop_netwatch *watch, int64_t now_us, int64_t asleep_us);
/* By when; INT64_MAX: never. */
int64_t hop_netwatch_deadline(const hop_netwatch *watch);
/* Takes HOP_IN_NETWORK, whose hosts live until the next tick; false: there is none. */
bool hop_netwatch_next(hop_netwatch *watch, hop_input *ret_input);

#endif
