/* SPDX-License-Identifier: MIT */
/*
 * The loop: readiness, time and answers become the core's inputs, one at a time; after each the
 * core's outputs are carried out. What a link's socket does is in table.c.
 */
#include "drive/driver.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drive/clock.h"
#include "drive/congestion.h"
#include "drive/interfaces.h"
#include "drive/netwatch.h"
#include "drive/poller.h"
#include "drive/portmap.h"
#include "drive/ready.h"
#include "drive/recorder.h"
#include "drive/reserve.h"
#include "drive/resolver.h"
#include "drive/socket.h"
#include "drive/table.h"

#define READY_BATCH     64 /* descriptors looked at in one call */
#define ACCEPT_BATCH    32 /* strangers let in by one call, for each listener */
#define ACCEPT_PAUSE_US (250 * HOP_MS)

struct hop_driver {
    hop_driver_config config;
    hop_poller poller;
    int cancel_fd;
    char interface[HOP_INTERFACE_NAME_SIZE]; /* empty: any */
    hop_reservation reservation;
    hop_resolver resolver;
    hop_table table;
    hop_ready ready;
    hop_recorder *recorder; /* NULL: nothing is recorded */
    hop_portmap *portmap;   /* NULL: not wanted, not yet, or there is no router */
    bool portmap_wanted;    /* start it when nothing else is to be done */
    bool portmap_tried;
    hop_netwatch netwatch;
    const hop_crypto *crypto; /* the core's own may be the recorder's */
    hop_core *core;
    void *core_memory;
    int64_t now_us;
    int accepted_fd;                /* waits for ADOPT or REFUSE; -1: none */
    int64_t accept_paused_until_us; /* out of descriptors; 0: listening */
};

static int set_up(hop_driver *driver);
static int find_interface(hop_driver *driver);
static int make_core(hop_driver *driver);
static int make_recorder(hop_driver *driver);
static bool watch_listeners(hop_driver *driver, unsigned interest);
static void tell(hop_driver *driver, const hop_input *input);
static void step(hop_driver *driver, const hop_input *input);
static void carry_out(hop_driver *driver, const hop_output *output);
static void report_candidate(hop_driver *driver, const hop_output *output);
static bool may_map(const hop_driver *driver);
static void start_portmap(hop_driver *driver);
static void mind_network(hop_driver *driver);
static void establish(hop_driver *driver, const hop_output *output);
static void dispatch(hop_driver *driver, const hop_poller_ready *ready);
static void let_in(hop_driver *driver, uint32_t family);
static void keep_time(hop_driver *driver);

int hop_driver_new(const hop_driver_config *config, hop_driver **ret_driver) {
    hop_driver *driver = calloc(1, sizeof *driver);
    if (driver == NULL) return HOP_E_MEMORY;
    driver->config = *config;
    driver->poller.fd = -1;
    driver->cancel_fd = -1;
    driver->accepted_fd = -1;
    driver->reservation = (hop_reservation){0, -1, -1};
    hop_table_init(&driver->table, &driver->poller);
    driver->table.keepalive_s = config->keepalive_s;
    int error = set_up(driver);
    if (error != 0) {
        int saved = errno;
        hop_driver_free(driver);
        errno = saved;
        return error;
    }
    if (!config->held) hop_driver_go(driver);
    *ret_driver = driver;
    return 0;
}

hop_driver *hop_driver_free(hop_driver *driver) {
    if (driver == NULL) return NULL;
    hop_resolver_close(&driver->resolver);
    hop_table_close_all(&driver->table);
    hop_ready_close_all(&driver->ready);
    hop_reserve_release(&driver->reservation);
    hop_netwatch_stop(&driver->netwatch);
    driver->portmap = hop_portmap_free(driver->portmap);
    if (driver->cancel_fd >= 0) close(driver->cancel_fd);
    hop_poller_close(&driver->poller);
    if (driver->core != NULL) hop_core_wipe(driver->core);
    free(driver->core_memory);
    hop_recorder_free(driver->recorder);
    hop_crypto_wipe(&driver->config, sizeof driver->config); /* the ticket's secret */
    free(driver);
    return NULL;
}

int hop_driver_fd(const hop_driver *driver) {
    return driver->poller.fd;
}

int64_t hop_driver_wait_us(const hop_driver *driver) {
    int64_t wait_us = hop_resolver_wait_us(&driver->resolver);
    int64_t deadline_us = hop_core_deadline(driver->core);
    int64_t mapping_us = hop_portmap_deadline(driver->portmap);
    int64_t pause_us = driver->accept_paused_until_us;
    int64_t network_us = hop_netwatch_deadline(&driver->netwatch);
    if (mapping_us < deadline_us) deadline_us = mapping_us;
    if (network_us < deadline_us) deadline_us = network_us;
    if (pause_us != 0 && pause_us < deadline_us) deadline_us = pause_us;
    if (deadline_us == INT64_MAX) return wait_us;
    int64_t left_us = deadline_us - hop_clock_now_us();
    if (left_us < 0) left_us = 0;
    return left_us < wait_us ? left_us : wait_us;
}

int hop_driver_process(hop_driver *driver) {
    hop_poller_ready ready[READY_BATCH];
    int count = hop_poller_ready_now(&driver->poller, ready, READY_BATCH);
    if (count < 0) {
        hop_recorder_broken(driver->recorder, HOP_E_SYSTEM);
        return HOP_E_SYSTEM;
    }
    for (int i = 0; i < count; i++)
        dispatch(driver, &ready[i]);
    /* Last: a dial that has just been answered must not be given up by a timer. */
    keep_time(driver);
    return 0;
}

void hop_driver_go(hop_driver *driver) {
    const hop_core_config *core = &driver->config.core;
    hop_interfaces_wish wish = {driver->reservation.port, core->use_ipv4, core->use_ipv6,
                                hop_driver_interface(driver)};
    hop_input input = {.kind = HOP_IN_GO, .hosts = driver->netwatch.known.hosts};
    /* With nobody to ask, the router alone knows an address that is good from afar. */
    if (core->mode == HOP_CORE_MANUAL && !core->bare && core->ticket.server_count == 0) {
        driver->portmap_wanted = may_map(driver);
        start_portmap(driver);
        input.await_mapping = driver->portmap != NULL;
    }
    hop_netwatch_init(&driver->netwatch, &wish);
    input.host_count = driver->netwatch.known.count;
    tell(driver, &input);
    /* After the first dials: it is never in the way. */
    hop_netwatch_start(&driver->netwatch, &driver->poller);
}

uint16_t hop_driver_port(const hop_driver *driver) {
    return driver->reservation.port;
}

const char *hop_driver_interface(const hop_driver *driver) {
    return driver->interface[0] != 0 ? driver->interface : NULL;
}

void hop_driver_peer(hop_driver *driver, const hop_description *description) {
    tell(driver, &(hop_input){.kind = HOP_IN_PEER, .description = description});
}

void hop_driver_cancel(hop_driver *driver) {
    int error = errno;
    uint64_t one = 1;
    ssize_t ignored = write(driver->cancel_fd, &one, sizeof one);
    (void)ignored; /* it fails only when it has been written to before */
    errno = error;
}

int hop_driver_take(hop_driver *driver, int attempt) {
    int fd = hop_ready_take(&driver->ready, attempt);
    if (fd < 0) return HOP_E_STATE;
    if (!driver->config.nonblocking) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

const hop_core *hop_driver_core(const hop_driver *driver) {
    return driver->core;
}

static int set_up(hop_driver *driver) {
    hop_core_config *core = &driver->config.core;
    if (!hop_poller_open(&driver->poller)) return HOP_E_SYSTEM;
    driver->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (driver->cancel_fd < 0) return HOP_E_SYSTEM;
    uint32_t tag = hop_tag(HOP_TAG_CANCEL, 0);
    if (!hop_poller_add(&driver->poller, driver->cancel_fd, HOP_POLLER_READ, tag)) {
        return HOP_E_SYSTEM;
    }
    int error = find_interface(driver);
    if (error == 0)
        error = hop_reserve(driver->config.local_port, core->use_ipv4, core->use_ipv6,
                            hop_driver_interface(driver), &driver->reservation);
    if (error != 0) return error;
    core->use_ipv4 = driver->reservation.ipv4_fd >= 0;
    core->use_ipv6 = driver->reservation.ipv6_fd >= 0;
    if (!watch_listeners(driver, HOP_POLLER_READ)) return HOP_E_SYSTEM;
    hop_resolver_init(&driver->resolver, &driver->poller, core->use_ipv4, core->use_ipv6);
    return make_core(driver);
}

static int find_interface(hop_driver *driver) {
    const char *name = driver->config.interface;
    driver->config.interface = NULL; /* the owner's text */
    if (name == NULL) return 0;
    if (!hop_socket_find_interface(name, driver->interface))
        return errno == ENODEV ? HOP_E_INTERFACE : HOP_E_SYSTEM;
    driver->table.interface = driver->interface;
    return 0;
}

static int make_core(hop_driver *driver) {
    hop_core_config *core = &driver->config.core;
    uint8_t seed[sizeof core->seed];
    if (!core->crypto->random(core->crypto->context, seed, sizeof seed)) return HOP_E_SYSTEM;
    memcpy(&core->seed, seed, sizeof seed);
    core->unix_offset_us = hop_clock_unix_offset_us();
    driver->core_memory = calloc(1, hop_core_size());
    if (driver->core_memory == NULL) return HOP_E_MEMORY;
    driver->crypto = core->crypto;
    int error = make_recorder(driver);
    if (error == 0) error = hop_core_init(driver->core_memory, core, &driver->core);
    if (error == 0) hop_recorder_made(driver->recorder);
    return error;
}

/* From here on the core's crypto table is the recorder's, if there is one. */
static int make_recorder(hop_driver *driver) {
    if (driver->config.record == NULL) return 0;
    hop_recorder_config config = {.path = driver->config.record};
    config.numbered = driver->config.record_numbered;
    config.zero_us = driver->config.zero_us;
    driver->config.record = NULL; /* the owner's text */
    return hop_recorder_new(&config, &driver->config.core, &driver->recorder);
}

static bool watch_listeners(hop_driver *driver, unsigned interest) {
    const int fds[] = {driver->reservation.ipv4_fd, driver->reservation.ipv6_fd};
    const uint32_t families[] = {HOP_FAMILY_IPV4, HOP_FAMILY_IPV6};
    for (int i = 0; i < 2; i++) {
        uint32_t tag = hop_tag(HOP_TAG_LISTENER, families[i]);
        if (fds[i] < 0 || hop_poller_modify(&driver->poller, fds[i], interest, tag)) continue;
        if (!hop_poller_add(&driver->poller, fds[i], interest, tag)) return false;
    }
    return true;
}

/* One input, and whatever follows from it at once. */
static void tell(hop_driver *driver, const hop_input *input) {
    step(driver, input);
    for (;;) {
        hop_input next;
        hop_resolver_answer answer;
        if (hop_table_next(&driver->table, &next)) {
            step(driver, &next);
        } else if (hop_resolver_next(&driver->resolver, &answer)) {
            next = (hop_input){.kind = HOP_IN_RESOLVED, .server = answer.server};
            next.addresses = answer.addresses;
            next.address_count = answer.count;
            if (answer.count == 0) next.reason = HOP_REASON_RESOLVE;
            step(driver, &next);
        } else if (hop_portmap_next(driver->portmap, &next)) {
            step(driver, &next);
        } else {
            break;
        }
    }
    start_portmap(driver); /* last: it is never in the way */
}

static void step(hop_driver *driver, const hop_input *input) {
    int64_t now_us = hop_clock_now_us();
    if (now_us > driver->now_us) driver->now_us = now_us;
    hop_recorder_input(driver->recorder, driver->now_us, input);
    hop_core_step(driver->core, driver->now_us, input);
    hop_output output;
    while (hop_core_next(driver->core, &output)) {
        hop_recorder_output(driver->recorder, &output);
        carry_out(driver, &output);
    }
    hop_recorder_done(driver->recorder);
}

static void carry_out(hop_driver *driver, const hop_output *output) {
    hop_table *table = &driver->table;
    switch (output->kind) {
    case HOP_OUT_RESOLVE:
        hop_resolver_ask(&driver->resolver, output->server,
                         &driver->config.core.ticket.servers[output->server]);
        break;
    case HOP_OUT_CONNECT:
        hop_table_dial(table, output->link, &output->address,
                       output->any_port ? output->from_port : driver->reservation.port,
                       output->ttl);
        /* Who only speaks with this very machine has no use for the router. */
        if (driver->portmap == NULL && hop_address_scope(&output->address) != HOP_SCOPE_LOOPBACK)
            driver->portmap_wanted = may_map(driver);
        break;
    case HOP_OUT_ADOPT:
        assert(driver->accepted_fd >= 0);
        hop_table_adopt(table, output->link, driver->accepted_fd);
        driver->accepted_fd = -1;
        break;
    case HOP_OUT_REFUSE: break; /* let_in closes what nobody adopted */
    case HOP_OUT_WANT: hop_table_want(table, output->link, output->size); break;
    case HOP_OUT_SEND: hop_table_send(table, output->link, output->bytes, output->size); break;
    case HOP_OUT_CLOSE:
        if (output->gently)
            hop_table_hang_up(table, output->link);
        else
            hop_table_close(table, output->link);
        break;
    case HOP_OUT_SWEEP: hop_table_sweep(table, HOP_LINKS_PLAIN); break;
    case HOP_OUT_LOOK: hop_table_look(table, output->link); break;
    case HOP_OUT_ABANDON: hop_table_abandon(table, output->link); break;
    case HOP_OUT_ESTABLISHED: establish(driver, output); break;
    case HOP_OUT_CANDIDATE: report_candidate(driver, output); break;
    case HOP_OUT_LISTENING:
    case HOP_OUT_DESCRIBED:
    case HOP_OUT_PEER:
    case HOP_OUT_FAILED:
    case HOP_OUT_NOTE:
        driver->config.report(driver->config.context, driver->core, output,
                              &(hop_driver_detail){NULL, NULL});
        break;
    }
}

/* The core knows addresses alone. */
static void report_candidate(hop_driver *driver, const hop_output *output) {
    hop_driver_detail detail = {NULL, NULL};
    if (output->candidate.type == HOP_CANDIDATE_HOST)
        detail.interface =
            hop_interfaces_name_of(&driver->netwatch.known, &output->candidate.address);
    driver->config.report(driver->config.context, driver->core, output, &detail);
}

static bool may_map(const hop_driver *driver) {
    const hop_core_config *core = &driver->config.core;
    bool tests = core->allow_loopback; /* one machine for both sides */
    return driver->config.use_portmap && !driver->portmap_tried && core->use_ipv4 && !core->bare &&
           !tests;
}

static void start_portmap(hop_driver *driver) {
    if (!driver->portmap_wanted) return;
    driver->portmap_wanted = false;
    driver->portmap_tried = true;
    driver->portmap = hop_portmap_new(&driver->poller, driver->crypto, driver->reservation.port,
                                      hop_driver_interface(driver));
}

/* The old router, if it is not the same one, forgets by itself. */
static void mind_network(hop_driver *driver) {
    hop_input input;
    if (!hop_netwatch_next(&driver->netwatch, &input)) return;
    hop_resolver_renew(&driver->resolver);
    if (hop_reserve_renew(&driver->reservation, hop_driver_interface(driver)))
        (void)watch_listeners(driver, driver->accept_paused_until_us != 0 ? 0 : HOP_POLLER_READ);
    bool again = driver->portmap_tried && (input.changes & HOP_NETWORK_ROUTER) != 0;
    if (again) {
        driver->portmap = hop_portmap_leave(driver->portmap);
        driver->portmap_tried = false;
        driver->portmap_wanted = may_map(driver);
    }
    tell(driver, &input);
}

static void establish(hop_driver *driver, const hop_output *output) {
    int error = HOP_E_BROKEN;
    int fd = hop_table_release(&driver->table, output->link);
    if (fd >= 0) {
        hop_socket_tune(fd, driver->config.keepalive_s, driver->config.user_timeout_ms);
        hop_socket_hear(fd, 0);
        hop_congestion_mend(fd, output->rtt_us);
        if (hop_ready_put(&driver->ready, output->attempt, fd)) {
            hop_address local = hop_socket_local(fd);
            hop_recorder_handed(driver->recorder, 0, &local);
            driver->config.report(driver->config.context, driver->core, output,
                                  &(hop_driver_detail){&local, NULL});
            return;
        }
        /* The newest goes: the owner may be about to take one of those before it. */
        hop_socket_abort(fd);
        error = HOP_E_TOO_MANY;
    }
    hop_output failed = {.kind = HOP_OUT_FAILED, .attempt = output->attempt, .link = -1};
    failed.error = (enum hop_error)error;
    hop_recorder_handed(driver->recorder, error, NULL);
    driver->config.report(driver->config.context, driver->core, &failed,
                          &(hop_driver_detail){NULL, NULL});
}

static void dispatch(hop_driver *driver, const hop_poller_ready *ready) {
    uint32_t number = hop_tag_number_of(ready->tag);
    hop_input input = {.kind = HOP_IN_TIMER};
    switch (hop_tag_kind_of(ready->tag)) {
    case HOP_TAG_CANCEL: {
        uint64_t count;
        if (read(driver->cancel_fd, &count, sizeof count) != sizeof count) return;
        input.kind = HOP_IN_CANCEL;
        break;
    }
    case HOP_TAG_LISTENER: let_in(driver, number); return;
    case HOP_TAG_NETWATCH:
        hop_netwatch_ready(&driver->netwatch, number, hop_clock_now_us());
        return; /* keep_time() looks what has come of it */
    case HOP_TAG_PORTMAP: hop_portmap_ready(driver->portmap, number); break;
    case HOP_TAG_RESOLVER: hop_resolver_process(&driver->resolver, (int)number, ready->what); break;
    case HOP_TAG_LINK:
        if (!hop_table_ready(&driver->table, number, ready->what, &input) &&
            driver->table.waiting_count == 0) {
            return;
        }
        break;
    default: return;
    }
    tell(driver, &input);
    if (input.kind == HOP_IN_CONNECTED || input.kind == HOP_IN_RECEIVED) {
        hop_table_settle(&driver->table, input.link);
    }
}

static void let_in(hop_driver *driver, uint32_t family) {
    int listener =
        family == HOP_FAMILY_IPV4 ? driver->reservation.ipv4_fd : driver->reservation.ipv6_fd;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        hop_input input = {.kind = HOP_IN_ACCEPTED};
        driver->accepted_fd = hop_socket_accept(listener, &input.remote, &input.local);
        if (driver->accepted_fd < 0) {
            if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;
            /* It would stay readable and keep the owner's loop spinning. */
            driver->accept_paused_until_us = hop_clock_now_us() + ACCEPT_PAUSE_US;
            (void)watch_listeners(driver, 0);
            return;
        }
        tell(driver, &input);
        if (driver->accepted_fd >= 0) hop_socket_abort(driver->accepted_fd);
        driver->accepted_fd = -1;
    }
}

static void keep_time(hop_driver *driver) {
    int64_t now_us = hop_clock_now_us();
    if (driver->accept_paused_until_us != 0 && driver->accept_paused_until_us <= now_us) {
        driver->accept_paused_until_us = 0;
        (void)watch_listeners(driver, HOP_POLLER_READ);
    }
    bool overdue = hop_core_deadline(driver->core) <= now_us;
    if (hop_resolver_wait_us(&driver->resolver) == 0) {
        hop_resolver_tick(&driver->resolver);
        overdue = true;
    }
    if (hop_portmap_deadline(driver->portmap) <= now_us) {
        hop_portmap_tick(driver->portmap);
        overdue = true;
    }
    if (overdue) tell(driver, &(hop_input){.kind = HOP_IN_TIMER});
    hop_netwatch_tick(&driver->netwatch, now_us, hop_clock_asleep_us());
    mind_network(driver);
}
