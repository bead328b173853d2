/* SPDX-License-Identifier: MIT */
/* Names and locks of recordings; see record_file.h. */
#include "drive/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NUMBER_MAX 10000u /* files of one name */

static int open_in_folder(const char *folder);
static int open_numbered(const char *path);
static int open_one(const char *path, int flags);
static bool is_folder(const char *path);

int hop_record_file_open(const char *path, bool numbered) {
    if (is_folder(path)) return open_in_folder(path);
    return numbered ? open_numbered(path) : open_one(path, 0);
}

/* hopconn-20260131-174502-4711.hoprec: by the time, for people, and by the process. */
static int open_in_folder(const char *folder) {
    char path[PATH_MAX], when[32];
    struct tm parts;
    time_t now = time(NULL);
    if (gmtime_r(&now, &parts) == NULL) return -1;
    strftime(when, sizeof when, "%Y%m%d-%H%M%S", &parts);
    for (unsigned i = 1; i <= NUMBER_MAX; i++) {
        char more[16] = "";
        if (i > 1) snprintf(more, sizeof more, "-%u", i);
        int size = snprintf(path, sizeof path, "%s/hopconn-%s-%ld%s.hoprec", folder, when,
                            (long)getpid(), more);
        if (size < 0 || (size_t)size >= sizeof path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open_one(path, O_EXCL);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

/* A second endpoint of this program must not overwrite what the first one left, nor what another
 * program is writing. */
static int open_numbered(const char *path) {
    static atomic_uint used;
    char name[PATH_MAX];
    while (atomic_load(&used) < NUMBER_MAX) {
        unsigned number = atomic_fetch_add(&used, 1) + 1;
        int size = number == 1 ? snprintf(name, sizeof name, "%s", path)
                               : snprintf(name, sizeof name, "%s.%u", path, number);
        if (size < 0 || (size_t)size >= sizeof name) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open_one(name, 0);
        if (fd >= 0 || errno != EBUSY) return fd;
    }
    errno = EMFILE;
    return -1;
}

static int open_one(const char *path, int flags) {
    struct stat about;
    /* A pipe without a reader must not hold us up. */
    flags |= O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd = open(path, flags, S_IRUSR | S_IWUSR);
    if (fd < 0) return -1;
    int error = 0;
    if (fstat(fd, &about) < 0)
        error = errno;
    else if (!S_ISREG(about.st_mode))
        error = EINVAL;
    else if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        error = errno == EWOULDBLOCK ? EBUSY : errno;
    else if (ftruncate(fd, 0) < 0)
        error = errno;
    if (error != 0) {
        close(fd);
        errno = error;
        return -1;
    }
    /* Where it was there before; a file system without modes is no reason to give up. */
    (void)!fchmod(fd, S_IRUSR | S_IWUSR);
    return fd;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}
