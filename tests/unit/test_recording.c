/* SPDX-License-Identifier: MIT */
/* Recordings as bytes: what is written is read again, secrets are not in them, and whatever comes
 * in the place of a recording, the player ends and says what it thinks of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "core/player.h"

#define SEED      20260131
#define MUTATIONS 20000

static const char *const samples[] = {"punched-connect", "punched-listen", "no-path-connect",
                                      "impostor", "no-server"};
#define SAMPLE_COUNT (sizeof samples / sizeof samples[0])

typedef struct sample {
    uint8_t *bytes;
    size_t size;
} sample;

typedef struct told {
    hop_player_state state;
    unsigned steps;
    unsigned outputs;
    hop_output_kind last; /* result, not action or note */
} told;

static sample load(const char *name) {
    char path[1024];
    const char *source = getenv("HOP_SOURCE");
    snprintf(path, sizeof path, "%s/tests/replay/%s.hoprec", source != NULL ? source : ".", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("cannot open %s", path);
    sample one = {malloc(65536), 0};
    assert_non_null(one.bytes);
    one.size = fread(one.bytes, 1, 65536, file);
    fclose(file);
    assert_in_range(one.size, 100, 65535);
    return one;
}

/* A copy of exactly that size, so that a sanitizer sees who reads beyond it. */
static told play(const uint8_t *bytes, size_t size) {
    uint8_t *copy = bytes_exact(bytes, size);
    void *memory = malloc(hop_core_size());
    hop_player *player = malloc(sizeof *player);
    assert_true(memory != NULL && player != NULL);
    hop_player_init(player, copy, size, memory);
    told result = {.steps = 0};
    while (hop_player_step(player) == HOP_PLAYER_STEP) {
        result.steps++;
        result.outputs += player->output_count;
        assert_non_null(player->input);
        for (unsigned i = 0; i < player->output_count; i++) {
            hop_output_kind kind = player->outputs[i].output.kind;
            if (kind >= HOP_OUT_LISTENING && kind != HOP_OUT_NOTE) result.last = kind;
        }
    }
    result.state = player->state;
    assert_int_equal(hop_player_step(player), result.state); /* and again the same */
    assert_int_equal(player->output_count, 0);
    free(player);
    free(memory);
    free(copy);
    return result;
}

static void test_samples_play_to_their_end(void **state) {
    static const hop_output_kind last[] = {HOP_OUT_ESTABLISHED, HOP_OUT_ESTABLISHED, HOP_OUT_FAILED,
                                           HOP_OUT_FAILED, HOP_OUT_FAILED};
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        sample one = load(samples[i]);
        told all = play(one.bytes, one.size);
        assert_int_equal(all.state, HOP_PLAYER_END);
        assert_int_equal(all.last, last[i]);
        assert_true(all.steps >= 3 && all.outputs > all.steps);
        free(one.bytes);
    }
}

/* Cut anywhere: what was whole is told, and that it was cut. */
static void test_every_cut(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        sample one = load(samples[i]);
        unsigned steps = 0;
        for (size_t size = 0; size < one.size; size++) {
            told part = play(one.bytes, size);
            hop_player_state wanted =
                size < HOP_RECORDING_HEAD_SIZE ? HOP_PLAYER_NONE : HOP_PLAYER_CUT;
            assert_int_equal(part.state, wanted);
            assert_true(part.steps >= steps);
            steps = part.steps;
        }
        assert_int_equal(steps, play(one.bytes, one.size).steps);
        free(one.bytes);
    }
}

static void test_mutations(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(SEED);
    unsigned ends[HOP_PLAYER_ASTRAY + 1] = {0};
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        sample one = load(samples[i]);
        uint8_t *copy = malloc(one.size + 4);
        assert_non_null(copy);
        for (unsigned run = 0; run < MUTATIONS / SAMPLE_COUNT; run++) {
            memcpy(copy, one.bytes, one.size);
            ends[play(copy, bytes_damage(&random, copy, one.size, one.size + 4)).state]++;
        }
        free(copy);
        free(one.bytes);
    }
    assert_int_equal(ends[HOP_PLAYER_STEP], 0);
    assert_true(ends[HOP_PLAYER_ASTRAY] > 0 && ends[HOP_PLAYER_DAMAGED] > 0 &&
                ends[HOP_PLAYER_CUT] > 0 && ends[HOP_PLAYER_VERSION] > 0);
}

/* Each byte of each step matters: a story that is not the recorded one is not told as if it were.
 */
static void test_a_change_is_noticed(void **state) {
    (void)state;
    sample one = load("punched-connect");
    told all = play(one.bytes, one.size);
    unsigned unnoticed = 0;
    for (size_t at = 0; at < one.size; at++) {
        one.bytes[at] ^= 0x10;
        told other = play(one.bytes, one.size);
        unnoticed += other.state == HOP_PLAYER_END && other.outputs == all.outputs;
        one.bytes[at] ^= 0x10;
    }
    /* Names, times that change nothing, our socket's address and parts of what nobody looks at. */
    assert_in_range(unnoticed, 1, one.size / 3);
    free(one.bytes);
}

/* The core relies on its driver never to read what was not wanted. */
static void test_bytes_that_nobody_wanted(void **state) {
    (void)state;
    sample one = load("punched-connect");
    hop_recording_entry entry;
    hop_reader reader = hop_reader_make(one.bytes, one.size);
    (void)hop_read_span(&reader, HOP_RECORDING_HEAD_SIZE);
    while (hop_recording_next(&reader, &entry) == HOP_RECORDING_ENTRY)
        if (entry.kind == HOP_RECORDING_INPUT && entry.payload.bytes[8] == HOP_IN_RECEIVED) break;
    uint8_t *link = &one.bytes[entry.payload.bytes - one.bytes + 9];
    *link = (uint8_t)(*link + 7);
    told part = play(one.bytes, one.size);
    assert_int_equal(part.state, HOP_PLAYER_DAMAGED);
    assert_true(part.steps > 0);
    free(one.bytes);
}

static void test_head(void **state) {
    uint8_t bytes[HOP_RECORDING_HEAD_SIZE];
    unsigned version = 77;
    (void)state;
    hop_writer writer = hop_writer_make(bytes, sizeof bytes);
    hop_recording_write_head(&writer);
    assert_true(!writer.failed && writer.at == sizeof bytes);
    hop_reader reader = hop_reader_make(bytes, sizeof bytes);
    assert_true(hop_recording_read_head(&reader, &version));
    assert_int_equal(version, HOP_RECORDING_VERSION);
    bytes[9]++;
    reader = hop_reader_make(bytes, sizeof bytes);
    assert_false(hop_recording_read_head(&reader, &version));
    assert_int_equal(version, HOP_RECORDING_VERSION + 1);
    bytes[7] = '\r'; /* what a transfer of text would do */
    reader = hop_reader_make(bytes, sizeof bytes);
    assert_false(hop_recording_read_head(&reader, &version));
    assert_int_equal(version, 0);
}

static void test_entries(void **state) {
    static uint8_t bytes[70000];
    const hop_address none = {0};
    hop_recording_entry entry;
    (void)state;
    hop_writer writer = hop_writer_make(bytes, 100);
    size_t at = hop_recording_open(&writer, HOP_RECORDING_HANDED);
    hop_write_u32(&writer, 0);
    hop_recording_write_address(&writer, &none);
    hop_recording_close(&writer, at);
    hop_recording_close(&writer, hop_recording_open(&writer, HOP_RECORDING_FULL));
    assert_false(writer.failed);
    hop_reader reader = hop_reader_make(bytes, writer.at);
    assert_int_equal(hop_recording_next(&reader, &entry), HOP_RECORDING_ENTRY);
    assert_int_equal(entry.kind, HOP_RECORDING_HANDED);
    assert_int_equal(hop_read_u32(&entry.payload), 0);
    assert_int_equal(hop_recording_read_address(&entry.payload).family, HOP_FAMILY_NONE);
    assert_true(hop_reader_done(&entry.payload));
    assert_int_equal(hop_recording_next(&reader, &entry), HOP_RECORDING_ENTRY);
    assert_true(entry.kind == HOP_RECORDING_FULL && hop_reader_done(&entry.payload));
    assert_int_equal(hop_recording_next(&reader, &entry), HOP_RECORDING_CUT);
    for (size_t size = UINT16_MAX; size <= UINT16_MAX + 1; size++) { /* its length is 16 bits */
        writer = hop_writer_make(bytes, sizeof bytes);
        at = hop_recording_open(&writer, HOP_RECORDING_INPUT);
        for (size_t i = 0; i < size; i++)
            hop_write_u8(&writer, 1);
        hop_recording_close(&writer, at);
        assert_int_equal(writer.failed, size > UINT16_MAX);
    }
    writer = hop_writer_make(bytes, 2); /* no room for it */
    hop_recording_close(&writer, hop_recording_open(&writer, HOP_RECORDING_INPUT));
    assert_true(writer.failed);
}

/* A recording's last entry says why there is no more. */
static void test_ends(void **state) {
    (void)state;
    sample one = load("no-server");
    size_t end = one.size - 11; /* kind u8, size u16, time i64 */
    uint8_t bytes[1000];
    assert_in_range(one.size, 11, sizeof bytes - 20);
    assert_int_equal(one.bytes[end], HOP_RECORDING_END);
    memcpy(bytes, one.bytes, one.size);
    assert_int_equal(play(bytes, one.size).state, HOP_PLAYER_END);
    bytes[end] = HOP_RECORDING_FULL;
    assert_int_equal(play(bytes, one.size).state, HOP_PLAYER_FULL);
    bytes[end] = 99; /* of a later version */
    assert_int_equal(play(bytes, one.size).state, HOP_PLAYER_DAMAGED);
    bytes[end] = HOP_RECORDING_BROKEN; /* without its error */
    assert_int_equal(play(bytes, one.size).state, HOP_PLAYER_DAMAGED);
    bytes[end + 2] = 12;
    memcpy(bytes + one.size, (const uint8_t[]){0xff, 0xff, 0xff, 0xf7}, 4);
    assert_int_equal(play(bytes, one.size + 4).state, HOP_PLAYER_BROKEN);
    memset(bytes + end + 3, 0, 8); /* before what was there already */
    assert_int_equal(play(bytes, one.size + 4).state, HOP_PLAYER_DAMAGED);
    free(one.bytes);
}

static hop_tape_config a_config(void) {
    hop_tape_config config = {.zero_us = 123456, .program = "9.8.7"};
    config.core.mode = HOP_CORE_CONNECT;
    memset(config.core.ticket.secret, 0xa7, HOP_KEY_SIZE);
    config.core.ticket.server_count = 2;
    strcpy(config.core.ticket.servers[0].host, "one.example.org");
    strcpy(config.core.ticket.servers[1].host, "192.0.2.1");
    config.core.ticket.servers[1].port = 3479;
    config.core.seed = 0x0123456789abcdef;
    config.core.unix_offset_us = 1700000000000000;
    config.core.timeout_us = 15 * HOP_S;
    config.core.use_ipv6 = config.core.use_lan = config.core.allow_private = true;
    config.core.no_secret = config.core.probe = config.core.one_interface = true;
    return config;
}

static void test_config(void **state) {
    uint8_t bytes[HOP_TAPE_ENTRY_MAX], again[HOP_TAPE_ENTRY_MAX];
    hop_tape_config config = a_config(), other;
    static const uint8_t zeros[HOP_KEY_SIZE];
    (void)state;
    hop_writer writer = hop_writer_make(bytes, sizeof bytes);
    hop_tape_write_config(&writer, &config);
    assert_false(writer.failed);
    assert_null(memchr(bytes, 0xa7, writer.at)); /* nothing of the secret */
    hop_reader reader = hop_reader_make(bytes, writer.at);
    assert_true(hop_tape_read_config(&reader, &other));
    assert_memory_equal(other.core.ticket.secret, zeros, sizeof zeros);
    assert_string_equal(other.program, "9.8.7");
    assert_string_equal(other.core.ticket.servers[0].host, "one.example.org");
    assert_true(other.core.use_ipv6 && !other.core.use_ipv4 && !other.core.allow_loopback);
    assert_true(other.core.no_secret && other.core.probe && other.core.one_interface);
    hop_writer second = hop_writer_make(again, sizeof again);
    hop_tape_write_config(&second, &other);
    assert_int_equal(second.at, writer.at);
    assert_memory_equal(bytes, again, writer.at);
    for (size_t size = 0; size < writer.at; size++) {
        reader = hop_reader_make(bytes, size);
        assert_false(hop_tape_read_config(&reader, &other));
    }
}

/* Writes it, reads it, writes that: the same bytes; cut anywhere it is refused. Returns the size.
 */
static size_t go_round(const hop_input *input, bool masked, uint8_t bytes[HOP_TAPE_ENTRY_MAX]) {
    uint8_t again[HOP_TAPE_ENTRY_MAX];
    hop_tape_input tape;
    hop_writer writer = hop_writer_make(bytes, HOP_TAPE_ENTRY_MAX);
    hop_tape_write_input(&writer, 42, input, masked);
    assert_false(writer.failed);
    for (size_t size = 0; size < writer.at; size++) {
        hop_reader part = hop_reader_make(bytes, size);
        assert_false(hop_tape_read_input(&part, &tape));
    }
    hop_reader reader = hop_reader_make(bytes, writer.at);
    assert_true(hop_tape_read_input(&reader, &tape));
    assert_int_equal(tape.now_us, 42);
    assert_int_equal(tape.input.kind, input->kind);
    assert_int_equal(tape.input.link, input->link);
    assert_int_equal(tape.input.reason, input->reason);
    assert_int_equal(tape.input.server, input->server);
    assert_int_equal(tape.input.rtt_us, input->rtt_us);
    assert_true(hop_address_equal(&tape.input.remote, &input->remote));
    assert_true(hop_address_equal(&tape.input.local, &input->local));
    assert_int_equal(tape.input.size, input->size);
    assert_int_equal(tape.input.host_count, input->host_count);
    assert_int_equal(tape.input.await_mapping, input->await_mapping);
    assert_int_equal(tape.input.protocol, input->protocol);
    assert_int_equal(tape.input.trouble, input->trouble);
    assert_int_equal(tape.input.lifetime_s, input->lifetime_s);
    assert_int_equal(tape.input.code, input->code);
    assert_int_equal(tape.input.address_count, input->address_count);
    if (input->size > 0) assert_memory_equal(tape.input.bytes, input->bytes, input->size);
    for (unsigned i = 0; i < input->host_count; i++) {
        assert_int_equal(tape.hosts[i].prefix_bits, input->hosts[i].prefix_bits);
        assert_true(hop_address_equal(&tape.hosts[i].address, &input->hosts[i].address));
    }
    for (unsigned i = 0; i < input->address_count; i++)
        assert_true(hop_address_equal(&tape.addresses[i], &input->addresses[i]));
    if (input->description != NULL)
        assert_memory_equal(tape.description.nonce, input->description->nonce, HOP_NONCE_SIZE);
    hop_writer second = hop_writer_make(again, sizeof again);
    hop_tape_write_input(&second, tape.now_us, &tape.input, false);
    assert_int_equal(second.at, writer.at);
    assert_memory_equal(bytes, again, writer.at);
    return writer.at;
}

static void test_inputs(void **state) {
    uint8_t bytes[HOP_TAPE_ENTRY_MAX];
    hop_address four = {HOP_FAMILY_IPV4, {192, 0, 2, 7}, 4711};
    hop_address six = {HOP_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, [15] = 9}, 65535};
    hop_candidate hosts[] = {{HOP_CANDIDATE_HOST, 24, four}, {HOP_CANDIDATE_HOST, 64, six}};
    hop_address addresses[] = {six, four};
    hop_description peer = {.candidates = {{HOP_CANDIDATE_MAPPED, 0, four}}, .candidate_count = 1};
    const hop_input inputs[] = {
        {.kind = HOP_IN_TIMER},
        {.kind = HOP_IN_GO, .hosts = hosts, .host_count = 2},
        {.kind = HOP_IN_RESOLVED, .server = 3, .addresses = addresses, .address_count = 2},
        {.kind = HOP_IN_RESOLVED, .reason = HOP_REASON_RESOLVE},
        {.kind = HOP_IN_CONNECTED, .link = 63, .local = six, .rtt_us = 123456},
        {.kind = HOP_IN_ACCEPTED, .remote = four, .local = six},
        {.kind = HOP_IN_RECEIVED, .link = 1, .bytes = (const uint8_t *)"abc", .size = 3},
        {.kind = HOP_IN_ENDED, .link = 2, .reason = HOP_REASON_PROTOCOL},
        {.kind = HOP_IN_ANSWERING, .link = 5},
        {.kind = HOP_IN_PEER, .description = &peer},
        {.kind = HOP_IN_CANCEL},
        {.kind = HOP_IN_GO, .hosts = hosts, .host_count = 1, .await_mapping = true},
        {.kind = HOP_IN_MAPPED, .remote = four, .protocol = HOP_MAP_UPNP, .lifetime_s = 120},
        {.kind = HOP_IN_UNMAPPED,
         .protocol = HOP_MAP_PCP,
         .trouble = HOP_MAP_TROUBLE_DOUBLE_NAT,
         .code = 8},
        {.kind = HOP_IN_NETWORK,
         .hosts = hosts,
         .host_count = 2,
         .changes = HOP_NETWORK_CHANGES,
         .slept_us = 3600 * HOP_S},
    };
    (void)state;
    bool seen[HOP_IN_NETWORK + 1] = {false};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        go_round(&inputs[i], false, bytes);
        seen[inputs[i].kind] = true;
    }
    for (unsigned kind = 0; kind <= HOP_IN_NETWORK; kind++)
        assert_true(seen[kind]);
}

static void test_inputs_out_of_bounds(void **state) {
    uint8_t bytes[HOP_TAPE_ENTRY_MAX];
    hop_tape_input tape;
    (void)state;
    size_t size = go_round(&(hop_input){.kind = HOP_IN_ENDED, .link = 63}, false, bytes);
    const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        {0, 0x80}, {0, 0x40}, {8, HOP_IN_NETWORK + 1}, {9, 2}, {11, HOP_REASON_NETWORK + 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t before = bytes[wrong[i].at];
        bytes[wrong[i].at] = wrong[i].value;
        hop_reader reader = hop_reader_make(bytes, size);
        assert_false(hop_tape_read_input(&reader, &tape));
        bytes[wrong[i].at] = before;
    }
    static const hop_input counted[] = {{.kind = HOP_IN_GO}, {.kind = HOP_IN_RESOLVED}};
    for (size_t i = 0; i < 2; i++) {
        size = go_round(&counted[i], false, bytes);
        memset(bytes + size - 1, 255, 1);
        memset(bytes + size, 0, 512); /* 255 addresses of no family */
        hop_reader reader = hop_reader_make(bytes, size + 3 * 255);
        assert_false(hop_tape_read_input(&reader, &tape));
    }
}

/* Of nonces that people carry, half is left: enough for who controls, not enough for the key. */
static void test_masked_nonces(void **state) {
    uint8_t bytes[HOP_TAPE_ENTRY_MAX];
    hop_description peer = {.candidate_count = 0};
    hop_core_config config = {.mode = HOP_CORE_MANUAL};
    (void)state;
    memset(peer.nonce, 0xee, sizeof peer.nonce);
    const hop_input input = {.kind = HOP_IN_PEER, .description = &peer};
    hop_writer writer = hop_writer_make(bytes, sizeof bytes);
    hop_tape_write_input(&writer, 42, &input, true);
    unsigned left = 0;
    for (size_t i = 0; i < writer.at; i++)
        left += bytes[i] == 0xee;
    assert_int_equal(left, HOP_NONCE_SIZE / 2);
    assert_true(hop_tape_is_masked(&config));
    config.bare = true;
    assert_false(hop_tape_is_masked(&config));
    config = (hop_core_config){.mode = HOP_CORE_LISTEN};
    assert_false(hop_tape_is_masked(&config));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),       cmocka_unit_test(test_ends),
        cmocka_unit_test(test_head),          cmocka_unit_test(test_config),
        cmocka_unit_test(test_inputs),        cmocka_unit_test(test_inputs_out_of_bounds),
        cmocka_unit_test(test_masked_nonces), cmocka_unit_test(test_samples_play_to_their_end),
        cmocka_unit_test(test_every_cut),     cmocka_unit_test(test_bytes_that_nobody_wanted),
        cmocka_unit_test(test_mutations),     cmocka_unit_test(test_a_change_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
