/* SPDX-License-Identifier: MIT */
/* Spent holes; see spent.h. */
#include "core/spent.h"

#include <string.h>

#include "base/limits.h"

void hop_spent_note(hop_spent *spent, const hop_address *remote, int64_t now_us) {
    if (spent->until_us <= now_us || !hop_address_same_ip(&spent->at, remote))
        memset(spent->ports, 0, sizeof spent->ports);
    spent->at = *remote;
    spent->until_us = now_us + HOP_SPENT_US;
    spent->ports[remote->port / 8] |= (uint8_t)(1u << remote->port % 8);
}

bool hop_spent_holds(const hop_spent *spent, const hop_address *remote, int64_t now_us) {
    return now_us < spent->until_us && hop_address_same_ip(&spent->at, remote) &&
           (spent->ports[remote->port / 8] >> remote->port % 8 & 1) != 0;
}
