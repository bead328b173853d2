/* SPDX-License-Identifier: MIT */
/*
 * An active man in the middle of two connections with a secret: a proxy that both of them take for
 * the way to each other. He may delay and cut; whatever else he does is noticed before a single
 * byte that is not the peer's is delivered. (tests/unit/test_tls.c flips every bit of a handshake.)
 */
#include <fcntl.h>
#include <netinet/in.h>

#include "api/conn.h"

enum { SENT = 40000 };

enum deed { PASS, FLIP, CUT, LEAVE_OUT, REPEAT, INSERT, SWAP };

/* One direction of the wire. at: what is done, is done to the first bytes that pass after so many.
 */
typedef struct way {
    enum deed deed;
    size_t at;
    size_t passed;
    bool done;
} way;

typedef struct proxy {
    int listener;
    int ends[2]; /* towards the one that dialled, towards the other one; -1: nobody */
    struct sockaddr_in target;
    way ways[2]; /* from ends[0], from ends[1] */
} proxy;

static void proxy_open(proxy *middle, const hop_conn *target, char text[static 64]) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *middle = (proxy){.ends = {-1, -1}, .target = address};
    const char *port = strrchr(hop_conn_local_address(target), ':') + 1;
    middle->target.sin_port = htons((uint16_t)atoi(port));
    middle->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(middle->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(middle->listener, 8), 0);
    assert_int_equal(getsockname(middle->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(text, 64, "127.0.0.1:%u", ntohs(address.sin_port));
}

static void proxy_hang_up(proxy *middle) {
    for (int i = 0; i < 2; i++) {
        if (middle->ends[i] >= 0) close(middle->ends[i]);
        middle->ends[i] = -1;
    }
}

static void proxy_close(proxy *middle) {
    proxy_hang_up(middle);
    close(middle->listener);
}

static void put(int fd, const uint8_t *bytes, size_t size) {
    while (size > 0) {
        ssize_t done = send(fd, bytes, size, MSG_NOSIGNAL);
        if (done <= 0) return; /* whom it was for has gone */
        bytes += done;
        size -= (size_t)done;
    }
}

/* bytes[cut] is the first one that the deed is about. */
static void misdo(way *one, int to, uint8_t *bytes, size_t cut, size_t size) {
    static const uint8_t forged[] = {23,  3,   3,   0,   20,  'a', 'l', 'l', ' ',
                                     'i', 's', ' ', 'w', 'e', 'l', 'l', ',', ' ',
                                     'c', 'o', 'm', 'e', ' ', 'i', 'n'};
    size_t left = size - cut, half = left / 2;
    one->done = true;
    put(to, bytes, cut);
    switch (one->deed) {
    case FLIP: bytes[cut] ^= 0x20; break;
    case CUT: shutdown(to, SHUT_WR); return;
    case LEAVE_OUT: cut++; break;
    case REPEAT: put(to, bytes + cut, left); break;
    case INSERT: put(to, forged, sizeof forged); break;
    case SWAP:
        put(to, bytes + cut + half, left - half);
        size = cut + half;
        break;
    default: break;
    }
    put(to, bytes + cut, size - cut);
}

static void carry(proxy *middle, int from) {
    uint8_t bytes[4096];
    way *one = &middle->ways[from];
    int to = middle->ends[1 - from];
    ssize_t got = recv(middle->ends[from], bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0) return;
    if (got == 0) {
        shutdown(to, SHUT_WR);
        return;
    }
    size_t size = (size_t)got;
    bool now = one->deed != PASS && !one->done && one->passed + size > one->at;
    if (now)
        misdo(one, to, bytes, one->at - one->passed, size);
    else if (!one->done || one->deed != CUT)
        put(to, bytes, size);
    one->passed += size;
}

/* One link at a time goes through: who comes anew has given up the one before. */
static void proxy_process(proxy *middle) {
    int came = accept4(middle->listener, NULL, NULL, SOCK_CLOEXEC);
    if (came >= 0) {
        proxy_hang_up(middle);
        middle->ends[0] = came;
        middle->ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct sockaddr *target = (const struct sockaddr *)&middle->target;
        /* It may have given up. */
        if (connect(middle->ends[1], target, sizeof middle->target) < 0) proxy_hang_up(middle);
    }
    for (int i = 0; i < 2 && middle->ends[0] >= 0; i++)
        carry(middle, i);
}

#define MEDDLE_UNTIL(middle, pair, condition)                                                      \
    do {                                                                                           \
        int64_t patience_until = now_ms() + PATIENCE_MS;                                           \
        while (!(condition)) {                                                                     \
            if (now_ms() > patience_until) fail_msg("in vain: %s", #condition);                    \
            turn(pair, 2, 1);                                                                      \
            proxy_process(middle);                                                                 \
        }                                                                                          \
    } while (0)

static void begin_through(proxy *middle, witness pair[static 2]) {
    hop_conn_options options = plain_options();
    char text[64];
    options.secret = "a secret";
    begin_two(pair, &options);
    proxy_open(middle, pair[1].conn, text);
    assert_int_equal(hop_conn_attempt(pair[0].conn, text), 0);
}

static uint8_t byte_at(size_t place) {
    return (uint8_t)(place * 167 + place / 256);
}

static void check_prefix(const witness *w) {
    assert_true(w->got <= SENT);
    for (size_t i = 0; i < w->got; i++)
        assert_int_equal((uint8_t)w->heard[i], byte_at(i));
}

/* The side `from` sends, and the deed is done at the at-th byte that passes after established. */
static void meddle(enum deed deed, int from, size_t at) {
    static uint8_t bytes[SENT];
    proxy middle;
    witness pair[2];
    for (size_t i = 0; i < SENT; i++)
        bytes[i] = byte_at(i);
    begin_through(&middle, pair);
    MEDDLE_UNTIL(&middle, pair, pair[0].established && pair[1].established);
    middle.ways[from].deed = deed;
    middle.ways[from].at = middle.ways[from].passed + at;
    assert_int_equal(hop_conn_write(pair[from].conn, bytes, SENT), 0);
    hop_conn_close(pair[from].conn);
    MEDDLE_UNTIL(&middle, pair, pair[1 - from].over);
    const witness *reader = &pair[1 - from];
    check_prefix(reader);
    /* What is said once more behind the whole of it is nobody's. */
    if (deed == PASS || (deed == REPEAT && at > SENT)) {
        assert_int_equal(reader->error, HOP_E_PEER_CLOSED);
        assert_int_equal(reader->got, SENT);
    } else {
        bool noticed = reader->error == HOP_E_BROKEN || reader->error == HOP_E_TRUNCATED;
        if (!noticed) fail_msg("deed %d at %zu came to: %s", deed, at, reader->error_text);
        if (deed == CUT) assert_int_equal(reader->error, HOP_E_TRUNCATED);
        assert_true(middle.ways[from].done);
    }
    proxy_close(&middle);
    free_two(pair);
}

static void who_only_passes_on_is_welcome(void **state) {
    (void)state;
    meddle(PASS, 0, 0);
    meddle(PASS, 1, 0);
}

static void a_stream_that_was_meddled_with_breaks(void **state) {
    (void)state;
    /* A record's type, version, length, first and later payload, its tag; the second record; the
     * last bytes: close_notify. */
    const size_t places[] = {0, 1, 4, 5, 9000, 16400, 16406, 30000, SENT + 3 * 22 + 10};
    const enum deed deeds[] = {FLIP, CUT, LEAVE_OUT, REPEAT, INSERT, SWAP};
    for (size_t d = 0; d < sizeof deeds / sizeof deeds[0]; d++)
        for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
            for (int from = 0; from < 2; from++)
                meddle(deeds[d], from, places[p]);
}

/* A bit of the first hello, of each of its fields: that link is none. The next one may well be,
 * untouched, or the attempt fails; a connection that talks to somebody else is not among the
 * outcomes. */
static void a_meddled_hello_makes_no_link(void **state) {
    (void)state;
    for (int from = 0; from < 2; from++) {
        for (size_t at = 0; at < 56; at += 5) {
            proxy middle;
            witness pair[2];
            begin_through(&middle, pair);
            middle.ways[from] = (way){.deed = FLIP, .at = at};
            MEDDLE_UNTIL(&middle, pair,
                         pair[0].over || pair[1].over ||
                             (pair[0].established && pair[1].established));
            assert_true(middle.ways[from].done);
            if (pair[0].established && pair[1].established) {
                write_text(&pair[0], "hello");
                MEDDLE_UNTIL(&middle, pair, pair[1].got == 5);
                assert_memory_equal(pair[1].heard, "hello", 5);
            } else {
                assert_int_equal(pair[0].established + pair[1].established, 0);
            }
            proxy_close(&middle);
            free_two(pair);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(who_only_passes_on_is_welcome),
        API_TEST(a_stream_that_was_meddled_with_breaks),
        API_TEST(a_meddled_hello_makes_no_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
