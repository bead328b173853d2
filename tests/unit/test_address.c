/* SPDX-License-Identifier: MIT */
/*
 * Addresses as text are checked against the C library's inet_pton and inet_ntop; scopes and subnets
 * at the edges of every range.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/address.h"
#include "base/random.h"
#include "bytes.h"

static bool parse(const char *text, uint16_t default_port, hop_address *ret_address) {
    /* No terminating zero: the sanitizers see a look beyond the end. */
    char *block = bytes_exact(text, strlen(text));
    bool good = hop_address_parse(block, strlen(text), default_port, ret_address);
    free(block);
    return good;
}

static hop_address at(const char *text) {
    hop_address address = {0};
    assert_true(parse(text, 1, &address));
    return address;
}

static void ports_and_brackets(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint16_t default_port;
        const char *printed; /* NULL: refused */
    } cases[] = {
        {"192.0.2.1:3478", 0, "192.0.2.1:3478"},
        {"192.0.2.1", 3478, "192.0.2.1:3478"},
        {"192.0.2.1", 0, NULL},
        {"192.0.2.1:0", 0, "192.0.2.1:0"},
        {"192.0.2.1:65535", 0, "192.0.2.1:65535"},
        {"192.0.2.1:65536", 0, NULL},
        {"192.0.2.1:080", 0, NULL},
        {"192.0.2.1:", 1, NULL},
        {"192.0.2.1:+1", 1, NULL},
        {"192.0.2.1:1 ", 1, NULL},
        {" 192.0.2.1:1", 1, NULL},
        {"192.0.2.1:4294967297", 1, NULL},
        {"[192.0.2.1]:1", 1, NULL},
        {"192.0.2:1", 1, NULL},
        {"192.0.2.1.1:1", 1, NULL},
        {"192.0.2.256:1", 1, NULL},
        {"192.0.02.1:1", 1, NULL},
        {"0.0.0.0:1", 1, "0.0.0.0:1"},
        {"[2001:db8::1]:3478", 0, "[2001:db8::1]:3478"},
        {"[2001:DB8::1]", 3478, "[2001:db8::1]:3478"},
        {"[2001:db8::1]", 0, NULL},
        {"2001:db8::1", 3478, "[2001:db8::1]:3478"},
        {"2001:db8::1", 0, NULL},
        {"::1:3478", 9, "[::1:3478]:9"},
        {"[::]:1", 0, "[::]:1"},
        {"[::1:2", 1, NULL},
        {"::1]:2", 1, NULL},
        {"[::1]2", 1, NULL},
        {"[::1]:", 1, NULL},
        {"[]:1", 1, NULL},
        {"[fe80::1%eth0]:1", 1, NULL},
        {"", 1, NULL},
        {":1", 1, NULL},
        {"localhost:1", 1, NULL},
        {"[::ffff:192.0.2.1]:5", 0, "[::ffff:192.0.2.1]:5"},
        {"[::ffff:c000:201]:5", 0, "[::ffff:192.0.2.1]:5"},
        {"[64:ff9b::192.0.2.1]:5", 0, "[64:ff9b::c000:201]:5"},
        {"[2001:db8:0:0:1:0:0:1]:1", 0, "[2001:db8::1:0:0:1]:1"},
        {"[2001:0:0:1:0:0:0:1]:1", 0, "[2001:0:0:1::1]:1"},
        {"[2001:db8:0:1:1:1:1:1]:1", 0, "[2001:db8:0:1:1:1:1:1]:1"},
        {"[1:2:3:4:5:6:7::]:1", 0, "[1:2:3:4:5:6:7:0]:1"},
        {"[1:0:0:0:0:0:0:0]:1", 0, "[1::]:1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hop_address address;
        memset(&address, 0xAA, sizeof(address));
        hop_address untouched = address;
        char text[HOP_ADDRESS_TEXT_SIZE];
        bool ok = parse(cases[i].text, cases[i].default_port, &address);
        if (ok != (cases[i].printed != NULL)) fail_msg("%s: %d", cases[i].text, ok);
        if (!ok) {
            assert_memory_equal(&address, &untouched, sizeof(address));
            continue;
        }
        assert_int_equal(hop_address_print(&address, text), strlen(cases[i].printed));
        assert_string_equal(text, cases[i].printed);
    }
}

static void no_address_prints_as_a_word(void **state) {
    (void)state;
    hop_address none = {0};
    char text[HOP_ADDRESS_TEXT_SIZE];
    assert_int_equal(hop_address_print(&none, text), 4);
    assert_string_equal(text, "none");
}

/* Many zero words, so that every shape of "::" comes up. */
static void fill_ipv6(hop_random *random, uint8_t ip[16]) {
    for (unsigned word = 0; word < 8; word++) {
        uint64_t kind = hop_random_between(random, 0, 4);
        uint64_t value = kind < 2    ? 0
                         : kind == 2 ? hop_random_between(random, 0, 255)
                                     : hop_random_next(random);
        ip[2 * word] = (uint8_t)(value >> 8);
        ip[2 * word + 1] = (uint8_t)value;
    }
    if (hop_random_between(random, 0, 9) == 0) {
        memset(ip, 0, 10);
        ip[10] = ip[11] = 0xFF;
    }
}

static void random_ipv6_prints_as_inet_ntop(void **state) {
    (void)state;
    static const uint8_t zeros[12];
    hop_random random = hop_random_seeded(5);
    for (unsigned round = 0; round < 20000; round++) {
        hop_address address = {.family = HOP_FAMILY_IPV6, .port = (uint16_t)round};
        fill_ipv6(&random, address.ip);
        /* glibc still prints the withdrawn IPv4-compatible form; RFC 5952 does not ask for it. */
        if (memcmp(address.ip, zeros, 12) == 0) continue;
        char ours[HOP_ADDRESS_TEXT_SIZE], plain[INET6_ADDRSTRLEN], theirs[64];
        assert_non_null(inet_ntop(AF_INET6, address.ip, plain, sizeof(plain)));
        snprintf(theirs, sizeof(theirs), "[%s]:%u", plain, round & 0xFFFFu);
        assert_int_equal(hop_address_print(&address, ours), strlen(theirs));
        assert_string_equal(ours, theirs);
        hop_address back = {0};
        assert_true(parse(ours, 0, &back));
        assert_true(hop_address_equal(&address, &back));
    }
}

static void random_ipv4_prints_as_inet_ntop(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(6);
    for (unsigned round = 0; round < 5000; round++) {
        hop_address address = {.family = HOP_FAMILY_IPV4, .port = (uint16_t)(round * 13)};
        uint32_t value = (uint32_t)hop_random_next(&random);
        memcpy(address.ip, &value, 4);
        char ours[HOP_ADDRESS_TEXT_SIZE], plain[INET_ADDRSTRLEN], theirs[64];
        assert_non_null(inet_ntop(AF_INET, address.ip, plain, sizeof(plain)));
        snprintf(theirs, sizeof(theirs), "%s:%u", plain, (unsigned)address.port);
        hop_address_print(&address, ours);
        assert_string_equal(ours, theirs);
        hop_address back = {0};
        assert_true(parse(ours, 0, &back));
        assert_true(hop_address_equal(&address, &back));
    }
}

/* Damaged texts: we accept exactly what inet_pton accepts, with the same bytes. */
static void agree_with_inet_pton(const char *plain, unsigned *accepted) {
    char bracketed[96];
    uint8_t theirs[16];
    hop_address ours = {0};
    snprintf(bracketed, sizeof(bracketed), "[%s]:7", plain);
    bool they = inet_pton(AF_INET6, plain, theirs) == 1;
    bool we = parse(bracketed, 0, &ours);
    if (they != we) fail_msg("'%s': inet_pton %d, ours %d", plain, they, we);
    if (they) assert_memory_equal(ours.ip, theirs, 16);
    *accepted += they;
    they = inet_pton(AF_INET, plain, theirs) == 1;
    we = parse(plain, 7, &ours) && ours.family == HOP_FAMILY_IPV4 && strchr(plain, ':') == NULL;
    if (they != we) fail_msg("'%s': inet_pton %d, ours %d", plain, they, we);
    if (they) assert_memory_equal(ours.ip, theirs, 4);
    *accepted += they;
}

static void damaged_texts_agree_with_inet_pton(void **state) {
    (void)state;
    static const char *const seeds[] = {"2001:db8::1",
                                        "::",
                                        "::1",
                                        "1::",
                                        "1:2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:1.2.3.4",
                                        "::ffff:192.0.2.1",
                                        "1::2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7::",
                                        "::2:3:4:5:6:7:8",
                                        "fe80::abcd:EF01",
                                        "192.0.2.1",
                                        "255.255.255.255",
                                        "1:2:3:4:5::1.2.3.4",
                                        "0.0.0.0"};
    static const char letters[] = "0123456789abcfF::..:: g%";
    hop_random random = hop_random_seeded(7);
    unsigned accepted = 0;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
        agree_with_inet_pton(seeds[i], &accepted);
    assert_int_equal(accepted, sizeof(seeds) / sizeof(seeds[0]));
    for (unsigned round = 0; round < 60000; round++) {
        char text[64] = {0};
        const char *seed = seeds[hop_random_between(&random, 0, 14)];
        memcpy(text, seed, strlen(seed));
        for (uint64_t edits = hop_random_between(&random, 1, 3); edits > 0; edits--) {
            size_t length = strlen(text);
            size_t where = (size_t)hop_random_between(&random, 0, length);
            char letter = letters[hop_random_between(&random, 0, sizeof(letters) - 2)];
            switch (hop_random_between(&random, 0, 2)) {
            case 0:
                if (where < length) text[where] = letter;
                break;
            case 1:
                memmove(text + where + 1, text + where, length - where + 1);
                text[where] = letter;
                break;
            default:
                if (where < length) memmove(text + where, text + where + 1, length - where);
            }
        }
        agree_with_inet_pton(text, &accepted);
    }
    assert_in_range(accepted, 5000, 55000);
}

static const struct {
    const char *text;
    hop_scope scope;
} scopes[] = {
    {"0.0.0.0", HOP_SCOPE_NONE},
    {"0.255.255.255", HOP_SCOPE_NONE},
    {"1.0.0.0", HOP_SCOPE_PUBLIC},
    {"9.255.255.255", HOP_SCOPE_PUBLIC},
    {"10.0.0.0", HOP_SCOPE_PRIVATE},
    {"10.255.255.255", HOP_SCOPE_PRIVATE},
    {"11.0.0.0", HOP_SCOPE_PUBLIC},
    {"100.63.255.255", HOP_SCOPE_PUBLIC},
    {"100.64.0.0", HOP_SCOPE_PRIVATE},
    {"100.127.255.255", HOP_SCOPE_PRIVATE},
    {"100.128.0.0", HOP_SCOPE_PUBLIC},
    {"126.255.255.255", HOP_SCOPE_PUBLIC},
    {"127.0.0.1", HOP_SCOPE_LOOPBACK},
    {"127.255.255.255", HOP_SCOPE_LOOPBACK},
    {"128.0.0.0", HOP_SCOPE_PUBLIC},
    {"169.253.255.255", HOP_SCOPE_PUBLIC},
    {"169.254.0.0", HOP_SCOPE_LINK_LOCAL},
    {"169.254.255.255", HOP_SCOPE_LINK_LOCAL},
    {"169.255.0.0", HOP_SCOPE_PUBLIC},
    {"172.15.255.255", HOP_SCOPE_PUBLIC},
    {"172.16.0.0", HOP_SCOPE_PRIVATE},
    {"172.31.255.255", HOP_SCOPE_PRIVATE},
    {"172.32.0.0", HOP_SCOPE_PUBLIC},
    {"191.255.255.255", HOP_SCOPE_PUBLIC},
    {"192.0.0.0", HOP_SCOPE_NONE},
    {"192.0.0.255", HOP_SCOPE_NONE},
    {"192.0.1.0", HOP_SCOPE_PUBLIC},
    {"192.0.2.1", HOP_SCOPE_PUBLIC},
    {"192.167.255.255", HOP_SCOPE_PUBLIC},
    {"192.168.0.0", HOP_SCOPE_PRIVATE},
    {"192.168.255.255", HOP_SCOPE_PRIVATE},
    {"192.169.0.0", HOP_SCOPE_PUBLIC},
    {"198.51.100.1", HOP_SCOPE_PUBLIC},
    {"203.0.113.1", HOP_SCOPE_PUBLIC},
    {"223.255.255.255", HOP_SCOPE_PUBLIC},
    {"224.0.0.0", HOP_SCOPE_NONE},
    {"239.255.255.255", HOP_SCOPE_NONE},
    {"240.0.0.0", HOP_SCOPE_NONE},
    {"255.255.255.255", HOP_SCOPE_NONE},
    {"::", HOP_SCOPE_NONE},
    {"::1", HOP_SCOPE_LOOPBACK},
    {"::2", HOP_SCOPE_NONE},
    {"::127.0.0.1", HOP_SCOPE_NONE},
    {"::ffff:127.0.0.1", HOP_SCOPE_LOOPBACK},
    {"::ffff:10.0.0.1", HOP_SCOPE_PRIVATE},
    {"::ffff:0.0.0.0", HOP_SCOPE_NONE},
    {"::ffff:192.0.2.1", HOP_SCOPE_PUBLIC},
    {"::ffff:224.0.0.1", HOP_SCOPE_NONE},
    {"100::1", HOP_SCOPE_NONE},
    {"100:0:0:1::1", HOP_SCOPE_PUBLIC},
    {"64:ff9b::1", HOP_SCOPE_PUBLIC},
    {"2001:db8::1", HOP_SCOPE_PUBLIC},
    {"3fff:ffff::1", HOP_SCOPE_PUBLIC},
    {"fbff::1", HOP_SCOPE_PUBLIC},
    {"fc00::", HOP_SCOPE_PRIVATE},
    {"fdff::1", HOP_SCOPE_PRIVATE},
    {"fe00::1", HOP_SCOPE_PUBLIC},
    {"fe7f::1", HOP_SCOPE_PUBLIC},
    {"fe80::", HOP_SCOPE_LINK_LOCAL},
    {"febf:ffff::1", HOP_SCOPE_LINK_LOCAL},
    {"fec0::1", HOP_SCOPE_PRIVATE},
    {"feff::1", HOP_SCOPE_PRIVATE},
    {"ff00::", HOP_SCOPE_NONE},
    {"ff02::1", HOP_SCOPE_NONE},
};

static void scopes_at_the_edges(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
        hop_address address = at(scopes[i].text);
        if (hop_address_scope(&address) != scopes[i].scope)
            fail_msg("%s: %d", scopes[i].text, (int)hop_address_scope(&address));
    }
    hop_address none = {0};
    assert_int_equal(hop_address_scope(&none), HOP_SCOPE_NONE);
}

static void subnets(void **state) {
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        unsigned prefix_bits;
        bool same;
    } cases[] = {
        {"192.168.1.1", "192.168.1.254", 24, true}, {"192.168.1.1", "192.168.2.1", 24, false},
        {"192.168.1.1", "192.168.2.1", 22, true},   {"10.0.0.127", "10.0.0.128", 25, false},
        {"10.0.0.127", "10.0.0.128", 24, true},     {"10.0.0.1", "10.0.0.1", 32, true},
        {"10.0.0.1", "10.0.0.0", 32, false},        {"10.0.0.1", "10.0.0.0", 31, true},
        {"10.0.0.1", "10.0.0.1", 33, false},        {"10.0.0.1", "10.0.0.1", 0, false},
        {"2001:db8::1", "2001:db8::2", 64, true},   {"2001:db8::1", "2001:db8:0:1::1", 64, false},
        {"2001:db8::1", "2001:db8::1", 128, true},  {"2001:db8::1", "2001:db8::1", 129, false},
        {"::ffff:10.0.0.1", "10.0.0.1", 8, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hop_address a = at(cases[i].a), b = at(cases[i].b);
        if (hop_address_same_subnet(&a, &b, cases[i].prefix_bits) != cases[i].same)
            fail_msg("%s %s /%u", cases[i].a, cases[i].b, cases[i].prefix_bits);
    }
}

static void equality_and_unmapping(void **state) {
    (void)state;
    hop_address a = at("192.0.2.1:1"), b = at("192.0.2.1:2"), mapped = at("[::ffff:192.0.2.1]:1");
    assert_true(hop_address_equal(&a, &a));
    assert_false(hop_address_equal(&a, &b));
    assert_true(hop_address_same_ip(&a, &b));
    assert_false(hop_address_same_ip(&a, &mapped));
    hop_address plain = hop_address_unmapped(&mapped);
    assert_true(hop_address_equal(&plain, &a));
    hop_address same = hop_address_unmapped(&a);
    assert_true(hop_address_equal(&same, &a));
    hop_address six = at("[2001:db8::1]:1");
    same = hop_address_unmapped(&six);
    assert_true(hop_address_equal(&same, &six));
    hop_address none = {0};
    assert_true(hop_address_equal(&none, &none));
    assert_false(hop_address_equal(&none, &a));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_and_brackets),
        cmocka_unit_test(no_address_prints_as_a_word),
        cmocka_unit_test(random_ipv6_prints_as_inet_ntop),
        cmocka_unit_test(random_ipv4_prints_as_inet_ntop),
        cmocka_unit_test(damaged_texts_agree_with_inet_pton),
        cmocka_unit_test(scopes_at_the_edges),
        cmocka_unit_test(subnets),
        cmocka_unit_test(equality_and_unmapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
