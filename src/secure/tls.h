/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.3 on a connected, non-blocking socket, keyed by an external PSK that both sides made fresh
 * for this one attempt (RFC 8446 section 4.2.11, RFC 9258's advice on single use), always with a
 * Diffie-Hellman exchange. No certificates: who does not hold the key cannot finish the handshake,
 * whatever certificate it presents.
 */
#ifndef HOP_SECURE_TLS_H
#define HOP_SECURE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

typedef struct hop_tls hop_tls;

/* What a call came to. */
typedef enum hop_tls_result {
    HOP_TLS_DONE,       /* it did what was asked, or some of it */
    HOP_TLS_WANT_READ,  /* call again when the socket is readable */
    HOP_TLS_WANT_WRITE, /* call again when the socket is writable; of a write: with the same bytes
                         */
    HOP_TLS_ENDED,    /* read: the peer said that it writes no more (close_notify): the true end */
    HOP_TLS_CUT,      /* the socket ended, was reset or timed out without a word: truncated, by the
                       * network or an attacker. Of a write: what came in can still be read. */
    HOP_TLS_IMPOSTOR, /* handshake: the other side does not hold the key */
    HOP_TLS_BROKEN    /* a record was forged or damaged, or memory ran out */
} hop_tls_result;

/* After a simultaneous open both sockets are "clients": the TLS role comes from the protocol's
 * roles; the controlling side is the TLS client. The key is copied, and wiped when the handshake is
 * over; the descriptor stays the caller's. NULL: out of memory. */
hop_tls *hop_tls_new(int fd, bool is_client, const uint8_t key[static HOP_KEY_SIZE]);
/* Frees and wipes; does not close the descriptor and says nothing to the peer. Returns NULL. */
hop_tls *hop_tls_free(hop_tls *tls);

/* An end (ENDED, CUT, IMPOSTOR, BROKEN) is final: the same call says it again. No call raises
 * SIGPIPE. Each empties the calling thread's OpenSSL error queue. */

/* Goes on with the handshake: DONE, WANT_*, IMPOSTOR, CUT, BROKEN. The other calls say BROKEN until
 * it is DONE. Data may have come with its last bytes: ask hop_tls_pending() or read before waiting.
 */
hop_tls_result hop_tls_handshake(hop_tls *tls);
/* errno of what made a call say CUT; 0: the socket came to its end. */
int hop_tls_errno(const hop_tls *tls);
/* Reads at most size (> 0) bytes: DONE (ret_size > 0), WANT_*, ENDED, CUT, BROKEN. */
hop_tls_result hop_tls_read(hop_tls *tls, uint8_t *bytes, size_t size, size_t *ret_size);
/* Writes at most size (> 0) bytes, one record: DONE (ret_size > 0, may be less than size), WANT_*,
 * CUT, BROKEN. After WANT_* the same bytes come first in the next write; they may have moved, and
 * more may follow them. What did not fit into the record is to be written at once, or when the
 * socket is writable: the system may hold a part of this record back to send both together. */
hop_tls_result hop_tls_write(hop_tls *tls, const uint8_t *bytes, size_t size, size_t *ret_size);
/* Half-close: says that we write no more (close_notify); reading goes on. DONE, WANT_*, CUT,
 * BROKEN. A write that is to be repeated comes first: until then WANT_WRITE. */
hop_tls_result hop_tls_shutdown(hop_tls *tls);
/* Is something here that a read might deliver although the socket is not readable? Readiness alone
 * does not tell. False once a read has said WANT_READ, until the next one that is DONE. */
bool hop_tls_pending(const hop_tls *tls);
/* Gives the buffers back, some 33 kB once data has flowed both ways, unless something is in them;
 * the next read or write makes new ones. For a connection that is idle. */
void hop_tls_rest(hop_tls *tls);

#endif
