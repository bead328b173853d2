/* SPDX-License-Identifier: MIT */
/*
 * The mapping of one port, the router played by hand: good ones of each protocol, silent ones, ones
 * that refuse, lie, or forget.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/random.h"
#include "bytes.h"
#include "core/mapping.h"

#define PORT 9000
#define LOG  512

static const hop_address public_ip = {HOP_FAMILY_IPV4, {192, 0, 2, 5}, 0};

typedef struct rig {
    hop_mapping mapping;
    int64_t now_us;
    uint32_t epoch_s;
    hop_mapping_output log[LOG];
    int64_t at_us[LOG];
    unsigned count;
} rig;

static void drain(rig *r) {
    hop_mapping_output output;
    assert_true(r->mapping.output_count < HOP_MAPPING_OUTPUTS_MAX - 1);
    while (hop_mapping_next(&r->mapping, &output)) {
        assert_true(r->count < LOG);
        r->at_us[r->count] = r->now_us;
        r->log[r->count++] = output;
    }
}

static void step(rig *r, const hop_mapping_input *input) {
    hop_mapping_step(&r->mapping, r->now_us, input);
    drain(r);
}

static void plain(rig *r, hop_mapping_input_kind kind) {
    step(r, &(hop_mapping_input){.kind = kind});
}

static rig begin(bool use_upnp) {
    rig r = {.now_us = 1000 * HOP_S, .epoch_s = 5000};
    hop_mapping_config config = {.client = {HOP_FAMILY_IPV4, {192, 168, 1, 10}, PORT},
                                 .router = {HOP_FAMILY_IPV4, {192, 168, 1, 1}, 0},
                                 .nonce = {7, 7, 7},
                                 .use_upnp = use_upnp};
    hop_mapping_init(&r.mapping, &config);
    assert_int_equal(hop_mapping_deadline(&r.mapping), INT64_MAX);
    plain(&r, HOP_MAPPING_IN_START);
    return r;
}

/* A TIMER at each deadline until then; time that does not go on is a busy loop. */
static void run_until(rig *r, int64_t until_us) {
    unsigned still = 0;
    int64_t deadline_us;
    while ((deadline_us = hop_mapping_deadline(&r->mapping)) <= until_us) {
        still = deadline_us > r->now_us ? 0 : still + 1;
        assert_true(still < 3);
        if (deadline_us > r->now_us) {
            r->epoch_s = (uint32_t)(r->epoch_s + (deadline_us / HOP_S - r->now_us / HOP_S));
            r->now_us = deadline_us;
        }
        plain(r, HOP_MAPPING_IN_TIMER);
    }
    r->epoch_s = (uint32_t)(r->epoch_s + (until_us / HOP_S - r->now_us / HOP_S));
    r->now_us = until_us;
}

static unsigned count_of(const rig *r, hop_mapping_output_kind kind) {
    unsigned count = 0;
    for (unsigned i = 0; i < r->count; i++)
        count += r->log[i].kind == kind;
    return count;
}

static const hop_mapping_output *last_of(const rig *r, hop_mapping_output_kind kind) {
    for (unsigned i = r->count; i-- > 0;)
        if (r->log[i].kind == kind) return &r->log[i];
    fail_msg("no output of kind %d", kind);
    return NULL;
}

static bool is_pcp(const hop_mapping_output *output) {
    return output->kind == HOP_MAPPING_OUT_SEND && output->size == HOP_PCP_MAP_SIZE &&
           output->bytes[0] == 2 && output->bytes[1] == HOP_PCP_MAP;
}

static bool is_natpmp_map(const hop_mapping_output *output) {
    return output->kind == HOP_MAPPING_OUT_SEND && output->size == 12 && output->bytes[0] == 0 &&
           output->bytes[1] == HOP_NATPMP_MAP_TCP;
}

static unsigned count_if(const rig *r, bool (*is)(const hop_mapping_output *)) {
    unsigned count = 0;
    for (unsigned i = 0; i < r->count; i++)
        count += is(&r->log[i]);
    return count;
}

static uint32_t number_at(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put(uint8_t *bytes, uint32_t value, int size) {
    for (int i = size; i-- > 0; value >>= 8)
        bytes[i] = (uint8_t)value;
}

/* --- the router's words --- */

static void receive(rig *r, const uint8_t *bytes, size_t size) {
    uint8_t *block = bytes_exact(bytes, size);
    step(r, &(hop_mapping_input){.kind = HOP_MAPPING_IN_RECEIVED, .bytes = block, .size = size});
    free(block);
}

static size_t make_pcp(const rig *r, unsigned result, const hop_address *external,
                       uint32_t lifetime_s, uint8_t bytes[HOP_PCP_MAP_SIZE]) {
    memset(bytes, 0, HOP_PCP_MAP_SIZE);
    bytes[0] = 2;
    bytes[1] = 0x81;
    bytes[3] = (uint8_t)result;
    put(bytes + 4, lifetime_s, 4);
    put(bytes + 8, r->epoch_s, 4);
    memcpy(bytes + 24, r->mapping.config.nonce, HOP_PCP_NONCE_SIZE);
    bytes[36] = HOP_PCP_PROTOCOL_TCP;
    put(bytes + 40, PORT, 2);
    put(bytes + 42, external->port, 2);
    if (external->family == HOP_FAMILY_IPV6) {
        memcpy(bytes + 44, external->ip, 16);
    } else {
        bytes[54] = bytes[55] = 0xFF;
        memcpy(bytes + 56, external->ip, 4);
    }
    return HOP_PCP_MAP_SIZE;
}

static hop_address outside(uint16_t port) {
    hop_address address = public_ip;
    address.port = port;
    return address;
}

static void pcp_answers(rig *r, unsigned result, const hop_address *external, uint32_t lifetime_s) {
    uint8_t bytes[HOP_PCP_MAP_SIZE];
    receive(r, bytes, make_pcp(r, result, external, lifetime_s, bytes));
}

static void pcp_grants(rig *r, uint16_t port, uint32_t lifetime_s) {
    hop_address external = outside(port);
    pcp_answers(r, HOP_PCP_SUCCESS, &external, lifetime_s);
}

static void natpmp_tells(rig *r, unsigned result, const hop_address *address) {
    uint8_t bytes[12] = {0, 0x80, 0, (uint8_t)result};
    put(bytes + 4, r->epoch_s, 4);
    memcpy(bytes + 8, address->ip, 4);
    receive(r, bytes, sizeof bytes);
}

static void natpmp_answers(rig *r, unsigned result, uint16_t internal, uint16_t external,
                           uint32_t lifetime_s) {
    uint8_t bytes[16] = {0, 0x82, 0, (uint8_t)result};
    put(bytes + 4, r->epoch_s, 4);
    put(bytes + 8, internal, 2);
    put(bytes + 10, external, 2);
    put(bytes + 12, lifetime_s, 4);
    receive(r, bytes, sizeof bytes);
}

/* As a router of the older protocol does when it meets the newer one. */
static void refuse_version(rig *r) {
    const uint8_t bytes[8] = {0, 0, 0, HOP_NATPMP_UNSUPPORTED_VERSION};
    receive(r, bytes, sizeof bytes);
}

static void upnp_found(rig *r) {
    static const char text[] = "HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:5000/d.xml\r\n\r\n";
    step(r, &(hop_mapping_input){.kind = HOP_MAPPING_IN_FOUND,
                                 .bytes = (const uint8_t *)text,
                                 .size = sizeof text - 1});
}

static void upnp_answers(rig *r, hop_map_trouble trouble, uint16_t port) {
    step(r, &(hop_mapping_input){.kind = HOP_MAPPING_IN_UPNP,
                                 .trouble = trouble,
                                 .external = outside(port),
                                 .lifetime_s = HOP_MAP_LIFETIME_S});
}

static void expect_mapped(const rig *r, hop_map_protocol protocol, uint16_t port) {
    const hop_mapping_output *mapped = last_of(r, HOP_MAPPING_OUT_MAPPED);
    hop_address external = outside(port);
    assert_int_equal(mapped->protocol, protocol);
    assert_true(hop_address_equal(&mapped->external, &external));
}

static void expect_trouble(const rig *r, hop_map_trouble trouble) {
    assert_int_equal(count_of(r, HOP_MAPPING_OUT_MAPPED), 0);
    assert_int_equal(count_of(r, HOP_MAPPING_OUT_UNMAPPED), 1);
    assert_int_equal(last_of(r, HOP_MAPPING_OUT_UNMAPPED)->trouble, trouble);
}

/* --- tests --- */

static void test_silence_is_bounded(void **state) {
    (void)state;
    rig r = begin(true);
    int64_t start_us = r.now_us;
    static const int64_t wanted_ms[] = {0, 250, 750, 1750};
    run_until(&r, start_us + 10 * HOP_S);
    assert_int_equal(count_if(&r, is_pcp), HOP_MAP_SENDS_MAX);
    unsigned seen = 0;
    for (unsigned i = 0; i < r.count; i++)
        if (is_pcp(&r.log[i])) assert_int_equal(r.at_us[i] - start_us, wanted_ms[seen++] * HOP_MS);
    assert_int_equal(count_if(&r, is_natpmp_map), 0); /* its address was never told */
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_SEARCH), HOP_MAP_SEARCHES_MAX);
    expect_trouble(&r, HOP_MAP_TROUBLE_SILENT);
    unsigned before = r.count;
    run_until(&r, start_us + HOP_MAP_REST_US);
    assert_int_equal(r.count, before);
    run_until(&r, start_us + HOP_MAP_REST_US + 20 * HOP_S);
    assert_int_equal(count_if(&r, is_pcp), 2 * HOP_MAP_SENDS_MAX);
    expect_trouble(&r, HOP_MAP_TROUBLE_SILENT); /* told once */
}

static void test_pcp_holds_and_gives_back(void **state) {
    (void)state;
    rig r = begin(true);
    assert_true(is_pcp(&r.log[0]));
    assert_int_equal(number_at(r.log[0].bytes + 4), HOP_MAP_LIFETIME_S);
    pcp_grants(&r, 20000, 120);
    expect_mapped(&r, HOP_MAP_PCP, 20000);
    unsigned sent = r.count;
    run_until(&r, r.now_us + 59 * HOP_S);
    assert_int_equal(r.count, sent);
    run_until(&r, r.now_us + HOP_S); /* half of its life */
    const hop_mapping_output *renewal = &r.log[r.count - 1];
    assert_true(is_pcp(renewal));
    assert_memory_equal(renewal->bytes + 24, r.log[0].bytes + 24, HOP_PCP_NONCE_SIZE);
    assert_int_equal(number_at(renewal->bytes + 40) & 0xFFFF, 20000); /* suggests what it has */
    assert_memory_equal(renewal->bytes + 56, public_ip.ip, 4);
    pcp_grants(&r, 20000, 120);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_MAPPED), 1); /* no news */
    run_until(&r, r.now_us + 60 * HOP_S);
    pcp_grants(&r, 20001, 120);
    expect_mapped(&r, HOP_MAP_PCP, 20001);
    plain(&r, HOP_MAPPING_IN_STOP);
    const hop_mapping_output *deletion = &r.log[r.count - 1];
    assert_true(is_pcp(deletion));
    assert_int_equal(number_at(deletion->bytes + 4), 0);
    assert_int_equal(hop_mapping_deadline(&r.mapping), INT64_MAX);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_SEARCH), 0);
}

static void test_natpmp_where_pcp_is_unknown(void **state) {
    (void)state;
    rig r = begin(true);
    natpmp_tells(&r, 0, &public_ip);
    assert_int_equal(count_if(&r, is_natpmp_map), 0); /* PCP may yet answer */
    refuse_version(&r);
    assert_int_equal(count_if(&r, is_natpmp_map), 1);
    natpmp_answers(&r, 0, PORT, 20000, 120);
    expect_mapped(&r, HOP_MAP_NATPMP, 20000);
    run_until(&r, r.now_us + 60 * HOP_S);
    assert_int_equal(count_if(&r, is_natpmp_map), 2);
    natpmp_tells(&r, 0, &public_ip);
    natpmp_answers(&r, 0, PORT, 20000, 120);
    plain(&r, HOP_MAPPING_IN_STOP);
    assert_true(is_natpmp_map(&r.log[r.count - 1]));
    assert_int_equal(number_at(r.log[r.count - 1].bytes + 4), PORT << 16); /* RFC 6886 3.4 */
    assert_int_equal(number_at(r.log[r.count - 1].bytes + 8), 0);
}

static void test_natpmp_where_pcp_is_silent(void **state) {
    (void)state;
    rig r = begin(true);
    natpmp_tells(&r, 0, &public_ip);
    run_until(&r, r.now_us + HOP_MAP_RESEND_US);
    assert_int_equal(count_if(&r, is_natpmp_map), 1);
    natpmp_answers(&r, 0, PORT + 1, 20000, 120); /* somebody else's */
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_MAPPED), 0);
    natpmp_answers(&r, 0, PORT, 20000, 120);
    expect_mapped(&r, HOP_MAP_NATPMP, 20000);
    unsigned before = r.count;
    pcp_grants(&r, 20000, 120); /* late: one is enough, and it may be the same one */
    assert_int_equal(r.count, before);
}

static void test_upnp_where_nothing_else_is(void **state) {
    (void)state;
    rig r = begin(true);
    run_until(&r, r.now_us + HOP_MAP_UPNP_AFTER_US);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_SEARCH), 1);
    upnp_found(&r);
    upnp_found(&r); /* of several answers the first counts */
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_UPNP_MAP), 1);
    assert_string_equal(last_of(&r, HOP_MAPPING_OUT_UPNP_MAP)->location,
                        "http://192.168.1.1:5000/d.xml");
    upnp_answers(&r, HOP_MAP_TROUBLE_NONE, 20000);
    expect_mapped(&r, HOP_MAP_UPNP, 20000);
    run_until(&r, r.now_us + 60 * HOP_S);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_UPNP_MAP), 2);
    assert_int_equal(last_of(&r, HOP_MAPPING_OUT_UPNP_MAP)->external.port, 20000);
    upnp_answers(&r, HOP_MAP_TROUBLE_SILENT, 0); /* a slip: again, while it lives */
    run_until(&r, r.now_us + HOP_MAP_RENEW_MIN_US);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_UPNP_MAP), 3);
    upnp_answers(&r, HOP_MAP_TROUBLE_NONE, 20000);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_UNMAPPED), 0);
    plain(&r, HOP_MAPPING_IN_STOP);
    assert_int_equal(last_of(&r, HOP_MAPPING_OUT_UPNP_UNMAP)->external.port, 20000);
}

static void test_refusals_lead_on_at_once(void **state) {
    (void)state;
    rig r = begin(true);
    int64_t start_us = r.now_us;
    hop_address none = {0};
    pcp_answers(&r, HOP_PCP_NOT_AUTHORIZED, &none, 1800);
    natpmp_tells(&r, 0, &public_ip);
    assert_int_equal(count_if(&r, is_natpmp_map), 1);
    natpmp_answers(&r, HOP_NATPMP_NOT_AUTHORIZED, PORT, 0, 0);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_SEARCH), 1);
    upnp_found(&r);
    upnp_answers(&r, HOP_MAP_TROUBLE_PERMANENT, 0);
    expect_trouble(&r, HOP_MAP_TROUBLE_REFUSED);
    assert_int_equal(last_of(&r, HOP_MAPPING_OUT_UNMAPPED)->code, HOP_PCP_NOT_AUTHORIZED);
    assert_int_equal(r.now_us, start_us);
    plain(&r, HOP_MAPPING_IN_STOP);
}

/* What no honest router grants. Each is given back, and nothing is told as a mapping. */
static void test_a_router_that_lies(void **state) {
    (void)state;
    static const struct {
        hop_address external;
        uint32_t lifetime_s;
        hop_map_trouble trouble;
    } lies[] = {
        {{HOP_FAMILY_IPV4, {192, 0, 2, 5}, 0}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {192, 0, 2, 5}, 22}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {192, 0, 2, 5}, 20000}, 0, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {192, 0, 2, 5}, 20000}, 1, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {0}, 20000}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {127, 0, 0, 1}, 20000}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {169, 254, 1, 1}, 20000}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {224, 0, 0, 1}, 20000}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {255, 255, 255, 255}, 20000}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV6, {0x20, 1, 0x0D, 0xB8}, 20000}, 120, HOP_MAP_TROUBLE_UNUSABLE},
        {{HOP_FAMILY_IPV4, {10, 0, 0, 2}, 20000}, 120, HOP_MAP_TROUBLE_DOUBLE_NAT},
        {{HOP_FAMILY_IPV4, {100, 64, 1, 2}, 20000}, 120, HOP_MAP_TROUBLE_DOUBLE_NAT},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        rig r = begin(false);
        pcp_answers(&r, HOP_PCP_SUCCESS, &lies[i].external, lies[i].lifetime_s);
        const hop_mapping_output *last = &r.log[r.count - 1];
        if (lies[i].trouble == HOP_MAP_TROUBLE_DOUBLE_NAT) last--;
        bool given_back = is_pcp(last) && number_at(last->bytes + 4) == 0;
        assert_int_equal(given_back, lies[i].lifetime_s > 0);
        run_until(&r, r.now_us + 10 * HOP_S);
        expect_trouble(&r, lies[i].trouble);
    }
}

static void test_natpmp_of_a_double_nat(void **state) {
    (void)state;
    hop_address inner = {HOP_FAMILY_IPV4, {192, 168, 0, 2}, 0};
    rig r = begin(true);
    natpmp_tells(&r, 0, &inner);
    expect_trouble(&r, HOP_MAP_TROUBLE_DOUBLE_NAT);
    assert_int_equal(count_if(&r, is_natpmp_map), 0);
    pcp_grants(&r, 20000, 120); /* what was asked for before is given back */
    assert_true(is_pcp(&r.log[r.count - 1]));
    assert_int_equal(number_at(r.log[r.count - 1].bytes + 4), 0);
}

static void test_ten_years_are_two_minutes(void **state) {
    (void)state;
    rig r = begin(false);
    pcp_grants(&r, 20000, UINT32_MAX);
    expect_mapped(&r, HOP_MAP_PCP, 20000);
    assert_int_equal(last_of(&r, HOP_MAPPING_OUT_MAPPED)->lifetime_s, HOP_MAP_LIFETIME_S);
    assert_in_range(hop_mapping_deadline(&r.mapping) - r.now_us, 1, 60 * HOP_S);
}

/* Answers of others, and made up ones, change nothing at all. */
static void test_not_our_answer(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t flip;
    } wrong[] = {{24, 1}, {35, 1}, {36, 23}, {40, 1}, {41, 1}, {1, 0x80}, {1, 2}, {0, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        rig r = begin(true);
        unsigned before = r.count;
        hop_address external = outside(20000);
        uint8_t bytes[HOP_PCP_MAP_SIZE];
        size_t size = make_pcp(&r, HOP_PCP_SUCCESS, &external, 120, bytes);
        bytes[wrong[i].at] ^= wrong[i].flip;
        receive(&r, bytes, size);
        bytes[3] = HOP_PCP_NOT_AUTHORIZED;
        receive(&r, bytes, size);
        assert_int_equal(r.count, before);
        assert_int_equal(r.mapping.phase, HOP_MAPPING_ASKING);
        assert_int_equal(r.mapping.pcp, HOP_MAPPING_WAY_ASKED);
    }
}

static void announce(rig *r, uint32_t epoch_s) {
    uint8_t bytes[24] = {2, 0x80};
    put(bytes + 8, epoch_s, 4);
    step(r, &(hop_mapping_input){
                .kind = HOP_MAPPING_IN_ANNOUNCED, .bytes = bytes, .size = sizeof bytes});
}

static void test_a_restarted_router_is_asked_at_once(void **state) {
    (void)state;
    rig r = begin(false);
    pcp_grants(&r, 20000, 120);
    run_until(&r, r.now_us + 20 * HOP_S);
    unsigned before = count_if(&r, is_pcp);
    announce(&r, r.epoch_s); /* it only says hello */
    assert_int_equal(count_if(&r, is_pcp), before);
    announce(&r, 1);
    assert_int_equal(count_if(&r, is_pcp), before + 1);
    r.epoch_s = 1;
    pcp_grants(&r, 20000, 120);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_MAPPED), 1); /* the same again: no news */
    announce(&r, UINT32_MAX);
    /* Absurd, and at once; a router that does nothing but announce cannot drive us. */
    before = count_if(&r, is_pcp);
    for (int i = 0; i < 300; i++) {
        announce(&r, (uint32_t)i * 0x10000001u);
        run_until(&r, r.now_us + 10 * HOP_MS);
    }
    assert_in_range(count_if(&r, is_pcp) - before, 1, 10);
}

static void test_natpmp_restart_with_another_address(void **state) {
    (void)state;
    rig r = begin(false);
    natpmp_tells(&r, 0, &public_ip);
    refuse_version(&r);
    natpmp_answers(&r, 0, PORT, 20000, 120);
    run_until(&r, r.now_us + 20 * HOP_S);
    unsigned before = count_if(&r, is_natpmp_map);
    uint8_t bytes[12] = {0, 0x80, 0, 0, 0, 0, 0, 1, 192, 0, 2, 99};
    step(&r, &(hop_mapping_input){
                 .kind = HOP_MAPPING_IN_ANNOUNCED, .bytes = bytes, .size = sizeof bytes});
    assert_int_equal(count_if(&r, is_natpmp_map), before + 1);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_MAPPED), 1); /* an announcement is no answer */
    r.epoch_s = 1;
    natpmp_tells(&r, 0, &(hop_address){HOP_FAMILY_IPV4, {192, 0, 2, 99}, 0});
    natpmp_answers(&r, 0, PORT, 20000, 120);
    assert_int_equal(last_of(&r, HOP_MAPPING_OUT_MAPPED)->external.ip[3], 99);
}

static void test_a_router_that_dies(void **state) {
    (void)state;
    rig r = begin(true);
    pcp_grants(&r, 20000, 120);
    int64_t granted_us = r.now_us;
    run_until(&r, granted_us + 119 * HOP_S);
    assert_int_equal(count_of(&r, HOP_MAPPING_OUT_UNMAPPED), 0);
    assert_in_range(count_if(&r, is_pcp), 5, 12); /* growing pauses */
    run_until(&r, granted_us + 120 * HOP_S);
    assert_int_equal(last_of(&r, HOP_MAPPING_OUT_UNMAPPED)->trouble, HOP_MAP_TROUBLE_LOST);
    natpmp_tells(&r, 0, &public_ip); /* another one stands there now */
    refuse_version(&r);
    natpmp_answers(&r, 0, PORT, 20000, 120);
    expect_mapped(&r, HOP_MAP_NATPMP, 20000);
}

static void test_a_renewal_that_is_refused(void **state) {
    (void)state;
    hop_address none = {0};
    rig r = begin(true);
    pcp_grants(&r, 20000, 120);
    run_until(&r, r.now_us + 60 * HOP_S);
    pcp_answers(&r, HOP_PCP_NO_RESOURCES, &none, 30);
    const hop_mapping_output *told = last_of(&r, HOP_MAPPING_OUT_UNMAPPED);
    assert_int_equal(told->trouble, HOP_MAP_TROUBLE_REFUSED);
    assert_int_equal(told->code, HOP_PCP_NO_RESOURCES);
}

/* Whoever leaves early leaves nothing behind either. */
static void test_stop_before_the_answer(void **state) {
    (void)state;
    rig r = begin(true);
    natpmp_tells(&r, 0, &public_ip);
    run_until(&r, r.now_us + HOP_MAP_RESEND_US);
    unsigned before = r.count;
    plain(&r, HOP_MAPPING_IN_STOP);
    assert_int_equal(r.count, before + 2);
    assert_int_equal(number_at(r.log[before].bytes + 4), 0);
    assert_int_equal(number_at(r.log[before + 1].bytes + 8), 0);
    pcp_grants(&r, 20000, 120);
    assert_int_equal(r.count, before + 2);
}

/* Anything at any time: what is told as mapped is always usable, nothing loops, nothing overflows.
 */
static void test_noise(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        hop_random random = hop_random_seeded(seed);
        rig r = begin(seed % 2 == 0);
        for (int i = 0; i < 200; i++) {
            hop_address external = outside((uint16_t)hop_random_next(&random));
            if (hop_random_between(&random, 0, 3) == 0) external.ip[0] = (uint8_t)i;
            uint32_t lifetime_s = (uint32_t)hop_random_between(&random, 0, 200);
            uint8_t bytes[HOP_PCP_MAP_SIZE + 8];
            size_t size = make_pcp(&r, 0, &external, lifetime_s, bytes);
            switch (hop_random_between(&random, 0, 7)) {
            case 0: natpmp_tells(&r, (unsigned)hop_random_between(&random, 0, 3), &external); break;
            case 1: natpmp_answers(&r, 0, PORT, external.port, lifetime_s); break;
            case 2: receive(&r, bytes, size); break;
            case 3: upnp_found(&r); break;
            case 4: upnp_answers(&r, (hop_map_trouble)(i % 4), external.port); break;
            case 5: announce(&r, (uint32_t)hop_random_next(&random)); break;
            default:
                receive(&r, bytes, bytes_damage(&random, bytes, size, sizeof bytes));
                run_until(&r, r.now_us + (int64_t)hop_random_between(&random, 0, 20000) * HOP_MS);
            }
            for (unsigned k = 0; k < r.count; k++) {
                if (r.log[k].kind != HOP_MAPPING_OUT_MAPPED) continue;
                assert_int_equal(hop_address_scope(&r.log[k].external), HOP_SCOPE_PUBLIC);
                assert_true(r.log[k].external.port >= HOP_PORT_DIALLABLE_MIN);
                assert_in_range(r.log[k].lifetime_s, HOP_MAP_LIFETIME_MIN_S, HOP_MAP_LIFETIME_S);
            }
            r.count = 0;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_is_bounded),
        cmocka_unit_test(test_pcp_holds_and_gives_back),
        cmocka_unit_test(test_natpmp_where_pcp_is_unknown),
        cmocka_unit_test(test_natpmp_where_pcp_is_silent),
        cmocka_unit_test(test_upnp_where_nothing_else_is),
        cmocka_unit_test(test_refusals_lead_on_at_once),
        cmocka_unit_test(test_a_router_that_lies),
        cmocka_unit_test(test_natpmp_of_a_double_nat),
        cmocka_unit_test(test_ten_years_are_two_minutes),
        cmocka_unit_test(test_not_our_answer),
        cmocka_unit_test(test_a_restarted_router_is_asked_at_once),
        cmocka_unit_test(test_natpmp_restart_with_another_address),
        cmocka_unit_test(test_a_router_that_dies),
        cmocka_unit_test(test_a_renewal_that_is_refused),
        cmocka_unit_test(test_stop_before_the_answer),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
