/* SPDX-License-Identifier: MIT */
/*
 * The bytes: reading in place, the queue's way out, both directions' ends, and closing. Each call
 * does a bounded amount of work; what cannot be done now is left to the poller.
 */
#include <errno.h>
#include <string.h>

#include "drive/clock.h"
#include "drive/reason.h"
#include "drive/silence.h"
#include "lib/conn_inside.h"
#include "lib/words.h"

#define READ_SIZE  65536
#define READ_MAX   (1024 * 1024) /* of one call */
#define WRITE_SIZE (256 * 1024)
#define WRITE_MAX  (1024 * 1024)
/* Chunks smaller than this are gathered once some have gone out on their own since the last
 * process: each alone would cost a call, a segment of TCP's and a record of TLS's. */
#define SMALL_SIZE  8192
#define SMALL_COUNT 4
#define GATHER_SIZE 65536
#define PATH_BROKEN "the path is broken, or its machine is gone"
/* So long after the last byte an idle connection gives its buffers back. */
#define REST_AFTER_US HOP_S

static void handshake(hop_conn *conn);
static void opened(hop_conn *conn);
static bool may_read(const hop_conn *conn);
static void read_stream(hop_conn *conn);
static size_t send_queue(hop_conn *conn);
static bool is_to_gather(hop_conn *conn, size_t size);
static bool write_some(hop_conn *conn, const uint8_t *bytes, size_t size, size_t *ret_size);
static bool is_full(const hop_conn *conn);
static void say_end(hop_conn *conn);
static void broke_writing(hop_conn *conn);
static void broke(hop_conn *conn, hop_tls_result result);
static void fell_while_unread(hop_conn *conn);
static void hear_end(hop_conn *conn);
static void finish_if_ended(hop_conn *conn);

void hop_conn_flow_start(hop_conn *conn, int fd, bool is_client, const uint8_t *key) {
    conn->stage = HOP_CONN_SECURING;
    if (!hop_conn_stream_open(&conn->stream, fd, is_client, key)) {
        hop_conn_fail(conn, HOP_E_MEMORY, true, "%s", hop_error_text(HOP_E_MEMORY));
        return;
    }
    conn->interest = 0;
    conn->watched = hop_poller_add(&conn->poller, fd, 0, HOP_CONN_TAG_STREAM);
    if (!conn->watched) {
        hop_conn_fail(conn, HOP_E_SYSTEM, true, "the connection cannot be watched");
        return;
    }
    conn->deadline_us = hop_clock_now_us() + HOP_CONN_HANDSHAKE_MAX_US;
    handshake(conn);
}

void hop_conn_flow_process(hop_conn *conn, unsigned what) {
    if (conn->stage == HOP_CONN_SECURING) handshake(conn);
    if (conn->stage != HOP_CONN_OPEN) return;
    bool readable = (what & (HOP_POLLER_READ | HOP_POLLER_ERROR)) != 0;
    bool writable = (what & (HOP_POLLER_WRITE | HOP_POLLER_ERROR)) != 0;
    hop_conn_handlers_deliver(conn); /* established comes before the first chunk */
    if (writable) conn->write_full = false;
    if (conn->stage == HOP_CONN_OPEN &&
        (readable || conn->read_due || (conn->read_blocked && writable))) {
        conn->read_due = false;
        if (may_read(conn)) {
            read_stream(conn);
        } else if (what & HOP_POLLER_ERROR) {
            fell_while_unread(conn);
        }
    }
    if (conn->stage == HOP_CONN_OPEN) hear_end(conn);
    if (conn->stage == HOP_CONN_OPEN) hop_conn_flow_flush(conn);
    hop_conn_flow_settle(conn);
}

void hop_conn_flow_flush(hop_conn *conn) {
    hop_conn_queue *queue = &conn->queue;
    if (send_queue(conn) > 0 && conn->close_wanted) {
        conn->deadline_us = hop_clock_now_us() + HOP_CONN_STALL_US;
    }
    if (conn->room_wanted && queue->chunk_count <= queue->chunk_max / 2 &&
        queue->size <= HOP_CONN_QUEUE_BYTES / 2) {
        conn->room_wanted = false;
        if (!conn->end_wanted) conn->due |= HOP_CONN_DUE_ROOM;
    }
    if (queue->size == 0 && conn->end_wanted && !conn->end_said) say_end(conn);
    finish_if_ended(conn);
}

int hop_conn_write(hop_conn *conn, const void *bytes, size_t size) {
    if (conn == NULL || (bytes == NULL && size > 0)) return HOP_E_INVALID;
    if (conn->stage == HOP_CONN_OVER || conn->end_wanted || conn->write_broken) {
        return HOP_E_STOPPED;
    }
    hop_conn_queue *queue = &conn->queue;
    const uint8_t *at = bytes;
    bool open = conn->stage == HOP_CONN_OPEN;
    bool tried = open && !is_to_gather(conn, size);
    if (tried || (open && is_full(conn))) send_queue(conn); /* it comes first */
    tried = tried && queue->size == 0;
    size_t sent = 0;
    for (; tried && size > 0 && write_some(conn, at, size, &sent); size -= sent)
        at += sent;
    if (conn->write_broken) {
        hop_conn_wake(conn);
        return HOP_E_STOPPED;
    }
    if (size == 0) return 0;
    if (is_full(conn)) {
        conn->room_wanted = true;
        return HOP_E_FULL;
    }
    if (!hop_conn_queue_put(queue, at, size)) {
        /* When some of it is out already, there is no going back. */
        if (tried) hop_conn_fail(conn, HOP_E_MEMORY, true, "no memory for what could not be sent");
        return HOP_E_MEMORY;
    }
    if (open && queue->size >= GATHER_SIZE) send_queue(conn);
    /* Where nothing waits any more, the next process says so to the poller. */
    if (open && queue->size > 0 && !conn->processing) hop_conn_flow_settle(conn);
    return 0;
}

int hop_conn_end(hop_conn *conn) {
    if (conn == NULL) return HOP_E_INVALID;
    if (conn->stage == HOP_CONN_OVER || conn->end_wanted) return HOP_E_STOPPED;
    conn->end_wanted = true;
    if (conn->stage == HOP_CONN_OPEN && !conn->processing) hop_conn_flow_flush(conn);
    hop_conn_wake(conn);
    return 0;
}

void hop_conn_pause(hop_conn *conn, int paused) {
    if (conn == NULL || conn->paused == (paused != 0)) return;
    conn->paused = paused != 0;
    if (conn->paused || conn->stage != HOP_CONN_OPEN) return;
    conn->read_due = true;
    hop_conn_wake(conn);
}

void hop_conn_flow_settle(hop_conn *conn) {
    bool open = conn->stage == HOP_CONN_OPEN;
    if (!open && conn->stage != HOP_CONN_SECURING) return;
    unsigned interest = conn->interest;
    if (open) {
        bool reads = may_read(conn) && !conn->read_blocked;
        bool says_end = conn->end_wanted && !conn->end_said;
        bool writes = (conn->queue.size > 0 || says_end) && !conn->write_blocked;
        interest = (reads || conn->write_blocked ? HOP_POLLER_READ : 0u) |
                   (writes || conn->read_blocked ? HOP_POLLER_WRITE : 0u);
        if (conn->write_broken) interest &= ~(unsigned)HOP_POLLER_WRITE;
    }
    if (!conn->watched && (interest & HOP_POLLER_READ) == 0) return;
    if (!conn->watched) {
        conn->watched =
            hop_poller_add(&conn->poller, conn->stream.fd, interest, HOP_CONN_TAG_STREAM);
    } else if (interest != conn->interest) {
        conn->watched =
            hop_poller_modify(&conn->poller, conn->stream.fd, interest, HOP_CONN_TAG_STREAM);
    }
    conn->interest = interest;
    if (!conn->watched) hop_conn_fail(conn, HOP_E_SYSTEM, true, "the connection cannot be watched");
}

void hop_conn_flow_rest(hop_conn *conn, int64_t now_us) {
    if (conn->stage != HOP_CONN_OPEN) return;
    if (conn->rest_due) {
        conn->rest_due = false;
        conn->rest_us = now_us + REST_AFTER_US;
        if (conn->look_us == INT64_MAX)
            conn->look_us = now_us + hop_silence_look_ms(conn->stream.fd) * HOP_MS;
    } else if (now_us >= conn->rest_us) {
        conn->rest_us = INT64_MAX;
        hop_conn_stream_rest(&conn->stream);
        if (conn->queue.size == 0) hop_conn_queue_clear(&conn->queue);
    }
}

/* Only while bytes are on their way: an idle connection is the system's to watch, by keepalive. */
void hop_conn_flow_look(hop_conn *conn, int64_t now_us) {
    if (conn->stage != HOP_CONN_OPEN || now_us < conn->look_us) return;
    int fd = conn->stream.fd;
    if (hop_silence_is_dead(fd)) {
        hop_conn_fail(conn, HOP_E_BROKEN, true,
                      "nothing has come from the peer for %d s: " PATH_BROKEN,
                      hop_silence_max_ms(fd) / 1000);
        return;
    }
    bool waits = conn->queue.size > 0 || hop_conn_stream_unacknowledged(&conn->stream) > 0;
    conn->look_us = waits ? now_us + hop_silence_look_ms(fd) * HOP_MS : INT64_MAX;
}

int64_t hop_conn_flow_wait_us(const hop_conn *conn, int64_t now_us) {
    if (conn->stage != HOP_CONN_OPEN) return INT64_MAX;
    int64_t next_us = conn->rest_due ? now_us + REST_AFTER_US : conn->rest_us;
    if (conn->look_us < next_us) next_us = conn->look_us;
    if (next_us == INT64_MAX) return INT64_MAX;
    return next_us > now_us ? next_us - now_us : 0;
}

void hop_conn_flow_overdue(hop_conn *conn) {
    if (conn->stage == HOP_CONN_SECURING) {
        hop_conn_fail(conn, HOP_E_BROKEN, true, "the TLS handshake came to no end");
    } else if (conn->end_said) {
        /* While the peer's kernel still takes, a socket that is open lets nothing of the peer's
         * come to a closed one: the reset would destroy what is on its way. */
        size_t left = hop_conn_stream_unacknowledged(&conn->stream);
        bool takes = left < conn->unacknowledged;
        conn->unacknowledged = left;
        if (takes && left > 0) {
            conn->deadline_us = hop_clock_now_us() + HOP_CONN_LINGER_US;
            return;
        }
        hop_conn_fail(conn, HOP_E_CLOSED, false, "%s", hop_error_text(HOP_E_CLOSED));
    } else {
        hop_conn_fail(conn, HOP_E_BROKEN, true,
                      "closed by us, but the peer did not take the last %zu bytes",
                      conn->queue.size);
    }
}

static void handshake(hop_conn *conn) {
    unsigned interest = HOP_POLLER_READ;
    hop_tls_result result = hop_conn_stream_handshake(&conn->stream);
    switch (result) {
    case HOP_TLS_DONE: opened(conn); return;
    case HOP_TLS_WANT_READ: break;
    case HOP_TLS_WANT_WRITE: interest = HOP_POLLER_WRITE; break;
    case HOP_TLS_IMPOSTOR:
        hop_conn_fail(conn, HOP_E_IMPOSTOR, true, "%s", hop_error_text(HOP_E_IMPOSTOR));
        return;
    default:
        hop_conn_fail(conn, HOP_E_BROKEN, true, "the connection ended during the TLS handshake");
        return;
    }
    if (interest == conn->interest) return;
    conn->interest = interest;
    (void)hop_poller_modify(&conn->poller, conn->stream.fd, interest, HOP_CONN_TAG_STREAM);
}

static void opened(hop_conn *conn) {
    conn->stage = HOP_CONN_OPEN;
    conn->deadline_us = INT64_MAX;
    conn->due |= HOP_CONN_DUE_ESTABLISHED;
    conn->read_due = true; /* data may have come with the handshake's last bytes */
    conn->rest_due = true; /* and our own last ones may be lost */
    conn->work = true;
    hop_conn_log(conn, HOP_LOG_INFO, "established, %s",
                 conn->use_tls ? "encrypted (TLS 1.3)" : "not encrypted");
}

/* Closing: what still comes in is read and dropped, so that the peer gets no reset that would cost
 * it what we sent. */
static bool may_read(const hop_conn *conn) {
    return !conn->peer_ended && (!conn->paused || conn->close_wanted);
}

static void read_stream(hop_conn *conn) {
    uint8_t bytes[READ_SIZE];
    size_t total = 0;
    conn->read_blocked = false;
    while (conn->stage == HOP_CONN_OPEN && may_read(conn)) {
        if (total >= READ_MAX) {
            conn->read_due = hop_conn_stream_pending(&conn->stream);
            conn->work = conn->work || conn->read_due;
            return;
        }
        size_t got = 0;
        hop_tls_result result = hop_conn_stream_read(&conn->stream, bytes, sizeof bytes, &got);
        if (result == HOP_TLS_DONE) {
            total += got;
            conn->rest_due = true;
            if (!conn->close_wanted) hop_conn_handlers_data(conn, bytes, got);
            /* A plain socket that gave less than it could is empty: after a short message there is
             * no need to ask it. In a flood more has come meanwhile. */
            if (conn->stream.tls == NULL && total < sizeof bytes) return;
        } else if (result == HOP_TLS_WANT_READ || result == HOP_TLS_WANT_WRITE) {
            conn->read_blocked = result == HOP_TLS_WANT_WRITE;
            return;
        } else if (result == HOP_TLS_ENDED) {
            conn->peer_ended = true;
        } else {
            broke(conn, result);
        }
    }
}

/* Returns how much went out. */
static size_t send_queue(hop_conn *conn) {
    hop_conn_queue *queue = &conn->queue;
    size_t total = 0;
    while (queue->size > 0 && total < WRITE_MAX && !conn->write_full && !conn->write_broken) {
        size_t sent = 0;
        size_t size = queue->size < WRITE_SIZE ? queue->size : WRITE_SIZE;
        if (!write_some(conn, hop_conn_queue_bytes(queue), size, &sent)) break;
        hop_conn_queue_drop(queue, sent);
        total += sent;
    }
    return total;
}

static bool is_to_gather(hop_conn *conn, size_t size) {
    if (size >= SMALL_SIZE) return false;
    if (conn->queue.size > 0 || conn->small_count >= SMALL_COUNT) return true;
    conn->small_count++;
    return false;
}

/* False: nothing was written now. */
static bool write_some(hop_conn *conn, const uint8_t *bytes, size_t size, size_t *ret_size) {
    hop_tls_result result = hop_conn_stream_write(&conn->stream, bytes, size, ret_size);
    conn->write_blocked = result == HOP_TLS_WANT_READ;
    conn->write_full = result == HOP_TLS_WANT_WRITE;
    conn->rest_due = true;
    if (result == HOP_TLS_DONE) return true;
    if (result != HOP_TLS_WANT_READ && result != HOP_TLS_WANT_WRITE) broke_writing(conn);
    return false;
}

static bool is_full(const hop_conn *conn) {
    if (hop_conn_queue_is_full(&conn->queue)) return true;
    return conn->stage == HOP_CONN_OPEN && conn->queue.size >= HOP_CONN_QUEUE_BYTES;
}

static void say_end(hop_conn *conn) {
    if (conn->write_broken) return;
    hop_tls_result result = hop_conn_stream_shutdown(&conn->stream);
    conn->write_blocked = result == HOP_TLS_WANT_READ;
    if (result == HOP_TLS_WANT_READ || result == HOP_TLS_WANT_WRITE) return;
    if (result != HOP_TLS_DONE) {
        broke_writing(conn);
        return;
    }
    conn->end_said = true;
    conn->unacknowledged = hop_conn_stream_unacknowledged(&conn->stream);
    if (conn->close_wanted) conn->deadline_us = hop_clock_now_us() + HOP_CONN_LINGER_US;
}

/* What the peer sent before it broke is still to be read; the end of it tells the rest. */
static void broke_writing(hop_conn *conn) {
    conn->write_broken = true;
    conn->write_blocked = false;
    conn->read_due = true;
    conn->work = true;
    hop_conn_queue_clear(&conn->queue);
}

static void broke(hop_conn *conn, hop_tls_result result) {
    const char *reason = "a damaged or forged record";
    int error = HOP_E_BROKEN;
    if (conn->stream.tls == NULL) reason = hop_words_reason(hop_reason_of_link(conn->stream.error));
    int cut = conn->stream.tls != NULL ? hop_tls_errno(conn->stream.tls) : conn->stream.error;
    if (cut == ETIMEDOUT && !(conn->close_wanted && conn->end_said)) {
        hop_conn_fail(conn, error, true, "the peer does not answer any more: " PATH_BROKEN);
        return;
    }
    if (result == HOP_TLS_CUT && (cut == EHOSTUNREACH || cut == ENETUNREACH)) {
        reason = hop_words_reason(hop_reason_of_link(cut));
    } else if (result == HOP_TLS_CUT) {
        error = HOP_E_TRUNCATED;
        reason = "the stream ended without the peer's word that it was all";
    }
    /* We had said all that there was to say: how the peer goes is no concern of ours. */
    if (conn->close_wanted && conn->end_said) error = HOP_E_CLOSED;
    hop_conn_fail(conn, error, true, "%s: %s", hop_error_text(error), reason);
}

/* An error that no reading will tell, and that the poller would tell of again and again. What a
 * paused user has not read yet stays readable; else there is nothing more to come. */
static void fell_while_unread(hop_conn *conn) {
    if (conn->peer_ended) {
        hop_conn_fail(conn, HOP_E_BROKEN, true, "%s: reset after the peer's end",
                      hop_error_text(HOP_E_BROKEN));
    } else if (conn->watched) {
        hop_poller_remove(&conn->poller, conn->stream.fd);
        conn->watched = false;
    }
}

/* Who does not listen for the end of one direction has no use for the other one. */
static void hear_end(hop_conn *conn) {
    if (!conn->peer_ended) return;
    if (conn->write_broken) {
        hop_conn_fail(conn, HOP_E_BROKEN, true,
                      "the peer closed the connection and did not take all that was written");
        return;
    }
    if (conn->end_heard) return;
    conn->end_heard = true;
    if (conn->close_wanted) return;
    if (!hop_conn_handlers_any(conn, HOP_CONN_ON_END)) conn->end_wanted = true;
    conn->due |= HOP_CONN_DUE_END;
    hop_conn_handlers_deliver(conn);
}

static void finish_if_ended(hop_conn *conn) {
    if (conn->stage != HOP_CONN_OPEN || !conn->peer_ended || !conn->end_said) return;
    int error = conn->close_wanted ? HOP_E_CLOSED : HOP_E_PEER_CLOSED;
    hop_conn_fail(conn, error, false, "%s", hop_error_text(error));
}
