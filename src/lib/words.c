/* SPDX-License-Identifier: MIT */
/* Notes, reasons and reports into words. */
#include "lib/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/limits.h"
#include "lib/words_nat.h"
#include "lib/words_relay.h"
#include "lib/words_network.h"

typedef struct line_out {
    char *text;
    size_t size;
    size_t at;
} line_out;

static line_out phrase_make(char *text, size_t size);
static void say(line_out *phrase, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say_duration(line_out *phrase, int64_t us);
static bool say_server(line_out *phrase, const hop_note *note, const char *address);
static bool say_meeting(line_out *phrase, const hop_note *note, const char *address);
static bool say_mapping(line_out *phrase, const hop_note *note, const char *address);
static void say_start(line_out *phrase, const hop_note *note, const char *address);
static bool say_nat(line_out *phrase, const hop_note *note, const char *address);
static void say_tried(line_out *phrase, const hop_report *report);
static void say_relay(line_out *phrase, const hop_report *report);
static void say_link(line_out *phrase, const hop_note *note, const char *address);
static void say_times(line_out *phrase, int64_t count);
static const char *proof_words(int64_t proof);
static const char *ordinal_ending(int64_t number);
static const char *candidate_words(unsigned type);
static const char *plural(unsigned count);
static void say_stage(line_out *phrase, int error, const hop_report *report);
static void say_pair(line_out *phrase, const hop_report_pair *pair);

void hop_words_note(const hop_note *note, char *text, size_t size) {
    line_out phrase = phrase_make(text, size);
    char address[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&note->address, address);
    if (say_server(&phrase, note, address)) return;
    if (say_meeting(&phrase, note, address)) return;
    if (say_mapping(&phrase, note, address)) return;
    if (say_nat(&phrase, note, address)) return;
    if (hop_words_relay(note, address, text, size)) return;
    if (hop_words_network(note, address, text, size)) return;
    say_link(&phrase, note, address);
}

void hop_words_report(int error, const hop_report *report, char *text, size_t size) {
    line_out phrase = phrase_make(text, size);
    say_stage(&phrase, error, report);
    if (report == NULL) return;
    say(&phrase, "; it lasted ");
    say_duration(&phrase, report->lasted_us);
    if (report->accepted_count > 0) {
        say(&phrase, "; %u came in", report->accepted_count);
        if (report->stranger_count > 0)
            say(&phrase, ", %u stranger%s", report->stranger_count, plural(report->stranger_count));
    } else if (report->stranger_count > 0) {
        say(&phrase, "; %u link%s proved nothing", report->stranger_count,
            plural(report->stranger_count));
    }
    say_tried(&phrase, report);
    say_relay(&phrase, report);
    for (unsigned i = 0; i < report->pair_count; i++) {
        say(&phrase, "\n");
        say_pair(&phrase, &report->pairs[i]);
    }
}

const char *hop_words_candidate(unsigned type) {
    switch ((hop_candidate_type)type) {
    case HOP_CANDIDATE_HOST: return "host";
    case HOP_CANDIDATE_SERVER_REFLEXIVE: return "srflx";
    case HOP_CANDIDATE_MAPPED: return "mapped";
    case HOP_CANDIDATE_RELAYED: return "relay";
    case HOP_CANDIDATE_PEER_REFLEXIVE: return "prflx";
    }
    return "unknown";
}

const char *hop_words_reason(hop_reason reason) {
    switch (reason) {
    case HOP_REASON_NONE: return "nothing is known";
    case HOP_REASON_REFUSED: return "refused";
    case HOP_REASON_UNREACHABLE: return "unreachable";
    case HOP_REASON_NO_ROUTE: return "this machine has no route there";
    case HOP_REASON_IN_USE: return "this pair of addresses is in use";
    case HOP_REASON_TIMED_OUT: return "no answer";
    case HOP_REASON_CLOSED: return "closed by the other side";
    case HOP_REASON_RESET: return "reset";
    case HOP_REASON_ABANDONED: return "no answer yet";
    case HOP_REASON_LOCAL: return "this machine is out of descriptors or memory";
    case HOP_REASON_RESOLVE: return "the name could not be resolved";
    case HOP_REASON_PROTOCOL: return "it does not speak our protocol";
    case HOP_REASON_FORBIDDEN: return "this machine forbids it";
    case HOP_REASON_NETWORK: return "this machine's network has changed";
    }
    return "unknown";
}

const char *hop_words_skip(hop_skip skip) {
    switch (skip) {
    case HOP_SKIP_NONE: return "nothing is wrong with it";
    case HOP_SKIP_SCOPE: return "it is nobody's address";
    case HOP_SKIP_LOOPBACK: return "it is a loopback address";
    case HOP_SKIP_PRIVATE: return "it is private and not of a network of ours";
    case HOP_SKIP_PORT: return "its port is a privileged one";
    case HOP_SKIP_FAMILY: return "we have no addresses of its family";
    case HOP_SKIP_LAN: return "private addresses are switched off";
    case HOP_SKIP_SELF: return "it is our own";
    case HOP_SKIP_TOO_MANY: return "there are too many";
    }
    return "unknown";
}

static line_out phrase_make(char *text, size_t size) {
    text[0] = 0;
    return (line_out){text, size, 0};
}

static void say(line_out *phrase, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = phrase->size - phrase->at;
    int length = vsnprintf(phrase->text + phrase->at, room, format, arguments);
    va_end(arguments);
    if (length > 0) phrase->at += (size_t)length < room ? (size_t)length : room - 1;
}

static void say_duration(line_out *phrase, int64_t us) {
    if (us < 10000)
        say(phrase, "%.1f ms", (double)us / 1000);
    else if (us < 1000000)
        say(phrase, "%" PRId64 " ms", us / 1000);
    else
        say(phrase, "%.1f s", (double)us / 1000000);
}

static bool say_server(line_out *phrase, const hop_note *note, const char *address) {
    const char *reason = hop_words_reason(note->reason);
    switch (note->kind) {
    case HOP_NOTE_SERVER_DIAL: say(phrase, "calls the server %s", address); return true;
    case HOP_NOTE_SERVER_CONNECTED:
        say(phrase, "the server %s answers", address);
        if (note->number > 0) {
            say(phrase, ", ");
            say_duration(phrase, note->number);
            say(phrase, " there and back");
        }
        return true;
    case HOP_NOTE_SERVER_HELD:
        say(phrase, "waits for the server by IPv4, which alone shows our address there, at most ");
        say_duration(phrase, note->number);
        return true;
    case HOP_NOTE_SERVER_FAILED:
        if (note->address.family == HOP_FAMILY_NONE)
            say(phrase, "no server: %s", reason);
        else
            say(phrase, "the server %s is not reached: %s", address, reason);
        return true;
    case HOP_NOTE_SERVER_LOST:
        if (note->address.family == HOP_FAMILY_NONE)
            say(phrase, "has no server (%s), calls it again in ", reason);
        else
            say(phrase, "the server %s is lost (%s), calls it again in ", address, reason);
        say_duration(phrase, note->number);
        return true;
    case HOP_NOTE_SERVER_REFUSED:
        say(phrase, "the server refuses, code %" PRId64, note->number);
        return true;
    case HOP_NOTE_SERVER_CLOCK:
        say(phrase, "the server's clock is ");
        say_duration(phrase, note->number < 0 ? -note->number : note->number);
        say(phrase, " %s ours, signs again by its time", note->number < 0 ? "behind" : "ahead of");
        return true;
    default: return false;
    }
}

static bool say_meeting(line_out *phrase, const hop_note *note, const char *address) {
    switch (note->kind) {
    case HOP_NOTE_REGISTERED: say(phrase, "the server sees us as %s", address); return true;
    case HOP_NOTE_KNOCKED: say(phrase, "knocks"); return true;
    case HOP_NOTE_WAITING:
        say(phrase, "the server heard the knock");
        if (note->address.family != HOP_FAMILY_NONE) say(phrase, "; it sees us as %s", address);
        return true;
    case HOP_NOTE_START: say_start(phrase, note, address); return true;
    case HOP_NOTE_CANDIDATE:
        say(phrase, "the peer offers %s (%s)", address, candidate_words(note->type));
        return true;
    case HOP_NOTE_CANDIDATE_SKIPPED:
        say(phrase, "leaves out %s (%s): %s", address, candidate_words(note->type),
            hop_words_skip(note->skip));
        return true;
    default: return false;
    }
}

static const char *protocol_words(hop_map_protocol protocol) {
    switch (protocol) {
    case HOP_MAP_NONE: break;
    case HOP_MAP_PCP: return "PCP";
    case HOP_MAP_NATPMP: return "NAT-PMP";
    case HOP_MAP_UPNP: return "UPnP";
    }
    return "no protocol";
}

static void say_unmapped(line_out *phrase, const hop_note *note, const char *address) {
    const char *protocol = protocol_words(note->protocol);
    switch (note->trouble) {
    case HOP_MAP_TROUBLE_NONE: say(phrase, "the router maps no port"); break;
    case HOP_MAP_TROUBLE_SILENT:
        say(phrase, "no router here maps ports: none answers by PCP, NAT-PMP or UPnP");
        break;
    case HOP_MAP_TROUBLE_LOST:
        say(phrase, "the router has not renewed the mapping of %s by %s", address, protocol);
        break;
    case HOP_MAP_TROUBLE_UNUSABLE:
        say(phrase, "the router's mapping by %s (%s) is of no use", protocol, address);
        break;
    case HOP_MAP_TROUBLE_PERMANENT:
        say(phrase,
            "the router maps ports by %s only for ever: a crash would leave it open, so we "
            "ask for none",
            protocol);
        break;
    case HOP_MAP_TROUBLE_REFUSED:
        say(phrase, "the router refuses to map a port by %s", protocol);
        if (note->number != 0) say(phrase, ", code %" PRId64, note->number);
        break;
    case HOP_MAP_TROUBLE_DOUBLE_NAT:
        say(phrase, "double NAT: the router's outside address is private (%s, by %s)", address,
            protocol);
        break;
    }
}

static bool say_mapping(line_out *phrase, const hop_note *note, const char *address) {
    switch (note->kind) {
    case HOP_NOTE_MAPPED:
        say(phrase, "the router maps our port to %s by %s for %" PRId64 " s", address,
            protocol_words(note->protocol), note->number);
        return true;
    case HOP_NOTE_UNMAPPED: say_unmapped(phrase, note, address); return true;
    case HOP_NOTE_MAPPED_ELSEWHERE:
        say(phrase, "the server sees us at another address than the router says: offers %s",
            address);
        return true;
    default: return false;
    }
}

static bool say_nat(line_out *phrase, const hop_note *note, const char *address) {
    hop_nat nat = {.mapping = (uint8_t)note->number, .preserving = note->type != 0};
    char words[192];
    nat.delta = (int16_t)note->extra;
    switch (note->kind) {
    case HOP_NOTE_NAT: hop_words_nat_line(&nat, "our", words, sizeof words); break;
    case HOP_NOTE_PEER_NAT: hop_words_nat_line(&nat, "the peer's", words, sizeof words); break;
    case HOP_NOTE_PLAN:
        say(phrase, "%s", hop_words_strategy((hop_strategy_kind)note->number));
        return true;
    case HOP_NOTE_SHOTS: hop_words_shots(note, address, words, sizeof words); break;
    case HOP_NOTE_TOLD:
        if (note->address.family != HOP_FAMILY_NONE)
            say(phrase, "the peer tells where its NAT is now: %s", address);
        else
            say(phrase, "the peer tells how its NAT behaves");
        return true;
    default: return false;
    }
    say(phrase, "%s", words);
    return true;
}

/* Nothing is said of NATs where nobody asked. */
static void say_tried(line_out *phrase, const hop_report *report) {
    char words[192];
    if (report->own.mapping == HOP_NAT_UNKNOWN && report->peer.mapping == HOP_NAT_UNKNOWN) return;
    hop_words_nat_line(&report->own, "our", words, sizeof words);
    say(phrase, "\n%s; ", words);
    hop_words_nat_line(&report->peer, "the peer's", words, sizeof words);
    say(phrase, "%s", words);
    for (unsigned kind = HOP_STRATEGY_OPENER; kind <= HOP_STRATEGY_HOPELESS; kind++)
        if (report->tried & 1u << kind)
            say(phrase, "\n%s", hop_words_strategy((hop_strategy_kind)kind));
    if (report->shot_count > 0)
        say(phrase, ": %u dial%s in %u round%s", report->shot_count,
            report->shot_count == 1 ? "" : "s", report->rounds, report->rounds == 1 ? "" : "s");
}

/* By hand nobody has measured the way, whether or not a STUN server has told us addresses. */
static void say_start(line_out *phrase, const hop_note *note, const char *address) {
    bool by_server = note->address.family != HOP_FAMILY_NONE && note->extra > 0;
    if (by_server)
        say(phrase, "the server starts both: the peer is %s; begins ", address);
    else
        say(phrase, "has the peer's description; begins ");
    if (note->number >= HOP_MS / 10) {
        say(phrase, "in ");
        say_duration(phrase, note->number);
    } else {
        say(phrase, "at once");
    }
    if (note->extra > 0) {
        say(phrase, ", ");
        say_duration(phrase, note->extra);
        say(phrase, " to the peer and back through the server");
    }
}

static void say_relay(line_out *phrase, const hop_report *report) {
    char words[128];
    if (report->relay == HOP_RELAYED_OFF) return;
    hop_words_relay_report(report, words, sizeof words);
    say(phrase, "\nrelay: %s", words);
}

/* Not all of them are told. */
static void say_times(line_out *phrase, int64_t count) {
    if (count > 1) say(phrase, " (%" PRId64 "%s time)", count, ordinal_ending(count));
}

static void say_link(line_out *phrase, const hop_note *note, const char *address) {
    char relayed[HOP_ADDRESS_TEXT_SIZE + 32];
    bool by_relay = note->type == HOP_CANDIDATE_RELAYED;
    if (by_relay) snprintf(relayed, sizeof relayed, "the peer by the relay at %s", address);
    if (by_relay) address = relayed;
    const char *reason = hop_words_reason(note->reason);
    switch (note->kind) {
    case HOP_NOTE_DIAL:
        say(phrase, "dials %s", address);
        say_times(phrase, note->number);
        break;
    case HOP_NOTE_REFUSED:
        say(phrase, "%s does not let us in: %s", address, reason);
        say_times(phrase, note->number);
        break;
    case HOP_NOTE_SILENT:
        if (note->extra != 0)
            say(phrase, "%s began to answer and went no further, gives up this dial", address);
        else
            say(phrase, "%s is silent, gives up this dial", address);
        say_times(phrase, note->number);
        break;
    case HOP_NOTE_ANSWERING: say(phrase, "the SYNs cross: %s is answering", address); break;
    case HOP_NOTE_IN_USE:
        say(phrase, "%s: the pair of addresses is in use, most likely it has just come in",
            address);
        say_times(phrase, note->number);
        break;
    case HOP_NOTE_CONNECTED: say(phrase, "connected to %s", address); break;
    case HOP_NOTE_ACCEPTED: say(phrase, "%s comes in", address); break;
    case HOP_NOTE_HELLO: say(phrase, "%s %s", address, proof_words(note->number)); break;
    case HOP_NOTE_STRANGER: say(phrase, "%s is a stranger, shows it the door", address); break;
    case HOP_NOTE_SPENT:
        say(phrase, "%s comes in where a dial was given up: a dead end in our NAT, closes it",
            address);
        break;
    case HOP_NOTE_CROSSED:
        say(phrase, "%s is a peer, but of another attempt; closes this link", address);
        break;
    case HOP_NOTE_LINK_ENDED: say(phrase, "the link to %s ends: %s", address, reason); break;
    case HOP_NOTE_NOMINATE: say(phrase, "chooses the link to %s", address); break;
    case HOP_NOTE_NOMINATED: say(phrase, "the peer chooses the link to %s", address); break;
    case HOP_NOTE_SLOW: say(phrase, "holds back: enough dials for now"); break;
    default: say(phrase, "note %d", (int)note->kind); break;
    }
}

static const char *proof_words(int64_t proof) {
    switch ((hop_proof)proof) {
    case HOP_PROOF_SECRET: return "proves that it holds the secret";
    case HOP_PROOF_DESCRIPTION: return "proves that it knows our description";
    case HOP_PROOF_NONE: break;
    }
    return "answers as a peer does; there is no secret to prove it by";
}

static const char *ordinal_ending(int64_t number) {
    if (number % 100 >= 11 && number % 100 <= 13) return "th";
    switch (number % 10) {
    case 1: return "st";
    case 2: return "nd";
    case 3: return "rd";
    default: return "th";
    }
}

/* For people; hop_words_candidate() is for programs. */
static const char *candidate_words(unsigned type) {
    switch ((hop_candidate_type)type) {
    case HOP_CANDIDATE_HOST: return "its own address";
    case HOP_CANDIDATE_SERVER_REFLEXIVE: return "as its server sees it";
    case HOP_CANDIDATE_MAPPED: return "mapped by its router";
    case HOP_CANDIDATE_RELAYED: return "relayed";
    case HOP_CANDIDATE_PEER_REFLEXIVE: return "as it came in";
    }
    return "of an unknown type";
}

static const char *plural(unsigned count) {
    return count == 1 ? "" : "s";
}

static void say_stage(line_out *phrase, int error, const hop_report *report) {
    if (report == NULL) {
        switch (error) {
        case HOP_E_RESOLVE: say(phrase, "stage: looking for the server's address"); break;
        case HOP_E_SERVER: say(phrase, "stage: calling the server"); break;
        case HOP_E_REFUSED:
        case HOP_E_CLOCK:
        case HOP_E_PROTOCOL: say(phrase, "stage: talking to the server"); break;
        case HOP_E_NOBODY: say(phrase, "stage: waiting for somebody who listens"); break;
        case HOP_E_CANCELLED: say(phrase, "stage: no attempt was running"); break;
        case HOP_E_TOO_MANY:
        case HOP_E_BROKEN: say(phrase, "stage: handing over the connection"); break;
        default: say(phrase, "stage: before the peer was met"); break;
        }
        return;
    }
    bool connected = report->accepted_count > report->stranger_count;
    unsigned dial_count = 0;
    bool any = false;
    for (unsigned i = 0; i < report->pair_count; i++) {
        connected = connected || report->pairs[i].connected;
        dial_count += report->pairs[i].dial_count;
        any = any || report->pairs[i].skip == HOP_SKIP_NONE;
    }
    if (report->authenticated)
        say(phrase, "stage: a link proved itself, but none was chosen");
    else if (connected)
        say(phrase, "stage: connected, but nobody proved to hold the secret");
    else if (dial_count > 0)
        say(phrase, "stage: %u dial%s, none was connected", dial_count, plural(dial_count));
    else if (any)
        say(phrase, "stage: it was not time to dial yet");
    else
        say(phrase, "stage: there was no address to dial");
}

static void say_pair(line_out *phrase, const hop_report_pair *pair) {
    char address[HOP_ADDRESS_TEXT_SIZE];
    hop_address_print(&pair->remote.address, address);
    say(phrase, "%s (%s): ", address, candidate_words(pair->remote.type));
    if (pair->skip != HOP_SKIP_NONE) {
        say(phrase, "not dialled, %s", hop_words_skip(pair->skip));
        return;
    }
    say(phrase, "dialled %u time%s", pair->dial_count, plural(pair->dial_count));
    if (pair->refused_count > 0) say(phrase, ", refused %u", pair->refused_count);
    if (pair->silent_count > 0) say(phrase, ", silent %u", pair->silent_count);
    say(phrase, pair->connected ? ", connected" : ", never connected");
    if (pair->last != HOP_REASON_NONE) say(phrase, "; last: %s", hop_words_reason(pair->last));
}
