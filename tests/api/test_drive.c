/* SPDX-License-Identifier: MIT */
/*
 * The parts of the driver on real sockets of this machine, without a core: what becomes of a dial,
 * that no byte too many is read, how ends are told, and names asked of a name server of the test's
 * own.
 */
#define _GNU_SOURCE /* unshare */
#include "lib/inside.h"

#include "api/api.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>

#include "drive/clock.h"
#include "drive/interfaces.h"
#include "drive/ready.h"
#include "drive/reserve.h"
#include "drive/resolver.h"
#include "drive/socket.h"
#include "drive/table.h"

/* --- a table of links, and somebody to talk to */

typedef struct link_rig {
    hop_poller poller;
    hop_table *table;
    hop_reservation own;
    int listener; /* the other side's */
    hop_address there;
} link_rig;

static void rig_open(link_rig *rig, int backlog) {
    assert_true(hop_poller_open(&rig->poller));
    rig->table = calloc(1, sizeof *rig->table);
    assert_non_null(rig->table);
    assert_int_equal(hop_reserve(0, true, false, NULL, &rig->own), 0);
    hop_table_init(rig->table, &rig->poller);
    rig->listener = hop_socket_open(HOP_FAMILY_IPV4, NULL);
    assert_true(rig->listener >= 0);
    assert_true(hop_socket_bind(rig->listener, HOP_FAMILY_IPV4, 0));
    assert_int_equal(listen(rig->listener, backlog), 0);
    rig->there = (hop_address){HOP_FAMILY_IPV4, {127, 0, 0, 1}, 0};
    rig->there.port = hop_socket_local(rig->listener).port;
}

static void rig_close(link_rig *rig) {
    hop_table_close_all(rig->table);
    hop_reserve_release(&rig->own);
    hop_poller_close(&rig->poller);
    close(rig->listener);
    free(rig->table);
}

/* What the core would be told next; TIMER when nothing comes within the time. */
static hop_input rig_next(link_rig *rig, int timeout_ms) {
    hop_input input = {.kind = HOP_IN_TIMER, .link = -1};
    int64_t deadline = now_ms() + timeout_ms;
    do {
        hop_poller_ready ready[8];
        if (hop_table_next(rig->table, &input)) return input;
        int64_t left = deadline - now_ms();
        poll(&(struct pollfd){.fd = rig->poller.fd, .events = POLLIN}, 1, left > 0 ? (int)left : 0);
        int count = hop_poller_ready_now(&rig->poller, ready, 1);
        assert_true(count >= 0);
        if (count == 0) continue;
        assert_int_equal(hop_tag_kind_of(ready[0].tag), HOP_TAG_LINK);
        if (hop_table_ready(rig->table, hop_tag_number_of(ready[0].tag), ready[0].what, &input)) {
            hop_table_settle(rig->table, input.link);
            return input;
        }
    } while (now_ms() < deadline);
    return input;
}

static void assert_input(link_rig *rig, hop_input_kind kind, int link, hop_reason reason) {
    hop_input input = rig_next(rig, PATIENCE_MS);
    assert_int_equal(input.kind, kind);
    assert_int_equal(input.link, link);
    assert_int_equal(input.reason, reason);
}

/* Link 3, connected; returns the other end. */
static int rig_connect(link_rig *rig) {
    hop_table_dial(rig->table, 3, &rig->there, rig->own.port, 0);
    hop_input input = rig_next(rig, PATIENCE_MS);
    assert_int_equal(input.kind, HOP_IN_CONNECTED);
    assert_int_equal(input.link, 3);
    assert_int_equal(input.local.port, rig->own.port);
    int fd = accept(rig->listener, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

/* --- dials */

static void a_refused_dial(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 1);
    hop_address nobody = rig.there;
    int dead = hold_dead_port(&nobody.port);
    for (int i = 0; i < 3; i++) {
        hop_table_dial(rig.table, 7, &nobody, rig.own.port, 0);
        assert_input(&rig, HOP_IN_ENDED, 7, HOP_REASON_REFUSED);
    }
    close(dead);
    rig_close(&rig);
}

/* The kernel lets a socket that dials itself through: TCP's simultaneous open, by one. */
static void oneself_is_nobody(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 1);
    hop_address self = rig.there;
    self.port = rig.own.port;
    for (int i = 0; i < 3; i++) {
        hop_table_dial(rig.table, 7, &self, rig.own.port, 0);
        assert_input(&rig, HOP_IN_ENDED, 7, HOP_REASON_REFUSED);
    }
    rig_close(&rig);
}

static void one_way_at_a_time(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    hop_table_dial(rig.table, 4, &rig.there, rig.own.port, 0);
    assert_input(&rig, HOP_IN_ENDED, 4, HOP_REASON_IN_USE);
    /* After an abortive close nothing is left that would be in the way. */
    hop_table_close(rig.table, 3);
    close(other);
    other = rig_connect(&rig);
    close(other);
    rig_close(&rig);
}

/* A listener whose queue is full does not answer: that is what silence looks like here. */
static void silence_is_abandoned(void **state) {
    (void)state;
    link_rig rig;
    int fillers[8];
    rig_open(&rig, 0);
    for (int i = 0; i < 8; i++) {
        hop_reason reason;
        fillers[i] = hop_socket_dial(&rig.there, &(hop_socket_wish){0}, &reason);
        assert_true(fillers[i] >= 0);
    }
    for (int i = 0; i < 3; i++) {
        hop_table_dial(rig.table, 5, &rig.there, rig.own.port, 0);
        assert_int_equal(rig_next(&rig, 20).kind, HOP_IN_TIMER);
        hop_table_look(rig.table, 5);
        assert_int_equal(rig_next(&rig, 0).kind, HOP_IN_TIMER); /* and it goes on */
        hop_table_abandon(rig.table, 5);
        assert_input(&rig, HOP_IN_ENDED, 5, HOP_REASON_ABANDONED);
    }
    for (int i = 0; i < 8; i++)
        hop_socket_abort(fillers[i]);
    rig_close(&rig);
}

static void what_answers_is_left_alone(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 4);
    /* Connected in the kernel, but we have not looked yet: beyond SYN_SENT. */
    hop_table_dial(rig.table, 5, &rig.there, rig.own.port, 0);
    hop_table_look(rig.table, 5);
    assert_input(&rig, HOP_IN_ANSWERING, 5, HOP_REASON_NONE);
    hop_table_abandon(rig.table, 5);
    assert_input(&rig, HOP_IN_ANSWERING, 5, HOP_REASON_NONE);
    assert_input(&rig, HOP_IN_CONNECTED, 5, HOP_REASON_NONE);
    hop_table_abandon(rig.table, 5);
    assert_input(&rig, HOP_IN_ANSWERING, 5, HOP_REASON_NONE);
    /* A close takes back what waits to be told. */
    hop_table_abandon(rig.table, 5);
    hop_table_close(rig.table, 5);
    assert_int_equal(rig_next(&rig, 0).kind, HOP_IN_TIMER);
    rig_close(&rig);
}

static void a_short_lived_syn(void **state) {
    (void)state;
    link_rig rig;
    hop_reason reason;
    int usual = 0, after = 0;
    socklen_t size = sizeof usual;
    rig_open(&rig, 4);
    assert_int_equal(getsockopt(rig.listener, IPPROTO_IP, IP_TTL, &usual, &size), 0);
    hop_socket_wish wish = {rig.own.port, NULL, 3, true};
    int fd = hop_socket_dial(&rig.there, &wish, &reason);
    assert_true(fd >= 0);
    assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_TTL, &after, &size), 0);
    assert_int_equal(after, usual); /* what follows travels the whole way */
    assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_MINTTL, &after, &size), 0);
    assert_int_equal(after, 4); /* who says where the SYN has ended is not heard */
    hop_socket_hear(fd, 0);
    assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_MINTTL, &after, &size), 0);
    assert_int_equal(after, 0);
    hop_socket_abort(fd);
    rig_close(&rig);
}

/* In a network namespace without routes. 0: as it should be; 77: not possible here. */
static int dial_without_routes(void) {
    hop_reason reason = HOP_REASON_NONE;
    hop_address address = {HOP_FAMILY_IPV4, {192, 0, 2, 1}, 4000};
    int flags = geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWNET | CLONE_NEWUSER;
    if (unshare(flags) != 0) return 77;
    if (hop_socket_dial(&address, &(hop_socket_wish){0}, &reason) >= 0 ||
        reason != HOP_REASON_NO_ROUTE)
        return 1;
    address = (hop_address){HOP_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, 4000};
    if (hop_socket_dial(&address, &(hop_socket_wish){0}, &reason) >= 0 ||
        reason != HOP_REASON_NO_ROUTE)
        return 2;
    hop_interfaces found;
    hop_interfaces_list(&(hop_interfaces_wish){4000, true, true, NULL}, &found);
    if (found.count != 2 || hop_address_scope(&found.hosts[0].address) != HOP_SCOPE_LOOPBACK)
        return 3;
    return 0;
}

static void no_route_is_said_at_once(void **state) {
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) _exit(dial_without_routes());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("no network namespaces here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- bytes */

static void not_a_byte_too_many(void **state) {
    (void)state;
    link_rig rig;
    char rest[16] = "";
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    write_all(other, "0123456789abcdefghij", 20);
    assert_int_equal(rig_next(&rig, 20).kind, HOP_IN_TIMER); /* nothing is wanted, nothing read */
    hop_table_want(rig.table, 3, 4);
    hop_input input = rig_next(&rig, PATIENCE_MS);
    assert_int_equal(input.kind, HOP_IN_RECEIVED);
    assert_int_equal(input.size, 4);
    assert_memory_equal(input.bytes, "0123", 4);
    hop_table_want(rig.table, 3, 1);
    input = rig_next(&rig, PATIENCE_MS);
    assert_memory_equal(input.bytes, "4", 1);
    int fd = hop_table_release(rig.table, 3);
    assert_true(fd >= 0);
    assert_int_equal(recv(fd, rest, sizeof rest, 0), 15);
    assert_memory_equal(rest, "56789abcdefghij", 15);
    close(fd);
    close(other);
    rig_close(&rig);
}

static void bytes_that_come_one_by_one(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    hop_table_want(rig.table, 3, 5);
    for (int i = 0; i < 5; i++) {
        write_all(other, &"hello"[i], 1);
        if (i < 4) assert_int_equal(rig_next(&rig, 5).kind, HOP_IN_TIMER);
    }
    hop_input input = rig_next(&rig, PATIENCE_MS);
    assert_int_equal(input.kind, HOP_IN_RECEIVED);
    assert_memory_equal(input.bytes, "hello", 5);
    close(other);
    rig_close(&rig);
}

static void ends_are_told_apart(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    hop_table_want(rig.table, 3, 5);
    close(other);
    assert_input(&rig, HOP_IN_ENDED, 3, HOP_REASON_CLOSED);
    other = rig_connect(&rig);
    hop_socket_abort(other); /* nothing wanted: it shows nevertheless */
    assert_input(&rig, HOP_IN_ENDED, 3, HOP_REASON_RESET);
    other = rig_connect(&rig);
    write_all(other, "last words", 10);
    hop_socket_abort(other);
    hop_table_want(rig.table, 3, 10);
    hop_input input = rig_next(&rig, PATIENCE_MS);
    if (input.kind == HOP_IN_RECEIVED)
        assert_memory_equal(input.bytes, "last words", 10);
    else
        assert_int_equal(input.reason, HOP_REASON_RESET);
    rig_close(&rig);
}

static void a_half_closed_link_has_not_ended(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    write_all(other, "hello", 5);
    shutdown(other, SHUT_WR);
    assert_int_equal(rig_next(&rig, 20).kind, HOP_IN_TIMER);
    hop_table_want(rig.table, 3, 5);
    assert_input(&rig, HOP_IN_RECEIVED, 3, HOP_REASON_NONE);
    close(other);
    rig_close(&rig);
}

static void who_does_not_read_is_let_go(void **state) {
    (void)state;
    link_rig rig;
    uint8_t bytes[1024] = {0};
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    hop_input input = {.kind = HOP_IN_TIMER};
    for (int i = 0; i < 100000 && input.kind == HOP_IN_TIMER; i++) {
        hop_table_send(rig.table, 3, bytes, sizeof bytes);
        hop_table_next(rig.table, &input);
    }
    assert_int_equal(input.kind, HOP_IN_ENDED);
    assert_int_equal(input.reason, HOP_REASON_LOCAL);
    close(other);
    rig_close(&rig);
}

static void what_the_kernel_does_not_take_goes_later(void **state) {
    (void)state;
    link_rig rig;
    uint8_t bytes[1000];
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    size_t sent = 0;
    /* Until something had to be kept; then a link with unsent bytes cannot be given away. */
    while (rig.table->slots[3].unsent == 0) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)((sent + i) % 251);
        hop_table_send(rig.table, 3, bytes, sizeof bytes);
        sent += sizeof bytes;
    }
    for (size_t got = 0; got < sent;) {
        char more[65536];
        size_t wanted = sent - got < sizeof more ? sent - got : sizeof more;
        ssize_t size = recv(other, more, wanted, MSG_DONTWAIT);
        for (ssize_t i = 0; i < size; i++) {
            assert_int_equal((uint8_t)more[i], (got + (size_t)i) % 251);
        }
        if (size > 0)
            got += (size_t)size;
        else
            assert_int_equal(rig_next(&rig, 10).kind, HOP_IN_TIMER);
    }
    assert_int_equal(rig.table->slots[3].unsent, 0);
    int fd = hop_table_release(rig.table, 3);
    assert_true(fd >= 0);
    close(fd);
    close(other);
    rig_close(&rig);
}

static void a_dead_link_is_not_given_away(void **state) {
    (void)state;
    link_rig rig;
    rig_open(&rig, 4);
    hop_socket_abort(rig_connect(&rig));
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (hop_socket_state_of(rig.table->slots[3].fd) != HOP_SOCKET_DEAD && now_ms() < deadline) {
        continue;
    }
    assert_int_equal(hop_table_release(rig.table, 3), -1);
    assert_int_equal(rig_next(&rig, 0).kind, HOP_IN_TIMER);
    rig_close(&rig);
}

/* Readiness that was fetched before its link closed is not the next link's of that number. */
static void old_news_is_no_news(void **state) {
    (void)state;
    link_rig rig;
    hop_poller_ready ready[4];
    hop_input input;
    rig_open(&rig, 4);
    int other = rig_connect(&rig);
    hop_table_want(rig.table, 3, 1);
    write_all(other, "x", 1);
    poll(&(struct pollfd){.fd = rig.poller.fd, .events = POLLIN}, 1, PATIENCE_MS);
    assert_int_equal(hop_poller_ready_now(&rig.poller, ready, 4), 1);
    hop_table_close(rig.table, 3);
    close(other);
    other = rig_connect(&rig);
    hop_table_want(rig.table, 3, 1);
    write_all(other, "y", 1);
    uint32_t number = hop_tag_number_of(ready[0].tag);
    assert_false(hop_table_ready(rig.table, number, ready[0].what, &input));
    input = rig_next(&rig, PATIENCE_MS);
    assert_memory_equal(input.bytes, "y", 1);
    close(other);
    rig_close(&rig);
}

/* --- names */

static void addresses_need_no_resolver(void **state) {
    (void)state;
    hop_poller poller;
    hop_resolver resolver;
    hop_resolver_answer answer;
    assert_true(hop_poller_open(&poller));
    hop_resolver_init(&resolver, &poller, true, false);
    assert_false(hop_resolver_next(&resolver, &answer));
    hop_resolver_ask(&resolver, 1, &(hop_ticket_server){"192.0.2.9", 4000});
    hop_resolver_ask(&resolver, 2, &(hop_ticket_server){"2001:db8::9", 4000});
    assert_true(hop_resolver_next(&resolver, &answer));
    assert_int_equal(answer.server, 1);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.addresses[0].port, 4000);
    assert_true(hop_resolver_next(&resolver, &answer));
    assert_int_equal(answer.server, 2);
    assert_int_equal(answer.count, 0); /* its family is switched off */
    assert_false(hop_resolver_next(&resolver, &answer));
    assert_true(hop_resolver_wait_us(&resolver) == INT64_MAX);
    hop_resolver_close(&resolver);
    hop_poller_close(&poller);
}

typedef struct name_server {
    int fd;
    hop_poller poller;
    hop_resolver resolver;
} name_server;

/* A resolver that asks nobody but us. */
static void name_server_open(name_server *server) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    hop_resolver_answer answer;
    char text[32];
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
    assert_true(hop_poller_open(&server->poller));
    hop_resolver_init(&server->resolver, &server->poller, true, true);
    hop_resolver_ask(&server->resolver, 0, &(hop_ticket_server){"localhost", 1});
    assert_true(hop_resolver_next(&server->resolver, &answer));
    assert_true(answer.count >= 1);
    snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(address.sin_port));
    assert_int_equal(ares_set_servers_ports_csv(server->resolver.channel, text), ARES_SUCCESS);
}

static void name_server_close(name_server *server) {
    hop_resolver_close(&server->resolver);
    hop_poller_close(&server->poller);
    close(server->fd);
}

/* Answers one question: A with 192.0.2.7, AAAA with 2001:db8::7, or that there is no such name. */
static void name_server_reply(name_server *server, bool exists) {
    static const uint8_t ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
    uint8_t message[512];
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t got = recvfrom(server->fd, message, 400, 0, (struct sockaddr *)&from, &from_size);
    if (got < 17) return;
    size_t at = 12;
    while (message[at] != 0)
        at += message[at] + 1u;
    bool wants_ipv6 = message[at + 2] == 28;
    at += 5;
    message[2] = 0x81;
    message[3] = exists ? 0x80 : 0x83;
    memset(message + 6, 0, 6);
    message[7] = exists;
    if (exists) {
        const uint8_t record[] = {0xC0, 12, 0, wants_ipv6 ? 28 : 1, 0, 1, 0, 0,
                                  0,    60, 0, wants_ipv6 ? 16 : 4};
        memcpy(message + at, record, sizeof record);
        at += sizeof record;
        memcpy(message + at, wants_ipv6 ? ipv6 : (const uint8_t[]){192, 0, 2, 7},
               wants_ipv6 ? 16 : 4);
        at += wants_ipv6 ? 16 : 4;
    }
    sendto(server->fd, message, at, 0, (struct sockaddr *)&from, from_size);
}

static bool resolve(name_server *server, bool exists, hop_resolver_answer *answer) {
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (now_ms() < deadline) {
        hop_poller_ready ready[8];
        name_server_reply(server, exists);
        int count = hop_poller_ready_now(&server->poller, ready, 8);
        for (int i = 0; i < count; i++) {
            assert_int_equal(hop_tag_kind_of(ready[i].tag), HOP_TAG_RESOLVER);
            hop_resolver_process(&server->resolver, (int)hop_tag_number_of(ready[i].tag),
                                 ready[i].what);
        }
        if (hop_resolver_wait_us(&server->resolver) == 0) hop_resolver_tick(&server->resolver);
        if (hop_resolver_next(&server->resolver, answer)) return true;
        poll(&(struct pollfd){.fd = server->fd, .events = POLLIN}, 1, 1);
    }
    return false;
}

static void names_have_addresses_of_both_families(void **state) {
    (void)state;
    name_server server;
    hop_resolver_answer answer;
    name_server_open(&server);
    hop_resolver_ask(&server.resolver, 2, &(hop_ticket_server){"one.example", 4000});
    assert_false(hop_resolver_next(&server.resolver, &answer));
    assert_true(hop_resolver_wait_us(&server.resolver) < INT64_MAX);
    assert_true(resolve(&server, true, &answer));
    assert_int_equal(answer.server, 2);
    assert_int_equal(answer.count, 2);
    bool families[3] = {false};
    for (int i = 0; i < 2; i++) {
        families[answer.addresses[i].family] = true;
        assert_int_equal(answer.addresses[i].port, 4000);
    }
    assert_true(families[HOP_FAMILY_IPV4] && families[HOP_FAMILY_IPV6]);
    assert_true(hop_resolver_wait_us(&server.resolver) == INT64_MAX);
    name_server_close(&server);
}

static void a_name_that_is_none(void **state) {
    (void)state;
    name_server server;
    hop_resolver_answer answer;
    name_server_open(&server);
    hop_resolver_ask(&server.resolver, 0, &(hop_ticket_server){"two.example.", 4000});
    assert_true(resolve(&server, false, &answer));
    assert_int_equal(answer.count, 0);
    name_server_close(&server);
}

static void a_question_is_dropped_at_the_end(void **state) {
    (void)state;
    name_server server;
    name_server_open(&server);
    hop_resolver_ask(&server.resolver, 0, &(hop_ticket_server){"three.example", 4000});
    hop_resolver_ask(&server.resolver, 0, &(hop_ticket_server){"three.example", 4000});
    name_server_close(&server);
}

/* --- small things */

static void the_list_of_descriptors(void **state) {
    (void)state;
    hop_ready ready = {.count = 0};
    int pairs[HOP_READY_MAX];
    for (int i = 0; i < HOP_READY_MAX; i++) {
        pairs[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(hop_ready_put(&ready, i + 1, pairs[i]));
    }
    assert_false(hop_ready_put(&ready, 99, 0));
    assert_int_equal(hop_ready_take(&ready, 99), -1);
    assert_int_equal(hop_ready_take(&ready, 1), pairs[0]);
    assert_int_equal(hop_ready_take(&ready, 1), -1);
    assert_int_equal(hop_ready_take(&ready, HOP_READY_MAX), pairs[HOP_READY_MAX - 1]);
    close(pairs[0]);
    close(pairs[HOP_READY_MAX - 1]);
    hop_ready_close_all(&ready);
}

static void the_clock_goes_on(void **state) {
    (void)state;
    int64_t before = hop_clock_now_us();
    int64_t unix_us = before + hop_clock_unix_offset_us();
    assert_true(hop_clock_now_us() >= before);
    assert_true(llabs(unix_us / 1000000 - (int64_t)time(NULL)) <= 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        API_TEST(a_refused_dial),
        API_TEST(oneself_is_nobody),
        API_TEST(one_way_at_a_time),
        API_TEST(silence_is_abandoned),
        API_TEST(what_answers_is_left_alone),
        API_TEST(a_short_lived_syn),
        API_TEST(no_route_is_said_at_once),
        API_TEST(not_a_byte_too_many),
        API_TEST(bytes_that_come_one_by_one),
        API_TEST(ends_are_told_apart),
        API_TEST(a_half_closed_link_has_not_ended),
        API_TEST(who_does_not_read_is_let_go),
        API_TEST(what_the_kernel_does_not_take_goes_later),
        API_TEST(a_dead_link_is_not_given_away),
        API_TEST(old_news_is_no_news),
        API_TEST(addresses_need_no_resolver),
        API_TEST(names_have_addresses_of_both_families),
        API_TEST(a_name_that_is_none),
        API_TEST(a_question_is_dropped_at_the_end),
        API_TEST(the_list_of_descriptors),
        API_TEST(the_clock_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
