/* SPDX-License-Identifier: MIT */
/* What a description may make us dial, whoever wrote it: a table. And the pace by itself. */
#include "core_rig.h"

#include "core/candidate.h"
#include "core/pace.h"

typedef struct judged {
    const char *address;
    hop_skip skip;
} judged;

/* At home: 192.168.1.10 behind 203.0.113.10. */
static hop_candidate_self at_home(void) {
    hop_candidate_self self = {
        .host_count = 2, .use_ipv4 = true, .use_ipv6 = true, .use_lan = true};
    self.hosts[0] = rig_candidate(HOP_CANDIDATE_HOST, "192.168.1.10:40000", 24);
    self.hosts[1] = rig_candidate(HOP_CANDIDATE_HOST, "[fd00:1::10]:40000", 64);
    self.observed[0] = rig_address("203.0.113.10:50000");
    return self;
}

static void check(const hop_candidate_self *self, const judged *table, size_t count,
                  hop_candidate_type type, const char *observed) {
    hop_address seen = rig_address(observed);
    for (size_t i = 0; i < count; i++) {
        hop_candidate candidate = rig_candidate(type, table[i].address, 0);
        hop_skip skip = hop_candidate_judge(self, &candidate, &seen);
        if (skip != table[i].skip)
            fail_msg("%s: %d, not %d", table[i].address, (int)skip, (int)table[i].skip);
    }
}

#define CHECK(self, table, type, seen)                                                             \
    check(self, table, sizeof table / sizeof table[0], type, seen)

static const judged far_peer[] = {
    {"203.0.113.20:41000", HOP_SKIP_NONE},
    {"[2001:db8::20]:41000", HOP_SKIP_NONE},
    {"203.0.113.20:1024", HOP_SKIP_NONE},
    {"203.0.113.20:1023", HOP_SKIP_PORT},
    {"[2001:db8::20]:22", HOP_SKIP_PORT},
    {"127.0.0.1:41000", HOP_SKIP_LOOPBACK},
    {"127.9.9.9:41000", HOP_SKIP_LOOPBACK},
    {"[::1]:41000", HOP_SKIP_LOOPBACK},
    {"0.0.0.0:41000", HOP_SKIP_SCOPE},
    {"[::]:41000", HOP_SKIP_SCOPE},
    {"169.254.1.1:41000", HOP_SKIP_SCOPE},
    {"[fe80::1]:41000", HOP_SKIP_SCOPE},
    {"224.0.0.1:41000", HOP_SKIP_SCOPE},
    {"255.255.255.255:41000", HOP_SKIP_SCOPE},
    {"[ff02::1]:41000", HOP_SKIP_SCOPE},
    {"[::ffff:192.168.1.20]:41000", HOP_SKIP_SCOPE},
    {"[::ffff:203.0.113.20]:41000", HOP_SKIP_SCOPE},
    {"192.168.1.10:40000", HOP_SKIP_SELF},
    {"192.168.1.10:40001", HOP_SKIP_NONE}, /* another program on this machine */
    {"192.168.1.20:41000", HOP_SKIP_NONE}, /* our subnet */
    {"192.168.2.20:41000", HOP_SKIP_PRIVATE},
    {"10.0.0.1:41000", HOP_SKIP_PRIVATE},
    {"100.64.0.1:41000", HOP_SKIP_PRIVATE},
    {"[fd00:1::20]:41000", HOP_SKIP_NONE},
    {"[fd00:2::20]:41000", HOP_SKIP_PRIVATE},
};

static void test_far_peer(void **state) {
    (void)state;
    hop_candidate_self self = at_home();
    CHECK(&self, far_peer, HOP_CANDIDATE_HOST, "203.0.113.20:51000");
}

static void test_neighbour_behind_the_same_address(void **state) {
    (void)state;
    static const judged near[] = {
        {"192.168.2.20:41000", HOP_SKIP_NONE},
        {"10.0.0.1:41000", HOP_SKIP_NONE},
        {"127.0.0.1:41000", HOP_SKIP_LOOPBACK},
        {"10.0.0.1:25", HOP_SKIP_PORT},
    };
    hop_candidate_self self = at_home();
    CHECK(&self, near, HOP_CANDIDATE_HOST, "203.0.113.10:51000");
}

static void test_private_address_that_the_server_saw(void **state) {
    (void)state;
    static const judged seen[] = {{"10.0.0.1:41000", HOP_SKIP_NONE}};
    static const judged refused[] = {{"10.0.0.1:41000", HOP_SKIP_PRIVATE}};
    hop_candidate_self self = at_home();
    CHECK(&self, refused, HOP_CANDIDATE_SERVER_REFLEXIVE, "10.0.0.1:41000");
    self.observed[0] = rig_address("192.168.1.10:40000"); /* a server in our own network */
    CHECK(&self, seen, HOP_CANDIDATE_SERVER_REFLEXIVE, "10.0.0.1:41000");
}

static void test_options(void **state) {
    (void)state;
    static const judged no_lan[] = {{"192.168.1.20:41000", HOP_SKIP_LAN},
                                    {"203.0.113.20:41000", HOP_SKIP_NONE}};
    static const judged no_ipv4[] = {{"203.0.113.20:41000", HOP_SKIP_FAMILY},
                                     {"[2001:db8::20]:41000", HOP_SKIP_NONE}};
    static const judged no_ipv6[] = {{"[2001:db8::20]:41000", HOP_SKIP_FAMILY}};
    static const judged all[] = {{"10.0.0.1:41000", HOP_SKIP_NONE},
                                 {"127.0.0.1:41000", HOP_SKIP_NONE}};
    hop_candidate_self self = at_home();
    self.use_lan = false;
    CHECK(&self, no_lan, HOP_CANDIDATE_HOST, "203.0.113.20:51000");
    self = at_home();
    self.use_ipv4 = false;
    CHECK(&self, no_ipv4, HOP_CANDIDATE_HOST, "203.0.113.20:51000");
    self = at_home();
    self.use_ipv6 = false;
    CHECK(&self, no_ipv6, HOP_CANDIDATE_HOST, "203.0.113.20:51000");
    self = at_home();
    self.allow_private = true;
    self.allow_loopback = true;
    CHECK(&self, all, HOP_CANDIDATE_HOST, "203.0.113.20:51000");
}

static void test_routes(void **state) {
    (void)state;
    static const struct {
        hop_candidate_type type;
        const char *remote;
        const char *local;
        hop_core_route route;
    } table[] = {
        {HOP_CANDIDATE_HOST, "192.168.1.20:41000", "192.168.1.10:40000", HOP_CORE_ROUTE_LAN},
        {HOP_CANDIDATE_HOST, "127.0.0.1:41000", "127.0.0.1:40000", HOP_CORE_ROUTE_LAN},
        {HOP_CANDIDATE_HOST, "[2001:db8::20]:41000", "[2001:db8::10]:4000", HOP_CORE_ROUTE_IPV6},
        {HOP_CANDIDATE_HOST, "203.0.113.20:41000", "192.168.1.10:40000", HOP_CORE_ROUTE_DIRECT},
        {HOP_CANDIDATE_SERVER_REFLEXIVE, "203.0.113.20:41000", "198.51.100.9:40000",
         HOP_CORE_ROUTE_DIRECT},
        {HOP_CANDIDATE_SERVER_REFLEXIVE, "203.0.113.20:41000", "192.168.1.10:40000",
         HOP_CORE_ROUTE_PUNCHED},
        {HOP_CANDIDATE_PEER_REFLEXIVE, "203.0.113.20:41000", "192.168.1.10:40000",
         HOP_CORE_ROUTE_PUNCHED},
        {HOP_CANDIDATE_MAPPED, "203.0.113.20:41000", "192.168.1.10:40000", HOP_CORE_ROUTE_MAPPED},
        {HOP_CANDIDATE_RELAYED, "198.51.100.1:3478", "192.168.1.10:40000", HOP_CORE_ROUTE_RELAYED},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        hop_candidate remote = rig_candidate(table[i].type, table[i].remote, 0);
        hop_address local = rig_address(table[i].local);
        assert_int_equal(hop_candidate_route(&remote, &local), table[i].route);
    }
}

static void test_pace(void **state) {
    (void)state;
    hop_pace pace = hop_pace_make(100, 32);
    unsigned taken = 0;
    while (hop_pace_take(&pace, 5 * HOP_S))
        taken++;
    assert_int_equal(taken, 32);
    assert_true(hop_pace_ready_us(&pace) == 5 * HOP_S + 10 * HOP_MS);
    assert_false(hop_pace_take(&pace, 5 * HOP_S + 10 * HOP_MS - 1));
    assert_true(hop_pace_take(&pace, 5 * HOP_S + 10 * HOP_MS));
    assert_false(hop_pace_take(&pace, 5 * HOP_S + 10 * HOP_MS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_far_peer),
        cmocka_unit_test(test_neighbour_behind_the_same_address),
        cmocka_unit_test(test_private_address_that_the_server_saw),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
