/* SPDX-License-Identifier: MIT */
/*
 * UPnP by libminiupnpc. A job belongs to its thread until the thread has ended; when we cannot wait
 * for that any longer, it belongs to the thread for good. Who of the two comes last is decided by
 * one atomic exchange.
 */
#include "drive/upnp.h"

#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drive/clock.h"

#define CLOSE_WAIT_MS 1000
#define PORT_TRIES    4

/* UPnP IGD WANIPConnection:1 section 2.4.16. */
enum { UPNP_CONFLICT = 718, UPNP_ONLY_PERMANENT = 725 };

enum { UPNP_RUNS, UPNP_ENDED, UPNP_ABANDONED };

typedef struct upnp_job {
    atomic_int state; /* UPNP_RUNS ... */
    int fd;           /* becomes readable at the end; the job's own copy */
    bool unmap;
    hop_upnp_wish wish;
    hop_upnp_result result;
} upnp_job;

struct hop_upnp {
    int fd;
    upnp_job *job; /* NULL: none runs */
    pthread_t thread;
    bool mapped;        /* there is a mapping to be taken back ... */
    hop_upnp_wish last; /* ... by this; external_port is the one that was mapped */
    bool unmap_wanted;  /* when the job that runs has ended */
    bool left;          /* the router is out of reach */
};

typedef struct upnp_router {
    struct UPNPUrls urls;
    struct IGDdatas data;
} upnp_router;

static bool start(hop_upnp *upnp, const hop_upnp_wish *wish, bool unmap);
static void finish(hop_upnp *upnp, hop_upnp_result *ret_result, bool *ret_unmap);
static bool wait_for_end(hop_upnp *upnp, int64_t until_us);
static void *run(void *argument);
static bool reach(const hop_upnp_wish *wish, upnp_router *ret_router);
static void map(const hop_upnp_wish *wish, hop_upnp_result *result);
static void unmap(const hop_upnp_wish *wish, uint16_t port);
static int add(const upnp_router *router, const hop_upnp_wish *wish, uint16_t port);

hop_upnp *hop_upnp_new(void) {
    hop_upnp *upnp = calloc(1, sizeof *upnp);
    if (upnp == NULL) return NULL;
    upnp->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (upnp->fd >= 0) return upnp;
    free(upnp);
    return NULL;
}

hop_upnp *hop_upnp_free(hop_upnp *upnp) {
    if (upnp == NULL) return NULL;
    int64_t until_us = hop_clock_now_us() + (upnp->left ? 0 : CLOSE_WAIT_MS * 1000);
    hop_upnp_result ignored;
    bool unmapped;
    if (upnp->job != NULL && wait_for_end(upnp, until_us)) finish(upnp, &ignored, &unmapped);
    if (upnp->job == NULL && upnp->mapped && start(upnp, &upnp->last, true) &&
        wait_for_end(upnp, until_us))
        finish(upnp, &ignored, &unmapped);
    if (upnp->job != NULL) {
        if (atomic_exchange(&upnp->job->state, UPNP_ABANDONED) == UPNP_ENDED)
            finish(upnp, &ignored, &unmapped);
        else
            pthread_detach(upnp->thread);
    }
    close(upnp->fd);
    free(upnp);
    return NULL;
}

void hop_upnp_leave(hop_upnp *upnp) {
    upnp->left = true;
    upnp->mapped = false;
}

int hop_upnp_fd(const hop_upnp *upnp) {
    return upnp->fd;
}

bool hop_upnp_map(hop_upnp *upnp, const hop_upnp_wish *wish) {
    return upnp->job == NULL && start(upnp, wish, false);
}

void hop_upnp_unmap(hop_upnp *upnp) {
    if (!upnp->mapped) return;
    if (upnp->job != NULL)
        upnp->unmap_wanted = true;
    else
        (void)start(upnp, &upnp->last, true);
}

bool hop_upnp_done(hop_upnp *upnp, hop_upnp_result *ret_result) {
    if (upnp->job == NULL || atomic_load(&upnp->job->state) != UPNP_ENDED) return false;
    bool unmapped;
    finish(upnp, ret_result, &unmapped);
    if (upnp->unmap_wanted) hop_upnp_unmap(upnp);
    upnp->unmap_wanted = false;
    return !unmapped;
}

/* The thread has no ears for signals: they are the program's. */
static bool start(hop_upnp *upnp, const hop_upnp_wish *wish, bool take_back) {
    upnp_job *job = calloc(1, sizeof *job);
    sigset_t all, before;
    if (job == NULL) return false;
    atomic_init(&job->state, UPNP_RUNS);
    job->wish = *wish;
    job->unmap = take_back;
    job->fd = dup(upnp->fd);
    sigfillset(&all);
    bool made = job->fd >= 0 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    if (made) {
        made = pthread_create(&upnp->thread, NULL, run, job) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (!made) {
        if (job->fd >= 0) close(job->fd);
        free(job);
        return false;
    }
    upnp->job = job;
    return true;
}

/* The thread has said that it is at its end: joining it takes no time. */
static void finish(hop_upnp *upnp, hop_upnp_result *ret_result, bool *ret_unmap) {
    upnp_job *job = upnp->job;
    uint64_t count;
    pthread_join(upnp->thread, NULL);
    (void)!read(upnp->fd, &count, sizeof count);
    upnp->job = NULL;
    *ret_result = job->result;
    *ret_unmap = job->unmap;
    if (job->unmap) {
        upnp->mapped = false;
    } else if (job->result.trouble == HOP_MAP_TROUBLE_NONE) {
        upnp->mapped = true;
        upnp->last = job->wish;
        upnp->last.external_port = job->result.external.port;
    }
    close(job->fd);
    free(job);
}

static bool wait_for_end(hop_upnp *upnp, int64_t until_us) {
    struct pollfd end = {.fd = upnp->fd, .events = POLLIN};
    while (atomic_load(&upnp->job->state) == UPNP_RUNS) {
        int64_t left_us = until_us - hop_clock_now_us();
        if (left_us <= 0) return false;
        (void)poll(&end, 1, (int)(left_us / 1000) + 1);
    }
    return true;
}

/* --- in the thread --- */

static void *run(void *argument) {
    upnp_job *job = argument;
    uint64_t one = 1;
    if (job->unmap)
        unmap(&job->wish, job->wish.external_port);
    else
        map(&job->wish, &job->result);
    int nobody = UPNP_RUNS;
    if (atomic_compare_exchange_strong(&job->state, &nobody, UPNP_ENDED)) {
        (void)!write(job->fd, &one, sizeof one); /* whoever sees it joins before he frees the job */
        return NULL;
    }
    if (!job->unmap && job->result.trouble == HOP_MAP_TROUBLE_NONE)
        unmap(&job->wish, job->result.external.port);
    close(job->fd);
    free(job);
    return NULL;
}

/* The description, and where in it mappings are made: on the router itself and nowhere else. */
static bool reach(const hop_upnp_wish *wish, upnp_router *ret_router) {
    char client[64] = "";
    memset(ret_router, 0, sizeof *ret_router);
    if (UPNP_GetIGDFromUrl(wish->location, &ret_router->urls, &ret_router->data, client,
                           sizeof client) != 1)
        return false;
    const char *control = ret_router->urls.controlURL;
    if (control != NULL && ret_router->data.first.servicetype[0] != 0 &&
        hop_ssdp_is_at(control, strlen(control), &wish->router))
        return true;
    FreeUPNPUrls(&ret_router->urls);
    return false;
}

/* libminiupnpc's own errors are negative: it got no answer, or none that it understood. */
static void tell_trouble(hop_upnp_result *result, int error) {
    result->trouble = error < 0 ? HOP_MAP_TROUBLE_SILENT : HOP_MAP_TROUBLE_REFUSED;
    result->code = error < 0 ? 0 : error;
    /* A mapping without an end would outlive a crash, and leave a port of this machine open to the
     * world for good. So none is made. */
    if (error == UPNP_ONLY_PERMANENT) result->trouble = HOP_MAP_TROUBLE_PERMANENT;
}

static void map(const hop_upnp_wish *wish, hop_upnp_result *result) {
    upnp_router router;
    char external[64] = "";
    if (!reach(wish, &router)) {
        tell_trouble(result, -1);
        return;
    }
    const char *service = router.data.first.servicetype;
    int error = UPNP_GetExternalIPAddress(router.urls.controlURL, service, external);
    external[sizeof external - 1] = 0;
    if (error == 0 && !hop_address_parse(external, strlen(external), 1, &result->external))
        error = -1;
    hop_scope scope = hop_address_scope(&result->external);
    uint16_t port = wish->external_port != 0 ? wish->external_port : wish->client.port;
    if (error == 0 && scope == HOP_SCOPE_PUBLIC) {
        error = add(&router, wish, port);
        /* Somebody else has the port. A step that is prime visits all of them. */
        for (int i = 1; i < PORT_TRIES && error == UPNP_CONFLICT; i++) {
            port = (uint16_t)(1024 + (port - 1024u + 7919u) % (65536u - 1024u));
            error = add(&router, wish, port);
        }
    }
    if (error != 0)
        tell_trouble(result, error);
    else if (scope != HOP_SCOPE_PUBLIC) /* nothing was asked for */
        result->trouble =
            scope == HOP_SCOPE_PRIVATE ? HOP_MAP_TROUBLE_DOUBLE_NAT : HOP_MAP_TROUBLE_UNUSABLE;
    result->external.port = port;
    FreeUPNPUrls(&router.urls);
}

static int add(const upnp_router *router, const hop_upnp_wish *wish, uint16_t port) {
    char outer[8], inner[8], lease[16], client[HOP_ADDRESS_TEXT_SIZE];
    const uint8_t *ip = wish->client.ip;
    snprintf(outer, sizeof outer, "%u", (unsigned)port);
    snprintf(inner, sizeof inner, "%u", (unsigned)wish->client.port);
    snprintf(lease, sizeof lease, "%u", (unsigned)wish->lifetime_s);
    snprintf(client, sizeof client, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
    return UPNP_AddPortMapping(router->urls.controlURL, router->data.first.servicetype, outer,
                               inner, client, "hopconn", "TCP", NULL, lease);
}

static void unmap(const hop_upnp_wish *wish, uint16_t port) {
    upnp_router router;
    char outer[8];
    if (!reach(wish, &router)) return;
    snprintf(outer, sizeof outer, "%u", (unsigned)port);
    UPNP_DeletePortMapping(router.urls.controlURL, router.data.first.servicetype, outer, "TCP",
                           NULL);
    FreeUPNPUrls(&router.urls);
}
