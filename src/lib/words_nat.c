/* SPDX-License-Identifier: MIT */
/* NATs and strategies in words; see words_nat.h. */
#include "lib/words_nat.h"

#include <inttypes.h>
#include <stdio.h>

void hop_words_nat(const hop_nat *nat, char *text, size_t size) {
    const char *ports = nat->preserving ? ", preserves ports" : "";
    switch ((hop_nat_mapping)nat->mapping) {
    case HOP_NAT_UNKNOWN: snprintf(text, size, "is not known"); return;
    case HOP_NAT_NONE: snprintf(text, size, "is not there: a public address"); return;
    case HOP_NAT_INDEPENDENT:
        snprintf(text, size, "keeps one port towards everybody (endpoint-independent)%s", ports);
        return;
    case HOP_NAT_DEPENDENT:
        snprintf(text, size, "takes another port for each address (address-dependent)");
        return;
    case HOP_NAT_SEQUENTIAL:
        if (nat->delta == 1)
            snprintf(text, size, "takes the next port for each destination (sequential)");
        else
            snprintf(text, size, "takes the port %+d for each next destination (sequential)",
                     nat->delta);
        return;
    case HOP_NAT_RANDOM:
        snprintf(text, size, "takes any port for each destination (random)");
        return;
    }
    snprintf(text, size, "is of an unknown kind");
}

void hop_words_nat_line(const hop_nat *nat, const char *whose, char *text, size_t size) {
    char words[160];
    if (nat->mapping == HOP_NAT_NONE) {
        snprintf(text, size, "no NAT changes %s address", whose);
        return;
    }
    hop_words_nat(nat, words, sizeof words);
    snprintf(text, size, "%s NAT %s", whose, words);
}

const char *hop_words_strategy(hop_strategy_kind kind) {
    switch (kind) {
    case HOP_STRATEGY_OBSERVED: return "dials what servers and peer have seen, that is enough";
    case HOP_STRATEGY_OPENER:
        return "in turns, one side opens its NAT by a SYN that ends on the way, the other dials";
    case HOP_STRATEGY_WINDOW: return "predicts the ports of the sequential NAT, in rounds";
    case HOP_STRATEGY_PAIR: return "both NATs are sequential: each predicts the other's ports";
    case HOP_STRATEGY_BIRTHDAY:
        return "one NAT is random: many ports of the one side, many dials of the other";
    case HOP_STRATEGY_HOPELESS:
        return "one NAT is random, the other's ports change as well: no direct way is known";
    }
    return "unknown";
}

void hop_words_shots(const hop_note *note, const char *address, char *text, size_t size) {
    switch ((hop_strategy_kind)note->number) {
    case HOP_STRATEGY_OPENER:
        if (note->extra == 0)
            snprintf(text, size, "dials %s, where the peer's NAT is open for us", address);
        else
            snprintf(text, size,
                     "opens our NAT for %s by a SYN that ends on the way (TTL %" PRId64 ")",
                     address, note->extra);
        break;
    case HOP_STRATEGY_WINDOW:
        if (note->extra == 1)
            snprintf(text, size, "dials %s once more, from a port just taken", address);
        else
            snprintf(text, size, "dials %" PRId64 " ports that the peer's NAT takes next, %s first",
                     note->extra, address);
        break;
    case HOP_STRATEGY_PAIR:
        snprintf(text, size, "dials %" PRId64 " ports in step with the peer, %s first", note->extra,
                 address);
        break;
    case HOP_STRATEGY_BIRTHDAY:
        snprintf(text, size, "begins up to %" PRId64 " dials, between many ports and %s",
                 note->extra, address);
        break;
    default: snprintf(text, size, "dials %s", address); break;
    }
}
