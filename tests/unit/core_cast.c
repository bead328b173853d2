/* SPDX-License-Identifier: MIT */
/* Whom the test plays for a core on the rig: its driver, its server and its peer; see core_rig.h.
 */
#include "core_rig.h"

/* --- the driver ---------------------------------------------------------------------------------
 */

void rig_go(core_rig *rig) {
    const hop_candidate hosts[] = {
        rig_candidate(HOP_CANDIDATE_HOST, "192.168.1.10:40000", 24),
        rig_candidate(HOP_CANDIDATE_HOST, "[2001:db8:1::10]:40000", 64),
        rig_candidate(HOP_CANDIDATE_HOST, "127.0.0.1:40000", 8),
    };
    hop_input input = {.kind = HOP_IN_GO, .link = -1, .hosts = hosts, .host_count = 3};
    rig_step(rig, &input);
}

void rig_connected(core_rig *rig, int link) {
    hop_input input = {.kind = HOP_IN_CONNECTED,
                       .link = link,
                       .local = rig_address("192.168.1.10:40000"),
                       .rtt_us = 20 * HOP_MS};
    rig_step(rig, &input);
}

void rig_ended(core_rig *rig, int link, hop_reason reason) {
    hop_input input = {.kind = HOP_IN_ENDED, .link = link, .reason = reason};
    rig_step(rig, &input);
}

void rig_received(core_rig *rig, int link, const uint8_t *bytes, size_t size) {
    hop_input input = {.kind = HOP_IN_RECEIVED, .link = link, .bytes = bytes, .size = size};
    assert_in_range(link, 0, HOP_LINKS_MAX - 1);
    assert_int_equal(rig->links[link].wanted, size); /* the driver never reads more */
    rig_step(rig, &input);
}

int rig_accepted(core_rig *rig, const char *remote) {
    hop_input input = {.kind = HOP_IN_ACCEPTED,
                       .link = -1,
                       .remote = rig_address(remote),
                       .local = rig_address("192.168.1.10:40000")};
    unsigned before = rig->count;
    rig_step(rig, &input);
    assert_true(rig->count > before);
    const hop_output *verdict = &rig->log[before].output;
    return verdict->kind == HOP_OUT_ADOPT ? verdict->link : -1;
}

/* --- the server ---------------------------------------------------------------------------------
 */

int rig_reach(core_rig *rig, unsigned server, const char *address) {
    hop_address at = rig_address(address);
    hop_input input = {.kind = HOP_IN_RESOLVED,
                       .link = -1,
                       .server = server,
                       .addresses = &at,
                       .address_count = 1};
    rig_step(rig, &input);
    int link = rig_dialling(rig, address);
    assert_true(link >= 0);
    rig_connected(rig, link);
    return link;
}

void rig_heard(const core_rig *rig, int link, hop_message *ret_message) {
    const rig_entry *sent = rig_last(rig, HOP_OUT_SEND, link);
    assert_non_null(sent);
    assert_int_equal(hop_message_decode(sent->bytes, sent->output.size, ret_message),
                     HOP_MESSAGE_OK);
}

void rig_say(core_rig *rig, int link, const hop_message *message) {
    uint8_t bytes[HOP_STUN_SIZE_MAX];
    size_t size = hop_message_encode(message, &rig->crypto, NULL, bytes);
    assert_true(size >= HOP_STUN_HEADER_SIZE);
    rig_received(rig, link, bytes, HOP_STUN_HEADER_SIZE);
    if (size > HOP_STUN_HEADER_SIZE)
        rig_received(rig, link, bytes + HOP_STUN_HEADER_SIZE, size - HOP_STUN_HEADER_SIZE);
}

void rig_answer(core_rig *rig, int link, const char *mapped) {
    hop_message request;
    rig_heard(rig, link, &request);
    hop_message answer = {.mapped = rig_address(mapped)};
    if (request.kind == HOP_MESSAGE_REGISTER)
        answer.kind = HOP_MESSAGE_REGISTER_ANSWER;
    else if (request.kind == HOP_MESSAGE_KNOCK)
        answer.kind = HOP_MESSAGE_KNOCK_ANSWER;
    else
        answer.kind = HOP_MESSAGE_BINDING_ANSWER;
    memcpy(answer.transaction, request.transaction, HOP_STUN_TRANSACTION_SIZE);
    rig_say(rig, link, &answer);
}

void rig_refuse(core_rig *rig, int link, unsigned code, uint64_t time_ms) {
    hop_message request;
    rig_heard(rig, link, &request);
    hop_message answer = {.kind = HOP_MESSAGE_REFUSAL,
                          .method = request.method,
                          .error_code = code,
                          .time_ms = time_ms,
                          .reason = "because"};
    memcpy(answer.transaction, request.transaction, HOP_STUN_TRANSACTION_SIZE);
    rig_say(rig, link, &answer);
}

int rig_ready(core_rig *rig) {
    rig_go(rig);
    int link = rig_reach(rig, 0, "198.51.100.1:3478");
    rig_answer(rig, link, "203.0.113.10:50000");
    return link;
}

/* --- the peer -----------------------------------------------------------------------------------
 */

rig_peer rig_peer_make(core_rig *rig, const char *const *addresses, unsigned count) {
    rig_peer peer = {.role = rig->config.mode == HOP_CORE_LISTEN ? HOP_ROLE_CONTROLLING
                                                                 : HOP_ROLE_CONTROLLED};
    peer.description.candidate_count = count;
    for (unsigned i = 0; i < count; i++)
        peer.description.candidates[i] = rig_candidate(HOP_CANDIDATE_HOST, addresses[i], 0);
    rig->crypto.random(rig->crypto.context, peer.description.nonce, HOP_NONCE_SIZE);
    return peer;
}

/* The nonce of the listening side is in the START; the knocking side's is in its description. */
void rig_start(core_rig *rig, int server_link, rig_peer *peer, const char *observed,
               const uint8_t *listener_nonce, uint32_t delay_us) {
    bool listening = rig->config.mode == HOP_CORE_LISTEN;
    hop_message start = {.kind = HOP_MESSAGE_START,
                         .role = listening ? HOP_ROLE_CONTROLLED : HOP_ROLE_CONTROLLING,
                         .delay_us = delay_us,
                         .rtt_us = 100 * HOP_MS,
                         .peer = rig_address(observed),
                         .nonce_count = 1};
    uint8_t knocker_nonce[HOP_NONCE_SIZE];
    memcpy(knocker_nonce, peer->description.nonce, HOP_NONCE_SIZE);
    if (!listening) {
        hop_message knock;
        hop_description own;
        listener_nonce = peer->description.nonce;
        rig_heard(rig, server_link, &knock);
        assert_int_equal(knock.kind, HOP_MESSAGE_KNOCK);
        assert_true(hop_description_open(knock.sealed, knock.sealed_size, &rig->crypto,
                                         rig->keys.seal, HOP_SEAL_KNOCK, &own));
        memcpy(knocker_nonce, own.nonce, HOP_NONCE_SIZE);
    }
    memcpy(start.nonces[0], listener_nonce, HOP_NONCE_SIZE);
    start.sealed_size =
        hop_description_seal(&peer->description, &rig->crypto, rig->keys.seal,
                             listening ? HOP_SEAL_KNOCK : HOP_SEAL_REGISTER, start.sealed);
    assert_true(start.sealed_size > 0);
    assert_true(hop_hello_derive_key(&rig->crypto, rig->keys.link, knocker_nonce, listener_nonce,
                                     peer->key));
    rig_say(rig, server_link, &start);
}

void rig_peer_say(core_rig *rig, const rig_peer *peer, const rig_end *end, hop_hello_kind kind) {
    hop_hello hello = {.kind = kind, .role = peer->role};
    uint8_t bytes[HOP_HELLO_SIZE];
    memcpy(hello.nonce, end->nonce, HOP_NONCE_SIZE);
    assert_true(hop_hello_encode(&hello, kind == HOP_HELLO_HELLO ? NULL : end->theirs, &rig->crypto,
                                 peer->key, bytes));
    rig_received(rig, end->link, bytes, sizeof bytes);
}

rig_end rig_peer_greet(core_rig *rig, const rig_peer *peer, int link) {
    rig_end end = {.link = link};
    hop_hello hello;
    const rig_entry *sent = rig_last(rig, HOP_OUT_SEND, link);
    assert_non_null(sent);
    assert_true(hop_hello_decode(sent->bytes, HOP_HELLO_HELLO, hop_role_other(peer->role), NULL,
                                 &rig->crypto, peer->key, &hello));
    memcpy(end.theirs, hello.nonce, HOP_NONCE_SIZE);
    rig->crypto.random(rig->crypto.context, end.nonce, HOP_NONCE_SIZE);
    rig_peer_say(rig, peer, &end, HOP_HELLO_HELLO);
    return end;
}

bool rig_peer_heard(const core_rig *rig, const rig_peer *peer, const rig_end *end,
                    hop_hello_kind kind) {
    const rig_entry *sent = rig_last(rig, HOP_OUT_SEND, end->link);
    hop_hello hello;
    return sent != NULL && sent->output.size == HOP_HELLO_SIZE &&
           hop_hello_decode(sent->bytes, kind, hop_role_other(peer->role),
                            kind == HOP_HELLO_HELLO ? NULL : end->nonce, &rig->crypto, peer->key,
                            &hello) &&
           memcmp(hello.nonce, end->theirs, HOP_NONCE_SIZE) == 0;
}
