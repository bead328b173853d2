/* SPDX-License-Identifier: MIT */
/* Any text as a ticket and as a server's name: what is read, printed and read again is the same. */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "wire/ticket.h"

static void check_server(const hop_ticket_server *server) {
    size_t size = strnlen(server->host, sizeof server->host);
    FUZZ_CHECK(size > 0 && size < sizeof server->host);
}

static bool equal(const hop_ticket *a, const hop_ticket *b) {
    bool same =
        a->server_count == b->server_count && memcmp(a->secret, b->secret, sizeof a->secret) == 0;
    for (unsigned i = 0; same && i < a->server_count; i++)
        same = strcmp(a->servers[i].host, b->servers[i].host) == 0 &&
               a->servers[i].port == b->servers[i].port;
    return same;
}

static void check(const hop_ticket *ticket) {
    char text[HOP_TICKET_TEXT_SIZE];
    hop_ticket again;
    FUZZ_CHECK(ticket->server_count >= 1 && ticket->server_count <= HOP_TICKET_SERVERS_MAX);
    for (unsigned i = 0; i < ticket->server_count; i++)
        check_server(&ticket->servers[i]);
    size_t size = hop_ticket_encode(ticket, text);
    FUZZ_CHECK(size > 0 && size < sizeof text && text[size] == 0);
    FUZZ_CHECK(hop_ticket_decode(text, size, &again) && equal(ticket, &again));
}

/* The text of these bytes with its check sum, so that a mutation need not guess that. */
static bool decode_bytes(const uint8_t *bytes, size_t size, hop_ticket *ret_ticket) {
    uint8_t summed[1200];
    char text[2048] = "hop1-";
    if (size > sizeof summed - 4) return false;
    hop_writer writer = hop_writer_make(summed, sizeof summed);
    hop_write_bytes(&writer, bytes, size);
    hop_write_u32(&writer, hop_text_crc32(bytes, size));
    size_t length = hop_text_base64_encode(summed, size + 4, text + 5, sizeof text - 5);
    return hop_ticket_decode(text, 5 + length, ret_ticket);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const char *text = (const char *)bytes;
    hop_ticket ticket;
    hop_ticket_server server;
    if (hop_ticket_decode(text, size, &ticket)) {
        char again[HOP_TICKET_TEXT_SIZE];
        check(&ticket);
        hop_text_trim(&text, &size);
        FUZZ_CHECK(hop_ticket_encode(&ticket, again) == size && memcmp(again, text, size) == 0);
    }
    if (decode_bytes(bytes, size, &ticket)) check(&ticket);
    if (hop_ticket_server_parse((const char *)bytes, size, &server)) check_server(&server);
    return 0;
}
