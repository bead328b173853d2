/* SPDX-License-Identifier: MIT */
/*
 * Writes the targets' first inputs, from real conversations: plays of listeners, connectors and the
 * server's mind in the world of the tests (tests/world/world.h) run, and what was told to whom is
 * written as programs (program.h); what was said becomes inputs of the decoders. The linker puts
 * the __wrap functions between the play and its minds. fuzz_seeds FOLDER writes FOLDER/TARGET/NAME.
 */
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "program.h"
#include "rendezvous/rendezvous.h"
#include "unit/core_rig.h"
#include "world/world.h"

#define MINDS_MAX 8

int __real_hop_core_init(void *memory, const hop_core_config *config, hop_core **ret_core);
int __wrap_hop_core_init(void *memory, const hop_core_config *config, hop_core **ret_core);
void __real_hop_core_step(hop_core *core, int64_t now_us, const hop_input *input);
void __wrap_hop_core_step(hop_core *core, int64_t now_us, const hop_input *input);
hop_rendezvous *__real_hop_rendezvous_init(void *memory, const hop_rendezvous_config *config);
hop_rendezvous *__wrap_hop_rendezvous_init(void *memory, const hop_rendezvous_config *config);
void __real_hop_rendezvous_step(hop_rendezvous *mind, int64_t now_us,
                                const hop_rendezvous_input *input);
void __wrap_hop_rendezvous_step(hop_rendezvous *mind, int64_t now_us,
                                const hop_rendezvous_input *input);
bool __real_hop_rendezvous_next(hop_rendezvous *mind, hop_rendezvous_output *ret_output);
bool __wrap_hop_rendezvous_next(hop_rendezvous *mind, hop_rendezvous_output *ret_output);

/* One mind of the play that is being run, and the program that it amounts to. */
typedef struct recording {
    const void *mind;
    const char *target;
    int64_t now_us;
    hop_writer program;
    uint8_t bytes[PROGRAM_SIZE_MAX];
    hop_crypto weak;
    hop_random chance; /* of a core's: what fuzz_core.c will have as well */
} recording;

static recording recordings[MINDS_MAX];
static unsigned recording_count;
static bool weak; /* the play's cryptography is fuzz_weak_crypto */
static hop_random weak_chance;
static const char *folder;
static unsigned file_count;

static void write_file(const char *target, const void *bytes, size_t size) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/seed-%02u", folder, target, file_count++);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static recording *record(const void *mind, const char *target) {
    recording *made = &recordings[recording_count++];
    if (recording_count > MINDS_MAX) abort();
    *made = (recording){.mind = mind, .target = target, .now_us = 1000 * HOP_S};
    made->program = hop_writer_make(made->bytes, sizeof made->bytes);
    return made;
}

static recording *recording_of(const void *mind) {
    for (unsigned i = 0; i < recording_count; i++)
        if (recordings[i].mind == mind) return &recordings[i];
    abort();
}

/* A play is short: its waits fit into the operand. */
static void write_wait(recording *told, unsigned operation, int64_t now_us) {
    if (now_us == told->now_us) return;
    hop_write_u8(&told->program, (uint8_t)operation);
    hop_write_u32(&told->program, (uint32_t)(now_us - told->now_us));
    told->now_us = now_us;
}

int __wrap_hop_core_init(void *memory, const hop_core_config *config, hop_core **ret_core) {
    recording *made = record(memory, "core");
    hop_core_config chosen = *config;
    hop_writer *to = &made->program;
    if (weak) {
        fuzz_weak_crypto(&made->weak, &made->chance);
        chosen.crypto = &made->weak;
    }
    hop_write_u8(to, (uint8_t)((unsigned)config->mode + 3 * (unsigned)config->relay));
    hop_write_u8(to, weak ? CORE_WEAK : 0);
    hop_write_u8(to, (uint8_t)(config->ticket.server_count - 1));
    hop_write_u16(to, (uint16_t)(config->timeout_us / (100 * HOP_MS) - 1));
    hop_write_u64(to, config->seed);
    int error = __real_hop_core_init(memory, &chosen, ret_core);
    made->chance = hop_random_seeded(config->seed);
    return error;
}

static void write_addresses(hop_writer *to, const hop_input *input) {
    hop_write_u8(to, CORE_RESOLVED);
    hop_write_u8(to, (uint8_t)input->server);
    hop_write_u8(to, (uint8_t)input->address_count);
    for (unsigned i = 0; i < input->address_count; i++)
        fuzz_write_address(to, &input->addresses[i]);
}

static void write_hosts(hop_writer *to, const hop_input *input) {
    hop_write_u8(to, input->kind == HOP_IN_GO ? CORE_GO : CORE_NETWORK);
    if (input->kind == HOP_IN_NETWORK) {
        hop_write_u8(to, (uint8_t)input->changes);
        hop_write_u32(to, (uint32_t)(input->slept_us / HOP_MS));
    }
    hop_write_u8(to, (uint8_t)input->host_count);
    for (unsigned i = 0; i < input->host_count; i++) {
        hop_write_u8(to, input->hosts[i].type);
        hop_write_u8(to, input->hosts[i].prefix_bits);
        fuzz_write_address(to, &input->hosts[i].address);
    }
}

static void write_input(hop_writer *to, const hop_input *input) {
    static const uint8_t operations[] = {
        [HOP_IN_TIMER] = CORE_TIMER,       [HOP_IN_CONNECTED] = CORE_CONNECTED,
        [HOP_IN_ACCEPTED] = CORE_ACCEPTED, [HOP_IN_RECEIVED] = CORE_RECEIVED,
        [HOP_IN_ENDED] = CORE_ENDED,       [HOP_IN_ANSWERING] = CORE_ANSWERING};
    if (input->kind == HOP_IN_GO || input->kind == HOP_IN_NETWORK) {
        write_hosts(to, input);
        return;
    }
    if (input->kind == HOP_IN_RESOLVED) {
        write_addresses(to, input);
        return;
    }
    hop_write_u8(to, operations[input->kind]);
    if (input->kind == HOP_IN_TIMER) return;
    if (input->kind == HOP_IN_ACCEPTED) {
        fuzz_write_address(to, &input->remote);
        fuzz_write_address(to, &input->local);
        return;
    }
    hop_write_u8(to, (uint8_t)input->link);
    if (input->kind == HOP_IN_CONNECTED) {
        fuzz_write_address(to, &input->local);
        hop_write_u32(to, input->rtt_us);
    }
    if (input->kind == HOP_IN_RECEIVED) hop_write_bytes(to, input->bytes, input->size);
    if (input->kind == HOP_IN_ENDED) hop_write_u8(to, (uint8_t)(input->reason - 1));
}

/* Hellos are seeds of their own target as well; what is expected of them stands before them. */
static void write_hello(const hop_input *input) {
    uint8_t seed[2 + HOP_HELLO_SIZE];
    static unsigned count;
    if (!weak || input->kind != HOP_IN_RECEIVED || input->size != HOP_HELLO_SIZE || count++ > 6)
        return;
    seed[0] = (uint8_t)(input->bytes[5] - 1);
    seed[1] = input->bytes[6];
    memcpy(seed + 2, input->bytes, HOP_HELLO_SIZE);
    write_file("hello", seed, sizeof seed);
}

void __wrap_hop_core_step(hop_core *core, int64_t now_us, const hop_input *input) {
    recording *told = recording_of(core);
    write_wait(told, CORE_WAIT, now_us);
    write_input(&told->program, input);
    write_hello(input);
    __real_hop_core_step(core, now_us, input);
}

hop_rendezvous *__wrap_hop_rendezvous_init(void *memory, const hop_rendezvous_config *config) {
    recording *made = record(memory, "rendezvous");
    hop_rendezvous_config chosen = *config;
    hop_writer *to = &made->program;
    fuzz_weak_crypto(&made->weak, &weak_chance);
    if (weak) chosen.crypto = &made->weak;
    hop_write_u8(to, (uint8_t)((weak ? MIND_WEAK : 0) | (config->relay.on ? MIND_RELAY : 0)));
    hop_write_u8(to, 5);
    hop_write_u8(to, 3);
    hop_write_u8(to, 3);
    hop_write_u8(to, 63);
    hop_write_u64(to, config->seed);
    return __real_hop_rendezvous_init(memory, &chosen);
}

/* The same message as a program of fuzz_message.c. */
static void write_attributes(const uint8_t *bytes, size_t size) {
    static const unsigned numbers[] = {
        [HOP_STUN_BINDING] = 0, [HOP_STUN_REGISTER] = 1, [HOP_STUN_KNOCK] = 2,
        [HOP_STUN_START] = 3,   [HOP_STUN_TELL] = 4,     [HOP_STUN_RELAY] = 5};
    uint8_t program[HOP_STUN_SIZE_MAX];
    hop_writer to = hop_writer_make(program, sizeof program);
    hop_stun stun;
    hop_stun_attribute attribute;
    if (!hop_stun_decode(bytes, size, &stun)) return;
    hop_write_u8(&to, (uint8_t)(0x80 | numbers[stun.method] << 2 | stun.class_));
    hop_write_u8(&to, stun.transaction[0]);
    while (hop_stun_next(&stun, &attribute)) {
        hop_write_u16(&to, attribute.type);
        hop_write_u8(&to, (uint8_t)attribute.value.size);
        hop_write_bytes(&to, attribute.value.bytes, attribute.value.size);
    }
    write_file("message", program, to.at);
}

/* Of what is said in the plays these two targets get the first ones of each kind. */
static void write_message(const uint8_t *bytes, size_t size) {
    static unsigned counts[HOP_MESSAGE_BINDING_INDICATION + 1];
    hop_message message;
    if (hop_message_decode(bytes, size, &message) != HOP_MESSAGE_OK) return;
    if (counts[message.kind]++ >= 3) return;
    write_file("message", bytes, size);
    write_file("stun", bytes, size);
    write_attributes(bytes, size);
}

bool __wrap_hop_rendezvous_next(hop_rendezvous *mind, hop_rendezvous_output *ret_output) {
    bool there = __real_hop_rendezvous_next(mind, ret_output);
    if (there && ret_output->kind == HOP_RENDEZVOUS_SEND)
        write_message(ret_output->bytes, ret_output->size);
    return there;
}

void __wrap_hop_rendezvous_step(hop_rendezvous *mind, int64_t now_us,
                                const hop_rendezvous_input *input) {
    recording *told = recording_of(mind);
    hop_writer *to = &told->program;
    write_wait(told, MIND_WAIT, now_us);
    static const uint8_t operations[] = {[HOP_RENDEZVOUS_TIMER] = MIND_TIMER,
                                         [HOP_RENDEZVOUS_ACCEPTED] = MIND_ACCEPTED,
                                         [HOP_RENDEZVOUS_RECEIVED] = MIND_RECEIVED,
                                         [HOP_RENDEZVOUS_CLOSED] = MIND_CLOSED};
    hop_write_u8(to, operations[input->kind]);
    if (input->kind != HOP_RENDEZVOUS_TIMER) hop_write_u8(to, (uint8_t)input->client);
    if (input->kind == HOP_RENDEZVOUS_ACCEPTED) {
        fuzz_write_address(to, &input->remote);
        fuzz_write_address(to, &input->local);
    } else if (input->kind == HOP_RENDEZVOUS_RECEIVED) {
        hop_write_u32(to, input->rtt_us);
        hop_write_u16(to, (uint16_t)(input->size - HOP_STUN_HEADER_SIZE));
        hop_write_bytes(to, input->bytes, input->size);
        write_message(input->bytes, input->size);
    }
    __real_hop_rendezvous_step(mind, now_us, input);
    if (weak && input->kind == HOP_RENDEZVOUS_RECEIVED) {
        hop_message heard;
        static unsigned count;
        if (hop_message_decode(input->bytes, input->size, &heard) == HOP_MESSAGE_OK &&
            heard.sealed_size > HOP_SEAL_NONCE_SIZE + HOP_SEAL_TAG_SIZE && count++ < 4) {
            write_file("description", heard.sealed, heard.sealed_size);
            write_file("description", heard.sealed + HOP_SEAL_NONCE_SIZE,
                       heard.sealed_size - HOP_SEAL_NONCE_SIZE - HOP_SEAL_TAG_SIZE);
        }
    }
}

/* Two and three hosts; SYNs that are refused, links that are lost, a relay, networks that change.
 */
static const char *const plays[] = {
    "site a: public, v6=open\nsite b: public, v6=open\nalice at a: listens\n"
    "bob at b: connects, after 5\n",
    "site a: preserving-rst\nsite b: preserving-rst\npath a-b: delay 15\nalice at a: listens\n"
    "bob at b: connects, after 5\ncarol at b: connects, after 10\n",
    "site a: eim-drop\nsite b: eim-rst\npath a-b: loss 30%\nalice at a: listens\n"
    "bob at b: connects, after 5\n",
    "site a: symmetric-random\nsite b: symmetric-random\nalice at a: listens, relay auto\n"
    "bob at b: connects, after 5, relay auto\n",
    "site a: public\nsite b: public\nalice at a: listens, relay auto\n"
    "bob at b: connects, after 5, relay only\n",
    "site a: preserving-drop\nsite b: public\nsite c: eim-drop\nalice at a: listens\n"
    "bob at b: connects, after 5000\nat 100: alice moves to c\nat 900: alice is unplugged for 100\n"
    "at 2000: alice sleeps for 2500\nat 4600: docker starts on alice\nat 5060: bob moves to a\n",
};

static void record_play(const char *text, uint64_t seed, bool is_weak) {
    spec play;
    world_result result;
    world_options options = {.crypto = WORLD_TOY};
    char wrong[SPEC_WRONG_SIZE];
    weak = is_weak;
    weak_chance = hop_random_seeded(seed);
    recording_count = 0;
    if (!spec_read(text, &play, wrong)) {
        fprintf(stderr, "%s\n", wrong);
        exit(1);
    }
    play.seed = seed;
    world_run(&play, &options, &result);
    for (unsigned i = 0; i < recording_count; i++) {
        const recording *told = &recordings[i];
        if (told->program.failed) continue; /* too long for a seed */
        write_file(told->target, told->bytes, told->program.at);
    }
}

static void write_texts(void) {
    static const char *const addresses[] = {"192.0.2.1:3478", "[2001:db8::1]:3478",
                                            "2001:db8::1",    "::ffff:192.0.2.1",
                                            "[::]:1",         "[1:2:3:4:5:6:7::]:9"};
    static const char *const servers[] = {"rendezvous.example:3478", "192.0.2.1", "[::1]:3478"};
    static const char *const lists[] = {" 192.0.2.1:3478, [2001:db8::1]:3478,192.0.2.1:3478",
                                        "\x01"
                                        "192.0.2.1:1,192.0.2.2:2,192.0.2.3:3"};
    static const uint8_t numbers[] = {64, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 1, 2, 3, 4, 5, 6, 7, 8,
                                      9,  4, 0, 0, 0, 0, 0, 0, 0, 9, 2, 1, 2, 3, 4, 5, 6, 7, 8};
    for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        write_file("address", addresses[i], strlen(addresses[i]));
    for (unsigned i = 0; i < sizeof servers / sizeof servers[0]; i++)
        write_file("ticket", servers[i], strlen(servers[i]));
    for (unsigned i = 0; i < sizeof lists / sizeof lists[0]; i++)
        write_file("conn_addresses", lists[i], strlen(lists[i]));
    write_file("text", "aGVsbG8gd29ybGQ", 15);
    write_file("text", numbers, sizeof numbers);
    hop_ticket ticket = {.secret = {1, 2, 3}, .server_count = 2};
    snprintf(ticket.servers[0].host, sizeof ticket.servers[0].host, "rendezvous.example");
    snprintf(ticket.servers[1].host, sizeof ticket.servers[1].host, "2001:db8::1");
    ticket.servers[0].port = ticket.servers[1].port = HOP_PORT_DEFAULT;
    char text[HOP_TICKET_TEXT_SIZE];
    write_file("ticket", text, hop_ticket_encode(&ticket, text));
    hop_description description = {.nonce = {1}, .candidate_count = 2};
    description.candidates[0] = rig_candidate(HOP_CANDIDATE_HOST, "192.168.1.10:40000", 24);
    description.candidates[1] = rig_candidate(HOP_CANDIDATE_MAPPED, "[2001:db8::1]:40000", 0);
    size_t size = hop_description_print(&description, text);
    write_file("description", text, size);
}

int main(int count, char **words) {
    if (count != 2) return 2;
    folder = words[1];
    mkdir(folder, 0777);
    for (unsigned i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        record_play(plays[i], i + 1, false);
        record_play(plays[i], i + 1, true);
    }
    write_texts();
    return 0;
}
