/* SPDX-License-Identifier: MIT */
/*
 * What the lab's NAT in user space does (lab/table.c, lab/translate.c): mappings and filters by
 * RFC 4787, sessions that a SYN begins and two FINs or any RST that fits the addresses ends.
 */
#include "nat_inside.h"

#define CLOSED_US INT64_C(10000000) /* a session lives so long after both FINs */

static nat_entry *open_entry(nat *box, const packet *parcel, nat_why *ret_why);
static nat_entry *open_from_outside(nat *box, const packet *parcel);
static hop_address key_of(const nat *box, const hop_address *remote);
static void touch(nat *box, nat_entry *entry, uint8_t flags, bool out);

nat_verdict nat_user_out(nat *box, packet *parcel, nat_why *ret_why) {
    nat_entry *entry = nat_table_out(&box->table, box->now_us, &parcel->source, &parcel->target);
    if (entry == NULL) {
        *ret_why = NAT_WHY_INVALID;
        if (nat_begins(parcel)) entry = open_entry(box, parcel, ret_why);
        if (entry == NULL) return NAT_DROP;
        *ret_why = NAT_WHY_NONE;
    }
    parcel->source = entry->public;
    touch(box, entry, parcel->flags, true);
    return NAT_PASS;
}

nat_verdict nat_user_in(nat *box, packet *parcel, nat_why *ret_why) {
    nat_entry *entry = nat_table_in(&box->table, box->now_us, &parcel->target, &parcel->source);
    if (entry == NULL && nat_begins(parcel)) {
        entry = open_from_outside(box, parcel);
        if (entry == NULL) {
            bool burnt = nat_is_burnt(box, &parcel->target, &parcel->source);
            nat_burn(box, &parcel->target, &parcel->source);
            return nat_refuse(box, parcel, burnt ? NAT_WHY_BURNT : NAT_WHY_STRANGER, ret_why);
        }
    }
    if (entry == NULL) return nat_refuse(box, parcel, NAT_WHY_STRANGER, ret_why);
    if (nat_begins(parcel) && entry->out && !entry->in && !box->traits.simopen) {
        *ret_why = NAT_WHY_SIMOPEN;
        return NAT_DROP;
    }
    parcel->target = entry->inside;
    touch(box, entry, parcel->flags, false);
    return NAT_PASS;
}

/* The mapping that is there, or a new one; one whose port is burnt for this remote is passed by. */
static nat_entry *open_entry(nat *box, const packet *parcel, nat_why *ret_why) {
    const hop_address *inside = &parcel->source, *remote = &parcel->target;
    nat_entry entry = {.inside = *inside, .remote = *remote, .key = key_of(box, remote)};
    const nat_entry *mapping = nat_table_mapping(&box->table, box->now_us, inside, &entry.key);
    bool burnt = mapping != NULL && nat_is_burnt(box, &mapping->public, remote);
    if (burnt) entry.key = *remote;
    unsigned quota = box->traits.quota;
    bool full = quota > 0 && nat_table_count(&box->table, box->now_us) >= quota;
    if (!full && mapping != NULL && !burnt)
        entry.public = mapping->public;
    else if (full || !nat_take_port(box, inside, remote, &entry.public)) {
        *ret_why = NAT_WHY_NO_PORT;
        return NULL;
    }
    entry.until_us = INT64_MAX;
    return nat_table_add(&box->table, box->now_us, &entry);
}

/* RFC 4787 section 5: who may call a mapped port. NULL: this one may not. */
static nat_entry *open_from_outside(nat *box, const packet *parcel) {
    if (hop_address_equal(&parcel->target, &box->granted_public)) {
        nat_entry granted = {.inside = box->granted_inside,
                             .remote = parcel->source,
                             .key = parcel->source,
                             .public = box->granted_public,
                             .until_us = INT64_MAX};
        return nat_table_add(&box->table, box->now_us, &granted);
    }
    if (box->traits.filter == SPEC_PORT) return NULL;
    const nat_entry *mapping =
        nat_table_public(&box->table, box->now_us, &parcel->target,
                         box->traits.filter == SPEC_ADDRESS ? &parcel->source : NULL);
    if (mapping == NULL) return NULL;
    nat_entry entry = {.inside = mapping->inside,
                       .remote = parcel->source,
                       .key = mapping->key,
                       .public = mapping->public,
                       .until_us = INT64_MAX};
    return nat_table_add(&box->table, box->now_us, &entry);
}

static hop_address key_of(const nat *box, const hop_address *remote) {
    if (box->traits.map == SPEC_NOTHING) return (hop_address){0};
    hop_address key = *remote;
    if (box->traits.map == SPEC_ADDRESS) key.port = 0;
    return key;
}

/* The entry may be gone afterwards. */
static void touch(nat *box, nat_entry *entry, uint8_t flags, bool out) {
    *(out ? &entry->out : &entry->in) = true;
    if (flags & PACKET_FIN) *(out ? &entry->out_fin : &entry->in_fin) = true;
    if ((flags & PACKET_RST) && box->traits.reset_kills) {
        nat_table_remove(&box->table, entry);
        return;
    }
    int64_t life_us = box->traits.syn_us;
    if (entry->out_fin && entry->in_fin)
        life_us = CLOSED_US;
    else if (entry->out && entry->in)
        life_us = box->traits.idle_us;
    entry->until_us = box->now_us + life_us;
}
