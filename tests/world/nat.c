/* SPDX-License-Identifier: MIT */
/*
 * The front door of a NAT: who decides about a parcel, errors about others' packets, and the way
 * back in (hairpin).
 */
#include "nat_inside.h"

#include <stdlib.h>
#include <string.h>

static nat_verdict error_out(nat *box, packet *parcel);
static nat_verdict error_in(nat *box, packet *parcel);
static nat_verdict decide(nat *box, packet *parcel, bool out, nat_why *ret_why);
static nat_verdict hairpin(nat *box, packet *parcel, nat_why *ret_why);

nat *nat_new(const spec_nat *traits, const hop_address *public, uint64_t seed) {
    nat *made = calloc(1, sizeof(*made));
    if (made == NULL) abort();
    made->traits = *traits;
    made->public = *public;
    made->public.port = 0;
    if (public->family == HOP_FAMILY_NONE) made->traits.none = true;
    made->random = hop_random_seeded(seed);
    made->table.free = NAT_NONE;
    made->foreign_us = -1;
    if (!made->traits.none) {
        uint32_t size = traits->high - traits->low + 1;
        made->next_port = (uint32_t)hop_random_between(&made->random, 0, size - 1);
        if (traits->ports == SPEC_PORTS_BLOCK)
            made->block = traits->step *
                          (uint32_t)hop_random_between(&made->random, 0, size / traits->step - 1);
    }
    return made;
}

void nat_free(nat *box) {
    if (box == NULL) return;
    nat_table_clear(&box->table);
    free(box->burnt);
    free(box);
}

void nat_forget(nat *box) {
    nat_table_clear(&box->table);
    box->burnt_count = 0;
    box->granted_public = (hop_address){0};
}

hop_address nat_grant(nat *box, const hop_address *inside) {
    hop_address public = box->public;
    public.port = inside->port;
    bool taken = nat_table_public(&box->table, box->now_us, &public, NULL) != NULL;
    if (box->traits.conntrack || box->traits.none || taken) return (hop_address){0};
    box->granted_inside = *inside;
    box->granted_public = public;
    return public;
}

nat_verdict nat_out(nat *box, int64_t now_us, packet *parcel, nat_why *ret_why) {
    box->now_us = now_us;
    *ret_why = NAT_WHY_NONE;
    bool ours = box->traits.none || parcel->source.family == HOP_FAMILY_IPV4;
    if (box->traits.open || !ours) return NAT_PASS;
    if (parcel->kind != PACKET_TCP) return error_out(box, parcel);
    bool back = !box->traits.none && hop_address_same_ip(&parcel->target, &box->public);
    if (back) return hairpin(box, parcel, ret_why);
    return decide(box, parcel, true, ret_why);
}

nat_verdict nat_in(nat *box, int64_t now_us, packet *parcel, nat_why *ret_why) {
    box->now_us = now_us;
    *ret_why = NAT_WHY_NONE;
    bool ours = box->traits.none || parcel->source.family == HOP_FAMILY_IPV4;
    if (box->traits.open || !ours) return NAT_PASS;
    if (!box->traits.none && !hop_address_same_ip(&parcel->target, &box->public)) return NAT_DROP;
    if (parcel->kind != PACKET_TCP) return error_in(box, parcel);
    return decide(box, parcel, false, ret_why);
}

hop_address nat_mapped(const nat *box, const hop_address *inside, const hop_address *remote) {
    const nat_entry *entry = nat_table_out(&box->table, box->now_us, inside, remote);
    return entry != NULL ? entry->public : (hop_address){0};
}

nat_verdict nat_refuse(const nat *box, const packet *parcel, nat_why why, nat_why *ret_why) {
    *ret_why = why;
    if (parcel->kind != PACKET_TCP || (parcel->flags & PACKET_RST) != 0) return NAT_DROP;
    return box->traits.stray == SPEC_STRAY_DROP ? NAT_DROP : NAT_REFUSE;
}

bool nat_begins(const packet *parcel) {
    return (parcel->flags & (PACKET_SYN | PACKET_ACK | PACKET_RST)) == PACKET_SYN;
}

static nat_verdict decide(nat *box, packet *parcel, bool out, nat_why *ret_why) {
    if (box->traits.conntrack)
        return out ? nat_conntrack_out(box, parcel, ret_why)
                   : nat_conntrack_in(box, parcel, ret_why);
    return out ? nat_user_out(box, parcel, ret_why) : nat_user_in(box, parcel, ret_why);
}

/* RFC 5382 REQ-8: out by one mapping and in by another. A Linux router that does not is itself the
 * one who is called, and nobody listens there. */
static nat_verdict hairpin(nat *box, packet *parcel, nat_why *ret_why) {
    if (!box->traits.hairpin && box->traits.conntrack) {
        *ret_why = NAT_WHY_STRANGER;
        return parcel->flags & PACKET_RST ? NAT_DROP : NAT_RESET;
    }
    if (!box->traits.hairpin) return nat_refuse(box, parcel, NAT_WHY_STRANGER, ret_why);
    hop_address source = parcel->source, target = parcel->target;
    nat_verdict verdict = decide(box, parcel, true, ret_why);
    if (verdict == NAT_PASS) verdict = decide(box, parcel, false, ret_why);
    if (verdict == NAT_PASS) return NAT_BACK;
    parcel->source = source;
    parcel->target = target;
    return verdict;
}

/* RFC 5508 REQ-3: an error belongs to the connection whose packet it quotes. */
static nat_verdict error_in(nat *box, packet *parcel) {
    const nat_entry *entry =
        nat_table_in(&box->table, box->now_us, &parcel->quoted_source, &parcel->quoted_target);
    if (entry == NULL) return NAT_DROP;
    parcel->target = entry->inside;
    parcel->target.port = 0;
    parcel->quoted_source = entry->inside;
    return NAT_PASS;
}

static nat_verdict error_out(nat *box, packet *parcel) {
    const nat_entry *entry =
        nat_table_out(&box->table, box->now_us, &parcel->quoted_target, &parcel->quoted_source);
    if (entry == NULL) return box->traits.none ? NAT_PASS : NAT_DROP;
    if (!box->traits.none) parcel->source = box->public;
    parcel->quoted_target = entry->public;
    return NAT_PASS;
}
