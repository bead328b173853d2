/* SPDX-License-Identifier: MIT */
/*
 * The parts of a NAT among themselves: nat.c gives a packet to nat_user.c or nat_conntrack.c, both
 * take ports from nat_ports.c and keep entries in nat_table.c. Nobody else includes this.
 */
#ifndef HOP_TESTS_WORLD_NAT_INSIDE_H
#define HOP_TESTS_WORLD_NAT_INSIDE_H

#include "nat.h"
#include "nat_table.h"

#define NAT_BURNT_MAX 64

typedef struct nat_burnt {
    hop_address public;
    hop_address remote;
    int64_t until_us;
} nat_burnt;

struct nat {
    spec_nat traits;
    hop_address public;
    hop_random random;
    int64_t now_us;
    nat_table table;
    uint32_t next_port;                         /* of a sequence */
    uint32_t block;                             /* where the block begins, from low on */
    int64_t foreign_us;                         /* until when the others' ports are counted */
    hop_address granted_inside, granted_public; /* by PCP or the like; family NONE: nothing */
    nat_burnt *burnt;                           /* NAT_BURNT_MAX; NULL: none ever */
    unsigned burnt_count;
};

/* A verdict for what nobody inside has asked for. */
nat_verdict nat_refuse(const nat *box, const packet *parcel, nat_why why, nat_why *ret_why);
/* Does it begin a connection: a SYN alone? */
bool nat_begins(const packet *parcel);

/* A public endpoint for a new entry. False: there is none. */
bool nat_take_port(nat *box, const hop_address *inside, const hop_address *remote,
                   hop_address *ret_public);
void nat_burn(nat *box, const hop_address *public, const hop_address *remote);
bool nat_is_burnt(const nat *box, const hop_address *public, const hop_address *remote);

/* As the lab's NAT in user space, which looks at addresses and flags. */
nat_verdict nat_user_out(nat *box, packet *parcel, nat_why *ret_why);
nat_verdict nat_user_in(nat *box, packet *parcel, nat_why *ret_why);
/* As Linux, with or without translation. */
nat_verdict nat_conntrack_out(nat *box, packet *parcel, nat_why *ret_why);
nat_verdict nat_conntrack_in(nat *box, packet *parcel, nat_why *ret_why);

/* What the follower of TCP says of a packet that fits an entry. */
typedef enum nat_followed {
    NAT_FOLLOWED,
    NAT_FOLLOWED_END, /* the packet passes, the entry goes */
    NAT_INVALID,
    NAT_REOPENED /* the entry goes, and the packet is looked at anew */
} nat_followed;

enum { NAT_FLOW_NEW = 0 }; /* the state of an entry that has seen nothing yet */

/* False: such a packet begins nothing. */
bool nat_follow_begin(nat_entry *entry, const packet *parcel);
nat_followed nat_follow(const nat *box, nat_entry *entry, const packet *parcel, bool in);

#endif
