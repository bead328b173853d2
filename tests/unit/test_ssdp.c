/* SPDX-License-Identifier: MIT */
/* Finding a UPnP router: its description is taken from itself or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bytes.h"
#include "wire/ssdp.h"

static const hop_address router = {HOP_FAMILY_IPV4, {192, 168, 1, 1}, 0};

#define BEFORE "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: x\r\n"
#define WHOLE  BEFORE "LOCATION: http://192.168.1.1:5000/root.xml\r\nEXT:\r\n\r\n"

static bool find(const char *text, char location[HOP_SSDP_LOCATION_SIZE]) {
    uint8_t *block = bytes_exact(text, strlen(text));
    bool found = hop_ssdp_location(block, strlen(text), &router, location);
    free(block);
    return found;
}

static void test_search_is_a_request(void **state) {
    (void)state;
    size_t size;
    const char *text = (const char *)hop_ssdp_search(&size);
    assert_memory_equal(text, "M-SEARCH * HTTP/1.1\r\n", 21);
    assert_memory_equal(text + size - 4, "\r\n\r\n", 4);
}

static void test_locations(void **state) {
    (void)state;
    static const char *const good[] = {
        WHOLE, "http/1.1 200 OK\nlocation:http://192.168.1.1:5000/root.xml\n",
        BEFORE "Location:\t http://192.168.1.1:5000/root.xml"};
    char location[HOP_SSDP_LOCATION_SIZE];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(find(good[i], location));
        assert_string_equal(location, "http://192.168.1.1:5000/root.xml");
    }
    assert_true(find(BEFORE "Location: http://192.168.1.1/\r\n\r\n", location));
    assert_string_equal(location, "http://192.168.1.1/");
}

static void test_no_locations(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "\r\n\r\n",
        BEFORE "\r\n",
        "HTTP/1.1 404 Not Found\r\nLOCATION: http://192.168.1.1/\r\n\r\n",
        "NOTIFY * HTTP/1.1\r\nLOCATION: http://192.168.1.1/\r\n\r\n",
        BEFORE "LOCATION: http://192.168.1.2:5000/root.xml\r\n\r\n",
        BEFORE "LOCATION: https://192.168.1.1/\r\n\r\n",
        BEFORE "LOCATION: file:///etc/passwd\r\n\r\n",
        BEFORE "LOCATION: http://192.168.1.1@192.0.2.1/\r\n\r\n",
        BEFORE "LOCATION: http://192.168.1.1.example/\r\n\r\n",
        BEFORE "LOCATION: http://router.example/\r\n\r\n",
        BEFORE "LOCATION: http://192.168.1.1:99999/\r\n\r\n",
        BEFORE "LOCATION: http://192.168.1.1/ /\r\n\r\n",
        BEFORE "LOCATION: http://\r\n\r\n",
        BEFORE "LOCATION:\r\n\r\n",
    };
    char location[HOP_SSDP_LOCATION_SIZE] = "before";
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(find(bad[i], location));
        assert_string_equal(location, "before");
    }
    char text[512] = BEFORE "LOCATION: http://192.168.1.1/";
    memset(text + strlen(text), 'a', HOP_SSDP_LOCATION_SIZE);
    assert_false(find(text, location));
}

static void test_cut_and_damaged(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(1900);
    char location[HOP_SSDP_LOCATION_SIZE];
    for (size_t cut = 0; cut < sizeof WHOLE - 1; cut++) {
        uint8_t *block = bytes_exact(WHOLE, cut);
        if (hop_ssdp_location(block, cut, &router, location))
            assert_true(hop_ssdp_is_at(location, strlen(location), &router));
        free(block);
    }
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[256];
        memcpy(bytes, WHOLE, sizeof WHOLE - 1);
        size_t size = bytes_damage(&random, bytes, sizeof WHOLE - 1, sizeof bytes);
        uint8_t *block = bytes_exact(bytes, size);
        if (hop_ssdp_location(block, size, &router, location))
            assert_true(hop_ssdp_is_at(location, strlen(location), &router));
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search_is_a_request),
        cmocka_unit_test(test_locations),
        cmocka_unit_test(test_no_locations),
        cmocka_unit_test(test_cut_and_damaged),
    };
    return cmocka_run_group_tests_name("ssdp", tests, NULL, NULL);
}
