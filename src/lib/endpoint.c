/* SPDX-License-Identifier: MIT */
/*
 * The endpoint: a driver, and its results as events. What blocks is in blocking.c, what the events
 * say in story.c.
 */
#include "lib/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive/clock.h"
#include "drive/ready.h"
#include "lib/events.h"
#include "lib/inside.h"
#include "lib/options.h"
#include "lib/story.h"

_Static_assert((int)HOP_ROUTE_LAN == (int)HOP_CORE_ROUTE_LAN &&
                   (int)HOP_ROUTE_IPV6 == (int)HOP_CORE_ROUTE_IPV6 &&
                   (int)HOP_ROUTE_DIRECT == (int)HOP_CORE_ROUTE_DIRECT &&
                   (int)HOP_ROUTE_PUNCHED == (int)HOP_CORE_ROUTE_PUNCHED &&
                   (int)HOP_ROUTE_MAPPED == (int)HOP_CORE_ROUTE_MAPPED &&
                   (int)HOP_ROUTE_RELAYED == (int)HOP_CORE_ROUTE_RELAYED,
               "the core's routes are the public ones");

/* Of an established link that has not been taken. */
typedef struct link_key {
    int attempt; /* 0: this place is free */
    bool controlling;
    uint8_t key[HOP_KEY_SIZE];
} link_key;

struct hop_endpoint {
    hop_driver *driver;
    hop_core_mode mode;
    int64_t zero_us; /* what the events' times count from */
    hop_events events;
    link_key keys[HOP_READY_MAX];
    bool attempted;                              /* hop_attempt was called */
    bool over;                                   /* nothing more will happen */
    int end_error;                               /* why, when the endpoint as a whole has failed */
    char description[HOP_DESCRIPTION_TEXT_SIZE]; /* empty before DESCRIBED */
};

static int create(hop_driver_config *config, hop_endpoint **ret_endpoint);
static int create_with_ticket(hop_core_mode mode, bool held, const char *ticket,
                              const hop_options *options, hop_endpoint **ret_endpoint);
static int create_manual(bool bare, const hop_options *options, hop_endpoint **ret_endpoint);
static void remember_key(hop_endpoint *endpoint, const hop_output *output);
static void forget_key(hop_endpoint *endpoint, int attempt);
static int break_down(hop_endpoint *endpoint, int error);
static void on_report(void *context, const hop_core *core, const hop_output *output,
                      const hop_driver_detail *detail);
static void fail(hop_endpoint *endpoint, int attempt, int error);

int hop_listen(const char *ticket, const hop_options *options, hop_listener **ret_listener) {
    return create_with_ticket(HOP_CORE_LISTEN, false, ticket, options, ret_listener);
}

int hop_connect(const char *ticket, const hop_options *options, hop_endpoint **ret_endpoint) {
    return create_with_ticket(HOP_CORE_CONNECT, false, ticket, options, ret_endpoint);
}

int hop_open(const hop_options *options, hop_endpoint **ret_endpoint) {
    return create_manual(false, options, ret_endpoint);
}

const char *hop_description(const hop_endpoint *endpoint) {
    if (endpoint == NULL || endpoint->description[0] == 0) return NULL;
    return endpoint->description;
}

int hop_attempt(hop_endpoint *endpoint, const char *peer_description) {
    if (endpoint == NULL) return HOP_E_INVALID;
    if (endpoint->mode != HOP_CORE_MANUAL || endpoint->description[0] == 0) return HOP_E_STATE;
    if (endpoint->attempted || endpoint->over) return HOP_E_STATE;
    hop_wire_description peer;
    if (peer_description == NULL ||
        !hop_description_parse(peer_description, strlen(peer_description), &peer)) {
        return HOP_E_DESCRIPTION;
    }
    const hop_wire_description *own = hop_core_description(hop_driver_core(endpoint->driver));
    if (memcmp(own->nonce, peer.nonce, sizeof peer.nonce) == 0) return HOP_E_DESCRIPTION;
    endpoint->attempted = true;
    hop_driver_peer(endpoint->driver, &peer);
    return 0;
}

int hop_take_fd(hop_endpoint *endpoint, int attempt) {
    if (endpoint == NULL) return HOP_E_INVALID;
    forget_key(endpoint, attempt);
    return hop_driver_take(endpoint->driver, attempt);
}

void hop_cancel(hop_endpoint *endpoint) {
    if (endpoint != NULL) hop_driver_cancel(endpoint->driver);
}

hop_endpoint *hop_free(hop_endpoint *endpoint) {
    if (endpoint == NULL) return NULL;
    hop_driver_free(endpoint->driver);
    hop_events_clear(&endpoint->events);
    hop_crypto_wipe(endpoint->keys, sizeof endpoint->keys);
    free(endpoint);
    return NULL;
}

int hop_poll_fd(const hop_endpoint *endpoint) {
    return endpoint == NULL ? HOP_E_INVALID : hop_driver_fd(endpoint->driver);
}

int hop_poll_ms(const hop_endpoint *endpoint) {
    if (endpoint == NULL) return HOP_E_INVALID;
    int64_t wait_us = hop_endpoint_wait_us(endpoint);
    if (wait_us == INT64_MAX) return -1;
    int64_t wait_ms = wait_us / 1000 + (wait_us % 1000 != 0);
    return wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms;
}

int hop_process(hop_endpoint *endpoint) {
    if (endpoint == NULL) return HOP_E_INVALID;
    int error = hop_driver_process(endpoint->driver);
    if (error == 0 && endpoint->events.failed) error = HOP_E_MEMORY;
    return error == 0 ? 0 : break_down(endpoint, error);
}

int hop_next(hop_endpoint *endpoint, hop_event *ret_event) {
    if (endpoint == NULL || ret_event == NULL) return HOP_E_INVALID;
    return hop_events_take(&endpoint->events, ret_event) ? 1 : 0;
}

int64_t hop_endpoint_wait_us(const hop_endpoint *endpoint) {
    if (endpoint->events.count > 0) return 0;
    return hop_driver_wait_us(endpoint->driver);
}

bool hop_endpoint_has_events(const hop_endpoint *endpoint) {
    return endpoint->events.count > 0;
}

bool hop_endpoint_is_over(const hop_endpoint *endpoint, int *ret_error) {
    if (endpoint->over) *ret_error = endpoint->end_error;
    return endpoint->over;
}

int hop_endpoint_open_bare(const hop_options *options, hop_endpoint **ret_endpoint) {
    return create_manual(true, options, ret_endpoint);
}

void hop_endpoint_dial_bare(hop_endpoint *endpoint, const hop_candidate *candidates,
                            unsigned count) {
    hop_wire_description peer = {.candidate_count = count};
    memcpy(peer.candidates, candidates, count * sizeof *candidates);
    hop_driver_peer(endpoint->driver, &peer);
}

int hop_endpoint_connect_held(const char *ticket, const hop_options *options,
                              hop_endpoint **ret_endpoint) {
    return create_with_ticket(HOP_CORE_CONNECT, true, ticket, options, ret_endpoint);
}

void hop_endpoint_let_go(hop_endpoint *endpoint) {
    hop_driver_go(endpoint->driver);
}

uint16_t hop_endpoint_port(const hop_endpoint *endpoint) {
    return hop_driver_port(endpoint->driver);
}

const char *hop_endpoint_interface(const hop_endpoint *endpoint) {
    return hop_driver_interface(endpoint->driver);
}

hop_address hop_endpoint_observed(const hop_endpoint *endpoint) {
    return hop_core_observed(hop_driver_core(endpoint->driver));
}

bool hop_endpoint_key(const hop_endpoint *endpoint, int attempt, uint8_t ret_key[HOP_KEY_SIZE],
                      bool *ret_controlling) {
    for (int i = 0; i < HOP_READY_MAX; i++) {
        const link_key *key = &endpoint->keys[i];
        if (attempt <= 0 || key->attempt != attempt) continue;
        memcpy(ret_key, key->key, HOP_KEY_SIZE);
        *ret_controlling = key->controlling;
        return true;
    }
    return false;
}

static int create_manual(bool bare, const hop_options *options, hop_endpoint **ret_endpoint) {
    hop_driver_config config;
    int error = hop_options_read(options, &config);
    if (error == 0) error = hop_options_read_manual(options, &config.core.ticket);
    if (error != 0) return error;
    if (config.core.relay == HOP_CORE_RELAY_ONLY) return HOP_E_INVALID;
    config.core.relay = HOP_CORE_RELAY_NEVER; /* there is no server between the two */
    config.core.mode = HOP_CORE_MANUAL;
    config.core.bare = bare;
    static const uint8_t none[HOP_KEY_SIZE];
    config.core.no_secret = memcmp(config.core.ticket.secret, none, sizeof none) == 0;
    return create(&config, ret_endpoint);
}

static int create_with_ticket(hop_core_mode mode, bool held, const char *ticket,
                              const hop_options *options, hop_endpoint **ret_endpoint) {
    hop_driver_config config;
    int error = hop_options_read(options, &config);
    if (error != 0) return error;
    if (ticket == NULL || !hop_ticket_decode(ticket, strlen(ticket), &config.core.ticket)) {
        return HOP_E_TICKET;
    }
    config.core.mode = mode;
    config.held = held;
    return create(&config, ret_endpoint);
}

static int create(hop_driver_config *config, hop_endpoint **ret_endpoint) {
    int error = HOP_E_INVALID;
    hop_endpoint *endpoint = NULL;
    if (ret_endpoint != NULL) {
        error = HOP_E_MEMORY;
        endpoint = calloc(1, sizeof *endpoint);
    }
    if (endpoint != NULL) {
        endpoint->mode = config->core.mode;
        endpoint->zero_us = config->zero_us;
        config->context = endpoint;
        config->report = on_report;
        error = hop_driver_new(config, &endpoint->driver);
    }
    if (error == 0) {
        *ret_endpoint = endpoint;
    } else if (endpoint != NULL) {
        int saved = errno; /* HOP_E_SYSTEM sends the user there */
        hop_free(endpoint);
        errno = saved;
    }
    hop_crypto_wipe(config, sizeof *config);
    return error;
}

/* The machine failed the endpoint: say it once as an event, then by every call. */
static int break_down(hop_endpoint *endpoint, int error) {
    if (!endpoint->over) {
        int saved = errno;
        fail(endpoint, 0, error);
        int64_t at_us = hop_clock_now_us() - endpoint->zero_us;
        hop_story_put_broken(&endpoint->events, error, at_us);
        errno = saved;
    }
    return error;
}

static void on_report(void *context, const hop_core *core, const hop_output *output,
                      const hop_driver_detail *detail) {
    hop_endpoint *endpoint = context;
    switch (output->kind) {
    case HOP_OUT_DESCRIBED:
        if (hop_description_print(hop_core_description(core), endpoint->description) == 0) {
            endpoint->description[0] = 0;
        }
        break;
    case HOP_OUT_ESTABLISHED:
        remember_key(endpoint, output);
        if (endpoint->mode != HOP_CORE_LISTEN) endpoint->over = true;
        break;
    case HOP_OUT_FAILED: fail(endpoint, output->attempt, output->error); break;
    default: break;
    }
    int64_t at_us = hop_core_now(core) - endpoint->zero_us;
    hop_story_put(&endpoint->events, core, output, detail, at_us);
}

/* There are as many places as descriptors that can wait to be taken. */
static void remember_key(hop_endpoint *endpoint, const hop_output *output) {
    for (int i = 0; i < HOP_READY_MAX; i++) {
        link_key *key = &endpoint->keys[i];
        if (key->attempt != 0) continue;
        key->attempt = output->attempt;
        key->controlling = output->controlling;
        memcpy(key->key, output->psk, sizeof key->key);
        return;
    }
}

static void forget_key(hop_endpoint *endpoint, int attempt) {
    for (int i = 0; i < HOP_READY_MAX; i++) {
        if (endpoint->keys[i].attempt != attempt) continue;
        hop_crypto_wipe(&endpoint->keys[i], sizeof endpoint->keys[i]);
    }
}

/* One peer that fails does not end a listener. */
static void fail(hop_endpoint *endpoint, int attempt, int error) {
    if (attempt != 0 && endpoint->mode == HOP_CORE_LISTEN) return;
    endpoint->over = true;
    endpoint->end_error = error;
}
