/* SPDX-License-Identifier: MIT */
/*
 * What Linux does with a packet of a translated or watched connection: nf_conntrack finds the entry
 * or makes one, nf_nat gives it a port, and the lab's filter lets in what is established only. What
 * the packet does to its entry is in nat_follow.c.
 */
#include "nat_inside.h"

static nat_entry *begin(nat *box, const packet *parcel, nat_why *ret_why);
static bool follow(nat *box, nat_entry **entry, const packet *parcel, bool in, nat_entry *ret_copy);

nat_verdict nat_conntrack_out(nat *box, packet *parcel, nat_why *ret_why) {
    bool none = box->traits.none;
    nat_entry followed;
    nat_entry *entry = nat_table_out(&box->table, box->now_us, &parcel->source, &parcel->target);
    bool good = entry != NULL && follow(box, &entry, parcel, false, &followed);
    if (!good && entry == NULL) {
        entry = begin(box, parcel, ret_why);
        good = entry != NULL && follow(box, &entry, parcel, false, &followed);
    }
    if (!good && *ret_why != NAT_WHY_NO_PORT) *ret_why = NAT_WHY_INVALID;
    /* It would go out with its private source; where nothing is translated nothing is private. */
    if (!good) return none && *ret_why == NAT_WHY_INVALID ? NAT_PASS : NAT_DROP;
    *ret_why = NAT_WHY_NONE;
    parcel->source = followed.public;
    return NAT_PASS;
}

nat_verdict nat_conntrack_in(nat *box, packet *parcel, nat_why *ret_why) {
    nat_entry followed;
    nat_entry *entry = nat_table_in(&box->table, box->now_us, &parcel->target, &parcel->source);
    bool good = entry != NULL && follow(box, &entry, parcel, true, &followed);
    if (!good)
        return nat_refuse(box, parcel, entry == NULL ? NAT_WHY_STRANGER : NAT_WHY_INVALID, ret_why);
    parcel->target = followed.inside;
    return NAT_PASS;
}

/* A new entry; also for a connection in its midst, which Linux picks up. */
static nat_entry *begin(nat *box, const packet *parcel, nat_why *ret_why) {
    nat_entry entry = {.inside = parcel->source,
                       .remote = parcel->target,
                       .public = parcel->source,
                       .until_us = box->now_us + box->traits.syn_us};
    if (!nat_follow_begin(&entry, parcel)) return NULL;
    unsigned quota = box->traits.quota;
    bool full = quota > 0 && nat_table_count(&box->table, box->now_us) >= quota;
    if (full || (!box->traits.none &&
                 !nat_take_port(box, &parcel->source, &parcel->target, &entry.public))) {
        *ret_why = NAT_WHY_NO_PORT;
        return NULL;
    }
    return nat_table_add(&box->table, box->now_us, &entry);
}

/* False: invalid, or with *entry NULL: it is to be looked at as if nothing had been. ret_copy is
 * the entry, which may be gone. */
static bool follow(nat *box, nat_entry **entry, const packet *parcel, bool in,
                   nat_entry *ret_copy) {
    *ret_copy = **entry;
    nat_followed followed = nat_follow(box, *entry, parcel, in);
    if (followed == NAT_FOLLOWED && in) (*entry)->seen_reply = true;
    if (followed == NAT_FOLLOWED || followed == NAT_INVALID) return followed == NAT_FOLLOWED;
    nat_table_remove(&box->table, *entry);
    *entry = NULL;
    return followed == NAT_FOLLOWED_END;
}
