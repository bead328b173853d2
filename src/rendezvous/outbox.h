/* SPDX-License-Identifier: MIT */
/*
 * What one step wants done, in order, with room for the messages. Sized by construction: see
 * HOP_OUTBOX_EVENT_COUNT.
 */
#ifndef HOP_RENDEZVOUS_OUTBOX_H
#define HOP_RENDEZVOUS_OUTBOX_H

#include "rendezvous/rendezvous.h"
#include "wire/message.h"

/* The most that one event leads to: an answer, a close and a line of log for the client itself; and
 * for every nonce of a listener that has become the room's, two STARTs and a line of log. */
#define HOP_OUTBOX_EVENT_COUNT (3 + 3 * HOP_MESSAGE_NONCES_MAX)
#define HOP_OUTBOX_EVENT_SENDS (1 + 2 * HOP_MESSAGE_NONCES_MAX)
/* Room for what a step was told and for two clients whose time is over. */
#define HOP_OUTBOX_COUNT (3 * HOP_OUTBOX_EVENT_COUNT)
/* The longest that the server says is START: header; role, delay, RTT; peer address; description;
 * nonce. A refusal with its reason is shorter. */
#define HOP_OUTBOX_MESSAGE_SIZE_MAX                                                                \
    (HOP_STUN_HEADER_SIZE + 3 * 8 + 24 + 4 + HOP_DESCRIPTION_SEALED_SIZE_MAX + 3 + 4 +             \
     HOP_NONCE_SIZE)
/* An encoder wants the room of the longest STUN message, whatever it then uses of it. */
#define HOP_OUTBOX_BYTES_SIZE                                                                      \
    (3 * HOP_OUTBOX_EVENT_SENDS * HOP_OUTBOX_MESSAGE_SIZE_MAX + HOP_STUN_SIZE_MAX)

typedef struct hop_outbox {
    unsigned count;
    unsigned taken;
    size_t used;
    hop_rendezvous_output outputs[HOP_OUTBOX_COUNT];
    uint8_t bytes[HOP_OUTBOX_BYTES_SIZE];
} hop_outbox;

void hop_outbox_clear(hop_outbox *outbox);
/* Is there room for one more event's worth? */
bool hop_outbox_has_room(const hop_outbox *outbox);
bool hop_outbox_next(hop_outbox *outbox, hop_rendezvous_output *ret_output);

/* Clients are given by their id. */
void hop_outbox_send(hop_rendezvous *state, uint32_t id, const hop_message *message);
void hop_outbox_send_refusal(hop_rendezvous *state, uint32_t id, const hop_message *message);
/* What has been granted: request, and whom to dial. */
void hop_outbox_dial(hop_rendezvous *state, uint32_t id, const hop_dialback *request,
                     const hop_address *target);
void hop_outbox_close(hop_rendezvous *state, uint32_t id);
/* The caller fills in the relay. Never NULL. */
hop_rendezvous_output *hop_outbox_splice(hop_rendezvous *state, uint32_t id, uint32_t other);
/* A line of log about a client; the caller fills in the rest. room may be NULL. Never NULL. */
hop_rendezvous_output *hop_outbox_log(hop_rendezvous *state, uint32_t id, hop_rendezvous_log log,
                                      const uint8_t *room);

#endif
