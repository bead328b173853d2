/* SPDX-License-Identifier: MIT */
/*
 * TLS above a link: what two honest ends can do, what an attacker cannot, and what it costs.
 * `test_tls measure` prints memory and throughput instead of testing.
 */
#include "tls_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "bytes.h"

#define MIB (1u << 20)

/* ---- what honest ends can do ---- */

static void both_roles_agree_and_talk(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        rig_pair pair;
        rig_connect(&pair);
        rig_check_talk(&pair);
        rig_free(&pair);
    }
}

static void a_plain_openssl_client_with_the_key_is_welcome(void **state) {
    (void)state;
    for (int which = 0; which < 2; which++) {
        rig_pair pair;
        rig_open(&pair, which == 0 ? NULL : rig_key, which == 1 ? NULL : rig_key);
        rig_put_stranger(&pair, which,
                         &(rig_stranger){.key = rig_key, .suites = "TLS_AES_128_GCM_SHA256"});
        rig_shake(&pair);
        assert_int_equal(pair.end[0].verdict, HOP_TLS_DONE);
        assert_int_equal(pair.end[1].verdict, HOP_TLS_DONE);
        SSL *ssl = pair.end[which].theirs;
        assert_int_equal(SSL_version(ssl), TLS1_3_VERSION);
        assert_int_equal(SSL_session_reused(ssl), 1);
        assert_string_equal(SSL_get_cipher_name(ssl), "TLS_AES_128_GCM_SHA256");
        /* Forward secrecy: there was an exchange of fresh keys. */
        EVP_PKEY *fresh = NULL;
        assert_int_equal(SSL_get_peer_tmp_key(ssl, &fresh), 1);
        assert_int_equal(EVP_PKEY_get_base_id(fresh), EVP_PKEY_X25519);
        EVP_PKEY_free(fresh);
        rig_free(&pair);
    }
}

static void the_second_suite_and_the_second_group_work(void **state) {
    (void)state;
    for (int which = 0; which < 2; which++) {
        rig_pair pair;
        rig_open(&pair, which == 0 ? NULL : rig_key, which == 1 ? NULL : rig_key);
        /* A server that has only P-256 says so, and our client's hello is repeated. */
        rig_put_stranger(&pair, which,
                         &(rig_stranger){.key = rig_key,
                                         .suites = "TLS_CHACHA20_POLY1305_SHA256",
                                         .groups = "P-256"});
        rig_shake(&pair);
        assert_int_equal(pair.end[0].verdict, HOP_TLS_DONE);
        assert_int_equal(pair.end[1].verdict, HOP_TLS_DONE);
        assert_string_equal(SSL_get_cipher_name(pair.end[which].theirs),
                            "TLS_CHACHA20_POLY1305_SHA256");
        rig_free(&pair);
    }
}

/* One end of a stream whose bytes are known by their place. */
typedef struct stream {
    hop_tls *tls;
    const uint8_t *pattern;
    size_t pattern_size, sent, received, total, retry_size;
    uint8_t *copies[2];
    int turn;
    bool has_shut, has_ended;
    uint64_t waits, parts;
} stream;

static void stream_write(stream *s, hop_random *random) {
    size_t count = 0, at = s->sent % s->pattern_size, size = s->retry_size;
    size_t most = s->pattern_size - at < 40000 ? s->pattern_size - at : 40000;
    if (most > s->total - s->sent) most = s->total - s->sent;
    if (size == 0) size = (size_t)hop_random_between(random, 1, most);
    /* Each time from another place. */
    uint8_t *bytes = s->copies[s->turn ^= 1];
    memcpy(bytes, s->pattern + at, size);
    hop_tls_result result = hop_tls_write(s->tls, bytes, size, &count);
    memset(bytes, 0xEE, size);
    s->retry_size = result == HOP_TLS_WANT_WRITE ? size : 0;
    if (result == HOP_TLS_WANT_WRITE) s->waits++;
    if (result == HOP_TLS_WANT_WRITE) return;
    assert_int_equal(result, HOP_TLS_DONE);
    assert_true(count > 0 && count <= size);
    if (count < size) s->parts++;
    s->sent += count;
}

static bool stream_read(stream *s, hop_random *random) {
    uint8_t bytes[50000];
    size_t count = 0, size = (size_t)hop_random_between(random, 1, sizeof(bytes));
    hop_tls_result result = hop_tls_read(s->tls, bytes, size, &count);
    if (result == HOP_TLS_WANT_READ) {
        assert_false(hop_tls_pending(s->tls));
        return false;
    }
    if (result == HOP_TLS_ENDED) {
        s->has_ended = true;
        return false;
    }
    assert_int_equal(result, HOP_TLS_DONE);
    assert_true(count > 0 && count <= size);
    for (size_t done = 0, part = 0; done < count; done += part) {
        size_t at = (s->received + done) % s->pattern_size;
        part = s->pattern_size - at < count - done ? s->pattern_size - at : count - done;
        assert_memory_equal(bytes + done, s->pattern + at, part);
    }
    s->received += count;
    return true;
}

static void megabytes_go_both_ways_in_parts(void **state) {
    (void)state;
    const size_t pattern_size = 1000003;
    uint8_t *pattern = malloc(pattern_size);
    hop_random random = hop_random_seeded(4);
    for (size_t i = 0; i < pattern_size; i++)
        pattern[i] = (uint8_t)hop_random_next(&random);
    rig_pair pair;
    rig_connect(&pair);
    stream ends[2];
    for (int i = 0; i < 2; i++) {
        int small = 20000; /* so that records often do not fit */
        assert_int_equal(setsockopt(pair.end[i].fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)),
                         0);
        ends[i] = (stream){.tls = pair.end[i].ours,
                           .pattern = pattern,
                           .pattern_size = pattern_size,
                           .total = 64 * MIB,
                           .copies = {malloc(40000), malloc(40000)}};
    }
    while (!ends[0].has_ended || !ends[1].has_ended) {
        for (int i = 0; i < 2; i++) {
            stream *s = &ends[i];
            for (int more = 0; more < 4 && s->sent < s->total; more++)
                stream_write(s, &random);
            if (s->sent == s->total && !s->has_shut)
                s->has_shut = hop_tls_shutdown(s->tls) == HOP_TLS_DONE;
            for (int more = 0; more < 8 && !s->has_ended && stream_read(s, &random); more++)
                ;
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ends[i].received, ends[i].total);
        assert_true(ends[i].waits > 100 && ends[i].parts > 100);
        free(ends[i].copies[0]);
        free(ends[i].copies[1]);
    }
    free(pattern);
    rig_free(&pair);
}

static void expect_read(hop_tls *tls, hop_tls_result expected) {
    uint8_t bytes[64];
    size_t count = 12345;
    assert_int_equal(hop_tls_read(tls, bytes, sizeof(bytes), &count), expected);
    assert_int_equal(count, 12345);
}

static void half_close(int first) {
    rig_pair pair;
    rig_connect(&pair);
    hop_tls *early = pair.end[first].ours, *late = pair.end[1 - first].ours;
    uint8_t bytes[4] = {1, 2, 3, 4}, got[8];
    size_t count = 0;
    assert_int_equal(hop_tls_write(early, bytes, sizeof(bytes), &count), HOP_TLS_DONE);
    assert_int_equal(hop_tls_shutdown(early), HOP_TLS_DONE);
    assert_int_equal(hop_tls_shutdown(early), HOP_TLS_DONE);
    expect_read(early, HOP_TLS_WANT_READ);
    assert_int_equal(hop_tls_read(late, got, sizeof(got), &count), HOP_TLS_DONE);
    assert_int_equal(count, sizeof(bytes));
    expect_read(late, HOP_TLS_ENDED);
    expect_read(late, HOP_TLS_ENDED);
    /* The other direction lives on. */
    for (int i = 0; i < 100; i++) {
        assert_int_equal(hop_tls_write(late, bytes, sizeof(bytes), &count), HOP_TLS_DONE);
        assert_int_equal(hop_tls_shutdown(early), HOP_TLS_DONE);
        assert_int_equal(hop_tls_read(early, got, sizeof(got), &count), HOP_TLS_DONE);
        assert_int_equal(count, sizeof(bytes));
        assert_memory_equal(got, bytes, sizeof(bytes));
    }
    assert_int_equal(hop_tls_shutdown(late), HOP_TLS_DONE);
    expect_read(early, HOP_TLS_ENDED);
    /* What happens to the socket afterwards does not matter. */
    rig_close(&pair.end[1 - first].fd);
    expect_read(early, HOP_TLS_ENDED);
    rig_free(&pair);
}

static void half_close_works_in_both_orders(void **state) {
    (void)state;
    half_close(0);
    half_close(1);
}

static void both_may_say_the_end_at_once(void **state) {
    (void)state;
    rig_pair pair;
    rig_connect(&pair);
    assert_int_equal(hop_tls_shutdown(pair.end[0].ours), HOP_TLS_DONE);
    assert_int_equal(hop_tls_shutdown(pair.end[1].ours), HOP_TLS_DONE);
    expect_read(pair.end[0].ours, HOP_TLS_ENDED);
    expect_read(pair.end[1].ours, HOP_TLS_ENDED);
    rig_free(&pair);
}

/* Writes until the socket takes no more; returns what was accepted. */
static size_t fill(hop_tls *tls, const uint8_t *bytes, size_t size) {
    size_t sent = 0, count = 0;
    hop_tls_result result;
    while ((result = hop_tls_write(tls, bytes, size, &count)) == HOP_TLS_DONE)
        sent += count;
    assert_int_equal(result, HOP_TLS_WANT_WRITE);
    return sent;
}

static void the_end_waits_for_the_write_that_is_to_be_repeated(void **state) {
    (void)state;
    static uint8_t bytes[30000], got[30000];
    rig_pair pair;
    rig_connect(&pair);
    hop_tls *writer = pair.end[0].ours, *reader = pair.end[1].ours;
    size_t sent = fill(writer, bytes, sizeof(bytes)), received = 0, count = 0;
    assert_int_equal(hop_tls_shutdown(writer), HOP_TLS_WANT_WRITE);
    while (received < sent) {
        assert_int_equal(hop_tls_read(reader, got, sizeof(got), &count), HOP_TLS_DONE);
        received += count;
    }
    assert_int_equal(hop_tls_shutdown(writer), HOP_TLS_WANT_WRITE);
    assert_int_equal(hop_tls_write(writer, bytes, sizeof(bytes), &count), HOP_TLS_DONE);
    sent += count;
    assert_int_equal(hop_tls_shutdown(writer), HOP_TLS_DONE);
    for (; received < sent; received += count)
        assert_int_equal(hop_tls_read(reader, got, sizeof(got), &count), HOP_TLS_DONE);
    assert_int_equal(received, sent);
    expect_read(reader, HOP_TLS_ENDED);
    rig_free(&pair);
}

static void an_end_that_does_not_fit_is_said_later(void **state) {
    (void)state;
    static uint8_t block[4096], got[30000];
    rig_pair pair;
    rig_connect(&pair);
    hop_tls *writer = pair.end[0].ours, *reader = pair.end[1].ours;
    /* The socket is full between two records: rubbish of the test fills the rest and is taken out
     * again before the other end can see it. */
    ssize_t part = 0;
    size_t rubbish = 0, left = 0, count = 0;
    for (size_t size = sizeof(block); size > 0; size /= 2)
        while ((part = send(pair.end[0].fd, block, size, MSG_DONTWAIT)) > 0)
            rubbish += (size_t)part;
    assert_int_equal(hop_tls_shutdown(writer), HOP_TLS_WANT_WRITE);
    assert_int_equal(hop_tls_shutdown(writer), HOP_TLS_WANT_WRITE);
    for (left = rubbish; left > 0; left -= (size_t)part) {
        part = recv(pair.end[1].fd, got, left < sizeof(got) ? left : sizeof(got), MSG_DONTWAIT);
        assert_true(part > 0);
    }
    assert_int_equal(hop_tls_shutdown(writer), HOP_TLS_DONE);
    expect_read(reader, HOP_TLS_ENDED);
    assert_int_equal(hop_tls_write(reader, block, 5, &count), HOP_TLS_DONE);
    assert_int_equal(hop_tls_read(writer, got, sizeof(got), &count), HOP_TLS_DONE);
    assert_int_equal(count, 5);
    rig_free(&pair);
}

static void what_came_with_the_handshake_is_pending(void **state) {
    (void)state;
    rig_pair pair;
    rig_open(&pair, rig_key, rig_key);
    hop_tls *client = pair.end[0].ours, *server = pair.end[1].ours;
    uint8_t bytes[100] = {7}, got[60];
    size_t count = 0;
    assert_int_equal(hop_tls_handshake(client), HOP_TLS_WANT_READ);
    assert_int_equal(hop_tls_handshake(server), HOP_TLS_WANT_READ);
    assert_int_equal(hop_tls_handshake(client), HOP_TLS_DONE);
    assert_int_equal(hop_tls_handshake(client), HOP_TLS_DONE);
    assert_int_equal(hop_tls_write(client, bytes, sizeof(bytes), &count), HOP_TLS_DONE);
    assert_false(hop_tls_pending(server));
    assert_int_equal(hop_tls_handshake(server), HOP_TLS_DONE);
    assert_int_equal(recv(pair.end[1].fd, got, 1, MSG_PEEK | MSG_DONTWAIT), -1);
    assert_true(hop_tls_pending(server));
    assert_int_equal(hop_tls_read(server, got, sizeof(got), &count), HOP_TLS_DONE);
    assert_int_equal(count, sizeof(got));
    assert_true(hop_tls_pending(server));
    assert_int_equal(hop_tls_read(server, got, sizeof(got), &count), HOP_TLS_DONE);
    assert_int_equal(count, sizeof(bytes) - sizeof(got));
    assert_false(hop_tls_pending(server));
    rig_free(&pair);
}

static void half_a_record_is_nothing_to_spin_on(void **state) {
    (void)state;
    rig_pair pair;
    rig_open_tapped(&pair, rig_key, rig_key);
    rig_shake(&pair);
    hop_tls *writer = pair.end[0].ours, *reader = pair.end[1].ours;
    uint8_t bytes[100] = {7}, wire[300];
    size_t count = 0;
    assert_int_equal(hop_tls_write(writer, bytes, sizeof(bytes), &count), HOP_TLS_DONE);
    ssize_t size = recv(pair.middle[0], wire, sizeof(wire), MSG_DONTWAIT);
    assert_int_equal(size, 5 + 100 + 1 + 16); /* header, data, type, tag */
    for (ssize_t i = 0; i < size; i++) {
        expect_read(reader, HOP_TLS_WANT_READ);
        assert_false(hop_tls_pending(reader));
        assert_int_equal(send(pair.middle[1], &wire[i], 1, 0), 1);
    }
    assert_int_equal(hop_tls_read(reader, wire, sizeof(wire), &count), HOP_TLS_DONE);
    assert_int_equal(count, sizeof(bytes));
    rig_free(&pair);
}

/* ---- the end that is none ---- */

static void plain_ends_are_cuts(void **state) {
    (void)state;
    for (int way = 0; way < 4; way++) {
        rig_pair pair;
        uint8_t bytes[10] = {1}, got[64];
        size_t count = 0;
        rig_connect(&pair);
        hop_tls *reader = pair.end[1].ours;
        assert_int_equal(hop_tls_write(pair.end[0].ours, bytes, sizeof(bytes), &count),
                         HOP_TLS_DONE);
        if (way == 1) assert_int_equal(send(pair.end[0].fd, "\x17\x03\x03\x00", 4, 0), 4);
        if (way == 2)
            shutdown(pair.end[0].fd, SHUT_WR);
        else
            rig_close(&pair.end[0].fd);
        if (way == 3) pair.end[0].ours = hop_tls_free(pair.end[0].ours);
        assert_int_equal(hop_tls_read(reader, got, sizeof(got), &count), HOP_TLS_DONE);
        assert_int_equal(count, sizeof(bytes));
        expect_read(reader, HOP_TLS_CUT);
        expect_read(reader, HOP_TLS_CUT);
        assert_false(hop_tls_pending(reader));
        rig_free(&pair);
    }
}

/* A connected pair by TCP. */
static void connect_by_tcp(rig_pair *pair) {
    int fd[2];
    rig_open(pair, NULL, NULL);
    rig_tcp_sockets(fd);
    for (int i = 0; i < 2; i++) {
        rig_close(&pair->end[i].fd);
        pair->end[i].fd = fd[i];
        pair->end[i].ours = hop_tls_new(fd[i], i == 0, rig_key);
    }
    for (int more = 0; more < 1000 && (pair->end[0].verdict != HOP_TLS_DONE ||
                                       pair->end[1].verdict != HOP_TLS_DONE);
         more++) {
        rig_shake(pair);
        usleep(1000);
    }
    assert_int_equal(pair->end[0].verdict, HOP_TLS_DONE);
    assert_int_equal(pair->end[1].verdict, HOP_TLS_DONE);
}

static uint64_t segments(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    return info.tcpi_segs_out;
}

static size_t largest_segment(int fd) {
    int size = 0;
    socklen_t length = sizeof(size);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &size, &length), 0);
    return (size_t)size;
}

/* Sends it in one go, as far as the sockets take it, and waits until it has arrived. */
static void pass(rig_pair *pair, const uint8_t *bytes, size_t size) {
    static uint8_t got[MIB];
    size_t sent = 0, received = 0, count = 0;
    while (received < size) {
        while (sent < size &&
               hop_tls_write(pair->end[0].ours, bytes + sent, size - sent, &count) == HOP_TLS_DONE)
            sent += count;
        hop_tls_result result =
            hop_tls_read(pair->end[1].ours, got + received, size - received, &count);
        struct pollfd arrival = {.fd = pair->end[1].fd, .events = POLLIN};
        if (result == HOP_TLS_DONE)
            received += count;
        else
            assert_int_equal(poll(&arrival, 1, 10000), 1);
    }
    assert_memory_equal(got, bytes, size);
}

/* Although small writes are not to wait for anything (TCP_NODELAY). */
static void the_records_of_one_write_leave_together(void **state) {
    (void)state;
    enum { ROUNDS = 64, SIZE = 65536, RECORDS = SIZE / SSL3_RT_MAX_PLAIN_LENGTH };
    static uint8_t bytes[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    rig_pair pair;
    connect_by_tcp(&pair);
    int fd = pair.end[0].fd, one = 1;
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
    size_t sent = SIZE + (size_t)RECORDS * 22; /* RFC 8446 section 5.2: head, type, tag */
    uint64_t before = segments(fd);
    for (int round = 0; round < ROUNDS; round++)
        pass(&pair, bytes, SIZE);
    uint64_t count = segments(fd) - before;
    size_t full = sent / largest_segment(fd); /* it grows with the peer's window */
    /* The full ones, the rest, and once in a while one that was sent twice or is an answer. */
    assert_true(count <= ROUNDS * (full + 2));
    rig_free(&pair);
}

static void reset(int *fd) {
    struct linger abortive = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(*fd, SOL_SOCKET, SO_LINGER, &abortive, sizeof(abortive)), 0);
    rig_close(fd);
    usleep(10000);
}

static int sigpipes;

static void count_sigpipe(int number) {
    (void)number;
    sigpipes++;
}

static void a_reset_is_a_cut_and_raises_no_signal(void **state) {
    (void)state;
    struct sigaction count_it = {.sa_handler = count_sigpipe}, before;
    assert_int_equal(sigaction(SIGPIPE, &count_it, &before), 0);
    for (int which = 0; which < 2; which++) {
        rig_pair pair;
        uint8_t bytes[100] = {1};
        size_t count = 0;
        connect_by_tcp(&pair);
        hop_tls *left = pair.end[which].ours;
        reset(&pair.end[1 - which].fd);
        expect_read(left, HOP_TLS_CUT);
        for (int i = 0; i < 3; i++)
            assert_int_equal(hop_tls_write(left, bytes, sizeof(bytes), &count), HOP_TLS_CUT);
        assert_int_equal(hop_tls_shutdown(left), HOP_TLS_CUT);
        rig_free(&pair);

        connect_by_tcp(&pair);
        reset(&pair.end[1 - which].fd);
        assert_int_equal(hop_tls_shutdown(pair.end[which].ours), HOP_TLS_CUT);
        rig_free(&pair);

        int fd[2]; /* and before there is any handshake */
        rig_tcp_sockets(fd);
        reset(&fd[1]);
        hop_tls *early = hop_tls_new(fd[0], which == 0, rig_key);
        assert_int_equal(hop_tls_handshake(early), HOP_TLS_CUT);
        assert_int_equal(hop_tls_handshake(early), HOP_TLS_CUT);
        hop_tls_free(early);
        close(fd[0]);
    }
    assert_int_equal(sigpipes, 0);
    /* The same write by OpenSSL's own socket BIO: this test can fail. */
    int fd[2];
    rig_sockets(fd);
    close(fd[1]);
    BIO *bio = BIO_new_socket(fd[0], BIO_CLOSE);
    assert_true(BIO_write(bio, "x", 1) < 0);
    BIO_free(bio);
    assert_int_equal(sigpipes, 1);
    assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
    ERR_clear_error();
}

static void a_failed_write_leaves_what_came_in_readable(void **state) {
    (void)state;
    rig_pair pair;
    uint8_t bytes[100] = {1}, got[200];
    size_t count = 0;
    rig_connect(&pair);
    hop_tls *left = pair.end[0].ours;
    assert_int_equal(hop_tls_write(pair.end[1].ours, bytes, sizeof(bytes), &count), HOP_TLS_DONE);
    assert_int_equal(hop_tls_shutdown(pair.end[1].ours), HOP_TLS_DONE);
    rig_close(&pair.end[1].fd);
    assert_int_equal(hop_tls_write(left, bytes, sizeof(bytes), &count), HOP_TLS_CUT);
    assert_int_equal(hop_tls_read(left, got, sizeof(got), &count), HOP_TLS_DONE);
    assert_int_equal(count, sizeof(bytes));
    expect_read(left, HOP_TLS_ENDED);
    rig_free(&pair);
}

static void handshake_sizes(size_t ret_sizes[2]) {
    rig_pair pair;
    rig_open_tapped(&pair, rig_key, rig_key);
    rig_shake(&pair);
    for (int way = 0; way < 2; way++) {
        assert_int_equal(pair.end[way].verdict, HOP_TLS_DONE);
        ret_sizes[way] = pair.way[way].count;
    }
    rig_free(&pair);
}

static void a_handshake_cut_at_any_byte_is_no_success(void **state) {
    (void)state;
    rig_pair pair;
    size_t total[2];
    handshake_sizes(total);
    print_message("the handshake has %zu + %zu bytes\n", total[0], total[1]);
    for (int way = 0; way < 2; way++) {
        for (size_t at = 0; at < total[way]; at++) {
            rig_open_tapped(&pair, rig_key, rig_key);
            pair.way[way].cut_at = at;
            rig_shake_out(&pair);
            /* The one that was cut off knows; the other may have been done before. */
            assert_int_equal(pair.end[1 - way].verdict, HOP_TLS_CUT);
            if (way == 1) assert_int_not_equal(pair.end[0].verdict, HOP_TLS_DONE);
            if (pair.end[way].verdict != HOP_TLS_DONE) {
                assert_int_equal(pair.end[way].verdict, HOP_TLS_CUT);
            } else {
                hop_tls_result later = HOP_TLS_DONE;
                size_t count = 0;
                uint8_t byte = 0;
                later = hop_tls_read(pair.end[way].ours, &byte, 1, &count);
                assert_int_equal(later, HOP_TLS_CUT);
            }
            rig_free(&pair);
        }
    }
}

/* ---- the attacker ---- */

static void the_wrong_key_is_found_by_both(void **state) {
    (void)state;
    rig_pair pair;
    rig_open(&pair, rig_key, rig_other_key);
    rig_shake(&pair);
    for (int i = 0; i < 2; i++) {
        hop_tls *tls = pair.end[i].ours;
        uint8_t byte = 0;
        size_t count = 0;
        assert_int_equal(pair.end[i].verdict, HOP_TLS_IMPOSTOR);
        assert_int_equal(hop_tls_handshake(tls), HOP_TLS_IMPOSTOR);
        /* And nothing can be had from it afterwards. */
        expect_read(tls, HOP_TLS_BROKEN);
        assert_int_equal(hop_tls_write(tls, &byte, 1, &count), HOP_TLS_BROKEN);
        assert_int_equal(hop_tls_shutdown(tls), HOP_TLS_BROKEN);
        assert_false(hop_tls_pending(tls));
    }
    rig_free(&pair);
}

static void nothing_goes_before_the_handshake(void **state) {
    (void)state;
    rig_pair pair;
    rig_open(&pair, rig_key, rig_key);
    for (int i = 0; i < 2; i++) {
        uint8_t byte = 0;
        size_t count = 0;
        expect_read(pair.end[i].ours, HOP_TLS_BROKEN);
        assert_int_equal(hop_tls_write(pair.end[i].ours, &byte, 1, &count), HOP_TLS_BROKEN);
        assert_int_equal(hop_tls_shutdown(pair.end[i].ours), HOP_TLS_BROKEN);
    }
    rig_shake(&pair);
    rig_check_talk(&pair);
    rig_free(&pair);
}

/* One of ours against a stranger: refused. */
static void refuse(int which, rig_stranger stranger) {
    rig_pair pair;
    rig_open(&pair, which == 0 ? NULL : rig_key, which == 1 ? NULL : rig_key);
    rig_put_stranger(&pair, which, &stranger);
    rig_shake(&pair);
    assert_int_equal(pair.end[1 - which].verdict, HOP_TLS_IMPOSTOR);
    /* Not even the stranger may think that it went well; ours said no before its last word. */
    assert_int_equal(pair.end[which].verdict, HOP_TLS_BROKEN);
    rig_free(&pair);
}

/* The same stranger against one who is laxer than ours: so the refusal was not for another cause.
 */
static SSL *succeed(rig_pair *pair, int which, rig_stranger stranger, rig_stranger lax) {
    rig_open(pair, NULL, NULL);
    rig_put_stranger(pair, which, &stranger);
    rig_put_stranger(pair, 1 - which, &lax);
    rig_shake(pair);
    assert_int_equal(pair->end[0].verdict, HOP_TLS_DONE);
    assert_int_equal(pair->end[1].verdict, HOP_TLS_DONE);
    return pair->end[1 - which].theirs;
}

/* OpenSSL's issue 19063. */
static void a_server_with_a_certificate_instead_of_the_key_is_refused(void **state) {
    (void)state;
    rig_stranger attacker = {.has_certificate = true};
    rig_stranger lax = {.key = rig_key, .suites = "TLS_AES_128_GCM_SHA256", .is_lax = true};
    rig_pair pair;
    refuse(1, attacker);
    refuse(1, (rig_stranger){.has_certificate = true, .key = rig_other_key});
    SSL *fooled = succeed(&pair, 1, attacker, lax);
    assert_int_equal(SSL_session_reused(fooled), 0);
    rig_free(&pair);
}

static void a_client_without_the_key_is_refused(void **state) {
    (void)state;
    rig_stranger lax = {.key = rig_key, .has_certificate = true};
    rig_pair pair;
    refuse(0, (rig_stranger){.is_lax = true});
    refuse(0, (rig_stranger){.is_lax = true, .has_certificate = true});
    refuse(0, (rig_stranger){.is_lax = true, .key = rig_other_key});
    succeed(&pair, 0, (rig_stranger){.is_lax = true}, lax);
    rig_free(&pair);
}

static void older_versions_are_refused(void **state) {
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        rig_stranger old = {.version = versions[i], .has_certificate = true, .is_lax = true};
        refuse(0, old);
        refuse(1, old);
    }
    rig_pair pair;
    rig_stranger old = {.version = TLS1_2_VERSION, .has_certificate = true, .is_lax = true};
    succeed(&pair, 0, old, old);
    rig_free(&pair);
    /* Our client's hello offers one version (RFC 8446 section 4.2.1) and one key exchange mode,
     * with fresh keys (4.2.9). */
    static const uint8_t only_version[] = {0, 43, 0, 3, 2, 3, 4};
    static const uint8_t only_mode[] = {0, 45, 0, 2, 1, 1};
    rig_open_tapped(&pair, rig_key, rig_key);
    rig_shake(&pair);
    const rig_way *way = &pair.way[0];
    assert_non_null(memmem(way->bytes, way->count, only_version, sizeof(only_version)));
    assert_non_null(memmem(way->bytes, way->count, only_mode, sizeof(only_mode)));
    rig_free(&pair);
}

/* Without a common group the key alone could still do, at the price of forward secrecy. */
static void an_exchange_without_fresh_keys_is_refused(void **state) {
    (void)state;
    rig_stranger cheap = {.key = rig_key,
                          .suites = "TLS_AES_128_GCM_SHA256",
                          .groups = "X448",
                          .options = SSL_OP_ALLOW_NO_DHE_KEX};
    rig_stranger lax = cheap;
    lax.groups = "X25519";
    refuse(0, cheap);
    refuse(1, cheap);
    for (int which = 0; which < 2; which++) {
        rig_pair pair;
        succeed(&pair, which, cheap, lax);
        rig_free(&pair);
    }
}

static void other_suites_are_refused(void **state) {
    (void)state;
    static const char *const suites[] = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_SHA256",
                                         "TLS_AES_128_CCM_8_SHA256"};
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        rig_stranger stranger = {.key = rig_key, .suites = suites[i]};
        rig_pair pair;
        refuse(0, stranger);
        refuse(1, stranger);
        succeed(&pair, 0, stranger, stranger);
        rig_free(&pair);
    }
}

static void a_recorded_handshake_cannot_be_played_again(void **state) {
    (void)state;
    for (int way = 0; way < 2; way++) {
        rig_pair once, again;
        rig_open_tapped(&once, rig_key, rig_key);
        rig_shake(&once);
        rig_check_talk(&once);
        rig_open(&again, way == 0 ? NULL : rig_key, way == 1 ? NULL : rig_key);
        rig_shake(&again);
        ssize_t size = (ssize_t)once.way[way].count;
        assert_int_equal(send(again.end[way].fd, once.way[way].bytes, (size_t)size, 0), size);
        rig_shake(&again);
        assert_int_equal(again.end[1 - way].verdict, HOP_TLS_IMPOSTOR);
        rig_free(&again);
        rig_free(&once);
    }
}

static void garbage_is_refused(void **state) {
    (void)state;
    hop_random random = hop_random_seeded(77);
    unsigned impostors = 0;
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t bytes[600];
        size_t size = (size_t)hop_random_between(&random, 1, sizeof(bytes));
        int which = (int)(round % 2);
        rig_pair pair;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)hop_random_next(&random);
        /* Half of it looks like a record. */
        if (round % 4 > 1 && size > 9)
            memcpy(bytes, (uint8_t[]){22, 3, 3, 0, 60, (uint8_t)(2 - which), 0, 0, 56}, 9);
        rig_open(&pair, which == 0 ? NULL : rig_key, which == 1 ? NULL : rig_key);
        assert_int_equal(send(pair.end[which].fd, bytes, size, 0), (ssize_t)size);
        rig_shake_out(&pair);
        hop_tls_result verdict = pair.end[1 - which].verdict;
        assert_true(verdict == HOP_TLS_IMPOSTOR || verdict == HOP_TLS_CUT);
        impostors += verdict == HOP_TLS_IMPOSTOR;
        rig_free(&pair);
    }
    assert_true(impostors > 1000);
}

static void other_protocols_are_refused(void **state) {
    (void)state;
    static const char *const words[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                                        "SSH-2.0-OpenSSH_9.2p1\r\n",
                                        "\x15\x03\x03\x00\x02\x02\x28"};
    for (size_t i = 0; i < 6; i++) {
        int which = (int)(i % 2);
        const char *word = words[i / 2];
        /* The third holds a zero: an alert that anybody may send. */
        size_t size = i / 2 == 2 ? 7 : strlen(word);
        rig_pair pair;
        rig_open(&pair, which == 0 ? NULL : rig_key, which == 1 ? NULL : rig_key);
        assert_int_equal(send(pair.end[which].fd, word, size, 0), (ssize_t)size);
        rig_shake(&pair);
        assert_int_equal(pair.end[1 - which].verdict, HOP_TLS_IMPOSTOR);
        rig_free(&pair);
    }
}

/* A goodbye in clear during the handshake is no end of a stream that never was. */
static void a_goodbye_before_the_greeting_is_a_cut(void **state) {
    (void)state;
    for (int which = 0; which < 2; which++) {
        rig_pair pair;
        rig_open(&pair, which == 0 ? NULL : rig_key, which == 1 ? NULL : rig_key);
        assert_int_equal(send(pair.end[which].fd, "\x15\x03\x03\x00\x02\x01\x00", 7, 0), 7);
        rig_shake(&pair);
        /* A server has not even been greeted. */
        assert_int_equal(pair.end[1 - which].verdict, which == 1 ? HOP_TLS_CUT : HOP_TLS_IMPOSTOR);
        rig_free(&pair);
    }
}

/* A few bytes stand outside of what TLS authenticates (a version in a header, the empty change of
 * cipher); if both ends are content, then both must really have the same keys. */
static void a_handshake_with_any_bit_flipped_fools_nobody(void **state) {
    (void)state;
    unsigned content = 0, tries = 0;
    size_t total[2];
    handshake_sizes(total);
    for (int way = 0; way < 2; way++) {
        for (size_t at = 0; at < total[way]; at++, tries++) {
            rig_pair pair;
            rig_open_tapped(&pair, rig_key, rig_key);
            pair.way[way].flip_at = at;
            rig_shake(&pair);
            if (pair.end[0].verdict == HOP_TLS_DONE && pair.end[1].verdict == HOP_TLS_DONE) {
                rig_check_talk(&pair);
                content++;
            }
            rig_free(&pair);
        }
    }
    print_message("%u of %u flips did no harm\n", content, tries);
    assert_true(tries > 400 && content < 12);
}

static void a_flipped_bit_breaks_the_stream(void **state) {
    (void)state;
    const size_t size = 5 + 10 + 1 + 16;
    for (size_t at = 0; at < size; at++) {
        rig_pair pair;
        uint8_t bytes[10] = {0}, got[10];
        size_t count = 0;
        rig_open_tapped(&pair, rig_key, rig_key);
        rig_shake(&pair);
        pair.way[0].flip_at = pair.way[0].count + at;
        for (int more = 0; more < 12; more++) {
            assert_int_equal(hop_tls_write(pair.end[0].ours, bytes, sizeof(bytes), &count),
                             HOP_TLS_DONE);
            rig_carry(&pair);
        }
        /* Many records, as a length that grew makes the reader wait for what follows. */
        expect_read(pair.end[1].ours, HOP_TLS_BROKEN);
        expect_read(pair.end[1].ours, HOP_TLS_BROKEN);
        assert_int_equal(hop_tls_write(pair.end[1].ours, got, 1, &count), HOP_TLS_BROKEN);
        /* The other end is told so. */
        rig_carry(&pair);
        expect_read(pair.end[0].ours, HOP_TLS_BROKEN);
        assert_int_equal(hop_tls_write(pair.end[0].ours, got, 1, &count), HOP_TLS_BROKEN);
        rig_free(&pair);
    }
}

static void records_cannot_be_repeated_swapped_left_out_or_made(void **state) {
    (void)state;
    enum { RECORD = 5 + 10 + 1 + 16 };
    static const char *const orders[] = {"aa", "ba", "b", "A", "x", "g"};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        rig_pair pair;
        uint8_t bytes[10] = {0}, got[10], wire[2 * RECORD];
        size_t count = 0;
        rig_open_tapped(&pair, rig_key, rig_key);
        rig_shake(&pair);
        for (int more = 0; more < 2; more++)
            assert_int_equal(hop_tls_write(pair.end[0].ours, bytes, sizeof(bytes), &count),
                             HOP_TLS_DONE);
        assert_int_equal(recv(pair.middle[0], wire, sizeof(wire), 0), sizeof(wire));
        for (const char *order = orders[i]; *order != 0; order++) {
            const void *what = *order == 'b' ? wire + RECORD : wire;
            size_t size = RECORD;
            if (*order == 'x') size = 7, what = "\x15\x03\x03\x00\x02\x01\x00"; /* "goodbye" */
            if (*order == 'g') size = 10, what = "\x17\x03\x03\x00\x05hello";
            int to = *order == 'A' ? 0 : 1; /* back to its maker */
            assert_int_equal(send(pair.middle[to], what, size, 0), (ssize_t)size);
        }
        hop_tls *reader = pair.end[orders[i][0] == 'A' ? 0 : 1].ours;
        if (orders[i][0] == 'a')
            assert_int_equal(hop_tls_read(reader, got, sizeof(got), &count), HOP_TLS_DONE);
        expect_read(reader, HOP_TLS_BROKEN);
        rig_free(&pair);
    }
}

/* ---- what is left behind ---- */

/* How often a secret lies in this process's memory; it is told inverted, so that it is not found in
 * the asking. */
static unsigned count_in_memory(const uint8_t inverted[HOP_KEY_SIZE]) {
    enum { BLOCK = 1 << 16 };
    static uint8_t block[BLOCK + HOP_KEY_SIZE];
    char line[512];
    unsigned found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    assert_true(maps != NULL && memory >= 0);
    while (fgets(line, sizeof(line), maps) != NULL) {
        uint64_t from = 0, to = 0, mine = (uint64_t)(uintptr_t)block;
        char mode[8] = {0};
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[1] != 'w') continue;
        if (to - from > 256 * MIB) continue; /* a sanitizer's shadow */
        for (uint64_t at = from; at < to; at += BLOCK) {
            ssize_t size = pread(memory, block, sizeof(block), (off_t)at);
            const uint8_t *hit = block, *end = block + (size > 0 ? size : 0);
            for (; (hit = memchr(hit, inverted[0] ^ 0xFF, (size_t)(end - hit))) != NULL; hit++) {
                int same = 0;
                uint64_t place = at + (uint64_t)(hit - block);
                if (hit - block >= BLOCK || end - hit < HOP_KEY_SIZE) break;
                if (place >= mine && place < mine + sizeof(block)) continue;
                while (same < HOP_KEY_SIZE && (hit[same] ^ inverted[same]) == 0xFF)
                    same++;
                found += same == HOP_KEY_SIZE;
            }
        }
    }
    memset(block, 0, sizeof(block));
    close(memory);
    fclose(maps);
    return found;
}

static void the_key_is_wiped_after_the_handshake(void **state) {
    (void)state;
    for (int wrong = 0; wrong < 3; wrong++) {
        uint8_t key[HOP_KEY_SIZE], inverted[HOP_KEY_SIZE];
        hop_random random = hop_random_seeded(1234 + (uint64_t)wrong);
        for (size_t i = 0; i < sizeof(key); i++) {
            inverted[i] = (uint8_t)hop_random_next(&random);
            key[i] = inverted[i] ^ 0xFF;
        }
        rig_pair pair;
        rig_open(&pair, wrong == 1 ? rig_other_key : key, wrong == 2 ? rig_other_key : key);
        hop_crypto_wipe(key, sizeof(key));
        assert_true(count_in_memory(inverted) >= (wrong == 0 ? 2 : 1));
        rig_shake(&pair);
        assert_int_equal(pair.end[0].verdict, wrong == 0 ? HOP_TLS_DONE : HOP_TLS_IMPOSTOR);
        assert_int_equal(pair.end[1].verdict, wrong == 0 ? HOP_TLS_DONE : HOP_TLS_IMPOSTOR);
        assert_int_equal(count_in_memory(inverted), 0);
        rig_free(&pair);
        assert_int_equal(count_in_memory(inverted), 0);
        /* And when there never was one. */
        for (size_t i = 0; i < sizeof(key); i++)
            key[i] = inverted[i] ^ 0xFF;
        rig_open(&pair, key, key);
        hop_crypto_wipe(key, sizeof(key));
        rig_free(&pair);
        assert_int_equal(count_in_memory(inverted), 0);
    }
}

static void the_programs_own_errors_do_not_confuse(void **state) {
    (void)state;
    rig_pair pair;
    rig_open(&pair, rig_key, rig_key);
    for (int round = 0; round < 6; round++) {
        ERR_raise(ERR_LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING);
        hop_tls_result result = hop_tls_handshake(pair.end[round % 2].ours);
        assert_true(result == HOP_TLS_DONE || result == HOP_TLS_WANT_READ);
    }
    ERR_raise(ERR_LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING);
    expect_read(pair.end[0].ours, HOP_TLS_WANT_READ);
    rig_check_talk(&pair);
    rig_free(&pair);
}

/* Sanitizers and valgrind have a heap of their own. */
static void need_counted_heap(void) {
    size_t before = mallinfo2().uordblks;
    void *volatile block = malloc(5000);
    bool counts = mallinfo2().uordblks >= before + 5000;
    free(block);
    if (counts) return;
    print_message("skipped: the heap in use is not malloc's own and not counted\n");
    skip();
}

/* Bytes of the heap that each of many connected, idle ends takes. */
static size_t memory_of_an_end(void) {
    enum { PAIRS = 100 };
    static rig_pair pairs[PAIRS];
    rig_pair first;
    uint8_t byte = 0;
    size_t count = 0;
    rig_connect(&first);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < PAIRS; i++) {
        rig_connect(&pairs[i]);
        rig_check_talk(&pairs[i]);
        for (int k = 0; k < 2; k++) {
            hop_tls_rest(pairs[i].end[k].ours);
            assert_int_equal(hop_tls_read(pairs[i].end[k].ours, &byte, 1, &count),
                             HOP_TLS_WANT_READ);
        }
    }
    size_t after = mallinfo2().uordblks;
    for (int i = 0; i < PAIRS; i++)
        rig_free(&pairs[i]);
    rig_free(&first);
    return (after - before) / (2 * PAIRS);
}

static void an_idle_end_is_small(void **state) {
    (void)state;
    need_counted_heap();
    size_t size = memory_of_an_end();
    print_message("an idle end takes %zu bytes\n", size);
    assert_true(size > 1000 && size < 20 * 1024);
}

/* Buffers are given back between any two steps; what lies in them is kept. */
static void a_rest_loses_nothing(void **state) {
    (void)state;
    enum { HEAD = 5, TAIL = 17 }; /* of a record: RFC 8446 section 5.2, with AES-GCM's tag */
    rig_pair pair;
    uint8_t bytes[16], wire[128];
    size_t count = 0, part = HEAD + 7 + TAIL + HEAD + 2;
    rig_open_tapped(&pair, rig_key, rig_key);
    rig_shake(&pair);
    hop_tls *from = pair.end[0].ours, *to = pair.end[1].ours;
    assert_int_equal(hop_tls_write(from, (const uint8_t *)"one two", 7, &count), HOP_TLS_DONE);
    hop_tls_rest(from);
    assert_int_equal(hop_tls_write(from, (const uint8_t *)"three", 5, &count), HOP_TLS_DONE);
    ssize_t size = recv(pair.middle[0], wire, sizeof(wire), MSG_DONTWAIT);
    assert_int_equal(size, 2 * (HEAD + TAIL) + 7 + 5);
    /* One record, read in two parts, and the beginning of another one. */
    assert_int_equal(send(pair.middle[1], wire, part, 0), part);
    assert_int_equal(hop_tls_read(to, bytes, 3, &count), HOP_TLS_DONE);
    hop_tls_rest(to);
    assert_int_equal(hop_tls_read(to, bytes + 3, sizeof(bytes) - 3, &count), HOP_TLS_DONE);
    assert_int_equal(count, 4);
    assert_memory_equal(bytes, "one two", 7);
    hop_tls_rest(to);
    expect_read(to, HOP_TLS_WANT_READ);
    hop_tls_rest(to);
    assert_int_equal(send(pair.middle[1], wire + part, (size_t)size - part, 0),
                     (size_t)size - part);
    assert_int_equal(hop_tls_read(to, bytes, sizeof(bytes), &count), HOP_TLS_DONE);
    assert_int_equal(count, 5);
    assert_memory_equal(bytes, "three", 5);
    hop_tls_rest(to);
    rig_check_talk(&pair);
    rig_free(&pair);
}

static void many_lives_leave_nothing(void **state) {
    (void)state;
    need_counted_heap();
    size_t before = 0;
    for (int round = 0; round < 600; round++) {
        rig_pair pair;
        if (round == 100) before = mallinfo2().uordblks;
        if (round % 3 == 0)
            rig_open(&pair, rig_key, rig_other_key);
        else
            rig_open(&pair, rig_key, rig_key);
        if (round % 3 != 1) rig_shake(&pair);
        rig_free(&pair);
    }
    size_t after = mallinfo2().uordblks;
    assert_true(after <= before + 2048);
}

/* ---- what it costs ---- */

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* One direction, 64 KiB blocks, both ends in this thread; MiB per second of CPU. */
static double speed(rig_pair *pair, size_t total) {
    static uint8_t out[65536], in[65536];
    rig_end *from = &pair->end[0], *to = &pair->end[1];
    size_t sent = 0, received = 0, count = 0;
    double start = cpu_seconds();
    while (received < total) {
        for (bool goes = true; goes && sent < total; sent += goes ? count : 0) {
            size_t at = sent % sizeof(out);
            goes =
                from->ours != NULL
                    ? hop_tls_write(from->ours, out + at, sizeof(out) - at, &count) == HOP_TLS_DONE
                    : SSL_write_ex(from->theirs, out + at, sizeof(out) - at, &count) == 1;
        }
        for (bool goes = true; goes; received += goes ? count : 0)
            goes = to->ours != NULL ? hop_tls_read(to->ours, in, sizeof(in), &count) == HOP_TLS_DONE
                                    : SSL_read_ex(to->theirs, in, sizeof(in), &count) == 1;
    }
    return (double)total / MIB / (cpu_seconds() - start);
}

static double speed_of(bool is_ours, bool is_bare_tuned, size_t total) {
    rig_pair pair;
    rig_stranger bare = {.key = rig_key, .suites = "TLS_AES_128_GCM_SHA256"};
    rig_open(&pair, is_ours ? rig_key : NULL, is_ours ? rig_key : NULL);
    for (int i = 0; i < 2 && !is_ours; i++) {
        rig_put_stranger(&pair, i, &bare);
        SSL_set_mode(pair.end[i].theirs,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        if (is_bare_tuned) SSL_set_mode(pair.end[i].theirs, SSL_MODE_RELEASE_BUFFERS);
        if (is_bare_tuned) SSL_set_read_ahead(pair.end[i].theirs, 1);
    }
    rig_shake(&pair);
    double result = speed(&pair, total);
    rig_free(&pair);
    return result;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static int measure(void) {
    enum { ROUNDS = 61 };
    double ours[ROUNDS], to_bare[ROUNDS], to_tuned[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        /* Compared with what ran just before and after, as the machine has its moods. */
        double bare = speed_of(false, false, 48 * MIB);
        ours[i] = speed_of(true, false, 48 * MIB);
        double tuned = speed_of(false, true, 48 * MIB);
        to_bare[i] = ours[i] / bare;
        to_tuned[i] = ours[i] / tuned;
    }
    qsort(ours, ROUNDS, sizeof(double), by_size);
    qsort(to_bare, ROUNDS, sizeof(double), by_size);
    qsort(to_tuned, ROUNDS, sizeof(double), by_size);
    printf("%.0f MiB/CPU-s both ends; of a bare OpenSSL loop: %.3f; of one with our modes: %.3f\n",
           ours[ROUNDS / 2], to_bare[ROUNDS / 2], to_tuned[ROUNDS / 2]);
    printf("an idle end: %zu bytes\n", memory_of_an_end());
    return 0;
}

int main(int count, char **words) {
    if (count > 1 && strcmp(words[1], "measure") == 0) return measure();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_roles_agree_and_talk),
        cmocka_unit_test(a_plain_openssl_client_with_the_key_is_welcome),
        cmocka_unit_test(the_second_suite_and_the_second_group_work),
        cmocka_unit_test(megabytes_go_both_ways_in_parts),
        cmocka_unit_test(half_close_works_in_both_orders),
        cmocka_unit_test(both_may_say_the_end_at_once),
        cmocka_unit_test(the_end_waits_for_the_write_that_is_to_be_repeated),
        cmocka_unit_test(an_end_that_does_not_fit_is_said_later),
        cmocka_unit_test(what_came_with_the_handshake_is_pending),
        cmocka_unit_test(half_a_record_is_nothing_to_spin_on),
        cmocka_unit_test(the_records_of_one_write_leave_together),
        cmocka_unit_test(plain_ends_are_cuts),
        cmocka_unit_test(a_reset_is_a_cut_and_raises_no_signal),
        cmocka_unit_test(a_failed_write_leaves_what_came_in_readable),
        cmocka_unit_test(a_handshake_cut_at_any_byte_is_no_success),
        cmocka_unit_test(the_wrong_key_is_found_by_both),
        cmocka_unit_test(nothing_goes_before_the_handshake),
        cmocka_unit_test(a_server_with_a_certificate_instead_of_the_key_is_refused),
        cmocka_unit_test(a_client_without_the_key_is_refused),
        cmocka_unit_test(older_versions_are_refused),
        cmocka_unit_test(an_exchange_without_fresh_keys_is_refused),
        cmocka_unit_test(other_suites_are_refused),
        cmocka_unit_test(a_recorded_handshake_cannot_be_played_again),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(other_protocols_are_refused),
        cmocka_unit_test(a_goodbye_before_the_greeting_is_a_cut),
        cmocka_unit_test(a_handshake_with_any_bit_flipped_fools_nobody),
        cmocka_unit_test(a_flipped_bit_breaks_the_stream),
        cmocka_unit_test(records_cannot_be_repeated_swapped_left_out_or_made),
        cmocka_unit_test(the_key_is_wiped_after_the_handshake),
        cmocka_unit_test(the_programs_own_errors_do_not_confuse),
        cmocka_unit_test(an_idle_end_is_small),
        cmocka_unit_test(a_rest_loses_nothing),
        cmocka_unit_test(many_lives_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
