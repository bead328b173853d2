/* SPDX-License-Identifier: MIT */
/*
 * The world's story as lines. What hosts and the server say is in the words that the program prints
 * with -v: it is made by the program's own files (cli/tell.c, cli/serve_log.c), whose out_
 * functions end here. Of the network only what matters is told: no ACKs, no data that arrives.
 */
#ifndef HOP_TESTS_WORLD_TRANSCRIPT_H
#define HOP_TESTS_WORLD_TRANSCRIPT_H

#include "core/core.h"
#include "network.h"
#include "rendezvous/rendezvous.h"
#include "spec.h"

typedef struct transcript {
    const spec *spec;
    const schedule *schedule;
    void *context;
    void (*tell)(void *context, int64_t at_us, const char *who, const char *line); /* or NULL */
    unsigned counts[SPEC_PLACES][2]; /* of refusals and drops: told are the first and every 16th */
} transcript;

void transcript_say(transcript *story, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A result or a note of a core; local: of ESTABLISHED. */
void transcript_output(transcript *story, const char *who, const hop_core *core,
                       const hop_output *output, const hop_address *local);
void transcript_server(transcript *story, const hop_rendezvous_output *output,
                       const hop_address *other);
void transcript_see(transcript *story, network_sight sight, unsigned place, const packet *packet,
                    nat_why why);

#endif
