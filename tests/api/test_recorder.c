/* SPDX-License-Identifier: MIT */
/* The recorder on real files, fed by a core that meets its peer by hand: what it leaves can be
 * played, it knows its bounds, and it does not let two write to one file. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/player.h"
#include "drive/recorder.h"
#include "secure/secure.h"

static char folder[] = "/tmp/hop-recorder-XXXXXX";

typedef struct rig {
    hop_core_config config;
    hop_recorder *recorder;
    hop_core *core;
    void *memory;
    int64_t now_us;
} rig;

static char *in_folder(const char *name) {
    static char paths[4][256];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, 256, "%s/%s", folder, name);
    return path;
}

static int rig_open(rig *it, const hop_recorder_config *recorder) {
    memset(it, 0, sizeof *it);
    it->config = (hop_core_config){.mode = HOP_CORE_MANUAL, .timeout_us = 3 * HOP_S};
    it->config.use_ipv4 = it->config.use_lan = it->config.allow_private = true;
    it->config.crypto = hop_secure_crypto();
    it->now_us = 5000000;
    int error = hop_recorder_new(recorder, &it->config, &it->recorder);
    if (error != 0) return error;
    it->memory = malloc(hop_core_size());
    assert_non_null(it->memory);
    assert_int_equal(hop_core_init(it->memory, &it->config, &it->core), 0);
    hop_recorder_made(it->recorder);
    return 0;
}

static void rig_tell(rig *it, const hop_input *input) {
    hop_output output;
    it->now_us += 1000;
    hop_recorder_input(it->recorder, it->now_us, input);
    hop_core_step(it->core, it->now_us, input);
    while (hop_core_next(it->core, &output))
        hop_recorder_output(it->recorder, &output);
    hop_recorder_done(it->recorder);
}

static void rig_close(rig *it) {
    it->recorder = hop_recorder_free(it->recorder);
    free(it->memory);
}

static size_t read_file(const char *path, uint8_t *bytes, size_t room) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail_msg("%s: %s", path, strerror(errno));
    ssize_t size = read(fd, bytes, room);
    close(fd);
    assert_true(size >= 0 && (size_t)size < room);
    return (size_t)size;
}

static hop_player_state play_file(const char *path, unsigned *ret_steps) {
    size_t room = 1 << 20;
    uint8_t *bytes = malloc(room);
    void *memory = malloc(hop_core_size());
    hop_player *player = malloc(sizeof *player);
    assert_true(bytes != NULL && memory != NULL && player != NULL);
    hop_player_init(player, bytes, read_file(path, bytes, room), memory);
    *ret_steps = 0;
    while (hop_player_step(player) == HOP_PLAYER_STEP)
        ++*ret_steps;
    hop_player_state state = player->state;
    free(player);
    free(memory);
    free(bytes);
    return state;
}

static bool contains(const char *path, const uint8_t *needle, size_t size) {
    static uint8_t bytes[65536];
    return memmem(bytes, read_file(path, bytes, sizeof bytes), needle, size) != NULL;
}

/* By hand: whoever reads both nonces could compute the key, so neither is whole in the file. */
static void test_by_hand(void **state) {
    hop_candidate host = {HOP_CANDIDATE_HOST, 24, {HOP_FAMILY_IPV4, {192, 168, 1, 2}, 4000}};
    hop_description peer = {.nonce = "0123456789abcde",
                            .candidates = {{HOP_CANDIDATE_HOST, 24, host.address}},
                            .candidate_count = 1};
    uint8_t nonce[HOP_NONCE_SIZE];
    unsigned steps;
    rig it;
    (void)state;
    peer.candidates[0].address.port = 4001;
    char *path = in_folder("by-hand");
    assert_int_equal(rig_open(&it, &(hop_recorder_config){.path = path}), 0);
    memcpy(nonce, hop_core_description(it.core)->nonce, sizeof nonce);
    rig_tell(&it, &(hop_input){.kind = HOP_IN_GO, .hosts = &host, .host_count = 1});
    rig_tell(&it, &(hop_input){.kind = HOP_IN_PEER, .description = &peer});
    for (int i = 0; i < 5; i++)
        rig_tell(&it, &(hop_input){.kind = HOP_IN_TIMER});
    rig_tell(&it, &(hop_input){.kind = HOP_IN_CANCEL});
    rig_close(&it);
    assert_int_equal(play_file(path, &steps), HOP_PLAYER_END);
    assert_int_equal(steps, 8);
    assert_true(contains(path, nonce, 8) && contains(path, peer.nonce, 8));
    assert_false(contains(path, nonce + 6, 10) || contains(path, peer.nonce + 6, 10));
    assert_false(contains(path, nonce, 9) || contains(path, peer.nonce, 9));
}

static void test_after_every_step_all_is_there(void **state) {
    unsigned steps;
    rig it;
    (void)state;
    char *path = in_folder("stepwise");
    assert_int_equal(rig_open(&it, &(hop_recorder_config){.path = path}), 0);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(play_file(path, &steps), HOP_PLAYER_CUT);
        assert_int_equal(steps, i);
        rig_tell(&it, &(hop_input){.kind = i == 0 ? HOP_IN_GO : HOP_IN_TIMER});
    }
    hop_recorder_broken(it.recorder, HOP_E_SYSTEM);
    rig_tell(&it, &(hop_input){.kind = HOP_IN_TIMER}); /* recorded no more */
    assert_int_equal(play_file(path, &steps), HOP_PLAYER_BROKEN);
    rig_close(&it);
    assert_int_equal(play_file(path, &steps), HOP_PLAYER_BROKEN);
    assert_int_equal(steps, 20);
}

static void test_bounded(void **state) {
    unsigned steps;
    struct stat about;
    rig it;
    (void)state;
    char *path = in_folder("bounded");
    hop_recorder_config config = {.path = path, .size_max = 100000};
    assert_int_equal(rig_open(&it, &config), 0);
    for (unsigned i = 0; i < 5000; i++)
        rig_tell(&it, &(hop_input){.kind = i == 0 ? HOP_IN_GO : HOP_IN_TIMER});
    rig_close(&it);
    assert_int_equal(play_file(path, &steps), HOP_PLAYER_FULL);
    assert_in_range(steps, 100, 4999);
    assert_int_equal(stat(path, &about), 0);
    assert_in_range(about.st_size, 30000, 100000);
}

/* A limit on file sizes would kill the program: it is asked for, not tried. */
static void test_size_limit_of_the_system(void **state) {
    struct rlimit before, small;
    rig it;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 90000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int error = rig_open(&it, &(hop_recorder_config){.path = in_folder("limited")});
    assert_int_equal(error, 0);
    for (unsigned i = 0; i < 5000; i++)
        rig_tell(&it, &(hop_input){.kind = i == 0 ? HOP_IN_GO : HOP_IN_TIMER});
    rig_close(&it);
    small.rlim_cur = 10;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    error = rig_open(&it, &(hop_recorder_config){.path = in_folder("tiny")});
    int reason = errno;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(error, HOP_E_RECORD);
    assert_int_equal(reason, EFBIG);
}

static void test_names(void **state) {
    struct stat about;
    rig one, two, three;
    (void)state;
    char *path = in_folder("shared");
    umask(0);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666)); /* it was there, for all to read */
    hop_recorder_config chosen = {.path = path}, numbered = {.path = path, .numbered = true};
    assert_int_equal(rig_open(&one, &chosen), 0);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(rig_open(&two, &chosen), HOP_E_RECORD);
    assert_int_equal(errno, EBUSY);
    assert_int_equal(rig_open(&two, &numbered), 0); /* PATH is in use */
    assert_int_equal(rig_open(&three, &numbered), 0);
    rig_close(&one);
    rig_close(&two);
    rig_close(&three);
    assert_int_equal(stat(in_folder("shared.2"), &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(stat(in_folder("shared.3"), &about), 0);
    assert_int_equal(stat(in_folder("shared.4"), &about), -1);
    assert_int_equal(rig_open(&one, &chosen), 0); /* free again */
    rig_close(&one);
}

static void test_refused_places(void **state) {
    rig it;
    (void)state;
    char *pipe_path = in_folder("pipe");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    const struct {
        const char *path;
        int reason;
    } places[] = {{in_folder("none/x"), ENOENT}, {"/dev/null", EINVAL}, {pipe_path, ENXIO}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        errno = 0;
        hop_recorder_config config = {.path = places[i].path};
        assert_int_equal(rig_open(&it, &config), HOP_E_RECORD);
        assert_int_equal(errno, places[i].reason);
        assert_ptr_equal(it.config.crypto, hop_secure_crypto());
    }
}

static void test_nothing_to_record(void **state) {
    (void)state;
    hop_recorder_made(NULL);
    hop_recorder_input(NULL, 0, NULL);
    hop_recorder_output(NULL, NULL);
    hop_recorder_handed(NULL, 0, NULL);
    hop_recorder_done(NULL);
    hop_recorder_broken(NULL, HOP_E_SYSTEM);
    assert_null(hop_recorder_free(NULL));
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_after_every_step_all_is_there),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_size_limit_of_the_system),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_refused_places),
        cmocka_unit_test(test_nothing_to_record),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
