/* SPDX-License-Identifier: MIT */
/*
 * Tickets come back whole, one wrong letter is always noticed, counts and names are bounded, and
 * the keys derived from a secret are apart from each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "bytes.h"
#include "secure/secure.h"
#include "wire/ticket.h"

static hop_ticket make(hop_random *random, unsigned server_count) {
    static const char *const names[] = {"hop.example", "192.0.2.1:443", "[2001:db8::1]:65535", "a"};
    hop_ticket ticket;
    memset(&ticket, 0, sizeof(ticket));
    for (size_t i = 0; i < sizeof(ticket.secret); i++)
        ticket.secret[i] = (uint8_t)hop_random_next(random);
    ticket.server_count = server_count;
    for (unsigned i = 0; i < server_count; i++)
        assert_true(hop_ticket_server_parse(names[i], strlen(names[i]), &ticket.servers[i]));
    return ticket;
}

/* The text of these bytes, with a right check sum. */
static size_t wrap(const uint8_t *bytes, size_t size, char *text) {
    uint8_t whole[1200];
    uint32_t sum = hop_text_crc32(bytes, size);
    memcpy(whole, bytes, size);
    for (unsigned i = 0; i < 4; i++)
        whole[size + i] = (uint8_t)(sum >> (24 - 8 * i));
    memcpy(text, "hop1-", 5);
    return 5 + hop_text_base64_encode(whole, size + 4, text + 5, 1700);
}

static bool decode_bytes(const uint8_t *bytes, size_t size, hop_ticket *ticket) {
    char text[1800];
    size_t length = wrap(bytes, size, text);
    char *block = bytes_exact(text, length);
    bool good = hop_ticket_decode(block, length, ticket);
    free(block);
    return good;
}

static void comes_back(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(20);
    for (unsigned count = 1; count <= HOP_TICKET_SERVERS_MAX; count++) {
        hop_ticket ticket = make(&random, count), back;
        char text[HOP_TICKET_TEXT_SIZE], padded[HOP_TICKET_TEXT_SIZE + 8];
        size_t length = hop_ticket_encode(&ticket, text);
        assert_int_equal(length, strlen(text));
        assert_memory_equal(text, "hop1-", 5);
        assert_true(hop_ticket_decode(text, length, &back));
        assert_memory_equal(&back, &ticket, sizeof(back));
        memcpy(padded, " \t", 2);
        memcpy(padded + 2, text, length);
        memcpy(padded + 2 + length, "\r\n", 2);
        assert_true(hop_ticket_decode(padded, length + 4, &back));
        assert_memory_equal(&back, &ticket, sizeof(back));
    }
}

/* A text made by hand from docs' layout, so that encoder and decoder can't be wrong together. */
static void has_the_documented_layout(void **state) {
    (void)state;
    hop_ticket ticket, back;
    memset(&ticket, 0, sizeof(ticket));
    memset(ticket.secret, 0x11, sizeof(ticket.secret));
    ticket.server_count = 1;
    memcpy(ticket.servers[0].host, "hop.test", 9);
    ticket.servers[0].port = 0x0D96;
    uint8_t bytes[1 + 32 + 1 + 1 + 8 + 2];
    size_t size =
        bytes_from_hex("01 1111111111111111111111111111111111111111111111111111111111111111 01 08 "
                       "686f702e74657374 0d96",
                       bytes, sizeof(bytes));
    assert_int_equal(size, sizeof(bytes));
    char expected[128], text[HOP_TICKET_TEXT_SIZE];
    size_t length = wrap(bytes, size, expected);
    assert_int_equal(hop_ticket_encode(&ticket, text), length);
    assert_memory_equal(text, expected, length);
    assert_true(decode_bytes(bytes, size, &back));
    assert_memory_equal(&back, &ticket, sizeof(back));
}

static void the_longest_fits(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(21);
    hop_ticket ticket = make(&random, 4), back;
    char text[HOP_TICKET_TEXT_SIZE];
    for (unsigned i = 0; i < 4; i++) {
        memset(ticket.servers[i].host, 'x', HOP_HOST_TEXT_MAX);
        ticket.servers[i].host[HOP_HOST_TEXT_MAX] = 0;
    }
    size_t length = hop_ticket_encode(&ticket, text);
    assert_in_range(length, 1400, HOP_TICKET_TEXT_SIZE - 1);
    assert_true(hop_ticket_decode(text, length, &back));
    assert_memory_equal(&back, &ticket, sizeof(back));
    ticket.servers[0].host[HOP_HOST_TEXT_MAX] = 'x'; /* no terminating zero */
    assert_int_equal(hop_ticket_encode(&ticket, text), 0);
}

static void one_wrong_letter_is_noticed(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(22);
    hop_ticket ticket = make(&random, 2), back;
    char text[HOP_TICKET_TEXT_SIZE];
    size_t length = hop_ticket_encode(&ticket, text);
    for (size_t i = 0; i < length; i++) {
        char right = text[i];
        for (int letter = 0; letter < 256; letter++) {
            if ((char)letter == right) continue;
            text[i] = (char)letter;
            /* White space at the ends is cut off; the rest is still short of a letter. */
            assert_false(hop_ticket_decode(text, length, &back));
        }
        text[i] = right;
    }
    for (size_t i = 0; i < length; i++) {
        assert_false(hop_ticket_decode(text, i, &back));
        if (i + 1 < length && text[i] != text[i + 1]) { /* two letters change places */
            char first = text[i];
            text[i] = text[i + 1];
            text[i + 1] = first;
            assert_false(hop_ticket_decode(text, length, &back));
            text[i + 1] = text[i];
            text[i] = first;
        }
    }
    assert_true(hop_ticket_decode(text, length, &back));
}

static void absurd_contents(void **state) {
    (void)state;
    static const struct {
        const char *tail; /* from the server count on */
        bool good;
    } cases[] = {
        {"01 01 61 0001", true},
        {"00", false},
        {"05", false},
        {"ff", false},
        {"02 01 61 0001", false},
        {"01 00 0001", false},
        {"01 01 61 0000", false},
        {"01 01 61 0001 00", false},
        {"01 02 61 0001", false},
        {"01 01 00 0001", false},
        {"01 01 20 0001", false},
        {"01 01 0a 0001", false},
        {"01 02 6100 0001", false},
        {"01 01 3a 0001", false},
        {"01 02 3a3a 0001", true},
        {"01 05 5b3a3a315d 0001", false},
        {"01 01 2d 0001", false},
        {"01 01 ff 0001", false},
        {"", false},
        {"01", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[64] = {1};
        hop_ticket ticket, untouched;
        memset(&ticket, 0xAA, sizeof(ticket));
        untouched = ticket;
        size_t size = 33 + bytes_from_hex(cases[i].tail, bytes + 33, sizeof(bytes) - 33);
        if (decode_bytes(bytes, size, &ticket) != cases[i].good) fail_msg("%s", cases[i].tail);
        if (!cases[i].good) assert_memory_equal(&ticket, &untouched, sizeof(ticket));
        bytes[0] = 2; /* a version to come */
        assert_false(decode_bytes(bytes, size, &ticket));
    }
    hop_ticket ticket;
    static const char *const bad[] = {"",          "hop1-",     "hop1",
                                      "hop2-AAAA", "hop1-AAAA", "hop1-AAAAAA",
                                      "HOP1-AAAA", "hop1-====", "hopd2-AAAAAA"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(hop_ticket_decode(bad[i], strlen(bad[i]), &ticket));
    char long_text[4000];
    memset(long_text, 'A', sizeof(long_text));
    memcpy(long_text, "hop1-", 5);
    assert_false(hop_ticket_decode(long_text, sizeof(long_text), &ticket));
}

static void encodes_no_nonsense(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(23);
    char text[HOP_TICKET_TEXT_SIZE];
    hop_ticket ticket = make(&random, 1);
    ticket.server_count = 0;
    assert_int_equal(hop_ticket_encode(&ticket, text), 0);
    ticket.server_count = HOP_TICKET_SERVERS_MAX + 1;
    assert_int_equal(hop_ticket_encode(&ticket, text), 0);
    ticket = make(&random, 1);
    ticket.servers[0].port = 0;
    assert_int_equal(hop_ticket_encode(&ticket, text), 0);
    ticket = make(&random, 1);
    ticket.servers[0].host[0] = 0;
    assert_int_equal(hop_ticket_encode(&ticket, text), 0);
    ticket.servers[0].host[0] = ' ';
    assert_int_equal(hop_ticket_encode(&ticket, text), 0);
}

static void servers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *host; /* NULL: refused */
        uint16_t port;
    } cases[] = {
        {"hop.example", "hop.example", 3478},
        {"hop.example:443", "hop.example", 443},
        {"HOP_1-a.example.:1", "HOP_1-a.example.", 1},
        {"azAZ09", "azAZ09", 3478},
        {"192.0.2.1", "192.0.2.1", 3478},
        {"192.0.2.1:65535", "192.0.2.1", 65535},
        {"[2001:db8::1]:443", "2001:db8::1", 443},
        {"[2001:db8::1]", "2001:db8::1", 3478},
        {"2001:db8::1", "2001:db8::1", 3478},
        {"::", "::", 3478},
        {"", NULL, 0},
        {":1", NULL, 0},
        {"a:", NULL, 0},
        {"a:0", NULL, 0},
        {"a:01", NULL, 0},
        {"a:65536", NULL, 0},
        {"a:123456", NULL, 0},
        {"a:1x", NULL, 0},
        {"a:1:2", NULL, 0},
        {"[2001:db8::1]:0", NULL, 0},
        {"[2001:db8::1", NULL, 0},
        {"[2001:db8::1]443", NULL, 0},
        {"[hop.example]:1", NULL, 0},
        {"[]", NULL, 0},
        {"[", NULL, 0},
        {"hop example", NULL, 0},
        {" hop", NULL, 0},
        {"hop/x", NULL, 0},
        {"http://hop", NULL, 0},
        {"user@hop", NULL, 0},
        {"-v", NULL, 0},
        {".hop", NULL, 0},
        {"fe80::1%eth0", NULL, 0},
        {"h\xC3\xB6p", NULL, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hop_ticket_server server = {.host = "untouched", .port = 9};
        size_t size = strlen(cases[i].text);
        char *block = bytes_exact(cases[i].text, size);
        bool good = hop_ticket_server_parse(block, size, &server);
        free(block);
        if (good != (cases[i].host != NULL)) fail_msg("'%s': %d", cases[i].text, good);
        assert_string_equal(server.host, good ? cases[i].host : "untouched");
        assert_int_equal(server.port, good ? cases[i].port : 9);
    }
    char name[HOP_HOST_TEXT_MAX + 1];
    hop_ticket_server server;
    memset(name, 'a', sizeof(name));
    assert_true(hop_ticket_server_parse(name, HOP_HOST_TEXT_MAX, &server));
    assert_int_equal(strlen(server.host), HOP_HOST_TEXT_MAX);
    assert_false(hop_ticket_server_parse(name, HOP_HOST_TEXT_MAX + 1, &server));
}

static void keys_are_apart(void **state) {
    (void)state;
    const hop_crypto *crypto = hop_secure_crypto();
    uint8_t secret[HOP_KEY_SIZE] = {1}, expected[HOP_KEY_SIZE];
    hop_ticket_keys keys, again, other;
    assert_true(hop_ticket_derive(crypto, secret, &keys));
    assert_true(hop_ticket_derive(crypto, secret, &again));
    assert_memory_equal(&keys, &again, sizeof(keys));
    assert_true(crypto->derive(NULL, secret, NULL, 0, "hopconn room", expected));
    assert_memory_equal(keys.room_seed, expected, sizeof(expected));
    assert_true(crypto->public_key(NULL, keys.room_seed, expected));
    assert_memory_equal(keys.room, expected, sizeof(expected));
    assert_true(crypto->derive(NULL, secret, NULL, 0, "hopconn seal", expected));
    assert_memory_equal(keys.seal, expected, sizeof(expected));
    assert_true(crypto->derive(NULL, secret, NULL, 0, "hopconn link", expected));
    assert_memory_equal(keys.link, expected, sizeof(expected));
    secret[31] ^= 1;
    assert_true(hop_ticket_derive(crypto, secret, &other));
    const uint8_t *all[] = {keys.room_seed, keys.room,  keys.seal,  keys.link, other.room_seed,
                            other.room,     other.seal, other.link, secret};
    for (size_t i = 0; i < 9; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(all[i], all[k], HOP_KEY_SIZE);
}

static bool always_fails(void *context, const uint8_t *secret, const uint8_t *salt,
                         size_t salt_size, const char *label, uint8_t *out) {
    (void)context, (void)secret, (void)salt, (void)salt_size, (void)label, (void)out;
    return false;
}

static void a_failing_library_is_told(void **state) {
    (void)state;
    hop_crypto broken = *hop_secure_crypto();
    broken.derive = always_fails;
    hop_ticket_keys keys, untouched;
    uint8_t secret[HOP_KEY_SIZE] = {1};
    memset(&keys, 0xAA, sizeof(keys));
    untouched = keys;
    assert_false(hop_ticket_derive(&broken, secret, &keys));
    assert_memory_equal(&keys, &untouched, sizeof(keys));
}

/* Damage below the check sum: whatever is accepted must be within bounds and encode again. */
static void survives_damage(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(24);
    unsigned accepted = 0;
    for (unsigned round = 0; round < 20000; round++) {
        hop_ticket ticket = make(&random, 1 + round % 4), back;
        char text[HOP_TICKET_TEXT_SIZE];
        uint8_t bytes[1100];
        size_t size, length = hop_ticket_encode(&ticket, text);
        assert_true(hop_text_base64_decode(text + 5, length - 5, bytes, sizeof(bytes), &size));
        size = bytes_damage(&random, bytes, size - 4, sizeof(bytes));
        if (!decode_bytes(bytes, size, &back)) continue;
        accepted++;
        assert_in_range(back.server_count, 1, HOP_TICKET_SERVERS_MAX);
        char again[HOP_TICKET_TEXT_SIZE], whole[1800];
        length = wrap(bytes, size, whole);
        assert_int_equal(hop_ticket_encode(&back, again), length);
        assert_memory_equal(again, whole, length);
    }
    assert_in_range(accepted, 1000, 19000);
}

static void survives_damaged_text(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(25);
    hop_ticket ticket = make(&random, 2), back;
    char text[HOP_TICKET_TEXT_SIZE];
    size_t length = hop_ticket_encode(&ticket, text);
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t damaged[HOP_TICKET_TEXT_SIZE];
        memcpy(damaged, text, length);
        size_t size = bytes_damage(&random, damaged, length, sizeof(damaged));
        char *block = bytes_exact(damaged, size);
        if (hop_ticket_decode(block, size, &back))
            assert_memory_equal(&back, &ticket, sizeof(back)); /* nothing but white space changed */
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(has_the_documented_layout),
        cmocka_unit_test(the_longest_fits),
        cmocka_unit_test(one_wrong_letter_is_noticed),
        cmocka_unit_test(absurd_contents),
        cmocka_unit_test(encodes_no_nonsense),
        cmocka_unit_test(servers),
        cmocka_unit_test(keys_are_apart),
        cmocka_unit_test(a_failing_library_is_told),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(survives_damaged_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
