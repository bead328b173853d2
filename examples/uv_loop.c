/* SPDX-License-Identifier: MIT */
/*
 * A listener in a libuv loop: any number of peers at once, each gets back what it sends. The
 * library's descriptor is a uv_poll_t, its timeout a uv_timer_t; a connection is a uv_tcp_t.
 */
#include <stdio.h>
#include <stdlib.h>

#include <uv.h>

#include <hopconn/hopconn.h>

static hop_listener *listener;
static uv_poll_t watched;
static uv_timer_t timer;

static void on_close(uv_handle_t *peer) {
    free(peer);
}

static void on_written(uv_write_t *request, int status) {
    (void)status;
    free(request->data);
    free(request);
}

static void on_buffer(uv_handle_t *peer, size_t hint, uv_buf_t *ret_buffer) {
    (void)peer;
    *ret_buffer = uv_buf_init(malloc(hint), (unsigned)hint);
}

static void on_read(uv_stream_t *peer, ssize_t size, const uv_buf_t *buffer) {
    if (size > 0) {
        uv_write_t *request = malloc(sizeof *request);
        request->data = buffer->base;
        uv_buf_t bytes = uv_buf_init(buffer->base, (unsigned)size);
        if (uv_write(request, peer, &bytes, 1, on_written) == 0) return;
        free(request);
    }
    free(buffer->base);
    if (size < 0) uv_close((uv_handle_t *)peer, on_close);
}

static void serve(int fd) {
    uv_tcp_t *peer = malloc(sizeof *peer);
    uv_tcp_init(uv_default_loop(), peer);
    uv_tcp_open(peer, fd);
    uv_read_start((uv_stream_t *)peer, on_buffer, on_read);
}

static void on_timer(uv_timer_t *unused);

static void process(void) {
    hop_event event;
    hop_process(listener);
    while (hop_next(listener, &event)) {
        if (event.kind == HOP_EVENT_LISTENING) printf("listening\n");
        if (event.kind == HOP_EVENT_ESTABLISHED) {
            printf("connected to %s, %s\n", event.remote, hop_route_name(event.route));
            serve(hop_take_fd(listener, event.attempt));
        }
        if (event.kind == HOP_EVENT_FAILED) printf("%s\n%s\n", event.text, event.advice);
        if (event.kind == HOP_EVENT_FAILED && event.attempt == 0) exit(1);
        fflush(stdout);
    }
    int ms = hop_poll_ms(listener);
    uv_timer_stop(&timer);
    if (ms >= 0) uv_timer_start(&timer, on_timer, (uint64_t)ms, 0);
}

static void on_timer(uv_timer_t *unused) {
    (void)unused;
    process();
}

static void on_ready(uv_poll_t *unused, int status, int events) {
    (void)unused;
    (void)status;
    (void)events;
    process();
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s TICKET\n", argv[0]);
        return 2;
    }
    int error = hop_listen(argv[1], NULL, &listener);
    if (error < 0) {
        fprintf(stderr, "%s\n%s\n", hop_error_text(error), hop_error_advice(error));
        return 1;
    }
    uv_poll_init(uv_default_loop(), &watched, hop_poll_fd(listener));
    uv_timer_init(uv_default_loop(), &timer);
    uv_poll_start(&watched, UV_READABLE, on_ready);
    uv_timer_start(&timer, on_timer, 0, 0);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
