/* SPDX-License-Identifier: MIT */
/*
 * TLS 1.3 by OpenSSL on the caller's socket. What is the same for all connections stands in one
 * SSL_CTX, made at the first use and kept for the life of the program. Not a place for the key's
 * origin or for roles: those come from above.
 */
#include "secure/tls.h"

#include <assert.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Both sides know which key is meant: there is one. */
static const unsigned char psk_identity[] = {'h', 'o', 'p', 'c', 'o', 'n', 'n'};

struct hop_tls {
    SSL *ssl;
    SSL_SESSION *psk; /* the key in OpenSSL's clothes; NULL after the handshake */
    int fd;
    bool more_follows;           /* the record that is being sent is not the last of its write */
    int error;                   /* errno of the socket's failure; 0: none */
    bool proven;                 /* the handshake is over, and the peer holds the key */
    bool is_dry;                 /* the last read found nothing whole */
    bool has_carried;            /* something since the last rest */
    bool repeats_write;          /* a write waits to be called again */
    bool has_said_end;           /* our close_notify is on its way */
    hop_tls_result read_verdict; /* DONE, or the end of all reads (and of the handshake) */
    hop_tls_result write_verdict;
};

static pthread_once_t make_once = PTHREAD_ONCE_INIT;
static BIO_METHOD *socket_method;
static SSL_CTX *context;

static void make(void);
static BIO_METHOD *make_method(void);
static SSL_CTX *make_context(void);
static bool dress(hop_tls *tls, bool is_client, const uint8_t key[HOP_KEY_SIZE]);
static SSL_SESSION *make_psk(SSL *ssl, const uint8_t key[HOP_KEY_SIZE]);
static void wipe_psk(hop_tls *tls);
static int offer_psk(SSL *ssl, const EVP_MD *hash, const unsigned char **ret_identity,
                     size_t *ret_size, SSL_SESSION **ret_session);
static int find_psk(SSL *ssl, const unsigned char *identity, size_t size,
                    SSL_SESSION **ret_session);
static int socket_write(BIO *bio, const char *bytes, int size);
static int socket_read(BIO *bio, char *bytes, int size);
static long socket_control(BIO *bio, int command, long number, void *pointer);
static hop_tls_result judge(hop_tls *tls, int result);
static bool is_final(hop_tls_result result);
static void empty_queue(void);

hop_tls *hop_tls_new(int fd, bool is_client, const uint8_t key[static HOP_KEY_SIZE]) {
    if (pthread_once(&make_once, make) != 0 || context == NULL) return NULL;
    hop_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL) return NULL;
    tls->fd = fd;
    bool good = dress(tls, is_client, key);
    empty_queue();
    return good ? tls : hop_tls_free(tls);
}

hop_tls *hop_tls_free(hop_tls *tls) {
    if (tls == NULL) return NULL;
    wipe_psk(tls);
    SSL_free(tls->ssl);
    free(tls);
    return NULL;
}

hop_tls_result hop_tls_handshake(hop_tls *tls) {
    if (tls->proven) return HOP_TLS_DONE;
    if (is_final(tls->read_verdict)) return tls->read_verdict;
    empty_queue();
    int result = SSL_do_handshake(tls->ssl);
    hop_tls_result verdict = result == 1 ? HOP_TLS_DONE : judge(tls, result);
    /* A handshake by a certificate proves nothing here, even if one were ever accepted. */
    if (verdict == HOP_TLS_DONE && SSL_session_reused(tls->ssl) != 1) verdict = HOP_TLS_IMPOSTOR;
    if (verdict == HOP_TLS_BROKEN) verdict = HOP_TLS_IMPOSTOR;
    if (verdict == HOP_TLS_IMPOSTOR && ERR_GET_REASON(ERR_peek_error()) == ERR_R_MALLOC_FAILURE)
        verdict = HOP_TLS_BROKEN;
    /* A goodbye before the greeting is over is in clear, so anybody's. */
    if (verdict == HOP_TLS_ENDED) verdict = HOP_TLS_CUT;
    empty_queue();
    tls->proven = verdict == HOP_TLS_DONE;
    if (is_final(verdict)) tls->read_verdict = tls->write_verdict = verdict;
    if (tls->proven || is_final(verdict)) wipe_psk(tls);
    hop_tls_rest(tls); /* many connections never carry much */
    return verdict;
}

int hop_tls_errno(const hop_tls *tls) {
    return tls->error;
}

hop_tls_result hop_tls_read(hop_tls *tls, uint8_t *bytes, size_t size, size_t *ret_size) {
    assert(size > 0);
    if (!tls->proven) return HOP_TLS_BROKEN;
    if (is_final(tls->read_verdict)) return tls->read_verdict;
    size_t count = 0;
    empty_queue();
    int result = SSL_read_ex(tls->ssl, bytes, size, &count);
    tls->is_dry = result != 1;
    if (result == 1) {
        tls->has_carried = true;
        *ret_size = count;
        return HOP_TLS_DONE;
    }
    hop_tls_result verdict = judge(tls, result);
    empty_queue();
    if (is_final(verdict)) tls->read_verdict = verdict;
    /* OpenSSL has sent an alert and will not encrypt for us again. */
    if (verdict == HOP_TLS_BROKEN) tls->write_verdict = verdict;
    /* Who only looked whether there is something rests on. */
    if (!tls->has_carried) hop_tls_rest(tls);
    return verdict;
}

hop_tls_result hop_tls_write(hop_tls *tls, const uint8_t *bytes, size_t size, size_t *ret_size) {
    assert(size > 0 && !tls->has_said_end);
    if (!tls->proven) return HOP_TLS_BROKEN;
    if (is_final(tls->write_verdict)) return tls->write_verdict;
    size_t count = 0;
    empty_queue();
    tls->more_follows = size > SSL3_RT_MAX_PLAIN_LENGTH;
    int result = SSL_write_ex(tls->ssl, bytes, size, &count);
    tls->more_follows = false;
    tls->repeats_write = result != 1;
    tls->has_carried = true;
    if (result == 1) {
        *ret_size = count;
        return HOP_TLS_DONE;
    }
    hop_tls_result verdict = judge(tls, result);
    empty_queue();
    if (is_final(verdict)) tls->write_verdict = verdict;
    return verdict;
}

hop_tls_result hop_tls_shutdown(hop_tls *tls) {
    if (!tls->proven) return HOP_TLS_BROKEN;
    if (is_final(tls->write_verdict)) return tls->write_verdict;
    /* Once it is said, SSL_shutdown() would begin to read, and choke on the peer's data. */
    if (tls->has_said_end) return HOP_TLS_DONE;
    if (tls->repeats_write) return HOP_TLS_WANT_WRITE;
    empty_queue();
    int result = SSL_shutdown(tls->ssl);
    tls->has_said_end = result >= 0;
    if (tls->has_said_end) return HOP_TLS_DONE;
    hop_tls_result verdict = judge(tls, result);
    empty_queue();
    if (is_final(verdict)) tls->write_verdict = verdict;
    return verdict;
}

void hop_tls_rest(hop_tls *tls) {
    /* OpenSSL looks after what was not yet taken apart, but not after a record that was read in
     * part, which lies in the same buffer. */
    if (tls->proven && !tls->repeats_write && SSL_has_pending(tls->ssl) == 0)
        tls->has_carried = SSL_free_buffers(tls->ssl) != 1 && tls->has_carried;
}

bool hop_tls_pending(const hop_tls *tls) {
    /* OpenSSL counts the beginning of a record, too, for which the socket is to be waited for. */
    return tls->proven && !tls->is_dry && SSL_has_pending(tls->ssl) == 1;
}

static void make(void) {
    socket_method = make_method();
    if (socket_method != NULL) context = make_context();
    empty_queue();
}

/* OpenSSL's own socket BIO writes by write(2), which raises SIGPIPE on a socket that was reset; a
 * library must not, nor may it change the program's signals. */
static BIO_METHOD *make_method(void) {
    int index = BIO_get_new_index();
    BIO_METHOD *method =
        index == -1 ? NULL : BIO_meth_new(index | BIO_TYPE_SOURCE_SINK, "hopconn socket");
    if (method != NULL && BIO_meth_set_write(method, socket_write) == 1 &&
        BIO_meth_set_read(method, socket_read) == 1 &&
        BIO_meth_set_ctrl(method, socket_control) == 1)
        return method;
    BIO_meth_free(method);
    return NULL;
}

/* Everything is said aloud, because the system's openssl.cnf may have changed the defaults. */
static SSL_CTX *make_context(void) {
    const uint64_t wanted = SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
    const uint64_t unwanted =
        SSL_OP_ALLOW_NO_DHE_KEX | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_ENABLE_KTLS;
    SSL_CTX *made = SSL_CTX_new(TLS_method());
    X509_STORE *nobody = X509_STORE_new();
    /* The PSK goes with SHA-256 (RFC 8446 section 4.2.11), so no suite may have another hash. */
    if (made == NULL || nobody == NULL ||
        SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(made, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(made, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") !=
            1 ||
        SSL_CTX_set1_groups_list(made, "X25519:P-256") != 1 ||
        SSL_CTX_set_num_tickets(made, 0) != 1 || SSL_CTX_set_max_early_data(made, 0) != 1 ||
        SSL_CTX_set_recv_max_early_data(made, 0) != 1) {
        X509_STORE_free(nobody);
        SSL_CTX_free(made);
        return NULL;
    }
    SSL_CTX_set_options(made, wanted);
    SSL_CTX_clear_options(made, unwanted);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_cert_store(made, nobody);
    SSL_CTX_set_psk_use_session_callback(made, offer_psk);
    SSL_CTX_set_psk_find_session_callback(made, find_psk);
    /* No SSL_MODE_RELEASE_BUFFERS: it frees and allocates with every record. hop_tls_rest(). */
    SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* One recv() a record in place of two; the socket is ours, so reading on takes from nobody. */
    SSL_CTX_set_read_ahead(made, 1);
    return made;
}

static bool dress(hop_tls *tls, bool is_client, const uint8_t key[HOP_KEY_SIZE]) {
    tls->ssl = SSL_new(context);
    if (tls->ssl == NULL || SSL_set_app_data(tls->ssl, tls) != 1) return false;
    tls->psk = make_psk(tls->ssl, key);
    BIO *bio = tls->psk == NULL ? NULL : BIO_new(socket_method);
    if (bio == NULL) return false;
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls->ssl, bio, bio);
    /* Without VERIFY_PEER a client is content with any certificate instead of the key. */
    SSL_set_verify(tls->ssl, is_client ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    if (is_client)
        SSL_set_connect_state(tls->ssl);
    else
        SSL_set_accept_state(tls->ssl);
    return true;
}

static SSL_SESSION *make_psk(SSL *ssl, const uint8_t key[HOP_KEY_SIZE]) {
    static const unsigned char aes_128_gcm_sha256[] = {0x13, 0x01}; /* RFC 8446 appendix B.4 */
    SSL_SESSION *psk = SSL_SESSION_new();
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
    if (psk != NULL && cipher != NULL && SSL_SESSION_set1_master_key(psk, key, HOP_KEY_SIZE) == 1 &&
        SSL_SESSION_set_cipher(psk, cipher) == 1 &&
        SSL_SESSION_set_protocol_version(psk, TLS1_3_VERSION) == 1)
        return psk;
    SSL_SESSION_free(psk);
    return NULL;
}

/* The key lies in our session and in the one that the connection goes on with: ours or, on a
 * server, a copy. Nothing after the handshake looks at it. */
static void wipe_psk(hop_tls *tls) {
    static const uint8_t zeros[HOP_KEY_SIZE];
    SSL_SESSION *theirs = tls->ssl == NULL ? NULL : SSL_get_session(tls->ssl);
    if (tls->psk != NULL) (void)SSL_SESSION_set1_master_key(tls->psk, zeros, sizeof(zeros));
    if (theirs != NULL) (void)SSL_SESSION_set1_master_key(theirs, zeros, sizeof(zeros));
    SSL_SESSION_free(tls->psk);
    tls->psk = NULL;
}

/* Called once for the first hello and once more when the server asks for another group, then with
 * the hash that it chose. */
static int offer_psk(SSL *ssl, const EVP_MD *hash, const unsigned char **ret_identity,
                     size_t *ret_size, SSL_SESSION **ret_session) {
    hop_tls *tls = SSL_get_app_data(ssl);
    if (tls->psk == NULL || (hash != NULL && EVP_MD_is_a(hash, "SHA256") != 1) ||
        SSL_SESSION_up_ref(tls->psk) != 1)
        return 0;
    *ret_identity = psk_identity;
    *ret_size = sizeof(psk_identity);
    *ret_session = tls->psk;
    return 1;
}

static int find_psk(SSL *ssl, const unsigned char *identity, size_t size,
                    SSL_SESSION **ret_session) {
    hop_tls *tls = SSL_get_app_data(ssl);
    *ret_session = NULL;
    if (tls->psk == NULL || size != sizeof(psk_identity) ||
        memcmp(identity, psk_identity, size) != 0)
        return 1;
    if (SSL_SESSION_up_ref(tls->psk) != 1) return 0;
    *ret_session = tls->psk;
    return 1;
}

/* A failure has to be -1, as of OpenSSL's own BIO: SSL_shutdown() takes 0 for success. MSG_MORE:
 * with TCP_NODELAY each record would else be a segment of its own, and where those may be large
 * (loopback; hardware that cuts them) four times as many are built, acknowledged and taken apart.
 * What the kernel keeps goes with the next send, or when the peer acknowledges what is out. */
static int socket_write(BIO *bio, const char *bytes, int size) {
    hop_tls *tls = BIO_get_data(bio);
    int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (tls->more_follows ? MSG_MORE : 0);
    ssize_t count = 0;
    do
        count = send(tls->fd, bytes, (size_t)size, flags);
    while (count < 0 && errno == EINTR);
    BIO_clear_retry_flags(bio);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) BIO_set_retry_write(bio);
    if (count < 0 && !BIO_should_retry(bio)) tls->error = errno;
    return (int)count;
}

static int socket_read(BIO *bio, char *bytes, int size) {
    hop_tls *tls = BIO_get_data(bio);
    ssize_t count = 0;
    do
        count = recv(tls->fd, bytes, (size_t)size, MSG_DONTWAIT);
    while (count < 0 && errno == EINTR);
    BIO_clear_retry_flags(bio);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) BIO_set_retry_read(bio);
    if (count < 0 && !BIO_should_retry(bio)) tls->error = errno;
    return (int)count;
}

/* Deaf to BIO_CTRL_EOF: so an end without a goodbye is a failure of the socket like any other, and
 * OpenSSL neither sends an alert for it, which would make a cut look like an impostor to the peer,
 * nor has an option (SSL_OP_IGNORE_UNEXPECTED_EOF) to take it for the true end. */
static long socket_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH; /* nothing is held back */
}

/* What a call of OpenSSL that failed came to; leaves the queue to the caller. */
static hop_tls_result judge(hop_tls *tls, int result) {
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ: return HOP_TLS_WANT_READ;
    case SSL_ERROR_WANT_WRITE: return HOP_TLS_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN: return HOP_TLS_ENDED;
    case SSL_ERROR_SYSCALL: return HOP_TLS_CUT;
    default: return HOP_TLS_BROKEN;
    }
}

static bool is_final(hop_tls_result result) {
    return result != HOP_TLS_DONE && result != HOP_TLS_WANT_READ && result != HOP_TLS_WANT_WRITE;
}

/* SSL_get_error() misjudges when somebody left an error there. Emptying an empty one costs, once a
 * record, some 3 % of the throughput. */
static void empty_queue(void) {
    if (ERR_peek_error() != 0) ERR_clear_error();
}
