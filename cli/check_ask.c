/* SPDX-License-Identifier: MIT */
/*
 * One question of a check, from its dial to its answer: what is sent when the connection is there,
 * and what the server's words mean. In which order they are put is check_run.c's.
 */
#include <string.h>

#include "cli/check_run.h"
#include "cli/check_tell.h"
#include "drive/clock.h"
#include "drive/socket.h"
#include "wire/message.h"

static struct check_step *step_of(struct check *check, const struct check_link *link);
static void opened(struct check *check, struct check_step *step);
static void ended(struct check *check, struct check_step *step);
static void ask_binding(struct check_step *step);
static void ask_dialback(struct check *check, struct check_step *step, hop_dialback_way way);
static void take_binding(struct check *check, struct check_step *step, const hop_message *answer);
static void take_sample(struct check *check, struct check_step *step, const hop_message *answer);
static void take_dialback(struct check *check, struct check_step *step, const hop_dialback *answer);
static void finish(struct check *check, struct check_step *step);

struct check_step *check_begin(struct check *check, enum check_purpose purpose, unsigned family,
                               const hop_address *remote, struct check_link *listener) {
    if (check->step_count == CHECK_LINKS_MAX) return NULL;
    struct check_step *step = &check->steps[check->step_count];
    int ttl = 0;
    memset(step, 0, sizeof *step);
    step->purpose = purpose;
    step->family = family;
    step->listener = listener;
    if (purpose == CHECK_HOP) {
        /* The other hops' questions began before this one. */
        for (unsigned i = 0; i < check->step_count; i++)
            ttl += check->steps[i].purpose == CHECK_HOP;
        step->number = (unsigned)++ttl;
    }
    uint64_t chance[2] = {hop_random_next(&check->random), hop_random_next(&check->random)};
    memcpy(step->transaction, chance, sizeof step->transaction);
    step->link =
        check_net_dial(&check->net, remote, listener != NULL ? listener->local_port : 0, ttl);
    if (step->link == NULL) return NULL;
    check->step_count++;
    if (step->link->state == CHECK_ENDED) ended(check, step);
    return step;
}

void check_on_change(void *owner, struct check_link *link) {
    struct check *check = owner;
    struct check_step *step = step_of(check, link);
    if (step == NULL) return; /* a listener: the server tells of who came in */
    if (link->state == CHECK_OPEN)
        opened(check, step);
    else if (link->state == CHECK_ENDED)
        ended(check, step);
}

void check_on_message(void *owner, struct check_link *link, const uint8_t *bytes, size_t size) {
    struct check *check = owner;
    struct check_step *step = step_of(check, link);
    hop_dialback dialback;
    hop_message message;
    if (step == NULL || step->over) return;
    if (hop_dialback_decode(bytes, size, &dialback)) {
        if (memcmp(dialback.transaction, step->transaction, sizeof step->transaction) == 0)
            take_dialback(check, step, &dialback);
    } else if (hop_message_decode(bytes, size, &message) == HOP_MESSAGE_OK &&
               memcmp(message.transaction, step->transaction, sizeof step->transaction) == 0) {
        if (message.kind == HOP_MESSAGE_BINDING_ANSWER) take_binding(check, step, &message);
        if (message.kind == HOP_MESSAGE_REFUSAL) finish(check, step);
    }
}

static struct check_step *step_of(struct check *check, const struct check_link *link) {
    for (unsigned i = 0; i < check->step_count; i++)
        if (check->steps[i].link == link) return &check->steps[i];
    return NULL;
}

static void opened(struct check *check, struct check_step *step) {
    struct check_family *family = &check->families[step->family];
    switch (step->purpose) {
    case CHECK_PROBE:
        if (hop_address_equal(&step->link->remote, &family->server)) {
            family->local = hop_socket_local(step->link->fd);
            family->rtt_us = hop_socket_rtt_us(step->link->fd);
        }
        ask_binding(step);
        break;
    case CHECK_PORT: ask_dialback(check, step, HOP_DIALBACK_OTHER_PORT); break;
    case CHECK_HOST:
        if (family->helper.family != HOP_FAMILY_NONE)
            ask_binding(step);
        else
            ask_dialback(check, step, HOP_DIALBACK_OTHER_ADDRESS);
        break;
    case CHECK_HELP:
    case CHECK_STRAY:
    case CHECK_MAPPED: ask_dialback(check, step, HOP_DIALBACK_OTHER_PORT); break;
    case CHECK_HAIR:
    case CHECK_CROSS: ask_binding(step); break;
    case CHECK_LIFE: ask_dialback(check, step, HOP_DIALBACK_WAIT); break;
    case CHECK_HOP:
    case CHECK_HAIR_OUT:
    case CHECK_CROSS_OUT: ended(check, step); break;
    }
}

/* A dial of ours is over, one way or the other; or a server has left. */
static void ended(struct check *check, struct check_step *step) {
    /* Whether somebody has come in settles it, and the round's end. */
    if (step->purpose == CHECK_HAIR_OUT && step->link->reason == HOP_REASON_NONE) return;
    if (!step->over) finish(check, step);
}

static void ask_binding(struct check_step *step) {
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    hop_message message = {.kind = HOP_MESSAGE_BINDING};
    memcpy(message.transaction, step->transaction, sizeof message.transaction);
    size_t size = hop_message_encode(&message, NULL, NULL, bytes);
    check_net_send(step->link, bytes, size);
    step->asked_us = hop_clock_now_us();
}

static void ask_dialback(struct check *check, struct check_step *step, hop_dialback_way way) {
    uint8_t bytes[HOP_DIALBACK_SIZE_MAX];
    (void)check;
    hop_dialback request = {.kind = HOP_DIALBACK_REQUEST, .way = way, .port = step->port};
    if (way == HOP_DIALBACK_WAIT) request.wait_ms = step->number * 1000;
    memcpy(request.transaction, step->transaction, sizeof request.transaction);
    size_t size = hop_dialback_encode(&request, bytes);
    check_net_send(step->link, bytes, size);
    step->asked_us = hop_clock_now_us();
}

static void take_binding(struct check *check, struct check_step *step, const hop_message *answer) {
    struct check_family *family = &check->families[step->family];
    step->mapped = hop_address_unmapped(&answer->mapped);
    step->told_us = hop_clock_now_us();
    struct check_step *next = NULL;
    int delta = family->facts.nat.mapping == HOP_NAT_SEQUENTIAL ? family->facts.nat.delta : 0;
    switch (step->purpose) {
    case CHECK_PROBE: take_sample(check, step, answer); break;
    case CHECK_HOST:
        next = check_begin(check, CHECK_HELP, step->family, &family->helper, NULL);
        if (next == NULL) break;
        next->partner = step;
        next->port = step->mapped.port;
        return;
    case CHECK_HAIR:
        next = check_begin(check, CHECK_HAIR_OUT, step->family, &step->mapped, NULL);
        if (next == NULL) break;
        next->partner = step;
        next->listener = step->listener;
        break;
    case CHECK_CROSS:
        step->port = (uint16_t)(step->mapped.port + delta);
        ask_dialback(check, step, HOP_DIALBACK_CROSS);
        return;
    default: break;
    }
    finish(check, step);
}

/* RFC 5780 section 4.3. The connections stay, so that the mapping that they share does. */
static void take_sample(struct check *check, struct check_step *step, const hop_message *answer) {
    struct check_family *family = &check->families[step->family];
    hop_sample sample = {.server = step->link->remote,
                         .mapped = step->mapped,
                         .local_port = family->port,
                         .dialled_us = step->link->dialled_us,
                         .order = step->number};
    if (hop_address_equal(&step->link->remote, &family->server)) {
        family->facts.reached = true;
        family->facts.mapped = step->mapped;
        family->facts.own = hop_address_same_ip(&step->mapped, &family->local);
    } else if (!hop_address_same_ip(&step->link->remote, &family->server)) {
        family->facts.other_address = true;
    }
    hop_behaviour_add(&family->behaviour, &sample, family->own.hosts, family->own.count);
    family->facts.nat = family->behaviour.nat;
    hop_address other = answer->other;
    if (other.family != family->server.family || other.port == 0) return;
    for (unsigned i = 0; i < check->step_count; i++)
        if (check->steps[i].purpose == CHECK_PROBE &&
            hop_address_equal(&check->steps[i].link->remote, &other))
            return;
    struct check_link shared = {.local_port = family->port};
    struct check_step *next = check_begin(check, CHECK_PROBE, step->family, &other, &shared);
    if (next == NULL) return;
    next->listener = NULL;
    next->number = family->order++;
}

static void take_dialback(struct check *check, struct check_step *step,
                          const hop_dialback *answer) {
    struct check_family *family = &check->families[step->family];
    if (answer->kind == HOP_DIALBACK_REFUSAL) {
        step->refused = answer->error_code;
        if (answer->error_code == HOP_REFUSAL_BUSY)
            family->busy = true;
        else if (answer->error_code != HOP_DIALBACK_NO_ADDRESS && step->purpose != CHECK_HELP)
            family->refuses = true;
        finish(check, step);
    } else if (answer->kind == HOP_DIALBACK_ANSWER) {
        step->source = answer->source;
        if (step->purpose != CHECK_CROSS) return;
        struct check_step *out =
            check_begin(check, CHECK_CROSS_OUT, step->family, &step->source, step->listener);
        if (out != NULL) out->partner = step;
    } else if (answer->kind == HOP_DIALBACK_TOLD) {
        step->dial = (hop_check_dial){answer->outcome, answer->icmp_type, answer->icmp_code};
        finish(check, step);
    }
}

static void finish(struct check *check, struct check_step *step) {
    step->over = true;
    step->told_us = hop_clock_now_us();
    if (step->purpose == CHECK_HELP && step->partner != NULL) {
        step->partner->dial = step->dial;
        step->partner->source = step->source;
        step->partner->refused = step->refused;
        finish(check, step->partner);
    }
    check_tell_step(check, step);
}
