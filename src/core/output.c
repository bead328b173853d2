/* SPDX-License-Identifier: MIT */
/* The queue of outputs of one step; see output.h. */
#include "core/output.h"

#include <string.h>

/* Notes stop here, so that actions always find room: one step acts on each link at most twice, and
 * on as many shots as a window has. */
#define NOTES_ROOM (HOP_OUTPUTS_MAX - 3 * HOP_LINKS_PLAIN - 3 * HOP_WINDOW_LATER)

void hop_output_reset(hop_outbox *outbox) {
    outbox->count = 0;
    outbox->taken = 0;
    outbox->arena_used = 0;
}

hop_output *hop_output_put(hop_outbox *outbox, hop_output_kind kind) {
    unsigned at = outbox->count < HOP_OUTPUTS_MAX - 1 ? outbox->count++ : HOP_OUTPUTS_MAX - 1;
    hop_output *output = &outbox->outputs[at];
    memset(output, 0, sizeof *output);
    output->kind = kind;
    output->link = -1;
    return output;
}

hop_note *hop_output_note(hop_outbox *outbox, hop_note_kind kind, int attempt) {
    hop_output *output;
    if (outbox->count < NOTES_ROOM) {
        output = hop_output_put(outbox, HOP_OUT_NOTE);
    } else {
        output = &outbox->outputs[HOP_OUTPUTS_MAX - 1];
        memset(output, 0, sizeof *output);
    }
    output->attempt = attempt;
    output->note.kind = kind;
    output->note.attempt = attempt;
    output->note.link = -1;
    return &output->note;
}

void hop_output_send(hop_outbox *outbox, int link, const uint8_t *bytes, size_t size) {
    if (size > HOP_OUTPUT_ARENA - outbox->arena_used) return;
    uint8_t *copy = outbox->arena + outbox->arena_used;
    memcpy(copy, bytes, size);
    outbox->arena_used += size;
    hop_output *output = hop_output_put(outbox, HOP_OUT_SEND);
    output->link = link;
    output->bytes = copy;
    output->size = size;
}

bool hop_output_take(hop_outbox *outbox, hop_output *ret_output) {
    if (outbox->taken == outbox->count) return false;
    *ret_output = outbox->outputs[outbox->taken++];
    return true;
}
