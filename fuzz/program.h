/* SPDX-License-Identifier: MIT */
/*
 * The small languages in which bytes tell the core and the server's mind what happens: a head, then
 * operations of one byte and their operands. The targets fuzz_core.c and fuzz_rendezvous.c read
 * them, seeds.c writes them from real plays. Operations are taken modulo their count, so that every
 * byte string is a program; numbers are big-endian, addresses as in fuzz.h.
 */
#ifndef HOP_FUZZ_PROGRAM_H
#define HOP_FUZZ_PROGRAM_H

#define PROGRAM_SIZE_MAX 16384

/* The core. Head: mode u8 (modulo 3; a third of it, modulo 3: the use of relays), flags u8, servers
 * u8 (modulo 4, plus 1), time-out u16 in units of 100 ms, seed u64. */
enum core_flag {
    CORE_WEAK = 1 << 0, /* else the cryptography of world/toy.h */
    CORE_BARE = 1 << 1,
    CORE_NO_IPV4 = 1 << 2,
    CORE_NO_IPV6 = 1 << 3,
    CORE_NO_LAN = 1 << 4,
    CORE_ALLOW_PRIVATE = 1 << 5,
    CORE_ALLOW_LOOPBACK = 1 << 6,
    CORE_NO_PROBE = 1 << 7
};

enum core_operation {
    CORE_WAIT,      /* u32: so many microseconds pass, with a TIMER at each deadline on the way */
    CORE_SLEEP,     /* u16: so many milliseconds pass without one: the machine was asleep */
    CORE_TIMER,     /* a TIMER now */
    CORE_DEADLINE,  /* time passes to the next deadline, and a TIMER */
    CORE_GO,        /* count u8, each: type u8, prefix u8, address; only once */
    CORE_RESOLVED,  /* server u8, count u8, addresses */
    CORE_CONNECTED, /* link u8, local address, rtt u32 */
    CORE_ACCEPTED,  /* remote address, local address */
    CORE_RECEIVED,  /* link u8; as many bytes as are wanted */
    CORE_HELLO,     /* link u8, kind u8, role u8, nonce's first byte u8: well-formed */
    CORE_MESSAGE,   /* link u8, kind u8, and what the kind needs: well-formed; to a server's link */
    CORE_ENDED,     /* link u8, reason u8 */
    CORE_ANSWERING, /* link u8 */
    CORE_PEER,   /* a description: nonce's first bytes u16, count u8, each: type, prefix, address */
    CORE_CANCEL, /* only when the operand u8 is zero: it ends all fun */
    CORE_NETWORK, /* changes u8, slept u32 in milliseconds, and what GO has */
    CORE_OPERATIONS
};

/* The server's mind. Head: flags u8, clients u8 (modulo 16, plus 1), of one address u8 (modulo 8,
 * plus 1), parked u8 (modulo 4, plus 1), signatures u8 (plus 1), seed u64. */
enum mind_flag { MIND_WEAK = 1 << 0, MIND_OTHER = 1 << 1, MIND_RELAY = 1 << 2, MIND_RATE = 1 << 3 };

enum mind_operation {
    MIND_WAIT,     /* u32: so many microseconds pass, with a TIMER at each deadline on the way */
    MIND_SLEEP,    /* u16: so many 10 ms pass without one */
    MIND_TIMER,    /* a TIMER now */
    MIND_ACCEPTED, /* client u8, remote address, local address; a free number */
    MIND_RECEIVED, /* client u8, rtt u32, size u16, bytes: framed as the driver does it */
    MIND_MESSAGE,  /* client u8, kind u8, room u8, nonces u8, nonce's first byte u8, off u8 (seconds
                      that the clock is wrong), sealed size u8: well-formed and signed */
    MIND_CLOSED,   /* client u8 */
    MIND_BROKEN,   /* client u8: the same, and of a relayed one not because all was said */
    MIND_MOVED,    /* client u8, bytes u16: a relayed one said so many, or what it may */
    MIND_OPERATIONS
};

#endif
