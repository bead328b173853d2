/* SPDX-License-Identifier: MIT */
/*
 * A world as a value: sites and their NATs, paths, who does what when, what goes wrong. All that a
 * run depends on is in it and in its seed. It is written and read as text (see docs/testing.md), so
 * a story, a swarm's failing world and a lab scenario are the same few lines. Names of NATs and of
 * their traits are those of the lab (lab/README.md).
 */
#ifndef HOP_TESTS_WORLD_SPEC_H
#define HOP_TESTS_WORLD_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPEC_SITES_MAX   6
#define SPEC_HOSTS_MAX   8
#define SPEC_NATS_MAX    2 /* of one site: [0] is the home's, [1] the carrier's */
#define SPEC_CHANGES_MAX 32
#define SPEC_NAME_SIZE   32
#define SPEC_WRONG_SIZE  512 /* room for what a reader says about a text it doesn't understand */
#define SPEC_SERVER      SPEC_SITES_MAX /* the server's index as a place of paths */
#define SPEC_PLACES      (SPEC_SITES_MAX + 1)

/* What a mapping, or a filter, depends on (RFC 4787 sections 4.1 and 5). */
typedef enum spec_scope { SPEC_NOTHING, SPEC_ADDRESS, SPEC_PORT } spec_scope;

typedef enum spec_ports {
    SPEC_PORTS_PRESERVE,
    SPEC_PORTS_RANDOM,
    SPEC_PORTS_SEQUENCE, /* the next one, by step */
    SPEC_PORTS_OFFSET,   /* inside port + step, as a bijection */
    SPEC_PORTS_BLOCK,    /* random within a block of `step` ports that the carrier gave us */
    SPEC_PORTS_XOR       /* inside port ^ step; ^ 0x400 too where the inside address is odd */
} spec_ports;

typedef enum spec_stray { SPEC_STRAY_DROP, SPEC_STRAY_RST, SPEC_STRAY_ICMP } spec_stray;

typedef struct spec_nat {
    char name[SPEC_NAME_SIZE]; /* the kind; "user": only traits */
    bool none;                 /* no translation: public, or only a firewall */
    bool conntrack; /* as Linux netfilter follows TCP: per connection, sequence numbers looked at */
    spec_scope map;
    spec_scope filter;
    bool open; /* no filter at all, mapped or not: a public host */
    spec_ports ports;
    unsigned step;
    unsigned low; /* public ports lie in low ... high, preserved ones aside */
    unsigned high;
    spec_stray stray;
    bool reset_kills; /* an RST ends the session at once */
    bool simopen;     /* a SYN may answer a SYN */
    bool hairpin;
    int64_t remap_us;            /* a stray SYN burns its port for that peer so long; 0: never */
    int64_t syn_us;              /* life of a session whose SYN nobody has answered */
    int64_t idle_us;             /* life of an established session without traffic */
    unsigned foreign_per_second; /* ports that others behind it take */
    unsigned quota;              /* sessions at once; 0: no bound */
} spec_nat;

typedef enum spec_v6 { SPEC_V6_OFF, SPEC_V6_OPEN, SPEC_V6_FIREWALL, SPEC_V6_REFUSE } spec_v6;

typedef struct spec_site {
    char name[SPEC_NAME_SIZE];
    unsigned nat_count; /* 0: public */
    spec_nat nats[SPEC_NATS_MAX];
    spec_v6 v6;
    unsigned lan;       /* third byte of 192.168.lan.0/24 */
    int shared_carrier; /* another site whose carrier NAT is ours too; -1: none */
} spec_site;

typedef struct spec_path { /* one way; both ways are alike unless said */
    int64_t delay_us;
    int64_t jitter_us; /* 0 ... so much more, evenly */
    uint32_t loss_ppm;
    uint32_t reorder_ppm; /* packets that are 1.5 delays late */
    uint64_t rate_bps;    /* 0: as fast as it goes; queue of 100 ms */
    bool black;           /* nothing comes through */
} spec_path;

typedef enum spec_role {
    SPEC_LISTENS,
    SPEC_CONNECTS,
    SPEC_BY_HAND, /* descriptions carried by the users, no rendezvous */
    SPEC_BARE,    /* bare addresses */
    SPEC_IMPOSTOR /* knows the addresses but not the secret: accepts, dials, and says hello wrongly
                   */
} spec_role;

/* As hop_core_relay, and `--relay`; a text that says nothing means never. */
typedef enum spec_relay { SPEC_RELAY_NEVER, SPEC_RELAY_AUTO, SPEC_RELAY_ONLY } spec_relay;

typedef struct spec_host {
    char name[SPEC_NAME_SIZE];
    unsigned site;
    spec_role role;
    unsigned ticket; /* those with the same number can meet; 0 ... 3 */
    int64_t start_us;
    int64_t clock_off_us; /* its clock against the server's */
    int64_t timeout_us;   /* 0: the default */
    uint64_t seed;        /* of its core, as a recording has it; 0: made from the world's */
    spec_relay relay;
    bool no_lan;
    bool extra_interface; /* a docker-like second address, 172.17.0.1 */
    bool quiet;           /* does not tell its story */
} spec_host;

typedef enum spec_change_kind {
    SPEC_SERVER_STOPS, /* dies: its kernel answers RST */
    SPEC_SERVER_STARTS,
    SPEC_SERVER_SILENT, /* black hole */
    SPEC_SERVER_LIES,   /* forwards descriptions and START with changed bytes: a malicious server */
    SPEC_SERVER_SLOW,   /* value_us before each answer */
    SPEC_NAT_REBOOTS,   /* place: forgets everything */
    SPEC_PATH_CHANGES,  /* place, other: path */
    SPEC_LOSE,          /* place, other: the packets of the next `mask` bits from place to other:
                           bit 0 the first from then on ... 1 is lost */
    SPEC_HOST_STOPS,    /* host: killed, its sockets go with RST */
    SPEC_HOST_STARTS,   /* host: anew, another seed */
    SPEC_HOST_CANCELS,
    SPEC_STRAY_SYN, /* somebody unknown sends a SYN to host's observed address */
    SPEC_STRANGER,  /* somebody connects to host's address where the NAT lets him, and talks HTTP */
    SPEC_MOVES, /* host: to place, where it has other addresses, or the same by another router */
    SPEC_UNPLUGGED, /* host: no network for value_us; then all is as before */
    SPEC_SLEEPS,    /* host: for value_us */
    SPEC_DOCKER,    /* host: a docker-like second address from now on */
    SPEC_MAPS       /* host: its router grants it a port for all, as by PCP; of user kinds */
} spec_change_kind;

typedef struct spec_change {
    int64_t at_us;
    spec_change_kind kind;
    unsigned place; /* site, or SPEC_SERVER */
    unsigned other;
    unsigned host;
    int64_t value_us;
    uint64_t mask;
    spec_path path;
    bool one_way; /* SPEC_PATH_CHANGES: only from place to other */
} spec_change;

typedef struct spec {
    char title[128];
    uint64_t seed;
    unsigned site_count;
    spec_site sites[SPEC_SITES_MAX];
    unsigned host_count;
    spec_host hosts[SPEC_HOSTS_MAX];
    spec_path paths[SPEC_PLACES][SPEC_PLACES]; /* [i][i]: inside a site */
    unsigned change_count;
    spec_change changes[SPEC_CHANGES_MAX]; /* in order of time */
    bool server;                           /* there is one */
    bool relay_off;                        /* ... which does not relay */
    bool dead_server; /* the tickets name another one before it, where nobody is */
    uint32_t
        reset_ppm;    /* of the packets of connections on the wire: both ends get an RST instead */
    unsigned backlog; /* of the hosts' listeners, not the server's; as in Linux one connection more
                         than that may wait for accept(); 0: 64 */
    int64_t until_us; /* the run's end at the latest */
} spec;

/* Everything at its default: seed 1, 25 ms between all places, a server, 60 s. */
void spec_init(spec *spec);
/* A site by the kind and traits of its NATs, "eim-drop" or "user, map=apdm, ports=seq:2, v6=open";
 * false: ret_wrong says what is not understood, and what would be. */
bool spec_nat_read(const char *text, spec_site *ret_site, char ret_wrong[static SPEC_WRONG_SIZE]);
/* Reads text up to the line "expect" or its end; false: ret_wrong names the line. */
bool spec_read(const char *text, spec *ret_spec, char ret_wrong[static SPEC_WRONG_SIZE]);
/* The shortest text that reads back as this; returns its length (as snprintf does). */
size_t spec_print(const spec *spec, char *text, size_t size);
/* The kinds' names; NULL past the last. */
const char *spec_nat_kind(unsigned index);
/* What a site's router does to IPv6: it translates nothing. Not for SPEC_V6_OFF. */
spec_nat spec_nat_v6(spec_v6 v6);

#endif
