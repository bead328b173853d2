/* SPDX-License-Identifier: MIT */
/* Plays recordings; see player.h. */
#include "core/player.h"

#include <string.h>

static hop_player_state start(hop_player *player, void *core_memory);
static hop_player_state make_step(hop_player *player);
static hop_player_state begin_step(hop_player *player, hop_recording_entry *entry);
static hop_player_state finish(hop_player *player, hop_recording_entry *entry);
static hop_player_state check_whole(const hop_player *player);
static bool is_possible(hop_player *player);
static hop_player_state drain(hop_player *player);
static bool hand_over(hop_player *player, hop_player_output *place);
static hop_player_state check_outputs(hop_player *player, unsigned count, uint32_t digest);
static bool answer(hop_player *player, hop_tape_function function, uint8_t *out, size_t size);
static void set_table(hop_player *player);

void hop_player_init(hop_player *player, const void *bytes, size_t size, void *core_memory) {
    memset(player, 0, sizeof *player);
    player->reader = hop_reader_make(bytes, size);
    set_table(player);
    player->state = start(player, core_memory);
}

hop_player_state hop_player_step(hop_player *player) {
    player->output_count = 0;
    player->input = NULL;
    if (player->state == HOP_PLAYER_STEP) player->state = make_step(player);
    return player->state;
}

static hop_player_state start(hop_player *player, void *core_memory) {
    hop_recording_entry entry;
    if (!hop_recording_read_head(&player->reader, &player->version))
        return player->version == 0 ? HOP_PLAYER_NONE : HOP_PLAYER_VERSION;
    if (hop_recording_next(&player->reader, &entry) != HOP_RECORDING_ENTRY) return HOP_PLAYER_CUT;
    if (entry.kind != HOP_RECORDING_CONFIG ||
        !hop_tape_read_config(&entry.payload, &player->config))
        return HOP_PLAYER_DAMAGED;
    hop_player_state whole = check_whole(player);
    if (whole != HOP_PLAYER_STEP) return whole;
    player->config.core.crypto = &player->crypto;
    int error = hop_core_init(core_memory, &player->config.core, &player->core);
    if (player->astray || error != 0) return HOP_PLAYER_ASTRAY;
    return check_outputs(player, 0, 0);
}

static hop_player_state make_step(hop_player *player) {
    hop_recording_entry entry;
    if (hop_recording_next(&player->reader, &entry) != HOP_RECORDING_ENTRY) return HOP_PLAYER_CUT;
    if (entry.kind != HOP_RECORDING_INPUT) return finish(player, &entry);
    hop_player_state state = begin_step(player, &entry);
    if (state != HOP_PLAYER_STEP) return state;
    hop_core_step(player->core, player->now_us, &player->tape.input);
    state = drain(player);
    if (state == HOP_PLAYER_STEP)
        player->input = &player->tape.input;
    else
        player->output_count = 0; /* what is not as it was is not told */
    return state;
}

static hop_player_state begin_step(hop_player *player, hop_recording_entry *entry) {
    if (!hop_tape_read_input(&entry->payload, &player->tape)) return HOP_PLAYER_DAMAGED;
    if (player->tape.now_us < player->now_us || !is_possible(player)) return HOP_PLAYER_DAMAGED;
    hop_player_state whole = check_whole(player);
    if (whole == HOP_PLAYER_STEP) player->now_us = player->tape.now_us;
    return whole;
}

/* Entries that stand between the steps. */
static hop_player_state finish(hop_player *player, hop_recording_entry *entry) {
    hop_reader *payload = &entry->payload;
    int64_t now_us = (int64_t)hop_read_u64(payload);
    int error = entry->kind == HOP_RECORDING_BROKEN ? (int)(int32_t)hop_read_u32(payload) : 0;
    if (!hop_reader_done(payload) || now_us < player->now_us) return HOP_PLAYER_DAMAGED;
    switch (entry->kind) {
    case HOP_RECORDING_BROKEN:
        player->now_us = now_us;
        player->error = error;
        return HOP_PLAYER_BROKEN;
    case HOP_RECORDING_END: player->now_us = now_us; return HOP_PLAYER_END;
    case HOP_RECORDING_FULL: player->now_us = now_us; return HOP_PLAYER_FULL;
    default: return HOP_PLAYER_DAMAGED;
    }
}

/* A step that was cut off would run out of answers in its middle: it is not begun. */
static hop_player_state check_whole(const hop_player *player) {
    hop_reader ahead = player->reader;
    hop_recording_entry entry;
    while (hop_recording_next(&ahead, &entry) == HOP_RECORDING_ENTRY) {
        if (entry.kind == HOP_RECORDING_OUTPUTS) return HOP_PLAYER_STEP;
        if (entry.kind != HOP_RECORDING_ANSWER && entry.kind != HOP_RECORDING_HANDED)
            return HOP_PLAYER_DAMAGED;
    }
    return HOP_PLAYER_CUT;
}

/* The core relies on its driver for these. */
static bool is_possible(hop_player *player) {
    const hop_input *input = &player->tape.input;
    if (input->kind != HOP_IN_RECEIVED) return true;
    size_t *wanted = &player->wanted[input->link];
    if (input->size == 0 || *wanted != input->size) return false;
    *wanted = 0;
    return true;
}

static hop_player_state drain(hop_player *player) {
    uint32_t digest = 0;
    hop_output output;
    while (player->output_count < HOP_OUTPUTS_MAX && hop_core_next(player->core, &output)) {
        digest = hop_tape_digest(digest, &output);
        if (output.kind == HOP_OUT_CONNECT || output.kind == HOP_OUT_ADOPT)
            player->wanted[output.link] = 0;
        if (output.kind == HOP_OUT_WANT) player->wanted[output.link] = output.size;
        if (output.kind == HOP_OUT_SWEEP)
            memset(&player->wanted[HOP_LINKS_PLAIN], 0, HOP_SHOTS_MAX * sizeof player->wanted[0]);
        hop_player_output *place = &player->outputs[player->output_count++];
        *place = (hop_player_output){.output = output};
        if (output.kind == HOP_OUT_ESTABLISHED && !hand_over(player, place))
            return HOP_PLAYER_ASTRAY;
    }
    if (player->astray) return HOP_PLAYER_ASTRAY;
    return check_outputs(player, player->output_count, digest);
}

/* What the driver found when it wanted to hand over: it may have had to fail the attempt. */
static bool hand_over(hop_player *player, hop_player_output *place) {
    hop_recording_entry entry;
    if (hop_recording_next(&player->reader, &entry) != HOP_RECORDING_ENTRY) return false;
    if (entry.kind != HOP_RECORDING_HANDED) return false;
    int error = (int)(int32_t)hop_read_u32(&entry.payload);
    place->local = hop_recording_read_address(&entry.payload);
    if (!hop_reader_done(&entry.payload)) return false;
    if (error == 0) return true;
    int attempt = place->output.attempt;
    place->output = (hop_output){.kind = HOP_OUT_FAILED, .attempt = attempt, .link = -1};
    place->output.error = (enum hop_error)error;
    return true;
}

static hop_player_state check_outputs(hop_player *player, unsigned count, uint32_t digest) {
    hop_recording_entry entry;
    if (hop_recording_next(&player->reader, &entry) != HOP_RECORDING_ENTRY) return HOP_PLAYER_CUT;
    if (entry.kind != HOP_RECORDING_OUTPUTS) return HOP_PLAYER_ASTRAY;
    unsigned recorded_count = hop_read_u16(&entry.payload);
    uint32_t recorded_digest = hop_read_u32(&entry.payload);
    if (!hop_reader_done(&entry.payload)) return HOP_PLAYER_DAMAGED;
    bool same = recorded_count == count && recorded_digest == digest;
    return same ? HOP_PLAYER_STEP : HOP_PLAYER_ASTRAY;
}

/* --- the crypto table: answers in the order in which they were given --- */

static bool answer(hop_player *player, hop_tape_function function, uint8_t *out, size_t size) {
    hop_reader before = player->reader;
    hop_recording_entry entry;
    if (size > 0) memset(out, 0, size);
    if (player->astray) return false;
    if (hop_recording_next(&player->reader, &entry) != HOP_RECORDING_ENTRY ||
        entry.kind != HOP_RECORDING_ANSWER || hop_read_u8(&entry.payload) != function) {
        player->reader = before;
        player->astray = true;
        return false;
    }
    bool good = hop_read_u8(&entry.payload) == 1;
    if (good && size > 0) hop_read_bytes(&entry.payload, out, size);
    if (!hop_reader_done(&entry.payload)) player->astray = true;
    return good && !player->astray;
}

static bool play_random(void *context, uint8_t *out, size_t size) {
    return answer(context, HOP_TAPE_RANDOM, out, size);
}

/* Keys are not in a recording. Nothing that is told depends on them. */
static bool play_derive(void *context, const uint8_t secret[HOP_KEY_SIZE], const uint8_t *salt,
                        size_t salt_size, const char *label, uint8_t out[HOP_KEY_SIZE]) {
    (void)secret, (void)salt, (void)salt_size, (void)label;
    memset(out, 0, HOP_KEY_SIZE);
    return answer(context, HOP_TAPE_DERIVE, NULL, 0);
}

static bool play_mac(void *context, const uint8_t key[HOP_KEY_SIZE], const uint8_t *bytes,
                     size_t size, uint8_t out[HOP_MAC_SIZE]) {
    (void)key, (void)bytes, (void)size;
    return answer(context, HOP_TAPE_MAC, out, HOP_MAC_SIZE);
}

static bool play_seal(void *context, const uint8_t key[HOP_KEY_SIZE],
                      const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                      const uint8_t *plain, size_t size, uint8_t *out) {
    (void)key, (void)nonce, (void)ad, (void)ad_size, (void)plain;
    return answer(context, HOP_TAPE_SEAL, out, size + HOP_SEAL_TAG_SIZE);
}

static bool play_open(void *context, const uint8_t key[HOP_KEY_SIZE],
                      const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                      const uint8_t *sealed, size_t sealed_size, uint8_t *out) {
    (void)key, (void)nonce, (void)ad, (void)ad_size, (void)sealed;
    size_t size = sealed_size < HOP_SEAL_TAG_SIZE ? 0 : sealed_size - HOP_SEAL_TAG_SIZE;
    return answer(context, HOP_TAPE_OPEN, out, size);
}

static bool play_public_key(void *context, const uint8_t seed[HOP_KEY_SIZE],
                            uint8_t out[HOP_KEY_SIZE]) {
    (void)seed;
    return answer(context, HOP_TAPE_PUBLIC_KEY, out, HOP_KEY_SIZE);
}

static bool play_sign(void *context, const uint8_t seed[HOP_KEY_SIZE], const uint8_t *bytes,
                      size_t size, uint8_t out[HOP_SIGNATURE_SIZE]) {
    (void)seed, (void)bytes, (void)size;
    return answer(context, HOP_TAPE_SIGN, out, HOP_SIGNATURE_SIZE);
}

static bool play_verify(void *context, const uint8_t public_key[HOP_KEY_SIZE], const uint8_t *bytes,
                        size_t size, const uint8_t signature[HOP_SIGNATURE_SIZE]) {
    (void)public_key, (void)bytes, (void)size, (void)signature;
    return answer(context, HOP_TAPE_VERIFY, NULL, 0);
}

static void set_table(hop_player *player) {
    player->crypto = (hop_crypto){
        .context = player,
        .random = play_random,
        .derive = play_derive,
        .mac = play_mac,
        .seal = play_seal,
        .open = play_open,
        .public_key = play_public_key,
        .sign = play_sign,
        .verify = play_verify,
    };
}
