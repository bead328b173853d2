/* SPDX-License-Identifier: MIT */
/*
 * A connection of conn.h against what one would write by hand: one stream of bytes from the side
 * that dials to the side that accepts, timed by the latter, in buffers of 64 KiB; CHUNK: written at
 * a time, if less. KIND is conn or conn-tls (a hop_conn on bare addresses; with TLS: by a secret),
 * plain (a loop of read and write) or ssl (one of SSL_read and SSL_write, with a pre-shared key and
 * the same cipher, else as OpenSSL has it by default; ssl-ahead: it takes more than one record's
 * head from the socket at once). And the memory that idle connections take. It checks nothing of
 * what arrives but the count.
 *
 *     bench-conn KIND accept PORT
 *     bench-conn KIND dial ADDRESS:PORT SIZE [CHUNK]
 *     bench-conn conn|conn-tls idle COUNT
 *
 * accept prints {"size": bytes, "seconds": from the first byte to the end, "cpu": the processor's
 * seconds meanwhile, user's and system's}, after a line "ready" that says that it can be dialled;
 * dial prints {"cpu": ...}, from the first write to the end. idle prints {"count": connections,
 * "bytes": resident ones for each of them}.
 */
#include <errno.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <hopconn/conn.h>

#include "plain.h"

#define BUFFER_SIZE 65536
#define PATIENCE_MS 30000
#define WARM_COUNT                                                                                 \
    20 /* connections before the first look: what the first ones cost is not theirs */
#define ADDRESS_SIZE 64

struct moment {
    double wall_s;
    double cpu_s;
};

struct state {
    bool established;
    int error; /* the terminal one */
    struct moment start;
    uint64_t size;
};

static int conn_accept(bool tls, const char *port);
static int conn_dial(bool tls, const char *target, uint64_t size);
static int conn_idle(bool tls, unsigned count);
static bool pair(bool tls);
static hop_conn *open_conn(bool tls, uint16_t port, struct state *state);
static void on_data(hop_conn *conn, const uint8_t *bytes, size_t size, void *user);
static void on_established(hop_conn *conn, hop_route route, void *user);
static void on_error(hop_conn *conn, int error, const char *text, void *user);
static int plain_take(int fd);
static int plain_give(int fd, uint64_t size);
static SSL *ssl_open(int fd, bool is_client);
static int ssl_take(int fd);
static int ssl_give(int fd, uint64_t size);
static unsigned client_key(SSL *ssl, const char *hint, char *identity, unsigned identity_size,
                           unsigned char *key, unsigned key_size);
static unsigned server_key(SSL *ssl, const char *identity, unsigned char *key, unsigned key_size);
static size_t resident(void);
static struct moment now(void);
static int tell_taken(uint64_t size, struct moment start, struct moment end);
static int tell_given(struct moment start);
static int complain(const char *what, const char *why);

static char buffer[BUFFER_SIZE];
static size_t chunk_size = BUFFER_SIZE;
static bool reads_ahead;

int main(int argc, char **argv) {
    const char *kind = argc > 3 ? argv[1] : "";
    const char *word = argc > 3 ? argv[2] : "";
    bool dial = argc > 4 && strcmp(word, "dial") == 0;
    bool tls = strcmp(kind, "conn-tls") == 0;
    reads_ahead = strcmp(kind, "ssl-ahead") == 0;
    bool ssl = reads_ahead || strcmp(kind, "ssl") == 0;
    if (!dial && strcmp(word, "accept") != 0 && strcmp(word, "idle") != 0)
        return complain("usage",
                        "conn|conn-tls|plain|ssl|ssl-ahead accept|dial|idle WHAT [SIZE [CHUNK]]");
    uint64_t size = dial ? strtoull(argv[4], NULL, 10) : 0;
    if (argc > 5) chunk_size = (size_t)atoi(argv[5]);
    if (chunk_size == 0 || chunk_size > sizeof buffer)
        return complain("usage", "1 <= CHUNK <= 65536");
    if (tls || strcmp(kind, "conn") == 0) {
        if (dial) return conn_dial(tls, argv[3], size);
        if (strcmp(word, "idle") == 0) return conn_idle(tls, (unsigned)atoi(argv[3]));
        return conn_accept(tls, argv[3]);
    }
    int fd = dial ? plain_dial(argv[3]) : plain_accept(argv[3]);
    if (fd < 0) return complain(word, strerror(errno));
    if (dial) return ssl ? ssl_give(fd, size) : plain_give(fd, size);
    return ssl ? ssl_take(fd) : plain_take(fd);
}

static int conn_accept(bool tls, const char *port) {
    struct state state = {0};
    hop_conn *conn = open_conn(tls, (uint16_t)atoi(port), &state);
    if (conn == NULL) return 1;
    hop_conn_on_data(conn, on_data, &state);
    plain_ready();
    while (hop_conn_wait(conn, -1) == 1)
        continue;
    struct moment end = now();
    hop_conn_free(conn);
    if (state.error != HOP_E_PEER_CLOSED) return complain("accept", hop_error_text(state.error));
    return tell_taken(state.size, state.start, end);
}

static int conn_dial(bool tls, const char *target, uint64_t size) {
    struct state state = {0};
    hop_conn *conn = open_conn(tls, 0, &state);
    if (conn == NULL) return 1;
    int error = hop_conn_attempt(conn, target);
    while (error == 0 && !state.established && hop_conn_wait(conn, -1) == 1)
        continue;
    struct moment start = now();
    while (error == 0 && size > 0) {
        size_t part = size < chunk_size ? (size_t)size : chunk_size;
        error = hop_conn_write(conn, buffer, part);
        if (error == 0) size -= part;
        if (error != HOP_E_FULL) continue;
        error = hop_conn_wait(conn, -1) == 1 ? 0 : state.error;
    }
    if (error != 0) return complain("dial", hop_error_text(error));
    hop_conn_close(conn);
    while (hop_conn_wait(conn, -1) == 1)
        continue;
    hop_conn_free(conn);
    if (state.error != HOP_E_CLOSED) return complain("dial", hop_error_text(state.error));
    return tell_given(start);
}

/* They are each other's peers, so both sides count. One pair after the other: what a handshake has
 * freed is there for the next one. */
static int conn_idle(bool tls, unsigned count) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (unsigned i = 0; i < WARM_COUNT; i += 2)
        if (!pair(tls)) return 1;
    size_t before = resident();
    for (unsigned i = 0; i < count; i += 2)
        if (!pair(tls)) return 1;
    double each = ((double)resident() - (double)before) / count;
    printf("{\"count\": %u, \"bytes\": %.0f}\n", count, each);
    return 0;
}

/* They stay until the program ends. */
static bool pair(bool tls) {
    struct state *states = calloc(2, sizeof *states);
    if (states == NULL) return false;
    hop_conn *one = open_conn(tls, 0, &states[0]);
    hop_conn *other = open_conn(tls, 0, &states[1]);
    if (one == NULL || other == NULL) return false;
    const char *port = strrchr(hop_conn_local_address(one), ':');
    char address[ADDRESS_SIZE];
    (void)snprintf(address, sizeof address, "127.0.0.1%s", port);
    int error = hop_conn_attempt(other, address);
    double start_s = plain_now_s();
    while (error == 0 && (!states[0].established || !states[1].established)) {
        if (hop_conn_wait(one, 1) != 1) error = states[0].error;
        if (hop_conn_wait(other, 1) != 1) error = states[1].error;
        if (plain_now_s() - start_s > PATIENCE_MS / 1e3) error = HOP_E_TIMEOUT;
    }
    return error == 0 || complain("idle", hop_error_text(error)) == 0;
}

static hop_conn *open_conn(bool tls, uint16_t port, struct state *state) {
    hop_conn *conn;
    hop_conn_options options = HOP_CONN_OPTIONS_INIT;
    options.flags = HOP_CONN_NO_PUBLIC_IP;
    options.local_port = port;
    if (tls) options.secret = "only to be measured";
    int error = hop_conn_new(&options, &conn);
    if (error != 0) {
        complain("hop_conn_new", hop_error_text(error));
        return NULL;
    }
    hop_conn_on_established(conn, on_established, state);
    hop_conn_on_error(conn, on_error, state);
    return conn;
}

static void on_data(hop_conn *conn, const uint8_t *bytes, size_t size, void *user) {
    struct state *state = user;
    (void)conn;
    (void)bytes;
    if (state->size == 0) state->start = now();
    state->size += size;
}

static void on_established(hop_conn *conn, hop_route route, void *user) {
    struct state *state = user;
    (void)conn;
    (void)route;
    state->established = true;
}

static void on_error(hop_conn *conn, int error, const char *text, void *user) {
    struct state *state = user;
    (void)conn;
    (void)text;
    if (error != HOP_E_DISMISSED) state->error = error;
}

static int plain_take(int fd) {
    ssize_t got = read(fd, buffer, sizeof buffer);
    struct moment start = now();
    uint64_t size = 0;
    while (got > 0) {
        size += (uint64_t)got;
        got = read(fd, buffer, sizeof buffer);
    }
    if (got < 0) return complain("read", strerror(errno));
    return tell_taken(size, start, now());
}

static int plain_give(int fd, uint64_t size) {
    struct moment start = now();
    while (size > 0) {
        size_t part = size < chunk_size ? (size_t)size : chunk_size;
        ssize_t done = write(fd, buffer, part);
        if (done < 0) return complain("write", strerror(errno));
        size -= (uint64_t)done;
    }
    close(fd);
    return tell_given(start);
}

/* No tickets: nobody would read them, and closing a socket with unread data resets it. */
static SSL *ssl_open(int fd, bool is_client) {
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_set_num_tickets(context, 0) != 1)
        return NULL;
    SSL_CTX_set_psk_client_callback(context, client_key);
    SSL_CTX_set_psk_server_callback(context, server_key);
    SSL_CTX_set_read_ahead(context, reads_ahead);
    SSL *ssl = SSL_new(context);
    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) return NULL;
    int done = is_client ? SSL_connect(ssl) : SSL_accept(ssl);
    return done == 1 ? ssl : NULL;
}

static int ssl_take(int fd) {
    SSL *ssl = ssl_open(fd, false);
    if (ssl == NULL) return complain("ssl accept", "no handshake");
    int got = SSL_read(ssl, buffer, sizeof buffer);
    struct moment start = now();
    uint64_t size = 0;
    while (got > 0) {
        size += (uint64_t)got;
        got = SSL_read(ssl, buffer, sizeof buffer);
    }
    if (SSL_get_error(ssl, got) != SSL_ERROR_ZERO_RETURN) return complain("SSL_read", "broken");
    return tell_taken(size, start, now());
}

static int ssl_give(int fd, uint64_t size) {
    SSL *ssl = ssl_open(fd, true);
    if (ssl == NULL) return complain("ssl dial", "no handshake");
    struct moment start = now();
    while (size > 0) {
        size_t part = size < chunk_size ? (size_t)size : chunk_size;
        int done = SSL_write(ssl, buffer, (int)part);
        if (done <= 0) return complain("SSL_write", "broken");
        size -= (uint64_t)done;
    }
    if (SSL_shutdown(ssl) < 0) return complain("SSL_shutdown", "broken");
    close(fd);
    return tell_given(start);
}

static unsigned client_key(SSL *ssl, const char *hint, char *identity, unsigned identity_size,
                           unsigned char *key, unsigned key_size) {
    (void)hint;
    (void)snprintf(identity, identity_size, "bench");
    return server_key(ssl, identity, key, key_size);
}

static unsigned server_key(SSL *ssl, const char *identity, unsigned char *key, unsigned key_size) {
    (void)ssl;
    (void)identity;
    unsigned size = key_size < 32 ? key_size : 32;
    memset(key, 'k', size);
    return size;
}

static size_t resident(void) {
    unsigned long size = 0;
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fscanf(file, "%lu %lu", &size, &pages) != 2) abort();
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static struct moment now(void) {
    struct timespec cpu;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (struct moment){plain_now_s(), (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9};
}

static int tell_taken(uint64_t size, struct moment start, struct moment end) {
    printf("{\"size\": %llu, \"seconds\": %.6f, \"cpu\": %.6f}\n", (unsigned long long)size,
           end.wall_s - start.wall_s, end.cpu_s - start.cpu_s);
    return 0;
}

static int tell_given(struct moment start) {
    printf("{\"cpu\": %.6f}\n", now().cpu_s - start.cpu_s);
    return 0;
}

static int complain(const char *what, const char *why) {
    fprintf(stderr, "bench-conn: %s: %s\n", what, why);
    return 1;
}
