/* SPDX-License-Identifier: MIT */
/*
 * Which public port a connection gets. A NAT in user space gives a port to one inside endpoint
 * only; Linux lets two share a port while they call different remote endpoints.
 */
#include "nat_inside.h"

#include <stdlib.h>

#define TRIES 128 /* by chance, before all are looked at */

static bool is_free(const nat *box, const hop_address *public, const hop_address *remote);
static uint32_t wanted(nat *box, const hop_address *inside);
static uint32_t drawn(nat *box);
static bool has_second_choice(const nat *box);
static void let_others_take(nat *box);

bool nat_take_port(nat *box, const hop_address *inside, const hop_address *remote,
                   hop_address *ret_public) {
    hop_address public = box->public;
    const spec_nat *traits = &box->traits;
    bool linux_keeps = traits->conntrack && traits->ports != SPEC_PORTS_RANDOM;
    /* Linux gives an inside endpoint the port that it has already, where that is free. */
    const nat_entry *before =
        linux_keeps ? nat_table_mapping(&box->table, box->now_us, inside, NULL) : NULL;
    if (before != NULL && is_free(box, &before->public, remote)) {
        *ret_public = before->public;
        return true;
    }
    let_others_take(box);
    uint32_t size =
        traits->ports == SPEC_PORTS_BLOCK ? traits->step : traits->high - traits->low + 1;
    uint32_t base = traits->low + (traits->ports == SPEC_PORTS_BLOCK ? box->block : 0);
    public.port = (uint16_t)wanted(box, inside);
    bool found = is_free(box, &public, remote);
    if (!found && !has_second_choice(box)) return false;
    for (uint32_t i = 0; !found && i < TRIES; i++) {
        public.port = (uint16_t)drawn(box);
        found = is_free(box, &public, remote);
    }
    for (uint32_t i = 0; !found && i < size; i++) {
        public.port = (uint16_t)(base + (public.port - base + 1) % size);
        found = is_free(box, &public, remote);
    }
    if (found) *ret_public = public;
    return found;
}

void nat_burn(nat *box, const hop_address *public, const hop_address *remote) {
    if (box->traits.remap_us == 0) return;
    if (box->burnt == NULL) box->burnt = malloc(NAT_BURNT_MAX * sizeof(*box->burnt));
    if (box->burnt == NULL) abort();
    box->burnt[box->burnt_count++ % NAT_BURNT_MAX] =
        (nat_burnt){*public, *remote, box->now_us + box->traits.remap_us};
}

bool nat_is_burnt(const nat *box, const hop_address *public, const hop_address *remote) {
    unsigned count = box->burnt_count < NAT_BURNT_MAX ? box->burnt_count : NAT_BURNT_MAX;
    for (unsigned i = 0; i < count; i++) {
        const nat_burnt *burnt = &box->burnt[i];
        if (burnt->until_us > box->now_us && hop_address_equal(&burnt->public, public) &&
            hop_address_equal(&burnt->remote, remote))
            return true;
    }
    return false;
}

static bool is_free(const nat *box, const hop_address *public, const hop_address *remote) {
    if (public->port == 0) return false;
    if (box->traits.conntrack)
        return nat_table_in(&box->table, box->now_us, public, remote) == NULL;
    return !hop_address_equal(public, &box->granted_public) &&
           nat_table_public(&box->table, box->now_us, public, NULL) == NULL &&
           !nat_is_burnt(box, public, remote);
}

/* The port by the rule. */
static uint32_t wanted(nat *box, const hop_address *inside) {
    const spec_nat *traits = &box->traits;
    uint32_t size = traits->high - traits->low + 1;
    if (traits->ports == SPEC_PORTS_PRESERVE) return inside->port;
    if (traits->ports == SPEC_PORTS_OFFSET)
        return traits->low + (inside->port + traits->step) % size;
    if (traits->ports == SPEC_PORTS_XOR) /* an IPv6 address never comes here */
        return (inside->port ^ traits->step ^ (inside->ip[3] & 1 ? 0x400u : 0)) & 0xffff;
    return drawn(box);
}

/* What cannot be had as the rule says is taken at random, as real NATs do. */
static uint32_t drawn(nat *box) {
    const spec_nat *traits = &box->traits;
    uint32_t size = traits->high - traits->low + 1;
    if (traits->ports == SPEC_PORTS_BLOCK)
        return traits->low + box->block +
               (uint32_t)hop_random_between(&box->random, 0, traits->step - 1);
    if (traits->ports != SPEC_PORTS_SEQUENCE)
        return traits->low + (uint32_t)hop_random_between(&box->random, 0, size - 1);
    box->next_port = (box->next_port + traits->step) % size;
    return traits->low + box->next_port;
}

/* The lab's rules for Linux name one port (lab/kinds.py): where it is taken the SYN is lost. */
static bool has_second_choice(const nat *box) {
    return !box->traits.conntrack || box->traits.ports != SPEC_PORTS_XOR;
}

/* Other customers of the same NAT move the sequence on between our two looks at it. */
static void let_others_take(nat *box) {
    int64_t rate = box->traits.foreign_per_second;
    if (rate == 0 || box->traits.ports != SPEC_PORTS_SEQUENCE) return;
    if (box->foreign_us < 0) box->foreign_us = box->now_us;
    int64_t taken = (box->now_us - box->foreign_us) * rate / 1000000;
    box->foreign_us += taken * 1000000 / rate;
    uint32_t size = box->traits.high - box->traits.low + 1;
    box->next_port = (uint32_t)((box->next_port + (uint64_t)taken * box->traits.step) % size);
}
