/* SPDX-License-Identifier: MIT */
/* The recording as a buffer and a file, and the crypto table that listens in; see recorder.h. How
 * the file gets its name is in record_file.c. */
#include "drive/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/tape.h"
#include "drive/clock.h"
#include "drive/record_file.h"
#include "hop_config.h"

#define BUFFER_SIZE 32768
#define STEP_MAX    65536 /* bytes of one step: more than it can take */

struct hop_recorder {
    hop_crypto table;
    const hop_crypto *real;
    int fd; /* -1: no more is recorded */
    int64_t size_max;
    int64_t size; /* bytes in the file */
    bool masked;
    bool making; /* the core is being made */
    unsigned output_count;
    uint32_t digest;
    hop_writer writer;
    uint8_t buffer[BUFFER_SIZE];
};

static int64_t allowed_size(int64_t size);
static void set_table(hop_recorder *recorder, hop_core_config *core);
static void write_config(hop_recorder *recorder, const hop_core_config *core, int64_t zero_us);
static void write_end(hop_recorder *recorder, hop_recording_kind kind);
static void write_outputs(hop_recorder *recorder);
static void note_answer(hop_recorder *recorder, hop_tape_function function, bool good,
                        const uint8_t *bytes, size_t size);
static void close_entry(hop_recorder *recorder, size_t at);
static void flush(hop_recorder *recorder);
static void stop(hop_recorder *recorder);

int hop_recorder_new(const hop_recorder_config *config, hop_core_config *core,
                     hop_recorder **ret_recorder) {
    hop_recorder *recorder = calloc(1, sizeof *recorder);
    if (recorder == NULL) return HOP_E_MEMORY;
    recorder->fd = hop_record_file_open(config->path, config->numbered);
    if (recorder->fd < 0) {
        int saved = errno;
        free(recorder);
        errno = saved;
        return HOP_E_RECORD;
    }
    recorder->size_max =
        allowed_size(config->size_max > 0 ? config->size_max : HOP_RECORDER_SIZE_MAX);
    recorder->writer = hop_writer_make(recorder->buffer, sizeof recorder->buffer);
    recorder->masked = hop_tape_is_masked(core);
    recorder->making = true;
    write_config(recorder, core, config->zero_us);
    if (recorder->size_max < STEP_MAX) {
        stop(recorder);
        errno = EFBIG;
    }
    flush(recorder);
    int saved = errno; /* of a disk that was full from the beginning */
    if (recorder->fd < 0) {
        free(recorder);
        errno = saved;
        return HOP_E_RECORD;
    }
    set_table(recorder, core);
    *ret_recorder = recorder;
    return 0;
}

hop_recorder *hop_recorder_free(hop_recorder *recorder) {
    if (recorder == NULL) return NULL;
    write_end(recorder, HOP_RECORDING_END);
    stop(recorder);
    free(recorder);
    return NULL;
}

void hop_recorder_made(hop_recorder *recorder) {
    if (recorder == NULL) return;
    recorder->making = false;
    hop_recorder_done(recorder);
}

void hop_recorder_input(hop_recorder *recorder, int64_t now_us, const hop_input *input) {
    if (recorder == NULL || recorder->fd < 0) return;
    if (recorder->size > recorder->size_max - STEP_MAX) {
        write_end(recorder, HOP_RECORDING_FULL);
        stop(recorder);
        return;
    }
    size_t at = hop_recording_open(&recorder->writer, HOP_RECORDING_INPUT);
    hop_tape_write_input(&recorder->writer, now_us, input, recorder->masked);
    close_entry(recorder, at);
}

void hop_recorder_output(hop_recorder *recorder, const hop_output *output) {
    if (recorder == NULL || recorder->fd < 0) return;
    recorder->output_count++;
    recorder->digest = hop_tape_digest(recorder->digest, output);
}

void hop_recorder_done(hop_recorder *recorder) {
    if (recorder == NULL || recorder->fd < 0) return;
    write_outputs(recorder);
    flush(recorder);
}

void hop_recorder_handed(hop_recorder *recorder, int error, const hop_address *local) {
    static const hop_address none;
    if (recorder == NULL || recorder->fd < 0) return;
    size_t at = hop_recording_open(&recorder->writer, HOP_RECORDING_HANDED);
    hop_write_u32(&recorder->writer, (uint32_t)error);
    hop_recording_write_address(&recorder->writer, local != NULL ? local : &none);
    close_entry(recorder, at);
}

void hop_recorder_broken(hop_recorder *recorder, int error) {
    if (recorder == NULL || recorder->fd < 0) return;
    size_t at = hop_recording_open(&recorder->writer, HOP_RECORDING_BROKEN);
    hop_write_u64(&recorder->writer, (uint64_t)hop_clock_now_us());
    hop_write_u32(&recorder->writer, (uint32_t)error);
    close_entry(recorder, at);
    flush(recorder);
    stop(recorder);
}

/* --- the file --- */

/* A write beyond the limit on file sizes would bring a signal that kills the program. */
static int64_t allowed_size(int64_t size) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < (rlim_t)size)
        size = (int64_t)limit.rlim_cur;
    return size;
}

static void write_config(hop_recorder *recorder, const hop_core_config *core, int64_t zero_us) {
    hop_tape_config config = {.core = *core, .zero_us = zero_us};
    snprintf(config.program, sizeof config.program, "%s", HOP_VERSION_TEXT);
    hop_recording_write_head(&recorder->writer);
    size_t at = hop_recording_open(&recorder->writer, HOP_RECORDING_CONFIG);
    hop_tape_write_config(&recorder->writer, &config);
    close_entry(recorder, at);
    hop_crypto_wipe(&config, sizeof config);
}

static void write_end(hop_recorder *recorder, hop_recording_kind kind) {
    if (recorder->fd < 0) return;
    size_t at = hop_recording_open(&recorder->writer, kind);
    hop_write_u64(&recorder->writer, (uint64_t)hop_clock_now_us());
    close_entry(recorder, at);
    flush(recorder);
}

static void write_outputs(hop_recorder *recorder) {
    size_t at = hop_recording_open(&recorder->writer, HOP_RECORDING_OUTPUTS);
    hop_write_u16(&recorder->writer, (uint16_t)recorder->output_count);
    hop_write_u32(&recorder->writer, recorder->digest);
    close_entry(recorder, at);
    recorder->output_count = 0;
    recorder->digest = 0;
}

static void close_entry(hop_recorder *recorder, size_t at) {
    hop_recording_close(&recorder->writer, at);
    if (recorder->writer.failed)
        stop(recorder); /* an input that knows no bounds: rather an end than a gap */
    else if (recorder->writer.at > BUFFER_SIZE - HOP_TAPE_ENTRY_MAX)
        flush(recorder);
}

/* A file that takes no more (a full disk, a limit) ends in the middle, which its reader notices. */
static void flush(hop_recorder *recorder) {
    const uint8_t *bytes = recorder->buffer;
    size_t left = recorder->writer.at;
    while (recorder->fd >= 0 && left > 0) {
        ssize_t done = write(recorder->fd, bytes, left);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            stop(recorder);
            break;
        }
        bytes += done;
        left -= (size_t)done;
        recorder->size += done;
    }
    recorder->writer = hop_writer_make(recorder->buffer, sizeof recorder->buffer);
}

static void stop(hop_recorder *recorder) {
    int saved = errno;
    if (recorder->fd >= 0) close(recorder->fd);
    recorder->fd = -1;
    errno = saved;
}

/* --- the crypto table that listens in --- */

/* What the table gave out; good false: nothing. Keys are never passed on to here. */
static void note_answer(hop_recorder *recorder, hop_tape_function function, bool good,
                        const uint8_t *bytes, size_t size) {
    if (recorder->fd < 0) return;
    size_t at = hop_recording_open(&recorder->writer, HOP_RECORDING_ANSWER);
    hop_write_u8(&recorder->writer, (uint8_t)function);
    hop_write_u8(&recorder->writer, good);
    if (good) hop_write_bytes(&recorder->writer, bytes, size);
    close_entry(recorder, at);
}

/* The core asks for nothing by this but what the world may see (nonces, transaction numbers); and,
 * when it is made, for the nonce that two people may carry themselves. */
static bool listen_random(void *context, uint8_t *out, size_t size) {
    hop_recorder *recorder = context;
    uint8_t nonce[HOP_NONCE_SIZE];
    bool good = recorder->real->random(recorder->real->context, out, size);
    bool hidden = recorder->masked && recorder->making && size == sizeof nonce;
    if (good && hidden) {
        memcpy(nonce, out, sizeof nonce);
        hop_tape_mask(nonce);
    }
    note_answer(recorder, HOP_TAPE_RANDOM, good, hidden ? nonce : out, size);
    return good;
}

static bool listen_derive(void *context, const uint8_t secret[HOP_KEY_SIZE], const uint8_t *salt,
                          size_t salt_size, const char *label, uint8_t out[HOP_KEY_SIZE]) {
    hop_recorder *recorder = context;
    const hop_crypto *real = recorder->real;
    bool good = real->derive(real->context, secret, salt, salt_size, label, out);
    note_answer(recorder, HOP_TAPE_DERIVE, good, NULL, 0);
    return good;
}

static bool listen_mac(void *context, const uint8_t key[HOP_KEY_SIZE], const uint8_t *bytes,
                       size_t size, uint8_t out[HOP_MAC_SIZE]) {
    hop_recorder *recorder = context;
    bool good = recorder->real->mac(recorder->real->context, key, bytes, size, out);
    note_answer(recorder, HOP_TAPE_MAC, good, out, HOP_MAC_SIZE);
    return good;
}

static bool listen_seal(void *context, const uint8_t key[HOP_KEY_SIZE],
                        const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                        const uint8_t *plain, size_t size, uint8_t *out) {
    hop_recorder *recorder = context;
    const hop_crypto *real = recorder->real;
    bool good = real->seal(real->context, key, nonce, ad, ad_size, plain, size, out);
    note_answer(recorder, HOP_TAPE_SEAL, good, out, size + HOP_SEAL_TAG_SIZE);
    return good;
}

static bool listen_open(void *context, const uint8_t key[HOP_KEY_SIZE],
                        const uint8_t nonce[HOP_SEAL_NONCE_SIZE], const uint8_t *ad, size_t ad_size,
                        const uint8_t *sealed, size_t sealed_size, uint8_t *out) {
    hop_recorder *recorder = context;
    const hop_crypto *real = recorder->real;
    bool good = real->open(real->context, key, nonce, ad, ad_size, sealed, sealed_size, out);
    size_t size = sealed_size < HOP_SEAL_TAG_SIZE ? 0 : sealed_size - HOP_SEAL_TAG_SIZE;
    note_answer(recorder, HOP_TAPE_OPEN, good, out, size);
    return good;
}

static bool listen_public_key(void *context, const uint8_t seed[HOP_KEY_SIZE],
                              uint8_t out[HOP_KEY_SIZE]) {
    hop_recorder *recorder = context;
    bool good = recorder->real->public_key(recorder->real->context, seed, out);
    note_answer(recorder, HOP_TAPE_PUBLIC_KEY, good, out, HOP_KEY_SIZE);
    return good;
}

static bool listen_sign(void *context, const uint8_t seed[HOP_KEY_SIZE], const uint8_t *bytes,
                        size_t size, uint8_t out[HOP_SIGNATURE_SIZE]) {
    hop_recorder *recorder = context;
    bool good = recorder->real->sign(recorder->real->context, seed, bytes, size, out);
    note_answer(recorder, HOP_TAPE_SIGN, good, out, HOP_SIGNATURE_SIZE);
    return good;
}

static bool listen_verify(void *context, const uint8_t public_key[HOP_KEY_SIZE],
                          const uint8_t *bytes, size_t size,
                          const uint8_t signature[HOP_SIGNATURE_SIZE]) {
    hop_recorder *recorder = context;
    const hop_crypto *real = recorder->real;
    bool good = real->verify(real->context, public_key, bytes, size, signature);
    note_answer(recorder, HOP_TAPE_VERIFY, good, NULL, 0);
    return good;
}

static void set_table(hop_recorder *recorder, hop_core_config *core) {
    recorder->real = core->crypto;
    recorder->table = (hop_crypto){
        .context = recorder,
        .random = listen_random,
        .derive = listen_derive,
        .mac = listen_mac,
        .seal = listen_seal,
        .open = listen_open,
        .public_key = listen_public_key,
        .sign = listen_sign,
        .verify = listen_verify,
    };
    core->crypto = &recorder->table;
}
