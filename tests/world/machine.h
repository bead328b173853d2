/* SPDX-License-Identifier: MIT */
/*
 * One endpoint's driver in the world: the counterpart of src/drive/driver.c. It reserves a port on
 * a simulated kernel and carries out one core, in the same order: readiness first, then time;
 * answers wait until the core's outputs are drained; a descriptor is released at ESTABLISHED. Names
 * are resolved at once.
 */
#ifndef HOP_TESTS_WORLD_MACHINE_H
#define HOP_TESTS_WORLD_MACHINE_H

#include "core/core.h"
#include "kernel.h"
#include "network.h"

/* The core's clock is this far ahead of the world's: no zero means anything to it. */
#define MACHINE_EPOCH_US (1000 * HOP_S)

typedef struct machine machine;

typedef struct machine_config {
    schedule *schedule;
    network *network;
    kernel *kernel;
    unsigned host;
    uint16_t port;
    unsigned backlog;
    bool toy;             /* cryptography */
    hop_core_config core; /* crypto is filled in */
    void *context;
    /* One step of the core is over: what went in and what came out, and its deadline now. */
    void (*stepped)(void *context, int64_t deadline_us, const hop_input *input,
                    const hop_output *outputs, unsigned count);
    /* Every output from HOP_OUT_LISTENING on; of ESTABLISHED: local, and the socket, which is the
     * context's from now on. */
    void (*report)(void *context, const hop_core *core, const hop_output *output,
                   const hop_address *local, int socket);
} machine_config;

/* NULL: the port is taken. */
machine *machine_new(const machine_config *config);
/* Closes everything, as hop_free() does. The memory stays, for what is scheduled. */
void machine_stop(machine *machine);
/* The process is gone, and its sockets have been closed by the kernel. */
void machine_die(machine *machine);
/* Not before the schedule is cleared. */
void machine_free(machine *machine);

void machine_go(machine *machine);
void machine_peer(machine *machine, const hop_description *description);
void machine_cancel(machine *machine);
/* The router has mapped its port. */
void machine_mapped(machine *machine, const hop_address *external);
/* Its network has changed; interrupted: an address of its own went away. */
void machine_touch(machine *machine, bool interrupted);
/* The machine sleeps from now on for so long, its clock as well; then machine_wake(). */
void machine_sleep(machine *machine, int64_t for_us);
void machine_wake(machine *machine);
/* By its core's clock. */
int64_t machine_now_us(const machine *machine);
/* What kernel_config.ready tells. False: not a socket of ours. */
bool machine_ready(machine *machine, int socket, unsigned what);
bool machine_is_over(const machine *machine);
const hop_core *machine_core(const machine *machine);
/* How often it did something in this very microsecond, to see that nothing spins. */
unsigned machine_turns(const machine *machine);

#endif
