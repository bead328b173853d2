/* SPDX-License-Identifier: MIT */
/* Which link of an attempt is chosen; see nominate.h. */
#include "core/nominate.h"

#include <string.h>

#include "core/state.h"

static void nominate(hop_core *core, int number) {
    hop_link *link = &core->links[number];
    hop_attempt *attempt = &core->attempts[link->index];
    hop_hello hello = {.kind = HOP_HELLO_NOMINATE, .role = HOP_ROLE_CONTROLLING};
    memcpy(hello.nonce, link->nonce, HOP_NONCE_SIZE);
    uint8_t bytes[HOP_HELLO_SIZE];
    if (!hop_hello_encode(&hello, link->peer_nonce, core->config.crypto, attempt->key, bytes)) {
        hop_attempt_fail(core, link->index, HOP_E_SYSTEM);
        return;
    }
    attempt->nominated = number;
    hop_output_send(&core->outbox, number, bytes, sizeof bytes);
    hop_attempt_link_note(core, number, HOP_NOTE_NOMINATE);
}

static bool is_near(const hop_link *link) {
    hop_scope scope = hop_address_scope(&link->remote);
    if (link->relayed) return false;
    return scope == HOP_SCOPE_PRIVATE || scope == HOP_SCOPE_LOOPBACK;
}

/* Through a router that hairpins, two neighbours may hear of each other as soon as directly: a
 * connected link within the network gets a moment to prove itself, too. */
static bool nearer_is_coming(const hop_core *core, int number) {
    const hop_link *proved = &core->links[number];
    for (int i = 0; i < hop_state_links(core) && !is_near(proved); i++) {
        const hop_link *link = &core->links[i];
        if (link->state == HOP_LINK_OPEN && link->owner == HOP_LINK_ATTEMPT &&
            link->index == proved->index && link->phase < HOP_LINK_PROVED && is_near(link))
            return true;
    }
    return false;
}

static hop_proof proof_of(const hop_core *core) {
    if (!core->config.no_secret) return HOP_PROOF_SECRET;
    return core->config.bare ? HOP_PROOF_NONE : HOP_PROOF_DESCRIPTION;
}

void hop_nominate_proved(hop_core *core, int number) {
    hop_attempt *attempt = &core->attempts[core->links[number].index];
    attempt->authenticated = true;
    hop_attempt_link_note(core, number, HOP_NOTE_HELLO)->number = proof_of(core);
    if (attempt->role != HOP_ROLE_CONTROLLING || attempt->nominated >= 0) return;
    if (core->links[number].relayed) return; /* hop_attempt_tick() knows when it is time for it */
    if (nearer_is_coming(core, number))
        attempt->choose_us = core->now_us + HOP_NEARER_US;
    else
        nominate(core, number);
}

void hop_nominate_confirmed(hop_core *core, int number) {
    if (core->attempts[core->links[number].index].nominated == number)
        hop_attempt_establish(core, number);
}

void hop_nominate_obey(hop_core *core, int number) {
    hop_attempt_link_note(core, number, HOP_NOTE_NOMINATED);
    hop_attempt_establish(core, number);
}

/* It may have been confirmed before. */
static void choose(hop_core *core, int number) {
    const hop_attempt *attempt = &core->attempts[core->links[number].index];
    nominate(core, number);
    if (attempt->nominated == number && core->links[number].phase == HOP_LINK_CONFIRMED)
        hop_attempt_establish(core, number);
}

/* A proved link that we chose, whose CONFIRM was wrong: its HELLO was a recording, so the peer
 * holds no such link and has not obeyed. Another may be chosen. */
void hop_nominate_another(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    attempt->nominated = -1;
    for (int i = 0; i < hop_state_links(core) && attempt->nominated < 0; i++) {
        const hop_link *link = &core->links[i];
        bool ours =
            link->state == HOP_LINK_OPEN && link->owner == HOP_LINK_ATTEMPT && link->index == index;
        if (ours && link->phase >= HOP_LINK_PROVED && !link->relayed) choose(core, i);
    }
}

/* The relay's turn, or the end where nothing but a relay would do. */
static void take_relay(hop_core *core, int index) {
    const hop_relayed *relayed = &core->attempts[index].relayed;
    bool none = relayed->state == HOP_RELAYED_OFF || relayed->state == HOP_RELAYED_GONE;
    int ripe = hop_relayed_ripe(core, index);
    if (ripe >= 0)
        choose(core, ripe);
    else if (relayed->only && none)
        hop_attempt_fail(core, index, HOP_E_NO_PATH);
}

void hop_nominate_tick(hop_core *core, int index) {
    hop_attempt *attempt = &core->attempts[index];
    if (attempt->choose_us <= core->now_us) {
        attempt->choose_us = INT64_MAX;
        if (attempt->nominated < 0) hop_nominate_another(core, index);
    }
    if (attempt->state != HOP_ATTEMPT_FREE) take_relay(core, index);
}
