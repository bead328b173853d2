/* SPDX-License-Identifier: MIT */
/* Link numbers and the handshake on a link; see link.h. */
#include "core/link.h"

#include <string.h>

#include "core/nominate.h"
#include "core/state.h"

static int take(hop_core *core, int from, int to, hop_link_owner owner, int index) {
    for (int i = from; i < to; i++) {
        hop_link *link = &core->links[i];
        if (link->state != HOP_LINK_FREE) continue;
        memset(link, 0, sizeof *link);
        link->state = HOP_LINK_DIALLING;
        link->owner = owner;
        link->index = index;
        link->dialled_us = core->now_us;
        link->order = ++core->link_order;
        link->deadline_us = INT64_MAX;
        return i;
    }
    return -1;
}

int hop_link_take(hop_core *core, hop_link_owner owner, int index) {
    return take(core, 0, HOP_LINKS_PLAIN, owner, index);
}

int hop_link_take_shot(hop_core *core, int attempt) {
    return take(core, HOP_LINKS_PLAIN, HOP_LINKS_MAX, HOP_LINK_ATTEMPT, attempt);
}

void hop_link_close(hop_core *core, int link) {
    if (link < 0 || core->links[link].state == HOP_LINK_FREE) return;
    core->links[link].state = HOP_LINK_FREE;
    hop_output_put(&core->outbox, HOP_OUT_CLOSE)->link = link;
}

void hop_link_hang_up(hop_core *core, int link) {
    if (link < 0 || core->links[link].state == HOP_LINK_FREE) return;
    core->links[link].state = HOP_LINK_FREE;
    hop_output *output = hop_output_put(&core->outbox, HOP_OUT_CLOSE);
    output->link = link;
    output->gently = true;
}

static void want_message(hop_core *core, int link) {
    hop_output *want = hop_output_put(&core->outbox, HOP_OUT_WANT);
    want->link = link;
    want->size = HOP_HELLO_SIZE;
}

static bool say(hop_core *core, int number, hop_hello_kind kind) {
    const hop_link *link = &core->links[number];
    const hop_attempt *attempt = &core->attempts[link->index];
    hop_hello hello = {.kind = kind, .role = attempt->role};
    if (kind == HOP_HELLO_HELLO) hello.role = hop_attempt_own_role(core, link->index);
    memcpy(hello.nonce, link->nonce, HOP_NONCE_SIZE);
    uint8_t bytes[HOP_HELLO_SIZE];
    const uint8_t *peer_nonce = kind == HOP_HELLO_HELLO ? NULL : link->peer_nonce;
    if (!hop_hello_encode(&hello, peer_nonce, core->config.crypto, attempt->key, bytes))
        return false;
    hop_output_send(&core->outbox, number, bytes, sizeof bytes);
    return true;
}

void hop_link_greet(hop_core *core, int number) {
    hop_link *link = &core->links[number];
    const hop_crypto *crypto = core->config.crypto;
    link->phase = HOP_LINK_GREETED;
    link->deadline_us = hop_attempt_until(core, link->index, HOP_HELLO_TIMEOUT_US);
    bool good = crypto->random(crypto->context, link->nonce, HOP_NONCE_SIZE);
    if (core->config.bare) memcpy(link->nonce, core->tie, HOP_HELLO_TIE_SIZE);
    if (!good || !say(core, number, HOP_HELLO_HELLO)) {
        hop_attempt_fail(core, link->index, HOP_E_SYSTEM);
        return;
    }
    if (!link->accepted) /* what came in is being read since the lobby */
        want_message(core, number);
}

/* A peer that has called again, or one of several behind one NAT: it holds the secret, but this
 * link was made for another attempt of ours, and we have greeted it with that one's key. */
static bool fits_another(const hop_core *core, int index, const uint8_t *bytes) {
    hop_hello hello;
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        const hop_attempt *attempt = &core->attempts[i];
        if (i == index || attempt->state == HOP_ATTEMPT_FREE) continue;
        if (hop_hello_decode(bytes, HOP_HELLO_HELLO, hop_attempt_peer_role(core, i), NULL,
                             core->config.crypto, attempt->key, &hello))
            return true;
    }
    return false;
}

/* CONFIRM answers HELLO where NOMINATE follows at once, so that neither comes after a deadline of
 * which the other side does not know. A relay may be nominated seconds later, when this side's time
 * may be over: there it answers NOMINATE. */
static bool confirms_at_once(const hop_core *core, const hop_link *link) {
    return !link->relayed || core->attempts[link->index].relayed.only;
}

/* RFC 8445 would say: a valid check. The peer holds the secret, and this is one of its links. */
static void received_hello(hop_core *core, int number, const uint8_t *bytes) {
    hop_link *link = &core->links[number];
    const hop_attempt *attempt = &core->attempts[link->index];
    hop_hello hello;
    if (!hop_hello_decode(bytes, HOP_HELLO_HELLO, hop_attempt_peer_role(core, link->index), NULL,
                          core->config.crypto, attempt->key, &hello) ||
        !hop_attempt_settle(core, link->index, hello.nonce)) {
        bool known = fits_another(core, link->index, bytes);
        hop_attempt_link_stranger(core, number, known);
        return;
    }
    if (hop_attempt_is_late(core, link->index)) return; /* the deadline will close it */
    memcpy(link->peer_nonce, hello.nonce, HOP_NONCE_SIZE);
    link->phase = HOP_LINK_PROVED;
    if (attempt->role == HOP_ROLE_CONTROLLED && confirms_at_once(core, link) &&
        !say(core, number, HOP_HELLO_CONFIRM)) {
        hop_attempt_fail(core, link->index, HOP_E_SYSTEM);
        return;
    }
    /* The controlled side is the more patient one: what the controlling side has just nominated
     * must not be gone when NOMINATE arrives. */
    if (attempt->role == HOP_ROLE_CONTROLLED)
        link->deadline_us = hop_attempt_until(core, link->index, HOP_NOMINATE_TIMEOUT_US);
    /* A relay waits for what may come directly. */
    if (link->relayed) link->deadline_us = attempt->deadline_us;
    want_message(core, number);
    hop_nominate_proved(core, number);
}

/* CONFIRM or NOMINATE. Only here do we know that the link is alive now: its MAC covers the nonce
 * that we made for this very link, so a recorded HELLO leads nowhere. */
static void received_answer(hop_core *core, int number, const uint8_t *bytes) {
    hop_link *link = &core->links[number];
    const hop_attempt *attempt = &core->attempts[link->index];
    bool controlling = attempt->role == HOP_ROLE_CONTROLLING;
    hop_hello hello;
    bool genuine = hop_hello_decode(bytes, controlling ? HOP_HELLO_CONFIRM : HOP_HELLO_NOMINATE,
                                    hop_role_other(attempt->role), link->nonce, core->config.crypto,
                                    attempt->key, &hello) &&
                   memcmp(hello.nonce, link->peer_nonce, HOP_NONCE_SIZE) == 0;
    if (!genuine) {
        hop_attempt_link_stranger(core, number, false);
    } else if (controlling) {
        link->phase = HOP_LINK_CONFIRMED;
        hop_nominate_confirmed(core, number);
    } else if (!confirms_at_once(core, link) && !say(core, number, HOP_HELLO_CONFIRM)) {
        hop_attempt_fail(core, link->index, HOP_E_SYSTEM);
    } else {
        hop_nominate_obey(core, number);
    }
}

void hop_link_received(hop_core *core, int number, const uint8_t *bytes) {
    switch (core->links[number].phase) {
    case HOP_LINK_GREETED: received_hello(core, number, bytes); break;
    case HOP_LINK_PROVED: received_answer(core, number, bytes); break;
    case HOP_LINK_SILENT:
    case HOP_LINK_CONFIRMED: break; /* nothing was wanted */
    }
}

void hop_link_claim(hop_core *core, int number, int attempt) {
    hop_link *link = &core->links[number];
    int generation = core->attempts[attempt].number;
    link->owner = HOP_LINK_ATTEMPT;
    link->index = attempt;
    hop_attempt_adopted(core, number);
    hop_link_greet(core, number);
    /* Greeting can end the attempt, when the crypto table fails. */
    bool ours = core->attempts[attempt].number == generation && link->state == HOP_LINK_OPEN;
    if (ours && link->has_hello) received_hello(core, number, link->hello);
}
