/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists through the clients, and what a client's record keeps of its messages.
 */
#include "rendezvous/client.h"

#include <string.h>

static hop_chain_link *link_of(hop_client *clients, hop_chain_kind kind, uint32_t id);

void hop_chain_append(hop_chain *chain, hop_client *clients, hop_chain_kind kind, uint32_t id) {
    hop_chain_link *link = link_of(clients, kind, id);
    link->before = chain->last;
    link->after = 0;
    if (chain->last != 0)
        link_of(clients, kind, chain->last)->after = id;
    else
        chain->first = id;
    chain->last = id;
}

void hop_chain_prepend(hop_chain *chain, hop_client *clients, hop_chain_kind kind, uint32_t id) {
    hop_chain_link *link = link_of(clients, kind, id);
    link->before = 0;
    link->after = chain->first;
    if (chain->first != 0)
        link_of(clients, kind, chain->first)->before = id;
    else
        chain->last = id;
    chain->first = id;
}

void hop_chain_remove(hop_chain *chain, hop_client *clients, hop_chain_kind kind, uint32_t id) {
    hop_chain_link *link = link_of(clients, kind, id);
    if (link->before != 0)
        link_of(clients, kind, link->before)->after = link->after;
    else
        chain->first = link->after;
    if (link->after != 0)
        link_of(clients, kind, link->after)->before = link->before;
    else
        chain->last = link->before;
    *link = (hop_chain_link){0, 0};
}

void hop_client_keep_sealed(hop_client *client, const hop_message *message) {
    memcpy(client->sealed, message->sealed, message->sealed_size);
    client->sealed_size = (uint16_t)message->sealed_size;
}

void hop_client_add_nonces(hop_client *client, const hop_message *message) {
    for (unsigned i = 0; i < message->nonce_count; i++) {
        if (client->nonce_count == HOP_MESSAGE_NONCES_MAX) return;
        memcpy(client->nonces[client->nonce_count++], message->nonces[i], HOP_NONCE_SIZE);
    }
}

void hop_client_take_nonce(hop_client *client, uint8_t ret_nonce[static HOP_NONCE_SIZE]) {
    memcpy(ret_nonce, client->nonces[0], HOP_NONCE_SIZE);
    client->nonce_count--;
    memmove(client->nonces[0], client->nonces[1], (size_t)client->nonce_count * HOP_NONCE_SIZE);
}

static hop_chain_link *link_of(hop_client *clients, hop_chain_kind kind, uint32_t id) {
    return &clients[id - 1].links[kind];
}
