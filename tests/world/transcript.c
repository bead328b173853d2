/* SPDX-License-Identifier: MIT */
/* The story; see transcript.h. The functions of cli/out.h are defined here: in a test's program
 * there is no other. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "lib/inside.h"

#include "transcript.h"

#include "cli/out.h"
#include "cli/serve_log.h"
#include "cli/tell.h"
#include "lib/story.h"
#include "places.h"

#define LINE_SIZE 1024

/* Who is speaking, while one of cli/'s functions runs. */
static transcript *current;
static const char *speaker;

static void put(const char *format, va_list list) __attribute__((format(printf, 1, 0)));

static void put(const char *format, va_list list) {
    char line[LINE_SIZE];
    if (current == NULL) return;
    vsnprintf(line, sizeof line, format, list);
    current->tell(current->context, current->schedule->now_us, speaker, line);
}

void out_line(const char *format, ...) {
    va_list list;
    va_start(list, format);
    put(format, list);
    va_end(list);
}

void out_story(const char *format, ...) {
    va_list list;
    va_start(list, format);
    put(format, list);
    va_end(list);
}

void out_at(int64_t at_us) {
    (void)at_us; /* it is now */
}

bool out_json(void) {
    return false;
}

bool out_verbose(void) {
    return true;
}

/* For nobody: lines alone are told. */
struct cJSON *out_event(const char *name) {
    (void)name;
    return cJSON_CreateObject();
}

void out_emit(struct cJSON *event) {
    cJSON_Delete(event);
}

void transcript_say(transcript *story, const char *who, const char *format, ...) {
    va_list list;
    if (story->tell == NULL) return;
    current = story;
    speaker = who;
    va_start(list, format);
    put(format, list);
    va_end(list);
    current = NULL;
}

void transcript_output(transcript *story, const char *who, const hop_core *core,
                       const hop_output *output, const hop_address *local) {
    hop_events events = {0};
    hop_event event;
    if (story->tell == NULL) return;
    current = story;
    speaker = who;
    hop_driver_detail detail = {.local = local};
    hop_story_put(&events, core, output, &detail, story->schedule->now_us);
    while (hop_events_take(&events, &event))
        tell_event(&event);
    hop_events_clear(&events);
    current = NULL;
}

void transcript_server(transcript *story, const hop_rendezvous_output *output,
                       const hop_address *other) {
    if (story->tell == NULL) return;
    current = story;
    speaker = "server";
    serve_log_output(output, other);
    current = NULL;
}

/* --- the network ---------------------------------------------------------------------------------
 */

static const char *why_words(nat_why why) {
    switch (why) {
    case NAT_WHY_STRANGER: return "nobody here has called there";
    case NAT_WHY_NO_PORT: return "no port is left";
    case NAT_WHY_SIMOPEN: return "it lets no SYNs cross";
    case NAT_WHY_INVALID: return "it fits no connection that it follows";
    case NAT_WHY_BURNT: return "the port is burnt for this peer";
    case NAT_WHY_NONE: break;
    }
    return "it may not pass";
}

static bool worth_telling(transcript *story, unsigned place, bool refused) {
    unsigned count = ++story->counts[place][refused];
    return count <= 3 || count % 16 == 0;
}

/* Its packets are between the home's outside, 100.64.n.2, and the world. */
static bool is_carriers(const spec *plan, unsigned place, const packet *seen) {
    hop_address wan = places_home_wan(plan, place);
    bool from_inside = places_on_link(plan, place, &seen->source);
    return places_carrier(plan, place) == (int)place && !from_inside &&
           !hop_address_same_ip(&wan, &seen->target);
}

static void name_filter(const transcript *story, unsigned place, const packet *seen, char *who,
                        size_t size) {
    const spec_site *site = &story->spec->sites[place];
    bool translates = seen->target.family == HOP_FAMILY_IPV4 && !site->nats[0].none;
    bool carriers = translates && is_carriers(story->spec, place, seen);
    snprintf(who, size, "%s's %s", site->name,
             carriers     ? "carrier"
             : translates ? "NAT"
                          : "firewall");
}

static void name_path(const transcript *story, unsigned place, const packet *seen, char *who,
                      size_t size) {
    int to = places_route(story->spec, &seen->target);
    const spec_site *sites = story->spec->sites;
    snprintf(who, size, "%s-%s", place == SPEC_SERVER ? "server" : sites[place].name,
             to < 0              ? sites[place].name
             : to == SPEC_SERVER ? "server"
                                 : sites[to].name);
}

void transcript_see(transcript *story, network_sight sight, unsigned place, const packet *seen,
                    nat_why why) {
    char who[2 * SPEC_NAME_SIZE];
    char source[HOP_ADDRESS_TEXT_SIZE];
    char target[HOP_ADDRESS_TEXT_SIZE];
    bool syn = seen->kind == PACKET_TCP && (seen->flags & PACKET_SYN) != 0;
    bool refused = sight == NETWORK_REFUSED;
    if (story->tell == NULL || seen->kind != PACKET_TCP) return;
    hop_address_print(&seen->source, source);
    hop_address_print(&seen->target, target);
    if (sight == NETWORK_LOST && (syn || seen->size > 0 || (seen->flags & PACKET_RST) != 0)) {
        name_path(story, place, seen, who, sizeof who);
        transcript_say(story, who, "loses the %s from %s to %s", packet_name(seen), source, target);
    } else if (sight == NETWORK_EXPIRED) {
        name_path(story, place, seen, who, sizeof who);
        transcript_say(story, who, "the TTL of the %s from %s to %s runs out", packet_name(seen),
                       source, target);
    } else if ((refused || sight == NETWORK_DROPPED) && syn &&
               worth_telling(story, place, refused)) {
        name_filter(story, place, seen, who, sizeof who);
        transcript_say(story, who, "%s the %s from %s to %s: %s", refused ? "refuses" : "drops",
                       packet_name(seen), source, target, why_words(why));
    }
}
