/* SPDX-License-Identifier: MIT */
/*
 * A world as text: only what differs from the defaults.
 */
#include "spec_inside.h"

#include <inttypes.h>
#include <string.h>

typedef struct page {
    char *text;
    size_t size;
    size_t length;
} page;

#define PUT(out, ...) spec_append((out)->text, (out)->size, &(out)->length, __VA_ARGS__)

static void put_number(page *out, const char *before, int64_t value, unsigned digits);
static void put_site(page *out, const spec *world, unsigned index);
static bool put_nat(page *out, const spec_nat *nat);
static void put_paths(page *out, const spec *world);
static void put_path(page *out, const spec_path *path, const spec_path *usual);
static void put_host(page *out, const spec *world, const spec_host *host);
static void put_change(page *out, const spec *world, const spec_change *change);
static void put_mask(page *out, uint64_t mask);
static const char *place_name(const spec *world, unsigned place);

size_t spec_print(const spec *world, char *text, size_t size) {
    page out = {.text = text, .size = size};
    spec usual;
    spec_init(&usual);
    if (size > 0) text[0] = 0;
    if (world->title[0] != 0) PUT(&out, "# %s\n", world->title);
    if (world->seed != usual.seed) PUT(&out, "seed %" PRIu64 "\n", world->seed);
    if (world->until_us != usual.until_us) {
        put_number(&out, "until ", world->until_us, 3);
        PUT(&out, "\n");
    }
    if (world->backlog != usual.backlog) PUT(&out, "backlog %u\n", world->backlog);
    if (world->reset_ppm != usual.reset_ppm) {
        put_number(&out, "resets ", world->reset_ppm, 4);
        PUT(&out, "%%\n");
    }
    if (!world->server) PUT(&out, "no server\n");
    if (world->relay_off) PUT(&out, "relay off\n");
    if (world->dead_server) PUT(&out, "dead server\n");
    for (unsigned i = 0; i < world->site_count; i++)
        put_site(&out, world, i);
    put_paths(&out, world);
    for (unsigned i = 0; i < world->host_count; i++)
        put_host(&out, world, &world->hosts[i]);
    for (unsigned i = 0; i < world->change_count; i++)
        put_change(&out, world, &world->changes[i]);
    return out.length;
}

static void put_number(page *out, const char *before, int64_t value, unsigned digits) {
    char number[32];
    spec_number_print(value, digits, number);
    PUT(out, "%s%s", before, number);
}

static void put_site(page *out, const spec *world, unsigned index) {
    const spec_site *site = &world->sites[index];
    PUT(out, "site %s: ", site->name);
    size_t start = out->length;
    bool usual = true;
    for (unsigned i = 0; i < site->nat_count; i++) {
        if (i == 1 && site->shared_carrier >= 0) {
            PUT(out, ", behind carrier of %s", world->sites[site->shared_carrier].name);
            usual = false;
            break;
        }
        if (i == 1) PUT(out, ", behind ");
        usual &= put_nat(out, &site->nats[i]);
    }
    if (site->nat_count == 0) PUT(out, "public");
    const spec_kind *carrier = spec_kind_find("carrier");
    if (usual && site->nat_count == 2 && strcmp(site->nats[0].name, carrier->nats[0]) == 0 &&
        strcmp(site->nats[1].name, carrier->nats[1]) == 0) {
        out->length = start;
        PUT(out, "%s", carrier->name);
    }
    if (site->v6 != SPEC_V6_OFF) PUT(out, ", v6=%s", spec_v6_words[site->v6]);
    if (site->lan != index + 1) PUT(out, ", lan=%u", site->lan);
    PUT(out, "\n");
}

/* True: it is just as its kind is. */
static bool put_nat(page *out, const spec_nat *nat) {
    const spec_kind *kind = spec_kind_find(nat->name);
    bool usual = true;
    PUT(out, "%s", nat->name);
    for (unsigned i = 0; spec_traits[i].name != NULL && kind != NULL; i++) {
        char text[64];
        if (spec_trait_print(&spec_traits[i], nat, &kind->nat, text, sizeof(text)) == 0) continue;
        PUT(out, ", %s", text);
        usual = false;
    }
    return usual;
}

/* One line for all where they are alike, one for both ways where those are. */
static void put_paths(page *out, const spec *world) {
    spec usual;
    spec_init(&usual);
    unsigned places[SPEC_PLACES];
    for (unsigned i = 0; i < world->site_count; i++)
        places[i] = i;
    places[world->site_count] = SPEC_SERVER;
    unsigned count = world->site_count + 1;
    const spec_path *all = &world->paths[places[0]][places[count - 1]];
    for (unsigned i = 0; i < count * count; i++) {
        unsigned one = places[i / count], other = places[i % count];
        if (one != other && !spec_path_equal(&world->paths[one][other], all)) all = NULL;
        if (all == NULL || count < 3) break;
    }
    if (count < 3 || (all != NULL && spec_path_equal(all, &usual.paths[0][1]))) all = NULL;
    if (all != NULL) {
        PUT(out, "path all: ");
        put_path(out, all, &usual.paths[0][1]);
        PUT(out, "\n");
    }
    for (unsigned i = 0; i < count * count; i++) {
        unsigned one = places[i / count], other = places[i % count];
        const spec_path *path = &world->paths[one][other];
        bool alike = spec_path_equal(path, &world->paths[other][one]);
        if ((all != NULL && one != other) || (alike && one > other) ||
            spec_path_equal(path, &usual.paths[one][other]))
            continue;
        PUT(out, "path %s%s%s: ", place_name(world, one), alike ? "-" : ">",
            place_name(world, other));
        put_path(out, path, &usual.paths[one][other]);
        PUT(out, "\n");
    }
}

static void put_path(page *out, const spec_path *path, const spec_path *usual) {
    size_t start = out->length;
    const char *comma = "";
#define ITEM(field, word, digits, unit)                                                            \
    if (path->field != usual->field) {                                                             \
        PUT(out, "%s", comma);                                                                     \
        put_number(out, word " ", (int64_t)path->field, digits);                                   \
        PUT(out, "%s", unit);                                                                      \
        comma = ", ";                                                                              \
    }
    ITEM(delay_us, "delay", 3, "")
    ITEM(jitter_us, "jitter", 3, "")
    ITEM(loss_ppm, "loss", 4, "%")
    ITEM(reorder_ppm, "reorder", 4, "%")
    ITEM(rate_bps, "rate", 6, "")
#undef ITEM
    if (path->black != usual->black) PUT(out, "%s%s", comma, path->black ? "black" : "not black");
    if (out->length == start) PUT(out, "as before");
}

static void put_host(page *out, const spec *world, const spec_host *host) {
    PUT(out, "%s at %s: %s", host->name, world->sites[host->site].name,
        spec_role_words[host->role]);
    if (host->ticket != 0) PUT(out, ", ticket %u", host->ticket);
    if (host->start_us != 0) put_number(out, ", after ", host->start_us, 3);
    if (host->clock_off_us != 0) put_number(out, ", clock ", host->clock_off_us, 3);
    if (host->timeout_us != 0) put_number(out, ", timeout ", host->timeout_us, 3);
    if (host->seed != 0) PUT(out, ", seed %" PRIu64, host->seed);
    if (host->relay != SPEC_RELAY_NEVER) PUT(out, ", relay %s", spec_relay_words[host->relay]);
    PUT(out, "%s%s%s\n", host->no_lan ? ", no lan" : "", host->extra_interface ? ", docker" : "",
        host->quiet ? ", quiet" : "");
}

static void put_change(page *out, const spec *world, const spec_change *change) {
    put_number(out, "at ", change->at_us, 3);
    PUT(out, ": ");
    const char *from = place_name(world, change->place);
    const char *to = place_name(world, change->other);
    if (change->kind == SPEC_PATH_CHANGES) {
        PUT(out, "path %s%s%s: ", from, change->one_way ? ">" : "-", to);
        put_path(out, &change->path, &world->paths[change->place][change->other]);
    } else if (change->kind == SPEC_LOSE) {
        PUT(out, "lose %s>%s ", from, to);
        put_mask(out, change->mask);
    } else if (change->kind == SPEC_SERVER_SLOW) {
        put_number(out, "server answers after ", change->value_us, 3);
    }
    for (const spec_deed *deed = spec_deeds; deed->before != NULL; deed++) {
        if (deed->kind != change->kind) continue;
        const char *who = deed->subject == SPEC_OF_HOST  ? world->hosts[change->host].name
                          : deed->subject == SPEC_OF_NAT ? from
                                                         : "";
        PUT(out, "%s%s%s", deed->before, who, deed->after);
    }
    for (const spec_roaming *way = spec_roamings; way->words != NULL; way++) {
        if (way->kind != change->kind) continue;
        PUT(out, "%s%s", world->hosts[change->host].name, way->words);
        if (change->kind == SPEC_MOVES)
            PUT(out, "%s", from);
        else
            put_number(out, "", change->value_us, 3);
    }
    PUT(out, "\n");
}

/* The first packet stands first. */
static void put_mask(page *out, uint64_t mask) {
    do {
        PUT(out, "%u", (unsigned)(mask & 1));
        mask >>= 1;
    } while (mask != 0);
}

static const char *place_name(const spec *world, unsigned place) {
    return place == SPEC_SERVER ? "server" : world->sites[place].name;
}
