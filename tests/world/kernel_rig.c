/* SPDX-License-Identifier: MIT */
/* Two kernels and a wire. */
#include "kernel_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct rig_end {
    rig *rig;
    int side;
} rig_end;

static rig_end ends[2];

static void on_send(void *context, const packet *out);
static void on_ready(void *context, int socket, unsigned what);
static void on_arrival(void *context, void *argument, uint64_t side);
static int64_t fate(rig *one, int side, const packet *out);
static void note(rig *one, const char *text);

void rig_open(rig *one, int64_t delay_us, bool with_peer) {
    memset(one, 0, sizeof *one);
    one->random = hop_random_seeded(5);
    for (int side = 0; side < 2; side++) {
        one->delay_us[side] = delay_us;
        const uint8_t ip[4] = {192, 0, 2, (uint8_t)(side + 1)};
        one->addresses[side] = (hop_address){.family = HOP_FAMILY_IPV4, .port = 4000};
        memcpy(one->addresses[side].ip, ip, sizeof ip);
        ends[side] = (rig_end){one, side};
        if (side == 1 && !with_peer) continue;
        one->kernels[side] = kernel_new(&(kernel_config){
            .schedule = &one->schedule,
            .seed = 100 + (uint64_t)side,
            .context = &ends[side],
            .send = on_send,
            .ready = on_ready,
        });
    }
}

void rig_close(rig *one) {
    kernel_free(one->kernels[0]);
    kernel_free(one->kernels[1]);
    schedule_clear(&one->schedule);
}

void rig_lose(rig *one, int side, const char *name, unsigned number) {
    rig_delay(one, side, name, number, 0);
}

void rig_delay(rig *one, int side, const char *name, unsigned number, int64_t late_us) {
    assert_true(one->rule_count < RIG_RULES_MAX);
    one->rules[one->rule_count++] = (rig_rule){side, name, number, late_us, 0};
}

void rig_run(rig *one, int64_t until_us) {
    while (schedule_step(&one->schedule, until_us)) {
    }
    one->schedule.now_us = until_us;
}

int rig_connect(rig *one, int side) {
    return kernel_connect(one->kernels[side], &one->addresses[side], &one->addresses[1 - side], 0);
}

int rig_listen(rig *one, int side, unsigned backlog) {
    hop_address any = {.family = HOP_FAMILY_IPV4, .port = 4000};
    return kernel_listen(one->kernels[side], &any, backlog);
}

void rig_expect(rig *one, const char *log) {
    assert_string_equal(one->log, log);
    one->log[one->log_size = 0] = 0;
}

static void on_send(void *context, const packet *out) {
    rig_end *end = context;
    rig *one = end->rig;
    int64_t late_us = fate(one, end->side, out);
    char line[80];
    snprintf(line, sizeof line, "%7.1f %c %s%s\n", (double)one->schedule.now_us / 1000.0,
             "ab"[end->side], packet_name(out), late_us < 0 ? " lost" : "");
    note(one, line);
    memcpy(&one->last, out, sizeof one->last);
    if (late_us < 0 || one->kernels[1 - end->side] == NULL) return;
    schedule_at(&one->schedule, one->schedule.now_us + one->delay_us[end->side] + late_us,
                on_arrival, one, packet_copy(out), 1 - (uint64_t)end->side);
}

static void on_ready(void *context, int socket, unsigned what) {
    rig_end *end = context;
    if (socket < RIG_SOCKETS_MAX) end->rig->told[end->side][socket] |= what;
}

static void on_arrival(void *context, void *argument, uint64_t side) {
    rig *one = context;
    packet *in = argument;
    if (one->kernels[side] != NULL) kernel_receive_packet(one->kernels[side], in);
    free(in);
}

/* How much later it comes; -1: it is lost. */
static int64_t fate(rig *one, int side, const packet *out) {
    for (unsigned i = 0; i < one->rule_count; i++) {
        rig_rule *rule = &one->rules[i];
        if (rule->side != side || strcmp(rule->name, packet_name(out)) != 0) continue;
        rule->seen++;
        if (rule->number != 0 && rule->seen != rule->number) continue;
        return rule->late_us == 0 ? -1 : rule->late_us;
    }
    if (one->loss_ppm > 0 && hop_random_between(&one->random, 0, 999999) < one->loss_ppm) return -1;
    if (one->late_ppm > 0 && hop_random_between(&one->random, 0, 999999) < one->late_ppm)
        return one->delay_us[side] * 3 / 2;
    return 0;
}

static void note(rig *one, const char *text) {
    size_t size = strlen(text);
    if (one->log_size + size >= RIG_LOG_SIZE) return;
    memcpy(one->log + one->log_size, text, size + 1);
    one->log_size += size;
}
