/* SPDX-License-Identifier: MIT */
/*
 * One function a thing, words and JSON side by side.
 */
#include "cli/serve_log.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <uv.h>

#include "cli/out.h"
#include "cli/tell.h"

#define ROOM_TEXT_SIZE (2 * HOP_KEY_SIZE + 1)

static cJSON *begin(const char *name, const hop_rendezvous_output *output, const char *address);
static void log_start(const hop_rendezvous_output *output, const char *address,
                      const hop_address *other);
static void log_refusal(const hop_rendezvous_output *output, const char *address);
static void log_relay(const hop_rendezvous_output *output, const char *address, const char *name);
static void print_room(const uint8_t *room, char text[static ROOM_TEXT_SIZE]);

void serve_log_ready(const hop_address *addresses, size_t count) {
    cJSON *event = out_event("ready");
    cJSON *array = cJSON_AddArrayToObject(event, "addresses");
    char line[1024] = "";
    for (size_t i = 0; i < count; i++) {
        char text[HOP_ADDRESS_TEXT_SIZE];
        hop_address_print(&addresses[i], text);
        cJSON_AddItemToArray(array, cJSON_CreateString(text));
        size_t at = strlen(line);
        snprintf(line + at, sizeof line - at, "%s%s", i > 0 ? ", " : "", text);
    }
    out_emit(event);
    out_line("rendezvous server ready on %s", line);
}

void serve_log_output(const hop_rendezvous_output *output, const hop_address *other) {
    if (!out_json() && !out_verbose()) return;
    char address[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&output->address, address);
    switch (output->log) {
    case HOP_RENDEZVOUS_LOG_REGISTER:
        out_emit(begin("register", output, address));
        out_story("%s listens in room %02x%02x...", address, output->room[0], output->room[1]);
        break;
    case HOP_RENDEZVOUS_LOG_KNOCK: {
        cJSON *event = begin("knock", output, address);
        cJSON_AddBoolToObject(event, "parked", output->parked);
        out_emit(event);
        out_story("%s knocks in room %02x%02x...%s", address, output->room[0], output->room[1],
                  output->parked ? " and waits" : "");
        break;
    }
    case HOP_RENDEZVOUS_LOG_START: log_start(output, address, other); break;
    case HOP_RENDEZVOUS_LOG_RELAY_START: log_relay(output, address, "relay_start"); break;
    case HOP_RENDEZVOUS_LOG_RELAY_END: log_relay(output, address, "relay_end"); break;
    case HOP_RENDEZVOUS_LOG_REFUSE: log_refusal(output, address); break;
    case HOP_RENDEZVOUS_LOG_EXPIRE: {
        cJSON *event = out_event("expire");
        cJSON_AddStringToObject(event, "address", address);
        out_emit(event);
        out_story("%s has been silent or waiting for too long", address);
        break;
    }
    }
}

void serve_log_dialback(const hop_address *target, const hop_dialback *told) {
    static const char words[][16] = {
        [HOP_DIALBACK_UNKNOWN] = "unknown", [HOP_DIALBACK_CONNECTED] = "connected",
        [HOP_DIALBACK_RESET] = "refused",   [HOP_DIALBACK_ICMP] = "icmp",
        [HOP_DIALBACK_SILENT] = "silent",   [HOP_DIALBACK_WAITED] = "waited"};
    if (!out_json() && !out_verbose()) return;
    char address[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(target, address);
    cJSON *event = out_event("dialback");
    cJSON_AddStringToObject(event, "address", address);
    cJSON_AddStringToObject(event, "outcome", words[told->outcome]);
    out_emit(event);
    out_story("%s is dialled back for its check: %s", address, words[told->outcome]);
}

void serve_log_second_failed(const hop_address *address, int uv_error) {
    char text[HOP_ADDRESS_TEXT_SIZE], line[256];
    hop_address_print(address, text);
    snprintf(line, sizeof line, "cannot listen on %s as well (%s): clients learn less of their NAT",
             text, uv_strerror(uv_error));
    cJSON *event = out_event("note");
    cJSON_AddStringToObject(event, "text", line);
    out_emit(event);
    out_line("%s", line);
}

void serve_log_listen_failed(const hop_address *address, int uv_error) {
    char text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(address, text);
    int error = HOP_E_SYSTEM;
    const char *advice = "Choose another address with --listen.";
    if (uv_error == UV_EADDRINUSE) {
        error = HOP_E_PORT;
        advice =
            "Another program listens there, perhaps another 'hopconn serve': end it, or choose "
            "another port with --listen ADDR:PORT.";
    } else if (uv_error == UV_EACCES) {
        advice = "Ports below 1024 are for root; choose a higher one with --listen ADDR:PORT.";
    } else if (uv_error == UV_EADDRNOTAVAIL) {
        advice = "This machine does not have that address; 'ip address' shows those it has.";
    }
    tell_failed(error, advice, "cannot listen on %s: %s", text, uv_strerror(uv_error));
}

static cJSON *begin(const char *name, const hop_rendezvous_output *output, const char *address) {
    char room[ROOM_TEXT_SIZE];
    print_room(output->room, room);
    cJSON *event = out_event(name);
    cJSON_AddStringToObject(event, "address", address);
    cJSON_AddStringToObject(event, "room", room);
    return event;
}

static void log_start(const hop_rendezvous_output *output, const char *address,
                      const hop_address *other) {
    char other_text[HOP_ADDRESS_TEXT_SIZE];
    double delay_ms = (double)output->delay_us / 1000.0;
    double other_delay_ms = (double)output->other_delay_us / 1000.0;
    hop_address_print(other, other_text);
    cJSON *event = begin("start", output, address);
    cJSON_AddStringToObject(event, "listener", other_text);
    cJSON_AddNumberToObject(event, "delay_ms", delay_ms);
    cJSON_AddNumberToObject(event, "listener_delay_ms", other_delay_ms);
    out_emit(event);
    out_story("%s and %s start, after %.1f and %.1f ms", address, other_text, delay_ms,
              other_delay_ms);
}

/* Of a connection that was closed before it said anything, no room is known. */
static void log_refusal(const hop_rendezvous_output *output, const char *address) {
    cJSON *event = out_event("refusal");
    cJSON_AddStringToObject(event, "address", address);
    cJSON_AddNumberToObject(event, "code", output->code);
    out_emit(event);
    out_story("%s is refused: %u", address, output->code);
}

static void log_relay(const hop_rendezvous_output *output, const char *address, const char *name) {
    static const char *const ends[] = {[HOP_RENDEZVOUS_END_DONE] = "done",
                                       [HOP_RENDEZVOUS_END_BROKEN] = "broken",
                                       [HOP_RENDEZVOUS_END_UNUSED] = "unused",
                                       [HOP_RENDEZVOUS_END_IDLE] = "idle"};
    char other[HOP_ADDRESS_TEXT_SIZE];
    bool over = output->log == HOP_RENDEZVOUS_LOG_RELAY_END;
    hop_address_print(&output->other_address, other);
    cJSON *event = begin(name, output, address);
    cJSON_AddStringToObject(event, "listener", other);
    if (over) {
        cJSON_AddNumberToObject(event, "moved", (double)output->moved[0]);
        cJSON_AddNumberToObject(event, "listener_moved", (double)output->moved[1]);
        cJSON_AddNumberToObject(event, "lasted_ms", (double)output->lasted_us / 1000.0);
        cJSON_AddStringToObject(event, "end", ends[output->end]);
    }
    out_emit(event);
    if (over)
        out_story("the relay of %s and %s is over (%s): %llu and %llu bytes", address, other,
                  ends[output->end], (unsigned long long)output->moved[0],
                  (unsigned long long)output->moved[1]);
    else
        out_story("relays between %s and %s", address, other);
}

static void print_room(const uint8_t *room, char text[static ROOM_TEXT_SIZE]) {
    for (size_t i = 0; i < HOP_KEY_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", room[i]);
}
