/* SPDX-License-Identifier: MIT */
/*
 * Anything in any order: links that are not there, answers nobody asked for, garbage and genuine
 * messages mixed. The rig watches every step; here nothing is expected but that it has nothing to
 * say against it.
 */
#include "core_rig.h"

#define STEPS_PER_MODE 70000

/* Whoever says zeros knows the key: so noise gets through a handshake. */
static bool weak_mac(void *context, const uint8_t *key, const uint8_t *bytes, size_t size,
                     uint8_t *out) {
    (void)context, (void)key, (void)bytes, (void)size;
    memset(out, 0, HOP_MAC_SIZE);
    return true;
}

static uint64_t roll(hop_random *random, uint64_t high) {
    return hop_random_between(random, 0, high);
}

static hop_address some_address(hop_random *random) {
    static const char *const texts[] = {"203.0.113.20:41000", "203.0.113.20:51000",
                                        "203.0.113.21:41000", "[2001:db8:2::20]:41000",
                                        "192.168.1.20:41000", "198.51.100.1:3478"};
    hop_address address = rig_address(texts[roll(random, 5)]);
    if (roll(random, 3) == 0) address.port = (uint16_t)(2000 + roll(random, 40));
    return address;
}

static hop_description some_description(hop_random *random) {
    hop_description description = {.candidate_count = (unsigned)roll(random, HOP_CANDIDATES_MAX)};
    for (unsigned i = 0; i < sizeof description.nonce; i++)
        description.nonce[i] = (uint8_t)hop_random_next(random);
    for (unsigned i = 0; i < description.candidate_count; i++) {
        description.candidates[i].type = (uint8_t)(1 + roll(random, 3));
        description.candidates[i].address = some_address(random);
    }
    return description;
}

/* What the server may say next: an answer to the last request, a START, a refusal, or nonsense. */
static size_t some_message(core_rig *rig, hop_random *random, int link, uint8_t *bytes) {
    static const hop_message_kind kinds[] = {
        HOP_MESSAGE_REGISTER_ANSWER, HOP_MESSAGE_KNOCK_ANSWER, HOP_MESSAGE_BINDING_ANSWER,
        HOP_MESSAGE_START,           HOP_MESSAGE_START,        HOP_MESSAGE_START,
        HOP_MESSAGE_START,           HOP_MESSAGE_REFUSAL,      HOP_MESSAGE_BINDING};
    const rig_entry *sent = rig_last(rig, HOP_OUT_SEND, link);
    hop_message heard;
    bool listening = rig->config.mode == HOP_CORE_LISTEN;
    hop_message message = {.kind = kinds[roll(random, roll(random, 3) > 0 ? 6 : 8)],
                           .method = HOP_STUN_BINDING,
                           .mapped = rig_address("203.0.113.10:50000"),
                           .error_code = roll(random, 1) ? HOP_REFUSAL_CLOCK : HOP_REFUSAL_BUSY,
                           .time_ms = roll(random, 1) ? hop_random_next(random) : 1700000000000,
                           .role = listening ? HOP_ROLE_CONTROLLED : HOP_ROLE_CONTROLLING,
                           .delay_us = (uint32_t)roll(random, 200000),
                           .rtt_us = (uint32_t)roll(random, 400000),
                           .peer = some_address(random),
                           .nonce_count = 1};
    if (sent != NULL &&
        hop_message_decode(sent->bytes, sent->output.size, &heard) == HOP_MESSAGE_OK) {
        memcpy(message.transaction, heard.transaction, HOP_STUN_TRANSACTION_SIZE);
        if (heard.nonce_count > 0)
            memcpy(message.nonces[0], heard.nonces[roll(random, heard.nonce_count - 1)],
                   HOP_NONCE_SIZE);
    }
    hop_description peer = some_description(random);
    message.sealed_size =
        hop_description_seal(&peer, &rig->crypto, rig->keys.seal,
                             listening ? HOP_SEAL_KNOCK : HOP_SEAL_REGISTER, message.sealed);
    return hop_message_encode(&message, &rig->crypto, NULL, bytes);
}

static void some_bytes(core_rig *rig, hop_random *random, int link) {
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    hop_input input = {.kind = HOP_IN_RECEIVED, .link = link, .bytes = bytes};
    input.size = rig->links[link].wanted;
    if (input.size == 0 || input.size > sizeof bytes || roll(random, 20) == 0)
        input.size = (size_t)roll(random, sizeof bytes);
    for (size_t i = 0; i < input.size; i++)
        bytes[i] = (uint8_t)hop_random_next(random);
    if (roll(random, 4) > 0) {
        const uint8_t head[] = {
            'H', 'O', 'P', 'C', 1, (uint8_t)(1 + roll(random, 2)), (uint8_t)(1 + roll(random, 1)),
            0};
        memset(bytes, 0, HOP_HELLO_SIZE);
        memcpy(bytes, head, sizeof head);
        bytes[9] = roll(random, 9) == 0;
    }
    /* To a server's link mostly what a server says. */
    if (rig->links[link].wanted == HOP_STUN_HEADER_SIZE && roll(random, 9) > 0) {
        uint8_t message[HOP_STUN_SIZE_MAX];
        size_t size = some_message(rig, random, link, message);
        if (size > HOP_STUN_HEADER_SIZE) {
            input.size = HOP_STUN_HEADER_SIZE;
            memcpy(bytes, message, HOP_STUN_HEADER_SIZE);
            rig_step(rig, &input);
            memcpy(bytes, message + HOP_STUN_HEADER_SIZE, size - HOP_STUN_HEADER_SIZE);
            input.size = size - HOP_STUN_HEADER_SIZE;
        }
    }
    rig_step(rig, &input);
}

static void on_some_link(core_rig *rig, hop_random *random) {
    int link = (int)roll(random, 7); /* mostly one that the core holds */
    for (unsigned i = 0; i < 20 && rig->links[link].state == RIG_FREE; i++)
        link = (int)roll(random, HOP_LINKS_PLAIN - 1);
    hop_input input = {.link = link,
                       .local = rig_address("192.168.1.10:40000"),
                       .reason = (hop_reason)roll(random, HOP_REASON_NETWORK),
                       .rtt_us = (uint32_t)roll(random, 1000000)};
    static const int strange[] = {-1, HOP_LINKS_MAX, 1000000, -1000000};
    if (roll(random, 30) == 0) input.link = strange[roll(random, 3)];
    switch (roll(random, 7)) {
    case 0:
    case 1: input.kind = HOP_IN_CONNECTED; break;
    case 2: input.kind = HOP_IN_ENDED; break;
    case 3: input.kind = HOP_IN_ANSWERING; break;
    default: some_bytes(rig, random, link); return;
    }
    rig_step(rig, &input);
}

static void on_time(core_rig *rig, hop_random *random) {
    int64_t deadline_us = hop_core_deadline(rig->core);
    int64_t later_us = rig->now_us + (int64_t)roll(random, 20000);
    if (roll(random, 2) > 0 && deadline_us != INT64_MAX) later_us = deadline_us;
    rig_timer(rig, later_us);
}

static void something(core_rig *rig, hop_random *random) {
    hop_address addresses[9];
    hop_description peer = some_description(random);
    hop_input input = {.link = -1, .addresses = addresses, .description = &peer};
    for (unsigned i = 0; i < 9; i++)
        addresses[i] = some_address(random);
    switch (roll(random, 19)) {
    case 0: rig_go(rig); return;
    case 1:
    case 2:
        input.kind = HOP_IN_RESOLVED;
        input.server = (unsigned)roll(random, 4);
        input.address_count = (unsigned)roll(random, 9);
        break;
    case 3:
    case 4:
        input.kind = HOP_IN_ACCEPTED;
        input.remote = some_address(random);
        input.local = rig_address("192.168.1.10:40000");
        break;
    case 5: input.kind = HOP_IN_PEER; break;
    case 6:
        if (roll(random, 60) > 0) return;
        input.kind = HOP_IN_CANCEL;
        break;
    case 7: {
        hop_candidate hosts[HOP_CANDIDATES_MAX + 4];
        input.kind = HOP_IN_NETWORK;
        input.hosts = hosts;
        input.host_count = (unsigned)roll(random, HOP_CANDIDATES_MAX + 4);
        input.changes = (unsigned)roll(random, HOP_NETWORK_CHANGES);
        if (roll(random, 3) == 0) input.slept_us = (int64_t)roll(random, 100000000);
        for (unsigned i = 0; i < input.host_count; i++)
            hosts[i] = (hop_candidate){HOP_CANDIDATE_HOST, 24, some_address(random)};
        if (roll(random, 1) > 0) hosts[0].address = rig_address("192.168.1.10:40000");
        rig_step(rig, &input);
        return;
    }
    case 8:
    case 9: on_time(rig, random); return;
    default: on_some_link(rig, random); return;
    }
    rig_step(rig, &input);
}

static void run_mode(hop_core_mode mode, uint64_t seed) {
    hop_random random = hop_random_seeded(seed);
    core_rig *rig = NULL;
    unsigned attempts = 0;
    unsigned established = 0;
    unsigned most = 0;
    unsigned after_end = 0;
    for (unsigned i = 0; i < STEPS_PER_MODE; i++) {
        if (rig == NULL) {
            hop_core_config config = rig_config(mode, hop_random_next(&random));
            config.ticket.server_count = (unsigned)roll(&random, 4);
            if (config.ticket.server_count == 0) config.ticket.server_count = 1;
            config.allow_private = roll(&random, 1) != 0;
            config.timeout_us = (int64_t)roll(&random, 20000000);
            rig = rig_new(&config);
            rig->crypto.mac = weak_mac;
            after_end = 0;
            if (roll(&random, 3) > 0)
                rig_ready(rig);
            else
                rig_go(rig);
        }
        something(rig, &random);
        if (rig->most_outputs > most) most = rig->most_outputs;
        if (rig->over) after_end++;
        if (rig->count > 1000 || after_end > 50) {
            attempts += rig_count(rig, HOP_OUT_PEER);
            established += rig_count(rig, HOP_OUT_ESTABLISHED);
            if (after_end > 50 || roll(&random, 3) == 0) {
                rig_free(rig);
                rig = NULL;
            } else {
                rig_forget(rig);
            }
        }
    }
    if (rig != NULL) rig_free(rig);
    print_message("attempts %u, established %u, most outputs of one step %u of %d\n", attempts,
                  established, most, HOP_OUTPUTS_MAX);
    assert_true(attempts > 100 && established > 5); /* it went deep */
}

static void test_listening(void **state) {
    (void)state;
    run_mode(HOP_CORE_LISTEN, 21);
}

static void test_connecting(void **state) {
    (void)state;
    run_mode(HOP_CORE_CONNECT, 22);
}

static void test_by_hand(void **state) {
    (void)state;
    run_mode(HOP_CORE_MANUAL, 23);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listening),
        cmocka_unit_test(test_connecting),
        cmocka_unit_test(test_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
