/* SPDX-License-Identifier: MIT */
/*
 * Two threads, two buffers, one question at the end: did everything arrive? TCP's answer is the
 * acknowledgement of our last byte and an end of the peer's bytes without a reset. On a plain
 * channel there is no other, for it carries nothing but payload; in TLS the peer says its end.
 */
#include "cli/pump.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/channel.h"
#include "cli/delivery.h"

#define BUFFER_SIZE (128u << 10)
/* How long what is on its way may take when the connection is given up for another reason. */
#define FLUSH_LIMIT_MS 1000
/* How long a peer may take from its end in TLS to its end in TCP, which follows at once. */
#define LINGER_LIMIT_MS 5000

struct pump {
    uv_async_t ended;
    pthread_t forward;
    pthread_t backward;
    struct channel *channel;
    int socket; /* the channel's */
    int in;
    int out;
    int stop;               /* readable: the forward direction is to end */
    bool drain;             /* see struct pump_ends */
    bool one_socket;        /* `in` and `out` are one socket: half-close instead of close */
    atomic_bool broken;     /* not all can be delivered any more */
    atomic_bool silent;     /* nobody answers what we send */
    atomic_int ended_count; /* directions that are at their end */
    _Atomic uint64_t sent;
    _Atomic uint64_t received;
    pump_done *done;
    void *owner;
    struct pump_end end;
    char forward_buffer[BUFFER_SIZE];
    char backward_buffer[BUFFER_SIZE];
};

static void *run_forward(void *pump);
static void *run_backward(void *pump);
static bool start_threads(struct pump *pump);
static bool send_all(struct pump *pump, const char *bytes, size_t size);
static bool write_all(struct pump *pump, const char *bytes, size_t size);
static ssize_t read_in(struct pump *pump);
static bool say_end(struct pump *pump);
static ssize_t receive(struct pump *pump);
static bool wait_for(struct pump *pump, int fd, short events);
static bool is_silent(struct pump *pump);
static void finish_out(struct pump *pump);
static void give_up(struct pump *pump);
static void end_direction(struct pump *pump);
static void on_ended(uv_async_t *ended);
static void on_closed(uv_handle_t *ended);
static bool is_one_socket(int in, int out);
static void close_if_open(int fd);

struct pump *pump_start(uv_loop_t *loop, const struct pump_ends *ends, pump_done *done,
                        void *owner) {
    struct pump *pump = calloc(1, sizeof *pump);
    int stop = pump != NULL ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
    if (stop >= 0 && uv_async_init(loop, &pump->ended, on_ended) == 0) {
        pump->ended.data = pump;
        pump->channel = ends->channel;
        pump->socket = channel_fd(ends->channel);
        pump->in = ends->in;
        pump->out = ends->out;
        pump->drain = ends->drain;
        pump->stop = stop;
        pump->one_socket = is_one_socket(ends->in, ends->out);
        pump->done = done;
        pump->owner = owner;
        if (start_threads(pump)) return pump;
        /* The rest is closed and freed with the handle. */
        pump->done = NULL;
        uv_close((uv_handle_t *)&pump->ended, on_closed);
        return NULL;
    }
    close_if_open(stop);
    channel_free(ends->channel);
    close_if_open(ends->in);
    if (ends->out != ends->in) close_if_open(ends->out);
    free(pump);
    return NULL;
}

struct pump_end pump_break(struct pump *pump) {
    delivery_refuse(pump->socket);
    return (struct pump_end){
        .sent = atomic_load(&pump->sent), .received = atomic_load(&pump->received), .ok = false};
}

/* Signals are the loop's business: the threads inherit a mask that leaves them alone. */
static bool start_threads(struct pump *pump) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool good = pthread_create(&pump->backward, NULL, run_backward, pump) == 0;
    if (good && pthread_create(&pump->forward, NULL, run_forward, pump) != 0) {
        /* With the socket dead, the other thread ends by itself. */
        delivery_break(pump->socket);
        atomic_fetch_add(&pump->ended_count, 2);
        pthread_join(pump->backward, NULL);
        good = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

/* From `in` to the peer. The end is passed on only if it is the end: who gets a part must not take
 * it for the whole. */
static void *run_forward(void *arg) {
    struct pump *pump = arg;
    ssize_t size;
    while ((size = read_in(pump)) > 0) {
        if (!send_all(pump, pump->forward_buffer, (size_t)size)) size = -1;
        if (size < 0) break;
    }
    if (size != 0 || !say_end(pump)) atomic_store(&pump->broken, true);
    end_direction(pump);
    return NULL;
}

/* From the peer to `out`. */
static void *run_backward(void *arg) {
    struct pump *pump = arg;
    ssize_t size;
    while ((size = receive(pump)) > 0) {
        if (!write_all(pump, pump->backward_buffer, (size_t)size)) {
            size = -1;
            break;
        }
        atomic_fetch_add(&pump->received, (uint64_t)size);
    }
    finish_out(pump);
    if (size < 0) give_up(pump);
    end_direction(pump);
    return NULL;
}

/* Bytes from `in`; 0 at its end; negative when there is no more sense in reading. */
static ssize_t read_in(struct pump *pump) {
    if (pump->in < 0) return 0;
    while (wait_for(pump, pump->in, POLLIN)) {
        ssize_t size = read(pump->in, pump->forward_buffer, BUFFER_SIZE);
        if (size >= 0) return size;
        if (errno == EINTR || errno == EAGAIN) continue;
        pump->end.in_error = errno;
        delivery_break(pump->socket);
        break;
    }
    return -1;
}

static bool send_all(struct pump *pump, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t done = channel_send(pump->channel, bytes, size);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) {
            if (!wait_for(pump, pump->socket, POLLOUT)) return false;
            continue;
        }
        if (done < 0) {
            if (errno == ETIMEDOUT) atomic_store(&pump->silent, true);
            return false;
        }
        atomic_fetch_add(&pump->sent, (uint64_t)done);
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

/* Our half of the connection ends; what the peer sends goes on. */
static bool say_end(struct pump *pump) {
    while (channel_end(pump->channel) < 0) {
        if (errno != EAGAIN || !wait_for(pump, pump->socket, POLLOUT)) return false;
    }
    return true;
}

/* Bytes from the peer; 0 at their end; negative when the connection broke. */
static ssize_t receive(struct pump *pump) {
    for (;;) {
        ssize_t size = channel_receive(pump->channel, pump->backward_buffer, BUFFER_SIZE);
        if (size >= 0) return size;
        struct pollfd ready = {.fd = pump->socket, .events = POLLIN};
        if (errno == EAGAIN) {
            int count = poll(&ready, 1, delivery_look_ms(pump->socket));
            if (count == 0 && is_silent(pump)) return -1;
        } else if (errno != EINTR) {
            if (errno == ETIMEDOUT) atomic_store(&pump->silent, true);
            pump->end.peer_error = errno;
            return -1;
        }
    }
}

static bool write_all(struct pump *pump, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t done = write(pump->out, bytes, size);
        struct pollfd ready = {.fd = pump->out, .events = POLLOUT};
        if (done >= 0) {
            bytes += done;
            size -= (size_t)done;
        } else if (errno == EAGAIN) {
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            pump->end.out_error = errno;
            return false;
        }
    }
    return true;
}

/* Nobody answers what we send any more; either direction may be the one to notice. */
static bool is_silent(struct pump *pump) {
    if (delivery_alive(pump->socket)) return false;
    atomic_store(&pump->silent, true);
    return true;
}

/* False: there is nothing to wait for any more, for the connection is dead or given up. */
static bool wait_for(struct pump *pump, int fd, short events) {
    for (;;) {
        struct pollfd ready[] = {{.fd = fd, .events = events},
                                 {.fd = pump->stop, .events = POLLIN},
                                 {.fd = pump->socket, .events = 0}};
        int count = poll(ready, 3, delivery_look_ms(pump->socket));
        if (count < 0 && errno == EINTR) continue;
        if (ready[1].revents != 0) return false;
        /* POLLHUP is no end of the peer's bytes: we have not closed our direction yet. */
        if (ready[2].revents != 0) return false;
        if (count == 0 && is_silent(pump)) return false;
        if (ready[0].revents != 0) return true;
    }
}

/* Passes the end of the peer's bytes on. */
static void finish_out(struct pump *pump) {
    if (pump->one_socket) {
        shutdown(pump->out, SHUT_WR);
    } else if (pump->out != pump->in) {
        close(pump->out);
        pump->out = -1;
    }
}

/* The backward direction failed: the other one is to stop as well. */
static void give_up(struct pump *pump) {
    atomic_store(&pump->broken, true);
    if (pump->drain && pump->end.out_error != 0) return;
    uint64_t one = 1;
    (void)!write(pump->stop, &one, sizeof one);
}

/* The last direction to end waits until the peer's kernel has all, and is done with us. */
static void end_direction(struct pump *pump) {
    if (atomic_fetch_add(&pump->ended_count, 1) != 1) return;
    bool broken = atomic_load(&pump->broken);
    bool arrived = delivery_wait(pump->socket, broken ? FLUSH_LIMIT_MS : -1);
    pump->end.ok = arrived && !broken && delivery_linger(pump->socket, LINGER_LIMIT_MS);
    uv_async_send(&pump->ended);
}

static void on_ended(uv_async_t *ended) {
    struct pump *pump = ended->data;
    pthread_join(pump->forward, NULL);
    pthread_join(pump->backward, NULL);
    pump->end.sent = atomic_load(&pump->sent);
    pump->end.received = atomic_load(&pump->received);
    pump->end.silent = atomic_load(&pump->silent);
    uv_close((uv_handle_t *)ended, on_closed);
}

static void on_closed(uv_handle_t *ended) {
    struct pump *pump = ended->data;
    /* What could not be delivered must not look like a clean end to the peer. */
    if (!pump->end.ok) delivery_refuse(pump->socket);
    channel_free(pump->channel);
    close(pump->stop);
    close_if_open(pump->in);
    if (pump->out != pump->in) close_if_open(pump->out);
    if (pump->done != NULL) pump->done(pump->owner, &pump->end);
    free(pump);
}

static bool is_one_socket(int in, int out) {
    struct stat a, b;
    return in >= 0 && fstat(in, &a) == 0 && fstat(out, &b) == 0 && S_ISSOCK(a.st_mode) &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void close_if_open(int fd) {
    if (fd >= 0) close(fd);
}
