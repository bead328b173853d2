/* SPDX-License-Identifier: MIT */
/*
 * The pipe of a relay's way in both of its forms: spliced, and through a buffer as where no
 * descriptors are left. What goes in comes out, the end of a stream and a full socket are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/serve_pipe.h"

#define SIZE 300000

typedef struct pipe_rig {
    struct serve_pipe pipe;
    int source[2]; /* ours, the pipe's */
    int target[2]; /* the pipe's, ours */
} pipe_rig;

static pipe_rig begin(bool splice) {
    pipe_rig made;
    assert_true(serve_pipe_open(&made.pipe, splice));
    assert_int_equal(made.pipe.buffer == NULL, splice);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, made.source), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, made.target), 0);
    return made;
}

static void end(pipe_rig *rig) {
    serve_pipe_close(&rig->pipe);
    for (int i = 0; i < 2; i++) {
        close(rig->source[i]);
        close(rig->target[i]);
    }
}

static void bytes_pass(void **state) {
    (void)state;
    static uint8_t sent[SIZE], got[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        sent[i] = (uint8_t)(i * 31 + i / 251);
    for (int splice = 0; splice < 2; splice++) {
        pipe_rig rig = begin(splice == 1);
        size_t in = 0, through = 0, out = 0;
        errno = 0;
        assert_int_equal(serve_pipe_fill(&rig.pipe, rig.source[1], SIZE), -1);
        assert_int_equal(errno, EAGAIN);
        while (out < SIZE) {
            ssize_t size = send(rig.source[0], sent + in, SIZE - in, 0);
            if (size > 0) in += (size_t)size;
            if (rig.pipe.held == 0) size = serve_pipe_fill(&rig.pipe, rig.source[1], 12345);
            assert_true(rig.pipe.held <= 12345);
            if (rig.pipe.held > 0) {
                size = serve_pipe_drain(&rig.pipe, rig.target[0]);
                if (size > 0) through += (size_t)size;
            }
            if (through % 3 == 0 || in == SIZE) { /* now and then nobody reads */
                size = recv(rig.target[1], got + out, SIZE - out, 0);
                if (size > 0) out += (size_t)size;
            }
        }
        assert_int_equal(through, SIZE);
        assert_memory_equal(got, sent, SIZE);
        end(&rig);
    }
}

/* What a full socket has not taken is held, and comes first when it takes again. */
static void a_full_socket_is_waited_for(void **state) {
    (void)state;
    static uint8_t bytes[SIZE];
    for (int splice = 0; splice < 2; splice++) {
        pipe_rig rig = begin(splice == 1);
        size_t sent = 0, got = 0;
        for (ssize_t size = 1; size > 0;) {
            size = send(rig.source[0], bytes, 50000, 0);
            if (size > 0) sent += (size_t)size;
            if (rig.pipe.held == 0) (void)serve_pipe_fill(&rig.pipe, rig.source[1], SIZE);
            if (rig.pipe.held == 0) continue;
            size = serve_pipe_drain(&rig.pipe, rig.target[0]);
        }
        assert_int_equal(errno, EAGAIN);
        assert_true(rig.pipe.held > 0);
        shutdown(rig.source[0], SHUT_WR);
        for (ssize_t size = 1; rig.pipe.held > 0 || size != 0;) {
            ssize_t read = recv(rig.target[1], bytes, SIZE, 0);
            if (read > 0) got += (size_t)read;
            if (rig.pipe.held > 0)
                (void)serve_pipe_drain(&rig.pipe, rig.target[0]);
            else
                size = serve_pipe_fill(&rig.pipe, rig.source[1], SIZE);
        }
        for (ssize_t size = 1; size > 0;) {
            size = recv(rig.target[1], bytes, SIZE, 0);
            if (size > 0) got += (size_t)size;
        }
        assert_int_equal(got, sent);
        end(&rig);
    }
}

static void ends_and_breaks_are_told(void **state) {
    (void)state;
    for (int splice = 0; splice < 2; splice++) {
        pipe_rig rig = begin(splice == 1);
        assert_int_equal(send(rig.source[0], "last", 4, 0), 4);
        shutdown(rig.source[0], SHUT_WR);
        assert_int_equal(serve_pipe_fill(&rig.pipe, rig.source[1], SIZE), 4);
        assert_int_equal(serve_pipe_drain(&rig.pipe, rig.target[0]), 4);
        assert_int_equal(serve_pipe_fill(&rig.pipe, rig.source[1], SIZE), 0);
        end(&rig);
        rig = begin(splice == 1);
        assert_int_equal(send(rig.source[0], "lost", 4, 0), 4);
        assert_int_equal(serve_pipe_fill(&rig.pipe, rig.source[1], SIZE), 4);
        close(rig.target[1]);
        rig.target[1] = -1;
        assert_int_equal(serve_pipe_drain(&rig.pipe, rig.target[0]), -1);
        assert_int_equal(errno, EPIPE);
        end(&rig);
    }
}

/* Without descriptors there is a buffer. */
static void without_descriptors(void **state) {
    (void)state;
    struct rlimit limit, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct serve_pipe pipe;
    bool open = serve_pipe_open(&pipe, true);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(open && pipe.buffer != NULL && pipe.ends[0] == -1);
    serve_pipe_close(&pipe);
}

static int ignore_broken_pipes(void **state) {
    (void)state;
    return signal(SIGPIPE, SIG_IGN) == SIG_ERR;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_pass),
        cmocka_unit_test(a_full_socket_is_waited_for),
        cmocka_unit_test(ends_and_breaks_are_told),
        cmocka_unit_test(without_descriptors),
    };
    return cmocka_run_group_tests(tests, ignore_broken_pipes, NULL);
}
