/* SPDX-License-Identifier: MIT */
/* The core's contract; see contract.h. */
#include "contract.h"

#include <string.h>

static void broken(contract *self, const char *what) {
    if (self->broken == NULL) self->broken = what;
}

void contract_begin(contract *self, const hop_core_config *config) {
    memset(self, 0, offsetof(contract, dials_us));
    self->mode = config->mode;
    self->timeout_us = config->timeout_us;
    self->end_us = self->soonest_us = INT64_MAX;
}

static void free_link(contract *self, int number) {
    contract_link *link = &self->links[number];
    if (link->state != CONTRACT_FREE && !link->server) self->held--;
    link->state = CONTRACT_FREE;
}

static void mirror_input(contract *self, const hop_input *input, int64_t now_us) {
    if (input->kind == HOP_IN_GO && self->mode == HOP_CORE_CONNECT)
        self->end_us = now_us + self->timeout_us;
    bool of_link = input->kind == HOP_IN_CONNECTED || input->kind == HOP_IN_ENDED ||
                   input->kind == HOP_IN_RECEIVED;
    if (!of_link || self->links[input->link].state == CONTRACT_FREE) return;
    contract_link *link = &self->links[input->link];
    switch (input->kind) {
    case HOP_IN_CONNECTED: link->state = CONTRACT_OPEN; break;
    case HOP_IN_ENDED: free_link(self, input->link); break;
    default:
        if (link->state == CONTRACT_OPEN && link->wanted == input->size) link->wanted = 0;
        break;
    }
}

/* Of the test networks: the servers', and the one of a dead server; no peer is in them. */
static bool is_server(const hop_address *address) {
    const uint8_t *ip = address->ip;
    if (address->family == HOP_FAMILY_IPV6) return (ip[4] == 0 && ip[5] == 0x5e) || ip[4] == 0xff;
    return (ip[0] == 203 && ip[1] == 0 && ip[2] == 113) || (ip[0] == 192 && ip[1] == 0);
}

/* That run, and those that were over less than a second ago: each has a bucket of its own. */
static unsigned attempts_of_late(const contract *self, int64_t now_us) {
    unsigned attempts = contract_running(self);
    unsigned known = self->over_count < HOP_ATTEMPTS_MAX ? self->over_count : HOP_ATTEMPTS_MAX;
    for (unsigned i = 0; i < known; i++)
        attempts += self->last_over_us[i] > now_us - HOP_S;
    return attempts > 0 ? attempts : 1;
}

static unsigned bound(const contract *self, int64_t now_us, unsigned plain, unsigned birthday) {
    unsigned attempts = attempts_of_late(self, now_us);
    bool many = self->birthdays != 0 || self->birthday_until_us > now_us;
    return many ? plain * (attempts - 1) + birthday : plain * attempts;
}

static void take_number(contract *self, int number, int state, const hop_address *remote,
                        int64_t now_us) {
    contract_link *link = &self->links[number];
    if (link->state != CONTRACT_FREE) broken(self, "a link's number is given out twice");
    free_link(self, number);
    link->state = state == CONTRACT_OPEN ? CONTRACT_OPEN : CONTRACT_DIALLING;
    link->server = is_server(remote);
    link->wanted = 0;
    link->attempt = 0;
    link->dialled = state == CONTRACT_DIALLING;
    self->held += !link->server;
    if (self->held > self->most_held) self->most_held = self->held;
    if (self->held > CONTRACT_LINKS_MAX &&
        self->held > bound(self, now_us, CONTRACT_LINKS_MAX, CONTRACT_BIRTHDAY_LINKS_MAX))
        broken(self, "it holds more sockets than it may");
}

/* Whose it is the notes tell: of dials not all, of links that are connected each. */
static void take_owner(contract *self, const hop_note *note) {
    bool tells = note->kind == HOP_NOTE_DIAL || note->kind == HOP_NOTE_CONNECTED ||
                 note->kind == HOP_NOTE_ACCEPTED || note->kind == HOP_NOTE_RELAY_ASKED;
    if (tells && note->link >= 0 && self->links[note->link].state != CONTRACT_FREE)
        self->links[note->link].attempt = note->attempt;
}

/* Of an attempt that is over nothing is left; and when no attempt is, nobody is dialled. */
static void check_leavings(contract *self, int attempt) {
    for (int i = 0; i < HOP_LINKS_MAX; i++) {
        const contract_link *link = &self->links[i];
        if (link->state == CONTRACT_FREE) continue;
        bool stray = self->running == 0 && link->dialled && !link->server;
        if (stray || link->attempt == attempt)
            broken(self, "an attempt is over, and a link of its is left");
    }
}

static void count_dial(contract *self, int64_t now_us) {
    unsigned most = bound(self, now_us, CONTRACT_DIALS_PER_SECOND, CONTRACT_BIRTHDAY_PER_SECOND);
    unsigned within = 1;
    while (within <= self->dial_count && within < CONTRACT_DIALS_MAX &&
           self->dials_us[(self->dial_count - within) % CONTRACT_DIALS_MAX] > now_us - HOP_S)
        within++;
    self->dials_us[self->dial_count++ % CONTRACT_DIALS_MAX] = now_us;
    if (within > self->most_per_second) self->most_per_second = within;
    if (within > most) broken(self, "it dials faster than it may");
}

static void check_link(contract *self, const hop_output *output) {
    contract_link *link = &self->links[output->link];
    if (link->state == CONTRACT_FREE) {
        broken(self, "an output about a link that it does not hold");
        return;
    }
    bool open = link->state == CONTRACT_OPEN;
    switch (output->kind) {
    case HOP_OUT_WANT:
        if (!open || link->wanted != 0 || output->size == 0)
            broken(self, "it wants two things at a time");
        link->wanted = output->size;
        break;
    case HOP_OUT_LOOK:
    case HOP_OUT_ABANDON:
        if (open) broken(self, "it gives up on a link that is connected");
        break;
    case HOP_OUT_CLOSE: free_link(self, output->link); break;
    case HOP_OUT_ESTABLISHED:
        if (!open) broken(self, "established on a link that is not connected");
        if (link->wanted != 0) broken(self, "established while it wants bytes that are the user's");
        free_link(self, output->link);
        break;
    default:
        if (!open) broken(self, "it sends on a link that is not connected");
    }
}

static void attempt_begins(contract *self, int attempt, int64_t now_us) {
    int64_t end_us = self->end_us != INT64_MAX ? self->end_us : now_us + self->timeout_us;
    self->attempt_ends_us[attempt % CONTRACT_ATTEMPTS_MAX] = end_us;
    self->running++;
    if (end_us < self->soonest_us) self->soonest_us = end_us;
}

static void attempt_over(contract *self, int attempt, int64_t now_us) {
    unsigned at = (unsigned)attempt % CONTRACT_ATTEMPTS_MAX;
    self->running -= self->attempt_ends_us[at] != 0;
    self->attempt_ends_us[at] = 0;
    self->soonest_us = INT64_MAX;
    for (unsigned i = 0; i < CONTRACT_ATTEMPTS_MAX; i++)
        if (self->attempt_ends_us[i] != 0 && self->attempt_ends_us[i] < self->soonest_us)
            self->soonest_us = self->attempt_ends_us[i];
    self->last_over_us[self->over_count++ % HOP_ATTEMPTS_MAX] = now_us;
    if (self->birthdays >> at & 1) self->birthday_until_us = now_us + HOP_S;
    self->birthdays &= ~(UINT64_C(1) << at);
}

static void mirror_note(contract *self, const hop_note *note) {
    take_owner(self, note);
    if (note->kind != HOP_NOTE_SHOTS || note->number != HOP_STRATEGY_BIRTHDAY) return;
    self->birthdays |= UINT64_C(1) << (unsigned)note->attempt % CONTRACT_ATTEMPTS_MAX;
}

static void check_output(contract *self, const hop_input *input, const hop_output *output,
                         unsigned index, int64_t now_us) {
    bool verdict = output->kind == HOP_OUT_ADOPT || output->kind == HOP_OUT_REFUSE;
    if (verdict != (index == 0 && input->kind == HOP_IN_ACCEPTED))
        broken(self, "a verdict where nobody came in, or none where somebody did");
    if (self->over && output->kind != HOP_OUT_REFUSE) broken(self, "an output after the end");
    switch (output->kind) {
    case HOP_OUT_CONNECT:
        take_number(self, output->link, CONTRACT_DIALLING, &output->address, now_us);
        if (!is_server(&output->address)) count_dial(self, now_us);
        break;
    case HOP_OUT_ADOPT:
        take_number(self, output->link, CONTRACT_OPEN, &input->remote, now_us);
        break;
    case HOP_OUT_SWEEP:
        for (int i = HOP_LINKS_PLAIN; i < HOP_LINKS_MAX; i++)
            free_link(self, i);
        break;
    case HOP_OUT_NOTE: mirror_note(self, &output->note); break;
    case HOP_OUT_PEER: attempt_begins(self, output->attempt, now_us); break;
    case HOP_OUT_WANT:
    case HOP_OUT_SEND:
    case HOP_OUT_CLOSE:
    case HOP_OUT_LOOK:
    case HOP_OUT_ABANDON: check_link(self, output); break;
    case HOP_OUT_ESTABLISHED:
        check_link(self, output);
        attempt_over(self, output->attempt, now_us);
        break;
    case HOP_OUT_FAILED:
        if (output->attempt > 0) attempt_over(self, output->attempt, now_us);
        if (output->error >= 0) broken(self, "failed without a reason");
        break;
    default: break;
    }
}

static bool is_end_of_attempt(const hop_output *output) {
    return output->attempt > 0 &&
           (output->kind == HOP_OUT_ESTABLISHED || output->kind == HOP_OUT_FAILED);
}

/* What is due at this very moment has just been done. */
static void check_deadlines(contract *self, int64_t now_us) {
    if (self->over) return;
    if (self->end_us <= now_us) broken(self, "the endpoint outlives its deadline");
    if (self->soonest_us <= now_us) broken(self, "an attempt outlives its deadline");
}

void contract_step(contract *self, int64_t now_us, int64_t deadline_us, const hop_input *input,
                   const hop_output *outputs, unsigned count) {
    bool one_attempt = self->mode != HOP_CORE_LISTEN;
    bool ends = false;
    mirror_input(self, input, now_us);
    for (unsigned i = 0; i < count; i++) {
        const hop_output *output = &outputs[i];
        check_output(self, input, output, i, now_us);
        ends |= output->kind == HOP_OUT_ESTABLISHED && one_attempt;
        ends |= output->kind == HOP_OUT_FAILED && (one_attempt || output->attempt == 0);
    }
    if (count >= HOP_OUTPUTS_MAX - 1) broken(self, "the outbox overflows");
    if (deadline_us <= now_us) broken(self, "something due is not done");
    for (unsigned i = 0; i < count && !ends; i++)
        if (is_end_of_attempt(&outputs[i])) check_leavings(self, outputs[i].attempt);
    self->over |= ends;
    check_deadlines(self, now_us);
    for (int i = 0; i < HOP_LINKS_MAX && ends; i++)
        if (self->links[i].state != CONTRACT_FREE) broken(self, "a link is left at the end");
}

unsigned contract_running(const contract *self) {
    return self->over ? 0 : self->running;
}

void contract_end(contract *self, int64_t now_us) {
    check_deadlines(self, now_us);
}
