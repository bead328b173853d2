/* SPDX-License-Identifier: MIT */
/*
 * Reading the wire's plan and routing by it; see plan.h. One statement a line:
 *
 *     seed NUMBER
 *     hops NUMBER
 *     port NAME INTERFACE IPV4/BITS IPV6/BITS
 *     path FROM TO DELAY_US LOSS_PPM RATE_BPS QUEUE_BYTES
 *     lose FROM TO 01...      which of the first frames of that path, below which it stands
 */
#include "plan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_line(struct hop_plan *plan, const char *line);
static bool read_port(struct hop_plan *plan, const char *line);
static bool read_path(struct hop_plan *plan, const char *line);
static bool read_lose(struct hop_plan *plan, const char *line);
static int find(const struct hop_plan *plan, const char *name);
static bool same_start(const uint8_t *a, const uint8_t *b, unsigned int bits);

bool hop_plan_read(struct hop_plan *ret_plan, const char *file) {
    FILE *stream = fopen(file, "re");
    if (stream == NULL) {
        fprintf(stderr, "%s: %s\n", file, strerror(errno));
        return false;
    }
    struct hop_plan plan = {.seed = 1, .hops = 1};
    char line[256];
    bool good = true;
    for (unsigned int number = 1; good && fgets(line, sizeof line, stream); number++) {
        good = read_line(&plan, line);
        if (!good) fprintf(stderr, "%s:%u: not understood: %s", file, number, line);
    }
    fclose(stream);
    if (good) *ret_plan = plan;
    return good;
}

int hop_plan_route(const struct hop_plan *plan, const struct hop_packet *packet) {
    uint8_t place4[4];
    for (size_t i = 0; i < plan->count; i++) {
        const struct hop_place *place = &plan->places[i];
        hop_packet_put32(place4, place->network4);
        if (packet->version == 4 && same_start(packet->ip + 16, place4, place->bits4))
            return (int)i;
        if (packet->version == 6 && same_start(packet->ip + 24, place->network6, place->bits6))
            return (int)i;
    }
    return -1;
}

bool hop_plan_private(uint32_t address) {
    return address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 ||
           address >> 22 == 0x64400000 >> 22;
}

static bool read_line(struct hop_plan *plan, const char *line) {
    if (line[0] == '\n' || line[0] == '#' || sscanf(line, "seed %" SCNu64, &plan->seed) == 1 ||
        sscanf(line, "hops %" SCNu8, &plan->hops) == 1)
        return true;
    return read_port(plan, line) || read_path(plan, line) || read_lose(plan, line);
}

static bool read_port(struct hop_plan *plan, const char *line) {
    struct hop_place place = {0};
    char four[16], six[40];
    if (plan->count == HOP_PLAN_PORTS ||
        sscanf(line, "port %15s %15s %15[^/]/%" SCNu8 " %39[^/]/%" SCNu8, place.name,
               place.interface, four, &place.bits4, six, &place.bits6) != 6)
        return false;
    struct in_addr address;
    if (inet_pton(AF_INET, four, &address) != 1 || inet_pton(AF_INET6, six, place.network6) != 1 ||
        place.bits4 > 32 || place.bits6 > 128)
        return false;
    place.network4 = ntohl(address.s_addr);
    plan->places[plan->count++] = place;
    return true;
}

static bool read_path(struct hop_plan *plan, const char *line) {
    struct hop_path path = {0};
    char from[16], to[16];
    if (sscanf(line, "path %15s %15s %" SCNu64 " %" SCNu32 " %" SCNu64 " %" SCNu64, from, to,
               &path.delay_us, &path.loss_ppm, &path.rate_bps, &path.queue_size) != 6)
        return false;
    int a = find(plan, from), b = find(plan, to);
    if (a < 0 || b < 0) return false;
    /* Each way has its own stream of chances, so that traffic elsewhere does not shift them. */
    path.random = plan->seed * 0x9e3779b97f4a7c15u + (uint64_t)(a * HOP_PLAN_PORTS + b + 1);
    plan->paths[a][b] = path;
    return true;
}

static bool read_lose(struct hop_plan *plan, const char *line) {
    char from[16], to[16], bits[65];
    if (sscanf(line, "lose %15s %15s %64[01]", from, to, bits) != 3) return false;
    int a = find(plan, from), b = find(plan, to);
    if (a < 0 || b < 0) return false;
    for (size_t i = 0; bits[i] != 0; i++)
        plan->paths[a][b].lose |= (uint64_t)(bits[i] == '1') << i;
    return true;
}

static int find(const struct hop_plan *plan, const char *name) {
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->places[i].name, name) == 0) return (int)i;
    return -1;
}

static bool same_start(const uint8_t *a, const uint8_t *b, unsigned int bits) {
    unsigned int whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0) return false;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}
