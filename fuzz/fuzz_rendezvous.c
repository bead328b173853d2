/* SPDX-License-Identifier: MIT */
/*
 * Any program (program.h) of clients and what they say to the server's mind. This file is its
 * driver: it chooses free numbers, frames messages, and watches that the mind speaks only of
 * clients that are there, says only what decodes, and counts right.
 */
#include <string.h>

#include "fuzz.h"
#include "program.h"
#include "rendezvous/rendezvous.h"
#include "world/toy.h"
#include "wire/message.h"

#define CLIENTS_MAX 16
#define RELAYS_MAX  3
#define PASSES_MAX  4
#define START_US    (1000 * HOP_S)
#define UNIX_US     (1700000000 * HOP_S) /* at START_US, as in the world that the seeds come from */

typedef struct mind {
    hop_rendezvous *state;
    hop_rendezvous_config config;
    hop_crypto crypto;
    hop_random random;
    int64_t now_us;
    bool open[CLIENTS_MAX];
    uint32_t relays[CLIENTS_MAX]; /* each client's; 0: it is not relayed */
    unsigned counter;             /* makes every transaction another */
} mind;

static mind *begin(hop_reader *program) {
    mind *made = calloc(1, sizeof *made);
    unsigned flags = hop_read_u8(program);
    FUZZ_CHECK(made != NULL);
    made->now_us = START_US;
    fuzz_weak_crypto(&made->crypto, &made->random);
    if ((flags & MIND_WEAK) == 0) toy_crypto(&made->crypto);
    made->config = (hop_rendezvous_config){.crypto = &made->crypto,
                                           .client_max = 1 + hop_read_u8(program) % CLIENTS_MAX,
                                           .client_per_ip_max = 1 + hop_read_u8(program) % 8,
                                           .room_max_parked = 1 + hop_read_u8(program) % 4,
                                           .replay_max = 1 + hop_read_u8(program),
                                           .seed = hop_read_u64(program),
                                           .unix_offset_us = UNIX_US - START_US};
    made->random = hop_random_seeded(made->config.seed);
    if ((flags & MIND_OTHER) != 0)
        made->config.other = (hop_address){HOP_FAMILY_IPV4, {198, 51, 100, 2}, 3479};
    if ((flags & MIND_RELAY) != 0)
        made->config.relay = (hop_relay_config){.on = true,
                                                .max = RELAYS_MAX,
                                                .room_max = RELAYS_MAX - 1,
                                                .pass_max = PASSES_MAX,
                                                .idle_us = 60 * HOP_S,
                                                .rate = (flags & MIND_RATE) != 0 ? 5000 : 0};
    void *memory = calloc(1, hop_rendezvous_size(&made->config));
    FUZZ_CHECK(memory != NULL);
    made->state = hop_rendezvous_init(memory, &made->config);
    FUZZ_CHECK((void *)made->state == memory);
    return made;
}

static void check_send(const mind *it, const hop_rendezvous_output *output) {
    hop_stun stun;
    hop_stun_attribute attribute;
    hop_message message;
    FUZZ_CHECK(it->open[output->client]);
    FUZZ_CHECK(output->size <= HOP_STUN_SIZE_MAX);
    FUZZ_CHECK(hop_stun_decode(output->bytes, output->size, &stun));
    if (stun.class_ == HOP_STUN_ERROR) { /* also of methods that are none of ours */
        while (hop_stun_next(&stun, &attribute)) {
        }
        FUZZ_CHECK(!stun.attributes.failed);
        return;
    }
    FUZZ_CHECK(hop_message_decode(output->bytes, output->size, &message) == HOP_MESSAGE_OK);
    FUZZ_CHECK(message.kind != HOP_MESSAGE_REGISTER && message.kind != HOP_MESSAGE_KNOCK &&
               message.kind != HOP_MESSAGE_RELAY);
    FUZZ_CHECK(it->relays[output->client] == 0); /* what it hears is the other side's */
}

static void splice(mind *it, const hop_rendezvous_output *output) {
    FUZZ_CHECK(output->client != output->other && output->relay >= 1 &&
               output->relay <= RELAYS_MAX);
    FUZZ_CHECK(it->open[output->client] && it->open[output->other]);
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        FUZZ_CHECK(it->relays[i] != output->relay);
    it->relays[output->client] = it->relays[output->other] = output->relay;
}

/* Its number is free, and so is its relay's. */
static void forget(mind *it, unsigned client) {
    it->open[client] = false;
    it->relays[client] = 0;
}

static void check_counts(const mind *it) {
    hop_rendezvous_counts counts;
    unsigned open = 0, relayed = 0;
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        open += it->open[i];
        relayed += it->relays[i] != 0;
    }
    hop_rendezvous_count(it->state, &counts);
    FUZZ_CHECK(counts.clients == open && counts.registered + counts.parked <= open);
    FUZZ_CHECK(counts.starts <= counts.knocks);
    FUZZ_CHECK(2 * counts.relays == relayed);
    if (open == 0) FUZZ_CHECK(hop_rendezvous_deadline(it->state) == INT64_MAX);
}

static void step(mind *it, const hop_rendezvous_input *input) {
    hop_rendezvous_output output;
    unsigned outputs = 0;
    hop_rendezvous_step(it->state, it->now_us, input);
    while (hop_rendezvous_next(it->state, &output)) {
        FUZZ_CHECK(output.client < it->config.client_max);
        outputs++;
        if (output.kind == HOP_RENDEZVOUS_SEND) check_send(it, &output);
        if (output.kind == HOP_RENDEZVOUS_SPLICE) splice(it, &output);
        if (output.kind == HOP_RENDEZVOUS_CLOSE) {
            FUZZ_CHECK(it->open[output.client]);
            forget(it, output.client);
        }
    }
    FUZZ_CHECK(outputs < 100);
    if (input->kind == HOP_RENDEZVOUS_TIMER)
        FUZZ_CHECK(outputs > 0 || hop_rendezvous_deadline(it->state) > it->now_us);
    check_counts(it);
}

static void timer(mind *it) {
    step(it, &(hop_rendezvous_input){.kind = HOP_RENDEZVOUS_TIMER});
}

static void pass(mind *it, hop_reader *program, unsigned operation) {
    if (operation == MIND_SLEEP) it->now_us += hop_read_u16(program) * 10 * HOP_MS;
    if (operation != MIND_WAIT) {
        if (operation == MIND_TIMER) timer(it);
        return;
    }
    int64_t until_us = it->now_us + hop_read_u32(program);
    while (hop_rendezvous_deadline(it->state) < until_us) {
        int64_t due_us = hop_rendezvous_deadline(it->state);
        if (due_us > it->now_us) it->now_us = due_us;
        timer(it);
    }
    it->now_us = until_us;
}

static void accepted(mind *it, hop_reader *program) {
    hop_rendezvous_input input = {.kind = HOP_RENDEZVOUS_ACCEPTED};
    unsigned first = hop_read_u8(program);
    input.remote = fuzz_address(program);
    input.local = fuzz_address(program);
    for (unsigned i = 0; i < it->config.client_max; i++) {
        input.client = (first + i) % it->config.client_max;
        if (it->open[input.client]) continue;
        it->open[input.client] = true;
        step(it, &input);
        return;
    }
}

/* The open client that the next byte means; false: there is none. */
static bool read_client(const mind *it, hop_reader *program, unsigned *ret_client) {
    unsigned first = hop_read_u8(program);
    for (unsigned i = 0; i < it->config.client_max; i++) {
        *ret_client = (first + i) % it->config.client_max;
        if (it->open[*ret_client]) return true;
    }
    return false;
}

static void hear(mind *it, unsigned client, uint32_t rtt_us, const uint8_t *bytes, size_t size) {
    hop_rendezvous_input input = {.kind = HOP_RENDEZVOUS_RECEIVED, .client = client};
    uint8_t *block = malloc(size); /* so that the sanitizer sees a read behind it */
    FUZZ_CHECK(block != NULL);
    memcpy(block, bytes, size);
    input.bytes = block;
    input.size = size;
    input.rtt_us = rtt_us;
    step(it, &input);
    free(block);
}

/* What is no whole STUN message becomes one: the driver would not hand it over otherwise. */
static void received(mind *it, hop_reader *program) {
    uint8_t bytes[HOP_STUN_SIZE_MAX] = {0};
    unsigned client;
    bool found = read_client(it, program, &client);
    uint32_t rtt_us = hop_read_u32(program);
    size_t size = hop_read_u16(program) % (HOP_STUN_SIZE_MAX - HOP_STUN_HEADER_SIZE + 1);
    size = HOP_STUN_HEADER_SIZE + size / 4 * 4;
    size_t left = hop_reader_left(program);
    hop_read_bytes(program, bytes, size < left ? size : left);
    hop_writer writer = hop_writer_make(bytes, sizeof bytes);
    hop_write_u8(&writer, bytes[0] & 0x3F);
    hop_write_u8(&writer, bytes[1]);
    hop_write_u16(&writer, (uint16_t)(size - HOP_STUN_HEADER_SIZE));
    hop_write_u32(&writer, HOP_STUN_COOKIE);
    if (found && it->relays[client] == 0) hear(it, client, rtt_us, bytes, size);
}

static void message(mind *it, hop_reader *program) {
    static const hop_message_kind kinds[] = {
        HOP_MESSAGE_REGISTER, HOP_MESSAGE_REGISTER, HOP_MESSAGE_KNOCK, HOP_MESSAGE_KNOCK,
        HOP_MESSAGE_REFRESH,  HOP_MESSAGE_BINDING,  HOP_MESSAGE_START, HOP_MESSAGE_RELAY};
    uint8_t bytes[HOP_STUN_SIZE_MAX], seed[HOP_KEY_SIZE] = {0};
    unsigned client;
    bool found = read_client(it, program, &client);
    hop_message said = {.kind = kinds[hop_read_u8(program) % 8], .role = HOP_ROLE_CONTROLLED};
    seed[0] = hop_read_u8(program) % 3;
    unsigned nonces = hop_read_u8(program);
    said.nonce_count = 1 + nonces % HOP_MESSAGE_NONCES_MAX;
    if (said.kind == HOP_MESSAGE_START || said.kind == HOP_MESSAGE_RELAY) said.nonce_count = 1;
    if (said.kind == HOP_MESSAGE_RELAY && nonces % 2 == 0) said.role = HOP_ROLE_CONTROLLING;
    memset(said.nonces, hop_read_u8(program), sizeof said.nonces);
    int64_t off_us = (int8_t)hop_read_u8(program) * HOP_S;
    said.time_ms = (uint64_t)((UNIX_US + it->now_us - START_US + off_us) / HOP_MS);
    said.sealed_size = 1 + hop_read_u8(program) % HOP_DESCRIPTION_SEALED_SIZE_MAX;
    said.peer = (hop_address){HOP_FAMILY_IPV4, {192, 0, 2, 1}, 4000};
    it->counter++;
    memcpy(said.transaction, &it->counter, sizeof it->counter);
    it->crypto.public_key(it->crypto.context, seed, said.room);
    size_t size = hop_message_encode(&said, &it->crypto, seed, bytes);
    if (found && size > 0 && it->relays[client] == 0) hear(it, client, 0, bytes, size);
}

static void closed(mind *it, hop_reader *program, bool broken) {
    hop_rendezvous_input input = {.kind = HOP_RENDEZVOUS_CLOSED, .broken = broken};
    if (!read_client(it, program, &input.client)) return;
    forget(it, input.client);
    step(it, &input);
}

/* As cli/serve_relay.c: no more than it may, and whose turn comes moves something, too. */
static void moved(mind *it, hop_reader *program) {
    hop_relays *relays = hop_rendezvous_relays(it->state);
    unsigned client;
    bool found = read_client(it, program, &client);
    size_t size = hop_read_u16(program);
    uint32_t relay = found ? it->relays[client] : 0;
    if (relay != 0) {
        size_t most = hop_relay_ask(relays, relay, it->now_us);
        FUZZ_CHECK(most <= HOP_RELAY_CHUNK);
        hop_relay_moved(relays, relay, client % 2, size < most ? size : most, it->now_us);
    }
    while ((relay = hop_relay_turn(relays, it->now_us)) != 0) {
        FUZZ_CHECK(relay <= RELAYS_MAX);
        size_t most = hop_relay_ask(relays, relay, it->now_us);
        FUZZ_CHECK(most > 0); /* a turn is one */
        hop_relay_moved(relays, relay, 0, most, it->now_us);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > PROGRAM_SIZE_MAX) return 0;
    hop_reader program = hop_reader_make(bytes, size);
    mind *it = begin(&program);
    while (hop_reader_left(&program) > 0) {
        unsigned operation = hop_read_u8(&program) % MIND_OPERATIONS;
        switch (operation) {
        case MIND_ACCEPTED: accepted(it, &program); break;
        case MIND_RECEIVED: received(it, &program); break;
        case MIND_MESSAGE: message(it, &program); break;
        case MIND_CLOSED:
        case MIND_BROKEN: closed(it, &program, operation == MIND_BROKEN); break;
        case MIND_MOVED: moved(it, &program); break;
        default: pass(it, &program, operation); break;
        }
    }
    free(it->state);
    free(it);
    return 0;
}
