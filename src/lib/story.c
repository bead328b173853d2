/* SPDX-License-Identifier: MIT */
/* Outputs of the core as events; see story.h. Words are in words.c. */
#include "lib/story.h"

#include <stdio.h>

#include "lib/advice.h"
#include "lib/words.h"
#include "lib/words_relay.h"

static void put_listening(hop_events *events, const hop_core *core, const hop_output *output,
                          int64_t at_us);
static void put_address(hop_events *events, const hop_output *output, const char *interface,
                        int64_t at_us);
static void put_established(hop_events *events, const hop_output *output, const hop_address *local,
                            int64_t at_us);
static void put_failed(hop_events *events, const hop_core *core, const hop_output *output,
                       int64_t at_us);
static void put_note(hop_events *events, const hop_output *output, int64_t at_us);

void hop_story_put(hop_events *events, const hop_core *core, const hop_output *output,
                   const hop_driver_detail *detail, int64_t at_us) {
    hop_event event = {.attempt = output->attempt, .at_us = at_us};
    switch (output->kind) {
    case HOP_OUT_LISTENING: put_listening(events, core, output, at_us); break;
    case HOP_OUT_CANDIDATE: put_address(events, output, detail->interface, at_us); break;
    case HOP_OUT_DESCRIBED:
        event.kind = HOP_EVENT_DESCRIBED;
        hop_events_put(events, &event);
        break;
    case HOP_OUT_PEER:
        event.kind = HOP_EVENT_PEER;
        hop_events_put(events, &event);
        break;
    case HOP_OUT_ESTABLISHED: put_established(events, output, detail->local, at_us); break;
    case HOP_OUT_FAILED: put_failed(events, core, output, at_us); break;
    case HOP_OUT_NOTE: put_note(events, output, at_us); break;
    default: break; /* actions, which the driver keeps to itself */
    }
}

void hop_story_put_broken(hop_events *events, int error, int64_t at_us) {
    put_failed(events, NULL, &(hop_output){.error = (enum hop_error)error}, at_us);
}

static void put_listening(hop_events *events, const hop_core *core, const hop_output *output,
                          int64_t at_us) {
    char address[HOP_ADDRESS_TEXT_SIZE];
    char room[2 * HOP_KEY_SIZE + 1];
    const uint8_t *key = hop_core_room(core);
    hop_address_print(&output->address, address);
    for (size_t i = 0; i < HOP_KEY_SIZE; i++)
        snprintf(room + 2 * i, 3, "%02x", key[i]);
    hop_event event = {.kind = HOP_EVENT_LISTENING, .address = address, .room = room};
    event.at_us = at_us;
    hop_events_put(events, &event);
}

static void put_address(hop_events *events, const hop_output *output, const char *interface,
                        int64_t at_us) {
    char address[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&output->candidate.address, address);
    hop_event event = {.kind = HOP_EVENT_CANDIDATE, .address = address, .at_us = at_us};
    event.candidate = hop_words_candidate(output->candidate.type);
    event.interface = interface;
    hop_events_put(events, &event);
}

static void put_established(hop_events *events, const hop_output *output, const hop_address *local,
                            int64_t at_us) {
    char local_text[HOP_ADDRESS_TEXT_SIZE], remote_text[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(local, local_text);
    hop_address_print(&output->address, remote_text);
    hop_event event = {.kind = HOP_EVENT_ESTABLISHED, .attempt = output->attempt};
    event.route = (hop_route)output->route;
    if (output->relay_reason != HOP_RELAY_REASON_NONE)
        event.reason = hop_words_relay_reason(output->relay_reason);
    event.local = local_text;
    event.remote = remote_text;
    event.tcp_us = output->tcp_us;
    event.attempt_us = output->attempt_us;
    event.knock_us = output->knock_us;
    event.at_us = at_us;
    hop_events_put(events, &event);
}

/* core NULL: the machine failed it. */
static void put_failed(hop_events *events, const hop_core *core, const hop_output *output,
                       int64_t at_us) {
    char report[HOP_WORDS_REPORT_SIZE];
    hop_words_report(output->error, output->report, report, sizeof report);
    hop_event event = {.kind = HOP_EVENT_FAILED, .attempt = output->attempt};
    event.error = output->error;
    event.text = hop_error_text(output->error);
    unsigned facts = hop_advice_facts(output);
    if (core != NULL && hop_core_one_interface(core)) facts |= HOP_FACT_ONE_INTERFACE;
    hop_advice advice = hop_advice_choose(output->error, facts);
    event.advice = hop_advice_text(advice, output->error);
    event.reason = hop_advice_name(advice, output->error);
    event.report = report;
    event.at_us = at_us;
    hop_events_put(events, &event);
}

static void put_note(hop_events *events, const hop_output *output, int64_t at_us) {
    char text[HOP_WORDS_NOTE_SIZE];
    hop_words_note(&output->note, text, sizeof text);
    hop_event event = {.kind = HOP_EVENT_NOTE, .attempt = output->note.attempt, .text = text};
    event.at_us = at_us;
    hop_events_put(events, &event);
}
