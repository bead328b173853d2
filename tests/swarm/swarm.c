/* SPDX-License-Identifier: MIT */
/*
 * Many seeded worlds, each judged: swarm SEED [COUNT] runs COUNT worlds from that seed on and
 * prints what failed, each with the one command that replays it; swarm --replay SEED prints the
 * whole story of one, then the smallest world that fails in the same way. The same seed is the same
 * world on every machine.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oracle.h"
#include "shrink.h"
#include "world/spec_random.h"

#define WRONG_SIZE 128
#define FAILED_MAX 20 /* then it is clear that something is broken */
#define TEXT_SIZE  8192

typedef struct tally {
    uint64_t worlds;
    uint64_t attempts; /* by either side counted once: a connector's, or a pair by hand */
    uint64_t established;
    uint64_t failed;
    uint64_t wrong;
    uint64_t steps;
    uint64_t packets;
} tally;

static bool fails(const spec *plan, char *ret_wrong) {
    world_result result;
    world_options options = {.crypto = WORLD_TOY};
    world_run(plan, &options, &result);
    return !oracle_judge(plan, &result, ret_wrong);
}

/* Names differ after hosts were taken away; the words after the name do not. */
static const char *gist(const char *wrong) {
    const char *space = strchr(wrong, ' ');
    return space == NULL ? wrong : space;
}

static bool fails_alike(void *context, const spec *plan) {
    char wrong[WRONG_SIZE];
    return fails(plan, wrong) && strcmp(gist(wrong), gist(context)) == 0;
}

static void print_spec(const spec *plan) {
    char text[TEXT_SIZE];
    spec_print(plan, text, sizeof text);
    fputs(text, stdout);
}

static void print_line(void *context, int64_t at_us, const char *who, const char *line) {
    (void)context;
    printf("[%8.1f ms] %-14s %s\n", (double)at_us / HOP_MS, who, line);
}

static void tell(const spec *plan) {
    world_result result;
    world_options options = {.crypto = WORLD_TOY, .tell = print_line};
    print_spec(plan);
    puts("expect");
    world_run(plan, &options, &result);
}

/* FNV-1a over every line of every story. */
static void digest_line(void *context, int64_t at_us, const char *who, const char *line) {
    char text[2048];
    uint64_t *hash = context;
    int length = snprintf(text, sizeof text, "%" PRId64 " %s %s\n", at_us, who, line);
    for (int i = 0; i < length && i < (int)sizeof text - 1; i++)
        *hash = (*hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
}

/* One number for all stories of so many worlds: the same from every compiler. */
static int digest(uint64_t seed, uint64_t worlds) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint64_t i = 0; i < worlds; i++) {
        spec world;
        world_result result;
        world_options options = {.crypto = WORLD_TOY, .tell = digest_line, .context = &hash};
        spec_random(seed + i, &world);
        world_run(&world, &options, &result);
    }
    printf("%016" PRIx64 "\n", hash);
    return 0;
}

static int replay(uint64_t seed) {
    spec world;
    char wrong[WRONG_SIZE];
    spec_random(seed, &world);
    tell(&world);
    if (!fails(&world, wrong)) {
        printf("# all as it must be\n");
        return 0;
    }
    printf("# wrong: %s\n", wrong);
    unsigned taken = shrink(&world, fails_alike, wrong);
    printf("# the same, made smaller %u times:\n", taken);
    tell(&world);
    printf("# wrong: %s\n", wrong);
    return 1;
}

static void count(tally *sum, const spec *plan, const world_result *result) {
    sum->worlds++;
    sum->steps += result->steps;
    sum->packets += result->packets;
    for (unsigned i = 0; i < result->end_count; i++) {
        const world_end *end = &result->ends[i];
        if (plan->hosts[end->host].role == SPEC_LISTENS) continue;
        sum->attempts++;
        if (end->established)
            sum->established++;
        else
            sum->failed++;
    }
}

static void run_one(tally *sum, uint64_t seed, const char *program) {
    static world_result result;
    spec world;
    char wrong[WRONG_SIZE];
    world_options options = {.crypto = WORLD_TOY};
    spec_random(seed, &world);
    world_run(&world, &options, &result);
    count(sum, &world, &result);
    if (oracle_judge(&world, &result, wrong)) return;
    sum->wrong++;
    printf("seed %" PRIu64 ": %s\n    %s --replay %" PRIu64 "\n", seed, wrong, program, seed);
}

static int swarm(uint64_t seed, uint64_t attempts, const char *program) {
    tally sum = {0};
    clock_t before = clock();
    for (uint64_t i = 0; sum.attempts < attempts && sum.wrong < FAILED_MAX; i++)
        run_one(&sum, seed + i, program);
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    printf("# seed %" PRIu64 ": %" PRIu64 " worlds, %" PRIu64 " attempts: %" PRIu64
           " established, %" PRIu64 " failed with a reason, %" PRIu64 " wrong; %" PRIu64
           " steps, %" PRIu64 " packets; %.0f attempts a minute of CPU\n",
           seed, sum.worlds, sum.attempts, sum.established, sum.failed, sum.wrong, sum.steps,
           sum.packets, (double)sum.attempts * 60 / (seconds > 0 ? seconds : 1));
    printf(sum.wrong == 0 ? "ok %" PRIu64 " attempts from seed %" PRIu64 "\n"
                          : "not ok %" PRIu64 " attempts from seed %" PRIu64 "\n",
           sum.attempts, seed);
    return sum.wrong == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--replay") == 0) return replay(strtoull(argv[2], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "--digest") == 0)
        return digest(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    if (argc < 2 || argv[1][0] < '0' || argv[1][0] > '9') {
        fprintf(stderr, "usage: swarm SEED [ATTEMPTS] | --replay SEED | --digest SEED WORLDS\n");
        return 2;
    }
    uint64_t attempts = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000;
    return swarm(strtoull(argv[1], NULL, 10), attempts, argv[0]);
}
