/* SPDX-License-Identifier: MIT */
/* The users of established sockets; see holder.h. */
#include "holder.h"

#include <errno.h>
#include <string.h>

static const uint8_t magic[4] = {'U', 'S', 'E', 'R'};

void holder_take(holder *self, kernel *machine, int socket, unsigned end, bool controlling,
                 const uint8_t *psk) {
    self->kernel = machine;
    self->socket = socket;
    self->state = HOLDER_WAITING;
    self->heard_size = 0;
    memset(self->said, 0, sizeof self->said);
    memcpy(self->said, magic, sizeof magic);
    self->said[4] = (uint8_t)end;
    self->said[5] = controlling;
    memcpy(self->said + 8, psk, HOP_KEY_SIZE);
    kernel_write(machine, socket, self->said, sizeof self->said);
    holder_ready(self);
}

/* The same key, the other role. */
static bool fits(const holder *self) {
    return holder_is_message(self->heard, self->heard_size) && self->heard[5] != self->said[5] &&
           memcmp(self->heard + 8, self->said + 8, HOP_KEY_SIZE) == 0;
}

bool holder_ready(holder *self) {
    if (self->state == HOLDER_ENDED || self->state == HOLDER_WRONG) return false;
    for (;;) {
        int got = kernel_receive(self->kernel, self->socket, self->heard + self->heard_size,
                                 sizeof self->heard - self->heard_size);
        if (got == -EAGAIN) break;
        if (got <= 0) {
            if (self->state == HOLDER_WHOLE) return false;
            self->state = HOLDER_ENDED;
            return true;
        }
        self->heard_size += (size_t)got;
        if (self->heard_size > HOLDER_MESSAGE_SIZE ||
            !holder_is_message(self->heard, self->heard_size)) {
            self->state = HOLDER_WRONG;
            return true;
        }
    }
    if (self->heard_size < HOLDER_MESSAGE_SIZE || self->state == HOLDER_WHOLE) return false;
    self->state = fits(self) ? HOLDER_WHOLE : HOLDER_WRONG;
    return true;
}

unsigned holder_other(const holder *self) {
    return self->heard[4];
}

bool holder_is_message(const uint8_t *bytes, size_t size) {
    return size > 0 && memcmp(bytes, magic, size < sizeof magic ? size : sizeof magic) == 0;
}
