/* SPDX-License-Identifier: MIT */
/*
 * The mind's public face: its one piece of memory, clients that come and go, and their time limits.
 */
#include "rendezvous/rendezvous.h"

#include <assert.h>
#include <string.h>

#include "rendezvous/introduce.h"
#include "rendezvous/request.h"
#include "rendezvous/splice.h"
#include "rendezvous/state.h"

/* Where the tables lie behind the state. */
typedef struct layout {
    size_t clients;
    size_t rooms;
    size_t origins;
    size_t replay;
    size_t room_buckets;
    size_t origin_buckets;
    size_t replay_buckets;
    size_t passes;
    size_t relays;
    size_t size;
    uint32_t client_buckets;
    uint32_t signature_buckets;
} layout;

static hop_rendezvous_config with_defaults(const hop_rendezvous_config *config);
static layout lay_out(const hop_rendezvous_config *config);
static size_t place(size_t *size, size_t count, size_t each);
static void accepted(hop_rendezvous *state, const hop_rendezvous_input *input);
static hop_address other_for(const hop_rendezvous_config *config, const hop_address *local);
static void received(hop_rendezvous *state, const hop_rendezvous_input *input);
static void dialled(hop_rendezvous *state, const hop_rendezvous_input *input);
static void expire(hop_rendezvous *state);
static void tell_expired(hop_rendezvous *state, uint32_t id);
static uint32_t first_due(const hop_rendezvous *state);
static int64_t chain_deadline(const hop_rendezvous *state, const hop_chain *chain, bool park);
static void end_client(hop_rendezvous *state, uint32_t id);
static void end_relay(hop_rendezvous *state, uint32_t id, hop_rendezvous_end end);
static bool is_open(const hop_rendezvous *state, unsigned client);

size_t hop_rendezvous_size(const hop_rendezvous_config *config) {
    hop_rendezvous_config full = with_defaults(config);
    return lay_out(&full).size;
}

/* Nothing is filled in here but the state: the tables begin as the zeros that they are, and pages
 * that no client has needed yet cost no memory. */
hop_rendezvous *hop_rendezvous_init(void *memory, const hop_rendezvous_config *config) {
    hop_rendezvous *state = memory;
    state->config = with_defaults(config);
    config = &state->config;
    layout places = lay_out(config);
    uint8_t *bytes = memory;
    state->random = hop_random_seeded(config->seed);
    state->clients = (void *)(bytes + places.clients);
    hop_hash hash = hop_hash_seeded(hop_random_next(&state->random));
    state->dialbacks.hash = hash;
    state->rooms = (hop_rooms){.pool = (void *)(bytes + places.rooms),
                               .buckets = (void *)(bytes + places.room_buckets),
                               .hash = hash,
                               .bucket_mask = places.client_buckets - 1};
    state->origins = (hop_origins){.pool = (void *)(bytes + places.origins),
                                   .buckets = (void *)(bytes + places.origin_buckets),
                                   .hash = hash,
                                   .bucket_mask = places.client_buckets - 1,
                                   .client_max = config->client_per_ip_max};
    /* A signature may be up to a window ahead of our clock and is good for a window after that. */
    state->replay = (hop_replay){.entries = (void *)(bytes + places.replay),
                                 .buckets = (void *)(bytes + places.replay_buckets),
                                 .hash = hash,
                                 .entry_max = config->replay_max,
                                 .bucket_mask = places.signature_buckets - 1,
                                 .life_us = 2 * config->window_us + 2 * HOP_MS,
                                 .share_max = hop_replay_share(config->replay_max)};
    state->relays = (hop_relays){.config = config->relay,
                                 .passes = (void *)(bytes + places.passes),
                                 .pool = (void *)(bytes + places.relays)};
    return state;
}

void hop_rendezvous_step(hop_rendezvous *rendezvous, int64_t now_us,
                         const hop_rendezvous_input *input) {
    hop_outbox_clear(&rendezvous->outbox);
    rendezvous->now_us = now_us;
    switch (input->kind) {
    case HOP_RENDEZVOUS_TIMER: break;
    case HOP_RENDEZVOUS_ACCEPTED: accepted(rendezvous, input); break;
    case HOP_RENDEZVOUS_RECEIVED: received(rendezvous, input); break;
    case HOP_RENDEZVOUS_DIALLED: dialled(rendezvous, input); break;
    case HOP_RENDEZVOUS_CLOSED:
        if (!is_open(rendezvous, input->client)) break;
        end_relay(rendezvous, input->client + 1,
                  input->broken ? HOP_RENDEZVOUS_END_BROKEN : HOP_RENDEZVOUS_END_DONE);
        end_client(rendezvous, input->client + 1);
        break;
    }
    expire(rendezvous);
}

bool hop_rendezvous_next(hop_rendezvous *rendezvous, hop_rendezvous_output *ret_output) {
    return hop_outbox_next(&rendezvous->outbox, ret_output);
}

int64_t hop_rendezvous_deadline(const hop_rendezvous *rendezvous) {
    int64_t hush = chain_deadline(rendezvous, &rendezvous->hush, false);
    int64_t idle = chain_deadline(rendezvous, &rendezvous->idle, false);
    int64_t park = chain_deadline(rendezvous, &rendezvous->park, true);
    int64_t waits = chain_deadline(rendezvous, &rendezvous->waits, false);
    int64_t alone = chain_deadline(rendezvous, &rendezvous->alone, false);
    int64_t relay = hop_relay_idle_us(&rendezvous->relays);
    int64_t life = hush < idle ? hush : idle;
    if (waits < life) life = waits;
    if (alone < life) life = alone;
    if (relay < life) life = relay;
    return life < park ? life : park;
}

void hop_rendezvous_count(const hop_rendezvous *rendezvous, hop_rendezvous_counts *ret_counts) {
    *ret_counts = rendezvous->counts;
    ret_counts->relays = rendezvous->relays.count;
}

hop_relays *hop_rendezvous_relays(hop_rendezvous *rendezvous) {
    return &rendezvous->relays;
}

static hop_rendezvous_config with_defaults(const hop_rendezvous_config *config) {
    hop_rendezvous_config full = *config;
    if (full.client_max == 0) full.client_max = 16384;
    if (full.client_per_ip_max == 0) full.client_per_ip_max = 64;
    if (full.room_max_parked == 0) full.room_max_parked = 8;
    if (full.replay_max == 0) full.replay_max = 65536;
    if (full.window_us == 0) full.window_us = 60 * HOP_S;
    if (full.hush_us == 0) full.hush_us = 10 * HOP_S;
    if (full.idle_us == 0) full.idle_us = 90 * HOP_S;
    if (full.park_us == 0) full.park_us = 600 * HOP_S;
    full.relay = hop_relay_config_full(&config->relay);
    return full;
}

static layout lay_out(const hop_rendezvous_config *config) {
    layout places;
    places.client_buckets = hop_hash_buckets(config->client_max);
    /* Chains of four are short enough, and buckets are spread over all of their pages by the first
     * few entries. */
    places.signature_buckets = hop_hash_buckets(config->replay_max / 4);
    places.size = sizeof(hop_rendezvous);
    places.clients = place(&places.size, config->client_max, sizeof(hop_client));
    places.rooms = place(&places.size, config->client_max, sizeof(hop_room));
    places.origins = place(&places.size, config->client_max, sizeof(hop_origin));
    places.replay = place(&places.size, config->replay_max, sizeof(hop_replay_entry));
    places.passes = place(&places.size, config->relay.pass_max, sizeof(hop_relay_pass));
    places.relays = place(&places.size, config->relay.max, sizeof(hop_relay));
    places.room_buckets = place(&places.size, places.client_buckets, sizeof(uint32_t));
    places.origin_buckets = place(&places.size, places.client_buckets, sizeof(uint32_t));
    places.replay_buckets = place(&places.size, places.signature_buckets, sizeof(uint32_t));
    return places;
}

static size_t place(size_t *size, size_t count, size_t each) {
    size_t at = (*size + 15) / 16 * 16;
    *size = at + count * each;
    return at;
}

static void accepted(hop_rendezvous *state, const hop_rendezvous_input *input) {
    assert(!is_open(state, input->client)); /* the driver chose the number, not a peer */
    uint32_t id = input->client + 1;
    uint32_t origin;
    if (input->client >= state->config.client_max) {
        hop_outbox_close(state, id);
        return;
    }
    hop_client *client = hop_state_client(state, id);
    client->remote = hop_address_unmapped(&input->remote);
    if (!hop_origin_enter(&state->origins, &client->remote, &origin)) {
        state->counts.refusals++;
        hop_outbox_log(state, id, HOP_RENDEZVOUS_LOG_REFUSE, NULL)->code = HOP_REFUSAL_BUSY;
        hop_outbox_close(state, id);
        return;
    }
    hop_address local = hop_address_unmapped(&input->local);
    client->origin = origin;
    client->other = other_for(&state->config, &local);
    client->rtt_us = input->rtt_us;
    client->state = HOP_CLIENT_NEW;
    client->life_deadline_us = state->now_us + state->config.hush_us;
    hop_chain_append(&state->hush, state->clients, HOP_CHAIN_LIFE, id);
    state->counts.clients++;
}

/* RFC 5780 section 7.4: another address of ours. A configured one without an IP address (0.0.0.0 or
 * ::) is the one that the client has called, with another port. Who has called the other address
 * itself is told of none, nor is who could not use its family. */
static hop_address other_for(const hop_rendezvous_config *config, const hop_address *local) {
    static const uint8_t unspecified[16];
    hop_address none = {.family = HOP_FAMILY_NONE};
    hop_address other = config->other;
    if (other.family == HOP_FAMILY_NONE) return none;
    if (memcmp(other.ip, unspecified, sizeof(other.ip)) == 0) {
        other.family = local->family;
        memcpy(other.ip, local->ip, sizeof(other.ip));
    }
    if (other.family != local->family || hop_address_equal(&other, local)) return none;
    return other;
}

static void received(hop_rendezvous *state, const hop_rendezvous_input *input) {
    if (!is_open(state, input->client)) return;
    uint32_t id = input->client + 1;
    hop_client *client = hop_state_client(state, id);
    if (input->rtt_us != 0) client->rtt_us = input->rtt_us;
    if (client->state == HOP_CLIENT_ALONE || client->state == HOP_CLIENT_RELAYED) {
        /* Nothing is to be said before the answer, and what comes after it is not for us. */
        end_relay(state, id, HOP_RENDEZVOUS_END_BROKEN);
        hop_outbox_close(state, id);
        end_client(state, id);
        return;
    }
    if (client->state != HOP_CLIENT_NEW && client->state != HOP_CLIENT_WAITING) {
        client->life_deadline_us = state->now_us + state->config.idle_us;
        hop_chain_remove(&state->idle, state->clients, HOP_CHAIN_LIFE, id);
        hop_chain_append(&state->idle, state->clients, HOP_CHAIN_LIFE, id);
    }
    if (hop_request_handle(state, id, input->bytes, input->size)) return;
    hop_outbox_close(state, id);
    end_client(state, id);
}

/* Who had a wait goes back among those who must stay awake. */
static void dialled(hop_rendezvous *state, const hop_rendezvous_input *input) {
    if (!is_open(state, input->client)) return;
    uint32_t id = input->client + 1;
    hop_client *client = hop_state_client(state, id);
    if (client->dialling == 0) return;
    hop_dialbacks_end(&state->dialbacks, client->dialling == HOP_DIALBACK_WAIT);
    client->dialling = 0;
    if (client->state != HOP_CLIENT_WAITING) return;
    hop_chain_remove(&state->waits, state->clients, HOP_CHAIN_LIFE, id);
    client->state = HOP_CLIENT_KNOWN;
    client->life_deadline_us = state->now_us + state->config.idle_us;
    hop_chain_append(&state->idle, state->clients, HOP_CHAIN_LIFE, id);
}

/* As many as the outbox takes; for the others the deadline is still due, and the driver steps
 * again. */
static void expire(hop_rendezvous *state) {
    uint32_t id;
    while (hop_outbox_has_room(&state->outbox) && (id = first_due(state)) != 0) {
        tell_expired(state, id);
        hop_outbox_close(state, id);
        end_client(state, id);
    }
}

static void tell_expired(hop_rendezvous *state, uint32_t id) {
    const hop_client *client = hop_state_client(state, id);
    if (client->state == HOP_CLIENT_RELAYED) {
        end_relay(state, id, HOP_RENDEZVOUS_END_IDLE);
    } else if (client->state == HOP_CLIENT_ALONE) {
        hop_message request = {.method = HOP_STUN_RELAY};
        memcpy(request.transaction, client->nonces[0], HOP_STUN_TRANSACTION_SIZE);
        hop_request_refuse(state, id, &request, HOP_REFUSAL_ALONE);
    } else {
        hop_outbox_log(state, id, HOP_RENDEZVOUS_LOG_EXPIRE, NULL);
    }
}

static uint32_t first_due(const hop_rendezvous *state) {
    if (chain_deadline(state, &state->hush, false) <= state->now_us) return state->hush.first;
    if (chain_deadline(state, &state->idle, false) <= state->now_us) return state->idle.first;
    if (chain_deadline(state, &state->park, true) <= state->now_us) return state->park.first;
    if (chain_deadline(state, &state->waits, false) <= state->now_us) return state->waits.first;
    if (chain_deadline(state, &state->alone, false) <= state->now_us) return state->alone.first;
    uint32_t relay = hop_relay_idle(&state->relays, state->now_us);
    return relay != 0 ? hop_relay_of(&state->relays, relay)->sides[0] : 0;
}

static int64_t chain_deadline(const hop_rendezvous *state, const hop_chain *chain, bool park) {
    if (chain->first == 0) return INT64_MAX;
    const hop_client *client = &state->clients[chain->first - 1];
    return park ? client->park_deadline_us : client->life_deadline_us;
}

/* A listener's place is taken by the next older one, which may have nonces for those who wait. */
static void end_client(hop_rendezvous *state, uint32_t id) {
    hop_client *client = hop_state_client(state, id);
    uint32_t room = client->room;
    if (client->state != HOP_CLIENT_RELAYED)
        hop_chain_remove(hop_state_life(state, client), state->clients, HOP_CHAIN_LIFE, id);
    if (client->dialling != 0)
        hop_dialbacks_end(&state->dialbacks, client->dialling == HOP_DIALBACK_WAIT);
    if (client->state == HOP_CLIENT_ALONE) hop_relay_give_back(&state->relays, client->relay, id);
    if (client->state == HOP_CLIENT_PARKED) {
        hop_chain_remove(&state->park, state->clients, HOP_CHAIN_PARK, id);
        state->counts.parked--;
    }
    if (client->state == HOP_CLIENT_REGISTERED) state->counts.registered--;
    hop_introduce_forget(state, id);
    if (room != 0) hop_room_leave(&state->rooms, state->clients, id);
    hop_origin_leave(&state->origins, client->origin);
    memset(client, 0, sizeof(*client));
    state->counts.clients--;
    if (room == 0) return;
    hop_introduce_parked(state, room);
    hop_room_tidy(&state->rooms, room);
}

/* One side of a relay goes, so the other does. */
static void end_relay(hop_rendezvous *state, uint32_t id, hop_rendezvous_end end) {
    uint32_t other = hop_splice_end(state, id, end);
    if (other == 0) return;
    hop_outbox_close(state, other);
    end_client(state, other);
}

static bool is_open(const hop_rendezvous *state, unsigned client) {
    return client < state->config.client_max && state->clients[client].state != HOP_CLIENT_FREE;
}
