/* SPDX-License-Identifier: MIT */
/*
 * Which transitions the core's state machines take: all stories and some random worlds are run,
 * and each step of each core is looked at before and after (the program is linked with
 * --wrap=hop_core_step). It prints numbers, one transition a line: machine, from, to, kind of
 * input, each only once; states.py knows their names.
 *
 *     states FILE...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"

#include "spec_random.h"
#include "world.h"

#define SEEDS       600
#define CODES       64
#define SERVER      16 /* beside the kind of input: on the link to a server */
#define INPUTS      (2 * SERVER)
#define TEXT_SIZE   65536
#define CODE_LEFT   1 /* of a pair */
#define CODE_WAITS  2
#define CODE_LINKED 3

typedef enum machine_kind { LINK, ATTEMPT, CALLER, PAIR, MACHINES } machine_kind;

static bool taken[MACHINES][CODES][CODES][INPUTS];

void __real_hop_core_step(hop_core *core, int64_t now_us, const hop_input *input);
void __wrap_hop_core_step(hop_core *core, int64_t now_us, const hop_input *input);

/* A link's state; open ones by owner and phase. Those to a server are in the caller's machine. */
static unsigned link_code(const hop_link *link) {
    if (link->state == HOP_LINK_FREE || link->owner == HOP_LINK_CALLER) return HOP_LINK_FREE;
    if (link->state != HOP_LINK_OPEN) return (unsigned)link->state;
    return link->owner == HOP_LINK_LOBBY ? 24 : 16 + (unsigned)link->phase;
}

static unsigned attempt_code(const hop_attempt *attempt) {
    if (attempt->state == HOP_ATTEMPT_FREE) return HOP_ATTEMPT_FREE;
    return (unsigned)attempt->state + 8 * (attempt->nominated >= 0 ? 2u : attempt->authenticated);
}

static unsigned pair_code(const hop_core *core, const hop_attempt *attempt, unsigned index) {
    if (attempt->state == HOP_ATTEMPT_FREE || index >= attempt->pair_count) return 0;
    const hop_pair *pair = &attempt->pairs[index];
    if (pair->report.skip != HOP_SKIP_NONE) return CODE_LEFT;
    return pair->link < 0 ? CODE_WAITS : CODE_LINKED + (unsigned)core->links[pair->link].state;
}

/* What concerns a server's link is another cause than the same at a peer's. */
static unsigned cause_code(const hop_core *core, const hop_input *input) {
    bool links = input->kind == HOP_IN_CONNECTED || input->kind == HOP_IN_RECEIVED ||
                 input->kind == HOP_IN_ENDED;
    bool server = links && core->links[input->link].owner == HOP_LINK_CALLER;
    return (unsigned)input->kind + (server ? SERVER : 0);
}

static void note(machine_kind kind, unsigned from, unsigned to, unsigned cause) {
    if (from != to) taken[kind][from][to][cause] = true;
}

void __wrap_hop_core_step(hop_core *core, int64_t now_us, const hop_input *input) {
    unsigned links[HOP_LINKS_MAX], attempts[HOP_ATTEMPTS_MAX], callers[HOP_TICKET_SERVERS_MAX];
    unsigned pairs[HOP_ATTEMPTS_MAX][HOP_PAIRS_MAX];
    int numbers[HOP_ATTEMPTS_MAX];
    unsigned cause = cause_code(core, input);
    for (int i = 0; i < HOP_LINKS_MAX; i++)
        links[i] = link_code(&core->links[i]);
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        attempts[i] = attempt_code(&core->attempts[i]);
        numbers[i] = core->attempts[i].number;
        for (unsigned k = 0; k < HOP_PAIRS_MAX; k++)
            pairs[i][k] = pair_code(core, &core->attempts[i], k);
    }
    for (int i = 0; i < HOP_TICKET_SERVERS_MAX; i++)
        callers[i] = (unsigned)core->callers[i].state;
    __real_hop_core_step(core, now_us, input);
    for (int i = 0; i < HOP_LINKS_MAX; i++)
        note(LINK, links[i], link_code(&core->links[i]), cause);
    for (int i = 0; i < HOP_ATTEMPTS_MAX; i++) {
        if (numbers[i] != core->attempts[i].number && attempts[i] != HOP_ATTEMPT_FREE) continue;
        note(ATTEMPT, attempts[i], attempt_code(&core->attempts[i]), cause);
        for (unsigned k = 0; k < HOP_PAIRS_MAX; k++)
            note(PAIR, pairs[i][k], pair_code(core, &core->attempts[i], k), cause);
    }
    for (int i = 0; i < HOP_TICKET_SERVERS_MAX; i++)
        note(CALLER, callers[i], (unsigned)core->callers[i].state, cause);
}

static bool run_story(const char *path) {
    char *text = calloc(1, TEXT_SIZE);
    char wrong[SPEC_WRONG_SIZE] = "it cannot be read";
    spec *plan = malloc(sizeof *plan);
    world_result *result = malloc(sizeof *result);
    FILE *file = fopen(path, "r");
    if (text == NULL || plan == NULL || result == NULL) abort();
    bool good = file != NULL && fread(text, 1, TEXT_SIZE - 1, file) > 0;
    good = good && spec_read(text, plan, wrong);
    if (good)
        world_run(plan, &(world_options){.crypto = WORLD_TOY}, result);
    else
        fprintf(stderr, "%s: %s\n", path, wrong);
    if (file != NULL) fclose(file);
    free(result);
    free(plan);
    free(text);
    return good;
}

static void run_seeds(void) {
    static spec plan;
    static world_result result;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        spec_random(seed, &plan);
        world_run(&plan, &(world_options){.crypto = WORLD_TOY}, &result);
    }
}

int main(int count, char **words) {
    bool good = count > 1;
    for (int i = 1; i < count; i++)
        good &= run_story(words[i]);
    run_seeds();
    for (unsigned kind = 0; kind < MACHINES; kind++)
        for (unsigned from = 0; from < CODES; from++)
            for (unsigned to = 0; to < CODES; to++)
                for (unsigned input = 0; input < INPUTS; input++)
                    if (taken[kind][from][to][input])
                        printf("%u %u %u %u\n", kind, from, to, input);
    return good ? 0 : 1;
}
