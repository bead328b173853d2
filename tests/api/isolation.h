/* SPDX-License-Identifier: MIT */
/*
 * A test program in namespaces of its own: nothing but loopback to talk to, and files of its own
 * in place of the system's.
 */
#ifndef HOP_TESTS_ISOLATION_H
#define HOP_TESTS_ISOLATION_H

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "api/api.h"

static inline bool write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) close(fd);
    return good;
}

static inline bool raise_loopback(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0) close(fd);
    return good;
}

/* As root at once, else as the root of a user namespace. False with errno: not allowed here. */
static inline bool isolate(void) {
    char users[64];
    char groups[64];
    snprintf(users, sizeof users, "0 %u 1", getuid());
    snprintf(groups, sizeof groups, "0 %u 1", getgid());
    if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0) return false;
        write_file("/proc/self/setgroups", "deny");
        if (!write_file("/proc/self/uid_map", users)) return false;
        if (!write_file("/proc/self/gid_map", groups)) return false;
    }
    return mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 && raise_loopback();
}

/* Until the program ends, or umount(target). */
static inline bool put_over(const char *path, const char *target) {
    return mount(path, target, "none", MS_BIND, NULL) == 0;
}

#endif
