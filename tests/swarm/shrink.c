/* SPDX-License-Identifier: MIT */
/* Making failing worlds small; see shrink.h. */
#include "shrink.h"

#include <string.h>

#include "base/limits.h"

#define TESTS_MAX 400

typedef struct shrinker {
    spec *plan;
    shrink_test *test;
    void *context;
    unsigned tests;
    unsigned taken;
} shrinker;

/* Keeps the smaller world if it fails as well. */
static bool offer(shrinker *work, const spec *smaller) {
    if (work->tests >= TESTS_MAX || memcmp(smaller, work->plan, sizeof *smaller) == 0) return false;
    work->tests++;
    if (!work->test(work->context, smaller)) return false;
    *work->plan = *smaller;
    work->taken++;
    return true;
}

static void drop_change(spec *plan, unsigned index) {
    plan->change_count--;
    memmove(&plan->changes[index], &plan->changes[index + 1],
            (plan->change_count - index) * sizeof plan->changes[0]);
    memset(&plan->changes[plan->change_count], 0, sizeof plan->changes[0]);
}

static bool speaks_of_host(const spec_change *change) {
    return change->kind >= SPEC_HOST_STOPS;
}

static void drop_host(spec *plan, unsigned index) {
    for (unsigned i = plan->change_count; i-- > 0;) {
        spec_change *change = &plan->changes[i];
        if (!speaks_of_host(change) || change->host < index) continue;
        if (change->host == index)
            drop_change(plan, i);
        else
            change->host--;
    }
    plan->host_count--;
    memmove(&plan->hosts[index], &plan->hosts[index + 1],
            (plan->host_count - index) * sizeof plan->hosts[0]);
    memset(&plan->hosts[plan->host_count], 0, sizeof plan->hosts[0]);
}

static void drop_things(shrinker *work) {
    for (unsigned i = work->plan->change_count; i-- > 0;) {
        spec smaller = *work->plan;
        drop_change(&smaller, i);
        offer(work, &smaller);
    }
    spec calmer = *work->plan;
    calmer.reset_ppm = 0;
    offer(work, &calmer);
    calmer = *work->plan;
    calmer.relay_off = false;
    offer(work, &calmer);
    for (unsigned i = work->plan->host_count; i-- > 0;) {
        spec smaller = *work->plan;
        drop_host(&smaller, i);
        offer(work, &smaller);
    }
}

static void plain_path(shrinker *work, unsigned i, unsigned j) {
    static const spec_path plain = {.delay_us = 25 * HOP_MS};
    spec smaller = *work->plan;
    smaller.paths[i][j] = smaller.paths[j][i] = plain;
    if (i == j || offer(work, &smaller)) return;
    smaller = *work->plan;
    smaller.paths[i][j].jitter_us = smaller.paths[j][i].jitter_us = 0;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.paths[i][j].loss_ppm = smaller.paths[j][i].loss_ppm = 0;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.paths[i][j].reorder_ppm = smaller.paths[j][i].reorder_ppm = 0;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.paths[i][j].rate_bps = smaller.paths[j][i].rate_bps = 0;
    offer(work, &smaller);
}

static void plain_paths(shrinker *work) {
    for (unsigned i = 0; i < SPEC_PLACES; i++)
        for (unsigned j = i + 1; j < SPEC_PLACES; j++)
            plain_path(work, i, j);
}

/* Its carrier's NAT stands before another site, too. */
static bool is_shared(const spec *plan, unsigned index) {
    for (unsigned i = 0; i < plan->site_count; i++)
        if (plan->sites[i].shared_carrier == (int)index) return true;
    return false;
}

/* From the plainest to the one that needs the most explaining. */
static void plain_site(shrinker *work, unsigned index) {
    static const char *const plainer[] = {"public", "eim-drop", "eim-rst", "preserving-rst"};
    spec smaller = *work->plan;
    smaller.sites[index].v6 = SPEC_V6_OFF;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.sites[index].shared_carrier = -1;
    offer(work, &smaller);
    if (is_shared(work->plan, index)) return;
    for (size_t i = 0; i < sizeof plainer / sizeof plainer[0]; i++) {
        char wrong[SPEC_WRONG_SIZE];
        smaller = *work->plan;
        if (strcmp(smaller.sites[index].nats[0].name, plainer[i]) == 0) return;
        if (spec_nat_read(plainer[i], &smaller.sites[index], wrong) && offer(work, &smaller))
            return;
    }
}

static void plain_host(shrinker *work, unsigned index) {
    spec smaller = *work->plan;
    smaller.hosts[index].start_us = 0;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.hosts[index].clock_off_us = 0;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.hosts[index].timeout_us = 0;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.hosts[index].relay = SPEC_RELAY_NEVER;
    offer(work, &smaller);
    smaller = *work->plan;
    smaller.hosts[index].no_lan = smaller.hosts[index].extra_interface = false;
    offer(work, &smaller);
}

unsigned shrink(spec *plan, shrink_test *test, void *context) {
    shrinker work = {.plan = plan, .test = test, .context = context};
    unsigned before;
    do {
        before = work.taken;
        drop_things(&work);
        for (unsigned i = 0; i < plan->site_count; i++)
            plain_site(&work, i);
        for (unsigned i = 0; i < plan->host_count; i++)
            plain_host(&work, i);
        plain_paths(&work);
    } while (work.taken > before && work.tests < TESTS_MAX);
    return work.taken;
}
