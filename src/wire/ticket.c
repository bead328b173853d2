/* SPDX-License-Identifier: MIT */
/*
 * Tickets as text, the servers in them, and the keys made from their secret. Making the secret and
 * resolving the names is done further up.
 */
#include "wire/ticket.h"

#include "base/address.h"
#include "base/cursor.h"
#include "base/text.h"

#include <string.h>

#define VERSION     1
#define CRC_SIZE    4u
#define SERVER_MAX  (1 + HOP_HOST_TEXT_MAX + 2)
#define BYTES_MAX   (1 + HOP_KEY_SIZE + 1 + HOP_TICKET_SERVERS_MAX * SERVER_MAX + CRC_SIZE)
#define PREFIX      "hop1-"
#define PREFIX_SIZE (sizeof(PREFIX) - 1)

static bool read_server(hop_reader *reader, hop_ticket_server *ret_server);
static bool write_server(hop_writer *writer, const hop_ticket_server *server);
static bool is_host(const char *text, size_t size);
static bool set_server(const char *host, size_t size, uint16_t port, hop_ticket_server *ret_server);
static bool parse_port(const char *text, size_t size, uint16_t *ret_port);

bool hop_ticket_decode(const char *text, size_t size, hop_ticket *ret_ticket) {
    uint8_t bytes[BYTES_MAX];
    size_t byte_count;
    hop_text_trim(&text, &size);
    if (size < PREFIX_SIZE || memcmp(text, PREFIX, PREFIX_SIZE) != 0) return false;
    if (!hop_text_base64_decode(text + PREFIX_SIZE, size - PREFIX_SIZE, bytes, sizeof(bytes),
                                &byte_count))
        return false;
    if (byte_count < CRC_SIZE) return false;
    hop_reader reader = hop_reader_make(bytes, byte_count);
    hop_reader inner = hop_read_sub(&reader, byte_count - CRC_SIZE);
    if (hop_read_u32(&reader) != hop_text_crc32(bytes, byte_count - CRC_SIZE)) return false;

    hop_ticket ticket;
    memset(&ticket, 0, sizeof(ticket));
    if (hop_read_u8(&inner) != VERSION) return false;
    hop_read_bytes(&inner, ticket.secret, HOP_KEY_SIZE);
    ticket.server_count = hop_read_u8(&inner);
    bool good = ticket.server_count >= 1 && ticket.server_count <= HOP_TICKET_SERVERS_MAX;
    for (unsigned i = 0; good && i < ticket.server_count; i++)
        good = read_server(&inner, &ticket.servers[i]);
    good = good && hop_reader_done(&inner);
    if (good) *ret_ticket = ticket;
    hop_crypto_wipe(&ticket, sizeof(ticket));
    hop_crypto_wipe(bytes, sizeof(bytes));
    return good;
}

size_t hop_ticket_encode(const hop_ticket *ticket, char text[static HOP_TICKET_TEXT_SIZE]) {
    uint8_t bytes[BYTES_MAX];
    if (ticket->server_count < 1 || ticket->server_count > HOP_TICKET_SERVERS_MAX) return 0;
    hop_writer writer = hop_writer_make(bytes, sizeof(bytes));
    hop_write_u8(&writer, VERSION);
    hop_write_bytes(&writer, ticket->secret, HOP_KEY_SIZE);
    hop_write_u8(&writer, (uint8_t)ticket->server_count);
    bool good = true;
    for (unsigned i = 0; good && i < ticket->server_count; i++)
        good = write_server(&writer, &ticket->servers[i]);
    hop_write_u32(&writer, hop_text_crc32(bytes, writer.at));
    size_t length = 0;
    if (good && !writer.failed)
        length = hop_text_base64_encode(bytes, writer.at, text + PREFIX_SIZE,
                                        HOP_TICKET_TEXT_SIZE - PREFIX_SIZE - 1);
    hop_crypto_wipe(bytes, sizeof(bytes));
    if (length == 0) return 0;
    memcpy(text, PREFIX, PREFIX_SIZE);
    text[PREFIX_SIZE + length] = 0;
    return PREFIX_SIZE + length;
}

bool hop_ticket_server_parse(const char *text, size_t size, hop_ticket_server *ret_server) {
    hop_address address;
    uint16_t port = HOP_PORT_DEFAULT;
    size_t colons = 0;
    size_t colon_at = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != ':') continue;
        colons++;
        colon_at = i;
    }
    if (size > 0 && text[0] == '[') {
        if (!hop_address_parse(text, size, HOP_PORT_DEFAULT, &address)) return false;
        size_t end = 1;
        while (text[end] != ']')
            end++;
        return set_server(text + 1, end - 1, address.port, ret_server);
    }
    if (colons != 1) return set_server(text, size, port, ret_server);
    if (!parse_port(text + colon_at + 1, size - colon_at - 1, &port)) return false;
    return set_server(text, colon_at, port, ret_server);
}

bool hop_ticket_derive(const hop_crypto *crypto, const uint8_t secret[static HOP_KEY_SIZE],
                       hop_ticket_keys *ret_keys) {
    void *context = crypto->context;
    hop_ticket_keys keys;
    bool good = crypto->derive(context, secret, NULL, 0, "hopconn room", keys.room_seed) &&
                crypto->public_key(context, keys.room_seed, keys.room) &&
                crypto->derive(context, secret, NULL, 0, "hopconn seal", keys.seal) &&
                crypto->derive(context, secret, NULL, 0, "hopconn link", keys.link);
    if (good) *ret_keys = keys;
    hop_crypto_wipe(&keys, sizeof(keys));
    return good;
}

static bool read_server(hop_reader *reader, hop_ticket_server *ret_server) {
    size_t size = hop_read_u8(reader);
    const uint8_t *host = hop_read_span(reader, size);
    uint16_t port = hop_read_u16(reader);
    return !reader->failed && set_server((const char *)host, size, port, ret_server);
}

static bool write_server(hop_writer *writer, const hop_ticket_server *server) {
    size_t size = 0;
    while (size < sizeof(server->host) && server->host[size] != 0)
        size++;
    if (server->port == 0 || !is_host(server->host, size)) return false;
    hop_write_u8(writer, (uint8_t)size);
    hop_write_bytes(writer, server->host, size);
    hop_write_u16(writer, server->port);
    return true;
}

/* A bare address, or what may be a name: nothing that a resolver, a terminal or a shell could take
 * for something else. */
static bool is_host(const char *text, size_t size) {
    hop_address address;
    if (size == 0 || size > HOP_HOST_TEXT_MAX) return false;
    bool name = text[0] != '-' && text[0] != '.';
    for (size_t i = 0; name && i < size; i++) {
        char letter = text[i];
        name = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_';
    }
    if (name) return true;
    return text[0] != '[' && hop_address_parse(text, size, 1, &address) &&
           address.family == HOP_FAMILY_IPV6;
}

static bool set_server(const char *host, size_t size, uint16_t port,
                       hop_ticket_server *ret_server) {
    if (port == 0 || !is_host(host, size)) return false;
    hop_ticket_server server;
    memset(&server, 0, sizeof(server));
    memcpy(server.host, host, size);
    server.port = port;
    *ret_server = server;
    return true;
}

static bool parse_port(const char *text, size_t size, uint16_t *ret_port) {
    unsigned port = 0;
    if (size == 0 || size > 5 || text[0] == '0') return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port > UINT16_MAX) return false;
    *ret_port = (uint16_t)port;
    return true;
}
