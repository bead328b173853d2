/* SPDX-License-Identifier: MIT */
/* Links that no attempt has claimed yet; see lobby.h. */
#include "core/lobby.h"

#include <string.h>

#include "core/state.h"

static bool in_lobby(const hop_link *link) {
    return link->state == HOP_LINK_OPEN && link->owner == HOP_LINK_LOBBY;
}

static void stranger(hop_core *core, int number) {
    hop_note *note = hop_output_note(&core->outbox, HOP_NOTE_STRANGER, 0);
    note->link = number;
    note->address = core->links[number].remote;
    hop_link_close(core, number);
}

static void make_room(hop_core *core) {
    unsigned count = 0;
    int oldest = -1;
    for (int i = 0; i < HOP_LINKS_PLAIN; i++) {
        if (!in_lobby(&core->links[i])) continue;
        count++;
        if (oldest < 0 || core->links[i].opened_us < core->links[oldest].opened_us) oldest = i;
    }
    if (count >= HOP_LOBBY_MAX) stranger(core, oldest);
}

/* A NAT that translates throws away what it takes for invalid, our answer first: what has come
 * about through one is whole. */
static bool is_spent(const hop_core *core, const hop_address *remote) {
    return core->behaviour.nat.mapping <= HOP_NAT_NONE &&
           hop_spent_holds(&core->spent, remote, core->now_us);
}

void hop_lobby_accepted(hop_core *core, const hop_address *remote, const hop_address *local) {
    bool closed = core->done || core->config.relay == HOP_CORE_RELAY_ONLY;
    bool spent = !closed && is_spent(core, remote);
    int number = closed || spent ? -1 : hop_link_take(core, HOP_LINK_LOBBY, 0);
    if (number < 0) {
        hop_output_put(&core->outbox, HOP_OUT_REFUSE);
        if (spent) hop_output_note(&core->outbox, HOP_NOTE_SPENT, 0)->address = *remote;
        return;
    }
    hop_output_put(&core->outbox, HOP_OUT_ADOPT)->link = number;
    hop_link *link = &core->links[number];
    link->accepted = true;
    link->remote = *remote;
    link->local = *local;
    link->opened_us = core->now_us;
    link->deadline_us = core->now_us + HOP_HELLO_TIMEOUT_US;
    make_room(core);
    link->state = HOP_LINK_OPEN;
    hop_output *want = hop_output_put(&core->outbox, HOP_OUT_WANT);
    want->link = number;
    want->size = HOP_HELLO_SIZE;
    hop_attempt_seek(core, number);
}

void hop_lobby_received(hop_core *core, int number, const uint8_t *bytes) {
    hop_link *link = &core->links[number];
    link->has_hello = true;
    memcpy(link->hello, bytes, HOP_HELLO_SIZE);
    if (hop_hello_looks_like(bytes))
        hop_attempt_seek(core, number);
    else
        stranger(core, number);
}

void hop_lobby_offer(hop_core *core) {
    for (int i = 0; i < HOP_LINKS_PLAIN; i++)
        if (in_lobby(&core->links[i])) hop_attempt_seek(core, i);
}

void hop_lobby_tick(hop_core *core) {
    for (int i = 0; i < HOP_LINKS_PLAIN; i++)
        if (in_lobby(&core->links[i]) && core->links[i].deadline_us <= core->now_us)
            stranger(core, i);
}

int64_t hop_lobby_deadline(const hop_core *core) {
    int64_t soonest = INT64_MAX;
    for (int i = 0; i < HOP_LINKS_PLAIN; i++)
        if (in_lobby(&core->links[i]))
            soonest = hop_state_sooner(soonest, core->links[i].deadline_us);
    return soonest;
}
