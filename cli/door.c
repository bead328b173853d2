/* SPDX-License-Identifier: MIT */
/*
 * The listening socket of --bind in the loop.
 */
#include "cli/door.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "cli/carrier.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/out.h"
#include "cli/session.h"
#include "cli/tell.h"

/* Each client is an attempt with a port of its own, and two threads. */
#define CLIENTS_MAX 64

static void on_client(uv_poll_t *poll, int status, int events);
static void tell_bound(int fd);

int door_open(struct door *door, struct session *session, const char *address) {
    int error = local_listen(address, &door->fd);
    if (error != 0) {
        tell_failed(HOP_E_PORT, "Choose another address or port, or end who has it.",
                    "cannot listen on %s: %s", address, strerror(error));
        return STATUS_OTHER;
    }
    if (uv_poll_init(&session->loop, &door->poll, door->fd) < 0) {
        close(door->fd);
        tell_error(HOP_E_SYSTEM);
        return STATUS_OTHER;
    }
    door->poll.data = door;
    door->session = session;
    uv_poll_start(&door->poll, UV_READABLE, on_client);
    tell_bound(door->fd);
    return STATUS_DONE;
}

bool door_is_open(const struct door *door) {
    return door->session != NULL;
}

void door_mind(struct door *door) {
    if (!door_is_open(door) || !door->paused) return;
    if (carrier_total(door->session) >= CLIENTS_MAX) return;
    door->paused = false;
    uv_poll_start(&door->poll, UV_READABLE, on_client);
}

void door_close(struct door *door) {
    if (!door_is_open(door)) return;
    uv_close((uv_handle_t *)&door->poll, NULL);
    close(door->fd);
    door->session = NULL;
}

static void on_client(uv_poll_t *poll, int status, int events) {
    struct door *door = poll->data;
    struct session *session = door->session;
    (void)status;
    (void)events;
    int client = accept4(door->fd, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0 && errno != EMFILE && errno != ENFILE) return;
    if (client >= 0) {
        session_count(session);
        carrier_call(session, client);
    }
    /* Out of descriptors is too many as well; the next that ends makes room. */
    if (door_is_open(door) && (client < 0 || carrier_total(session) >= CLIENTS_MAX)) {
        door->paused = true;
        uv_poll_stop(&door->poll);
    }
    session_settle(session);
}

static void tell_bound(int fd) {
    char name[LOCAL_HOST_SIZE];
    local_name(fd, name, sizeof name);
    cJSON *json = out_event("bound");
    cJSON_AddStringToObject(json, "address", name);
    out_emit(json);
    out_story("clients may connect to %s", name);
}
