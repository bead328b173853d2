/* SPDX-License-Identifier: MIT */
/* What has happened to this machine's network, for people; see words_network.h. */
#include "lib/words_network.h"

#include <stdio.h>

#include "core/input.h"

static const char *changes_words(unsigned changes);

bool hop_words_network(const hop_note *note, const char *address, char *text, size_t size) {
    switch (note->kind) {
    case HOP_NOTE_NETWORK:
        snprintf(text, size, "%s", changes_words((unsigned)note->number));
        return true;
    case HOP_NOTE_SLEPT:
        snprintf(text, size, "this machine has slept for %.0f s", (double)note->number / 1000000);
        return true;
    case HOP_NOTE_HOST_GONE: snprintf(text, size, "our address %s is gone", address); return true;
    case HOP_NOTE_SERVER_CHECKED:
        snprintf(text, size, "asks the server %s whether it still hears us", address);
        return true;
    default: return false;
    }
}

static const char *changes_words(unsigned changes) {
    unsigned routes = changes & (HOP_NETWORK_ROUTE_IPV4 | HOP_NETWORK_ROUTE_IPV6);
    if (routes == HOP_NETWORK_ROUTE_IPV4) return "the default route of IPv4 has changed";
    if (routes == HOP_NETWORK_ROUTE_IPV6) return "the default route of IPv6 has changed";
    if (routes != 0) return "the default routes have changed";
    if (changes & HOP_NETWORK_INTERRUPTED) return "the network was interrupted";
    return "this machine's addresses have changed";
}
