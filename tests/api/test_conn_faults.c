/* SPDX-License-Identifier: MIT */
/*
 * The faults of the Go library, each reproduced there: a test for each, named after it, that it is
 * not one here.
 */
#include <netinet/in.h>

#include "api/conn.h"
#include "api/isolation.h"
#include "api/server.h"

static uint16_t port_of(const hop_conn *conn) {
    return (uint16_t)atoi(strrchr(hop_conn_local_address(conn), ':') + 1);
}

static struct sockaddr_in loopback_port(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* A plain TCP client, connected. */
static int knock(uint16_t port) {
    struct sockaddr_in address = loopback_port(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* A plain TCP listener that lets everybody in and says nothing. */
static int silent_listener(char text[static 64]) {
    struct sockaddr_in address = loopback_port(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    snprintf(text, 64, "127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

/* "The public port is assumed equal to the local port": a server that sees us says another one. */
static void the_public_port_is_what_a_server_saw(void **state) {
    (void)state;
    static const uint8_t mapped[] = {0x00,       0x20,     0x00,        0x08,
                                     0x00,       0x01,     0x11 ^ 0x21, 0x22 ^ 0x12,
                                     203 ^ 0x21, 0 ^ 0x12, 113 ^ 0xA4,  7 ^ 0x42};
    char address[64];
    int listener = silent_listener(address);
    hop_conn_options options = HOP_CONN_OPTIONS_INIT;
    witness w;
    options.stun = address;
    begin(&w, &options);
    struct pollfd watched = {.fd = listener, .events = POLLIN};
    TURN_UNTIL(&w, 1, poll(&watched, 1, 10) == 1);
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int client = accept4(listener, (struct sockaddr *)&from, &size, SOCK_CLOEXEC);
    assert_int_equal(ntohs(from.sin_port), port_of(w.conn)); /* asked from the punching port */
    watched.fd = client;
    TURN_UNTIL(&w, 1, poll(&watched, 1, 10) == 1);
    uint8_t request[20], answer[20 + sizeof mapped];
    read_all(client, request, sizeof request);
    memcpy(answer, request, sizeof request);
    answer[0] = 0x01;
    answer[1] = 0x01;
    answer[2] = 0;
    answer[3] = sizeof mapped;
    memcpy(answer + 20, mapped, sizeof mapped);
    write_all(client, answer, sizeof answer);
    TURN_UNTIL(&w, 1, w.ready || w.over);
    assert_int_equal(w.errors, 0);
    assert_string_equal(hop_conn_public_address(w.conn), "203.0.113.7:4386");
    close(client);
    close(listener);
    hop_conn_free(w.conn);
}

/* "The reserved port is freed right after creation and can be stolen." */
static void the_reserved_port_cannot_be_stolen(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness w;
    begin(&w, &options);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port_of(w.conn))};
    int on = 1;
    for (int reuse = 0; reuse < 2; reuse++) {
        int thief = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        setsockopt(thief, SOL_SOCKET, SO_REUSEADDR, &on, reuse ? sizeof on : 0);
        assert_int_equal(bind(thief, (struct sockaddr *)&address, sizeof address), -1);
        assert_int_equal(errno, EADDRINUSE);
        close(thief);
    }
    hop_conn_free(w.conn);
}

/* "No listener on the punched port": what is dialled and what is listened on is one port. */
static void the_punched_port_listens_and_dials(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness w;
    char text[64];
    int listener = silent_listener(text);
    begin(&w, &options);
    assert_int_equal(hop_conn_attempt(w.conn, text), 0);
    turn(&w, 1, 10);
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int dialled = accept4(listener, (struct sockaddr *)&from, &size, SOCK_CLOEXEC);
    assert_true(dialled >= 0);
    assert_int_equal(ntohs(from.sin_port), port_of(w.conn));
    close(knock(port_of(w.conn)));
    close(dialled);
    close(listener);
    hop_conn_free(w.conn);
}

/* "Serial dialling": an address that never answers right stands first, and costs nothing. */
static void all_addresses_are_dialled_at_once(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness pair[2];
    char silent[64], peer[64], list[160];
    int listener = silent_listener(silent);
    options.timeout_ms = 60000;
    begin_two(pair, &options);
    snprintf(list, sizeof list, "%s,%s", silent, loopback_of(pair[1].conn, peer));
    assert_int_equal(hop_conn_attempt(pair[0].conn, list), 0);
    TURN_UNTIL(pair, 2, pair[0].established && pair[1].established);
    /* The silent one was dialled too, and had not been given up when the peer answered. */
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(client >= 0);
    close(client);
    close(listener);
    free_two(pair);
}

/* "Three refused dials are used up in 0.4 ms." */
static void refusals_do_not_use_up_the_attempt(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness pair[2];
    options.timeout_ms = 20000;
    begin_two(pair, &options);
    uint16_t port = port_of(pair[1].conn);
    hop_conn_free(pair[1].conn);
    char text[64];
    snprintf(text, sizeof text, "127.0.0.1:%u", port);
    assert_int_equal(hop_conn_attempt(pair[0].conn, text), 0);
    int64_t until = now_ms() + 300;
    while (now_ms() < until)
        turn(pair, 1, 10);
    assert_int_equal(pair[0].errors, 0);
    options.local_port = port;
    begin(&pair[1], &options);
    TURN_UNTIL(pair, 2, pair[0].established && pair[1].established);
    free_two(pair);
}

/* "Any stranger becomes the peer." */
static void a_stranger_is_not_the_peer(void **state) {
    (void)state;
    const char *const speeches[] = {"", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                    "HOPC\1\1\0\0and then nothing that makes sense, for 56 bytes"};
    for (int i = 0; i < 6; i++) {
        hop_conn_options options = plain_options();
        witness pair[2];
        options.secret = i < 3 ? "of the two" : NULL;
        begin_two(pair, &options);
        int stranger = knock(port_of(pair[1].conn));
        write_all(stranger, speeches[i % 3], strlen(speeches[i % 3]));
        for (int k = 0; k < 5; k++)
            turn(pair, 2, 5);
        assert_int_equal(pair[1].established, 0);
        meet(pair); /* the listener is still there, and the place is not taken */
        write_text(&pair[0], "me");
        TURN_UNTIL(pair, 2, pair[1].got == 2);
        close(stranger);
        free_two(pair);
    }
}

/* "The listener closes when the dial list is used up." */
static void it_accepts_as_long_as_it_dials_in_vain(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness pair[2];
    options.timeout_ms = 20000;
    begin_two(pair, &options);
    assert_int_equal(hop_conn_attempt(pair[1].conn, "127.0.0.1:1024"), 0); /* nobody is there */
    int64_t until = now_ms() + 200;
    while (now_ms() < until)
        turn(pair, 2, 10);
    meet(pair);
    free_two(pair);
}

/* "A second attempt panics." */
static void a_second_attempt_is_an_error_and_harms_nothing(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness pair[2];
    begin_two(pair, &options);
    meet(pair);
    for (int i = 0; i < 3; i++)
        assert_int_equal(hop_conn_attempt(pair[0].conn, "127.0.0.1:1024"), HOP_E_ALREADY);
    assert_int_equal(hop_conn_attempt(pair[1].conn, "127.0.0.1:1024"), 0); /* the first of this */
    write_text(&pair[0], "on");
    TURN_UNTIL(pair, 2, pair[1].got == 2);
    free_two(pair);
}

/* "Reads of 32 bytes." */
static void reads_are_large(void **state) {
    (void)state;
    static char big[1 << 20];
    for (int secret = 0; secret < 2; secret++) {
        hop_conn_options options = plain_options();
        witness pair[2];
        options.secret = secret ? "a secret" : NULL;
        begin_two(pair, &options);
        meet(pair);
        assert_int_equal(hop_conn_write(pair[0].conn, big, sizeof big), 0);
        TURN_UNTIL(pair, 2, pair[1].got == sizeof big);
        assert_true(pair[1].got / pair[1].chunks >= 4096);
        free_two(pair);
    }
}

/* "A partial write that times out loses the rest." */
static void a_partial_write_loses_nothing(void **state) {
    (void)state;
    static char chunk[100003];
    for (int secret = 0; secret < 2; secret++) {
        hop_conn_options options = plain_options();
        witness pair[2];
        options.secret = secret ? "a secret" : NULL;
        begin_two(pair, &options);
        meet(pair);
        uint64_t written = 0;
        uint32_t sum = 0;
        for (int round = 0; round < 8; round++) {
            hop_conn_pause(pair[1].conn, 1);
            for (;;) {
                size_t size = 1 + (size_t)(written * 7919 % sizeof chunk);
                for (size_t i = 0; i < size; i++)
                    chunk[i] = (char)(written + i * 13);
                int result = hop_conn_write(pair[0].conn, chunk, size);
                if (result == HOP_E_FULL) break;
                assert_int_equal(result, 0);
                for (size_t i = 0; i < size; i++)
                    sum = sum * 31 + (uint8_t)chunk[i];
                written += size;
            }
            for (int k = 0; k < 5; k++)
                turn(pair, 2, 1);
            hop_conn_pause(pair[1].conn, 0);
            TURN_UNTIL(pair, 2, pair[0].room == round + 1);
        }
        TURN_UNTIL(pair, 2, pair[1].got == written);
        assert_int_equal(pair[1].sum, sum);
        free_two(pair);
    }
}

/* "EPIPE is ignored." */
static void a_broken_pipe_is_an_error(void **state) {
    (void)state;
    for (int secret = 0; secret < 2; secret++) {
        hop_conn_options options = plain_options();
        witness pair[2];
        options.secret = secret ? "a secret" : NULL;
        begin_two(pair, &options);
        meet(pair);
        hop_conn_abort(pair[1].conn);
        assert_null(hop_conn_free(pair[1].conn));
        /* Written without having looked: the first may still go out, the second cannot. */
        int result = 0;
        for (int i = 0; i < 100 && result == 0; i++) {
            result = hop_conn_write(pair[0].conn, "x", 1);
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
        assert_int_equal(result, HOP_E_STOPPED);
        TURN_UNTIL(pair, 1, pair[0].over);
        assert_true(pair[0].error == HOP_E_BROKEN || pair[0].error == HOP_E_TRUNCATED);
        hop_conn_free(pair[0].conn);
    }
}

/* What came in before the break is not lost on a user who has paused, and the descriptor does not
 * keep his loop spinning meanwhile. */
static void a_break_waits_for_who_has_paused(void **state) {
    (void)state;
    hop_conn_options options = plain_options();
    witness pair[2];
    begin_two(pair, &options);
    meet(pair);
    hop_conn_pause(pair[0].conn, 1);
    write_text(&pair[1], "last words");
    for (int i = 0; i < 3; i++)
        turn(pair, 2, 1);
    hop_conn_abort(pair[1].conn);
    TURN_UNTIL(pair, 2, pair[1].over);
    int spins = 0;
    for (int i = 0; i < 20; i++) {
        struct pollfd watched = {.fd = hop_conn_poll_fd(pair[0].conn), .events = POLLIN};
        spins += poll(&watched, 1, 2);
        assert_int_equal(hop_conn_process(pair[0].conn), 1);
    }
    assert_true(spins <= 2);
    assert_int_equal(pair[0].got, 0);
    hop_conn_pause(pair[0].conn, 0);
    TURN_UNTIL(pair, 2, pair[0].over);
    assert_string_equal(pair[0].heard, "last words");
    assert_int_equal(pair[0].error, HOP_E_BROKEN);
    free_two(pair);
}

/* Nothing is read any more after the peer's end; that it is gone altogether is heard all the same.
 */
static void a_reset_after_the_peers_end_is_heard(void **state) {
    (void)state;
    for (int secret = 0; secret < 2; secret++) {
        hop_conn_options options = plain_options();
        witness pair[2];
        options.secret = secret ? "a secret" : NULL;
        begin_two(pair, &options);
        assert_int_equal(hop_conn_on_end(pair[0].conn, on_end, &pair[0]), 0);
        meet(pair);
        assert_int_equal(hop_conn_end(pair[1].conn), 0);
        TURN_UNTIL(pair, 2, pair[0].end);
        hop_conn_abort(pair[1].conn);
        TURN_UNTIL(pair, 2, pair[0].over);
        assert_int_equal(pair[0].error, HOP_E_BROKEN);
        assert_string_equal(pair[0].story, "reEx");
        free_two(pair);
    }
}

static void wrong(hop_address_request *request, void *user) {
    hop_address_answer(request, user, 0);
}

/* "An ipify time-out returns the text 'timeout' as the address." */
static void what_is_no_address_is_an_error(void **state) {
    (void)state;
    const char *const answers[] = {"timeout", "", "300.1.2.3", "192.0.2.1:0:0", "example.org"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        hop_conn_options options = HOP_CONN_OPTIONS_INIT;
        witness w;
        char text[64];
        snprintf(text, sizeof text, "%s", answers[i]);
        options.public_ip = wrong;
        options.public_ip_user = text;
        begin(&w, &options);
        TURN_UNTIL(&w, 1, w.over);
        assert_int_equal(w.error, HOP_E_PUBLIC_IP);
        assert_null(hop_conn_public_address(w.conn));
        hop_conn_free(w.conn);
    }
}

/* "The first non-loopback IPv4 (docker0, VPN) is 'the' local address": in a namespace of its own
 * that has such an interface, and has it first. */
static void a_containers_interface_is_not_the_local_address(void **state) {
    (void)state;
    static const char *const commands =
        "exec 2>/dev/null; add() { ip link add $1 type veth peer name p$1 && ip addr add $2 dev $1 "
        "&& ip link set $1 up && ip link set p$1 up; }; "
        "add docker0 172.17.0.1/16 && add tun7 10.8.0.2/24 && add lan0 192.168.7.7/24 && "
        "for name in docker0 tun7 lan0; do " /* the kernel finds their carriers when it has time */
        "until ip link show $name | grep -q 'state UP'; do sleep 0.01; done; done";
    pid_t child = fork();
    if (child == 0) {
        if (!isolate() || system(commands) != 0) _exit(77);
        hop_conn_options options = plain_options();
        hop_conn *conn = NULL;
        bool good = hop_conn_new(&options, &conn) == 0 &&
                    strncmp(hop_conn_local_address(conn), "192.168.7.7:", 12) == 0;
        if (!good) print_error("%s\n", hop_conn_local_address(conn));
        hop_conn_free(conn);
        _exit(good ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("SKIP: no namespace, no ip(8) or no veth here\n");
        skip();
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(the_public_port_is_what_a_server_saw),
        API_TEST(the_reserved_port_cannot_be_stolen),
        API_TEST(the_punched_port_listens_and_dials),
        API_TEST(all_addresses_are_dialled_at_once),
        API_TEST(refusals_do_not_use_up_the_attempt),
        API_TEST(a_stranger_is_not_the_peer),
        API_TEST(it_accepts_as_long_as_it_dials_in_vain),
        API_TEST(a_second_attempt_is_an_error_and_harms_nothing),
        API_TEST(reads_are_large),
        API_TEST(a_partial_write_loses_nothing),
        API_TEST(a_broken_pipe_is_an_error),
        API_TEST(a_break_waits_for_who_has_paused),
        API_TEST(a_reset_after_the_peers_end_is_heard),
        API_TEST(what_is_no_address_is_an_error),
        API_TEST(a_containers_interface_is_not_the_local_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
