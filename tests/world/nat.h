/* SPDX-License-Identifier: MIT */
/*
 * A NAT, or a firewall, by the traits of spec_nat: what it does to one packet. It remembers
 * mappings and sessions, allocates ports, and follows TCP: either as cheap NATs do (any packet that
 * fits the addresses) or as Linux's conntrack does. It sends nothing; time is told.
 */
#ifndef HOP_TESTS_WORLD_NAT_H
#define HOP_TESTS_WORLD_NAT_H

#include "base/random.h"
#include "packet.h"
#include "spec.h"

typedef struct nat nat;

typedef enum nat_verdict {
    NAT_PASS, /* rewritten in place; goes on in its direction */
    NAT_BACK, /* hairpin: rewritten, goes back to where it came from */
    NAT_DROP,
    NAT_REFUSE, /* not rewritten: answer it as the trait `stray` says, which is not to drop */
    NAT_RESET   /* not rewritten: answer it with an RST, whatever `stray` says */
} nat_verdict;

/* Why a packet was dropped or refused, for the transcript. */
typedef enum nat_why {
    NAT_WHY_NONE,
    NAT_WHY_STRANGER,
    NAT_WHY_NO_PORT,
    NAT_WHY_SIMOPEN,
    NAT_WHY_INVALID,
    NAT_WHY_BURNT
} nat_why;

/* public: its outer IPv4 address (family NONE: it translates nothing, only filters). An RST or an
 * ICMP error is never refused, only dropped. */
nat *nat_new(const spec_nat *traits, const hop_address *public, uint64_t seed);
void nat_free(nat *nat);
nat_verdict nat_out(nat *nat, int64_t now_us, packet *packet, nat_why *ret_why);
nat_verdict nat_in(nat *nat, int64_t now_us, packet *packet, nat_why *ret_why);
/* A reboot: everything is forgotten. */
void nat_forget(nat *nat);
/* Its owner asks for a port that lets everybody in, and gets his own if that is free. Family NONE:
 * it grants nothing; those that follow TCP as Linux does never do. Asked again it forgets the
 * first. */
hop_address nat_grant(nat *nat, const hop_address *inside);
/* The public endpoint of an inside one towards a remote one, now; family NONE: none. For tests. */
hop_address nat_mapped(const nat *nat, const hop_address *inside, const hop_address *remote);

#endif
