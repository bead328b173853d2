/* SPDX-License-Identifier: MIT */
/*
 * One function a thing that can be said; each fills the JSON event and the line side by side, so
 * that they cannot drift apart.
 */
#include "cli/tell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli/command.h"
#include "cli/out.h"

static cJSON *established_json(const hop_event *event);
static void tell_connected(const hop_event *event);
static void tell_listening(const hop_event *event);
static void tell_candidate(const hop_event *event);
static void tell_peer(const hop_event *event);
static void tell_note(const hop_event *event);
static void tell_failure(const hop_event *event);
static void each_line(const char *report, void (*use)(void *context, const char *line),
                      void *context);
static void add_line(void *lines, const char *line);
static void tell_line(void *unused, const char *line);
static const char *or_empty(const char *text);

void tell_event(const hop_event *event) {
    out_at(event->at_us);
    switch (event->kind) {
    case HOP_EVENT_LISTENING: tell_listening(event); break;
    case HOP_EVENT_CANDIDATE: tell_candidate(event); break;
    case HOP_EVENT_PEER: tell_peer(event); break;
    case HOP_EVENT_NOTE: tell_note(event); break;
    case HOP_EVENT_FAILED:
        tell_failure(&(hop_event){
            .attempt = event->attempt,
            .error = event->error,
            .text = event->text != NULL ? event->text : hop_error_text(event->error),
            .advice = event->advice != NULL ? event->advice : hop_error_advice(event->error),
            .report = event->report,
            .reason = event->reason,
        });
        break;
    case HOP_EVENT_ESTABLISHED: tell_connected(event); break;
    case HOP_EVENT_NONE:
    case HOP_EVENT_DESCRIBED: break;
    }
    out_at(0);
}

void tell_established(const hop_event *event, bool encrypted) {
    double attempt_ms = (double)event->attempt_us / 1000.0;
    cJSON *json = established_json(event);
    cJSON_AddBoolToObject(json, "encrypted", encrypted);
    out_emit(json);
    out_story(encrypted ? "encrypted by TLS 1.3" : "not encrypted");
    bool relayed = event->reason != NULL;
    out_line("connected to %s, %s%s%s%s, in %.*f ms", or_empty(event->remote),
             hop_route_name(event->route), relayed ? " (" : "", or_empty(event->reason),
             relayed ? ")" : "", attempt_ms < 10 ? 1 : 0, attempt_ms);
}

void tell_recorded(const hop_event *event) {
    tell_event(event);
    if (event->kind != HOP_EVENT_ESTABLISHED) return;
    out_at(event->at_us);
    out_emit(established_json(event));
    out_at(0);
}

void tell_error(int error) {
    tell_failure(&(hop_event){
        .error = error, .text = hop_error_text(error), .advice = hop_error_advice(error)});
}

void tell_unstarted(int error, const char *record) {
    if (error != HOP_E_RECORD) {
        tell_error(error);
        return;
    }
    if (record == NULL) record = getenv("HOP_RECORD");
    tell_failed(error, "Name a file in a folder that exists and that you may write to.",
                "cannot write the recording %s: %s", or_empty(record), strerror(errno));
}

void tell_failed(int error, const char *advice, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    tell_failure(&(hop_event){.error = error, .text = text, .advice = advice});
}

int tell_usage(const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    tell_failure(&(hop_event){.error = HOP_E_INVALID, .text = text});
    return STATUS_USAGE;
}

void tell_closed(uint64_t sent, uint64_t received, const char *reason) {
    cJSON *json = out_event("closed");
    cJSON_AddNumberToObject(json, "sent", (double)sent);
    cJSON_AddNumberToObject(json, "received", (double)received);
    cJSON_AddBoolToObject(json, "ok", reason == NULL);
    if (reason != NULL) cJSON_AddStringToObject(json, "reason", reason);
    out_emit(json);
    out_story("closed: %llu bytes sent, %llu received, %s", (unsigned long long)sent,
              (unsigned long long)received, reason == NULL ? "all delivered" : "not all delivered");
    if (reason != NULL) out_line("the connection broke before all was delivered: %s", reason);
}

static cJSON *established_json(const hop_event *event) {
    cJSON *json = out_event("established");
    cJSON_AddNumberToObject(json, "attempt", event->attempt);
    cJSON_AddStringToObject(json, "route", hop_route_name(event->route));
    cJSON_AddStringToObject(json, "local", or_empty(event->local));
    cJSON_AddStringToObject(json, "remote", or_empty(event->remote));
    cJSON_AddNumberToObject(json, "tcp_ms", (double)event->tcp_us / 1000.0);
    cJSON_AddNumberToObject(json, "attempt_ms", (double)event->attempt_us / 1000.0);
    if (event->reason != NULL) cJSON_AddStringToObject(json, "reason", event->reason);
    if (event->knock_us > 0) {
        cJSON_AddNumberToObject(json, "knock_ms", (double)event->knock_us / 1000.0);
    }
    return json;
}

static void tell_connected(const hop_event *event) {
    bool relayed = event->reason != NULL;
    out_story("connected from %s to %s, %s%s%s%s: TCP after %.1f ms, authenticated and nominated "
              "after %.1f ms",
              or_empty(event->local), or_empty(event->remote), hop_route_name(event->route),
              relayed ? " (" : "", or_empty(event->reason), relayed ? ")" : "",
              (double)event->tcp_us / 1000.0, (double)event->attempt_us / 1000.0);
}

static void tell_listening(const hop_event *event) {
    cJSON *json = out_event("listening");
    cJSON_AddStringToObject(json, "room", or_empty(event->room));
    cJSON_AddStringToObject(json, "address", or_empty(event->address));
    out_emit(json);
    out_story("registered with the server at %s, in room %s", or_empty(event->address),
              or_empty(event->room));
}

static void tell_candidate(const hop_event *event) {
    cJSON *json = out_event("candidate");
    cJSON_AddStringToObject(json, "type", or_empty(event->candidate));
    cJSON_AddStringToObject(json, "address", or_empty(event->address));
    if (event->interface != NULL) cJSON_AddStringToObject(json, "interface", event->interface);
    out_emit(json);
    out_story("our address: %s (%s%s%s)", or_empty(event->address), or_empty(event->candidate),
              event->interface != NULL ? ", " : "", or_empty(event->interface));
}

static void tell_peer(const hop_event *event) {
    cJSON *json = out_event("peer");
    cJSON_AddNumberToObject(json, "attempt", event->attempt);
    out_emit(json);
    out_story("the peer's description is here: attempt %d starts", event->attempt);
}

static void tell_note(const hop_event *event) {
    cJSON *json = out_event("note");
    cJSON_AddStringToObject(json, "text", or_empty(event->text));
    cJSON_AddNumberToObject(json, "attempt", event->attempt);
    out_emit(json);
    out_story("%s", or_empty(event->text));
}

/* The advice comes last, where the eye ends. With -v the report is part of the story. */
static void tell_failure(const hop_event *event) {
    cJSON *json = out_event("failed");
    const char *reason = event->reason != NULL ? event->reason : hop_error_name(event->error);
    if (event->attempt > 0) cJSON_AddNumberToObject(json, "attempt", event->attempt);
    cJSON_AddStringToObject(json, "error", hop_error_name(event->error));
    cJSON_AddStringToObject(json, "text", event->text);
    cJSON_AddStringToObject(json, "reason", reason);
    cJSON_AddStringToObject(json, "advice", or_empty(event->advice));
    each_line(event->report, add_line, cJSON_AddArrayToObject(json, "report"));
    out_emit(json);
    out_line("%s", event->text);
    if (!out_verbose() && event->attempt > 0 && event->error != HOP_E_CANCELLED)
        each_line(event->report, tell_line, NULL);
    if (event->advice != NULL && event->advice[0] != '\0') out_line("%s", event->advice);
}

static void each_line(const char *report, void (*use)(void *context, const char *line),
                      void *context) {
    while (report != NULL && report[0] != '\0') {
        size_t size = strcspn(report, "\n");
        char line[512];
        snprintf(line, sizeof line, "%.*s", (int)size, report);
        if (size > 0) use(context, line);
        report += size + (report[size] == '\n' ? 1 : 0);
    }
}

static void add_line(void *lines, const char *line) {
    cJSON_AddItemToArray(lines, cJSON_CreateString(line));
    out_story("  %s", line);
}

static void tell_line(void *unused, const char *line) {
    (void)unused;
    out_line("  %s", line);
}

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}
