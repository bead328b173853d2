/* SPDX-License-Identifier: MIT */
/*
 * Comparing, classifying, reading and writing transport addresses. The parser is strict: what it
 * accepts is what RFC 4291 section 2.2 and a plain dotted quad allow, without zone names, octal
 * numbers or missing parts.
 */
#include "base/address.h"

#include <string.h>

#define IPV4_SIZE  4u
#define IPV6_SIZE  16u
#define WORD_COUNT 8u /* of 16 bits in an IPv6 address */

/* What is still to be read of a text. */
typedef struct scan {
    const char *at;
    size_t left;
} scan;

typedef struct range {
    uint8_t ip[IPV4_SIZE];
    uint8_t prefix_bits;
    uint8_t scope; /* hop_scope */
} range;

static size_t ip_size(const hop_address *address);
static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned prefix_bits);
static hop_scope scope_ipv4(const uint8_t *ip);
static hop_scope scope_ipv6(const uint8_t *ip);
static bool is_mapped(const uint8_t *ip);
static bool scan_letter(scan *text, char letter);
static bool scan_decimal(scan *text, unsigned digits_max, unsigned max, unsigned *ret_value);
static unsigned scan_hex(scan *text, unsigned *ret_value);
static bool scan_ipv4(scan *text, uint8_t *ip);
static bool scan_ipv6(scan *text, uint8_t *ip);
static bool scan_port(scan *text, uint16_t default_port, uint16_t *ret_port);
static size_t print_decimal(unsigned value, char *text);
static size_t print_hex(unsigned value, char *text);
static size_t print_ipv4(const uint8_t *ip, char *text);
static size_t print_ipv6(const uint8_t *ip, char *text);
static unsigned word_of(const uint8_t *ip, unsigned index);
static unsigned longest_zeros(const uint8_t *ip, unsigned *ret_first);

bool hop_address_equal(const hop_address *a, const hop_address *b) {
    return hop_address_same_ip(a, b) && a->port == b->port;
}

bool hop_address_same_ip(const hop_address *a, const hop_address *b) {
    return a->family == b->family && memcmp(a->ip, b->ip, ip_size(a)) == 0;
}

bool hop_address_same_subnet(const hop_address *a, const hop_address *b, unsigned prefix_bits) {
    /* No bits is what an address without a known subnet carries: it is not "everywhere". */
    if (a->family != b->family || prefix_bits == 0) return false;
    return prefix_bits <= ip_size(a) * 8 && same_prefix(a->ip, b->ip, prefix_bits);
}

hop_scope hop_address_scope(const hop_address *address) {
    hop_address plain = hop_address_unmapped(address);
    switch (plain.family) {
    case HOP_FAMILY_IPV4: return scope_ipv4(plain.ip);
    case HOP_FAMILY_IPV6: return scope_ipv6(plain.ip);
    default: return HOP_SCOPE_NONE;
    }
}

hop_address hop_address_unmapped(const hop_address *address) {
    if (address->family != HOP_FAMILY_IPV6 || !is_mapped(address->ip)) return *address;
    hop_address plain = {.family = HOP_FAMILY_IPV4, .port = address->port};
    memcpy(plain.ip, address->ip + IPV6_SIZE - IPV4_SIZE, IPV4_SIZE);
    return plain;
}

bool hop_address_parse(const char *text, size_t size, uint16_t default_port,
                       hop_address *ret_address) {
    scan rest = {text, size};
    hop_address address = {.family = HOP_FAMILY_IPV6};
    bool colon_seen = false;
    for (size_t i = 0; i < size && text[i] != '.'; i++)
        colon_seen = colon_seen || text[i] == ':';

    if (scan_letter(&rest, '[')) {
        if (!scan_ipv6(&rest, address.ip) || !scan_letter(&rest, ']')) return false;
    } else if (colon_seen) {
        /* Without brackets nobody could tell a port from the address's last group. */
        if (default_port == 0 || !scan_ipv6(&rest, address.ip) || rest.left > 0) return false;
    } else {
        address.family = HOP_FAMILY_IPV4;
        if (!scan_ipv4(&rest, address.ip)) return false;
    }
    if (!scan_port(&rest, default_port, &address.port)) return false;
    *ret_address = address;
    return true;
}

size_t hop_address_print(const hop_address *address, char text[static HOP_ADDRESS_TEXT_SIZE]) {
    size_t length = 0;
    if (address->family == HOP_FAMILY_IPV4) {
        length = print_ipv4(address->ip, text);
    } else if (address->family == HOP_FAMILY_IPV6) {
        text[length++] = '[';
        length += print_ipv6(address->ip, text + length);
        text[length++] = ']';
    } else {
        memcpy(text, "none", 5);
        return 4;
    }
    text[length++] = ':';
    length += print_decimal(address->port, text + length);
    text[length] = 0;
    return length;
}

static size_t ip_size(const hop_address *address) {
    if (address->family == HOP_FAMILY_IPV4) return IPV4_SIZE;
    return address->family == HOP_FAMILY_IPV6 ? IPV6_SIZE : 0;
}

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned prefix_bits) {
    size_t whole = prefix_bits / 8;
    if (memcmp(a, b, whole) != 0) return false;
    unsigned rest = prefix_bits % 8;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

/* IANA's registry of special addresses (RFC 6890). The documentation ranges (RFC 5737, RFC 3849)
 * are left out on purpose: they stand for public addresses in the laboratory and in examples. */
static hop_scope scope_ipv4(const uint8_t *ip) {
    static const range ranges[] = {
        {{0, 0, 0, 0}, 8, HOP_SCOPE_NONE},            /* RFC 791: this network */
        {{10, 0, 0, 0}, 8, HOP_SCOPE_PRIVATE},        /* RFC 1918 */
        {{100, 64, 0, 0}, 10, HOP_SCOPE_PRIVATE},     /* RFC 6598: behind a carrier's NAT */
        {{127, 0, 0, 0}, 8, HOP_SCOPE_LOOPBACK},      /* RFC 1122 */
        {{169, 254, 0, 0}, 16, HOP_SCOPE_LINK_LOCAL}, /* RFC 3927 */
        {{172, 16, 0, 0}, 12, HOP_SCOPE_PRIVATE},     /* RFC 1918 */
        {{192, 0, 0, 0}, 24, HOP_SCOPE_NONE},         /* RFC 6890: protocol assignments */
        {{192, 168, 0, 0}, 16, HOP_SCOPE_PRIVATE},    /* RFC 1918 */
        {{224, 0, 0, 0}, 4, HOP_SCOPE_NONE},          /* RFC 5771: multicast */
        {{240, 0, 0, 0}, 4, HOP_SCOPE_NONE},          /* RFC 1112: reserved; broadcast */
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (same_prefix(ip, ranges[i].ip, ranges[i].prefix_bits)) return (hop_scope)ranges[i].scope;
    return HOP_SCOPE_PUBLIC;
}

static hop_scope scope_ipv6(const uint8_t *ip) {
    static const uint8_t zeros[IPV6_SIZE];
    static const uint8_t discard[8] = {0x01};
    if (memcmp(ip, zeros, IPV6_SIZE - 1) == 0 && ip[IPV6_SIZE - 1] == 1) return HOP_SCOPE_LOOPBACK;
    /* ::/96 is unspecified or "IPv4-compatible", which RFC 4291 section 2.5.5.1 withdrew. */
    if (memcmp(ip, zeros, IPV6_SIZE - IPV4_SIZE) == 0) return HOP_SCOPE_NONE;
    if (memcmp(ip, discard, sizeof(discard)) == 0) return HOP_SCOPE_NONE; /* RFC 6666: 100::/64 */
    if (ip[0] == 0xFF) return HOP_SCOPE_NONE;                             /* multicast */
    if (ip[0] == 0xFE && (ip[1] & 0xC0) == 0x80) return HOP_SCOPE_LINK_LOCAL;
    if (ip[0] == 0xFE && (ip[1] & 0xC0) == 0xC0) return HOP_SCOPE_PRIVATE; /* RFC 3879 */
    if ((ip[0] & 0xFE) == 0xFC) return HOP_SCOPE_PRIVATE;                  /* RFC 4193 */
    return HOP_SCOPE_PUBLIC;
}

static bool is_mapped(const uint8_t *ip) {
    static const uint8_t prefix[IPV6_SIZE - IPV4_SIZE] = {[10] = 0xFF, [11] = 0xFF};
    return memcmp(ip, prefix, sizeof(prefix)) == 0;
}

static bool scan_letter(scan *text, char letter) {
    if (text->left == 0 || *text->at != letter) return false;
    text->at++;
    text->left--;
    return true;
}

/* At least one digit; no needless leading zero, which elsewhere means octal. */
static bool scan_decimal(scan *text, unsigned digits_max, unsigned max, unsigned *ret_value) {
    unsigned value = 0;
    unsigned digits = 0;
    while (text->left > 0 && *text->at >= '0' && *text->at <= '9') {
        if (digits == digits_max || (digits > 0 && value == 0)) return false;
        value = value * 10 + (unsigned)(*text->at - '0');
        digits++;
        text->at++;
        text->left--;
    }
    if (digits == 0 || value > max) return false;
    *ret_value = value;
    return true;
}

/* Up to four hexadecimal digits; returns how many there were. */
static unsigned scan_hex(scan *text, unsigned *ret_value) {
    unsigned value = 0;
    unsigned digits = 0;
    for (; text->left > 0 && digits < 4; digits++) {
        char letter = *text->at;
        if (letter >= '0' && letter <= '9')
            value = value << 4 | (unsigned)(letter - '0');
        else if (letter >= 'a' && letter <= 'f')
            value = value << 4 | (unsigned)(letter - 'a' + 10);
        else if (letter >= 'A' && letter <= 'F')
            value = value << 4 | (unsigned)(letter - 'A' + 10);
        else
            break;
        text->at++;
        text->left--;
    }
    *ret_value = value;
    return digits;
}

static bool scan_ipv4(scan *text, uint8_t *ip) {
    for (unsigned i = 0; i < IPV4_SIZE; i++) {
        unsigned value;
        if (i > 0 && !scan_letter(text, '.')) return false;
        if (!scan_decimal(text, 3, UINT8_MAX, &value)) return false;
        ip[i] = (uint8_t)value;
    }
    return true;
}

/* RFC 4291 section 2.2: groups, at the most one "::", a dotted quad in place of the last two. */
static bool scan_ipv6(scan *text, uint8_t *ip) {
    uint8_t parts[IPV6_SIZE] = {0};
    size_t filled = 0;
    size_t gap = IPV6_SIZE + 1; /* where "::" stood; beyond the end: nowhere */
    if (scan_letter(text, ':')) {
        if (!scan_letter(text, ':')) return false;
        gap = 0;
    }
    while (filled < IPV6_SIZE) {
        scan group = *text;
        unsigned value;
        if (scan_hex(text, &value) == 0) {
            if (gap == filled) break; /* "::" may end the address, a single ':' may not */
            return false;
        }
        if (text->left > 0 && *text->at == '.') {
            *text = group;
            if (filled > IPV6_SIZE - IPV4_SIZE || !scan_ipv4(text, parts + filled)) return false;
            filled += IPV4_SIZE;
            break;
        }
        parts[filled++] = (uint8_t)(value >> 8);
        parts[filled++] = (uint8_t)value;
        if (filled == IPV6_SIZE || !scan_letter(text, ':')) break;
        if (!scan_letter(text, ':')) continue;
        if (gap <= IPV6_SIZE) return false; /* a second "::" */
        gap = filled;
    }
    if (gap > IPV6_SIZE) {
        if (filled < IPV6_SIZE) return false;
        gap = filled;
    } else if (filled == IPV6_SIZE) {
        return false; /* "::" stands for at least one group */
    }
    memset(ip, 0, IPV6_SIZE);
    memcpy(ip, parts, gap);
    memcpy(ip + IPV6_SIZE - (filled - gap), parts + gap, filled - gap);
    return true;
}

static bool scan_port(scan *text, uint16_t default_port, uint16_t *ret_port) {
    unsigned value = default_port;
    if (text->left == 0 && default_port == 0) return false;
    if (text->left > 0 &&
        (!scan_letter(text, ':') || !scan_decimal(text, 5, UINT16_MAX, &value) || text->left > 0))
        return false;
    *ret_port = (uint16_t)value;
    return true;
}

static size_t print_decimal(unsigned value, char *text) {
    char reversed[10];
    size_t digits = 0;
    do {
        reversed[digits++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < digits; i++)
        text[i] = reversed[digits - 1 - i];
    return digits;
}

static size_t print_hex(unsigned value, char *text) {
    static const char digits[] = "0123456789abcdef";
    size_t length = 0;
    for (unsigned shift = 16; shift > 0; shift -= 4)
        if (length > 0 || value >> (shift - 4) != 0 || shift == 4)
            text[length++] = digits[value >> (shift - 4) & 15];
    return length;
}

static size_t print_ipv4(const uint8_t *ip, char *text) {
    size_t length = 0;
    for (unsigned i = 0; i < IPV4_SIZE; i++) {
        if (i > 0) text[length++] = '.';
        length += print_decimal(ip[i], text + length);
    }
    return length;
}

/* RFC 5952 section 4; section 5 for mapped addresses. */
static size_t print_ipv6(const uint8_t *ip, char *text) {
    if (is_mapped(ip)) {
        memcpy(text, "::ffff:", 7);
        return 7 + print_ipv4(ip + IPV6_SIZE - IPV4_SIZE, text + 7);
    }
    unsigned first;
    unsigned zeros = longest_zeros(ip, &first);
    size_t length = 0;
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        if (zeros > 1 && i == first) {
            text[length++] = ':';
            text[length++] = ':';
            i += zeros - 1;
            continue;
        }
        if (length > 0 && text[length - 1] != ':') text[length++] = ':';
        length += print_hex(word_of(ip, i), text + length);
    }
    return length;
}

static unsigned word_of(const uint8_t *ip, unsigned index) {
    return (unsigned)ip[2 * index] << 8 | ip[2 * index + 1];
}

/* The longest run of zero words, the first of several (RFC 5952 section 4.2.3). */
static unsigned longest_zeros(const uint8_t *ip, unsigned *ret_first) {
    unsigned best = 0;
    unsigned run = 0;
    *ret_first = 0;
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        run = word_of(ip, i) == 0 ? run + 1 : 0;
        if (run <= best) continue;
        best = run;
        *ret_first = i + 1 - run;
    }
    return best;
}
