/* SPDX-License-Identifier: MIT */
/*
 * Any program (program.h) of inputs to the core. This file keeps the driver's side of the contract:
 * it tells only of links that the core holds, reads exactly what is wanted, lets time go forward.
 * tests/unit/core_rig.c watches the core's side at every step.
 */
#include "fuzz.h"
#include "program.h"
#include "unit/core_rig.h"
#include "world/toy.h"

int LLVMFuzzerInitialize(int *count, char ***words);

int LLVMFuzzerInitialize(int *count, char ***words) {
    (void)count, (void)words;
    return setenv("CMOCKA_TEST_ABORT", "1", 1);
}

static core_rig *begin(hop_reader *program) {
    unsigned first = hop_read_u8(program);
    hop_core_mode mode = (hop_core_mode)(first % 3);
    unsigned flags = hop_read_u8(program);
    hop_core_config config = rig_config(mode, 0);
    config.ticket.server_count = 1 + hop_read_u8(program) % HOP_TICKET_SERVERS_MAX;
    if (mode == HOP_CORE_MANUAL) config.ticket.server_count--;
    config.timeout_us = (1 + hop_read_u16(program)) * 100 * HOP_MS;
    config.seed = hop_read_u64(program);
    config.relay = (hop_core_relay)(first / 3 % 3);
    config.bare = mode == HOP_CORE_MANUAL && (flags & CORE_BARE) != 0;
    config.use_ipv4 = (flags & CORE_NO_IPV4) == 0;
    config.use_ipv6 = (flags & CORE_NO_IPV6) == 0 || !config.use_ipv4;
    config.use_lan = (flags & CORE_NO_LAN) == 0;
    config.probe = (flags & CORE_NO_PROBE) == 0;
    config.allow_private = (flags & CORE_ALLOW_PRIVATE) != 0;
    config.allow_loopback = (flags & CORE_ALLOW_LOOPBACK) != 0;
    hop_crypto toy = {0};
    toy_crypto(&toy);
    core_rig *rig = rig_new_with(&config, &toy);
    if ((flags & CORE_WEAK) != 0) fuzz_weak_crypto(&rig->crypto, &rig->random);
    /* As in the play that a seed was written from: else no answer would fit its question. */
    rig->random = hop_random_seeded(config.seed);
    return rig;
}

/* The held link that the next byte means, of a state that is looked for; -1: there is none. */
static int read_link(const core_rig *rig, hop_reader *program, rig_link_state state, bool wants) {
    unsigned first = hop_read_u8(program);
    for (unsigned i = 0; i < HOP_LINKS_MAX; i++) {
        int number = (int)((first + i) % HOP_LINKS_MAX);
        const rig_link *link = &rig->links[number];
        if (link->state == RIG_FREE || (state != RIG_FREE && link->state != state)) continue;
        if (!wants || link->wanted > 0) return number;
    }
    return -1;
}

/* An exact block of its own, so that the sanitizer sees a read behind it. */
static void receive(core_rig *rig, int link, const uint8_t *bytes, size_t size) {
    if (link < 0 || rig->links[link].wanted != size) return;
    uint8_t *block = malloc(size);
    memcpy(block, bytes, size);
    rig_received(rig, link, block, size);
    free(block);
}

static void received(core_rig *rig, hop_reader *program) {
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    int link = read_link(rig, program, RIG_OPEN, true);
    if (link < 0) return;
    FUZZ_CHECK(rig->links[link].wanted <= sizeof bytes);
    hop_read_bytes(program, bytes, rig->links[link].wanted);
    receive(rig, link, bytes, rig->links[link].wanted);
}

/* Genuine where cryptography is weak, an impostor's where it is not. */
static void hello(core_rig *rig, hop_reader *program) {
    uint8_t bytes[HOP_HELLO_SIZE];
    int link = read_link(rig, program, RIG_OPEN, true);
    hop_hello said = {.kind = (hop_hello_kind)(1 + hop_read_u8(program) % 3)};
    said.role = (hop_role)(hop_read_u8(program) % 3);
    said.nonce[0] = hop_read_u8(program);
    static const uint8_t nonce[HOP_NONCE_SIZE] = {1};
    if (hop_hello_encode(&said, said.kind == HOP_HELLO_HELLO ? NULL : nonce, &rig->crypto,
                         rig->keys.link, bytes))
        receive(rig, link, bytes, sizeof bytes);
}

static hop_description read_description(hop_reader *program) {
    hop_description description = {0};
    hop_read_bytes(program, description.nonce, 2);
    description.candidate_count = hop_read_u8(program) % (HOP_CANDIDATES_MAX + 1);
    for (unsigned i = 0; i < description.candidate_count; i++) {
        hop_candidate *candidate = &description.candidates[i];
        candidate->type = (uint8_t)(1 + hop_read_u8(program) % 4);
        candidate->prefix_bits = hop_read_u8(program) % 129;
        candidate->address = fuzz_address(program);
    }
    return description;
}

static void seal(core_rig *rig, hop_reader *program, hop_message *message) {
    bool listening = rig->config.mode == HOP_CORE_LISTEN;
    bool later = message->kind == HOP_MESSAGE_TELL;
    hop_description peer = read_description(program);
    message->sealed_size = hop_description_seal(&peer, &rig->crypto, rig->keys.seal,
                                                later       ? HOP_SEAL_TELL
                                                : listening ? HOP_SEAL_KNOCK
                                                            : HOP_SEAL_REGISTER,
                                                message->sealed);
}

static void message(core_rig *rig, hop_reader *program) {
    static const hop_message_kind kinds[] = {HOP_MESSAGE_REGISTER_ANSWER, HOP_MESSAGE_KNOCK_ANSWER,
                                             HOP_MESSAGE_BINDING_ANSWER,  HOP_MESSAGE_START,
                                             HOP_MESSAGE_START,           HOP_MESSAGE_REFUSAL,
                                             HOP_MESSAGE_RELAY_ANSWER,    HOP_MESSAGE_TELL};
    static const uint16_t methods[] = {HOP_STUN_REGISTER, HOP_STUN_KNOCK, HOP_STUN_BINDING,
                                       HOP_STUN_RELAY};
    int link = read_link(rig, program, RIG_OPEN, true);
    if (link < 0 || rig->links[link].wanted != HOP_STUN_HEADER_SIZE) return;
    unsigned kind = hop_read_u8(program);
    unsigned choice = hop_read_u8(program);
    hop_message said = {.kind = kinds[kind % 8],
                        .method = methods[choice % 4],
                        .role = rig->config.mode == HOP_CORE_LISTEN ? HOP_ROLE_CONTROLLED
                                                                    : HOP_ROLE_CONTROLLING,
                        .nonce_count = 1};
    const rig_entry *sent = rig_last(rig, HOP_OUT_SEND, link);
    hop_message heard;
    if (sent != NULL &&
        hop_message_decode(sent->bytes, sent->output.size, &heard) == HOP_MESSAGE_OK) {
        memcpy(said.transaction, heard.transaction, HOP_STUN_TRANSACTION_SIZE);
        if (heard.nonce_count > 0)
            memcpy(said.nonces[0], heard.nonces[choice % heard.nonce_count], HOP_NONCE_SIZE);
    }
    if (choice == 0xFF) said.role = hop_role_other(said.role);
    if (said.kind == HOP_MESSAGE_REFUSAL) {
        said.error_code = 400 + hop_read_u8(program);
        said.time_ms = hop_read_u64(program);
    } else if (said.kind == HOP_MESSAGE_START) {
        said.delay_us = hop_read_u32(program);
        said.rtt_us = hop_read_u32(program);
        said.peer = fuzz_address(program);
        seal(rig, program, &said);
    } else if (said.kind == HOP_MESSAGE_TELL) {
        seal(rig, program, &said);
    } else {
        said.mapped = fuzz_address(program);
    }
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t size = hop_message_encode(&said, &rig->crypto, NULL, bytes);
    if (size == 0) return;
    receive(rig, link, bytes, HOP_STUN_HEADER_SIZE);
    receive(rig, link, bytes + HOP_STUN_HEADER_SIZE, size - HOP_STUN_HEADER_SIZE);
}

static void tell_hosts(core_rig *rig, hop_reader *program, hop_input input) {
    hop_candidate hosts[8];
    input.hosts = hosts;
    input.host_count = hop_read_u8(program) % 9;
    for (unsigned i = 0; i < input.host_count; i++) {
        (void)hop_read_u8(program);
        hosts[i].type = HOP_CANDIDATE_HOST;
        hosts[i].prefix_bits = hop_read_u8(program) % 129;
        hosts[i].address = fuzz_address(program);
    }
    rig_step(rig, &input);
}

static void go(core_rig *rig, hop_reader *program) {
    tell_hosts(rig, program, (hop_input){.kind = HOP_IN_GO, .link = -1});
}

static void network(core_rig *rig, hop_reader *program) {
    hop_input input = {.kind = HOP_IN_NETWORK, .link = -1};
    input.changes = hop_read_u8(program) & HOP_NETWORK_CHANGES;
    input.slept_us = hop_read_u32(program) * HOP_MS;
    tell_hosts(rig, program, input);
}

static void resolved(core_rig *rig, hop_reader *program) {
    hop_address addresses[HOP_SERVER_ADDRESSES_MAX];
    hop_input input = {.kind = HOP_IN_RESOLVED, .link = -1, .addresses = addresses};
    input.server = hop_read_u8(program) % HOP_TICKET_SERVERS_MAX;
    input.address_count = hop_read_u8(program) % (HOP_SERVER_ADDRESSES_MAX + 1);
    for (unsigned i = 0; i < input.address_count; i++)
        addresses[i] = fuzz_address(program);
    rig_step(rig, &input);
}

static void of_link(core_rig *rig, hop_reader *program, unsigned operation) {
    hop_input input = {.kind = HOP_IN_ENDED};
    bool dialling = operation != CORE_ENDED;
    input.link = read_link(rig, program, dialling ? RIG_DIALLING : RIG_FREE, false);
    if (operation == CORE_CONNECTED) {
        input.kind = HOP_IN_CONNECTED;
        input.local = fuzz_address(program);
        input.rtt_us = hop_read_u32(program);
    } else if (operation == CORE_ANSWERING) {
        input.kind = HOP_IN_ANSWERING;
    } else {
        input.reason = (hop_reason)(1 + hop_read_u8(program) % HOP_REASON_NETWORK);
    }
    if (input.link >= 0) rig_step(rig, &input);
}

static void pass(core_rig *rig, hop_reader *program, unsigned operation) {
    int64_t deadline_us = hop_core_deadline(rig->core);
    if (operation == CORE_SLEEP) {
        rig->now_us += hop_read_u16(program) * HOP_MS;
    } else if (operation == CORE_WAIT) {
        int64_t until_us = rig->now_us + hop_read_u32(program) % (30 * HOP_S);
        unsigned steps = 0;
        for (; hop_core_deadline(rig->core) < until_us && steps < 500; steps++) {
            int64_t due_us = hop_core_deadline(rig->core);
            rig_timer(rig, due_us > rig->now_us ? due_us : rig->now_us);
        }
        if (hop_core_deadline(rig->core) >= until_us) rig->now_us = until_us;
    } else if (operation == CORE_TIMER) {
        rig_timer(rig, rig->now_us);
    } else if (deadline_us != INT64_MAX) {
        rig_timer(rig, deadline_us > rig->now_us ? deadline_us : rig->now_us);
    }
}

static void accepted(core_rig *rig, hop_reader *program) {
    hop_input input = {.kind = HOP_IN_ACCEPTED, .link = -1};
    input.remote = fuzz_address(program);
    input.local = fuzz_address(program);
    rig_step(rig, &input);
}

static void peer(core_rig *rig, hop_reader *program) {
    hop_description description = read_description(program);
    hop_input input = {.kind = HOP_IN_PEER, .link = -1, .description = &description};
    rig_step(rig, &input);
}

static void cancel(core_rig *rig, hop_reader *program) {
    hop_input input = {.kind = HOP_IN_CANCEL, .link = -1};
    if (hop_read_u8(program) == 0) rig_step(rig, &input);
}

static void operate(core_rig *rig, hop_reader *program, bool *gone) {
    unsigned operation = hop_read_u8(program) % CORE_OPERATIONS;
    switch (operation) {
    case CORE_GO:
        if (!*gone) go(rig, program);
        *gone = true;
        break;
    case CORE_RESOLVED: resolved(rig, program); break;
    case CORE_ACCEPTED: accepted(rig, program); break;
    case CORE_RECEIVED: received(rig, program); break;
    case CORE_HELLO: hello(rig, program); break;
    case CORE_MESSAGE: message(rig, program); break;
    case CORE_CONNECTED:
    case CORE_ENDED:
    case CORE_ANSWERING: of_link(rig, program, operation); break;
    case CORE_PEER: peer(rig, program); break;
    case CORE_CANCEL: cancel(rig, program); break;
    case CORE_NETWORK: network(rig, program); break;
    default: pass(rig, program, operation); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > PROGRAM_SIZE_MAX) return 0;
    hop_reader program = hop_reader_make(bytes, size);
    core_rig *rig = begin(&program);
    bool gone = false;
    for (unsigned after_end = 0; hop_reader_left(&program) > 0 && after_end < 8;) {
        operate(rig, &program, &gone);
        if (rig->count > 100) rig_forget(rig);
        after_end += rig->over;
    }
    rig_free(rig);
    return 0;
}
