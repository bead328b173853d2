/* SPDX-License-Identifier: MIT */
/*
 * A check of one's NAT as the command (check.c) sees it: made, told, drawn. What is inside is in
 * check_run.h.
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct check;

struct check_options {
    const char *server;
    const char *helper; /* NULL: none */
    bool use_ipv4;
    bool use_ipv6;
    bool use_portmap;
    bool take_long;
    const char *interface; /* NULL: any */
};

enum check_end {
    CHECK_DONE,
    CHECK_INTERRUPTED,
    CHECK_NO_INTERFACE,
    CHECK_NO_NAME,
    CHECK_NO_SERVER,
    CHECK_BROKEN
};

/* NULL: no memory. */
struct check *check_new(void);
/* Returns NULL. */
struct check *check_free(struct check *check);
/* Makes the check, once. Everything that was found out is in it then. */
enum check_end check_run(struct check *check, const struct check_options *options);
/* The verdict and, with -v, a table on stdout; or one JSON object. False: it could not be written.
 */
bool check_tell(const struct check *check);
/* SVG text, ended by a zero; the caller frees it. NULL: no memory. */
char *check_picture(const struct check *check, size_t *ret_size);

#endif
