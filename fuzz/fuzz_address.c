/* SPDX-License-Identifier: MIT */
/* Any text as an address: what is read, printed and read again is the same; and everything that is
 * asked of an address has an answer. */
#include <string.h>

#include "fuzz.h"

static void check(const hop_address *address) {
    char text[HOP_ADDRESS_TEXT_SIZE], second[HOP_ADDRESS_TEXT_SIZE];
    hop_address again;
    size_t size = hop_address_print(address, text);
    FUZZ_CHECK(size > 0 && size < sizeof text && text[size] == 0);
    FUZZ_CHECK(hop_address_parse(text, size, 0, &again));
    FUZZ_CHECK(hop_address_scope(address) <= HOP_SCOPE_PUBLIC);
    hop_address plain = hop_address_unmapped(address);
    FUZZ_CHECK(plain.port == address->port);
    for (unsigned bits = 0; bits <= 130; bits++)
        FUZZ_CHECK(hop_address_same_subnet(address, address, bits) == (bits != 0) ||
                   bits > (address->family == HOP_FAMILY_IPV4 ? 32 : 128));
    FUZZ_CHECK(hop_address_equal(address, &again) && hop_address_same_ip(address, &again));
    FUZZ_CHECK(hop_address_print(&again, second) == size && strcmp(text, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    hop_address with = {0}, without = {0};
    bool has_default = hop_address_parse((const char *)bytes, size, 3478, &with);
    bool has_port = hop_address_parse((const char *)bytes, size, 0, &without);
    FUZZ_CHECK(has_default || !has_port);
    if (has_default) check(&with);
    if (has_port) check(&without);
    hop_reader reader = hop_reader_make(bytes, size);
    hop_address any = fuzz_address(&reader);
    check(&any);
    return 0;
}
