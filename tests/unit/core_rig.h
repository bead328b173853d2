/* SPDX-License-Identifier: MIT */
/*
 * One core on a rig: the test plays server, peer, driver and clock by hand. Every step is watched:
 * the core may only speak of links that it holds, wants one thing at a time, never fills its
 * outbox, has nothing left to do when a step is over, and is silent after its end.
 */
#ifndef HOP_TESTS_UNIT_CORE_RIG_H
#define HOP_TESTS_UNIT_CORE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "core/core.h"
#include "wire/hello.h"
#include "wire/message.h"

typedef enum rig_link_state { RIG_FREE, RIG_DIALLING, RIG_OPEN } rig_link_state;

typedef struct rig_link {
    rig_link_state state;
    hop_address remote;
    size_t wanted;
} rig_link;

/* An output that was seen, with copies of what it pointed to. */
typedef struct rig_entry {
    int64_t at_us;
    hop_output output;
    uint8_t bytes[768];
    hop_report report;
} rig_entry;

typedef struct core_rig {
    hop_core *core;
    hop_core_config config;
    hop_crypto crypto;
    hop_random random; /* of the crypto table: a run repeats exactly */
    hop_ticket_keys keys;
    int64_t now_us;
    bool over;
    rig_link links[HOP_LINKS_MAX];
    rig_entry *log;
    unsigned count; /* entries of the log */
    unsigned room;
    unsigned most_outputs; /* of one step */
} core_rig;

/* The other side of an attempt, played by the test. */
typedef struct rig_peer {
    hop_role role;
    hop_description description;
    uint8_t key[HOP_KEY_SIZE];
} rig_peer;

/* Its end of one link. */
typedef struct rig_end {
    int link;
    uint8_t nonce[HOP_NONCE_SIZE];
    uint8_t theirs[HOP_NONCE_SIZE];
} rig_end;

hop_address rig_address(const char *text);
hop_candidate rig_candidate(hop_candidate_type type, const char *text, unsigned prefix_bits);
/* The plain case: IPv4, IPv6 and LAN, 15 s, one server; a test changes what it wants to. */
hop_core_config rig_config(hop_core_mode mode, uint64_t seed);
/* With the table of src/secure/, but a seeded random(). */
core_rig *rig_new(const hop_core_config *config);
/* The same with another table; random() is seeded all the same. */
core_rig *rig_new_with(const hop_core_config *config, const hop_crypto *crypto);
void rig_free(core_rig *rig);

void rig_step(core_rig *rig, const hop_input *input);
void rig_timer(core_rig *rig, int64_t at_us);
/* A TIMER step at each deadline until then, and one there. */
void rig_run_until(core_rig *rig, int64_t until_us);
void rig_go(core_rig *rig);
void rig_connected(core_rig *rig, int link);
void rig_ended(core_rig *rig, int link, hop_reason reason);
void rig_received(core_rig *rig, int link, const uint8_t *bytes, size_t size);
/* Returns the number that the link got, -1: refused. */
int rig_accepted(core_rig *rig, const char *remote);

/* The log since it was last forgotten. */
void rig_forget(core_rig *rig);
unsigned rig_count(const core_rig *rig, hop_output_kind kind);
unsigned rig_notes(const core_rig *rig, hop_note_kind kind);
/* The index-th of its kind, from 0; NULL: there are fewer. */
const rig_entry *rig_find(const core_rig *rig, hop_output_kind kind, unsigned index);
/* The last of its kind that speaks of this link; NULL: none. */
const rig_entry *rig_last(const core_rig *rig, hop_output_kind kind, int link);
unsigned rig_dials(const core_rig *rig, const char *address);
/* The newest link that dials there, -1: none. */
int rig_dialling(const core_rig *rig, const char *address);

/* The server. */
int rig_reach(core_rig *rig, unsigned server, const char *address);
void rig_heard(const core_rig *rig, int link, hop_message *ret_message);
void rig_say(core_rig *rig, int link, const hop_message *message);
/* The answer to what was heard last. */
void rig_answer(core_rig *rig, int link, const char *mapped);
void rig_refuse(core_rig *rig, int link, unsigned code, uint64_t time_ms);
/* GO, the server reached, REGISTER or KNOCK answered: the server's link. */
int rig_ready(core_rig *rig);

/* The peer. A listening core's peer uses up one of the nonces that the core has given out. */
rig_peer rig_peer_make(core_rig *rig, const char *const *addresses, unsigned count);
void rig_start(core_rig *rig, int server_link, rig_peer *peer, const char *observed,
               const uint8_t *listener_nonce, uint32_t delay_us);
void rig_peer_say(core_rig *rig, const rig_peer *peer, const rig_end *end, hop_hello_kind kind);
/* Reads our HELLO on the link, and says its own. */
rig_end rig_peer_greet(core_rig *rig, const rig_peer *peer, int link);
/* Is the last that we sent on this link this message? */
bool rig_peer_heard(const core_rig *rig, const rig_peer *peer, const rig_end *end,
                    hop_hello_kind kind);

#endif
