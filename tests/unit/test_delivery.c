/* SPDX-License-Identifier: MIT */
/*
 * What the command takes for delivered, on real connections over loopback. The order of events that
 * matters is forced: ioctl is wrapped, so that the peer acts between two questions to the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/delivery.h"

enum { HANG_MS = 20000, SOON_MS = 30 };

typedef struct ends {
    int ours;
    int peers;
} ends;

/* What happens right after the next question how much is not acknowledged. */
static const ends *closing_ends;

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, int *ret_count);

static int state_of(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    return info.tcpi_state;
}

static void wait_for_state(int fd, int state) {
    for (int waited_ms = 0; state_of(fd) != state && waited_ms < HANG_MS; waited_ms++)
        poll(NULL, 0, 1);
    assert_int_equal(state_of(fd), state);
}

/* Returns how much there was. */
static size_t read_to_the_end(int fd) {
    char bytes[65536];
    size_t total = 0;
    ssize_t got;
    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0)
        total += (size_t)got;
    assert_int_equal(got, 0);
    return total;
}

int __wrap_ioctl(int fd, unsigned long request, int *ret_count) {
    int result = __real_ioctl(fd, request, ret_count);
    if (closing_ends != NULL && closing_ends->ours == fd) {
        const ends *both = closing_ends;
        closing_ends = NULL;
        read_to_the_end(both->peers);
        wait_for_state(both->ours, TCP_CLOSE);
    }
    return result;
}

static ends connect_ends(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    ends both = {.ours = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_int_equal(connect(both.ours, (struct sockaddr *)&address, size), 0);
    both.peers = accept(listener, NULL, NULL);
    assert_true(both.peers >= 0);
    close(listener);
    return both;
}

static void close_ends(const ends *both) {
    close(both->ours);
    if (both->peers >= 0) close(both->peers);
}

/* Sends until neither kernel takes more, so that something is certainly not acknowledged. */
static size_t fill(int fd) {
    static const char bytes[65536];
    size_t total = 0;
    int refusals = 0;
    while (refusals < 20) {
        ssize_t done = send(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (done > 0) total += (size_t)done;
        refusals = done > 0 ? 0 : refusals + 1;
        if (done < 0) poll(NULL, 0, 1);
    }
    return total;
}

/* The peer has said its end, and we ours after more than it has read yet. */
static size_t end_both(const ends *both) {
    shutdown(both->peers, SHUT_WR);
    wait_for_state(both->ours, TCP_CLOSE_WAIT);
    size_t size = fill(both->ours);
    shutdown(both->ours, SHUT_WR);
    assert_int_equal(state_of(both->ours), TCP_LAST_ACK);
    return size;
}

static void the_last_acknowledgement_between_two_questions_is_no_loss(void **state) {
    (void)state;
    ends both = connect_ends();
    end_both(&both);
    closing_ends = &both;
    assert_true(delivery_wait(both.ours, HANG_MS));
    assert_null(closing_ends);
    close_ends(&both);
}

static void what_the_peer_does_not_take_has_not_arrived(void **state) {
    (void)state;
    ends both = connect_ends();
    end_both(&both);
    assert_false(delivery_wait(both.ours, SOON_MS));
    assert_true(read_to_the_end(both.peers) > 0);
    assert_true(delivery_wait(both.ours, HANG_MS));
    close_ends(&both);
}

static void a_reset_is_a_loss(void **state) {
    (void)state;
    ends both = connect_ends();
    end_both(&both);
    delivery_refuse(both.peers);
    close(both.peers);
    both.peers = -1;
    assert_false(delivery_wait(both.ours, HANG_MS));
    close_ends(&both);
}

static void a_reset_after_the_last_acknowledgement_is_a_loss(void **state) {
    (void)state;
    ends both = connect_ends();
    assert_int_equal(send(both.ours, "word", 4, MSG_NOSIGNAL), 4);
    shutdown(both.ours, SHUT_WR);
    assert_true(delivery_wait(both.ours, HANG_MS));
    delivery_refuse(both.peers);
    close(both.peers);
    both.peers = -1;
    wait_for_state(both.ours, TCP_CLOSE);
    assert_false(delivery_wait(both.ours, HANG_MS));
    close_ends(&both);
}

static void *end_soon(void *arg) {
    const ends *both = arg;
    poll(NULL, 0, SOON_MS);
    (void)!send(both->peers, "more", 4, MSG_NOSIGNAL);
    poll(NULL, 0, SOON_MS);
    shutdown(both->peers, SHUT_WR);
    return NULL;
}

/* Closed too early, our socket would answer what comes late by a reset. */
static void the_peers_end_is_waited_for(void **state) {
    (void)state;
    ends both = connect_ends();
    shutdown(both.ours, SHUT_WR);
    assert_true(delivery_wait(both.ours, HANG_MS));
    pthread_t peer;
    assert_int_equal(pthread_create(&peer, NULL, end_soon, &both), 0);
    assert_true(delivery_linger(both.ours, HANG_MS));
    assert_int_equal(state_of(both.ours), TCP_CLOSE); /* its end is here */
    close(both.ours);
    pthread_join(peer, NULL);
    assert_true(delivery_wait(both.peers, HANG_MS));
    assert_int_equal(read_to_the_end(both.peers), 0);
    close(both.peers);
}

static void a_silent_peer_is_not_waited_for_for_ever(void **state) {
    (void)state;
    ends both = connect_ends();
    assert_true(delivery_linger(both.ours, SOON_MS));
    assert_int_equal(state_of(both.ours), TCP_ESTABLISHED);
    close_ends(&both);
}

static void a_reset_ends_the_lingering(void **state) {
    (void)state;
    ends both = connect_ends();
    delivery_refuse(both.peers);
    close(both.peers);
    both.peers = -1;
    assert_false(delivery_linger(both.ours, HANG_MS));
    close_ends(&both);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_acknowledgement_between_two_questions_is_no_loss),
        cmocka_unit_test(what_the_peer_does_not_take_has_not_arrived),
        cmocka_unit_test(a_reset_is_a_loss),
        cmocka_unit_test(a_reset_after_the_last_acknowledgement_is_a_loss),
        cmocka_unit_test(the_peers_end_is_waited_for),
        cmocka_unit_test(a_silent_peer_is_not_waited_for_for_ever),
        cmocka_unit_test(a_reset_ends_the_lingering),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
