/* SPDX-License-Identifier: MIT */
/*
 * The ends, the attackers and the man in the middle of the tests of TLS. See tls_rig.h.
 */
#include "tls_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

const uint8_t rig_key[HOP_KEY_SIZE] = "a key that both of the ends hold";
const uint8_t rig_other_key[HOP_KEY_SIZE] = "a key that only the wrong end ha";

static SSL_CTX *stranger_context(const rig_stranger *stranger, bool is_client);
static void give_certificate(SSL_CTX *context);
static SSL_SESSION *stranger_session(SSL *ssl);
static int stranger_offers(SSL *ssl, const EVP_MD *hash, const unsigned char **ret_identity,
                           size_t *ret_size, SSL_SESSION **ret_session);
static int stranger_finds(SSL *ssl, const unsigned char *identity, size_t size,
                          SSL_SESSION **ret_session);
static bool go_on(rig_end *end);
static bool carry_way(rig_pair *pair, int from);

void rig_sockets(int ret_fd[2]) {
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret_fd), 0);
}

void rig_tcp_sockets(int ret_fd[2]) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    ret_fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(ret_fd[0], (struct sockaddr *)&address, size), 0);
    ret_fd[1] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(ret_fd[1] >= 0);
    assert_int_equal(fcntl(ret_fd[0], F_SETFL, O_NONBLOCK), 0);
    close(listener);
}

void rig_close(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

void rig_open(rig_pair *pair, const uint8_t *client_key, const uint8_t *server_key) {
    int fd[2];
    rig_sockets(fd);
    *pair = (rig_pair){.middle = {-1, -1}};
    for (int i = 0; i < 2; i++) {
        const uint8_t *key = i == 0 ? client_key : server_key;
        pair->end[i].fd = fd[i];
        pair->end[i].verdict = HOP_TLS_WANT_READ;
        if (key == NULL) continue;
        pair->end[i].ours = hop_tls_new(fd[i], i == 0, key);
        assert_non_null(pair->end[i].ours);
    }
}

void rig_open_tapped(rig_pair *pair, const uint8_t *client_key, const uint8_t *server_key) {
    int fd[2][2];
    *pair = (rig_pair){.way = calloc(2, sizeof(rig_way))};
    assert_non_null(pair->way);
    for (int i = 0; i < 2; i++) {
        const uint8_t *key = i == 0 ? client_key : server_key;
        rig_sockets(fd[i]);
        pair->middle[i] = fd[i][1];
        pair->way[i].flip_at = pair->way[i].cut_at = SIZE_MAX;
        pair->end[i].fd = fd[i][0];
        pair->end[i].verdict = HOP_TLS_WANT_READ;
        if (key == NULL) continue;
        pair->end[i].ours = hop_tls_new(fd[i][0], i == 0, key);
        assert_non_null(pair->end[i].ours);
    }
}

void rig_put_stranger(rig_pair *pair, int which, const rig_stranger *stranger) {
    SSL_CTX *context = stranger_context(stranger, which == 0);
    SSL *ssl = SSL_new(context);
    SSL_CTX_free(context);
    assert_non_null(ssl);
    assert_int_equal(SSL_set_app_data(ssl, (char *)(uintptr_t)stranger->key), 1);
    assert_int_equal(SSL_set_fd(ssl, pair->end[which].fd), 1);
    if (which == 0)
        SSL_set_connect_state(ssl);
    else
        SSL_set_accept_state(ssl);
    assert_null(pair->end[which].ours);
    pair->end[which].theirs = ssl;
}

void rig_free(rig_pair *pair) {
    for (int i = 0; i < 2; i++) {
        pair->end[i].ours = hop_tls_free(pair->end[i].ours);
        assert_int_equal(ERR_peek_error(), 0);
        SSL_free(pair->end[i].theirs);
        rig_close(&pair->end[i].fd);
        rig_close(&pair->middle[i]);
    }
    free(pair->way);
}

bool rig_carry(rig_pair *pair) {
    if (pair->way == NULL) return false;
    bool moved = carry_way(pair, 0);
    return carry_way(pair, 1) || moved;
}

void rig_shake(rig_pair *pair) {
    for (int quiet = 0; quiet < 4; quiet++) {
        bool moved = go_on(&pair->end[0]);
        moved = rig_carry(pair) || moved;
        moved = go_on(&pair->end[1]) || moved;
        if (rig_carry(pair) || moved) quiet = 0;
    }
}

void rig_shake_out(rig_pair *pair) {
    rig_shake(pair);
    for (int i = 0; i < 2; i++)
        shutdown(pair->end[i].fd, SHUT_WR);
    rig_shake(pair);
}

void rig_connect(rig_pair *pair) {
    rig_open(pair, rig_key, rig_key);
    rig_shake(pair);
    assert_int_equal(pair->end[0].verdict, HOP_TLS_DONE);
    assert_int_equal(pair->end[1].verdict, HOP_TLS_DONE);
}

void rig_check_talk(rig_pair *pair) {
    for (int i = 0; i < 2; i++) {
        static const uint8_t word[] = "hello";
        uint8_t bytes[64] = {0};
        size_t count = 0;
        assert_int_equal(hop_tls_write(pair->end[i].ours, word, sizeof(word), &count),
                         HOP_TLS_DONE);
        assert_int_equal(count, sizeof(word));
        rig_carry(pair);
        assert_int_equal(hop_tls_read(pair->end[1 - i].ours, bytes, sizeof(bytes), &count),
                         HOP_TLS_DONE);
        assert_int_equal(count, sizeof(word));
        assert_memory_equal(bytes, word, sizeof(word));
    }
}

static SSL_CTX *stranger_context(const rig_stranger *stranger, bool is_client) {
    int version = stranger->version != 0 ? stranger->version : TLS1_3_VERSION;
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    assert_non_null(context);
    assert_int_equal(SSL_CTX_set_min_proto_version(context, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
    SSL_CTX_set_options(context, stranger->options);
    if (stranger->suites != NULL)
        assert_int_equal(SSL_CTX_set_ciphersuites(context, stranger->suites), 1);
    if (stranger->groups != NULL)
        assert_int_equal(SSL_CTX_set1_groups_list(context, stranger->groups), 1);
    bool is_strict = is_client && !stranger->is_lax;
    SSL_CTX_set_verify(context, is_strict ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (stranger->has_certificate) give_certificate(context);
    if (stranger->key != NULL) {
        SSL_CTX_set_psk_use_session_callback(context, stranger_offers);
        SSL_CTX_set_psk_find_session_callback(context, stranger_finds);
    }
    return context;
}

/* Made by the attacker for himself, as anybody can. */
static void give_certificate(SSL_CTX *context) {
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    assert_true(pair != NULL && certificate != NULL);
    X509_NAME *name = X509_get_subject_name(certificate);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"hopconn", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(certificate, name), 1);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    assert_int_equal(X509_set_pubkey(certificate, pair), 1);
    assert_true(X509_sign(certificate, pair, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, pair), 1);
    X509_free(certificate);
    EVP_PKEY_free(pair);
}

/* A key for the first suite that this stranger has, whatever its hash. */
static SSL_SESSION *stranger_session(SSL *ssl) {
    const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(SSL_get_ciphers(ssl), 0);
    SSL_SESSION *session = SSL_SESSION_new();
    assert_non_null(session);
    assert_int_equal(SSL_SESSION_set1_master_key(session, SSL_get_app_data(ssl), HOP_KEY_SIZE), 1);
    assert_int_equal(SSL_SESSION_set_cipher(session, cipher), 1);
    assert_int_equal(SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION), 1);
    return session;
}

static int stranger_offers(SSL *ssl, const EVP_MD *hash, const unsigned char **ret_identity,
                           size_t *ret_size, SSL_SESSION **ret_session) {
    (void)hash;
    *ret_identity = (const unsigned char *)"hopconn";
    *ret_size = 7;
    *ret_session = stranger_session(ssl);
    return 1;
}

static int stranger_finds(SSL *ssl, const unsigned char *identity, size_t size,
                          SSL_SESSION **ret_session) {
    (void)identity;
    (void)size;
    *ret_session = stranger_session(ssl);
    return 1;
}

/* Did the handshake of this end come to something new? */
static bool go_on(rig_end *end) {
    if (end->verdict != HOP_TLS_WANT_READ && end->verdict != HOP_TLS_WANT_WRITE) return false;
    if (end->ours != NULL) {
        end->verdict = hop_tls_handshake(end->ours);
    } else if (end->theirs != NULL) {
        ERR_clear_error();
        int result = SSL_do_handshake(end->theirs);
        bool waits = result != 1 && SSL_get_error(end->theirs, result) == SSL_ERROR_WANT_READ;
        end->verdict = result == 1 ? HOP_TLS_DONE : waits ? HOP_TLS_WANT_READ : HOP_TLS_BROKEN;
        ERR_clear_error();
    }
    return end->verdict != HOP_TLS_WANT_READ;
}

static bool carry_way(rig_pair *pair, int from) {
    rig_way *way = &pair->way[from];
    size_t room = sizeof(way->bytes) - way->count;
    if (way->is_cut || pair->middle[from] < 0 || room == 0) return false;
    uint8_t *bytes = &way->bytes[way->count];
    ssize_t got = recv(pair->middle[from], bytes, room, MSG_DONTWAIT);
    size_t count = got > 0 ? (size_t)got : 0, start = way->count;
    if (got < 0 && errno == EAGAIN) return false;
    way->count += count;
    size_t pass = way->cut_at - start < count ? way->cut_at - start : count;
    bool flips = way->flip_at >= start && way->flip_at < start + pass;
    if (flips) way->bytes[way->flip_at] ^= 1;
    if (pass > 0 && send(pair->middle[1 - from], bytes, pass, MSG_NOSIGNAL) != (ssize_t)pass)
        got = 0;
    if (flips) way->bytes[way->flip_at] ^= 1;
    way->is_cut = got <= 0 || pass < count || way->count == way->cut_at;
    if (way->is_cut) shutdown(pair->middle[1 - from], SHUT_WR);
    return true;
}
