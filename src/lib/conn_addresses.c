/* SPDX-License-Identifier: MIT */
/* Lists of addresses as people type them, and this machine's own best address as they read it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/conn_inside.h"

#include "base/text.h"
#include "drive/interfaces.h"

static bool parse_description(const char *text, size_t size, hop_candidate *candidates,
                              unsigned *ret_count);
static bool contains(const hop_candidate *candidates, unsigned count, const hop_address *address);
static bool dismiss(char **dismissed, const hop_address *address);

int hop_conn_addresses_parse(const char *text, unsigned address_max,
                             hop_candidate candidates[static HOP_CANDIDATES_MAX],
                             unsigned *ret_count, char **ret_dismissed) {
    const char *at = text;
    char *dismissed = NULL;
    unsigned count = 0;
    *ret_dismissed = NULL;
    if (parse_description(text, strlen(text), candidates, ret_count)) return 0;
    for (;;) {
        size_t size = strcspn(at, ",");
        const char *word = at;
        hop_address address;
        hop_text_trim(&word, &size);
        if (!hop_address_parse(word, size, 0, &address)) {
            free(dismissed);
            return HOP_E_INVALID;
        }
        address = hop_address_unmapped(&address);
        if (!contains(candidates, count, &address)) {
            bool is_public = hop_address_scope(&address) == HOP_SCOPE_PUBLIC;
            uint8_t type = is_public ? HOP_CANDIDATE_SERVER_REFLEXIVE : HOP_CANDIDATE_HOST;
            if (count < address_max) {
                candidates[count++] = (hop_candidate){type, 0, address};
            } else if (!dismiss(&dismissed, &address)) {
                return HOP_E_MEMORY;
            }
        }
        at += strcspn(at, ",");
        if (*at == 0) break;
        at++;
    }
    *ret_count = count;
    *ret_dismissed = dismissed;
    return 0;
}

void hop_conn_addresses_interface(uint16_t port, unsigned flags, const char *interface,
                                  char text[static HOP_ADDRESS_TEXT_SIZE]) {
    hop_interfaces_wish wish = {port, (flags & HOP_NO_IPV4) == 0, (flags & HOP_NO_IPV6) == 0,
                                interface};
    hop_interfaces found;
    hop_address best = {.family = wish.use_ipv4 ? HOP_FAMILY_IPV4 : HOP_FAMILY_IPV6, .port = port};
    hop_interfaces_list(&wish, &found);
    if (found.count > 0) best = found.hosts[0].address;
    hop_address_print(&best, text);
}

/* It was written by the peer's hop_open: its candidates are typed already, and never too many. */
static bool parse_description(const char *text, size_t size, hop_candidate *candidates,
                              unsigned *ret_count) {
    hop_wire_description description;
    if (!hop_description_parse(text, size, &description)) return false;
    memcpy(candidates, description.candidates,
           description.candidate_count * sizeof description.candidates[0]);
    *ret_count = description.candidate_count;
    return true;
}

static bool contains(const hop_candidate *candidates, unsigned count, const hop_address *address) {
    for (unsigned i = 0; i < count; i++) {
        if (hop_address_equal(&candidates[i].address, address)) return true;
    }
    return false;
}

/* On failure the text is freed. */
static bool dismiss(char **dismissed, const hop_address *address) {
    char one[HOP_ADDRESS_TEXT_SIZE];
    char *longer = NULL;
    hop_address_print(address, one);
    const char *before = *dismissed == NULL ? "not tried" : *dismissed;
    int size = asprintf(&longer, "%s%s %s", before, *dismissed == NULL ? ":" : ",", one);
    free(*dismissed);
    *dismissed = size > 0 ? longer : NULL;
    return size > 0;
}
