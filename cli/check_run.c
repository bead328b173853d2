/* SPDX-License-Identifier: MIT */
/*
 * The rounds of a check. Each ends when all of its questions are answered, or at its deadline; all
 * of them together take no more than ten seconds, but for --long.
 */
#include "cli/check_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drive/clock.h"
#include "drive/interfaces.h"
#include "secure/secure.h"

#define NAMES_US    (3 * HOP_S)
#define PROBES_US   (3 * HOP_S)
#define OTHERS_US   (1300 * HOP_MS) /* ... once one has: a lost SYN is repeated after 1 s */
#define ROUND_US    (2200 * HOP_MS) /* and four round trips: a server's dial takes 1.8 s at most */
#define MAPPING_US  (4500 * HOP_MS) /* since the beginning: routers are given 3.75 s */
#define SILENT_US   (1200 * HOP_MS) /* the system has repeated our SYN after 1 s */
#define LOOK_US     (100 * HOP_MS)  /* whether that is over */
#define LIFE_US     (3 * HOP_S)     /* a word that should have come */
#define CROSS_TRIES 2
#define STRAY_LOW   20000
#define STRAY_HIGH  59999
#define STRAY_FAR   64 /* ports between any that we know to be mapped and the one that is not */

static const unsigned life_steps_s[] = {5, 10, 20, 40, 60, 90, 120, 180, 240, 300};

static enum check_end resolve(struct check *check);
static void on_poller(void *owner);
static enum check_end rounds(struct check *check);
static bool wait_steps(struct check *check, int64_t until_us);
static bool wait_round(struct check *check);
static int64_t longest_rtt(const struct check *check);
static bool is_quiet(const struct check *check);
static bool ask_probes(struct check *check);
static void probe_all(struct check *check, unsigned index);
static void end_links(struct check *check, enum check_purpose purpose);
static void ask_strangers(struct check *check, unsigned index);
static void ask_cross(struct check *check, unsigned index);
static void begin_mapping(struct check *check);
static bool ask_mapped(struct check *check);
static bool ask_life(struct check *check);
static void settle(struct check *check);

enum check_end check_run(struct check *check, const struct check_options *options) {
    const hop_crypto *crypto = hop_secure_crypto();
    check->options = *options;
    check->begun_us = hop_clock_now_us();
    check->net.owner = check;
    check->net.on_message = check_on_message;
    check->net.on_change = check_on_change;
    check->net.on_poller = on_poller;
    uint64_t seed = 0;
    if (!crypto->random(crypto->context, (uint8_t *)&seed, sizeof seed)) return CHECK_BROKEN;
    check->random = hop_random_seeded(seed);
    if (!check_net_open(&check->net)) return CHECK_BROKEN;
    if (!check_net_keep_to(&check->net, options->interface))
        return errno == ENODEV ? CHECK_NO_INTERFACE : CHECK_BROKEN;
    hop_resolver_init(&check->resolver, &check->net.poller, options->use_ipv4, options->use_ipv6);
    enum check_end end = resolve(check);
    if (end == CHECK_DONE) end = rounds(check);
    settle(check);
    check->ended_us = hop_clock_now_us();
    return end;
}

struct check *check_new(void) {
    struct check *check = calloc(1, sizeof *check);
    if (check != NULL) check->net.signal_fd = check->net.poller.fd = -1;
    return check;
}

struct check *check_free(struct check *check) {
    check->portmap = hop_portmap_free(check->portmap);
    if (check->resolver.poller != NULL) hop_resolver_close(&check->resolver);
    check_net_close(&check->net);
    free(check);
    return NULL;
}

static enum check_end resolve(struct check *check) {
    const char *texts[] = {check->options.server, check->options.helper};
    unsigned count = check->options.helper != NULL ? 2 : 1;
    int64_t until_us = check->begun_us + NAMES_US;
    for (unsigned i = 0; i < count; i++) {
        hop_ticket_server name;
        if (!hop_ticket_server_parse(texts[i], strlen(texts[i]), &name)) return CHECK_NO_NAME;
        hop_resolver_ask(&check->resolver, i, &name);
    }
    for (;;) {
        hop_resolver_answer answer;
        hop_resolver_tick(&check->resolver);
        while (hop_resolver_next(&check->resolver, &answer)) {
            check->answers++;
            for (unsigned i = answer.count; i-- > 0;) { /* the first of each family is what stays */
                const hop_address *address = &answer.addresses[i];
                bool six = address->family == HOP_FAMILY_IPV6;
                struct check_family *family = &check->families[six ? CHECK_IPV6 : CHECK_IPV4];
                *(answer.server == 0 ? &family->server : &family->helper) = *address;
            }
        }
        if (check->answers == count) break;
        int64_t now_us = hop_clock_now_us(), wait_us = hop_resolver_wait_us(&check->resolver);
        if (now_us >= until_us) break;
        if (wait_us > until_us - now_us) wait_us = until_us - now_us;
        if (!check_net_wait(&check->net, now_us + wait_us)) return CHECK_INTERRUPTED;
    }
    bool known = check->families[CHECK_IPV4].server.family != HOP_FAMILY_NONE ||
                 check->families[CHECK_IPV6].server.family != HOP_FAMILY_NONE;
    return known ? CHECK_DONE : CHECK_NO_NAME;
}

static void on_poller(void *owner) {
    struct check *check = owner;
    hop_poller_ready ready[8];
    int count = hop_poller_ready_now(&check->net.poller, ready, 8);
    for (int i = 0; i < count; i++) {
        uint32_t number = hop_tag_number_of(ready[i].tag);
        if (hop_tag_kind_of(ready[i].tag) == HOP_TAG_RESOLVER)
            hop_resolver_process(&check->resolver, (int)number, ready[i].what);
        else
            hop_portmap_ready(check->portmap, number);
    }
}

static enum check_end rounds(struct check *check) {
    begin_mapping(check);
    if (!ask_probes(check)) return CHECK_INTERRUPTED;
    bool any = false;
    for (unsigned i = 0; i < CHECK_FAMILIES; i++)
        any |= check->families[i].facts.reached;
    if (!any) return CHECK_NO_SERVER;
    for (unsigned i = 0; i < CHECK_FAMILIES; i++)
        if (check->families[i].facts.reached) ask_strangers(check, i);
    if (!wait_round(check)) return CHECK_INTERRUPTED;
    /* Once more where it did not pass: the word of when it begins may have been late, and somebody
     * else may have taken the port that comes next. */
    for (unsigned tries = 0; tries < CROSS_TRIES; tries++) {
        settle(check);
        for (unsigned i = 0; i < CHECK_FAMILIES; i++)
            if (check->families[i].facts.reached) ask_cross(check, i);
        if (!wait_round(check)) return CHECK_INTERRUPTED;
    }
    if (!ask_mapped(check)) return CHECK_INTERRUPTED;
    if (check->options.take_long && !ask_life(check)) return CHECK_INTERRUPTED;
    return CHECK_DONE;
}

/* The router's answers are taken in whatever else is waited for. */
static void take_news(struct check *check) {
    hop_input news;
    hop_portmap_tick(check->portmap);
    while (hop_portmap_next(check->portmap, &news)) {
        hop_check_facts *facts = &check->families[CHECK_IPV4].facts;
        check->map_told = true;
        bool mapped = news.kind == HOP_IN_MAPPED;
        facts->map_protocol = mapped ? news.protocol : HOP_MAP_NONE;
        facts->map_trouble = mapped ? HOP_MAP_TROUBLE_NONE : news.trouble;
        facts->map_address = news.remote;
    }
}

/* False: we are asked to end. */
static bool wait_once(struct check *check, int64_t until_us) {
    take_news(check);
    int64_t mapping_us = hop_portmap_deadline(check->portmap);
    int64_t look_us = hop_clock_now_us() + LOOK_US;
    if (look_us < until_us) until_us = look_us;
    bool going = check_net_wait(&check->net, mapping_us < until_us ? mapping_us : until_us);
    take_news(check);
    return going;
}

static bool wait_steps(struct check *check, int64_t until_us) {
    while (!is_quiet(check) && hop_clock_now_us() < until_us)
        if (!wait_once(check, until_us)) return false;
    return true;
}

static bool wait_round(struct check *check) {
    return wait_steps(check, hop_clock_now_us() + ROUND_US + 4 * longest_rtt(check));
}

static bool is_quiet(const struct check *check) {
    int64_t silent_us = hop_clock_now_us() - SILENT_US;
    for (unsigned i = 0; i < check->step_count; i++) {
        const struct check_step *step = &check->steps[i];
        bool ours = step->purpose == CHECK_HAIR_OUT || step->purpose == CHECK_HOP;
        bool settled = step->over || step->purpose == CHECK_CROSS_OUT;
        if (ours && step->link->dialled_us < silent_us) settled = true;
        if (step->purpose == CHECK_HAIR_OUT && step->listener != NULL &&
            step->listener->accepted > 0)
            settled = true;
        if (!settled) return false;
    }
    return true;
}

/* The longest that is known; 0: none is. */
static int64_t longest_rtt(const struct check *check) {
    int64_t longest_us = 0;
    for (unsigned i = 0; i < CHECK_FAMILIES; i++)
        if (check->families[i].rtt_us > longest_us) longest_us = check->families[i].rtt_us;
    return longest_us;
}

/* Who has not answered long after the server itself has is not waited for. */
static bool ask_probes(struct check *check) {
    int64_t until_us = hop_clock_now_us() + PROBES_US;
    for (unsigned i = 0; i < CHECK_FAMILIES; i++)
        if (check->families[i].server.family != HOP_FAMILY_NONE) probe_all(check, i);
    while (!is_quiet(check) && hop_clock_now_us() < until_us) {
        int64_t others_us = hop_clock_now_us() + OTHERS_US + 4 * longest_rtt(check);
        if (longest_rtt(check) > 0 && others_us < until_us) until_us = others_us;
        if (!wait_once(check, until_us)) return false;
    }
    for (unsigned i = 0; i < check->step_count; i++)
        check->steps[i].over = true;
    end_links(check, CHECK_PROBE);
    return true;
}

static void probe(struct check *check, unsigned index, const hop_address *server,
                  struct check_link *listener) {
    struct check_family *family = &check->families[index];
    struct check_step *step = check_begin(check, CHECK_PROBE, index, server, listener);
    if (step != NULL) step->number = family->order++;
}

/* In one moment, so that neighbouring mappings tell a sequence: the server, its next port (where
 * `hopconn serve` listens, too), and the same of the helper. */
static void probe_all(struct check *check, unsigned index) {
    struct check_family *family = &check->families[index];
    struct check_link *listener = check_net_listen(&check->net, family->server.family);
    hop_address servers[2] = {family->server, family->helper};
    if (listener == NULL) return;
    family->port = listener->local_port;
    hop_interfaces_wish wish = {family->port, index == CHECK_IPV4, index == CHECK_IPV6,
                                check_net_interface(&check->net)};
    hop_interfaces_list(&wish, &family->own);
    for (unsigned i = 0; i < 2; i++) {
        if (servers[i].family == HOP_FAMILY_NONE) continue;
        probe(check, index, &servers[i], listener);
        if (servers[i].port == UINT16_MAX) continue;
        servers[i].port++;
        probe(check, index, &servers[i], listener);
    }
}

static void end_links(struct check *check, enum check_purpose purpose) {
    for (unsigned i = 0; i < check->step_count; i++)
        if (check->steps[i].purpose == purpose) check_net_end(check->steps[i].link);
}

static uint16_t draw_stray_port(struct check *check, const hop_nat *nat) {
    uint64_t port;
    do
        port = hop_random_between(&check->random, STRAY_LOW, STRAY_HIGH);
    while (port + STRAY_FAR > nat->port_low && port < nat->port_high + (uint64_t)STRAY_FAR);
    return (uint16_t)port;
}

/* Each from a port of its own, so that no question opens the NAT for another one. */
static void ask_strangers(struct check *check, unsigned index) {
    struct check_family *family = &check->families[index];
    uint8_t ip = family->server.family;
    hop_nat nat = family->facts.nat;
    if (nat.port_low > nat.port_high ||
        nat.port_high - nat.port_low > STRAY_HIGH - STRAY_LOW - 1000)
        nat.port_low = nat.port_high = 0;
    struct check_link *one = check_net_listen(&check->net, ip);
    struct check_link *two = check_net_listen(&check->net, ip);
    if (one != NULL) check_begin(check, CHECK_PORT, index, &family->server, one);
    if (two != NULL) check_begin(check, CHECK_HOST, index, &family->server, two);
    struct check_step *stray = check_begin(check, CHECK_STRAY, index, &family->server, NULL);
    if (stray != NULL) stray->port = draw_stray_port(check, &nat);
    if (index != CHECK_IPV4 || family->facts.own) return;
    struct check_link *three = check_net_listen(&check->net, ip);
    if (three != NULL) check_begin(check, CHECK_HAIR, index, &family->server, three);
    for (unsigned i = 0; i < HOP_CHECK_HOPS; i++)
        check_begin(check, CHECK_HOP, index, &family->server, NULL);
}

static void ask_cross(struct check *check, unsigned index) {
    struct check_family *family = &check->families[index];
    bool passed = family->facts.cross.outcome == HOP_DIALBACK_CONNECTED;
    if (passed || family->refuses || family->busy) return;
    if (family->facts.nat.mapping == HOP_NAT_RANDOM) return;
    struct check_link *listener = check_net_listen(&check->net, family->server.family);
    if (listener != NULL) check_begin(check, CHECK_CROSS, index, &family->server, listener);
}

/* Only where there may be a router between us and the server. */
static void begin_mapping(struct check *check) {
    const hop_address *server = &check->families[CHECK_IPV4].server;
    bool near =
        server->family == HOP_FAMILY_NONE || hop_address_scope(server) == HOP_SCOPE_LOOPBACK;
    if (!check->options.use_portmap || near) return;
    check->portmap_listener = check_net_listen(&check->net, HOP_FAMILY_IPV4);
    if (check->portmap_listener == NULL) return;
    check->portmap =
        hop_portmap_new(&check->net.poller, hop_secure_crypto(),
                        check->portmap_listener->local_port, check_net_interface(&check->net));
}

/* Does the mapping do what the router says? */
static bool ask_mapped(struct check *check) {
    struct check_family *family = &check->families[CHECK_IPV4];
    while (check->portmap != NULL && !check->map_told &&
           hop_clock_now_us() < check->begun_us + MAPPING_US)
        if (!wait_once(check, check->begun_us + MAPPING_US)) return false;
    if (family->facts.map_protocol == HOP_MAP_NONE || !family->facts.reached || family->refuses)
        return true;
    struct check_step *step = check_begin(check, CHECK_MAPPED, CHECK_IPV4, &family->server, NULL);
    if (step != NULL) step->port = family->facts.map_address.port;
    return wait_round(check);
}

/* All at once, each on a connection of its own that says nothing meanwhile. What is silent too long
 * ends it: longer ones would be silent, too. */
static bool ask_life(struct check *check) {
    unsigned index = check->families[CHECK_IPV4].facts.reached ? CHECK_IPV4 : CHECK_IPV6;
    struct check_family *family = &check->families[index];
    unsigned first = check->step_count;
    if (family->refuses) return true;
    for (size_t i = 0; i < sizeof life_steps_s / sizeof life_steps_s[0]; i++) {
        struct check_step *step = check_begin(check, CHECK_LIFE, index, &family->server, NULL);
        if (step != NULL) step->number = life_steps_s[i];
    }
    for (unsigned i = first; i < check->step_count; i++) {
        struct check_step *step = &check->steps[i];
        int64_t until_us = step->link->dialled_us + step->number * HOP_S + LIFE_US;
        while (!step->over && hop_clock_now_us() < until_us)
            if (!wait_once(check, until_us)) return false;
        if (step->refused != 0 || step->asked_us == 0) continue;
        hop_check_lived(&check->life, step->number, step->dial.outcome == HOP_DIALBACK_WAITED);
        if (step->dial.outcome != HOP_DIALBACK_WAITED) break;
    }
    return true;
}

static void take_step(struct check *check, const struct check_step *step) {
    hop_check_facts *facts = &check->families[step->family].facts;
    switch (step->purpose) {
    case CHECK_PORT: facts->port = step->dial; break;
    case CHECK_HOST: facts->host = step->dial; break;
    case CHECK_STRAY: facts->stray = step->dial; break;
    case CHECK_CROSS:
        if (facts->cross.outcome != HOP_DIALBACK_CONNECTED) facts->cross = step->dial;
        break;
    case CHECK_MAPPED: facts->map_dial = step->dial; break;
    case CHECK_HOP: facts->hops[(step->number - 1) % HOP_CHECK_HOPS] = step->link->router; break;
    case CHECK_HAIR_OUT:
        /* What came in is our own dial: we have told nobody else of that port. Whether the dial
         * itself was seen to open is no matter: we reset it from the other end. */
        facts->hairpin =
            step->listener != NULL && step->listener->accepted > 0 ? HOP_CHECK_YES : HOP_CHECK_NO;
        break;
    case CHECK_PROBE:
    case CHECK_HELP:
    case CHECK_HAIR:
    case CHECK_CROSS_OUT:
    case CHECK_LIFE: break;
    }
}

/* What was not answered in its round is over, and unknown. */
static void settle(struct check *check) {
    for (unsigned i = 0; i < check->step_count; i++) {
        check->steps[i].over = true;
        take_step(check, &check->steps[i]);
        check_net_end(check->steps[i].link);
    }
    for (unsigned i = 0; i < CHECK_FAMILIES; i++)
        hop_check_judge(&check->families[i].facts, &check->families[i].findings);
}
