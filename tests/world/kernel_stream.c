/* SPDX-License-Identifier: MIT */
/* The bytes that came in: in order for the reader, early ones kept until the gap is filled. */
#include <stdlib.h>
#include <string.h>

#include "kernel_inside.h"

#define EARLY_MAX 64

static bool append(tcb *one, const packet *one_packet);
static void keep_early(tcb *one, const packet *early);
static void drop_first_early(tcb *one);

bool tcb_store(kernel *host, tcb *one, const packet *from) {
    if (from->size == 0 && !(from->flags & PACKET_FIN)) return false;
    if (one->ended || one->in_size + from->size > READ_BUFFER_SIZE) return true;
    if (seq_before(one->rcv_nxt, from->seq)) {
        keep_early(one, from);
        return true;
    }
    bool news = append(one, from);
    while (one->early != NULL && !seq_before(one->rcv_nxt, one->early->packet->seq)) {
        append(one, one->early->packet);
        drop_first_early(one);
    }
    if (news) tcb_wake(host, one);
    return true;
}

size_t tcb_read(tcb *one, uint8_t *bytes, size_t size) {
    if (size > one->in_size) size = one->in_size;
    if (size > 0) memcpy(bytes, one->in + one->in_start, size);
    one->in_start += size;
    one->in_size -= size;
    if (one->in_size == 0) one->in_start = 0;
    return size;
}

void tcb_drop_input(tcb *one) {
    while (one->early != NULL)
        drop_first_early(one);
    free(one->in);
    one->in = NULL;
    one->in_start = one->in_size = one->in_room = 0;
}

/* What of it is new and next; its first byte is not beyond rcv_nxt. */
static bool append(tcb *one, const packet *from) {
    uint32_t known = one->rcv_nxt - from->seq;
    if (known > from->size) return false;
    size_t size = from->size - known;
    if (one->in_start + one->in_size + size > one->in_room) {
        if (one->in_size > 0) memmove(one->in, one->in + one->in_start, one->in_size);
        one->in_start = 0;
        while (one->in_size + size > one->in_room)
            one->in_room = one->in_room == 0 ? 2048 : one->in_room * 2;
        one->in = realloc(one->in, one->in_room);
        if (one->in == NULL) abort();
    }
    if (size > 0) memcpy(one->in + one->in_start + one->in_size, from->bytes + known, size);
    one->in_size += size;
    one->rcv_nxt += (uint32_t)size;
    if (from->flags & PACKET_FIN) {
        one->rcv_nxt++;
        one->ended = true;
    }
    return size > 0 || one->ended;
}

static void keep_early(tcb *one, const packet *early) {
    segment **at = &one->early;
    while (*at != NULL && seq_before((*at)->packet->seq, early->seq))
        at = &(*at)->next;
    bool known =
        *at != NULL && (*at)->packet->seq == early->seq && (*at)->packet->size >= early->size;
    if (known || one->early_count == EARLY_MAX) return;
    segment *kept = calloc(1, sizeof *kept);
    if (kept == NULL) abort();
    kept->packet = packet_copy(early);
    kept->next = *at;
    *at = kept;
    one->early_count++;
}

static void drop_first_early(tcb *one) {
    segment *first = one->early;
    one->early = first->next;
    one->early_count--;
    free(first->packet);
    free(first);
}
