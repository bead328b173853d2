/* SPDX-License-Identifier: MIT */
/*
 * What a driver notices of its machine's network and sleep: the counterpart of
 * src/drive/netwatch.c. Changes are waited out, compared with what was known, and put into one
 * HOP_IN_NETWORK.
 */
#ifndef HOP_TESTS_WORLD_WATCH_H
#define HOP_TESTS_WORLD_WATCH_H

#include "core/input.h"
#include "network.h"

#define WATCH_HOSTS_MAX (NETWORK_ADDRESSES_MAX + 2)

typedef struct watch {
    network *network;
    unsigned host;
    uint16_t port;
    hop_candidate hosts[WATCH_HOSTS_MAX];
    unsigned host_count;
    hop_address routes[2]; /* IPv4, IPv6: where they lead */
    int64_t first_us;      /* of the changes that are waited out; INT64_MAX: there are none */
    int64_t last_us;
    bool interrupted;
    int64_t slept_us; /* and not told yet */
} watch;

/* network, host and port are filled in. ret_go: its hosts, as long as nothing is looked at. */
void watch_start(watch *watch, hop_input *ret_go);
/* Something happens now; interrupted: an address of ours went away. */
void watch_touch(watch *watch, int64_t now_us, bool interrupted);
/* The machine wakes up. */
void watch_wake(watch *watch, int64_t now_us, int64_t slept_us);
/* When to look; INT64_MAX: never. */
int64_t watch_due_us(const watch *watch);
/* False: nothing is new. ret_input lives as ret_go. */
bool watch_look(watch *watch, hop_input *ret_input);

#endif
