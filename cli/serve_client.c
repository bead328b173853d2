/* SPDX-License-Identifier: MIT */
/*
 * Reading, framing and writing of one connection.
 */
#include "cli/serve_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "cli/serve_address.h"
#include "cli/serve_rtt.h"
#include "wire/stun.h"

#define KEEPALIVE_S 25

/* What the kernel did not take at once. */
struct rest {
    uv_write_t request;
    char bytes[];
};

static size_t take_pending(struct serve_client *client, const uint8_t *bytes, size_t size);
static bool write_rest(struct serve_client *client, const uv_buf_t *pieces, unsigned count,
                       size_t done, size_t total);
static void on_written(uv_write_t *request, int status);
static void on_closed(uv_handle_t *handle);

struct serve_client *serve_client_new(uv_loop_t *loop) {
    struct serve_client *client = calloc(1, sizeof *client);
    if (client == NULL) return NULL;
    if (uv_tcp_init(loop, &client->tcp) != 0) {
        free(client);
        return NULL;
    }
    client->tcp.data = client; /* tells it from the loop's other handles */
    return client;
}

/* A client reads all the time, so who acknowledges nothing for a bit longer than the keepalive's
 * idle time is dead. With that limit Linux does not count the questions; it looks at the time each
 * time it asks one. */
void serve_client_prepare(struct serve_client *client, unsigned keepalive_s) {
    uv_os_fd_t fd;
    unsigned idle_s = keepalive_s != 0 ? keepalive_s : KEEPALIVE_S;
    unsigned timeout_ms = idle_s * 1200;
    unsigned interval_s = idle_s < 10 ? 1 : idle_s / 5;
    uv_tcp_nodelay(&client->tcp, 1);
    uv_tcp_keepalive(&client->tcp, 1, idle_s);
    if (uv_fileno((uv_handle_t *)&client->tcp, &fd) != 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

bool serve_client_feed(struct serve_client *client, const uint8_t *bytes, size_t size,
                       serve_client_taker *take) {
    while (size > 0) {
        const uint8_t *header = client->pending != NULL ? client->pending : bytes;
        size_t there = client->pending != NULL ? client->pending_size : size;
        size_t frame = 0;
        if (there >= HOP_STUN_HEADER_SIZE) {
            frame = hop_stun_frame_size(header);
            if (frame == 0) return false;
        }
        if (client->pending == NULL && frame > 0 && size >= frame) {
            bytes += frame;
            size -= frame;
            if (!take(client, bytes - frame, frame)) return true;
            continue;
        }
        if (client->pending == NULL) {
            client->pending = malloc(HOP_STUN_SIZE_MAX);
            client->pending_size = 0;
            if (client->pending == NULL) return false;
        }
        size_t taken = take_pending(client, bytes, size);
        if (taken == 0) return false;
        bytes += taken;
        size -= taken;
        if (client->pending_size < HOP_STUN_HEADER_SIZE ||
            client->pending_size != hop_stun_frame_size(client->pending))
            continue;
        uint8_t *message = client->pending;
        client->pending = NULL;
        bool open = take(client, message, client->pending_size);
        free(message);
        if (!open) return true;
    }
    return true;
}

bool serve_client_write(struct serve_client *client, const uv_buf_t *pieces, unsigned count) {
    size_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += pieces[i].len;
    int done = uv_try_write((uv_stream_t *)&client->tcp, pieces, count);
    if (done == UV_EAGAIN) done = 0;
    if (done < 0) return false;
    return (size_t)done == total || write_rest(client, pieces, count, (size_t)done, total);
}

void serve_client_close(struct serve_client *client) {
    if (!uv_is_closing((uv_handle_t *)&client->tcp))
        uv_close((uv_handle_t *)&client->tcp, on_closed);
}

uint32_t serve_client_rtt_us(const struct serve_client *client) {
    uv_os_fd_t fd;
    return uv_fileno((const uv_handle_t *)&client->tcp, &fd) == 0 ? serve_rtt_us(fd) : 0;
}

hop_address serve_client_remote(const struct serve_client *client) {
    struct sockaddr_storage system = {.ss_family = AF_UNSPEC};
    int size = sizeof system;
    uv_tcp_getpeername(&client->tcp, (struct sockaddr *)&system, &size);
    hop_address address = serve_address_from_system(&system);
    return hop_address_unmapped(&address);
}

hop_address serve_client_local(const struct serve_client *client) {
    struct sockaddr_storage system = {.ss_family = AF_UNSPEC};
    int size = sizeof system;
    uv_tcp_getsockname(&client->tcp, (struct sockaddr *)&system, &size);
    hop_address address = serve_address_from_system(&system);
    return hop_address_unmapped(&address);
}

/* First the header, which tells the size, then the rest. Returns how much was taken, 0 when the
 * header is no STUN message's. */
static size_t take_pending(struct serve_client *client, const uint8_t *bytes, size_t size) {
    size_t want = HOP_STUN_HEADER_SIZE;
    if (client->pending_size >= HOP_STUN_HEADER_SIZE) want = hop_stun_frame_size(client->pending);
    if (want <= client->pending_size) return 0;
    size_t taken = want - client->pending_size;
    if (taken > size) taken = size;
    memcpy(client->pending + client->pending_size, bytes, taken);
    client->pending_size = (uint16_t)(client->pending_size + taken);
    return taken;
}

static bool write_rest(struct serve_client *client, const uv_buf_t *pieces, unsigned count,
                       size_t done, size_t total) {
    size_t queued = uv_stream_get_write_queue_size((const uv_stream_t *)&client->tcp);
    if (queued + total - done > SERVE_CLIENT_QUEUE_MAX) return false;
    struct rest *rest = malloc(sizeof *rest + total - done);
    if (rest == NULL) return false;
    size_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        size_t skip = done < pieces[i].len ? done : pieces[i].len;
        memcpy(rest->bytes + size, pieces[i].base + skip, pieces[i].len - skip);
        size += pieces[i].len - skip;
        done -= skip;
    }
    uv_buf_t buffer = uv_buf_init(rest->bytes, (unsigned)size);
    if (uv_write(&rest->request, (uv_stream_t *)&client->tcp, &buffer, 1, on_written) == 0)
        return true;
    free(rest);
    return false;
}

/* A failure shows in the reading as well, and is dealt with there. */
static void on_written(uv_write_t *request, int status) {
    (void)status;
    free(request);
}

static void on_closed(uv_handle_t *handle) {
    struct serve_client *client = (struct serve_client *)handle;
    free(client->pending);
    free(client);
}
