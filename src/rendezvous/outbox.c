/* SPDX-License-Identifier: MIT */
/*
 * The outputs of one step, and the messages in them as bytes.
 */
#include "rendezvous/outbox.h"

#include <assert.h>
#include <string.h>

#include "rendezvous/state.h"

static hop_rendezvous_output *add(hop_rendezvous *state, hop_rendezvous_output_kind kind,
                                  uint32_t id);
static void add_send(hop_rendezvous *state, uint32_t id, size_t size);
static uint8_t *spare_bytes(hop_outbox *outbox);

void hop_outbox_clear(hop_outbox *outbox) {
    outbox->count = 0;
    outbox->taken = 0;
    outbox->used = 0;
}

bool hop_outbox_has_room(const hop_outbox *outbox) {
    size_t bytes = HOP_OUTBOX_EVENT_SENDS * HOP_OUTBOX_MESSAGE_SIZE_MAX + HOP_STUN_SIZE_MAX;
    return HOP_OUTBOX_COUNT - outbox->count >= HOP_OUTBOX_EVENT_COUNT &&
           sizeof(outbox->bytes) - outbox->used >= bytes;
}

bool hop_outbox_next(hop_outbox *outbox, hop_rendezvous_output *ret_output) {
    if (outbox->taken == outbox->count) return false;
    *ret_output = outbox->outputs[outbox->taken++];
    return true;
}

void hop_outbox_send(hop_rendezvous *state, uint32_t id, const hop_message *message) {
    uint8_t *bytes = spare_bytes(&state->outbox);
    add_send(state, id, hop_message_encode(message, state->config.crypto, NULL, bytes));
}

/* Not by hop_message_encode(), which knows our own methods only: this refuses the unknown ones. */
void hop_outbox_send_refusal(hop_rendezvous *state, uint32_t id, const hop_message *message) {
    hop_writer writer = hop_writer_make(spare_bytes(&state->outbox), HOP_OUTBOX_MESSAGE_SIZE_MAX);
    size_t reason_size = 0;
    while (reason_size < sizeof(message->reason) && message->reason[reason_size] != 0)
        reason_size++;
    hop_stun_begin(&writer, HOP_STUN_ERROR, message->method, message->transaction);
    hop_stun_put_error(&writer, message->error_code, message->reason, reason_size);
    if (message->time_ms != 0) hop_stun_put_u64(&writer, HOP_STUN_TIME, message->time_ms);
    hop_stun_end(&writer);
    add_send(state, id, writer.failed ? 0 : writer.at);
}

void hop_outbox_dial(hop_rendezvous *state, uint32_t id, const hop_dialback *request,
                     const hop_address *target) {
    hop_rendezvous_output *output = add(state, HOP_RENDEZVOUS_DIAL, id);
    output->dialback = *request;
    output->address = *target;
}

void hop_outbox_close(hop_rendezvous *state, uint32_t id) {
    add(state, HOP_RENDEZVOUS_CLOSE, id);
}

hop_rendezvous_output *hop_outbox_splice(hop_rendezvous *state, uint32_t id, uint32_t other) {
    hop_rendezvous_output *output = add(state, HOP_RENDEZVOUS_SPLICE, id);
    output->other = other - 1;
    return output;
}

hop_rendezvous_output *hop_outbox_log(hop_rendezvous *state, uint32_t id, hop_rendezvous_log log,
                                      const uint8_t *room) {
    hop_rendezvous_output *output = add(state, HOP_RENDEZVOUS_LOG, id);
    output->log = log;
    output->address = hop_state_client(state, id)->remote;
    if (room != NULL) memcpy(output->room, room, HOP_KEY_SIZE);
    return output;
}

static hop_rendezvous_output *add(hop_rendezvous *state, hop_rendezvous_output_kind kind,
                                  uint32_t id) {
    assert(state->outbox.count < HOP_OUTBOX_COUNT); /* by construction, see the header */
    hop_rendezvous_output *output = &state->outbox.outputs[state->outbox.count++];
    memset(output, 0, sizeof(*output));
    output->kind = kind;
    output->client = id - 1;
    return output;
}

/* The message stands in the spare bytes. */
static void add_send(hop_rendezvous *state, uint32_t id, size_t size) {
    hop_outbox *outbox = &state->outbox;
    assert(size > 0 && size <= HOP_OUTBOX_MESSAGE_SIZE_MAX);
    if (size == 0) return;
    hop_rendezvous_output *output = add(state, HOP_RENDEZVOUS_SEND, id);
    output->bytes = outbox->bytes + outbox->used;
    output->size = size;
    outbox->used += size;
}

static uint8_t *spare_bytes(hop_outbox *outbox) {
    assert(sizeof(outbox->bytes) - outbox->used >= HOP_STUN_SIZE_MAX);
    return outbox->bytes + outbox->used;
}
