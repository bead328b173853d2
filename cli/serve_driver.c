/* SPDX-License-Identifier: MIT */
/*
 * Inputs for the mind from libuv's callbacks, and its outputs carried out. Whatever fails while
 * outputs are carried out is told to the mind afterwards, never in the middle.
 */
#include "cli/serve_driver.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/serve_address.h"
#include "cli/serve_log.h"
#include "secure/secure.h"

#define CLIENT_MAX     16384
#define BACKLOG        1024
#define READ_SIZE      (64 * 1024)
#define OUTPUT_MAX     128 /* of one step; the mind makes fewer */
#define FILES_RESERVED 32  /* descriptors that are no clients' ... */
#define FILES_RELAY    6   /* ... and those of a relay beside its clients' own */

static unsigned raise_file_limit(const hop_relay_config *relay);
static hop_address choose_other(const struct serve_driver *driver);
static int64_t now_us(void);
static void step(struct serve_driver *driver, const hop_rendezvous_input *input);
static void carry_out(struct serve_driver *driver);
static void send_all(struct serve_driver *driver, hop_rendezvous_output *outputs, unsigned count,
                     unsigned first);
static void dial_back(struct serve_driver *driver, const hop_rendezvous_output *output);
static void on_dialled(struct serve_client *client, bool good);
static void break_off(struct serve_driver *driver, struct serve_client *client);
static void splice_clients(struct serve_driver *driver, const hop_rendezvous_output *output);
static void on_relay_over(struct serve_client *client, bool broken);
static void log_output(const struct serve_driver *driver, const hop_rendezvous_output *output);
static void end_broken(struct serve_driver *driver);
static void set_timer(struct serve_driver *driver);
static void on_timer(uv_timer_t *timer);
static void on_signal(uv_signal_t *handle, int number);
static void on_connection(uv_stream_t *listener, int status);
static void admit(struct serve_driver *driver, struct serve_client *client);
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);
static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer);
static bool on_message(struct serve_client *client, const uint8_t *bytes, size_t size);
static void leave(struct serve_driver *driver, struct serve_client *client, bool broken);
static void release(struct serve_driver *driver, struct serve_client *client);
static void close_handle(uv_handle_t *handle, void *unused);

int serve_driver_begin(struct serve_driver *driver) {
    memset(driver, 0, sizeof *driver);
    signal(SIGPIPE, SIG_IGN); /* a client that is gone is an error of the write */
    int error = uv_loop_init(&driver->loop);
    if (error != 0) return error;
    driver->loop.data = driver;
    driver->timer_due_us = INT64_MAX;
    uv_timer_init(&driver->loop, &driver->timer);
    static const int numbers[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < 2 && error == 0; i++) {
        uv_signal_init(&driver->loop, &driver->signals[i]);
        error = uv_signal_start(&driver->signals[i], on_signal, numbers[i]);
    }
    return error;
}

int serve_driver_listen(struct serve_driver *driver, const hop_address *address, bool only_ipv6) {
    struct sockaddr_storage system;
    int size = sizeof system;
    if (driver->listener_count == SERVE_LISTENERS_MAX) return UV_ENOBUFS;
    if (serve_address_to_system(address, &system) == 0) return UV_EINVAL;
    uv_tcp_t *listener = &driver->listeners[driver->listener_count];
    int error = uv_tcp_init(&driver->loop, listener);
    if (error != 0) return error;
    driver->listener_count++;
    unsigned flags = only_ipv6 ? UV_TCP_IPV6ONLY : 0;
    error = uv_tcp_bind(listener, (struct sockaddr *)&system, flags);
    if (error == 0) error = uv_listen((uv_stream_t *)listener, BACKLOG, on_connection);
    if (error == 0) error = uv_tcp_getsockname(listener, (struct sockaddr *)&system, &size);
    if (error != 0) {
        uv_close((uv_handle_t *)listener, NULL);
        return error;
    }
    driver->addresses[driver->address_count++] = serve_address_from_system(&system);
    return 0;
}

int serve_driver_prepare(struct serve_driver *driver, const hop_relay_config *relay) {
    const hop_crypto *crypto = hop_secure_crypto();
    uv_timeval64_t unix_time;
    hop_rendezvous_config config = {.crypto = crypto, .relay = hop_relay_config_full(relay)};
    config.client_max = raise_file_limit(&config.relay);
    uint8_t *seed = (uint8_t *)&config.seed;
    if (!crypto->random(crypto->context, seed, sizeof config.seed)) return UV_EIO;
    int error = uv_gettimeofday(&unix_time);
    if (error != 0) return error;
    config.unix_offset_us = unix_time.tv_sec * HOP_S + unix_time.tv_usec - now_us();
    config.other = choose_other(driver);
    config.no_dialback = driver->no_dialback;
    driver->dialbacks = (struct serve_dialbacks){.addresses = driver->addresses,
                                                 .address_count = driver->address_count,
                                                 .on_over = on_dialled};
    driver->client_max = config.client_max;
    driver->clients = calloc(config.client_max, sizeof(struct serve_client *));
    driver->free_numbers = calloc(config.client_max, sizeof *driver->free_numbers);
    driver->read_bytes = malloc(READ_SIZE);
    /* Big, and mostly never touched: such pages cost nothing as long as they are zero. */
    void *memory = calloc(1, hop_rendezvous_size(&config));
    if (driver->clients == NULL || driver->free_numbers == NULL || driver->read_bytes == NULL ||
        memory == NULL) {
        free(memory);
        return UV_ENOMEM;
    }
    driver->mind = hop_rendezvous_init(memory, &config);
    hop_relays *relays = hop_rendezvous_relays(driver->mind);
    bool good = serve_relays_begin(&driver->relays, &driver->loop, relays, on_relay_over);
    return good ? 0 : UV_ENOMEM;
}

int serve_driver_run(struct serve_driver *driver) {
    uv_run(&driver->loop, UV_RUN_DEFAULT);
    return driver->out_of_memory ? UV_ENOMEM : 0;
}

void serve_driver_end(struct serve_driver *driver) {
    if (driver->loop.data == NULL) return; /* it never began */
    serve_dialback_cancel(&driver->dialbacks, NULL);
    serve_relays_end(&driver->relays);
    uv_walk(&driver->loop, close_handle, NULL);
    uv_run(&driver->loop, UV_RUN_DEFAULT);
    uv_loop_close(&driver->loop);
    free(driver->mind);
    free(driver->clients);
    free(driver->free_numbers);
    free(driver->read_bytes);
}

/* As many clients as there may be open files. */
static unsigned raise_file_limit(const hop_relay_config *relay) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
    rlim_t reserved = FILES_RESERVED + (relay->on ? (rlim_t)relay->max * FILES_RELAY : 0);
    rlim_t want = CLIENT_MAX + reserved;
    if (limit.rlim_cur < want) {
        limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= want) return CLIENT_MAX;
    if (limit.rlim_cur > 2 * reserved) return (unsigned)(limit.rlim_cur - reserved);
    /* Few: relays do with what clients leave. */
    return limit.rlim_cur > 2 * FILES_RESERVED ? (unsigned)limit.rlim_cur - FILES_RESERVED
                                               : FILES_RESERVED;
}

/* The address to announce for mapping tests (RFC 5780 section 6): of those that we listen on, the
 * one that differs most from the first. */
static hop_address choose_other(const struct serve_driver *driver) {
    const hop_address *first = &driver->addresses[0];
    hop_address other = {.family = HOP_FAMILY_NONE};
    int best = 0;
    for (size_t i = 1; i < driver->address_count; i++) {
        const hop_address *address = &driver->addresses[i];
        int other_ip = hop_address_same_ip(address, first) ? 0 : 1;
        int other_port = address->port == first->port ? 0 : 1;
        bool usable = address->family == first->family &&
                      (other_port == 1 || !serve_address_is_wildcard(address));
        int score = usable ? 2 * other_ip + other_port : 0;
        if (score > best) {
            best = score;
            other = *address;
        }
    }
    return other;
}

static int64_t now_us(void) {
    return (int64_t)(uv_hrtime() / 1000);
}

static void step(struct serve_driver *driver, const hop_rendezvous_input *input) {
    hop_rendezvous_step(driver->mind, now_us(), input);
    carry_out(driver);
    set_timer(driver);
}

/* All that one client is sent leaves in one write: the answer to a knock and the start behind it
 * are one segment. */
static void carry_out(struct serve_driver *driver) {
    hop_rendezvous_output outputs[OUTPUT_MAX];
    unsigned count = 0;
    while (count < OUTPUT_MAX && hop_rendezvous_next(driver->mind, &outputs[count]))
        count++;
    for (unsigned i = 0; i < count; i++) {
        hop_rendezvous_output *output = &outputs[i];
        if (output->kind == HOP_RENDEZVOUS_SEND && output->size > 0)
            send_all(driver, outputs, count, i);
        else if (output->kind == HOP_RENDEZVOUS_CLOSE && driver->clients[output->client] != NULL)
            release(driver, driver->clients[output->client]);
        else if (output->kind == HOP_RENDEZVOUS_SPLICE)
            splice_clients(driver, output);
    }
    for (unsigned i = 0; i < count; i++)
        if (outputs[i].kind == HOP_RENDEZVOUS_LOG) log_output(driver, &outputs[i]);
    /* Last: what is over at once is a step of its own. */
    for (unsigned i = 0; i < count; i++)
        if (outputs[i].kind == HOP_RENDEZVOUS_DIAL) dial_back(driver, &outputs[i]);
}

static void dial_back(struct serve_driver *driver, const hop_rendezvous_output *output) {
    struct serve_client *client = driver->clients[output->client];
    if (client != NULL && !client->broken) serve_dialback_begin(&driver->dialbacks, client, output);
}

static void on_dialled(struct serve_client *client, bool good) {
    struct serve_driver *driver = client->tcp.loop->data;
    if (!good && !client->broken) break_off(driver, client);
    step(driver, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_DIALLED, .client = client->number});
    end_broken(driver);
}

/* This message and the later ones to the same client, which are then done. */
static void send_all(struct serve_driver *driver, hop_rendezvous_output *outputs, unsigned count,
                     unsigned first) {
    uv_buf_t pieces[OUTPUT_MAX];
    unsigned piece_count = 0;
    struct serve_client *client = driver->clients[outputs[first].client];
    for (unsigned i = first; i < count; i++) {
        hop_rendezvous_output *output = &outputs[i];
        if (output->kind != HOP_RENDEZVOUS_SEND || output->client != outputs[first].client)
            continue;
        pieces[piece_count++] =
            uv_buf_init((char *)(uintptr_t)output->bytes, (unsigned)output->size);
        output->size = 0;
    }
    if (client == NULL || client->broken) return;
    if (!serve_client_write(client, pieces, piece_count)) break_off(driver, client);
}

/* Later, when all outputs are carried out. */
static void break_off(struct serve_driver *driver, struct serve_client *client) {
    if (client->broken) return;
    client->broken = true;
    client->next_broken = driver->broken;
    driver->broken = client;
}

/* An answer of a few bytes that has not left at once is one that will not. */
static void splice_clients(struct serve_driver *driver, const hop_rendezvous_output *output) {
    struct serve_client *one = driver->clients[output->client];
    struct serve_client *other = driver->clients[output->other];
    bool good = !one->broken && !other->broken &&
                uv_stream_get_write_queue_size((uv_stream_t *)&one->tcp) == 0 &&
                uv_stream_get_write_queue_size((uv_stream_t *)&other->tcp) == 0;
    if (!good || !serve_relay_start(&driver->relays, output->relay, one, other))
        break_off(driver, one);
}

static void on_relay_over(struct serve_client *client, bool broken) {
    struct serve_driver *driver = client->tcp.loop->data;
    leave(driver, client, broken);
    end_broken(driver);
}

static void log_output(const struct serve_driver *driver, const hop_rendezvous_output *output) {
    hop_address other = {.family = HOP_FAMILY_NONE};
    if (output->log == HOP_RENDEZVOUS_LOG_START && driver->clients[output->other] != NULL)
        other = serve_client_remote(driver->clients[output->other]);
    serve_log_output(output, &other);
}

/* Each end may break another client's write, so this goes on until none is left. */
static void end_broken(struct serve_driver *driver) {
    while (driver->broken != NULL) {
        struct serve_client *client = driver->broken;
        driver->broken = client->next_broken;
        leave(driver, client, true);
    }
}

/* A deadline that has moved on is not worth a call: the timer comes too early then, and is set
 * again. */
static void set_timer(struct serve_driver *driver) {
    int64_t due_us = hop_rendezvous_deadline(driver->mind);
    if (due_us >= driver->timer_due_us) return;
    int64_t wait_us = due_us - now_us();
    uint64_t wait_ms = wait_us > 0 ? (uint64_t)(wait_us / HOP_MS) + 1 : 0;
    driver->timer_due_us = due_us;
    uv_update_time(&driver->loop);
    uv_timer_start(&driver->timer, on_timer, wait_ms, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct serve_driver *driver = timer->loop->data;
    driver->timer_due_us = INT64_MAX;
    step(driver, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
    end_broken(driver);
}

static void on_signal(uv_signal_t *handle, int number) {
    (void)number;
    uv_stop(handle->loop);
}

/* Out of file descriptors libuv itself accepts and closes, by a descriptor that it keeps for this,
 * so that the listener does not spin. */
static void on_connection(uv_stream_t *listener, int status) {
    struct serve_driver *driver = listener->loop->data;
    if (status != 0) return;
    struct serve_client *client = serve_client_new(listener->loop);
    if (client == NULL) { /* a listener whose connection is not taken would hang for ever */
        driver->out_of_memory = true;
        uv_stop(listener->loop);
        return;
    }
    if (uv_accept(listener, (uv_stream_t *)&client->tcp) != 0 ||
        (driver->free_count == 0 && driver->fresh_number == driver->client_max)) {
        serve_client_close(client);
        return;
    }
    admit(driver, client);
    end_broken(driver);
}

static void admit(struct serve_driver *driver, struct serve_client *client) {
    hop_address remote = serve_client_remote(client);
    if (remote.family == HOP_FAMILY_NONE) { /* reset before we looked */
        serve_client_close(client);
        return;
    }
    serve_client_prepare(client, driver->keepalive_s);
    client->number = driver->free_count > 0 ? driver->free_numbers[--driver->free_count]
                                            : driver->fresh_number++;
    driver->clients[client->number] = client;
    step(driver, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_ACCEPTED,
                                         .client = client->number,
                                         .remote = remote,
                                         .local = serve_client_local(client),
                                         .rtt_us = serve_client_rtt_us(client)});
    if (!client->closing && uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read) != 0)
        leave(driver, client, true);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)suggested;
    struct serve_driver *driver = handle->loop->data;
    *buffer = uv_buf_init((char *)driver->read_bytes, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
    struct serve_driver *driver = stream->loop->data;
    struct serve_client *client = (struct serve_client *)stream;
    const uint8_t *bytes = (const uint8_t *)buffer->base;
    if (size == 0) return;
    if (size < 0 || !serve_client_feed(client, bytes, (size_t)size, on_message))
        leave(driver, client, true);
    end_broken(driver);
}

static bool on_message(struct serve_client *client, const uint8_t *bytes, size_t size) {
    struct serve_driver *driver = client->tcp.loop->data;
    step(driver, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_RECEIVED,
                                         .client = client->number,
                                         .bytes = bytes,
                                         .size = size,
                                         .rtt_us = serve_client_rtt_us(client)});
    return !client->closing && !client->broken && client->relay == NULL;
}

/* The connection has ended by itself, or has to: the mind does not know yet. */
static void leave(struct serve_driver *driver, struct serve_client *client, bool broken) {
    if (client->closing) return;
    unsigned number = client->number;
    release(driver, client);
    hop_rendezvous_input closed = {.kind = HOP_RENDEZVOUS_CLOSED, .client = number};
    closed.broken = broken;
    step(driver, &closed);
}

/* The number is free from here on; the memory is, as soon as libuv and the list of the broken have
 * done with it. */
static void release(struct serve_driver *driver, struct serve_client *client) {
    serve_dialback_cancel(&driver->dialbacks, client);
    if (client->relay != NULL) serve_relay_stop(client->relay);
    driver->clients[client->number] = NULL;
    driver->free_numbers[driver->free_count++] = client->number;
    client->closing = true;
    serve_client_close(client);
}

static void close_handle(uv_handle_t *handle, void *unused) {
    (void)unused;
    if (handle->data != NULL)
        serve_client_close(handle->data);
    else if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}
