/* SPDX-License-Identifier: MIT */
/* A library that was built without libcurl says so when it is to ask for the public address. */
#include "api/api.h"
#include "drive/public_ip.h"

static void test_it_says_so(void **state) {
    (void)state;
    hop_address address;
    int error = 0;
    const char *text = NULL;
    hop_public_ip *ask = hop_public_ip_new(NULL, NULL, 0, true, true, NULL);
    assert_non_null(ask);
    assert_true(hop_public_ip_done(ask, &address, &error, &text));
    assert_int_equal(error, HOP_E_PUBLIC_IP);
    assert_non_null(strstr(text, "built without"));
    assert_true(hop_public_ip_wait_us(ask) == INT64_MAX);
    struct pollfd watched = {.fd = hop_public_ip_fd(ask), .events = POLLIN};
    assert_int_equal(poll(&watched, 1, 0), 0); /* a descriptor that can be nested, and is quiet */
    hop_public_ip_process(ask);
    assert_null(hop_public_ip_free(ask));
    assert_null(hop_public_ip_free(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {API_TEST(test_it_says_so)};
    return cmocka_run_group_tests_name("public_ip_none", tests, NULL, NULL);
}
