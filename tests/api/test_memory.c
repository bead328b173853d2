/* SPDX-License-Identifier: MIT */
/*
 * The first allocation fails, then the second ... until a whole meeting of two endpoints passes
 * untouched: each time there is a clean error or a success, and never a leak or a crash. Only our
 * own allocations are counted, not those of the libraries below.
 */
#include "api/api.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static char folder[] = "/tmp/hop-memory-XXXXXX"; /* of the endpoints' recordings */
static int allocations_left = -1;                /* negative: as many as you like */

static bool allowed(void) {
    if (allocations_left < 0) return true;
    return allocations_left-- > 0;
}

/* Once the failing one is through, all goes well again: allocations_left is negative then. */
void *__wrap_malloc(size_t size) {
    return allowed() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size) {
    return allowed() ? __real_calloc(count, size) : NULL;
}

/* Drives both until nothing more can come of it; an established descriptor is closed. */
static bool meet(hop_endpoint *const *endpoints) {
    bool over[2] = {false, false}, well[2] = {false, false};
    int64_t deadline = now_ms() + PATIENCE_MS;
    if (hop_attempt(endpoints[0], hop_description(endpoints[1])) != 0) return false;
    if (hop_attempt(endpoints[1], hop_description(endpoints[0])) != 0) return false;
    while (!(over[0] && over[1])) {
        assert_true(now_ms() < deadline);
        for (int i = 0; i < 2; i++) {
            hop_event event;
            int error = hop_process(endpoints[i]);
            assert_true(error == 0 || error == HOP_E_MEMORY);
            over[i] = over[i] || error != 0;
            while (hop_next(endpoints[i], &event) == 1) {
                over[i] = over[i] || event.kind == HOP_EVENT_FAILED;
                if (event.kind != HOP_EVENT_ESTABLISHED) continue;
                int fd = hop_take_fd(endpoints[i], event.attempt);
                assert_true(fd >= 0);
                close(fd);
                over[i] = well[i] = true;
            }
        }
    }
    return well[0] && well[1];
}

/* True: everything went well although (or because) nothing failed. */
static bool with_allocations(int count) {
    hop_endpoint *endpoints[2] = {NULL, NULL};
    hop_options options = loopback_options(HOP_NO_IPV6);
    options.timeout_ms = 500;
    options.record = folder;
    int opened = 0;
    allocations_left = count;
    for (int i = 0; i < 2; i++) {
        int error = hop_open(&options, &endpoints[i]);
        assert_true(error == 0 || error == HOP_E_MEMORY);
        assert_int_equal(error == 0, endpoints[i] != NULL);
        opened += error == 0;
    }
    bool described = opened == 2 && hop_description(endpoints[0]) && hop_description(endpoints[1]);
    bool well = described && meet(endpoints) && allocations_left >= 0;
    for (int i = 0; i < 2; i++)
        hop_free(endpoints[i]);
    allocations_left = -1;
    return well;
}

static void each_allocation_fails_once(void **state) {
    (void)state;
    int count = 0;
    char command[64];
    assert_non_null(mkdtemp(folder));
    while (!with_allocations(count)) {
        count++;
        assert_true(count < 1000);
    }
    print_message("%d allocations, each has failed once\n", count);
    assert_true(count > 10);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {API_TEST(each_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
