/* SPDX-License-Identifier: MIT */
/*
 * The server dials a client back, because that one wants to know its NAT (`hopconn check`), and
 * tells it what became of it. Whether it may be done has been decided (rendezvous/dialback.h).
 */
#ifndef CLI_SERVE_DIALBACK_H
#define CLI_SERVE_DIALBACK_H

#include <uv.h>

#include "cli/serve_client.h"
#include "rendezvous/rendezvous.h"

struct serve_dialback;

struct serve_dialbacks {
    struct serve_dialback *first; /* those under way */
    const hop_address *addresses; /* where the server listens */
    size_t address_count;
    /* Over, and the client was told; false: and its connection is broken. */
    void (*on_over)(struct serve_client *client, bool good);
};

/* Begins what output (DIAL) grants; on_over may be called before it returns. */
void serve_dialback_begin(struct serve_dialbacks *all, struct serve_client *client,
                          const hop_rendezvous_output *output);
/* The client's connection ends: nobody is to be told any more. NULL: all of them. */
void serve_dialback_cancel(struct serve_dialbacks *all, const struct serve_client *client);

#endif
