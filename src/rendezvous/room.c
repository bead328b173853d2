/* SPDX-License-Identifier: MIT */
/*
 * The index of rooms by their key, in a hash table with chains.
 */
#include "rendezvous/room.h"

#include <string.h>

static uint32_t *bucket_of(const hop_rooms *rooms, const uint8_t *key);

uint32_t hop_room_find(const hop_rooms *rooms, const uint8_t key[static HOP_KEY_SIZE]) {
    uint32_t id = *bucket_of(rooms, key);
    while (id != 0 && memcmp(rooms->pool[id - 1].key, key, HOP_KEY_SIZE) != 0)
        id = rooms->pool[id - 1].next;
    return id;
}

uint32_t hop_room_find_or_make(hop_rooms *rooms, const uint8_t key[static HOP_KEY_SIZE]) {
    uint32_t id = hop_room_find(rooms, key);
    if (id != 0) return id;
    id = rooms->free;
    if (id != 0)
        rooms->free = rooms->pool[id - 1].next;
    else
        id = ++rooms->used;
    hop_room *room = &rooms->pool[id - 1];
    uint32_t *bucket = bucket_of(rooms, key);
    memset(room, 0, sizeof(*room));
    memcpy(room->key, key, HOP_KEY_SIZE);
    room->next = *bucket;
    *bucket = id;
    return id;
}

void hop_room_tidy(hop_rooms *rooms, uint32_t room) {
    hop_room *record = &rooms->pool[room - 1];
    if (record->listeners.first != 0 || record->parked.first != 0) return;
    uint32_t *link = bucket_of(rooms, record->key);
    while (*link != room)
        link = &rooms->pool[*link - 1].next;
    *link = record->next;
    record->next = rooms->free;
    rooms->free = room;
}

void hop_room_listen(hop_rooms *rooms, uint32_t room, hop_client *clients, uint32_t id) {
    hop_chain_prepend(&rooms->pool[room - 1].listeners, clients, HOP_CHAIN_ROOM, id);
    clients[id - 1].room = room;
    clients[id - 1].state = HOP_CLIENT_REGISTERED;
}

void hop_room_park(hop_rooms *rooms, uint32_t room, hop_client *clients, uint32_t id) {
    hop_chain_append(&rooms->pool[room - 1].parked, clients, HOP_CHAIN_ROOM, id);
    rooms->pool[room - 1].parked_count++;
    clients[id - 1].room = room;
    clients[id - 1].state = HOP_CLIENT_PARKED;
}

void hop_room_leave(hop_rooms *rooms, hop_client *clients, uint32_t id) {
    hop_client *client = &clients[id - 1];
    hop_room *room = &rooms->pool[client->room - 1];
    if (client->state == HOP_CLIENT_REGISTERED) {
        hop_chain_remove(&room->listeners, clients, HOP_CHAIN_ROOM, id);
    } else {
        hop_chain_remove(&room->parked, clients, HOP_CHAIN_ROOM, id);
        room->parked_count--;
    }
    client->room = 0;
    client->state = HOP_CLIENT_KNOWN;
}

static uint32_t *bucket_of(const hop_rooms *rooms, const uint8_t *key) {
    uint64_t hash = hop_hash_bytes(&rooms->hash, key, HOP_KEY_SIZE);
    return &rooms->buckets[hash & rooms->bucket_mask];
}
