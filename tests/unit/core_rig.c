/* SPDX-License-Identifier: MIT */
/* The rig itself: steps, their invariants, and the log; see core_rig.h. The parts that the test
 * plays are in core_cast.c. */
#include "core_rig.h"

#include <stdlib.h>

#include "secure/secure.h"

static bool seeded_random(void *context, uint8_t *out, size_t size) {
    hop_random *random = context;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)hop_random_next(random);
    return true;
}

hop_address rig_address(const char *text) {
    hop_address address = {0};
    if (!hop_address_parse(text, strlen(text), 0, &address)) fail_msg("no address: %s", text);
    return address;
}

hop_candidate rig_candidate(hop_candidate_type type, const char *text, unsigned prefix_bits) {
    return (hop_candidate){(uint8_t)type, (uint8_t)prefix_bits, rig_address(text)};
}

hop_core_config rig_config(hop_core_mode mode, uint64_t seed) {
    hop_core_config config = {.mode = mode,
                              .ticket = {.server_count = 1},
                              .seed = seed,
                              .unix_offset_us = 1700000000 * HOP_S,
                              .timeout_us = HOP_TIMEOUT_DEFAULT_US,
                              .use_ipv4 = true,
                              .use_ipv6 = true,
                              .use_lan = true};
    memset(config.ticket.secret, 7, sizeof config.ticket.secret);
    return config;
}

core_rig *rig_new(const hop_core_config *config) {
    return rig_new_with(config, hop_secure_crypto());
}

core_rig *rig_new_with(const hop_core_config *config, const hop_crypto *crypto) {
    core_rig *made = calloc(1, sizeof *made);
    void *memory = malloc(hop_core_size());
    assert_non_null(made);
    assert_non_null(memory);
    made->random = hop_random_seeded(config->seed);
    made->crypto = *crypto; /* its functions take no context, but for random() */
    made->crypto.random = seeded_random;
    made->crypto.context = &made->random;
    made->config = *config;
    made->config.crypto = &made->crypto;
    made->now_us = 1000 * HOP_S;
    assert_int_equal(hop_core_init(memory, &made->config, &made->core), 0);
    assert_true(hop_ticket_derive(&made->crypto, config->ticket.secret, &made->keys));
    assert_true(hop_core_deadline(made->core) == INT64_MAX);
    return made;
}

void rig_free(core_rig *rig) {
    hop_core_wipe(rig->core);
    free(rig->core);
    free(rig->log);
    free(rig);
}

/* --- what one step may do -----------------------------------------------------------------------
 */

static void mirror_input(core_rig *rig, const hop_input *input) {
    bool held = input->link >= 0 && input->link < HOP_LINKS_MAX &&
                rig->links[input->link].state != RIG_FREE;
    rig_link *link = held ? &rig->links[input->link] : NULL;
    if (link == NULL) return;
    switch (input->kind) {
    case HOP_IN_CONNECTED: link->state = RIG_OPEN; break;
    case HOP_IN_ENDED: *link = (rig_link){0}; break;
    case HOP_IN_RECEIVED:
        if (link->state == RIG_OPEN && link->wanted == input->size) link->wanted = 0;
        break;
    default: break;
    }
}

static void take_number(core_rig *rig, int number, rig_link_state state,
                        const hop_address *remote) {
    assert_in_range(number, 0, HOP_LINKS_MAX - 1);
    rig_link *link = &rig->links[number];
    if (link->state != RIG_FREE) fail_msg("link %d is given out twice", number);
    *link = (rig_link){state, *remote, 0};
}

static void check_output(core_rig *rig, const hop_input *input, const hop_output *output,
                         unsigned index) {
    bool of_link = output->kind == HOP_OUT_WANT || output->kind == HOP_OUT_SEND ||
                   output->kind == HOP_OUT_CLOSE || output->kind == HOP_OUT_LOOK ||
                   output->kind == HOP_OUT_ABANDON || output->kind == HOP_OUT_ESTABLISHED;
    bool verdict = output->kind == HOP_OUT_ADOPT || output->kind == HOP_OUT_REFUSE;
    assert_true(verdict == (index == 0 && input->kind == HOP_IN_ACCEPTED));
    if (rig->over && output->kind != HOP_OUT_REFUSE)
        fail_msg("output %d after the end", (int)output->kind);
    if (output->kind == HOP_OUT_CONNECT)
        take_number(rig, output->link, RIG_DIALLING, &output->address);
    if (output->kind == HOP_OUT_ADOPT) take_number(rig, output->link, RIG_OPEN, &input->remote);
    if (output->kind == HOP_OUT_SWEEP)
        memset(&rig->links[HOP_LINKS_PLAIN], 0, HOP_SHOTS_MAX * sizeof rig->links[0]);
    if (!of_link) return;
    assert_in_range(output->link, 0, HOP_LINKS_MAX - 1);
    rig_link *link = &rig->links[output->link];
    if (link->state == RIG_FREE)
        fail_msg("output %d of link %d, which is free", (int)output->kind, output->link);
    switch (output->kind) {
    case HOP_OUT_WANT:
        assert_true(link->state == RIG_OPEN && link->wanted == 0 && output->size > 0);
        link->wanted = output->size;
        break;
    case HOP_OUT_LOOK:
    case HOP_OUT_ABANDON: assert_true(link->state == RIG_DIALLING); break;
    case HOP_OUT_CLOSE: *link = (rig_link){0}; break;
    case HOP_OUT_ESTABLISHED:
        assert_true(link->state == RIG_OPEN);
        assert_int_equal(link->wanted, 0); /* not one byte of the user's is read */
        *link = (rig_link){0};
        break;
    default: assert_true(link->state == RIG_OPEN); break;
    }
}

static void keep(core_rig *rig, const hop_output *output) {
    if (rig->count == rig->room) {
        rig->room = rig->room == 0 ? 64 : rig->room * 2;
        rig->log = realloc(rig->log, rig->room * sizeof *rig->log);
        assert_non_null(rig->log);
    }
    rig_entry *entry = &rig->log[rig->count++];
    entry->at_us = rig->now_us;
    entry->output = *output;
    if (output->bytes != NULL) {
        assert_in_range(output->size, 1, sizeof entry->bytes);
        memcpy(entry->bytes, output->bytes, output->size);
    }
    if (output->report != NULL) entry->report = *output->report;
}

void rig_step(core_rig *rig, const hop_input *input) {
    hop_output output;
    unsigned outputs = 0;
    bool ends = false;
    bool one_attempt = rig->config.mode != HOP_CORE_LISTEN;
    mirror_input(rig, input);
    hop_core_step(rig->core, rig->now_us, input);
    for (; hop_core_next(rig->core, &output); outputs++) {
        check_output(rig, input, &output, outputs);
        keep(rig, &output);
        ends |= output.kind == HOP_OUT_ESTABLISHED && one_attempt;
        ends |= output.kind == HOP_OUT_FAILED && (one_attempt || output.attempt == 0);
    }
    if (outputs > rig->most_outputs) rig->most_outputs = outputs;
    if (outputs >= HOP_OUTPUTS_MAX - 1) fail_msg("the outbox overflowed");
    if (hop_core_deadline(rig->core) <= rig->now_us) fail_msg("something due was not done");
    if (!ends) return;
    rig->over = true;
    for (int i = 0; i < HOP_LINKS_MAX; i++)
        if (rig->links[i].state != RIG_FREE) fail_msg("link %d is left at the end", i);
}

void rig_timer(core_rig *rig, int64_t at_us) {
    hop_input input = {.kind = HOP_IN_TIMER, .link = -1};
    assert_true(at_us >= rig->now_us);
    rig->now_us = at_us;
    rig_step(rig, &input);
}

void rig_run_until(core_rig *rig, int64_t until_us) {
    while (hop_core_deadline(rig->core) < until_us)
        rig_timer(rig, hop_core_deadline(rig->core));
    rig_timer(rig, until_us);
}

/* --- the log ------------------------------------------------------------------------------------
 */

void rig_forget(core_rig *rig) {
    rig->count = 0;
}

unsigned rig_count(const core_rig *rig, hop_output_kind kind) {
    unsigned count = 0;
    for (unsigned i = 0; i < rig->count; i++)
        count += rig->log[i].output.kind == kind;
    return count;
}

unsigned rig_notes(const core_rig *rig, hop_note_kind kind) {
    unsigned count = 0;
    for (unsigned i = 0; i < rig->count; i++)
        count += rig->log[i].output.kind == HOP_OUT_NOTE && rig->log[i].output.note.kind == kind;
    return count;
}

const rig_entry *rig_find(const core_rig *rig, hop_output_kind kind, unsigned index) {
    for (unsigned i = 0; i < rig->count; i++)
        if (rig->log[i].output.kind == kind && index-- == 0) return &rig->log[i];
    return NULL;
}

const rig_entry *rig_last(const core_rig *rig, hop_output_kind kind, int link) {
    for (unsigned i = rig->count; i-- > 0;)
        if (rig->log[i].output.kind == kind && rig->log[i].output.link == link) return &rig->log[i];
    return NULL;
}

unsigned rig_dials(const core_rig *rig, const char *address) {
    hop_address to = rig_address(address);
    unsigned count = 0;
    for (unsigned i = 0; i < rig->count; i++)
        count += rig->log[i].output.kind == HOP_OUT_CONNECT &&
                 hop_address_equal(&rig->log[i].output.address, &to);
    return count;
}

int rig_dialling(const core_rig *rig, const char *address) {
    hop_address to = rig_address(address);
    for (int i = 0; i < HOP_LINKS_MAX; i++)
        if (rig->links[i].state == RIG_DIALLING && hop_address_equal(&rig->links[i].remote, &to))
            return i;
    return -1;
}
