/* SPDX-License-Identifier: MIT */
/* Judging samples; see behaviour.h. */
#include "core/behaviour.h"

#include <string.h>

bool hop_behaviour_is_step(int delta) {
    return delta != 0 && delta >= -HOP_DELTA_MAX && delta <= HOP_DELTA_MAX;
}

static void keep(hop_behaviour *behaviour, const hop_sample *sample) {
    unsigned at = 0;
    while (at < behaviour->count &&
           !hop_address_equal(&behaviour->samples[at].server, &sample->server))
        at++;
    if (at == HOP_SAMPLES_MAX) at = 0;
    if (at < behaviour->count) {
        behaviour->count--;
        memmove(&behaviour->samples[at], &behaviour->samples[at + 1],
                (behaviour->count - at) * sizeof behaviour->samples[0]);
    }
    behaviour->samples[behaviour->count++] = *sample;
}

static bool is_own(const hop_address *mapped, const hop_candidate *hosts, unsigned host_count) {
    for (unsigned i = 0; i < host_count; i++)
        if (hop_address_equal(mapped, &hosts[i].address)) return true;
    return false;
}

/* The smallest step between two mappings that were made one right after the other; 0: they are no
 * steps, or there are no such two. Others behind the NAT can only make a step look larger. */
static int step_of(const hop_behaviour *behaviour) {
    int best = 0;
    for (unsigned i = 0; i < behaviour->count; i++) {
        for (unsigned j = 0; j < behaviour->count; j++) {
            const hop_sample *a = &behaviour->samples[i];
            const hop_sample *b = &behaviour->samples[j];
            bool next = a->order < b->order && b->dialled_us - a->dialled_us < HOP_SAMPLE_SPREAD_US;
            int step = (int)b->mapped.port - (int)a->mapped.port;
            if (!next || !hop_behaviour_is_step(step)) continue;
            if (best == 0 || (step < 0 ? -step : step) < (best < 0 ? -best : best)) best = step;
        }
    }
    return best;
}

static void judge_mapping(const hop_behaviour *behaviour, hop_nat *nat) {
    bool all_equal = true;
    bool equal_by_address = true;
    for (unsigned i = 0; i < behaviour->count; i++) {
        for (unsigned j = 0; j < i; j++) {
            const hop_sample *a = &behaviour->samples[i];
            const hop_sample *b = &behaviour->samples[j];
            bool equal = a->mapped.port == b->mapped.port;
            all_equal &= equal;
            if (hop_address_same_ip(&a->server, &b->server)) equal_by_address &= equal;
        }
    }
    int step = step_of(behaviour);
    if (behaviour->count < 2) return;
    if (all_equal)
        nat->mapping = HOP_NAT_INDEPENDENT;
    else if (step != 0)
        nat->mapping = HOP_NAT_SEQUENTIAL;
    else
        nat->mapping = equal_by_address ? HOP_NAT_DEPENDENT : HOP_NAT_RANDOM;
    nat->delta = (int16_t)(nat->mapping == HOP_NAT_SEQUENTIAL ? step : 0);
}

static hop_nat judge(const hop_behaviour *behaviour, const hop_candidate *hosts,
                     unsigned host_count) {
    hop_nat nat = {.preserving = true, .port_low = UINT16_MAX};
    bool own = true;
    for (unsigned i = 0; i < behaviour->count; i++) {
        const hop_sample *sample = &behaviour->samples[i];
        uint16_t port = sample->mapped.port;
        own &= is_own(&sample->mapped, hosts, host_count);
        nat.preserving &= port == sample->local_port;
        if (port < nat.port_low) nat.port_low = port;
        if (port > nat.port_high) nat.port_high = port;
    }
    if (own)
        nat.mapping = HOP_NAT_NONE;
    else
        judge_mapping(behaviour, &nat);
    return nat;
}

void hop_behaviour_add(hop_behaviour *behaviour, const hop_sample *sample,
                       const hop_candidate *hosts, unsigned host_count) {
    if (sample->mapped.family != HOP_FAMILY_IPV4) return;
    keep(behaviour, sample);
    behaviour->nat = judge(behaviour, hosts, host_count);
}
