/* SPDX-License-Identifier: MIT */
/*
 * Rooms: who listens in them and who waits. A room is there as long as somebody is in it, and every
 * client is in one at the most, so as many rooms as clients are enough.
 */
#ifndef HOP_RENDEZVOUS_ROOM_H
#define HOP_RENDEZVOUS_ROOM_H

#include "rendezvous/client.h"
#include "rendezvous/hash.h"

typedef struct hop_room {
    uint8_t key[HOP_KEY_SIZE];
    hop_chain listeners; /* newest first: the newest gets the knocks. The older ones are mostly what
                            the server has yet to notice of a listener's earlier life. */
    hop_chain parked;    /* who knocked first is first */
    uint32_t parked_count;
    uint32_t next; /* in its bucket, or in the list of free ones; 0: none */
} hop_room;

typedef struct hop_rooms {
    hop_room *pool;
    uint32_t *buckets;
    hop_hash hash;
    uint32_t bucket_mask;
    uint32_t used; /* handed out at least once */
    uint32_t free; /* first that came back */
} hop_rooms;

/* The room's id, 0 when it is not there. */
uint32_t hop_room_find(const hop_rooms *rooms, const uint8_t key[static HOP_KEY_SIZE]);
uint32_t hop_room_find_or_make(hop_rooms *rooms, const uint8_t key[static HOP_KEY_SIZE]);
/* Gives the room back if nobody is in it. */
void hop_room_tidy(hop_rooms *rooms, uint32_t room);

/* The client, which must be in no room, listens or waits from now on. */
void hop_room_listen(hop_rooms *rooms, uint32_t room, hop_client *clients, uint32_t id);
void hop_room_park(hop_rooms *rooms, uint32_t room, hop_client *clients, uint32_t id);
/* Takes a registered or parked client out of its room; the room stays. */
void hop_room_leave(hop_rooms *rooms, hop_client *clients, uint32_t id);

#endif
