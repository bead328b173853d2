/* SPDX-License-Identifier: MIT */
/*
 * The driver: one core, carried out. It owns the port, the sockets, the resolver and the core's
 * memory; results go to one function of its owner at once. Never blocks and starts no threads, but
 * for what drive/upnp.h says.
 */
#ifndef HOP_DRIVE_DRIVER_H
#define HOP_DRIVE_DRIVER_H

#include "core/core.h"

typedef struct hop_driver hop_driver;

typedef struct hop_driver_detail {
    const hop_address *local; /* ESTABLISHED: our socket's; else NULL */
    const char *interface;    /* CANDIDATE: whose address it is; NULL: none of this machine's */
} hop_driver_detail;

typedef struct hop_driver_config {
    hop_core_config core; /* unix_offset_us and seed are filled in; a family that this machine lacks
                             is switched off */
    uint16_t local_port;  /* 0: any */
    bool use_portmap;     /* asks the router to map the port, where a peer may be elsewhere */
    bool nonblocking;     /* what hop_driver_take gives */
    unsigned keepalive_s; /* ... and every other connection: see drive/silence.h; 0: the default */
    int user_timeout_ms;  /* ... TCP_USER_TIMEOUT of what hop_driver_take gives; 0: none */
    const char *interface; /* the one that every socket keeps to, by any of its names, NULL: any;
                              read by hop_driver_new */
    bool held;             /* nothing but the port is done before hop_driver_go */
    const char *record;    /* where to record (recorder.h), NULL: nowhere; read by hop_driver_new */
    bool record_numbered;  /* ... and the program did not choose the path itself */
    int64_t zero_us;       /* ... what the story's times count from */
    void *context;
    /* Called for every output from HOP_OUT_LISTENING on, with what only the driver knows of it.
     * What is pointed to lives until the function returns. It must not call the driver. */
    void (*report)(void *context, const hop_core *core, const hop_output *output,
                   const hop_driver_detail *detail);
} hop_driver_config;

/* Reserves the port and, unless held, tells the core to go; results may come before it returns.
 * HOP_E_INTERFACE, HOP_E_PORT, HOP_E_MEMORY, HOP_E_SYSTEM (errno), HOP_E_RECORD (errno). */
int hop_driver_new(const hop_driver_config *config, hop_driver **ret_driver);
/* NULL is fine. Returns NULL. */
hop_driver *hop_driver_free(hop_driver *driver);

/* Readable when hop_driver_process has something to do. */
int hop_driver_fd(const hop_driver *driver);
/* After how many microseconds it has something to do anyway; INT64_MAX: never. */
int64_t hop_driver_wait_us(const hop_driver *driver);
/* A bounded amount of work. 0, or HOP_E_SYSTEM (errno): it is of no use any more. */
int hop_driver_process(hop_driver *driver);

/* Once, where the driver was held. */
void hop_driver_go(hop_driver *driver);
uint16_t hop_driver_port(const hop_driver *driver);
/* The one that is kept to, by its own name; NULL: any. */
const char *hop_driver_interface(const hop_driver *driver);
/* The manual way: the peer's description. */
void hop_driver_peer(hop_driver *driver, const hop_description *description);
/* From any thread or signal handler. */
void hop_driver_cancel(hop_driver *driver);
/* The descriptor of an established attempt, now the caller's, or HOP_E_STATE. */
int hop_driver_take(hop_driver *driver, int attempt);
const hop_core *hop_driver_core(const hop_driver *driver);

#endif
