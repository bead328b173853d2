/* SPDX-License-Identifier: MIT */
/*
 * One NAT of the world by hand, for comparing it with a real one: reads lines, writes what becomes
 * of each packet.
 *
 *     kind preserving-drop           a new NAT
 *     MS out|in FLAGS SEQ ACK SIZE HOST REMOTE      -> "pass" or "drop", "refuse", "reset"
 *
 * FLAGS is of the letters S, A, F, R; HOST and REMOTE are the ports of the one host inside and of
 * the one outside. Inwards the public port is the one that the pair has, else the host's own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "nat.h"

static const hop_address inside = {HOP_FAMILY_IPV4, {192, 168, 1, 10}, 0};
static const hop_address public = {HOP_FAMILY_IPV4, {198, 51, 100, 17}, 0};
static const hop_address remote = {HOP_FAMILY_IPV4, {198, 51, 100, 34}, 0};

static nat *make(const char *kind) {
    spec_site site = {.lan = 1};
    char wrong[SPEC_WRONG_SIZE];
    if (spec_nat_read(kind, &site, wrong) && site.nat_count > 0)
        return nat_new(&site.nats[0], site.nats[0].none ? &(hop_address){0} : &public, 1);
    fprintf(stderr, "%s: %s\n", kind, wrong);
    return NULL;
}

static uint8_t flags_of(const char *letters) {
    unsigned flags = 0;
    if (strchr(letters, 'S') != NULL) flags |= PACKET_SYN;
    if (strchr(letters, 'A') != NULL) flags |= PACKET_ACK;
    if (strchr(letters, 'F') != NULL) flags |= PACKET_FIN;
    if (strchr(letters, 'R') != NULL) flags |= PACKET_RST;
    return (uint8_t)flags;
}

static const char *play(nat *box, const char *line) {
    static const char *const names[] = {"pass", "back", "drop", "refuse", "reset"};
    int64_t at_ms;
    char way[8], letters[8];
    packet parcel = {.kind = PACKET_TCP, .ttl = 64};
    hop_address host = inside, other = remote;
    if (sscanf(line, "%" SCNd64 " %7s %7s %" SCNu32 " %" SCNu32 " %" SCNu16 " %" SCNu16 " %" SCNu16,
               &at_ms, way, letters, &parcel.seq, &parcel.ack, &parcel.size, &host.port,
               &other.port) != 8)
        return NULL;
    parcel.flags = flags_of(letters);
    nat_why why;
    if (strcmp(way, "out") == 0) {
        parcel.source = host;
        parcel.target = other;
        return names[nat_out(box, at_ms * 1000, &parcel, &why)];
    }
    parcel.source = other;
    parcel.target = nat_mapped(box, &host, &other);
    if (parcel.target.family == HOP_FAMILY_NONE) {
        parcel.target = public;
        parcel.target.port = host.port;
    }
    return names[nat_in(box, at_ms * 1000, &parcel, &why)];
}

int main(void) {
    char line[512];
    nat *box = NULL;
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "kind ", 5) == 0) {
            nat_free(box);
            box = make(line + 5);
            if (box == NULL) return 2;
            continue;
        }
        const char *verdict = box != NULL ? play(box, line) : NULL;
        if (verdict == NULL) {
            fprintf(stderr, "not understood: %s\n", line);
            return 2;
        }
        puts(verdict);
    }
    nat_free(box);
    return 0;
}
