/* SPDX-License-Identifier: MIT */
/* The relay in words; see words_relay.h. */
#include "lib/words_relay.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/words.h"
#include "lib/words_nat.h"
#include "wire/message.h"

static void print_refusal(int64_t code, char *text, size_t size);

bool hop_words_relay(const hop_note *note, const char *address, char *text, size_t size) {
    char why[96];
    switch (note->kind) {
    case HOP_NOTE_RELAY_ASKED:
        snprintf(text, size, "asks %s for a relay, %s", address,
                 note->number != 0 ? "and for nothing else" : "in case nothing direct works");
        return true;
    case HOP_NOTE_RELAY_THERE:
        snprintf(text, size, "a relay is there, at %s", address);
        return true;
    case HOP_NOTE_RELAY_REFUSED:
        print_refusal(note->number, why, sizeof why);
        snprintf(text, size, "no relay: %s", why);
        return true;
    case HOP_NOTE_RELAY_FAILED:
        snprintf(text, size, "the relay at %s is not to be had: %s%s", address,
                 hop_words_reason(note->reason), note->number != 0 ? "; does without" : "");
        return true;
    default: return false;
    }
}

void hop_words_relay_report(const hop_report *report, char *text, size_t size) {
    if (report->relay_code != 0)
        print_refusal(report->relay_code, text, size);
    else if (report->relay == HOP_RELAYED_THERE)
        snprintf(text, size, "it was there, and not chosen");
    else if (report->relay_reason != HOP_REASON_NONE)
        snprintf(text, size, "not to be had: %s", hop_words_reason(report->relay_reason));
    else
        snprintf(text, size, "asked for, but the peer has not come there");
}

const char *hop_words_relay_reason(hop_relay_reason reason) {
    switch (reason) {
    case HOP_RELAY_REASON_NONE: break;
    case HOP_RELAY_REASON_ONLY: return "nothing else is wanted";
    case HOP_RELAY_REASON_PEER_ONLY: return "the peer wants nothing else";
    case HOP_RELAY_REASON_HOPELESS: return hop_words_strategy(HOP_STRATEGY_HOPELESS);
    case HOP_RELAY_REASON_LATE: return "nothing direct came in time";
    case HOP_RELAY_REASON_PEER: return "the peer chose it";
    }
    return "not relayed";
}

static void print_refusal(int64_t code, char *text, size_t size) {
    switch (code) {
    case HOP_REFUSAL_FORBIDDEN: snprintf(text, size, "the server does not relay"); break;
    case HOP_REFUSAL_ALONE: snprintf(text, size, "the peer has not asked for one"); break;
    case HOP_REFUSAL_MISMATCH:
        snprintf(text, size, "the server knows of no such attempt (any more)");
        break;
    case HOP_REFUSAL_BUSY: snprintf(text, size, "the server has no place for one more"); break;
    default: snprintf(text, size, "the server refuses, code %" PRId64, code); break;
    }
}
