/* SPDX-License-Identifier: MIT */
/* Tickets as the user has them: texts with a terminating zero. The format is in wire/ticket.c. */
#include <string.h>

#include <hopconn/hopconn.h>

#include "secure/secure.h"
#include "wire/ticket.h"

_Static_assert(HOP_TICKET_SIZE == HOP_TICKET_TEXT_SIZE, "one size, two names");

int hop_ticket_new(const char *const *servers, size_t count, char *ret_ticket, size_t size) {
    if (servers == NULL || ret_ticket == NULL) return HOP_E_INVALID;
    if (count < 1 || count > HOP_TICKET_SERVERS_MAX) return HOP_E_INVALID;
    hop_ticket ticket = {.server_count = (unsigned)count};
    for (size_t i = 0; i < count; i++) {
        if (servers[i] == NULL) return HOP_E_INVALID;
        size_t length = strlen(servers[i]);
        if (!hop_ticket_server_parse(servers[i], length, &ticket.servers[i])) return HOP_E_INVALID;
    }
    const hop_crypto *crypto = hop_secure_crypto();
    if (!crypto->random(crypto->context, ticket.secret, sizeof ticket.secret)) return HOP_E_SYSTEM;
    char text[HOP_TICKET_TEXT_SIZE];
    size_t length = hop_ticket_encode(&ticket, text);
    int error = length == 0 || length >= size ? HOP_E_INVALID : 0;
    if (error == 0) memcpy(ret_ticket, text, length + 1);
    hop_crypto_wipe(text, sizeof text);
    hop_crypto_wipe(&ticket, sizeof ticket);
    return error;
}

int hop_ticket_check(const char *ticket) {
    hop_ticket decoded;
    if (ticket == NULL || !hop_ticket_decode(ticket, strlen(ticket), &decoded)) return HOP_E_TICKET;
    hop_crypto_wipe(&decoded, sizeof decoded);
    return 0;
}
